"""Nights on which only what a test wants is left to chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from dispatch.hazards.disruption import Disruption
from dispatch.planning.plan import Plan
from dispatch.scenario import Scenario, StepTime
from dispatch.simulation.night import drawn_night
from dispatch.simulation.recorder import log_table
from dispatch.simulation.response import play
from dispatch.simulation.stage import prepare
from tests import tiny

SURE = {
    "call_up": StepTime(30, 30, 30),
    "vehicle_arrival": StepTime(30, 30, 30),
    "loading": StepTime(40, 40, 40),
    "convoy": StepTime(10, 10, 10),
    "unloading": StepTime(30, 30, 30),
}
"""Steps that always take their planning value."""

_LATER = 20 * 3600.0


def certain(scenario: Scenario) -> Scenario:
    """The same scenario with steps and speeds that do not vary."""
    from dataclasses import replace

    return replace(scenario, steps=SURE, speed_spread=(1.0, 1.0, 1.0))


def surprise(*closures: tuple[str, float, float] | tuple[str, float, float, float]) -> Disruption:
    """Closures (edge, from minute, to minute, known from minute; never if left out) that nobody foresaw.

    The forecast has them twenty hours later; on the night each group is shifted back by exactly that.
    """
    rows: list[dict[str, Any]] = []
    groups: list[dict[str, Any]] = []
    for k, (edge, start, end, *known) in enumerate(closures):
        rows.append(
            tiny.closure(edge, start * 60 + _LATER, end * 60 + _LATER, group=f"g{k}",
                         known_s=known[0] * 60 if known else math.inf)
        )  # fmt: skip
        shift = dict.fromkeys(("shift_low_s", "shift_mode_s", "shift_high_s"), -_LATER)
        length = dict.fromkeys(("duration_low", "duration_mode", "duration_high"), 1.0)
        groups.append({"group": f"g{k}", "probability": 1.0, **shift, **length})
    return tiny.disruption(rows, groups)


def night(scenario: Scenario, plan: Plan, replication: int = 0, seed: int = 1) -> pd.DataFrame:
    """Log of one night."""
    return log_table([play(drawn_night(prepare(scenario, plan), seed, replication))])


def of(log: pd.DataFrame, vehicle: str, events: Sequence[str]) -> list[tuple[str, float]]:
    """What a vehicle did of these events: (event, minute)."""
    rows = log[(log["actor"] == vehicle) & log["event"].isin(list(events))]
    return list(zip(rows["event"], rows["time_s"] / 60, strict=True))


def chain(log: pd.DataFrame, event: str) -> list[str]:
    """Events that led to the (only) event of this name, the first cause first."""
    row = log[log["event"] == event]
    assert len(row) == 1
    names = []
    number = int(row["event_id"].iloc[0])
    while number >= 0:
        names.append(str(log["event"].iloc[number]))
        number = int(log["cause"].iloc[number])
    return names[::-1]
