"""Breakdowns, fuel, handing out and the last kilometres, with times worked out by hand."""

from __future__ import annotations

import math

import pytest

from dispatch.simulation.response import replay
from dispatch.simulation.timetable import deviations
from dispatch.simulation.transfer import walk_ms
from tests import tiny
from tests.simulation.nights import chain, night, of, surprise
from tests.simulation.plans import plan_of
from tests.simulation.responses import sure

NEEDS = [tiny.need("NA", "A", "quilt", 100, 100.0), tiny.need("NB", "B", "quilt", 100, 100.0)]


def to_b(scenario):
    """V1 at D 30, loaded 30–38, papers until 48, at B (20 km) 68, unloaded 74."""
    return plan_of(scenario, [("V1", "D", [("B", {"NB": 100})])])


def test_planning_values_open_no_section_and_change_nothing():
    scenario = sure(tiny.one_depot(), "breakdowns", "fuel", "distribution", "news")
    plan = to_b(scenario)
    assert deviations(replay(scenario, plan), plan).empty


def test_a_breakdown_shows_at_the_next_junction_and_is_repaired():
    # a rate of one failure an hour of driving, never towed: wherever it fails, it stands 30 minutes at a junction
    scenario = sure(tiny.one_depot(), "breakdowns", breakdowns_per_h=20.0, breakdowns_repair=30, breakdowns_towed=0)
    log = night(scenario, to_b(scenario))
    events = of(log, "V1", ("depart", "breakdown", "repaired", "arrive"))
    stops = sum(name == "breakdown" for name, _ in events)
    assert stops >= 1
    assert all(minute in (58, 58 + 30) or name in ("depart", "arrive") for name, minute in events)
    assert events[-1] == ("arrive", 68 + 30 * stops)


def test_a_towed_truck_strands_its_load():
    scenario = sure(tiny.one_depot(), "breakdowns", breakdowns_per_h=20.0, breakdowns_towed=1)
    plan = plan_of(scenario, [("V1", "D", [("B", {"NB": 100})]), ("V1", "D", [("A", {"NA": 100})])])
    log = night(scenario, plan)
    assert of(log, "V1", ("breakdown", "vehicle_lost", "stop_skipped", "trip_cancelled", "stranded")) == [
        ("breakdown", 58), ("vehicle_lost", 58), ("stop_skipped", 58), ("trip_cancelled", 58), ("stranded", 58),
    ]  # fmt: skip
    assert log.loc[log["event"] == "load_stranded", "quantity"].tolist() == [100.0]
    unmet = log[(log["event"] == "need_unmet") & (log["detail"] == "NA")]
    assert log["event"].iloc[int(unmet["cause"].iloc[0])] == "trip_cancelled"  # why it was not met


def test_a_truck_refuels_before_a_way_its_tank_does_not_last():
    # 45 km of 100 in the tank, 15 kept back: 2 × 20 km to B are too many at 48; 12 minutes at the pump
    scenario = sure(tiny.one_depot(), "fuel", fuel_range_km=100, fuel_start=0.45, fuel_refuel=12)
    log = night(scenario, to_b(scenario))
    assert of(log, "V1", ("refuel", "refuelled", "depart", "arrive")) == [
        ("refuel", 48), ("refuelled", 60), ("depart", 60), ("arrive", 80),
    ]  # fmt: skip
    enough = sure(tiny.one_depot(), "fuel", fuel_range_km=100, fuel_start=0.6)
    assert of(night(enough, to_b(enough)), "V1", ("refuel", "arrive")) == [("arrive", 68)]


def test_handing_out_stands_beside_the_six_hours_unless_told():
    # 100 people at 200 an hour: 30 minutes after the unloading at 74
    scenario = sure(tiny.one_depot(), "distribution", distribution_people_per_h=200)
    log = night(scenario, to_b(scenario))
    assert (log.loc[log["event"] == "handed_out", "time_s"] / 60).tolist() == [104]
    assert (log.loc[log["event"] == "first_batch_complete", "time_s"] / 60).tolist() == [74]
    counted = sure(tiny.one_depot(), "distribution", counted=True, distribution_people_per_h=200)
    log = night(counted, to_b(counted))
    assert (log.loc[log["event"] == "first_batch_complete", "time_s"] / 60).tolist() == [104]


def test_two_deliveries_are_handed_out_one_after_the_other():
    # half of the quilts each: 15 minutes each; V2 loads after V1
    scenario = sure(tiny.one_depot(trucks=2), "distribution", distribution_people_per_h=200)
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 50})]), ("V2", "D", [("A", {"NA": 50})])])
    log = night(scenario, plan)
    unloaded = (log.loc[log["event"] == "unload_end", "time_s"] / 60).tolist()
    done = (log.loc[log["event"] == "handed_out", "time_s"] / 60).tolist()
    assert done == [unloaded[0] + 15, max(unloaded[0] + 15, unloaded[1]) + 15]


def test_columns_of_porters_walk_there_and_all_but_the_last_back():
    # 300 kg by 5 porters of 20 kg: 3 columns, 5 walks of 1 km at 2 km/h
    assert walk_ms(300.0, 5, 20, 1.0, 2.0) == 5 * 30 * 60_000
    assert walk_ms(1.0, 5, 20, 1.0, 2.0) == 30 * 60_000


def test_goods_go_on_foot_past_a_cut():
    """The road to B is cut at A for good; A and B are 0.01° apart.

    V1 is at A (58), the porters have been mustered since; taking off 8 minutes at least by the floor.
    """
    hazard = surprise(("r12:1-2", 50, math.inf))
    base = tiny.one_depot(hazard, needs=NEEDS, roads=tiny.network([(0, 1, 10), (1, 2, 10)]),
                          sites={"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2)})  # fmt: skip
    scenario = sure(base, "transfer", transfer_muster=5, transfer_porters=20, transfer_load_kg=20, transfer_walk_kmh=2)
    log = night(scenario, to_b(scenario))
    km = 0.01 * 111.195 * math.cos(math.radians(35.5)) * 1.3
    assert of(log, "V1", ("closure_met", "road_end", "porters_take", "delivered")) == [
        ("closure_met", 58), ("road_end", 58), ("porters_take", 69), ("delivered", pytest.approx(69 + km / 2 * 60)),
    ]  # fmt: skip
    assert chain(log, "delivered")[-3:] == ["porters_take", "carried_in", "delivered"]
    assert not (log["event"] == "stranded").any() or (log["event"] == "load_stranded").sum() == 0
    # beyond the limit nobody carries anything
    far = sure(base, "transfer", transfer_limit_km=0.5)
    assert (night(far, to_b(far))["event"] == "load_stranded").any()
