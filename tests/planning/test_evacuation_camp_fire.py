"""The Camp Fire, 2018: real roads and households, roads closed by timed reports of fire."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks._camp_fire import BUFFER_M, CAMP_FIRE, camp_fire, minutes_of, read_reports
from benchmarks._evacuation_cases import warned_at
from benchmarks.evacuation import crosses_fire
from dispatch.planning.check_evacuation import check_evacuation
from dispatch.planning.evacuation import plan_evacuation
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.evacuation import evacuate
from dispatch.simulation.evacuation_indicators import evacuation_nights
from tests.shared import shared_path


@pytest.mark.parametrize(("clock", "minutes"), [(625, 0), (745, 80), (830, 125), (1400, 455)])
def test_clock_hours_become_minutes(clock, minutes):
    """The published SimTime (HHMM minus 625) has 120 for 7:45."""
    assert minutes_of(clock) == minutes


@pytest.fixture(scope="module")
def scenario():
    return camp_fire(shared_path(CAMP_FIRE), share=0.1, warned_min=35)


@pytest.fixture(scope="module")
def plan(scenario):
    return plan_evacuation(scenario)


@pytest.mark.slow
def test_a_reported_road_is_closed_from_its_report_on(scenario):
    """Every closed edge has a point (vertices, every 5 m) within the buffer of a report of that minute, none sooner."""
    from pyproj import Transformer

    reports, minute = read_reports(shared_path(CAMP_FIRE) / "fire_reports.shp.zip")
    network, table = scenario.network, scenario.disruption.edges
    to_m = Transformer.from_crs("EPSG:4326", "EPSG:32610", always_xy=True)
    assert sorted(set(table["start_s"] / 60)) == sorted(set(minute))
    for row in table.iloc[:: len(table) // 25].itertuples():
        edge = network.edge_index[row.edge]
        shape = slice(network.shape_first[edge], network.shape_first[edge + 1])
        x, y = (np.array(c) for c in to_m.transform(network.shape_lon[shape], network.shape_lat[shape]))
        along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
        at = np.union1d(along, np.arange(0, along[-1], 5.0))
        line = np.column_stack([np.interp(at, along, x), np.interp(at, along, y)])
        distance = np.hypot(*(line[:, None, :] - reports[None, :, :]).transpose(2, 0, 1)).min(axis=0)
        assert minute[distance <= BUFFER_M + 0.2].min() * 60 == row.start_s
        assert (minute[distance <= BUFFER_M - 0.2] * 60 >= row.start_s).all()


@pytest.mark.slow
def test_plan_and_nights(scenario, plan):
    """The plan breaks no rule, nobody is on a road after its report, everybody is accounted for on every night."""
    assert check_evacuation(plan, scenario) == []
    assert crosses_fire(scenario, plan) == 0
    people = int(scenario.evacuation.groups["people"].sum())
    assert plan.evacuations["people"].sum() + plan.unserved["amount"].sum() == people
    most = plan.meta["evacuation"]["objective"][0]
    assert 0.8 * most["bound"] <= most["value"] <= most["bound"]
    nights = evacuation_nights(simulate(scenario, plan, replications=3, hooks=(evacuate,)).log).nights
    assert (nights["people"] == nights[["out", "left_behind", "cut_off", "under_way"]].sum(axis=1)).all()


@pytest.mark.slow
def test_an_earlier_order_leaves_fewer_behind(scenario, plan):
    left = [int(plan_evacuation(warned_at(scenario, minute)).unserved["amount"].sum()) for minute in (125, 80)]
    left.append(int(plan.unserved["amount"].sum()))
    assert left == sorted(left, reverse=True)
