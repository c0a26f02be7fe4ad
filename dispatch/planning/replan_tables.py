"""Tables of a re-made plan: begun trips as they went and go on, new trips with ids of their own."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from dispatch.planning.assemble import table_rows, typed
from dispatch.planning.plan import (
    LOAD_COLUMNS,
    OBJECTIVE_COLUMNS,
    PATH_COLUMNS,
    STOP_COLUMNS,
    TRIP_COLUMNS,
    UNMET_COLUMNS,
    Plan,
    empty_plan_table,
)
from dispatch.planning.standing import Standing
from dispatch.planning.timetable import Timetable

__all__ = ["joined_plan", "last_number"]

_NO_UNMET = empty_plan_table(UNMET_COLUMNS)
_NO_OBJECTIVE = empty_plan_table(OBJECTIVE_COLUMNS)

Rows = list[dict[str, Any]]


def joined_plan(state: Standing, plan: Plan, timetable: Timetable) -> Plan:
    """Put begun trips and new ones into one plan; ``timetable`` holds the begun ones first."""
    paths = _Paths(state)
    trips: Rows = []
    stops: Rows = []
    loads: Rows = []
    sequence: dict[str, int] = {}
    for kept in sorted(state.kept, key=lambda kept: (kept.row["vehicle"], kept.row["start_ms"], kept.row["sequence"])):
        row = kept.row
        vehicle = row["vehicle"]
        sequence[vehicle] = sequence.get(vehicle, 0) + 1
        to_depot = paths.name(vehicle, row["start_site"], row["depot"], kept.to_depot)
        trips.append({**row, "sequence": sequence[vehicle], "to_depot_path": to_depot})
        at = row["depot"]
        for number, (stop, lots) in enumerate(zip(kept.stops, kept.lots, strict=True), start=1):
            way = paths.name(vehicle, at, stop["site"], stop["edges"])
            stops.append({**stop, "stop": number, "path": way})
            loads += [
                {"trip": row["trip"], "stop": number, "need": state.whole.needs[need].need, "item": item, "lot": lot,
                 "quantity": quantity}
                for need, item, lot, quantity in lots
            ]  # fmt: skip
            at = stop["site"]
    _add_new(state, plan, timetable, sequence, (trips, stops, loads, paths.rows))
    trips.sort(key=lambda row: (row["depart_ms"], row["vehicle"]))
    return replace(
        plan,
        trips=typed(TRIP_COLUMNS, trips),
        stops=typed(STOP_COLUMNS, stops),
        loads=typed(LOAD_COLUMNS, loads),
        paths=typed(PATH_COLUMNS, paths.rows),
        unmet=_NO_UNMET,
        objective=_NO_OBJECTIVE,
    )


def last_number(plan: Plan) -> int:
    """Highest number of a trip so far, of trips too that a plan made anew has dropped."""
    numbers = [int(digits[0]) for trip in plan.trips["trip"] if (digits := re.findall(r"(\d+)$", trip))]
    return max([int(plan.meta.get("replan", {}).get("last", 0)), *numbers])


def _add_new(
    state: Standing, plan: Plan, timetable: Timetable, sequence: dict[str, int], tables: tuple[Rows, Rows, Rows, Rows]
) -> None:
    """Add the trips that have not begun, numbered on."""
    trips, stops, loads, paths = tables
    only = timetable.copy()
    only.trips = timetable.trips[len(state.timetable.trips) :]
    if not only.trips:
        return
    whole = state.whole
    free = {
        key: tuple(
            replace(lot, quantity=lot.quantity - state.taken.get((*key, lot.lot), 0)) if key in whole.counted else lot
            for lot in lots
        )
        for key, lots in whole.lots.items()
    }
    new = table_rows(_with_counted(replace(whole, lots=free), whole.counted), only)
    last = last_number(plan)
    named = {row["trip"]: f"T{last + k:02d}" for k, row in enumerate(new["trips"], start=1)}
    ways = {"": "", **{row["path"]: f"P{len(paths) + k}" for k, row in enumerate(new["paths"], start=1)}}
    for row in new["trips"]:
        place = sequence.get(row["vehicle"], 0) + int(row["sequence"])
        trips.append({**row, "trip": named[row["trip"]], "sequence": place,
                      "to_depot_path": ways[row["to_depot_path"]]})  # fmt: skip
    stops += [{**row, "trip": named[row["trip"]], "path": ways[row["path"]]} for row in new["stops"]]
    loads += [{**row, "trip": named[row["trip"]]} for row in new["loads"]]
    paths += [{**row, "path": ways[row["path"]]} for row in new["paths"]]


def _with_counted(problem: Any, counted: frozenset[tuple[str, str]]) -> Any:
    """The problem with the stock that only needs counting as it was before lots were taken from."""
    problem.__dict__["counted"] = counted
    return problem


class _Paths:
    """Ways of begun trips, each written down once."""

    def __init__(self, state: Standing) -> None:
        self.network = state.whole.scenario.network
        vehicles = state.whole.scenario.county.table("vehicles")
        self.class_of = dict(zip(vehicles["vehicle"], vehicles["class"], strict=True))
        self.rows: Rows = []
        self._known: dict[tuple[str, str, str, tuple[str, ...]], str] = {}

    def name(self, vehicle: str, origin: str, destination: str, edges: tuple[str, ...]) -> str:
        """Id of a way; "" where the vehicle is there already."""
        if not edges:
            return ""
        key = (self.class_of[vehicle], origin, destination, tuple(edges))
        if key not in self._known:
            self._known[key] = f"P{len(self.rows) + 1}"
            index = np.array([self.network.edge_index[edge] for edge in edges], dtype=np.int64)
            self.rows.append({
                "path": self._known[key], "from_site": origin, "to_site": destination, "vehicle_class": key[0],
                "edges": key[3], "length_m": float(self.network.length_m[index].sum()),
            })  # fmt: skip
        return self._known[key]
