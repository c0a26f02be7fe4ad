"""Depots, stock and vehicles declared by rule, for a county of which only the map is known: all of it synthetic.

The largest township gets a county depot, every other a township depot, at the town hall nearest to its seat (else at
the seat). What they hold and drive is the norm table ``declared_depots``: the first batch, of every season, for a share
of the people; the rule stands in the ``source`` of every row.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from dispatch.county.county import County
from dispatch.county.reading import blank
from dispatch.county.schema import SCHEMA
from dispatch.county.typed import as_table
from dispatch.norms import read_norm
from dispatch.roads.measure import great_circle_m

__all__ = ["declared_depots"]


def declared_depots(county: County) -> County:
    """Return the county with depots, stock and vehicles declared by rule; tables that hold rows are left alone.

    Parameters
    ----------
    county : County
        With places, items and first batch.
    """
    rules = {row["tier"]: row for row in read_norm("declared_depots")}
    fleet = {row["vehicle_class"]: row for row in read_norm("vehicle_profiles")}
    places = county.table("places")
    townships = places[(places["kind"] == "township") & places["lon"].notna()]
    if townships.empty:
        townships = places[(places["kind"] == "village") & places["lon"].notna()].nlargest(1, "population")
    order = townships.fillna({"population": 0.0}).sort_values(["population", "place"], ascending=[False, True])
    leaf = (places["kind"] != "county") & ~places["place"].isin(set(places["parent"]))
    everybody = float(places.loc[leaf, "population"].sum())
    depots, stock, vehicles = [], [], []
    for k, seat in enumerate(order.to_dict("records")):
        tier = "county" if k == 0 else "township"
        rule = rules[tier]
        depot = f"depot-{seat['place']}"
        lon, lat, where = _site(county, seat)
        title = "县级" if tier == "county" else "乡镇"
        source = f"synthetic, declared by rule ({tier} depot): {rule['source']}"
        depots.append({
            "depot": depot, "name": f"{seat['name']}{title}储备库（虚拟）", "tier": tier,
            "place": seat["place"], "lon": lon, "lat": lat, "docks": rule["docks"], "synthetic": True,
            "source": f"{source}; at {where}",
        })  # fmt: skip
        served = everybody if tier == "county" else seat["population"]
        people = min(math.ceil(rule["people_share"] * served), rule["people_cap"])
        stock += [
            {"depot": depot, "item": item, "lot": "declared", "quantity": float(math.ceil(people * per_person)),
             "source": f"{source}; for {people:g} people"}
            for item, per_person in _first_batch(county).items()
        ]  # fmt: skip
        for vehicle_class in ("light_truck", "truck_5t", "pickup"):
            norm = fleet[vehicle_class]
            vehicles += [
                {"vehicle": f"{depot}-{vehicle_class}-{number}", "name": f"{norm['name_zh']}{number}", "base": depot,
                 "class": vehicle_class, "payload_kg": norm["payload_kg"], "volume_m3": norm["volume_m3"],
                 "crew": norm["crew"], "turnout_min": rule["turnout_min"], "synthetic": True, "source": source}
                for number in range(1, int(rule[vehicle_class]) + 1)
            ]  # fmt: skip
    made = {"depots": depots, "stock": stock, "vehicles": vehicles}
    tables = {name: _rows(name, made[name]) if county.table(name).empty else county.table(name) for name in made}
    statement = "Depots, stock and vehicles: synthetic, declared by rule (norm table declared_depots)"
    return replace(county, tables={**county.tables, **tables}, sources=(*county.sources, statement))


def _site(county: County, seat: Mapping[str, Any]) -> tuple[float, float, str]:
    """Position of a township's depot, and what stands there."""
    halls = county.table("facilities")
    halls = halls[(halls["kind"] == "government") & halls["lon"].notna()]
    places = county.table("places").set_index("place")
    parents = halls["place"].map(places["parent"]).fillna("")
    halls = halls[(parents == seat["place"]) | (halls["place"] == seat["place"])]
    if halls.empty:
        return seat["lon"], seat["lat"], "the township's seat"
    away = great_circle_m(
        np.array(seat["lon"]), np.array(seat["lat"]), halls["lon"].to_numpy(), halls["lat"].to_numpy()
    )
    hall = halls.iloc[int(np.argmin(away))]
    return float(hall["lon"]), float(hall["lat"]), str(hall["name"])


def _first_batch(county: County) -> dict[str, float]:
    """Item → quantity per person of the first batch, the most of any preset."""
    table = county.table("first_batch")
    per_person = table["quantity_per_person"] * table["people_share"]
    most: dict[str, float] = per_person.groupby(table["item"], sort=False).max().to_dict()
    return most


def _rows(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows in a schema table's columns and types."""
    columns = SCHEMA[name].columns
    return as_table(SCHEMA[name], {c.name: [row.get(c.name, blank(c)) for row in rows] for c in columns})
