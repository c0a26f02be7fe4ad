"""Annealing on the dispatch of a mixed fleet (Kirkpatrick et al. 1983), timed by ``models.dispatch_retiming``.

The walk follows one smooth figure; what is kept is the best level by level. Work is counted in steps, so that the same
seed gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.dispatch_instance import Dispatched, DispatchInstance
from models.dispatch_retiming import keep
from models.dispatch_schedule import TIMED, Schedule, empty_schedule
from models.dispatch_steps import begin, change, last_done, undo
from models.dispatch_timetable import LEVELS
from models.dispatch_totals import value
from models.traversal import NEVER

__all__ = ["anneal", "loading_starts", "trips_a_step"]

_CHUNK = 200_000
"""Steps between two looks at the clock, where there is one, times the number of consignments."""

_TRIED = 400
"""Steps that tell how many trips a step times."""


@nb.njit(cache=True)
def _better(a, b):  # type: ignore[no-untyped-def]
    """Whether levels ``a`` come before ``b``."""
    for k in range(len(a)):
        if a[k] != b[k]:
            return a[k] < b[k]
    return False


@nb.njit(cache=True)
def _order(a, b, count):  # type: ignore[no-untyped-def]
    """-1, 0, 1: of so many first levels ``a`` come before ``b``, are the same, or come after."""
    for k in range(count):
        if a[k] != b[k]:
            return -1 if a[k] < b[k] else 1
    return 0


@nb.njit(cache=True, _nrt=False)
def _walk(  # type: ignore[no-untyped-def]
    inst, plan, rng, order, vehicle, depot, join, parts, energy, first, end, steps, hot, cold, levels, best_levels,
    best_order, best_vehicle, best_depot, best_join
):  # fmt: skip
    """Take steps ``first`` to ``end`` of a walk, keeping the best; returns the energy reached."""
    worst = last_done(plan.done)
    held = int(parts[8])
    by_km = held == LEVELS - 1
    for step in range(first, end):
        able, op, i, j = change(inst, plan, rng, order, vehicle, depot, join, worst)
        if not able:
            continue
        found = value(inst, plan, parts, levels, False)
        temperature = hot * (cold / hot) ** (step / steps)
        if held:
            if by_km:
                found = levels[held]
            beside = _order(levels, best_levels, held)
            if beside > 0:
                found = np.inf
            elif beside < 0:
                energy = found
        if found <= energy or rng.random() < np.exp((energy - found) / temperature):
            energy = found
            keep(inst, plan)
            if _better(levels, best_levels):
                for k in range(len(levels)):
                    best_levels[k] = levels[k]
                for k in range(len(order)):
                    best_order[k], best_vehicle[k], best_depot[k], best_join[k] = (
                        order[k],
                        vehicle[k],
                        depot[k],
                        join[k],
                    )
            worst = last_done(plan.done)
        else:
            undo(inst, plan, order, vehicle, depot, join, op, i, j)
    return energy


@nb.njit(cache=True, _nrt=False)
def _try(inst, plan, rng, order, vehicle, depot, join, steps):  # type: ignore[no-untyped-def]
    """Trips timed by so many changes, each of which is taken back."""
    timed = 0
    for _ in range(steps):
        able, op, i, j = change(inst, plan, rng, order, vehicle, depot, join, -1)
        if able:
            timed += plan.sizes[TIMED]
            undo(inst, plan, order, vehicle, depot, join, op, i, j)
    return timed


def _copied(of: Dispatched) -> Dispatched:
    return Dispatched(of.order.copy(), of.vehicle.copy(), of.depot.copy(), of.join.copy())


def trips_a_step(instance: DispatchInstance, start: Dispatched, schedule: Schedule) -> float:
    """How many trips a step of the search times, in the mean over some: what it costs, beside the order itself."""
    if not len(start.order):
        return 0.0
    now = _copied(start)
    begin(instance, schedule, *now, np.zeros(9), np.zeros(LEVELS))
    timed: int = _try(instance, schedule, np.random.default_rng(0), *now, _TRIED)
    return timed / _TRIED


def loading_starts(instance: DispatchInstance, dispatched: Dispatched, schedule: Schedule) -> NDArray[np.int64]:
    """When the trip that a consignment is the first of begins to be loaded, or ``NEVER``; of no meaning for others."""
    if not len(dispatched.order):
        return np.zeros(0, dtype=np.int64)
    begin(instance, schedule, *_copied(dispatched), np.zeros(9), np.zeros(LEVELS))
    return np.where(schedule.record[:, 0] < 0, NEVER, schedule.record[:, 1])


def anneal(
    instance: DispatchInstance,
    start: Dispatched,
    steps: int,
    hot: float,
    cold: float,
    seed: int,
    parts: NDArray[np.float64],
    stop: Callable[[], bool] | None = None,
    schedule: Schedule | None = None,
) -> tuple[Dispatched, NDArray[np.float64]]:
    """Improve a dispatch.

    Parameters
    ----------
    instance : DispatchInstance
    start : Dispatched
        Every consignment on a vehicle it fits and from a depot that has it.
    steps : int
        Changes tried.
    hot, cold : float
        Temperatures at the beginning and the end, in the unit of the energy.
    seed : int
    parts : float64 array (9,)
        Weights in the energy, beside one for each person late: of a person-hour late, of an hour of T_all (times all
        people), of a weighted hour until completion, of a reference truck left out (times all people), of an hour
        driven; then the hours after which lateness counts no further, the T_all (ms) below which it costs nothing,
        the weight of an hour by which one task is complete after that; and how many of the first levels no step makes
        worse than the best (5: of what is left kilometres alone count).
    stop : callable, optional
        Asked every so many steps; ends the walk.
    schedule : Schedule, optional
        Space made for the instance, where there is one.

    Returns
    -------
    dispatched : Dispatched
        The best by levels, never worse than the start.
    levels : float64 array (6,)
        People late, T_all, weighted first batch, weighted rest (ms since the order), reference trucks left out,
        kilometres.
    """
    best, now = _copied(start), _copied(start)
    levels = np.zeros(LEVELS)
    if len(best.order):
        rng = np.random.default_rng(seed)
        plan = schedule or empty_schedule(instance)
        energy = begin(instance, plan, *now, parts, levels)
        if int(parts[8]) == LEVELS - 1:
            energy = levels[-1]
        chunk = steps if stop is None else max(1, _CHUNK // len(best.order))
        for first in range(0, max(steps, 1), max(chunk, 1)):
            end = min(first + chunk, steps)
            energy = _walk(instance, plan, rng, *now, parts, energy, first, end, max(steps, 1), hot, cold,
                           np.zeros(LEVELS), levels, *best)  # fmt: skip
            if stop is not None and stop():
                break
    return best, levels
