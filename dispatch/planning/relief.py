"""The relief plan: who carries what, from where, when, so that the first batch reaches every place in time.

Steps: the shortfall that higher tiers are asked for; stock assigned to needs (a linear programme); goods packed into
consignments; consignments given to vehicles and trips (by hand rules and by the OR-Tools routing library), timed by
one decoder that knows docks, closures, lots and rests; a bounded improvement by annealing and small changes; then the
same for the rest, on top of the first batch, which it never delays. The best by the levels of the objective is kept,
never worse than nearest first.

One vehicle is unloaded at a site at a time. No vehicle returns after its last trip.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from dispatch.planning.allocation import allot
from dispatch.planning.assemble import plan_tables
from dispatch.planning.bounds import Bounds, find_bounds, with_bounds
from dispatch.planning.consignments import pack
from dispatch.planning.fairness import Guarantee, guarantee_cost, worst_share
from dispatch.planning.fingerprint import fingerprint, versions
from dispatch.planning.greedy import best_vehicle_first, nearest_first
from dispatch.planning.improve import Effort, anneal_orders, polish
from dispatch.planning.measure import measure
from dispatch.planning.plan import LOAD_COLUMNS, PATH_COLUMNS, STOP_COLUMNS, TRIP_COLUMNS, Plan, empty_plan_table
from dispatch.planning.problem import Consignment, ReliefProblem, TripOrder, read_problem
from dispatch.planning.routing import route
from dispatch.planning.score import Scorer, make_scorer
from dispatch.planning.slices import Slice, cut_lots, shortfall
from dispatch.planning.timetable import Timetable, decode
from dispatch.planning.unmet import unmet_table
from dispatch.scenario import Scenario
from models.traversal import NEVER

__all__ = ["plan_nearest_first", "plan_relief"]

_FIRST_SHARE = 0.75

_FAIR_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Minimum shares among which the fairest plan is sought."""

_ROUTING_PATIENCE = 10
"""The routing library's search has no bound on work alone: it is stopped after this multiple of its share of time."""

_ROUTING_SHARE = 0.3
_ROUTING_SOLUTIONS = 5
"""Improving solutions of the routing library for each second of work: its limit; the share is of the clock."""

_MANY = 250
"""Consignments above which the routing library and all but one of the hand rules take too long to be worth while."""

_ANNEALING_SHARE = 0.45
_POLISHING_SHARE = 0.1


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
) -> Plan:
    """Plan the relief of a scenario at planning values and with full knowledge of the forecast.

    Parameters
    ----------
    scenario : Scenario
    seconds : float
        Sets the work of the search, sized so that it takes less than this on an idle core; reading and proving come on
        top. The same work gives the same plan, however long it takes.
    limit_s : float, optional
        Stops the search by the clock; ``meta["stopped_by"]`` says if it did, and such a plan is not reproducible.
    seed : int, optional
        Of the improvement; the scenario's by default.
    least_share : float
        Every reachable place has this share of each first-batch need by the deadline; where the plan without such a
        minimum does not see to it, that share is dispatched before more is for any place, and never delayed by it.
    fair : bool
        Of plans with several minimum shares, take the one whose worst place has the largest share of its first batch by
        the deadline, then the best by levels; the work is shared among them.
    priority : mapping of place to float, optional
        How many times the people of a place count in the search; the levels reported count them once.
    without : iterable of str
        Vehicles that stay at home.

    Returns
    -------
    Plan
        With bounds and honest statuses in ``objective``, and what is not met, or too late, with its reason in
        ``unmet``. With any of the last four, ``meta["guarantee"]`` puts it beside the plan without them, made with the
        same work; bounds hold for all plans, restricted or not.

    Raises
    ------
    ValueError
        If a share, a factor, a place or a vehicle cannot be.
    """
    stop_at = math.inf if limit_s is None else time.monotonic() + limit_s
    guarantee = Guarantee(least_share, dict(priority or {}), frozenset(without)).checked(scenario)
    task = _read(scenario)
    if not guarantee and not fair:
        return _planned(task, guarantee, seconds, stop_at, seed)
    shares = sorted({0.0, least_share, *(share for share in _FAIR_SHARES if fair and share > least_share)})
    ways = [Guarantee(), *(replace(guarantee, least_share=share) for share in shares)]
    if not ways[1]:
        ways = ways[1:]
    plans = []
    for k, way in enumerate(ways):
        until = stop_at if limit_s is None else time.monotonic() + (stop_at - time.monotonic()) / (len(ways) - k)
        plans.append(_planned(task, way, seconds / len(ways), until, seed))
    kept = [
        (way, plan)
        for way, plan in list(zip(ways, plans, strict=True))[-len(shares) :]
        if way.least_share >= least_share or worst_share(plan, scenario) >= least_share
    ]
    way, plan = max(kept, key=lambda pair: _fairness(pair[1], scenario)[0 if fair else 1 :])
    made = replace(guarantee, least_share=way.least_share)
    return replace(plan, meta={**plan.meta, "guarantee": guarantee_cost(made, plan, plans[0], scenario)})


def _fairness(plan: Plan, scenario: Scenario) -> tuple[float, ...]:
    """Larger is fairer: the worst place's share, then the levels."""
    people, *others = (float(value) for value in plan.objective["value"])
    return (worst_share(plan, scenario), people, *(-value for value in others))


def _planned(task: _Task, guarantee: Guarantee, seconds: float, stop_at: float, seed: int | None) -> Plan:
    """Plan within a guarantee."""
    scenario = task.problem.scenario
    seed = scenario.seed if seed is None else seed
    bound = _restricted(task, guarantee)
    stopped = []

    def search(scorer: Scorer, consignments: list[Consignment], after: Timetable, part: str) -> list[TripOrder]:
        first = part == "first_batch"
        share = 1 - _FIRST_SHARE if part == "rest" else _FIRST_SHARE / (2 if guarantee.least_share else 1)
        effort = Effort(seconds * share, stop_at)
        goal = task.bounds.levels[:3] if first and not guarantee else ()
        found = _search(scorer, consignments, after, effort, seed, goal)
        stopped.append(effort.overrun)
        return found

    ways = (search,) if guarantee.priority else (search, _nearest)
    plan = min((_dispatch(bound, way, guarantee) for way in ways), key=lambda made: made.worth(task))
    meta = {
        **_meta(scenario),
        "planner": "relief",
        "seed": seed,
        "seconds": seconds,
        "stopped_by": "clock" if any(stopped) else "work",
    }
    return _finished(bound, plan, meta)


def plan_nearest_first(scenario: Scenario) -> Plan:
    """Plan as a dispatcher does by hand: who is free first goes to the nearest depot and on to the nearest sites.

    The comparison that is always there; stock is assigned as in :func:`plan_relief`.
    """
    task = _read(scenario)
    meta = {**_meta(scenario), "planner": "nearest_first", "seed": scenario.seed}
    return _finished(task, _dispatch(task, _nearest, Guarantee()), meta)


def _nearest(scorer: Scorer, consignments: list[Consignment], after: Timetable, _: str) -> list[TripOrder]:
    return nearest_first(scorer.problem, consignments, after)


def _read(scenario: Scenario) -> _Task:
    problem = read_problem(scenario)
    slices = cut_lots(problem)
    quotas = shortfall(problem, slices)
    nothing = Plan(*(empty_plan_table(columns) for columns in (TRIP_COLUMNS, STOP_COLUMNS, LOAD_COLUMNS, PATH_COLUMNS)))
    places = measure(nothing, scenario, problem.legs.roads).places
    return _Task(problem, slices, quotas, places, find_bounds(problem, slices, quotas, places))


Search = Callable[[Scorer, list[Consignment], Timetable, str], list[TripOrder]]


@dataclass(frozen=True, eq=False)
class _Dispatch:
    """First batch and rest, dispatched: tables of the plan, and what the diagnosis of unmet needs asks for."""

    plan: Plan
    orders: list[TripOrder]
    timetable: Timetable
    left: tuple[Slice, ...]
    unsupplied: dict[int, int]
    too_big: dict[int, int]

    def worth(self, task: _Task) -> tuple[float, ...]:
        """Levels, and what is delivered before the kilometres; smaller is better."""
        measures = measure(self.plan, task.problem.scenario, task.problem.legs.roads)
        people, t_all, first, rest, km = measures.levels()
        return (-people, t_all, first, rest, -float(self.plan.loads["quantity"].sum()), km)


def _restricted(task: _Task, guarantee: Guarantee) -> _Task:
    """The task with vehicles taken out and needs weighted by priority."""
    problem = task.problem
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
    promising = find_bounds(problem, task.slices, task.quotas, counted).promising
    return replace(task, problem=problem, bounds=replace(task.bounds, promising=promising))


def _asking(problem: ReliefProblem, quantities: Mapping[int, int]) -> ReliefProblem:
    """The problem with only these quantities asked for, by position of the need."""
    needs = tuple(
        replace(need, quantity=quantities[k]) if quantities.get(k) else replace(need, part="")
        for k, need in enumerate(problem.needs)
    )
    return replace(problem, needs=needs)


def _phases(problem: ReliefProblem, least_share: float) -> list[tuple[str, dict[int, int]]]:
    """Parts of the plan in order, each with what it asks for at most by position of the need."""
    phases = []
    if least_share:
        least = {k: math.ceil(least_share * n.quantity) for k, n in enumerate(problem.needs) if n.part == "first_batch"}
        phases.append(("least", least))
    parts = ("first_batch", "rest")
    return phases + [(p, {k: need.quantity for k, need in enumerate(problem.needs) if need.part == p}) for p in parts]


def _dispatch(task: _Task, search: Search, guarantee: Guarantee) -> _Dispatch:
    """Dispatch the minimum shares, if any, then the first batch, then the rest, each on top of what comes before."""
    problem = task.problem
    timetable = Timetable(problem)
    slices, quotas = task.slices, task.quotas
    orders: list[TripOrder] = []
    unsupplied: dict[int, int] = {}
    too_big: dict[int, int] = {}
    sent: dict[int, int] = {}
    for part, most in _phases(problem, guarantee.least_share):
        asking = problem
        if guarantee.least_share and part != "rest":
            asking = _asking(problem, {k: quantity - sent.get(k, 0) for k, quantity in most.items()})
        allotment = allot(asking, slices, quotas, "rest" if part == "rest" else "first_batch", task.bounds.promising)
        consignments, excluded = pack(asking, allotment.assigned)
        for assigned in allotment.assigned:
            sent[assigned.need] = sent.get(assigned.need, 0) + assigned.quantity
        unsupplied = {**{k: q for k, q in unsupplied.items() if k not in most}, **allotment.unmet}
        for need, _, quantity in excluded:
            too_big[need] = too_big.get(need, 0) + quantity
        scorer = _weighted(make_scorer(problem, task.places, [*unsupplied, *too_big]), guarantee.priority)
        found = search(scorer, consignments, timetable, part)
        timetable = decode(problem, found, timetable).timetable
        orders.extend(found)
        slices, quotas = allotment.left, allotment.quotas
    plan = Plan(**plan_tables(problem, timetable))
    return _Dispatch(plan, orders, timetable, slices, unsupplied, too_big)


def _weighted(scorer: Scorer, priority: Mapping[str, float]) -> Scorer:
    """The scorer with the people of some places counted more or less often."""
    if not priority:
        return scorer
    factors = [priority.get(place, 1.0) for place, _ in scorer.problem.tasks]
    return replace(
        scorer,
        people=tuple(people * f for people, f in zip(scorer.people, factors, strict=True)),
        weight=tuple(weight * f for weight, f in zip(scorer.weight, factors, strict=True)),
    )


def _finished(task: _Task, made: _Dispatch, meta: dict[str, Any]) -> Plan:
    """The plan with what it is worth, what it proves, and what it leaves unmet."""
    problem = task.problem
    unmet = unmet_table(problem, task.slices, made.left, task.bounds, made.orders, made.timetable, made.unsupplied,
                        made.too_big)  # fmt: skip
    objective = with_bounds(measure(made.plan, problem.scenario, problem.legs.roads), task.bounds)
    return replace(made.plan, unmet=unmet, objective=objective, meta=meta)


def _meta(scenario: Scenario) -> dict[str, Any]:
    return {"scenario": scenario.name, "fingerprint": fingerprint(scenario), "versions": versions()}


def _search(
    scorer: Scorer,
    consignments: list[Consignment],
    after: Timetable,
    effort: Effort,
    seed: int,
    target: tuple[float, ...],
) -> list[TripOrder]:
    """Best of several ways to assign consignments, improved."""
    problem = scorer.problem
    candidates = [nearest_first(problem, consignments, after)]
    for rule in (_people_per_load, _heaviest, _farthest):
        if len(candidates) == 1 or (effort.left() > 0 and len(consignments) <= _MANY):
            keyed = rule(problem)
            fills = (True, False) if effort.left() > 0 else (True,)
            candidates.extend(best_vehicle_first(problem, consignments, after, keyed, fill) for fill in fills)

    def worth(orders: list[TripOrder]) -> tuple[float, ...]:
        return scorer.score(decode(problem, orders, after))

    best = min(candidates, key=worth)
    goal = _as_score(scorer, target)
    found = bool(goal) and worth(best)[: len(goal)] <= goal
    if not found and not after.trips and len(consignments) <= _MANY and effort.left() > 0:
        patience = _ROUTING_SHARE * min(effort.left(), _ROUTING_PATIENCE * effort.seconds)
        begun = time.monotonic()
        routed = route(problem, best, max(1, int(_ROUTING_SOLUTIONS * effort.seconds)), patience)
        effort.overrun |= time.monotonic() - begun >= patience
        best = min(best, routed, key=worth) if routed else best
    annealing = replace(effort, seconds=_ANNEALING_SHARE * effort.seconds)
    best = anneal_orders(scorer, consignments, best, after, annealing, seed, goal)
    polishing = replace(effort, seconds=_POLISHING_SHARE * effort.seconds)
    best = polish(scorer, best, after, polishing, seed, goal)
    effort.overrun |= annealing.overrun or polishing.overrun
    return best


def _as_score(scorer: Scorer, levels: tuple[float, ...]) -> tuple[float, ...]:
    """First levels of a bound as a score (people not served instead of served)."""
    if not levels:
        return ()
    crowd = sum(people for people, first in zip(scorer.people, scorer.first_batch, strict=True) if first)
    return (max(0.0, crowd - levels[0]), *levels[1:])


def _people_per_load(problem: ReliefProblem) -> Callable[[Consignment], tuple[float, str]]:
    """Most people for the least dock time first."""

    def key(consignment: Consignment) -> tuple[float, str]:
        goods = consignment.goods
        people = sum(
            problem.needs[need].weight / problem.needs[need].quantity * quantity for need, _, quantity in goods.loads
        )
        return (-people / max(problem.loading_time_ms(goods.weight_kg, goods.volume_m3), 1), goods.site)

    return key


def _heaviest(_: ReliefProblem) -> Callable[[Consignment], tuple[float, str]]:
    """Largest first."""
    return lambda consignment: (-consignment.goods.weight_kg, consignment.site)


def _farthest(problem: ReliefProblem) -> Callable[[Consignment], tuple[float, str]]:
    """Longest drive first."""

    def key(consignment: Consignment) -> tuple[float, str]:
        drive = min(
            (problem.legs.least(of, consignment.depot, consignment.site) for of in problem.classes), default=NEVER
        )
        return (-float(drive), consignment.site)

    return key
