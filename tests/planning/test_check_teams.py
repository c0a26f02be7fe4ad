"""Every rule of the teams' deployments, broken once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from dispatch.clock import HOUR_MS
from dispatch.documents.messages import LANGUAGES
from dispatch.planning.check_teams import check_teams
from dispatch.planning.plan import Plan
from dispatch.planning.teams import plan_teams
from dispatch.planning.violation import violation_text
from dispatch.scenario import Scenario
from dispatch.task_order import TaskOrder
from tests import tiny
from tests.planning.team_worlds import task, team, world

HOSPITAL = {"facility": "C", "name": "C医院", "kind": "hospital", "place": "C", "capacity": 5}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Two fires at A and B, a rescue with patients at B after them, a task that nobody can do."""
    sites = {"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2), "H": ("facility", 3)}
    return world(
        [
            task("fire A", "A", skills="fire_line", incident="A", lives=2, least=20),
            task("fire B", "B", skills="fire_line", incident="B", release_ms=2 * HOUR_MS),
            task("rescue", "B", patients=3, after="fire B", most=15, due_ms=20 * HOUR_MS),
            task("spill", "A", skills="hazmat"),
        ],
        [
            team("T1", "D", skills="fire_line"),
            team("T2", "D", skills="fire_line;rescue"),
            team("T3", "A", skills="rescue;fire_line", type="social"),
        ],
        facilities=[{**HOSPITAL, "facility": "H", "name": "H"}],
        sites=sites,
    )


@pytest.fixture(scope="module")
def plan(scenario: Scenario) -> Plan:
    return plan_teams(scenario)


def codes(plan: Plan, scenario: Scenario) -> set[str]:
    return {violation.code for violation in check_teams(plan, scenario)}


def at(plan: Plan, task_id: str, which: int = 0) -> int:
    rows = plan.deployments
    return int(rows.index[rows["task"] == task_id][which])


def broken(plan: Plan, row: int, **changes: Any) -> Plan:
    table = plan.deployments.copy()
    for name, value in changes.items():
        table.loc[row, name] = value
    return replace(plan, deployments=table)


def meta(plan: Plan, **changes: Any) -> Plan:
    return replace(plan, meta={**plan.meta, "teams": {**plan.meta["teams"], **changes}})


def test_the_plan_itself_is_valid(plan: Plan, scenario: Scenario) -> None:
    assert check_teams(plan, scenario) == []
    assert set(plan.deployments["task"]) == {"fire A", "fire B", "rescue"}


@pytest.mark.parametrize(
    ("task_id", "changes", "code"),
    [
        ("fire A", {"team": "T9"}, "teams_team"),
        ("fire A", {"task": "fire Z"}, "teams_task"),
        ("fire A", {"path": "none"}, "unknown_path"),
        ("fire A", {"start_site": "nowhere"}, "unknown_site"),
        ("fire A", {"sequence": 7}, "teams_sequence"),
        ("fire A", {"skill": "rescue"}, "teams_skill"),
        ("fire A", {"strength": 11}, "teams_people"),
        ("fire A", {"strength": 0}, "teams_people"),
        ("fire A", {"strength": 9}, "teams_few"),
        ("fire A", {"leave_ms": 0}, "teams_busy"),
        ("fire A", {"road_end_ms": 0}, "teams_road_end"),
        ("fire A", {"begin_ms": 0}, "teams_begin"),
        ("fire B", {"begin_ms": HOUR_MS}, "teams_early"),
        ("rescue", {"end_ms": 21 * HOUR_MS}, "teams_late"),
        ("rescue", {"end_ms": 0}, "teams_backwards"),
        ("rescue", {"begin_ms": 2 * HOUR_MS}, "teams_order"),
        ("rescue", {"end_ms": 19 * HOUR_MS}, "teams_shift"),
        ("rescue", {"strength": 10, "end_ms": 1}, "teams_work"),
        ("rescue", {"end_ms": 19 * HOUR_MS}, "teams_objective"),
    ],
)
def test_a_wrong_cell(plan: Plan, scenario: Scenario, task_id: str, changes: dict[str, Any], code: str) -> None:
    """One cell of one row says what cannot be."""
    row = at(plan, task_id)
    if "skill" in changes and plan.deployments.at[row, "team"] != "T1":
        row = at(plan, task_id, 1)
    assert code in codes(broken(plan, row, **changes), scenario)


def test_start_where_the_team_is_not(plan: Plan, scenario: Scenario) -> None:
    row = next(i for i, of in plan.deployments.iterrows() if of["sequence"] == 2)
    assert "teams_start" in codes(broken(plan, row, start_site="D"), scenario)


def test_ways(plan: Plan, scenario: Scenario) -> None:
    """A way of another class, one that does not begin where the team is, one that ends hours on foot away."""
    row = next(i for i, of in plan.deployments.iterrows() if of["path"])
    name = plan.deployments.at[row, "path"]
    for changes, code in (
        ({"vehicle_class": "truck_5t"}, "teams_vehicle"),
        ({"edges": ("r23:2-3",)}, "teams_broken_way"),
        ({"edges": ("no such road",)}, "unknown_edge"),
    ):
        table = plan.paths.copy()
        where = table.index[table["path"] == name][0]
        for column, value in changes.items():
            table.at[where, column] = value
        assert code in codes(replace(plan, paths=table), scenario)


def test_too_far_on_foot() -> None:
    """Eight of nine kilometres are said to be walked."""
    roads = tiny.network([(k, k + 1, 1) for k in range(9)])
    far = world([task("K", "C")], [team("T", "D")], sites={"D": ("depot", 0), "C": ("place", 9)}, roads=roads)
    there = plan_teams(far)
    walked = meta(there, on_foot={there.deployments["deployment"].iloc[0]: [0, 8]})
    assert {"teams_walk", "teams_road_end", "teams_begin"} <= codes(walked, far)


def test_tasks_forgotten_or_listed_wrongly(plan: Plan, scenario: Scenario) -> None:
    """Every task is done or listed, not both, with all its person-minutes and a cause."""
    keep = plan.deployments[plan.deployments["task"] != "rescue"].reset_index(drop=True)
    gone = replace(plan, deployments=keep)
    assert {"teams_forgotten", "teams_patients"} <= codes(gone, scenario)
    both = plan.unserved.copy()
    both.loc[0, "subject"] = "fire A"
    assert {"teams_both", "teams_forgotten"} <= codes(replace(plan, unserved=both), scenario)
    for changes in ({"amount": 3}, {"cause": ""}):
        table = plan.unserved.assign(**changes).astype(plan.unserved.dtypes.to_dict())
        assert "teams_amount" in codes(replace(plan, unserved=table), scenario)


def test_too_many_and_too_many_teams(plan: Plan, scenario: Scenario) -> None:
    """The same deployments where fewer people, or one team only, may work."""
    assert scenario.tasks is not None
    for changes, code in (({"most": 15}, "teams_many"), ({"together": False}, "teams_together")):
        tasks = scenario.tasks.tasks.copy()
        for name, value in changes.items():
            tasks.loc[tasks["task"] == "fire A", name] = value
        assert code in codes(plan, replace(scenario, tasks=TaskOrder(tasks, 2)))


def test_commanders(plan: Plan, scenario: Scenario) -> None:
    """Fire A drawn out until fire B is fought, by one commander."""
    assert scenario.tasks is not None
    rows = plan.deployments.copy()
    rows.loc[rows["task"] == "fire A", "end_ms"] = int(rows.loc[rows["task"] == "fire B", "end_ms"].max())
    one = replace(scenario, tasks=TaskOrder(scenario.tasks.tasks, 1))
    assert "teams_commanders" in codes(replace(plan, deployments=rows), one)


def test_hospitals(plan: Plan, scenario: Scenario) -> None:
    """Too many patients for the beds, a hospital that is none, patients left behind."""
    taken = plan.meta["teams"]["hospitals"]
    assert taken == [{"task": "rescue", "hospital": "H", "patients": 3, "minutes": taken[0]["minutes"]}]
    for changes, code in (({"patients": 6}, "teams_beds"), ({"hospital": "A"}, "teams_hospital"),
                          ({"patients": 2}, "teams_patients")):  # fmt: skip
        assert code in codes(meta(plan, hospitals=[{**taken[0], **changes}]), scenario)


def test_bounds(plan: Plan, scenario: Scenario) -> None:
    """No value beats its bound."""
    levels = [dict(level) for level in plan.meta["teams"]["objective"]]
    levels[0]["bound"] = 1.0
    assert "teams_bound" in codes(meta(plan, objective=levels), scenario)


def test_no_tasks(plan: Plan, scenario: Scenario) -> None:
    """Deployments for a scenario that has no tasks; a plan that was never given teams."""
    assert codes(plan, replace(scenario, tasks=None)) == {"teams_none"}
    nothing = replace(plan, deployments=plan.deployments.iloc[:0], unserved=plan.unserved.iloc[:0], meta={})
    assert check_teams(nothing, scenario) == []
    lost = replace(plan, deployments=plan.deployments.drop(columns="skill"))
    assert codes(lost, scenario) == {"table_columns"}


def test_every_violation_has_words(plan: Plan, scenario: Scenario) -> None:
    """Both languages name the place and the value."""
    rows = plan.deployments.copy()
    rows["begin_ms"] = rows["begin_ms"] - 3 * HOUR_MS
    rows["strength"] = pd.Series([99] * len(rows), dtype="int64")
    found = check_teams(replace(plan, deployments=rows), scenario)
    assert len(found) > 5
    for lang in LANGUAGES:
        for violation in found:
            assert "{" not in violation_text(violation, scenario, lang)
