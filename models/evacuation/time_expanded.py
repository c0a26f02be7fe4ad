"""Flow over time: how many get where by when on roads that take only so many per step (Ford & Fulkerson 1958).

The network is copied once per time step; an arc leads from its tail at step t to its head at step t + its crossing, as
long as the road is open. A flow of least cost in the copies, the cost being the step of arrival, moves the most people
and, of all ways to do so, in the least person-time; where every source may use every sink it is also the most at every
moment (Jarvis & Ratliff 1982). People wait where they start, and where told, at junctions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.evacuation.min_cost_flow import min_cost_flow
from models.graph import Graph

__all__ = ["FlowOverTime", "Stream", "flow_over_time"]


@dataclass(frozen=True)
class Stream:
    """Units that leave together and go the same way.

    Attributes
    ----------
    source, sink : int
        Positions in the sources and sinks asked about.
    depart, arrive : int
        Steps.
    edges : tuple of int
        Edges of the graph, in order.
    enter : tuple of int
        Step at which each is entered (later than the end of the one before if they wait at a junction).
    amount : int
    """

    source: int
    sink: int
    depart: int
    arrive: int
    edges: tuple[int, ...]
    enter: tuple[int, ...]
    amount: int


@dataclass(frozen=True, eq=False)
class FlowOverTime:
    """An optimal flow over time.

    Attributes
    ----------
    streams : tuple of Stream
    moved : int
        Units that arrive within the horizon: the most possible.
    unit_steps : int
        Sum of their arrival steps: the least possible for so many.
    left : int64 array, shape (sources,)
        Units that stay behind, by source.
    """

    streams: tuple[Stream, ...]
    moved: int
    unit_steps: int
    left: NDArray[np.int64]


def flow_over_time(
    graph: Graph,
    crossing: ArrayLike,
    capacity: ArrayLike,
    sources: Sequence[tuple[int, int, int, int]],
    sinks: Sequence[tuple[int, int]],
    steps: int,
    *,
    wait: bool = False,
) -> FlowOverTime:
    """Move the most units to the sinks within the horizon, and of all ways to do so the one of least total arrival.

    Parameters
    ----------
    graph : Graph
        n nodes, m edges.
    crossing : integer array, shape (m,)
        Steps to cross each edge, 0 allowed.
    capacity : integer array, shape (m, steps)
        Units that may enter an edge at each step; 0 where it is closed (also where it closes before they are through).
    sources : sequence of (node, first step, last step, units)
        From when to when units may leave.
    sinks : sequence of (node, room)
    steps : int
        Steps 0 … ``steps`` - 1; a unit that arrives at ``steps`` or later is too late.
    wait : bool
        Whether units may wait at junctions.

    Raises
    ------
    ValueError
        If a shape is wrong.
    """
    cross = np.asarray(crossing, dtype=np.int64)
    room = np.asarray(capacity, dtype=np.int64)
    if cross.shape != (graph.m,) or room.shape != (graph.m, steps):
        msg = f"crossing and capacity must have shapes ({graph.m},) and ({graph.m}, {steps})"
        raise ValueError(msg)
    arcs = _Arcs(graph, cross, room, sources, sinks, steps, wait=wait)
    flow = min_cost_flow(arcs.tail, arcs.head, arcs.capacity, arcs.cost, arcs.supply)
    streams = arcs.streams(flow.amount)
    left = np.array([units for *_, units in sources], dtype=np.int64)
    for stream in streams:
        left[stream.source] -= stream.amount
    return FlowOverTime(streams, sum(s.amount for s in streams), sum(s.amount * s.arrive for s in streams), left)


class _Arcs:
    """The copies of the network as one static network, and its flow read back as streams."""

    def __init__(
        self, graph: Graph, cross: NDArray[np.int64], room: NDArray[np.int64],
        sources: Sequence[tuple[int, int, int, int]], sinks: Sequence[tuple[int, int]], steps: int, *, wait: bool,
    ) -> None:  # fmt: skip
        n, self.steps, self.nodes = graph.n, steps, graph.n * steps
        edge, step = np.nonzero(room > 0)
        there = step + cross[edge]
        inside = there < steps
        edge, step, there = edge[inside], step[inside], there[inside]
        parts = [(graph.tail[edge] * steps + step, graph.head[edge] * steps + there, room[edge, step],
                  np.zeros(len(edge), dtype=np.int64), edge)]  # fmt: skip
        total = sum(units for *_, units in sources)
        if wait:
            still = np.arange(n * steps).reshape(n, steps)
            parts.append(_plain(still[:, :-1].ravel(), still[:, 1:].ravel(), total))
        first_source, first_sink = self.nodes, self.nodes + len(sources)
        self.first_source, self.first_sink, self.end = first_source, first_sink, first_sink + len(sinks)
        for k, (node, begin, last, units) in enumerate(sources):
            at = np.arange(max(begin, 0), min(last, steps - 1) + 1)
            parts.append(_plain(np.full(len(at), first_source + k), node * steps + at, units))
        for k, (node, most) in enumerate(sinks):
            at = np.arange(steps)
            arcs = _plain(node * steps + at, np.full(steps, first_sink + k), total)
            parts.append((*arcs[:3], at, arcs[4]))
            parts.append(_plain(np.array([first_sink + k]), np.array([self.end]), most))
        stay = np.arange(len(sources))
        arcs = _plain(first_source + stay, np.full(len(sources), self.end), total)
        parts.append((*arcs[:3], np.full(len(sources), steps * 4), arcs[4]))
        self.tail, self.head, self.capacity, self.cost, self.edge = (
            np.concatenate([part[k] for part in parts]).astype(np.int64) for k in range(5)
        )
        # Leaving somebody behind must cost more than any saving by it: more than all arrival steps together.
        self.cost[len(self.cost) - len(sources) :] = steps * max(total, 1) + 1
        self.supply = np.zeros(self.end + 1, dtype=np.int64)
        self.supply[first_source:first_sink] = [units for *_, units in sources]
        self.supply[self.end] = -total

    def streams(self, amount: NDArray[np.int64]) -> tuple[Stream, ...]:
        """Take the flow apart, source by source, always along the arc with the most on it."""
        left = amount.copy()
        by_tail: dict[int, list[int]] = {}
        for arc in np.flatnonzero(left).tolist():
            by_tail.setdefault(int(self.tail[arc]), []).append(arc)
        found: list[Stream] = []
        for source in range(self.first_sink - self.first_source):
            while True:
                way = self._way(self.first_source + source, left, by_tail)
                if not way:
                    break
                units = int(left[way].min())
                left[way] -= units
                ridden = [arc for arc in way if self.edge[arc] >= 0]
                last = int(self.tail[way[-2]])
                found.append(Stream(
                    source, int(self.tail[way[-1]]) - self.first_sink, int(self.head[way[0]]) % self.steps,
                    last % self.steps, tuple(int(self.edge[arc]) for arc in ridden),
                    tuple(int(self.tail[arc]) % self.steps for arc in ridden), units,
                ))  # fmt: skip
        return tuple(found)

    def _way(self, node: int, left: NDArray[np.int64], by_tail: dict[int, list[int]]) -> list[int]:
        """Arcs with flow from a source to the end, circles of no length cut out; [] if it sends nothing further."""
        way: list[int] = []
        seen = {node: 0}
        while node != self.end:
            live = [arc for arc in by_tail.get(node, ()) if left[arc] > 0]
            if not way:
                live = [arc for arc in live if int(self.head[arc]) != self.end]
            if not live:
                return []
            arc = max(live, key=lambda one: int(left[one]))
            node = int(self.head[arc])
            way.append(arc)
            if node in seen:
                circle = way[seen[node] :]
                left[circle] -= left[circle].min()
                for passed in circle[:-1]:
                    seen.pop(int(self.head[passed]), None)
                del way[seen[node] :]
            seen[node] = len(way)
        return way


def _plain(
    tail: NDArray[np.int64], head: NDArray[np.int64], most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Arcs that are no road: no cost, edge -1."""
    k = len(tail)
    return tail, head, np.full(k, most), np.zeros(k, dtype=np.int64), np.full(k, -1)
