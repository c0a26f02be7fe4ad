"""Small worlds of teams and tasks: one road of 10 km pieces, a light truck drives each in 14 min 17.143 s or more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dispatch.clock import HOUR_MS, MINUTE_MS
from dispatch.scenario import Scenario
from dispatch.task_order import TASK_COLUMNS, TaskOrder
from tests import tiny


def task(name: str, site: str, **other: Any) -> dict[str, Any]:
    """A rescue of ten person-hours by anybody with the skill, open all the horizon long."""
    row: dict[str, Any] = {
        "task": name, "name": name, "kind": "search_rescue", "site": site, "lon": float("nan"), "lat": float("nan"),
        "skills": "rescue", "person_min": 600, "least": 1, "most": 100_000, "together": True, "release_ms": 0,
        "due_ms": 24 * HOUR_MS, "after": "", "lives": 0, "priority": 1.0, "incident": "", "patients": 0, "road": "",
    }  # fmt: skip
    return {**row, **other}


def team(name: str, base: str, **other: Any) -> dict[str, Any]:
    """A professional team of ten, turned out 10 minutes after its call by day."""
    row = {"team": name, "name": f"{name}队", "base": base, "type": "professional", "strength": 10,
           "skills": "rescue", "turnout_min": 10, "shift_h": 10}  # fmt: skip
    return {**row, **other}


def world(
    tasks: Sequence[Mapping[str, Any]],
    teams: Sequence[Mapping[str, Any]],
    commanders: int = 2,
    facilities: Sequence[Mapping[str, Any]] = (),
    **other: Any,
) -> Scenario:
    """Depot D, villages A, B, C along one road; no relief needed unless told."""
    tables = {"teams": list(teams), "facilities": list(facilities)} | other.pop("tables", {})
    other.setdefault("needs", [])
    made = tiny.one_depot(tables=tables, **other)
    return replace(made, tasks=TaskOrder(tiny.frame(TASK_COLUMNS, [dict(row) for row in tasks]), commanders))


def minutes(scenario: Scenario, time_ms: float) -> float:
    """Minutes since the order."""
    return (time_ms - scenario.order_ms) / MINUTE_MS
