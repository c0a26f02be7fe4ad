"""Bounds of trucks and aircraft together, by hand and against plans of more aircraft."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.air.sky import sky_of
from dispatch.clock import HOUR_MS, MINUTE_MS, SECOND_MS
from dispatch.planning.air import with_air
from dispatch.planning.air_bounds import Landings
from dispatch.planning.air_gain import ground_lift_ms, ground_ms
from dispatch.planning.check import check
from dispatch.planning.names import site_name
from dispatch.planning.relief import plan_relief
from dispatch.roads.travel import arrivals
from dispatch.scenario import travel
from models.traversal import NEVER
from tests.planning.air_worlds import HELICOPTER, air_world, request
from tests.planning.test_air import LARGE


def test_the_earliest_landing_is_the_one_that_is_flown():
    """Ready at 30 min, 186 s to the depot, 16 min loading, 46 s to C, 9 min unloading; goods of 2 h come later."""
    sky = sky_of(air_world())
    first = 30 * MINUTE_MS + 186 * SECOND_MS + 16 * MINUTE_MS + 46 * SECOND_MS + 9 * MINUTE_MS
    landings = Landings(sky, {"D": 0})
    assert landings.done_ms("D", "C", 0) == first
    assert landings.done_ms("D", "C", 2 * HOUR_MS) == (2 * HOUR_MS + 16 * MINUTE_MS + 46 * SECOND_MS + 9 * MINUTE_MS)
    assert Landings(sky_of(air_world(aircraft=())), {"D": 0}).done_ms("D", "C", 0) == NEVER


def test_what_flies_has_a_bound_at_every_level_and_only_the_air_serves_the_last_village():
    """All 300 people are served: proven. No road leads to C, so nobody drives there; the other levels are bounded."""
    scenario = air_world()
    plan = with_air(plan_relief(scenario, seconds=0.5), scenario, seconds=0.5)
    levels = plan.objective.set_index("measure")
    assert levels["bound"].notna().all()
    assert levels.loc["people_served_by_deadline", "status"] == "optimal"
    assert levels.loc["people_served_by_deadline", "bound"] == 300
    minimised = levels[levels["sense"] == "min"]
    assert (minimised["bound"] <= minimised["value"] + 1e-6).all()
    assert check(plan, scenario) == []


def test_nobody_counts_who_cannot_be_supplied():
    """Stock for two villages only: no more than 200 people, whatever flies; with the air grounded, the trucks' own."""
    scenario = air_world(quilts=200)
    plan = with_air(plan_relief(scenario, seconds=0.5), scenario, seconds=0.5)
    assert plan.objective["bound"].iloc[0] == 200
    still = air_world(order={"wind_ms": (99.0,)})
    trucks = plan_relief(still, seconds=0.5)
    grounded = with_air(trucks, still, seconds=0.5)
    assert grounded.objective["bound"].tolist() == pytest.approx(trucks.objective["bound"].tolist())


@pytest.mark.parametrize("aircraft", [(HELICOPTER,), (HELICOPTER, LARGE), (LARGE,)])
def test_no_plan_of_any_fleet_passes_the_bounds_of_all_of_them(aircraft):
    """The bounds of the larger fleet hold for what the smaller one does."""
    both = air_world(aircraft=(HELICOPTER, LARGE))
    bound = with_air(plan_relief(both, seconds=0.3), both, seconds=0.3).objective["bound"].tolist()
    scenario = air_world(aircraft=aircraft)
    value = with_air(plan_relief(scenario, seconds=0.3), scenario, seconds=0.3).objective["value"].tolist()
    assert value[0] <= bound[0]
    assert all(mine >= least - 1e-6 for mine, least in zip(value[1:4], bound[1:4], strict=True))


def test_the_injured_are_fetched_and_driven_to_hospital():
    """A vehicle that comes for them boards, drives on to M1 and hands over: later than it could be there."""
    scenario = air_world(requests=[request("R", "medical", place="A", lon=112.01)], closed=False)
    sky = sky_of(scenario)
    roads = travel(scenario, scenario.disruption.forecast())
    there, done = (find(sky, roads, 112.01, 35.5) for find in (ground_ms, ground_lift_ms))
    if "M1" in roads.index:
        vehicle_class = next(iter(scenario.profiles))
        onward = int(arrivals(roads, vehicle_class, "A", there + sky.step_ms("board"))[roads.index["M1"]])
        assert done <= onward + sky.step_ms("hand_over") + MINUTE_MS
        assert done > there + sky.step_ms("board") + sky.step_ms("hand_over")
    else:  # the hospital is on no road: nobody can be driven there
        assert done == -1


def test_requests_are_named_by_where_they_are():
    """At a village by its name; in the open by distance and side of the nearest; an id that is unknown stays."""
    scenario = air_world(requests=[request("R", "medical", place="A", lon=112.01),
                                   request("F", "bucket", lon=112.03 + 0.0553, lat=35.5)])  # fmt: skip
    assert site_name(scenario, "R", "zh") == "A村（R）"
    assert site_name(scenario, "F", "zh") == "C村以东5.0公里（F）"
    assert site_name(scenario, "F", "en") == "5.0 km east of C村 (F)"
    assert site_name(replace(scenario, air=None), "F", "zh") == "F"
