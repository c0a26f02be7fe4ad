"""Features of a vector file, in lon/lat: the geometry and the properties of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dispatch.county.coordinates import to_wgs84
from dispatch.county.files import read_bytes
from dispatch.county.problem_text import found
from dispatch.problems import Problem

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    Move = Callable[[BaseGeometry | None], BaseGeometry | None]
    Feature = tuple[BaseGeometry | None, dict[str, object]]

__all__ = ["read_features"]


def read_features(path: Path, problems: list[Problem]) -> Iterator[Feature]:
    """Geometry (lon/lat, WGS 84; None where there is none) and properties of every feature of a file.

    Parameters
    ----------
    path : Path
        GeoJSON (``.geojson``, ``.json``; WGS 84 unless its member ``crs`` says otherwise), or any vector file that GDAL
        reads: all its layers, in the coordinate systems they state. A GeoJSON drawn on a Chinese web map may name its
        system ``gcj02`` or ``bd09``.
    problems : list of Problem
        What keeps the file or a layer from being read is added here.
    """
    if path.suffix.lower() in {".geojson", ".json"}:
        return _geojson(path, problems)
    return _layers(path, problems)


def _geojson(path: Path, problems: list[Problem]) -> Iterator[Feature]:
    import shapely

    content, wrong = read_bytes(path)
    problems += wrong
    if content is None:
        return
    try:
        read = json.loads(content.decode("utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        problems.append(found("hazards_not_geojson", path.name, line, reason=error))
        return
    features = read.get("features") if isinstance(read, dict) and read.get("type") == "FeatureCollection" else [read]
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        problems.append(found("hazards_not_features", path.name, None, "features", ""))
        return
    to_lonlat = _to_lonlat(_geojson_crs(read), path, problems)
    if to_lonlat is None:
        return
    for feature in features:
        bare = feature.get("type") != "Feature"
        drawn = feature if bare else feature.get("geometry")
        properties = None if bare else feature.get("properties")
        geometry = shapely.from_geojson(json.dumps(drawn), on_invalid="ignore") if isinstance(drawn, dict) else None
        yield to_lonlat(geometry), properties if isinstance(properties, dict) else {}


def _geojson_crs(read: dict[str, Any]) -> str:
    """Coordinate system in the member ``crs`` of older GeoJSON; WGS 84 without it (RFC 7946)."""
    crs = read.get("crs") if isinstance(read, dict) else None
    if isinstance(crs, str):
        return crs
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return str(name) if name else "OGC:CRS84"


def _layers(path: Path, problems: list[Problem]) -> Iterator[Feature]:
    """Features of every layer with geometry of a file that GDAL reads."""
    import pyogrio
    import shapely
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        layers = [name for name, kind in pyogrio.list_layers(path) if kind is not None]
        tables = [pyogrio.raw.read(path, layer=layer, datetime_as_string=True) for layer in layers]
    except (DataSourceError, DataLayerError) as error:
        problems.append(found("hazards_not_a_layer", path.name, None, "", "", reason=str(error).splitlines()[0]))
        return
    for meta, _, wkb, columns in tables:
        if meta["crs"] is None:
            problems.append(found("hazards_no_crs", path.name, None, "crs", ""))
            continue
        to_lonlat = _to_lonlat(meta["crs"], path, problems)
        if to_lonlat is None:
            continue
        for i, geometry in enumerate(shapely.from_wkb(wkb)):
            values = {name: _plain(column[i]) for name, column in zip(meta["fields"], columns, strict=True)}
            yield to_lonlat(geometry), values


def _plain(value: Any) -> object:
    """A field's value as a Python object."""
    return value.item() if isinstance(value, np.generic) else value


def _to_lonlat(crs: str, path: Path, problems: list[Problem]) -> Move | None:
    """Function geometry → the same in lon/lat; None, and a problem, for an unknown coordinate system."""
    import pyproj
    import shapely

    if crs.casefold() in {"gcj02", "bd09"}:
        return lambda geometry: (
            None
            if geometry is None
            else shapely.transform(geometry, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], crs)))
        )
    try:
        transformer = pyproj.Transformer.from_crs(crs, "OGC:CRS84", always_xy=True)
    except pyproj.exceptions.CRSError:
        problems.append(found("hazards_no_crs", path.name, None, "crs", crs))
        return None

    def move(geometry: BaseGeometry | None) -> BaseGeometry | None:
        if geometry is None or geometry.is_empty:
            return None
        return shapely.transform(geometry, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))

    return move
