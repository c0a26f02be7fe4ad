"""Tables of a re-made plan: begun trips as they went and go on, new trips with ids of their own."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

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
    others = _of_others(plan)
    paths = _Paths(state, frozenset(others["path"]))
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
    _add_new(state, plan, timetable, sequence, (trips, stops, loads), paths)
    trips.sort(key=lambda row: (row["depart_ms"], row["vehicle"]))
    return replace(
        plan,
        trips=typed(TRIP_COLUMNS, trips),
        stops=typed(STOP_COLUMNS, stops),
        loads=typed(LOAD_COLUMNS, loads),
        paths=pd.concat([typed(PATH_COLUMNS, paths.rows), others], ignore_index=True).astype(PATH_COLUMNS)
        if len(others)
        else typed(PATH_COLUMNS, paths.rows),
        unmet=_NO_UNMET,
        objective=_NO_OBJECTIVE,
    )


def last_number(plan: Plan) -> int:
    """Highest number of a trip so far, of trips too that a plan made anew has dropped."""
    numbers = [int(digits[0]) for trip in plan.trips["trip"] if (digits := re.findall(r"(\d+)$", trip))]
    return max([int(plan.meta.get("replan", {}).get("last", 0)), *numbers])


def _add_new(
    state: Standing, plan: Plan, timetable: Timetable, sequence: dict[str, int], tables: tuple[Rows, Rows, Rows],
    paths: _Paths,
) -> None:  # fmt: skip
    """Add the trips that have not begun, numbered on."""
    trips, stops, loads = tables
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
    ways = {"": "", **{row["path"]: paths.add(row) for row in new["paths"]}}
    for row in new["trips"]:
        place = sequence.get(row["vehicle"], 0) + int(row["sequence"])
        trips.append({**row, "trip": named[row["trip"]], "sequence": place,
                      "to_depot_path": ways[row["to_depot_path"]]})  # fmt: skip
    stops += [{**row, "trip": named[row["trip"]], "path": ways[row["path"]]} for row in new["stops"]]
    loads += [{**row, "trip": named[row["trip"]]} for row in new["loads"]]


def _with_counted(problem: Any, counted: frozenset[tuple[str, str]]) -> Any:
    """The problem with the stock that only needs counting as it was before lots were taken from."""
    problem.__dict__["counted"] = counted
    return problem


def _of_others(plan: Plan) -> pd.DataFrame:
    """Ways of a plan's evacuation, teams and aircraft, which stay as they are."""
    used: set[str] = set()
    for table in (plan.evacuations, plan.deployments, plan.sorties):
        for column in ("path", "pickup_path"):
            if column in table.columns:
                used |= set(table[column])
    return plan.paths[plan.paths["path"].isin(used - {""})]


class _Paths:
    """Ways of trips, those of begun ones each written down once; the names of others' ways are not taken."""

    def __init__(self, state: Standing, taken: frozenset[str]) -> None:
        self.network = state.whole.scenario.network
        vehicles = state.whole.scenario.county.table("vehicles")
        self.class_of = dict(zip(vehicles["vehicle"], vehicles["class"], strict=True))
        self.rows: Rows = []
        self._taken = taken
        self._last = 0
        self._known: dict[tuple[str, str, str, tuple[str, ...]], str] = {}

    def name(self, vehicle: str, origin: str, destination: str, edges: tuple[str, ...]) -> str:
        """Id of a way; "" where the vehicle is there already."""
        if not edges:
            return ""
        key = (self.class_of[vehicle], origin, destination, tuple(edges))
        if key not in self._known:
            index = np.array([self.network.edge_index[edge] for edge in edges], dtype=np.int64)
            self._known[key] = self.add({
                "from_site": origin, "to_site": destination, "vehicle_class": key[0], "edges": key[3],
                "length_m": float(self.network.length_m[index].sum()),
            })  # fmt: skip
        return self._known[key]

    def add(self, row: dict[str, Any]) -> str:
        """Add a way under a name of its own."""
        self._last += 1
        while f"P{self._last}" in self._taken:
            self._last += 1
        self.rows.append({**row, "path": f"P{self._last}"})
        return f"P{self._last}"
