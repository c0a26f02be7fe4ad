"""Hazard footprints drawn by hand or by another model: polygons with a time, and a depth, a closure or a slowdown.

Each feature of a GeoJSON, GeoPackage or Shapefile is one footprint; its properties are the columns of
``FOOTPRINT_COLUMNS`` and of ``dispatch.hazards.effect``, in English or Chinese. A point or a line counts with its
``buffer_m``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dispatch.county.problem_text import found
from dispatch.county.table import Column
from dispatch.hazards.alerts import read_alert
from dispatch.hazards.effect import EFFECT_COLUMNS, Effect, Row, read_effect, read_fields
from dispatch.hazards.features import read_features
from dispatch.norms import read_norm
from dispatch.problems import Problem

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["FOOTPRINT_COLUMNS", "MEDIA", "Footprint", "cause_names", "read_footprints"]

C = Column
FOOTPRINT_COLUMNS: tuple[Column, ...] = (
    *EFFECT_COLUMNS,
    C("bridges", "桥梁", "flag"),
    C("tunnels", "隧道", "flag"),
    C("people_share", "影响人口比例", "number", low=0, high=1),
    C("outage", "停电断网", "list", zh_also=("通信中断",)),
    C("buffer_m", "缓冲", "number", "m", low=0),
)
"""``bridges``, ``tunnels``: whether roads on bridges and in tunnels feel it (empty: by the cause, table
``exposure`` of the norms). ``people_share``: share of the people of a place inside who are affected (empty: all where
roads are closed or flooded, none where they are only slowed or only power or network fail). ``outage``: media that
fail inside, ``power`` and ``network``."""

MEDIA: dict[str, str] = {"power": "power", "network": "network", "停电": "power", "断电": "power", "电力": "power",
                         "断网": "network", "网络": "network", "通信": "network"}  # fmt: skip
"""Words for the media of an outage."""

_DEGREE_M = math.pi / 180 * 6_371_009.0


@dataclass(frozen=True, eq=False)
class Footprint:
    """One footprint.

    Attributes
    ----------
    name : str
        As given, else ``file#number``.
    polygon : shapely Polygon or MultiPolygon
        Lon/lat, WGS 84, valid.
    effect : Effect
    bridges, tunnels : bool or None
        Whether they feel it; None: by the cause.
    people_share : float
        Share of the people of a place inside who are affected.
    outage : tuple of str
        Media that fail inside.
    file, row
        Where it was read: the number of the feature, from 1.
    """

    name: str
    polygon: BaseGeometry
    effect: Effect
    bridges: bool | None = None
    tunnels: bool | None = None
    people_share: float = 1.0
    outage: tuple[str, ...] = ()
    file: str = ""
    row: int | None = None


def cause_names() -> dict[str, str]:
    """Every name of a cause in the norms → cause."""
    rows = read_norm("exposure")
    return {row[key].casefold(): row["cause"] for row in rows for key in ("cause", "name_zh", "name_en")}


def read_footprints(path: Path, reference: datetime) -> tuple[list[Footprint], list[Problem]]:
    """Read the footprints of a file.

    Parameters
    ----------
    path : Path
        GeoJSON (``.geojson``, ``.json``), a CAP 1.2 alert (``.xml``), or any vector file that GDAL reads, in any
        coordinate system it states; GeoJSON that states none is WGS 84.
    reference : datetime
        Time zero, aware.

    Returns
    -------
    footprints : list of Footprint
        Those without errors, in the order of the file.
    problems : list of Problem
        ``row`` is the number of the feature.
    """
    problems: list[Problem] = []
    causes = cause_names()
    footprints: list[Footprint] = []
    unknown: dict[str, int] = {}
    features = read_alert(path, problems) if path.suffix.lower() == ".xml" else read_features(path, problems)
    for number, (geometry, properties) in enumerate(features, start=1):
        row, further = read_fields(properties, FOOTPRINT_COLUMNS, path.name, number, reference, problems)
        for header in further:
            unknown.setdefault(header, number)
        row.values["name"] = row.values["name"] or f"{path.name}#{number}"
        footprint = _footprint(row, geometry, causes)
        if not row.failed:
            footprints.append(footprint)
    columns = ", ".join(column.name for column in FOOTPRINT_COLUMNS)
    problems += [
        found("hazards_unknown_property", path.name, number, header, header, "warning", columns=columns)
        for header, number in unknown.items()
        if header.casefold() not in _PASSED_OVER
    ]
    if not footprints and not problems:
        problems.append(found("hazards_no_footprints", path.name, None, "", "", "warning"))
    return footprints, problems


_PASSED_OVER = frozenset({"id", "fid", "objectid", "gid", "style", "stroke", "stroke-width", "stroke-opacity", "fill",
                          "fill-opacity", "marker-color", "description", "shape_leng", "shape_area"})  # fmt: skip
"""Properties that drawing programs add of themselves."""


def _footprint(row: Row, geometry: BaseGeometry | None, causes: dict[str, str]) -> Footprint:
    """Footprint of one feature; its problems go on the row's list."""
    effect = read_effect(row, closed_unless_told=False, causes=causes)
    value = row.values
    stops = effect.speed_permille == 0 or not math.isnan(effect.depth_m)
    if not (stops or effect.speed_permille > 0 or {"outage", "people_share"} & row.given or row.failed):
        row.problem("", value["name"], "hazards_no_effect")
    media = []
    for word in value["outage"]:
        if word.casefold() in MEDIA:
            media.append(MEDIA[word.casefold()])
        else:
            row.problem("outage", word, "hazards_medium")
    share = value["people_share"]
    return Footprint(
        value["name"],
        _polygon(row, geometry, value["buffer_m"]),
        effect,
        value["bridges"],
        value["tunnels"],
        (1.0 if stops else 0.0) if math.isnan(share) else share,
        tuple(dict.fromkeys(media)),
        row.file,
        row.row,
    )


def _polygon(row: Row, geometry: BaseGeometry | None, buffer_m: float) -> BaseGeometry:
    """Valid area of a feature in lon/lat; what cannot be one is a problem, and an empty polygon."""
    import shapely

    nothing = shapely.Polygon()
    if geometry is None or geometry.is_empty:
        row.problem("geometry", "", "hazards_geometry")
        return nothing
    geometry = shapely.force_2d(geometry)
    west, south, east, north = geometry.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        row.problem("geometry", f"{west:g}, {south:g}", "hazards_not_lonlat")
        return nothing
    if not geometry.is_valid:
        row.warning("geometry", shapely.is_valid_reason(geometry), "hazards_repaired")
        geometry = shapely.make_valid(geometry)
    if buffer_m > 0:
        scale = np.array([_DEGREE_M * math.cos(math.radians((south + north) / 2)), _DEGREE_M])
        metres = shapely.transform(geometry, lambda xy: xy * scale)
        geometry = shapely.transform(metres.buffer(buffer_m), lambda xy: xy / scale)
    areas = [part for part in shapely.get_parts(_parts(geometry)) if part.geom_type == "Polygon"]
    if not areas:
        row.problem("geometry", geometry.geom_type, "hazards_geometry")
        return nothing
    return areas[0] if len(areas) == 1 else shapely.union_all(areas)


def _parts(geometry: BaseGeometry) -> Any:
    """Parts of a geometry, those of collections within collections too."""
    import shapely

    parts = shapely.get_parts([geometry])
    while any(part.geom_type.startswith(("Multi", "GeometryCollection")) for part in parts):
        parts = shapely.get_parts(parts)
    return parts
