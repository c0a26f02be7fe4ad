"""Earliest arrival as a function of the departure, over roads that close and slow by the hour, waiting allowed.

While no closure and no change of speed is met an arrival moves with the departure; where a closure is waited for it
stays. One pair of searches finds such a piece and how long it holds, exactly in whole milliseconds: the first search
gives arrivals at its first departure, the second, over the same edges, the times up to which they can be relied upon
to move on and not to be undercut (a lower bound that rises one for one up to a cap is carried along). Where speeds
change under way the arrival, rounded to whole milliseconds at every edge, is no straight line: it is searched at
departures ``step_ms`` apart, and lies between its neighbours, for a later departure never arrives sooner.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.earliest_arrival import earliest_arrival, path_to, push, sift
from models.graph import Graph
from models.traversal import FULL, MOVES, NEVER, ROUGH, STAYS, TimedEdges, traverse, traverse_form
from models.turns import SplitGraph, whole

__all__ = ["ArrivalProfile", "arrival_profiles", "joined"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ArrivalProfile:
    """Arrival as a function of the departure, whole milliseconds; piece ``i`` reaches up to the next piece's start.

    Attributes
    ----------
    depart_ms : int64 array (k,)
        First departure of each piece, increasing.
    arrive_ms : int64 array (k,)
        Arrival for that departure; ``NEVER`` where out of reach.
    form : int8 array (k,)
        ``STAYS``: so it is for the whole piece; ``MOVES``: it moves one for one with the departure; ``ROUGH``: known
        for the first departure alone.
    until_ms : int
        Last departure.
    waiting : bool
        Whether waiting was allowed: then a later departure never arrives sooner.
    """

    depart_ms: Ints
    arrive_ms: Ints
    form: NDArray[np.int8]
    until_ms: int
    waiting: bool = True

    def between(self, depart_ms: NDArray[np.integer] | int) -> tuple[Ints, Ints]:
        """Bounds of the arrival for departures of the interval, both included; the same where it is known exactly.

        Raises
        ------
        ValueError
            If a departure lies outside the interval.
        """
        wanted = np.asarray(depart_ms, dtype=np.int64)
        if wanted.size and (wanted.min() < self.depart_ms[0] or wanted.max() > self.until_ms):
            msg = f"departures must lie in {self.depart_ms[0]} … {self.until_ms}"
            raise ValueError(msg)
        i = np.searchsorted(self.depart_ms, wanted, side="right") - 1
        later = wanted - self.depart_ms[i]
        low = self.arrive_ms[i] + np.where((self.form[i] == MOVES) & (self.arrive_ms[i] < NEVER), later, 0)
        if self.waiting:
            above = np.append(self.arrive_ms[1:], NEVER)[i]
        else:
            low, above = np.where((self.form[i] == ROUGH) & (later > 0), wanted, low), np.full_like(low, NEVER)
        return low, np.where((self.form[i] == ROUGH) & (later > 0), above, low)

    def latest_departure(self, by_ms: int) -> int | None:
        """Latest departure of the interval that is known to arrive by then; None if there is none."""
        for i in range(len(self.depart_ms) - 1, -1, -1):
            arrive = int(self.arrive_ms[i])
            if arrive > by_ms:
                continue
            start = int(self.depart_ms[i])
            end = int(self.depart_ms[i + 1]) - 1 if i + 1 < len(self.depart_ms) else self.until_ms
            if self.form[i] == STAYS:
                return end
            return min(end, start + by_ms - arrive) if self.form[i] == MOVES else start
        return None


def arrival_profiles(
    graph: Graph | SplitGraph,
    timed: TimedEdges,
    source: int,
    targets: NDArray[np.integer],
    from_ms: int,
    until_ms: int,
    *,
    step_ms: int,
    slowness: int = FULL,
) -> list[ArrivalProfile]:
    """Earliest arrival at each target for every departure from ``from_ms`` to ``until_ms``, both included.

    Parameters
    ----------
    graph : Graph or SplitGraph
    timed : TimedEdges
    source : int
    targets : integer array (t,)
    from_ms, until_ms : int
    step_ms : int
        Distance of the departures searched where speeds change under way; 1 makes the whole profile exact. Without
        slowdowns and changes of the general speed every profile is exact, whatever the step.
    slowness : int
        Crossing times are multiplied by this, permille.

    Raises
    ------
    ValueError
        If the interval is empty or the step not positive.
    """
    if until_ms < from_ms or step_ms < 1:
        msg = "a profile needs an interval that is not empty and a step of at least 1 ms"
        raise ValueError(msg)
    split = graph if isinstance(graph, SplitGraph) else whole(graph)
    ends = np.asarray(targets, dtype=np.int64)
    roads = (timed.free_ms, timed.first, timed.start_ms, timed.end_ms, timed.permille, timed.pace_start_ms,
             timed.pace_permille)  # fmt: skip
    pieces: list[list[tuple[int, int, int]]] = [[] for _ in ends]
    due = [int(from_ms)] * len(ends)
    while due and min(due) <= until_ms:
        now = min(due)
        arrival, via = earliest_arrival(split, timed, source, now, slowness=slowness)
        at_parts = _at_parts(split, timed, source, now, slowness)
        cap = _caps(
            split.graph.first_out, split.graph.head, split.edge_of, source, at_parts, slowness, *roads
        )  # fmt: skip
        for position, target in enumerate(ends.tolist()):
            if due[position] > now:
                continue
            at = int(arrival[target])
            form, more = STAYS, until_ms - now
            if at < NEVER:
                way = path_to(split, via, target).astype(np.int64)
                form, more = _hold(way, now, until_ms - now, slowness, *roads)
            if form == MOVES and target != split.node_of[source]:
                more = min(more, int(cap[split.node_of == target].min()) - at)
            elif form == ROUGH:
                more = min(step_ms - now % step_ms, max(until_ms - now, 1)) - 1
            pieces[position].append((now, at, form))
            due[position] = now + more + 1
    return [joined(found, int(until_ms)) for found in pieces]


def joined(pieces: list[tuple[int, int, int]], until_ms: int, *, waiting: bool = True) -> ArrivalProfile:
    """Pieces as a profile; neighbours that are one straight line are put together."""
    kept: list[tuple[int, int, int]] = []
    for start, at, form in pieces:
        if kept:
            before, arrived, how = kept[-1]
            alone = start - before == 1
            never = at >= NEVER and arrived >= NEVER
            if at == arrived and form == STAYS and (how == STAYS or alone):
                kept[-1] = (before, arrived, STAYS)
                continue
            if not never and at - arrived == start - before and form == MOVES and (how == MOVES or alone):
                kept[-1] = (before, arrived, MOVES)
                continue
        kept.append((start, at, form))
    table = np.array(kept, dtype=np.int64).reshape(-1, 3)
    return ArrivalProfile(table[:, 0].copy(), table[:, 1].copy(), table[:, 2].astype(np.int8), until_ms, waiting)


def _at_parts(split: SplitGraph, timed: TimedEdges, source: int, depart_ms: int, slowness: int) -> Ints:
    """Earliest arrival at every node of the split graph, ``NEVER`` where out of reach."""
    if len(split.node_of) == split.n:
        return earliest_arrival(split, timed, source, depart_ms, slowness=slowness)[0]
    apart = SplitGraph(split.graph, split.edge_of, np.arange(len(split.node_of), dtype=np.int64))
    return earliest_arrival(apart, timed, source, depart_ms, slowness=slowness)[0]


@nb.njit(cache=True, nogil=True)
def _caps(  # type: ignore[no-untyped-def]
    first_out, head, edge_of, source, arrival, slowness, free_ms, first, start_ms, end_ms, permille, pace_start_ms,
    pace_permille,
):  # fmt: skip
    """Time up to which the arrival at each node moves with the departure at least, then stays: a second search.

    Leaving d later, a node is not reached before min(arrival + d, cap).
    """
    n = len(first_out) - 1
    fastest = np.max(pace_permille)
    cap = np.full(n, NEVER, np.int64)
    need = np.full(len(head), NEVER, np.int64)
    key = np.empty(2 * len(head) + 2, np.int64)
    item = np.empty(2 * len(head) + 2, np.int32)
    size = 0
    for u in range(n):
        if arrival[u] >= NEVER:
            continue
        for e in range(first_out[u], first_out[u + 1]):
            leave, form, hold = traverse_form(
                edge_of[e], arrival[u], slowness, True, free_ms, first, start_ms, end_ms, permille, pace_start_ms,
                pace_permille,
            )  # fmt: skip
            if leave >= NEVER:
                continue
            if form == MOVES:
                need[e] = leave - arrival[u]
                leave = leave + hold if hold < NEVER else NEVER
                if need[e] == -(-(free_ms[edge_of[e]] * slowness) // fastest):
                    leave = NEVER  # it is never crossed faster, so leaving it moves with entering it at least
            w = head[e]
            if leave < cap[w] and w != source:
                cap[w] = leave
                push(key, item, size, leave, w)
                size += 1
    settled = np.zeros(n, np.bool_)
    while size > 0:
        now = key[0]
        u = item[0]
        size -= 1
        if size > 0:
            sift(key, item, size)
        if settled[u]:
            continue
        settled[u] = True
        for e in range(first_out[u], first_out[u + 1]):
            w = head[e]
            if need[e] < NEVER and now + need[e] < cap[w] and w != source:
                cap[w] = now + need[e]
                push(key, item, size, cap[w], w)
                size += 1
    return cap


@nb.njit(cache=True, nogil=True)
def _hold(  # type: ignore[no-untyped-def]
    way, depart_ms, most, slowness, free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille
):  # fmt: skip
    """How the arrival along a way follows the departure, and up to how many ms later (``most`` at most)."""
    now = depart_ms
    form = MOVES
    holds = most
    for edge in way:
        leave, this, hold = traverse_form(
            edge, now, slowness, True, free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille
        )
        now = leave
        if this == STAYS:
            form = STAYS
        elif form == MOVES:
            form = this
            holds = min(holds, hold)
    if form != STAYS:
        return form, holds
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        at = depart_ms + middle
        for edge in way:
            _, at = traverse(
                edge, at, slowness, True, free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille
            )
        if at <= now:
            low = middle
        else:
            high = middle - 1
    return STAYS, low
