"""What each tier of depots is asked for, what it sends, and when the first of it arrives (S-06).

A tier is asked only for the shortfall of those below it, by quantity and before any routing. The limits by tier (county
6 h, city 8 h, province 10 h from the order) are those of the scenario.
"""

from __future__ import annotations

import pandas as pd

from dispatch.planning.assemble import typed
from dispatch.planning.plan import Plan
from dispatch.planning.problem import read_problem
from dispatch.planning.slices import cut_lots, shortfall
from dispatch.planning.supply import TIER_RANK
from dispatch.scenario import Scenario

__all__ = ["TIER_COLUMNS", "TIER_ITEM_COLUMNS", "tier_items", "tier_table"]

TIER_COLUMNS: dict[str, str] = {
    "tier": "str",
    "deadline_ms": "int64",
    "asked_ms": "int64",
    "asked": "int64",
    "sent": "int64",
    "first_arrival_ms": "int64",
    "last_arrival_ms": "int64",
    "in_time": "bool",
}
"""One row per tier that has a depot. Durations from the order, ms (-1 = nothing comes); ``asked_ms``: when the order
reaches the tier; ``asked``, ``sent``: units; ``county``: depots of county, townships, villages, asked for everything.
``in_time``: all that it sends of first batches is unloaded within the tier's own limit."""

TIER_ITEM_COLUMNS: dict[str, str] = {"tier": "str", "items": "str", "asked": "int64", "sent": "int64"}
"""Shortfall by items that may stand in for each other (apart by ``;``, the item asked for first)."""

_TIERS = ("county", "city", "province")


def tier_items(scenario: Scenario, plan: Plan) -> pd.DataFrame:
    """Shortfall passed up to each higher tier, and what the plan takes of it, by items."""
    problem = read_problem(scenario)
    quotas = shortfall(problem, cut_lots(problem))
    of_need = {need.need: need.items for need in problem.needs}
    rank = _ranks(scenario)
    depot = dict(zip(plan.trips["trip"], plan.trips["depot"], strict=True))
    sent: dict[tuple[int, tuple[str, ...]], int] = {}
    for row in plan.loads.itertuples(index=False):
        key = (rank[depot[row.trip]], of_need[row.need])
        sent[key] = sent.get(key, 0) + int(row.quantity)
    keys = sorted({*quotas, *(key for key in sent if key[0])})
    rows = [
        {"tier": _TIERS[key[0]], "items": ";".join(key[1]), "asked": quotas.get(key, 0), "sent": sent.get(key, 0)}
        for key in keys
    ]
    return typed(TIER_ITEM_COLUMNS, rows)


def tier_table(scenario: Scenario, plan: Plan) -> pd.DataFrame:
    """Shortfall and arrivals by tier (``TIER_COLUMNS``)."""
    items = tier_items(scenario, plan)
    rank = _ranks(scenario)
    part = dict(zip(scenario.needs["need"], scenario.needs["part"], strict=True))
    depot = dict(zip(plan.trips["trip"], plan.trips["depot"], strict=True))
    end = dict(zip(zip(plan.stops["trip"], plan.stops["stop"], strict=True), plan.stops["unload_end_ms"], strict=True))
    arrive = dict(zip(zip(plan.stops["trip"], plan.stops["stop"], strict=True), plan.stops["arrive_ms"], strict=True))
    rows = []
    for k, tier in enumerate(_TIERS):
        if k not in rank.values():
            continue
        loads = [row for row in plan.loads.itertuples(index=False) if rank[depot[row.trip]] == k]
        at = [int(arrive[row.trip, row.stop]) - scenario.order_ms for row in loads]
        ends = [int(end[row.trip, row.stop]) - scenario.order_ms for row in loads if part[row.need] == "first_batch"]
        whole = int(scenario.needs["quantity"].sum())
        limit = scenario.deadline_ms if k == 0 else scenario.tier_deadline_ms[tier]
        rows.append({
            "tier": tier, "deadline_ms": limit, "asked_ms": scenario.tier_request_ms.get(tier, 0) if k else 0,
            "asked": int(items.loc[items["tier"] == tier, "asked"].sum()) if k else whole,
            "sent": sum(int(row.quantity) for row in loads), "first_arrival_ms": min(at, default=-1),
            "last_arrival_ms": max(at, default=-1), "in_time": max(ends, default=0) <= limit,
        })  # fmt: skip
    return typed(TIER_COLUMNS, rows)


def _ranks(scenario: Scenario) -> dict[str, int]:
    table = scenario.county.table("depots")
    return {depot: TIER_RANK[tier] for depot, tier in zip(table["depot"], table["tier"], strict=True)}
