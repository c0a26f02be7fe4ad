"""The embedded county's computed floods: each from one file, closing roads by the hour, with demand by rule."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from dispatch.scenario_file import load_scenario

FLOODS = {"flash_flood_model": "flash_flood", "dam_breach": "dam_break", "levee_breach": "flood",
          "waterlogging": "waterlogging"}  # fmt: skip


@cache
def night(name: str):
    return load_scenario(f"qinshui/{name}")


@pytest.mark.parametrize("name", FLOODS)
def test_scenario_loads_without_a_note_and_closes_roads_by_the_hour(name: str):
    scenario = night(name)
    assert scenario.notes == ()
    edges = scenario.disruption.edges
    assert set(edges["cause"]) == {FLOODS[name]}
    stopped = edges[edges["depth_m"] >= 0.5]  # a 5 t truck stops
    open_by_hour = [
        int(((stopped["start_s"] < hour * 3600) & (stopped["end_s"] > hour * 3600)).sum()) for hour in range(25)
    ]
    assert open_by_hour[0] == 0
    assert max(open_by_hour) >= 10
    assert open_by_hour[24] < max(open_by_hour)
    assert (scenario.needs["rule"] != "").all()
    assert scenario.needs["place"].nunique() >= 1


@pytest.mark.parametrize("name", ["flash_flood_model", "waterlogging"])
def test_nights_of_uncertain_rain_differ_and_repeat(name: str):
    hazard = night(name).disruption
    first, again, other = (hazard.sample(np.random.default_rng(seed)) for seed in (1, 1, 5))
    assert first.edges.equals(again.edges)
    assert not first.edges.equals(other.edges)


def test_statements_say_that_the_terrain_is_synthetic():
    for name in FLOODS:
        assert any("terrain is synthetic" in english for _, english in night(name).statements)
