"""What the hazard does to evacuees tonight: the roads as they turn out, and when each place is reached."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dispatch.evacuation.people import hazard_at
from dispatch.evacuation.roads import evacuation_travel, profiles_of
from dispatch.evacuation.ways_out import safe_shelters
from dispatch.roads.travel import Travel, drive
from dispatch.simulation.draws import RandomDraws
from dispatch.simulation.party_roads import roads_tonight
from dispatch.simulation.run import Run
from models.earliest_arrival import earliest_arrival, path_to
from models.traversal import NEVER

__all__ = ["Journey", "TonightsRoads", "journey", "tonights_roads"]


@dataclass(frozen=True, eq=False)
class TonightsRoads:
    """Roads on the clock for evacuees, and the hazard's arrival at each place (ms)."""

    roads: Travel
    arrival_ms: dict[str, int]
    shelters: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Journey:
    """A way as it went.

    Attributes
    ----------
    arrive_ms : int
        ``NEVER`` if they got stuck.
    shelter : str
        Where they arrived.
    edges : int64 array
        As driven, up to where they got stuck.
    enter_ms : int64 array
    met_ms : int
        When they first stood before a closed road; -1 if never.
    met : int
        That road, -1 if none.
    driven_ms : int
        Since the last rest.
    """

    arrive_ms: int
    shelter: str
    edges: NDArray[np.int64]
    enter_ms: NDArray[np.int64]
    met_ms: int = -1
    met: int = -1
    driven_ms: int = 0


def tonights_roads(run: Run) -> TonightsRoads:
    """Draw the hazard as the night has it; without randomness, as forecast."""
    stage, night = run.stage, run.night
    scenario, memory = stage.scenario, stage.memory
    if not isinstance(night.draws, RandomDraws):
        if "evacuation_forecast" not in memory:
            shelters = tuple(safe_shelters(scenario)["shelter"])
            memory["evacuation_forecast"] = TonightsRoads(
                evacuation_travel(scenario), hazard_at(scenario.disruption.forecast()), shelters
            )
        return memory["evacuation_forecast"]  # type: ignore[return-value]
    # The night's roads are known already; its places are drawn by the same numbers.
    hazard = replace(scenario.disruption, edges=scenario.disruption.edges.iloc[:0])
    hazard = hazard.sample(night.draws.generator("disruption"))
    if "evacuation_shelters" not in memory:
        memory["evacuation_shelters"] = tuple(safe_shelters(scenario)["shelter"])
    shelters = memory["evacuation_shelters"]  # type: ignore[assignment]
    return TonightsRoads(roads_tonight(run, "evacuation", profiles_of), hazard_at(hazard), shelters)


def journey(
    tonight: TonightsRoads, used_as: str, origin: str, shelters: tuple[str, ...], edges: NDArray[np.int64],
    depart_ms: int, driven_ms: int, slowness: int,
) -> Journey:  # fmt: skip
    """Go a planned way to ``shelters[0]``; where it is closed, wait or take another way to any of the shelters.

    Whoever stands before a closed road does what gets him to a shelter first over the roads as they turn out.
    """
    roads = tonight.roads
    goal = shelters[0]
    driven = drive(roads, used_as, origin, goal, edges, depart_ms, driven_ms, slowness=slowness)
    now = depart_ms + int(roads.access_ms[roads.index[origin]])
    rests = dict(driven.rests)
    for k in range(len(edges)):
        ready = now + (roads.drive_rest_ms if k in rests else 0)
        if driven.enter_ms[k] > ready:
            return _round(tonight, used_as, shelters, edges, driven.enter_ms, k, now, slowness, driven.arrive_ms)
        now = int(driven.leave_ms[k])
    return Journey(driven.arrive_ms, goal, edges, driven.enter_ms, driven_ms=driven.driven_ms)


def _round(
    tonight: TonightsRoads, used_as: str, shelters: tuple[str, ...], edges: NDArray[np.int64],
    enter_ms: NDArray[np.int64], k: int, now: int, slowness: int, waiting_ms: int,
) -> Journey:  # fmt: skip
    """From the tail of the ``k``-th edge: wait, or go round."""
    roads = tonight.roads
    graph = roads.network.drivable
    node = int(roads.network.graph.tail[edges[k]])
    targets = [roads.index[name] for name in shelters]
    at, via = earliest_arrival(graph, roads.timed[used_as], node, now, roads.node[targets], slowness=slowness)
    times = [int(at[roads.node[t]]) + int(roads.access_ms[t]) if at[roads.node[t]] < NEVER else NEVER for t in targets]
    best = int(np.argmin(times))
    met, before = int(edges[k]), edges[:k]
    if waiting_ms <= times[best] and waiting_ms < NEVER:
        return Journey(waiting_ms, shelters[0], edges, enter_ms, now, met)
    if times[best] >= NEVER:
        return Journey(NEVER, "", before, enter_ms[:k], now, met)
    rest = path_to(graph, via, int(roads.node[targets[best]])).astype(np.int64)
    entered = _entered(roads, used_as, rest, now, slowness)
    return Journey(times[best], shelters[best], np.concatenate([before, rest]),
                   np.concatenate([enter_ms[:k], entered]), now, met)  # fmt: skip


def _entered(roads: Travel, used_as: str, edges: NDArray[np.int64], now: int, slowness: int) -> NDArray[np.int64]:
    from models.traversal import traverse_path

    return traverse_path(roads.timed[used_as], edges, now, slowness)[0]
