"""Answers of the Overpass API in JSON (``[out:json]``), read as the same segments as an OSM file.

Positions come from the node elements or, after ``out geom``, from the ways themselves.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dispatch.roads.faults import fault
from dispatch.roads.osm import OSM_ATTRIBUTION, node_limits, restriction_of
from dispatch.roads.segments import NodeLimits, Restriction, Segments, Way, make_segments
from dispatch.roads.tags import road_tags

__all__ = ["read_overpass"]

_NAN = float("nan")


def read_overpass(path: Path) -> Segments:
    """Read all roads of an Overpass answer.

    Raises
    ------
    InputProblems
        If it is no such answer, is incomplete (a remark of the server), or holds no road.
    """
    try:
        answer = json.loads(path.read_text(encoding="utf-8-sig"))
        elements = answer["elements"]
        if "error" in str(answer.get("remark", "")).lower():
            raise fault(path, "roads_overpass_remark", value=str(answer["remark"]))
        ways, limits, restrictions = _read(elements)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise fault(path, "roads_overpass_damaged", value=f"{type(error).__name__}: {error}") from error
    if not ways:
        raise fault(path, "roads_osm_no_road")
    segments = make_segments(
        ways, node_limits=limits, restrictions=restrictions, source=path.name, attribution=OSM_ATTRIBUTION
    )
    if not len(segments.tail):
        raise fault(path, "roads_osm_no_nodes")
    return segments


def _read(elements: list[dict[str, Any]]) -> tuple[list[Way], dict[int, NodeLimits], list[Restriction]]:
    nodes = {int(e["id"]): _point(e) for e in elements if e["type"] == "node" and "lon" in e}
    ways: dict[int, Way] = {}
    limits: dict[int, NodeLimits] = {}
    restrictions: list[Restriction] = []
    for element in elements:
        tags = element.get("tags", {})
        if element["type"] == "way" and (way := _way(element, tags, nodes)) is not None:
            ways.setdefault(way.way_id, way)
        elif element["type"] == "node" and tags and (found := node_limits(tags)) is not None:
            limits[int(element["id"])] = found
        elif element["type"] == "relation":
            members = [(m["type"], m["role"], int(m["ref"])) for m in element.get("members", ())]
            turn = restriction_of(tags, members)
            if turn is not None:
                restrictions.append(turn)
    return list(ways.values()), limits, restrictions


def _way(element: dict[str, Any], tags: dict[str, str], nodes: dict[int, tuple[float, float]]) -> Way | None:
    road = road_tags(tags)
    refs = [int(ref) for ref in element.get("nodes", ())]
    if road is None or not refs:
        return None
    points = [nodes.get(ref, (_NAN, _NAN)) for ref in refs]
    for i, point in enumerate(element.get("geometry", ())):
        if point is not None and i < len(points):
            points[i] = _point(point)
    return Way(int(element["id"]), road, refs, [x for x, _ in points], [y for _, y in points])


def _point(element: dict[str, Any]) -> tuple[float, float]:
    """Longitude and latitude; an error if they lie outside the world."""
    lon, lat = float(element["lon"]), float(element["lat"])
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        msg = f"position {lon}, {lat}"
        raise ValueError(msg)
    return lon, lat
