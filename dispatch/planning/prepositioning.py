"""The three pre-positionings (T-03): teams, their kit and loaded trucks put forward before the hazard comes.

From the forecast, nights are drawn. On each, places are reached by the hazard: there people need rescue and a first
batch of goods. A unit counts where it is in time over that night's roads, leaving when the hazard first arrives: from
its base after its call and turn-out (a truck after call-up and loading), from a stand-by place after a short alert.
Which units stand where is decided for all training nights at once (``models.assignment.placement``) and judged on
nights that it has not seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.hazards.disruption import Disruption
from dispatch.roads.travel import Travel, arrivals
from dispatch.scenario import Scenario, travel
from dispatch.scenario_tasks import team_rules
from dispatch.teams.called import TeamCalled, able, team_travel, teams_called
from models.assignment.placement import Placed, Placement, Worth, recourse_values, worth_of_placing

__all__ = ["MOVE_COLUMNS", "Preposition", "preposition"]

Floats = NDArray[np.float64]
MOVE_COLUMNS = ("unit", "kind", "name", "from_site", "to_site")
_RESCUE, _GOODS = "rescue", "first_batch"


@dataclass(frozen=True, eq=False)
class Preposition:
    """What to move forward and what that is worth.

    Attributes
    ----------
    moves : DataFrame
        ``MOVE_COLUMNS``: teams (with their kit) and loaded trucks that leave their base beforehand.
    placed : Placed
        Value, bound and status on the training nights: people served in time less the cost of moves.
    worth : Worth
        Home, mean-value placing, stochastic solution, perfect information, on the training nights.
    held_out : DataFrame
        night, home, placed: people served in time on nights not used for the choice.
    gain, low, high : float
        Mean gain on the held-out nights, with its 95 % interval (paired, normal).
    """

    moves: pd.DataFrame
    placed: Placed
    worth: Worth
    held_out: pd.DataFrame
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class _Unit:
    """A team or a loaded truck: its base, how long until it leaves, its vehicle, what it brings."""

    unit: str
    kind: str
    name: str
    base: str
    leaves_min: float
    vehicle_class: str
    brings: dict[str, float]
    visits: int
    team: TeamCalled | None = None


def preposition(
    scenario: Scenario, *, nights: int = 16, held_out: int = 40, most_moves: int = 10, seed: int | None = None,
    seconds: float = 60.0,
) -> Preposition:  # fmt: skip
    """Choose what to move forward.

    Parameters
    ----------
    scenario : Scenario
        Its hazard's forecast and chances; stand-by places are the township seats, safe from the hazard on every
        training night.
    nights, held_out : int
        Nights drawn for the choice, and for judging it.
    most_moves : int
    seed : int, optional
        The scenario's by default.
    seconds : float
        For the programmes.

    Raises
    ------
    ValueError
        If the hazard reaches nobody on the training nights.
    """
    rng = np.random.default_rng(scenario.seed if seed is None else seed)
    outcomes = [scenario.disruption.sample(rng) for _ in range(nights + held_out)]
    units = _units(scenario)
    sites = _sites(scenario, units, outcomes[:nights])
    places = sorted({place for of in outcomes for place in _hit(scenario, of)})
    if not places or not any(_hit(scenario, of) for of in outcomes[:nights]):
        raise ValueError("the hazard reaches no place on the nights drawn")
    problem = _problem(scenario, units, sites, places, outcomes, most_moves)
    training = _part(problem, slice(0, nights))
    placed, worth = worth_of_placing(training, seconds)
    unseen = _part(problem, slice(nights, nights + held_out))
    served = pd.DataFrame({
        "night": np.arange(held_out), "home": recourse_values(unseen, problem.home, seconds),
        "placed": recourse_values(unseen, placed.site, seconds),
    })  # fmt: skip
    differ = (served["placed"] - served["home"]).to_numpy(dtype=np.float64)
    mean = float(differ.mean()) if held_out else math.nan
    half = 1.96 * float(differ.std(ddof=1)) / math.sqrt(held_out) if held_out > 1 else math.nan
    moves = pd.DataFrame(
        [(unit.unit, unit.kind, unit.name, unit.base, sites[at])
         for unit, at, home in zip(units, placed.site, problem.home, strict=True) if at != home],
        columns=list(MOVE_COLUMNS),
    )  # fmt: skip
    return Preposition(moves, placed, worth, served, mean, mean - half, mean + half)


def _part(problem: Placement, nights: slice) -> Placement:
    weight = problem.weight[nights]
    return replace(problem, weight=weight, reach=problem.reach[nights],
                   probability=np.full(len(weight), 1 / max(len(weight), 1)))  # fmt: skip


def _units(scenario: Scenario) -> list[_Unit]:
    """Teams that can rescue, and trucks that a first batch can be loaded on at their base."""
    rules, made = team_rules(), list[_Unit]()
    rescue = _RescueTask()
    names = dict(zip(scenario.county.table("teams")["team"], scenario.county.table("teams")["name"], strict=True))
    for team in teams_called(scenario):
        if able(team, rescue):
            waits = (team.ready_ms - scenario.order_ms) / MINUTE_MS
            made.append(_Unit(team.team, "team", names[team.team], team.base, waits, team.vehicle_class,
                              {_RESCUE: float(team.strength)}, int(rules["visits"]), team))  # fmt: skip
    depots = set(scenario.county.table("depots")["depot"])
    kg, m3 = _first_batch_load(scenario)
    loading = (scenario.step_ms("call_up") + scenario.step_ms("loading") + scenario.step_ms("convoy")) / MINUTE_MS
    for row in scenario.county.table("vehicles").to_dict("records"):
        people = min(row["payload_kg"] / kg if kg else 0.0, row["volume_m3"] / m3 if m3 else 0.0)
        if row["base"] in depots and row["base"] in scenario.sites.index and people >= 1:
            made.append(_Unit(row["vehicle"], "truck", row["name"] or row["vehicle"], row["base"], loading,
                              str(row["class"]), {_GOODS: float(math.floor(people))}, 1))  # fmt: skip
    return made


@dataclass(frozen=True)
class _RescueTask:
    """What a team must be able to do to count."""

    skills: str = "rescue;search_rescue"
    least: int = 1
    most: int = 100_000


def _first_batch_load(scenario: Scenario) -> tuple[float, float]:
    """Weight and volume of one person's first batch."""
    items = scenario.county.table("items").set_index("item")
    kg = m3 = 0.0
    for row in scenario.first_batch.to_dict("records"):
        amount = float(row["quantity_per_person"]) * float(row["people_share"])
        kg += amount * float(items.at[row["item"], "weight_kg"])
        m3 += amount * float(items.at[row["item"], "volume_m3"])
    return kg, m3


def _hit(scenario: Scenario, night: Disruption) -> dict[str, tuple[float, float]]:
    """Places reached on a night that are sites: people in the footprint, and when (s)."""
    places = scenario.county.table("places").set_index("place")
    found: dict[str, tuple[float, float]] = {}
    for row in night.places.to_dict("records"):
        place = row["place"]
        if place not in scenario.sites.index or scenario.sites.at[place, "node"] < 0 or place not in places.index:
            continue
        people = float(places.at[place, "population"]) * float(row["share"])
        if people > 0:
            before = found.get(place, (0.0, math.inf))
            found[place] = max(before[0], people), min(before[1], float(row["start_s"]))
    return found


def _sites(scenario: Scenario, units: list[_Unit], nights: list[Disruption]) -> list[str]:
    """Bases, and township seats that no training night reaches."""
    places = scenario.county.table("places")
    hit = {place for night in nights for place in _hit(scenario, night)}
    seats = [place for place in places.loc[places["kind"] == "township", "place"]
             if place in scenario.sites.index and place not in hit
             and scenario.sites.at[place, "node"] >= 0]  # fmt: skip
    return [*dict.fromkeys([unit.base for unit in units] + seats)]


def _problem(
    scenario: Scenario, units: list[_Unit], sites: list[str], places: list[str], nights: list[Disruption], moves: int
) -> Placement:
    """Every night's tasks, and who is at them in time from where."""
    rules = team_rules()
    tasks = [(place, kind) for place in places for kind in (_RESCUE, _GOODS)]
    kinds = [_RESCUE, _GOODS]
    k, m, n, s = len(units), len(sites), len(tasks), len(nights)
    home = np.array([sites.index(unit.base) for unit in units], dtype=np.int64)
    weight, reach = np.zeros((s, n)), np.zeros((s, k, m, n), dtype=bool)
    needs = np.zeros((n, 2))
    most = dict.fromkeys(places, 0.0)
    for number, night in enumerate(nights):
        hit = _hit(scenario, night)
        most |= {place: max(most[place], people) for place, (people, _) in hit.items()}
        if not hit:
            continue
        start = round(max(min(when for _, when in hit.values()), scenario.order_ms / 1000) * 1000)
        roads = (team_travel(scenario, night), travel(scenario, night))
        at = _there(roads, units, sites, places, start, rules["placed_alert"])
        for j, (place, kind) in enumerate(tasks):
            if place not in hit:
                continue
            weight[number, j] = hit[place][0]
            within = rules["placed_rescue"] * MINUTE_MS if kind == _RESCUE else scenario.deadline_ms
            p = places.index(place)
            reach[number, :, :, j] = at[:, :, p] <= start + within
    for j, (place, kind) in enumerate(tasks):
        if kind == _RESCUE:
            needs[j, 0] = rules["placed_people"]
        else:
            needs[j, 1] = max(math.ceil(most[place]), 1)
    allowed = np.ones((k, m), dtype=bool)
    cost = np.full((k, m), rules["placed_cost"])
    cost[np.arange(k), home] = 0.0
    brings = np.array([[unit.brings.get(kind, 0.0) for kind in kinds] for unit in units]).reshape(k, 2)
    return Placement(home, allowed, cost, brings, np.array([unit.visits for unit in units], dtype=np.int64), needs,
                     weight, reach, np.full(s, 1 / s), moves)  # fmt: skip


def _there(
    roads: tuple[Travel, Travel], units: list[_Unit], sites: list[str], places: list[str], start_ms: int,
    alert_min: float,
) -> NDArray[np.float64]:  # fmt: skip
    """When each unit is at each place from each site, float64 array (units, sites, places)."""
    found = np.full((len(units), len(sites), len(places)), np.inf)
    known: dict[Any, NDArray[np.float64]] = {}
    for a, unit in enumerate(units):
        of = roads[0] if unit.kind == "team" else roads[1]
        columns = [of.index[place] for place in places]
        for b, site in enumerate(sites):
            leaves = unit.leaves_min if site == unit.base else alert_min
            key = (unit.kind, unit.vehicle_class, site, leaves)
            if key not in known:
                at = arrivals(of, unit.vehicle_class, site, start_ms + round(leaves * MINUTE_MS))[columns]
                known[key] = at.astype(np.float64)
            found[a, b] = known[key]
    return found
