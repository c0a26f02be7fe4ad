"""The county's boundary: from GeoJSON or WKT to WKT in WGS 84, and how far points lie outside it."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from dispatch.county.coordinates import to_wgs84
from dispatch.county.csv_file import decode
from dispatch.county.problem_text import found
from dispatch.problems import Problem

__all__ = ["boundary_from_geojson", "boundary_to_geojson", "converted", "metres_outside", "parse_wkt", "to_wkt"]

_METRES_PER_DEGREE = 111_195.0


def boundary_from_geojson(content: bytes, file: str, code: str) -> tuple[Any, list[Problem]]:
    """Read a polygon from GeoJSON.

    Parameters
    ----------
    content : bytes
    file : str
    code : str
        The county's; of several features those are taken whose ``code`` or ``adcode`` says so, else all.

    Returns
    -------
    shape : shapely Polygon or MultiPolygon, or None
    problems : list of Problem
    """
    try:
        raw = json.loads(decode(content)[0])
        features = raw.get("features", [raw])
        own = [f for f in features if _code(f) == code]
        shapes = [shapely.geometry.shape(f.get("geometry", f)) for f in own or features]
        shape = shapely.union_all(shapes) if len(shapes) != 1 else shapes[0]
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        return None, [found("county_boundary_json", file, getattr(error, "lineno", None), "", str(error))]
    except (AttributeError, TypeError, KeyError, ValueError, IndexError, shapely.errors.ShapelyError) as error:
        return None, [found("county_boundary_shape", file, None, "boundary", str(error))]
    return _polygon(shape, file)


def boundary_to_geojson(wkt: str, name: str) -> str:
    """GeoJSON of a boundary, coordinates in full precision."""
    geometry = shapely.geometry.mapping(shapely.from_wkt(wkt))
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False)


def parse_wkt(text: str, file: str, row: int | None) -> tuple[Any, list[Problem]]:
    """Polygon from the WKT in a workbook."""
    shape = shapely.from_wkt(text, on_invalid="ignore")
    if shape is None:
        return None, [found("county_boundary_shape", file, row, "boundary", text)]
    return _polygon(shape, file, row)


def converted(shape: Any, system: str) -> Any:
    """Shape with its coordinates in WGS 84; None if some cannot be converted."""
    if system == "wgs84":
        return shape
    moved = shapely.transform(shape, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], system)))
    return moved if np.isfinite(shapely.get_coordinates(moved)).all() else None


def to_wkt(shape: Any) -> str:
    """WKT that reads back as the same numbers."""
    return str(shapely.to_wkt(shape, rounding_precision=-1))


def metres_outside(wkt: str, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.float64]:
    """Distance of points to a boundary, metres; 0 inside and for points that are not finite.

    On a plane tangent at the boundary's middle latitude: right to a percent near a county's edge.
    """
    shape = shapely.make_valid(shapely.from_wkt(wkt))
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    known = np.isfinite(x) & np.isfinite(y) & (np.abs(x) <= 180) & (np.abs(y) <= 90)
    squeeze = math.cos(math.radians((shape.bounds[1] + shape.bounds[3]) / 2))
    scale = np.array([squeeze, 1.0]) * _METRES_PER_DEGREE
    plane = shapely.transform(shape, lambda xy: xy * scale)
    shapely.prepare(plane)
    away = np.zeros(x.shape)
    away[known] = shapely.distance(plane, shapely.points(x[known] * scale[0], y[known] * scale[1]))
    return away


def _code(feature: dict[str, Any]) -> str:
    properties = feature.get("properties") or {}
    return str(properties.get("code", properties.get("adcode", "")))


def _polygon(shape: Any, file: str, row: int | None = None) -> tuple[Any, list[Problem]]:
    """Shape if it is a polygon with area and finite coordinates."""
    if shape.geom_type not in {"Polygon", "MultiPolygon"} or shape.is_empty:
        return None, [found("county_boundary_shape", file, row, "boundary", shape.geom_type)]
    shape = shapely.force_2d(shape)
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return None, [found("county_boundary_shape", file, row, "boundary", "NaN")]
    return shape, []
