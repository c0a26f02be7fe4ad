"""A county pack from OSM tags: settlements, fire stations, hospitals, police, town halls, schools, helipads.

Towns become townships, and each town also the village unit (镇区) in which its own people live; villages and hamlets
become villages under the nearest town inside the smallest administrative area that holds both. People are those of the
tag ``population``, else those of the norm table ``settlements`` by kind of place; every row's ``source`` says which.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.county.boundary import to_wkt
from dispatch.county.county import County
from dispatch.county.problem_text import found
from dispatch.county.reading import blank
from dispatch.county.schema import SCHEMA
from dispatch.county.typed import as_table, empty_table
from dispatch.norms import read_norm
from dispatch.problems import InputProblems, Problem
from dispatch.roads.declared import declared_depots
from dispatch.roads.measure import great_circle_m
from dispatch.roads.osm import OSM_ATTRIBUTION
from dispatch.roads.osm_places import FACILITY_TAGS, OsmArea, OsmPlaces, OsmPoint, parse_population, read_places

__all__ = ["county_from_osm"]

_SIMPLER_DEG = 1e-4


def county_from_osm(
    path: Path, *, code: str, name_zh: str, name_en: str, zone: str, declare_depots: bool = False
) -> tuple[County, list[Problem]]:
    """Build a county pack from an OSM file.

    Parameters
    ----------
    path : Path
        PBF or XML, either compressed.
    code : str
        Administrative code, id of the county's own row.
    name_zh, name_en : str
        If an administrative area in the file bears one of these names, it is the county: its border becomes the
        boundary and nothing outside is taken. Otherwise everything in the file is.
    zone : str
        IANA time zone.
    declare_depots : bool
        Whether to add depots, stock and vehicles by the norm table ``declared_depots``, all marked synthetic; without,
        those tables stay empty and are the user's to fill. Goods and first batch are those of the norms either way.

    Returns
    -------
    county : County
    problems : list of Problem
        Warnings: what was left out or filled by rule.

    Raises
    ------
    InputProblems
        If the file cannot be read or holds no settlement.
    """
    rules = {row["place_kind"]: row for row in read_norm("settlements")}
    read = read_places(Path(path), frozenset(rules))
    border = _border(read.areas, {name_zh, name_en} - {""})
    settlements, facilities = (_inside(points, border) for points in (read.settlements, read.facilities))
    if not settlements:
        expected = ", ".join(f"place={kind}" for kind in rules)
        raise InputProblems([found("settlements_none", Path(path).name, kinds=expected)])
    problems = _warnings(Path(path).name, read, settlements, border, name_zh, rules)
    towns = [p for p in settlements if rules[p.tags["place"]]["level"] == "township"]
    townships = _townships(settlements, towns, read.areas)
    places = _places(settlements, townships, rules, code, name_zh, name_en, border)
    county = County(
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        zone=zone,
        tables={
            **{name: empty_table(name) for name in SCHEMA},
            "places": _table("places", places),
            "facilities": _table("facilities", _facilities(facilities, settlements, towns)),
            "items": _table("items", read_norm("items")),
            "first_batch": _table("first_batch", read_norm("first_batch")),
        },
        sources=_sources(Path(path).name, read, rules),
        boundary_wkt="" if border is None else to_wkt(border.polygon.simplify(_SIMPLER_DEG)),
    )
    return (declared_depots(county) if declare_depots else county), problems


def _border(areas: Sequence[OsmArea], names: set[str]) -> OsmArea | None:
    """Largest administrative area of one of these names."""
    named = [area for area in areas if area.names & names]
    return named[-1] if named else None


def _inside(points: Sequence[OsmPoint], border: OsmArea | None) -> list[OsmPoint]:
    """Points inside the border, all of them without one."""
    import shapely

    if border is None:
        return list(points)
    shapely.prepare(border.polygon)
    kept = shapely.intersects_xy(border.polygon, [p.lon for p in points], [p.lat for p in points])
    return [point for point, inside in zip(points, kept, strict=True) if inside]


def _townships(
    settlements: Sequence[OsmPoint], towns: Sequence[OsmPoint], areas: Sequence[OsmArea]
) -> list[OsmPoint | None]:
    """Town to which each settlement belongs (a town to itself); None if there is no town at all."""
    import shapely

    if not towns:
        return [None] * len(settlements)
    holds_town = [shapely.intersects_xy(area.polygon, [t.lon for t in towns], [t.lat for t in towns]) for area in areas]
    everywhere = np.ones(len(towns), dtype=bool)
    chosen: list[OsmPoint | None] = []
    for point in settlements:
        near = next(
            (
                held
                for area, held in zip(areas, holds_town, strict=True)
                if held.any() and shapely.intersects_xy(area.polygon, point.lon, point.lat)
            ),
            everywhere,
        )
        away = np.where(near, _distance_m(point, towns), np.inf)
        chosen.append(towns[int(np.argmin(away))])
    return chosen


def _distance_m(point: OsmPoint, others: Sequence[OsmPoint]) -> NDArray[np.float64]:
    lon, lat = (np.array([getattr(other, axis) for other in others]) for axis in ("lon", "lat"))
    return great_circle_m(np.array(point.lon), np.array(point.lat), lon, lat)


def _places(
    settlements: Sequence[OsmPoint],
    townships: Sequence[OsmPoint | None],
    rules: dict[str, dict[str, Any]],
    code: str,
    name_zh: str,
    name_en: str,
    border: OsmArea | None,
) -> list[dict[str, Any]]:
    """Rows of ``places``: the county, its townships, their villages; people of a township are those of its villages."""
    villages: list[dict[str, Any]] = []
    towns: dict[str, dict[str, Any]] = {}
    for point, township in zip(settlements, townships, strict=True):
        people, source = _people(point, rules[point.tags["place"]])
        row = {
            "place": point.osm_id, "name": _name(point, rules), "name_en": _name_en(point, rules), "kind": "village",
            "parent": code if township is None else township.osm_id, "aliases": _aliases(point), "lon": point.lon,
            "lat": point.lat, "population": people, "population_kind": "resident",
            "source": f"{point.source}; {source}", "note": f"place={point.tags['place']}",
        }  # fmt: skip
        if township is point:
            summed = f"{point.source}; sum of its villages"
            towns[point.osm_id] = {**row, "kind": "township", "parent": code, "source": summed}
            row |= {
                "place": f"{point.osm_id}-seat", "name": f"{row['name']}镇区", "name_en": f"{row['name_en']}, town",
                "aliases": "", "note": f"the town itself; {row['note']}",
            }  # fmt: skip
        villages.append(row)
    for town in towns.values():
        town["population"] = sum(row["population"] for row in villages if row["parent"] == town["place"])
    total = sum(row["population"] for row in villages)
    middle = _middle(settlements) if border is None else (border.polygon.centroid.x, border.polygon.centroid.y)
    drawn = "" if border is None else f"OpenStreetMap relation {border.osm_id[1:]}; "
    county = {
        "place": code, "name": name_zh, "name_en": name_en, "kind": "county", "lon": middle[0], "lat": middle[1],
        "population": total, "population_kind": "resident",
        "source": f"{drawn}sum of its villages",
    }  # fmt: skip
    return [county, *towns.values(), *villages]


def _middle(points: Sequence[OsmPoint]) -> tuple[float, float]:
    return float(np.mean([p.lon for p in points])), float(np.mean([p.lat for p in points]))


def _people(point: OsmPoint, rule: dict[str, Any]) -> tuple[float, str]:
    """People and where the figure is from."""
    tagged = parse_population(point.tags.get("population", ""))
    if not math.isnan(tagged):
        return tagged, "population as tagged"
    return rule["population"], rule["source"]


def _name(point: OsmPoint, rules: dict[str, dict[str, Any]]) -> str:
    """Local name; a settlement without one is named by its kind and id."""
    return point.tags.get("name") or f"{rules[point.tags['place']]['name_zh']} {point.osm_id}"


def _name_en(point: OsmPoint, rules: dict[str, dict[str, Any]]) -> str:
    tags = point.tags
    latin = tags.get("name", "") if all(ord(letter) < 0x250 for letter in tags.get("name", "")) else ""
    return tags.get("name:en") or tags.get("int_name") or latin or f"{rules[tags['place']]['name_en']} {point.osm_id}"


def _aliases(point: OsmPoint) -> str:
    """Other names, apart by ``;``."""
    names = [part.strip() for key in ("name:zh", "alt_name", "old_name", "official_name")
             for part in point.tags.get(key, "").split(";")]  # fmt: skip
    return ";".join(name for name in dict.fromkeys(names) if name and name != point.tags.get("name"))


def _facilities(
    facilities: Sequence[OsmPoint], settlements: Sequence[OsmPoint], towns: Sequence[OsmPoint]
) -> list[dict[str, Any]]:
    """Rows of ``facilities``, each at the settlement nearest to it; one without a name is named by kind and place."""
    words = {column.name: column.choices or {} for column in SCHEMA["facilities"].columns}["kind"]
    rules = {row["place_kind"]: row for row in read_norm("settlements")}
    seats = {town.osm_id for town in towns}
    rows = []
    for point in facilities:
        kind = next(kind for (key, value), kind in FACILITY_TAGS.items() if point.tags.get(key) == value)
        near = settlements[int(np.argmin(_distance_m(point, settlements)))]
        rows.append({
            "facility": f"{kind}-{point.osm_id}",
            "name": point.tags.get("name") or f"{words[kind]}（{_name(near, rules)}）",
            "kind": kind, "place": f"{near.osm_id}-seat" if near.osm_id in seats else near.osm_id,
            "lon": point.lon, "lat": point.lat, "source": point.source,
        })  # fmt: skip
    return rows


def _table(name: str, rows: Sequence[dict[str, Any]]) -> Any:
    """Rows in a schema table's columns and types; what they leave out is empty."""
    columns = SCHEMA[name].columns
    values: dict[str, list[Any]] = {c.name: [row.get(c.name, blank(c)) for row in rows] for c in columns}
    for column in columns:
        if column.kind == "flag":
            values[column.name] = [cell in (True, "true") for cell in values[column.name]]
    return as_table(SCHEMA[name], values)


def _sources(file: str, read: OsmPlaces, rules: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    by_rule = ", ".join(f"{kind} {row['population']:g}" for kind, row in rules.items())
    roads = "schematic map" if read.schematic else OSM_ATTRIBUTION
    return (
        f"Settlements and public sites: {roads}, file {file}" + (f" of {read.moment[:10]}" if read.moment else ""),
        f"Population: tag population where given, else by kind of place ({by_rule})",
        "Goods and first batch: norms of this library, sources in the rows",
    )


def _warnings(
    file: str,
    read: OsmPlaces,
    settlements: Sequence[OsmPoint],
    border: OsmArea | None,
    name_zh: str,
    rules: dict[str, dict[str, Any]],
) -> list[Problem]:
    """What was left out or filled by rule."""
    problems = []
    by_rule = [p for p in settlements if math.isnan(parse_population(p.tags.get("population", "")))]
    if border is None:
        problems.append(found("settlements_no_border", file, None, "boundary", name_zh, "warning"))
    if by_rule:
        problems.append(
            found("settlements_by_rule", file, None, "population", len(by_rule), "warning", total=len(settlements))
        )
    nameless = [p.osm_id for p in settlements if not p.tags.get("name")]
    if nameless:
        problems.append(found("settlements_nameless", file, None, "name", ", ".join(nameless), "warning"))
    if read.unplaced:
        problems.append(found("settlements_unplaced", file, None, "", ", ".join(read.unplaced), "warning"))
    if not any(rules[p.tags["place"]]["level"] == "township" for p in settlements):
        problems.append(found("settlements_no_town", file, None, "place", "", "warning"))
    return problems
