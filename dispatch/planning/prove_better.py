"""A better plan out of the trips that a bound was computed from: the best whole ones, timed exactly and polished."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.assemble import plan_tables
from dispatch.planning.improve import Effort, polish
from dispatch.planning.plan import Plan
from dispatch.planning.problem import ReliefProblem, TripOrder
from dispatch.planning.score import Scorer
from dispatch.planning.timetable import Timetable, decode
from dispatch.planning.trip_arrays import TripArrays
from dispatch.planning.trip_orders import sends_all, trip_orders
from models.relief_exact.bound import bound_trips, choose_trips
from models.relief_exact.master import Trip

__all__ = ["better_plan"]

_LATE = 10.0
"""How much dearer it is to be late than to be last, so that nobody is left out for the mean's sake."""

_POLISH_S = 2.0


def better_plan(
    problem: ReliefProblem,
    arrays: TripArrays,
    scorer: Scorer,
    weight: NDArray[np.float64],
    least_slot: NDArray[np.int64],
    last_slots: Sequence[int],
    levels: tuple[float, ...],
    stop_at: float,
) -> tuple[Plan | None, tuple[Trip, ...]]:
    """Look for a plan of first batches that is better by the levels, with every delivery in one piece and none late.

    Parameters
    ----------
    problem : ReliefProblem
    arrays : TripArrays
        Of the first batches.
    scorer : Scorer
    weight, least_slot : arrays (p,)
        Of the tasks.
    last_slots : sequence of int
        Slots by which everything is to be done, tried in turn.
    levels : tuple of float
        People late, T_all and weighted first batches of the plan at hand, to be beaten.
    stop_at : float
        Instant (``time.monotonic``).

    Returns
    -------
    plan : Plan or None
        Tables only. None if nothing better was found.
    trips : tuple of Trip
        All trips of the relaxations.
    """
    best: list[TripOrder] | None = None
    trips: tuple[Trip, ...] = ()
    instance = arrays.instance
    per_slot = weight * instance.step_ms / max(float(weight.sum()) * instance.step_ms, 1e-12)
    for k, last_slot in enumerate(last_slots):
        left = (stop_at - time.monotonic()) / (len(last_slots) - k)
        if left <= 0 or instance.supply is None:
            break
        until = time.monotonic() + left
        late = _LATE * (last_slot + 1) * per_slot
        found = bound_trips(instance, per_slot, late, last_slot, 0.4 * left, least_slot=least_slot, split=False)
        trips += found.trips
        chosen, flows = choose_trips(instance, per_slot, late, last_slot, 0.7 * (until - time.monotonic()), found.trips)
        orders = trip_orders(problem, arrays, chosen, flows) if chosen else None
        if not orders or not sends_all(scorer.problem, orders):
            continue
        spare = Effort(min(_POLISH_S, max(0.1, until - time.monotonic())), until)
        for way in (orders, polish(scorer, orders, Timetable(problem), spare, problem.scenario.seed, ())):
            score = scorer.score(decode(problem, way))
            if score[:3] < levels and score[4] == 0:
                best, levels = way, score[:3]
    if best is None:
        return None, trips
    return Plan(**plan_tables(problem, decode(problem, best).timetable)), trips
