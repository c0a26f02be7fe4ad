"""Which points of separately drawn lines are one node: shared vertices, and ends that nearly meet another line."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.components import component_labels
from dispatch.roads.measure import EARTH_RADIUS_M, mercator

__all__ = ["join_ends"]

_SAME_DEGREES = 1e-8
"""Vertices this close (about 1 mm) are one: rounding of the file."""


def join_ends(
    first: NDArray[np.int64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    solid: NDArray[np.bool_],
    snap_m: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Number the nodes of lines, ends joined within a tolerance.

    Parameters
    ----------
    first : int64 array (k + 1,)
        Points of line ``i`` are ``first[i] … first[i + 1] - 1``.
    lon, lat : float64 arrays (p,)
    solid : bool array (k,)
        Whether an end near the middle of this line may join it there (not a bridge or tunnel).
    snap_m : float
        An end joins the nearest other end or vertex within this distance, else the nearest stretch of a line.

    Returns
    -------
    first, lon, lat : arrays
        The lines with a vertex put in wherever an end joins a stretch, and joined ends moved onto their node.
    node : int64 array
        Number of each point's node, from 1 in the order of the points.
    """
    vertex = _vertices(lon, lat)
    ends = np.unique(np.concatenate([first[:-1], first[1:] - 1]))
    vertex = _near_vertices(vertex, lon, lat, ends, snap_m)
    first, lon, lat, vertex = _near_stretches(first, lon, lat, vertex, solid, snap_m)
    _, where, inverse = np.unique(vertex, return_index=True, return_inverse=True)
    number = np.empty(len(where), dtype=np.int64)
    number[np.argsort(where)] = np.arange(1, len(where) + 1)
    return first, lon[where][inverse], lat[where][inverse], number[inverse]


def _vertices(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Position of the first point that lies at the same place."""
    grid = np.round(np.column_stack([lon, lat]) / _SAME_DEGREES).astype(np.int64)
    _, where, inverse = np.unique(grid, axis=0, return_index=True, return_inverse=True)
    return where[inverse.reshape(-1)].astype(np.int64)


def _near_vertices(
    vertex: NDArray[np.int64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    ends: NDArray[np.int64],
    snap_m: float,
) -> NDArray[np.int64]:
    """Join each end to the nearest vertex within the tolerance; chains of joins make one node."""
    from scipy.spatial import KDTree

    phi, theta = np.radians(lat), np.radians(lon)
    xyz = EARTH_RADIUS_M * np.column_stack([np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)])
    distinct = np.unique(vertex)
    end_vertex = np.unique(vertex[ends])
    distance, near = KDTree(xyz[distinct]).query(xyz[end_vertex], k=2, distance_upper_bound=max(snap_m, 1e-9))
    close = np.isfinite(distance[:, 1])
    if not close.any():
        return vertex
    own = np.searchsorted(distinct, end_vertex[close])
    other = np.where(near[close, 0] == own, near[close, 1], near[close, 0])
    labels = component_labels(len(distinct), own, other, "weak")
    lowest = np.full(int(labels.max()) + 1, len(lon), dtype=np.int64)
    np.minimum.at(lowest, labels, distinct)
    return lowest[labels[np.searchsorted(distinct, vertex)]]


def _near_stretches(
    first: NDArray[np.int64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    vertex: NDArray[np.int64],
    solid: NDArray[np.bool_],
    snap_m: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Put a vertex into a line where the loose end of another comes within the tolerance."""
    import shapely

    line = np.repeat(np.arange(len(first) - 1), np.diff(first))
    loose = np.flatnonzero(np.bincount(vertex, minlength=len(lon))[vertex] == 1)
    loose = loose[np.isin(loose, first[:-1]) | np.isin(loose, first[1:] - 1)]
    begin = np.flatnonzero((line[:-1] == line[1:]) & solid[line[:-1]] & (vertex[:-1] != vertex[1:]))
    if snap_m <= 0 or not len(loose) or not len(begin):
        return first, lon, lat, vertex
    x, y = mercator(lon, lat)
    stretches: Any = shapely.linestrings(
        np.stack([x[begin], x[begin + 1]], axis=1), np.stack([y[begin], y[begin + 1]], axis=1)
    )
    points: Any = shapely.points(x[loose], y[loose])
    which, at = shapely.STRtree(stretches).query(
        points, predicate="dwithin", distance=snap_m / np.cos(np.radians(lat[loose]))
    )
    foreign = line[begin[at]] != line[loose[which]]
    which, at = which[foreign], at[foreign]
    if not len(which):
        return first, lon, lat, vertex
    gap = shapely.distance(points[which], stretches[at])
    order = np.lexsort((at, gap, which))
    nearest = order[np.unique(which[order], return_index=True)[1]]
    end, stretch = loose[which[nearest]], at[nearest]
    along = shapely.line_locate_point(stretches[stretch], points[which[nearest]])
    before = begin[stretch]
    order = np.lexsort((along, before))
    where, end = before[order] + 1, end[order]
    return (
        first + np.searchsorted(where, first, side="right"),
        np.insert(lon, where, lon[end]),
        np.insert(lat, where, lat[end]),
        np.insert(vertex, where, vertex[end]),
    )
