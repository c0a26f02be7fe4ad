"""The evacuation on one night: the plan's own timetable, conservation of people, fire before them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.planning.evacuation import plan_evacuation
from dispatch.simulation.evacuation import evacuate
from dispatch.simulation.evacuation_indicators import evacuation_nights
from dispatch.simulation.log import EVENTS, LOG_COLUMNS
from dispatch.simulation.night import drawn_night, planned_night
from dispatch.simulation.recorder import log_table
from dispatch.simulation.response import play
from dispatch.simulation.stage import prepare
from tests import tiny
from tests.planning.evacuation_worlds import reached, world

GROUP = {"group": "front", "probability": 1.0, "shift_low_s": -3000.0, "shift_mode_s": 0.0, "shift_high_s": 3000.0,
         "duration_low": 1.0, "duration_mode": 1.0, "duration_high": 1.0}  # fmt: skip


def mixed(**own):
    return world(arrivals=(("A", 120, 1.0), ("B", 120, 1.0)), buses=(20, 20), car_share_residents=0.5, walk_limit=3,
                 people={"A": 60, "B": 120}, assisted_share=0.1, visitors={"A": 7}, **own)  # fmt: skip


def nights(scenario, plan, count=1, seed=None):
    stage = prepare(scenario, plan, hooks=(evacuate,))
    if seed is None:
        return log_table([play(planned_night(stage))])
    return log_table([play(drawn_night(stage, seed, k)) for k in range(count)])


def test_without_chance_it_is_the_plans_own_timetable():
    scenario = mixed()
    plan = plan_evacuation(scenario, rounds=50)
    log = nights(scenario, plan)
    assert list(log.columns) == list(LOG_COLUMNS)
    assert set(log["event"]) <= set(EVENTS)
    for row in plan.evacuations.to_dict("records"):
        for event, column in (("evacuees_left", "depart_ms"), ("evacuees_arrived", "arrive_ms")):
            (of,) = log[log["milestone"] == f"{row['move']} {event}"].to_dict("records")
            assert (of["time_s"] * 1000, of["quantity"]) == (row[column], row["people"])
    found = evacuation_nights(log).nights.iloc[0]
    assert found["people"] == found["out"] == 187
    assert found["last_arrival_ms"] == plan.evacuations["arrive_ms"].max()


@pytest.mark.parametrize("seed", [1, 2])
def test_everybody_is_accounted_for_and_causes_come_first(seed):
    """People told = at a shelter + left behind + cut off + under way, on every night."""
    scenario = mixed(prepare_residents=(5, 10, 90), notice_residents=(2, 10, 60),
                     closures=[tiny.closure("r01:0-1", 70 * 60, float("inf"))])  # fmt: skip
    log = nights(scenario, plan_evacuation(scenario, rounds=50), 20, seed)
    table = evacuation_nights(log).nights
    assert (table["people"] == table[["out", "left_behind", "cut_off", "under_way"]].sum(axis=1)).all()
    assert table["left_behind"].max() > 0
    for _, of in log.groupby("replication"):
        caused = of[of["cause"] >= 0]
        assert (of["time_s"].to_numpy()[caused["cause"]] <= caused["time_s"]).all()


def test_who_is_not_ready_when_the_fire_comes_is_left_behind():
    """Ready 10 + triangular (10, 10, 300), planned at 117, the fire at 120: late with ((300 - 110) / 290)² = 0.43."""
    scenario = world(walk_limit=5, prepare_residents=(10, 10, 300))
    log = nights(scenario, plan_evacuation(scenario), 80, seed=1)
    left = log[log["event"] == "evacuees_left_behind"]
    assert set(left["time_s"] / 60) == {120}
    assert set(left["detail"]) == {"residents hazard"}
    assert 0.29 <= left["replication"].nunique() / 80 <= 0.57  # 0.43 ± 2.6 standard errors


def test_a_road_that_closes_sooner_than_forecast_cuts_off_who_has_no_other():
    """B–S closes for good at 30 on the night (forecast: 300): at B at 44, they stand before it."""
    scenario = world(walk_limit=5)
    plan = plan_evacuation(scenario, rounds=50)
    early = {**tiny.closure("r12:1-2", 300 * 60, float("inf")), "start_s": 30 * 60.0}
    shut = replace(scenario, disruption=reached(tiny.disruption([early]), ("A", 120, 1.0)))
    log = nights(shut, plan, 1, seed=1)
    (cut,) = log[log["event"] == "evacuees_cut_off"].to_dict("records")
    assert (cut["time_s"] / 60, cut["quantity"]) == (44, 40)


def test_with_another_road_they_go_round():
    """The same, with a way round from B of 3 km: at S at 44 + 36."""
    roads = tiny.network([(0, 1, 2), (1, 2, 2), (1, 3, 1), (3, 2, 2)])
    scenario = world(walk_limit=5, roads=roads)
    plan = plan_evacuation(scenario, rounds=50)
    early = {**tiny.closure("r12:1-2", 300 * 60, float("inf")), "start_s": 30 * 60.0}
    shut = replace(scenario, disruption=reached(tiny.disruption([early]), ("A", 120, 1.0)))
    log = nights(shut, plan, 1, seed=1)
    assert log.loc[log["event"] == "evacuees_rerouted", "edge"].tolist() == ["r12:1-2"]
    assert (log.loc[log["event"] == "evacuees_arrived", "time_s"] / 60).tolist() == [80]


def test_the_plans_unserved_are_left_behind_with_the_cause():
    scenario = world(arrivals=(("A", 42, 1.0),), buses=(20,))
    log = nights(scenario, plan_evacuation(scenario))
    (left,) = log[log["event"] == "evacuees_left_behind"].to_dict("records")
    assert (left["time_s"] / 60, left["quantity"], left["detail"]) == (42, 20, "residents vehicle")


def test_the_hazard_comes_sooner_on_some_nights():
    """The place's arrival is drawn with its group: from 20 minutes sooner to later; people leave at 20."""
    scenario = world(arrivals=(("A", 50, 1.0),), walk_limit=5)
    hazard = scenario.disruption
    drawn = replace(hazard, places=hazard.places.assign(group="front"),
                    groups=tiny.disruption(groups=[GROUP]).groups)  # fmt: skip
    log = nights(replace(scenario, disruption=drawn), plan_evacuation(scenario), 60, seed=3)
    table = evacuation_nights(log).nights
    share = (table["left_behind"] > 0).mean()
    # Left behind if the shift is below -30 of ±50 minutes: triangular, (20/50)² / 2 = 0.08.
    assert 0.01 <= share <= 0.2
    assert evacuation_nights(log).curve["mean_share"].iloc[-1] == pytest.approx(1 - share)


def test_the_clearance_curve_by_hand():
    """20 out at 29, 20 at 47: nothing at 25, half at 30, all at 50."""
    scenario = world(buses=(20,))
    curve = evacuation_nights(nights(scenario, plan_evacuation(scenario))).curve.set_index("minute")["mean_share"]
    assert (curve[25], curve[30], curve[45], curve[50]) == (0.0, 0.5, 0.5, 1.0)


def test_no_evacuation_leaves_the_log_as_it_was():
    scenario = tiny.one_depot()
    stage = prepare(scenario, plan_evacuation(scenario), hooks=(evacuate,))
    assert not log_table([play(planned_night(stage))])["event"].str.startswith("evac").any()
