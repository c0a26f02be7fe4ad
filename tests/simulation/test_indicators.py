"""Figures from the log: worked out by hand, and against the planner's own measures of the same timetable."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from dispatch.planning.measure import measure
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.indicators import combine, indicators
from dispatch.simulation.interval import wilson
from dispatch.simulation.response import replay
from dispatch.simulation.spans import SPAN_STEPS
from dispatch.simulation.summary import indicators_json, summarise
from tests import tiny
from tests.simulation.nights import certain, night, surprise
from tests.simulation.plans import plan_of

MINUTE = 60_000


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_as_published(successes, trials, low, high):
    """Newcombe, Two-sided confidence intervals for the single proportion, Stat. Med. 17 (1998), table I, method 3."""
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


def test_wilson_interval_of_all_and_of_none():
    assert wilson(50, 50)[1] == 1.0
    assert wilson(0, 50)[0] == 0.0
    assert wilson(50, 50)[0] == pytest.approx(1 - wilson(0, 50)[1])
    with pytest.raises(ValueError, match="3 successes in 2"):
        wilson(3, 2)


def two_trucks(hazard=None, **other):
    scenario = certain(tiny.one_depot(hazard, trucks=2, **other))
    forecast = certain(tiny.one_depot(trucks=2, **other))
    trips = [("V1", "D", [("A", {"NA": 100}), ("B", {"NB": 100})]), ("V2", "D", [("C", {"NC": 100})])]
    return scenario, plan_of(forecast, trips, home=True)


def test_a_night_worked_out_by_hand():
    # the timetable of test_replay: A 64, B 80, C 92; V1 leaves at 48
    scenario, plan = two_trucks()
    found = indicators(replay(scenario, plan), scenario)
    row = found.nights.iloc[0]
    assert (row["t1_ms"], row["t_all_ms"], row["t_all_places_ms"]) == (64 * MINUTE, 92 * MINUTE, 92 * MINUTE)
    assert row["first_wheel_ms"] == 48 * MINUTE
    assert row["on_time"]
    assert row["people_share_in_time"] == 1.0
    assert row["km"] == pytest.approx(40 + 60)
    # served by 1:00, 1:15 (A), 1:30 (B), 1:45 (C)
    assert found.served["people_share"][0][4:8] == pytest.approx([0, 1 / 3, 2 / 3, 1])
    c = found.places.set_index("place").loc["C"]
    spent = {step: c[f"{step}_ms"] / MINUTE for step in SPAN_STEPS if c[f"{step}_ms"]}
    assert spent == {"mobilising": 30, "dock_wait": 8, "loading": 8, "convoy": 10, "driving": 30, "unloading": 6}
    assert c["last"]
    assert found.places["last"].sum() == 1
    v1 = found.vehicles.set_index("vehicle").loc["V1"]
    # 8 + 10 + 20 + 12 + 20 minutes of work
    assert (v1["productive_ms"], v1["waiting_ms"], v1["trips_done"]) == (70 * MINUTE, 0, 1)


def test_shares_count_each_need_of_a_place_evenly():
    both = ("quilt", "water")
    tables = {
        "items": [{"item": item, "name": item, "unit": "1", "weight_kg": 3.0, "volume_m3": 0.02} for item in both],
        "stock": [{"depot": "D", "item": item, "lot": "L1", "quantity": 900} for item in both],
    }
    needs = [tiny.need("NA", "A", "quilt", 100, 300.0), tiny.need("NW", "A", "water", 40, 300.0),
             tiny.need("NB", "B", "quilt", 100, 100.0)]  # fmt: skip
    scenario = certain(tiny.one_depot(tables=tables, needs=needs))
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 50, "NW": 40})])])
    found = indicators(replay(scenario, plan), scenario)
    # A: half of the quilts, all the water: (1/2 + 1)/2 of 300 of 400 people
    assert found.nights["need_share_in_time"].tolist() == [pytest.approx(0.75 * 300 / 400)]
    assert found.nights["people_share_in_time"].tolist() == [0.0]
    assert found.nights["t1_ms"].tolist() == [-1]
    assert found.nights["t_all_ms"].tolist() == [scenario.horizon_ms]


def test_cut_off_place_counts_among_all_places_only():
    scenario, plan = two_trucks(surprise(("r23:2-3", 5, math.inf, 10)))
    found = indicators(night(scenario, plan), scenario)
    row = found.nights.iloc[0]
    assert (row["places"], row["places_reachable"], row["places_complete"]) == (3, 2, 2)
    assert row["on_time"]
    assert not row["on_time_places"]
    assert row["t_all_ms"] == 80 * MINUTE
    assert row["t_all_places_ms"] == scenario.horizon_ms
    assert found.served["people_share"][0][-1] == pytest.approx(2 / 3)
    assert found.served["people_share_reachable"][0][-1] == 1.0


def test_night_without_any_reachable_place_is_no_success():
    scenario, plan = two_trucks(surprise(("r01:0-1", 5, math.inf, 10)))
    row = indicators(night(scenario, plan), scenario).nights.iloc[0]
    assert row["places_reachable"] == 0
    assert not row["on_time"]
    assert row["t_all_ms"] == scenario.horizon_ms


def test_the_same_figures_as_the_planners_measures():
    """``planning.measure`` works from the plan's tables, ours from the log of its replay."""
    scenario = tiny.one_depot(trucks=2, deadline_ms=85 * MINUTE)
    trips = [("V1", "D", [("A", {"NA": 100}), ("B", {"NB": 60})]), ("V2", "D", [("C", {"NC": 100}), ("B", {"NB": 40})])]
    plan = plan_of(scenario, trips)
    planned = measure(plan, scenario)
    found = indicators(replay(scenario, plan), scenario)
    row = found.nights.iloc[0]
    assert (row["t1_ms"], row["t_all_ms"], row["t_all_places_ms"]) == (
        planned.t1_ms, planned.t_all_reachable_ms, planned.t_all_ms,
    )  # fmt: skip
    assert found.places["complete_ms"].tolist() == planned.places["first_batch_complete_ms"].tolist()
    assert found.places["in_time"].tolist() == planned.places["on_time"].tolist()
    for name in ("people_share", "need_share"):
        steps = planned.served
        expected = [steps.loc[steps["time_ms"] <= at, name].iloc[-1] for at in found.grid_ms]
        assert found.served[name][0] == pytest.approx(expected)


def test_steps_add_up_to_the_time_of_every_place():
    scenario, plan = two_trucks(surprise(("r12:1-2", 50, 100)))
    varied = tiny.one_depot(scenario.disruption, trucks=2)
    ensemble = simulate(varied, plan, replications=20)
    served = ensemble.places[ensemble.places["complete_ms"] >= 0]
    assert len(served) > 50
    assert served[[f"{step}_ms" for step in SPAN_STEPS]].sum(axis=1).tolist() == served["complete_ms"].tolist()
    horizon = ensemble.vehicles[[f"{step}_ms" for step in SPAN_STEPS]].sum(axis=1)
    assert (horizon == scenario.horizon_ms).all()
    assert (served["road_wait_ms"] > 0).any()


def test_vehicle_that_stays_at_the_depot_stands_by():
    # every road out is closed and known to be: loaded, and given up at 48; V1's load is known by then
    scenario, plan = two_trucks(surprise(("r01:0-1", 30, math.inf, 35)))
    found = indicators(night(scenario, plan), scenario)
    v1 = found.vehicles.set_index("vehicle").loc["V1"]
    assert v1["standby_ms"] == scenario.horizon_ms - 48 * MINUTE
    assert v1["convoy_ms"] == 10 * MINUTE
    assert (v1["trips_done"], v1["km"], v1["stranded"]) == (0, 0.0, False)
    assert found.nights["undelivered"].tolist() == [300.0]


def test_several_nights_together_are_the_nights_one_by_one():
    _, plan = two_trucks()
    scenario = tiny.one_depot(trucks=2)
    logs = [night(scenario, plan, k) for k in range(4)]
    together = indicators(pd.concat(logs, ignore_index=True), scenario)
    apart = combine([indicators(log, scenario) for log in logs])
    for name in ("nights", "places", "vehicles"):
        pd.testing.assert_frame_equal(getattr(together, name), getattr(apart, name))
    for name, values in together.served.items():
        np.testing.assert_array_equal(values, apart.served[name])


def test_log_without_an_order_has_no_six_hours():
    scenario, plan = two_trucks()
    log = replay(scenario, plan)
    with pytest.raises(ValueError, match="order_received"):
        indicators(log[log["event"] != "order_received"], scenario)


def test_summary_of_a_few_nights():
    _, plan = two_trucks()
    varied = tiny.one_depot(trucks=2, deadline_ms=90 * MINUTE)
    ensemble = simulate(varied, plan, replications=40)
    summary = ensemble.summary
    nights = ensemble.nights
    assert summary.p_on_time.value == nights["on_time"].mean()
    assert 0 < summary.p_on_time.value < 1
    assert (summary.p_on_time.low, summary.p_on_time.high) == wilson(int(nights["on_time"].sum()), 40)
    assert nights["on_time"].tolist() == (nights["t_all_ms"] <= 90 * MINUTE).tolist()
    t_all = summary.times.set_index("measure").loc["t_all"]
    assert t_all["p50_ms"] == sorted(nights["t_all_ms"])[19]
    place = summary.places.set_index("place").loc["C"]
    arrivals = ensemble.places.loc[ensemble.places["place"] == "C", "complete_ms"]
    assert place["p_in_time"] == (arrivals <= 90 * MINUTE).mean()
    assert place["arrival_p95_ms"] == sorted(arrivals)[37]
    assert summary.steps["last_place_min"].sum() == pytest.approx(nights["t_all_ms"].mean() / MINUTE)
    assert summary.curve["people_share_mean"].iloc[-1] == 1.0
    plain = json.loads(json.dumps(indicators_json(summary), allow_nan=False))
    assert plain["p_on_time"]["value"] == summary.p_on_time.value
    assert [row["time_ms"] // 3_600_000 for row in plain["served"]] == list(range(1, 25))


def test_no_nights_give_no_probability():
    from dispatch.simulation.log import empty_log

    scenario, _ = two_trucks()
    summary = summarise(indicators(empty_log(), scenario), scenario)
    assert math.isnan(summary.p_on_time.value)
    assert indicators_json(summary)["p_on_time"] == {"value": None, "low": None, "high": None}
