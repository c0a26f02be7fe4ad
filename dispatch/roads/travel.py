"""Driving between sites by vehicle class and hour: the one place where planner, checker and simulation get times.

A leg is asked of :func:`leg` (earliest arrival and way) and played by :func:`drive` (times along a given way, with the
driver's rests). Between two changes of the roads the network is static, so earliest arrivals that fall inside such a
period come from one search per period and origin; others are searched at their own departure time.

Turn restrictions are kept within a leg (``RoadNetwork.drivable``); a vehicle that has stopped at a site may leave it by
any road.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.network import RoadNetwork
from dispatch.roads.quickest import quickest_way
from models.earliest_arrival import earliest_arrival
from models.traversal import FULL, NEVER, TimedEdges, traverse_path

__all__ = ["NEVER", "Drive", "Travel", "arrivals", "drive", "forbidden_turn", "leg", "way"]


@dataclass(frozen=True, eq=False)
class Travel:
    """Roads on one night, with the sites that vehicles go between.

    Attributes
    ----------
    network : RoadNetwork
    timed : mapping of vehicle class to TimedEdges
    sites : tuple of str
        Site ids; ``index`` gives their positions.
    node : int64 array (s,)
        Network node of each site, -1 if no road is near.
    access_ms : int64 array (s,)
        The stretch between road and site, spent at every arrival and every departure.
    drive_limit_ms, drive_rest_ms : int
        Continuous driving allowed, and the rest then due.
    """

    network: RoadNetwork
    timed: Mapping[str, TimedEdges]
    sites: tuple[str, ...]
    node: NDArray[np.int64]
    access_ms: NDArray[np.int64]
    drive_limit_ms: int
    drive_rest_ms: int
    index: Mapping[str, int] = field(init=False)
    _breaks: dict[str, NDArray[np.int64]] = field(init=False, default_factory=dict, repr=False)
    _static: dict[tuple[str, int, int], NDArray[np.int64]] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", {site: i for i, site in enumerate(self.sites)})
        for vehicle_class, timed in self.timed.items():
            self._breaks[vehicle_class] = timed.breakpoints_ms()


@dataclass(frozen=True, eq=False)
class Drive:
    """A way as driven: when each edge is entered and left, and the rests taken.

    Attributes
    ----------
    enter_ms, leave_ms : int64 arrays (k,)
        ``NEVER`` from the first edge on that cannot be crossed.
    arrive_ms : int
        At the site (access stretch included); ``NEVER`` if it is not reached.
    driven_ms : int
        Driving since the last rest, at arrival.
    rests : tuple of (int, int)
        (position of the edge before which the driver rests, when the rest begins, ms).
    """

    enter_ms: NDArray[np.int64]
    leave_ms: NDArray[np.int64]
    arrive_ms: int
    driven_ms: int
    rests: tuple[tuple[int, int], ...] = ()


def arrivals(travel: Travel, vehicle_class: str, origin: str, depart_ms: int) -> NDArray[np.int64]:
    """Earliest arrival (ms) at every site for a vehicle that leaves ``origin`` at ``depart_ms``, without rests.

    Returns
    -------
    int64 array, shape (s,)
        In the order of ``travel.sites``, access stretches included; ``NEVER`` where out of reach.
    """
    i = travel.index[origin]
    source = int(travel.node[i])
    if source < 0:
        result = np.full(len(travel.sites), NEVER, dtype=np.int64)
        result[i] = depart_ms
        return result
    timed = travel.timed[vehicle_class]
    start = depart_ms + int(travel.access_ms[i])
    breaks = travel._breaks[vehicle_class]
    period = bisect_right(breaks, start)
    period_start = int(breaks[period - 1]) if period else (int(breaks[0]) - 1 if len(breaks) else 0)
    period_end = int(breaks[period]) if period < len(breaks) else NEVER
    known = travel._static.get((vehicle_class, i, period))
    if known is None:
        known = _frozen(travel, timed, source, period_start)
        travel._static[vehicle_class, i, period] = known
    reached = np.where(known < NEVER, start + known, NEVER)
    if period_end < NEVER and (reached > period_end).any():
        nodes = travel.node[travel.node >= 0]
        at, _ = earliest_arrival(travel.network.drivable, timed, source, start, nodes)
        reached = np.where(travel.node >= 0, at[travel.node], NEVER)
    result = np.where(reached < NEVER, reached + travel.access_ms, NEVER)
    result[i] = depart_ms
    return result


def _frozen(travel: Travel, timed: TimedEdges, source: int, at_ms: int) -> NDArray[np.int64]:
    """Driving times (ms) to every site if the roads stayed for ever as they are at ``at_ms``."""
    still = _freeze(timed, at_ms)
    nodes = travel.node[travel.node >= 0]
    at, _ = earliest_arrival(travel.network.drivable, still, source, 0, nodes)
    return np.where(travel.node >= 0, at[travel.node], NEVER)


def _freeze(timed: TimedEdges, at_ms: int) -> TimedEdges:
    """The same edges with the state they have at ``at_ms`` for ever."""
    active = (timed.start_ms <= at_ms) & (timed.end_ms > at_ms)
    counts = np.add.reduceat(np.r_[active, False], timed.first[:-1]) if len(timed.free_ms) else np.empty(0, np.int64)
    counts = np.where(np.diff(timed.first) > 0, counts, 0)
    first = np.zeros(len(timed.first), dtype=np.int64)
    np.cumsum(counts, out=first[1:])
    g = max(int(np.searchsorted(timed.pace_start_ms, at_ms, side="right")) - 1, 0)
    k = int(active.sum())
    return TimedEdges(
        timed.free_ms,
        first,
        np.full(k, -NEVER, dtype=np.int64),
        np.full(k, NEVER, dtype=np.int64),
        timed.permille[active],
        np.zeros(1, dtype=np.int64),
        timed.pace_permille[g : g + 1],
    )


def leg(
    travel: Travel, vehicle_class: str, origin: str, destination: str, depart_ms: int, driven_ms: int = 0
) -> tuple[NDArray[np.int32], Drive] | None:
    """Way and times of the earliest arrival at ``destination``, rests included; None if it is out of reach."""
    edges = way(travel, vehicle_class, origin, destination, depart_ms)
    if edges is None:
        return None
    driven = drive(travel, vehicle_class, origin, destination, edges, depart_ms, driven_ms)
    return None if driven.arrive_ms >= NEVER else (edges, driven)


def way(travel: Travel, vehicle_class: str, origin: str, destination: str, depart_ms: int) -> NDArray[np.int32] | None:
    """Edges of the earliest arrival at ``destination`` when leaving at ``depart_ms``; None if out of reach."""
    i, j = travel.index[origin], travel.index[destination]
    if i == j:
        return np.empty(0, dtype=np.int32)
    source, target = int(travel.node[i]), int(travel.node[j])
    if source < 0 or target < 0:
        return None
    start = depart_ms + int(travel.access_ms[i])
    at, edges = quickest_way(travel.network.drivable, travel.timed[vehicle_class], source, target, start)
    return None if at >= NEVER else edges


def drive(
    travel: Travel,
    vehicle_class: str,
    origin: str,
    destination: str,
    edges: NDArray[np.integer],
    depart_ms: int,
    driven_ms: int = 0,
    *,
    slowness: int = FULL,
) -> Drive:
    """Times along a given way: waits at closures, and a rest before an edge that would exceed the driving limit.

    A wait at least as long as a rest counts as one. The way must lead from ``origin`` to ``destination``; whether all
    its turns are allowed is told by :func:`forbidden_turn`.

    Raises
    ------
    ValueError
        If it does not.
    """
    i, j = travel.index[origin], travel.index[destination]
    graph = travel.network.graph
    node = int(travel.node[i])
    for edge in edges:
        if int(graph.tail[edge]) != node:
            msg = f"the way from {origin} to {destination} is broken at edge {travel.network.edge_id[edge]}"
            raise ValueError(msg)
        node = int(graph.head[edge])
    if node != int(travel.node[j]):
        msg = f"the way from {origin} does not end at {destination}"
        raise ValueError(msg)
    if i == j and not len(edges):
        none = np.empty(0, dtype=np.int64)
        return Drive(none, none, depart_ms, driven_ms)
    timed = travel.timed[vehicle_class]
    enter = np.full(len(edges), NEVER, dtype=np.int64)
    leave = np.full(len(edges), NEVER, dtype=np.int64)
    rests: list[tuple[int, int]] = []
    now = depart_ms + int(travel.access_ms[i])
    k = 0
    while k < len(edges):
        enter[k:], leave[k:] = traverse_path(timed, edges[k:], now, slowness)
        k, now, driven_ms = _first_rest(travel, enter, leave, k, now, driven_ms)
        if k < len(edges):
            if enter[k] >= NEVER:
                return Drive(enter, leave, NEVER, driven_ms, tuple(rests))
            rests.append((k, now))
            now += travel.drive_rest_ms
            driven_ms = 0
    return Drive(enter, leave, now + int(travel.access_ms[j]), driven_ms, tuple(rests))


def forbidden_turn(network: RoadNetwork, edges: NDArray[np.integer]) -> tuple[str, str] | None:
    """The first two edges of a way that may not follow each other; None if all its turns are allowed."""
    if len(network.banned_turns) == 0 or len(edges) < 2:
        return None
    way = np.asarray(edges, dtype=np.int64)
    banned = network.banned_turns.astype(np.int64) @ np.array([network.graph.m, 1])
    bad = np.flatnonzero(np.isin(way[:-1] * network.graph.m + way[1:], banned))
    if not len(bad):
        return None
    return str(network.edge_id[way[bad[0]]]), str(network.edge_id[way[bad[0] + 1]])


def _first_rest(
    travel: Travel, enter: NDArray[np.int64], leave: NDArray[np.int64], k: int, now: int, driven_ms: int
) -> tuple[int, int, int]:
    """Follow computed times from edge ``k`` until a rest is due or an edge cannot be crossed."""
    while k < len(enter) and enter[k] < NEVER:
        if enter[k] - now >= travel.drive_rest_ms:
            driven_ms = 0
        crossing = int(leave[k] - enter[k])
        if driven_ms > 0 and driven_ms + crossing > travel.drive_limit_ms:
            break
        driven_ms += crossing
        now = int(leave[k])
        k += 1
    return k, now, driven_ms
