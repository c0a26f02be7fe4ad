"""The fire at Lithgow, 2013: real roads, real arrival of the fire, a part of the case's people."""

from __future__ import annotations

import pytest

from dispatch.planning.check_evacuation import check_evacuation
from dispatch.planning.evacuation import plan_evacuation
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.evacuation import evacuate
from dispatch.simulation.evacuation_indicators import evacuation_nights
from tests.shared import shared_path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def scenario():
    from benchmarks._evacuation_cases import lithgow

    return lithgow(shared_path("data/evac_lithgow"), 1_500)


def test_plan_and_nights(scenario):
    """The plan breaks no rule, nobody meets the fire, and on every night everybody is accounted for."""
    from benchmarks.evacuation import crosses_fire

    plan = plan_evacuation(scenario)
    assert check_evacuation(plan, scenario) == []
    assert crosses_fire(scenario, plan) == 0
    assert plan.evacuations["people"].sum() + plan.unserved["amount"].sum() == 1_500
    nights = evacuation_nights(simulate(scenario, plan, replications=3, hooks=(evacuate,)).log).nights
    assert (nights["people"] == nights[["out", "left_behind", "cut_off", "under_way"]].sum(axis=1)).all()
    assert (nights["out"] > 0.9 * nights["people"]).all()


def test_an_earlier_order_never_leaves_more_behind(scenario):
    from benchmarks._evacuation_cases import warned_at

    left = [int(plan_evacuation(warned_at(scenario, minute)).unserved["amount"].sum()) for minute in (60, 0, -60)]
    assert left == sorted(left, reverse=True)
    assert left[0] > 0  # an hour after ignition the fire has reached some
