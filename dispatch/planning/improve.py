"""Bounded improvement of trip orders: small changes, timed exactly, kept by annealing (Kirkpatrick et al. 1983).

Changes are drawn with a seed and counted, so that the same scenario, seed and work give the same plan; the clock only
stops a run that would overrun. The walk follows one smooth figure; what is kept is the best level by level.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from dispatch.planning.moves import MOVES, State
from dispatch.planning.problem import TripOrder
from dispatch.planning.score import Score, Scorer
from dispatch.planning.timetable import Decoded, Timetable, decode

__all__ = ["Effort", "improve"]

_HOT, _COLD = 0.01, 0.0005
"""Temperatures at the beginning and the end of each cycle, as shares of the energy that matters."""

_CYCLES = (0.65, 0.25, 0.1)
"""Shares of the work in each cycle; every cycle starts from the best, the later ones cooler."""


@dataclass
class Effort:
    """Work allowed: timetables to decode, and the instant (``time.monotonic``) at which to stop in any case."""

    decodes: int
    stop_at: float
    overrun: bool = field(default=False, init=False)

    def spend(self) -> bool:
        """Whether another timetable may be decoded; counts it."""
        if self.decodes <= 0:
            return False
        if time.monotonic() >= self.stop_at:
            self.overrun = True
            self.decodes = 0
            return False
        self.decodes -= 1
        return True


def improve(
    scorer: Scorer,
    orders: list[TripOrder],
    after: Timetable,
    effort: Effort,
    seed: int,
    target: tuple[float, ...] = (),
) -> tuple[list[TripOrder], Score]:
    """Improve trip orders on top of a timetable, level by level, as far as the effort allows.

    Parameters
    ----------
    scorer : Scorer
    orders : list of TripOrder
    after : Timetable
        What is booked already and stays.
    effort : Effort
    seed : int
    target : tuple of float
        First levels of a score that cannot be beaten; the search stops when they are reached.

    Returns
    -------
    orders : list of TripOrder
        The best found, never worse than those given.
    score : Score
    """
    rng = np.random.default_rng(seed)
    best_orders, best = orders, scorer.score(decode(scorer.problem, orders, after))
    total = effort.decodes
    for cycle, share in enumerate(_CYCLES):
        heat = 0.3**cycle
        steps = int(total * share)
        for found, changed in _walk(scorer, best_orders, after, effort, rng, steps, heat):
            if found < best:
                best, best_orders = found, changed
            if target and best[: len(target)] <= target:
                return best_orders, best
    return best_orders, best


def _walk(
    scorer: Scorer,
    orders: list[TripOrder],
    after: Timetable,
    effort: Effort,
    rng: np.random.Generator,
    steps: int,
    heat: float,
) -> Iterator[tuple[Score, list[TripOrder]]]:
    """Orders that an annealing walk comes by, with their scores."""
    problem = scorer.problem
    decoded = decode(problem, orders, after)
    score, energy = scorer.weigh(decoded)
    state = State(problem, orders, decoded.timetable, after)
    critical = _critical(scorer, decoded)
    scale = heat * max(1.0, scorer.crowd)
    yield score, orders
    for step in range(steps):
        if not state.orders or not effort.spend():
            return
        move = MOVES[int(rng.integers(len(MOVES)))]
        changed = move(state, _pick(rng, len(state.orders), critical), rng)
        if changed is None:
            continue
        decoded = decode(problem, changed, after)
        score, found = scorer.weigh(decoded)
        temperature = scale * _HOT * (_COLD / _HOT) ** (step / steps)
        if found <= energy or rng.random() < math.exp((energy - found) / temperature):
            state, energy = State(problem, changed, decoded.timetable, after), found
            critical = _critical(scorer, decoded)
        yield score, changed


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
