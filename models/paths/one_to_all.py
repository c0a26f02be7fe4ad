"""From sources to every node: climb from each source, then one sweep down the whole elimination order (PHAST, 2011)."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.paths.hierarchy import LANES, Hierarchy
from models.paths.metric import Metric

__all__ = ["one_to_all"]


def one_to_all(hierarchy: Hierarchy, metric: Metric, sources: NDArray[np.integer]) -> NDArray[np.float64]:
    """Shortest-path weights from each source to every node.

    Returns
    -------
    float64 array (s, n)
        ``inf`` where out of reach.
    """
    ranks = hierarchy.rank[np.asarray(sources, dtype=np.int64)]
    result = np.empty((len(ranks), len(hierarchy.rank)))
    sweep = _one_by_one if len(ranks) < LANES // 2 else _in_lanes
    sweep(
        hierarchy.first_up, hierarchy.up_head, hierarchy.parent, hierarchy.rank, metric.up, metric.down, ranks, result
    )
    return result


@nb.njit(cache=True, nogil=True)
def _climb(first_up, up_head, parent, up, source, label):  # type: ignore[no-untyped-def]
    label[source] = 0.0
    v = source
    while v >= 0:
        here = label[v]
        for k in range(first_up[v], first_up[v + 1]):
            label[up_head[k]] = min(label[up_head[k]], here + up[k])
        v = parent[v]


@nb.njit(cache=True, nogil=True)
def _one_by_one(first_up, up_head, parent, rank, up, down, sources, result):  # type: ignore[no-untyped-def]
    n = len(parent)
    label = np.empty(n)
    for s in range(len(sources)):
        label[:] = np.inf
        _climb(first_up, up_head, parent, up, sources[s], label)
        for v in range(n - 1, -1, -1):
            best = label[v]
            for k in range(first_up[v], first_up[v + 1]):
                best = min(best, label[up_head[k]] + down[k])
            label[v] = best
        for node in range(n):
            result[s, node] = label[rank[node]]


@nb.njit(cache=True, nogil=True)
def _in_lanes(first_up, up_head, parent, rank, up, down, sources, result):  # type: ignore[no-untyped-def]
    n = len(parent)
    label = np.full(n, np.inf)
    lane = np.empty((n, LANES))
    for block in range(0, len(sources), LANES):
        width = min(LANES, len(sources) - block)
        lane[:] = np.inf
        for s in range(width):
            _climb(first_up, up_head, parent, up, sources[block + s], label)
            v = sources[block + s]
            while v >= 0:
                lane[v, s] = label[v]
                label[v] = np.inf
                v = parent[v]
        for v in range(n - 1, -1, -1):
            for k in range(first_up[v], first_up[v + 1]):
                row, above, w = lane[v], lane[up_head[k]], down[k]
                for s in range(len(row)):
                    row[s] = min(row[s], above[s] + w)
        for node in range(n):
            for s in range(width):
                result[block + s, node] = lane[rank[node], s]
