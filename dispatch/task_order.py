"""Tasks for teams as ordered: what is to be done where, by when, by whom; and how many fires can be commanded."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

__all__ = ["TASK_COLUMNS", "TASK_KINDS", "TaskOrder", "empty_tasks"]

TASK_KINDS: tuple[str, ...] = (
    "search_rescue", "fire_line", "pumping", "road_clearing", "ploughing", "medical", "engineering", "hazmat",
    "mine_rescue", "reconnaissance", "handout",
)  # fmt: skip

TASK_COLUMNS: dict[str, str] = {
    "task": "str",
    "name": "str",
    "kind": "str",
    "site": "str",
    "lon": "float64",
    "lat": "float64",
    "skills": "str",
    "person_min": "int64",
    "least": "int64",
    "most": "int64",
    "together": "bool",
    "release_ms": "int64",
    "due_ms": "int64",
    "after": "str",
    "lives": "int64",
    "priority": "float64",
    "incident": "str",
    "patients": "int64",
    "road": "str",
}
"""One row per task. ``site``: where it is (a site of the scenario); ``skills``: any of them will do, apart by ``;``;
``person_min``: work in person-minutes of rested people; ``least``, ``most``: people at work at a time; ``together``:
several teams may work at once; ``release_ms``, ``due_ms``: not begun before, ended by; ``after``: tasks that must have
ended, apart by ``;``; ``lives``: people at risk; ``incident``: the fire that it belongs to, "" if it needs no
commander; ``patients``: who must be taken to hospital; ``road``: the road that is open again when it is done."""


def empty_tasks() -> pd.DataFrame:
    """Nothing to be done."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in TASK_COLUMNS.items()})


@dataclass(frozen=True, eq=False)
class TaskOrder:
    """What teams are to do.

    Attributes
    ----------
    tasks : DataFrame
        ``TASK_COLUMNS``.
    commanders : int
        Fires that can be commanded at once.
    """

    tasks: pd.DataFrame = field(default_factory=empty_tasks)
    commanders: int = 1
