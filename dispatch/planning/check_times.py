"""Depots and delivery points: opening, docks, loading, unloading, and the horizon."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator

from dispatch.clock import MINUTE_MS
from dispatch.planning.check_tables import Row, Tables
from dispatch.planning.violation import Violation
from dispatch.scenario import Scenario

__all__ = ["check_depots", "check_unloading", "opening_ms"]


def opening_ms(scenario: Scenario, depot: Row) -> tuple[float, float]:
    """When a depot is staffed and when its owner has approved; infinite if it stays closed."""
    asked_ms = scenario.order_ms
    if depot["tier"] in {"city", "province"}:
        asked_ms += scenario.tier_request_ms.get(depot["tier"], 0)
    open_ms = 0 if math.isnan(depot["open_min"]) else math.ceil(round(depot["open_min"] * MINUTE_MS, 3))
    approved_ms = 0 if math.isnan(depot["approval_min"]) else math.ceil(round(depot["approval_min"] * MINUTE_MS, 3))
    if depot["readiness"] == "closed":
        return math.inf, asked_ms + approved_ms
    if depot["readiness"] == "standby":
        open_ms = max(open_ms, scenario.step_ms("call_up"))
    return asked_ms + open_ms, asked_ms + approved_ms


def check_depots(tables: Tables, scenario: Scenario) -> list[Violation]:
    """Check opening, approval, docks, loading times, reports of need, and papers before departure."""
    depots = {row["depot"]: row for row in scenario.county.table("depots").to_dict("records")}
    result: list[Violation] = []
    at_dock: dict[tuple[str, int], list[tuple[int, int, str]]] = defaultdict(list)
    for trip in tables.trips.values():
        depot = depots[trip["depot"]]
        result.extend(_loading(tables, scenario, trip, depot))
        if 1 <= trip["dock"] <= depot["docks"]:
            at_dock[trip["depot"], trip["dock"]].append((trip["load_start_ms"], trip["load_end_ms"], trip["trip"]))
        else:
            result.append(Violation("unknown_dock", trip=trip["trip"], depot=trip["depot"], value=float(trip["dock"]),
                                    limit=float(depot["docks"]), unit="quantity"))  # fmt: skip
    for (depot_id, dock), times in at_dock.items():
        result.extend(
            Violation("dock_overlap", trip=later, depot=depot_id, value=start, limit=end, unit="time", what=str(dock))
            for later, start, end in _overlaps(times)
        )
    return result


def _loading(tables: Tables, scenario: Scenario, trip: Row, depot: Row) -> Iterator[Violation]:
    where = {"trip": trip["trip"], "vehicle": trip["vehicle"], "depot": trip["depot"]}
    start_ms, end_ms = trip["load_start_ms"], trip["load_end_ms"]
    if start_ms < trip["at_depot_ms"]:
        yield Violation("load_before_arrival", **where, value=start_ms, limit=trip["at_depot_ms"], unit="time")
    staffed_ms, approved_ms = opening_ms(scenario, depot)
    if start_ms < staffed_ms:
        limit = math.nan if math.isinf(staffed_ms) else staffed_ms
        yield Violation("depot_not_open", **where, value=start_ms, limit=limit, unit="time")
    if start_ms < approved_ms:
        yield Violation("not_approved", **where, value=start_ms, limit=approved_ms, unit="time")
    loads = [load for _, of in tables.of_trip(trip["trip"]) for load in of]
    for need in dict.fromkeys(load["need"] for load in loads):
        release_ms = tables.needs[need]["release_ms"]
        if start_ms < release_ms:
            yield Violation("need_not_reported", **where, need=need, place=tables.needs[need]["place"], value=start_ms,
                            limit=release_ms, unit="time")  # fmt: skip
    needed_ms = _part_ms(scenario, "loading", tables.size(loads))
    if end_ms - start_ms < needed_ms:
        yield Violation("loading_too_short", **where, value=end_ms - start_ms, limit=needed_ms, unit="duration")
    ready_ms = end_ms + scenario.step_ms("convoy")
    if trip["depart_ms"] < ready_ms:
        yield Violation("depart_too_early", **where, value=trip["depart_ms"], limit=ready_ms, unit="time")


def _part_ms(scenario: Scenario, step: str, size: tuple[float, float]) -> int:
    """Least time of loading or unloading so much, ms."""
    return math.ceil(scenario.step_ms(step) * scenario.load_share(*size) - 1e-3)


def check_unloading(tables: Tables, scenario: Scenario) -> list[Violation]:
    """Check unloading times, one vehicle at a time at each site, and the end of the horizon."""
    result: list[Violation] = []
    at_site: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for trip in tables.trips.values():
        for stop, loads in tables.of_trip(trip["trip"]):
            where = {"trip": trip["trip"], "stop": stop["stop"], "place": stop["site"]}
            start_ms, end_ms = stop["unload_start_ms"], stop["unload_end_ms"]
            if start_ms < stop["arrive_ms"]:
                result.append(
                    Violation("unload_before_arrival", **where, value=start_ms, limit=stop["arrive_ms"], unit="time")
                )
            needed_ms = _part_ms(scenario, "unloading", tables.size(loads))
            if end_ms - start_ms < needed_ms:
                result.append(
                    Violation("unloading_too_short", **where, value=end_ms - start_ms, limit=needed_ms, unit="duration")
                )
            if end_ms > scenario.end_ms:
                result.append(Violation("after_horizon", **where, value=end_ms, limit=scenario.end_ms, unit="time"))
            at_site[stop["site"]].append((start_ms, end_ms, trip["trip"]))
    for site, times in at_site.items():
        result.extend(
            Violation("unload_overlap", trip=later, place=site, value=start, limit=end, unit="time")
            for later, start, end in _overlaps(times)
        )
    return result


def _overlaps(times: Iterable[tuple[int, int, str]]) -> Iterator[tuple[str, int, int]]:
    """Stretches that begin before one begun earlier has ended, as (whose, begin, that end); empty ones take no room."""
    until = None
    for start, end, whose in sorted(t for t in times if t[1] > t[0]):
        if until is not None and start < until:
            yield whose, start, until
        until = end if until is None else max(until, end)
