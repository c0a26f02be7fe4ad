"""Peers of the travel-time benchmark behind one form: bring a graph in, bring weights in, ask for a matrix.

Each is imported only when it is asked for. SciPy (BSD), networkx (BSD), routingkit_cch and pyroutingkit (bindings of
RoutingKit, BSD/MIT) may be installed anywhere; igraph (GPL-2) and pandana (AGPL-3) belong in an environment of their
own. Weights are whole milliseconds; ``inf`` is closed.
"""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._road_graphs import RoadGraph

__all__ = ["PEERS", "Peer"]

Floats = NDArray[np.float64]
Prepared = Any
CLOSED = 2**31 - 1
"""What RoutingKit takes for closed and gives for out of reach."""


@dataclass(frozen=True)
class Peer:
    """One library.

    Attributes
    ----------
    name, module : str
    has_hierarchy : bool
        Whether its preparation is comparable with ours.
    prepare : callable
        Graph → what is kept for it (topology; weights too where the library knows no other way).
    weigh : callable
        (kept, graph, weights) → what answers under these weights.
    matrix : callable
        (what answers, sources, targets) → float64 matrix.
    close : callable, optional
        (what answers, edges) → nothing; closes a few edges in place, where the library can.
    largest : int
        Graphs with more nodes are left out: it would run for many minutes.
    takes_weights : bool
        Whether new weights are brought in at all; else they are handed over with every question.
    share : float
        Part of the sources or scenarios that is timed, the time scaled up.
    """

    name: str
    module: str
    has_hierarchy: bool
    prepare: Callable[[RoadGraph], Prepared]
    weigh: Callable[[Prepared, RoadGraph, Floats], Any]
    matrix: Callable[[Any, NDArray[np.int64], NDArray[np.int64]], Floats]
    close: Callable[[Any, NDArray[np.int64]], object] | None = None
    largest: int = 10_000_000
    share: float = 1.0
    takes_weights: bool = True

    def missing(self) -> str:
        """Why it cannot be run here; empty if it can."""
        try:
            importlib.import_module(self.module)
        except ImportError as error:
            return f"{self.name} not run: {error}"
        return ""


def _scipy_weigh(_: Prepared, road: RoadGraph, weight: Floats) -> Any:
    """Rows of the lightest of parallel edges (the sparse form would add them up)."""
    from scipy.sparse import csr_matrix

    graph = road.graph
    is_open = np.isfinite(weight)
    tail, head, weight = graph.tail[is_open], graph.head[is_open], weight[is_open]
    order = np.lexsort((weight, head, tail))
    tail, head, weight = tail[order], head[order], weight[order]
    new = np.r_[True, (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])]
    return csr_matrix((weight[new], (tail[new], head[new])), shape=(graph.n, graph.n))


def _scipy_matrix(table: Any, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> Floats:
    from scipy.sparse.csgraph import dijkstra

    return np.concatenate([dijkstra(table, indices=part)[:, targets] for part in np.array_split(sources, _parts(
        table.shape[0], len(sources)))])  # fmt: skip


def _parts(n: int, sources: int) -> int:
    """Number of parts so that no intermediate matrix is above half a gigabyte."""
    return max(1, -(-n * sources * 8 // 500_000_000))


def _igraph_prepare(road: RoadGraph) -> Any:
    import igraph

    return igraph.Graph(n=road.graph.n, edges=np.column_stack([road.graph.tail, road.graph.head]), directed=True)


def _igraph_matrix(kept: Any, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> Floats:
    graph, weight = kept
    return np.array(graph.distances(sources.tolist(), targets.tolist(), weights=weight), dtype=np.float64)


def _networkx_weigh(_: Prepared, road: RoadGraph, weight: Floats) -> Any:
    import networkx

    graph: Any = networkx.MultiDiGraph()
    graph.add_nodes_from(range(road.graph.n))
    ends = zip(road.graph.tail.tolist(), road.graph.head.tolist(), weight.tolist(), strict=True)
    graph.add_weighted_edges_from((u, v, w) for u, v, w in ends if w < np.inf)
    return graph


def _networkx_matrix(graph: Any, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> Floats:
    import networkx

    rows = []
    for source in sources.tolist():
        found = networkx.single_source_dijkstra_path_length(graph, source)
        rows.append([found.get(target, np.inf) for target in targets.tolist()])
    return np.array(rows)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep compiled code from printing its progress."""
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


# pandana keeps whole thousandths in 32 bits, so it is given seconds
def _pandana_weigh(_: Prepared, road: RoadGraph, weight: Floats) -> Any:
    import pandana
    import pandas as pd

    nodes = pd.RangeIndex(road.graph.n)
    is_open = np.isfinite(weight)
    with _silence():
        return pandana.Network(
        pd.Series(road.x, nodes), pd.Series(road.y, nodes),
        pd.Series(road.graph.tail[is_open]), pd.Series(road.graph.head[is_open]),
        pd.DataFrame({"s": weight[is_open] / 1000.0}), twoway=False,
    )  # fmt: skip


def _pandana_matrix(network: Any, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> Floats:
    import warnings

    from_, to = np.repeat(sources, len(targets)), np.tile(targets, len(sources))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it lists every pair out of reach
        found = np.array(network.shortest_path_lengths(from_, to), dtype=np.float64)
    found[found > 4e6] = np.inf
    return np.rint(found * 1000.0).reshape(len(sources), len(targets))


def _whole(weight: Floats) -> NDArray[np.uint32]:
    return np.where(np.isfinite(weight), weight, CLOSED).astype(np.uint32)


def _cch_prepare(road: RoadGraph) -> Any:
    routingkit_cch = importlib.import_module("routingkit_cch")

    tail, head = road.graph.tail.tolist(), road.graph.head.tolist()
    order = routingkit_cch.compute_order_inertial(road.graph.n, tail, head, road.y.tolist(), road.x.tolist())
    topology = routingkit_cch.CCH(order, tail, head, False)
    return topology, routingkit_cch.CCHMetricPartialUpdater(topology)


def _cch_prepare_in_our_order(road: RoadGraph) -> Any:
    """RoutingKit on our elimination order: fair where a file has no coordinates to make its own from."""
    from models.paths import prepare

    routingkit_cch = importlib.import_module("routingkit_cch")
    order = np.argsort(prepare(road.graph).rank).tolist()
    topology = routingkit_cch.CCH(order, road.graph.tail.tolist(), road.graph.head.tolist(), False)
    return topology, routingkit_cch.CCHMetricPartialUpdater(topology)


def _cch_weigh(kept: Any, _: RoadGraph, weight: Floats) -> Any:
    routingkit_cch = importlib.import_module("routingkit_cch")

    topology, updater = kept
    return routingkit_cch.CCHMetric(topology, _whole(weight).tolist()), updater


def _cch_matrix(answering: Any, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> Floats:
    routingkit_cch = importlib.import_module("routingkit_cch")

    query = routingkit_cch.CCHOneToMany(answering[0], targets.tolist())
    found = np.array([query.distances_from(source) for source in sources.tolist()], dtype=np.float64)
    return np.where(np.isnan(found), np.inf, found)


def _cch_close(answering: Any, edges: NDArray[np.int64]) -> None:
    metric, updater = answering
    updater.apply(metric, dict.fromkeys(edges.tolist(), CLOSED))


def _py_prepare(road: RoadGraph) -> Any:
    pyroutingkit = importlib.import_module("pyroutingkit")

    kept = pyroutingkit.CCHTopology()
    kept.build(
        road.graph.tail.astype(np.uint32), road.graph.head.astype(np.uint32),
        road.y.astype(np.float32), road.x.astype(np.float32), road.graph.n,
    )  # fmt: skip
    return kept


def _py_weigh(kept: Any, _: RoadGraph, weight: Floats) -> Any:
    pyroutingkit = importlib.import_module("pyroutingkit")

    metric = pyroutingkit.CCHMetric(kept)
    metric.customize(_whole(weight))
    return metric


def _py_close(metric: Any, edges: NDArray[np.int64]) -> None:
    metric.update_weights(edges.astype(np.uint32), np.full(len(edges), CLOSED, dtype=np.uint32))


def _py_matrix(metric: Any, sources: NDArray[np.int64], targets: NDArray[np.int64]) -> Floats:
    found = metric.distances_many_to_many(sources.astype(np.uint32), targets.astype(np.uint32)).astype(np.float64)
    return np.where(found >= CLOSED, np.inf, found)


def _nothing(_: RoadGraph) -> None:
    """Nothing is kept from topology alone."""


PEERS: tuple[Peer, ...] = (
    Peer("routingkit_cch", "routingkit_cch", True, _cch_prepare, _cch_weigh, _cch_matrix, _cch_close),
    Peer(
        "routingkit_cch, our order",
        "routingkit_cch",
        False,
        _cch_prepare_in_our_order,
        _cch_weigh,
        _cch_matrix,
        _cch_close,
    ),
    Peer("pyroutingkit", "pyroutingkit", True, _py_prepare, _py_weigh, _py_matrix, _py_close),
    Peer("scipy", "scipy", False, _nothing, _scipy_weigh, _scipy_matrix, share=0.05),
    Peer(
        "igraph",
        "igraph",
        False,
        _igraph_prepare,
        lambda kept, _, weight: (kept, weight),
        _igraph_matrix,
        share=0.05,
        takes_weights=False,
    ),
    Peer("pandana", "pandana", True, _nothing, _pandana_weigh, _pandana_matrix, largest=60_000, share=0.05),
    Peer("networkx", "networkx", False, _nothing, _networkx_weigh, _networkx_matrix, largest=60_000, share=0.01),
)
