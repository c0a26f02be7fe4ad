"""A first dispatch: consignments in an order of priority, each by the vehicle that hands it over first, over arrays.

The timetable is that of ``models.dispatch_timetable``, kept up to date consignment by consignment.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.dispatch_instance import Dispatched, DispatchInstance
from models.dispatch_release import earliest_ms, reserve, with_reservations
from models.dispatch_timetable import _gap, _insert, workspace
from models.dispatch_ways import arrive
from models.traversal import NEVER

__all__ = ["first_vehicle_first"]


@nb.njit(cache=True)
def _trial(inst, work, v, d, c, kg, m3):  # type: ignore[no-untyped-def]
    """Dock, its stretch, arrival, unloading and driving since the last rest of one vehicle with one load.

    The load goes where ``c`` goes, is ``kg`` and ``m3`` in all, and takes ``work.needed`` by item.
    The end of unloading is ``NEVER`` if it cannot be.
    """
    ways, of = inst.ways, inst.vehicle_class[v]
    sites, first, begin, reach, cap, rate = ways.sites, ways.first, ways.start, ways.arrive, ways.cap, ways.rate
    s, release = inst.goods_site[c], inst.goods_release[c]
    limit, rest = inst.drive_limit_ms, inst.drive_rest_ms
    at = arrive(sites, first, begin, reach, cap, rate, of, work.site[v], inst.depot_site[d], work.free[v])
    if at >= NEVER:
        return -1, 0, 0, 0, NEVER, 0
    awake = work.driven[v] + at - work.free[v]
    if awake > limit:
        at += rest
        awake -= limit
    ready = max(max(at, inst.depot_open[d]), release)
    opened = ready
    for i in range(inst.released.shape[1]):
        r = inst.released[d, i]
        if r >= 0 and work.needed[i] > 0:
            free = earliest_ms(inst.release_first, inst.release_ms, inst.release_unit, work.book_count, work.book_total,
                               work.book, r, work.needed[i], opened)  # fmt: skip
            ready = max(ready, free)
    share = max(kg / inst.reference_kg, m3 / inst.reference_m3)
    step = 0.0 if share <= 0 else max(share, inst.floor)
    loading = int(np.ceil(inst.loading_ms * step - 1e-6))
    unloading = int(np.ceil(inst.unloading_ms * step - 1e-6))
    best, dock = NEVER, -1
    for k in range(inst.dock_first[d], inst.dock_first[d + 1]):
        start = _gap(work.dock_times, k, work.dock_count[k], ready, loading)
        if start < best:
            best, dock = start, k
    if dock < 0 or ready >= inst.end_ms:
        return -1, 0, 0, 0, NEVER, 0
    now = best + loading + inst.convoy_ms
    if now - at >= rest:
        awake = 0
    there = arrive(sites, first, begin, reach, cap, rate, of, inst.depot_site[d], s, now)
    if there >= NEVER:
        return -1, 0, 0, 0, NEVER, 0
    awake += there - now
    if awake > limit:
        there += rest
        awake -= limit
    start = _gap(work.site_times, s, work.site_count[s], there, unloading)
    finish = start + unloading
    if finish > inst.end_ms:
        finish = NEVER
    if finish - there >= rest:
        awake = 0
    return dock, best, best + loading, start, finish, awake


@nb.njit(cache=True)
def _send(inst, work, priority, fill, order, vehicle, depot, join):  # type: ignore[no-untyped-def]
    """Fill the dispatch; ``depot`` is given."""
    work.site[:] = inst.vehicle_site
    work.free[:] = inst.vehicle_ready
    work.driven[:] = 0
    work.dock_count[:] = 0
    work.site_count[:] = 0
    for k in range(len(inst.dock_busy)):
        d = inst.dock_busy[k, 0]
        _insert(work.dock_times, d, work.dock_count[d], inst.dock_busy[k, 1], inst.dock_busy[k, 2])
        work.dock_count[d] += 1
    for k in range(len(inst.site_busy)):
        s = inst.site_busy[k, 0]
        _insert(work.site_times, s, work.site_count[s], inst.site_busy[k, 1], inst.site_busy[k, 2])
        work.site_count[s] += 1
    with_reservations(inst.release_first, inst.release_ms, inst.release_unit, work.book_count, work.book_total,
                      work.book, inst.release_taken)  # fmt: skip
    n = len(priority)
    sent = np.zeros(n, np.bool_)
    at = 0
    for i in range(n):
        c = priority[i]
        if sent[c]:
            continue
        d, s = depot[c], inst.goods_site[c]
        kg, m3 = inst.goods_kg[c], inst.goods_m3[c]
        best, chosen = NEVER + 1, -1
        work.needed[:] = inst.goods_items[c]
        for v in range(len(inst.vehicle_kg)):
            if kg > inst.vehicle_kg[v] + 1e-6 or m3 > inst.vehicle_m3[v] + 1e-9 or work.free[v] >= best:
                continue
            finish = _trial(inst, work, v, d, c, kg, m3)[4]
            if finish < best or (finish == best and inst.vehicle_kg[v] < inst.vehicle_kg[chosen]):
                best, chosen = finish, v
        if chosen < 0:
            chosen = int(np.argmax(inst.vehicle_kg))
        sent[c] = True
        order[at], vehicle[c], join[c] = c, chosen, False
        at += 1
        if fill:
            for j in range(i + 1, n):
                o = priority[j]
                if (
                    not sent[o]
                    and depot[o] == d
                    and inst.goods_site[o] == s
                    and inst.goods_release[o] <= inst.goods_release[c]
                    and kg + inst.goods_kg[o] <= inst.vehicle_kg[chosen] + 1e-6
                    and m3 + inst.goods_m3[o] <= inst.vehicle_m3[chosen] + 1e-9
                ):
                    sent[o] = True
                    work.needed[:] += inst.goods_items[o]
                    order[at], vehicle[o], join[o] = o, chosen, True
                    at += 1
                    kg += inst.goods_kg[o]
                    m3 += inst.goods_m3[o]
        dock, begin, end, start, finish, awake = _trial(inst, work, chosen, d, c, kg, m3)
        if finish >= NEVER:
            continue
        for k in range(inst.released.shape[1]):
            if inst.released[d, k] >= 0 and work.needed[k] > 0:
                reserve(inst.release_first, inst.release_ms, inst.release_unit, work.book_count, work.book_total,
                        work.book, inst.released[d, k], work.needed[k], begin)  # fmt: skip
        if end > begin:
            _insert(work.dock_times, dock, work.dock_count[dock], begin, end)
            work.dock_count[dock] += 1
        if finish > start:
            _insert(work.site_times, s, work.site_count[s], start, finish)
            work.site_count[s] += 1
        work.site[chosen], work.free[chosen], work.driven[chosen] = s, finish, awake


def first_vehicle_first(
    instance: DispatchInstance, depot: NDArray[np.int64], priority: NDArray[np.int64], fill: bool
) -> Dispatched:
    """Send consignments one after the other, each by the vehicle that completes it first.

    Parameters
    ----------
    instance : DispatchInstance
    depot : int64 array (c,)
        Where each is loaded.
    priority : int64 array (c,)
        Consignments in the order in which they choose.
    fill : bool
        Whether a trip also takes what else goes from its depot to the same site and fits.
    """
    n = len(priority)
    found = Dispatched(np.zeros(n, np.int64), np.zeros(n, np.int64), depot.copy(), np.zeros(n, np.bool_))
    if n and len(instance.vehicle_kg):
        _send(instance, workspace(instance), priority, fill, *found)
    return found
