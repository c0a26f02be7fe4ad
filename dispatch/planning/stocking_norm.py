"""Need by norm: from people, or a response level, to quantities of every item (S-13), and the gap to what is held."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from dispatch.county.county import County
from dispatch.norms import read_norm
from dispatch.planning.siting_ground import siting_rules, township_of

__all__ = ["NEED_BY_NORM", "group_norms", "level_people", "need_by_norm", "stock_groups"]

NEED_BY_NORM = ("item", "name", "unit", "quantity", "weight_kg", "volume_m3", "substitutes", "source")
OWN_TIERS = {"county": "county", "township": "township", "village": "township"}


def level_people(level: str) -> float:
    """People for whom a response level needs goods (norm table ``stock_levels``)."""
    return float({row["level"]: row["people"] for row in read_norm("stock_levels")}[level])


def need_by_norm(
    county: County, people: float, season: str, tier: str = "county", own: Path | None = None
) -> pd.DataFrame:
    """Quantities of every item of the norm for so many people.

    Parameters
    ----------
    county : County
        Names, masses and volumes of the items.
    people : float
    season : {"flood", "fire"}
        Items of that season and those of any season.
    tier : {"county", "township"}
    own : Path, optional
        The user's own norm table, laid over ``stock_norms``.

    Returns
    -------
    DataFrame
        ``NEED_BY_NORM``; whole units, rounded up.
    """
    items = county.table("items").set_index("item", drop=False)
    rows = []
    for row in read_norm("stock_norms", own):
        if row["tier"] != tier or row["season"] not in ("any", season):
            continue
        per, fixed = row["per_1000"], row["fixed"]
        quantity = math.ceil(round(people * per / 1000, 6)) if not math.isnan(per) else 0
        quantity += math.ceil(fixed) if not math.isnan(fixed) else 0
        known = row["item"] in items.index
        rows.append({
            "item": row["item"], "name": items.at[row["item"], "name"] if known else row["item"],
            "unit": items.at[row["item"], "unit"] if known else "", "quantity": float(quantity),
            "weight_kg": quantity * float(items.at[row["item"], "weight_kg"]) if known else float("nan"),
            "volume_m3": quantity * float(items.at[row["item"], "volume_m3"]) if known else float("nan"),
            "substitutes": row["substitutes"], "source": row["source"],
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(NEED_BY_NORM))


def stock_groups(county: County) -> dict[str, str]:
    """Depots of the county by the group that must meet a norm together: ``county``, or the township's code.

    City and province depots are not the county's and are left out.
    """
    above = township_of(county.table("places"))
    groups = {}
    for row in county.table("depots").to_dict("records"):
        tier = OWN_TIERS.get(row["tier"])
        if tier == "county":
            groups[row["depot"]] = "county"
        elif tier == "township":
            groups[row["depot"]] = above.get(row["place"], "") or row["place"]
    return groups


def group_norms(county: County, season: str, people: float, own: Path | None = None) -> dict[str, pd.DataFrame]:
    """Norm of the county's own depots (for ``people``) and of every township (for a share of its people)."""
    rules = siting_rules()
    places = county.table("places")
    above = township_of(places)
    villages = places[places["kind"] == "village"]
    norms = {"county": need_by_norm(county, people, season, "county", own)}
    for row in places[places["kind"] == "township"].to_dict("records"):
        heads = row["population"]
        if math.isnan(heads):
            mine = [above[place] == row["place"] for place in villages["place"]]
            heads = float(villages.loc[mine, "population"].sum())
        share = min(math.ceil(rules["township_share"] * heads), rules["township_cap"])
        norms[row["place"]] = need_by_norm(county, share, season, "township", own)
    return norms
