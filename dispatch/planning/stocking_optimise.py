"""What to hold in which depot before it is known which disaster comes, and what to have promised instead (S-02, S-05).

Two stages (Rawls and Turnquist 2010): stock now, carriage after the event. A night is a scenario with its hazard as
drawn and its people up to ``population_spread`` fewer or more. A depot serves a place if one of the county's vehicles
can drive to the depot from its base, load there once it is open, and have unloaded at the place by the deadline; how
many vehicles and docks there are is left to the simulation (``studies.stock_targets``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import HOUR_MS
from dispatch.planning.siting_ground import siting_rules
from dispatch.planning.stocking_shelf import unit_costs
from dispatch.planning.supply import TIER_RANK, read_depots, read_vehicles
from dispatch.roads.travel import NEVER, arrivals
from dispatch.scenario import Scenario, travel
from dispatch.step_norms import rule_values
from models.stock import Preposition, Reserve, Split, evaluate, split_reserve
from models.stock.information import value_of_information

__all__ = ["NightSet", "Prepositioning", "SplitRow", "night_problem", "optimise_stock", "served", "split_items",
           "stock_today", "wanted_items"]  # fmt: skip

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NightSet:
    """Nights of several scenarios as one problem; ``items``, ``depots`` and ``places`` name its axes.

    ``people`` (s, n): of each place on each night. ``arrival_h`` (s, m, n): hours from the order to the first arrival
    of goods of a depot at a place, the wait for a vehicle included; ``inf`` where ``problem.carriage`` is.
    """

    problem: Preposition
    items: tuple[str, ...]
    depots: tuple[str, ...]
    places: tuple[str, ...]
    people: Floats
    arrival_h: Floats


@dataclass(frozen=True)
class SplitRow:
    """Physical against agreement reserve of one item."""

    item: str
    held: float
    promised_today: float
    split: Split


@dataclass(frozen=True, eq=False)
class Prepositioning:
    """Answer of :func:`optimise_stock`.

    Attributes
    ----------
    today, best : float64 arrays (depots, items)
        Physical stock now, and the one advised; the same array where today's is not beaten on held-out nights.
    found : float64 array
        The optimised stock itself.
    value, bound, gap, status : of the stochastic programme
    vss, evpi : float
        Value of the stochastic solution and of perfect information, yuan of the objective.
    share_today, share_found : float
        Mean share of the people-weighted first batch in time on held-out nights.
    all_today, all_found : float
        Share of held-out nights on which everybody has everything in time.
    cost_today, cost_found : float
        Mean cost of the second stage on held-out nights.
    improved : bool
        Whether the found stock is at least as good as today's on held-out nights, and therefore advised.
    budget : float
    nights : NightSet
    held_out : int
    """

    today: Floats
    best: Floats
    found: Floats
    value: float
    bound: float
    gap: float
    status: str
    vss: float
    evpi: float
    share_today: float
    share_found: float
    all_today: float
    all_found: float
    cost_today: float
    cost_found: float
    improved: bool
    budget: float
    nights: NightSet
    held_out: int


def own_depots(scenario: Scenario) -> list[str]:
    """The county's depots that open."""
    depots = read_depots(scenario)
    return [name for name, depot in depots.items() if depot.rank == TIER_RANK["county"] and depot.open_ms < NEVER]


def wanted_items(scenarios: Sequence[Scenario]) -> dict[str, tuple[str, ...]]:
    """Items of the first batch, and what may stand in for each (if nobody wants it for itself)."""
    wanted: dict[str, set[str]] = {}
    for scenario in scenarios:
        first = scenario.needs[scenario.needs["part"] == "first_batch"]
        for item, others in zip(first["item"], first["substitutes"], strict=True):
            wanted.setdefault(item, set()).update(one for one in others.split(";") if one)
    return {item: tuple(sorted(others - set(wanted))) for item, others in wanted.items()}


def stock_today(scenario: Scenario, depots: Sequence[str], items: dict[str, tuple[str, ...]]) -> Floats:
    """Physical stock valid on the night, substitutes counted with what they stand in for."""
    stock = scenario.county.table("stock")
    day = scenario.reference_time.date().isoformat()
    good = stock[(stock["mode"] == "physical") & ((stock["expiry"] == "") | (stock["expiry"] >= day))]
    held = good.groupby(["depot", "item"])["quantity"].sum()
    table = np.zeros((len(depots), len(items)))
    for j, depot in enumerate(depots):
        for k, (item, others) in enumerate(items.items()):
            table[j, k] = sum(float(held.get((depot, one), 0.0)) for one in (item, *others))
    return table


def night_problem(
    scenarios: Sequence[Scenario],
    nights: int,
    seed: int,
    budget: float = math.inf,
    *,
    spread_evenly: bool = False,
) -> NightSet:
    """Draw nights of every scenario, equally likely, and put them into one two-stage problem.

    With ``spread_evenly`` the numbers of people lie evenly over their range, both ends included, so that a few nights
    hold the worst; otherwise they are drawn.

    Raises
    ------
    ValueError
        If the scenarios are not of one county or none of them needs anything.
    """
    county = scenarios[0].county
    if any(one.county.code != county.code for one in scenarios):
        msg = "scenarios of one county are needed"
        raise ValueError(msg)
    items = wanted_items(scenarios)
    if not items:
        msg = "no scenario needs a first batch"
        raise ValueError(msg)
    depots = [name for name in own_depots(scenarios[0]) if all(name in own_depots(one) for one in scenarios)]
    firsts = [one.needs[one.needs["part"] == "first_batch"] for one in scenarios]
    places = list(dict.fromkeys(place for first in firsts for place in first["place"]))
    at_item, at_place = {item: k for k, item in enumerate(items)}, {place: i for i, place in enumerate(places)}
    spread = rule_values()["population_spread"]
    demand, carriage, people, arrival = [], [], [], []
    for number, (scenario, first) in enumerate(zip(scenarios, firsts, strict=True)):
        base = np.zeros((len(places), len(items)))
        np.add.at(base, ([at_place[p] for p in first["place"]], [at_item[i] for i in first["item"]]),
                  first["quantity"].to_numpy(dtype=np.float64))  # fmt: skip
        heads = np.zeros(len(places))
        reported = first.groupby(["report", "place"], sort=False)["people"].max().reset_index()
        np.add.at(heads, [at_place[place] for place in reported["place"]], reported["people"].to_numpy(np.float64))
        sites = dict(zip(first["place"], first["site"], strict=True))
        for night in range(nights):
            rng = np.random.default_rng([seed, number, night])
            drawn = rng.random()
            at = 1.0 - night / max(nights - 1, 1) if spread_evenly else drawn
            factor = 1.0 + spread * (2.0 * at - 1.0)
            demand.append(np.ceil(np.round(base * factor, 6)))
            people.append(heads * factor)
            road_h, since_h = _carriage(scenario, rng, depots, sites, at_place)
            carriage.append(road_h)
            arrival.append(since_h)
    table = county.table("items").set_index("item")
    prices, _ = unit_costs(county)
    price = np.array([prices[item] for item in items])
    volume = np.array([float(table.at[item, "volume_m3"]) for item in items])
    space = _space(scenarios[0], depots, stock_today(scenarios[0], depots, items) @ volume)
    count = len(demand)
    opening = np.full((len(depots), len(depots)), math.inf)
    np.fill_diagonal(opening, 0.0)
    problem = Preposition(
        opening, space, volume, price, price * siting_rules()["shortage_factor"], np.zeros(len(items)),
        np.array(demand), np.ones((count, len(depots), len(items))), np.array(carriage),
        np.full(count, 1.0 / count), budget,
    )  # fmt: skip
    return NightSet(problem, tuple(items), tuple(depots), tuple(places), np.array(people), np.array(arrival))


def _carriage(scenario, rng, depots, sites, at_place) -> tuple[Floats, Floats]:  # type: ignore[no-untyped-def]
    """Hours from each depot to each place, on the road and from the order, on a drawn night; ``inf`` if not in time.

    The first vehicle of each class to reach the depot counts, and the class that is at the place first.
    """
    roads = travel(scenario, scenario.disruption.sample(rng))
    opened = read_depots(scenario)
    fetched = _first_vehicles(scenario, roads, depots)
    steps = scenario.step_ms("loading") + scenario.step_ms("convoy")
    hours = np.full((len(depots), len(at_place)), math.inf)
    since = hours.copy()
    nodes = {place: roads.index[site] for place, site in sites.items() if site in roads.index}
    for j, depot in enumerate(depots):
        for name, there in fetched[depot].items():
            leave = max(opened[depot].open_ms, there) + steps
            if leave + scenario.step_ms("unloading") > scenario.due_ms:
                continue
            at = arrivals(roads, name, depot, leave)
            for place, node in nodes.items():
                arrive = int(at[node])
                row = j, at_place[place]
                if arrive < NEVER and arrive + scenario.step_ms("unloading") <= scenario.due_ms:
                    hours[row] = min(hours[row], (arrive - leave) / HOUR_MS)
                    since[row] = min(since[row], (arrive - scenario.order_ms) / HOUR_MS)
    return hours, since


def _first_vehicles(scenario, roads, depots) -> dict[str, dict[str, int]]:  # type: ignore[no-untyped-def]
    """When the first vehicle of each class can stand at each depot; depots that none reaches have no entry."""
    starts: dict[tuple[str, str], int] = {}
    for vehicle in read_vehicles(scenario).values():
        if vehicle.vehicle_class in roads.timed and vehicle.ready_ms < NEVER:
            key = vehicle.vehicle_class, vehicle.base
            starts[key] = min(starts.get(key, NEVER), vehicle.ready_ms)
    first: dict[str, dict[str, int]] = {depot: {} for depot in depots}
    for (name, base), ready in starts.items():
        at = arrivals(roads, name, base, ready)
        for depot in depots:
            there = ready if depot == base else int(at[roads.index[depot]])
            if there < NEVER:
                first[depot][name] = min(first[depot].get(name, NEVER), there)
    return first


def _space(scenario: Scenario, depots: Sequence[str], now_m3: Floats) -> Floats:
    """Room for goods of the first batch in each depot: by its floor, never less than it holds now."""
    floor = dict(
        zip(scenario.county.table("depots")["depot"], scenario.county.table("depots")["floor_m2"], strict=True)
    )
    area = np.array([0.0 if math.isnan(floor[d]) else floor[d] for d in depots])
    room: Floats = np.maximum(area * siting_rules()["stack"], now_m3)
    return room


def served(nights: NightSet, stock: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Share of the first batch that is in time on each night, every item weighted alike, and whether all of it is."""
    problem = nights.problem
    total = problem.demand.sum(axis=1)
    weight = np.where(total.max(axis=0) > 0, 1.0 / np.maximum(total.mean(axis=0), 1e-9), 0.0)
    plain = replace(problem, carriage=np.where(np.isfinite(problem.carriage), 0.0, math.inf), shortage=weight,
                    holding=np.zeros(len(weight)))  # fmt: skip
    missing = evaluate(plain, stock)
    share = 1.0 - missing / np.maximum(total @ weight, 1e-12)
    return share, missing <= 1e-9


def optimise_stock(
    scenarios: Sequence[Scenario],
    *,
    nights: int = 8,
    held_out: int = 20,
    seed: int = 1,
    budget: float | None = None,
    seconds: float = 60.0,
) -> Prepositioning:
    """Lay out the physical stock of the first batch anew, and compare with today's on nights that it has not seen.

    Parameters
    ----------
    scenarios : sequence of Scenario
        Of one county.
    nights, held_out : int
        Nights of each scenario for optimising, and others for the comparison.
    seed : int
    budget : float, optional
        Worth of all stock of these items, yuan; what today's is worth if not given.
    seconds : float
    """
    train = night_problem(scenarios, nights, seed, spread_evenly=True)
    today = stock_today(scenarios[0], train.depots, wanted_items(scenarios))
    money = float((today @ train.problem.purchase).sum()) if budget is None else budget
    problem = replace(train.problem, budget=money)
    train = replace(train, problem=problem)
    stochastic, vss, evpi = value_of_information(problem, seconds)
    found = _with_the_rest(problem, np.floor(stochastic.stock + 1e-6), money)
    if stochastic.status != "optimal":
        found = today.copy()
    test = night_problem(scenarios, held_out, seed + 1_000_003)
    cost_today, cost_found = (float(test.problem.probability @ evaluate(test.problem, s)) for s in (today, found))
    share_today, all_today = served(test, today)
    share_found, all_found = served(test, found)
    improved = (
        cost_found <= cost_today * (1 + 1e-9)
        and share_found.mean() >= share_today.mean() - 1e-9
        and all_found.mean() >= all_today.mean() - 1e-9
    )
    return Prepositioning(
        today, found if improved else today, found, stochastic.value, stochastic.bound, stochastic.gap,
        stochastic.status, vss, evpi, float(share_today.mean()), float(share_found.mean()), float(all_today.mean()),
        float(all_found.mean()), cost_today, cost_found, bool(improved), money, train, held_out,
    )  # fmt: skip


def _with_the_rest(problem: Preposition, stock: Floats, money: float) -> Floats:
    """Stock with what is left of the money bought besides: items in equal proportion, as far as there is room."""
    spent = float((stock @ problem.purchase).sum())
    if spent <= 0 or not math.isfinite(money):
        return stock
    room = np.array([problem.space[j] for j in range(len(stock))]) - stock @ problem.volume
    bulk = stock @ problem.volume
    grow = np.minimum(
        max(money - spent, 0.0) / spent, np.where(bulk > 0, np.maximum(room, 0) / np.where(bulk > 0, bulk, 1), 0)
    )
    more: Floats = stock + np.floor(stock * grow[:, None] + 1e-9)
    return more


def split_items(
    scenarios: Sequence[Scenario], nights: NightSet, target: float, *, seed: int = 1, seconds: float = 20.0
) -> list[SplitRow]:
    """Cheapest physical and agreement reserve of every item that meets the county's whole need with that probability.

    Holding a unit costs its price over its shelf life and its yearly care; promising one costs the norm's share of its
    price. An agreement's units must leave in time for the mean drive of the nights and unloading.
    """
    county = scenarios[0].county
    rules = siting_rules()
    items = county.table("items").set_index("item")
    stock = county.table("stock")
    own = stock[stock["depot"].isin(nights.depots)]
    prices, _ = unit_costs(county)
    finite = nights.problem.carriage[np.isfinite(nights.problem.carriage)]
    drive_h = float(finite.mean()) if len(finite) else 0.0
    lost_h = drive_h + sum(scenarios[0].step_ms(step) for step in ("loading", "convoy", "unloading")) / HOUR_MS
    deadline_h = scenarios[0].deadline_ms / HOUR_MS - lost_h
    rng = np.random.default_rng([seed, 77])
    rows = []
    for k, item in enumerate(nights.items):
        need = nights.problem.demand[:, :, k].sum(axis=1)
        agreed = own[(own["item"] == item) & (own["mode"] != "physical")]
        sure = agreed["reliability"].fillna(1.0).to_numpy(dtype=np.float64)
        reserve = Reserve(
            np.full(len(agreed), prices[item] * rules["agreement_cost_share"]),
            agreed["lead_time_min"].fillna(0.0).to_numpy(dtype=np.float64) / 60,
            agreed["release_per_h"].fillna(1e9).to_numpy(dtype=np.float64),
            agreed["quantity"].to_numpy(dtype=np.float64),
            rng.random((len(need), len(agreed))) < sure,
        )
        life_d = float(items.at[item, "shelf_life_d"]) if not pd.isna(items.at[item, "shelf_life_d"]) else math.inf
        yearly = prices[item] * (rules["expiry_cost_share"] + 365.0 / life_d)
        split = split_reserve(need, nights.problem.probability, yearly, reserve, max(deadline_h, 0.0), target, seconds)
        held = float(own.loc[(own["item"] == item) & (own["mode"] == "physical"), "quantity"].sum())
        rows.append(SplitRow(item, held, float(agreed["quantity"].sum()), split))
    return rows
