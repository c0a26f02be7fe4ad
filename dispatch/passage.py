"""Fast passage for relief trucks: green lanes, traffic held, police in front, passes issued beforehand (C-08)."""

from __future__ import annotations

from dataclasses import replace

from dispatch.norms import read_norm
from dispatch.scenario import Scenario, StepTime

__all__ = ["fast_passage"]


def fast_passage(scenario: Scenario) -> Scenario:
    """The same scenario with fast passage in force.

    Speeds by road class, and the step ``convoy``, are multiplied by the factors of the norm table ``fast_passage``
    (each row with its source); a signed limit still holds, and closed roads stay closed.
    """
    factor = {row["measure"]: float(row["factor"]) for row in read_norm("fast_passage")}
    profiles = {
        name: replace(profile, speed_kmh={of: kmh * factor.get(of, 1.0) for of, kmh in profile.speed_kmh.items()})
        for name, profile in scenario.profiles.items()
    }
    convoy = scenario.steps["convoy"]
    share = factor["convoy"]
    shorter = StepTime(convoy.low_min * share, convoy.mode_min * share, convoy.high_min * share, convoy.source)
    return replace(scenario, profiles=profiles, steps={**scenario.steps, "convoy": shorter})
