"""Settlements, public sites and administrative areas in an OSM file, read as a stream through pyosmium.

An object counts once, as the node, way or multipolygon that carries the tag; of areas the centroid is its position.
Administrative areas whose border is cut off by the edge of the file are not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dispatch.roads.faults import fault

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["FACILITY_TAGS", "OsmArea", "OsmPlaces", "OsmPoint", "parse_population", "read_places"]

FACILITY_TAGS: dict[tuple[str, str], str] = {
    ("amenity", "hospital"): "hospital",
    ("amenity", "police"): "police",
    ("amenity", "fire_station"): "fire_station",
    ("amenity", "townhall"): "government",
    ("amenity", "school"): "school",
    ("aeroway", "helipad"): "helipad",
}
"""OSM tag → kind of facility."""
_WORD = {"n": "node", "w": "way", "r": "relation"}


@dataclass(frozen=True)
class OsmPoint:
    """One object with a position: ``osm_id`` as ``n123``, ``w123`` or ``r123``."""

    osm_id: str
    tags: Mapping[str, str]
    lon: float
    lat: float

    @property
    def source(self) -> str:
        """What a row made of it names as its source."""
        return f"OpenStreetMap {_WORD[self.osm_id[0]]} {self.osm_id[1:]}"


@dataclass(frozen=True, eq=False)
class OsmArea:
    """One administrative area: names in every language, level (larger is smaller), polygon in lon/lat."""

    osm_id: str
    names: frozenset[str]
    level: int
    polygon: BaseGeometry
    population: float


@dataclass(frozen=True, eq=False)
class OsmPlaces:
    """What was found.

    Attributes
    ----------
    settlements, facilities : tuple of OsmPoint
        In the order of ``osm_id`` (nodes, ways, relations, by number).
    areas : tuple of OsmArea
        Smallest first.
    unplaced : tuple of str
        Ids of objects whose position the file does not hold.
    moment : str
        Date of the data, "" if the file does not say.
    schematic : bool
        Whether the file says that it was drawn for lack of a survey.
    """

    settlements: tuple[OsmPoint, ...]
    facilities: tuple[OsmPoint, ...]
    areas: tuple[OsmArea, ...]
    unplaced: tuple[str, ...]
    moment: str
    schematic: bool


def read_places(path: Path, place_kinds: frozenset[str]) -> OsmPlaces:
    """Read settlements, public sites and administrative areas of an OSM file (PBF or XML, either compressed).

    Parameters
    ----------
    path : Path
    place_kinds : frozenset of str
        Values of ``place`` that are settlements.

    Raises
    ------
    InputProblems
        If the file is missing or damaged.
    """
    import osmium

    if not path.is_file():
        raise fault(path, "settlements_no_file", value=str(path))
    try:
        header = osmium.FileProcessor(str(path)).header
        found = _stream(path, place_kinds)
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as error:
        raise fault(path, "roads_osm_damaged", value=str(error)) from error
    return OsmPlaces(
        *found,
        moment=str(header.get("osmosis_replication_timestamp", "") or header.get("timestamp", "")),
        schematic="schematic" in str(header.get("generator", "")).lower(),
    )


def _stream(
    path: Path, place_kinds: frozenset[str]
) -> tuple[tuple[OsmPoint, ...], tuple[OsmPoint, ...], tuple[OsmArea, ...], tuple[str, ...]]:
    import osmium
    import shapely

    keys = osmium.filter.KeyFilter("place", "boundary", *{key for key, _ in FACILITY_TAGS})
    wkb = osmium.geom.WKBFactory()
    tags: dict[str, dict[str, str]] = {}
    at: dict[str, tuple[float, float]] = {}
    areas: list[OsmArea] = []
    for entity in osmium.FileProcessor(str(path)).with_areas(keys).with_filter(keys):
        own = dict(entity.tags)
        settled = own.get("place") in place_kinds
        border = own.get("boundary") == "administrative"
        if not (settled or border or any(own.get(key) == value for key, value in FACILITY_TAGS)):
            continue
        if entity.is_area():
            osm_id = ("w" if entity.from_way() else "r") + str(entity.orig_id())
            polygon = shapely.from_wkb(wkb.create_multipolygon(entity))
            if border and own.get("admin_level", "").isdecimal():
                names = frozenset(value for key, value in own.items() if key == "name" or key.startswith("name:"))
                areas.append(
                    OsmArea(
                        osm_id, names, int(own["admin_level"]), polygon, parse_population(own.get("population", ""))
                    )
                )
            centre = polygon.centroid
            at[osm_id] = (centre.x, centre.y)
        else:
            osm_id = entity.type_str() + str(entity.id)
            if entity.is_node():
                at[osm_id] = (entity.lon, entity.lat)
            elif entity.is_way() and (line := _middle(entity)) is not None:
                at.setdefault(osm_id, line)
        tags[osm_id] = own
    ordered = sorted(tags, key=lambda osm_id: ("nwr".index(osm_id[0]), int(osm_id[1:])))
    points = [OsmPoint(osm_id, tags[osm_id], *at[osm_id]) for osm_id in ordered if osm_id in at]
    wanted = [p for p in points if p.tags.get("place") in place_kinds]
    public = [p for p in points if any(p.tags.get(key) == value for key, value in FACILITY_TAGS)]
    unplaced = tuple(osm_id for osm_id in ordered if osm_id not in at and tags[osm_id].get("boundary") is None)
    return tuple(wanted), tuple(public), tuple(sorted(areas, key=lambda area: area.polygon.area)), unplaced


def _middle(way: Any) -> tuple[float, float] | None:
    """Mean position of a way's nodes; None if the file holds none of them."""
    known = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
    if not known:
        return None
    return sum(lon for lon, _ in known) / len(known), sum(lat for _, lat in known) / len(known)


def parse_population(text: str) -> float:
    """People in a ``population`` tag (``12 345``, ``12,345``, ``~500``); NaN if it holds no number."""
    match = re.fullmatch(r"[~≈]?\s*(\d{1,3}(?:[ ,.'’]\d{3})+|\d+)", text.strip())
    return float(re.sub(r"\D", "", match[1])) if match else float("nan")
