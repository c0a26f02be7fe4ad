"""Arrival by departure between sites: by hand, and equal to what planner, checker and simulation are told."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.roads.departures import arrival_by_departure, arrival_by_departure_rolling
from dispatch.roads.travel import NEVER, arrivals
from dispatch.scenario import travel
from models.traversal import MOVES, ROUGH, STAYS
from tests import tiny

MINUTE = 60_000
HOUR = 60 * MINUTE


def night():
    """D, A, B, C ten minutes apart; the road from A to B closed from 0:30 to 2:00, A is two minutes from its road."""
    scenario = tiny.one_depot(tiny.disruption([tiny.closure("r12:1-2", 1800, 7200)]))
    scenario.sites.loc["A", "access_ms"] = 2 * MINUTE
    return travel(scenario)


def test_by_hand():
    a, b, d = arrival_by_departure(night(), "truck_5t", "D", ["A", "B", "D"], 0, 3 * HOUR, step_ms=MINUTE)
    assert (a.depart_ms.tolist(), a.arrive_ms.tolist(), a.form.tolist()) == ([0], [12 * MINUTE], [MOVES])
    assert (d.arrive_ms.tolist(), d.form.tolist()) == ([0], [MOVES])
    # at node 1 by 0:20 it is through by 0:30; later it waits until 2:00 and is there at 2:10
    assert b.depart_ms.tolist() == [0, 10 * MINUTE + 1, 110 * MINUTE + 1]
    assert b.arrive_ms.tolist() == [20 * MINUTE, 130 * MINUTE, 130 * MINUTE + 1]
    assert b.form.tolist() == [MOVES, STAYS, MOVES]
    assert b.latest_departure(2 * HOUR) == 10 * MINUTE
    (from_a,) = arrival_by_departure(night(), "truck_5t", "A", ["B"], 0, 3 * HOUR, step_ms=MINUTE)
    assert from_a.depart_ms.tolist() == [0, 18 * MINUTE + 1, 118 * MINUTE + 1]


def test_without_waiting_the_village_is_out_of_reach_until_a_way_can_be_driven_through():
    found = arrival_by_departure_rolling(
        night(), "truck_5t", "D", "B", 0, 3 * HOUR, step_ms=MINUTE, latest_ms=5 * HOUR, most_ways=100_000
    )
    _, waiting = arrival_by_departure(night(), "truck_5t", "D", ["A", "B"], 0, 3 * HOUR, step_ms=MINUTE)
    departs = np.arange(0, 3 * HOUR, 7 * MINUTE + 1)
    assert (found.between(departs)[0] >= waiting.between(departs)[0]).all()
    assert found.between(10 * MINUTE)[0] == 30 * MINUTE
    # leaving at 0:50 it rolls to A and back until a passage of A falls after 2:00: A at 1:00, 1:20, 1:40, 2:00
    assert found.between(50 * MINUTE)[0] == 130 * MINUTE
    assert found.between(51 * MINUTE)[0] == 131 * MINUTE
    assert found.between(49 * MINUTE)[0] == 149 * MINUTE
    lost = travel(tiny.one_depot(tiny.disruption([tiny.closure("r12:1-2", 0, np.inf)])))
    never = arrival_by_departure_rolling(
        lost, "truck_5t", "D", "B", 0, HOUR, step_ms=MINUTE, latest_ms=9 * HOUR, most_ways=10
    )
    assert never.arrive_ms.tolist() == [NEVER]


@pytest.mark.parametrize("step", [1000, 5 * MINUTE])
def test_equals_arrivals_at_every_departure_asked(step):
    rng = np.random.default_rng(4)
    names = ["r01:0-1", "r12:1-2", "r23:2-3", "r03:0-3", "r13:1-3"]
    rows = [
        tiny.closure(names[k % 5], float(start), float(start + rng.integers(60, 3000)),
                     speed_permille=0.0 if k % 3 else 500.0)
        for k, start in enumerate(rng.integers(0, 9000, 12))
    ]  # fmt: skip
    roads = tiny.network([(0, 1, 10), (1, 2, 10), (2, 3, 10), (0, 3, 50), (1, 3, 25)])
    scenario = tiny.one_depot(tiny.disruption(rows), roads=roads, pace_start_ms=(0, HOUR), pace_permille=(1000, 800))
    night = travel(scenario)
    profiles = arrival_by_departure(night, "truck_5t", "D", night.sites, 0, 3 * HOUR, step_ms=step)
    exact = 0
    for depart in [*rng.integers(0, 3 * HOUR, 300).tolist(), *profiles[3].depart_ms[:50].tolist()]:
        expected = arrivals(night, "truck_5t", "D", depart)
        for profile, at in zip(profiles, expected.tolist(), strict=True):
            low, high = profile.between(depart)
            assert low <= at <= high
            exact += low == high
    assert exact > 300
    assert any((profile.form == ROUGH).any() for profile in profiles)


def test_a_site_without_a_road_is_never_reached():
    scenario = tiny.one_depot()
    scenario.sites.loc["C", "node"] = -1
    (c,) = arrival_by_departure(travel(scenario), "truck_5t", "D", ["C"], 0, HOUR, step_ms=1)
    (back,) = arrival_by_departure(travel(scenario), "truck_5t", "C", ["D"], 0, HOUR, step_ms=1)
    assert c.arrive_ms.tolist() == back.arrive_ms.tolist() == [NEVER]
