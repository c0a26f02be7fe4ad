"""Hours that the trucks gain by roads that teams open again; help across the border, and its hours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from dispatch.clock import HOUR_MS
from dispatch.planning.fingerprint import made_for
from dispatch.planning.plan import Plan
from dispatch.planning.teams import plan_teams
from dispatch.scenario import Scenario
from dispatch.teams.cleared import with_cleared_roads

__all__ = ["commander_use", "joint_gain", "relief_with_teams", "task_hours", "truck_gain"]


def relief_with_teams(
    scenario: Scenario, plan_relief: Callable[[Scenario], Plan], *, deployed: Plan | None = None, **teams: Any
) -> Plan:
    """Plan the teams, then the relief over the roads that they open, in one plan.

    Parameters
    ----------
    scenario : Scenario
    plan_relief : callable (scenario) → Plan
    deployed : Plan, optional
        Teams planned already.
    **teams
        Of :func:`dispatch.planning.teams.plan_teams`.
    """
    if scenario.tasks is None:
        return plan_relief(scenario)
    deployed = plan_teams(scenario, **teams) if deployed is None else deployed
    opened = with_cleared_roads(scenario, deployed.deployments)
    plan = plan_relief(opened)
    others = plan.unserved[plan.unserved["kind"] != "task"]
    return replace(
        plan,
        deployments=deployed.deployments,
        paths=pd.concat([plan.paths, deployed.paths], ignore_index=True),
        unserved=pd.concat([others, deployed.unserved], ignore_index=True),
        meta={**plan.meta, **made_for(scenario), "teams": deployed.meta["teams"]},
    )


def truck_gain(scenario: Scenario, deployed: Plan, plan_relief: Callable[[Scenario], Plan]) -> dict[str, float]:
    """What the roads that teams open again gain for the trucks.

    Returns
    -------
    dict
        ``people_without``, ``people_with``: served by the deadline; ``t_all_without_h``, ``t_all_with_h``: hours from
        the order to the last first batch of all places (an unserved one counts as the horizon); ``gained_h``: their
        difference.
    """
    found: dict[str, float] = {}
    for label, one in (("without", scenario), ("with", with_cleared_roads(scenario, deployed.deployments))):
        plan = plan_relief(one)
        levels = plan.objective.set_index("measure")["value"]
        found[f"people_{label}"] = float(levels["people_served_by_deadline"])
        found[f"t_all_{label}_h"] = _last_first_batch_h(scenario, plan)
    found["gained_h"] = found["t_all_without_h"] - found["t_all_with_h"]
    return found


def _last_first_batch_h(scenario: Scenario, plan: Plan) -> float:
    """Hours from the order until every affected place, whether a road reaches it or not, has its first batch."""
    first = set(scenario.needs.loc[scenario.needs["part"] == "first_batch", "need"])
    lacking = plan.unmet[plan.unmet["need"].isin(first) & (plan.unmet["cause"] != "late")]
    if len(lacking):
        return scenario.horizon_ms / HOUR_MS
    loads = plan.loads[plan.loads["need"].isin(first)]
    stops = loads.merge(plan.stops, on=["trip", "stop"])
    return (float(stops["unload_end_ms"].max()) - scenario.order_ms) / HOUR_MS if len(stops) else 0.0


def commander_use(scenario: Scenario, plan: Plan) -> float:
    """Share of the commanders' time, from the first work at a fire to the last, in which they command one."""
    assert scenario.tasks is not None
    incident = dict(zip(scenario.tasks.tasks["task"], scenario.tasks.tasks["incident"], strict=True))
    rows = plan.deployments.assign(fire=plan.deployments["task"].map(incident))
    rows = rows[rows["fire"].fillna("") != ""]
    if rows.empty:
        return 0.0
    of = rows.groupby("fire")
    spans = of["end_ms"].max() - of["begin_ms"].min()
    whole = int(rows["end_ms"].max() - rows["begin_ms"].min()) * scenario.tasks.commanders
    return float(spans.sum() / whole) if whole else 0.0


def task_hours(scenario: Scenario, plan: Plan) -> pd.DataFrame:
    """Hours from the order until each task begins and ends by a plan: task, name, begin_h, end_h; NaN if not done."""
    assert scenario.tasks is not None
    of = plan.deployments.groupby("task")
    begin, end = of["begin_ms"].min(), of["end_ms"].max()
    table = scenario.tasks.tasks[["task", "name", "lives"]].reset_index(drop=True)
    return table.assign(
        begin_h=(table["task"].map(begin) - scenario.order_ms) / HOUR_MS,
        end_h=(table["task"].map(end) - scenario.order_ms) / HOUR_MS,
    )


def joint_gain(scenario: Scenario, *, plan: Plan | None = None, **teams: Any) -> pd.DataFrame:
    """Hours that help from across the border gains, task by task.

    Parameters
    ----------
    scenario : Scenario
    plan : Plan, optional
        With help; planned if missing.
    **teams
        Of :func:`dispatch.planning.teams.plan_teams`.

    Returns
    -------
    DataFrame
        task, name, lives, alone_end_h, joint_end_h, gained_h; NaN where a task is not done. A task that only help
        from across the border does gains the hours to the end of its window, its least.
    """
    joint = task_hours(scenario, plan if plan is not None else plan_teams(scenario, **teams))
    alone = task_hours(scenario, plan_teams(scenario, without=("mutual_aid",), **teams))
    assert scenario.tasks is not None
    due = (scenario.tasks.tasks["due_ms"].to_numpy() - scenario.order_ms) / HOUR_MS
    missed = np.where(alone["end_h"].isna(), due, alone["end_h"])
    return joint[["task", "name", "lives"]].assign(
        alone_end_h=alone["end_h"], joint_end_h=joint["end_h"], gained_h=missed - joint["end_h"]
    )
