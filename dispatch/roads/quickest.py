"""The quickest way between two junctions: led by the free roads where the network is large, plain where it is small.

Both give the same arrival. The rule looks at the size of the network alone, so that a way never depends on what was
asked before; a network's hierarchy and the free times of each vehicle class are brought in once and kept.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.prepared import kept_hierarchy
from models.earliest_arrival import earliest_arrival, path_to
from models.guided import Guide, guide, guided_arrival
from models.paths import Hierarchy
from models.traversal import FULL, NEVER, TimedEdges
from models.turns import SplitGraph

__all__ = ["LEAST_NODES", "quickest_way"]

LEAST_NODES = 2_000
"""From so many nodes on a search is led (3 to 10 times sooner); below, a plain one is short enough."""

_MOST_GUIDES = 16

_hierarchies: WeakKeyDictionary[SplitGraph, Hierarchy] = WeakKeyDictionary()
_guides: WeakKeyDictionary[SplitGraph, list[Guide]] = WeakKeyDictionary()


def quickest_way(
    graph: SplitGraph,
    timed: TimedEdges,
    source: int,
    target: int,
    depart_ms: int,
    *,
    slowness: int = FULL,
    latest_ms: int = NEVER - 1,
) -> tuple[int, NDArray[np.int32]]:
    """Earliest arrival at a node, waiting allowed, and the edges of a way that keeps it.

    Parameters
    ----------
    graph : SplitGraph
        ``RoadNetwork.drivable``.
    timed : TimedEdges
    source : int
        Node; ``graph.end(edge)`` for a vehicle that came by that edge.
    target, depart_ms : int
    slowness, latest_ms : int
        As in :func:`models.earliest_arrival.earliest_arrival`.

    Returns
    -------
    arrive_ms : int
        ``NEVER`` if it is out of reach by ``latest_ms``.
    edges : int32 array
        Empty where source and target are one, or out of reach.
    """
    if graph.n >= LEAST_NODES:
        by = _guide_of(graph, timed.free_ms)
        return guided_arrival(graph, timed, by, source, target, depart_ms, slowness=slowness, latest_ms=latest_ms)
    at, via = earliest_arrival(
        graph, timed, source, depart_ms, np.array([target]), slowness=slowness, latest_ms=latest_ms
    )
    if at[target] >= NEVER:
        return NEVER, np.empty(0, dtype=np.int32)
    return int(at[target]), path_to(graph, via, target)


def _guide_of(graph: SplitGraph, free_ms: NDArray[np.int64]) -> Guide:
    """Guide of a vehicle class: the one whose free times these are, or a new one."""
    known = _guides.setdefault(graph, [])
    for by in known:
        if by.free_ms is free_ms:
            return by
    for by in known:
        if np.array_equal(by.free_ms, free_ms):
            return by
    if graph not in _hierarchies:
        _hierarchies[graph] = kept_hierarchy(graph)
    by = guide(graph, _hierarchies[graph], free_ms)
    known.append(by)
    del known[:-_MOST_GUIDES]
    return by
