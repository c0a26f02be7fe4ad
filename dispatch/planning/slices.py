"""Stock cut into slices that become available together, and who may ask a higher tier for how much.

The shortfall is by quantity and is fixed before any routing: what the county's own depots (county, township, village)
cannot cover of all needs, substitutes counted, is asked of the city's depots; what these cannot, of the province's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dispatch.planning.problem import ReliefProblem
from dispatch.planning.supply import Lot
from models.transport import Arcs, allocate

__all__ = ["Slice", "connected", "cover_by_quantity", "cut_lots", "shortfall"]

_SLICES = 4
"""Slices of a lot that is released bit by bit."""

_TIER_COST = 1000
_PART_PENALTY = {"first_batch": 1e7, "rest": 1e6}


@dataclass(frozen=True)
class Slice:
    """Part of a lot: the first unit is there at ``first_ms``, all of it at ``ready_ms``; unload before ``until_ms``."""

    depot: str
    item: str
    rank: int
    quantity: int
    first_ms: int
    ready_ms: int
    until_ms: int


def cut_lots(problem: ReliefProblem) -> tuple[Slice, ...]:
    """Slices of all lots in depots that open, as far as they are released within the horizon."""
    result: list[Slice] = []
    for (depot, _), lots in problem.lots.items():
        of = problem.depots[depot]
        if of.open_ms > problem.end_ms:
            continue
        for lot in lots:
            result.extend(_cut(lot, of.rank, of.open_ms, problem.end_ms))
    return tuple(result)


def _cut(lot: Lot, rank: int, open_ms: int, end_ms: int) -> list[Slice]:
    at_once = lot.available(open_ms)
    released = lot.available(end_ms)
    result = []
    if at_once:
        result.append(Slice(lot.depot, lot.item, rank, at_once, open_ms, open_ms, lot.until_ms))
    before = at_once
    slices = 1 if math.isinf(lot.per_h) else _SLICES
    for k in range(1, slices + 1):
        until = at_once + (released - at_once) * k // slices
        if until > before:
            result.append(Slice(lot.depot, lot.item, rank, until - before, lot.released_ms(before + 1),
                                lot.released_ms(until), lot.until_ms))  # fmt: skip
            before = until
    return result


def shortfall(problem: ReliefProblem, slices: tuple[Slice, ...]) -> dict[tuple[int, tuple[str, ...]], int]:
    """How much each higher tier is asked for, by (rank, items that may be sent); ranks 1 (city) and 2 (province).

    Counted is stock that can be handed over on the day of the deadline still, in depots from which some vehicle can
    reach a delivery point within the horizon.
    """
    live = connected(problem)
    due_ms = problem.scenario.due_ms
    usable = [piece for piece in slices if piece.depot in live and piece.until_ms > due_ms]
    if not any(piece.rank for piece in usable):
        return {}
    stock: dict[tuple[int, str], int] = {}
    for piece in usable:
        stock[piece.rank, piece.item] = stock.get((piece.rank, piece.item), 0) + piece.quantity
    tiers = list(stock)
    sources = [(item, stock[rank, item], rank * _TIER_COST) for rank, item in tiers]
    result: dict[tuple[int, tuple[str, ...]], int] = {}
    for (i, (_, items)), quantity in cover_by_quantity(problem, sources).items():
        rank = tiers[i][0]
        if rank:
            result[rank, items] = result.get((rank, items), 0) + quantity
    return result


_Group = tuple[str, tuple[str, ...]]


def cover_by_quantity(
    problem: ReliefProblem, sources: Sequence[tuple[str, int, float]]
) -> dict[tuple[int, _Group], int]:
    """Cover needs by quantity alone, the first batch before the rest, from the cheaper sources.

    Parameters
    ----------
    problem : ReliefProblem
    sources : sequence of (item, quantity, price)
        Price of a unit, below a million; substitutes cost one more for each item that a need would rather have.

    Returns
    -------
    dict of (position of the source, (part, items that may be sent)) to quantity
    """
    asked: dict[_Group, int] = {}
    for need in problem.needs:
        asked[need.part, need.items] = asked.get((need.part, need.items), 0) + need.quantity
    sinks = list(asked)
    arcs = [
        (i, j, price + items.index(item))
        for i, (item, _, price) in enumerate(sources)
        for j, (_, items) in enumerate(sinks)
        if item in items
    ]
    found = allocate(
        np.array([quantity for _, quantity, _ in sources], dtype=np.int64),
        np.array([asked[sink] for sink in sinks], dtype=np.int64),
        np.array([_PART_PENALTY[part] for part, _ in sinks]),
        Arcs(
            np.array([i for i, _, _ in arcs], dtype=np.int64),
            np.array([j for _, j, _ in arcs], dtype=np.int64),
            np.array([cost for _, _, cost in arcs], dtype=np.float64),
        ),
    )
    return {(i, sinks[j]): int(quantity) for (i, j, _), quantity in zip(arcs, found.flow, strict=True) if quantity}


def connected(problem: ReliefProblem) -> set[str]:
    """Depots that some vehicle reaches and from which it reaches a delivery point within the horizon."""
    result: set[str] = set()
    targets = [problem.legs.roads.index[site] for site in problem.sites]
    for (vehicle_class, depot), at in problem.vehicle_at.items():
        start = max(at, problem.depots[depot].open_ms)
        if depot in result or start > problem.end_ms:
            continue
        if (problem.legs.arrive_all(vehicle_class, depot, start)[targets] <= problem.end_ms).any():
            result.add(depot)
    return result
