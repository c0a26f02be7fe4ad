"""What a vehicle does by plan, against timetables worked out by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from dispatch.report.phases import pieces, plan_phases
from dispatch.report.six_hours import SPENT, time_spent
from tests import tiny
from tests.report.worlds import MINUTE, one_truck


def timetable(phases) -> list[tuple[str, float, float]]:
    return [(activity, start / MINUTE, end / MINUTE) for phase in phases for activity, start, end in pieces(phase)]


def test_one_trip_by_hand():
    scenario, plan = one_truck()
    assert timetable(plan_phases(plan, scenario)) == [
        ("prepare", 0, 30), ("loading", 30, 38), ("papers", 38, 48), ("drive_loaded", 48, 58), ("unloading", 58, 64),
        ("drive_loaded", 64, 74), ("unloading", 74, 80), ("drive_loaded", 80, 90), ("unloading", 90, 96),
        ("drive_back", 96, 126),
    ]  # fmt: skip


def test_a_closure_on_the_way_is_a_wait_for_the_road():
    # r12 closed from 60 to 100: the truck stands at A's junction from 64 until 100 and is at B at 110
    hazard = tiny.disruption([tiny.closure("r12:1-2", 3600, 6000)])
    scenario, plan = one_truck(hazard=hazard)
    later = plan.stops.assign(
        leave_ms=[48 * MINUTE, 64 * MINUTE, 116 * MINUTE],
        arrive_ms=[58 * MINUTE, 110 * MINUTE, 126 * MINUTE],
        unload_start_ms=[58 * MINUTE, 110 * MINUTE, 126 * MINUTE],
        unload_end_ms=[64 * MINUTE, 116 * MINUTE, 132 * MINUTE],
    )
    plan = dataclasses.replace(plan, stops=later, trips=plan.trips.assign(return_ms=162 * MINUTE))
    found = timetable(plan_phases(plan, scenario))
    assert ("wait_road", 64, 100) in found
    assert ("drive_loaded", 100, 110) in found
    assert found[-1] == ("drive_back", 132, 162)


def test_rests_are_told_from_driving():
    # 20 minutes of driving allowed, 5 of rest: unloading for 6 minutes counts as one, so only the way back needs one,
    # after two of its three roads
    scenario, plan = one_truck(drive_limit_ms=20 * MINUTE, drive_rest_ms=5 * MINUTE)
    plan = dataclasses.replace(plan, trips=plan.trips.assign(return_ms=131 * MINUTE))
    found = timetable(plan_phases(plan, scenario))
    assert found[-3:] == [("drive_back", 96, 116), ("rest", 116, 121), ("drive_back", 121, 131)]


def test_a_plan_edited_by_hand_is_shown_as_it_says():
    # the way to A takes 10 minutes, but the plan claims 20: the page shows what the plan says, the checker objects
    scenario, plan = one_truck()
    slower = plan.stops.assign(arrive_ms=[68 * MINUTE, 74 * MINUTE, 90 * MINUTE])
    phase = plan_phases(dataclasses.replace(plan, stops=slower), scenario)[3]
    assert (phase.start_ms, phase.end_ms) == (48 * MINUTE, 68 * MINUTE)
    assert phase.leave_ms[-1] == 68 * MINUTE


def test_a_way_that_does_not_lead_there_is_still_shown():
    scenario, plan = one_truck()
    wrong = plan.stops.assign(path=["P3", "P2", "P3"])
    phase = plan_phases(dataclasses.replace(plan, stops=wrong), scenario)[3]
    assert (phase.activity, phase.site, phase.to_site, len(phase.edges)) == ("drive_loaded", "D", "A", 0)


@pytest.mark.parametrize(
    ("place", "minutes"),
    [
        ("A", {"prepare": 30, "loading": 8, "papers": 10, "drive_loaded": 10, "unloading": 6}),
        ("C", {"prepare": 30, "loading": 8, "papers": 10, "drive_loaded": 30, "other_stop": 12, "unloading": 6}),
    ],
)
def test_where_the_time_of_a_first_batch_went(place, minutes):
    scenario, plan = one_truck()
    complete = {"A": 64 * MINUTE, "C": 96 * MINUTE}[place]
    spent = time_spent(scenario, plan, plan_phases(plan, scenario), [(place, complete)]).loc[place]
    assert {step: value / MINUTE for step, value in spent.items() if value} == minutes
    assert spent.sum() == complete - scenario.order_ms


def test_the_steps_count_from_the_order_not_from_the_reference():
    scenario, plan = one_truck(order_ms=10 * MINUTE)
    spent = time_spent(scenario, plan, plan_phases(plan, scenario), [("A", 64 * MINUTE)]).loc["A"]
    assert spent["prepare"] == 20 * MINUTE
    assert spent.sum() == 54 * MINUTE
    assert list(spent.index) == list(SPENT)


def test_phases_of_a_vehicle_follow_each_other_without_gaps():
    scenario, plan = one_truck()
    phases = plan_phases(plan, scenario)
    assert all(a.end_ms == b.start_ms for a, b in zip(phases, phases[1:], strict=False))
    for phase in phases:
        assert (np.diff(np.concatenate([phase.enter_ms[:1], phase.leave_ms])) >= 0).all()
