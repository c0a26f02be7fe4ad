"""Earliest arrivals over roads that close and slow by the hour.

Label-setting search (Dijkstra 1959; valid because waiting makes every edge first-in-first-out, Kaufman & Smith
1993) with a binary heap over the arrays of :class:`models.graph.Graph` and :class:`models.traversal.TimedEdges`.
On a :class:`models.turns.SplitGraph` banned turns are kept; times and edges are those of the graph before the split.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.graph import Graph
from models.traversal import FULL, NEVER, TimedEdges, traverse
from models.turns import SplitGraph, whole

__all__ = ["earliest_arrival", "earliest_arrivals", "path_to", "push", "sift"]


@nb.njit(cache=True, nogil=True)
def push(key, item, size, k, v):  # type: ignore[no-untyped-def]
    """Put (key, item) into a binary heap of ``size`` entries."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if key[up] <= k:
            break
        key[i] = key[up]
        item[i] = item[up]
        i = up
    key[i] = k
    item[i] = v


@nb.njit(cache=True, nogil=True)
def sift(key, item, size):  # type: ignore[no-untyped-def]
    """Restore the heap after its last entry (at ``size``) replaced the top."""
    k = key[size]
    v = item[size]
    i = 0
    while True:
        c = 2 * i + 1
        if c >= size:
            break
        if c + 1 < size and key[c + 1] < key[c]:
            c += 1
        if key[c] >= k:
            break
        key[i] = key[c]
        item[i] = item[c]
        i = c
    key[i] = k
    item[i] = v


@nb.njit(cache=True, nogil=True)
def _search(  # type: ignore[no-untyped-def]
    first_out,
    head,
    edge_of,
    node_of,
    source,
    depart_ms,
    slowness,
    wait,
    is_target,
    targets_left,
    latest_ms,
    free_ms,
    first,
    start_ms,
    end_ms,
    permille,
    pace_start_ms,
    pace_permille,
):
    n = len(first_out) - 1
    arrival = np.full(n, NEVER, np.int64)
    via = np.full(n, -1, np.int32)
    settled = np.zeros(n, np.bool_)
    capacity = len(head) + 2
    key = np.empty(capacity, np.int64)
    item = np.empty(capacity, np.int32)
    arrival[source] = depart_ms
    key[0] = depart_ms
    item[0] = source
    size = 1
    while size > 0:
        now = key[0]
        v = item[0]
        size -= 1
        if size > 0:
            sift(key, item, size)
        if settled[v]:
            continue
        if now > latest_ms:
            arrival[v] = NEVER
            via[v] = -1
            break
        settled[v] = True
        if is_target[node_of[v]]:
            is_target[node_of[v]] = False  # reached by another of its parts it is no news
            targets_left -= 1
            if targets_left == 0:
                break
        for e in range(first_out[v], first_out[v + 1]):
            w = head[e]
            if settled[w]:
                continue
            _, leave = traverse(
                edge_of[e], now, slowness, wait, free_ms, first, start_ms, end_ms, permille, pace_start_ms,
                pace_permille,
            )  # fmt: skip
            if leave < arrival[w]:
                arrival[w] = leave
                via[w] = e
                push(key, item, size, leave, w)
                size += 1
    for v in range(n):
        if not settled[v]:
            arrival[v] = NEVER
            via[v] = -1
    return arrival, via


def earliest_arrival(
    graph: Graph | SplitGraph,
    timed: TimedEdges,
    source: int,
    depart_ms: int,
    targets: NDArray[np.integer] | None = None,
    *,
    slowness: int = FULL,
    wait: bool = True,
    latest_ms: int = NEVER - 1,
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Earliest arrival at every node (or at least at the targets) when leaving ``source`` at ``depart_ms``.

    Parameters
    ----------
    graph : Graph or SplitGraph
    timed : TimedEdges
        Of the graph's edges; of those before the split, for a SplitGraph.
    source : int
        Node; of a SplitGraph it may be ``end(edge)``, for a vehicle that has just come by that edge.
    depart_ms : int
    targets : integer array, optional
        The search stops once all of them are reached; other nodes not yet settled read ``NEVER``.
    slowness : int
        Crossing times are multiplied by this, permille.
    wait : bool
        Whether a vehicle may wait at a junction for a closure to end. Without waiting the answer is the best
        among paths whose every part is an earliest arrival (a later arrival could meet an edge reopened: see
        :func:`models.straight_through.arrive_without_waiting`).
    latest_ms : int
        Nodes not reached by then read ``NEVER``.

    Returns
    -------
    arrival_ms : int64 array, shape (n,)
        ``NEVER`` where out of reach.
    via : int32 array
        The edge each node is reached by, -1 at the source and out of reach; shape (n,). Of a graph with split nodes:
        for :func:`path_to` only.
    """
    split = graph if isinstance(graph, SplitGraph) else whole(graph)
    is_target = np.zeros(split.n, dtype=np.bool_)
    left = -1
    if targets is not None:
        is_target[np.asarray(targets)] = True
        left = int(is_target.sum())
    arrival, via = _search(
        split.graph.first_out,
        split.graph.head,
        split.edge_of,
        split.node_of,
        int(source),
        int(depart_ms),
        int(slowness),
        wait,
        is_target,
        left,
        int(latest_ms),
        timed.free_ms,
        timed.first,
        timed.start_ms,
        timed.end_ms,
        timed.permille,
        timed.pace_start_ms,
        timed.pace_permille,
    )
    if len(split.node_of) == split.n:
        return arrival, via
    folded, last = arrival[: split.n].copy(), via[: split.n].copy()
    for part in range(split.n, len(arrival)):
        node = split.node_of[part]
        if arrival[part] < folded[node]:
            folded[node], last[node] = arrival[part], via[part]
    return folded, np.concatenate([via, last])


def path_to(graph: Graph | SplitGraph, via: NDArray[np.int32], target: int) -> NDArray[np.int32]:
    """Edges from the source of :func:`earliest_arrival` to ``target``, in driving order; empty at the source.

    ``graph`` is the one that was searched; edges are those before a split.
    """
    split = graph if isinstance(graph, SplitGraph) else whole(graph)
    tail = split.graph.tail
    parts = len(split.node_of)
    edges: list[int] = []
    edge = int(via[target if parts == split.n else parts + target])  # the last edges stand behind those of the parts
    while edge >= 0:
        edges.append(edge)
        edge = int(via[tail[edge]])
    found = np.array(edges[::-1], dtype=np.int64)
    return split.edge_of[found].astype(np.int32)


def earliest_arrivals(
    graph: Graph | SplitGraph,
    timed: TimedEdges,
    source: int,
    depart_ms: NDArray[np.integer],
    targets: NDArray[np.integer],
    *,
    slowness: int = FULL,
    latest_ms: int = NEVER - 1,
) -> NDArray[np.int64]:
    """Earliest arrival at each target for each of several departures, waiting allowed.

    Arrivals never fall as departures rise, so where two departures arrive alike those between them do too: they are
    not searched.

    Parameters
    ----------
    graph : Graph or SplitGraph
    timed : TimedEdges
    source : int
    depart_ms : integer array (d,)
        In any order.
    targets : integer array (t,)
    slowness, latest_ms : int
        As in :func:`earliest_arrival`.

    Returns
    -------
    int64 array (d, t)
        ``NEVER`` where out of reach.
    """
    departs = np.asarray(depart_ms, dtype=np.int64)
    ends = np.asarray(targets, dtype=np.int64)
    result = np.full((len(departs), len(ends)), NEVER, dtype=np.int64)
    if len(departs) == 0 or len(ends) == 0:
        return result
    order = np.argsort(departs, kind="stable")

    def search(position: int) -> None:
        at, _ = earliest_arrival(
            graph, timed, source, int(departs[order[position]]), ends, slowness=slowness, latest_ms=latest_ms
        )
        result[order[position]] = at[ends]

    search(0)
    search(len(order) - 1)
    spans = [(0, len(order) - 1)]
    while spans:
        low, high = spans.pop()
        if high - low < 2:
            continue
        if np.array_equal(result[order[low]], result[order[high]]):
            result[order[low + 1 : high]] = result[order[low]]
            continue
        middle = (low + high) // 2
        search(middle)
        spans += [(low, middle), (middle, high)]
    return result
