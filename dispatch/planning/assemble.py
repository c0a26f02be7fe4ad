"""From a timetable to the tables of a plan: trips and paths numbered, ways written out edge by edge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.planning.plan import LOAD_COLUMNS, PATH_COLUMNS, STOP_COLUMNS, TRIP_COLUMNS
from dispatch.planning.problem import ReliefProblem
from dispatch.planning.timetable import TimedTrip, Timetable
from dispatch.roads.travel import way

__all__ = ["plan_tables", "table_rows", "typed"]


def typed(columns: dict[str, str], rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a plan table."""
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in columns.items()})


def plan_tables(problem: ReliefProblem, timetable: Timetable) -> dict[str, pd.DataFrame]:
    """Tables ``trips``, ``stops``, ``loads`` and ``paths`` of a timetable, trips numbered by departure."""
    columns = {"trips": TRIP_COLUMNS, "stops": STOP_COLUMNS, "loads": LOAD_COLUMNS, "paths": PATH_COLUMNS}
    rows = table_rows(problem, timetable)
    return {name: typed(of, rows[name]) for name, of in columns.items()}


def table_rows(problem: ReliefProblem, timetable: Timetable) -> dict[str, list[dict[str, Any]]]:
    """Rows of those tables."""
    paths = _Paths(problem)
    lots = _lots(problem, timetable)
    trips: list[dict[str, Any]] = []
    stops: list[dict[str, Any]] = []
    loads: list[dict[str, Any]] = []
    sequence: dict[str, int] = {}
    timed = sorted(timetable.trips, key=lambda trip: (trip.depart_ms, trip.vehicle))
    width = max(2, len(str(len(timed))))
    for number, trip in enumerate(timed, start=1):
        name = f"T{number:0{width}d}"
        vehicle_class = problem.vehicles[trip.vehicle].vehicle_class
        sequence[trip.vehicle] = sequence.get(trip.vehicle, 0) + 1
        trips.append({
            "trip": name, "vehicle": trip.vehicle, "sequence": sequence[trip.vehicle], "depot": trip.depot,
            "dock": trip.dock, "start_site": trip.start_site, "start_ms": trip.start_ms,
            "to_depot_path": paths.name(vehicle_class, trip.start_site, trip.depot, trip.start_ms),
            "at_depot_ms": trip.at_depot_ms, "load_start_ms": trip.load_start_ms, "load_end_ms": trip.load_end_ms,
            "depart_ms": trip.depart_ms, "return_site": "", "return_path": "", "return_ms": -1,
        })  # fmt: skip
        at = trip.depot
        for k, stop in enumerate(trip.stops, start=1):
            stops.append({
                "trip": name, "stop": k, "site": stop.site,
                "path": paths.name(vehicle_class, at, stop.site, stop.leave_ms), "leave_ms": stop.leave_ms,
                "arrive_ms": stop.arrive_ms, "unload_start_ms": stop.unload_start_ms,
                "unload_end_ms": stop.unload_end_ms,
            })  # fmt: skip
            at = stop.site
            loads.extend(
                {"trip": name, "stop": k, "need": problem.needs[need].need, "item": item, "lot": lot, "quantity": part}
                for (need, item, _), chosen in zip(stop.goods.loads, lots[trip, k - 1], strict=True)
                for lot, part in chosen
            )
    return {"trips": trips, "stops": stops, "loads": loads, "paths": paths.rows}


def _lots(problem: ReliefProblem, timetable: Timetable) -> dict[tuple[TimedTrip, int], list[list[tuple[str, int]]]]:
    """Lots of every load by (trip, stop): those chosen when it was timed, the others in order of issue."""
    left = {key: [[lot.lot, lot.quantity] for lot in problem.lots[key]] for key in problem.counted}
    result: dict[tuple[TimedTrip, int], list[list[tuple[str, int]]]] = {}
    for trip in sorted(timetable.trips, key=lambda trip: (trip.load_start_ms, trip.vehicle)):
        for k, stop in enumerate(trip.stops):
            chosen: list[list[tuple[str, int]]] = []
            for n, (_, item, quantity) in enumerate(stop.goods.loads):
                if (trip.depot, item) in left:
                    chosen.append(_issue(left[trip.depot, item], quantity))
                else:
                    chosen.append(list(stop.lots[n]))
            result[trip, k] = chosen
    return result


def _issue(lots: list[list[Any]], quantity: int) -> list[tuple[str, int]]:
    """Take units from lots in order."""
    parts: list[tuple[str, int]] = []
    for entry in lots:
        part = min(quantity, entry[1])
        if part:
            entry[1] -= part
            quantity -= part
            parts.append((entry[0], part))
    return parts


class _Paths:
    """Ways driven, each written down once."""

    def __init__(self, problem: ReliefProblem) -> None:
        self.problem = problem
        self.rows: list[dict[str, Any]] = []
        self._known: dict[tuple[str, str, str, tuple[int, ...]], str] = {}

    def name(self, vehicle_class: str, origin: str, destination: str, depart_ms: int) -> str:
        """Id of the way of the earliest arrival; "" where the vehicle is there already."""
        if origin == destination:
            return ""
        edges = way(self.problem.legs.roads, vehicle_class, origin, destination, depart_ms)
        if edges is None:
            msg = f"no way from {origin} to {destination} at {depart_ms} ms"
            raise ValueError(msg)
        key = (vehicle_class, origin, destination, tuple(edges.tolist()))
        if key not in self._known:
            self._known[key] = f"P{len(self.rows) + 1}"
            self._write(self._known[key], vehicle_class, origin, destination, edges)
        return self._known[key]

    def _write(self, name: str, vehicle_class: str, origin: str, destination: str, edges: NDArray[np.int32]) -> None:
        network = self.problem.legs.roads.network
        self.rows.append({
            "path": name, "from_site": origin, "to_site": destination, "vehicle_class": vehicle_class,
            "edges": tuple(str(edge) for edge in network.edge_id[edges]),
            "length_m": float(network.length_m[edges].sum()),
        })  # fmt: skip
