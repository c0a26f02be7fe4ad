"""The same scenario under another assumption: step times, people, speeds, weather.

A variant shares roads, hazard and random draws with the scenario it comes from, so that two of them are compared night
by night on common random numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from dispatch.scenario import Scenario, StepTime

__all__ = [
    "with_closure_length",
    "with_pace",
    "with_people",
    "with_speed",
    "with_step_factor",
    "with_steps",
    "with_steps_at",
]

End = Literal["low", "mode", "high"]


def with_steps(scenario: Scenario, steps: Mapping[str, StepTime]) -> Scenario:
    """Other times for some steps (measured ones, for instance)."""
    return replace(scenario, steps={**scenario.steps, **steps})


def with_steps_at(scenario: Scenario, steps: Iterable[str], end: End) -> Scenario:
    """Some steps always at the low, most likely or high end of their range."""
    fixed = {}
    for step in steps:
        time = scenario.steps[step]
        at = getattr(time, f"{end}_min")
        fixed[step] = StepTime(at, at, at, f"{time.source} ({end})")
    return with_steps(scenario, fixed)


def with_step_factor(scenario: Scenario, step: str, factor: float) -> Scenario:
    """One step taking ``factor`` times as long."""
    time = scenario.steps[step]
    longer = StepTime(
        time.low_min * factor, time.mode_min * factor, time.high_min * factor, f"{time.source} × {factor:g}"
    )
    return with_steps(scenario, {step: longer})


def with_people(scenario: Scenario, factor: float) -> Scenario:
    """``factor`` times as many people in every report, with what they need, rounded up to whole units.

    Where they are, where goods are handed over and when it is reported stay the same. Needs are scaled as they are, so
    that a row may differ by a unit from one made of scaled reports.
    """
    needs = scenario.needs.copy()
    quantity = needs["quantity"].to_numpy(dtype=np.float64) * factor
    needs["quantity"] = np.ceil(np.round(quantity, 6)).astype(np.int64)
    for column in ("people", "weight"):
        needs[column] = needs[column] * factor
    return replace(scenario, needs=needs)


def with_speed(scenario: Scenario, factor: float) -> Scenario:
    """Every vehicle's own speed factor times ``factor``."""
    low, mode, high = scenario.speed_spread
    return replace(scenario, speed_spread=(low * factor, mode * factor, high * factor))


def with_pace(scenario: Scenario, factor: float) -> Scenario:
    """General speed (night, weather) times ``factor`` all the time; never faster than the road allows."""
    slower = tuple(max(1, min(1000, math.floor(permille * factor + 0.5))) for permille in scenario.pace_permille)
    return replace(scenario, pace_permille=slower)


def with_closure_length(scenario: Scenario, factor: float) -> Scenario:
    """Closures whose length is uncertain lasting ``factor`` times as long on every night; the forecast stays."""
    groups = scenario.disruption.groups.copy()
    for column in ("duration_low", "duration_mode", "duration_high"):
        groups[column] = groups[column] * factor
    return scenario.with_disruption(replace(scenario.disruption, groups=groups))
