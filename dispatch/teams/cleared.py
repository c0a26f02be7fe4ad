"""Roads that teams open again.

A task of road clearing or ploughing ends the closures of its road (its number, name or an edge's id), or, if it names
none, those within ``clear_radius`` of it, that are in force when its work ends. Water is not cleared away.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import SECOND_MS
from dispatch.roads.measure import great_circle_m
from dispatch.scenario import Scenario
from dispatch.scenario_tasks import team_rules

__all__ = ["CLEARED", "cleared_rows", "with_cleared_roads"]

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


def with_cleared_roads(scenario: Scenario, deployments: pd.DataFrame) -> Scenario:
    """The scenario as it is for whoever drives: closures end with the work of a plan's teams, in the forecast too."""
    if scenario.tasks is None or deployments.empty or not {"task", "end_ms"} <= set(deployments.columns):
        return scenario
    kinds = dict(zip(scenario.tasks.tasks["task"], scenario.tasks.tasks["kind"], strict=True))
    table = scenario.disruption.edges
    changed = {name: table[name].to_numpy(dtype=np.float64).copy() for name in ("forecast_end_s", "end_s")}
    for task, rows in deployments.groupby("task", sort=False):
        if kinds.get(task) not in CLEARED:
            continue
        done_s = int(rows["end_ms"].max()) / SECOND_MS
        at = cleared_rows(scenario, str(task))
        for start, end in (("forecast_start_s", "forecast_end_s"), ("start_s", "end_s")):
            open_again = at[(table[start].to_numpy(dtype=np.float64)[at] < done_s) & (changed[end][at] > done_s)]
            changed[end][open_again] = done_s
    edges = table.assign(**changed)
    return replace(scenario, disruption=replace(scenario.disruption, edges=edges))
