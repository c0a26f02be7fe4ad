"""What the nights say of the teams, from the event log alone: when each task was begun and done, and how surely."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dispatch.clock import HOUR_MS, SECOND_MS

__all__ = ["TASK_NIGHT_COLUMNS", "task_nights", "task_summary"]

TASK_NIGHT_COLUMNS: dict[str, str] = {
    "replication": "int64",
    "task": "str",
    "begun_s": "float64",
    "done_s": "float64",
}
"""One row per night and task that the plan gives to teams; NaN where it was not begun or done that night."""


def task_nights(log: pd.DataFrame) -> pd.DataFrame:
    """Rows of ``TASK_NIGHT_COLUMNS``."""
    given = log[(log["event"] == "task_posted") & (log["actor_kind"] == "headquarters") & (log["place"] != "")]
    keys = given[["replication", "detail"]].drop_duplicates().rename(columns={"detail": "task"})
    of = {}
    for name, event, pick in (("begun_s", "team_at_work", "min"), ("done_s", "task_done", "max")):
        rows = log[log["event"] == event]
        of[name] = rows.groupby(["replication", "detail"])["time_s"].agg(pick)
    index = pd.MultiIndex.from_frame(keys)
    made = keys.assign(**{name: times.reindex(index).to_numpy(dtype=np.float64) for name, times in of.items()})
    return made.astype(TASK_NIGHT_COLUMNS).reset_index(drop=True)


def task_summary(nights: pd.DataFrame, tasks: pd.DataFrame, order_ms: int) -> pd.DataFrame:
    """By task: nights, share done, share done by its due time, median hours from the order to its end (NaN: never).

    Parameters
    ----------
    nights : DataFrame
        ``TASK_NIGHT_COLUMNS``.
    tasks : DataFrame
        ``TASK_COLUMNS``.
    order_ms : int
    """
    due = tasks.set_index("task")["due_ms"] / SECOND_MS
    rows = nights.assign(in_time=nights["done_s"] <= nights["task"].map(due), was_done=nights["done_s"].notna())
    of = rows.groupby("task", sort=False)
    made = pd.DataFrame({
        "nights": of.size(), "done": of["was_done"].mean(), "in_time": of["in_time"].mean(),
        "median_h": (of["done_s"].median() * SECOND_MS - order_ms) / HOUR_MS,
    })  # fmt: skip
    return made.reset_index()
