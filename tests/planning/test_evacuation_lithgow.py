"""The fire at Lithgow, 2013: real roads, real arrival of the fire, a part of the case's people."""

from __future__ import annotations

import pytest

from benchmarks._evacuation_cases import lithgow, warned_at
from benchmarks.evacuation import crosses_fire
from dispatch.planning.check_evacuation import check_evacuation
from dispatch.planning.evacuation import plan_evacuation
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.evacuation import evacuate
from dispatch.simulation.evacuation_indicators import evacuation_nights
from tests.shared import shared_path

pytestmark = pytest.mark.slow
PEOPLE = 1_500


@pytest.fixture(scope="module")
def scenario():
    return lithgow(shared_path("data/evac_lithgow"), PEOPLE)


@pytest.fixture(scope="module")
def plan(scenario):
    """Told an hour before ignition."""
    return plan_evacuation(scenario)


def test_plan_and_nights(scenario, plan):
    """The plan breaks no rule, nobody meets the fire, and on every night everybody is accounted for."""
    assert check_evacuation(plan, scenario) == []
    assert crosses_fire(scenario, plan) == 0
    assert plan.evacuations["people"].sum() + plan.unserved["amount"].sum() == PEOPLE
    nights = evacuation_nights(simulate(scenario, plan, replications=3, hooks=(evacuate,)).log).nights
    assert (nights["people"] == nights[["out", "left_behind", "cut_off", "under_way"]].sum(axis=1)).all()
    assert (nights["out"] > 0.9 * nights["people"]).all()


def test_all_out_and_near_the_bound_of_the_roads(plan):
    """Everybody is out, proven; the queue's bounds leave a tenth at most."""
    people, last, minutes = plan.meta["evacuation"]["objective"]
    assert (people["value"], people["status"]) == (PEOPLE, "optimal")
    assert last["bound"] <= last["value"] <= 1.1 * last["bound"]
    assert minutes["bound"] <= minutes["value"] <= 1.2 * minutes["bound"]


def test_an_earlier_order_never_leaves_more_behind(scenario, plan):
    left = [int(plan_evacuation(warned_at(scenario, minute)).unserved["amount"].sum()) for minute in (60, 0)]
    left.append(int(plan.unserved["amount"].sum()))
    assert left == sorted(left, reverse=True)
    assert left[0] > 0  # an hour after ignition the fire has reached some
