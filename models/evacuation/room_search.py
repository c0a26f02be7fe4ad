"""The way of earliest arrival on roads that take only so many per slot, beside those who are on them already.

A* (Hart, Nilsson & Raphael 1968) over arrival times: where an edge is full at the hour of entering, the search waits at
its tail for the next slot with room, or (``wait_for_room=False``) does without it. With waiting, the arrival is the
least possible for one more traveller; who may not queue on the road then leaves later by as much (:func:`next_start`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.earliest_arrival import push, sift
from models.graph import Graph
from models.traversal import FULL, NEVER, TimedEdges, traverse
from models.turns import SplitGraph, whole

__all__ = ["Occupancy", "find_way", "next_start"]

Ints = NDArray[np.int64]


@dataclass(eq=False)
class Occupancy:
    """What has entered each edge in each slot.

    Attributes
    ----------
    capacity : int64 array (m,)
        Per slot.
    slot : int
        Length of a slot; slots begin at its multiples.
    row : int32 array (m,)
        Row of ``used`` that an edge has, -1 while nothing has entered it.
    first_slot : int
        Number of the slot in column 0 of ``used``; nobody enters before it.
    used : int32 array (rows, slots)
    empty_from : int
        From when on nobody enters an edge any more.
    """

    capacity: Ints
    slot: int
    row: NDArray[np.int32]
    first_slot: int
    used: NDArray[np.int32]
    empty_from: int = -NEVER

    @classmethod
    def empty(cls, capacity: Ints, slot: int, from_time: int) -> Occupancy:
        """Nobody on the roads; nobody will enter one before ``from_time``."""
        row = np.full(len(capacity), -1, dtype=np.int32)
        return cls(np.asarray(capacity, np.int64), slot, row, from_time // slot, np.zeros((0, 64), dtype=np.int32))

    def room(self, edges: NDArray[np.integer], enter: Ints) -> Ints:
        """How many more may enter each edge at its time."""
        column = np.asarray(enter, np.int64) // self.slot - self.first_slot
        row = self.row[edges]
        known = (row >= 0) & (column < self.used.shape[1])
        taken = np.zeros(len(edges), dtype=np.int64)
        taken[known] = self.used[row[known], column[known]]
        left: Ints = self.capacity[edges] - taken
        return left

    def take(self, edges: NDArray[np.integer], enter: Ints, count: int) -> None:
        """So many enter these edges at these times.

        Raises
        ------
        ValueError
            If a time lies before the first slot.
        """
        column = np.asarray(enter, np.int64) // self.slot - self.first_slot
        if len(column) and column.min() < 0:
            msg = "an edge is entered before the first slot"
            raise ValueError(msg)
        new = np.unique(np.asarray(edges)[self.row[edges] < 0])
        rows, width = self.used.shape
        wide = max(width, 2 * int(column.max(initial=0)) if column.max(initial=0) >= width else width)
        if len(new) or wide > width:
            grown = np.zeros((rows + len(new), wide), dtype=np.int32)
            grown[:rows, :width] = self.used
            self.used = grown
            self.row[new] = np.arange(rows, rows + len(new), dtype=np.int32)
        if len(column):
            self.empty_from = max(self.empty_from, (int(column.max()) + 1 + self.first_slot) * self.slot)
        np.add.at(self.used, (self.row[edges], column), count)


@nb.njit(cache=True, nogil=True)
def _entered(  # type: ignore[no-untyped-def]
    edge, now, wait_for_room, least, capacity, slot, row, first_slot, used,
    free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille,
):  # fmt: skip
    """Enter and leave times of one edge at or after ``now`` in a slot with room; ``NEVER`` if there is none."""
    while True:
        enter, leave = traverse(
            edge, now, FULL, True, free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille
        )
        if leave >= NEVER:
            return NEVER, NEVER
        if capacity[edge] < least:
            return NEVER, NEVER
        r = row[edge]
        if r < 0:
            return enter, leave
        column = enter // slot - first_slot
        if column >= used.shape[1] or capacity[edge] - used[r, column] >= least:
            return enter, leave
        if not wait_for_room:
            return NEVER, NEVER
        now = (enter // slot + 1) * slot


@nb.njit(cache=True, nogil=True)
def _search(  # type: ignore[no-untyped-def]
    first_out, head, edge_of, node_of, source, depart, is_end, access, ahead, limit, wait_for_room, least,
    capacity, slot, row, first_slot, used, free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille,
):  # fmt: skip
    n = len(first_out) - 1
    arrival = np.full(n, NEVER, np.int64)
    via = np.full(n, -1, np.int32)
    settled = np.zeros(n, np.bool_)
    key = np.empty(len(head) + 2, np.int64)
    item = np.empty(len(head) + 2, np.int32)
    arrival[source] = depart
    key[0] = depart + ahead[node_of[source]]
    item[0] = source
    size = 1
    best = limit + 1
    end = -1
    while size > 0:
        bound = key[0]
        v = item[0]
        size -= 1
        if size > 0:
            sift(key, item, size)
        if bound >= best:
            break
        if settled[v]:
            continue
        settled[v] = True
        now = arrival[v]
        old = node_of[v]
        if is_end[old] and now + access[old] < best:
            best = now + access[old]
            end = v
        for e in range(first_out[v], first_out[v + 1]):
            w = head[e]
            if settled[w] or ahead[node_of[w]] >= NEVER:
                continue
            _, leave = _entered(
                edge_of[e], now, wait_for_room, least, capacity, slot, row, first_slot, used, free_ms, first, start_ms,
                end_ms, permille, pace_start_ms, pace_permille,
            )  # fmt: skip
            if leave < arrival[w] and leave + ahead[node_of[w]] < best:
                arrival[w] = leave
                via[w] = e
                push(key, item, size, leave + ahead[node_of[w]], w)
                size += 1
    return end, best, via


@nb.njit(cache=True, nogil=True)
def _times(  # type: ignore[no-untyped-def]
    edges, depart, free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille
):
    enter = np.full(len(edges), NEVER, np.int64)
    leave = np.full(len(edges), NEVER, np.int64)
    now = depart
    for k in range(len(edges)):
        enter[k], leave[k] = traverse(
            edges[k], now, FULL, True, free_ms, first, start_ms, end_ms, permille, pace_start_ms, pace_permille
        )
        now = leave[k]
        if now >= NEVER:
            break
    return enter, leave


def _arrays(timed: TimedEdges) -> tuple[Ints, ...]:
    return (timed.free_ms, timed.first, timed.start_ms, timed.end_ms, timed.permille, timed.pace_start_ms,
            timed.pace_permille)  # fmt: skip


def find_way(
    graph: Graph | SplitGraph, timed: TimedEdges, occupancy: Occupancy, source: int, depart: int,
    is_end: NDArray[np.bool_], access: Ints, ahead: Ints, *, limit: int = NEVER - 1, wait_for_room: bool = True,
    least: int = 1,
) -> tuple[NDArray[np.int32], int, int] | None:  # fmt: skip
    """Way of earliest arrival at any end.

    Parameters
    ----------
    graph : Graph or SplitGraph
    timed : TimedEdges
    occupancy : Occupancy
    source, depart : int
        Node, and when to leave it.
    is_end : bool array (n,)
    access : int64 array (n,)
        From an end's node to being there.
    ahead : int64 array (n,)
        Least time from each node to any end, access included; ``NEVER`` where there is no way.
    limit : int
        Ways that arrive later do not count.
    wait_for_room : bool
        Whether to wait at full edges, or to do without them.
    least : int
        So many must find room together.

    Returns
    -------
    (edges, node of the end, arrival) or None
    """
    split = graph if isinstance(graph, SplitGraph) else whole(graph)
    if ahead[source] >= NEVER:
        return None
    end, arrive, via = _search(
        split.graph.first_out, split.graph.head, split.edge_of, split.node_of, int(source), int(depart), is_end,
        access, ahead, int(limit), wait_for_room, int(least), occupancy.capacity, occupancy.slot, occupancy.row,
        occupancy.first_slot, occupancy.used, *_arrays(timed),
    )  # fmt: skip
    if end < 0:
        return None
    edges: list[int] = []
    tail, edge = split.graph.tail, int(via[end])
    while edge >= 0:
        edges.append(edge)
        edge = int(via[tail[edge]])
    way = split.edge_of[np.array(edges[::-1], dtype=np.int64)].astype(np.int32)
    return way, int(split.node_of[end]), int(arrive)


def next_start(
    timed: TimedEdges, occupancy: Occupancy, edges: NDArray[np.integer], depart: int, latest: int, *, offset: int = 0,
    least: int = 1,
) -> tuple[int, Ints, Ints] | None:  # fmt: skip
    """First start along a way, now or at the beginning of a later slot, at which every edge has room when entered.

    Parameters
    ----------
    timed : TimedEdges
    occupancy : Occupancy
    edges : integer array (k,)
    depart, latest : int
        Starts looked at.
    offset : int
        Slots are counted from this much before the start (the stretch from a house to the road).
    least : int
        So many must find room together.

    Returns
    -------
    (start, enter times, leave times) or None
    """
    way = np.asarray(edges, dtype=np.int64)
    if len(way) and int(occupancy.capacity[way].min()) < least:
        return None
    while depart <= latest:
        enter, leave = _times(way, depart, *_arrays(timed))
        if len(way) and leave[-1] >= NEVER:
            return None
        full = occupancy.room(way, enter) < least
        if not full.any():
            return depart, enter, leave
        slots = 1
        for edge, entered in zip(way[full].tolist(), enter[full].tolist(), strict=True):
            row, column = int(occupancy.row[edge]), entered // occupancy.slot - occupancy.first_slot
            busy = occupancy.used[row, column:] > int(occupancy.capacity[edge]) - least
            slots = max(slots, int(busy.argmin()) if not busy.all() else len(busy))
        depart = ((depart - offset) // occupancy.slot + slots) * occupancy.slot + offset
    return None
