"""Random changes of a dispatch, made in a timetable that is kept up to date, and taken back."""

from __future__ import annotations

import numba as nb

from models.dispatch_release import with_reservations
from models.dispatch_retiming import enter, keep, retime, seed_depot, seed_site, take_back
from models.dispatch_schedule import FLEET, OWN, TIMED, TOUCHED
from models.dispatch_totals import value
from models.traversal import NEVER

__all__ = ["begin", "change", "last_done", "undo"]

_WORST = 0.1
"""Share of the changes that start from what is handed over last."""

_CLOSE = 0.5
"""Share of the changes of two consignments, one drawn at random, for which the other is drawn from those close by."""


@nb.njit(cache=True, _nrt=False)
def last_done(done):  # type: ignore[no-untyped-def]
    """Consignment that is handed over last; -1 if none is."""
    found, time = -1, -1
    for c in range(len(done)):
        if time < done[c] < NEVER:
            found, time = c, done[c]
    return found


@nb.njit(cache=True, _nrt=False)
def _move_to(plan, order, i, j):  # type: ignore[no-untyped-def]
    """Take what stands at ``i`` to ``j``."""
    moved = order[i]
    if i < j:
        for k in range(i, j):
            order[k] = order[k + 1]
            plan.position[order[k]] = k
    else:
        for k in range(i, j, -1):
            order[k] = order[k - 1]
            plan.position[order[k]] = k
    order[j] = moved
    plan.position[moved] = j


@nb.njit(cache=True, _nrt=False)
def _swap(plan, order, i, j):  # type: ignore[no-untyped-def]
    """Let two change places."""
    a, b = order[i], order[j]
    order[i], order[j] = b, a
    plan.position[b], plan.position[a] = i, j


@nb.njit(cache=True, inline="always")
def _touch(plan, c, v, d, joins):  # type: ignore[no-untyped-def]
    """Note what a consignment is to get: vehicle, depot, and whether it joins."""
    n = plan.sizes[TOUCHED]
    plan.touched[n] = c
    plan.touched_to[n, 0], plan.touched_to[n, 1], plan.touched_to[n, 2] = v, d, joins
    plan.sizes[TOUCHED] = n + 1


@nb.njit(cache=True, _nrt=False)
def _there(inst, plan, c, d):  # type: ignore[no-untyped-def]
    """Whether a consignment can be loaded at another depot."""
    if not inst.goods_depots[c, d]:
        return False
    enough = True
    for k in range(inst.stock.shape[1]):
        enough &= inst.goods_items[c, k] <= plan.left[d, k]
    return enough


@nb.njit(cache=True, _nrt=False)
def _both_there(inst, plan, depot, c, other):  # type: ignore[no-untyped-def]
    """Whether each of two consignments can be loaded at the other's depot."""
    a, b = depot[c], depot[other]
    if not inst.goods_depots[c, b] or not inst.goods_depots[other, a]:
        return False
    for k in range(inst.stock.shape[1]):
        more = inst.goods_items[c, k] - inst.goods_items[other, k]
        if more > plan.left[b, k] or -more > plan.left[a, k]:
            return False
    return True


@nb.njit(cache=True, _nrt=False)
def _draw(inst, plan, rng, order, vehicle, depot, join, worst):  # type: ignore[no-untyped-def]
    """Draw a change: whether it applies, whether the order changes (1: one moves, 2: two swap), from and to where."""
    n = len(order)
    kg, m3, room_kg, room_m3 = inst.goods_kg, inst.goods_m3, inst.vehicle_kg, inst.vehicle_m3
    plan.sizes[TOUCHED] = 0
    kind = int(rng.random() * 11)
    i = int(rng.random() * n)
    j = int(rng.random() * n)
    if worst >= 0 and rng.random() < _WORST:
        i = plan.position[worst]
    c = order[i]
    if kind == 6 or kind == 10 or (kind in (1, 2, 3, 5, 9) and rng.random() < _CLOSE):
        j = plan.position[plan.near[c, int(rng.random() * plan.near.shape[1])]]
    other = order[j]
    v = int(rng.random() * len(room_kg))
    if kind == 0:
        # another vehicle
        if v == vehicle[c] or kg[c] > room_kg[v] + 1e-6 or m3[c] > room_m3[v] + 1e-9:
            return False, 0, i, j
        _touch(plan, c, v, depot[c], 0)
        return True, 0, i, j
    if kind <= 2:
        # 1: earlier or later in the order of dispatch; 2: two change places in it
        return i != j, kind, i, j
    if kind == 3 or kind == 9:
        # two change vehicles; 9: everything, depot, vehicle, and place in the order
        a, b = vehicle[c], vehicle[other]
        if (a == b if kind == 3 else i == j) or kg[c] > room_kg[b] + 1e-6 or m3[c] > room_m3[b] + 1e-9:
            return False, 0, i, j
        if kg[other] > room_kg[a] + 1e-6 or m3[other] > room_m3[a] + 1e-9:
            return False, 0, i, j
        if kind == 3:
            _touch(plan, c, b, depot[c], join[c])
            _touch(plan, other, a, depot[other], join[other])
            return True, 0, i, j
        if not _both_there(inst, plan, depot, c, other):
            return False, 0, i, j
        _touch(plan, c, b, depot[other], join[other])
        _touch(plan, other, a, depot[c], join[c])
        return True, 2, i, j
    if kind == 4:
        _touch(plan, c, vehicle[c], depot[c], 1 - int(join[c]))
        return True, 0, i, j
    if kind <= 6 or kind == 10:
        # next to another, on its vehicle and from its depot; mostly one of the same site or close by
        w = vehicle[other]
        if i == j or kg[c] > room_kg[w] + 1e-6 or m3[c] > room_m3[w] + 1e-9:
            return False, 0, i, j
        if depot[c] != depot[other] and not _there(inst, plan, c, depot[other]):
            return False, 0, i, j
        _touch(plan, c, w, depot[other], 1)
        return True, 1, i, j if i < j else min(j + 1, n - 1)
    if kind == 7:
        # a whole trip by another vehicle
        t = plan.trip[c]
        if v == vehicle[c] or plan.kg[t] > room_kg[v] or plan.m3[t] > room_m3[v]:
            return False, 0, i, j
        while t >= 0:
            _touch(plan, t, v, depot[t], join[t])
            t = plan.following[t]
        return True, 0, i, j
    # from another depot
    d = int(rng.random() * len(inst.depot_site))
    if d == depot[c] or not _there(inst, plan, c, d):
        return False, 0, i, j
    _touch(plan, c, vehicle[c], d, 0)
    return True, 0, i, j


@nb.njit(cache=True, _nrt=False)
def _gather(inst, plan, vehicle, depot, join):  # type: ignore[no-untyped-def]
    """Gather what the vehicles touched carry into trips, in order of dispatch."""
    own, count = plan.own, plan.sizes[OWN]
    for n in range(1, count):
        c = own[n]
        k = n
        while k > 0 and plan.position[own[k - 1]] > plan.position[c]:
            own[k] = own[k - 1]
            k -= 1
        own[k] = c
    for n in range(plan.sizes[FLEET]):
        plan.first_own[plan.fleet[n]] = plan.last_own[plan.fleet[n]] = -1
    for n in range(count):
        c = own[n]
        v = vehicle[c]
        p = plan.last_own[v]
        h = plan.trip[p] if p >= 0 else -1
        if p < 0:
            plan.first_own[v] = c
        else:
            plan.next_own[p] = c
        plan.next_own[c] = plan.following[c] = -1
        if (
            join[c]
            and h >= 0
            and depot[h] == depot[c]
            and plan.kg[h] + inst.goods_kg[c] <= inst.vehicle_kg[v] + 1e-6
            and plan.m3[h] + inst.goods_m3[c] <= inst.vehicle_m3[v] + 1e-9
        ):
            plan.following[p] = c
            plan.kg[h] += inst.goods_kg[c]
            plan.m3[h] += inst.goods_m3[c]
            plan.trip[c], plan.head[c] = h, 0
        else:
            plan.trip[c], plan.head[c] = c, 1
            plan.kg[c], plan.m3[c] = inst.goods_kg[c], inst.goods_m3[c]
            plan.before[c], plan.after[c] = h, -1
            if h >= 0:
                plan.after[h] = c
        plan.last_own[v] = c


@nb.njit(cache=True, _nrt=False)
def _involve(plan, depot, v):  # type: ignore[no-untyped-def]
    """Note what a vehicle carries, as it is before the change."""
    for n in range(plan.sizes[FLEET]):
        if plan.fleet[n] == v:
            return
    plan.fleet[plan.sizes[FLEET]] = v
    plan.sizes[FLEET] += 1
    c = plan.first_own[v]
    while c >= 0:
        n = plan.sizes[OWN]
        plan.own[n], plan.own_at[c] = c, n
        plan.own_was[n, 0], plan.own_was[n, 1], plan.own_was[n, 2] = plan.following[c], plan.head[c], plan.before[c]
        plan.own_was[n, 3], plan.own_was[n, 4] = depot[c], v
        plan.sizes[OWN] = n + 1
        c = plan.next_own[c]


@nb.njit(cache=True, _nrt=False)
def _same_trip(plan, h):  # type: ignore[no-untyped-def]
    """Whether a trip has the consignments that it had."""
    c = h
    while c >= 0:
        if plan.following[c] != plan.own_was[plan.own_at[c], 0]:
            return False
        c = plan.following[c]
    return True


@nb.njit(cache=True, _nrt=False)
def _seed(inst, plan, order, vehicle, depot, op, i, j):  # type: ignore[no-untyped-def]
    """Have timed again what the change touches; returns the first place in the order of that."""
    first = len(order)
    for n in range(plan.sizes[OWN]):
        c = plan.own[n]
        at = plan.own_at[c]
        moved = op > 0 and (c == order[j] or (op == 2 and c == order[i]))
        place = min(i, j) if moved else plan.position[c]
        same = (
            plan.head[c] == 1
            and plan.own_was[at, 1] == 1
            and not moved
            and depot[c] == plan.own_was[at, 3]
            and vehicle[c] == plan.own_was[at, 4]
        )
        if same and _same_trip(plan, c):
            if plan.before[c] != plan.own_was[at, 2]:
                plan.marked[c] = 1
                first = min(first, place)
            continue
        if plan.head[c] == 1:
            plan.marked[c] = 1
            first = min(first, place)
            seed_depot(plan, depot[c], place)
            k = c
            while k >= 0:
                seed_site(plan, inst.goods_site[k], place)
                k = plan.following[k]
        if plan.own_was[at, 1] == 1:
            first = min(first, place)
            seed_depot(plan, plan.own_was[at, 3], place)
            k = c
            while k >= 0:
                seed_site(plan, inst.goods_site[k], place)
                k = plan.own_was[plan.own_at[k], 0]
            if plan.head[c] == 0:
                # its trip is none any more
                k = plan.sizes[TIMED]
                plan.timed[k] = c
                for field in range(8):
                    plan.timed_record[k, field], plan.record[c, field] = plan.record[c, field], 0
                plan.sizes[TIMED] = k + 1
    return first


@nb.njit(cache=True, _nrt=False)
def _assign(inst, plan, vehicle, depot, join):  # type: ignore[no-untyped-def]
    """Let the consignments touched have what they are to get, and note what they had instead."""
    for n in range(plan.sizes[TOUCHED]):
        c = plan.touched[n]
        v, d, joins = plan.touched_to[n, 0], plan.touched_to[n, 1], plan.touched_to[n, 2]
        if d != depot[c]:
            for k in range(inst.stock.shape[1]):
                plan.left[d, k] -= inst.goods_items[c, k]
                plan.left[depot[c], k] += inst.goods_items[c, k]
        plan.touched_to[n, 0], plan.touched_to[n, 1], plan.touched_to[n, 2] = vehicle[c], depot[c], int(join[c])
        vehicle[c], depot[c], join[c] = v, d, joins == 1


@nb.njit(cache=True, _nrt=False)
def change(inst, plan, rng, order, vehicle, depot, join, worst):  # type: ignore[no-untyped-def]
    """Make one random change and time it; whether it applies, how the order changes, from and to where."""
    able, op, i, j = _draw(inst, plan, rng, order, vehicle, depot, join, worst)
    if not able:
        return False, op, i, j
    plan.sizes[OWN] = plan.sizes[FLEET] = 0
    for n in range(plan.sizes[TOUCHED]):
        _involve(plan, depot, vehicle[plan.touched[n]])
        _involve(plan, depot, plan.touched_to[n, 0])
    if op > 0:
        _involve(plan, depot, vehicle[order[i]])
    if op == 2:
        _involve(plan, depot, vehicle[order[j]])
    if op == 1:
        _move_to(plan, order, i, j)
    elif op == 2:
        _swap(plan, order, i, j)
    _assign(inst, plan, vehicle, depot, join)
    _gather(inst, plan, vehicle, depot, join)
    retime(inst, plan, order, vehicle, depot, _seed(inst, plan, order, vehicle, depot, op, i, j))
    return True, op, i, j


@nb.njit(cache=True, _nrt=False)
def undo(inst, plan, order, vehicle, depot, join, op, i, j):  # type: ignore[no-untyped-def]
    """Take the change made last back."""
    _assign(inst, plan, vehicle, depot, join)
    if op == 1:
        _move_to(plan, order, j, i)
    elif op == 2:
        _swap(plan, order, i, j)
    _gather(inst, plan, vehicle, depot, join)
    take_back(plan)


@nb.njit(cache=True, _nrt=False)
def begin(inst, plan, order, vehicle, depot, join, parts, levels):  # type: ignore[no-untyped-def]
    """Time a dispatch in a schedule made for its instance; returns its energy."""
    plan.dock_count[:] = 0
    plan.site_count[:] = 0
    for d in range(inst.stock.shape[0]):
        for item in range(inst.stock.shape[1]):
            plan.left[d, item] = inst.stock[d, item]
    for c in range(len(order)):
        for field in range(8):
            plan.record[c, field] = 0
    for k in range(len(inst.dock_busy)):
        d = inst.dock_busy[k, 0]
        _book(plan.dock_times, plan.dock_trip, plan.dock_count, d, inst.dock_busy[k, 1], inst.dock_busy[k, 2])
    for k in range(len(inst.site_busy)):
        s = inst.site_busy[k, 0]
        _book(plan.site_times, plan.site_trip, plan.site_count, s, inst.site_busy[k, 1], inst.site_busy[k, 2])
    with_reservations(inst.release_first, inst.release_ms, inst.release_unit, plan.book_count, plan.book_total,
                      plan.book, inst.release_taken)  # fmt: skip
    plan.book_trip[:] = -1
    n = len(order)
    for k in range(n):
        c = order[k]
        plan.position[c] = k
        plan.own[k] = c
        for item in range(inst.stock.shape[1]):
            plan.left[depot[c], item] -= inst.goods_items[c, item]
    plan.sizes[OWN], plan.sizes[FLEET] = n, len(plan.fleet)
    for v in range(len(plan.fleet)):
        plan.fleet[v] = v
    _gather(inst, plan, vehicle, depot, join)
    for d in range(len(inst.depot_site)):
        seed_depot(plan, d, 0)
    for s in range(len(plan.site_from)):
        seed_site(plan, s, 0)
    plan.start[:] = -NEVER
    plan.done[:] = -NEVER
    retime(inst, plan, order, vehicle, depot, 0)
    energy = value(inst, plan, parts, levels, True)
    keep(inst, plan)
    return energy


@nb.njit(cache=True, _nrt=False)
def _book(times, trips, count, of, begin, finish):  # type: ignore[no-untyped-def]
    """Put what is booked beforehand into a calendar."""
    enter(times, trips, of, count[of], begin, finish, -1)
    count[of] += 1
