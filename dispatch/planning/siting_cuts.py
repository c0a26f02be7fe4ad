"""Single failures of the road: every bridge, or every street that matters, and the driving times without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.siting_ground import Ground, with_access
from dispatch.roads.matrices import closure_matrices, times_to_all
from dispatch.roads.travel import NEVER

__all__ = ["Cut", "bridge_cuts", "cut_tables", "street_cuts"]


@dataclass(frozen=True, eq=False)
class Cut:
    """One failure: the edges lost (both directions), what the road is called there, and where it is."""

    edges: tuple[str, ...]
    road: str
    lon: float
    lat: float


def bridge_cuts(ground: Ground) -> list[Cut]:
    """Every bridge: edges tagged so that hang together are one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = ground.network.graph
    edges = np.flatnonzero(ground.network.bridge)
    if not len(edges):
        return []
    links = coo_array((np.ones(len(edges)), (graph.tail[edges], graph.head[edges])), shape=(graph.n, graph.n))
    label = connected_components(links, directed=False)[1][graph.tail[edges]]
    return [_cut(ground, edges[label == one]) for one in dict.fromkeys(label.tolist())]


def street_cuts(ground: Ground, columns: NDArray[np.int64] | None = None) -> list[Cut]:
    """Every street that lies on a fastest way from some candidate to some place; losing another changes nothing."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    network, graph = ground.network, ground.network.graph
    crossing = np.where(ground.crossing_ms >= NEVER, np.inf, ground.crossing_ms.astype(np.float64))
    chosen = ground.candidate_node if columns is None else ground.candidate_node[columns]
    targets = np.unique(ground.client_node[ground.client_node >= 0])
    used = np.zeros(graph.m, bool)
    sources = np.unique(chosen[chosen >= 0])
    for begin in range(0, len(sources), 16):
        for reached in times_to_all(ground.roads, ground.crossing_ms, sources[begin : begin + 16]):
            tight = np.isfinite(reached[graph.tail]) & (reached[graph.tail] + crossing <= reached[graph.head])
            edges = np.flatnonzero(tight)
            # Backwards along fastest ways from one point beyond all places.
            tail = np.concatenate([graph.head[edges], np.full(len(targets), graph.n)])
            head = np.concatenate([graph.tail[edges], targets])
            back = csr_array((np.ones(len(tail)), (tail, head)), shape=(graph.n + 1, graph.n + 1))
            needed = np.zeros(graph.n + 1, bool)
            needed[breadth_first_order(back, graph.n, return_predecessors=False)] = True
            used[edges[needed[graph.head[edges]]]] = True
    twin = network.twin
    used[twin[used & (twin >= 0)]] = True
    street = np.flatnonzero(used & ((twin < 0) | (np.arange(graph.m) <= twin)))
    return [_cut(ground, np.array([e] if twin[e] < 0 else [e, twin[e]])) for e in street]


def cut_tables(ground: Ground, cuts: Sequence[Cut], columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Times (cuts, n, len(columns)), ms, from these candidates after each cut, access included."""
    count = len(columns)
    result = np.full((len(cuts), len(ground.clients), count), np.inf)
    rows, open_columns = ground.client_node >= 0, ground.candidate_node[columns] >= 0
    scenarios = [dict.fromkeys(cut.edges, NEVER) for cut in cuts]
    if rows.any() and open_columns.any() and cuts:
        found = closure_matrices(
            ground.roads, ground.crossing_ms, scenarios, ground.candidate_node[columns][open_columns],
            ground.client_node[rows],
        )  # fmt: skip
        result[np.ix_(np.arange(len(cuts)), rows, open_columns)] = found.transpose(0, 2, 1)
    whole = np.full((len(cuts), len(ground.clients), len(ground.candidates)), np.inf) if count else result
    if count == len(ground.candidates) and (columns == np.arange(count)).all():
        return with_access(ground, result)
    for s in range(len(cuts)):
        whole[s][:, columns] = result[s]
    return with_access(ground, whole)[:, :, columns]


def _cut(ground: Ground, edges: NDArray[np.int64]) -> Cut:
    network = ground.network
    names = [network.name[e] or network.ref[e] for e in edges if network.name[e] or network.ref[e]]
    first = int(edges[0])
    points = slice(int(network.shape_first[first]), int(network.shape_first[first + 1]))
    return Cut(
        tuple(str(network.edge_id[e]) for e in edges), names[0] if names else "",
        float(network.shape_lon[points].mean()), float(network.shape_lat[points].mean()),
    )  # fmt: skip
