"""Bounded improvement of trip orders: small changes, timed exactly, kept by late acceptance (Burke & Bykov 2017).

Changes are drawn with a seed and counted, so that the same scenario, seed and work give the same plan; the clock only
stops a run that would overrun.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from dispatch.planning.moves import MOVES, State
from dispatch.planning.problem import ReliefProblem, TripOrder
from dispatch.planning.score import Score, Scorer
from dispatch.planning.timetable import Decoded, Timetable, decode

__all__ = ["Effort", "improve"]

_MEMORY = 40
"""Length of the list of past scores that a change is compared with."""


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
    problem: ReliefProblem, scorer: Scorer, orders: list[TripOrder], after: Timetable, effort: Effort, seed: int
) -> tuple[list[TripOrder], Score]:
    """Improve trip orders on top of a timetable, level by level, as far as the effort allows.

    Returns
    -------
    orders : list of TripOrder
        The best found, never worse than those given.
    score : Score
    """
    rng = np.random.default_rng(seed)
    decoded = decode(problem, orders, after)
    state = State(problem, orders, decoded.timetable, after)
    current = best = scorer.score(decoded)
    best_orders = orders
    critical = _critical(scorer, decoded)
    memory = [current] * _MEMORY
    step = 0
    while state.orders and effort.spend():
        move = MOVES[int(rng.integers(len(MOVES)))]
        changed = move(state, _pick(rng, len(state.orders), critical), rng)
        if changed is None:
            continue
        decoded = decode(problem, changed, after)
        found = scorer.score(decoded)
        if found <= memory[step % _MEMORY] or found <= current:
            state, current = State(problem, changed, decoded.timetable, after), found
            critical = _critical(scorer, decoded)
            if current < best:
                best, best_orders = current, changed
        memory[step % _MEMORY] = current
        step += 1
    return best_orders, best


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
