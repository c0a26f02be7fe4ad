"""Crossing times of a night, quickly: the same tables as ``models.traversal.time_edges``, compiled.

A night builds its roads some dozens of times (by vehicle class, and by what is known when), so that merging the
overlapping intervals of an edge, where the slowest counts, has to cost microseconds.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.traversal import FULL, TimedEdges

__all__ = ["time_edges_quickly"]


@nb.njit(cache=True)
def _merge(edge, start, end, permille, m):  # type: ignore[no-untyped-def]
    """Disjoint intervals by edge from intervals sorted by edge: at every instant the smallest factor over it."""
    k = len(edge)
    out_start = np.empty(2 * k, np.int64)
    out_end = np.empty(2 * k, np.int64)
    out_permille = np.empty(2 * k, np.int64)
    first = np.zeros(m + 1, np.int64)
    size = 0
    i = 0
    while i < k:
        e = edge[i]
        j = i
        while j < k and edge[j] == e:
            j += 1
        cuts = np.empty(2 * (j - i), np.int64)
        for r in range(i, j):
            cuts[2 * (r - i)] = start[r]
            cuts[2 * (r - i) + 1] = end[r]
        cuts.sort()
        begin = size
        for c in range(len(cuts) - 1):
            if cuts[c] == cuts[c + 1]:
                continue
            low = FULL
            for r in range(i, j):
                if start[r] <= cuts[c] and end[r] >= cuts[c + 1] and permille[r] < low:
                    low = permille[r]
            if low == FULL:
                continue
            if size > begin and out_end[size - 1] == cuts[c] and out_permille[size - 1] == low:
                out_end[size - 1] = cuts[c + 1]
            else:
                out_start[size] = cuts[c]
                out_end[size] = cuts[c + 1]
                out_permille[size] = low
                size += 1
        first[e + 1] = size - begin
        i = j
    for v in range(m):
        first[v + 1] += first[v]
    return first, out_start[:size].copy(), out_end[:size].copy(), out_permille[:size].copy()


def time_edges_quickly(
    free_ms: NDArray[np.int64],
    edge: NDArray[np.int64],
    start_ms: NDArray[np.int64],
    end_ms: NDArray[np.int64],
    permille: NDArray[np.int64],
    pace_start_ms: NDArray[np.int64],
    pace_permille: NDArray[np.int64],
) -> TimedEdges:
    """Build :class:`models.traversal.TimedEdges` from intervals in any order, as ``time_edges`` does."""
    keep = (end_ms > start_ms) & (permille < FULL)
    order = np.argsort(edge[keep], kind="stable")
    first, start, end, factor = _merge(
        edge[keep][order], start_ms[keep][order], end_ms[keep][order], permille[keep][order], len(free_ms)
    )
    return TimedEdges(free_ms, first, start, end, factor, pace_start_ms, pace_permille)
