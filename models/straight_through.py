"""Earliest arrival without ever standing: the way must be driven straight through, no edge may be closed when met.

Being early is then no advantage at a closed road: a longer way, even a round, may get there just when it reopens. So
one arrival per node is not enough; every arrival at a node is kept until no closure that ends can be met any more from
there on (before its end, at the fastest possible pace), from when on the earlier is the better again. The search is
directed by the least time left to the target.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.arrival_profile import ArrivalProfile, joined
from models.earliest_arrival import push, sift
from models.graph import Graph
from models.paths.nearest_source import nearest_source
from models.traversal import FULL, MOVES, NEVER, ROUGH, STAYS, TimedEdges, traverse_form
from models.turns import SplitGraph, whole

__all__ = ["arrive_without_waiting", "profile_without_waiting"]

Ints = NDArray[np.int64]


def arrive_without_waiting(
    graph: Graph | SplitGraph,
    timed: TimedEdges,
    source: int,
    target: int,
    depart_ms: int,
    *,
    latest_ms: int,
    most_ways: int,
    slowness: int = FULL,
) -> tuple[int, NDArray[np.int32]]:
    """Earliest arrival at ``target`` on a way driven straight through from ``depart_ms``, and its edges.

    The way may pass a node more than once. Never earlier than with waiting; leaving later may arrive sooner.

    Parameters
    ----------
    graph : Graph or SplitGraph
    timed : TimedEdges
    source, target : int
    depart_ms, latest_ms : int
        Ways that arrive later than ``latest_ms`` are not looked for.
    most_ways : int
        Arrivals at nodes that may be kept; before a long closure without a way round they become very many.
    slowness : int

    Returns
    -------
    arrive_ms : int
        ``NEVER`` if there is no such way.
    edges : int32 array
        In driving order, those before a split; empty where source and target are one, or there is no way.

    Raises
    ------
    ValueError
        If more than ``most_ways`` arrivals would have to be kept.
    """
    split = graph if isinstance(graph, SplitGraph) else whole(graph)
    arrive, edges, _, _ = _drive(split, timed, source, target, depart_ms, latest_ms, most_ways, slowness,
                                 *_prepare(split, timed, target, slowness))  # fmt: skip
    return arrive, edges


def profile_without_waiting(
    graph: Graph | SplitGraph,
    timed: TimedEdges,
    source: int,
    target: int,
    from_ms: int,
    until_ms: int,
    *,
    step_ms: int,
    latest_ms: int,
    most_ways: int,
    slowness: int = FULL,
) -> ArrivalProfile:
    """Earliest arrival without waiting for every departure from ``from_ms`` to ``until_ms``, both included.

    Parameters
    ----------
    graph, timed, source, target, latest_ms, most_ways, slowness
        As in :func:`arrive_without_waiting`.
    from_ms, until_ms : int
    step_ms : int
        Distance of the departures searched where speeds change under way; 1 makes the whole profile exact.

    Raises
    ------
    ValueError
        If the interval is empty, the step not positive, or there are too many ways.
    """
    if until_ms < from_ms or step_ms < 1:
        msg = "a profile needs an interval that is not empty and a step of at least 1 ms"
        raise ValueError(msg)
    split = graph if isinstance(graph, SplitGraph) else whole(graph)
    prepared = _prepare(split, timed, target, slowness)
    pieces: list[tuple[int, int, int]] = []
    now = int(from_ms)
    while now <= until_ms:
        arrive, _, hold, rough = _drive(split, timed, source, target, now, latest_ms, most_ways, slowness, *prepared)
        more = min(hold, until_ms - now)
        if arrive < NEVER:
            more = min(more, latest_ms - arrive)
        form = STAYS if arrive >= NEVER else MOVES
        if rough:
            form, more = ROUGH, min(step_ms - now % step_ms, max(until_ms - now, 1)) - 1
        pieces.append((now, arrive, form))
        now += more + 1
    return joined(pieces, int(until_ms), waiting=False)


def _prepare(split: SplitGraph, timed: TimedEdges, target: int, slowness: int) -> tuple[Ints, Ints]:
    """Least time from each node to the target, and when no closure that ends can be met any more from there on."""
    graph, edge_of = split.graph, split.edge_of
    work = np.where(timed.free_ms < NEVER, timed.free_ms, 0) * slowness
    least = work // int(timed.pace_permille.max())  # never slower than this, for slowdowns only add to it
    weight = np.where(timed.free_ms < NEVER, least.astype(np.float64), np.inf)[edge_of]
    first_in, incoming = graph.incoming
    back = Graph(first_in, graph.tail[incoming])
    ends = np.flatnonzero(split.node_of == target)
    left = nearest_source(back, weight[incoming], ends).weight
    of_edge = np.repeat(np.arange(len(timed.free_ms)), np.diff(timed.first))
    ending = (timed.permille == 0) & (timed.end_ms < NEVER) & (timed.free_ms[of_edge] < NEVER)
    last_end = np.full(len(timed.free_ms), -NEVER, dtype=np.int64)
    np.maximum.at(last_end, of_edge[ending], timed.end_ms[ending])
    of_tail = last_end[edge_of]
    closing = np.flatnonzero(of_tail > -NEVER)
    calm = np.full(graph.n, -NEVER, dtype=np.int64)
    if len(closing):
        latest = int(of_tail[closing].max())
        before = nearest_source(back, weight[incoming], graph.tail[closing], (latest - of_tail[closing]).astype(float))
        near = np.isfinite(before.weight)
        calm[near] = latest - before.weight[near].astype(np.int64)
    return np.where(np.isfinite(left), left, NEVER).astype(np.int64), calm


def _drive(
    split: SplitGraph, timed: TimedEdges, source: int, target: int, depart_ms: int, latest_ms: int, most_ways: int,
    slowness: int, left: Ints, calm: Ints,
) -> tuple[int, NDArray[np.int32], int, bool]:  # fmt: skip
    arrive, edges, hold, rough, enough = _search(
        split.graph.first_out, split.graph.head, split.edge_of, split.node_of, int(source), int(target),
        int(depart_ms), int(latest_ms), int(most_ways), left, calm, int(slowness), timed.free_ms, timed.first,
        timed.start_ms, timed.end_ms, timed.permille, timed.pace_start_ms, timed.pace_permille,
    )  # fmt: skip
    if not enough:
        msg = f"more than {most_ways} arrivals at junctions would have to be kept to be sure without waiting"
        raise ValueError(msg)
    return int(arrive), split.edge_of[edges].astype(np.int32), int(hold), bool(rough)


@nb.njit(cache=True, nogil=True)
def _search(  # type: ignore[no-untyped-def]
    first_out, head, edge_of, node_of, source, target, depart_ms, latest_ms, most_ways, left, calm, slowness, free_ms,
    first, start_ms, end_ms, permille, pace_start_ms, pace_permille,
):  # fmt: skip
    capacity = 1024
    at = np.empty(capacity, np.int64)  # one entry per arrival at a node that may matter
    node = np.empty(capacity, np.int32)
    before = np.empty(capacity, np.int64)
    by = np.empty(capacity, np.int32)
    key = np.empty(capacity, np.int64)
    item = np.empty(capacity, np.int32)
    newest = np.full(len(left), -NEVER, np.int64)  # latest arrival taken at each node; they come in order of time
    done = np.zeros(len(left), np.bool_)
    hold = NEVER
    rough = False
    none = np.empty(0, np.int32)
    if left[source] >= NEVER or depart_ms + left[source] > latest_ms:
        return NEVER, none, NEVER, False, True
    at[0], node[0], before[0], by[0] = depart_ms, source, -1, -1
    key[0], item[0] = depart_ms + left[source], 0
    count, size = 1, 1
    while size > 0:
        i = item[0]
        size -= 1
        if size > 0:
            sift(key, item, size)
        v = node[i]
        now = at[i]
        if done[v] or now == newest[v]:
            continue
        newest[v] = now
        done[v] = now >= calm[v]
        if node_of[v] == target:
            steps = 0
            j = i
            while before[j] >= 0:
                steps += 1
                j = before[j]
            edges = np.empty(steps, np.int32)
            j = i
            while before[j] >= 0:
                steps -= 1
                edges[steps] = by[j]
                j = before[j]
            return now, edges, hold, rough, True
        for e in range(first_out[v], first_out[v + 1]):
            w = head[e]
            if done[w] or left[w] >= NEVER:
                continue
            leave, form, holds = traverse_form(
                edge_of[e], now, slowness, False, free_ms, first, start_ms, end_ms, permille, pace_start_ms,
                pace_permille,
            )  # fmt: skip
            hold = min(hold, holds)
            rough = rough or form == ROUGH
            if leave >= NEVER or leave + left[w] > latest_ms:
                continue
            if count >= most_ways:
                return NEVER, none, hold, rough, False
            if count == capacity:
                capacity *= 2
                at, node, before, by, key, item = (
                    _grown(at), _grown(node), _grown(before), _grown(by), _grown(key), _grown(item)
                )  # fmt: skip
            at[count], node[count], before[count], by[count] = leave, w, i, e
            push(key, item, size, leave + left[w], count)
            count += 1
            size += 1
    return NEVER, none, hold, rough, True


@nb.njit(cache=True, nogil=True)
def _grown(array):  # type: ignore[no-untyped-def]
    """The same entries with room for as many more."""
    grown = np.empty(2 * len(array), array.dtype)
    grown[: len(array)] = array
    return grown
