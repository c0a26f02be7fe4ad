"""The whole plan of a scenario: goods by road, teams, evacuation, aircraft, each where the scenario asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dispatch.planning.air import with_air
from dispatch.planning.evacuation import with_evacuation
from dispatch.planning.plan import Plan
from dispatch.planning.relief import plan_relief
from dispatch.planning.teams import WORK
from dispatch.planning.teams_roads import relief_with_teams
from dispatch.scenario import Scenario

__all__ = ["plan_whole"]

_LEAST, _SECONDS_A_UNIT = 1.0, 5.0
"""Units of the teams' deterministic work: the fewest, and about how many seconds on a core each takes."""


def plan_whole(
    scenario: Scenario,
    *,
    seconds: float = 10.0,
    seed: int | None = None,
    relief: Callable[[Scenario], Plan] | None = None,
    **wishes: Any,
) -> Plan:
    """Plan everything that a scenario asks for, so that the parts reckon with each other.

    The teams come first, for they open roads; then the trucks over those roads; then the people who leave; and last the
    aircraft, which take what the trucks do not bring in time.

    Parameters
    ----------
    scenario : Scenario
    seconds : float
        Work of the trucks' search, as for :func:`dispatch.planning.relief.plan_relief`; the teams get about as much.
    seed : int, optional
        The scenario's by default.
    relief : callable (scenario) → Plan, optional
        Another planner of the trucks.
    **wishes
        Of :func:`dispatch.planning.relief.plan_relief`.

    Returns
    -------
    Plan
        What :func:`dispatch.planning.check.check` checks and :func:`dispatch.simulation.parts.parts_of` plays.
    """

    def trucks(one: Scenario) -> Plan:
        return plan_relief(one, seconds=seconds, seed=seed, **wishes) if relief is None else relief(one)

    plan = relief_with_teams(scenario, trucks, work=min(WORK, max(_LEAST, seconds / _SECONDS_A_UNIT)), seed=seed)
    plan = with_evacuation(plan, scenario, seed=seed)
    return with_air(plan, scenario, seconds=seconds, seed=seed)
