"""A relief problem as arrays of trips on a grid, for the bounds of :mod:`models.relief_exact`.

Everything is taken at its least: loads by the one measure (mass or volume) that fills docks more, substitutes at the
lightest, roads at the earliest, vehicles at the nearest depot.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.problem import Need, ReliefProblem
from dispatch.planning.slices import Slice
from dispatch.planning.supply import Vehicle
from models.relief_exact.instance import Supply, TripInstance
from models.relief_exact.pricing import NO_WAY
from models.traversal import NEVER

__all__ = ["Grid", "TripArrays", "trip_arrays"]

_MOST_FLOWS = 20_000
"""Ways from stock to needs beyond which stock is left out of the relaxation."""

_MOST_NODES = 6000
"""Types times depots times blocks beyond which a vehicle is taken to be at any depot at once."""


@dataclass(frozen=True)
class Grid:
    """Slot of time, slots of a block (of starts and docks), units of a full load, most parts of a place's goods."""

    step_ms: int
    block: int
    units: int
    parts: int


@dataclass(frozen=True, eq=False)
class TripArrays:
    """The instance, and of each of its tasks the place, the site and the share of the place's goods.

    ``needs``: positions in the problem of the needs of ``Supply``; ``items``: of its stocks.
    """

    instance: TripInstance
    places: tuple[str, ...]
    sites: tuple[str, ...]
    share: NDArray[np.float64]
    depots: tuple[str, ...]
    types: tuple[tuple[str, float, float], ...]
    needs: tuple[int, ...]
    items: tuple[str, ...]


def trip_arrays(
    problem: ReliefProblem,
    slices: tuple[Slice, ...],
    quotas: Mapping[tuple[int, tuple[str, ...]], int],
    part: str,
    without: frozenset[str],
    until_ms: int,
    grid: Grid,
) -> TripArrays | None:
    """Make the arrays for a part of the needs; None if something takes no time or no room, or nothing can be sent.

    Parameters
    ----------
    problem : ReliefProblem
    slices : tuple of Slice
    quotas : mapping
    part : str
        ``first_batch`` or ``rest``.
    without : frozenset of str
        Places left out (those that can never be complete).
    until_ms : int
        Nothing later than this matters.
    grid : Grid
    """
    chosen = [k for k, need in enumerate(problem.needs) if need.part == part and need.place not in without]
    needs = [problem.needs[k] for k in chosen]
    floor = problem.scenario.loading_floor
    if not needs or problem.weightless or floor * min(problem.loading_ms, problem.unloading_ms) < grid.step_ms:
        return None
    measure = _measure(problem, needs)
    tasks = list(dict.fromkeys((need.place, need.site) for need in needs))
    number = {task: p for p, task in enumerate(tasks)}
    task_of = np.array([number[need.place, need.site] for need in needs])
    of_need = np.array([need.quantity * min(measure[item] for item in need.items if item in measure) for need in needs])
    size = np.bincount(task_of, of_need, len(tasks)).astype(np.float64)
    by_place: dict[str, float] = {}
    for p, (place, _) in enumerate(tasks):
        by_place[place] = by_place.get(place, 0.0) + size[p]
    useful = {item for need in needs for item in need.items}
    from_ms = {d: min((s.first_ms for s in slices if s.depot == d and s.item in useful), default=NEVER)
               for d in problem.depots}  # fmt: skip
    depots = tuple(d for d in problem.depots if max(from_ms[d], problem.depots[d].open_ms) < until_ms)
    vehicles = [v for v in problem.vehicles.values() if _first(problem, v, depots) < until_ms]
    if not depots or not vehicles:
        return None
    types = tuple(dict.fromkeys((v.vehicle_class, v.payload_kg, v.volume_m3) for v in vehicles))
    kind = [types.index((v.vehicle_class, v.payload_kg, v.volume_m3)) for v in vehicles]
    order_ms = problem.scenario.order_ms
    release = min(need.release_ms for need in needs)
    start = np.full((len(types), len(depots)), NEVER, dtype=np.int64)
    for k, v in zip(kind, vehicles, strict=True):
        for d, depot in enumerate(depots):
            at = problem.legs.arrive(v.vehicle_class, v.base, depot, v.ready_ms)
            if at < NEVER:
                begin = max(at, problem.depots[depot].open_ms, from_ms[depot], release) - order_ms
                start[k, d] = min(start[k, d], max(0, begin))
    sites = [site for _, site in tasks]
    leg, arrive, leg_slots = _legs(problem, types, depots, sites, until_ms, grid)
    blocks = (until_ms - order_ms) // (grid.step_ms * grid.block) + 1
    apart = len(types) * len(depots) * blocks <= _MOST_NODES
    stand = np.arange(len(depots)) if apart else np.zeros(len(depots), dtype=np.int64)
    back = np.array([[[problem.legs.least(k[0], s, d) for d in depots] for s in sites] for k in types])
    base = np.array([[_at(problem, v, d) for d in depots] for v in vehicles])
    if not apart:
        back, base = back.min(axis=2, keepdims=True), base.min(axis=1, keepdims=True)
    supply, items = _supply(needs, slices, quotas, task_of, of_need / size[task_of], depots)
    instance = TripInstance(
        step_ms=grid.step_ms,
        block=grid.block,
        size=size,
        capacity=np.array([_capacity(problem, measure, kg, m3) for _, kg, m3 in types]),
        units=grid.units,
        parts=grid.parts,
        vehicle_type=np.array(kind, dtype=np.int64),
        stand=stand,
        at_ms=np.where(base >= NEVER, NEVER, np.maximum(0, base - order_ms)).astype(np.int64),
        start_ms=start,
        docks=np.array([problem.depots[d].docks for d in depots], dtype=np.int64),
        leg_ms=leg,
        arrive_ms=arrive,
        leg_slots=leg_slots,
        back_ms=np.minimum(back, 10**9).astype(np.int64),
        loading_ms=problem.loading_ms,
        unloading_ms=problem.unloading_ms,
        convoy_ms=problem.convoy_ms,
        floor=floor,
        apart_ms=math.floor(problem.unloading_ms * floor) if problem.unload_places == 1 else 0,
        open_roads=not arrive[leg != NO_WAY].any(),
        supply=supply,
    )
    share = np.array([size[p] / by_place[place] for p, (place, _) in enumerate(tasks)])
    return TripArrays(instance, tuple(place for place, _ in tasks), tuple(sites), share, depots, types,
                      tuple(chosen), items)  # fmt: skip


def _measure(problem: ReliefProblem, needs: list[Need]) -> dict[str, float]:
    """Share of a reference truck that a unit of each item is, by mass or by volume, whichever the needs fill more."""
    scenario = problem.scenario
    by = [
        {item: unit[0] / scenario.loading_reference_kg for item, unit in problem.unit.items()},
        {item: unit[1] / scenario.loading_reference_m3 for item, unit in problem.unit.items()},
    ]
    usable = [m for m in by if min(m.values()) > 0]

    def filled(measure: Mapping[str, float]) -> float:
        return sum(need.quantity * min(measure[item] for item in need.items if item in measure) for need in needs)

    return max(usable or by[:1], key=filled)


def _capacity(problem: ReliefProblem, measure: Mapping[str, float], kg: float, m3: float) -> float:
    """Largest load of a vehicle in a measure, whatever it carries."""
    return max(min(kg / unit_kg if unit_kg > 0 else math.inf, m3 / unit_m3 if unit_m3 > 0 else math.inf) * measure[item]
               for item, (unit_kg, unit_m3) in problem.unit.items())  # fmt: skip


def _first(problem: ReliefProblem, vehicle: Vehicle, depots: tuple[str, ...]) -> int:
    """Earliest time at which a vehicle can be loaded at any depot."""
    return min((_at(problem, vehicle, d) for d in depots), default=NEVER)


def _at(problem: ReliefProblem, vehicle: Vehicle, depot: str) -> int:
    """Earliest time at which a vehicle can be loaded at a depot."""
    arrive = problem.legs.arrive(vehicle.vehicle_class, vehicle.base, depot, vehicle.ready_ms)
    return max(arrive, problem.depots[depot].open_ms)


_BUCKET_MS = 15 * 60_000
_SEARCHES = 6000
"""Searches of the roads at most: the buckets of departures get longer where there are many origins."""


def _legs(
    problem: ReliefProblem, types: tuple[tuple[str, float, float], ...], depots: tuple[str, ...], sites: list[str],
    until_ms: int, grid: Grid,
) -> tuple[NDArray[np.int32], NDArray[np.int32], int]:  # fmt: skip
    """Least driving times and, where roads change by the hour, earliest arrivals by departure."""
    legs, order_ms = problem.legs, problem.scenario.order_ms
    origins = [*depots, *sites]
    classes = tuple(dict.fromkeys(c for c, _, _ in types))
    plain = all(len(legs.roads.timed[c].start_ms) == 0 and len(legs.roads.timed[c].pace_start_ms) == 1 for c in classes)
    targets = np.array([legs.roads.index[site] for site in sites], dtype=np.int64)
    searches = len(classes) * len(set(origins))
    bucket = max(_BUCKET_MS, math.ceil((until_ms - order_ms) * searches / _SEARCHES))
    leg_slots = max(1, bucket // grid.step_ms)
    count = 1 if plain else max(1, math.ceil((until_ms - order_ms) / (leg_slots * grid.step_ms)))
    departures = order_ms + np.arange(count, dtype=np.int64) * leg_slots * grid.step_ms
    leg = np.full((len(types), len(origins), len(sites)), NO_WAY, dtype=np.int32)
    arrive = np.full((len(types), len(origins), len(sites), count), -1, dtype=np.int32)
    for c in classes:
        of = [k for k, kind in enumerate(types) if kind[0] == c]
        for i, origin in enumerate(origins):
            least = np.array([legs.least(c, origin, site) for site in sites], dtype=np.int64)
            known = least < NEVER
            row = np.where(known, np.minimum(least, 2**31 - 1), NO_WAY)
            at = np.zeros((count, len(sites)), dtype=np.int64)
            if not plain:
                found = legs.table(c, origin, targets, departures)
                free = departures[:, None] + least[None, :] >= found
                at = np.where(found >= NEVER, -1, np.where(free, 0, np.minimum(found - order_ms, 2**31 - 1)))
            for k in of:
                leg[k, i] = row
                arrive[k, i] = np.where(known, at, -1).T
    _unload_together(problem, sites, leg[:, len(depots) :])
    return leg, arrive, leg_slots


def _unload_together(problem: ReliefProblem, sites: list[str], leg: NDArray[np.int32]) -> None:
    """Goods of several places handed over at one site are one unloading: the second saves the least time of one."""
    least_ms = math.floor(problem.unloading_ms * problem.scenario.loading_floor)
    for p, n in itertools.permutations(range(len(sites)), 2):
        if sites[p] == sites[n]:
            leg[:, p, n] = -least_ms if p < n else NO_WAY


def _supply(
    needs: list[Need], slices: tuple[Slice, ...],
    quotas: Mapping[tuple[int, tuple[str, ...]], int], task_of: NDArray[np.int64], share: NDArray[np.float64],
    depots: tuple[str, ...],
) -> tuple[Supply | None, tuple[str, ...]]:  # fmt: skip
    """Ways from stock to needs (None where there are too many), and the item of each stock."""
    number = {depot: d for d, depot in enumerate(depots)}
    stock: dict[tuple[str, str, int], float] = {}
    for piece in slices:
        if piece.depot in number:
            key = (piece.depot, piece.item, piece.rank)
            stock[key] = stock.get(key, 0.0) + piece.quantity
    group = {key: g for g, key in enumerate(quotas)}
    by_item: dict[str, list[tuple[int, str, int]]] = {}
    for i, (depot, item, rank) in enumerate(stock):
        by_item.setdefault(item, []).append((i, depot, rank))
    rows = []
    for n, need in enumerate(needs):
        for item in need.items:
            for i, depot, rank in by_item.get(item, ()):
                if rank and (rank, need.items) not in group:
                    continue
                rows.append((number[depot], task_of[n], i, n, group.get((rank, need.items), -1)))
    if not rows or len(rows) > _MOST_FLOWS:
        return None, ()
    table = np.array(rows, dtype=np.int64)
    asked = np.array([float(need.quantity) for need in needs])
    supply = Supply(
        table[:, 0], table[:, 1], table[:, 2], table[:, 3], table[:, 4], share[table[:, 3]] / asked[table[:, 3]],
        np.array(list(stock.values())), asked, np.array([float(q) for q in quotas.values()]),
    )  # fmt: skip
    return supply, tuple(item for _, item, _ in stock)
