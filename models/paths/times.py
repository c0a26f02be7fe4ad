"""Shortest-path weights on a fresh graph, by the cheaper of two exact ways.

Rule: up to ``FEW`` = sources × (nodes + edges), SciPy's compiled Dijkstra answers, so that a small network needs no
just-in-time compilation; beyond, a hierarchy is prepared. Sums of whole numbers below 2⁵³ are the same to the last
digit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.graph import Graph

__all__ = ["FEW", "times"]

Floats = NDArray[np.float64]

FEW = 2_000_000
"""Where both ways took equally long: 13 sources on 52,000 nodes and 98,000 edges (``benchmarks.travel_times``)."""


def times(graph: Graph, weight: Floats, sources: NDArray[np.integer], targets: NDArray[np.integer]) -> Floats:
    """Shortest-path weights from each source to each target.

    Parameters
    ----------
    graph : Graph
    weight : float64 array (m,)
        ``inf`` = closed.
    sources, targets : integer arrays (s,), (t,)

    Returns
    -------
    float64 array (s, t)
        ``inf`` where out of reach.

    Raises
    ------
    ValueError
        If a weight is negative or NaN.
    """
    values = np.asarray(weight, dtype=np.float64)
    if not (values >= 0).all():
        msg = "weights must be numbers of 0 or more"
        raise ValueError(msg)
    if len(sources) * (graph.n + graph.m) > FEW:
        from models.paths.hierarchy import prepare
        from models.paths.matrix import matrix
        from models.paths.metric import customise

        hierarchy = prepare(graph)
        return matrix(hierarchy, customise(hierarchy, values), sources, targets)
    return _by_dijkstra(graph, values, sources, targets)


def _by_dijkstra(graph: Graph, weight: Floats, sources: NDArray[np.integer], targets: NDArray[np.integer]) -> Floats:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    if len(sources) == 0 or graph.n == 0:
        return np.empty((len(sources), len(targets)))
    is_open = np.isfinite(weight)
    tail, head, open_weight = graph.tail[is_open], graph.head[is_open], weight[is_open]
    order = np.lexsort((open_weight, head, tail))
    tail, head, open_weight = tail[order], head[order], open_weight[order]
    lightest = np.ones(len(tail), dtype=np.bool_)  # of parallel edges; the sparse form would add them up
    lightest[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    table = csr_array((open_weight[lightest], (tail[lightest], head[lightest])), shape=(graph.n, graph.n))
    found: Floats = dijkstra(table, indices=np.asarray(sources))[:, np.asarray(targets, dtype=np.int64)]
    return found
