"""The shelf over the years: first expired, first out, replaced to the norm at every review, and its cost (S-09)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from dispatch.county.county import County
from dispatch.planning.siting_ground import siting_rules
from dispatch.planning.stocking_check import usable_lots
from dispatch.planning.stocking_norm import stock_groups
from models.stock import Lots, ShelfPlan, plan_shelf

__all__ = ["BUY_COLUMNS", "ShelfYears", "plan_years", "unit_costs"]

YEAR_D = 365
BUY_COLUMNS = ("day", "item", "item_name", "unit", "quantity", "cost", "reason")


@dataclass(frozen=True, eq=False)
class ShelfYears:
    """The rolling plan.

    Attributes
    ----------
    start : date
    items : DataFrame
        item, item_name, unit, target, unit_cost, priced, shelf_life_d, held, lowest_valid_share, expired, used, short:
        totals over the horizon.
    purchases : DataFrame
        ``BUY_COLUMNS``; reason is ``gap`` (on the first day, up to the target) or ``renewal``.
    budget : DataFrame
        year, gap, renewal, total: yuan.
    days : ShelfPlan
        Every day's figures, columns in the order of ``items``.
    """

    start: date
    items: pd.DataFrame
    purchases: pd.DataFrame
    budget: pd.DataFrame
    days: ShelfPlan


def unit_costs(county: County) -> tuple[dict[str, float], set[str]]:
    """Mean price of every item over its lots, weighted by quantity; the norm's ``item_price`` where no lot has one.

    Returns
    -------
    prices : dict
    assumed : set
        Items without a price of their own.
    """
    stock = county.table("stock")
    known = stock[stock["unit_cost"].notna() & (stock["quantity"] > 0)]
    worth = (known["unit_cost"] * known["quantity"]).groupby(known["item"]).sum()
    count = known.groupby("item")["quantity"].sum()
    own = (worth / count).to_dict()
    default = siting_rules()["item_price"]
    items = list(county.table("items")["item"])
    return {item: float(own.get(item, default)) for item in items}, {item for item in items if item not in own}


def plan_years(
    county: County,
    start: date,
    norm: Mapping[str, float],
    *,
    years: int = 5,
    review_d: int = 90,
    yearly_use: float = 0.0,
) -> ShelfYears:
    """Roll the county's physical stock over ``years``.

    The target of an item is its norm, or what is held today where there is none or more is held than the norm asks:
    nothing is run down. All depots of the county are one shelf.

    Parameters
    ----------
    county : County
    start : date
        First day, a review day.
    norm : mapping of item to quantity
    years : int
    review_d : int
        Days between reviews; at each, what would expire before the next is bought anew.
    yearly_use : float
        Share of the target issued in a year, spread evenly over the days; used first what expires first.

    Raises
    ------
    ValueError
        If an item's shelf life is shorter than the time between reviews.
    """
    groups = stock_groups(county)
    lots = usable_lots(county)
    lots = lots[lots["depot"].isin(groups) & (lots["mode"] == "physical") & (lots["quantity"] > 0)]
    table = county.table("items").set_index("item", drop=False)
    names = [item for item in table["item"] if item in norm or (lots["item"] == item).any()]
    position = {item: k for k, item in enumerate(names)}
    lots = lots[lots["item"].isin(names)]
    day = np.array([math.inf if d is None else (d - start).days for d in lots["expires"]], dtype=np.float64)
    held = lots.loc[day >= 0].groupby("item")["quantity"].sum()
    target = np.array([max(float(norm.get(item, 0.0)), float(held.get(item, 0.0))) for item in names])
    prices, assumed = unit_costs(county)
    cost = np.array([prices[item] for item in names])
    life = table.loc[names, "shelf_life_d"].astype("float64").fillna(math.inf).to_numpy()
    days = years * YEAR_D
    rolled = plan_shelf(
        Lots(lots["item"].map(position).to_numpy(dtype=np.int64), lots["quantity"].to_numpy(dtype=np.float64), day),
        target, life, cost, np.tile(target * yearly_use / YEAR_D, (days, 1)), review_d, YEAR_D,
    )  # fmt: skip
    bought_day, bought_item = np.nonzero(rolled.bought)
    purchases = pd.DataFrame([
        {"day": (start + timedelta(days=int(d))).isoformat(), "item": names[k], "item_name": table.at[names[k], "name"],
         "unit": table.at[names[k], "unit"], "quantity": float(rolled.bought[d, k]),
         "cost": float(rolled.bought[d, k] * cost[k]), "reason": "gap" if d == 0 else "renewal"}
        for d, k in zip(bought_day.tolist(), bought_item.tolist(), strict=True)
    ], columns=list(BUY_COLUMNS))  # fmt: skip
    gap = float(rolled.bought[0] @ cost)
    budget = pd.DataFrame([
        {"year": start.year + k, "from": (start + timedelta(days=k * YEAR_D)).isoformat(),
         "gap": gap if k == 0 else 0.0, "renewal": float(spent) - (gap if k == 0 else 0.0), "total": float(spent)}
        for k, spent in enumerate(rolled.budget)
    ])  # fmt: skip
    items = pd.DataFrame({
        "item": names, "item_name": table.loc[names, "name"].to_numpy(), "unit": table.loc[names, "unit"].to_numpy(),
        "target": target, "held": [float(held.get(item, 0.0)) for item in names], "unit_cost": cost,
        "priced": [item not in assumed for item in names], "shelf_life_d": life,
        "lowest_valid_share": rolled.valid_share.min(axis=0), "expired": rolled.expired.sum(axis=0),
        "used": rolled.used.sum(axis=0), "short": rolled.short.sum(axis=0),
    })  # fmt: skip
    return ShelfYears(start, items, purchases, budget, rolled)
