"""Many sources to many targets: climb from each source, then sweep down to the targets' ancestors only.

Sixteen sources lie side by side, so that the sweep (Delling, Goldberg and Werneck's restricted PHAST, 2013, on the
elimination tree) reads each arc once for all of them.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.paths.hierarchy import LANES, Hierarchy
from models.paths.metric import Metric
from models.paths.threads import in_blocks

__all__ = ["ancestors", "matrix", "restricted"]

Floats = NDArray[np.float64]


def matrix(
    hierarchy: Hierarchy,
    metric: Metric,
    sources: NDArray[np.integer],
    targets: NDArray[np.integer],
    *,
    threads: int = 1,
) -> Floats:
    """Shortest-path weights from each source to each target.

    Parameters
    ----------
    hierarchy : Hierarchy
    metric : Metric
    sources, targets : integer arrays (s,), (t,)
        Nodes of the graph; repeats are allowed.
    threads : int
        Blocks of sixteen sources are shared out among them.

    Returns
    -------
    float64 array (s, t)
        ``inf`` where out of reach.
    """
    result = np.empty((len(sources), len(targets)))
    source_rank = hierarchy.rank[np.asarray(sources, dtype=np.int64)]
    target_rank = hierarchy.rank[np.asarray(targets, dtype=np.int64)]
    order, slot = ancestors(hierarchy.parent, target_rank)
    below = restricted(hierarchy.first_up, hierarchy.up_head, order, slot)

    def sweep(start: int, stop: int) -> None:
        _matrix(
            hierarchy.first_up,
            hierarchy.up_head,
            hierarchy.parent,
            metric.up,
            metric.down,
            source_rank[start:stop],
            target_rank,
            order,
            slot,
            *below,
            result[start:stop],
        )

    in_blocks(len(sources), LANES, threads, sweep)
    return result


@nb.njit(cache=True, nogil=True)
def ancestors(parent, nodes):  # type: ignore[no-untyped-def]
    """Ranks of all ancestors of some ranks, and the position of each rank among them (-1: none).

    They stand in the order of a depth-first walk from the roots, so that a sweep needs to keep in hand only the values
    of the ranks above the present one.
    """
    n = len(parent)
    below = np.zeros(n, np.int32)
    for v in nodes:
        while v >= 0 and below[v] == 0:
            below[v] = 1
            v = parent[v]
    for v in range(n):
        if below[v] > 0 and parent[v] >= 0:
            below[parent[v]] += below[v]
    slot = np.full(n, -1, np.int32)
    free = np.empty(n, np.int32)
    count = 0
    for v in range(n - 1, -1, -1):
        if below[v] > 0:
            p = parent[v]
            if p >= 0:
                slot[v] = free[p]
                free[p] += below[v]
            else:
                slot[v] = count
                count += below[v]
            free[v] = slot[v] + 1
    order = np.empty(count, np.int32)
    for v in range(n):
        if slot[v] >= 0:
            order[slot[v]] = v
    return order, slot


@nb.njit(cache=True, nogil=True)
def depths(parent, order, slot):  # type: ignore[no-untyped-def]
    """Number of ranks above each of the ranks that :func:`ancestors` put in order."""
    depth = np.zeros(len(order), np.int32)
    for r in range(len(order)):
        p = parent[order[r]]
        if p >= 0:
            depth[r] = depth[slot[p]] + 1
    return depth


@nb.njit(cache=True, nogil=True)
def restricted(first_up, up_head, order, slot):  # type: ignore[no-untyped-def]
    """Arcs of the ranks in ``order``, renumbered by slot: where each rank's begin, their heads, their arcs."""
    first = np.zeros(len(order) + 1, np.int64)
    for r in range(len(order)):
        first[r + 1] = first[r] + first_up[order[r] + 1] - first_up[order[r]]
    head = np.empty(first[-1], np.int32)
    arc = np.empty(first[-1], np.int32)
    for r in range(len(order)):
        for a in range(first[r], first[r + 1]):
            k = first_up[order[r]] + a - first[r]
            head[a] = slot[up_head[k]]
            arc[a] = k
    return first, head, arc


@nb.njit(cache=True, nogil=True)
def _matrix(  # type: ignore[no-untyped-def]
    first_up, up_head, parent, up, down, sources, targets, order, slot, below_first, below_head, below_arc, result
):  # fmt: skip
    label = np.full(len(parent), np.inf)
    depth = depths(parent, order, slot)
    height = depth[below_head]
    below_down = down[below_arc]
    first_target = np.zeros(len(order) + 1, np.int64)
    for v in targets:
        first_target[slot[v] + 1] += 1
    first_target = np.cumsum(first_target)
    fill = first_target[:-1].copy()
    target = np.empty(len(targets), np.int64)
    for t in range(len(targets)):
        r = slot[targets[t]]
        target[fill[r]] = t
        fill[r] += 1
    deepest = 0
    for r in range(len(order)):
        deepest = max(deepest, depth[r])
    lane = np.empty((deepest + 1, LANES))  # of the rank at hand and those above it
    climbed = np.empty((min(len(order), LANES * (deepest + 1)), LANES))
    row = np.full(len(order), -1, np.int32)  # where the climbs left their values
    column = np.empty((len(targets), LANES))
    for block in range(0, len(sources), LANES):
        width = min(LANES, len(sources) - block)
        row[:] = -1
        rows = 0
        for s in range(width):
            v = sources[block + s]
            label[v] = 0.0
            while v >= 0:
                here = label[v]
                label[v] = np.inf
                if here < np.inf:
                    for k in range(first_up[v], first_up[v + 1]):
                        label[up_head[k]] = min(label[up_head[k]], here + up[k])
                    r = slot[v]
                    if r >= 0:
                        if row[r] < 0:
                            row[r] = rows
                            for x in range(LANES):
                                climbed[rows, x] = np.inf
                            rows += 1
                        climbed[row[r], s] = here
                v = parent[v]
        for r in range(len(order)):
            d = depth[r]
            a = below_first[r]
            stop = below_first[r + 1]
            if row[r] >= 0:
                for x in range(LANES):
                    lane[d, x] = climbed[row[r], x]
            elif a < stop:
                for x in range(LANES):
                    lane[d, x] = lane[height[a], x] + below_down[a]
                a += 1
            else:
                for x in range(LANES):
                    lane[d, x] = np.inf
            while a < stop:
                for x in range(LANES):
                    lane[d, x] = min(lane[d, x], lane[height[a], x] + below_down[a])
                a += 1
            for j in range(first_target[r], first_target[r + 1]):
                for x in range(LANES):
                    column[target[j], x] = lane[d, x]
        for s in range(width):
            for t in range(len(targets)):
                result[block + s, t] = column[t, s]
