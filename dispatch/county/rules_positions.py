"""Rules of coordinates and geometries: where a place stands, whether it can stand there, who needs to know."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from dispatch.county.boundary import metres_outside
from dispatch.county.findings import Findings, Origin
from dispatch.county.problem_text import found
from dispatch.county.schema import SCHEMA

__all__ = ["check_positions"]

NEAR_M = 5000.0
"""Up to here outside the boundary a village is a warning: public boundaries are generalised by some hundred metres and
a GCJ-02 shift adds 300–700 m; a village farther out is a wrong figure."""
_INSIDE = ("shelters", "candidates", "hazard_points", "dams", "communications")
"""Tables whose points belong into the county; far outside they are a warning. City and province depots, hospitals and
suppliers may well lie elsewhere."""
_SITES = ("places", "depots", "facilities", "shelters")
_SHAPES = {"fire_lines": ("LineString", "MultiLineString"), "risk_zones": ("Polygon", "MultiPolygon")}


def check_positions(
    tables: Mapping[str, pd.DataFrame], origins: Mapping[str, Origin], findings: Findings, boundary_wkt: str
) -> None:
    """Both coordinates or none, not swapped, inside the county; geometries of the right kind; a point where needed."""
    for name, table in SCHEMA.items():
        if len(tables[name]) and any(column.name == "lon" for column in table.columns):
            _check_pairs(tables[name], origins[name], findings)
            if boundary_wkt:
                _check_inside(name, tables[name], origins[name], findings, boundary_wkt)
    for name, kinds in _SHAPES.items():
        _check_shapes(tables[name], origins[name], findings, kinds)
    _check_needed(tables, origins, findings)


def _check_pairs(frame: pd.DataFrame, origin: Origin, findings: Findings) -> None:
    lon, lat = frame["lon"].to_numpy(dtype=float), frame["lat"].to_numpy(dtype=float)
    for i in np.flatnonzero(np.isnan(lon) != np.isnan(lat)):
        column = "lon" if np.isnan(lon[i]) else "lat"
        if not {(int(i), "lon"), (int(i), "lat")} & origin.faulty:
            findings.cell(origin, int(i), column, "county_half_position")
    for i in np.flatnonzero((np.abs(lat) > 90) & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)):
        findings.cell(origin, int(i), "lat", "county_swapped")
        origin.faulty.add((int(i), "lon"))


def _check_inside(name: str, frame: pd.DataFrame, origin: Origin, findings: Findings, boundary_wkt: str) -> None:
    lon, lat = frame["lon"].to_numpy(dtype=float), frame["lat"].to_numpy(dtype=float)
    away_m = metres_outside(boundary_wkt, lon, lat)
    swapped_m = metres_outside(boundary_wkt, lat, lon)
    for i in np.flatnonzero(away_m > 0):
        row = int(i)
        if (row, "lat") in origin.faulty or (row, "lon") in origin.faulty:
            continue
        if swapped_m[i] == 0 and abs(lon[i]) <= 90:
            findings.cell(origin, row, "lat", "county_swapped")
        elif name == "places":
            far = away_m[i] > NEAR_M
            code = "county_outside" if far else "county_just_outside"
            findings.cell(origin, row, "lon", code, "error" if far else "warning", km=f"{away_m[i] / 1000:.1f}")
        elif away_m[i] > NEAR_M and (name in _INSIDE or (name == "depots" and _is_local(frame, row))):
            findings.cell(origin, row, "lon", "county_outside", "warning", km=f"{away_m[i] / 1000:.1f}")


def _is_local(frame: pd.DataFrame, i: int) -> bool:
    return frame["tier"].iat[i] in {"county", "township", "village"}


def _check_shapes(frame: pd.DataFrame, origin: Origin, findings: Findings, kinds: tuple[str, ...]) -> None:
    texts = frame["geometry"].tolist()
    shapes: list[Any] = list(shapely.from_wkt(np.array(texts, dtype=object), on_invalid="ignore")) if texts else []
    words = {"kinds": " / ".join(kinds)}
    for i, (text, shape) in enumerate(zip(texts, shapes, strict=True)):
        if text == "" or (i, "geometry") in origin.faulty:
            continue
        if shape is None or shape.geom_type not in kinds or shape.is_empty:
            findings.cell(origin, i, "geometry", "county_geometry", "error", **words)
            continue
        left, bottom, right, top = (abs(edge) if math.isfinite(edge) else math.inf for edge in shape.bounds)
        if max(left, right) > 180 or max(bottom, top) > 90:
            findings.cell(origin, i, "geometry", "county_geometry_range")
        elif not shape.is_valid:
            findings.cell(origin, i, "geometry", "county_geometry_invalid", "warning")


def _check_needed(tables: Mapping[str, pd.DataFrame], origins: Mapping[str, Origin], findings: Findings) -> None:
    """Depots, vehicle bases and delivery points have a position of their own or of their place."""
    placed = _positions(tables, origins)
    known = {one for name in _SITES for one in tables[name][SCHEMA[name].key[0]]} - {""}

    def check(name: str, column: str, wanted: list[str]) -> None:
        for i, one in enumerate(wanted):
            if one in known and one not in placed and (i, column) not in origins[name].faulty:
                findings.cell(origins[name], i, column, "county_no_position", "warning")

    depots = tables["depots"]["depot"].tolist()
    check("depots", "depot", depots)
    check("vehicles", "base", [one if one not in set(depots) else "" for one in tables["vehicles"]["base"].tolist()])
    demand = tables["demand"]
    points = demand["delivery_point"].tolist()
    check("demand", "delivery_point", points)
    check("demand", "place", [place if not point else "" for place, point in zip(demand["place"], points, strict=True)])
    places = tables["places"]
    without = int(places["lon"].isna().to_numpy(dtype=bool).sum())
    if without:
        origin = origins["places"]
        header = origin.headers.get("lon", "lon")
        findings.add(found("county_places_without_position", origin.file, None, header, "", "warning",
                           count=without, total=len(places)))  # fmt: skip


def _positions(tables: Mapping[str, pd.DataFrame], origins: Mapping[str, Origin]) -> set[str]:
    """Ids of the sites that have a position, their own or their place's, or one that could not be read."""
    placed: set[str] = set()
    for name in _SITES:
        frame = tables[name]
        own: NDArray[np.bool_] = (frame["lon"].notna() & frame["lat"].notna()).to_numpy(dtype=bool, copy=True)
        if name != "places":
            own = own | frame["place"].isin(placed).to_numpy(dtype=bool)
        own[[i for i, column in origins[name].faulty if column in {"lon", "lat", "place"}]] = True
        placed |= set(frame.loc[own, SCHEMA[name].key[0]])
    placed.discard("")
    return placed
