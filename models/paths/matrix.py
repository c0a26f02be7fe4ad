"""Many sources to many targets: climb from each source, then sweep down to the targets' ancestors only.

Sources lie side by side, so that the sweep (Delling, Goldberg and Werneck's restricted PHAST, 2013, on the elimination
tree) reads each arc once for all of them: sixteen as float64, or, where all weights are whole and no path can weigh 2³¹
or more, up to thirty-two as uint32. The answers are the same.
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

FAR = 2**31 - 1
"""Out of reach in uint32; the sum of two such numbers still fits."""


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

    whole = metric.most < FAR
    lanes = 2 * LANES if whole and len(sources) > LANES else LANES

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
            np.empty((len(order), lanes), dtype=np.uint32 if whole else np.float64),
            np.empty(len(below[1]), dtype=np.uint32 if whole else np.float64),
            np.uint32(FAR) if whole else np.inf,
            result[start:stop],
        )

    in_blocks(len(sources), lanes, threads, sweep)
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
    first_up, up_head, parent, up, down, sources, targets, order, slot, below_first, below_head, below_arc, lane,
    below_down, far, result,
):  # fmt: skip
    label = np.full(len(parent), np.inf)
    lanes = lane.shape[1]  # not known when compiling: only so are the loops below turned into vector instructions
    touched = np.full(len(order), -1, np.int64)  # last block in which a source's climb came by
    for a in range(len(below_arc)):
        w = down[below_arc[a]]
        below_down[a] = w if w < np.inf else far
    place = slot[targets]
    for block in range(0, len(sources), lanes):
        width = min(lanes, len(sources) - block)
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
                            lane[r, :] = far
                        lane[r, s] = here
                v = parent[v]
        _sweep(lane, touched, block, below_first, below_head, below_down, far)
        for start in range(0, len(place), 32):  # a few targets at a time: read and written within the nearest cache
            stop = min(start + 32, len(place))
            for s in range(width):
                line = result[block + s]
                for t in range(start, stop):
                    found = lane[place[t], s]
                    line[t] = found if found < far else np.inf


@nb.njit(cache=True, nogil=True)
def _sweep(lane, touched, block, below_first, below_head, below_down, far):  # type: ignore[no-untyped-def]
    kind = lane.dtype.type  # sums of uint32 would else be made in 64 bits
    lanes = lane.shape[1]
    for r in range(len(touched)):
        row = lane[r]
        a = below_first[r]
        stop = below_first[r + 1]
        if touched[r] != block:
            if a == stop:
                row[:] = far
                continue
            above = lane[below_head[a]]
            w = below_down[a]
            for x in range(lanes):
                row[x] = min(far, kind(above[x] + w))
            a += 1
        while a < stop:
            above = lane[below_head[a]]
            w = below_down[a]
            for x in range(lanes):
                row[x] = min(row[x], kind(above[x] + w))
            a += 1
