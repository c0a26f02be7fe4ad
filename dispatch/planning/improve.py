"""Bounded improvement of trip orders: annealing over arrays, then small changes timed exactly.

Both count their work, so that the same scenario, seed and seconds give the same plan; the clock only cuts the work
short where a run would overrun.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from dispatch.clock import HOUR_MS
from dispatch.planning.array_search import ArraySearch, array_search
from dispatch.planning.moves import MOVES, State
from dispatch.planning.problem import Consignment, TripOrder
from dispatch.planning.score import Score, Scorer
from dispatch.planning.timetable import Decoded, Timetable, decode
from models.dispatch_timetable import LEVELS

__all__ = ["Effort", "anneal_orders", "polish"]


@dataclass
class Effort:
    """Work allowed, in seconds of an idle core, and the instant (``time.monotonic``) at which to stop in any case."""

    seconds: float
    stop_at: float
    overrun: bool = field(default=False)

    def stopper(self) -> Callable[[], bool] | None:
        """Whether the clock has run out, to be asked; None if it does not count."""
        return None if math.isinf(self.stop_at) else lambda: self.left() <= 0

    def left(self) -> float:
        """Seconds left on the clock; notes an overrun when there are none."""
        left = self.stop_at - time.monotonic()
        self.overrun |= left <= 0
        return max(0.0, left)


@dataclass(frozen=True)
class _Phase:
    """One annealing: share of the work, what the energy weighs, and temperatures (in people of a mean place).

    ``held``: so many first levels never get worse than the best known. ``per_hour_of_all`` counts for all of T_all, or,
    where ``below_h`` is given, for what is above the best known less so many hours; what each place is complete after
    that counts ``per_hour_over``. Where the first five levels are held kilometres alone count, and temperatures are
    shares of the kilometres so far.
    """

    share: float
    held: int
    per_hour_of_all: float
    per_person_hour: float
    hot: float
    cold: float
    per_hour_over: float = 0.0
    below_h: float | None = None


_BEGIN = _Phase(0.35, 0, 0.1, 0.05, 2.0, 0.03)
"""People in time. All phases were found by trial."""

_HARD = (
    _Phase(0.12, 1, 0.1, 0.02, 0.5, 0.02, 0.2, 0.75),
    _Phase(0.18, 1, 0.5, 0.02, 0.5, 0.006, 2.0, 0.75),
    _Phase(0.2, 2, 3.0, 0.2, 0.4, 0.004, 0.0, 0.0),
)
"""Where more people might be in time: they, the last arrival at no fewer, everybody's hours at no later a last one."""

_EASY = (
    _Phase(0.12, 0, 0.5, 0.05, 0.2, 0.02),
    _Phase(0.15, 1, 0.5, 0.02, 0.5, 0.006, 2.0, 0.75),
    _Phase(0.23, 2, 3.0, 0.2, 0.4, 0.004, 0.0, 0.0),
)
"""Where as many people are in time as can be: the last arrival, first by steps that may lose some, then everybody's
hours at no later a last one."""

_FINISH = _Phase(0.15, LEVELS - 1, 0.0, 0.0, 1e-3, 1e-5)
"""Once all turns are over: fewer kilometres."""

_PER_TARDY_HOUR, _TARDY_H = 0.3, 4.0
_PER_TRUCKLOAD = 0.05
_PER_HOUR_DRIVEN = 0.04

_ENOUGH, _TURNS = 4000, 8
"""Steps beyond this times the square of the number of consignments go into another turn of all phases, with other
chance; turns beyond so many are not worth while."""

_TRIAL, _MOST_TRIED_US = 0.02, 20_000
"""Share of the steps that tells how long all of them would take, and how long these may take."""

_TRIP_MS = 0.2
"""Milliseconds of timing one trip exactly (measured)."""


def anneal_orders(
    scorer: Scorer,
    consignments: Sequence[Consignment],
    orders: list[TripOrder],
    after: Timetable,
    effort: Effort,
    seed: int,
    target: tuple[float, ...],
    search: ArraySearch | None = None,
) -> list[TripOrder]:
    """Improve trip orders over arrays; the best by the exact timetable, never worse than those given.

    Parameters
    ----------
    scorer : Scorer
    consignments : sequence of Consignment
        Those of the orders.
    orders : list of TripOrder
    after : Timetable
        What is booked already and stays.
    effort : Effort
    seed : int
    target : tuple of float
        First levels of a score that cannot be beaten; the search stops when they are reached.
    search : ArraySearch, optional
        Of these consignments, where it is made already.
    """
    best = scorer.score(decode(scorer.problem, orders, after))
    if len(consignments) < 2 or _reached(best, target) or effort.left() <= 0:
        return orders
    stop = effort.stopper()
    search = search or array_search(scorer, consignments, after, stop)
    if search is None:
        return orders
    step_us = search.step_us(orders)
    enough = _ENOUGH * len(consignments) ** 2
    steps = min(effort.seconds / step_us * 1e6, _TURNS * enough)
    if stop is not None:
        steps = _affordable(search, orders, steps, step_us, effort)
    turns = max(1, round(steps / enough))
    heat = scorer.crowd / max(1, sum(scorer.first_batch))
    course = _course(turns, lambda: bool(target) and best[0] <= target[0])  # the best so far
    for k, (phase, share) in enumerate(course):
        levels = search.levels(orders)
        unit = max(levels[-1], 1.0) if phase is _FINISH else heat
        found = search.improve(orders, int(share * steps), phase.hot * unit, phase.cold * unit, seed + k,
                               _parts(phase, levels[1], heat), stop)  # fmt: skip
        for way in (found, search.in_order_of_loading(found)):
            score = scorer.score(decode(scorer.problem, way, after))
            if score < best:
                best, orders = score, way
        if _reached(best, target) or (stop is not None and stop()):
            break
    return orders


def _course(turns: int, easy: Callable[[], bool]) -> Iterator[tuple[_Phase, float]]:
    """Phases in order, each with its share of the work."""
    for _ in range(turns):
        yield _BEGIN, _BEGIN.share / turns
        for phase in _EASY if easy() else _HARD:
            yield phase, phase.share / turns
    yield _FINISH, _FINISH.share


def _affordable(search: ArraySearch, orders: list[TripOrder], steps: float, step_us: float, effort: Effort) -> float:
    """As many of the steps as the clock allows, by the speed of a few."""
    parts = _parts(_BEGIN, 0.0, 0.0)
    search.improve(orders, 1, 1.0, 1.0, 0, parts)
    begun = time.monotonic()
    trial = max(1, int(min(_TRIAL * steps, _MOST_TRIED_US / step_us)))
    search.improve(orders, trial, 1.0, 1.0, 0, parts)
    expected = (time.monotonic() - begun) / trial * steps
    if expected <= effort.left():
        return steps
    effort.overrun = True
    return steps * effort.left() / expected


def _parts(phase: _Phase, t_all_ms: float, heat: float) -> np.ndarray:
    """Weights of the energy as ``models.dispatch_annealing`` takes them."""
    above_ms = 0.0 if phase.below_h is None else max(0.0, t_all_ms - phase.below_h * HOUR_MS)
    return np.array([
        _PER_TARDY_HOUR, phase.per_hour_of_all, phase.per_person_hour, _PER_TRUCKLOAD, _PER_HOUR_DRIVEN, _TARDY_H,
        above_ms, phase.per_hour_over * heat, phase.held,
    ])  # fmt: skip


def _reached(score: Score, target: tuple[float, ...]) -> bool:
    return bool(target) and score[: len(target)] <= target


def polish(
    scorer: Scorer, orders: list[TripOrder], after: Timetable, effort: Effort, seed: int, target: tuple[float, ...]
) -> list[TripOrder]:
    """Improve trip orders by small changes, each timed exactly and kept if it is no worse level by level.

    Parameters
    ----------
    scorer : Scorer
    orders : list of TripOrder
    after : Timetable
        What is booked already and stays.
    effort : Effort
    seed : int
    target : tuple of float
        First levels of a score that cannot be beaten.

    Returns
    -------
    list of TripOrder
        Never worse than those given.
    """
    rng = np.random.default_rng(seed)
    problem = scorer.problem
    decoded = decode(problem, orders, after)
    best = scorer.score(decoded)
    state = State(problem, orders, decoded.timetable, after)
    critical = _critical(scorer, decoded)
    tries = int(min(effort.seconds * 1000 / (_TRIP_MS * max(len(orders), 5)), 100 * len(orders) ** 2))
    for _ in range(tries):
        if not state.orders or _reached(best, target) or effort.left() <= 0:
            break
        move = MOVES[int(rng.integers(len(MOVES)))]
        changed = move(state, _pick(rng, len(state.orders), critical), rng)
        if changed is None:
            continue
        decoded = decode(problem, changed, after)
        found = scorer.score(decoded)
        if found <= best:
            state, best = State(problem, changed, decoded.timetable, after), found
            critical = _critical(scorer, decoded)
    return state.orders


def _critical(scorer: Scorer, decoded: Decoded) -> list[int]:
    """Trips that decide T_all, bring something too late, or could not be carried out in full."""
    line = scorer.problem.scenario.due_ms
    last = max((trip.end_ms for trip in decoded.trips if trip is not None), default=0)
    return [k for k, trip in enumerate(decoded.trips) if trip is None or trip.end_ms > line or trip.end_ms == last]


def _pick(rng: np.random.Generator, trips: int, critical: list[int]) -> int:
    """A trip to change: every other time one of the critical."""
    if critical and rng.random() < 0.5:
        return critical[int(rng.integers(len(critical)))]
    return int(rng.integers(trips))
