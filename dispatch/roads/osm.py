"""OpenStreetMap files (PBF, XML, either compressed) read as a stream through pyosmium.

Only objects that carry one of a few keys reach Python; node positions stay in osmium's own store. A file whose header
names a generator with the word "schematic" was drawn for lack of a survey and is marked so; it is not
OpenStreetMap's, and neither is it attributed to it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from dispatch.roads.faults import fault
from dispatch.roads.segments import NodeLimits, Restriction, Segments, Way, make_segments
from dispatch.roads.tags import RoadTags, parse_length_m, parse_weight_t, road_tags

__all__ = ["OSM_ATTRIBUTION", "node_limits", "read_segments", "restriction_of"]

OSM_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
NODE_KEYS = ("ford", "maxheight", "maxwidth", "maxweight")
"""Keys that, at a node, concern the road beside it."""
_NAN = float("nan")


def read_segments(path: Path) -> Segments:
    """Read all roads of an OSM file, barred ones too, as node-level segments.

    Raises
    ------
    InputProblems
        If the file is damaged or holds no road.
    """
    import osmium

    try:
        file = osmium.io.File(str(path), _format(path))
        generator = str(osmium.FileProcessor(file).header.get("generator", ""))
        ways, limits, restrictions = _read(file)
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as error:
        raise fault(path, "roads_osm_damaged", value=str(error)) from error
    if not ways:
        raise fault(path, "roads_osm_no_road")
    schematic = "schematic" in generator.lower()
    segments = make_segments(
        ways,
        node_limits=limits,
        restrictions=restrictions,
        source=path.name,
        attribution="" if schematic else OSM_ATTRIBUTION,
        schematic=schematic,
    )
    if not len(segments.tail):
        raise fault(path, "roads_osm_no_nodes")
    return segments


def _format(path: Path) -> str:
    """Format of an OSM file by its first bytes, as osmium names it."""
    with path.open("rb") as stream:
        head = stream.read(64)
    if b"OSMHeader" in head or path.name.lower().endswith(".pbf"):
        return "pbf"
    return "xml" + (".gz" if head.startswith(b"\x1f\x8b") else ".bz2" if head.startswith(b"BZh") else "")


def _read(file: Any) -> tuple[list[Way], dict[int, NodeLimits], list[Restriction]]:
    """Stream the file once; its nodes a second time if some stood after their ways."""
    import osmium

    stream = osmium.FileProcessor(file).with_locations()
    stream = stream.with_filter(osmium.filter.KeyFilter("highway", "route", "restriction", *NODE_KEYS))
    ways: list[Way] = []
    limits: dict[int, NodeLimits] = {}
    restrictions: list[Restriction] = []
    for entity in stream:
        tags = dict(entity.tags)
        if entity.is_way():
            road = road_tags(tags)
            if road is not None and len(entity.nodes):
                ways.append(_way(entity, road))
        elif entity.is_node():
            found = node_limits(tags)
            if found is not None:
                limits[entity.id] = found
        elif entity.is_relation():
            turn = restriction_of(tags, [(m.type, m.role, m.ref) for m in entity.members])
            if turn is not None:
                restrictions.append(turn)
    return _completed(file, ways), limits, restrictions


def _way(entity: Any, road: RoadTags) -> Way:
    nodes = [(n.ref, n.lon, n.lat) if n.location.valid() else (n.ref, _NAN, _NAN) for n in entity.nodes]
    ref, lon, lat = zip(*nodes, strict=True)
    return Way(entity.id, road, ref, lon, lat)


def _completed(file: Any, ways: list[Way]) -> list[Way]:
    """Ways with the positions of nodes that were not known when the way was met; NaN where the file has none."""
    import osmium

    missing = {ref for way in ways for ref, lon in zip(way.nodes, way.lon, strict=True) if math.isnan(lon)}
    if not missing:
        return ways
    nodes = osmium.FileProcessor(file, osmium.osm.NODE).with_filter(osmium.filter.IdFilter(missing))
    found = {node.id: (node.lon, node.lat) for node in nodes}
    completed = []
    for way in ways:
        known = zip(way.nodes, way.lon, way.lat, strict=True)
        points = [found.get(ref, (lon, lat)) for ref, lon, lat in known]
        completed.append(replace(way, lon=[lon for lon, _ in points], lat=[lat for _, lat in points]))
    return completed


def node_limits(tags: dict[str, str]) -> NodeLimits | None:
    """What a node's tags say about the road through it; None if nothing."""
    found = NodeLimits(
        ford=tags.get("ford", "no") != "no",
        max_weight_t=parse_weight_t(tags.get("maxweight", "")),
        max_height_m=parse_length_m(tags.get("maxheight", "")),
        max_width_m=parse_length_m(tags.get("maxwidth", "")),
    )
    limits = (found.max_weight_t, found.max_height_m, found.max_width_m)
    return found if found.ford or any(x == x for x in limits) else None


def restriction_of(tags: dict[str, str], members: list[tuple[str, str, int]]) -> Restriction | None:
    """A restriction relation with one *from* way, one *via* node and one *to* way; None for any other relation.

    Parameters
    ----------
    tags : dict
    members : list of (type, role, id)
        ``type`` begins with n, w or r.
    """
    kind = tags.get("restriction", "")
    if tags.get("type") != "restriction" or not kind.startswith(("no_", "only_")):
        return None
    by_role: dict[str, list[tuple[str, int]]] = {"from": [], "via": [], "to": []}
    for member, role, ref in members:
        if role in by_role:
            by_role[role].append((member[0], ref))
    ends = [by_role[role] for role in ("from", "via", "to")]
    if any(len(end) != 1 for end in ends) or [end[0][0] for end in ends] != ["w", "n", "w"]:
        return None
    return Restriction(ends[0][0][1], ends[1][0][1], ends[2][0][1], kind.startswith("only_"))
