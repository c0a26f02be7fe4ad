"""The whole plan of a scenario: goods by road, teams, evacuation, aircraft, each where the scenario asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from dispatch.planning.air import with_air
from dispatch.planning.evacuation import with_evacuation
from dispatch.planning.fingerprint import changed_since, made_for
from dispatch.planning.plan import Plan, empty_plan
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
    like: Plan | None = None,
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
    like : Plan, optional
        A plan of this scenario, or of one that differs in its needs only: its teams and its evacuation, which need no
        goods, are taken over. Of any other scenario it is not used.
    **wishes
        Of :func:`dispatch.planning.relief.plan_relief`.

    Returns
    -------
    Plan
        What :func:`dispatch.planning.check.check` checks and :func:`dispatch.simulation.parts.parts_of` plays.
    """

    def trucks(one: Scenario) -> Plan:
        return plan_relief(one, seconds=seconds, seed=seed, **wishes) if relief is None else relief(one)

    kept = like is not None and changed_since(like.meta, scenario) in (None, ("needs",)) and "made_for" in like.meta
    work = min(WORK, max(_LEAST, seconds / _SECONDS_A_UNIT))
    deployed = _teams_of(like) if kept and like is not None else None
    plan = relief_with_teams(scenario, trucks, deployed=deployed, work=work, seed=seed)
    plan = _with_evacuation_of(plan, like) if kept and like is not None else with_evacuation(plan, scenario, seed=seed)
    plan = with_air(plan, scenario, seconds=seconds, seed=seed)
    return replace(plan, meta={**plan.meta, **made_for(scenario)})


def _teams_of(plan: Plan) -> Plan:
    """The teams of a plan alone."""
    return replace(
        empty_plan(),
        deployments=plan.deployments,
        unserved=plan.unserved[plan.unserved["kind"] == "task"],
        paths=plan.paths[plan.paths["path"].isin({*plan.deployments["path"]})],
        meta={name: plan.meta[name] for name in ("teams",) if name in plan.meta},
    )


def _with_evacuation_of(plan: Plan, like: Plan) -> Plan:
    """A plan with the evacuation of another."""
    own, theirs = plan.unserved, like.unserved
    used = {*like.evacuations["path"], *like.evacuations["pickup_path"]}
    return replace(
        plan,
        evacuations=like.evacuations,
        unserved=pd.concat([own[own["kind"] != "evacuation"], theirs[theirs["kind"] == "evacuation"]],
                           ignore_index=True),
        paths=pd.concat([plan.paths, like.paths[like.paths["path"].isin(used)]], ignore_index=True),
        meta={**plan.meta, **{name: like.meta[name] for name in ("evacuation",) if name in like.meta}},
    )  # fmt: skip
