"""Kilometres at least: by hand on lines and forks, and never above what a plan drives."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.planning.least_km import least_km
from dispatch.planning.measure import measure
from dispatch.planning.problem import read_problem
from dispatch.planning.relief import plan_nearest_first, plan_relief
from tests import tiny
from tests.planning.worlds import random_world, vehicle


def _county(links, needs, depots="D"):
    nodes = {name: k for k, name in enumerate("DEABC")}
    sites = {name: ("depot" if name in "DE" else "place", k) for name, k in nodes.items() if name in depots + "ABC"}
    tables = {
        "depots": [{"depot": d, "name": d, "tier": "county", "docks": 1} for d in depots],
        "stock": [{"depot": d, "item": "quilt", "lot": d, "quantity": 900} for d in depots],
        "vehicles": [vehicle("V", depots[0])],
        "items": [{"item": "quilt", "name": "棉被", "unit": "床", "weight_kg": 3.0, "volume_m3": 0.02}],
    }
    roads = tiny.network([(nodes[a], nodes[b], km) for a, b, km in links])
    return tiny.scenario(roads, sites, [tiny.need(f"N{p}", p, "quilt", 10, 10.0) for p in needs], None, tables)


LINE = [("D", "A", 10.0), ("A", "B", 7.0), ("B", "C", 5.0), ("C", "E", 3.0)]


def test_one_way_along_a_line_is_exact():
    """One truck, out along the line and not back: 22 km, what the plan drives."""
    scenario = _county(LINE, "ABC")
    assert least_km(read_problem(scenario), "ABC") == pytest.approx(22.0)
    assert measure(plan_relief(scenario, seconds=0.2), scenario).levels()[4] == pytest.approx(22.0)


def test_a_second_depot_is_another_root():
    """C lies 3 km from E, B 5 from C, A 7 from B: 15 km, the 10 from D spared."""
    assert least_km(read_problem(_county(LINE, "ABC", "DE")), "ABC") == pytest.approx(15.0)


def test_only_places_asked_for_count_and_nothing_needs_nothing():
    problem = read_problem(_county(LINE, "ABC"))
    assert least_km(problem, "A") == pytest.approx(10.0)
    assert least_km(problem, "") == 0.0


def test_a_fork_counts_each_branch_once():
    """Three villages 4 km from a fork that no village stands at: 10 + 4, then 8 from one to the next, twice."""
    links = [("D", "E", 10.0), ("E", "A", 4.0), ("E", "B", 4.0), ("E", "C", 4.0)]
    assert least_km(read_problem(_county(links, "ABC")), "ABC") == pytest.approx(14.0 + 8.0 + 8.0)


def test_roads_that_lead_nowhere_do_not_count():
    """Nodes B, C, E are an island of their own."""
    links = [("D", "A", 10.0), ("E", "B", 1.0), ("B", "C", 1.0)]
    assert least_km(read_problem(_county(links, "A")), "A") == pytest.approx(10.0)


@pytest.mark.parametrize("seed", range(5))
def test_no_plan_drives_less(seed):
    scenario = random_world(seed)
    for plan in (plan_nearest_first(scenario), plan_relief(scenario, seconds=0.1)):
        row = plan.objective.iloc[4]
        assert not np.isnan(row["bound"])
        assert row["bound"] <= row["value"] + 1e-6
