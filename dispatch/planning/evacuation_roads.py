"""Own cars on the roads as a question to ``models.evacuation``: crossings, closures, capacities, starts and ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dispatch.evacuation.roads import CAR, slot_capacity
from dispatch.evacuation.ways_out import WaysOut, on_minute
from dispatch.roads.travel import Travel
from dispatch.scenario import Scenario
from models.evacuation.road_bound import RoadsOut
from models.traversal import FULL, NEVER, TimedEdges

__all__ = ["closes_ms", "least_crossing_ms", "roads_out"]


def least_crossing_ms(timed: TimedEdges) -> NDArray[np.int64]:
    """Time to cross each edge at the best of all hours."""
    best = max(FULL, int(timed.pace_permille.max()))
    return np.where(timed.free_ms < NEVER, timed.free_ms * FULL // best, NEVER)


def closes_ms(timed: TimedEdges) -> NDArray[np.int64]:
    """From when each edge is closed for good; ``NEVER`` if it is not. An edge of no length is no trap."""
    edge = np.repeat(np.arange(len(timed.free_ms)), np.diff(timed.first))
    for_good = (timed.permille == 0) & (timed.end_ms >= NEVER)
    closes = np.full(len(timed.free_ms), NEVER, dtype=np.int64)
    np.minimum.at(closes, edge[for_good], timed.start_ms[for_good])
    return np.where(timed.free_ms > 0, closes, NEVER)


def roads_out(scenario: Scenario, roads: Travel, options: WaysOut) -> RoadsOut | None:
    """Everybody with a way by own car, as ``models.evacuation.road_bound`` asks; None if nobody has one."""
    order = scenario.evacuation
    assert order is not None
    driving = sorted({way.part for way in options.ways if way.mode == "car"})
    if not driving:
        return None
    timed = roads.timed[CAR]
    capacity, slot = slot_capacity(scenario.network, scenario.response, contraflow=order.contraflow)
    sources = []
    for k in driving:
        part = options.parts[k]
        at = roads.index[part.place]
        access = int(roads.access_ms[at])
        latest = part.latest_ms + access if part.latest_ms < NEVER else NEVER
        sources.append((int(roads.node[at]), on_minute(part.ready_ms) + access, latest, part.people))
    ends = [(roads.index[name], room) for name, room in zip(options.shelters, options.room, strict=True)]
    return RoadsOut(
        scenario.network.graph,
        least_crossing_ms(timed),
        closes_ms(timed),
        (capacity * scenario.response.value("evacuation.car_people")).astype(np.float64),
        slot,
        tuple(sources),
        tuple((int(roads.node[at]), int(roads.access_ms[at]), room) for at, room in ends if roads.node[at] >= 0),
    )
