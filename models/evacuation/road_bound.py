"""How many can have arrived by an instant at the very most, on roads that take only so many per slot of time.

Of everybody who arrives by T, an edge is entered within [first anybody can be there, last from where a sink is reached
by T and before roads close], so that over all time it takes at most its capacity times the slots of that window. The
largest static flow under those sums, with every source's people and every sink's room, is a bound: by duality the
least over all cuts (Ford & Fulkerson 1956) of what can pass the cut within its windows. For one bottleneck it is exact
but for the rounding to slots; it is never below the flow over time (``models.evacuation.time_expanded``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.evacuation.road_windows import earliest_at, latest_at
from models.graph import Graph
from models.traversal import NEVER

__all__ = ["RoadsOut", "most_arrived"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RoadsOut:
    """Who is to get where by which roads.

    Attributes
    ----------
    graph : Graph
        n nodes, m edges.
    crossing : int64 array (m,)
        Least time to cross each edge, ``NEVER`` where nobody may.
    closes : int64 array (m,)
        By when an edge must be left, ``NEVER`` if it stays open.
    capacity : float64 array (m,)
        People that may enter an edge in a slot.
    slot : int
        Length of a slot; slots begin at its multiples.
    sources : tuple of (node, from, until, people)
        ``until``: the last instant at which anybody leaves (``NEVER``: whenever).
    sinks : tuple of (node, access, room)
        ``access``: from the node to being there.
    """

    graph: Graph
    crossing: Ints
    closes: Ints
    capacity: NDArray[np.float64]
    slot: int
    sources: tuple[tuple[int, int, int, int], ...]
    sinks: tuple[tuple[int, int, int], ...]


def most_arrived(roads: RoadsOut, instants: Sequence[int]) -> Ints:
    """Most people that can have arrived by each instant; ``NEVER`` stands for however late.

    Parameters
    ----------
    roads : RoadsOut
    instants : sequence of int

    Returns
    -------
    int64 array
        One figure an instant; no flow over time does better.
    """
    result = np.zeros(len(instants), dtype=np.int64)
    live = [source for source in roads.sources if source[3] > 0 and source[2] >= source[1]]
    if not live or not roads.sinks:
        return result
    graph = roads.graph
    there = earliest_at(graph, roads.crossing, roads.closes, [(node, begin) for node, begin, _, _ in live])
    usable = np.flatnonzero((there[graph.tail] < NEVER) & (roads.crossing < NEVER))
    for k, instant in enumerate(instants):
        ends = [(node, min(instant, NEVER - 1) - access) for node, access, _ in roads.sinks]
        until = latest_at(graph, roads.crossing, roads.closes, ends)
        result[k] = _through(roads, live, usable, there, until)
    return result


def _through(
    roads: RoadsOut, sources: Sequence[tuple[int, int, int, int]], usable: Ints, there: Ints, until: Ints
) -> int:
    """The largest flow within the windows."""
    from ortools.graph.python import max_flow

    graph, total = roads.graph, sum(people for *_, people in sources)
    begin = there[graph.tail[usable]]
    end = np.minimum(roads.closes[usable], until[graph.head[usable]]) - roads.crossing[usable]
    slots = np.where(end >= begin, end // roads.slot - begin // roads.slot + 1, 0)
    room = np.minimum(np.floor(roads.capacity[usable] * np.minimum(slots, total + 1) + 1e-9), total).astype(np.int64)
    open_ = room > 0
    first = graph.n + 2
    network = max_flow.SimpleMaxFlow()
    tail, head = (ends[usable][open_].astype(np.int64) for ends in (graph.tail, graph.head))
    network.add_arcs_with_capacity(tail, head, room[open_])
    for node, leave, last, people in sources:
        if min(int(until[node]), last) >= leave:
            network.add_arc_with_capacity(graph.n, node, people)
    for k, (node, _, most) in enumerate(roads.sinks):
        network.add_arc_with_capacity(node, first + k, min(most, total))
        network.add_arc_with_capacity(first + k, graph.n + 1, min(most, total))
    if network.solve(graph.n, graph.n + 1) != network.OPTIMAL:
        msg = "the largest flow cannot be found"
        raise ValueError(msg)
    return int(network.optimal_flow())
