"""Roads that teams open again for the trucks, and the hours that this gains; help across the border, and its hours.

A task of road clearing or ploughing ends the closures of its road (its number, name or an edge's id), or, if it names
none, those within ``clear_radius`` of it, that are in force when its work ends. Water is not cleared away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import HOUR_MS, SECOND_MS
from dispatch.planning.fingerprint import fingerprint
from dispatch.planning.plan import Plan
from dispatch.planning.teams import plan_teams
from dispatch.roads.measure import great_circle_m
from dispatch.scenario import Scenario
from dispatch.scenario_tasks import team_rules

__all__ = ["CLEARED", "cleared_rows", "commander_use", "joint_gain", "relief_with_teams", "task_hours", "truck_gain",
           "with_cleared_roads"]  # fmt: skip

CLEARED: dict[str, frozenset[str]] = {
    "road_clearing": frozenset({"slide", "debris_flow", "collapse", "earthquake", "other"}),
    "ploughing": frozenset({"snow", "snow_ice"}),
}
"""Causes of closure that a kind of task ends."""


def cleared_rows(scenario: Scenario, task: str) -> NDArray[np.int64]:
    """Rows of the disruption's edges that a task can end: closed, by a cause it clears, on its road or near it."""
    assert scenario.tasks is not None
    tasks = scenario.tasks.tasks
    row = tasks.loc[tasks["task"] == task].iloc[0]
    table, network = scenario.disruption.edges, scenario.network
    causes = CLEARED.get(row["kind"])
    if causes is None or table.empty:
        return np.zeros(0, dtype=np.int64)
    fits = table["cause"].isin(causes).to_numpy() & (table["speed_permille"].to_numpy(dtype=np.float64) == 0)
    edge = np.array([network.edge_index[name] for name in table["edge"]], dtype=np.int64)
    if row["road"]:
        road = str(row["road"])
        fits &= (network.ref[edge] == road) | (network.name[edge] == road) | (network.edge_id[edge] == road)
    else:
        site = scenario.sites.loc[row["site"]]
        middle = [0.5 * (axis[network.graph.tail[edge]] + axis[network.graph.head[edge]])
                  for axis in (network.node_lon, network.node_lat)]  # fmt: skip
        ends = [(axis[nodes[edge]]) for nodes in (network.graph.tail, network.graph.head)
                for axis in (network.node_lon, network.node_lat)]  # fmt: skip
        near = np.zeros(len(edge), dtype=bool)
        for lon, lat in ((middle[0], middle[1]), (ends[0], ends[1]), (ends[2], ends[3])):
            away = great_circle_m(lon, lat, np.full(len(lon), site["lon"]), np.full(len(lon), site["lat"]))
            near |= away <= team_rules()["clear_radius"]
        fits &= near
    found: NDArray[np.int64] = np.flatnonzero(fits)
    return found


def with_cleared_roads(scenario: Scenario, plan: Plan) -> Scenario:
    """The scenario as it is for whoever drives: closures end with the work of the plan's teams, in the forecast too."""
    if scenario.tasks is None or plan.deployments.empty or not {"task", "end_ms"} <= set(plan.deployments.columns):
        return scenario
    kinds = dict(zip(scenario.tasks.tasks["task"], scenario.tasks.tasks["kind"], strict=True))
    table = scenario.disruption.edges
    changed = {name: table[name].to_numpy(dtype=np.float64).copy() for name in ("forecast_end_s", "end_s")}
    for task, rows in plan.deployments.groupby("task", sort=False):
        if kinds.get(task) not in CLEARED:
            continue
        done_s = int(rows["end_ms"].max()) / SECOND_MS
        at = cleared_rows(scenario, str(task))
        for start, end in (("forecast_start_s", "forecast_end_s"), ("start_s", "end_s")):
            open_again = at[(table[start].to_numpy(dtype=np.float64)[at] < done_s) & (changed[end][at] > done_s)]
            changed[end][open_again] = done_s
    edges = table.assign(**changed)
    return replace(scenario, disruption=replace(scenario.disruption, edges=edges))


def relief_with_teams(scenario: Scenario, plan_relief: Callable[[Scenario], Plan], **teams: Any) -> Plan:
    """Plan the teams, then the relief over the roads that they open, in one plan.

    Parameters
    ----------
    scenario : Scenario
    plan_relief : callable (scenario) → Plan
    **teams
        Of :func:`dispatch.planning.teams.plan_teams`.
    """
    if scenario.tasks is None:
        return plan_relief(scenario)
    deployed = plan_teams(scenario, **teams)
    opened = with_cleared_roads(scenario, deployed)
    plan = plan_relief(opened)
    others = plan.unserved[plan.unserved["kind"] != "task"]
    return replace(
        plan,
        deployments=deployed.deployments,
        paths=pd.concat([plan.paths, deployed.paths], ignore_index=True),
        unserved=pd.concat([others, deployed.unserved], ignore_index=True),
        meta={**plan.meta, "fingerprint": fingerprint(scenario), "teams": deployed.meta["teams"]},
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
    for label, one in (("without", scenario), ("with", with_cleared_roads(scenario, deployed))):
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
