"""Minutes that fast passage saves a plan: the same trips, timed without it and with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from dispatch.passage import fast_passage
from dispatch.planning.assemble import plan_tables, typed
from dispatch.planning.explain import plan_orders
from dispatch.planning.measure import measure
from dispatch.planning.plan import OBJECTIVE_COLUMNS, UNMET_COLUMNS, Plan, empty_plan_table
from dispatch.planning.problem import read_problem
from dispatch.planning.timetable import decode
from dispatch.scenario import Scenario

__all__ = ["PASSAGE_PLACE_COLUMNS", "PASSAGE_TRIP_COLUMNS", "PassageReport", "passage_report"]

PASSAGE_TRIP_COLUMNS: dict[str, str] = {
    "vehicle": "str", "sequence": "int64", "depot": "str", "last_site": "str", "normal_ms": "int64",
    "fast_ms": "int64", "driving_saved_ms": "int64",
}  # fmt: skip
"""One row per trip: end of the last unloading without and with fast passage (from the order), and how much of its time
on the road is saved; the rest of the difference is waiting that is no longer needed."""

PASSAGE_PLACE_COLUMNS: dict[str, str] = {
    "place": "str", "plan_ms": "int64", "normal_ms": "int64", "fast_ms": "int64", "saved_ms": "int64",
    "on_time_plan": "bool", "on_time": "bool", "on_time_fast": "bool",
}  # fmt: skip
"""One row per place that needs a first batch: its completion from the order (-1 = never) in the plan as it stands
(``plan_ms``), without fast passage (``normal_ms``: the plan's, or that of its trips timed anew where it is earlier),
and with it (``fast_ms``, timed anew). Neither idle waiting of a plan nor what the planner timed better than the decoder
does is a merit of fast passage."""


@dataclass(frozen=True, eq=False)
class PassageReport:
    """What fast passage saves.

    ``plan``: the plan's trips with their times under fast passage, valid for ``scenario`` (fast passage in force): its
    route sheets are for the traffic police. ``trips``, ``places``: see the module's constants.
    """

    scenario: Scenario
    plan: Plan
    trips: pd.DataFrame
    places: pd.DataFrame


def passage_report(scenario: Scenario, plan: Plan) -> PassageReport:
    """Time a plan's trips, in their order, without and with fast passage.

    Both are timed by the same decoder, so that idle waiting that a plan may hold does not count as saved; where the
    plan itself has the earlier time without, that counts.
    """
    fast = fast_passage(scenario)
    timed = {name: _timed(of, plan) for name, of in (("normal", scenario), ("fast", fast))}
    normal, quick = timed["normal"], timed["fast"]
    places = measure(normal, scenario).places.merge(measure(quick, fast).places, on="place", suffixes=("", "_fast"))
    places = places.merge(measure(plan, scenario).places, on="place", suffixes=("", "_plan"))
    rows = []
    for row in places[places["first_batch_needed"]].to_dict("records"):
        times = [int(row[f"first_batch_complete_ms{of}"]) for of in ("_plan", "", "_fast")]
        on_time = bool(row["on_time"])
        if times[0] >= 0 and (times[1] < 0 or times[0] < times[1]):
            times[1], on_time = times[0], bool(row["on_time_plan"])
        since = [time - scenario.order_ms if time >= 0 else -1 for time in times]
        saved = since[1] - since[2] if min(times[1:]) >= 0 else 0
        rows.append({"place": row["place"], "plan_ms": since[0], "normal_ms": since[1], "fast_ms": since[2],
                     "saved_ms": saved, "on_time_plan": bool(row["on_time_plan"]), "on_time": on_time,
                     "on_time_fast": bool(row["on_time_fast"])})  # fmt: skip
    return PassageReport(fast, quick, _trips(normal, quick, scenario), typed(PASSAGE_PLACE_COLUMNS, rows))


def _timed(scenario: Scenario, plan: Plan) -> Plan:
    """The plan's trips as the decoder times them."""
    problem = read_problem(scenario)
    tables = plan_tables(problem, decode(problem, plan_orders(problem, plan)).timetable)
    bare = {"unmet": empty_plan_table(UNMET_COLUMNS), "objective": empty_plan_table(OBJECTIVE_COLUMNS)}
    return replace(plan, **tables, **bare)


def _trips(normal: Plan, quick: Plan, scenario: Scenario) -> pd.DataFrame:
    before, after = _by_trip(normal), _by_trip(quick)
    rows = []
    for key in sorted(before.keys() & after.keys()):
        (depot, site, end_ms, driving_ms), (_, _, fast_end_ms, fast_driving_ms) = before[key], after[key]
        rows.append({"vehicle": key[0], "sequence": key[1], "depot": depot, "last_site": site,
                     "normal_ms": end_ms - scenario.order_ms, "fast_ms": fast_end_ms - scenario.order_ms,
                     "driving_saved_ms": driving_ms - fast_driving_ms})  # fmt: skip
    return typed(PASSAGE_TRIP_COLUMNS, rows)


def _by_trip(plan: Plan) -> dict[tuple[str, int], tuple[str, str, int, int]]:
    """Depot, last site, end and time on the road of each trip by (vehicle, sequence)."""
    stops: dict[str, list[dict[str, object]]] = {}
    for stop in plan.stops.sort_values("stop").to_dict("records"):
        stops.setdefault(stop["trip"], []).append(stop)
    result = {}
    for trip in plan.trips.to_dict("records"):
        of = stops[trip["trip"]]
        driving = trip["at_depot_ms"] - trip["start_ms"] + sum(int(s["arrive_ms"]) - int(s["leave_ms"]) for s in of)  # type: ignore[call-overload]
        last = of[-1]
        result[trip["vehicle"], int(trip["sequence"])] = (
            str(trip["depot"]), str(last["site"]), int(last["unload_end_ms"]), int(driving),  # type: ignore[call-overload]
        )  # fmt: skip
    return result
