"""Service areas: the stretches of road that can be driven from the nearest of some nodes within a time.

One bounded Dijkstra search that keeps banned turns; an edge at the rim is driven in part, at its even pace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.network import RoadNetwork
from dispatch.roads.travel import NEVER
from models.paths import nearest_source

if TYPE_CHECKING:
    from shapely import MultiLineString
    from shapely.geometry.base import BaseGeometry

__all__ = ["ServiceArea", "area_polygon", "reached_lines", "service_area"]


@dataclass(frozen=True, eq=False)
class ServiceArea:
    """What is within reach.

    Attributes
    ----------
    time_ms : float64 array (n,)
        From the nearest source, ``inf`` beyond the limit.
    source : int32 array (n,)
        Position of the nearest source in the list; -1 beyond the limit.
    share : float64 array (m,)
        Part of each edge, from its tail, that is driven within the limit; 0 where its tail is beyond or it is closed.
    """

    time_ms: NDArray[np.float64]
    source: NDArray[np.int32]
    share: NDArray[np.float64]


def service_area(
    network: RoadNetwork, crossing_ms: NDArray[np.integer], sources: Sequence[int], limit_ms: int
) -> ServiceArea:
    """Area within ``limit_ms`` of the nearest source.

    Parameters
    ----------
    network : RoadNetwork
    crossing_ms : int64 array (m,)
        ``NEVER`` where the class may not go.
    sources : sequence of int
        Network nodes.
    limit_ms : int
    """
    crossing = np.asarray(crossing_ms)
    weight = np.where(crossing >= NEVER, np.inf, crossing.astype(np.float64))
    split = network.drivable
    tree = nearest_source(
        split.graph, weight[split.edge_of], np.asarray(sources, dtype=np.int64), limit=float(limit_ms)
    )
    time_ms = split.fold(tree.weight)
    nearest = tree.source[: split.n].copy()
    for part in range(split.n, len(split.node_of)):
        node = split.node_of[part]
        if tree.weight[part] < tree.weight[node] and tree.weight[part] == time_ms[node]:
            nearest[node] = tree.source[part]
    entered = np.full(network.graph.m, np.inf)  # when the tail is left into each edge, from any part that may
    np.minimum.at(entered, split.edge_of, tree.weight[split.graph.tail])
    left = limit_ms - entered
    reached = (left >= 0) & np.isfinite(weight)
    share = np.zeros(network.graph.m)
    share[reached] = np.minimum(left[reached] / np.maximum(weight[reached], 1e-9), 1.0)
    share[reached & (weight == 0)] = 1.0
    return ServiceArea(time_ms, nearest, share)


def reached_lines(network: RoadNetwork, area: ServiceArea) -> MultiLineString:
    """Lines of the stretches within reach, WGS 84 degrees; each street once where both directions are whole."""
    import shapely
    from shapely.ops import substring

    lines = []
    for e in np.flatnonzero(area.share > 0).tolist():
        twin = int(network.twin[e])
        if 0 <= twin < e and area.share[twin] >= 1.0 and area.share[e] >= 1.0:
            continue
        lo, hi = int(network.shape_first[e]), int(network.shape_first[e + 1])
        line = shapely.LineString(np.column_stack([network.shape_lon[lo:hi], network.shape_lat[lo:hi]]))
        lines.append(line if area.share[e] >= 1.0 else substring(line, 0.0, float(area.share[e]), normalized=True))
    return shapely.MultiLineString([line for line in lines if line.geom_type == "LineString"])


def area_polygon(network: RoadNetwork, area: ServiceArea, beside_m: float) -> BaseGeometry:
    """Land within ``beside_m`` of a stretch within reach (local metres, exact to the flatness of the county), degrees.

    Raises
    ------
    ValueError
        If ``beside_m`` is not positive.
    """
    import shapely

    if not beside_m > 0:
        msg = "the width beside the road must be positive"
        raise ValueError(msg)
    lines = reached_lines(network, area)
    metres = np.array([111_195.0 * np.cos(np.radians(float(np.mean(network.node_lat)))), 111_195.0])
    wide = shapely.union_all(shapely.transform(lines, lambda xy: xy * metres).buffer(beside_m))
    land: BaseGeometry = shapely.transform(wide, lambda xy: xy / metres)
    return land
