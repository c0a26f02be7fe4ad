"""Which places a road still reaches on a night: an open path by the deadline, for some vehicle class, from some depot.

Stock, docks, call-up and fleet are left aside, and a vehicle sets out at the order (the planner's definition,
``planning.measure``). As a rule one search per class answers it, from a node above all depots.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dispatch.scenario import Scenario
from models.earliest_arrival import earliest_arrival
from models.graph import Graph
from models.traversal import NEVER, TimedEdges, time_edges
from models.turns import SplitGraph, split_turns

__all__ = ["Reach", "cut_off_places", "prepare_reach"]


@dataclass(frozen=True, eq=False)
class Reach:
    """Roads with the node above the depots (the last before parts), and the delivery points of each first batch.

    ``place_sites``: place → (node, access_ms) of each delivery point that is not itself a depot; node -1 = no road.
    ``doubtful``: points that the hazard could cut off; the others are reached even if every edge on which it has an
    interval is closed all the time.
    """

    graph: SplitGraph
    classes: tuple[str, ...]
    depot_access_ms: NDArray[np.int64]
    order_ms: int
    due_ms: int
    place_sites: Mapping[str, tuple[tuple[int, int], ...]]
    doubtful: frozenset[tuple[int, int]]


def prepare_reach(
    scenario: Scenario, free_ms: Mapping[str, NDArray[np.int64]], hazard_edges: NDArray[np.int64]
) -> Reach:
    """Build the graph; classes are those of the county's vehicles, ``hazard_edges`` those with an interval."""
    sites = scenario.sites
    depots = [d for d in scenario.county.table("depots")["depot"] if d in sites.index]
    roadside = sites.loc[depots]
    roadside = roadside[roadside["node"] >= 0]
    graph = scenario.network.graph
    above = Graph(
        np.append(graph.first_out, graph.m + len(roadside)).astype(np.int32),
        np.concatenate([graph.head, roadside["node"].to_numpy()]).astype(np.int32),
    )
    needs = scenario.needs[(scenario.needs["part"] == "first_batch") & (scenario.needs["quantity"] > 0)]
    places: dict[str, list[tuple[int, int]]] = {}
    for place, site in zip(needs["place"], needs["site"], strict=True):
        points = places.setdefault(place, [])
        if site not in depots:
            node, access = (sites.at[site, "node"], sites.at[site, "access_ms"]) if site in sites.index else (-1, 0)
            if (int(node), int(access)) not in points:
                points.append((int(node), int(access)))
    used = dict.fromkeys(scenario.county.table("vehicles")["class"])
    reach = Reach(
        graph=split_turns(above, scenario.network.banned_turns),
        classes=tuple(name for name in used if name in free_ms),
        depot_access_ms=roadside["access_ms"].to_numpy(dtype=np.int64),
        order_ms=scenario.order_ms,
        due_ms=scenario.due_ms,
        place_sites={place: tuple(points) for place, points in places.items()},
        doubtful=frozenset(point for points in places.values() for point in points),
    )

    def without(vehicle_class: str) -> TimedEdges:
        closed = free_ms[vehicle_class].copy()
        closed[hazard_edges] = NEVER
        pace = (np.array(scenario.pace_start_ms), np.array(scenario.pace_permille))
        return time_edges(closed, pace_start_ms=pace[0], pace_permille=pace[1])

    return replace(reach, doubtful=frozenset(_missing(reach, without)))


def cut_off_places(reach: Reach, timed: Callable[[str], TimedEdges]) -> tuple[str, ...]:
    """Places, in the order of the needs, one of whose delivery points no class can reach by the deadline.

    Parameters
    ----------
    reach : Reach
    timed : callable
        Vehicle class → its roads on the night.
    """
    missing = _missing(reach, timed)
    return tuple(place for place, sites in reach.place_sites.items() if missing.intersection(sites))


def _missing(reach: Reach, timed: Callable[[str], TimedEdges]) -> set[tuple[int, int]]:
    """Delivery points that no class can reach by the deadline."""
    missing = set(reach.doubtful)
    for vehicle_class in reach.classes:
        if any(node >= 0 for node, _ in missing):
            missing = _missed(reach, timed(vehicle_class), missing)
    return missing


def _missed(reach: Reach, roads: TimedEdges, points: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Delivery points that this class misses.

    Leaving later never arrives sooner. So what is reached when all depots leave after the longest of their access
    times is reached, what is missed when they leave after the shortest is missed, and only what lies between needs a
    search from each depot.
    """
    if not len(reach.depot_access_ms):
        return points
    low, high = int(reach.depot_access_ms.min()), int(reach.depot_access_ms.max())
    above_depots, sources = reach.graph.n - 1, len(reach.depot_access_ms)
    above = replace(
        roads,
        free_ms=np.concatenate([roads.free_ms, np.zeros(sources, dtype=np.int64)]),
        first=np.concatenate([roads.first, np.full(sources, roads.first[-1])]),
    )
    missed = _not_in_time(reach, above, above_depots, high, points)
    if low == high or not missed:
        return missed
    doubtful = missed - _not_in_time(reach, above, above_depots, low, missed)
    certain = missed - doubtful
    start = reach.graph.graph.first_out[above_depots]
    for depot, access in zip(reach.graph.graph.head[start : start + sources], reach.depot_access_ms, strict=True):
        doubtful = _not_in_time(reach, above, int(depot), int(access), doubtful) if doubtful else doubtful
    return certain | doubtful


def _not_in_time(
    reach: Reach, roads: TimedEdges, source: int, after_ms: int, points: set[tuple[int, int]]
) -> set[tuple[int, int]]:
    nodes = np.array([node for node, _ in points if node >= 0], dtype=np.int64)
    if not len(nodes):
        return points
    start = reach.order_ms + after_ms
    at, _ = earliest_arrival(reach.graph, roads, source, start, nodes, latest_ms=reach.due_ms)
    return {(node, access) for node, access in points if node < 0 or at[node] + access > reach.due_ms}
