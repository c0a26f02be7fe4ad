"""Which depot supplies which need, before any vehicle is thought of.

Costs are person-weighted arrival times, loading included; a depot gets dearer as its docks fill, and what would come
after the deadline costs a day more. What is short goes first to places that can still be completed by the deadline.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from dispatch.clock import HOUR_MS
from dispatch.planning.dock_lines import DockLines
from dispatch.planning.problem import ReliefProblem
from dispatch.planning.slices import Slice
from models.transport import Arcs, allocate
from models.traversal import NEVER

__all__ = ["Allotment", "Assigned", "allot"]

_LATE_H = 24.0
_SUBSTITUTE_H = 0.05
_TYPICAL_SHARE = 0.5
_SLOTS = 40
_PREFERRED, _OTHER = 1000.0, 10.0
"""Penalty of a unit left out, in costs of the dearest way."""


@dataclass(frozen=True)
class Assigned:
    """Goods of one depot for one need: loading not before ``ready_ms``, first arrival about ``arrive_ms``."""

    depot: str
    need: int
    item: str
    quantity: int
    ready_ms: int
    arrive_ms: int


@dataclass(frozen=True, eq=False)
class Allotment:
    """Goods assigned, quantities no depot can supply by position of the need, and what is left of slices and quotas."""

    assigned: tuple[Assigned, ...]
    unmet: dict[int, int]
    left: tuple[Slice, ...]
    quotas: dict[tuple[int, tuple[str, ...]], int]


@dataclass(frozen=True)
class _Sink:
    """Needs that are alike to the allocation: same site, items, release and preference."""

    site: str
    items: tuple[str, ...]
    release_ms: int
    preferred: bool
    needs: tuple[int, ...]
    quantity: int
    unit_weight: float


def allot(
    problem: ReliefProblem,
    slices: tuple[Slice, ...],
    quotas: Mapping[tuple[int, tuple[str, ...]], int],
    part: str,
    promising: Collection[str],
    lines: DockLines | None = None,
) -> Allotment:
    """Assign stock to the needs of one part (``first_batch`` or ``rest``).

    Parameters
    ----------
    problem : ReliefProblem
    slices : tuple of Slice
        Stock that is free.
    quotas : mapping of (rank, items) to int
        What higher tiers may be asked for.
    part : str
    promising : collection of str
        Places whose goods come first where there are too few.
    lines : DockLines, optional
        Until when depots load for the deadline. With it, the docks' hours until then and the stock that comes in time
        are for the promising places; all others count as late already.
    """
    sinks = _sinks(problem, part, promising)
    rows, columns = _ways(problem, slices, quotas, sinks, lines)
    supply = np.array([piece.quantity for piece in slices], dtype=np.int64)
    demand = np.array([sink.quantity for sink in sinks], dtype=np.int64)
    width, price = _dock_slots(problem, sinks)
    if lines is not None:
        columns, width, price = _in_time(problem, slices, sinks, rows, columns, width, price, lines)
    dearest = max((row[2] for row in rows), default=0.0) + (float(price.max()) if price.size else 0.0) or 1.0
    penalty = np.array([_PREFERRED if sink.preferred else _OTHER for sink in sinks])
    found = allocate(supply, demand, penalty, replace(columns, cost=columns.cost / dearest), width, price / dearest)
    return _allotment(slices, quotas, sinks, rows, found.flow, problem)


def _sinks(problem: ReliefProblem, part: str, promising: Collection[str]) -> list[_Sink]:
    """Group needs; within a group the places with most weight come first."""
    grouped: dict[tuple[str, tuple[str, ...], int, bool], list[int]] = {}
    for k, need in enumerate(problem.needs):
        if need.part == part:
            key = (need.site, need.items, need.release_ms, need.place in promising)
            grouped.setdefault(key, []).append(k)
    result = []
    for (site, items, release_ms, preferred), members in grouped.items():
        members.sort(key=lambda k: (-problem.needs[k].weight, problem.needs[k].place))
        quantity = sum(problem.needs[k].quantity for k in members)
        weight = sum(problem.needs[k].weight for k in members)
        result.append(_Sink(site, items, release_ms, preferred, tuple(members), quantity, max(weight, 1.0) / quantity))
    return result


_Row = tuple[int, int, float, int, int]


def _ways(
    problem: ReliefProblem,
    slices: tuple[Slice, ...],
    quotas: Mapping[tuple[int, tuple[str, ...]], int],
    sinks: list[_Sink],
    lines: DockLines | None,
) -> tuple[list[_Row], Arcs]:
    """Possible flows as (slice, sink, cost, earliest loading, arrival), and as arcs."""
    group = {key: k for k, key in enumerate(quotas)}
    depots = {depot: k for k, depot in enumerate(problem.depots)}
    arrival: dict[tuple[str, str, int], int] = {}
    rows: list[_Row] = []
    groups: list[int] = []
    resources: list[int] = []
    uses: list[float] = []
    for j, sink in enumerate(sinks):
        for i, piece in enumerate(slices):
            if piece.item not in sink.items or (piece.rank and (piece.rank, sink.items) not in group):
                continue
            ready_ms = max(piece.ready_ms, sink.release_ms)
            key = (piece.depot, sink.site, ready_ms)
            if key not in arrival:
                arrival[key] = _typical_arrival(problem, *key)
            arrive = arrival[key]
            if arrive > problem.end_ms or arrive >= piece.until_ms:
                continue
            hours = (arrive - problem.scenario.order_ms) / HOUR_MS + _SUBSTITUTE_H * sink.items.index(piece.item)
            late = 0.0 if _comes_in_time(problem, sink, piece.depot, ready_ms, arrive, lines) else _LATE_H
            rows.append((i, j, sink.unit_weight * (hours + late), ready_ms, arrive))
            groups.append(group.get((piece.rank, sink.items), -1))
            resources.append(depots[piece.depot])
            uses.append(problem.share_of_unit(piece.item))
    n = len(rows)
    arcs = Arcs(
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.int64),
        np.array([row[2] for row in rows], dtype=np.float64),
        np.array(groups, dtype=np.int64),
        np.array(list(quotas.values()), dtype=np.float64),
        np.array(resources, dtype=np.int64).reshape(n, 1),
        np.array(uses, dtype=np.float64).reshape(n, 1),
    )
    return rows, arcs


def _comes_in_time(
    problem: ReliefProblem, sink: _Sink, depot: str, ready_ms: int, arrive_ms: int, lines: DockLines | None
) -> bool:
    """Whether goods may be there by the deadline, and are wanted by then."""
    if arrive_ms > problem.scenario.due_ms or lines is None:
        return arrive_ms <= problem.scenario.due_ms
    return sink.preferred and bool(lines.latest_ms[depot][problem.legs.roads.index[sink.site]] >= ready_ms)


def _in_time(
    problem: ReliefProblem,
    slices: tuple[Slice, ...],
    sinks: list[_Sink],
    rows: list[_Row],
    columns: Arcs,
    width: np.ndarray,
    price: np.ndarray,
    lines: DockLines,
) -> tuple[Arcs, np.ndarray, np.ndarray]:
    """Arcs and slots with what docks can load in time; goods beyond that are late."""
    assert columns.resource is not None
    assert columns.use is not None
    depots = list(problem.depots)
    position = {depot: k for k, depot in enumerate(depots)}
    depot, site = np.full(len(rows), -1, dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    for a, (i, j, _, ready_ms, arrive_ms) in enumerate(rows):
        site[a] = problem.legs.roads.index[sinks[j].site]
        if _comes_in_time(problem, sinks[j], slices[i].depot, ready_ms, arrive_ms, lines):
            depot[a] = position[slices[i].depot]
    resource, use, capacity = lines.resources(depots, depot, site, columns.use, len(width))
    finite = np.minimum(capacity, 1000.0 * max(1.0, float(width.max(initial=0.0))))
    loads = np.tile(width[:1, -1:].max(initial=1.0), (len(capacity), width.shape[1]))
    loads[:, 0] = finite
    toll = np.full(loads.shape, _LATE_H * _rate(problem, sinks))
    toll[:, 0] = 0.0
    arcs = replace(columns, resource=np.hstack([columns.resource, resource]), use=np.hstack([columns.use, use]))
    return arcs, np.vstack([width, loads]), np.vstack([price, toll])


def _typical_arrival(problem: ReliefProblem, depot: str, site: str, ready_ms: int) -> int:
    """Time at which a typical load of a depot is unloaded at a site if nothing else goes on."""
    typical_load = problem.convoy_ms + int(_TYPICAL_SHARE * problem.loading_ms)
    best = NEVER
    opened = max(ready_ms, problem.depots[depot].open_ms)
    for vehicle_class in problem.classes:
        start = max(opened, problem.vehicle_at[vehicle_class, depot])
        if start <= problem.end_ms:
            best = min(best, problem.legs.arrive(vehicle_class, depot, site, start + typical_load))
    return best if best >= NEVER else best + int(_TYPICAL_SHARE * problem.unloading_ms)


def _dock_slots(problem: ReliefProblem, sinks: list[_Sink]) -> tuple[np.ndarray, np.ndarray]:
    """Slots of each depot's docks (reference trucks) and what a truckload in each costs more than in the first."""
    loads = _truckloads(problem, sinks)
    docks = np.array([depot.docks for depot in problem.depots.values()], dtype=np.float64)
    width = np.repeat(docks[:, None], _SLOTS, axis=1)
    if len(docks):
        width[:, -1] = max(loads, 1.0) * 1000.0
    rate = _rate(problem, sinks)
    wait_h = np.arange(_SLOTS) * problem.loading_ms / HOUR_MS
    price = np.empty_like(width)
    for k, depot in enumerate(problem.depots.values()):
        drive = [problem.legs.least(c, depot.depot, site) for c in problem.classes for site in problem.sites]
        nearest = min(drive, default=NEVER)
        last = depot.open_ms + problem.loading_ms + problem.convoy_ms + min(nearest, problem.end_ms)
        late = last + wait_h * HOUR_MS > problem.scenario.due_ms
        price[k] = (wait_h + np.where(late, _LATE_H, 0.0)) * rate
    return width, price


def _truckloads(problem: ReliefProblem, sinks: list[_Sink]) -> float:
    return sum(problem.share_of_unit(sink.items[0]) * sink.quantity for sink in sinks if sink.items[0] in problem.unit)


def _rate(problem: ReliefProblem, sinks: list[_Sink]) -> float:
    """Weight that waits for a reference truck."""
    loads = _truckloads(problem, sinks)
    return sum(sink.unit_weight * sink.quantity for sink in sinks) / loads if loads > 0 else 0.0


def _allotment(
    slices: tuple[Slice, ...],
    quotas: Mapping[tuple[int, tuple[str, ...]], int],
    sinks: list[_Sink],
    rows: list[_Row],
    flow: np.ndarray,
    problem: ReliefProblem,
) -> Allotment:
    """Hand the flows into each sink to its needs: what arrives first to the first of them."""
    into: dict[int, list[tuple[int, int, int, int]]] = {}
    taken = np.zeros(len(slices), dtype=np.int64)
    quota_left = dict(quotas)
    for (i, j, _, ready_ms, arrive_ms), quantity in zip(rows, flow.tolist(), strict=True):
        if quantity:
            into.setdefault(j, []).append((arrive_ms, i, ready_ms, quantity))
            taken[i] += quantity
            if slices[i].rank:
                quota_left[slices[i].rank, sinks[j].items] -= quantity
    assigned: list[Assigned] = []
    unmet: dict[int, int] = {}
    for j, sink in enumerate(sinks):
        incoming = sorted(into.get(j, []))
        waiting = [(k, problem.needs[k].quantity) for k in sink.needs]
        for arrive_ms, i, ready_ms, available in incoming:
            while available:
                k, open_quantity = waiting[0]
                part = min(available, open_quantity)
                assigned.append(Assigned(slices[i].depot, k, slices[i].item, part, ready_ms, arrive_ms))
                available -= part
                waiting[0] = (k, open_quantity - part)
                if part == open_quantity:
                    waiting.pop(0)
        unmet.update(waiting)
    left = tuple(
        Slice(s.depot, s.item, s.rank, s.quantity - int(t), s.first_ms, s.ready_ms, s.until_ms)
        for s, t in zip(slices, taken, strict=True)
        if s.quantity > t
    )
    return Allotment(tuple(assigned), unmet, left, quota_left)
