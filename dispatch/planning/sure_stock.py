"""Stock that may not come is counted on only for what stock that lies there does not cover."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dispatch.planning.problem import ReliefProblem
from dispatch.planning.slices import connected
from dispatch.planning.supply import Lot
from models.transport import Arcs, allocate

__all__ = ["physical_first"]

_RANK, _UNSURE = 1e5, 1e3
_UNMET = {"first_batch": 1e8, "rest": 1e7}


def physical_first(problem: ReliefProblem) -> ReliefProblem:
    """Return the problem with agreed and capacity stock cut to what the county's physical stock leaves uncovered.

    By quantity: needs are covered by physical stock that some vehicle can bring, then by what is agreed, the most
    reliable first, and only then by the next tier; what agreed stock covers in that is all that is left of it. How far
    away the physical stock lies does not count, so that goods may come later than without.
    """
    live = connected(problem)
    lots = [lot for key, of in problem.lots.items() if key[0] in live for lot in of if lot.available(problem.end_ms)]
    reliability = _reliability(problem)
    asked: dict[tuple[str, tuple[str, ...]], int] = {}
    for need in problem.needs:
        asked[need.part, need.items] = asked.get((need.part, need.items), 0) + need.quantity
    sinks = list(asked)
    arcs = [
        (i, j, _cost(problem, lot, reliability) + items.index(lot.item))
        for i, lot in enumerate(lots)
        for j, (_, items) in enumerate(sinks)
        if lot.item in items
    ]
    columns = np.array(arcs, dtype=np.float64).reshape(len(arcs), 3)
    found = allocate(
        np.array([lot.available(problem.end_ms) for lot in lots], dtype=np.int64),
        np.array([asked[sink] for sink in sinks], dtype=np.int64),
        np.array([_UNMET[part] for part, _ in sinks]),
        Arcs(columns[:, 0].astype(np.int64), columns[:, 1].astype(np.int64), columns[:, 2]),
    )
    used = np.bincount(columns[:, 0].astype(np.int64), weights=found.flow, minlength=len(lots))
    left = {
        (lot.depot, lot.item, lot.lot): round(quantity)
        for lot, quantity in zip(lots, used, strict=True)
        if lot.mode != "physical"
    }

    def cut(lot: Lot) -> Lot:
        most = lot.quantity if lot.mode == "physical" else left.get((lot.depot, lot.item, lot.lot), 0)
        return lot if most >= lot.quantity else replace(lot, quantity=most)

    kept = {key: tuple(lot for lot in map(cut, of) if lot.quantity) for key, of in problem.lots.items()}
    return replace(problem, lots={key: of for key, of in kept.items() if of})


def _cost(problem: ReliefProblem, lot: Lot, reliability: dict[tuple[str, str, str], float]) -> float:
    """Price of a unit: the lower tier first, in it what lies there, then what is the likelier to come."""
    unsure = 0.0
    if lot.mode != "physical":
        unsure = _UNSURE * (2.0 - reliability[lot.depot, lot.item, lot.lot])
    return problem.depots[lot.depot].rank * _RANK + unsure


def _reliability(problem: ReliefProblem) -> dict[tuple[str, str, str], float]:
    """Chance that a lot comes, by depot, item and lot; 1 where none is given."""
    stock = problem.scenario.county.table("stock")
    keys = zip(stock["depot"], stock["item"], stock["lot"], strict=True)
    return dict(zip(keys, stock["reliability"].astype(float).fillna(1.0), strict=True))
