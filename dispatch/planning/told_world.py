"""What was told, put in force: the scenario with its roads, vehicles, sites and needs as they are now.

The past is taken as the plan has it: a closure or an opening told later than it happened counts from the moment it is
told, since the plan's trips have driven by then.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from dispatch.clock import MINUTE_MS, SECOND_MS, clock_time, hours_minutes
from dispatch.hazards.disruption import EDGE_COLUMNS
from dispatch.needs import needs_of
from dispatch.planning.changed_world import with_vehicle
from dispatch.planning.committed import begun_trips, plan_rows
from dispatch.planning.news import News
from dispatch.planning.plan import Plan
from dispatch.planning.problem import ReliefProblem
from dispatch.planning.road_words import road_edges
from dispatch.planning.supply import read_vehicles
from dispatch.planning.told import Told
from dispatch.planning.what_if import roads_open
from dispatch.planning.wishes import WishError
from dispatch.roads.attach import main_roads
from dispatch.roads.measure import great_circle_m
from dispatch.roads.profiles import travel_ms
from dispatch.scenario import SITE_COLUMNS, Scenario
from models.traversal import NEVER

__all__ = ["begun_told", "held_told", "needs_told", "roads_told", "stock_told", "with_told_fleet"]

_NEAR_M = 2_000.0
"""A place further from every junction has no road that goods could take."""


def with_told_fleet(scenario: Scenario, items: Iterable[Told], now_ms: int) -> Scenario:
    """The scenario with new vehicles, called up now unless told otherwise, and with new delivery points."""
    for item in items:
        if item.kind == "vehicle":
            scenario = _with_vehicle(scenario, item, now_ms)
        elif item.kind == "people" and not item.where and not _site_of(scenario, item.what):
            scenario = _with_site(scenario, item.what)
    return scenario


def _with_vehicle(scenario: Scenario, item: Told, now_ms: int) -> Scenario:
    """One more vehicle of its class: in place at the time told, else after its call-up."""
    made = with_vehicle(scenario, item.what, item.where)
    fleet = made.county.table("vehicles").copy()
    name = str(fleet["vehicle"].iloc[-1])
    normal = read_vehicles(made).get(name)
    if normal is None:
        raise WishError("plan_wish_base", base=item.where)
    from_call_ms = normal.ready_ms - scenario.order_ms
    ready_ms = item.from_ms if item.from_ms is not None else now_ms + from_call_ms
    fleet.loc[fleet["vehicle"] == name, "turnout_min"] = max(0, ready_ms - normal.ready_ms
                                                             + scenario.step_ms("call_up")) / MINUTE_MS  # fmt: skip
    tables = {**made.county.tables, "vehicles": fleet}
    return replace(made, county=replace(made.county, tables=tables))


def _with_site(scenario: Scenario, place: str) -> Scenario:
    """A place as delivery point, at the junction nearest to it."""
    row = scenario.county.table("places").set_index("place").loc[place]
    network = scenario.network
    usable = np.zeros(network.graph.m, dtype=bool)
    for profile in scenario.profiles.values():
        usable |= main_roads(network, travel_ms(network, profile))
    nodes = np.unique(network.graph.head[usable])
    where = np.array(float(row["lon"])), np.array(float(row["lat"]))
    away = great_circle_m(network.node_lon[nodes], network.node_lat[nodes], *where)
    k = int(np.argmin(away)) if len(nodes) else -1
    if k < 0 or not away[k] <= _NEAR_M:
        raise WishError("replan_no_site", place=place)
    new = {"site": place, "kind": str(row["kind"]), "name": str(row["name"]), "place": place, "lon": float(row["lon"]),
           "lat": float(row["lat"]), "node": int(nodes[k]), "access_m": float(away[k]),
           "access_ms": round(float(away[k]) / 1000 / scenario.walk_kmh * 60 * MINUTE_MS)}  # fmt: skip
    row_of = pd.DataFrame([new]).astype(SITE_COLUMNS).set_index("site", drop=False)
    row_of.index.name = scenario.sites.index.name
    sites = pd.concat([scenario.sites, row_of[list(scenario.sites.columns)]])
    return replace(scenario, sites=sites)


def _site_of(scenario: Scenario, place: str) -> str:
    """Where a place has its goods handed over: where it has most of them so far, else itself; "" if on no road."""
    rows = scenario.needs[scenario.needs["place"] == place]
    if len(rows):
        return str(rows.groupby("site", sort=False)["people"].max().idxmax())
    return place if place in scenario.sites.index and scenario.sites.at[place, "node"] >= 0 else ""


def roads_told(scenario: Scenario, items: Iterable[Told], now_ms: int) -> Scenario:
    """The scenario with roads closed, slowed and opened, from now on at the earliest."""
    for item in items:
        if item.kind not in ("close", "slow", "open"):
            continue
        edges = road_edges(scenario, item.what)
        from_ms = max(now_ms, now_ms if item.from_ms is None else item.from_ms)
        if item.kind == "open":
            scenario = roads_open(scenario, edges, from_ms)
            continue
        if item.until_ms is not None and item.until_ms <= from_ms:
            raise WishError("replan_over", word=item.what)
        until_s = math.inf if item.until_ms is None else item.until_ms / SECOND_MS
        permille = 0.0 if item.kind == "close" else float(round(item.amount * 1000))
        rows: list[dict[str, Any]] = [
            {"edge": edge, "vehicle_class": "", "forecast_start_s": from_ms / SECOND_MS, "forecast_end_s": until_s,
             "start_s": from_ms / SECOND_MS, "end_s": until_s, "depth_m": math.nan, "speed_permille": permille,
             "known_s": -math.inf, "cause": "report", "group": ""}
            for edge in edges
        ]  # fmt: skip
        new = pd.DataFrame({n: pd.Series([row[n] for row in rows], dtype=kind) for n, kind in EDGE_COLUMNS.items()})
        table = pd.concat([scenario.disruption.edges, new], ignore_index=True)
        scenario = replace(scenario, disruption=replace(scenario.disruption, edges=table))
    return scenario


def held_told(items: Iterable[Told], now_ms: int) -> dict[str, int]:
    """Until when vehicles stand; the last word on each counts.

    Raises
    ------
    WishError
        If one is said to be late until a time that is past.
    """
    held: dict[str, int] = {}
    for item in items:
        if item.kind == "without":
            held[item.what] = NEVER
        elif item.kind == "late":
            if item.until_ms is None or item.until_ms <= now_ms:
                raise WishError("replan_late_past", vehicle=item.what)
            held[item.what] = item.until_ms
    return held


def stock_told(items: Iterable[Told]) -> dict[tuple[str, str, str], int]:
    """Units left by depot, item and lot."""
    return {(item.what, item.item, item.lot): round(item.amount) for item in items if item.kind == "stock"}


def begun_told(problem: ReliefProblem, plan: Plan, items: Iterable[Told], now_ms: int) -> frozenset[str] | None:
    """Trips that have begun, by the plan's times but for those told of; None if none is told of."""
    rows = plan_rows(plan, problem)
    told = [item for item in items if item.kind in ("begun", "not_begun")]
    if not told:
        return None
    begun = set(begun_trips(rows, now_ms, News()))
    for item in told:
        row = rows.trips[item.what]
        own = [one for one in rows.trips.values() if one["vehicle"] == row["vehicle"]]
        if item.kind == "begun":
            begun |= {one["trip"] for one in own if one["sequence"] <= row["sequence"]}
        elif item.what in rows.kept:
            raise WishError("replan_kept_before", trip=item.what)
        else:
            begun -= {one["trip"] for one in own if one["sequence"] >= row["sequence"]}
    return frozenset(begun)


def needs_told(scenario: Scenario, items: Iterable[Told], now_ms: int) -> pd.DataFrame | None:
    """All needs as they are now; None if nothing of them is told."""
    needs = scenario.needs
    for item in items:
        if item.kind == "people":
            needs = _with_people(replace(scenario, needs=needs), item, now_ms)
        elif item.kind == "need":
            needs = _with_need(replace(scenario, needs=needs), item, now_ms)
    return None if needs is scenario.needs else needs


def _people_of(rows: pd.DataFrame) -> float:
    """People of a place's reports."""
    return float(rows.groupby("report", sort=False)["people"].max().sum())


def _with_people(scenario: Scenario, item: Told, now_ms: int) -> pd.DataFrame:
    """More people: a report of those that are new; fewer: less for each report in proportion."""
    needs, place = scenario.needs, item.what
    here = needs["place"] == place
    known = _people_of(needs[here]) if here.any() else 0.0
    if item.amount <= known:
        share = item.amount / known if known else 0.0
        quantity = [math.ceil(round(q * share, 6)) if own else q
                    for q, own in zip(needs["quantity"], here, strict=True)]  # fmt: skip
        scale = np.where(here, share, 1.0)
        return needs.assign(quantity=pd.Series(quantity, index=needs.index, dtype="int64"),
                            people=needs["people"] * scale, weight=needs["weight"] * scale)  # fmt: skip
    added = item.amount - known
    rows = needs[here & (needs["people"] > 0)]
    priority = float((rows["weight"] / rows["people"]).max()) if len(rows) else 1.0
    report = _name(set(needs["report"]), f"told-{hours_minutes(now_ms)}-{place}")
    demand = pd.DataFrame([{
        "report": report, "place": place, "affected": added, "relocated": added, "sheltered": added,
        "delivery_point": item.where or _site_of(scenario, place) or place, "priority": priority,
        "report_time": clock_time(scenario.reference_time, now_ms).isoformat(), "source": "",
    }])  # fmt: skip
    new = needs_of(demand, scenario.first_batch, scenario.county.table("items"), scenario.reference_time,
                   scenario.order_ms)  # fmt: skip
    return pd.concat([needs, new], ignore_index=True)


def _with_need(scenario: Scenario, item: Told, now_ms: int) -> pd.DataFrame:
    """So many units of an item in the first batch of a place: the last reports take what is more or less."""
    needs, place = scenario.needs, item.what
    own = (needs["place"] == place) & (needs["item"] == item.item) & (needs["part"] == "first_batch")
    wanted, quantity = round(item.amount), needs["quantity"].tolist()
    rows = np.flatnonzero(own.to_numpy()).tolist()
    if rows:
        change = wanted - sum(quantity[k] for k in rows)
        for k in reversed(rows):
            part = max(change, -quantity[k])
            quantity[k] += part
            change -= part
            if not change:
                break
        return needs.assign(quantity=pd.Series(quantity, index=needs.index, dtype="int64"))
    like = needs[needs["place"] == place].iloc[-1].to_dict()
    name = _name(set(needs["need"]), f"{like['report']}/{item.item}/first")
    new = {**like, "need": name, "part": "first_batch", "item": item.item, "quantity": wanted, "substitutes": "",
           "release_ms": max(now_ms, scenario.order_ms), "rule": ""}  # fmt: skip
    return pd.concat([needs, pd.DataFrame([new]).astype(needs.dtypes.to_dict())], ignore_index=True)


def _name(taken: set[str], wanted: str) -> str:
    """A name that is not taken."""
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name
