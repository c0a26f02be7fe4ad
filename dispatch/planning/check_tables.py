"""Whether a plan's tables are whole and name only what exists; what is fit to be looked at further."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from dispatch.clock import HOUR_MS
from dispatch.planning.plan import (
    LOAD_COLUMNS,
    OBJECTIVE_COLUMNS,
    PATH_COLUMNS,
    STOP_COLUMNS,
    TRIP_COLUMNS,
    UNMET_COLUMNS,
    Plan,
)
from dispatch.planning.violation import Violation
from dispatch.scenario import Scenario

__all__ = ["CENTURY_MS", "Row", "Tables", "read_tables"]

Row = dict[str, Any]

_TABLES = {
    "trips": TRIP_COLUMNS, "stops": STOP_COLUMNS, "loads": LOAD_COLUMNS, "paths": PATH_COLUMNS,
    "unmet": UNMET_COLUMNS, "objective": OBJECTIVE_COLUMNS,
}  # fmt: skip

CENTURY_MS = 100 * 365 * 24 * HOUR_MS
"""Times further away are no times."""


@dataclass(frozen=True, eq=False)
class Tables:
    """Rows of a plan that refer to what exists.

    Attributes
    ----------
    trips : dict of trip id to row
        Trips of a known vehicle and depot that have at least one stop.
    stops : dict of trip id to rows, in order
    loads : dict of (trip id, stop) to rows
        Loads of a known need and item with a positive quantity.
    paths : dict of path id to row
    vehicles, items, needs : dicts by id
        Rows of the scenario.
    by_vehicle : dict of vehicle id to trip ids in order
    flown : list of (trip, stop, load)
        Goods by air, in the shape of those by road: a leg is a trip of one stop, loaded when it takes off.
    """

    trips: dict[str, Row]
    stops: dict[str, list[Row]]
    loads: dict[tuple[str, int], list[Row]]
    paths: dict[str, Row]
    vehicles: dict[str, Row]
    items: dict[str, Row]
    needs: dict[str, Row]
    by_vehicle: dict[str, list[str]] = field(default_factory=dict)
    flown: list[tuple[Row, Row, Row]] = field(default_factory=list)

    def of_trip(self, trip: str) -> Iterator[tuple[Row, list[Row]]]:
        """Stops of a trip with their loads."""
        for stop in self.stops[trip]:
            yield stop, self.loads.get((trip, stop["stop"]), [])

    def size(self, loads: list[Row]) -> tuple[float, float]:
        """Mass (kg) and volume (m³) of loads."""
        weight_kg = sum(load["quantity"] * float(self.items[load["item"]]["weight_kg"]) for load in loads)
        return weight_kg, sum(load["quantity"] * float(self.items[load["item"]]["volume_m3"]) for load in loads)


def read_tables(plan: Plan, scenario: Scenario) -> tuple[Tables | None, list[Violation]]:
    """Read the tables; None if a column is missing or of another kind, which ends the check."""
    broken = [
        Violation("table_columns", what=f"{name}.{column}", value=_kind(getattr(plan, name), column), limit=kind)
        for name, columns in _TABLES.items()
        for column, kind in columns.items()
        if not _fits(getattr(plan, name), column, kind)
    ]
    if broken:
        return None, broken
    violations: list[Violation] = []
    county = scenario.county
    vehicles = _by_key(county.table("vehicles"), "vehicle")
    tables = Tables(
        {}, {}, defaultdict(list), {}, vehicles, _by_key(county.table("items"), "item"), _by_key(scenario.needs, "need")
    )
    _read_paths(plan, scenario, tables, violations)
    _read_trips(plan, scenario, tables, violations)
    _read_stops(plan, scenario, tables, violations)
    _read_loads(plan, tables, violations)
    _read_order(tables, violations)
    _read_flown(plan, scenario, tables)
    return tables, violations


def _rows(table: pd.DataFrame) -> list[Row]:
    """Rows with plain Python values; missing text reads as "", a missing number stays NaN."""
    made = {}
    for column in table.columns:
        values = table[column]
        made[column] = values.tolist()
        if not pd.api.types.is_numeric_dtype(values):
            made[column] = ["" if v is None or v != v else v for v in made[column]]
    return [dict(zip(made, row, strict=True)) for row in zip(*made.values(), strict=True)]


def _by_key(table: pd.DataFrame, key: str) -> dict[str, Row]:
    return {row[key]: row for row in table.to_dict("records")}


def _fits(table: pd.DataFrame, column: str, kind: str) -> bool:
    """Whether a column exists and holds what it should."""
    if column not in table.columns:
        return False
    values = table[column]
    if kind == "int64":
        return bool(pd.api.types.is_integer_dtype(values)) and not values.isna().any()
    if kind == "float64":
        return bool(pd.api.types.is_numeric_dtype(values))
    if kind == "object":
        return all(isinstance(value, tuple | list) for value in values)
    return all(isinstance(value, str) for value in values.dropna())


def _kind(table: pd.DataFrame, column: str) -> str:
    return str(table[column].dtype) if column in table.columns else "–"


def _read_paths(plan: Plan, scenario: Scenario, tables: Tables, violations: list[Violation]) -> None:
    edges = scenario.network.edge_index
    for row in _rows(plan.paths):
        path = row["path"]
        if path == "" or path in tables.paths:
            violations.append(Violation("duplicate_id", path=path, value=path))
            continue
        unknown = [edge for edge in row["edges"] if edge not in edges]
        if unknown:
            violations.append(Violation("unknown_edge", path=path, value=str(unknown[0])))
        unsited = [site for site in (row["from_site"], row["to_site"]) if site not in scenario.sites.index]
        violations.extend(Violation("unknown_site", path=path, place=site, value=site) for site in unsited)
        tables.paths[path] = row
        row["usable"] = not unknown and not unsited


def _read_trips(plan: Plan, scenario: Scenario, tables: Tables, violations: list[Violation]) -> None:
    depots = set(scenario.county.table("depots")["depot"])
    sites = scenario.sites.index
    for row in _rows(plan.trips):
        trip = row["trip"]
        if trip == "" or trip in tables.trips:
            violations.append(Violation("duplicate_id", trip=trip, value=trip))
            continue
        wrong = []
        if row["vehicle"] not in tables.vehicles or tables.vehicles[row["vehicle"]]["class"] not in scenario.profiles:
            wrong.append(Violation("unknown_vehicle", trip=trip, vehicle=row["vehicle"], value=row["vehicle"]))
        if row["depot"] not in depots or row["depot"] not in sites:
            wrong.append(Violation("unknown_depot", trip=trip, depot=row["depot"], value=row["depot"]))
        places = [row["start_site"], *([row["return_site"]] if row["return_site"] else [])]
        wrong.extend(Violation("unknown_site", trip=trip, place=s, value=s) for s in places if s not in sites)
        wrong.extend(_impossible_times(row, {"trip": trip}))
        violations.extend(wrong)
        if not wrong:
            tables.trips[trip] = row


def _impossible_times(row: Row, where: Row) -> Iterator[Violation]:
    """Times a century away are no times."""
    for column, value in row.items():
        if column.endswith("_ms") and abs(value) > CENTURY_MS:
            yield Violation("impossible_time", **where, what=column, value=str(value))


def _read_stops(plan: Plan, scenario: Scenario, tables: Tables, violations: list[Violation]) -> None:
    every = set(plan.trips["trip"])
    by_trip: dict[str, list[Row]] = defaultdict(list)
    for row in _rows(plan.stops):
        if row["trip"] not in every:
            violations.append(Violation("unknown_trip", trip=row["trip"], stop=row["stop"], value=row["trip"]))
        elif row["site"] not in scenario.sites.index:
            violations.append(
                Violation("unknown_site", trip=row["trip"], stop=row["stop"], place=row["site"], value=row["site"])
            )
            tables.trips.pop(row["trip"], None)
        elif row["trip"] in tables.trips:
            wrong = list(_impossible_times(row, {"trip": row["trip"], "stop": row["stop"]}))
            violations.extend(wrong)
            if wrong:
                del tables.trips[row["trip"]]
            by_trip[row["trip"]].append(row)
    for trip in list(tables.trips):
        rows = sorted(by_trip[trip], key=lambda row: row["stop"])
        numbers = [row["stop"] for row in rows]
        if not rows:
            violations.append(Violation("trip_without_stop", trip=trip))
            del tables.trips[trip]
            continue
        if numbers != list(range(1, len(rows) + 1)):
            shown = ", ".join(map(str, numbers))
            violations.append(Violation("stop_numbers", trip=trip, value=shown, limit=f"1 … {len(rows)}"))
        if len(set(numbers)) < len(numbers):
            del tables.trips[trip]
            continue
        tables.stops[trip] = rows


def _read_loads(plan: Plan, tables: Tables, violations: list[Violation]) -> None:
    every = {(row["trip"], row["stop"]) for row in _rows(plan.stops)}
    for row in _rows(plan.loads):
        trip, stop = row["trip"], row["stop"]
        where = {"trip": trip, "stop": stop, "need": row["need"], "item": row["item"], "lot": row["lot"]}
        wrong = []
        if (trip, stop) not in every:
            wrong.append(Violation("unknown_stop", **where, value=f"{trip}/{stop}"))
        if row["need"] not in tables.needs:
            wrong.append(Violation("unknown_need", **where, value=row["need"]))
        if row["item"] not in tables.items:
            wrong.append(Violation("unknown_item", **where, value=row["item"]))
        if row["quantity"] <= 0:
            wrong.append(
                Violation("quantity_not_positive", **where, value=float(row["quantity"]), limit=1.0, unit="quantity")
            )
        violations.extend(wrong)
        if not wrong and trip in tables.trips:
            tables.loads[trip, stop].append(row)


def _read_flown(plan: Plan, scenario: Scenario, tables: Tables) -> None:
    """Goods by air that name what exists; what else is wrong with a sortie is said by ``check_air``."""
    depots = set(scenario.county.table("depots")["depot"])
    for row in _rows(plan.sorties):
        if row["purpose"] != "supply" or row["need"] not in tables.needs or row["item"] not in tables.items:
            continue
        if row["from_site"] in depots and row["quantity"] > 0:
            trip = {"trip": row["sortie"], "depot": row["from_site"], "load_start_ms": row["takeoff_ms"]}
            stop = {"trip": row["sortie"], "stop": row["leg"], "site": row["to_site"], "unload_end_ms": row["done_ms"]}
            tables.flown.append((trip, stop, row))


def _read_order(tables: Tables, violations: list[Violation]) -> None:
    """Put the trips of each vehicle in order; their numbers must be 1, 2, 3 and so on."""
    by_vehicle: dict[str, list[str]] = defaultdict(list)
    for trip, row in tables.trips.items():
        by_vehicle[row["vehicle"]].append(trip)
    for vehicle, trips in by_vehicle.items():
        trips.sort(key=lambda trip: (tables.trips[trip]["sequence"], tables.trips[trip]["start_ms"], trip))
        numbers = Counter(tables.trips[trip]["sequence"] for trip in trips)
        if sorted(numbers.elements()) != list(range(1, len(trips) + 1)):
            shown = ", ".join(str(number) for number in sorted(numbers.elements()))
            violations.append(
                Violation("sequence_numbers", vehicle=vehicle, trip=trips[0], value=shown, limit=f"1 … {len(trips)}")
            )
        tables.by_vehicle[vehicle] = trips
