"""What a scenario and its plan look like on a map, as layers: roads, closures, routes, depots, places, shelters.

A layer is geometries and a table, in WGS 84; GeoPackage and GeoJSON are written from the same layers, so that they say
the same. Column names are English identifiers (a GIS needs stable ones); words and clock times inside are in the
reader's language and the county's zone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from dispatch.clock import clock_time
from dispatch.documents.messages import text
from dispatch.planning.plan import Plan
from dispatch.planning.plan_view import PlanView
from dispatch.report.closures import Closure, closures, road_name
from dispatch.report.findings import Findings
from dispatch.report.names import site_name, vehicle_name
from dispatch.report.shapes import drawn_edges, road_group
from dispatch.report.tables import cause_name
from dispatch.roads.network import ROAD_CLASSES, RoadNetwork
from dispatch.scenario import Scenario

__all__ = ["LAYERS", "Layer", "county_layers", "edge_lines", "plan_layers", "route_points"]

LAYERS: dict[str, tuple[str, ...]] = {
    "roads": ("group", "road_class", "name", "ref", "length_m", "bridge", "tunnel"),
    "closures": ("road", "state", "cause", "start", "end", "depth_m"),
    "routes": ("trip", "vehicle", "vehicle_name", "stop", "from_name", "to_name", "leave", "arrive", "length_km",
               "goods"),
    "depots": ("depot", "name", "tier", "docks", "source"),
    "places": ("place", "name", "people", "verdict", "complete", "since_order_min", "on_time", "reason"),
    "shelters": ("shelter", "name", "capacity", "indoor", "source"),
}  # fmt: skip
"""Layers in drawing order, from below, and their columns. ``closures`` are those that planners are told of; ``start``
and ``end`` are clock times of the county, empty for no end."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer.

    Attributes
    ----------
    name : str
        Key of ``LAYERS``.
    kind : {"LineString", "Point"}
    geometry : object array (n,) of shapely geometries
        Lon/lat, WGS 84.
    table : DataFrame
        n rows, the layer's columns.
    """

    name: str
    kind: Literal["LineString", "Point"]
    geometry: NDArray[np.object_] = field(repr=False)
    table: pd.DataFrame = field(repr=False)


def edge_lines(network: RoadNetwork, edges: NDArray[np.int64]) -> NDArray[np.object_]:
    """Shapely lines of directed edges, tail to head."""
    first, last = network.shape_first[edges], network.shape_first[edges + 1]
    count = last - first
    points = np.repeat(first - np.concatenate([[0], np.cumsum(count)[:-1]]), count) + np.arange(count.sum())
    lonlat = np.column_stack([network.shape_lon[points], network.shape_lat[points]])
    lines: NDArray[np.object_] = np.empty(len(edges), dtype=object)
    if len(edges):
        lines[:] = shapely.linestrings(lonlat, indices=np.repeat(np.arange(len(edges)), count))
    return lines


def route_points(network: RoadNetwork, edges: Iterable[str]) -> NDArray[np.float64]:
    """Points (k, 2) lon/lat along a path given by edge ids; junctions once."""
    pieces: list[NDArray[np.float64]] = []
    for edge in edges:
        k = network.edge_index[edge]
        lo, hi = network.shape_first[k], network.shape_first[k + 1]
        pieces.append(np.column_stack([network.shape_lon[lo:hi], network.shape_lat[lo:hi]])[bool(pieces) :])
    return np.concatenate(pieces) if pieces else np.empty((0, 2))


def county_layers(scenario: Scenario, lang: str) -> list[Layer]:
    """Layers that need no plan: roads, closures as forecast, depots, shelters."""
    return [_roads(scenario, lang), _closures(scenario, lang), _depots(scenario, lang), _shelters(scenario, lang)]


def plan_layers(scenario: Scenario, plan: Plan, findings: Findings, lang: str) -> list[Layer]:
    """All layers, in the order of ``LAYERS``."""
    made = [*county_layers(scenario, lang), _routes(scenario, plan, lang), _places(scenario, findings, lang)]
    order = list(LAYERS)
    return sorted(made, key=lambda layer: order.index(layer.name))


def _layer(name: str, kind: Literal["LineString", "Point"], shapes: Any, rows: list[dict[str, Any]]) -> Layer:
    geometry: NDArray[np.object_] = np.empty(len(rows), dtype=object)
    geometry[:] = shapes
    return Layer(name, kind, geometry, pd.DataFrame(rows, columns=list(LAYERS[name])))


def _roads(scenario: Scenario, lang: str) -> Layer:
    """Every street once."""
    network = scenario.network
    edges = drawn_edges(network)
    group = road_group(network)[edges]
    rows = [
        {"group": text(lang, f"exports_roads_{group[i]}"), "road_class": ROAD_CLASSES[network.road_class[e]],
         "name": str(network.name[e]), "ref": str(network.ref[e]), "length_m": round(float(network.length_m[e]), 1),
         "bridge": bool(network.bridge[e]), "tunnel": bool(network.tunnel[e])}
        for i, e in enumerate(edges)
    ]  # fmt: skip
    return _layer("roads", "LineString", edge_lines(network, edges), rows)


def _closures(scenario: Scenario, lang: str) -> Layer:
    network = scenario.network
    found = closures(network, scenario.disruption, scenario.profiles, forecast=True)
    rows = [_closure_row(scenario, closure, lang) for closure in found]
    streets = np.array([closure.street for closure in found], dtype=np.int64)
    return _layer("closures", "LineString", edge_lines(network, streets), rows)


def _closure_row(scenario: Scenario, closure: Closure, lang: str) -> dict[str, Any]:
    return {
        "road": road_name(scenario.network, closure.street),
        "state": text(lang, f"report_state_{closure.state}"),
        "cause": cause_name(lang, closure.cause),
        "start": _clock(scenario, closure.start_ms),
        "end": _clock(scenario, closure.end_ms),
        "depth_m": closure.depth_m,
    }


def _clock(scenario: Scenario, time_ms: int) -> str:
    """ISO clock time; "" where there is none."""
    if abs(time_ms) >= 1 << 52 or time_ms == -1:
        return ""
    return clock_time(scenario.reference_time, time_ms).isoformat(timespec="seconds")


def _points(scenario: Scenario, table: pd.DataFrame, key: str) -> NDArray[np.object_]:
    """Points of rows with coordinates, else of the site they have in the scenario, else None."""
    sites = scenario.sites
    found: NDArray[np.object_] = np.empty(len(table), dtype=object)
    for i, row in enumerate(table.to_dict("records")):
        lon, lat = row.get("lon"), row.get("lat")
        if (pd.isna(lon) or pd.isna(lat)) and row[key] in sites.index:
            lon, lat = sites.at[row[key], "lon"], sites.at[row[key], "lat"]
        found[i] = None if lon is None or pd.isna(lon) or pd.isna(lat) else shapely.Point(float(lon), float(lat))
    return found


def _placed(name: str, scenario: Scenario, table: pd.DataFrame, key: str, rows: list[dict[str, Any]]) -> Layer:
    """Layer of the rows that have a position."""
    points = _points(scenario, table, key)
    there = [point is not None for point in points]
    return _layer(name, "Point", points[there], [row for row, placed in zip(rows, there, strict=True) if placed])


def _depots(scenario: Scenario, lang: str) -> Layer:
    table = scenario.county.table("depots")
    rows = [
        {"depot": row["depot"], "name": site_name(scenario, row["depot"], lang),
         "tier": text(lang, f"report_tier_{row['tier']}"), "docks": int(row["docks"]), "source": row["source"]}
        for row in table.to_dict("records")
    ]  # fmt: skip
    return _placed("depots", scenario, table, "depot", rows)


def _shelters(scenario: Scenario, lang: str) -> Layer:
    table = scenario.county.table("shelters")
    rows = [
        {"shelter": row["shelter"], "name": site_name(scenario, row["shelter"], lang),
         "capacity": int(row["capacity"]), "indoor": bool(row["indoor"]), "source": row["source"]}
        for row in table.to_dict("records")
    ]  # fmt: skip
    return _placed("shelters", scenario, table, "shelter", rows)


def _places(scenario: Scenario, findings: Findings, lang: str) -> Layer:
    """Places that need a first batch, with what plan and nights say of them."""
    rows = [
        {"place": row["place"], "name": row["name"], "people": row["people"],
         "verdict": text(lang, f"exports_verdict_{row['verdict']}"), "complete": _clock(scenario, row["planned_ms"]),
         "since_order_min": np.nan if row["planned_ms"] < 0 else (row["planned_ms"] - scenario.order_ms) / 60_000,
         "on_time": row["on_time"], "reason": row["reason"]}
        for row in findings.places.to_dict("records")
    ]  # fmt: skip
    table = scenario.county.table("places").set_index("place", drop=False)
    known = table.reindex(findings.places["place"])
    return _placed("places", scenario, known.assign(place=findings.places["place"].to_numpy()), "place", rows)


def _routes(scenario: Scenario, plan: Plan, lang: str) -> Layer:
    """One line per loaded leg of every trip."""
    view = PlanView(plan, scenario, lang)
    shapes, rows = [], []
    for (trip, stop), row in sorted(view.stops.items()):
        path = view.paths.get((row["path"],))
        points = np.empty((0, 2)) if path is None else route_points(scenario.network, path["edges"])
        of = view.trips.get((trip,))
        if path is None or of is None or len(points) < 2:
            continue
        shapes.append(shapely.LineString(points))
        rows.append({
            "trip": trip, "vehicle": of["vehicle"], "vehicle_name": vehicle_name(scenario, of["vehicle"], lang),
            "stop": int(stop), "from_name": view.site(path["from_site"]), "to_name": view.site(row["site"]),
            "leave": _clock(scenario, row["leave_ms"]), "arrive": _clock(scenario, row["arrive_ms"]),
            "length_km": round(float(path["length_m"]) / 1000, 2),
            "goods": view.goods(view.loads_at.get((trip, stop), [])),
        })  # fmt: skip
    return _layer("routes", "LineString", shapes, rows)
