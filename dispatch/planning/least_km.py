"""Kilometres that any plan drives at least which brings all of some places their goods.

Whatever vehicles do, their ways join every delivery point to a depot, where each trip is loaded. So the kilometres are
no fewer than those of the shortest tree of roads between them (depots as one), found on the metric closure of the road
network by regions around its terminals (Mehlhorn 1988).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dispatch.planning.problem import ReliefProblem

__all__ = ["least_km"]

_TINY_M = 1e-6
"""In place of an edge without length, which the sparse graph would leave out."""


def least_km(problem: ReliefProblem, places: Iterable[str]) -> float:
    """Kilometres at least of any plan that brings each of these places its first batch.

    Parameters
    ----------
    problem : ReliefProblem
    places : iterable of str

    Returns
    -------
    float
        0 if no goods need a road.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree

    asked = set(places)
    roads = problem.legs.roads
    sites = dict.fromkeys(n.site for n in problem.needs if n.part == "first_batch" and n.place in asked)
    home = {int(roads.node[roads.index[depot]]) for depot in problem.depots}
    wanted = [node for node in dict.fromkeys(int(roads.node[roads.index[s]]) for s in sites) if node not in home]
    if not wanted or not home:
        return 0.0
    graph = roads.network.graph
    tail, head = np.asarray(graph.tail, np.int64), np.asarray(graph.head, np.int64)
    metres = np.maximum(roads.network.length_m, _TINY_M)
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    order = np.lexsort((metres, high, low))
    low, high, metres = low[order], high[order], metres[order]
    shortest = np.ones(len(low), dtype=np.bool_)
    shortest[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    shortest &= low != high
    low, high, metres = low[shortest], high[shortest], metres[shortest]
    links = coo_array((metres, (low, high)), shape=(graph.n, graph.n)).tocsr()
    terminals = [*sorted(home), *wanted]
    far, _, source = dijkstra(links, directed=False, indices=terminals, min_only=True, return_predecessors=True)
    number = np.full(graph.n, -1, dtype=np.int64)
    number[terminals] = [0] * len(home) + list(range(1, len(wanted) + 1))
    region = np.where(source >= 0, number[np.maximum(source, 0)], -1)
    across = (region[low] >= 0) & (region[high] >= 0) & (region[low] != region[high])
    a, b = region[low[across]], region[high[across]]
    length = far[low[across]] + metres[across] + far[high[across]]
    order = np.lexsort((length, np.maximum(a, b), np.minimum(a, b)))
    a, b, length = np.minimum(a, b)[order], np.maximum(a, b)[order], length[order]
    first = np.ones(len(a), dtype=np.bool_)
    first[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    size = len(wanted) + 1
    tree = minimum_spanning_tree(coo_array((length[first], (a[first], b[first])), shape=(size, size)).tocsr())
    return max(0.0, float(tree.sum()) - _TINY_M * graph.m) / 1000.0
