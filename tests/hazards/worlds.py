"""Files and worlds that the tests of given hazards share."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dispatch.problems import Problem
from dispatch.roads.network import RoadNetwork
from tests import tiny

LINE = [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0)]
"""Three roads between nodes at 112.00, 112.01, 112.02, 112.03 E on 35.5 N."""


def box(west: float, east: float, south: float = 35.49, north: float = 35.51) -> dict[str, Any]:
    """GeoJSON rectangle, round the line of roads unless told otherwise."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def geojson(path: Path, features: Iterable[tuple[Any, Any]], **members: Any) -> Path:
    """File of (geometry, properties) features."""
    listed = [{"type": "Feature", "geometry": shape, "properties": properties} for shape, properties in features]
    collection = {"type": "FeatureCollection", **members, "features": listed}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    return path


def codes(problems: Iterable[Problem]) -> list[tuple[int | None, str, str]]:
    """(row, column, code) of each problem."""
    return [(problem.row, problem.column, problem.code) for problem in problems]


def with_attributes(network: RoadNetwork, **by_road: dict[str, Any]) -> RoadNetwork:
    """Set attributes of roads, named as ``r01`` (both directions) or by edge id."""
    columns: dict[str, Any] = {}
    for column, values in by_road.items():
        array = np.array(getattr(network, column), copy=True)
        for road, value in values.items():
            for e, edge in enumerate(network.edge_id):
                if edge == road or edge.startswith(f"{road}:"):
                    array[e] = value
        columns[column] = array
    return replace(network, **columns)


def line(**attributes: dict[str, Any]) -> RoadNetwork:
    """The line of three roads, both ways."""
    return with_attributes(tiny.network(LINE), **attributes)
