"""From when to when an edge can serve anybody: not before the first is there, not after the last can still get out.

Label-setting searches (Dijkstra 1959) forwards from where people start and backwards from where they are safe, both
with edges that close for good: whoever uses one is through by then.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba as nb
import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.earliest_arrival import push, sift
from models.graph import Graph
from models.traversal import NEVER

__all__ = ["earliest_at", "latest_at"]


@nb.njit(cache=True, nogil=True)
def _spread(first, edge_of, to, crossing, gate, label, size, key, item, forwards):  # type: ignore[no-untyped-def]
    """Least labels; forwards an edge is left by its gate, backwards (times negated) it is entered from its gate."""
    settled = np.zeros(len(label), np.bool_)
    while size > 0:
        now = key[0]
        v = item[0]
        size -= 1
        if size > 0:
            sift(key, item, size)
        if settled[v]:
            continue
        settled[v] = True
        for k in range(first[v], first[v + 1]):
            e = edge_of[k]
            if crossing[e] >= NEVER:
                continue
            if forwards:
                there = now + crossing[e]
                if there > gate[e]:
                    continue
            else:
                there = max(now, -gate[e]) + crossing[e]
            w = to[e]
            if there < label[w]:
                label[w] = there
                push(key, item, size, there, w)
                size += 1


def _labels(
    graph: Graph, crossing: NDArray[np.int64], gate: NDArray[np.int64], ends: Sequence[tuple[int, int]], *,
    forwards: bool,
) -> NDArray[np.int64]:  # fmt: skip
    label = np.full(graph.n, NEVER, dtype=np.int64)
    key = np.empty(graph.m + len(ends) + 1, dtype=np.int64)
    item = np.empty(graph.m + len(ends) + 1, dtype=np.int32)
    for size, (node, time) in enumerate(ends):
        label[node] = min(int(label[node]), time)
        push(key, item, size, time, node)
    if forwards:
        edge = np.arange(graph.m, dtype=np.int32)
        _spread(graph.first_out, edge, graph.head, crossing, gate, label, len(ends), key, item, True)
        return label
    first_in, edge = graph.incoming
    _spread(first_in, edge, graph.tail, crossing, gate, label, len(ends), key, item, False)
    return label


def earliest_at(
    graph: Graph, crossing: ArrayLike, closes: ArrayLike, starts: Sequence[tuple[int, int]]
) -> NDArray[np.int64]:
    """When anybody can be at each node at the earliest; ``NEVER`` where nobody can.

    Parameters
    ----------
    graph : Graph
        n nodes, m edges.
    crossing : integer array (m,)
        Least time to cross each edge, ``NEVER`` where nobody may.
    closes : integer array (m,)
        By when it must be left, ``NEVER`` if it stays open.
    starts : sequence of (node, time)
    """
    return _labels(graph, np.asarray(crossing, np.int64), np.asarray(closes, np.int64), starts, forwards=True)


def latest_at(
    graph: Graph, crossing: ArrayLike, closes: ArrayLike, ends: Sequence[tuple[int, int]]
) -> NDArray[np.int64]:
    """Until when one can be at each node and still reach an end by its time; ``-NEVER`` where never.

    Parameters
    ----------
    graph, crossing, closes
        As for :func:`earliest_at`.
    ends : sequence of (node, time)
    """
    negated = [(node, -time) for node, time in ends]
    return -_labels(graph, np.asarray(crossing, np.int64), np.asarray(closes, np.int64), negated, forwards=False)
