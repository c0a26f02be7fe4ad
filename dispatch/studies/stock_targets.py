"""Does a stock keep the six hours: P(T_all ≤ deadline) by plan and simulation, with other stock or a further depot."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.county.reading import blank
from dispatch.county.schema import SCHEMA
from dispatch.county.typed import as_table
from dispatch.county.write import write_county
from dispatch.norms import read_norm
from dispatch.planning.siting_ground import siting_rules
from dispatch.planning.whole import plan_whole
from dispatch.scenario import Scenario
from dispatch.scenario_file import find_scenario, load_scenario
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.parts import parts_of

__all__ = ["Target", "gain_of_points", "target_of", "with_points", "with_stock"]


@dataclass(frozen=True)
class Target:
    """P(T_all ≤ deadline) of one scenario: share of nights, its Wilson 95 % interval, and people planned in time."""

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
    plan = plan_whole(scenario, seconds=seconds)
    played = simulate(scenario, plan, replications=nights, seed=seed, keep_log=0, hooks=parts_of(scenario))
    chance = played.summary.p_on_time
    people = float(plan.objective["value"].iloc[0])
    return Target(scenario.name, nights, chance.value, chance.low, chance.high, people)


def with_points(county: County, points: pd.DataFrame, people: float, vehicle_class: str = "") -> County:
    """The county with a township depot more at each point, holding the first batch of every season for ``people``.

    Without ``vehicle_class`` no vehicle is added: the goods are fetched by those there are. The stock is what the rule
    for declared depots gives.

    Parameters
    ----------
    county : County
    points : DataFrame
        Rows of candidates: candidate, name, place, lon, lat.
    people : float
        0: the points are empty.
    vehicle_class : str
        Class of a vehicle that stands at each point by agreement, with the payload of the norms; "" = none.
    """
    batch = county.table("first_batch")
    most = (batch["quantity_per_person"] * batch["people_share"]).groupby(batch["item"], sort=False).max()
    floor = siting_rules()["point_floor"]
    depots, stock = [], []
    for row in points.to_dict("records"):
        name = f"new-{row['candidate']}"
        depots.append({"depot": name, "name": row["name"], "tier": "township", "place": row["place"], "lon": row["lon"],
                       "lat": row["lat"], "docks": 1.0, "floor_m2": floor, "readiness": "ready",
                       "open_min": 10.0, "approval_min": 5.0, "synthetic": True,
                       "source": "a further point"})  # fmt: skip
        stock += [{"depot": name, "item": item, "lot": "point", "quantity": float(math.ceil(people * each)),
                   "mode": "physical", "source": "a further point"}
                  for item, each in most.items() if people > 0]  # fmt: skip
    vehicles = []
    if vehicle_class:
        row = next(row for row in read_norm("vehicle_profiles") if row["vehicle_class"] == vehicle_class)
        vehicles = [{"vehicle": f"{depot['depot']}-vehicle", "name": row["name_zh"], "base": depot["depot"],
                     "class": vehicle_class, "payload_kg": float(row["payload_kg"]),
                     "volume_m3": float(row["volume_m3"]), "mode": "agreement", "synthetic": True,
                     "source": "a further point"} for depot in depots]  # fmt: skip
    tables = dict(county.tables)
    for table, rows in (("depots", depots), ("stock", stock), ("vehicles", vehicles)):
        columns = SCHEMA[table].columns
        made = as_table(SCHEMA[table], {c.name: [row.get(c.name, blank(c)) for row in rows] for c in columns})
        tables[table] = pd.concat([tables[table], made], ignore_index=True) if rows else tables[table]
    return replace(county, tables=tables)


def gain_of_points(
    scenario: Path | str, county: County, points: pd.DataFrame, *, people: float, nights: int, seconds: float = 3.0
) -> list[Target]:
    """P(T_all ≤ deadline) with no further point, with the first, with the first two … on the same nights (S-02).

    The scenario is read anew with each county, so that the new depots are on its roads. Where the plan found with a
    further depot does worse on the nights, the plan before is kept (the depot need not be used), so that the curve
    never falls; being the best of several plans on the same nights, its upper end is a little bright.
    """
    file = find_scenario(str(scenario))
    found: list[Target] = []
    with tempfile.TemporaryDirectory() as folder:
        for count in range(len(points) + 1):
            pack = Path(folder) / f"pack-{count}"
            write_county(with_points(county, points.iloc[:count], people), pack)
            now = target_of(load_scenario(file, {"county": str(pack)}), nights=nights, seconds=seconds)
            found.append(now if not found or now.probability >= found[-1].probability else found[-1])
    return found
