"""What is played beside the trucks: people who leave, teams, aircraft, each where the scenario has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dispatch.scenario import Scenario
from dispatch.simulation.air import fly, fly_goods
from dispatch.simulation.evacuation import evacuate
from dispatch.simulation.teams import deploy
from dispatch.teams.cleared import CLEARED

__all__ = ["parts_of"]


def parts_of(scenario: Scenario, *, goods_only: bool = False) -> tuple[Callable[..., Any], ...]:
    """Hooks for :func:`dispatch.simulation.ensemble.simulate` that play a scenario's whole plan.

    ``goods_only``: without what has no bearing on when goods arrive, nor any draw of chance in common with it: people
    who leave take no truck and no road; teams count where they open roads, aircraft where they bring goods or news.
    """
    opening = scenario.tasks is not None and bool(scenario.tasks.tasks["kind"].isin(CLEARED).any())
    return (
        *((evacuate,) if scenario.evacuation is not None and not goods_only else ()),
        *((deploy,) if scenario.tasks is not None and (opening or not goods_only) else ()),
        *((fly_goods if goods_only else fly,) if scenario.air is not None else ()),
    )
