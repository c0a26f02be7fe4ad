"""Fastest way from the nearest of several sources to every node: Dijkstra (1959) with a binary heap.

For one search on a fresh network this beats preparing a hierarchy; it also gives the tree of fastest ways, and stops
at a limit (isochrones).
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.earliest_arrival import push, sift
from models.graph import Graph

__all__ = ["SourceTree", "nearest_source"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SourceTree:
    """Fastest ways from the nearest source.

    Attributes
    ----------
    weight : float64 array (n,)
        ``inf`` beyond the limit or out of reach.
    via : int32 array (n,)
        Edge each node is reached by; -1 at sources and where out of reach.
    source : int32 array (n,)
        Position of the nearest source in the list given; -1 where out of reach.
    order : int32 array (r,)
        Nodes reached, in the order in which they were settled: a node's parent comes before it.
    """

    weight: Floats
    via: NDArray[np.int32]
    source: NDArray[np.int32]
    order: NDArray[np.int32]


def nearest_source(
    graph: Graph,
    weight: Floats,
    sources: NDArray[np.integer],
    offset: Floats | None = None,
    *,
    limit: float = np.inf,
) -> SourceTree:
    """Weights from the nearest source to every node within ``limit`` (included).

    Parameters
    ----------
    graph : Graph
    weight : float64 array (m,)
        ``inf`` = closed.
    sources : integer array (s,)
    offset : float64 array (s,), optional
        What each source starts with, 0 or more.
    limit : float

    Raises
    ------
    ValueError
        If a weight or an offset is negative or NaN.
    """
    starts = np.asarray(sources, dtype=np.int64)
    given = np.zeros(len(starts)) if offset is None else np.asarray(offset, dtype=np.float64)
    values = np.asarray(weight, dtype=np.float64)
    if not ((values >= 0).all() and (given >= 0).all()):
        msg = "weights must be numbers of 0 or more"
        raise ValueError(msg)
    return SourceTree(*_search(graph.first_out, graph.head, values, starts, given, float(limit)))


@nb.njit(cache=True, nogil=True)
def _search(first_out, head, weight, sources, offset, limit):  # type: ignore[no-untyped-def]
    n = len(first_out) - 1
    label = np.full(n, np.inf)
    via = np.full(n, -1, np.int32)
    nearest = np.full(n, -1, np.int32)
    settled = np.zeros(n, np.bool_)
    order = np.empty(n, np.int32)
    count = 0
    key = np.empty(len(head) + len(sources) + 2)
    item = np.empty(len(head) + len(sources) + 2, np.int32)
    size = 0
    for s in range(len(sources)):
        v = sources[s]
        if offset[s] < label[v] and offset[s] <= limit:
            label[v] = offset[s]
            nearest[v] = s
            push(key, item, size, offset[s], v)
            size += 1
    while size > 0:
        now = key[0]
        v = item[0]
        size -= 1
        if size > 0:
            sift(key, item, size)
        if settled[v]:
            continue
        settled[v] = True
        order[count] = v
        count += 1
        for e in range(first_out[v], first_out[v + 1]):
            w = head[e]
            reached = now + weight[e]
            if reached < label[w] and reached <= limit:
                label[w] = reached
                via[w] = e
                nearest[w] = nearest[v]
                push(key, item, size, reached, w)
                size += 1
    return label, via, nearest, order[:count].copy()
