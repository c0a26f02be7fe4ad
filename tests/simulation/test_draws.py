"""Random draws: each its own stream, the same in every process, distributed as told."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from dispatch.planning.supply import read_depots, read_vehicles
from dispatch.simulation.draws import PlanningValues, RandomDraws, triangular
from dispatch.simulation.mobilisation import called_depots, called_vehicles, open_ms, ready_ms
from tests import tiny
from tests.simulation.nights import night
from tests.simulation.plans import plan_of


def test_triangular_is_the_inverse_of_its_distribution():
    for u in np.linspace(0, 1, 21):
        assert stats.triang(c=0.25, loc=20, scale=40).cdf(triangular(u, 20, 30, 60)) == pytest.approx(u)
    assert triangular(0.3, 5, 5, 5) == 5


def test_uniform_numbers_are_uniform_and_streams_do_not_hang_together():
    scenario = tiny.one_depot()
    a = [RandomDraws(scenario, 1, k).uniform("loading", "V1 1") for k in range(2000)]
    b = [RandomDraws(scenario, 1, k).uniform("loading", "V1 2") for k in range(2000)]
    c = [RandomDraws(scenario, 1, k).uniform("unloading", "V1 1") for k in range(2000)]
    assert stats.kstest(a, "uniform").pvalue > 1e-3
    assert max(abs(np.corrcoef(a, b)[0, 1]), abs(np.corrcoef(a, c)[0, 1]), abs(np.corrcoef(a[1:], a[:-1])[0, 1])) < 0.08


def test_draws_are_the_same_in_another_process():
    # Python's own hash() differs from process to process; ours must not
    code = (
        "from tests import tiny; from dispatch.simulation.draws import RandomDraws;"
        "print(repr(RandomDraws(tiny.one_depot(), 3, 5).uniform('call_up', '车 1')))"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(there.stdout) == RandomDraws(tiny.one_depot(), 3, 5).uniform("call_up", "车 1")


def test_step_times_have_the_mean_that_plans_use():
    scenario = tiny.one_depot()
    draws = [RandomDraws(scenario, 1, k) for k in range(4000)]
    loading = np.array([one.step_ms("loading", "V1 1") for one in draws])
    assert loading.min() >= 30 * 60_000
    assert loading.max() <= 50 * 60_000
    assert loading.mean() == pytest.approx(scenario.step_ms("loading"), rel=0.005)
    slowness = np.array([one.slowness("V1") for one in draws])
    assert slowness.min() >= 1000 / 1.1 - 1
    assert slowness.max() <= 1000 / 0.85 + 1


def test_planning_values_are_the_planners():
    tables = {
        "depots": [
            {"depot": "D", "name": "a", "tier": "county", "docks": 1, "open_min": 45.0, "approval_min": 10.0},
            {"depot": "E", "name": "b", "tier": "city", "docks": 1, "readiness": "ready", "open_min": 7.3},
            {"depot": "F", "name": "c", "tier": "province", "docks": 1, "readiness": "closed"},
        ],
        "vehicles": [
            {"vehicle": "V1", "base": "D", "class": "truck_5t", "payload_kg": 5000.0, "volume_m3": 38.0},
            {"vehicle": "V2", "base": "E", "class": "truck_5t", "payload_kg": 5000.0, "volume_m3": 38.0,
             "turnout_min": 11.1, "mode": "agreement"},
        ],
    }  # fmt: skip
    sites = {"D": ("depot", 0), "E": ("depot", 1), "F": ("depot", 2), "A": ("place", 3)}
    scenario = tiny.one_depot(tables=tables, sites=sites, needs=[tiny.need("NA", "A", "quilt", 10, 10.0)],
                              tier_request_ms={"city": 600_000, "province": 900_000}, order_ms=123_000)  # fmt: skip
    draws = PlanningValues(scenario)
    depots, vehicles = read_depots(scenario), read_vehicles(scenario)
    assert {d: open_ms(of, draws) for d, of in called_depots(scenario).items()} == {
        d: o.open_ms for d, o in depots.items()
    }
    assert {v: ready_ms(of, draws) for v, of in called_vehicles(scenario).items()} == {
        v: o.ready_ms for v, o in vehicles.items()
    }


def test_another_truck_changes_no_draw_of_the_first():
    """Common random numbers: V1 alone and V1 beside V2 have the same night."""
    alone, both = tiny.one_depot(trucks=1, docks=2), tiny.one_depot(trucks=2, docks=2)
    for replication in range(5):
        one = night(alone, plan_of(alone, [("V1", "D", [("A", {"NA": 100})])]), replication)
        two = night(
            both, plan_of(both, [("V2", "D", [("B", {"NB": 100})]), ("V1", "D", [("A", {"NA": 100})])]), replication
        )
        own = [
            log[(log["actor"] == "V1") & (log["event"] != "dock_wait")] for log in (one, two)
        ]  # asking beside another
        assert own[0][["event", "time_s"]].to_numpy().tolist() == own[1][["event", "time_s"]].to_numpy().tolist()


def test_replication_depends_on_seed_and_number_alone():
    scenario = tiny.one_depot()
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 100})])])
    again = night(scenario, plan, 3, seed=9)
    assert again.equals(night(scenario, plan, 3, seed=9))
    assert not again["time_s"].equals(night(scenario, plan, 3, seed=10)["time_s"])
    assert not again["time_s"].equals(night(scenario, plan, 4, seed=9)["time_s"])
