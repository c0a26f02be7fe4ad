"""What a table of sorties is worth: people lifted and supplied in time, places looked at, litres on the fire."""

from __future__ import annotations

import pandas as pd

from dispatch.scenario import Scenario

__all__ = ["AIR_LEVELS", "air_values", "supplied_people"]

AIR_LEVELS: tuple[tuple[str, str], ...] = (
    ("people_lifted_in_time", "max"),
    ("people_supplied_in_time", "max"),
    ("looked_at_in_time", "max"),
    ("litres_on_fire", "max"),
)
"""What the table of sorties is worth, in order."""


def air_values(table: pd.DataFrame, scenario: Scenario, places_on_time: float) -> tuple[float, ...]:
    """Values of ``AIR_LEVELS`` from the table of sorties.

    ``places_on_time``: people of the places that goods by air complete in time.
    """
    assert scenario.air is not None
    by = {request.request: request.by_ms for request in scenario.air.requests}
    lifts = table[table["purpose"] == "medical"]
    lifted = sum(int(row.people) for row in lifts.itertuples(index=False) if row.done_ms <= by.get(row.need, -1))
    looks = table[table["purpose"] == "reconnaissance"]
    seen = {row.need for row in looks.itertuples(index=False) if row.done_ms <= by.get(row.need, -1)}
    litres = int(table.loc[table["purpose"] == "bucket", "quantity"].sum())
    return float(lifted), float(places_on_time), float(len(seen)), float(litres)


def supplied_people(table: pd.DataFrame, scenario: Scenario) -> float:
    """People of the places to which goods fly, all of which arrive by the deadline."""
    goods = table[(table["purpose"] == "supply") & (table["item"] != "")]
    needs = scenario.needs.set_index("need")
    place = goods["need"].map(needs["place"])
    last = goods["done_ms"].groupby(place).max()
    of = scenario.needs.drop_duplicates("report").groupby("place")["people"].sum()
    return float(sum(of[name] for name, end in last.items() if end <= scenario.due_ms))
