"""What the loss of each single edge costs: fastest ways that avoid it, for all edges at once, exactly.

Only edges of the tree of fastest ways matter, and cutting the edge into ``v`` touches the nodes below ``v`` alone: they
are searched anew from the ways that enter their part of the tree from outside. The work is the sum of the depths of
all nodes in that tree, far below one search per edge.

Cutting the opposite edge as well changes nothing: a way that would use it could follow the tree to its end instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.earliest_arrival import push, sift
from models.graph import Graph
from models.paths.nearest_source import nearest_source

__all__ = ["SingleCuts", "single_cuts"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SingleCuts:
    """Effect of every single-edge cut; pairs of edge and target that are not listed do not change.

    Attributes
    ----------
    before : float64 array (t,)
        Weight from the nearest source to each target, all edges in place.
    edge : int32 array (k,)
    target : int32 array (k,)
        Position in the list of targets.
    after : float64 array (k,)
        Weight without that edge; ``inf`` where the target is lost.
    """

    before: Floats
    edge: NDArray[np.int32]
    target: NDArray[np.int32]
    after: Floats


def single_cuts(
    graph: Graph,
    weight: Floats,
    sources: NDArray[np.integer],
    targets: NDArray[np.integer],
    offset: Floats | None = None,
    cuttable: NDArray[np.bool_] | None = None,
) -> SingleCuts:
    """Weights from the nearest source to each target after the cut of each single edge.

    Parameters
    ----------
    graph : Graph
    weight : float64 array (m,)
        ``inf`` = closed already.
    sources, targets : integer arrays (s,), (t,)
        Repeats are allowed.
    offset : float64 array (s,), optional
        What each source starts with.
    cuttable : bool array (m,), optional
        Edges of interest (such as bridges); by default all.
    """
    tree = nearest_source(graph, weight, sources, offset)
    ends = np.asarray(targets, dtype=np.int64)
    by_node = np.argsort(ends, kind="stable").astype(np.int32)
    first_target = np.zeros(graph.n + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends, minlength=graph.n), out=first_target[1:])
    wanted = np.ones(graph.m, dtype=np.bool_) if cuttable is None else np.asarray(cuttable, dtype=np.bool_)
    start = np.full(graph.n, np.inf)
    np.minimum.at(start, np.asarray(sources, dtype=np.int64), 0.0 if offset is None else np.asarray(offset))
    edge, target, after = _cuts(
        graph.first_out, graph.head, graph.tail, *graph.incoming, np.asarray(weight, dtype=np.float64), tree.weight,
        tree.via, tree.order, start, first_target, by_node, wanted,
    )  # fmt: skip
    differs = after > tree.weight[ends[target]]
    return SingleCuts(tree.weight[ends], edge[differs], target[differs], after[differs])


@nb.njit(cache=True, nogil=True)
def _preorder(tail, via, order):  # type: ignore[no-untyped-def]
    """Nodes of the tree so that those below each are a run behind it: where each stands, and the length of its run."""
    n = len(via)
    below = np.zeros(n, np.int64)
    for i in range(len(order) - 1, -1, -1):
        v = order[i]
        below[v] += 1
        if via[v] >= 0:
            below[tail[via[v]]] += below[v]
    place = np.full(n, -1, np.int64)
    free = np.zeros(n, np.int64)
    roots = 0
    for v in order:
        if via[v] >= 0:
            u = tail[via[v]]
            place[v] = free[u]
            free[u] += below[v]
        else:
            place[v] = roots
            roots += below[v]
        free[v] = place[v] + 1
    sequence = np.empty(len(order), np.int32)
    for v in order:
        sequence[place[v]] = v
    return sequence, place, below


@nb.njit(cache=True, nogil=True)
def _cuts(  # type: ignore[no-untyped-def]
    first_out, head, tail, first_in, incoming, weight, before, via, order, start, first_target, by_node, cuttable
):  # fmt: skip
    sequence, place, below = _preorder(tail, via, order)
    with_targets = np.zeros(len(sequence) + 1, np.int64)
    for i in range(len(sequence)):
        v = sequence[i]
        with_targets[i + 1] = with_targets[i] + first_target[v + 1] - first_target[v]
    total = 0
    for v in order:
        if via[v] >= 0 and cuttable[via[v]]:
            total += with_targets[place[v] + below[v]] - with_targets[place[v]]
    edge = np.empty(total, np.int32)
    target = np.empty(total, np.int32)
    after = np.empty(total)
    label = np.full(len(via), np.inf)
    settled = np.zeros(len(via), np.bool_)
    key = np.empty(len(head) + len(via) + 2)
    item = np.empty(len(head) + len(via) + 2, np.int32)
    k = 0
    for v in order:
        cut = via[v]
        lo, hi = place[v], place[v] + below[v]
        left = with_targets[hi] - with_targets[lo]
        if cut < 0 or not cuttable[cut] or left == 0:
            continue
        size = 0
        for i in range(lo, hi):
            x = sequence[i]
            label[x] = start[x]
            for j in range(first_in[x], first_in[x + 1]):
                e = incoming[j]
                y = tail[e]
                if e != cut and (place[y] < lo or place[y] >= hi) and before[y] + weight[e] < label[x]:
                    label[x] = before[y] + weight[e]
            if label[x] < np.inf:
                push(key, item, size, label[x], x)
                size += 1
        while size > 0 and left > 0:
            now = key[0]
            x = item[0]
            size -= 1
            if size > 0:
                sift(key, item, size)
            if settled[x]:
                continue
            settled[x] = True
            left -= first_target[x + 1] - first_target[x]
            for e in range(first_out[x], first_out[x + 1]):
                y = head[e]
                if lo <= place[y] < hi and e != cut and now + weight[e] < label[y]:
                    label[y] = now + weight[e]
                    push(key, item, size, label[y], y)
                    size += 1
        for i in range(lo, hi):
            x = sequence[i]
            for j in range(first_target[x], first_target[x + 1]):
                edge[k] = cut
                target[k] = by_node[j]
                after[k] = label[x]
                k += 1
            label[x] = np.inf
            settled[x] = False
    return edge, target, after
