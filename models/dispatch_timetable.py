"""Sending a mixed fleet from depots with docks: when every consignment arrives, over arrays.

Consignments wait at depots; each is given a vehicle, a place in the order of dispatch, and perhaps joins the load
before it. Trips are timed in that order (serial schedule generation, Kolisch 1996): a vehicle comes to the depot, is
loaded at the first dock that has room for it, also in a gap, drives to its stops, and is unloaded where no other is.

Driving times come from a table by hour, read by linear interpolation: exact between two hours where no road opens or
closes. A rest is added where the driving since the last one exceeds the limit.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.dispatch_instance import Dispatched, DispatchInstance
from models.traversal import NEVER

__all__ = ["gather_trips", "time_trips", "timetable", "weigh", "workspace"]

_HOUR_MS = 3_600_000.0


class Workspace(NamedTuple):
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


def workspace(instance: DispatchInstance) -> Workspace:
    """Make the space for an instance."""
    c, v, d = len(instance.goods_site), len(instance.vehicle_site), len(instance.depot_site)
    docks, sites = int(instance.dock_first[d]), instance.arrival.shape[1]

    def ints(*shape: int) -> NDArray[np.int64]:
        return np.zeros(shape, dtype=np.int64)

    return Workspace(
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
def gather_trips(inst, work, order, vehicle, depot, join):  # type: ignore[no-untyped-def]
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
def time_trips(inst, work, order, vehicle, depot, join):  # type: ignore[no-untyped-def]
    """Time all trips: fills ``work.done`` by consignment (``NEVER`` if left out); returns the driving time."""
    trips = gather_trips(inst, work, order, vehicle, depot, join)
    _reset(inst, work)
    driving = 0
    for t in range(trips):
        v = work.trip_vehicle[t]
        was_site, was_free, was_driven = work.site[v], work.free[v], work.driven[v]
        now = _load(inst, work, t)
        c = work.trip_first[t]
        carried = False
        free = now
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
                        free = finish
                        carried = True
            while True:
                work.done[c] = finish
                if c == last:
                    break
                c = work.following[c]
            c = work.following[last]
        if carried:
            work.free[v] = free
        else:
            work.site[v], work.free[v], work.driven[v] = was_site, was_free, was_driven
    return driving


@nb.njit(cache=True)
def weigh(inst, work, driving, parts, levels):  # type: ignore[no-untyped-def]
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


def timetable(instance: DispatchInstance, dispatched: Dispatched) -> NDArray[np.int64]:
    """When each consignment is unloaded, ms; ``NEVER`` if it is left out."""
    work = workspace(instance)
    time_trips(instance, work, dispatched.order, dispatched.vehicle, dispatched.depot, dispatched.join)
    return work.done.copy()
