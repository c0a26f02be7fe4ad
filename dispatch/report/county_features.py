"""Everything a county pack places on the map, in groups: what the one map (一张图) shows, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import shapely

from dispatch.county.county import County
from dispatch.county.english import side_of
from dispatch.county.in_language import in_language
from dispatch.county.schema import SCHEMA
from dispatch.documents.messages import has, text
from dispatch.planning.plan import Plan
from dispatch.report.findings import find
from dispatch.report.layers import plan_layers
from dispatch.scenario import Scenario
from dispatch.sites import site_points

__all__ = ["Feature", "Group", "county_groups", "plan_groups"]

Shape = Literal["point", "line", "area"]
_SHOWN = 8
"""Columns of a row that its label shows, beside name and position."""
_NOT_SHOWN = frozenset({"lon", "lat", "geometry", "source", "note", "name", "name_en", "aliases", "synthetic"})


@dataclass(frozen=True)
class Feature:
    """One thing on the map: its name, what a click says, and where it is (shapely, lon/lat)."""

    title: str
    lines: tuple[str, ...]
    shape: Any = field(repr=False)


@dataclass(frozen=True)
class Group:
    """One layer of the map.

    Attributes
    ----------
    key, title : str
    colour : str
        Of ``palette.LIGHT``.
    glyph : str
        One letter or character that tells its points from others, also in black and white.
    shape : {"point", "line", "area"}
    features : tuple of Feature
    shown : bool
        Whether it is on at first.
    """

    key: str
    title: str
    colour: str
    glyph: str
    shape: Shape
    features: tuple[Feature, ...] = field(repr=False)
    shown: bool = True


_POINTS: dict[str, tuple[str, bool]] = {
    "depots": ("blue", True), "shelters": ("green", True), "teams": ("vermillion", True),
    "hazard_points": ("orange", True), "dams": ("sky", True), "communications": ("purple", False),
    "aircraft": ("vermillion", True),
    "drones": ("purple", False), "vehicles": ("blue", False), "suppliers": ("blue", False),
    "candidates": ("grey", False),
}  # fmt: skip
"""Tables of points → colour, and whether they are shown at first."""
_DRAWN: dict[str, tuple[str, Shape]] = {"fire_lines": ("vermillion", "line"), "risk_zones": ("orange", "area")}
_PLANNED: dict[str, tuple[str, Shape]] = {
    "closures": ("vermillion", "line"), "routes": ("blue", "line"), "places": ("green", "point"),
}  # fmt: skip
_PLACE_LOOK: dict[str, tuple[str, bool]] = {
    "county": ("ink", True), "township": ("ink", True), "village": ("grey", False),
}  # fmt: skip


def county_groups(county: County, lang: str) -> list[Group]:
    """Groups of everything that has a position, from the ground up; what a pack does not hold is left out."""
    county = in_language(county, lang)
    found = [_boundary(county, lang)]
    found += [_drawn(county, name, lang) for name in _DRAWN]
    found += [_places(county, kind, lang) for kind in ("village", "township", "county")]
    found += _facilities(county, lang)
    found += [_points(county, name, lang) for name in _POINTS]
    return [group for group in found if group.features]


def _label(table: str, row: dict[str, Any], lang: str) -> tuple[str, tuple[str, ...]]:
    """Title and lines of one row: headers and values, in the reader's words where the schema has them."""
    lines = []
    for column in SCHEMA[table].columns:
        value = row[column.name]
        if column.name in _NOT_SHOWN or value == "" or value != value:
            continue
        words = f"{value:,g}" if isinstance(value, float) else str(value)
        if isinstance(value, bool):
            words = text(lang, "common_yes" if value else "common_no")
        elif column.choices and lang == "zh":
            words = column.choices.get(words, words)
        unit = f" {column.unit}" if column.unit else ""
        lines.append(f"{column.zh if lang == 'zh' else column.name}: {words}{unit}")
    del lines[_SHOWN:]
    if row["source"]:
        lines.append(text(lang, "map_source", source=side_of(row["source"], lang)))
    english = str(row.get("name_en") or "") if lang == "en" else ""
    return english or str(row["name"] or row[SCHEMA[table].key[0]]), tuple(lines)


def _boundary(county: County, lang: str) -> Group:
    name = county.name_zh if lang == "zh" else county.name_en
    shape = shapely.from_wkt(county.boundary_wkt) if county.boundary_wkt else None
    features = () if shape is None else (Feature(name, (), shape),)
    return Group("boundary", text(lang, "map_boundary"), "ink", "", "area", features)


def _drawn(county: County, name: str, lang: str) -> Group:
    """Lines and areas that the pack holds as WKT."""
    colour, shape = _DRAWN[name]
    rows = county.table(name).to_dict("records")
    features = tuple(Feature(*_label(name, row, lang), shapely.from_wkt(row["geometry"])) for row in rows)
    return Group(name, _title(name, lang), colour, "", shape, features)


def _title(name: str, lang: str) -> str:
    return SCHEMA[name].zh if lang == "zh" else text(lang, f"map_{name}")


def _glyph(name: str, lang: str) -> str:
    return text(lang, f"map_glyph_{name}") if has(f"map_glyph_{name}") else "•"


def _features(
    county: County, table: str, rows: Sequence[dict[str, Any]], site_of: Callable[[dict[str, Any]], str], lang: str
) -> tuple[Feature, ...]:
    """Rows at their own coordinates, else at those of the site or place they name; others are left out."""
    named = {site_of(row) for row in rows} | {str(row.get("place", "")) for row in rows}
    points, _ = site_points(county, named - {""})
    at = {row["site"]: (row["lon"], row["lat"]) for row in points.to_dict("records")}
    found = []
    for row in rows:
        own = (row.get("lon", np.nan), row.get("lat", np.nan))
        where = at.get(site_of(row)) or at.get(str(row.get("place", ""))) if np.isnan(own).any() else own
        if where is not None:
            found.append(Feature(*_label(table, row, lang), shapely.Point(where)))
    return tuple(found)


def _points(county: County, name: str, lang: str) -> Group:
    colour, shown = _POINTS[name]
    rows = county.table(name).to_dict("records")
    key = SCHEMA[name].key[0]
    features = _features(county, name, rows, lambda row: str(row.get("base") or row[key]), lang)
    return Group(name, _title(name, lang), colour, _glyph(name, lang), "point", features, shown)


def _places(county: County, kind: str, lang: str) -> Group:
    colour, shown = _PLACE_LOOK[kind]
    table = county.table("places")
    rows = table[table["kind"] == kind].to_dict("records")
    features = _features(county, "places", rows, lambda row: str(row["place"]), lang)
    return Group(kind, text(lang, f"map_{kind}"), colour, _glyph(kind, lang), "point", features, shown)


def _facilities(county: County, lang: str) -> list[Group]:
    """One group a kind of facility."""
    table = county.table("facilities")
    choices = SCHEMA["facilities"].column("kind").choices or {}
    groups = []
    for kind, zh in choices.items():
        rows = table[table["kind"] == kind].to_dict("records")
        features = _features(county, "facilities", rows, lambda row: str(row["facility"]), lang)
        title = zh if lang == "zh" else text(lang, f"map_facility_{kind}")
        colour = "sky" if kind.startswith("water") else "purple"
        glyph = zh[0] if lang == "zh" else title[0].upper()
        groups.append(Group(f"facility_{kind}", title, colour, glyph, "point", features))
    return groups


def plan_groups(scenario: Scenario, plan: Plan, lang: str) -> list[Group]:
    """Groups of a scenario and its plan: closures as forecast, the plan's ways, and the places it serves."""
    layers = {layer.name: layer for layer in plan_layers(scenario, plan, find(scenario, plan, None, lang), lang)}
    groups = []
    for name, (colour, shape) in _PLANNED.items():
        layer = layers[name]
        features = tuple(
            Feature(str(row.get("name") or row.get("road") or row.get("trip") or ""), _said(row), geometry)
            for row, geometry in zip(layer.table.to_dict("records"), layer.geometry, strict=True)
        )
        glyph = _glyph(f"plan_{name}", lang)
        groups.append(Group(f"plan_{name}", text(lang, f"map_plan_{name}"), colour, glyph, shape, features))
    return [group for group in groups if group.features]


def _said(row: dict[str, Any]) -> tuple[str, ...]:
    """Values of a layer's row that hold something."""
    return tuple(
        f"{name}: {f'{value:,.1f}' if isinstance(value, float) else value}"
        for name, value in row.items()
        if value is not None and value != "" and value == value and name not in {"name", "place"}
    )
