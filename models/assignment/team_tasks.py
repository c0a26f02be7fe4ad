"""Teams and tasks as arrays, and the answer: which team goes to which task, and when."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVELS", "Answer", "Level", "Piece", "TeamTasks", "Visit"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LEVELS: tuple[tuple[str, str], ...] = (
    ("lives_served", "max"),
    ("priority_served", "max"),
    ("lives_minutes", "min"),
    ("priority_minutes", "min"),
    ("call_out", "min"),
    ("patient_minutes", "min"),
)
"""Levels of the objective in order: lives at risk at served tasks; priority of served tasks; lives × end of the task;
priority × end; teams called times their rank; patients × minutes to the hospital."""


@dataclass(frozen=True)
class Piece:
    """Travel for departures in [start, end): arrival = departure + minutes, or, with ``until``, at that minute."""

    start: int
    end: int
    minutes: int
    until: int = -1


@dataclass(frozen=True, eq=False)
class TeamTasks:
    """The problem: ``k`` teams, ``n`` tasks, ``h`` hospitals; times in minutes.

    Attributes
    ----------
    ready, strength, duty, fresh, rank : int64 arrays (k,)
        From when a team may leave its base; its people; minutes from leaving until it must stop working; minutes of
        duty at full rate; what calling it counts at the level ``call_out``.
    tired_permille : int
        Rate of work beyond ``fresh``.
    able : bool array (k, n)
        Skill, jurisdiction and way: the team may do the task.
    travel : mapping of (team, from, to) to tuple of Piece
        ``from`` is -1 for the base, else a task. Missing: no way. Departures outside every piece are not allowed.
    release, due, work, least, most : int64 arrays (n,)
        Not begun before ``release``, ended by ``due``; person-minutes at full rate; fewest and most people.
    alone : bool array (n,)
        Only one team at a time.
    whole : int64 array (n,)
        Tasks with one number are parts of one task: all are served or none.
    after : tuple of (earlier, later)
        The later task begins when the earlier one has ended, and is served only if that one is.
    lives, priority : int64 arrays (n,)
    incident : int64 array (n,)
        Fires that need a commander from the first of their tasks' begin to the last one's end; -1: none.
    commanders : int
    patients : int64 array (n,)
        Who must be taken to a hospital for the task to be served.
    beds : int64 array (h,)
    to_hospital : int64 array (n, h)
        Minutes; negative = no way.
    horizon : int
    """

    ready: Ints
    strength: Ints
    duty: Ints
    fresh: Ints
    rank: Ints
    tired_permille: int
    able: Bools
    travel: dict[tuple[int, int, int], tuple[Piece, ...]]
    release: Ints
    due: Ints
    work: Ints
    least: Ints
    most: Ints
    alone: Bools
    whole: Ints
    after: tuple[tuple[int, int], ...]
    lives: Ints
    priority: Ints
    incident: Ints
    commanders: int
    patients: Ints
    beds: Ints
    to_hospital: Ints
    horizon: int


@dataclass(frozen=True)
class Visit:
    """A team at a task: leaves for it, work begins and ends with all its teams at once."""

    team: int
    task: int
    leave: int
    begin: int
    end: int
    strength: int


@dataclass(frozen=True)
class Level:
    """One level of the objective; ``bound`` holds given the values of the levels before."""

    measure: str
    sense: str
    value: float
    bound: float
    gap: float
    status: str


@dataclass(frozen=True, eq=False)
class Answer:
    """Visits by team in their order, which tasks are served, patients by hospital, the levels."""

    visits: tuple[Visit, ...]
    served: Bools
    taken: Ints
    levels: tuple[Level, ...] = field(default=())
