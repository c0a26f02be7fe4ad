"""The one map (一张图): every layer of a county, with or without a plan, as one offline HTML file and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import shapely

from dispatch.county.county import County
from dispatch.documents.messages import text
from dispatch.report.county_features import Feature, Group
from dispatch.report.drawing import FONT_STACK, HALO, WIDTH_IN, as_png, new_figure
from dispatch.report.figure_map import scale_and_north
from dispatch.report.html import embedded_json, escape, paragraph
from dispatch.report.leaflet import read_leaflet
from dispatch.report.palette import DARK, LIGHT, colour, css_variables
from dispatch.report.shapes import ROAD_GROUPS, drawn_edges, encode, road_group, simplify
from dispatch.roads.network import RoadNetwork

__all__ = ["write_county_map", "write_county_picture"]

_TOLERANCE_M = 4.0
_SCRIPTS = ("page_geometry.js", "page_layers.js", "county_map.js")


def write_county_map(
    path: Path,
    county: County,
    network: RoadNetwork | None,
    groups: Sequence[Group],
    *,
    lang: str,
    statements: Sequence[str] = (),
    tiles: str = "",
) -> Path:
    """Write the map as one HTML file that needs no network.

    Parameters
    ----------
    path : Path
        ``.html``.
    county : County
    network : RoadNetwork or None
        None: no roads are drawn.
    groups : sequence of Group
        From the ground up.
    lang : {"zh", "en"}
    statements : sequence of str
        What must be said above the map (synthetic data …); the pack's sources follow below it.
    tiles : str
        URL template of background tiles (``https://…/{z}/{x}/{y}.png``); empty: none, and the page asks no server.
    """
    name = (county.name_zh if lang == "zh" else county.name_en) or county.name_zh
    title = text(lang, "map_title", county=name)
    leaflet = read_leaflet()
    roads = _roads(network)
    drawn = {
        "roads": roads,
        "activities": [],
        "groups": [_group_json(group) for group in groups],
        "attribution": escape(network.attribution) if network is not None and network.attribution else "",
        "words": {
            key: text(lang, f"map_js_{key}") for key in ("roads", "zoom_in", "zoom_out", "north", "find", "none")
        },
        "tiles": tiles,
    }
    sources = "".join(f"<li>{escape(_side(source, lang))}</li>" for source in county.sources)
    page = Template(_own("county_map.html")).substitute(
        html_lang="zh-CN" if lang == "zh" else "en",
        image_sources=escape(_origin(tiles)),
        title=escape(title),
        leaflet_version=leaflet.version,
        leaflet_license=leaflet.license.replace("--", "- -"),
        styles="\n".join([_variables(), leaflet.style, _own("page.css"), _own("county_map.css")]),
        statements=paragraph(" ".join(dict.fromkeys(statements)), "note"),
        layers=escape(text(lang, "map_layers")),
        find=escape(text(lang, "map_js_find")),
        sources_title=escape(text(lang, "map_sources")),
        sources=sources,
        aid=escape(text(lang, "common_planning_aid")),
        leaflet=leaflet.script,
        data=embedded_json(drawn),
        scripts="\n".join(_own(name) for name in _SCRIPTS),
    )
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def _own(name: str) -> str:
    return (files("dispatch.report") / name).read_text(encoding="utf-8")


def _variables() -> str:
    light, dark = css_variables(LIGHT), css_variables(DARK)
    return (
        f":root {{ --font: {FONT_STACK}; {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    )


def _origin(tiles: str) -> str:
    """Server of a tile URL, the only one that the page may ask."""
    from urllib.parse import urlsplit

    parts = urlsplit(tiles.replace("{s}", "*"))
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _side(both: str, lang: str) -> str:
    """One language of ``Chinese | English``."""
    zh, _, en = both.partition("|")
    return (en if lang == "en" and en else zh).strip()


def _roads(network: RoadNetwork | None) -> dict[str, str]:
    """Encoded roads by group."""
    if network is None:
        return dict.fromkeys(ROAD_GROUPS, "")
    lines, group, drawn = simplify(network, _TOLERANCE_M), road_group(network), drawn_edges(network)
    return {name: encode(lines.take(drawn[group[drawn] == name])) for name in ROAD_GROUPS}


def _group_json(group: Group) -> dict[str, Any]:
    """A group as the page's script reads it; coordinates [lat, lon] to five decimals, about a metre."""
    return {
        "key": group.key, "title": group.title, "colour": group.colour, "glyph": group.glyph, "shape": group.shape,
        "shown": group.shown,
        "features": [
            {"title": feature.title, "lines": list(feature.lines), "parts": _parts(feature.shape, group.shape)}
            for feature in group.features
        ],
    }  # fmt: skip


def _parts(shape: Any, kind: str) -> list[Any]:
    """Coordinates of a shape's parts, holes left out."""
    parts = list(shapely.get_parts(shape))
    if kind == "area":
        parts = [part.exterior for part in parts if part.geom_type == "Polygon"]
    return [np.round(shapely.get_coordinates(part)[:, ::-1], 5).tolist() for part in parts]


def write_county_picture(
    path: Path, county: County, network: RoadNetwork | None, groups: Sequence[Group], *, lang: str
) -> bool:
    """Draw the groups that are shown at first as a PNG; False if this machine lacks a font for the names."""
    shown = [group for group in groups if group.shown]
    box = _box(network, shown)
    middle = np.radians((box[1] + box[3]) / 2)
    height = WIDTH_IN * (box[3] - box[1]) / ((box[2] - box[0]) * np.cos(middle))
    rows = (len(shown) + 3) // 4

    def draw() -> Any:
        figure = new_figure(height + 0.25 * rows + 0.4)
        total = height + 0.25 * rows + 0.4
        axes = figure.add_axes((0.0, (0.25 * rows + 0.2) / total, 1.0, height / total))
        axes.set_xlim(box[0], box[2])
        axes.set_ylim(box[1], box[3])
        axes.set_axis_off()
        if network is not None:
            _draw_roads(axes, network)
        for group in shown:
            _draw_group(axes, group, names=group.key == "township")
        scale_and_north(axes, box, float(np.cos(middle)), WIDTH_IN * 72, height * 72)
        name = (county.name_zh if lang == "zh" else county.name_en) or county.name_zh
        axes.annotate(text(lang, "map_title", county=name), (0.01, 0.985), xycoords="axes fraction", va="top",
                      fontsize=14, zorder=9, gid=HALO)  # fmt: skip
        _draw_key(figure, shown, total, rows)
        return figure

    return as_png(draw, path, lang)


def _box(network: RoadNetwork | None, groups: Sequence[Group]) -> tuple[float, float, float, float]:
    """West, south, east, north of what is drawn, with a margin of 3 %."""
    shapes = [feature.shape for group in groups for feature in group.features if group.key == "boundary"]
    if not shapes:
        shapes = [feature.shape for group in groups for feature in group.features]
    if not shapes and network is not None:
        shapes = [
            shapely.box(network.node_lon.min(), network.node_lat.min(), network.node_lon.max(), network.node_lat.max())
        ]
    west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object)) if shapes else (0.0, 0.0, 1.0, 1.0)
    margin = 0.03 * max(east - west, north - south, 0.01)
    return float(west - margin), float(south - margin), float(east + margin), float(north + margin)


def _draw_roads(axes: Any, network: RoadNetwork) -> None:
    from matplotlib.collections import LineCollection

    lines, group, drawn = simplify(network, 10 * _TOLERANCE_M), road_group(network), drawn_edges(network)
    for name, width in (("minor", 0.4), ("middle", 0.8), ("major", 1.5)):
        taken = lines.take(drawn[group[drawn] == name])
        shapes = [np.column_stack(taken.line(k)) for k in range(len(taken))]
        axes.add_collection(LineCollection(shapes, colors=colour(f"road_{name}"), linewidths=width, zorder=1))


def _draw_group(axes: Any, group: Group, *, names: bool) -> None:
    value = LIGHT[group.colour]
    for feature in group.features:
        if group.shape == "point":
            _draw_point(axes, feature, group.glyph, value, named=names)
            continue
        outline = group.key == "boundary"
        for part in _parts(feature.shape, group.shape):
            lat, lon = np.array(part).T
            if group.shape == "area" and not outline:
                axes.fill(lon, lat, facecolor=value, alpha=0.18, zorder=2)
            axes.plot(lon, lat, color=value, linewidth=1.2, linestyle="--" if outline else "-", zorder=3)


def _draw_point(axes: Any, feature: Feature, glyph: str, value: str, *, named: bool) -> None:
    at = (feature.shape.x, feature.shape.y)
    axes.plot(*at, "o", markersize=7, color=value, markeredgecolor=LIGHT["surface"], zorder=4)
    axes.annotate(glyph, at, ha="center", va="center_baseline", fontsize=4.5, color=LIGHT["surface"], zorder=5)
    if named:
        axes.annotate(feature.title, at, xytext=(0, 6), textcoords="offset points", ha="center", fontsize=8, zorder=6,
                      gid=HALO)  # fmt: skip


def _draw_key(figure: Any, groups: Sequence[Group], total: float, rows: int) -> None:
    """Legend below the map, four entries a row."""
    from matplotlib.lines import Line2D

    for k, group in enumerate(groups):
        x, y = 0.01 + 0.25 * (k % 4), (0.25 * (rows - k // 4 - 1) + 0.12) / total
        value = LIGHT[group.colour]
        if group.shape == "point":
            figure.add_artist(Line2D([x + 0.008], [y], color=value, marker="o", markersize=7, linestyle="none"))
        else:
            figure.add_artist(Line2D([x, x + 0.015], [y, y], color=value, linewidth=2))
        label = f"{group.glyph} {group.title} ({len(group.features)})" if group.glyph else group.title
        figure.text(x + 0.022, y, label, fontsize=8, va="center_baseline")
