"""Road graphs of the travel-time benchmark: real networks with their times, and real topologies with times made up."""

from __future__ import annotations

import lzma
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.graph import Graph, build_graph

__all__ = ["GRAPHS", "RoadGraph", "read_graph"]


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """Graph with whole-millisecond weights below 2³¹ along every path, and coordinates for peers that need them."""

    name: str
    graph: Graph
    weight_ms: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    note: str = ""


def read_graph(name: str, material: Path) -> RoadGraph:
    """Read a graph from the shared test material.

    Raises
    ------
    FileNotFoundError
        If its file is not there.
    """
    return GRAPHS[name](name, material)


def _andorra(name: str, material: Path) -> RoadGraph:
    """OSM node level: every point of a road's line is a node."""
    from dispatch.roads.profile_norms import read_profiles
    from dispatch.roads.profiles import travel_ms
    from dispatch.roads.read import read_network
    from models.traversal import NEVER

    network = read_network(material / "roads_andorra" / "andorra-20250118.osm.pbf")
    crossing = travel_ms(network, read_profiles()["car"])
    place = np.unique(np.column_stack([network.shape_lon, network.shape_lat]), axis=0, return_inverse=True)
    points, node = place[0], place[1].ravel()
    is_end = np.zeros(len(node), dtype=bool)
    is_end[network.shape_first[1:] - 1] = True
    start = np.flatnonzero(~is_end)
    edge = np.searchsorted(network.shape_first, start, side="right") - 1
    use = (crossing[edge] < NEVER) & (node[start] != node[start + 1])
    start, edge = start[use], edge[use]
    step = np.hypot(
        (network.shape_lon[start + 1] - network.shape_lon[start]) * np.cos(np.radians(42.5)),
        network.shape_lat[start + 1] - network.shape_lat[start],
    )
    whole = np.bincount(edge, step, minlength=network.graph.m)
    weight = np.maximum(np.ceil(crossing[edge] * step / whole[edge]), 1).astype(np.int64)
    return _made(name, len(points), node[start], node[start + 1], weight, points[:, 0], points[:, 1])


def _lithgow(name: str, material: Path) -> RoadGraph:
    from dispatch.roads.read import read_network

    network = read_network(material / "evac_lithgow" / "lithgow_surrounds_network_epsg7855.xml.gz", crs=7855)
    graph, speed = network.graph, network.max_speed_kmh.astype(np.float64)
    moves = speed > 0
    weight = np.ceil(network.length_m[moves] * 3600.0 / speed[moves]).astype(np.int64)
    return _made(name, graph.n, graph.tail[moves], graph.head[moves], weight, network.node_lon, network.node_lat)


def _rome(name: str, material: Path) -> RoadGraph:
    points = np.fromfile(material / "large_rome" / "rome-roads.co.bin", dtype="<i4").reshape(-1, 2).astype(np.float64)
    links = np.fromfile(material / "large_rome" / "rome-roads.gr.bin", dtype="<i4").reshape(-1, 2).astype(np.int64) - 1
    links = links[links[:, 0] != links[:, 1]]
    tail, head = np.r_[links[:, 0], links[:, 1]], np.r_[links[:, 1], links[:, 0]]
    weight = np.maximum(np.rint(np.hypot(*(points[tail] - points[head]).T)), 1).astype(np.int64)
    note = "weight = length on the map (no speeds in the file)"
    return _made(name, len(points), tail, head, weight, points[:, 0], points[:, 1], note)


def _dimacs(file: str) -> Callable[[str, Path], RoadGraph]:
    def read(name: str, material: Path) -> RoadGraph:
        with lzma.open(material / "large_dimacs_topology" / file, "rt") as lines:
            n = int(next(line for line in lines if line.startswith("p")).split()[2])
            links = np.loadtxt((line for line in lines if line[0].isdigit()), dtype=np.int64) - 1
        weight = np.random.default_rng(2006).integers(1_000, 60_001, len(links))
        tail, head = np.r_[links[:, 0], links[:, 1]], np.r_[links[:, 1], links[:, 0]]
        graph, order = build_graph(n, tail, head)
        corner = int(np.argmax(_hops(graph, 0)))
        x = _hops(graph, corner)
        middle = np.flatnonzero(x == np.median(x))
        y = _hops(graph, int(middle[np.argmax(_hops(graph, int(middle[0]))[middle])]))
        note = "weights made up (1–60 s, seed 2006), coordinates are numbers of hops"
        return RoadGraph(name, graph, np.r_[weight, weight][order], x, y, note)

    return read


def _hops(graph: Graph, source: int) -> NDArray[np.float64]:
    """Number of edges from a node to every other: stands in for a coordinate where the file has none."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import breadth_first_order

    table = csr_matrix((np.ones(graph.m), graph.head, graph.first_out), shape=(graph.n, graph.n))
    order, before = breadth_first_order(table, source)
    hops = [0] * graph.n
    earlier = before.tolist()
    for node in order.tolist()[1:]:
        hops[node] = hops[earlier[node]] + 1
    return np.array(hops, dtype=np.float64)


def _made(
    name: str, n: int, tail: NDArray[np.integer], head: NDArray[np.integer], weight: NDArray[np.int64],
    x: NDArray[np.float64], y: NDArray[np.float64], note: str = "",
) -> RoadGraph:  # fmt: skip
    graph, order = build_graph(n, tail, head)
    return RoadGraph(name, graph, weight[order], x, y, note)


GRAPHS: dict[str, Callable[[str, Path], RoadGraph]] = {
    "Andorra": _andorra,
    "Lithgow": _lithgow,
    "Rome": _rome,
    "Colorado": _dimacs("COL.gr.xz"),
    "Northwest": _dimacs("NW.gr.xz"),
}
