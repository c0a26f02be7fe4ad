"""Is every depot ready for the season: norm, valid stock, gap, what expires, pass or fail (S-10)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from dispatch.county.county import County
from dispatch.norms import read_norm
from dispatch.planning.stocking_norm import group_norms, level_people, stock_groups
from dispatch.step_norms import rule_values

__all__ = ["DUE_COLUMNS", "READY_COLUMNS", "Readiness", "check_stock", "season_end", "usable_lots"]

READY_COLUMNS = ("group", "depot", "depot_name", "item", "item_name", "unit", "norm", "valid", "substitutes",
                 "agreement", "expired", "expires_in_season", "first_expiry", "gap", "passed")  # fmt: skip
DUE_COLUMNS = ("depot", "depot_name", "item", "item_name", "lot", "quantity", "unit", "expiry", "days", "value")


@dataclass(frozen=True, eq=False)
class Readiness:
    """What the check found.

    Attributes
    ----------
    today, until : date
        Day of the check, and the last day of the season: stock must be valid on both.
    season : str
    people : float
        For whom the county's own depots must hold goods.
    rows : DataFrame
        ``READY_COLUMNS``, one per depot and item that is in its norm or in stock. The norm of a group (the county's
        depots, a township's points) is laid on those of its depots that hold goods of the item's category, in equal
        parts; on the first depot where none does. ``gap`` is what is missing in the group, told at the same depots.
    groups : DataFrame
        group, name, depots, items_short, expired_lots, contact, passed: one per group; a township without a depot
        fails.
    due : DataFrame
        ``DUE_COLUMNS``: lots that expire within 180 days, soonest first; ``days`` is negative for expired ones.
    """

    today: date
    until: date
    season: str
    people: float
    rows: pd.DataFrame
    groups: pd.DataFrame
    due: pd.DataFrame

    @property
    def passed(self) -> bool:
        """Whether every group is ready."""
        return bool(self.groups["passed"].all())


def season_end(season: str, today: date) -> date:
    """Last day of the season that runs on ``today`` or comes next (norm table ``stock_seasons``)."""
    row = next(row for row in read_norm("stock_seasons") if row["season"] == season)
    month, day = (int(part) for part in row["last_day"].split("-"))
    end = date(today.year, month, day)
    return end if end >= today else date(today.year + 1, month, day)


def usable_lots(county: County) -> pd.DataFrame:
    """Stock with the expiry day of every lot (``expires``, a date or None): given, or production plus shelf life."""
    items = county.table("items").set_index("item")
    stock = county.table("stock").copy()
    life = stock["item"].map(items["shelf_life_d"]) if "shelf_life_d" in items else pd.Series(math.nan, stock.index)
    expires: list[date | None] = []
    for given, produced, days in zip(stock["expiry"], stock["produced"], life, strict=True):
        if given:
            expires.append(date.fromisoformat(given))
        elif produced and not math.isnan(days):
            expires.append(date.fromisoformat(produced) + timedelta(days=int(days)))
        else:
            expires.append(None)
    stock["expires"] = pd.Series(expires, index=stock.index, dtype=object)
    return stock


def check_stock(
    county: County,
    season: str,
    today: date,
    *,
    level: str = "I",
    people: float | None = None,
    own: Path | None = None,
) -> Readiness:
    """Check every depot of the county before a season.

    Only physical stock valid to the season's last day counts as held; of agreed and capacity stock what can arrive
    within the county's deadline (quantity, or rate × (deadline - lead time)) is shown and counts against the gap.

    Parameters
    ----------
    county : County
    season : {"flood", "fire"}
    today : date
    level : str
        Response level whose people the county's depots hold goods for.
    people : float, optional
        In place of the level.
    own : Path, optional
        The user's own norm table.
    """
    heads = level_people(level) if people is None else people
    until = season_end(season, today)
    groups, norms = stock_groups(county), group_norms(county, season, heads, own)
    lots = usable_lots(county)
    items = county.table("items").set_index("item", drop=False)
    names = dict(zip(county.table("depots")["depot"], county.table("depots")["name"], strict=True))
    depots: dict[str, list[str]] = {group: [] for group in norms}
    for depot, group in groups.items():
        depots.setdefault(group, []).append(depot)
    rows = []
    for group, members in depots.items():
        if members:
            rows += _group_rows(group, members, norms.get(group), lots, items, names, today, until)
    table = pd.DataFrame(rows, columns=list(READY_COLUMNS))
    return Readiness(today, until, season, heads, table, _groups(county, depots, norms, table),
                     _due(lots, groups, names, items, today))  # fmt: skip


def _group_rows(group, members, norm, lots, items, names, today, until) -> list[dict[str, object]]:  # type: ignore[no-untyped-def]
    """Rows of one group's depots."""
    mine = lots[lots["depot"].isin(members)]
    held = mine[mine["mode"] == "physical"]
    good = np.array([day is None or day >= until for day in held["expires"]], dtype=bool)
    gone = np.array([day is not None and day < today for day in held["expires"]], dtype=bool)
    valid = held[good].groupby(["depot", "item"])["quantity"].sum()
    expired = held[gone].groupby(["depot", "item"])["quantity"].sum()
    soon = held[~good & ~gone].groupby(["depot", "item"])["quantity"].sum()
    promised = _promised(mine[mine["mode"] != "physical"])
    category = items["category"].to_dict()
    wanted = {} if norm is None else {row["item"]: row for row in norm.to_dict("records")}
    kinds = {depot: {category.get(item) for item in held.loc[held["depot"] == depot, "item"]} for depot in members}
    rows = []
    for item in dict.fromkeys([*wanted, *mine["item"]]):
        row = wanted.get(item)
        need = float(row["quantity"]) if row is not None else math.nan
        others = [
            one for one in (row["substitutes"].split(";") if row is not None else []) if one and one not in wanted
        ]
        total = sum(_at(valid, depot, item) for depot in members)
        stand_in = sum(_at(valid, depot, one) for depot in members for one in others)
        agreed = sum(_at(promised, depot, item) for depot in members)
        gap = max(need - total - stand_in - agreed, 0.0) if row is not None else 0.0
        bearers = [depot for depot in members if category.get(item) in kinds[depot]] or members[:1]
        for depot in members:
            has = any(_at(series, depot, item) for series in (valid, expired, soon, promised))
            if depot not in bearers and not has:
                continue
            share = 1 / len(bearers) if depot in bearers else 0.0
            days = [day for day in held.loc[(held["depot"] == depot) & (held["item"] == item), "expires"] if day]
            rows.append({
                "group": group, "depot": depot, "depot_name": names[depot], "item": item,
                "item_name": items.at[item, "name"] if item in items.index else item,
                "unit": items.at[item, "unit"] if item in items.index else "",
                "norm": need * share if row is not None else math.nan, "valid": _at(valid, depot, item),
                "substitutes": sum(_at(valid, depot, one) for one in others), "agreement": _at(promised, depot, item),
                "expired": _at(expired, depot, item), "expires_in_season": _at(soon, depot, item),
                "first_expiry": min(days).isoformat() if days else "", "gap": gap * share,
                "passed": gap * share <= 1e-9 and _at(expired, depot, item) == 0,
            })  # fmt: skip
    return rows


def _promised(lots: pd.DataFrame) -> pd.Series:
    """Units of agreements that can arrive within the county's deadline."""
    hours = rule_values()["county_deadline"]
    left = (hours - lots["lead_time_min"].fillna(0.0) / 60).clip(lower=0.0)
    by_rate = (lots["release_per_h"] * left).fillna(math.inf)
    by_rate = by_rate.where(left > 0, 0.0)
    return lots.assign(quantity=lots["quantity"].clip(upper=by_rate)).groupby(["depot", "item"])["quantity"].sum()


def _at(series: pd.Series, depot: str, item: str) -> float:
    return float(series.get((depot, item), 0.0))


def _groups(
    county: County, depots: dict[str, list[str]], norms: dict[str, pd.DataFrame], rows: pd.DataFrame
) -> pd.DataFrame:
    """Verdict of every group."""
    places = dict(zip(county.table("places")["place"], county.table("places")["name"], strict=True))
    reachable = set(county.table("contacts")["depot"]) if len(county.table("contacts")) else set()
    owner = dict(zip(county.table("depots")["depot"], county.table("depots")["owner"], strict=True))
    table = []
    for group, members in depots.items():
        mine = rows[rows["group"] == group]
        short = mine[mine["gap"] > 1e-9]["item"].nunique() if members else len(norms[group])
        expired = int((mine["expired"] > 0).sum())
        table.append({
            "group": group, "name": county.name_zh if group == "county" else places.get(group, group),
            "depots": len(members), "items_short": int(short), "expired_lots": expired,
            "contact": "、".join(dict.fromkeys(owner[d] for d in members if owner[d])),
            "contact_listed": bool(members) and all(depot in reachable for depot in members),
            "passed": bool(members) and not short and not expired,
        })  # fmt: skip
    return pd.DataFrame(table)


def _due(
    lots: pd.DataFrame, groups: dict[str, str], names: dict[str, str], items: pd.DataFrame, today: date
) -> pd.DataFrame:
    """Lots of the county's depots that have expired or expire within 180 days."""
    rows = []
    for lot in lots[lots["depot"].isin(groups) & (lots["mode"] == "physical")].to_dict("records"):
        if lot["expires"] is None or (days := (lot["expires"] - today).days) > 180:
            continue
        rows.append({
            "depot": lot["depot"], "depot_name": names[lot["depot"]], "item": lot["item"],
            "item_name": items.at[lot["item"], "name"], "lot": lot["lot"], "quantity": lot["quantity"],
            "unit": items.at[lot["item"], "unit"], "expiry": lot["expires"].isoformat(), "days": days,
            "value": lot["quantity"] * lot["unit_cost"],
        })  # fmt: skip
    table = pd.DataFrame(rows, columns=list(DUE_COLUMNS))
    return table.sort_values(["days", "depot", "item"], kind="stable").reset_index(drop=True)
