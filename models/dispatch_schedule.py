"""A timetable as arrays that can be changed step by step, and the space to make and take back a change in.

See :mod:`models.dispatch_retiming`, which keeps it up to date.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.dispatch_instance import DispatchInstance

__all__ = [
    "DEPOTS",
    "FLEET",
    "MILLION",
    "MOVED",
    "OWN",
    "SITES",
    "TASKS",
    "TIMED",
    "TOUCHED",
    "Schedule",
    "empty_schedule",
]

MILLION = 1e6
"""Kilometres and truckloads are added up as whole millionths, so that no order of adding changes a sum."""

DEPOTS, SITES, TIMED, MOVED, TASKS, TOUCHED, OWN, FLEET = range(8)
"""Where ``Schedule.sizes`` has the lengths of which list."""

_FINEST, _BITS = 10, 61
"""People are added up as whole parts of 2 to this power, coarser where sums would need more than so many bits."""

_NEIGHBOURS = 10
"""Others that count as close by, as in granular search (Toth and Vigo 2003)."""

Ints = NDArray[np.int64]


class Schedule(NamedTuple):
    """A timetable and the change being made; a trip goes by the number of its first consignment.

    Attributes
    ----------
    first, pieces : int64 arrays
        Driving as of ``Ways``, side by side: start, arrival, cap, and the length in millionths of a km, or -1 less that
        where the rate is not 1.
    position, following, next_own, trip, head : int64 arrays (c,)
        Place in the order; next consignment of the trip, and of the vehicle (-1: none); trip; 1 where a trip begins.
    before, after : int64 arrays (c,)
        Trips of the same vehicle before and after a trip; -1: none.
    kg, m3 : float64 arrays (c,)
        Size of a trip.
    record : int64 array (c, 8)
        Of a trip: dock (-1: none), start and end of loading, ms driven loaded, length in millionths of a km; site, time
        and ms driven since the last rest once it is over.
    start, done : int64 arrays (c,)
        Unloading; ``NEVER`` if it is left out.
    first_own, last_own : int64 arrays (v,)
    dock_times, dock_trip, dock_count, site_times, site_trip, site_count, book, book_trip, book_count, book_total
        Calendars of docks and sites, and reservations of stock released by and by, each with the trips that the entries
        are of (-1: booked beforehand); with ``new_``: the ones being made.
    depot_from, site_from : int64 arrays
        Place in the order from which on a depot or site is timed anew; c: it is not.
    depot_state, site_state : int64 arrays
        0: stands as it was; 1: a new calendar is being made; 2: is made for one trip only, so far.
    marked : int64 array (c,)
        1 for trips to be timed again.
    complete : int64 array (t,)
    people, weight, share : int64 arrays
        People and weights of tasks times ``scale``; truckloads of consignments in millionths.
    totals : int64 array (9,)
        Late, tardy, over, first batch, rest, T_all, truckloads left out, driven loaded, length.
    needed, left : int64 arrays
        Units of a load; units left by depot and item.
    site_goods_first, site_goods, task_goods_first, task_goods : int64 arrays
        Consignments of each site and of each task.
    near : int64 array (c, k)
        Of each consignment the others for the same site and for sites close by.
    sizes : int64 array (8,)
        Lengths of the lists that follow.
    crowd : float
        One more than all people of first batches.
    depots, sites, timed, timed_record, moved, moved_times, tasks, tasks_complete, touched, touched_to, own, own_was,
    own_at, fleet
        What a change has touched, with what was there.
    """

    first: Ints
    pieces: Ints
    position: Ints
    following: Ints
    next_own: Ints
    trip: Ints
    head: Ints
    before: Ints
    after: Ints
    kg: NDArray[np.float64]
    m3: NDArray[np.float64]
    record: Ints
    start: Ints
    done: Ints
    first_own: Ints
    last_own: Ints
    dock_times: Ints
    dock_trip: Ints
    dock_count: Ints
    new_dock_times: Ints
    new_dock_trip: Ints
    new_dock_count: Ints
    site_times: Ints
    site_trip: Ints
    site_count: Ints
    new_site_times: Ints
    new_site_trip: Ints
    new_site_count: Ints
    book: Ints
    book_trip: Ints
    book_count: Ints
    book_total: Ints
    new_book: Ints
    new_book_trip: Ints
    new_book_count: Ints
    new_book_total: Ints
    depot_from: Ints
    site_from: Ints
    depot_state: Ints
    site_state: Ints
    marked: Ints
    complete: Ints
    people: Ints
    weight: Ints
    share: Ints
    totals: Ints
    needed: Ints
    left: Ints
    site_goods_first: Ints
    site_goods: Ints
    task_goods_first: Ints
    task_goods: Ints
    near: Ints
    sizes: Ints
    depots: Ints
    sites: Ints
    timed: Ints
    timed_record: Ints
    moved: Ints
    moved_times: Ints
    tasks: Ints
    tasks_complete: Ints
    task_seen: Ints
    totals_before: Ints
    touched: Ints
    touched_to: Ints
    own: Ints
    own_was: Ints
    own_at: Ints
    fleet: Ints
    scale: float
    crowd: float


def empty_schedule(instance: DispatchInstance) -> Schedule:
    """Make the space for an instance, with nothing dispatched."""
    c, v, t = len(instance.goods_site), len(instance.vehicle_site), len(instance.people)
    docks, sites, depots = int(instance.dock_first[-1]), instance.ways.sites, len(instance.depot_site)
    rows, entries = len(instance.release_unit), c + len(instance.release_taken)

    def ints(*shape: int) -> Ints:
        return np.zeros(shape, dtype=np.int64)

    def sums(counts: Ints) -> Ints:
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def whole(amounts: NDArray[np.float64], times: float) -> Ints:
        rounded: Ints = np.rint(amounts * times).astype(np.int64)
        return rounded

    at_site = np.bincount(instance.goods_site, minlength=sites)
    busy = np.bincount(instance.site_busy[:, 0], minlength=sites)
    widest, slots = int((at_site + busy).max(initial=0)), c + len(instance.dock_busy)
    owner = np.repeat(np.arange(c), np.diff(instance.task_first)).astype(np.int64)
    horizon = float(max(1, instance.end_ms - instance.order_ms, instance.t_all_before))
    largest = max(1.0, float(instance.people.sum()), float(instance.weight.sum())) * horizon
    scale = 2.0 ** min(_FINEST, _BITS - int(np.ceil(np.log2(largest))))
    share = np.maximum(instance.goods_kg / instance.reference_kg, instance.goods_m3 / instance.reference_m3)
    by_site, by_task = (np.argsort(of, kind="stable").astype(np.int64) for of in (instance.goods_site, instance.task))

    made: dict[str, Any] = {}
    for name, many, width, each in (("dock", docks, slots, 2), ("site", sites, widest, 2), ("book", rows, entries, 3)):
        for of in (name, f"new_{name}"):
            made[of if name == "book" else f"{of}_times"] = ints(many, width, each)
            made[f"{of}_trip"], made[f"{of}_count"] = ints(many, width), ints(many)
    return Schedule(
        first=instance.ways.first, pieces=_side_by_side(instance), position=ints(c), following=ints(c),
        next_own=ints(c), trip=ints(c), head=ints(c), before=ints(c), after=ints(c), kg=np.zeros(c), m3=np.zeros(c),
        record=ints(c, 8), start=ints(c), done=ints(c), first_own=ints(v), last_own=ints(v), **made,
        book_total=ints(rows), new_book_total=ints(rows), depot_from=np.full(depots, c), site_from=np.full(sites, c),
        depot_state=ints(depots), site_state=ints(sites), marked=ints(c), complete=ints(t),
        people=whole(instance.people, scale), weight=whole(instance.weight, scale), share=whole(share, MILLION),
        totals=ints(9), needed=ints(instance.stock.shape[1]), left=instance.stock.copy(),
        site_goods_first=sums(at_site), site_goods=by_site,
        task_goods_first=sums(np.bincount(instance.task, minlength=t)), task_goods=owner[by_task], near=_near(instance),
        sizes=ints(8),
        depots=ints(depots), sites=ints(sites), timed=ints(c), timed_record=ints(c, 8), moved=ints(c),
        moved_times=ints(c, 2), tasks=ints(t), tasks_complete=ints(t), task_seen=ints(t), totals_before=ints(9),
        touched=ints(c), touched_to=ints(c, 3), own=ints(c), own_was=ints(c, 5), own_at=ints(c), fleet=ints(v),
        scale=scale, crowd=1.0 + float(instance.people[instance.first_batch].sum()),
    )  # fmt: skip


def _side_by_side(instance: DispatchInstance) -> Ints:
    """Pieces of the ways, each in one row."""
    ways = instance.ways
    length = np.rint(instance.way_km * MILLION).astype(np.int64).reshape(-1)
    pieces = np.empty((len(ways.start), 4), dtype=np.int64)
    pieces[:, 0], pieces[:, 1], pieces[:, 2] = ways.start, ways.arrive, ways.cap
    pieces[:, 3] = np.repeat(length, np.diff(ways.first))
    pieces[:, 3] = np.where(ways.rate == 1.0, pieces[:, 3], -1 - pieces[:, 3])
    return pieces


def _near(instance: DispatchInstance) -> Ints:
    """For each consignment the others closest by road, there and back; itself where there are none."""
    km = np.nan_to_num(instance.way_km.min(axis=0), nan=np.inf)
    apart = km + km.T
    at = instance.goods_site
    count = min(_NEIGHBOURS, len(at) - 1)
    result = np.zeros((len(at), max(1, count)), dtype=np.int64)
    for c in range(len(at) if count > 0 else 0):
        far = apart[at[c], at]
        far[c] = np.inf
        others = np.argsort(far, kind="stable")
        result[c] = others[others != c][:count]
    return result
