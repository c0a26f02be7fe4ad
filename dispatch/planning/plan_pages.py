"""The sheets of a plan's workbook as tables: what each shows, and which columns tell its rows apart.

The writer prints these tables, the reader compares them with what a workbook holds; both call :func:`plan_pages`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dispatch.documents.messages import text
from dispatch.documents.workbook import Column, Kind
from dispatch.planning.plan import LOAD_COLUMNS, STOP_COLUMNS, TRIP_COLUMNS
from dispatch.planning.plan_rows import encode
from dispatch.planning.plan_sheets import cell_of
from dispatch.planning.plan_view import PlanView

__all__ = ["Page", "as_cells", "column", "entry_pages", "page", "timetable_pages"]

_KINDS: dict[str, Kind] = {
    "quantity": "count", "received": "count", "loss": "count", "people": "count", "weight_kg": "decimal",
    "km": "decimal", "minutes": "decimal", "stop": "exact", "sequence": "exact", "dock": "exact", "no": "exact",
    "leg": "exact", "part_no": "exact", "level": "exact", "trip": "id", "need": "id", "item": "id", "lot": "id",
    "vehicle": "id", "depot": "id", "site": "id", "path": "id", "start_site": "id", "return_site": "id", "order": "id",
}  # fmt: skip
_PROSE = ("detail", "note")


@dataclass(frozen=True, eq=False)
class Page:
    """One sheet as a table.

    Attributes
    ----------
    name : str
        Its titles are the messages ``plan_sheet_`` + name.
    rows : DataFrame
        Python values (text, int, float, datetime); "" where blank.
    keys : tuple of str
        Columns that tell the rows apart.
    entered : tuple of str
        Columns that are read back as the plan's own.
    by_hand : tuple of str
        Columns left blank, to be filled in by hand.
    printed : int
        How many of the columns, from the left, go on paper (0: all).
    """

    name: str
    rows: pd.DataFrame
    keys: tuple[str, ...]
    entered: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    printed: int = 0

    @property
    def derived(self) -> tuple[str, ...]:
        """Columns that must say what follows from the plan; prose, where people also note things, is left out."""
        return tuple(c for c in self.rows.columns if c not in {*self.entered, *self.by_hand, *_PROSE})


def page(
    name: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], keys: Sequence[str], **other: Any
) -> Page:
    """Make a page of rows; a column that a row leaves out is blank, and so is a number that there is not."""
    cells = [[_shown(row.get(c, "")) for c in columns] for row in rows]
    table = pd.DataFrame(cells, columns=list(columns), dtype=object)
    return Page(name, table, tuple(keys), **other)


def _shown(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "" if math.isnan(value) else str(value)
    return value


def column(lang: str, name: str, *, editable: bool = False) -> Column:
    """How a column is headed and formatted."""
    by_ending: Kind = "clock" if name.endswith("_clock") else "exact" if name.endswith("_ms") else "text"
    widest = 32.0 if name == "goods" else 20.0 if name.endswith("_name") else 48.0
    return Column(name, text(lang, f"plan_col_{name}"), _KINDS.get(name, by_ending), widest, editable)


def as_cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as cells that keep every value: text so that it is read back as it is, whole numbers exactly."""
    return pd.DataFrame({c: pd.Series([_cell(value) for value in rows[c]], dtype=object) for c in rows.columns})


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return encode(value)
    return cell_of(value) if isinstance(value, int) and not isinstance(value, bool) else value


def timetable_pages(view: PlanView) -> list[Page]:
    """Timetable by vehicle, by place, and what stays unmet."""
    return [_vehicles(view), _places(view), _shortfall(view)]


def entry_pages(view: PlanView) -> list[Page]:
    """The sheets that are read back: loads, trips and stops, each with clock times and names beside the ids."""
    return [_loads(view), _timed("trips", view, _trip_rows(view)), _timed("stops", view, _stop_rows(view))]


def _clocks(view: PlanView, row: Mapping[str, Any]) -> dict[str, Any]:
    """Clock time of every column in ms."""
    return {f"{name[:-3]}_clock": view.clock(value) for name, value in row.items() if name.endswith("_ms")}


def _vehicles(view: PlanView) -> Page:
    columns = (
        "vehicle", "plate", "trip", "depot_name", "start_clock", "dock", "load_start_clock", "load_end_clock",
        "depart_clock", "stop", "site_name", "arrive_clock", "unload_end_clock", "since_order", "goods", "weight_kg",
        "return_clock", "class_name", "sequence", "start_name", "at_depot_clock", "unload_start_clock",
    )  # fmt: skip
    rows = []
    for trip, stop in _trip_stops(view):
        loads = view.loads_at.get((trip["trip"], stop.get("stop", -1)), [])
        rows.append({
            **trip, **stop, **_clocks(view, trip), **_clocks(view, stop),
            "plate": view.plate(trip["vehicle"]),
            "class_name": view.vehicle_class(trip["vehicle"]),
            "start_name": view.site(trip["start_site"]),
            "depot_name": view.site(trip["depot"]),
            "site_name": view.site(stop.get("site", "")),
            "since_order": view.since_order(stop.get("unload_end_ms")),
            "goods": view.goods(loads),
            "weight_kg": view.weight_kg(loads),
        })  # fmt: skip
    return page("vehicles", columns, rows, ("trip", "stop"), printed=17)


def _trip_stops(view: PlanView) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Trips by vehicle and sequence with each of their stops; a trip without any once."""
    stops: dict[str, list[dict[str, Any]]] = {}
    for stop in sorted(view.plan.stops.to_dict("records"), key=lambda s: s["stop"]):
        stops.setdefault(stop["trip"], []).append(stop)
    for trip in sorted(view.plan.trips.to_dict("records"), key=lambda t: (t["vehicle"], t["sequence"], t["trip"])):
        for stop in stops.get(trip["trip"], [{}]):
            yield trip, stop


def _places(view: PlanView) -> Page:
    columns = (
        "place_name", "people", "reachable", "first_batch_clock", "since_order", "on_time", "site_name", "trip", "stop",
        "vehicle", "plate", "depot_name", "arrive_clock", "unload_end_clock", "goods",
    )  # fmt: skip
    deliveries: dict[str, dict[tuple[str, int], list[dict[str, Any]]]] = {}
    for load in view.plan.loads.to_dict("records"):
        place = view.needs.get((load["need"],), {}).get("place", "")
        deliveries.setdefault(place, {}).setdefault((load["trip"], load["stop"]), []).append(load)
    places = view.measures.places
    rows = []
    for of in places.to_dict("records"):
        asked = (view.scenario.needs["place"] == of["place"]) & (view.scenario.needs["part"] == "first_batch")
        done = of["first_batch_complete_ms"]
        head = {
            "place_name": view.site(of["place"]),
            "people": _count(of["people"]), "reachable": view.yes(of["reachable"]),
            "first_batch_clock": view.clock(done), "since_order": view.since_order(done),
            "on_time": view.yes(of["on_time"]) if asked.any() else "",
        }  # fmt: skip
        rows += _deliveries(view, head, deliveries.pop(of["place"], {}))
    for place, rest in deliveries.items():
        rows += _deliveries(view, {"place_name": view.site(place)}, rest)
    return page("places", columns, rows, ("place_name", "trip", "stop"))


def _deliveries(
    view: PlanView, head: dict[str, Any], deliveries: dict[tuple[str, int], list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """One row per stop that brings something to a place, earliest first; one without a stop if none does."""
    rows = []
    for (trip_id, stop_no), loads in deliveries.items():
        trip, stop = view.trips.get((trip_id,), {}), view.stops.get((trip_id, stop_no), {})
        rows.append({
            **head, **_clocks(view, stop), "trip": trip_id, "stop": stop_no, "vehicle": trip.get("vehicle", ""),
            "plate": view.plate(trip.get("vehicle", "")), "depot_name": view.site(trip.get("depot", "")),
            "site_name": view.site(stop.get("site", "")), "goods": view.goods(loads),
            "_order": (stop.get("unload_end_ms", 0), trip_id, stop_no),
        })  # fmt: skip
    return sorted(rows, key=lambda row: row["_order"]) or [head]


def _shortfall(view: PlanView) -> Page:
    columns = ("place_name", "site_name", "part_name", "item_name", "quantity", "unit", "cause_name", "detail", "need")
    rows = [
        {
            **row, "place_name": view.site(row["place"]), "site_name": view.site(row["site"]),
            "part_name": view.word("plan_part", row["part"]), "item_name": view.item(row["item"]),
            "unit": view.unit(row["item"]), "cause_name": view.word("plan_cause", row["cause"]),
            "detail": view.reason(row),
        }
        for row in view.plan.unmet.to_dict("records")
    ]  # fmt: skip
    return page("shortfall", columns, rows, ("need", "item_name", "cause_name"))


def _loads(view: PlanView) -> Page:
    columns = (
        *LOAD_COLUMNS, "item_name", "unit", "place_name", "site_name", "vehicle", "plate", "depot_name", "depart_clock",
        "arrive_clock", "unload_end_clock", "depart_ms", "arrive_ms", "unload_end_ms",
    )  # fmt: skip
    rows = []
    for load in view.plan.loads.to_dict("records"):
        trip, stop = view.trips.get((load["trip"],), {}), view.stops.get((load["trip"], load["stop"]), {})
        times = {"depart_ms": trip.get("depart_ms", ""), "arrive_ms": stop.get("arrive_ms", ""),
                 "unload_end_ms": stop.get("unload_end_ms", "")}  # fmt: skip
        rows.append({
            **load, **times, **_clocks(view, {name: value for name, value in times.items() if value != ""}),
            "item_name": view.item(load["item"]), "unit": view.unit(load["item"]),
            "place_name": view.site(view.needs.get((load["need"],), {}).get("place", "")),
            "site_name": view.site(stop.get("site", "")), "vehicle": trip.get("vehicle", ""),
            "plate": view.plate(trip.get("vehicle", "")), "depot_name": view.site(trip.get("depot", "")),
        })  # fmt: skip
    return page(
        "loads", columns, rows, ("trip", "stop", "need", "item", "lot"), entered=tuple(LOAD_COLUMNS), printed=16
    )


def _trip_rows(view: PlanView) -> list[dict[str, Any]]:
    return [
        {**trip, "plate": view.plate(trip["vehicle"]), "depot_name": view.site(trip["depot"])}
        for trip in view.plan.trips.to_dict("records")
    ]


def _stop_rows(view: PlanView) -> list[dict[str, Any]]:
    return [{**stop, "site_name": view.site(stop["site"])} for stop in view.plan.stops.to_dict("records")]


def _timed(name: str, view: PlanView, rows: Sequence[Mapping[str, Any]]) -> Page:
    """A table of the plan with the clock time before each column in ms, and names at the end."""
    entered = TRIP_COLUMNS if name == "trips" else STOP_COLUMNS
    columns: list[str] = []
    for own in entered:
        columns += [f"{own[:-3]}_clock", own] if own.endswith("_ms") else [own]
    columns += ["plate", "depot_name"] if name == "trips" else ["site_name"]
    keys = ("trip",) if name == "trips" else ("trip", "stop")
    return page(name, columns, [{**row, **_clocks(view, row)} for row in rows], keys, entered=tuple(entered))


def _count(people: float) -> int | float:
    """People as a whole number where they are one."""
    return int(people) if people == int(people) else people
