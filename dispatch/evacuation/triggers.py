"""Rules that act on rain (临灾“关、停”), and what they cost when nothing comes.

A rule acts at the first hour by whose end its window's rain has reached the threshold. What is closed costs the people
kept from it their hours; what is left in time saves people-hours in danger. With a probability p that the hazard comes
once the rule has acted, acting pays where p × saved ≥ cost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from dispatch.clock import HOUR_MS, SECOND_MS
from dispatch.evacuation.people import hazard_at
from dispatch.evacuation_order import Trigger
from dispatch.scenario import Scenario

__all__ = ["TRIGGER_COLUMNS", "acts_at", "trigger_balance"]

TRIGGER_COLUMNS: dict[str, str] = {
    "trigger": "str",
    "action": "str",
    "place": "str",
    "fires_ms": "int64",
    "people": "int64",
    "lead_min": "float64",
    "cost_person_h": "float64",
    "saved_person_h": "float64",
    "probability": "float64",
    "expected_saved_person_h": "float64",
    "break_even": "float64",
}
"""One row per rule. ``fires_ms``: -1 if it does not act; ``lead_min``: from acting to the hazard's arrival, NaN if it
does not come; ``cost_person_h``: hours of those kept away, the price of a false alarm; ``saved_person_h``: hours in the
hazard spared if it comes; ``break_even``: probability of the hazard from which acting pays (inf: never)."""


def acts_at(rain_mm: Sequence[float], start_ms: int, threshold_mm: float, window_h: float) -> int | None:
    """When the rain of the window before reaches the threshold; None if it never does.

    Parameters
    ----------
    rain_mm : sequence of float
        Rain of each hour from ``start_ms`` on, spread evenly over the hour.
    start_ms : int
    threshold_mm, window_h : float
    """
    fallen = np.concatenate([[0.0], np.cumsum(np.asarray(rain_mm, dtype=np.float64))])
    hours = np.arange(len(fallen), dtype=np.float64)
    minutes = np.arange(0, (len(fallen) - 1) * 60 + 1) / 60
    window = np.interp(minutes, hours, fallen) - np.interp(minutes - window_h, hours, fallen)
    reached = np.flatnonzero(window >= threshold_mm - 1e-9)
    return None if not len(reached) else start_ms + round(float(minutes[reached[0]]) * HOUR_MS)


def trigger_balance(scenario: Scenario) -> pd.DataFrame:
    """Cost of a false alarm against people-hours saved, rule by rule (``TRIGGER_COLUMNS``).

    People: of a site, those at it; of a place, all its groups; of a road, nobody (its closing costs detours, which the
    plan shows). Hours saved are those between the hazard's arrival at the place and its end there, within the time for
    which the rule holds.
    """
    order = scenario.evacuation
    rows = [_row(scenario, trigger) for trigger in (() if order is None else order.triggers)]
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in TRIGGER_COLUMNS.items()}
    )


def _row(scenario: Scenario, trigger: Trigger) -> dict[str, object]:
    order = scenario.evacuation
    assert order is not None
    people = trigger.people
    if trigger.action == "evacuate":
        people = int(order.groups.loc[order.groups["place"] == trigger.place, "people"].sum())
    fires = trigger.fires_ms
    row: dict[str, object] = {
        "trigger": trigger.name, "action": trigger.action, "place": trigger.place, "people": people,
        "fires_ms": -1 if fires is None else fires, "lead_min": math.nan, "probability": trigger.probability,
        "cost_person_h": 0.0, "saved_person_h": 0.0, "expected_saved_person_h": 0.0, "break_even": math.inf,
    }  # fmt: skip
    if fires is None:
        return row
    cost = people * trigger.hold_h
    saved = 0.0
    arrival = hazard_at(scenario.disruption).get(trigger.place)
    if arrival is not None:
        ends = scenario.disruption.places
        end_s = float(ends.loc[(ends["place"] == trigger.place) & (ends["share"] > 0), "end_s"].max())
        until = min(end_s * SECOND_MS, fires + trigger.hold_h * HOUR_MS)
        saved = people * max(0.0, until - max(arrival, fires)) / HOUR_MS
        row["lead_min"] = (arrival - fires) / 60_000
    row["cost_person_h"], row["saved_person_h"] = cost, saved
    row["expected_saved_person_h"] = trigger.probability * saved
    row["break_even"] = cost / saved if saved > 0 else math.inf
    return row
