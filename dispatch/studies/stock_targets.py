"""Does a stock keep the six hours: P(T_all ≤ deadline) by plan and simulation, with other stock or a further depot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.county.schema import SCHEMA
from dispatch.county.typed import as_table
from dispatch.planning.relief import plan_relief
from dispatch.scenario import Scenario
from dispatch.simulation.ensemble import simulate

__all__ = ["Target", "target_of", "with_stock"]


@dataclass(frozen=True)
class Target:
    """P(T_all ≤ deadline) of one scenario: share of nights with its Wilson 95 % interval, and the planned share."""

    scenario: str
    nights: int
    probability: float
    low: float
    high: float
    people_on_time: float


def with_stock(county: County, depots: Sequence[str], items: Sequence[str], stock: NDArray[np.float64]) -> County:
    """The county with other physical stock of these items in these depots; everything else stays.

    Lots are made anew without an expiry day, so that the question is only where the goods lie.
    """
    table = county.table("stock")
    replaced = table["depot"].isin(depots) & table["item"].isin(items) & (table["mode"] == "physical")
    price = table[table["unit_cost"].notna()].groupby("item")["unit_cost"].mean()
    blank = {c.name: math.nan if c.kind in {"number", "integer"} else "" for c in SCHEMA["stock"].columns}
    rows = [
        {**blank, "depot": depot, "item": item, "lot": f"{item}-advised", "quantity": float(stock[j, k]),
         "mode": "physical", "unit_cost": float(price.get(item, math.nan)), "source": "optimised stock"}
        for j, depot in enumerate(depots) for k, item in enumerate(items) if stock[j, k] > 0
    ]  # fmt: skip
    made = as_table(SCHEMA["stock"], {c.name: [row[c.name] for row in rows] for c in SCHEMA["stock"].columns})
    joined = pd.concat([table[~replaced], made], ignore_index=True) if rows else table[~replaced].reset_index(drop=True)
    return replace(county, tables={**county.tables, "stock": joined})


def target_of(scenario: Scenario, *, nights: int = 100, seconds: float = 3.0, seed: int | None = None) -> Target:
    """Plan and simulate a scenario, and say how often the promise is kept.

    Parameters
    ----------
    scenario : Scenario
    nights : int
    seconds : float
        For the plan.
    seed : int, optional
        The scenario's own if not given: equal for several stocks, which then meet the same nights.
    """
    plan = plan_relief(scenario, seconds=seconds)
    played = simulate(scenario, plan, replications=nights, seed=seed, keep_log=0)
    chance = played.summary.p_on_time
    people = float(plan.objective["value"].iloc[0])
    return Target(scenario.name, nights, chance.value, chance.low, chance.high, people)
