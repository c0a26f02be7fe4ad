"""Earliest arrival at one node over roads that close and slow by the hour, the search led by the free roads.

A* (Hart, Nilsson & Raphael 1968) over the same arrays as :mod:`models.earliest_arrival`. The least time left to the
target is that on the open road, taken out of a customisable contraction hierarchy when a node is first looked at and
kept (CH-potentials, Strasser & Zeitz, SEA 2021): no closure and no slowdown makes a road faster than free, so every
node is settled at most once and the arrival is exactly that of the plain search.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.earliest_arrival import push, sift
from models.graph import Graph
from models.paths.hierarchy import Hierarchy
from models.paths.metric import Metric, customise
from models.traversal import FULL, NEVER, TimedEdges, traverse
from models.turns import SplitGraph, whole

__all__ = ["Guide", "guide", "guided_arrival"]


@dataclass(frozen=True, eq=False)
class Guide:
    """Free crossing times brought into the hierarchy of a graph.

    Attributes
    ----------
    hierarchy : Hierarchy
        Of the graph searched (after the split, for a SplitGraph).
    metric : Metric
        Of the free crossing times, ms.
    free_ms : int64 array (m,)
        They themselves; a search must be over edges with the same.
    """

    hierarchy: Hierarchy
    metric: Metric
    free_ms: NDArray[np.int64]


def guide(graph: Graph | SplitGraph, hierarchy: Hierarchy, free_ms: NDArray[np.int64]) -> Guide:
    """Bring free crossing times (``NEVER`` = no way for this vehicle) into a hierarchy.

    Parameters
    ----------
    graph : Graph or SplitGraph
    hierarchy : Hierarchy
        Of the graph, or of the split one.
    free_ms : int64 array
        Of the graph's edges; of those before the split, for a SplitGraph.
    """
    split = graph if isinstance(graph, SplitGraph) else whole(graph)
    weight = np.where(free_ms < NEVER, free_ms.astype(np.float64), np.inf)
    return Guide(hierarchy, customise(hierarchy, weight[split.edge_of]), free_ms)


def guided_arrival(
    graph: Graph | SplitGraph,
    timed: TimedEdges,
    by: Guide,
    source: int,
    target: int,
    depart_ms: int,
    *,
    slowness: int = FULL,
    latest_ms: int = NEVER - 1,
) -> tuple[int, NDArray[np.int32]]:
    """Earliest arrival at ``target`` when leaving ``source`` at ``depart_ms``, waiting allowed, and the way.

    The arrival is that of :func:`models.earliest_arrival.earliest_arrival`; of several ways that arrive together it
    may be another.

    Parameters
    ----------
    graph : Graph or SplitGraph
    timed : TimedEdges
        With the free crossing times of the guide.
    by : Guide
    source : int
        Node; of a SplitGraph it may be ``end(edge)``.
    target, depart_ms, slowness, latest_ms : int

    Returns
    -------
    arrive_ms : int
        ``NEVER`` if out of reach by ``latest_ms``.
    edges : int32 array
        In driving order, those before a split; empty where source and target are one, or out of reach.

    Raises
    ------
    ValueError
        If the guide belongs to other crossing times.
    """
    if timed.free_ms is not by.free_ms and not np.array_equal(timed.free_ms, by.free_ms):
        msg = "the guide belongs to other crossing times"
        raise ValueError(msg)
    split = graph if isinstance(graph, SplitGraph) else whole(graph)
    ends = split.parts(int(target))
    arrive, edges = _search(
        split.graph.first_out, split.graph.head, split.graph.tail, split.edge_of, int(source), ends, int(depart_ms),
        int(slowness), int(latest_ms), by.hierarchy.rank, by.hierarchy.parent, by.hierarchy.first_up,
        by.hierarchy.up_head, by.metric.up, by.metric.down, timed.free_ms, timed.first, timed.start_ms, timed.end_ms,
        timed.permille, timed.pace_start_ms, timed.pace_permille,
    )  # fmt: skip
    return int(arrive), split.edge_of[edges].astype(np.int32)


@nb.njit(cache=True, nogil=True)
def _least(rank, parent, first_up, up_head, up, behind, left, known, stack):  # type: ignore[no-untyped-def]
    """Least weight from a rank to the targets, by way of the ancestors not known yet."""
    size = 0
    v = rank
    while v >= 0 and not known[v]:
        stack[size] = v
        size += 1
        v = parent[v]
    while size > 0:
        size -= 1
        v = stack[size]
        best = behind[v]
        for k in range(first_up[v], first_up[v + 1]):
            best = min(best, up[k] + left[up_head[k]])
        left[v] = best
        known[v] = True
    return left[rank]


@nb.njit(cache=True, nogil=True)
def _search(  # type: ignore[no-untyped-def]
    first_out, head, tail, edge_of, source, ends, depart_ms, slowness, latest_ms, rank, parent, first_up, up_head, up,
    down, free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille,
):  # fmt: skip
    n = len(rank)
    none = np.empty(0, np.int64)
    behind = np.full(n, np.inf)
    left = np.empty(n)
    known = np.zeros(n, np.bool_)
    stack = np.empty(n, np.int32)
    is_end = np.zeros(n, np.bool_)
    for end in ends:
        is_end[end] = True
        v = rank[end]
        behind[v] = 0.0
        while v >= 0:
            for k in range(first_up[v], first_up[v + 1]):
                behind[up_head[k]] = min(behind[up_head[k]], behind[v] + down[k])
            v = parent[v]
    fastest = pace_permille.max()
    arrival = np.full(n, NEVER, np.int64)
    via = np.full(n, -1, np.int64)
    settled = np.zeros(n, np.bool_)
    key = np.empty(len(head) + 2, np.int64)
    item = np.empty(len(head) + 2, np.int32)
    weight = _least(rank[source], parent, first_up, up_head, up, behind, left, known, stack)
    if weight == np.inf:
        return NEVER, none
    arrival[source] = depart_ms
    key[0] = depart_ms + np.int64(weight) * slowness // fastest
    item[0] = source
    size = 1
    found = -1
    while size > 0:
        bound = key[0]
        v = item[0]
        size -= 1
        if size > 0:
            sift(key, item, size)
        if settled[v]:
            continue
        if bound > latest_ms:
            break
        settled[v] = True
        if is_end[v]:
            found = v
            break
        for e in range(first_out[v], first_out[v + 1]):
            w = head[e]
            if settled[w]:
                continue
            _, leave = traverse(
                edge_of[e], arrival[v], slowness, True, free_ms, first, start_ms, end_ms, permille, pace_start_ms,
                pace_permille,
            )  # fmt: skip
            if leave < arrival[w]:
                weight = _least(rank[w], parent, first_up, up_head, up, behind, left, known, stack)
                if weight < np.inf:
                    arrival[w] = leave
                    via[w] = e
                    push(key, item, size, leave + np.int64(weight) * slowness // fastest, w)
                    size += 1
    if found < 0:
        return NEVER, none
    length = 0
    v = found
    while via[v] >= 0:
        length += 1
        v = tail[via[v]]
    way = np.empty(length, np.int64)
    v = found
    while via[v] >= 0:
        length -= 1
        way[length] = via[v]
        v = tail[via[v]]
    return arrival[found], way
