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
    """Ranks of all ancestors of some ranks, highest first, and the position of each rank among them (-1: none)."""
    n = len(parent)
    slot = np.full(n, -1, np.int32)
    count = 0
    for v in nodes:
        while v >= 0 and slot[v] < 0:
            slot[v] = 0
            count += 1
            v = parent[v]
    order = np.empty(count, np.int32)
    position = 0
    for v in range(n - 1, -1, -1):
        if slot[v] == 0:
            slot[v] = position
            order[position] = v
            position += 1
    return order, slot


@nb.njit(cache=True, nogil=True)
def restricted(first_up, up_head, order, slot):  # type: ignore[no-untyped-def]
    """Arcs of the ranks in ``order``, renumbered by slot: where each rank's begin, their heads, their arcs."""
    first = np.zeros(len(order) + 1, np.int64)
    for r in range(len(order)):
        first[r + 1] = first[r] + first_up[order[r] + 1] - first_up[order[r]]
    head = np.empty(first[-1], np.uint32)
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
    lane = np.empty((len(order), LANES))
    lanes = lane.shape[1]  # not known when compiling: only so are the loops below turned into vector instructions
    touched = np.full(len(order), -1, np.int64)  # last block in which a source's climb came by
    below_down = down[below_arc]
    place = slot[targets]
    for block in range(0, len(sources), LANES):
        width = min(LANES, len(sources) - block)
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
                        if touched[r] != block:
                            touched[r] = block
                            for x in range(LANES):
                                lane[r, x] = np.inf
                        lane[r, s] = here
                v = parent[v]
        for r in range(len(order)):
            row = lane[r]
            a = below_first[r]
            stop = below_first[r + 1]
            if touched[r] != block:
                if a == stop:
                    row[:] = np.inf
                    continue
                above = lane[below_head[a]]
                w = below_down[a]
                for x in range(lanes):
                    row[x] = above[x] + w
                a += 1
            while a < stop:
                above = lane[below_head[a]]
                w = below_down[a]
                for x in range(lanes):
                    row[x] = min(row[x], above[x] + w)
                a += 1
        for start in range(0, len(place), 32):  # a few targets at a time: read and written within the nearest cache
            stop = min(start + 32, len(place))
            for s in range(width):
                line = result[block + s]
                for t in range(start, stop):
                    line[t] = lane[place[t], s]
