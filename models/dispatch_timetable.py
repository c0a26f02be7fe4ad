"""Sending a mixed fleet from depots with docks: when every consignment arrives, over arrays.

Consignments wait at depots; each is given a vehicle, a place in the order of dispatch, and perhaps joins the load
before it. Trips are timed in that order (serial schedule generation, Kolisch 1996): a vehicle comes to the depot, is
loaded at the first dock that has room for it, also in a gap, drives to its stops, and is unloaded where no other is.

Driving times come in pieces (``models.dispatch_ways``), goods as they are released (``models.dispatch_release``). A
rest is added where the driving since the last one exceeds the limit.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.dispatch_instance import Dispatched, DispatchInstance
from models.dispatch_release import earliest_ms, reserve, with_reservations
from models.dispatch_ways import arrive
from models.traversal import NEVER

__all__ = ["LEVELS", "Workspace", "gather_trips", "time_trips", "timetable", "weigh", "workspace"]

LEVELS = 6
"""People late, T_all, weighted first batch, weighted rest, reference trucks left out, kilometres."""

_HOUR_MS = 3_600_000.0


class Workspace(NamedTuple):
    """Space that a timetable is made in: trips, vehicles, calendars, and the result by consignment and task."""

    trip_vehicle: NDArray[np.int64]
    trip_depot: NDArray[np.int64]
    trip_first: NDArray[np.int64]
    trip_last: NDArray[np.int64]
    trip_size: NDArray[np.float64]
    trip_of: NDArray[np.int64]
    following: NDArray[np.int64]
    last_trip: NDArray[np.int64]
    site: NDArray[np.int64]
    free: NDArray[np.int64]
    driven: NDArray[np.int64]
    dock_times: NDArray[np.int64]
    dock_count: NDArray[np.int64]
    site_times: NDArray[np.int64]
    site_count: NDArray[np.int64]
    done: NDArray[np.int64]
    complete: NDArray[np.int64]
    book_count: NDArray[np.int64]
    book_total: NDArray[np.int64]
    book: NDArray[np.int64]
    needed: NDArray[np.int64]
    known_count: NDArray[np.int64]
    known_total: NDArray[np.int64]
    known: NDArray[np.int64]
    km: NDArray[np.float64]


def workspace(instance: DispatchInstance) -> Workspace:
    """Make the space for an instance."""
    c, v = len(instance.goods_site), len(instance.vehicle_site)
    docks, sites = int(instance.dock_first[-1]), instance.ways.sites
    rows, reservations = len(instance.release_unit), c + len(instance.release_taken)

    def ints(*shape: int) -> NDArray[np.int64]:
        return np.zeros(shape, dtype=np.int64)

    known = ints(rows), ints(rows), ints(rows, len(instance.release_taken), 3)
    with_reservations(
        instance.release_first, instance.release_ms, instance.release_unit, *known, instance.release_taken
    )
    return Workspace(
        ints(c), ints(c), ints(c), ints(c), np.zeros((c, 2)), ints(c), ints(c), ints(v), ints(v), ints(v), ints(v),
        ints(docks, c + len(instance.dock_busy), 2), ints(docks), ints(sites, c + len(instance.site_busy), 2),
        ints(sites), ints(c), ints(len(instance.people)), ints(rows),
        ints(rows), ints(rows, reservations, 3), ints(instance.stock.shape[1]), *known,
        np.zeros(1),
    )  # fmt: skip


@nb.njit(cache=True, inline="always")
def _gap(times, of, count, earliest, duration):  # type: ignore[no-untyped-def]
    """Earliest start of a free stretch in the sorted calendar ``times[of]``."""
    at = earliest
    k = count
    while k > 0 and times[of, k - 1, 1] > at:
        k -= 1
    while k < count and times[of, k, 0] < at + duration:
        at = times[of, k, 1]
        k += 1
    return at


@nb.njit(cache=True, inline="always")
def _insert(times, of, count, begin, finish):  # type: ignore[no-untyped-def]
    """Put a stretch into the sorted calendar ``times[of]``, which holds ``count``."""
    k = count
    while k > 0 and times[of, k - 1, 0] > begin:
        times[of, k, 0] = times[of, k - 1, 0]
        times[of, k, 1] = times[of, k - 1, 1]
        k -= 1
    times[of, k, 0] = begin
    times[of, k, 1] = finish


@nb.njit(cache=True)
def gather_trips(  # type: ignore[no-untyped-def]
    order, vehicle, depot, join, goods_kg, goods_m3, vehicle_kg, vehicle_m3,
    trip_vehicle, trip_depot, trip_first, trip_last, trip_size, trip_of, following, last_trip,
):  # fmt: skip
    """Gather consignments into trips, in order of dispatch; returns how many trips there are."""
    trips = 0
    last_trip[:] = -1
    for c in order:
        v = vehicle[c]
        t = last_trip[v]
        following[c] = -1
        if (
            join[c]
            and t >= 0
            and trip_depot[t] == depot[c]
            and trip_size[t, 0] + goods_kg[c] <= vehicle_kg[v] + 1e-6
            and trip_size[t, 1] + goods_m3[c] <= vehicle_m3[v] + 1e-9
        ):
            following[trip_last[t]] = c
            trip_size[t, 0] += goods_kg[c]
            trip_size[t, 1] += goods_m3[c]
        else:
            t = trips
            trips += 1
            trip_vehicle[t] = v
            trip_depot[t] = depot[c]
            trip_first[t] = c
            trip_size[t, 0] = goods_kg[c]
            trip_size[t, 1] = goods_m3[c]
            last_trip[v] = t
        trip_last[t] = c
        trip_of[c] = t
    return trips


@nb.njit(cache=True)
def time_trips(inst, work, order, vehicle, depot, join):  # type: ignore[no-untyped-def]
    """Time all trips: fills ``work.done`` by consignment (``NEVER`` if left out); returns the time driven loaded."""
    vehicle_class, goods_site, goods_release = inst.vehicle_class, inst.goods_site, inst.goods_release
    goods_kg, goods_m3 = inst.goods_kg, inst.goods_m3
    depot_site, depot_open, dock_first = inst.depot_site, inst.depot_open, inst.dock_first
    end_ms = inst.end_ms
    sites, way_first, way_start = inst.ways.sites, inst.ways.first, inst.ways.start
    way_arrive, way_cap, way_rate = inst.ways.arrive, inst.ways.cap, inst.ways.rate
    released, goods_items, release_first = inst.released, inst.goods_items, inst.release_first
    release_ms, release_unit = inst.release_ms, inst.release_unit
    book_count, book_total, book = work.book_count, work.book_total, work.book
    known_count, known_total, known = work.known_count, work.known_total, work.known
    vehicle_site, vehicle_ready = inst.vehicle_site, inst.vehicle_ready
    dock_busy, site_busy = inst.dock_busy, inst.site_busy
    loading_ms, unloading_ms, convoy_ms = inst.loading_ms, inst.unloading_ms, inst.convoy_ms
    per_kg, per_m3, floor = 1.0 / inst.reference_kg, 1.0 / inst.reference_m3, inst.floor
    limit, rest = inst.drive_limit_ms, inst.drive_rest_ms
    trip_vehicle, trip_depot, trip_first, following = (
        work.trip_vehicle,
        work.trip_depot,
        work.trip_first,
        work.following,
    )
    trip_size, site, free, driven, done = work.trip_size, work.site, work.free, work.driven, work.done
    dock_times, dock_count, site_times, site_count = work.dock_times, work.dock_count, work.site_times, work.site_count
    length_km = inst.way_km
    km = 0.0

    trips = gather_trips(
        order, vehicle, depot, join, goods_kg, goods_m3, inst.vehicle_kg, inst.vehicle_m3, trip_vehicle, trip_depot,
        trip_first, work.trip_last, trip_size, work.trip_of, following, work.last_trip,
    )  # fmt: skip
    site[:] = vehicle_site
    free[:] = vehicle_ready
    driven[:] = 0
    dock_count[:] = 0
    site_count[:] = 0
    for k in range(len(dock_busy)):
        d = dock_busy[k, 0]
        _insert(dock_times, d, dock_count[d], dock_busy[k, 1], dock_busy[k, 2])
        dock_count[d] += 1
    for k in range(len(site_busy)):
        s = site_busy[k, 0]
        _insert(site_times, s, site_count[s], site_busy[k, 1], site_busy[k, 2])
        site_count[s] += 1
    needed, items = work.needed, released.shape[1]
    by_and_by = len(release_unit) > 0
    if by_and_by:
        for r in range(len(release_unit)):
            book_count[r] = known_count[r]
            book_total[r] = known_total[r]
            for k in range(known_count[r]):
                book[r, k, 0] = known[r, k, 0]
                book[r, k, 1] = known[r, k, 1]
                book[r, k, 2] = known[r, k, 2]
    driving = 0
    for t in range(trips):
        v = trip_vehicle[t]
        d = trip_depot[t]
        of = vehicle_class[v]
        # to the depot
        at = arrive(sites, way_first, way_start, way_arrive, way_cap, way_rate, of, site[v], depot_site[d], free[v])
        awake = driven[v] + at - free[v]
        if at < NEVER and awake > limit:
            at += rest
            awake -= limit
        ready = max(at, depot_open[d])
        c = trip_first[t]
        while c >= 0:
            ready = max(ready, goods_release[c])
            c = following[c]
        if by_and_by:
            opened = ready
            for i in range(items):
                needed[i] = 0
                if released[d, i] >= 0:
                    c = trip_first[t]
                    while c >= 0:
                        needed[i] += goods_items[c, i]
                        c = following[c]
                    if needed[i] > 0:
                        there = earliest_ms(release_first, release_ms, release_unit, book_count, book_total, book,
                                            released[d, i], needed[i], opened)  # fmt: skip
                        ready = max(ready, there)
        now = NEVER
        if ready < end_ms:
            share = max(trip_size[t, 0] * per_kg, trip_size[t, 1] * per_m3)
            duration = 0 if share <= 0 else int(np.ceil(loading_ms * max(share, floor) - 1e-6))
            best, dock = NEVER, -1
            for k in range(dock_first[d], dock_first[d + 1]):
                start = _gap(dock_times, k, dock_count[k], ready, duration)
                if start < best:
                    best, dock = start, k
            if duration > 0:
                _insert(dock_times, dock, dock_count[dock], best, best + duration)
                dock_count[dock] += 1
            if by_and_by:
                for i in range(items):
                    if needed[i] > 0:
                        reserve(release_first, release_ms, release_unit, book_count, book_total, book, released[d, i],
                                needed[i], best)  # fmt: skip
            now = best + duration + convoy_ms
            if now - at >= rest:
                awake = 0
        # to the stops
        here = depot_site[d]
        carried = False
        trip_km = length_km[of, site[v], here]
        c = trip_first[t]
        while c >= 0:
            s = goods_site[c]
            last = c
            weight_kg, volume_m3 = goods_kg[c], goods_m3[c]
            while following[last] >= 0 and goods_site[following[last]] == s:
                last = following[last]
                weight_kg += goods_kg[last]
                volume_m3 += goods_m3[last]
            finish = NEVER
            if now < NEVER:
                at = arrive(sites, way_first, way_start, way_arrive, way_cap, way_rate, of, here, s, now)
                if at < NEVER:
                    awake += at - now
                    if awake > limit:
                        at += rest
                        awake -= limit
                    share = max(weight_kg * per_kg, volume_m3 * per_m3)
                    duration = 0 if share <= 0 else int(np.ceil(unloading_ms * max(share, floor) - 1e-6))
                    start = _gap(site_times, s, site_count[s], at, duration)
                    finish = start + duration
                    if finish > end_ms:
                        finish = NEVER
                        now = NEVER
                    else:
                        if duration > 0:
                            _insert(site_times, s, site_count[s], start, finish)
                            site_count[s] += 1
                        if finish - at >= rest:
                            awake = 0
                        driving += at - now
                        trip_km += length_km[of, here, s]
                        now = finish
                        here = s
                        free[v] = finish
                        carried = True
            while c != last:
                done[c] = finish
                c = following[c]
            done[last] = finish
            c = following[last]
        if carried:
            site[v] = here
            driven[v] = awake
            km += trip_km
    work.km[0] = km
    return driving


@nb.njit(cache=True)
def weigh(inst, work, driving, parts, levels):  # type: ignore[no-untyped-def]
    """Fill the levels of the timetable made last; return its energy (``parts``: weights of what it is made of)."""
    done, complete, task, task_first = work.done, work.complete, inst.task, inst.task_first
    complete[:] = inst.complete_before
    left_out = 0.0
    for c in range(len(done)):
        if done[c] >= NEVER:
            left_out += max(inst.goods_kg[c] / inst.reference_kg, inst.goods_m3[c] / inst.reference_m3)
        for k in range(task_first[c], task_first[c + 1]):
            if done[c] > complete[task[k]]:
                complete[task[k]] = done[c]
    people, weight, first_batch, hopeless, reachable = (
        inst.people, inst.weight, inst.first_batch, inst.hopeless, inst.reachable,
    )  # fmt: skip
    promise = float(inst.due_ms - inst.order_ms)
    horizon = float(inst.end_ms - inst.order_ms)
    late = first = rest = tardy = over = 0.0
    t_all = float(inst.t_all_before)
    crowd = 1.0
    for t in range(len(people)):
        time = complete[t]
        never = hopeless[t] or time >= NEVER or time == -NEVER
        since = horizon if never else float(time - inst.order_ms)
        if first_batch[t]:
            crowd += people[t]
            first += weight[t] * since
            if never or time > inst.due_ms:
                late += people[t]
                tardy += people[t] * min(max(since - promise, 0.0), parts[5] * _HOUR_MS)
            if reachable[t]:
                t_all = max(t_all, since)
                over += max(since - parts[6], 0.0)
        else:
            rest += weight[t] * since
    levels[0] = late
    levels[1] = t_all
    levels[2] = first
    levels[3] = rest
    levels[4] = left_out
    levels[5] = work.km[0]
    return (
        late
        + (
            parts[0] * tardy
            + parts[1] * crowd * max(t_all - parts[6], 0.0)
            + parts[7] * over
            + parts[2] * (first + rest)
            + parts[4] * driving
        )
        / _HOUR_MS
        + parts[3] * crowd * left_out
    )


def timetable(instance: DispatchInstance, dispatched: Dispatched) -> NDArray[np.int64]:
    """When each consignment is unloaded, ms; ``NEVER`` if it is left out."""
    work = workspace(instance)
    time_trips(instance, work, *dispatched)
    return work.done.copy()
