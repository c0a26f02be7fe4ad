"""Edges of the network as lines in metres, so that areas and boxes can be laid over all of them at once.

Coordinates are scaled from degrees by the cosine of the network's middle latitude (equirectangular); over a county
lengths are right to a few permille, and inside and outside are those of the straight lines on a map in degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.measure import EARTH_RADIUS_M
from dispatch.roads.network import RoadNetwork

if TYPE_CHECKING:
    from shapely import STRtree
    from shapely.geometry.base import BaseGeometry

__all__ = ["EdgeLines", "edge_lines"]


@dataclass(frozen=True, eq=False)
class EdgeLines:
    """Lines of the streets of a network: of a two-way street the one direction that comes first.

    Attributes
    ----------
    line : object array of shapely LineString (s,)
        In metres.
    length_m : float64 array (s,)
        Of the lines.
    edge : int64 array (s,)
        Edge whose line it is.
    street : int64 array (m,)
        Line of each edge.
    metres : float64 array (2,)
        Metres per degree of longitude and latitude.
    tree : STRtree
        Over ``line``.
    """

    line: NDArray[np.object_]
    length_m: NDArray[np.float64]
    edge: NDArray[np.int64]
    street: NDArray[np.int64]
    metres: NDArray[np.float64]
    tree: STRtree

    def to_metres(self, geometry: Any) -> Any:
        """A geometry, or an array of them, from lon/lat to the metres of the lines."""
        import shapely

        return shapely.transform(geometry, lambda xy: xy * self.metres)

    def meets_box(self, west: float, south: float, east: float, north: float) -> NDArray[np.bool_]:
        """Whether each edge meets a box in degrees, bool array (m,)."""
        import shapely

        met = np.zeros(len(self.line), dtype=bool)
        met[self.tree.query(self.to_metres(shapely.box(west, south, east, north)), predicate="intersects")] = True
        return met[self.street]

    def distance_m(self, lon: float, lat: float, edges: NDArray[np.integer]) -> NDArray[np.float64]:
        """Distance of edges from a point, m, float64 array of the shape of ``edges``."""
        import shapely

        point: BaseGeometry = self.to_metres(shapely.Point(lon, lat))
        away: NDArray[np.float64] = shapely.distance(self.line[self.street[edges]], point)
        return away


def edge_lines(network: RoadNetwork) -> EdgeLines:
    """Return the lines of a network's edges."""
    import shapely

    m = network.graph.m
    each = np.arange(m, dtype=np.int64)
    twin = network.twin.astype(np.int64)
    edge = np.flatnonzero((twin < 0) | (each < twin)).astype(np.int64)
    street = np.empty(m, dtype=np.int64)
    street[edge] = np.arange(len(edge))
    back = np.flatnonzero((twin >= 0) & (each > twin))
    street[back] = street[twin[back]]
    middle = math.radians(float(np.mean(network.shape_lat))) if len(network.shape_lat) else 0.0
    metres = math.radians(1) * EARTH_RADIUS_M * np.array([math.cos(middle), 1.0])
    first, count = network.shape_first[edge], np.diff(network.shape_first)[edge]
    line_of = np.repeat(np.arange(len(edge)), count)
    point = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    xy = np.column_stack([network.shape_lon[point], network.shape_lat[point]]) * metres
    line = np.asarray(shapely.linestrings(xy, indices=line_of) if len(edge) else [], dtype=object)
    return EdgeLines(line, np.asarray(shapely.length(line)), edge, street, metres, shapely.STRtree(line))
