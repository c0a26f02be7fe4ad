"""What a plan made anew changes: trip by trip, and place by place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from dispatch.clock import MINUTE_MS
from dispatch.planning.assemble import typed
from dispatch.planning.measure import Measures
from dispatch.planning.plan import Plan

__all__ = ["CHANGES", "PLACE_CHANGE_COLUMNS", "TRIP_CHANGE_COLUMNS", "place_changes", "trip_changes", "with_old_names"]

CHANGES: tuple[str, ...] = (
    "abandoned",
    "redirected",
    "cut_short",
    "rerouted",
    "dropped",
    "new",
    "retimed",
    "other_lots",
    "as_before",
)
"""What becomes of a trip, the gravest first. Of one that has begun: lost to the plan, sent to other places with what it
has aboard, not to all of its places, led another way; of one that has not: dropped, new; of either: only timed anew
(by a minute or more), only other lots or quantities, as it was."""

TRIP_CHANGE_COLUMNS: dict[str, str] = {
    "trip": "str", "vehicle": "str", "change": "str", "begun": "bool", "depot": "str", "sites": "str",
    "sites_before": "str", "depart_ms": "int64", "depart_before_ms": "int64", "done_ms": "int64",
    "done_before_ms": "int64",
}  # fmt: skip
"""``sites``: apart by ``;``; ``done_ms``: end of the last unloading; -1 where there is no such time."""

PLACE_CHANGE_COLUMNS: dict[str, str] = {
    "place": "str", "people": "float64", "before_ms": "int64", "after_ms": "int64", "was_on_time": "bool",
    "on_time": "bool", "reachable": "bool",
}  # fmt: skip
"""First batch complete, ms from the reference instant, -1 = never; of a place that asked for nothing before, -2."""


def _loads(plan: Plan, *, lots: bool) -> dict[tuple[str, int], dict[tuple[str, str, str], int]]:
    """Units by (need, item, lot) of each trip and stop; with lots or without."""
    loads: dict[tuple[str, int], dict[tuple[str, str, str], int]] = {}
    for load in plan.loads.to_dict("records"):
        goods = loads.setdefault((load["trip"], int(load["stop"])), {})
        what = (load["need"], load["item"], load["lot"] if lots else "")
        goods[what] = goods.get(what, 0) + int(load["quantity"])
    return loads


def _shape(plan: Plan, *, timed: bool) -> dict[str, tuple[Any, ...]]:
    """What a trip is, by its name: vehicle, depot, stops with their goods; with its times and lots or without."""
    loads = _loads(plan, lots=timed)
    stops: dict[str, list[tuple[Any, ...]]] = {}
    for row in plan.stops.sort_values(["trip", "stop"]).to_dict("records"):
        handed = tuple(sorted(loads.get((row["trip"], int(row["stop"])), {}).items()))
        times = (row["leave_ms"], row["arrive_ms"], row["unload_start_ms"], row["unload_end_ms"]) if timed else ()
        stops.setdefault(row["trip"], []).append((row["site"], handed, *times))
    return {
        row["trip"]: (row["vehicle"], row["depot"], *((row["load_start_ms"], row["depart_ms"]) if timed else ()),
                      *stops.get(row["trip"], ()))
        for row in plan.trips.to_dict("records")
    }  # fmt: skip


def with_old_names(before: Plan, made: Plan) -> Plan:
    """The plan made anew with the old names of trips not begun that carry the same goods to the same places."""
    kept = set(made.meta["replan"]["kept"])
    named: dict[str, str] = {}
    free = set(before.trips["trip"]) - set(made.trips["trip"]) - set(made.meta["replan"]["abandoned"])
    for timed in (True, False):
        old: dict[tuple[Any, ...], list[str]] = {}
        for trip, shape in sorted(_shape(before, timed=timed).items()):
            if trip in free:
                old.setdefault(shape, []).append(trip)
        for trip, shape in sorted(_shape(made, timed=timed).items()):
            if trip not in kept and trip not in named and old.get(shape):
                named[trip] = old[shape].pop(0)
                free.discard(named[trip])
    tables = {
        name: of.assign(trip=of["trip"].map(lambda trip: named.get(trip, trip)).astype("str"))
        for name in ("trips", "stops", "loads")
        for of in [getattr(made, name)]
    }
    return replace(made, **tables)


def trip_changes(before: Plan, made: Plan) -> pd.DataFrame:
    """What becomes of every trip (``TRIP_CHANGE_COLUMNS``), in the order of ``CHANGES``, then by departure."""
    again = made.meta["replan"]
    begun = {*again["kept"], *again["abandoned"]}
    old, new = _facts(before), _facts(made)
    rows = []
    for trip in dict.fromkeys([*new, *old]):
        was, now = old.get(trip), new.get(trip)
        of = now or was
        assert of is not None
        rows.append({
            "trip": trip, "vehicle": of["vehicle"], "change": _change(was, now, trip in begun), "begun": trip in begun,
            "depot": of["depot"], "sites": ";".join(now["sites"]) if now else "",
            "sites_before": ";".join(was["sites"]) if was else "",
            "depart_ms": now["depart_ms"] if now else -1, "depart_before_ms": was["depart_ms"] if was else -1,
            "done_ms": now["done_ms"] if now else -1, "done_before_ms": was["done_ms"] if was else -1,
        })  # fmt: skip
    rows.sort(key=lambda r: (CHANGES.index(r["change"]), max(r["depart_ms"], r["depart_before_ms"]), r["trip"]))
    return typed(TRIP_CHANGE_COLUMNS, rows)


def _facts(plan: Plan) -> dict[str, dict[str, Any]]:
    edges = dict(zip(plan.paths["path"], plan.paths["edges"], strict=True))
    loads = _loads(plan, lots=True)
    result: dict[str, dict[str, Any]] = {
        row["trip"]: {
            "vehicle": row["vehicle"], "depot": row["depot"], "depart_ms": int(row["depart_ms"]), "sites": [],
            "ways": [edges.get(row["to_depot_path"], ())], "done_ms": -1, "goods": [],
            # who stands at the depot already only waits to be loaded
            "times": [int(row[name]) for name in ("start_ms" if row["to_depot_path"] else "load_start_ms",
                                                  "load_start_ms", "load_end_ms", "depart_ms")],
        }
        for row in plan.trips.to_dict("records")
    }  # fmt: skip
    for row in plan.stops.sort_values(["trip", "stop"]).to_dict("records"):
        of = result[row["trip"]]
        of["sites"].append(row["site"])
        of["goods"].append(loads.get((row["trip"], int(row["stop"])), {}))
        of["ways"].append(edges.get(row["path"], ()))
        of["times"] += [int(row[name]) for name in ("leave_ms", "arrive_ms", "unload_start_ms", "unload_end_ms")]
        of["done_ms"] = max(of["done_ms"], int(row["unload_end_ms"]))
    return result


def _change(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None, begun: bool) -> str:
    if now is None:
        return "abandoned" if begun else "dropped"
    if was is None:
        return "new"
    if was["sites"] != now["sites"]:
        return "cut_short" if set(now["sites"]) < set(was["sites"]) else "redirected"
    if begun and was["ways"] != now["ways"]:
        return "rerouted"
    if any(abs(a - b) >= MINUTE_MS for a, b in zip(was["times"], now["times"], strict=True)):
        return "retimed"
    return "as_before" if was["goods"] == now["goods"] else "other_lots"


def place_changes(before: Measures, after: Measures) -> pd.DataFrame:
    """First batch of each place before and after (``PLACE_CHANGE_COLUMNS``), in the order of the needs."""
    was = {row["place"]: row for row in before.places.to_dict("records") if row["first_batch_needed"]}
    rows = [
        {
            "place": row["place"], "people": row["people"], "after_ms": row["first_batch_complete_ms"],
            "before_ms": was[row["place"]]["first_batch_complete_ms"] if row["place"] in was else -2,
            "was_on_time": bool(was.get(row["place"], {}).get("on_time", False)), "on_time": bool(row["on_time"]),
            "reachable": bool(row["reachable"]),
        }
        for row in after.places.to_dict("records") if row["first_batch_needed"]
    ]  # fmt: skip
    return typed(PLACE_CHANGE_COLUMNS, rows)
