"""Ways on foot from places to shelters, along the roads: distance and the roads taken, closed roads left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.drill.norms import drill_rule
from dispatch.report.closures import road_name
from dispatch.roads.network import RoadNetwork

__all__ = ["Walk", "Walks", "metres_between"]


@dataclass(frozen=True)
class Walk:
    """A way on foot.

    Attributes
    ----------
    length_m : float
        Along the road, with the stretches to and from it.
    roads : tuple of str
        Names of the named roads taken, in order.
    dry : bool
        Whether it keeps off every road that the hazard is expected to close.
    """

    length_m: float
    roads: tuple[str, ...]
    dry: bool

    @property
    def walk_s(self) -> float:
        """Time of a group with old people and children."""
        return self.length_m / 1000 / drill_rule("walk_kmh") * 3600


def metres_between(
    lon: NDArray[np.float64], lat: NDArray[np.float64], to_lon: float, to_lat: float
) -> NDArray[np.float64]:
    """Distance on the sphere (haversine), m."""
    a, b = np.radians(lat), np.radians(to_lat)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(to_lon - lon) / 2) ** 2
    return np.asarray(2 * 6_371_008.8 * np.arcsin(np.sqrt(half)))


class Walks:
    """Ways on foot on a road network; each origin is searched once (Dijkstra over lengths, both directions)."""

    def __init__(self, network: RoadNetwork, closed_edges: Iterable[str] = ()) -> None:
        from scipy.sparse import coo_array

        self._network = network
        closed = set(closed_edges)
        edges = np.arange(network.graph.m)
        dry = np.array([edge not in closed for edge in network.edge_id.tolist()], dtype=bool)
        self._edge_of: dict[tuple[int, int], int] = {}
        self._matrix = {}
        size = (network.graph.n, network.graph.n)
        for name, kept in ((True, edges[dry]), (False, edges)):
            tail, head = network.graph.tail[kept], network.graph.head[kept]
            length = np.maximum(network.length_m[kept], 0.1)
            shortest = pd.DataFrame({"tail": tail, "head": head, "m": length}).groupby(["tail", "head"])["m"].min()
            at = shortest.index.to_frame().to_numpy(dtype=np.int64)
            self._matrix[name] = coo_array((shortest.to_numpy(), (at[:, 0], at[:, 1])), shape=size).tocsr()
        for edge, tail, head in zip(
            edges.tolist(), network.graph.tail.tolist(), network.graph.head.tolist(), strict=True
        ):
            self._edge_of.setdefault((tail, head), edge)
            self._edge_of.setdefault((head, tail), edge)
        self._searched: dict[tuple[int, bool], tuple[NDArray[np.float64], NDArray[np.int32]]] = {}

    def way(self, lon: float, lat: float, to_lon: float, to_lat: float) -> Walk:
        """Way between two points; straight where neither has a road nearer than the other point."""
        straight = float(metres_between(np.array([lon]), np.array([lat]), to_lon, to_lat)[0])
        (start, off), (end, on) = self._nearest(lon, lat), self._nearest(to_lon, to_lat)
        if start == end or straight <= max(off, on):
            return Walk(max(straight, 50.0), (), dry=True)
        for dry in (True, False):
            reached, before = self._search(start, dry)
            if np.isfinite(reached[end]):
                return Walk(off + float(reached[end]) + on, self._roads(before, start, end), dry)
        return Walk(straight, (), dry=False)

    def _nearest(self, lon: float, lat: float) -> tuple[int, float]:
        away = metres_between(self._network.node_lon, self._network.node_lat, lon, lat)
        node = int(away.argmin())
        return node, float(away[node])

    def _search(self, start: int, dry: bool) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        from scipy.sparse.csgraph import dijkstra

        if (start, dry) not in self._searched:
            self._searched[start, dry] = dijkstra(
                self._matrix[dry], directed=False, indices=start, return_predecessors=True
            )
        return self._searched[start, dry]

    def _roads(self, before: NDArray[np.int32], start: int, end: int) -> tuple[str, ...]:
        names: list[str] = []
        node = end
        while node != start:
            previous = int(before[node])
            names.append(road_name(self._network, self._edge_of[previous, node]))
            node = previous
        return tuple(dict.fromkeys(name for name in reversed(names) if name))
