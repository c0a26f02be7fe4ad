"""What the aircraft of a plan leave to the trucks: the scenario without the needs and the stock that fly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from dispatch.planning.plan import Plan
from dispatch.scenario import Scenario

__all__ = ["flown_goods", "ground_scenario"]


def flown_goods(sorties: pd.DataFrame) -> pd.DataFrame:
    """Rows of goods handed over by air."""
    return sorties[(sorties["purpose"] == "supply") & (sorties["item"] != "")]


def ground_scenario(scenario: Scenario, plan: Plan) -> Scenario:
    """The scenario as the trucks of a plan have it; the same object where nothing flies."""
    goods = flown_goods(plan.sorties)
    if goods.empty:
        return scenario
    rows = zip(goods["need"], goods["from_site"], goods["item"], goods["lot"], goods["quantity"].tolist(), strict=True)
    return _without(scenario, rows)


def _without(scenario: Scenario, goods: Iterable[tuple[str, str, str, str, int]]) -> Scenario:
    needed: defaultdict[str, int] = defaultdict(int)
    taken: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for need, depot, item, lot, quantity in goods:
        needed[need] += quantity
        taken[depot, item, lot] += quantity
    needs = scenario.needs.assign(quantity=[
        max(0, int(quantity) - needed[need])
        for need, quantity in zip(scenario.needs["need"], scenario.needs["quantity"], strict=True)
    ])  # fmt: skip
    stock = scenario.county.table("stock")
    keys = zip(stock["depot"], stock["item"], stock["lot"], stock["quantity"], strict=True)
    stock = stock.assign(quantity=[quantity - taken[depot, item, lot] for depot, item, lot, quantity in keys])
    tables: Mapping[str, pd.DataFrame] = {**scenario.county.tables, "stock": stock}
    return replace(scenario, needs=needs.astype({"quantity": "int64"}), county=replace(scenario.county, tables=tables))
