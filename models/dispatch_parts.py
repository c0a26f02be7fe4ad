"""Large dispatches improved part by part: neighbouring vehicles and their goods are annealed, all others stand.

Decomposition as in Taillard and Voss (2002), "POPMUSIC". A part keeps what the rest has booked of docks and unloading
places, and the times the rest sets for its tasks; an answer is taken over if the whole is no worse by levels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.dispatch_annealing import anneal
from models.dispatch_instance import Dispatched, DispatchInstance
from models.dispatch_timetable import LEVELS, Workspace, time_trips, weigh, workspace
from models.dispatch_ways import nearness
from models.traversal import NEVER

__all__ = ["anneal_parts"]

_IDLE = 8
"""Idle vehicles that a part may use."""

_LATE, _LAST = 0.25, 0.35
"""Shares of the parts that are laid around something late, and around what is handed over last."""

Ints = NDArray[np.int64]


def anneal_parts(
    instance: DispatchInstance,
    start: Dispatched,
    steps: int,
    size: int,
    steps_each: int,
    hot: float,
    cold: float,
    seed: int,
    parts: NDArray[np.float64],
    stop: Callable[[], bool] | None = None,
) -> tuple[Dispatched, NDArray[np.float64]]:
    """Improve a large dispatch.

    Parameters
    ----------
    instance, start, hot, cold, seed, parts, stop
        As of :func:`models.dispatch_annealing.anneal`, for each part.
    steps : int
        Changes tried over all.
    size : int
        Consignments of a part, about.
    steps_each : int
        Changes tried for each consignment of a part.
    """
    rng = np.random.default_rng(seed)
    space = workspace(instance)
    best, levels = start, np.zeros(LEVELS)
    weigh(instance, space, time_trips(instance, space, *best), parts, levels)
    done, first = 0, nearness(instance.ways)
    while done < steps and len(best.order) > 1:
        chosen, vehicles = _choose(instance, space, best, size, first, rng)
        each = min(steps_each * len(chosen), steps - done)
        done += max(1, each)
        rest, part, of = _part(instance, best, chosen, vehicles, space)
        found, _ = anneal(part, of, each, hot, cold, int(rng.integers(2**31)), parts, stop)
        trial = Dispatched(np.concatenate([rest, chosen[found.order]]), best.vehicle.copy(), best.depot.copy(),
                           best.join.copy())  # fmt: skip
        trial.vehicle[chosen] = vehicles[found.vehicle]
        trial.depot[chosen] = found.depot
        trial.join[chosen] = found.join
        now = np.zeros(LEVELS)
        weigh(instance, space, time_trips(instance, space, *trial), parts, now)
        if tuple(now) <= tuple(levels):
            best, levels = trial, now
        if stop is not None and stop():
            break
    return best, levels


def _choose(
    instance: DispatchInstance, space: Workspace, now: Dispatched, size: int, first: Ints, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Consignments (in order of dispatch) and vehicles of a part around one of them, late ones more often."""
    n = len(now.order)
    time_trips(instance, space, *now)
    seed = int(rng.integers(n))
    late = np.flatnonzero(space.done > instance.due_ms)
    worst = np.flatnonzero(space.done == space.done[space.done < NEVER].max(initial=0))
    draw = rng.random()
    if draw < _LATE and len(late):
        seed = int(rng.choice(late))
    elif _LATE <= draw < _LATE + _LAST and len(worst):
        seed = int(rng.choice(worst))
    if rng.random() < 0.5:
        far = first[instance.goods_site[seed], instance.goods_site].astype(np.float64)
    else:
        far = first[instance.depot_site[now.depot[seed]], instance.depot_site[now.depot]].astype(np.float64)
        far += rng.random(n) * 60_000.0
    far[seed] = -1.0
    nearest = np.full(len(instance.vehicle_kg), np.inf)
    np.minimum.at(nearest, now.vehicle, far)
    count = np.bincount(now.vehicle, minlength=len(nearest))
    used = np.flatnonzero(count)
    used = used[np.argsort(nearest[used], kind="stable")]
    taken = used[: max(2, int(np.searchsorted(np.cumsum(count[used]), size)))]
    idle = np.flatnonzero(count == 0)
    if len(idle) > _IDLE:
        there = first[instance.vehicle_site[idle], instance.depot_site[now.depot[seed]]] + instance.vehicle_ready[idle]
        idle = idle[np.argsort(there, kind="stable")[:_IDLE]]
    within = np.zeros(len(nearest), dtype=np.bool_)
    within[taken] = True
    return now.order[within[now.vehicle[now.order]]], np.concatenate([np.sort(taken), idle])


def _part(
    instance: DispatchInstance, now: Dispatched, chosen: Ints, vehicles: Ints, space: Workspace
) -> tuple[Ints, DispatchInstance, Dispatched]:
    """Order of the rest, the part as an instance of its own, and the dispatch of the part as it is."""
    within = np.zeros(len(now.order), dtype=np.bool_)
    within[chosen] = True
    rest = now.order[~within[now.order]]
    space.done[:] = -NEVER
    time_trips(instance, space, rest, now.vehicle, now.depot, now.join)
    task_size = np.diff(instance.task_first)
    owner = np.repeat(np.arange(len(within)), task_size)
    before = instance.complete_before.copy()
    np.maximum.at(before, instance.task, np.where(within[owner], -NEVER, space.done[owner]))
    mine = np.unique(instance.task[within[owner]])
    number = np.zeros(len(before), dtype=np.int64)
    number[mine] = np.arange(len(mine))
    others = np.ones(len(before), dtype=np.bool_)
    others[mine] = False
    others &= instance.first_batch & instance.reachable
    never = instance.hopeless | (before >= NEVER) | (before == -NEVER)
    since = np.where(never, instance.end_ms, before) - instance.order_ms
    depots = np.unique(now.depot[chosen])
    docks = np.concatenate([np.arange(instance.dock_first[d], instance.dock_first[d + 1]) for d in depots])
    sites = np.unique(instance.goods_site[chosen])
    sources = np.zeros_like(instance.goods_depots[chosen])
    sources[:, depots] = instance.goods_depots[np.ix_(chosen, depots)]
    stock = instance.stock.copy()
    np.subtract.at(stock, now.depot[rest], instance.goods_items[rest])
    local = np.zeros(len(instance.vehicle_kg), dtype=np.int64)
    local[vehicles] = np.arange(len(vehicles))
    part = instance._replace(
        vehicle_class=instance.vehicle_class[vehicles], vehicle_site=instance.vehicle_site[vehicles],
        vehicle_ready=instance.vehicle_ready[vehicles], vehicle_kg=instance.vehicle_kg[vehicles],
        vehicle_m3=instance.vehicle_m3[vehicles], goods_site=instance.goods_site[chosen],
        goods_release=instance.goods_release[chosen], goods_kg=instance.goods_kg[chosen],
        goods_m3=instance.goods_m3[chosen], goods_items=instance.goods_items[chosen], goods_depots=sources,
        stock=stock, task_first=np.concatenate([[0], np.cumsum(task_size[chosen])]).astype(np.int64),
        task=np.concatenate([number[instance.task[instance.task_first[c] : instance.task_first[c + 1]]]
                             for c in chosen]),
        people=instance.people[mine], weight=instance.weight[mine], first_batch=instance.first_batch[mine],
        reachable=instance.reachable[mine], hopeless=instance.hopeless[mine], complete_before=before[mine],
        t_all_before=int(max(instance.t_all_before, since[others].max(initial=0))),
        release_taken=_reserved(instance, space, depots), dock_busy=_booked(space.dock_times, space.dock_count, docks),
        site_busy=_booked(space.site_times, space.site_count, sites),
    )  # fmt: skip
    position = np.zeros(len(within), dtype=np.int64)
    position[chosen] = np.arange(len(chosen))
    of = Dispatched(position[chosen], local[now.vehicle[chosen]], now.depot[chosen].copy(), now.join[chosen].copy())
    return rest, part, of


def _booked(times: Ints, count: Ints, which: Ints) -> Ints:
    """(Which, start, end) of what the rest has booked."""
    rows = [(k, *times[k, i]) for k in which.tolist() for i in range(int(count[k]))]
    return np.array(rows, dtype=np.int64).reshape(len(rows), 3)


def _reserved(instance: DispatchInstance, space: Workspace, depots: Ints) -> Ints:
    """(Row, time, quantity) of what the rest has reserved in some depots of stock released by and by."""
    mine = instance.released[depots]
    rows = [
        (r, space.book[r, k, 0], space.book[r, k, 1])
        for r in np.unique(mine[mine >= 0]).tolist()
        for k in range(int(space.book_count[r]))
    ]
    return np.array(rows, dtype=np.int64).reshape(len(rows), 3)
