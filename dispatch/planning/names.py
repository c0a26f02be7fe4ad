"""Names of places, depots, vehicles and items as people read them; an id that is not known stands for itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dispatch.county.english import CHINESE, english_name
from dispatch.county.names import place_label
from dispatch.documents.messages import text
from dispatch.norms import read_norm
from dispatch.roads.measure import great_circle_m
from dispatch.scenario import Scenario

__all__ = ["PIECES", "item_name", "site_name", "task_row", "vehicle_name"]

_LISTED = (("depots", "depot"), ("facilities", "facility"), ("shelters", "shelter"))
_SIDES = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
_NEAR_M = 300.0
"""A point so near a place is called by it."""
PIECES = frozenset("份顶床条件张块台支把盏艘盘部个只根副双具架辆")
"""Measure words that English does without."""


def site_name(scenario: Scenario, site: str, lang: str) -> str:
    """Name of a depot, facility, shelter, place, task or request of the air; same-named places with their township.

    In English a site goes by its English name; without one by its place and what it is (``Hengtou school``), with its
    id where its place has several of the kind; where the place has no English name either, by its own name.
    """
    name = _own_name(scenario, site, lang)
    return (_in_english(scenario, site) or name) if lang == "en" and CHINESE.search(name) else name


def _own_name(scenario: Scenario, site: str, lang: str) -> str:
    """Name as the county's tables give it."""
    county = scenario.county
    if (county.table("places")["place"] == site).any():
        return place_label(county, site, lang)
    for table, key in _LISTED:
        rows = county.table(table)
        found = rows.loc[rows[key] == site, "name"]
        if len(found) and found.iloc[0]:
            return str(found.iloc[0])
    task = task_row(scenario, site)
    if task is not None:
        return str(task["name"])
    return _request_name(scenario, site, lang) or site


def _in_english(scenario: Scenario, site: str) -> str:
    """English name of a depot, shelter, facility or task; "" if it is none, or nothing English is known of it."""
    for table, key in _LISTED:
        rows = scenario.county.table(table)
        found = rows[rows[key] == site]
        if len(found):
            return english_name(scenario.county, table, found.iloc[0].to_dict())
    task = task_row(scenario, site)
    if task is None:
        return ""
    kind = next(row["name_en"] for row in read_norm("task_kinds") if row["kind"] == task["kind"])
    place = _own_name(scenario, task["site"], "en") if task["site"] != site else ""
    return f"{kind} {task['task']}" + (f" ({place})" if place and not CHINESE.search(place) else "")


def _request_name(scenario: Scenario, request: str, lang: str) -> str:
    """Where a request of the air is: at its place, or so far from the nearest one, with its id; "" if it is none."""
    asked = next((one for one in scenario.air.requests if one.request == request), None) if scenario.air else None
    if asked is None:
        return ""
    if asked.place:
        where = place_label(scenario.county, asked.place, lang)
        return text(lang, "air_request_at", where=where, request=request)
    places = scenario.county.table("places")
    places = places[places["lon"].notna()].reset_index(drop=True)
    if places.empty:
        return ""
    lon, lat = places["lon"].to_numpy(np.float64), places["lat"].to_numpy(np.float64)
    away = great_circle_m(lon, lat, np.array(asked.lon), np.array(asked.lat))
    k = int(np.argmin(away))
    where = place_label(scenario.county, str(places["place"].iloc[k]), lang)
    if away[k] < _NEAR_M:
        return text(lang, "air_request_at", where=where, request=request)
    east = (asked.lon - lon[k]) * math.cos(math.radians(asked.lat))
    side = round(math.degrees(math.atan2(east, asked.lat - lat[k])) / 45) % 8
    return text(lang, "air_request_off", where=where, request=request, km=f"{away[k] / 1000:.1f}",
                side=text(lang, f"air_side_{_SIDES[side]}"))  # fmt: skip


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
