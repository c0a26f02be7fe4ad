"""What teams have to do on a night: tasks with a skill, a duration and a deadline, and a team's way through them.

Other rooms start their processes when a night begins: a hook ``(run, order)`` given to ``stage.prepare`` may read its
plan's tables and call ``run.env.process``. Road clearing is such a hook, and an example of one.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from dispatch.clock import MINUTE_MS
from dispatch.simulation.run import Run

__all__ = ["Task", "TaskBoard", "Team", "read_teams", "team_process"]

Work = Callable[[Run, "Team", "Task"], Generator[Any, Any, bool]]
"""Go there and do it; True when it is done."""


@dataclass(frozen=True)
class Task:
    """Something a team with a skill can do.

    Attributes
    ----------
    task, skill : str
    site : str
        Site or edge where it is.
    people : int
        Whom it takes.
    work_ms : int
    deadline_ms : int
        Tasks with the earliest deadline are done first; ``models.traversal.NEVER`` if it has none.
    cause : int
        Event that made it necessary.
    """

    task: str
    skill: str
    site: str
    people: int
    work_ms: int
    deadline_ms: int
    cause: int


@dataclass(eq=False)
class Team:
    """A team, or the part of one that works by itself; ``node`` is where it stands, ``last`` its last event."""

    team: str
    base: str
    skills: frozenset[str]
    people: int
    ready_ms: int
    node: int = -1
    last: int = -1


@dataclass(eq=False)
class TaskBoard:
    """Open tasks, the most urgent first; teams wait for one that they have the skill for."""

    run: Run
    _open: list[tuple[int, int, Task]] = field(default_factory=list)
    _count: int = 0
    _posted: Any = None

    def post(self, task: Task) -> None:
        """Add a task and wake waiting teams."""
        self._count += 1
        heapq.heappush(self._open, (task.deadline_ms, self._count, task))
        if self._posted is not None and not self._posted.triggered:
            self._posted.succeed()

    def take(self, team: Team) -> Task | None:
        """The most urgent task that a team can do, off the board; None if there is none."""
        for entry in sorted(self._open):
            task = entry[2]
            if task.skill in team.skills and task.people <= team.people:
                self._open.remove(entry)
                heapq.heapify(self._open)
                return task
        return None

    def posted(self) -> Any:
        """Event of the next task posted."""
        if self._posted is None or self._posted.triggered:
            self._posted = self.run.env.event()
        return self._posted


def read_teams(run: Run, skills: frozenset[str], people: int) -> list[Team]:
    """Teams of the county with one of these skills, each as many crews of ``people`` as its strength gives."""
    stage = run.stage
    crews: list[Team] = []
    for row in stage.scenario.county.table("teams").to_dict("records"):
        own = skills & {skill.strip() for skill in str(row["skills"]).split(";")}
        if not own or row["strength"] < people:
            continue
        minutes = 0.0 if math.isnan(row["turnout_min"]) else float(row["turnout_min"])
        ready = run.night.order_ms + round(
            minutes * MINUTE_MS * run.night.draws.spread("call_up", "turnout", row["team"])
        )
        crews += [
            Team(f"{row['team']}/{k + 1}", row["base"], own, people, ready)
            for k in range(int(row["strength"] // people))
        ]
    return crews


def team_process(run: Run, board: TaskBoard, team: Team, order: int, work: Work) -> Generator[Any, Any, None]:
    """SimPy process of one crew: turn out, then one task after the other."""
    yield run.env.timeout(max(team.ready_ms - run.env.now, 0))
    team.last = run.recorder.record(
        run.env.now, "team_ready", team.team, "team", order, place=team.base, quantity=float(team.people),
        milestone=f"team {team.team} ready",
    )  # fmt: skip
    while True:
        task = board.take(team)
        if task is None:
            yield board.posted()
            continue
        yield from work(run, team, task)
