"""Shortest-path times on a graph that is prepared once and re-weighted often: a customisable contraction hierarchy.

Dibbelt, Strasser and Wagner (2016): a fill-reducing elimination order (here the minimum-degree order of SuperLU), the
chordal graph it makes, and its triangles depend on the topology alone. New weights are brought in by one linear sweep
over the triangles (customisation); a query climbs the elimination tree instead of using a priority queue. Sources,
or scenarios of changed weights, lie side by side in vector lanes.

Weights are float64 and never negative; ``inf`` is closed or out of reach. Sums of integers (milliseconds) are exact
below 2⁵³.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.graph import Graph

__all__ = ["LANES", "Hierarchy", "prepare"]

Ints = NDArray[np.int32]

LANES = 16
"""Sources or scenarios computed side by side."""


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Topology of a graph prepared for re-weighting; nodes are named by their rank in the elimination order.

    Attributes
    ----------
    rank : int32 array (n,)
        Rank of each node of the graph.
    parent : int32 array (n,)
        Elimination tree, by rank; -1 at a root.
    first_up : int64 array (n + 1,)
        Arcs of rank ``r`` are ``first_up[r] … first_up[r + 1] - 1``.
    up_head : int32 array (k,)
        Higher end of each arc, increasing within a rank. Each arc stands for both directions.
    lower_a, lower_b, upper : int32 arrays (t,)
        Triangles: arcs (v, a), (v, b) and (a, b) with ranks v < a < b, sorted by v.
    arc : int32 array (m,)
        Arc of each edge of the graph; -1 for a loop.
    upward : bool array (m,)
        Whether the edge leads from the lower to the higher rank.
    """

    rank: Ints
    parent: Ints
    first_up: NDArray[np.int64]
    up_head: Ints
    lower_a: Ints
    lower_b: Ints
    upper: Ints
    arc: Ints
    upward: NDArray[np.bool_]

    @cached_property
    def triangles_by_upper(self) -> tuple[NDArray[np.int64], Ints]:
        """Triangles of each upper arc, ``(first, triangle)``: of arc ``k`` ``triangle[first[k]:first[k + 1]]``."""
        first = np.zeros(len(self.up_head) + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.upper, minlength=len(self.up_head)), out=first[1:])
        return first, np.argsort(self.upper, kind="stable").astype(np.int32)

    @cached_property
    def first_triangle(self) -> NDArray[np.int64]:
        """Triangles whose lowest node has rank ``r``: ``first_triangle[r] … first_triangle[r + 1] - 1``."""
        degree = np.diff(self.first_up)
        first = np.zeros(len(degree) + 1, dtype=np.int64)
        np.cumsum(degree * (degree - 1) // 2, out=first[1:])
        return first

    @cached_property
    def edges_by_arc(self) -> tuple[NDArray[np.int64], Ints]:
        """Edges of each arc: ``(first, edge)``; those of arc ``k`` are ``edge[first[k]:first[k + 1]]``."""
        edge = np.argsort(self.arc, kind="stable").astype(np.int32)
        first = np.zeros(len(self.up_head) + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.arc[self.arc >= 0], minlength=len(self.up_head)), out=first[1:])
        return first, edge[np.count_nonzero(self.arc < 0) :]


def prepare(graph: Graph) -> Hierarchy:
    """Prepare a graph's topology; weights come in by :func:`customise`.

    Parameters
    ----------
    graph : Graph
        Parallel edges, loops and isolated nodes are allowed.
    """
    rank = _elimination_order(graph)
    a, b = rank[graph.tail].astype(np.int64), rank[graph.head].astype(np.int64)
    low, high = np.minimum(a, b), np.maximum(a, b)
    key = np.unique(low[low != high] * graph.n + high[low != high])
    first = np.zeros(graph.n + 1, dtype=np.int64)
    np.cumsum(np.bincount(key // graph.n, minlength=graph.n), out=first[1:])
    first_up, up_head, parent = _fill(graph.n, first, (key % graph.n).astype(np.int32))
    lower_a, lower_b, upper = _triangles(first_up, up_head)
    arc_key = np.repeat(np.arange(graph.n, dtype=np.int64), np.diff(first_up)) * graph.n + up_head
    arc = np.where(low != high, np.searchsorted(arc_key, low * graph.n + high), -1).astype(np.int32)
    return Hierarchy(rank, parent, first_up, up_head, lower_a, lower_b, upper, arc, a < b)


def _elimination_order(graph: Graph) -> Ints:
    """Minimum-degree order of the undirected topology, from SuperLU's factorisation of a diagonally dominant matrix."""
    import scipy.sparse as sparse
    from scipy.sparse.linalg import splu

    if graph.n == 0:
        return np.empty(0, dtype=np.int32)
    ends = np.r_[graph.tail, graph.head], np.r_[graph.head, graph.tail]
    links = sparse.coo_matrix((np.ones(2 * graph.m), ends), shape=(graph.n, graph.n)).tocsc()
    links.setdiag(0)
    links.eliminate_zeros()
    links.data[:] = -1.0
    diagonal = sparse.diags_array(1.0 + np.diff(links.indptr), format="csc")
    factors = splu(
        sparse.csc_matrix(links + diagonal),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    return np.asarray(factors.perm_c, dtype=np.int32)


@nb.njit(cache=True, nogil=True)
def _fill(n, first, head):  # type: ignore[no-untyped-def]
    """Chordal completion in rank order: a vertex hands its higher neighbours on to the lowest of them."""
    first_up = np.zeros(n + 1, np.int64)
    capacity = max(4 * len(head), 16)
    up_head = np.empty(capacity, np.int32)
    parent = np.full(n, -1, np.int32)
    child = np.full(n, -1, np.int32)
    sibling = np.full(n, -1, np.int32)
    mark = np.full(n, -1, np.int32)
    size = 0
    for v in range(n):
        start = size
        need = first[v + 1] - first[v]
        c = child[v]
        while c >= 0:
            need += first_up[c + 1] - first_up[c]
            c = sibling[c]
        if size + need > capacity:
            capacity = max(2 * capacity, size + need)
            grown = np.empty(capacity, np.int32)
            grown[:size] = up_head[:size]
            up_head = grown
        for k in range(first[v], first[v + 1]):
            mark[head[k]] = v
            up_head[size] = head[k]
            size += 1
        c = child[v]
        while c >= 0:
            for k in range(first_up[c], first_up[c + 1]):
                u = up_head[k]
                if u != v and mark[u] != v:
                    mark[u] = v
                    up_head[size] = u
                    size += 1
            c = sibling[c]
        up_head[start:size] = np.sort(up_head[start:size])
        first_up[v + 1] = size
        if size > start:
            p = up_head[start]
            parent[v] = p
            sibling[v] = child[p]
            child[p] = v
    return first_up, up_head[:size].copy(), parent


@nb.njit(cache=True, nogil=True)
def _triangles(first_up, up_head):  # type: ignore[no-untyped-def]
    n = len(first_up) - 1
    total = 0
    for v in range(n):
        d = first_up[v + 1] - first_up[v]
        total += d * (d - 1) // 2
    lower_a = np.empty(total, np.int32)
    lower_b = np.empty(total, np.int32)
    upper = np.empty(total, np.int32)
    t = 0
    for v in range(n):
        for i in range(first_up[v], first_up[v + 1]):
            k = first_up[up_head[i]]
            for j in range(i + 1, first_up[v + 1]):
                while up_head[k] != up_head[j]:
                    k += 1
                lower_a[t] = i
                lower_b[t] = j
                upper[t] = k
                t += 1
    return lower_a, lower_b, upper
