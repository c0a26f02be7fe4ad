"""Sending a mixed fleet from depots with docks: an array timetable, and annealing on it.

Consignments wait at depots; each is given a vehicle, a place in the order of dispatch, and perhaps joins the load before
it. Trips are timed in that order (serial schedule generation, Kolisch 1996): a vehicle comes to the depot, is loaded at
the first dock that has room for it, also in a gap, drives to its stops, and is unloaded where no other is. Annealing
(Kirkpatrick et al. 1983) follows one smooth figure; the best is kept level by level.

Driving times come from a table by hour, read by linear interpolation: exact between two hours where no road opens or
closes. Work is counted in steps, so that the same seed gives the same answer.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.traversal import NEVER

__all__ = ["DispatchInstance", "Dispatched", "anneal", "timetable"]

_HOUR_MS = 3_600_000.0
_LEVELS = 5


class DispatchInstance(NamedTuple):
    """Arrays of one problem; times in integer ms.

    Attributes
    ----------
    vehicle_class, vehicle_site, vehicle_ready : int64 arrays (v,)
    vehicle_kg, vehicle_m3 : float64 arrays (v,)
    depot_site, depot_open : int64 arrays (d,)
    dock_first : int64 array (d + 1,)
        Docks of depot ``i`` are ``dock_first[i] … dock_first[i + 1] - 1``.
    goods_site, goods_release : int64 arrays (c,)
    goods_kg, goods_m3 : float64 arrays (c,)
    goods_items : int64 array (c, i)
        Quantity of each item.
    goods_depots : bool array (c, d)
        Where a consignment may be loaded.
    stock : int64 array (d, i)
    task_first : int64 array (c + 1,)
        Tasks that consignment ``k`` serves are ``task[task_first[k] : task_first[k + 1]]``.
    task : int64 array
    people, weight : float64 arrays (t,)
    first_batch, reachable, hopeless : bool arrays (t,)
        ``hopeless``: never complete, whatever is sent.
    grid_start, grid_step : int
        Hours of the table of driving times.
    arrival : int64 array (class, s, s, k)
        Arrival when leaving at ``grid_start + k * grid_step``; ``NEVER`` if out of reach.
    dock_busy, site_busy : int64 arrays (n, 3)
        (dock or site, start, end) of what is booked already.
    loading_ms, unloading_ms, convoy_ms : int
    reference_kg, reference_m3, floor : float
        A part load takes the larger share of kg and m³, at least ``floor``, of a step's time.
    drive_limit_ms, drive_rest_ms : int
    order_ms, due_ms, end_ms : int
    """

    vehicle_class: NDArray[np.int64]
    vehicle_site: NDArray[np.int64]
    vehicle_ready: NDArray[np.int64]
    vehicle_kg: NDArray[np.float64]
    vehicle_m3: NDArray[np.float64]
    depot_site: NDArray[np.int64]
    depot_open: NDArray[np.int64]
    dock_first: NDArray[np.int64]
    goods_site: NDArray[np.int64]
    goods_release: NDArray[np.int64]
    goods_kg: NDArray[np.float64]
    goods_m3: NDArray[np.float64]
    goods_items: NDArray[np.int64]
    goods_depots: NDArray[np.bool_]
    stock: NDArray[np.int64]
    task_first: NDArray[np.int64]
    task: NDArray[np.int64]
    people: NDArray[np.float64]
    weight: NDArray[np.float64]
    first_batch: NDArray[np.bool_]
    reachable: NDArray[np.bool_]
    hopeless: NDArray[np.bool_]
    grid_start: int
    grid_step: int
    arrival: NDArray[np.int64]
    dock_busy: NDArray[np.int64]
    site_busy: NDArray[np.int64]
    loading_ms: int
    unloading_ms: int
    convoy_ms: int
    reference_kg: float
    reference_m3: float
    floor: float
    drive_limit_ms: int
    drive_rest_ms: int
    order_ms: int
    due_ms: int
    end_ms: int


class Dispatched(NamedTuple):
    """A way to dispatch consignments.

    Attributes
    ----------
    order : int64 array (c,)
        Consignments in order of dispatch.
    vehicle, depot : int64 arrays (c,)
        By consignment.
    join : bool array (c,)
        Whether a consignment goes with the load of its vehicle before it, if depot and size allow.
    """

    order: NDArray[np.int64]
    vehicle: NDArray[np.int64]
    depot: NDArray[np.int64]
    join: NDArray[np.bool_]


class _Work(NamedTuple):
    """Space that a timetable is made in."""

    trip_of: NDArray[np.int64]
    trip_vehicle: NDArray[np.int64]
    trip_depot: NDArray[np.int64]
    trip_kg: NDArray[np.float64]
    trip_m3: NDArray[np.float64]
    trip_first: NDArray[np.int64]
    trip_last: NDArray[np.int64]
    following: NDArray[np.int64]
    last_trip: NDArray[np.int64]
    site: NDArray[np.int64]
    free: NDArray[np.int64]
    driven: NDArray[np.int64]
    dock_start: NDArray[np.int64]
    dock_end: NDArray[np.int64]
    dock_count: NDArray[np.int64]
    site_start: NDArray[np.int64]
    site_end: NDArray[np.int64]
    site_count: NDArray[np.int64]
    left: NDArray[np.int64]
    done: NDArray[np.int64]
    complete: NDArray[np.int64]


def _work(instance: DispatchInstance) -> _Work:
    c, v, d = len(instance.goods_site), len(instance.vehicle_site), len(instance.depot_site)
    docks, sites = int(instance.dock_first[d]), instance.arrival.shape[1]

    def ints(*shape: int) -> NDArray[np.int64]:
        return np.zeros(shape, dtype=np.int64)

    return _Work(
        ints(c), ints(c), ints(c), np.zeros(c), np.zeros(c), ints(c), ints(c), ints(c), ints(v), ints(v), ints(v),
        ints(v), ints(docks, c + len(instance.dock_busy)), ints(docks, c + len(instance.dock_busy)), ints(docks),
        ints(sites, c + len(instance.site_busy)), ints(sites, c + len(instance.site_busy)), ints(sites),
        np.zeros_like(instance.stock), ints(c), ints(len(instance.people)),
    )  # fmt: skip


@nb.njit(cache=True)
def _arrive(inst, vehicle_class, origin, target, depart):  # type: ignore[no-untyped-def]
    """Arrival by the table; beyond its last hour as at that hour."""
    if origin == target:
        return depart
    row = inst.arrival[vehicle_class, origin, target]
    k = (depart - inst.grid_start) // inst.grid_step
    last = len(row) - 1
    if k < 0:
        return row[0] if row[0] >= NEVER else depart + row[0] - inst.grid_start
    if k >= last:
        return row[last] if row[last] >= NEVER else depart + row[last] - (inst.grid_start + last * inst.grid_step)
    if row[k + 1] >= NEVER:
        return NEVER
    into = depart - inst.grid_start - k * inst.grid_step
    return row[k] + (row[k + 1] - row[k]) * into // inst.grid_step


@nb.njit(cache=True)
def _part(inst, step_ms, weight_kg, volume_m3):  # type: ignore[no-untyped-def]
    """Time of loading or unloading a part load."""
    if weight_kg <= 0 and volume_m3 <= 0:
        return 0
    share = max(weight_kg / inst.reference_kg, volume_m3 / inst.reference_m3, inst.floor)
    return int(np.ceil(step_ms * share - 1e-6))


@nb.njit(cache=True)
def _gap(start, end, count, earliest, duration):  # type: ignore[no-untyped-def]
    """Earliest start of a free stretch in a sorted calendar."""
    at = earliest
    for k in range(count):
        if end[k] <= at:
            continue
        if start[k] >= at + duration:
            break
        at = end[k]
    return at


@nb.njit(cache=True)
def _insert(start, end, count, begin, finish):  # type: ignore[no-untyped-def]
    """Put a stretch into a sorted calendar that holds ``count``."""
    k = count
    while k > 0 and start[k - 1] > begin:
        start[k] = start[k - 1]
        end[k] = end[k - 1]
        k -= 1
    start[k] = begin
    end[k] = finish


@nb.njit(cache=True)
def _drive(inst, work, vehicle, target, depart):  # type: ignore[no-untyped-def]
    """Arrival of a vehicle with a rest where one is due (counted at the limit of driving)."""
    arrive = _arrive(inst, inst.vehicle_class[vehicle], work.site[vehicle], target, depart)
    if arrive >= NEVER:
        return NEVER
    driven = work.driven[vehicle] + arrive - depart
    if driven > inst.drive_limit_ms:
        arrive += inst.drive_rest_ms
        driven -= inst.drive_limit_ms
    work.driven[vehicle] = driven
    work.site[vehicle] = target
    return arrive


@nb.njit(cache=True)
def _group(inst, work, order, vehicle, depot, join):  # type: ignore[no-untyped-def]
    """Gather consignments into trips; returns how many."""
    trips = 0
    work.last_trip[:] = -1
    for c in order:
        v = vehicle[c]
        t = work.last_trip[v]
        work.following[c] = -1
        fits = (
            join[c]
            and t >= 0
            and work.trip_depot[t] == depot[c]
            and work.trip_kg[t] + inst.goods_kg[c] <= inst.vehicle_kg[v] + 1e-6
            and work.trip_m3[t] + inst.goods_m3[c] <= inst.vehicle_m3[v] + 1e-9
        )
        if fits:
            work.following[work.trip_last[t]] = c
            work.trip_kg[t] += inst.goods_kg[c]
            work.trip_m3[t] += inst.goods_m3[c]
        else:
            t = trips
            trips += 1
            work.trip_vehicle[t] = v
            work.trip_depot[t] = depot[c]
            work.trip_first[t] = c
            work.trip_kg[t] = inst.goods_kg[c]
            work.trip_m3[t] = inst.goods_m3[c]
            work.last_trip[v] = t
        work.trip_last[t] = c
        work.trip_of[c] = t
    return trips


@nb.njit(cache=True)
def _reset(inst, work):  # type: ignore[no-untyped-def]
    work.site[:] = inst.vehicle_site
    work.free[:] = inst.vehicle_ready
    work.driven[:] = 0
    work.dock_count[:] = 0
    work.site_count[:] = 0
    for k in range(len(inst.dock_busy)):
        dock = inst.dock_busy[k, 0]
        _insert(work.dock_start[dock], work.dock_end[dock], work.dock_count[dock], inst.dock_busy[k, 1],
                inst.dock_busy[k, 2])  # fmt: skip
        work.dock_count[dock] += 1
    for k in range(len(inst.site_busy)):
        site = inst.site_busy[k, 0]
        _insert(work.site_start[site], work.site_end[site], work.site_count[site], inst.site_busy[k, 1],
                inst.site_busy[k, 2])  # fmt: skip
        work.site_count[site] += 1


@nb.njit(cache=True)
def _load(inst, work, t):  # type: ignore[no-untyped-def]
    """Bring a trip's vehicle to the depot and load it; departure, ``NEVER`` if it cannot come."""
    v = work.trip_vehicle[t]
    d = work.trip_depot[t]
    at = _drive(inst, work, v, inst.depot_site[d], work.free[v])
    ready = max(at, inst.depot_open[d])
    c = work.trip_first[t]
    while c >= 0:
        ready = max(ready, inst.goods_release[c])
        c = work.following[c]
    if ready >= inst.end_ms:
        return NEVER
    duration = _part(inst, inst.loading_ms, work.trip_kg[t], work.trip_m3[t])
    best = NEVER
    dock = -1
    for k in range(inst.dock_first[d], inst.dock_first[d + 1]):
        start = _gap(work.dock_start[k], work.dock_end[k], work.dock_count[k], ready, duration)
        if start < best:
            best = start
            dock = k
    if duration > 0:
        _insert(work.dock_start[dock], work.dock_end[dock], work.dock_count[dock], best, best + duration)
        work.dock_count[dock] += 1
    depart = best + duration + inst.convoy_ms
    if depart - at >= inst.drive_rest_ms:
        work.driven[v] = 0
    return depart


@nb.njit(cache=True)
def _run(inst, work, order, vehicle, depot, join):  # type: ignore[no-untyped-def]
    """Time all trips: fills ``work.done`` by consignment (``NEVER`` if left out); returns the driving time."""
    trips = _group(inst, work, order, vehicle, depot, join)
    _reset(inst, work)
    driving = 0
    for t in range(trips):
        v = work.trip_vehicle[t]
        was_site, was_free, was_driven = work.site[v], work.free[v], work.driven[v]
        now = _load(inst, work, t)
        c = work.trip_first[t]
        carried = False
        while c >= 0:
            site = inst.goods_site[c]
            last = c
            weight_kg, volume_m3 = inst.goods_kg[c], inst.goods_m3[c]
            while work.following[last] >= 0 and inst.goods_site[work.following[last]] == site:
                last = work.following[last]
                weight_kg += inst.goods_kg[last]
                volume_m3 += inst.goods_m3[last]
            finish = NEVER
            if now < NEVER:
                arrive = _drive(inst, work, v, site, now)
                if arrive < NEVER:
                    duration = _part(inst, inst.unloading_ms, weight_kg, volume_m3)
                    start = _gap(work.site_start[site], work.site_end[site], work.site_count[site], arrive, duration)
                    finish = start + duration
                    if finish > inst.end_ms:
                        finish = NEVER
                        now = NEVER
                    else:
                        if duration > 0:
                            _insert(work.site_start[site], work.site_end[site], work.site_count[site], start, finish)
                            work.site_count[site] += 1
                        if finish - arrive >= inst.drive_rest_ms:
                            work.driven[v] = 0
                        driving += arrive - now
                        now = finish
                        carried = True
            while True:
                work.done[c] = finish
                if c == last:
                    break
                c = work.following[c]
            c = work.following[last]
        if carried:
            work.free[v] = now if now < NEVER else work.free[v]
        else:
            work.site[v], work.free[v], work.driven[v] = was_site, was_free, was_driven
    return driving


@nb.njit(cache=True)
def _weigh(inst, work, driving, parts, levels):  # type: ignore[no-untyped-def]
    """Fill the levels of the timetable made last; return its energy (``parts``: weights of what it is made of)."""
    work.complete[:] = -NEVER
    left_out = 0.0
    for c in range(len(work.done)):
        if work.done[c] >= NEVER:
            left_out += max(inst.goods_kg[c] / inst.reference_kg, inst.goods_m3[c] / inst.reference_m3)
        for k in range(inst.task_first[c], inst.task_first[c + 1]):
            work.complete[inst.task[k]] = max(work.complete[inst.task[k]], work.done[c])
    late = 0.0
    t_all = 0.0
    first = 0.0
    rest = 0.0
    tardy = 0.0
    crowd = 1.0
    horizon = inst.end_ms - inst.order_ms
    for t in range(len(inst.people)):
        time = work.complete[t]
        never = inst.hopeless[t] or time >= NEVER or time == -NEVER
        since = float(horizon if never else time - inst.order_ms)
        if inst.first_batch[t]:
            crowd += inst.people[t]
            first += inst.weight[t] * since
            if never or time > inst.due_ms:
                late += inst.people[t]
                tardy += inst.people[t] * min(max(since - (inst.due_ms - inst.order_ms), 0.0), parts[5] * _HOUR_MS)
            if inst.reachable[t]:
                t_all = max(t_all, since)
        else:
            rest += inst.weight[t] * since
    levels[0] = late
    levels[1] = t_all
    levels[2] = first
    levels[3] = rest
    levels[4] = left_out
    return (
        late
        + parts[0] * tardy / _HOUR_MS
        + parts[1] * crowd * t_all / _HOUR_MS
        + parts[2] * (first + rest) / _HOUR_MS
        + parts[3] * crowd * left_out
        + parts[4] * driving / _HOUR_MS
    )


@nb.njit(cache=True)
def _better(a, b):  # type: ignore[no-untyped-def]
    """Whether levels ``a`` come before ``b``."""
    for k in range(len(a)):
        if a[k] < b[k]:
            return True
        if a[k] > b[k]:
            return False
    return False


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
def _fits(inst, c, v):  # type: ignore[no-untyped-def]
    return inst.goods_kg[c] <= inst.vehicle_kg[v] + 1e-6 and inst.goods_m3[c] <= inst.vehicle_m3[v] + 1e-9


@nb.njit(cache=True)
def _change(inst, work, order, vehicle, depot, join):  # type: ignore[no-untyped-def]
    """Make one random change; False if it does not apply."""
    n = len(order)
    kind = np.random.randint(0, 9)
    i = np.random.randint(0, n)
    c = order[i]
    if kind == 0:
        v = np.random.randint(0, len(inst.vehicle_site))
        if v == vehicle[c] or not _fits(inst, c, v):
            return False
        vehicle[c] = v
        join[c] = False
    elif kind == 1:
        j = np.random.randint(0, n)
        if i == j:
            return False
        _move_to(order, i, j)
    elif kind == 2:
        j = np.random.randint(0, n)
        if i == j:
            return False
        order[i], order[j] = order[j], order[i]
    elif kind == 3:
        other = order[np.random.randint(0, n)]
        a, b = vehicle[c], vehicle[other]
        if a == b or not _fits(inst, c, b) or not _fits(inst, other, a):
            return False
        vehicle[c], vehicle[other] = b, a
    elif kind == 4:
        join[c] = not join[c]
    elif kind <= 6:
        j = np.random.randint(0, n)
        other = order[j]
        if i == j or depot[c] != depot[other] or not _fits(inst, c, vehicle[other]):
            return False
        if kind == 6 and inst.goods_site[c] != inst.goods_site[other]:
            return False
        vehicle[c] = vehicle[other]
        join[c] = True
        _move_to(order, i, j if i < j else min(j + 1, n - 1))
    elif kind == 7:
        t = work.trip_of[c]
        v = np.random.randint(0, len(inst.vehicle_site))
        if v == vehicle[c] or work.trip_kg[t] > inst.vehicle_kg[v] or work.trip_m3[t] > inst.vehicle_m3[v]:
            return False
        k = work.trip_first[t]
        while k >= 0:
            vehicle[k] = v
            k = work.following[k]
    else:
        d = np.random.randint(0, len(inst.depot_site))
        if d == depot[c] or not inst.goods_depots[c, d]:
            return False
        for k in range(inst.stock.shape[1]):
            if inst.goods_items[c, k] > work.left[d, k]:
                return False
        for k in range(inst.stock.shape[1]):
            work.left[d, k] -= inst.goods_items[c, k]
            work.left[depot[c], k] += inst.goods_items[c, k]
        depot[c] = d
        join[c] = False
    return True


@nb.njit(cache=True)
def _anneal(inst, work, order, vehicle, depot, join, parts, steps, hot, cold, seed, best_levels):  # type: ignore[no-untyped-def]
    """Walk from the given dispatch, leave the best found in its place, its levels in ``best_levels``."""
    np.random.seed(seed)
    levels = np.zeros(_LEVELS)
    work.left[:] = inst.stock
    for c in range(len(order)):
        work.left[depot[c]] -= inst.goods_items[c]
    energy = _weigh(inst, work, _run(inst, work, order, vehicle, depot, join), parts, levels)
    best_levels[:] = levels
    best_order, best_vehicle, best_depot, best_join = order.copy(), vehicle.copy(), depot.copy(), join.copy()
    was_order, was_vehicle, was_depot, was_join = order.copy(), vehicle.copy(), depot.copy(), join.copy()
    was_left = work.left.copy()
    for step in range(steps):
        if not _change(inst, work, order, vehicle, depot, join):
            continue
        found = _weigh(inst, work, _run(inst, work, order, vehicle, depot, join), parts, levels)
        temperature = hot * (cold / hot) ** (step / steps)
        if found <= energy or np.random.random() < np.exp((energy - found) / temperature):
            energy = found
            if _better(levels, best_levels):
                best_levels[:] = levels
                best_order[:], best_vehicle[:], best_depot[:], best_join[:] = order, vehicle, depot, join
            was_order[:], was_vehicle[:], was_depot[:], was_join[:] = order, vehicle, depot, join
            was_left[:] = work.left
        else:
            order[:], vehicle[:], depot[:], join[:] = was_order, was_vehicle, was_depot, was_join
            work.left[:] = was_left
            _group(inst, work, order, vehicle, depot, join)
    order[:], vehicle[:], depot[:], join[:] = best_order, best_vehicle, best_depot, best_join


def timetable(instance: DispatchInstance, dispatched: Dispatched) -> NDArray[np.int64]:
    """When each consignment is unloaded, ms; ``NEVER`` if it is left out."""
    work = _work(instance)
    _run(instance, work, dispatched.order, dispatched.vehicle, dispatched.depot, dispatched.join)
    return work.done.copy()


def anneal(
    instance: DispatchInstance,
    start: Dispatched,
    steps: int,
    hot: float,
    cold: float,
    seed: int,
    parts: NDArray[np.float64],
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
    parts : float64 array (6,)
        Weights in the energy, beside one for each person late: of a person-hour late, of an hour of T_all (times all
        people), of a weighted hour until completion, of a reference truck left out (times all people), of an hour
        driven; and the hours after which lateness counts no further.

    Returns
    -------
    dispatched : Dispatched
        The best by levels, never worse than the start.
    levels : float64 array (5,)
        People late, T_all, weighted first batch, weighted rest (ms since the order), reference trucks left out.
    """
    order, vehicle, depot, join = (column.copy() for column in start)
    levels = np.zeros(_LEVELS)
    if len(order):
        _anneal(instance, _work(instance), order, vehicle, depot, join, parts, steps, hot, cold, seed, levels)
    return Dispatched(order, vehicle, depot, join), levels
