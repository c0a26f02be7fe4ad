"""The same night with a little more of something, a truck, a dock, goods, an open road, planned anew.

Every answer is a plan, re-made from the plan in force and passed by the checker: nothing is guessed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dispatch.clock import SECOND_MS
from dispatch.planning.check import check
from dispatch.planning.measure import measure
from dispatch.planning.news import News
from dispatch.planning.plan import Plan
from dispatch.planning.replan import Basis, Work, basis_like, replan
from dispatch.planning.supply import read_vehicles
from dispatch.scenario import Scenario

__all__ = ["Answer", "least", "makes", "more_docks", "more_stock", "more_trucks", "roads_open"]

_WORK = Work(0.02, 0.0, diagnosed=False)


@dataclass(frozen=True, eq=False)
class Answer:
    """A scenario with more of something, and the plan that the planner makes for it."""

    scenario: Scenario
    plan: Plan


def makes(
    scenario: Scenario, plan: Plan, place: str, served: frozenset[str], basis: Basis,
    held: Mapping[str, int] | None = None,
) -> Answer | None:  # fmt: skip
    """Plan a relaxed scenario anew from a plan; None unless ``place`` is in time and all of ``served`` still are.

    Parameters
    ----------
    scenario : Scenario
        Relaxed.
    plan : Plan
        For the scenario as it is.
    place : str
    served : frozenset of str
        Places that the plan serves by the deadline.
    basis : Basis
        Of the scenario as it is.
    held : mapping of vehicle to int, optional
        Of a plan that was made anew in the night: until when vehicles stand. What had begun by then goes on, and new
        vehicles are called up then. Without, the whole night is planned anew.
    """
    now_ms, news = scenario.order_ms, News(begun=frozenset())
    if held is not None:
        now_ms = int(plan.meta["replan"]["now_ms"])
        added = {name: now_ms + of.ready_ms - scenario.order_ms for name, of in read_vehicles(scenario).items()
                 if name not in basis.problem.vehicles}  # fmt: skip
        news = News(held={**held, **added}, begun=frozenset(plan.meta["replan"]["kept"]))
    found = replan(
        scenario,
        plan,
        now_ms,
        news,
        work=_WORK,
        basis=basis_like(basis, scenario),
        urgent=frozenset([place]),
    )
    places = measure(found, scenario, basis.problem.legs.roads).places
    in_time = frozenset(places.loc[places["on_time"], "place"])
    if place not in in_time or not served <= in_time or check(found, scenario):
        return None
    return Answer(scenario, found)


def least(most: int, works: Callable[[int], Answer | None]) -> tuple[int, Answer] | None:
    """Smallest size from 1 to ``most`` that works, by halving: it works, and one less does not; None if ``most`` fails.

    Right where a larger size never fails after a smaller one has worked.
    """
    best = works(most) if most >= 1 else None
    if best is None:
        return None
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        found = works(middle)
        if found is None:
            low = middle
        else:
            high, best = middle, found
    return high, best


def _with_rows(scenario: Scenario, table: str, frame: pd.DataFrame) -> Scenario:
    county = replace(scenario.county, tables={**scenario.county.tables, table: frame})
    return replace(scenario, county=county)


def more_trucks(scenario: Scenario, like: str, depot: str, count: int) -> Scenario:
    """So many more vehicles like ``like``, the county's own, with crews to be called up, based at a depot."""
    fleet = scenario.county.table("vehicles")
    row: dict[str, Any] = fleet[fleet["vehicle"] == like].to_dict("records")[0]
    row |= {"base": depot, "mode": "own", "turnout_min": math.nan}
    new = pd.DataFrame([{**row, "vehicle": f"{like}+{k + 1}"} for k in range(count)]).astype(fleet.dtypes.to_dict())
    return _with_rows(scenario, "vehicles", pd.concat([fleet, new], ignore_index=True))


def more_docks(scenario: Scenario, depot: str, count: int) -> Scenario:
    """So many more docks at a depot."""
    depots = scenario.county.table("depots").copy()
    depots.loc[depots["depot"] == depot, "docks"] += count
    return _with_rows(scenario, "depots", depots)


def more_stock(scenario: Scenario, depot: str, item: str, count: int) -> Scenario:
    """So many more units of an item in a depot, on the shelf, without an expiry date."""
    stock = scenario.county.table("stock")
    blank = {name: (math.nan if kind == np.float64 else "") for name, kind in stock.dtypes.items()}
    row = {**blank, "depot": depot, "item": item, "lot": "+", "mode": "physical", "quantity": float(count)}
    for name, kind in stock.dtypes.items():
        if kind == np.bool_:
            row[str(name)] = False
    new = pd.DataFrame([row]).astype(stock.dtypes.to_dict())
    return _with_rows(scenario, "stock", pd.concat([stock, new], ignore_index=True))


def roads_open(scenario: Scenario, edges: Iterable[str], by_ms: int) -> Scenario:
    """These edges free of every closure and slowdown from ``by_ms`` on."""
    table = scenario.disruption.edges
    named = table["edge"].isin(set(edges))
    until = by_ms / SECOND_MS
    cut = table.copy()
    for name in ("forecast_end_s", "end_s"):
        cut[name] = np.where(named, np.minimum(table[name], until), table[name])
    gone = named & ((cut["forecast_end_s"] <= cut["forecast_start_s"]) | (cut["end_s"] <= cut["start_s"]))
    return replace(scenario, disruption=replace(scenario.disruption, edges=cut[~gone].reset_index(drop=True)))
