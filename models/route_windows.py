"""When the fastest ways from one origin meet something on the road: times of setting out, for all targets at once."""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.traversal import FULL, TimedEdges, traverse
from models.turns import SplitGraph

__all__ = ["Windows", "crossing_times", "route_windows", "tree_sums"]


class Windows(NamedTuple):
    """Half-open times of setting out, sorted and apart, by target.

    Attributes
    ----------
    first : int64 array (t + 1,)
        Those of target ``k`` stand at ``first[k] … first[k + 1] - 1``.
    start_ms, end_ms : int64 arrays
    owner : int64 array
        Target of each.
    """

    first: NDArray[np.int64]
    start_ms: NDArray[np.int64]
    end_ms: NDArray[np.int64]
    owner: NDArray[np.int64]


@nb.njit(cache=True)
def _cross(slowness, free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille):  # type: ignore[no-untyped-def]
    took = np.empty(len(free_ms), np.int64)
    for e in range(len(free_ms)):
        _, took[e] = traverse(
            e, 0, slowness, True, free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille
        )
    return took


def crossing_times(timed: TimedEdges) -> NDArray[np.int64]:
    """Time (ms) that each edge takes when entered at 0."""
    return np.asarray(
        _cross(FULL, timed.free_ms, timed.first, timed.start_ms, timed.end_ms, timed.permille, timed.pace_start_ms,
               timed.pace_permille)
    )  # fmt: skip


@nb.njit(cache=True)
def _walk(via, offset, tail, edge_of, targets, duration, cross, first, start_ms, end_ms, count, lo, hi):  # type: ignore[no-untyped-def]
    """Count windows of each target, or fill them in where ``lo`` has room."""
    fill = len(lo) > 0
    for k in range(len(targets)):
        found = count[k] if fill else 0
        begin = found
        if targets[k] >= 0:
            leave = duration[k]
            edge = via[offset + targets[k]]
            while edge >= 0:
                e = edge_of[edge]
                enter = leave - cross[e]
                for i in range(first[e], first[e + 1]):
                    if fill:
                        a, b = start_ms[i] - leave + 1, end_ms[i] - enter
                        at = found
                        while at > begin and lo[at - 1] > a:
                            lo[at], hi[at] = lo[at - 1], hi[at - 1]
                            at -= 1
                        lo[at], hi[at] = a, b
                    found += 1
                leave = enter
                edge = via[tail[edge]]
        if not fill:
            count[k] = found


@nb.njit(cache=True)
def _merge(first, lo, hi):  # type: ignore[no-untyped-def]
    """Put windows that touch into one, in place; returns the new bounds by target."""
    after = np.zeros_like(first)
    at = 0
    for k in range(len(first) - 1):
        begin = at
        for i in range(first[k], first[k + 1]):
            if at > begin and lo[i] <= hi[at - 1]:
                hi[at - 1] = max(hi[at - 1], hi[i])
            else:
                lo[at], hi[at] = lo[i], hi[i]
                at += 1
        after[k + 1] = at
    return after


def route_windows(
    graph: SplitGraph,
    timed: TimedEdges,
    via: NDArray[np.int32],
    targets: NDArray[np.int64],
    duration: NDArray[np.int64],
    cross: NDArray[np.int64],
) -> Windows:
    """Times of setting out at which the way of a search tree meets a disturbed edge.

    Parameters
    ----------
    graph : SplitGraph
    timed : TimedEdges
        With what disturbs.
    via : int32 array
        Of :func:`models.earliest_arrival.earliest_arrival` over undisturbed edges.
    targets : int64 array (t,)
        Nodes; -1 = none.
    duration : int64 array (t,)
        Undisturbed, from the origin.
    cross : int64 array
        Undisturbed time of each edge.
    """
    offset = 0 if len(graph.node_of) == graph.n else len(graph.node_of)
    parts = (via, offset, graph.graph.tail, graph.edge_of, targets, duration, cross, timed.first, timed.start_ms,
             timed.end_ms)  # fmt: skip
    count = np.zeros(len(targets), np.int64)
    none = np.empty(0, np.int64)
    _walk(*parts, count, none, none)
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    lo, hi = np.empty(first[-1], np.int64), np.empty(first[-1], np.int64)
    if first[-1]:
        _walk(*parts, first[:-1], lo, hi)
        first = _merge(first, lo, hi)
    owner = np.repeat(np.arange(len(targets)), np.diff(first))
    return Windows(first, lo[: first[-1]].copy(), hi[: first[-1]].copy(), owner)


@nb.njit(cache=True)
def _sums(via, offset, tail, edge_of, targets, weight):  # type: ignore[no-untyped-def]
    known = np.full(len(via), -1.0)
    stack = np.empty(len(via), np.int64)
    result = np.zeros(len(targets))
    for k in range(len(targets)):
        if targets[k] < 0:
            continue
        node = offset + targets[k]
        size = 0
        while known[node] < 0:
            if via[node] < 0:
                known[node] = 0.0
                break
            stack[size] = node
            size += 1
            node = tail[via[node]]
        while size > 0:
            size -= 1
            edge = via[stack[size]]
            known[stack[size]] = known[tail[edge]] + weight[edge_of[edge]]
        result[k] = known[offset + targets[k]]
    return result


def tree_sums(
    graph: SplitGraph, via: NDArray[np.int32], targets: NDArray[np.int64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights (none negative) of the edges on the ways of a search tree, added up, by target; 0 where it is -1."""
    offset = 0 if len(graph.node_of) == graph.n else len(graph.node_of)
    found: NDArray[np.float64] = _sums(via, offset, graph.graph.tail, graph.edge_of, targets, weight)
    return found
