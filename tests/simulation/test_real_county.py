"""The embedded county, from the planner to the nights: what the simulation must hold on a real road list."""

from __future__ import annotations

import pytest

from dispatch.planning.measure import measure
from dispatch.planning.relief import plan_nearest_first, plan_relief
from dispatch.scenario_file import find_scenario, load_scenario
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.indicators import indicators
from dispatch.simulation.log_file import check_log
from dispatch.simulation.response import replay
from dispatch.simulation.timetable import deviations

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(find_scenario("qinshui/flash_flood"))


@pytest.fixture(scope="module")
def plan(scenario):
    return plan_relief(scenario, seconds=0.5)


def test_replay_reproduces_the_plan(scenario, plan):
    log = replay(scenario, plan)
    assert len(plan.trips) > 20
    assert deviations(log, plan).empty
    found, planned = indicators(log, scenario), measure(plan, scenario)
    assert found.nights["t_all_ms"].tolist() == [planned.t_all_reachable_ms]
    assert found.places["complete_ms"].tolist() == [
        done - scenario.order_ms if done >= 0 else -1
        for done in planned.places.loc[planned.places["place"].isin(found.places["place"]), "first_batch_complete_ms"]
    ]
    assert found.nights["km"].iloc[0] == pytest.approx(planned.levels()[4])


def test_replay_reproduces_the_baseline_too(scenario):
    plan = plan_nearest_first(scenario)
    assert deviations(replay(scenario, plan), plan).empty


def test_nights_vary_around_the_plan(scenario, plan):
    ensemble = simulate(scenario, plan, replications=20)
    assert not check_log(ensemble.log)
    planned = indicators(replay(scenario, plan), scenario).nights["places_in_time"].iloc[0]
    nights = ensemble.nights["places_in_time"]
    assert nights.nunique() > 1
    assert nights.min() > 0
    assert nights.max() <= ensemble.nights["places"].max()
    assert abs(nights.mean() - planned) < 0.5 * planned
