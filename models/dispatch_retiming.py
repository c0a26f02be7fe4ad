"""The timetable of a dispatch kept up to date change by change: only what a change touches is timed again.

A trip is timed again if it has changed, if a trip before it at its depot or at one of its sites has, or if its vehicle
comes from elsewhere or at another time; where what is timed again comes out as it was, nothing after it is touched. The
times are those of :func:`models.dispatch_timetable.time_trips`.

Kernels that take a ``Schedule`` make no arrays and are compiled without reference counts (``_nrt=False``): to count
those of all its arrays at every call takes ten times as long as what they do.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from models.dispatch_release import earliest_ms, reserve
from models.dispatch_schedule import DEPOTS, MOVED, SITES, TASKS, TIMED
from models.dispatch_timetable import _gap
from models.traversal import NEVER

__all__ = ["enter", "keep", "retime", "seed_depot", "seed_site", "take_back"]


@nb.njit(cache=True, inline="always")
def enter(times, trips, of, count, begin, finish, trip):  # type: ignore[no-untyped-def]
    """Put a stretch and its trip into the sorted calendar ``times[of]``, which holds ``count``."""
    k = count
    while k > 0 and times[of, k - 1, 0] > begin:
        times[of, k, 0] = times[of, k - 1, 0]
        times[of, k, 1] = times[of, k - 1, 1]
        trips[of, k] = trips[of, k - 1]
        k -= 1
    times[of, k, 0] = begin
    times[of, k, 1] = finish
    trips[of, k] = trip


@nb.njit(cache=True, _nrt=False)
def _reopen(plan, times, trips, counts, new_times, new_trips, new_counts, of, since):  # type: ignore[no-untyped-def]
    """Begin a new calendar with what trips before a place in the order have booked."""
    count = 0
    for i in range(counts[of]):
        trip = trips[of, i]
        if trip < 0 or plan.position[trip] < since:
            new_times[of, count, 0] = times[of, i, 0]
            new_times[of, count, 1] = times[of, i, 1]
            new_trips[of, count] = trip
            count += 1
    new_counts[of] = count


@nb.njit(cache=True, _nrt=False)
def _reopen_depot(inst, plan, d, since):  # type: ignore[no-untyped-def]
    """Begin new calendars of a depot with what trips before a place in the order have booked."""
    for k in range(inst.dock_first[d], inst.dock_first[d + 1]):
        _reopen(plan, plan.dock_times, plan.dock_trip, plan.dock_count, plan.new_dock_times, plan.new_dock_trip,
                plan.new_dock_count, k, since)  # fmt: skip
    for item in range(inst.released.shape[1]):
        r = inst.released[d, item]
        if r < 0:
            continue
        count = total = freed = 0
        for i in range(plan.book_count[r]):
            trip = plan.book_trip[r, i]
            if trip < 0 or plan.position[trip] < since:
                plan.new_book[r, count, 0] = plan.book[r, i, 0]
                plan.new_book[r, count, 1] = plan.book[r, i, 1]
                plan.new_book[r, count, 2] = plan.book[r, i, 2] + freed
                plan.new_book_trip[r, count] = trip
                total += plan.book[r, i, 1]
                count += 1
            else:
                freed += plan.book[r, i, 1]
        plan.new_book_count[r] = count
        plan.new_book_total[r] = total


@nb.njit(cache=True, _nrt=False)
def _reopen_site(plan, s, since):  # type: ignore[no-untyped-def]
    """Begin a new calendar of a site with what trips before a place in the order have booked."""
    _reopen(plan, plan.site_times, plan.site_trip, plan.site_count, plan.new_site_times, plan.new_site_trip,
            plan.new_site_count, s, since)  # fmt: skip


@nb.njit(cache=True, _nrt=False)
def seed_depot(plan, d, since):  # type: ignore[no-untyped-def]
    """Have a depot timed anew from a place in the order on."""
    if plan.depot_from[d] == len(plan.position):
        plan.depots[plan.sizes[DEPOTS]] = d
        plan.sizes[DEPOTS] += 1
    plan.depot_from[d] = min(plan.depot_from[d], since)


@nb.njit(cache=True, _nrt=False)
def seed_site(plan, s, since):  # type: ignore[no-untyped-def]
    """Have a site timed anew from a place in the order on."""
    if plan.site_from[s] == len(plan.position):
        plan.sites[plan.sizes[SITES]] = s
        plan.sizes[SITES] += 1
    plan.site_from[s] = min(plan.site_from[s], since)
    for i in range(plan.site_goods_first[s], plan.site_goods_first[s + 1]):
        trip = plan.trip[plan.site_goods[i]]
        if plan.position[trip] >= since:
            plan.marked[trip] = 1


@nb.njit(cache=True, inline="always")
def _drive(inst, plan, of, origin, target, depart):  # type: ignore[no-untyped-def]
    """Arrival as by :func:`models.dispatch_ways.arrive`, and length of the way in millionths of a km."""
    if origin == target:
        return depart, 0
    row = (of * inst.ways.sites + origin) * inst.ways.sites + target
    p, last = plan.first[row], plan.first[row + 1] - 1
    while p < last and plan.pieces[p + 1, 0] <= depart:
        p += 1
    reached, length = plan.pieces[p, 1], plan.pieces[p, 3]
    if reached >= NEVER:
        return NEVER, 0
    if length >= 0:
        reached += depart - plan.pieces[p, 0]
    else:
        reached += int(inst.ways.rate[p] * (depart - plan.pieces[p, 0]))
        length = -1 - length
    return min(reached, plan.pieces[p, 2]), length


@nb.njit(cache=True, _nrt=False)
def _load(inst, plan, h, d, at):  # type: ignore[no-untyped-def]
    """Load a trip that comes to its depot at a time; returns dock, start and end (``NEVER`` if it cannot)."""
    ready = max(at, inst.depot_open[d])
    c = h
    while c >= 0:
        ready = max(ready, inst.goods_release[c])
        c = plan.following[c]
    items = inst.released.shape[1] if len(inst.release_unit) else 0
    opened = ready
    for i in range(items):
        plan.needed[i] = 0
        r = inst.released[d, i]
        if r >= 0:
            c = h
            while c >= 0:
                plan.needed[i] += inst.goods_items[c, i]
                c = plan.following[c]
            if plan.needed[i] > 0:
                there = earliest_ms(inst.release_first, inst.release_ms, inst.release_unit, plan.new_book_count,
                                    plan.new_book_total, plan.new_book, r, plan.needed[i], opened)  # fmt: skip
                ready = max(ready, there)
    if ready >= inst.end_ms:
        return -1, 0, NEVER
    share = max(plan.kg[h] * (1.0 / inst.reference_kg), plan.m3[h] * (1.0 / inst.reference_m3))
    duration = 0 if share <= 0 else int(np.ceil(inst.loading_ms * max(share, inst.floor) - 1e-6))
    best, dock = NEVER, -1
    for k in range(inst.dock_first[d], inst.dock_first[d + 1]):
        start = _gap(plan.new_dock_times, k, plan.new_dock_count[k], ready, duration)
        if start < best:
            best, dock = start, k
    if duration > 0:
        enter(plan.new_dock_times, plan.new_dock_trip, dock, plan.new_dock_count[dock], best, best + duration, h)
        plan.new_dock_count[dock] += 1
    for i in range(items):
        if plan.needed[i] > 0:
            r = inst.released[d, i]
            k = plan.new_book_count[r]
            while k > 0 and plan.new_book[r, k - 1, 0] > best:
                plan.new_book_trip[r, k] = plan.new_book_trip[r, k - 1]
                k -= 1
            plan.new_book_trip[r, k] = h
            reserve(inst.release_first, inst.release_ms, inst.release_unit, plan.new_book_count, plan.new_book_total,
                    plan.new_book, r, plan.needed[i], best)  # fmt: skip
    return dock, best, best + duration


@nb.njit(cache=True, _nrt=False)
def _unload(inst, plan, s, place, at, share):  # type: ignore[no-untyped-def]
    """When a load that comes to a site at a time is unloaded: start and end, ``NEVER`` if too late."""
    if plan.site_state[s] == 0:
        _reopen_site(plan, s, min(plan.site_from[s], place))
        plan.site_state[s] = 1 if plan.site_from[s] <= place else 2
    duration = 0 if share <= 0 else int(np.ceil(inst.unloading_ms * max(share, inst.floor) - 1e-6))
    start = _gap(plan.new_site_times, s, plan.new_site_count[s], at, duration)
    return (NEVER, NEVER) if start + duration > inst.end_ms else (start, start + duration)


@nb.njit(cache=True, _nrt=False)
def _time_trip(inst, plan, vehicle, depot, h, place):  # type: ignore[no-untyped-def]
    """Time a trip again, and have timed again what its change touches."""
    limit, rest = inst.drive_limit_ms, inst.drive_rest_ms
    v, d = vehicle[h], depot[h]
    of = inst.vehicle_class[v]
    last = plan.before[h]
    here, free, driven = inst.vehicle_site[v], inst.vehicle_ready[v], 0
    if last >= 0:
        here, free, driven = plan.record[last, 5], plan.record[last, 6], plan.record[last, 7]
    n = plan.sizes[TIMED]
    plan.timed[n] = h
    for k in range(8):
        plan.timed_record[n, k] = plan.record[h, k]
    plan.sizes[TIMED] += 1
    plan.marked[h] = 0
    if plan.depot_state[d] == 0:
        _reopen_depot(inst, plan, d, min(plan.depot_from[d], place))
        plan.depot_state[d] = 1 if plan.depot_from[d] <= place else 2
    door = inst.depot_site[d]
    at, length = _drive(inst, plan, of, here, door, free)
    awake = driven + at - free
    if at < NEVER and awake > limit:
        at += rest
        awake -= limit
    dock, begin, end = _load(inst, plan, h, d, at)
    now = NEVER
    if dock >= 0:
        now = end + inst.convoy_ms
        if now - at >= rest:
            awake = 0
    else:
        begin = end = 0
    record = plan.record
    if plan.depot_state[d] == 2:
        if dock != record[h, 0] or begin != record[h, 1] or end != record[h, 2]:
            plan.depot_state[d] = 1
            seed_depot(plan, d, place)
        else:
            plan.depot_state[d] = 0
    record[h, 0], record[h, 1], record[h, 2] = dock, begin, end
    stands, since, driving, carried = door, now, 0, False
    first_moved = plan.sizes[MOVED]
    c = h
    while c >= 0:
        s = inst.goods_site[c]
        weight_kg, volume_m3 = inst.goods_kg[c], inst.goods_m3[c]
        stop = plan.following[c]
        while stop >= 0 and inst.goods_site[stop] == s:
            weight_kg += inst.goods_kg[stop]
            volume_m3 += inst.goods_m3[stop]
            stop = plan.following[stop]
        begin = finish = NEVER
        if since < NEVER:
            at, leg = _drive(inst, plan, of, stands, s, since)
            if at < NEVER:
                awake += at - since
                if awake > limit:
                    at += rest
                    awake -= limit
                share = max(weight_kg * (1.0 / inst.reference_kg), volume_m3 * (1.0 / inst.reference_m3))
                begin, finish = _unload(inst, plan, s, place, at, share)
                if finish >= NEVER:
                    since = NEVER
                else:
                    if finish > begin:
                        enter(plan.new_site_times, plan.new_site_trip, s, plan.new_site_count[s], begin, finish, h)
                        plan.new_site_count[s] += 1
                    if finish - at >= rest:
                        awake = 0
                    driving += at - since
                    length += leg
                    since, stands, free, carried = finish, s, finish, True
        while c != stop:
            n = plan.sizes[MOVED]
            plan.moved[n] = c
            plan.moved_times[n, 0], plan.moved_times[n, 1] = plan.start[c], plan.done[c]
            plan.sizes[MOVED] += 1
            plan.start[c], plan.done[c] = begin, finish
            c = plan.following[c]
    for n in range(first_moved, plan.sizes[MOVED]):
        c = plan.moved[n]
        s = inst.goods_site[c]
        if plan.start[c] != plan.moved_times[n, 0] or plan.done[c] != plan.moved_times[n, 1]:
            if plan.site_state[s] == 0:
                _reopen_site(plan, s, min(plan.site_from[s], place))
            plan.site_state[s] = 1
            if plan.site_from[s] > place:
                seed_site(plan, s, place)
                plan.marked[h] = 0
    for n in range(first_moved, plan.sizes[MOVED]):
        s = inst.goods_site[plan.moved[n]]
        if plan.site_state[s] == 2:
            plan.site_state[s] = 0
    if carried:
        here, driven = stands, awake
    else:
        driving = length = 0
    if here != record[h, 5] or free != record[h, 6] or driven != record[h, 7]:
        if plan.after[h] >= 0:
            plan.marked[plan.after[h]] = 1
        record[h, 5], record[h, 6], record[h, 7] = here, free, driven
    record[h, 3], record[h, 4] = driving, length


@nb.njit(cache=True, _nrt=False)
def retime(inst, plan, order, vehicle, depot, place):  # type: ignore[no-untyped-def]
    """Time again what is to be, from a place in the order on."""
    for k in range(place, len(order)):
        c = order[k]
        if plan.head[c] and (plan.marked[c] or plan.depot_from[depot[c]] <= k):
            _time_trip(inst, plan, vehicle, depot, c, k)


@nb.njit(cache=True, _nrt=False)
def keep(inst, plan):  # type: ignore[no-untyped-def]
    """Make what was timed again the timetable."""
    for n in range(plan.sizes[DEPOTS]):
        d = plan.depots[n]
        if plan.depot_state[d] == 0:
            _reopen_depot(inst, plan, d, plan.depot_from[d])
        for k in range(inst.dock_first[d], inst.dock_first[d + 1]):
            count = plan.new_dock_count[k]
            plan.dock_count[k] = count
            for i in range(count):
                plan.dock_times[k, i, 0] = plan.new_dock_times[k, i, 0]
                plan.dock_times[k, i, 1] = plan.new_dock_times[k, i, 1]
                plan.dock_trip[k, i] = plan.new_dock_trip[k, i]
        for item in range(inst.released.shape[1]):
            r = inst.released[d, item]
            if r < 0:
                continue
            count = plan.new_book_count[r]
            plan.book_count[r] = count
            for i in range(count):
                plan.book[r, i, 0] = plan.new_book[r, i, 0]
                plan.book[r, i, 1] = plan.new_book[r, i, 1]
                plan.book[r, i, 2] = plan.new_book[r, i, 2]
                plan.book_trip[r, i] = plan.new_book_trip[r, i]
    for n in range(plan.sizes[SITES]):
        s = plan.sites[n]
        if plan.site_state[s] == 0:
            _reopen_site(plan, s, plan.site_from[s])
        count = plan.new_site_count[s]
        plan.site_count[s] = count
        for i in range(count):
            plan.site_times[s, i, 0] = plan.new_site_times[s, i, 0]
            plan.site_times[s, i, 1] = plan.new_site_times[s, i, 1]
            plan.site_trip[s, i] = plan.new_site_trip[s, i]
    _close(plan)


@nb.njit(cache=True, _nrt=False)
def take_back(plan):  # type: ignore[no-untyped-def]
    """Forget what was timed again."""
    for n in range(plan.sizes[TIMED]):
        for k in range(8):
            plan.record[plan.timed[n], k] = plan.timed_record[n, k]
    for n in range(plan.sizes[MOVED]):
        c = plan.moved[n]
        plan.start[c], plan.done[c] = plan.moved_times[n, 0], plan.moved_times[n, 1]
    for n in range(plan.sizes[TASKS]):
        plan.complete[plan.tasks[n]] = plan.tasks_complete[n]
    for k in range(len(plan.totals)):
        plan.totals[k] = plan.totals_before[k]
    _close(plan)


@nb.njit(cache=True, _nrt=False)
def _close(plan):  # type: ignore[no-untyped-def]
    for n in range(plan.sizes[DEPOTS]):
        d = plan.depots[n]
        plan.depot_from[d] = len(plan.position)
        plan.depot_state[d] = 0
    for n in range(plan.sizes[SITES]):
        s = plan.sites[n]
        plan.site_from[s] = len(plan.position)
        plan.site_state[s] = 0
    plan.sizes[: TASKS + 1] = 0
