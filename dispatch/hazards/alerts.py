"""Warnings in the Common Alerting Protocol (CAP 1.2, OASIS 2010) as features: what turns an alert into footprints.

Each ``area`` of each ``info`` becomes a feature with the columns of a footprint: ``onset`` (else ``effective``, else
``sent``) is the start, ``expires`` the end, ``sent`` when it is known, ``event`` the cause; ``parameter`` values named
like a footprint's column (``depth_m``, ``closed`` …) are that column. An alert that says nothing of roads reaches the
people in its area and leaves the roads open.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dispatch.county.problem_text import found
from dispatch.problems import Problem

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["CAP", "read_alert"]

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
_DEGREE_KM = math.pi / 180 * 6371.009
_CIRCLE_POINTS = 64
_EFFECTS = frozenset({"closed", "depth_m", "speed_factor", "outage", "people_share"})


def read_alert(path: Path, problems: list[Problem]) -> list[tuple[BaseGeometry | None, dict[str, Any]]]:
    """Features of one alert; the first ``info`` of each event counts (the others are its translations).

    Problems with the file as a whole go to ``problems``; a cancelled alert has no features and is a warning.
    """
    try:
        alert = ET.parse(path).getroot()
    except (ET.ParseError, OSError) as error:
        problems.append(found("hazards_alert_unreadable", path.name, None, "", error))
        return []
    if alert.tag != f"{{{CAP}}}alert":
        problems.append(found("hazards_alert_unreadable", path.name, None, "", alert.tag))
        return []
    if _text(alert, "msgType") == "Cancel":
        problems.append(found("hazards_alert_cancelled", path.name, None, "msgType", "Cancel", "warning"))
        return []
    features: list[tuple[BaseGeometry | None, dict[str, Any]]] = []
    seen: set[tuple[str, ...]] = set()
    for info in alert.findall(f"{{{CAP}}}info"):
        cells = _cells(alert, info)
        areas = info.findall(f"{{{CAP}}}area")
        shape = tuple(sorted(_text(area, tag) for area in areas for tag in ("polygon", "circle")))
        key = (*shape, cells.get("start", ""), cells.get("end", ""))
        if key in seen:
            continue
        seen.add(key)
        for area in areas:
            name = _text(area, "areaDesc") or _text(info, "headline")
            features.append((_geometry(area), {**cells, "name": name}))
    if not features:
        problems.append(found("hazards_alert_no_area", path.name, None, "area", ""))
    return features


def _text(element: ET.Element, tag: str) -> str:
    return (element.findtext(f"{{{CAP}}}{tag}") or "").strip()


def _cells(alert: ET.Element, info: ET.Element) -> dict[str, Any]:
    """Columns of a footprint that an ``info`` gives."""
    from dispatch.hazards.footprints import FOOTPRINT_COLUMNS

    known = {column.name for column in FOOTPRINT_COLUMNS}
    cells: dict[str, Any] = {
        "start": _text(info, "onset") or _text(info, "effective") or _text(alert, "sent"),
        "end": _text(info, "expires"),
        "known": _text(alert, "sent"),
        "cause": _cause(_text(info, "event")),
        "source": _text(alert, "sender"),
    }
    for parameter in info.findall(f"{{{CAP}}}parameter"):
        name = _text(parameter, "valueName")
        if name in known:
            cells[name] = _text(parameter, "value")
    if not _EFFECTS & set(cells):
        cells["people_share"] = "1"
    return {name: value for name, value in cells.items() if value}


def _cause(event: str) -> str:
    """Cause whose name, in any language, the event's words hold (the longest such name); else the words themselves."""
    from dispatch.hazards.footprints import cause_names

    words = event.casefold().replace("_", " ")
    held = [name for name in cause_names() if name.replace("_", " ") in words]
    return cause_names()[max(held, key=len)] if held else event


def _geometry(area: ET.Element) -> BaseGeometry | None:
    """Polygons and circles of an area; CAP writes ``lat,lon`` pairs, a circle as ``lat,lon radius_km``."""
    import shapely

    shapes: list[Any] = []
    try:
        for polygon in area.findall(f"{{{CAP}}}polygon"):
            pairs = [tuple(map(float, pair.split(","))) for pair in (polygon.text or "").split()]
            shapes.append(shapely.Polygon([(lon, lat) for lat, lon in pairs]))
        for circle in area.findall(f"{{{CAP}}}circle"):
            centre, radius = (circle.text or "").split()
            lat, lon = map(float, centre.split(","))
            shapes.append(_circle(lon, lat, float(radius)))
    except ValueError:
        return None
    return shapely.union_all(shapes) if shapes else None


def _circle(lon: float, lat: float, radius_km: float) -> Any:
    import shapely

    angles = [2 * math.pi * k / _CIRCLE_POINTS for k in range(_CIRCLE_POINTS)]
    east = radius_km / (_DEGREE_KM * math.cos(math.radians(lat)))
    north = radius_km / _DEGREE_KM
    return shapely.Polygon([(lon + east * math.cos(a), lat + north * math.sin(a)) for a in angles])
