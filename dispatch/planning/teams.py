"""The plan of the teams: who is sent to which task, leaves when, works from when to when; and what is left undone.

The order of what counts is that of ``models.assignment.schedule.LEVELS``: lives at risk first. Long tasks are cut into
parts that other teams may take over. Ways between tasks are timed over the roads as forecast; the proof refers to
whole minutes and to departures in slots of half an hour where roads close or slow.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dispatch.clock import MINUTE_MS
from dispatch.planning.assemble import typed
from dispatch.planning.fingerprint import made_for
from dispatch.planning.named_paths import NamedPaths
from dispatch.planning.plan import DEPLOYMENT_COLUMNS, PATH_COLUMNS, UNSERVED_COLUMNS, Plan, empty_plan
from dispatch.planning.teams_problem import Parts, parts_of, problem_of
from dispatch.planning.teams_unserved import unserved_tasks
from dispatch.roads.travel import leg
from dispatch.scenario import Scenario
from dispatch.teams.called import TeamCalled, TeamRoads, skill_for, team_roads, teams_called
from models.assignment.schedule import schedule_teams
from models.assignment.team_tasks import Answer, Visit

__all__ = ["GRID_MS", "WORK", "plan_teams", "with_teams"]

WORK = 15.0
"""Deterministic time of the solver: equal work gives equal plans."""
GRID_MS = MINUTE_MS


def plan_teams(
    scenario: Scenario, *, work: float = WORK, seed: int | None = None, without: tuple[str, ...] = ()
) -> Plan:
    """Plan the teams alone, without relief; see :func:`with_teams`."""
    return with_teams(empty_plan(), scenario, work=work, seed=seed, without=without)


def with_teams(
    plan: Plan, scenario: Scenario, *, work: float = WORK, seed: int | None = None, without: tuple[str, ...] = ()
) -> Plan:
    """Add the teams' deployments to a plan.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario
        Without tasks the plan is returned as it is.
    work : float
        Deterministic time of the solver.
    seed : int, optional
        The scenario's by default.
    without : tuple of str
        Types of teams that are not called (``mutual_aid``: no help from across the border).

    Returns
    -------
    Plan
        With ``deployments``, ``unserved`` and paths added, and ``meta["teams"]``: the levels with value, bound, gap
        and status, patients by hospital, commanders, types not called, edges walked at the beginning and end of ways,
        and the grid of the proof.
    """
    if scenario.tasks is None:
        return plan
    teams = teams_called(scenario, without=without)
    roads = team_roads(scenario, teams)
    parts = parts_of(scenario, teams)
    used = scenario.seed if seed is None else seed
    late: Counter[tuple[int, int, int]] = Counter()
    while True:
        problem, hospitals = problem_of(scenario, teams, roads, parts, late)
        answer = schedule_teams(problem, work=work, seed=used)
        timed = [_timed(scenario, teams, roads, parts, answer, visit) for visit in answer.visits]
        wrong = [(one.visit.team, one.before, one.visit.task) for one in timed if one.late]
        if not wrong:
            break
        late.update(wrong)
    paths = NamedPaths(scenario, "T")
    table = _table(scenario, teams, parts, roads, timed, paths)
    unserved = unserved_tasks(scenario, teams, roads, parts, answer)
    others = plan.unserved[plan.unserved["kind"] != "task"]
    levels = [
        {"measure": level.measure, "sense": level.sense, "value": level.value, "bound": level.bound,
         "gap": level.gap, "status": level.status} for level in answer.levels
    ]  # fmt: skip
    taken = [
        {"task": parts.task[j], "hospital": hospitals[h], "patients": int(answer.taken[j, h]),
         "minutes": int(problem.to_hospital[j, h])}
        for j, h in zip(*np.nonzero(answer.taken), strict=True)
    ]  # fmt: skip
    return replace(
        plan,
        deployments=table,
        unserved=pd.concat([others, unserved]).astype(UNSERVED_COLUMNS).reset_index(drop=True),
        paths=pd.concat([plan.paths, paths.table()], ignore_index=True).astype(PATH_COLUMNS),
        meta={**made_for(scenario), **plan.meta, "teams": {
            "scenario": scenario.name, "objective": levels, "hospitals": taken, "grid_ms": GRID_MS, "work": work,
            "seed": used, "commanders": scenario.tasks.commanders, "without": list(without),
            "on_foot": _on_foot(table, scenario, roads),
        }},
    )  # fmt: skip


@dataclass(frozen=True)
class _Timed:
    """A visit on the roads: from which task or base, by which way, at the road's end, and whether it is too late."""

    visit: Visit
    before: int
    leave_ms: int
    edges: Any
    road_end_ms: int
    late: bool


def _timed(
    scenario: Scenario, teams: list[TeamCalled], roads: TeamRoads, parts: Parts, answer: Answer, visit: Visit
) -> _Timed:
    """Drive the way of a visit; a team that need not hurry from its base leaves as late as it can."""
    own = [other for other in answer.visits if other.team == visit.team]
    k = own.index(visit)
    before = own[k - 1].task if k else -1
    team, to = teams[visit.team], parts.site[visit.task]
    origin = parts.site[before] if before >= 0 else team.base
    start, begin = (_ms(scenario, minute) for minute in (visit.leave, visit.begin))
    leave = max(start, team.ready_ms)
    if origin == to:
        return _Timed(visit, before, leave, (), leave, late=leave > begin)
    found = leg(roads.travel, team.vehicle_class, origin, to, leave)
    if found is None or found[1].arrive_ms > begin:
        return _Timed(visit, before, leave, (), leave, late=True)
    access = int(roads.travel.access_ms[roads.travel.index[to]])
    if before < 0 and found[1].arrive_ms < begin:
        later = leave + (begin - found[1].arrive_ms) // MINUTE_MS * MINUTE_MS
        again = leg(roads.travel, team.vehicle_class, origin, to, later)
        if again is not None and again[1].arrive_ms <= begin:
            leave, found = later, again
    return _Timed(visit, before, leave, found[0], found[1].arrive_ms - access, late=False)


def _ms(scenario: Scenario, minute: int) -> int:
    return scenario.order_ms + minute * MINUTE_MS


def _on_foot(table: pd.DataFrame, scenario: Scenario, roads: TeamRoads) -> dict[str, list[int]]:
    """Of deployments whose way is partly walked: edges walked at its beginning and at its end."""
    assert scenario.tasks is not None
    site = dict(zip(scenario.tasks.tasks["task"], scenario.tasks.tasks["site"], strict=True))
    walked = {
        row["deployment"]: [len(roads.walks.get(row["start_site"], ())), len(roads.walks.get(site[row["task"]], ()))]
        for row in table.to_dict("records") if row["path"]
    }  # fmt: skip
    return {name: count for name, count in walked.items() if any(count)}


def _table(
    scenario: Scenario, teams: list[TeamCalled], parts: Parts, roads: TeamRoads, timed: list[_Timed], paths: NamedPaths
) -> pd.DataFrame:
    """Rows of ``DEPLOYMENT_COLUMNS``, by team and then in order."""
    rows: list[dict[str, Any]] = []
    count: dict[str, int] = {}
    assert scenario.tasks is not None
    tasks = scenario.tasks.tasks.set_index("task", drop=False)
    for one in sorted(timed, key=lambda t: (t.visit.team, t.visit.begin)):
        team, task = teams[one.visit.team], parts.task[one.visit.task]
        count[team.team] = count.get(team.team, 0) + 1
        origin, site = parts.site[one.before] if one.before >= 0 else team.base, parts.site[one.visit.task]
        back = [int(scenario.network.twin[edge]) for edge in reversed(roads.walks.get(origin, ()))]
        way = [] if origin == site else [*back, *(int(edge) for edge in one.edges), *roads.walks.get(site, ())]
        rows.append({
            "deployment": f"P{len(rows) + 1}", "team": team.team, "sequence": count[team.team], "task": task,
            "skill": skill_for(team, tasks.loc[task]), "strength": one.visit.strength, "start_site": origin,
            "leave_ms": one.leave_ms,
            "path": paths.name(team.vehicle_class, origin, site, way) if way else "",
            "road_end_ms": one.road_end_ms, "begin_ms": _ms(scenario, one.visit.begin),
            "end_ms": _ms(scenario, one.visit.end),
        })  # fmt: skip

    return typed(DEPLOYMENT_COLUMNS, rows)
