"""Until when a depot loads for a deadline: worked out by hand, beside arrivals, and what plans make of it.

The tiny world: 60 km/h; call-up 30, loading 40, convoy 10, unloading 30 minutes for a truck of 5 t or 38 m³; a part
load takes its share, at least a fifth. D, A, B, C lie 10 minutes apart on a line.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from dispatch.planning.allocation import allot
from dispatch.planning.bounds import find_bounds
from dispatch.planning.check import check
from dispatch.planning.consignments import pack
from dispatch.planning.dock_lines import dock_lines
from dispatch.planning.earliest import least_step_ms
from dispatch.planning.measure import measure
from dispatch.planning.plan import empty_plan
from dispatch.planning.problem import read_problem
from dispatch.planning.relief import plan_relief
from dispatch.planning.slices import cut_lots, shortfall
from models.traversal import NEVER
from tests import tiny
from tests.planning import worlds
from tests.planning.worlds import HOUR, MINUTE, vehicle

# A–B is shut from minute 90 on: a truck has to be at B by then, and leave D at 70, loaded by 60
SHUT = tiny.disruption([tiny.closure("r12:1-2", 90 * 60, 10 * 3600)])


def _bounds(scenario):
    problem = read_problem(scenario)
    slices = cut_lots(problem)
    quotas = shortfall(problem, slices)
    places = measure(empty_plan(), scenario, problem.legs.roads).places
    return problem, slices, quotas, find_bounds(problem, slices, quotas, places)


def test_loading_ends_early_where_the_road_is_shut():
    problem = read_problem(tiny.one_depot(SHUT, deadline_ms=5 * HOUR))
    lines = dock_lines(problem, 5 * HOUR)
    at = problem.legs.roads.index
    # to A the road is open: 300 - 6 of unloading - 10 of driving - 10 of convoy; by steps of five minutes
    assert 274 * MINUTE <= lines.latest_ms["D"][at["A"]] <= 279 * MINUTE
    for site in "BC":
        assert 60 * MINUTE <= lines.latest_ms["D"][at[site]] <= 65 * MINUTE
    # one dock from minute 30 on, 40 minutes for a truck
    assert 30 / 40 <= lines.loads["D"][0] <= 35 / 40
    assert dock_lines(problem, 5 * HOUR, stop_at=0.0) is None


def test_what_docks_cannot_load_in_time_bounds_the_people():
    # B and C are sent three quarters of a truck each, and the dock loads no more before the road shuts
    needs = [tiny.need(f"N{p}", p, "quilt", 1250, 1250.0) for p in "BC"]
    scenario = tiny.one_depot(SHUT, trucks=3, quilts=2500, needs=needs, deadline_ms=5 * HOUR)
    *_, bounds = _bounds(scenario)
    assert bounds.levels[0] == 1250.0
    plan = plan_relief(scenario, seconds=0.2)
    assert check(plan, scenario) == []
    assert plan.objective["value"].iloc[0] == 1250.0
    assert plan.objective["status"].iloc[0] == "optimal"


@given(worlds.random_worlds())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_loaded_later_comes_too_late(scenario):
    problem = read_problem(scenario)
    line = scenario.due_ms
    lines = dock_lines(problem, line)
    sites = np.array([problem.legs.roads.index[site] for site in problem.sites])
    for (vehicle_class, depot), latest in lines.of_class.items():
        start = max(problem.depots[depot].open_ms, problem.vehicle_at[vehicle_class, depot])
        for loaded in range(start, line + HOUR, HOUR // 2) if start < NEVER else ():
            at = problem.legs.arrive_all(vehicle_class, depot, loaded + problem.convoy_ms)[sites]
            late = at + least_step_ms(problem, problem.unloading_ms) > line
            assert late[loaded > latest[sites]].all()


def test_goods_are_packed_for_vehicles_that_come_through():
    # the bridge A–B bears no truck from minute 60 on, but vans: two tonnes go to B in loads for vans of 1 t
    hazard = tiny.disruption([tiny.closure("r12:1-2", 3600, 36000, vehicle_class="truck_5t")])
    fleet = [
        *(vehicle(f"V{k}") for k in range(5)),
        *(vehicle(f"W{k}", **{"class": "van", "payload_kg": 1000.0}) for k in (1, 2)),
    ]
    scenario = tiny.one_depot(hazard, needs=[tiny.need("NB", "B", "quilt", 600, 600.0)], quilts=600,
                              deadline_ms=5 * HOUR, tables={"vehicles": fleet})  # fmt: skip
    scenario = replace(scenario, profiles={**scenario.profiles, "van": scenario.profiles["truck_5t"]})
    problem, slices, quotas, bounds = _bounds(scenario)
    assigned = allot(problem, slices, quotas, "first_batch", bounds.promising, bounds.lines).assigned
    assert max(c.goods.weight_kg for c in pack(problem, assigned)[0]) > 1000.0
    assert max(c.goods.weight_kg for c in pack(problem, assigned, bounds.lines)[0]) <= 1000.0
    plan = plan_relief(scenario, seconds=0.2)
    assert check(plan, scenario) == []
    assert plan.objective["value"].iloc[0] == pytest.approx(600.0)
