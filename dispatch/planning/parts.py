"""The plan in parts, first batch before rest: stock assigned to needs, packed into consignments, and what it is worth.

There are two ways to share stock out. By usual arrivals: what nearest first is made of, and all is well where docks and
roads let everybody be served in time. By what docks can load in time (:mod:`dispatch.planning.dock_lines`): for the
places that can be served in time together, packed for the vehicles that come through. A short search of each tells.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from dispatch.planning.allocation import allot
from dispatch.planning.array_search import ArraySearch, array_search
from dispatch.planning.consignments import pack
from dispatch.planning.dock_lines import DockLines
from dispatch.planning.fairness import Guarantee
from dispatch.planning.improve import Effort
from dispatch.planning.problem import Consignment, ReliefProblem
from dispatch.planning.relief_search import search_orders
from dispatch.planning.score import Scorer, make_scorer, weighted
from dispatch.planning.slices import Slice
from dispatch.planning.timetable import Timetable, decode

__all__ = ["Part", "Parts", "Trial", "better_parts", "cut_parts"]

_TRIAL = 0.05
"""Share of the work that a trial gets."""

_LIKE = 1.1
"""How many times as many people a later way may leave late in a trial; what docks can do in time counts for more when
the search goes on."""


@dataclass(frozen=True, eq=False)
class Part:
    """A part of the plan (``least``, ``first_batch`` or ``rest``), what is sent in it, and what it is worth."""

    name: str
    consignments: list[Consignment]
    scorer: Scorer


@dataclass(frozen=True, eq=False)
class Parts:
    """Parts of the plan in order, and what no vehicle is asked for."""

    parts: tuple[Part, ...]
    left: tuple[Slice, ...]
    unsupplied: dict[int, int]
    too_big: dict[int, int]


@dataclass(frozen=True, eq=False)
class Trial:
    """What trials took, as a share of all work, and the arrays of the one preferred."""

    share: float = 0.0
    search: ArraySearch | None = None


def better_parts(
    problem: ReliefProblem,
    ways: Sequence[Callable[[], Parts]],
    seconds: float,
    seed: int,
    target: tuple[float, ...],
) -> tuple[Parts, Trial]:
    """Of several ways to share stock out, that by which a short search has most people served in time, by and large.

    Parameters
    ----------
    problem : ReliefProblem
    ways : sequence of callables
        Each makes the parts; a later one is taken if it leaves hardly more people late, and none is made after one
        that reaches the bound.
    seconds : float
        Work of the whole plan.
    seed : int
    target : tuple of float
        Bounds on the first levels of the objective.
    """
    best = math.inf
    search: ArraySearch | None = None
    found: tuple[Parts, ArraySearch | None]
    tried = 0
    for make in ways:
        parts = make()
        first = next(part for part in parts.parts if part.name == "first_batch")
        after = Timetable(problem)
        search = array_search(first.scorer, first.consignments, after, None, search)
        effort = Effort(_TRIAL * seconds, math.inf)
        orders = search_orders(first.scorer, first.consignments, after, effort, seed, target[:1], search)
        late = first.scorer.score(decode(problem, orders, after))[0]
        tried += 1
        if late <= best * _LIKE:
            best, found = late, (parts, search)
        if best <= first.scorer.crowd - target[0]:
            break
    return found[0], Trial(tried * _TRIAL, found[1])


def cut_parts(
    problem: ReliefProblem,
    slices: tuple[Slice, ...],
    quotas: Mapping[tuple[int, tuple[str, ...]], int],
    promising: Collection[str],
    places: pd.DataFrame,
    guarantee: Guarantee,
    lines: DockLines | None = None,
) -> Parts:
    """Assign stock to the minimum shares, if any, then to the first batch, then to the rest; pack it.

    Parameters
    ----------
    problem : ReliefProblem
    slices, quotas
        Stock that is free, and what higher tiers may be asked for.
    promising : collection of str
        Places whose goods come first where there are too few.
    places : DataFrame
        ``PLACE_MEASURE_COLUMNS`` of any plan.
    guarantee : Guarantee
    lines : DockLines, optional
        Until when depots load for the deadline, where the first batch is to be shared out by that.
    """
    quotas = dict(quotas)
    unsupplied: dict[int, int] = {}
    too_big: dict[int, int] = {}
    sent: dict[int, int] = {}
    parts = []
    for name, most in _asked(problem, guarantee.least_share):
        asking = problem
        if guarantee.least_share and name != "rest":
            asking = _asking(problem, {k: quantity - sent.get(k, 0) for k, quantity in most.items()})
        by = None if name == "rest" else lines
        allotment = allot(asking, slices, quotas, "rest" if name == "rest" else "first_batch", promising, by)
        consignments, excluded = pack(asking, allotment.assigned, by)
        for assigned in allotment.assigned:
            sent[assigned.need] = sent.get(assigned.need, 0) + assigned.quantity
        unsupplied = {**{k: q for k, q in unsupplied.items() if k not in most}, **allotment.unmet}
        for need, _, quantity in excluded:
            too_big[need] = too_big.get(need, 0) + quantity
        scorer = weighted(make_scorer(problem, places, [*unsupplied, *too_big]), guarantee.priority)
        parts.append(Part(name, consignments, scorer))
        slices, quotas = allotment.left, allotment.quotas
    return Parts(tuple(parts), slices, unsupplied, too_big)


def _asking(problem: ReliefProblem, quantities: Mapping[int, int]) -> ReliefProblem:
    """The problem with only these quantities asked for, by position of the need."""
    needs = tuple(
        replace(need, quantity=quantities[k]) if quantities.get(k) else replace(need, part="")
        for k, need in enumerate(problem.needs)
    )
    return replace(problem, needs=needs)


def _asked(problem: ReliefProblem, least_share: float) -> list[tuple[str, dict[int, int]]]:
    """Parts of the plan in order, each with what it asks for at most by position of the need."""
    asked = []
    if least_share:
        least = {k: math.ceil(least_share * n.quantity) for k, n in enumerate(problem.needs) if n.part == "first_batch"}
        asked.append(("least", least))
    parts = ("first_batch", "rest")
    return asked + [(p, {k: need.quantity for k, need in enumerate(problem.needs) if need.part == p}) for p in parts]
