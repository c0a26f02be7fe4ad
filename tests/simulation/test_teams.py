"""Teams on a night: the plan's own timetable without randomness; what holds on every other night."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dispatch.clock import HOUR_MS, SECOND_MS
from dispatch.planning.plan import Plan
from dispatch.planning.relief import plan_relief
from dispatch.planning.teams import plan_teams
from dispatch.planning.teams_roads import relief_with_teams
from dispatch.scenario import Scenario
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.log import EVENTS
from dispatch.simulation.night import planned_night
from dispatch.simulation.recorder import log_table
from dispatch.simulation.response import play
from dispatch.simulation.stage import prepare
from dispatch.simulation.teams import deploy
from dispatch.simulation.teams_indicators import task_nights, task_summary
from tests import tiny
from tests.planning.team_worlds import task, team, world


def replayed(scenario: Scenario, plan: Plan) -> pd.DataFrame:
    return log_table([play(planned_night(prepare(scenario, plan, hooks=(deploy,))))])


def mixed() -> Scenario:
    """Two fires under one commander, a rescue that two teams do together, one long task taken over, one on foot."""
    closed = [tiny.closure(edge, 0, float("inf"), cause="collapse") for edge in ("r23:2-3", "r23:3-2")]
    return world(
        [
            task("fire A", "A", skills="fire_line", incident="A", lives=2),
            task("fire B", "B", skills="fire_line", incident="B"),
            task("both", "B", least=20, after="fire B"),
            task("long", "A", skills="pumping", person_min=100 * 60, most=10),
            task("foot", "C", skills="medical", lives=1),
        ],
        [
            team("T1", "D", skills="fire_line;rescue"), team("T2", "B", skills="fire_line;rescue"),
            team("T3", "D", skills="pumping", shift_h=9), team("T4", "D", skills="pumping", shift_h=9),
            team("T5", "D", skills="medical"),
        ],
        commanders=1, hazard=tiny.disruption(closed), roads=tiny.network([(0, 1, 10), (1, 2, 10), (2, 3, 2)]),
    )  # fmt: skip


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return mixed()


@pytest.fixture(scope="module")
def plan(scenario: Scenario) -> Plan:
    made = plan_teams(scenario)
    assert made.unserved.empty
    return made


def test_replay_is_the_plan(scenario: Scenario, plan: Plan) -> None:
    """Set out, road's end, begin and end of every deployment, to the millisecond."""
    log = replayed(scenario, plan)
    at = log.set_index("milestone")["time_s"]
    for row in plan.deployments.to_dict("records"):
        mark = f"team {row['team']} task {row['sequence']}"
        if row["path"]:
            assert at[f"{mark} sets out"] * SECOND_MS == row["leave_ms"]
        if f"{mark} on foot" in at:
            assert at[f"{mark} on foot"] * SECOND_MS == row["road_end_ms"]
        assert at[f"{mark} at work"] * SECOND_MS == row["begin_ms"]
        assert at[f"{mark} done"] * SECOND_MS == row["end_ms"]
    assert "team T5 task 1 on foot" in at
    assert set(log["event"]) <= set(EVENTS)


def test_relieved_and_done(scenario: Scenario, plan: Plan) -> None:
    """The first crew of the long task is relieved, the last one is done; every task is done once."""
    log = replayed(scenario, plan)
    long = log[(log["detail"] == "long") & log["event"].isin(["team_relieved", "team_done"])]
    assert list(long["event"])[:-1] == ["team_relieved"] * (len(long) - 1)
    assert list(long["event"])[-1] == "team_done"
    assert sorted(log.loc[log["event"] == "task_done", "detail"]) == ["both", "fire A", "fire B", "foot", "long"]


def test_what_holds_on_every_night(scenario: Scenario, plan: Plan) -> None:
    """One fire at a time, order kept, strength there, causes before effects; each posted task ends one way."""
    log = simulate(scenario, plan, replications=40, hooks=(deploy,)).log
    for _, night in log.groupby("replication"):
        begin = night[night["event"] == "team_at_work"].groupby("detail")["time_s"].min()
        end = night[night["event"] == "task_done"].groupby("detail")["time_s"].max()
        spans = sorted((begin[name], end[name]) for name in ("fire A", "fire B") if name in end)
        assert all(a[1] <= b[0] for a, b in zip(spans, spans[1:], strict=False))
        assert begin["both"] >= end["fire B"]
        people = night[(night["event"] == "team_at_work") & (night["detail"] == "both")]
        assert people["quantity"].sum() >= 20
        assert people["time_s"].nunique() == 1
        fate = night[night["event"].isin(["task_done", "task_unfinished"])]
        assert sorted(fate["detail"]) == sorted(scenario.tasks.tasks["task"])  # type: ignore[union-attr]
        cause = night.set_index("event_id")["cause"]
        assert (cause[cause >= 0] < cause[cause >= 0].index).all()
    nights = task_nights(log)
    assert len(nights) == 40 * 5
    summary = task_summary(nights, scenario.tasks.tasks, scenario.order_ms).set_index("task")  # type: ignore[union-attr]
    assert (summary["done"] == 1).all()
    planned = (plan.deployments.groupby("task")["end_ms"].max() - scenario.order_ms) / HOUR_MS
    assert np.corrcoef(summary["median_h"], planned.reindex(summary.index))[0, 1] > 0.9


def test_same_seed_same_nights(scenario: Scenario, plan: Plan) -> None:
    """Byte for byte."""
    first, second = (simulate(scenario, plan, replications=3, seed=7, hooks=(deploy,)).log for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_trucks_wait_for_the_crew() -> None:
    """The road is closed till evening; replayed, the truck is there to the plan's minute, after the crew is done."""
    closed = [tiny.closure(edge, 0, 20 * 3600, cause="slide") for edge in ("r12:1-2", "r12:2-1")]
    scenario = world(
        [task("clear", "A", kind="road_clearing", skills="road_clearing", person_min=1200)],
        [team("T", "A", skills="road_clearing")], hazard=tiny.disruption(closed),
        needs=[tiny.need("NB", "B", "quilt", 100, 100.0)],
    )  # fmt: skip
    plan = relief_with_teams(scenario, lambda one: plan_relief(one, seconds=1))
    log = replayed(scenario, plan)
    cleared = log.loc[log["event"] == "road_cleared", "time_s"].min()
    assert cleared * SECOND_MS == plan.deployments["end_ms"].iloc[0]
    arrived = log.loc[(log["event"] == "arrive") & (log["place"] == "B"), "time_s"].iloc[0]
    assert arrived * SECOND_MS == plan.stops["arrive_ms"].iloc[0]
    assert arrived > cleared
    nights = simulate(scenario, plan, replications=20, hooks=(deploy,)).log
    for _, night in nights.groupby("replication"):
        there = night.loc[(night["event"] == "arrive") & (night["place"] == "B"), "time_s"]
        assert (there > night.loc[night["event"] == "road_cleared", "time_s"].max()).all()
