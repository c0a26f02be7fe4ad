"""Teams and tasks of a scenario as the planner and the checker take them: who can be called when, and the ways.

A team drives over the roads as forecast, by the vehicle of its type, and walks where the road ends: to a task that no
vehicle reaches in time it walks from the junction, within the limit, from which the first team would be there first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import HOUR_MS, MINUTE_MS, clock_time
from dispatch.hazards.disruption import Disruption
from dispatch.norms import read_norm
from dispatch.roads.network import ROAD_CLASSES
from dispatch.roads.profile_norms import read_profiles
from dispatch.roads.profiles import VehicleProfile
from dispatch.roads.travel import Travel, arrivals
from dispatch.scenario import Scenario, travel
from dispatch.scenario_tasks import team_rules
from dispatch.step_norms import shift_at
from models.earliest_arrival import earliest_arrival, path_to
from models.traversal import NEVER, time_edges

__all__ = [
    "AMBULANCE",
    "PASSED_ON_FOOT",
    "TeamCalled",
    "TeamRoads",
    "able",
    "skill_for",
    "team_profiles",
    "team_roads",
    "team_travel",
    "teams_called",
    "walk_ms",
    "walkable",
]

AMBULANCE = "ambulance"
PASSED_ON_FOOT: frozenset[str] = frozenset({"slide", "debris_flow", "collapse", "earthquake", "snow_ice", "other"})
"""Causes of closure past which a team walks."""


@dataclass(frozen=True)
class TeamCalled:
    """A team as it can be called.

    Attributes
    ----------
    team, base, type, vehicle_class : str
    strength : int
    skills : frozenset of str
    ready_ms : int
        May leave its base: called (by echelon, across the border after consent) and turned out.
    duty_ms, fresh_ms : int
        From leaving the base: work ends; work slows.
    echelon : int
        1 is called first.
    """

    team: str
    base: str
    type: str
    vehicle_class: str
    strength: int
    skills: frozenset[str]
    ready_ms: int
    duty_ms: int
    fresh_ms: int
    echelon: int


@dataclass(frozen=True, eq=False)
class TeamRoads:
    """Ways of teams.

    Attributes
    ----------
    travel : Travel
        Roads as forecast; a task that no vehicle reaches has the node and the walk of its road's end.
    walks : mapping of site to tuple of int
        Of tasks reached on foot, the edges walked from the road's end to the site's own junction.
    """

    travel: Travel
    walks: dict[str, tuple[int, ...]]


def team_travel(scenario: Scenario, disruption: Disruption | None = None) -> Travel:
    """Roads on the clock for the vehicles of every type of team, and for ambulances; the forecast's unless given."""
    hazard = scenario.disruption.forecast() if disruption is None else disruption
    return travel(replace(scenario, profiles=team_profiles(scenario)), hazard)


def team_profiles(scenario: Scenario) -> dict[str, VehicleProfile]:
    """Vehicles of every type of team, and ambulances."""
    known = read_profiles()
    classes = {str(row["vehicle_class"]) for row in read_norm("team_types")} | {AMBULANCE}
    return {name: scenario.profiles.get(name, known[name]) for name in sorted(classes)}


def teams_called(scenario: Scenario, *, without: tuple[str, ...] = ()) -> list[TeamCalled]:
    """Teams of the county that have a base on the roads, in the order of calling; ``without``: types left out.

    A team's own ``turnout_min`` is its time by day; by night it is longer in the proportion of its type.
    """
    rules = team_rules()
    types = {str(row["type"]): row for row in read_norm("team_types")}
    made = []
    for row in scenario.county.table("teams").to_dict("records"):
        kind = types[row["type"]]
        if row["type"] in without or row["base"] not in scenario.sites.index:
            continue
        asked = float(kind["called_after_min"]) + (rules["border_delay"] if row["type"] == "mutual_aid" else 0.0)
        called_ms = scenario.order_ms + round(asked * MINUTE_MS)
        duty = shift_at(clock_time(scenario.reference_time, called_ms)) == "duty"
        day, now = float(kind["turnout_day_min"]), float(kind["turnout_day_min" if duty else "turnout_night_min"])
        minutes = now if math.isnan(row["turnout_min"]) else float(row["turnout_min"]) * now / day
        shift = float(row["shift_h"])
        shift = shift if shift > 0 else float(kind["shift_h"] or rules["shift"])
        made.append(TeamCalled(
            row["team"], row["base"], row["type"], str(kind["vehicle_class"]), int(row["strength"]),
            frozenset(_words(row["skills"])), called_ms + round(minutes * MINUTE_MS), round(shift * HOUR_MS),
            round(min(rules["fresh"], shift) * HOUR_MS), int(kind["echelon"]),
        ))  # fmt: skip
    return sorted(made, key=lambda team: (team.echelon, team.team))


def _words(value: object) -> list[str]:
    return [word.strip() for word in str(value).split(";") if word.strip()]


def skill_for(team: TeamCalled, task: Any) -> str:
    """Skill with which a team does a task; "" if it has none."""
    return next((skill for skill in _words(task.skills) if skill in team.skills), "")


def able(team: TeamCalled, task: Any) -> bool:
    """Whether a team has the skill, and no more people than may work there."""
    return bool(skill_for(team, task)) and (team.strength <= task.most or task.least <= task.most)


def walk_ms(scenario: Scenario, metres: float) -> int:
    """On foot along so many metres of road, at the hour of the order."""
    return _walked_ms(metres, _walk_kmh(scenario))


def _walk_kmh(scenario: Scenario) -> float:
    rules = team_rules()
    night = shift_at(clock_time(scenario.reference_time, scenario.order_ms)) == "night"
    return rules["walk_speed"] * (rules["walk_night"] if night else 1.0)


def _walked_ms(metres: float, kmh: float) -> int:
    return math.ceil(round(metres / 1000 / kmh * HOUR_MS, 3))


def walkable(scenario: Scenario) -> NDArray[np.bool_]:
    """Edges (m,) that a team may walk, both ways: no motorway, and no road under water or fire at any time."""
    network = scenario.network
    no = [ROAD_CLASSES.index(name) for name in ("motorway", "motorway_link", "ferry")]
    made: NDArray[np.bool_] = ~np.isin(network.road_class, no) & (network.twin >= 0)
    table = scenario.disruption.edges
    wet = table[table["depth_m"].notna() | ~table["cause"].isin(PASSED_ON_FOOT)]
    for name in wet["edge"].unique():
        edge = network.edge_index[name]
        made[[edge, network.twin[edge]]] = False
    return made


def team_roads(scenario: Scenario, teams: list[TeamCalled]) -> TeamRoads:
    """Ways of teams, with the road's end of every task that no vehicle of an able team reaches by its due time."""
    roads = team_travel(scenario)
    assert scenario.tasks is not None
    tasks: pd.DataFrame = scenario.tasks.tasks
    node, access, walks = roads.node.copy(), roads.access_ms.copy(), dict[str, tuple[int, ...]]()
    for task in tasks.drop_duplicates("site").itertuples(index=False):
        here = tasks[tasks["site"] == task.site]
        due = int(here["due_ms"].max())
        who = [team for team in teams if any(skill_for(team, one) for one in here.itertuples(index=False))]
        if task.site not in roads.index or not who:
            continue
        i = roads.index[task.site]
        if roads.node[i] < 0 or any(
            arrivals(roads, team.vehicle_class, team.base, team.ready_ms)[i] <= due for team in who
        ):
            continue
        found = _road_end(scenario, roads, who, i, due)
        if found is not None:
            node[i], walked, walks[task.site] = found
            access[i] += walked
    return TeamRoads(replace(roads, node=node, access_ms=access) if walks else roads, walks)


def _road_end(
    scenario: Scenario, roads: Travel, teams: list[TeamCalled], i: int, due_ms: int
) -> tuple[int, int, tuple[int, ...]] | None:
    """Junction from which the first of the teams is at a site first on foot, the walk and its edges; None if none."""
    network, target = roads.network, int(roads.node[i])
    free = np.full(network.graph.m, NEVER, dtype=np.int64)
    may, kmh = walkable(scenario), _walk_kmh(scenario)
    free[may] = [_walked_ms(float(metres), kmh) for metres in network.length_m[may]]
    limit = walk_ms(scenario, team_rules()["walk_limit"] * 1000)
    walk, via = earliest_arrival(network.graph, time_edges(free), target, 0, latest_ms=limit)
    near = np.flatnonzero(walk < NEVER)
    best: tuple[int, int] | None = None
    for vehicle_class, base, ready_ms in dict.fromkeys((t.vehicle_class, t.base, t.ready_ms) for t in teams):
        home = roads.index[base]
        if roads.node[home] < 0:
            continue
        at, _ = earliest_arrival(network.drivable, roads.timed[vehicle_class], int(roads.node[home]),
                                 ready_ms + int(roads.access_ms[home]), near, latest_ms=due_ms)  # fmt: skip
        there = np.where(at[near] < NEVER, at[near] + walk[near], NEVER)
        k = int(np.argmin(there))
        if there[k] <= due_ms and (best is None or int(there[k]) < best[0]):
            best = int(there[k]), int(near[k])
    if best is None:
        return None
    out = path_to(network.graph, via, best[1])
    inward = tuple(int(network.twin[edge]) for edge in reversed(out.tolist()))
    return best[1], walk_ms(scenario, float(network.length_m[list(inward)].sum())), inward
