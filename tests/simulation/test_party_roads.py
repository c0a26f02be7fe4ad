"""Roads of evacuees and teams tonight, made from arrays: as if the night's disruption were laid over the roads anew."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from dispatch.planning.teams import plan_teams
from dispatch.scenario import travel
from dispatch.simulation.night import drawn_night
from dispatch.simulation.party_roads import roads_tonight
from dispatch.simulation.stage import prepare
from dispatch.teams.called import team_profiles
from models.traversal import NEVER
from tests import tiny
from tests.planning.team_worlds import task, team, world

GROUP = {"group": "g", "probability": 0.5, "shift_low_s": -300.0, "shift_mode_s": 0.0, "shift_high_s": 900.0,
         "duration_low": 0.5, "duration_mode": 1.0, "duration_high": 1.5}  # fmt: skip


@pytest.mark.parametrize("replication", range(3))
def test_the_same_roads_as_the_nights_disruption_laid_over_them(replication):
    """A closure for good, a shallow flood that stops some classes and slows others, one that may not happen at all."""
    hazard = tiny.disruption(
        [
            tiny.closure("r23:2-3", 0.0, float("inf"), cause="collapse"),
            tiny.closure("r12:1-2", 600.0, 9000.0, depth_m=0.25, cause="flood"),
            tiny.closure("r01:0-1", 1200.0, 4000.0, group="g", speed_permille=300),
        ],
        [GROUP],
    )
    scenario = world([task("A", "A")], [team("T1", "D")], hazard=hazard,
                     roads=tiny.network([(0, 1, 10), (1, 2, 10), (2, 3, 2)]))  # fmt: skip
    stage = prepare(scenario, plan_teams(scenario))
    night = drawn_night(stage, 7, replication)
    found = roads_tonight(SimpleNamespace(stage=stage, night=night), "teams", team_profiles)
    table = scenario.disruption.edges[night.happens]
    times = {}
    for name, of in (("start_s", night.start_ms), ("end_s", night.end_ms)):
        value = of[night.happens]
        times[name] = np.where(np.abs(value) >= NEVER, np.where(value > 0, np.inf, -np.inf), value / 1000)
    tonight = replace(scenario.disruption, edges=table.assign(**times))
    expected = travel(replace(scenario, profiles=team_profiles(scenario)), tonight)
    assert set(found.timed) == set(expected.timed)
    for vehicle_class, timed in expected.timed.items():
        for column in ("free_ms", "first", "start_ms", "end_ms", "permille"):
            assert np.array_equal(getattr(found.timed[vehicle_class], column), getattr(timed, column)), vehicle_class
    assert found.sites == expected.sites
    assert np.array_equal(found.node, expected.node)
