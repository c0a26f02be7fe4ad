"""Bounded improvement of trip orders: annealing over arrays, then small changes timed exactly.

Both count their work, so that the same scenario, seed and seconds give the same plan; the clock only cuts the work
short where a run would overrun.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from dispatch.planning.array_search import ArraySearch, array_search
from dispatch.planning.moves import MOVES, State
from dispatch.planning.problem import Consignment, TripOrder
from dispatch.planning.score import Score, Scorer
from dispatch.planning.timetable import Decoded, Timetable, decode

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

    ``per_hour_of_all`` counts for T_all above the best known where ``capped``, else for all of it.
    """

    share: float
    per_hour_of_all: float
    per_person_hour: float
    hot: float
    cold: float
    capped: bool = False


_PHASES = (
    _Phase(0.4, 0.1, 0.05, 2.0, 0.03),
    _Phase(0.2, 0.5, 0.05, 0.2, 0.02),
    _Phase(0.4, 3.0, 0.2, 0.4, 0.006, capped=True),
)
"""People in time first, then the last arrival, then everybody's hours at no later a last arrival; found by trial."""

_PER_TARDY_HOUR, _TARDY_H = 0.3, 4.0
_PER_TRUCKLOAD = 0.05
_PER_HOUR_DRIVEN = 0.04

_STEP_US = (1.0, 0.05, 0.01)
"""Microseconds of a step: always, for each consignment, for each task (measured)."""

_ENOUGH, _TURNS = 4000, 8
"""Steps beyond this times the square of the number of consignments go into another turn of all phases, with other
chance; turns beyond so many are not worth while."""

_TRIAL, _MOST_TRIED = 0.02, 200_000
"""Share of the steps that tells how long all of them would take, and the consignments that these time at most."""

_TRIP_MS = 0.12
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
    base, per_consignment, per_task = _STEP_US
    step_s = (base + per_consignment * search.together + per_task * min(len(scorer.people), search.together)) * 1e-6
    enough = _ENOUGH * len(consignments) ** 2
    steps = min(effort.seconds / step_s, _TURNS * enough)
    if stop is not None:
        steps = _affordable(search, orders, steps, effort)
    turns = max(1, round(steps / enough))
    heat = scorer.crowd / max(1, sum(scorer.first_batch))
    for k, phase in enumerate(_PHASES * turns):
        found = search.improve(orders, int(phase.share * steps / turns), phase.hot * heat, phase.cold * heat, seed + k,
                               _parts(phase, search.levels(orders)[1]), stop)  # fmt: skip
        score = scorer.score(decode(scorer.problem, found, after))
        if score < best:
            best, orders = score, found
        if _reached(best, target) or (stop is not None and stop()):
            break
    return orders


def _affordable(search: ArraySearch, orders: list[TripOrder], steps: float, effort: Effort) -> float:
    """As many of the steps as the clock allows, by the speed of a few."""
    parts = _parts(_PHASES[0], 0.0)
    search.improve(orders, 1, 1.0, 1.0, 0, parts)
    begun = time.monotonic()
    trial = max(1, min(int(_TRIAL * steps), _MOST_TRIED // search.together))
    search.improve(orders, trial, 1.0, 1.0, 0, parts)
    expected = (time.monotonic() - begun) / trial * steps
    if expected <= effort.left():
        return steps
    effort.overrun = True
    return steps * effort.left() / expected


def _parts(phase: _Phase, t_all_ms: float) -> np.ndarray:
    """Weights of the energy as ``models.dispatch_annealing`` takes them."""
    return np.array([
        _PER_TARDY_HOUR, phase.per_hour_of_all, phase.per_person_hour, _PER_TRUCKLOAD, _PER_HOUR_DRIVEN, _TARDY_H,
        t_all_ms if phase.capped else 0.0,
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
