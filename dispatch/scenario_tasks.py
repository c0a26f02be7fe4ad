"""The section ``tasks`` of a scenario: what teams are to do, from a table of its own or the county's.

``[tasks]``: ``table``, a CSV file of the form of the county's table ``tasks``; or ``enabled = true``, which takes the
county's own; ``commanders``: fires that can be commanded at once (without it the county's table of posts, or the norm).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any

import pandas as pd

from dispatch.county.county import County
from dispatch.norms import read_norm
from dispatch.scenario_text import ScenarioText, moment_ms
from dispatch.task_order import TASK_COLUMNS, TaskOrder

__all__ = ["task_points", "task_sites", "tasks_of", "team_rules"]

_MOST = 100_000
"""People at work at a time where a task gives no most: no limit."""


@cache
def team_rules() -> Mapping[str, float]:
    """Figures of the norm table ``team_rules`` by name."""
    return MappingProxyType({row["rule"]: float(row["value"]) for row in read_norm("team_rules")})


def tasks_of(
    written: ScenarioText,
    rows: pd.DataFrame | None,
    county: County,
    reference: datetime,
    order_ms: int,
    horizon_ms: int,
) -> TaskOrder | None:
    """What teams have to do; None if the scenario has no tasks. Problems go to the scenario's text.

    Parameters
    ----------
    written : ScenarioText
    rows : DataFrame or None
        Of the file that ``tasks.table`` names.
    county : County
    reference : datetime
    order_ms, horizon_ms : int
        Tasks without times are open from the order to the end of the horizon.
    """
    value = written.values.get
    given = "tasks.table" in written.values
    if not given and not value("tasks.enabled", False):
        if "tasks.commanders" in written.values:
            written.problem("scenario_section_closed", "tasks.commanders", section="tasks")
        return None
    table = rows if given else county.table("tasks")
    if table is None:
        return None
    commanders = _commanders(written, county)
    kinds = {row["kind"]: row for row in read_norm("task_kinds")}
    known = set(table["task"])
    made = [
        one for row in table.to_dict("records")
        if (one := _task(written, row, kinds[row["kind"]], known, reference, (order_ms, order_ms + horizon_ms)))
    ]  # fmt: skip
    if _circle({one["task"]: one["after"].split(";") for one in made}):
        written.problem("scenario_task_circle", "tasks.after")
    frame = pd.DataFrame({
        name: pd.Series([one[name] for one in made], dtype=kind) for name, kind in TASK_COLUMNS.items()
    })  # fmt: skip
    return TaskOrder(frame, commanders)


def _commanders(written: ScenarioText, county: County) -> int:
    """Fires commanded at once: the scenario's, the county's posts', or the norm's number."""
    own = written.values.get("tasks.commanders")
    if own is not None:
        if own < 1:
            written.problem("scenario_positive", "tasks.commanders", own)
        return max(int(own), 1)
    trained = county.table("roles")["commanders"].sum()
    return int(trained) if trained > 0 else int(team_rules()["commanders"])


def _task(
    written: ScenarioText, row: Mapping[str, Any], kind: Mapping[str, Any], known: set[str], reference: datetime,
    span: tuple[int, int],
) -> dict[str, Any] | None:  # fmt: skip
    """One row with its defaults; None if it is not whole."""
    task, wrong = str(row["task"]), []
    times = []
    for name, otherwise in (("earliest", span[0]), ("latest", span[1])):
        try:
            times.append(moment_ms(row[name], reference) if row[name] else otherwise)
        except ValueError:
            wrong.append((name, row[name]))
            times.append(otherwise)
    here = not math.isnan(row["lon"]) and not math.isnan(row["lat"])
    if not here and not row["place"]:
        wrong.append(("place", ""))
    least = int(kind["least"] if math.isnan(row["least"]) else row["least"])
    most = max(_MOST if math.isnan(row["most"]) else int(row["most"]), 1)
    if not math.isnan(row["least"]) and least > most:
        wrong.append(("most", most))
    if times[1] <= times[0]:
        wrong.append(("latest", row["latest"]))
    after = [one.strip() for one in str(row["after"]).split(";") if one.strip()]
    wrong += [("after", one) for one in after if one not in known or one == task]
    for name, value in wrong:
        written.problem("scenario_task", f"tasks {task}.{name}", value)
    if wrong:
        return None
    return {
        "task": task, "name": row["name"] or task, "kind": row["kind"],
        "site": f"task {task}" if here else row["place"],
        "lon": float(row["lon"]), "lat": float(row["lat"]), "skills": row["skills"] or kind["skills"],
        "person_min": math.ceil(round(float(row["person_h"]) * 60, 6)), "least": min(least, most), "most": most,
        "together": bool(row["together"]), "release_ms": max(times[0], span[0]), "due_ms": min(times[1], span[1]),
        "after": ";".join(after), "lives": _whole(row["lives"]), "priority": float(row["priority"]),
        "incident": row["incident"] or (task if kind["commander"] else ""), "patients": _whole(row["patients"]),
        "road": row["road"],
    }  # fmt: skip


def _whole(value: float) -> int:
    return 0 if math.isnan(value) else int(value)


def _circle(after: Mapping[str, list[str]]) -> bool:
    """Whether tasks wait for each other in a circle."""
    left = {task: {one for one in of if one} for task, of in after.items()}
    while left:
        free = [task for task, of in left.items() if not of & left.keys()]
        if not free:
            return True
        for task in free:
            del left[task]
    return False


def task_sites(order: TaskOrder | None, county: County) -> set[str]:
    """Points that the roads must lead to, of those with an id in the county's tables: tasks, bases, hospitals."""
    if order is None or order.tasks.empty:
        return set()
    facilities = county.table("facilities")
    hospitals = (
        facilities.loc[facilities["kind"] == "hospital", "facility"] if (order.tasks["patients"] > 0).any() else []
    )
    named = order.tasks.loc[order.tasks["lon"].isna(), "site"]
    return {*named, *county.table("teams")["base"], *hospitals}


def task_points(order: TaskOrder | None) -> pd.DataFrame:
    """Tasks with a position of their own as points (site, kind, name, place, lon, lat)."""
    rows = [] if order is None else [
        {"site": row["site"], "kind": "task", "name": row["name"], "place": "", "lon": row["lon"], "lat": row["lat"]}
        for row in order.tasks.to_dict("records") if not math.isnan(row["lon"])
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["site", "kind", "name", "place", "lon", "lat"])
