"""Tasks that no team does, each with the first cause that holds: what stands in the way even of everybody together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from dispatch.clock import MINUTE_MS, day_and_time
from dispatch.planning.plan import UNSERVED_COLUMNS
from dispatch.planning.teams_problem import Parts, hospital_minutes
from dispatch.roads.travel import arrivals
from dispatch.scenario import Scenario
from dispatch.teams.called import TeamCalled, TeamRoads, able, skill_for
from models.assignment.team_tasks import Answer
from models.traversal import NEVER

__all__ = ["CAUSES", "unserved_tasks"]

CAUSES: tuple[str, ...] = (
    "skill", "road", "strength", "time", "after", "hospital", "commander", "team",
)  # fmt: skip
"""No team has the skill; none finds a way in time; all together are too few; all together cannot end it in time; it
waits for a task that is not done; hospitals have no room; no commander is free; the teams do what counts more."""


def unserved_tasks(
    scenario: Scenario, teams: Sequence[TeamCalled], roads: TeamRoads, parts: Parts, answer: Answer
) -> pd.DataFrame:
    """Rows of ``UNSERVED_COLUMNS`` of kind ``task``: person-minutes lacking, cause, the figures that show it."""
    assert scenario.tasks is not None
    table = scenario.tasks.tasks
    done = {parts.task[j] for j in np.flatnonzero(answer.served)}
    fires = {row.incident for row in table.itertuples(index=False) if row.task in done and row.incident}
    _, beds, _ = hospital_minutes(scenario, roads, ())
    free = int(beds.sum()) - int(answer.taken.sum())
    rows = []
    for task in table.itertuples(index=False):
        if task.task in done:
            continue
        cause, detail = _cause(scenario, teams, roads, task, done)
        if cause == "team" and task.patients > free:
            cause, detail = "hospital", f"{task.patients} > {free}"
        elif cause == "team" and task.incident and task.incident not in fires and len(
            fires) >= scenario.tasks.commanders:  # fmt: skip
            cause, detail = "commander", f"{len(fires)}/{scenario.tasks.commanders}"
        rows.append(("task", task.task, "", int(task.person_min), cause, detail))
    return pd.DataFrame({
        name: pd.Series([row[k] for row in rows], dtype=kind) for k, (name, kind) in enumerate(UNSERVED_COLUMNS.items())
    })  # fmt: skip


def _cause(  # type: ignore[no-untyped-def]
    scenario: Scenario, teams: Sequence[TeamCalled], roads: TeamRoads, task, done: set[str]
) -> tuple[str, str]:
    skilled = [team for team in teams if skill_for(team, task)]
    if not skilled:
        return "skill", task.skills
    there = []
    for team in skilled:
        if task.site in roads.travel.index:
            at = int(
                arrivals(roads.travel, team.vehicle_class, team.base, team.ready_ms)[roads.travel.index[task.site]]
            )
            if at < NEVER:
                there.append((at, team))
    first = min((at for at, _ in there), default=NEVER)
    if first >= task.due_ms:
        shown = "" if first >= NEVER else day_and_time(scenario.reference_time, first)
        return "road", shown
    coming = sorted(((at, team) for at, team in there if at < task.due_ms and able(team, task)),
                    key=lambda pair: (pair[0], pair[1].team))  # fmt: skip
    people = sum(min(team.strength, task.most) for _, team in coming)
    if people < task.least:
        return "strength", f"{people}/{task.least}"
    if not _in_time(task, coming):
        return "time", day_and_time(scenario.reference_time, first)
    waits = [one for one in task.after.split(";") if one and one not in done]
    if waits:
        return "after", ", ".join(waits)
    return "team", ", ".join(team.team for _, team in coming[:5])


def _in_time(task, coming: list[tuple[int, TeamCalled]]) -> bool:  # type: ignore[no-untyped-def]
    """Whether some of the first teams to come, all rested, would end the task by its due time."""
    for count in range(1, len(coming) + 1):
        people = min(sum(min(team.strength, task.most) for _, team in coming[:count]), task.most)
        begin = max(coming[count - 1][0], task.release_ms)
        work = math.ceil(task.person_min / people) * MINUTE_MS
        if people >= task.least and begin + work <= task.due_ms:
            return True
        if not task.together:
            alone = [team for _, team in coming if min(team.strength, task.most) >= task.least]
            return any(
                max(at, task.release_ms) + math.ceil(task.person_min / min(team.strength, task.most)) * MINUTE_MS
                <= task.due_ms
                for at, team in coming if team in alone
            )  # fmt: skip
    return False
