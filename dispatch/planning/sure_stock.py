"""Stock that may not come is counted on only for what stock that lies there does not cover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dispatch.planning.problem import ReliefProblem
from dispatch.planning.slices import connected, cover_by_quantity
from dispatch.planning.supply import Lot, agreed_reliability

__all__ = ["physical_first"]

_RANK, _UNSURE = 1e5, 1e3


def physical_first(problem: ReliefProblem) -> ReliefProblem:
    """Return the problem with agreed and capacity stock cut to what the county's physical stock leaves uncovered.

    By quantity: needs are covered by physical stock that some vehicle can bring, then by what is agreed, the most
    reliable first, and only then by the next tier; what agreed stock covers in that is all that is left of it. How far
    away the physical stock lies does not count, so that goods may come later than without.
    """
    live = connected(problem)
    lots = [lot for key, of in problem.lots.items() if key[0] in live for lot in of if lot.available(problem.end_ms)]
    reliability = agreed_reliability(problem.scenario)
    sources = [(lot.item, lot.available(problem.end_ms), _price(problem, lot, reliability)) for lot in lots]
    used = [0] * len(lots)
    for (i, _), quantity in cover_by_quantity(problem, sources).items():
        used[i] += quantity
    left = {
        (lot.depot, lot.item, lot.lot): quantity
        for lot, quantity in zip(lots, used, strict=True)
        if lot.mode != "physical"
    }

    def cut(lot: Lot) -> Lot:
        most = lot.quantity if lot.mode == "physical" else left.get((lot.depot, lot.item, lot.lot), 0)
        return lot if most >= lot.quantity else replace(lot, quantity=most)

    kept = {key: tuple(lot for lot in map(cut, of) if lot.quantity) for key, of in problem.lots.items()}
    return replace(problem, lots={key: of for key, of in kept.items() if of})


def _price(problem: ReliefProblem, lot: Lot, reliability: Mapping[tuple[str, str, str], float]) -> float:
    """Price of a unit: the lower tier first, in it what lies there, then what is the likelier to come."""
    unsure = 0.0
    if lot.mode != "physical":
        unsure = _UNSURE * (2.0 - reliability.get((lot.depot, lot.item, lot.lot), 1.0))
    return problem.depots[lot.depot].rank * _RANK + unsure
