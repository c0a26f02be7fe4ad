"""Names of places, depots, vehicles and items as people read them; an id that is not known stands for itself."""

from __future__ import annotations

from typing import Any

from dispatch.county.names import place_label
from dispatch.scenario import Scenario

__all__ = ["item_name", "site_name", "task_row", "vehicle_name"]

_LISTED = (("depots", "depot"), ("facilities", "facility"), ("shelters", "shelter"))


def site_name(scenario: Scenario, site: str, lang: str) -> str:
    """Name of a depot, facility, shelter, place or task; same-named places with their township."""
    county = scenario.county
    if (county.table("places")["place"] == site).any():
        return place_label(county, site, lang)
    for table, key in _LISTED:
        rows = county.table(table)
        found = rows.loc[rows[key] == site, "name"]
        if len(found) and found.iloc[0]:
            return str(found.iloc[0])
    task = task_row(scenario, site)
    return site if task is None else str(task["name"])


def task_row(scenario: Scenario, subject: str) -> Any | None:
    """Row of a task by its id or by its site in the open; None if it is none."""
    if scenario.tasks is None:
        return None
    rows = scenario.tasks.tasks
    found = rows[(rows["task"] == subject) | ((rows["site"] == subject) & rows["lon"].notna())]
    return found.iloc[0] if len(found) else None


def item_name(scenario: Scenario, item: str, lang: str) -> str:
    """Name of an item in the language asked for, where the county gives one."""
    items = scenario.county.table("items")
    found = items[items["item"] == item]
    if not len(found):
        return item
    english = str(found["name_en"].iloc[0])
    return english if lang == "en" and english else str(found["name"].iloc[0]) or item


def vehicle_name(scenario: Scenario, vehicle: str) -> str:
    """Plate or name of a vehicle, else its id."""
    vehicles = scenario.county.table("vehicles")
    found = vehicles[vehicles["vehicle"] == vehicle]
    if not len(found):
        return vehicle
    given = [str(found[column].iloc[0]) for column in ("name", "plate")]
    return " ".join([vehicle, *(f"({name})" for name in given if name and name != vehicle)][:2])
