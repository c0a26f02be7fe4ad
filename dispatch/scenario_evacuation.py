"""The section ``evacuation`` of a scenario: who is to be moved when, by which rules; and shelters as demand.

``[evacuation]``: ``enabled``; ``warned``, when the order to leave is given; ``contraflow``; ``rain_mm`` (by the hour)
and ``rain_from``. ``[[evacuation.visitors]]``: ``place``, ``people``. ``[[evacuation.trigger]]``: ``name``, ``action``
(``evacuate`` a place, ``close_site`` with its ``people``, ``close_road``), ``place`` or ``road`` (a road's number or
name, as a list of closed roads has it), ``rain_mm`` within ``window_h``, ``hold_h`` and ``probability``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pandas as pd

from dispatch.clock import SECOND_MS
from dispatch.county.county import County
from dispatch.evacuation.people import groups_of
from dispatch.evacuation.shelters import with_shelters
from dispatch.evacuation.triggers import acts_at
from dispatch.evacuation_order import EvacuationOrder, Trigger
from dispatch.hazards.closed_roads import ClosedRoad
from dispatch.hazards.disruption import Disruption
from dispatch.hazards.effect import Effect
from dispatch.needs import needs_of
from dispatch.norms.response import Response
from dispatch.scenario import Scenario
from dispatch.scenario_text import ScenarioText, moment_ms

__all__ = ["closed_by_rule", "evacuation_of", "evacuation_sites", "sheltered", "triggers_of"]

_ACTIONS = ("evacuate", "close_site", "close_road")
_TRIGGER_KEYS = {"name", "action", "place", "people", "rain_mm", "window_h", "hold_h", "probability", "road"}
_KEYS = ("warned", "contraflow", "rain_mm", "rain_from", "visitors", "trigger")


def triggers_of(written: ScenarioText, reference: datetime, county: County) -> tuple[Trigger, ...]:
    """Read the rules and find out when each acts; problems go to the scenario's text."""
    value = written.values.get
    if not value("evacuation.enabled", False):
        for key in _KEYS:
            if f"evacuation.{key}" in written.values:
                written.problem("scenario_section_closed", f"evacuation.{key}", section="evacuation")
        return ()
    rain = value("evacuation.rain_mm", ())
    start_ms = moment_ms(value("evacuation.rain_from", "+0:00"), reference)
    places = set(county.table("places")["place"])
    made = []
    for number, row in enumerate(value("evacuation.trigger", ()), start=1):
        key = f"evacuation.trigger {number}"
        trigger = _trigger(written, key, row, places)
        if trigger is not None:
            fires = acts_at(rain, start_ms, trigger.rain_mm, trigger.window_h) if len(rain) else None
            made.append(replace(trigger, fires_ms=fires))
    if made and not len(rain):
        written.problem("scenario_missing_key", "evacuation.rain_mm")
    return tuple(made)


def _trigger(written: ScenarioText, key: str, row: Mapping[str, Any], places: set[str]) -> Trigger | None:
    """One rule; None if it is not whole."""
    wrong = [name for name in row if name not in _TRIGGER_KEYS]
    figures: dict[str, Any] = {name: row.get(name) for name in ("rain_mm", "window_h", "hold_h", "probability")}
    figures["people"] = row.get("people", 0)
    wrong += [name for name, figure in figures.items() if not _figure(figure)]
    action = str(row.get("action", ""))
    if action not in _ACTIONS:
        wrong.append("action")
    elif action == "close_road":
        wrong += [] if isinstance(row.get("road"), str) and row["road"] else ["road"]
    elif row.get("place") not in places:
        wrong.append("place")
    if not wrong and not 0 <= figures["probability"] <= 1:
        wrong.append("probability")
    for name in wrong:
        written.problem("scenario_trigger", f"{key}.{name}", row.get(name, ""), actions=", ".join(_ACTIONS))
    if wrong:
        return None
    return Trigger(
        str(row.get("name", key)), action, str(row.get("place", "")), int(figures["people"]), float(figures["rain_mm"]),
        float(figures["window_h"]), float(figures["hold_h"]), float(figures["probability"]), str(row.get("road", "")),
    )  # fmt: skip


def _figure(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def closed_by_rule(triggers: tuple[Trigger, ...]) -> list[ClosedRoad]:
    """Roads that rules close, as if a list of closed roads held them."""
    closed = []
    for trigger in triggers:
        if trigger.action != "close_road" or trigger.fires_ms is None:
            continue
        start_s = trigger.fires_ms / SECOND_MS
        effect = Effect(
            start_s=start_s, end_s=start_s + trigger.hold_h * 3600, known_s=start_s, depth_m=math.nan,
            speed_permille=0.0, vehicle_classes=(), cause="other", group="", probability=math.nan,
        )  # fmt: skip
        by_number = trigger.road[:1].isascii() and any(sign.isdigit() for sign in trigger.road)
        names = {"ref": (trigger.road,)} if by_number else {"road": (trigger.road,)}
        closed.append(ClosedRoad(name=trigger.name, effect=effect, file="evacuation.trigger", **names))  # type: ignore[arg-type]
    return closed


def evacuation_of(
    written: ScenarioText,
    reference: datetime,
    county: County,
    disruption: Disruption,
    response: Response,
    triggers: tuple[Trigger, ...],
) -> EvacuationOrder | None:
    """Who must be moved; None without the section. Problems go to the scenario's text."""
    value = written.values.get
    if "evacuation" not in response:
        return None
    if "evacuation.warned" not in written.values:
        written.problem("scenario_missing_key", "evacuation.warned")
        return None
    warned_ms = moment_ms(written.values["evacuation.warned"], reference)
    visitors: dict[str, int] = {}
    places = set(county.table("places")["place"])
    for number, row in enumerate(value("evacuation.visitors", ()), start=1):
        place, people = row.get("place"), row.get("people")
        if place not in places or not _figure(people) or set(row) - {"place", "people"}:
            written.problem("scenario_visitors", f"evacuation.visitors {number}", str(place))
            continue
        visitors[place] = visitors.get(place, 0) + int(people)
    groups = groups_of(county, disruption, response.value("evacuation.assisted_share"), warned_ms, visitors, triggers)
    return EvacuationOrder(warned_ms, value("evacuation.contraflow", False), groups, triggers=triggers)


def evacuation_sites(order: EvacuationOrder | None, county: County) -> set[str]:
    """Places to be left and every shelter with a position: points that the roads must lead to."""
    if order is None or order.groups.empty:
        return set()
    return {*order.groups["place"], *county.table("shelters")["shelter"]}


def sheltered(scenario: Scenario, demand: pd.DataFrame) -> Scenario:
    """Assign people to shelters and make these the demand of the places that are left.

    Rows of ``demand`` for places that are evacuated give way to one row per place and shelter: those assigned are the
    affected, relocated and sheltered of that row, and goods go to the shelter.
    """
    if scenario.evacuation is None:
        return scenario
    made = with_shelters(scenario)
    order = made.evacuation
    assert order is not None
    rows = []
    for (place, shelter), people in order.assignment.groupby(["place", "shelter"], sort=True)["people"].sum().items():
        rows.append({
            "report": f"evacuation-{place}-{shelter}", "place": place, "affected": float(people),
            "relocated": float(people), "sheltered": float(people), "delivery_point": shelter, "priority": 1.0,
            "report_time": "", "source": "evacuation",
        })  # fmt: skip
    kept = demand[~demand["place"].isin(set(order.groups["place"]))]
    merged = pd.concat([kept, pd.DataFrame(rows)], ignore_index=True) if rows else kept
    items = scenario.county.table("items")
    needs = needs_of(merged, made.first_batch, items, made.reference_time, made.order_ms)
    return replace(made, needs=needs)
