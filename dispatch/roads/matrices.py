"""Travel times, lengths and ways between many nodes of a prepared network, for one vehicle class at a time.

Crossing times come from ``profiles.travel_ms`` (class, signed weight, height and width), closures as lists of edges.
Times are whole milliseconds in float64, ``inf`` where there is no way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.prepared import PreparedRoads
from dispatch.roads.travel import NEVER
from models.paths import customise, matrix, matrix_with_lengths, one_to_all, scenario_matrices, shortest_path
from models.paths import nearest as nearest_of

__all__ = [
    "Way",
    "closure_matrices",
    "fastest_way",
    "nearest_nodes",
    "time_matrix",
    "time_matrix_with_lengths",
    "times_to_all",
]

Floats = NDArray[np.float64]
Nodes = Sequence[int] | NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Way:
    """A fastest way.

    Attributes
    ----------
    edges : int32 array (k,)
        Edges of the network in driving order.
    edge_id : tuple of str (k,)
    time_ms : int
    length_m : float
    lon, lat : float64 arrays
        Its line; empty where source and target are one node.
    """

    edges: NDArray[np.int32]
    edge_id: tuple[str, ...]
    time_ms: int
    length_m: float
    lon: Floats
    lat: Floats


def time_matrix(
    roads: PreparedRoads, crossing_ms: NDArray[np.integer], sources: Nodes, targets: Nodes, *, threads: int = 1
) -> Floats:
    """Times from each source node to each target node, ms, float64 array (s, t).

    Parameters
    ----------
    roads : PreparedRoads
    crossing_ms : int64 array (m,)
        By network edge, ``NEVER`` where the class may not go.
    sources, targets : sequences of int
        Network nodes.
    threads : int
    """
    metric = customise(roads.hierarchy, roads.weight(crossing_ms))
    ends, back = _parts(roads, targets)
    return _least(matrix(roads.hierarchy, metric, _nodes(sources), ends, threads=threads), back)


def times_to_all(roads: PreparedRoads, crossing_ms: NDArray[np.integer], sources: Nodes) -> Floats:
    """Times from each source node to every network node, ms, float64 array (s, n)."""
    metric = customise(roads.hierarchy, roads.weight(crossing_ms))
    return roads.split.fold(one_to_all(roads.hierarchy, metric, _nodes(sources)))


def time_matrix_with_lengths(
    roads: PreparedRoads, crossing_ms: NDArray[np.integer], sources: Nodes, targets: Nodes
) -> tuple[Floats, Floats]:
    """Times (ms) and lengths (m) along the fastest way; of equally fast ways the shortest, to the millimetre."""
    ends, back = _parts(roads, targets)
    millimetres = np.rint(roads.network.length_m * 1000.0)[roads.split.edge_of]
    time, length = matrix_with_lengths(roads.hierarchy, roads.weight(crossing_ms), millimetres, _nodes(sources), ends)
    best = _least(time, back)
    same = np.where(time == best[:, back], length, np.inf)
    return best, _least(same, back) / 1000.0


def nearest_nodes(
    roads: PreparedRoads, crossing_ms: NDArray[np.integer], sources: Nodes, targets: Nodes, k: int
) -> tuple[NDArray[np.int64], Floats]:
    """Positions of the ``k`` targets nearest to each source (-1: fewer in reach) and their times, ms.

    Raises
    ------
    ValueError
        If ``k`` is below 1.
    """
    if len(roads.split.node_of) == roads.network.graph.n:
        metric = customise(roads.hierarchy, roads.weight(crossing_ms))
        return nearest_of(roads.hierarchy, metric, _nodes(sources), _nodes(targets), k)
    if k < 1:
        msg = "k must be 1 or more"
        raise ValueError(msg)
    time = time_matrix(roads, crossing_ms, sources, targets)
    order = np.argsort(time, axis=1, kind="stable")[:, :k]
    found = np.take_along_axis(time, order, axis=1)
    position = np.where(np.isfinite(found), order, -1)
    missing = ((0, 0), (0, k - order.shape[1]))
    return np.pad(position, missing, constant_values=-1), np.pad(found, missing, constant_values=np.inf)


def closure_matrices(
    roads: PreparedRoads,
    crossing_ms: NDArray[np.integer],
    scenarios: Sequence[Mapping[str, int]],
    sources: Nodes,
    targets: Nodes,
    *,
    threads: int = 1,
) -> Floats:
    """Times under many scenarios of closed or slowed edges, evaluated sixteen at a time.

    Parameters
    ----------
    roads : PreparedRoads
    crossing_ms : int64 array (m,)
        Where no scenario changes it.
    scenarios : sequence of mappings of edge id to crossing time, ms
        ``NEVER`` closes the edge. A street is closed by closing both its edges.
    sources, targets : sequences of int
    threads : int

    Returns
    -------
    float64 array (scenarios, s, t), ms

    Raises
    ------
    KeyError
        If an edge id is unknown.
    """
    ends, back = _parts(roads, targets)
    order = np.argsort(roads.split.edge_of, kind="stable")
    first = np.searchsorted(roads.split.edge_of[order], np.arange(roads.network.graph.m + 1))
    changes = []
    for scenario in scenarios:
        edges: list[NDArray[np.int64]] = []
        values: list[Floats] = []
        for edge_id, crossing in scenario.items():
            edge = roads.network.edge_index[edge_id]
            parts = order[first[edge] : first[edge + 1]]
            edges.append(parts)
            values.append(np.full(len(parts), np.inf if crossing >= NEVER else float(crossing)))
        changes.append((np.concatenate([np.empty(0, np.int64), *edges]), np.concatenate([np.empty(0), *values])))
    found = scenario_matrices(
        roads.hierarchy, roads.weight(crossing_ms), changes, _nodes(sources), ends, threads=threads
    )
    return _least(found, back)


def fastest_way(roads: PreparedRoads, crossing_ms: NDArray[np.integer], source: int, target: int) -> Way | None:
    """Fastest way from node to node with its line; None if there is none."""
    weight = roads.weight(crossing_ms)
    metric = customise(roads.hierarchy, weight)
    ends, _ = _parts(roads, [target])
    times = matrix(roads.hierarchy, metric, np.array([source]), ends)[0]
    part = int(ends[int(np.argmin(times))])
    found = shortest_path(roads.hierarchy, metric, weight, source, part)
    if found is None:
        return None
    network = roads.network
    edges = roads.split.edge_of[found].astype(np.int32)
    points = [np.arange(network.shape_first[e], network.shape_first[e + 1]) for e in edges]
    run = np.concatenate([np.empty(0, np.int64), *(p if i == 0 else p[1:] for i, p in enumerate(points))])
    return Way(
        edges,
        tuple(str(network.edge_id[e]) for e in edges),
        int(np.asarray(crossing_ms)[edges].sum()),
        float(network.length_m[edges].sum()),
        network.shape_lon[run],
        network.shape_lat[run],
    )


def _nodes(nodes: Nodes) -> NDArray[np.int64]:
    return np.asarray(nodes, dtype=np.int64).reshape(-1)


def _parts(roads: PreparedRoads, targets: Nodes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Nodes of the split graph that stand for the targets, and the position of the target of each."""
    wanted = _nodes(targets)
    n = roads.network.graph.n
    position = np.arange(len(wanted))
    if len(roads.split.node_of) == n:
        return wanted, position
    extra = np.arange(n, len(roads.split.node_of))
    more = [(part, p) for p in position for part in extra[roads.split.node_of[n:] == wanted[p]]]
    table = np.array(more, dtype=np.int64).reshape(-1, 2)
    return np.concatenate([wanted, table[:, 0]]), np.concatenate([position, table[:, 1]])


def _least(values: Floats, position: NDArray[np.int64]) -> Floats:
    """Least value of each target's parts (last axis); the first parts are the targets themselves, in order."""
    count = int(position.max(initial=-1)) + 1
    result = values[..., :count].copy()
    for column in range(count, len(position)):
        result[..., position[column]] = np.minimum(result[..., position[column]], values[..., column])
    return result
