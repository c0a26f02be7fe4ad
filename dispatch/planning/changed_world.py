"""What if: the scenario with a road closed or opened, or with vehicles added; to be planned like any other.

The change counts as known from the beginning, and for the whole night; the plan made for it holds in the changed
scenario only.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd

from dispatch.clock import SECOND_MS
from dispatch.hazards.disruption import EDGE_COLUMNS
from dispatch.hazards.when import seconds_from
from dispatch.planning.road_words import road_edges
from dispatch.planning.what_if import roads_open
from dispatch.planning.wishes import WishError
from dispatch.scenario import Scenario

__all__ = ["changed", "close_road", "open_road", "road_edges", "with_vehicle"]


def close_road(scenario: Scenario, road: str, from_s: float, to_s: float) -> Scenario:
    """Nobody passes a road from ``from_s`` to ``to_s`` (seconds from the reference instant; infinite: to the end)."""
    if not from_s < to_s:
        raise WishError("plan_wish_no_time", road=road)
    rows: list[dict[str, Any]] = [
        {"edge": edge, "vehicle_class": "", "forecast_start_s": from_s, "forecast_end_s": to_s, "start_s": from_s,
         "end_s": to_s, "depth_m": math.nan, "speed_permille": 0.0, "known_s": -math.inf, "cause": "what_if",
         "group": ""}
        for edge in road_edges(scenario, road)
    ]  # fmt: skip
    new = pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in EDGE_COLUMNS.items()}
    )
    edges = pd.concat([scenario.disruption.edges, new], ignore_index=True)
    return replace(scenario, disruption=replace(scenario.disruption, edges=edges))


def open_road(scenario: Scenario, road: str, by_s: float) -> Scenario:
    """Free of every closure and slowdown from ``by_s`` on (seconds from the reference instant)."""
    return roads_open(scenario, road_edges(scenario, road), round(by_s * SECOND_MS))


def with_vehicle(scenario: Scenario, vehicle_class: str, base: str) -> Scenario:
    """One more vehicle of the county's own, of the middle payload of its class there, with a crew to be called up."""
    fleet = scenario.county.table("vehicles")
    alike = fleet[fleet["class"] == vehicle_class].sort_values(["payload_kg", "vehicle"])
    if alike.empty:
        raise WishError("plan_wish_class", name=vehicle_class, known=", ".join(sorted(set(fleet["class"]))))
    if base not in scenario.sites.index:
        raise WishError("plan_wish_base", base=base)
    number = 1
    while f"{vehicle_class}+{number}" in set(fleet["vehicle"]):
        number += 1
    row = alike.iloc[len(alike) // 2].to_dict()
    row |= {"vehicle": f"{vehicle_class}+{number}", "base": base, "mode": "own", "turnout_min": math.nan}
    new = pd.DataFrame([row]).astype(fleet.dtypes.to_dict())
    tables = {**scenario.county.tables, "vehicles": pd.concat([fleet, new], ignore_index=True)}
    return replace(scenario, county=replace(scenario.county, tables=tables))


def changed(scenario: Scenario, close: tuple[str, ...], opened: tuple[str, ...], add: tuple[str, ...]) -> Scenario:
    """Apply changes as written: ``ROAD=FROM-TO``, ``ROAD=TIME``, ``CLASS@BASE``.

    Times as in scenario files (``+1:30``, ``22:30``); TO may be left out.

    Raises
    ------
    ValueError
        If one cannot be read, or names what is not there.
    """
    for word in close:
        road, _, times = word.rpartition("=")
        begin, _, end = times.partition("-")
        if not road or not begin:
            raise WishError("plan_wish_form", word=word, form="ROAD=FROM-TO")
        until = _seconds(scenario, end, word) if end else math.inf
        scenario = close_road(scenario, road, _seconds(scenario, begin, word), until)
    for word in opened:
        road, _, time = word.rpartition("=")
        if not road or not time:
            raise WishError("plan_wish_form", word=word, form="ROAD=TIME")
        scenario = open_road(scenario, road, _seconds(scenario, time, word))
    for word in add:
        vehicle_class, _, base = word.rpartition("@")
        if not vehicle_class or not base:
            raise WishError("plan_wish_form", word=word, form="CLASS@BASE")
        scenario = with_vehicle(scenario, vehicle_class, base)
    return scenario


def _seconds(scenario: Scenario, time: str, word: str) -> float:
    """A time of a wish, in seconds from the reference instant."""
    try:
        return seconds_from(scenario.reference_time, time)
    except ValueError:
        raise WishError("plan_wish_clock", word=word, time=time) from None
