"""Why each place is served when it is: the earliest that is possible at all, and what the plan's time is made of.

The time from the open-road earliest to the plan is cut into pieces by taking limits away from the plan one after the
other, in this order: docks, vehicles, stock, crew hours, closed roads. After each step the place's time is computed
again; the piece is the difference, never negative, and the pieces add up exactly.

- ``dock_ms``: the plan's trips timed again with a dock for each.
- ``vehicle_ms``: an own truck from the start at each depot that the plan takes the place's goods from (waiting for
  trucks, empty runs, tours with other stops, loading of others' goods).
- ``stock_ms``: every open depot holds all goods from the start (another depot than the nearest, release by the hour).
- ``crew_ms``: trucks and store staff stand ready at the order (call-up, opening, approval, request to a higher tier).
- ``road_ms``: nothing is closed or slowed. What is left is ``open_ms``: loading, driving, unloading.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import pandas as pd

from dispatch.hazards.disruption import no_disruption
from dispatch.planning.assemble import typed
from dispatch.planning.earliest import place_bounds
from dispatch.planning.legs import Legs
from dispatch.planning.measure import measure
from dispatch.planning.plan import Plan
from dispatch.planning.problem import Consignment, ReliefProblem, TripOrder, read_problem
from dispatch.planning.relax import relaxations
from dispatch.planning.slices import Slice, cut_lots
from dispatch.planning.timetable import decode
from dispatch.scenario import Scenario, travel
from models.traversal import NEVER

__all__ = ["ARRIVAL_COLUMNS", "PIECES", "Explanation", "arrival_table", "explain"]

PIECES: tuple[str, ...] = ("dock_ms", "vehicle_ms", "stock_ms", "crew_ms", "road_ms")
"""Order in which limits are taken away."""

ARRIVAL_COLUMNS: dict[str, str] = {
    "place": "str",
    "people": "float64",
    "on_time": "bool",
    "served": "bool",
    "plan_ms": "int64",
    "earliest_ms": "int64",
    "open_ms": "int64",
    **dict.fromkeys(PIECES, "int64"),
}
"""One row per place that needs a first batch. Durations from the order to its completion, ms; what never comes counts
as the horizon (``served``: it comes). ``earliest_ms``: what roads and loading alone allow, with trucks, docks, crews
and goods without limit; ``open_ms``: the same if no road were closed or slow. ``plan_ms`` = ``open_ms`` + pieces."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """Tables for a reader or a page.

    ``arrivals``: ``ARRIVAL_COLUMNS``; ``relaxations``: ``relax.RELAXATION_COLUMNS``, what would make a missed place,
    the smallest first; ``certificates``: ``relax.CERTIFICATE_COLUMNS``, why nothing of that would.
    """

    arrivals: pd.DataFrame
    relaxations: pd.DataFrame
    certificates: pd.DataFrame


def explain(scenario: Scenario, plan: Plan, places: Collection[str] | None = None) -> Explanation:
    """Explain a plan, for all places or some.

    Parameters
    ----------
    scenario : Scenario
    plan : Plan
        Valid for the scenario.
    places : collection of str, optional
        Places for which relaxations are sought if they are missed; all by default.
    """
    problem = read_problem(scenario)
    arrivals = arrival_table(problem, plan)
    if places is not None:
        arrivals = arrivals[arrivals["place"].isin(set(places))].reset_index(drop=True)
    missed = arrivals.loc[~arrivals["on_time"], "place"].tolist()
    earliest = dict(zip(arrivals["place"], arrivals["earliest_ms"], strict=True))
    found, certificates = relaxations(problem, plan, missed, earliest)
    return Explanation(arrivals, found, certificates)


def arrival_table(problem: ReliefProblem, plan: Plan) -> pd.DataFrame:
    """Times and pieces of every place (``ARRIVAL_COLUMNS``)."""
    scenario = problem.scenario
    whole = measure(plan, scenario, problem.legs.roads).places
    whole = whole[whole["first_batch_needed"]]
    docked = _with_docks(problem, plan)
    called_up = _called_up(problem)
    everywhere = tuple(
        Slice(depot, item, 0, 10**9, of.open_ms, of.open_ms, NEVER)
        for depot, of in called_up.depots.items() if of.open_ms <= problem.end_ms
        for item in problem.unit
    )  # fmt: skip
    own = _from_plan_depots(called_up, plan)
    real = place_bounds(called_up, cut_lots(called_up), "first_batch")
    stocked = place_bounds(called_up, everywhere, "first_batch")
    at_once = _at_once(called_up)
    from_start = tuple(replace(piece, first_ms=scenario.order_ms, ready_ms=scenario.order_ms) for piece in everywhere)
    ready = place_bounds(at_once, from_start, "first_batch")
    open_roads = _derived(at_once, Legs(travel(scenario, no_disruption())))
    free = place_bounds(open_roads, from_start, "first_batch")
    rows = []
    for row in whole.to_dict("records"):
        place = row["place"]
        done = int(row["first_batch_complete_ms"])
        served = done >= 0
        alone = own.get(place, NEVER) if served else real.get(place, NEVER)
        times = [done if served else problem.end_ms]
        for time in (docked.get(place, NEVER), alone, stocked.get(place, NEVER), ready.get(place, NEVER),
                     free.get(place, NEVER)):  # fmt: skip
            times.append(min(times[-1], time))
        since = [time - scenario.order_ms for time in times]
        pieces = {name: since[k] - since[k + 1] for k, name in enumerate(PIECES)}
        rows.append({
            "place": place, "people": row["people"], "on_time": bool(row["on_time"]), "served": served,
            "plan_ms": since[0], "earliest_ms": since[4], "open_ms": since[5], **pieces,
        })  # fmt: skip
    return typed(ARRIVAL_COLUMNS, rows)


def _with_docks(problem: ReliefProblem, plan: Plan) -> dict[str, int]:
    """Completion by place if every trip of the plan had a dock of its own."""
    orders = plan_orders(problem, plan)
    many = max(1, len(orders))
    docks = {depot: replace(of, docks=many) for depot, of in problem.depots.items()}
    decoded = decode(replace(problem, depots=docks), orders)
    came: dict[int, list[tuple[int, int]]] = {}
    for trip in decoded.timetable.trips:
        for stop in trip.stops:
            for position, _, quantity in stop.goods.loads:
                came.setdefault(position, []).append((stop.unload_end_ms, quantity))
    result: dict[str, int] = {}
    for n, need in enumerate(problem.needs):
        if need.part == "first_batch":
            whole = sum(quantity for _, quantity in came.get(n, [])) >= need.quantity
            done = max(time for time, _ in came[n]) if whole else NEVER
            result[need.place] = max(result.get(need.place, done), done)
    return result


def plan_orders(problem: ReliefProblem, plan: Plan) -> list[TripOrder]:
    """Trips of a plan as orders, in the order of their loading."""
    number = {need.need: n for n, need in enumerate(problem.needs)}
    loads: dict[tuple[str, int], list[tuple[int, str, int]]] = {}
    for row in plan.loads.itertuples(index=False):
        if row.need in number:
            loads.setdefault((row.trip, int(row.stop)), []).append((number[row.need], row.item, int(row.quantity)))
    stops: dict[str, list[int]] = {}
    for row in plan.stops.sort_values("stop").itertuples(index=False):
        stops.setdefault(row.trip, []).append(int(row.stop))
    result = []
    for row in plan.trips.sort_values(["load_start_ms", "trip"]).itertuples(index=False):
        goods = [loads[row.trip, stop] for stop in stops.get(row.trip, []) if (row.trip, stop) in loads]
        if goods and row.vehicle in problem.vehicles:
            stopped = tuple(Consignment(row.depot, problem.stop(problem.needs[g[0][0]].site, tuple(g))) for g in goods)
            result.append(TripOrder(row.vehicle, row.depot, stopped))
    return result


def _called_up(problem: ReliefProblem) -> ReliefProblem:
    """Trucks of every class at every depot from the call-up on."""
    scenario = problem.scenario
    other = _derived(problem, problem.legs)
    ready = scenario.order_ms + min(
        [scenario.step_ms("call_up"), *(v.ready_ms - scenario.order_ms for v in problem.vehicles.values())]
    )
    other.__dict__["vehicle_at"] = {(of, depot): ready for of in problem.classes for depot in problem.depots}
    return other


def _at_once(problem: ReliefProblem) -> ReliefProblem:
    """Trucks and depots ready at the order; depots that stay closed do so."""
    order_ms = problem.scenario.order_ms
    depots = {d: replace(of, open_ms=min(of.open_ms, order_ms)) if of.open_ms < NEVER else of
              for d, of in problem.depots.items()}  # fmt: skip
    other = replace(problem, depots=depots)
    other.__dict__["vehicle_at"] = {(of, depot): order_ms for of in problem.classes for depot in problem.depots}
    return other


def _derived(problem: ReliefProblem, legs: Legs) -> ReliefProblem:
    """The same problem over other roads, its trucks where they were put."""
    other = replace(problem, legs=legs)
    if "vehicle_at" in problem.__dict__:
        other.__dict__["vehicle_at"] = problem.__dict__["vehicle_at"]
    return other


def _from_plan_depots(problem: ReliefProblem, plan: Plan) -> dict[str, int]:
    """Earliest completion by place from the depots and lots that the plan takes its goods from."""
    depot = dict(zip(plan.trips["trip"], plan.trips["depot"], strict=True))
    site = {(t, int(s)): 1 for t, s in zip(plan.stops["trip"], plan.stops["stop"], strict=True)}
    place_of = {need.need: need.place for need in problem.needs}
    used: dict[str, dict[tuple[str, str, str], int]] = {}
    for row in plan.loads.itertuples(index=False):
        if row.need in place_of and row.trip in depot and (row.trip, int(row.stop)) in site:
            of = used.setdefault(place_of[row.need], {})
            key = (depot[row.trip], row.item, row.lot)
            of[key] = of.get(key, 0) + int(row.quantity)
    result: dict[str, int] = {}
    for place, taken in used.items():
        lots = {}
        for (d, item), there in problem.lots.items():
            chosen = tuple(replace(lot, quantity=min(lot.quantity, taken[d, item, lot.lot]))
                           for lot in there if (d, item, lot.lot) in taken)  # fmt: skip
            if chosen:
                lots[d, item] = chosen
        mine = tuple(need for need in problem.needs if need.place == place)
        alone = replace(problem, lots=lots, needs=mine)
        alone.__dict__["vehicle_at"] = problem.__dict__["vehicle_at"]
        result.update(place_bounds(alone, cut_lots(alone), "first_batch"))
    return result
