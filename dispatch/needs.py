"""From demand reports (and, where none exists, a stated rule) to what must arrive where.

People count in the report they were first counted in: a later report of the same place and delivery point adds only
what exceeds the earlier ones. Goods go where the people are, so a need is handed over at the delivery point.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from dispatch.clock import offset_ms
from dispatch.county.county import County
from dispatch.scenario import NEED_COLUMNS

__all__ = ["BASES", "DemandRule", "demand_by_rule", "needs_of"]

BASES: tuple[str, ...] = ("affected", "relocated", "sheltered")
"""The three counts of a demand report, each part of the one before."""

_EARTH_KM = 6371.0


@dataclass(frozen=True)
class DemandRule:
    """People by rule where no report exists: shares of those in the hazard's footprint."""

    share_relocated: float
    share_sheltered: float

    def __str__(self) -> str:
        """State the rule as printed beside every figure it makes."""
        return f"rule: of those in the footprint {self.share_relocated:g} relocated, {self.share_sheltered:g} sheltered"


def demand_by_rule(county: County, reached: pd.DataFrame, rule: DemandRule, reported: Iterable[str]) -> pd.DataFrame:
    """Demand rows for villages that the hazard reaches and nobody has reported on.

    A village's people go to the nearest shelter (straight line) with room whose own place the hazard does not reach;
    where there is none, to the seat of their township.

    Parameters
    ----------
    county : County
    reached : DataFrame
        ``Disruption.places``: place, share of its people in the footprint.
    rule : DemandRule
    reported : iterable of str
        Places that have a report.

    Returns
    -------
    DataFrame
        Columns of the schema's ``demand`` that carry a value: report, place, affected, relocated, sheltered,
        delivery_point, priority, source.
    """
    places = county.table("places").set_index("place", drop=False)
    share = reached.groupby("place")["share"].max() if len(reached) else pd.Series(dtype="float64")
    waiting = [
        p for p in share.index if p not in set(reported) and p in places.index and places.at[p, "kind"] == "village"
    ]
    people = {p: places.at[p, "population"] * share[p] for p in waiting}
    waiting = sorted((p for p in waiting if people[p] > 0), key=lambda p: (-people[p], p))
    shelters = _safe_shelters(county, places, set(share.index[share > 0]))
    room = shelters["capacity"].to_numpy(dtype=np.float64).copy()
    rows = []
    for place in waiting:
        affected = math.ceil(people[place])
        sheltered = math.ceil(people[place] * rule.share_sheltered)
        point = _delivery_point(places, place, sheltered, shelters, room)
        rows.append({
            "report": f"rule-{place}", "place": place, "affected": float(affected),
            "relocated": float(math.ceil(people[place] * rule.share_relocated)), "sheltered": float(sheltered),
            "delivery_point": point, "priority": 1.0, "report_time": "", "source": str(rule),
        })  # fmt: skip
    columns = (
        "report", "place", "affected", "relocated", "sheltered", "delivery_point", "priority", "report_time", "source",
    )  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def _safe_shelters(county: County, places: pd.DataFrame, reached: set[str]) -> pd.DataFrame:
    """Shelters at places that the hazard does not reach, with coordinates (their place's where they have none)."""
    shelters = county.table("shelters")
    shelters = shelters[~shelters["place"].isin(reached)].copy()
    for axis in ("lon", "lat"):
        of_place = shelters["place"].map(places[axis])
        shelters[axis] = shelters[axis].fillna(of_place)
    return shelters[shelters["lon"].notna() & shelters["lat"].notna()].reset_index(drop=True)


def _delivery_point(places: pd.DataFrame, place: str, people: int, shelters: pd.DataFrame, room: np.ndarray) -> str:
    """Nearest shelter with room for all of them (taking the room), else the township's seat, else the place."""
    lon, lat = places.at[place, "lon"], places.at[place, "lat"]
    open_ = np.flatnonzero(room >= people)
    if len(open_) and not (np.isnan(lon) or np.isnan(lat)):
        away = _distance_km(lon, lat, shelters["lon"].to_numpy()[open_], shelters["lat"].to_numpy()[open_])
        nearest = int(open_[int(np.argmin(away))])
        room[nearest] -= people
        return str(shelters.at[nearest, "shelter"])
    parent = str(places.at[place, "parent"])
    return parent if parent in places.index and places.at[parent, "kind"] == "township" else place


def _distance_km(lon: float, lat: float, lons: np.ndarray, lats: np.ndarray) -> np.ndarray:
    """Great-circle distance, km (haversine)."""
    a, b, c, d = (np.radians(x) for x in (lon, lat, lons, lats))
    h = np.sin((d - b) / 2) ** 2 + np.cos(b) * np.cos(d) * np.sin((c - a) / 2) ** 2
    away: np.ndarray = 2 * _EARTH_KM * np.arcsin(np.sqrt(h))
    return away


def needs_of(
    demand: pd.DataFrame, first_batch: pd.DataFrame, items: pd.DataFrame, reference: datetime, order_ms: int
) -> pd.DataFrame:
    """Quantities that must arrive, first batch and rest.

    First batch: people of the row's basis × ``people_share`` × ``quantity_per_person``, rounded up. Rest: people ×
    the item's ``need_per_person`` less the first batch. Both for the people that a report adds.

    Parameters
    ----------
    demand : DataFrame
        Rows of the schema's ``demand``, counts filled in.
    first_batch : DataFrame
        Rows of one preset of the schema's ``first_batch``.
    items : DataFrame
        The schema's ``items``.
    reference : datetime
        Time zero.
    order_ms : int
        When the order is received: no need is released before.

    Returns
    -------
    DataFrame
        ``NEED_COLUMNS``, in the order of the reports.
    """
    whole = items.set_index("item")["need_per_person"]
    rows: list[dict[str, object]] = []
    for report in _additions(demand, reference, order_ms):
        count = {basis: report[basis] for basis in BASES}
        served = {str(row.basis) for row in first_batch.itertuples()} or {"sheltered"}
        people = max(count[basis] for basis in served)
        common = {
            "report": report["report"], "place": report["place"], "site": report["site"], "people": people,
            "weight": people * report["priority"], "release_ms": report["release_ms"], "rule": report["rule"],
        }  # fmt: skip
        first: dict[str, int] = {}
        for row in first_batch.itertuples():
            quantity = _rounded_up(count[str(row.basis)] * row.people_share * row.quantity_per_person)
            first[str(row.item)] = first.get(str(row.item), 0) + quantity
            if quantity > 0:
                rows.append({**common, "need": f"{report['report']}/{row.item}/first", "part": "first_batch",
                             "item": row.item, "quantity": quantity, "substitutes": row.substitutes})  # fmt: skip
        for item, per_person in whole.dropna().items():
            quantity = _rounded_up(count["sheltered"] * per_person) - first.get(str(item), 0)
            if quantity > 0:
                rows.append({**common, "need": f"{report['report']}/{item}/rest", "part": "rest", "item": item,
                             "quantity": quantity, "substitutes": ""})  # fmt: skip
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in NEED_COLUMNS.items()}
    )


def _rounded_up(quantity: float) -> int:
    """Round up to whole units, forgiving the last bits of a float product (3 × 0.1 × 10 is 3, not 4)."""
    return math.ceil(round(quantity, 6))


def _additions(demand: pd.DataFrame, reference: datetime, order_ms: int) -> list[dict[str, Any]]:
    """Reports in time order, each with the people it adds to the earlier ones of its place and delivery point."""
    released = []
    for row in demand.to_dict("records"):
        when = order_ms
        if row["report_time"]:
            when = max(when, offset_ms(reference, datetime.fromisoformat(row["report_time"])))
        released.append((when, row))
    released.sort(key=lambda pair: pair[0])
    so_far: dict[tuple[str, str], dict[str, float]] = {}
    additions: list[dict[str, Any]] = []
    for when, row in released:
        site = row["delivery_point"] or row["place"]
        before = so_far.setdefault((row["place"], site), dict.fromkeys(BASES, 0.0))
        added = {basis: max(0.0, row[basis] - before[basis]) for basis in BASES}
        for basis in BASES:
            before[basis] = max(before[basis], row[basis])
        if any(added.values()):
            additions.append({
                **added, "report": row["report"], "place": row["place"], "site": site, "release_ms": when,
                "priority": row["priority"], "rule": row["source"] if str(row["report"]).startswith("rule-") else "",
            })  # fmt: skip
    return additions
