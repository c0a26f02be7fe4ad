"""Driving over roads that close: hand-computed times on a line of three roads of ten minutes each."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.roads.travel import NEVER, arrivals, drive, leg
from dispatch.scenario import travel
from tests import tiny

MINUTE = 60_000


def test_open_road_takes_a_minute_a_kilometre():
    roads = travel(tiny.one_depot())
    assert arrivals(roads, "truck_5t", "D", 5).tolist() == [5, 10 * MINUTE + 5, 20 * MINUTE + 5, 30 * MINUTE + 5]


def test_closure_is_waited_for_at_the_junction_before_it():
    # r12 closed from minute 15 to 60: leaving D at 0 the truck is at node 1 at 10 and could not be out by 15.
    roads = travel(tiny.one_depot(tiny.disruption([tiny.closure("r12:1-2", 900, 3600)])))
    _, driven = leg(roads, "truck_5t", "D", "B", 0)
    assert driven.arrive_ms == 70 * MINUTE
    assert driven.enter_ms.tolist() == [0, 60 * MINUTE]
    # leaving D five minutes before, it is out of the edge exactly when the closure begins
    assert arrivals(roads, "truck_5t", "D", -5 * MINUTE)[2] == 15 * MINUTE


def test_closed_for_ever_is_never():
    roads = travel(tiny.one_depot(tiny.disruption([tiny.closure("r12:1-2", 0, np.inf)])))
    assert arrivals(roads, "truck_5t", "D", 0)[2] == NEVER
    assert leg(roads, "truck_5t", "D", "B", 0) is None


def test_half_speed_while_slowed():
    # r01 at half speed in minutes 5 … 9: of ten minutes, 5 at full, 4 at half, 3 at full = 12
    slow = tiny.closure("r01:0-1", 300, 540, speed_permille=500.0)
    assert arrivals(travel(tiny.one_depot(tiny.disruption([slow]))), "truck_5t", "D", 0)[1] == 12 * MINUTE


def test_water_of_half_the_wading_depth_halves_the_speed():
    wet = tiny.closure("r01:0-1", 0, np.inf, speed_permille=np.nan, depth_m=0.25)
    assert arrivals(travel(tiny.one_depot(tiny.disruption([wet]))), "truck_5t", "D", 0)[1] == 20 * MINUTE


def test_rest_after_the_driving_limit():
    roads = travel(tiny.one_depot(drive_limit_ms=20 * MINUTE, drive_rest_ms=5 * MINUTE))
    _, driven = leg(roads, "truck_5t", "D", "C", 0)
    assert driven.arrive_ms == 35 * MINUTE
    assert driven.rests == ((2, 20 * MINUTE),)
    _, tired = leg(roads, "truck_5t", "D", "A", 0, driven_ms=15 * MINUTE)
    assert tired.arrive_ms == 15 * MINUTE


def test_way_must_lead_where_it_says():
    scenario = tiny.one_depot()
    with pytest.raises(ValueError, match="does not end at C"):
        drive(travel(scenario), "truck_5t", "D", "C", np.array([0]), 0)
