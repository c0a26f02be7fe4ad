"""What headquarters know at an instant of a night that does not follow the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from dispatch.clock import SECOND_MS
from dispatch.county.county import County
from dispatch.hazards.disruption import EDGE_COLUMNS, Disruption
from dispatch.planning.plan import LOAD_COLUMNS, Plan
from dispatch.scenario import Scenario

__all__ = ["Closure", "News", "as_loaded", "known_scenario", "with_brought", "with_closures"]

Closure = tuple[str, str, int, int]
"""(edge id, vehicle class or "" for all, closed from, open again) in ms; ``models.traversal.NEVER`` = not again."""


@dataclass(frozen=True, eq=False)
class News:
    """What is known at ``now`` and differs from the scenario; what is left out is as the scenario says.

    Attributes
    ----------
    roads : Disruption or None
        The roads as they are believed to be, past and future (its forecast times are read). See :func:`with_closures`.
    held : mapping of vehicle to int
        Until when a vehicle stands still (breakdown, delay; ms): one that runs ``d`` ms late is held until ``now + d``,
        one that is lost until ``NEVER``.
    begun : frozenset of trip ids or None
        Trips that have begun; None = by the plan's times: loading has started, or the vehicle is driving.
    stock : mapping of (depot, item, lot) to int
        Units left at a depot, without what begun trips have loaded or are to load.
    loaded : mapping of trip id to rows (stop, need, item, lot, units)
        What begun trips took where it is not what the plan says: goods were short, or another lot was issued.
    needs : DataFrame or None
        All needs as known now (``NEED_COLUMNS``), delivered ones too. What begun trips bring is never called back: a
        need stays at least as large as that.
    """

    roads: Disruption | None = None
    held: Mapping[str, int] = field(default_factory=dict)
    begun: frozenset[str] | None = None
    stock: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    loaded: Mapping[str, Sequence[tuple[int, str, str, str, int]]] = field(default_factory=dict)
    needs: pd.DataFrame | None = None


def with_closures(roads: Disruption, closures: Iterable[Closure]) -> Disruption:
    """Return a disruption with these closures on top, as forecast and as realised."""
    rows: list[dict[str, Any]] = [
        {"edge": edge, "vehicle_class": vehicle_class, "forecast_start_s": start_ms / SECOND_MS,
         "forecast_end_s": end_ms / SECOND_MS, "start_s": start_ms / SECOND_MS, "end_s": end_ms / SECOND_MS,
         "depth_m": np.nan, "speed_permille": 0.0, "known_s": -np.inf, "cause": "report", "group": ""}
        for edge, vehicle_class, start_ms, end_ms in closures
    ]  # fmt: skip
    if not rows:
        return roads
    added = pd.DataFrame({n: pd.Series([row[n] for row in rows], dtype=kind) for n, kind in EDGE_COLUMNS.items()})
    return replace(roads, edges=pd.concat([roads.edges, added], ignore_index=True))


def known_scenario(scenario: Scenario, news: News, plan: Plan | None = None) -> Scenario:
    """Return the scenario as known with the news: what a re-made plan is checked against.

    Parameters
    ----------
    scenario : Scenario
    news : News
    plan : Plan, optional
        The re-made plan. What its kept trips took is added to ``news.stock``, what was loaded and is lost is taken
        from the stock, and needs are at least what its kept trips were to bring.
    """
    changed: dict[str, Any] = {}
    if news.roads is not None:
        changed["disruption"] = news.roads
    again = dict(plan.meta.get("replan", {})) if plan is not None else {}
    if news.needs is not None:
        changed["needs"] = with_brought(scenario.needs, news.needs, again.get("brought", {}))
    gone: dict[tuple[str, str, str], int] = {}
    for depot, item, lot, quantity in again.get("lost", ()):
        gone[depot, item, lot] = gone.get((depot, item, lot), 0) + int(quantity)
    taken = _taken(plan, frozenset(again.get("kept", ()))) if plan is not None and news.stock else {}
    if news.stock or gone:
        stock = scenario.county.table("stock").copy()
        keys = list(zip(stock["depot"], stock["item"], stock["lot"], strict=True))
        stock["quantity"] = [
            float(news.stock[key] + taken.get(key, 0)) if key in news.stock else max(0.0, quantity - gone.get(key, 0))
            for key, quantity in zip(keys, stock["quantity"].tolist(), strict=True)
        ]
        changed["county"] = _with_table(scenario.county, "stock", stock)
    return replace(scenario, **changed) if changed else scenario


def as_loaded(plan: Plan, news: News) -> Plan:
    """The plan with what its begun trips took in fact."""
    if not news.loaded:
        return plan
    rows = [(trip, *row) for trip, of in news.loaded.items() for row in of]
    columns = dict(zip(("trip", "stop", "need", "item", "lot", "quantity"), zip(*rows, strict=True), strict=True))
    taken = pd.DataFrame(
        {name: pd.Series(list(columns.get(name, ())), dtype=kind) for name, kind in LOAD_COLUMNS.items()}
    )
    others = plan.loads[~plan.loads["trip"].isin(set(news.loaded))]
    return replace(plan, loads=pd.concat([others, taken], ignore_index=True))


def with_brought(before: pd.DataFrame, now: pd.DataFrame, brought: Mapping[str, int]) -> pd.DataFrame:
    """Needs as known now, none below what begun trips bring (units by need); rows that are gone come back for that."""
    gone = before[before["need"].isin(set(brought) - set(now["need"]))].assign(quantity=0)
    whole = pd.concat([now, gone], ignore_index=True) if len(gone) else now
    least = whole["need"].map(lambda need: brought.get(need, 0)).astype("int64")
    return whole.assign(quantity=np.maximum(whole["quantity"].to_numpy(), least.to_numpy()))


def _taken(plan: Plan, trips: frozenset[str]) -> dict[tuple[str, str, str], int]:
    """Units by (depot, item, lot) that trips load."""
    depot = dict(zip(plan.trips["trip"], plan.trips["depot"], strict=True))
    result: dict[tuple[str, str, str], int] = {}
    for row in plan.loads.itertuples(index=False):
        if row.trip in trips:
            key = (depot[row.trip], row.item, row.lot)
            result[key] = result.get(key, 0) + int(row.quantity)
    return result


def _with_table(county: County, name: str, table: pd.DataFrame) -> County:
    return replace(county, tables={**county.tables, name: table})
