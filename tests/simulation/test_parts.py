"""What has no bearing on goods may be left out of a night without any figure of the goods changing."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from dispatch.planning.air import plan_air
from dispatch.simulation.air import fly, fly_goods
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.parts import parts_of
from dispatch.task_order import TASK_COLUMNS, TaskOrder
from tests import tiny
from tests.planning.air_worlds import HELICOPTER, air_world, request
from tests.planning.team_worlds import task
from tests.planning.test_air import LARGE


def test_goods_come_as_they_do_with_a_machine_on_the_fire_beside_them():
    """One helicopter flies goods to C, another drops water: without the second the figures are the same."""
    fire = request("F", "bucket", aircraft="H2")
    scenario = air_world(requests=[fire], aircraft=(HELICOPTER, LARGE))
    plan = plan_air(scenario, seconds=0.3)
    assert {"supply", "bucket"} <= set(plan.sorties["purpose"])
    assert parts_of(scenario) == (fly,)
    assert parts_of(scenario, goods_only=True) == (fly_goods,)
    whole = simulate(scenario, plan, replications=5, hooks=parts_of(scenario))
    goods = simulate(scenario, plan, replications=5, hooks=parts_of(scenario, goods_only=True))
    for table in ("nights", "places", "vehicles"):
        pd.testing.assert_frame_equal(getattr(whole.indicators, table), getattr(goods.indicators, table))
    assert {"H1", "H2"} <= set(whole.log["actor"])
    assert "H2" not in set(goods.log["actor"])


def test_teams_that_open_roads_are_always_played():
    """Clearing a road bears on trucks; a rescue does not."""
    for kind, played in (("road_clearing", 1), ("search_rescue", 0)):
        order = TaskOrder(tiny.frame(TASK_COLUMNS, [task("T", "A", kind=kind)]), 2)
        scenario = replace(tiny.one_depot(), tasks=order)
        assert len(parts_of(scenario)) == 1
        assert len(parts_of(scenario, goods_only=True)) == played
