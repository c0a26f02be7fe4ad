"""Annealing on the dispatch of a mixed fleet (Kirkpatrick et al. 1983), timed by ``models.dispatch_timetable``.

The walk follows one smooth figure; what is kept is the best level by level. Work is counted in steps, so that the same
seed gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.dispatch_instance import Dispatched, DispatchInstance
from models.dispatch_timetable import LEVELS, gather_trips, time_trips, weigh, workspace
from models.traversal import NEVER

__all__ = ["anneal"]

_WORST = 0.1
"""Share of the changes that start from what is handed over last."""

_CHUNK = 200_000
"""Consignments timed between two looks at the clock, where there is one."""


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


@nb.njit(cache=True)
def _move_to(order, i, j):  # type: ignore[no-untyped-def]
    """Take what stands at ``i`` to ``j``."""
    moved = order[i]
    if i < j:
        for k in range(i, j):
            order[k] = order[k + 1]
    else:
        for k in range(i, j, -1):
            order[k] = order[k - 1]
    order[j] = moved


@nb.njit(cache=True)
def _last(done):  # type: ignore[no-untyped-def]
    """Consignment that is handed over last; -1 if none is."""
    found, time = -1, -1
    for c in range(len(done)):
        if time < done[c] < NEVER:
            found, time = c, done[c]
    return found


@nb.njit(cache=True)
def _reload(inst, work, depot, c, d):  # type: ignore[no-untyped-def]
    """Load a consignment at another depot; False if its goods are not there."""
    if not inst.goods_depots[c, d]:
        return False
    for k in range(inst.stock.shape[1]):
        if inst.goods_items[c, k] > work.left[d, k]:
            return False
    for k in range(inst.stock.shape[1]):
        work.left[d, k] -= inst.goods_items[c, k]
        work.left[depot[c], k] += inst.goods_items[c, k]
    depot[c] = d
    return True


@nb.njit(cache=True)
def _exchange(inst, work, depot, c, other):  # type: ignore[no-untyped-def]
    """Load each of two consignments at the other's depot; False if the goods do not allow it."""
    a, b = depot[c], depot[other]
    if not inst.goods_depots[c, b] or not inst.goods_depots[other, a]:
        return False
    for k in range(inst.stock.shape[1]):
        more = inst.goods_items[c, k] - inst.goods_items[other, k]
        if more > work.left[b, k] or -more > work.left[a, k]:
            return False
    for k in range(inst.stock.shape[1]):
        more = inst.goods_items[c, k] - inst.goods_items[other, k]
        work.left[b, k] -= more
        work.left[a, k] += more
    depot[c], depot[other] = b, a
    return True


@nb.njit(cache=True)
def _change(inst, work, rng, order, vehicle, depot, join, worst):  # type: ignore[no-untyped-def]
    """Make one random change; False if it does not apply."""
    n = len(order)
    kg, m3, room_kg, room_m3 = inst.goods_kg, inst.goods_m3, inst.vehicle_kg, inst.vehicle_m3
    kind = int(rng.random() * 10)
    i = int(rng.random() * n)
    j = int(rng.random() * n)
    if worst >= 0 and rng.random() < _WORST:
        i = 0
        while order[i] != worst:
            i += 1
    c = order[i]
    other = order[j]
    v = int(rng.random() * len(room_kg))
    if kind == 0:
        # another vehicle
        if v == vehicle[c] or kg[c] > room_kg[v] + 1e-6 or m3[c] > room_m3[v] + 1e-9:
            return False
        vehicle[c] = v
        join[c] = False
    elif kind == 1:
        # earlier or later in the order of dispatch
        if i == j:
            return False
        _move_to(order, i, j)
    elif kind == 2:
        # two change places in the order
        if i == j:
            return False
        order[i], order[j] = other, c
    elif kind == 3:
        # two change vehicles
        a, b = vehicle[c], vehicle[other]
        if a == b or kg[c] > room_kg[b] + 1e-6 or m3[c] > room_m3[b] + 1e-9:
            return False
        if kg[other] > room_kg[a] + 1e-6 or m3[other] > room_m3[a] + 1e-9:
            return False
        vehicle[c], vehicle[other] = b, a
    elif kind == 4:
        join[c] = not join[c]
    elif kind <= 6:
        # next to another, on its vehicle and from its depot; every other time one of the same site too
        w = vehicle[other]
        if i == j or kg[c] > room_kg[w] + 1e-6 or m3[c] > room_m3[w] + 1e-9:
            return False
        if kind == 6 and inst.goods_site[c] != inst.goods_site[other]:
            return False
        if depot[c] != depot[other] and not _reload(inst, work, depot, c, depot[other]):
            return False
        vehicle[c] = w
        join[c] = True
        _move_to(order, i, j if i < j else min(j + 1, n - 1))
    elif kind == 7:
        # a whole trip by another vehicle
        gather_trips(
            order, vehicle, depot, join, kg, m3, room_kg, room_m3, work.trip_vehicle, work.trip_depot, work.trip_first,
            work.trip_last, work.trip_size, work.trip_of, work.following, work.last_trip,
        )  # fmt: skip
        t = work.trip_of[c]
        if v == vehicle[c] or work.trip_size[t, 0] > room_kg[v] or work.trip_size[t, 1] > room_m3[v]:
            return False
        k = work.trip_first[t]
        while k >= 0:
            vehicle[k] = v
            k = work.following[k]
    elif kind == 8:
        # from another depot
        d = int(rng.random() * len(inst.depot_site))
        if d == depot[c] or not _reload(inst, work, depot, c, d):
            return False
        join[c] = False
    else:
        # two of different depots change everything: depot, vehicle, and place in the order
        a, b = vehicle[c], vehicle[other]
        if depot[c] == depot[other] or kg[c] > room_kg[b] + 1e-6 or m3[c] > room_m3[b] + 1e-9:
            return False
        if kg[other] > room_kg[a] + 1e-6 or m3[other] > room_m3[a] + 1e-9:
            return False
        if not _exchange(inst, work, depot, c, other):
            return False
        vehicle[c], vehicle[other] = b, a
        join[c], join[other] = join[other], join[c]
        order[i], order[j] = other, c
    return True


@nb.njit(cache=True)
def _walk(  # type: ignore[no-untyped-def]
    inst, work, rng, order, vehicle, depot, join, parts, begin, end, steps, hot, cold, best_levels, best_order,
    best_vehicle, best_depot, best_join
):  # fmt: skip
    """Take steps ``begin`` to ``end`` of a walk, keeping the best."""
    levels = np.zeros(LEVELS)
    work.left[:] = inst.stock
    for c in range(len(order)):
        work.left[depot[c]] -= inst.goods_items[c]
    energy = weigh(inst, work, time_trips(inst, work, order, vehicle, depot, join), parts, levels)
    if begin == 0:
        best_levels[:] = levels
    was_order, was_vehicle, was_depot, was_join = order.copy(), vehicle.copy(), depot.copy(), join.copy()
    was_left = work.left.copy()
    worst = _last(work.done)
    held = int(parts[8])
    by_km = held == LEVELS - 1
    if by_km:
        energy = levels[held]
    for step in range(begin, end):
        if not _change(inst, work, rng, order, vehicle, depot, join, worst):
            continue
        found = weigh(inst, work, time_trips(inst, work, order, vehicle, depot, join), parts, levels)
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
            if _better(levels, best_levels):
                best_levels[:] = levels
                best_order[:], best_vehicle[:], best_depot[:], best_join[:] = order, vehicle, depot, join
            was_order[:], was_vehicle[:], was_depot[:], was_join[:] = order, vehicle, depot, join
            was_left[:] = work.left
            worst = _last(work.done)
        else:
            order[:], vehicle[:], depot[:], join[:] = was_order, was_vehicle, was_depot, was_join
            work.left[:] = was_left


def anneal(
    instance: DispatchInstance,
    start: Dispatched,
    steps: int,
    hot: float,
    cold: float,
    seed: int,
    parts: NDArray[np.float64],
    stop: Callable[[], bool] | None = None,
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

    Returns
    -------
    dispatched : Dispatched
        The best by levels, never worse than the start.
    levels : float64 array (6,)
        People late, T_all, weighted first batch, weighted rest (ms since the order), reference trucks left out,
        kilometres.
    """
    best = Dispatched(start.order.copy(), start.vehicle.copy(), start.depot.copy(), start.join.copy())
    now = Dispatched(start.order.copy(), start.vehicle.copy(), start.depot.copy(), start.join.copy())
    levels = np.zeros(LEVELS)
    if len(best.order):
        rng = np.random.default_rng(seed)
        space = workspace(instance)
        chunk = steps if stop is None else max(1, _CHUNK // len(best.order))
        for begin in range(0, max(steps, 1), max(chunk, 1)):
            _walk(instance, space, rng, *now, parts, begin, min(begin + chunk, steps), max(steps, 1), hot, cold, levels,
                  *best)  # fmt: skip
            if stop is not None and stop():
                break
    return best, levels
