"""What is played beside the trucks: people who leave, teams, aircraft, each where the scenario has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dispatch.scenario import Scenario
from dispatch.simulation.air import fly
from dispatch.simulation.evacuation import evacuate
from dispatch.simulation.teams import deploy

__all__ = ["parts_of"]


def parts_of(scenario: Scenario) -> tuple[Callable[..., Any], ...]:
    """Hooks for :func:`dispatch.simulation.ensemble.simulate` that play a scenario's whole plan."""
    return (
        *((evacuate,) if scenario.evacuation is not None else ()),
        *((deploy,) if scenario.tasks is not None else ()),
        *((fly,) if scenario.air is not None else ()),
    )
