"""Road layers (Shapefile, GeoPackage, GeoJSON, anything OGR reads) in any coordinate system, read as segments.

Lines meet where they share a vertex. Ends of lines are also joined to an end, a vertex or a stretch of another line
within ``snap_m``; lines that merely cross do not meet (one may be a bridge). Where the layer names its own end nodes
(columns ``from`` and ``to``) those alone decide, and stay nodes of the network.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from dispatch.problems import InputProblems, Problem
from dispatch.roads.columns import ColumnMap, read_column_map
from dispatch.roads.crs import to_lon_lat
from dispatch.roads.faults import fault, fault_problem
from dispatch.roads.listed import listed, lowest_class
from dispatch.roads.network import ROAD_CLASSES, SURFACES
from dispatch.roads.osm import OSM_ATTRIBUTION
from dispatch.roads.segments import Segments, Way, make_segments
from dispatch.roads.snapping import join_ends
from dispatch.roads.tags import RoadTags, parse_length_m, parse_speed_kmh, parse_weight_t, surface_of

__all__ = ["read_layer"]

_NO = frozenset({"", "no", "n", "f", "false", "0", "否", "无", "不是", "none", "nan"})
_DIRECTION = {"forward": 1, "backward": -1, "both": 0}
_UNSTATED = "ISO-8859-1"
"""What OGR takes a Shapefile for that names no encoding."""
_LINES = (1, 5)
"""Shapely's type ids of LineString and MultiLineString."""

Line: TypeAlias = tuple[int, RoadTags, NDArray[np.float64]]
"""Row of the layer, what it says of the road, points in the layer's coordinates."""


def read_layer(
    path: Path, *, crs: str | int | None = None, columns: Mapping[str, Any] | Path | None = None
) -> Segments:
    """Read a road layer.

    Parameters
    ----------
    path : Path
        ``.shp``, zipped Shapefile, ``.gpkg``, ``.geojson`` …
    crs : str or int, optional
        Coordinate system, where the file does not state its own.
    columns : mapping or Path, optional
        Column map, see :func:`dispatch.roads.columns.read_column_map`.

    Raises
    ------
    InputProblems
        With everything found: no such layer or column, no coordinate system, classes and directions the map does not
        know.
    """
    layout = read_column_map(columns)
    table, geometry, file_crs = _read(path, layout)
    if file_crs and crs is not None:
        raise fault(path, "roads_crs_not_used", value=str(crs), column="crs")
    system = file_crs or crs or layout.crs
    if not system:
        raise fault(path, "roads_crs_missing", column="crs")
    chosen = _chosen(path, layout, table)
    column = {meaning: table[name] for meaning, name in chosen.items()}
    problems: list[Problem] = []
    tags = _tags(path, layout, column, chosen, len(geometry), problems)
    stated_m = _stated_m(path, column, chosen, len(geometry), problems)
    lines = _lines(path, geometry, tags, problems)
    if problems:
        raise InputProblems(problems)
    if not lines:
        raise fault(path, "roads_layer_empty")
    ways, keep = _ways(path, layout, system, lines, column, stated_m)
    from_osm = chosen.get("id", "").lower() in {"osm_id", "osmid"}
    return make_segments(
        ways,
        keep=keep,
        source=path.name,
        attribution=layout.attribution or (OSM_ATTRIBUTION if from_osm else ""),
    )


def _read(path: Path, layout: ColumnMap) -> tuple[dict[str, list[Any]], list[Any], str]:
    """Columns, geometries and coordinate system ("" if not stated) of the layer of lines."""
    import pyogrio
    import shapely

    try:
        layers = [
            str(name) for name, kind in pyogrio.list_layers(path) if "LineString" in str(kind) or kind == "Unknown"
        ]
        if layout.layer:
            layers = [name for name in layers if name == layout.layer]
        if len(layers) != 1:
            raise fault(path, "roads_layer_choice", value=", ".join(layers), column="layer")
        meta, geometry, fields = _read_raw(path, layers[0], layout.encoding)
        lines = list(shapely.force_2d(shapely.from_wkb(geometry)))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, shapely.errors.GEOSException,
            UnicodeDecodeError, RuntimeError, ValueError, LookupError) as error:  # fmt: skip
        raise fault(path, "roads_layer_damaged", value=str(error)) from error
    return (
        {str(name): list(values) for name, values in zip(meta["fields"], fields, strict=True)},
        lines,
        meta["crs"] or "",
    )


def _read_raw(path: Path, layer: str, encoding: str) -> tuple[dict[str, Any], Any, Any]:
    """Read the layer; texts of a Shapefile that names no encoding are UTF-8 if they can be, else GB18030."""
    import pyogrio

    meta, _, geometry, fields = pyogrio.raw.read(path, layer=layer, encoding=encoding or None)
    if not encoding and meta["encoding"] == _UNSTATED:
        for guess in ("UTF-8", "GB18030"):
            try:
                meta, _, geometry, fields = pyogrio.raw.read(path, layer=layer, encoding=guess)
            except UnicodeDecodeError:
                continue
            break
    return meta, geometry, fields


def _chosen(path: Path, layout: ColumnMap, table: Mapping[str, list[Any]]) -> dict[str, str]:
    """Column of the layer for each meaning that has one."""
    by_lower = {name.lower(): name for name in table}
    chosen = {}
    problems = []
    for meaning, names in layout.columns.items():
        if not names:
            continue
        found = next((by_lower[name.lower()] for name in names if name.lower() in by_lower), None)
        if found is not None:
            chosen[meaning] = found
        elif meaning in layout.named or meaning == "class":
            there = ", ".join(table)
            problems.append(
                fault_problem(path, "roads_layer_column", column=meaning, value="; ".join(names), there=there)
            )
    if ("from" in chosen) != ("to" in chosen):
        problems.append(fault_problem(path, "roads_layer_ends", column="from, to"))
    if problems:
        raise InputProblems(problems)
    return chosen


def _text(value: Any) -> str:
    """Return a cell as text; whole numbers without decimals, nothing for an empty one."""
    if value is None or value != value:
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    text = str(value).strip()
    return "" if text.lower() in {"nan", "none", "<null>"} else text


def _tags(
    path: Path,
    layout: ColumnMap,
    column: Mapping[str, list[Any]],
    chosen: Mapping[str, str],
    count: int,
    problems: list[Problem],
) -> list[RoadTags | None]:
    """What each row says of its road; None for one that carries no vehicles. Unknown words are reported once each."""
    reported: set[tuple[str, str]] = set()

    def cell(meaning: str, row: int) -> str:
        return _text(column[meaning][row]) if meaning in column else ""

    def word(meaning: str, row: int, empty: str) -> str | None:
        known = layout.values[meaning]
        values = listed(cell(meaning, row)) or [empty]
        for value in values:
            if value.lower() not in known and (meaning, value) not in reported:
                reported.add((meaning, value))
                problems.append(
                    fault_problem(path, f"roads_columns_{meaning}", column=chosen[meaning], value=value, row=row + 1)
                )
        meant = [known[value.lower()] for value in values if value.lower() in known]
        if not meant:
            return None
        return lowest_class(meant) if meaning == "class" else meant[0]

    def limit(value: float) -> float:
        return value if value > 0 else math.nan

    rows: list[RoadTags | None] = []
    for row in range(count):
        name = word("class", row, "road")
        direction = "both" if name == "" else word("oneway", row, "both")
        if not name or direction is None:
            rows.append(None)
            continue
        surface = layout.values["surface"].get(cell("surface", row).lower())
        speed = limit(parse_speed_kmh(cell("maxspeed", row)))
        rows.append(RoadTags(
            road_class=ROAD_CLASSES.index(name),
            surface=SURFACES.index(surface) if surface else surface_of(cell("surface", row), cell("tracktype", row)),
            direction=_DIRECTION[direction],
            bridge=cell("bridge", row).lower() not in _NO,
            tunnel=cell("tunnel", row).lower() not in _NO,
            ford=cell("ford", row).lower() not in _NO,
            max_weight_t=limit(parse_weight_t(cell("maxweight", row))),
            max_height_m=limit(parse_length_m(cell("maxheight", row))),
            max_width_m=limit(parse_length_m(cell("maxwidth", row))),
            speed_forward_kmh=speed,
            speed_backward_kmh=speed,
            lanes=limit(parse_length_m(cell("lanes", row))),
            name=cell("name", row),
            ref=cell("ref", row),
            barred=cell("access", row).lower() in {"no", "禁止通行"},
        ))  # fmt: skip
    return rows


def _stated_m(
    path: Path,
    column: Mapping[str, list[Any]],
    chosen: Mapping[str, str],
    count: int,
    problems: list[Problem],
) -> list[float]:
    """Length of each row as the layer states it, m; NaN where it does not."""
    stated = []
    for row in range(count):
        value = _text(column["length"][row]) if "length" in column else ""
        try:
            length = float(value) if value else math.nan
        except ValueError:
            length = -1.0
        if length < 0 or math.isinf(length):
            problems.append(
                fault_problem(path, "roads_layer_length", column=chosen["length"], value=value, row=row + 1)
            )
        stated.append(length)
    return stated


def _lines(path: Path, geometry: list[Any], tags: list[RoadTags | None], problems: list[Problem]) -> list[Line]:
    """Every line of a road; empty geometries are passed over."""
    import shapely

    lines: list[Line] = []
    for row, (shape, road) in enumerate(zip(geometry, tags, strict=True)):
        if road is None or shape is None or shape.is_empty:
            continue
        if int(shapely.get_type_id(shape)) not in _LINES:
            problems.append(fault_problem(path, "roads_layer_line", value=shape.geom_type, row=row + 1))
            continue
        lines.extend(
            (row, road, shapely.get_coordinates(part)) for part in shapely.get_parts(shape) if not part.is_empty
        )
    return lines


def _ways(
    path: Path,
    layout: ColumnMap,
    system: str | int,
    lines: list[Line],
    column: Mapping[str, list[Any]],
    stated_m: list[float],
) -> tuple[list[Way], list[int]]:
    """Ways with node numbers, and the numbers of nodes to keep; a stated length counts for rows of one line."""
    counts = np.array([len(points) for _, _, points in lines])
    xy = np.concatenate([points for _, _, points in lines])
    lon, lat = to_lon_lat(path, system, xy[:, 0], xy[:, 1])
    first = np.concatenate([[0], np.cumsum(counts)])
    rows = [row for row, _, _ in lines]
    keep: list[int] = []
    if "from" in column:
        node, keep = _named_ends(path, first, rows, column)
    else:
        solid = np.array([not (road.bridge or road.tunnel) for _, road, _ in lines])
        first, lon, lat, node = join_ends(first, lon, lat, solid, layout.snap_m)
    ids = _ids(column.get("id"), rows)
    parts = np.bincount(rows)
    ways = []
    for k, (row, road, _) in enumerate(lines):
        run = slice(int(first[k]), int(first[k + 1]))
        length = stated_m[row] if parts[row] == 1 else math.nan
        ways.append(Way(ids[k], road, node[run].tolist(), lon[run].tolist(), lat[run].tolist(), length))
    return ways, keep


def _named_ends(
    path: Path, first: NDArray[np.int64], rows: list[int], column: Mapping[str, list[Any]]
) -> tuple[NDArray[np.int64], list[int]]:
    """Nodes as the layer numbers them; the points between get numbers below zero."""
    if len(set(rows)) != len(rows):
        raise fault(path, "roads_layer_parts")
    try:
        ends = np.array([[int(float(column[key][row])) for key in ("from", "to")] for row in rows], dtype=np.int64)
    except (TypeError, ValueError, OverflowError) as error:
        raise fault(path, "roads_layer_numbers", value=str(error), column="from, to") from error
    node = -1 - np.arange(first[-1], dtype=np.int64)
    node[first[:-1]], node[first[1:] - 1] = ends[:, 0], ends[:, 1]
    return node, np.unique(ends).tolist()


def _ids(values: list[Any] | None, rows: list[int]) -> list[int]:
    """Way ids: the layer's own numbers if every row has one, else the row, counted from 1."""
    texts = [_text(values[row]) for row in rows] if values is not None else []
    if texts and all(text.isdecimal() and len(text) < 19 for text in texts):
        return [int(text) for text in texts]
    return [row + 1 for row in rows]
