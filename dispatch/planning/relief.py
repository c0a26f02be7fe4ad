"""The relief plan: who carries what, from where, when, so that the first batch reaches every place in time.

Steps: the shortfall that higher tiers are asked for; stock assigned to needs (a linear programme); goods packed into
consignments; consignments given to vehicles and trips by hand rules, timed by one decoder that knows docks, closures,
lots and rests; a bounded improvement by annealing and small changes; then the same for the rest, on top of the first
batch, which it never delays. The best by the levels of the objective is kept, never worse than nearest first.

One vehicle is unloaded at a site at a time. No vehicle returns after its last trip.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from dispatch.planning.assemble import plan_tables
from dispatch.planning.bounds import Bounds, find_bounds, with_bounds
from dispatch.planning.dock_lines import DockLines
from dispatch.planning.fairness import Guarantee, guarantee_cost, worst_share
from dispatch.planning.fingerprint import fingerprint, versions
from dispatch.planning.greedy import nearest_first
from dispatch.planning.improve import Effort
from dispatch.planning.measure import Measures, measure
from dispatch.planning.parts import Parts, Trial, better_parts, cut_parts
from dispatch.planning.plan import Plan, empty_plan
from dispatch.planning.problem import Consignment, ReliefProblem, TripOrder, read_problem
from dispatch.planning.prove import prove
from dispatch.planning.relief_search import search_orders
from dispatch.planning.replan import on_top_of
from dispatch.planning.score import Scorer
from dispatch.planning.slices import Slice, cut_lots, shortfall
from dispatch.planning.sure_stock import physical_first as surely
from dispatch.planning.timetable import Timetable, decode
from dispatch.planning.under_way import standing_trips
from dispatch.planning.unmet import unmet_table
from dispatch.scenario import Scenario

__all__ = ["plan_nearest_first", "plan_relief", "plan_with"]

Search = Callable[[Scorer, list[Consignment], Timetable, str], list[TripOrder]]

_FIRST_SHARE = 0.75

_FAIR_SHARES, _FAIR_HALVINGS = (0.0, 0.25, 0.5, 0.75, 1.0), 3
"""Minimum shares among which the fairest plan is sought, and halvings between the best of it and the next above."""

_BOUNDING_SHARE = 0.2
"""Share of a time limit that bounds may take beyond those of places one by one."""

_SPARE_S, _FINISHES = 0.03, 1.5
"""Kept back before a time limit: so many seconds, and so many times what tables and measures take."""


@dataclass(frozen=True, eq=False)
class _Task:
    """What both planners start from."""

    problem: ReliefProblem
    slices: tuple[Slice, ...]
    quotas: dict[tuple[int, tuple[str, ...]], int]
    places: pd.DataFrame
    bounds: Bounds


def plan_relief(
    scenario: Scenario,
    *,
    seconds: float = 10.0,
    limit_s: float | None = None,
    seed: int | None = None,
    least_share: float = 0.0,
    fair: bool = False,
    priority: Mapping[str, float] | None = None,
    without: Iterable[str] = (),
    physical_first: bool = False,
    prove_s: float = 0.0,
    committed: Plan | None = None,
    committed_until_ms: int | None = None,
) -> Plan:
    """Plan the relief of a scenario at planning values and with full knowledge of the forecast.

    Where a night does not go as planned, :func:`dispatch.planning.replan.replan` makes the plan in force anew.

    Parameters
    ----------
    scenario : Scenario
    seconds : float
        Sets the work of the search, sized so that it takes less than this on an idle core; reading and proving come on
        top. The same work gives the same plan, however long it takes.
    limit_s : float, optional
        Wall time for all of it. Reading the roads and a plan nearest first are done in any case; bounds of all places
        together, the search and the reasons for what is unmet take what is left. ``meta["stopped_by"]`` says
        ``clock`` if the search was cut and ``meta["bounds"]`` if the bounds were; such a plan is not reproducible.
    seed : int, optional
        Of the improvement; the scenario's by default.
    least_share : float
        Every reachable place has this share of each first-batch need by the deadline; where the plan without such a
        minimum does not see to it, that share is dispatched before more is for any place, and never delayed by it.
    fair : bool
        Of plans with several minimum shares, found by halving, take the one whose worst place has the largest share of
        its first batch by the deadline, then the best by levels; the work is shared among them.
    priority : mapping of place to float, optional
        How many times the people of a place count in the search; the levels reported count them once.
    without : iterable of str
        Vehicles that stay at home.
    physical_first : bool
        Count on agreed stock, which may not come, only for what physical stock does not cover
        (:func:`dispatch.planning.sure_stock.physical_first`): surer, often slower.
    prove_s : float
        Seconds on top for better bounds, and for a better plan on the way (:func:`dispatch.planning.prove.prove`); by
        the clock, so that it is not reproducible.
    committed : Plan, optional
        Trips that stand as they are, whatever else is planned: orders given, promises made. Everything else is planned
        on top of them, by ``seconds`` and ``seed`` alone; of the bounds only that of the kilometres holds then.
    committed_until_ms : int, optional
        From the reference instant: of the committed trips only those stand that have begun by then, and nothing else
        starts before it. All of them by default, and the rest starts when it can.

    Returns
    -------
    Plan
        With bounds and honest statuses in ``objective``, and what is not met, or too late, with its reason in
        ``unmet``. With any of the last five, ``meta["guarantee"]`` puts it beside the plan without them, made with the
        same work; bounds hold for all plans, restricted or not.

    Raises
    ------
    ValueError
        If a share, a factor, a place or a vehicle cannot be, or trips are committed and a wish beside them is not kept.
    """
    if committed is not None:
        if limit_s is not None or least_share or fair or priority or [*without] or physical_first or prove_s:
            msg = "beside committed trips only seconds and a seed can be given"
            raise ValueError(msg)
        return on_top_of(scenario, standing_trips(committed, scenario, committed_until_ms), seconds, seed,
                         committed_until_ms)  # fmt: skip
    if committed_until_ms is not None:
        msg = "committed_until_ms is of committed trips, and there are none"
        raise ValueError(msg)
    stop_at = math.inf if limit_s is None else time.monotonic() + limit_s
    guarantee = Guarantee(least_share, dict(priority or {}), frozenset(without), physical_first).checked(scenario)
    task = _read(scenario, stop_at)
    if not guarantee and not fair:
        plan = _planned(task, guarantee, seconds, stop_at, seed)
        return prove(scenario, plan, prove_s) if prove_s else plan
    shares = sorted({0.0, least_share, *(share for share in _FAIR_SHARES if fair and share > least_share)})
    ways = [Guarantee(), *(replace(guarantee, least_share=share) for share in shares)]
    if not ways[1]:
        ways = ways[1:]
    count = len(ways) + (_FAIR_HALVINGS if fair else 0)
    plans: list[Plan] = []

    def made(way: Guarantee) -> Plan:
        left = count - len(plans)
        until = stop_at if limit_s is None else time.monotonic() + (stop_at - time.monotonic()) / left
        plans.append(_planned(task, way, seconds / count, until, seed))
        return plans[-1]

    kept = [(way, made(way)) for way in ways][-len(shares) :]
    for _ in range(_FAIR_HALVINGS if fair else 0):
        reached = max(worst_share(plan, scenario) for _, plan in kept)
        above = [way.least_share for way, _ in kept if way.least_share > reached]
        if not above:
            break
        way = replace(guarantee, least_share=(reached + min(above)) / 2)
        kept.append((way, made(way)))
    allowed = [
        (way, plan)
        for way, plan in kept
        if way.least_share >= least_share or worst_share(plan, scenario) >= least_share
    ]
    way, plan = max(allowed, key=lambda pair: _fairness(pair[1], scenario)[0 if fair else 1 :])
    cost = guarantee_cost(replace(guarantee, least_share=way.least_share), plan, plans[0], scenario)
    plan = replace(plan, meta={**plan.meta, "guarantee": cost})
    return prove(scenario, plan, prove_s) if prove_s else plan


def _fairness(plan: Plan, scenario: Scenario) -> tuple[float, ...]:
    """Larger is fairer: the worst place's share, then the levels."""
    people, *others = (float(value) for value in plan.objective["value"])
    return (worst_share(plan, scenario), people, *(-value for value in others))


def _planned(task: _Task, guarantee: Guarantee, seconds: float, stop_at: float, seed: int | None) -> Plan:
    """Plan within a guarantee."""
    scenario = task.problem.scenario
    seed = scenario.seed if seed is None else seed
    bound = _restricted(task, guarantee, stop_at)
    parts = _parts(bound, guarantee)
    by_hand = _dispatch(bound, parts, _nearest)
    finish_s = _FINISHES * by_hand.written_s + _SPARE_S
    stopped = [time.monotonic() + finish_s >= stop_at]
    goal = () if guarantee else task.bounds.levels[:3]
    sent, tried = parts, Trial()
    if goal and math.isinf(stop_at) and bound.bounds.lines is not None:
        ways = (lambda: parts, lambda: _parts(bound, guarantee, bound.bounds.lines))
        sent, tried = better_parts(bound.problem, ways, seconds, seed, goal)

    def search(scorer: Scorer, consignments: list[Consignment], after: Timetable, part: str) -> list[TripOrder]:
        first = part == "first_batch"
        before_rest = any(part.name == "rest" and part.consignments for part in parts.parts)
        share = 1 - _FIRST_SHARE if part == "rest" else (_FIRST_SHARE if before_rest else 1.0)
        if part != "rest" and guarantee.least_share:
            share /= 2
        until = stop_at - finish_s
        if part != "rest" and before_rest:
            until = time.monotonic() + _FIRST_SHARE * (until - time.monotonic())
        effort = Effort(seconds * (share - tried.share if first else share), until)
        arrays = tried.search if first else None
        found = search_orders(scorer, consignments, after, effort, seed, goal if first else (), arrays)
        stopped.append(effort.overrun)
        return found

    plan, used = by_hand, parts
    if not stopped[0]:
        searched = _dispatch(bound, sent, search)
        if guarantee.priority or searched.worth <= by_hand.worth:
            plan, used = searched, sent
    meta = {
        **_meta(scenario),
        "planner": "relief",
        "seed": seed,
        "seconds": seconds,
        "stopped_by": "clock" if any(stopped) else "work",
        "bounds": "cut" if task.bounds.cut else "all",
    }
    return _finished(bound, used, plan, meta, stop_at)


def plan_nearest_first(scenario: Scenario) -> Plan:
    """Plan as a dispatcher does by hand: who is free first goes to the nearest depot and on to the nearest sites.

    The comparison that is always there; stock is assigned as in :func:`plan_relief`.
    """
    return plan_with(scenario, _nearest, "nearest_first")


def plan_with(scenario: Scenario, search: Search, planner: str) -> Plan:
    """Plan with somebody else's way to send vehicles; stock, packing, timetable and bounds as in :func:`plan_relief`.

    Parameters
    ----------
    scenario : Scenario
    search : callable
        From (scorer, consignments, timetable so far, part) to trip orders for all the consignments.
    planner : str
        Its name, for ``meta``.
    """
    task = _read(scenario)
    parts = _parts(task, Guarantee())
    meta = {**_meta(scenario), "planner": planner, "seed": scenario.seed}
    return _finished(task, parts, _dispatch(task, parts, search), meta, math.inf)


def _nearest(scorer: Scorer, consignments: list[Consignment], after: Timetable, _: str) -> list[TripOrder]:
    return nearest_first(scorer.problem, consignments, after)


def _read(scenario: Scenario, stop_at: float = math.inf) -> _Task:
    begun = time.monotonic()
    problem = read_problem(scenario)
    slices = cut_lots(problem)
    quotas = shortfall(problem, slices)
    places = measure(empty_plan(), scenario, problem.legs.roads).places
    if math.isfinite(stop_at):
        stop_at = min(stop_at, begun) + _BOUNDING_SHARE * max(0.0, stop_at - begun)
        stop_at = max(stop_at, time.monotonic() + _BOUNDING_SHARE * (stop_at - begun)) if stop_at > begun else begun
    return _Task(problem, slices, quotas, places, find_bounds(problem, slices, quotas, places, stop_at))


@dataclass(frozen=True, eq=False)
class _Dispatch:
    """First batch and rest, dispatched: tables of the plan, and what it is worth.

    ``worth``: levels, and what is delivered before the kilometres; smaller is better. ``written_s``: what tables and
    measures took.
    """

    plan: Plan
    orders: list[TripOrder]
    timetable: Timetable
    measures: Measures
    worth: tuple[float, ...]
    written_s: float


def _restricted(task: _Task, guarantee: Guarantee, stop_at: float) -> _Task:
    """The task with vehicles and unsure stock taken out and needs weighted by priority; bounds stay those without."""
    problem = task.problem
    if guarantee.physical_first:
        problem = surely(problem)
        slices = cut_lots(problem)
        task = replace(task, slices=slices, quotas=shortfall(problem, slices))
    if guarantee.without:
        vehicles = {key: of for key, of in problem.vehicles.items() if key not in guarantee.without}
        problem = replace(problem, vehicles=vehicles)
    if guarantee.priority:
        factor = guarantee.priority
        needs = tuple(replace(need, weight=need.weight * factor.get(need.place, 1.0)) for need in problem.needs)
        problem = replace(problem, needs=needs)
    if problem is task.problem:
        return task
    factors = task.places["place"].map(lambda place: guarantee.priority.get(place, 1.0))
    counted = task.places.assign(people=task.places["people"] * factors, weight=task.places["weight"] * factors)
    promising = find_bounds(problem, task.slices, task.quotas, counted, stop_at).promising
    return replace(task, problem=problem, bounds=replace(task.bounds, promising=promising))


def _parts(task: _Task, guarantee: Guarantee, lines: DockLines | None = None) -> Parts:
    return cut_parts(task.problem, task.slices, task.quotas, task.bounds.promising, task.places, guarantee, lines)


def _dispatch(task: _Task, parts: Parts, search: Search) -> _Dispatch:
    """Dispatch each part on top of what comes before."""
    problem = task.problem
    timetable = Timetable(problem)
    orders: list[TripOrder] = []
    written_s = 0.0
    for part in parts.parts:
        found = search(part.scorer, part.consignments, timetable, part.name)
        begun = time.monotonic()
        timetable = decode(problem, found, timetable).timetable
        orders.extend(found)
        written_s += time.monotonic() - begun
    begun = time.monotonic()
    plan = Plan(**plan_tables(problem, timetable))
    measures = measure(plan, problem.scenario, problem.legs.roads)
    people, t_all, first, rest, km = measures.levels()
    worth = (-people, t_all, first, rest, -float(plan.loads["quantity"].sum()), km)
    written_s += time.monotonic() - begun
    return _Dispatch(plan, orders, timetable, measures, worth, written_s)


def _finished(task: _Task, parts: Parts, made: _Dispatch, meta: dict[str, Any], stop_at: float) -> Plan:
    """The plan with what it is worth, what it proves, and what it leaves unmet."""
    unmet = unmet_table(task.problem, task.slices, parts.left, task.bounds, made.orders, made.timetable,
                        parts.unsupplied, parts.too_big, stop_at)  # fmt: skip
    return replace(made.plan, unmet=unmet, objective=with_bounds(made.measures, task.bounds), meta=meta)


def _meta(scenario: Scenario) -> dict[str, Any]:
    return {"scenario": scenario.name, "fingerprint": fingerprint(scenario), "versions": versions()}
