"""Floods computed for the embedded county: who is reached, when, and what more rain or water does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from dispatch.hazards.dam_breach import dam_breach, stretched
from dispatch.hazards.flash_flood import flash_flood
from dispatch.hazards.flood_models import read_flood
from dispatch.hazards.inundation import levee_breach, waterlogging
from dispatch.hazards.rain import storm_of
from dispatch.hazards.storm import design_storm, factors, patterns
from dispatch.hazards.terrain import read_terrain
from dispatch.hazards.water import water_rules
from dispatch.hazards.water_spec import DamBreach, FlashFlood, LeveeBreach, Waterlogging, read_water
from dispatch.problems import InputProblems
from dispatch.roads.read import read_network
from models.water.breach import peak_1995
from models.water.runoff import runoff_mm
from tests.qinshui import PACK, county

TERRAIN = PACK / "terrain.tif"
REFERENCE = datetime.fromisoformat("2026-07-20T22:00:00+08:00")
STORM = FlashFlood(
    terrain=TERRAIN, depth_mm=150.0, duration_h=6.0, land="terraces_good", soil="c", centre=(112.46, 35.76),
    radius_km=28.0, rain_factor=(1.0, 1.0, 1.0), hours=24.0,
)  # fmt: skip
TOWN = Waterlogging(
    terrain=TERRAIN, box=(112.15, 35.67, 112.20, 35.70), cell_m=100.0, depth_mm=130.0, duration_h=3.0, land="town",
    soil="c", rain_factor=(1.0, 1.0, 1.0), hours=4.0,
)  # fmt: skip


@cache
def network():
    return read_network(PACK / "roads.osm")


@cache
def storm(depth_mm: float):
    return flash_flood(replace(STORM, depth_mm=depth_mm))


def test_flash_flood_runs_off_the_rain_of_its_catchments():
    # what passes the mouth of a small reach is its runoff: volume of the hydrograph = area x excess
    model = storm(150.0)
    small = int(np.argmin(model.whole.area_m2[model.whole.outlet]))
    outlet = model.whole.outlet[small]
    above = model.whole.drainage.upstream_sum
    share = storm_of(STORM, 300.0).share_at(model.whole.terrain)
    mean = above(share)[outlet] / above(np.ones(len(share)))[outlet]
    excess_m = runoff_mm(np.array([150.0 * mean]), 78.0)[0] / 1000  # terraces on soil C: 78
    volume = model.flow_m3_s[small].sum() * 600
    assert volume == pytest.approx(model.whole.area_m2[outlet] * excess_m, rel=0.01)
    assert (model.flow_m3_s >= 0).all()


def test_more_rain_floods_no_less():
    low, high = storm(110.0), storm(150.0)
    assert (high.stages.stage_m >= low.stages.stage_m - 1e-9).all()
    assert set(low.over(network(), county()).edges["edge"]) <= set(high.over(network(), county()).edges["edge"])


def test_warning_goes_out_when_enough_has_fallen_and_lead_times_grow_downstream():
    model = storm(150.0)
    assert 0 < model.warned_s < 6 * 3600
    lead = model.lead_times()
    np.testing.assert_allclose(lead["arrival_s"] - lead["lead_s"], model.warned_s)
    assert lead.loc[lead["area_km2"] < 20, "lead_s"].median() < lead.loc[lead["area_km2"] > 500, "lead_s"].median()


def test_uncertain_rain_makes_equally_likely_outcomes_about_the_forecast():
    model = flash_flood(replace(STORM, rain_factor=(0.7, 1.0, 1.4), outcomes=3))
    peaks = [one.stage_m.max() for one in model.outcomes]
    assert peaks == sorted(peaks)
    assert peaks[0] < model.stages.stage_m.max() < peaks[-1]


def test_dam_breach_lets_out_the_reservoir_at_froehlichs_peak():
    model = dam_breach(DamBreach(terrain=TERRAIN, dam="DM-4", hours=12.0), county())
    dams = county().table("dams").set_index("dam").loc["DM-4"]
    assert model.outflow_m3_s.sum() * 60 == pytest.approx(dams["storage_m3"], rel=2e-3)
    assert model.outflow_m3_s.max() == pytest.approx(peak_1995(dams["storage_m3"], dams["height_m"]), rel=0.03)
    # the wave keeps its water and flattens on its way
    assert model.flow_m3_s[0].sum() * 60 == pytest.approx(dams["storage_m3"], rel=5e-3)
    peaks = model.flow_m3_s.max(axis=1)
    assert (np.diff(peaks) <= 1e-6).all()
    arrival = model.flow_m3_s.argmax(axis=1)
    assert (np.diff(arrival[peaks > 50]) >= 0).all()


def test_places_downstream_are_reached_one_after_the_other():
    model = dam_breach(DamBreach(terrain=TERRAIN, dam="DM-1", start=1800.0, hours=12.0), county())
    table = model.reached(network(), county())
    assert len(table) >= 5
    assert (table["arrival_s"] > 1800.0).all()
    assert table["arrival_s"].is_monotonic_increasing
    assert (table["lead_s"] == table["arrival_s"] - model.warned_s).all()
    assert table["people"].sum() > 1000
    assert table["roads_stopped"].max() > 0


def test_check_dam_is_a_dam_like_any_other():
    dams = county().table("dams")
    check = dams[dams["kind"] == "check_dam"].iloc[0]
    model = dam_breach(DamBreach(terrain=TERRAIN, dam=check["name"], hours=4.0), county())
    assert 0 < model.outflow_m3_s.max() < 1000


def test_stretching_keeps_volume_and_sets_the_peak():
    wave = np.array([0.0, 50.0, 100.0, 60.0, 20.0, 5.0] * 1).repeat(20)
    slow = stretched(wave, 40.0, 60.0)
    assert slow.max() == pytest.approx(40.0)
    assert slow.sum() == pytest.approx(wave.sum())


def test_dam_that_is_in_no_table_needs_its_figures_and_its_place():
    spec = DamBreach(terrain=TERRAIN, dam="planned", storage_m3=6e5, height_m=16.0, at=(112.1013, 35.8065), hours=2.0)
    known = dam_breach(DamBreach(terrain=TERRAIN, dam="DM-4", hours=2.0), county())
    np.testing.assert_allclose(dam_breach(spec, county()).outflow_m3_s, known.outflow_m3_s)


def test_unknown_dam_names_those_there_are():
    with pytest.raises(InputProblems) as several:
        dam_breach(DamBreach(terrain=TERRAIN, dam="DM-99"), county(), "s.toml")
    assert "DM-1" in several.value.problems[0].expected


def test_levee_breach_keeps_its_water():
    spec = LeveeBreach(terrain=TERRAIN, at=(112.163, 35.686), inflow=((0, 0), (20, 250), (120, 0)), reach_km=3.0,
                       hours=4.0)  # fmt: skip
    model = levee_breach(spec)
    budget = model.depths.budget
    assert budget.let_in == pytest.approx(250 * 120 * 60 / 2, rel=1e-3)
    assert abs(budget.error) < 1e-12
    assert model.depths.depths_m.min() >= 0
    assert not model.over(network(), county()).edges.empty
    off = replace(spec, at=(100.0, 10.0))
    with pytest.raises((InputProblems, ValueError)):
        levee_breach(off)


def test_waterlogging_is_what_land_and_drains_leave():
    model = waterlogging(TOWN)
    dry = waterlogging(replace(TOWN, drains_mm_h=500.0))
    assert abs(model.depths.budget.error) < 1e-12
    assert dry.depths.depths_m.max() == 0
    more = waterlogging(replace(TOWN, depth_mm=180.0))
    assert more.depths.budget.rained > model.depths.budget.rained > 0
    assert more.depths.depths_m.max() > model.depths.depths_m.max()


def test_storms_of_every_pattern_bring_their_depth():
    for pattern in patterns():
        rain = design_storm(0.0, 90.0, 5 * 3600.0, pattern, 300.0)
        assert rain.rain_mm.sum() == pytest.approx(90.0)
        assert len(rain.rain_mm) == 60
    steady = design_storm(60.0, 90.0, 3 * 3600.0, "uniform", 300.0)
    assert steady.fallen_s(30.0) == pytest.approx(60 + 3600)
    assert steady.fallen_s(91.0) == np.inf


def test_factors_have_the_mean_of_the_triangle():
    assert factors(0.7, 1.0, 1.4, 200).mean() == pytest.approx((0.7 + 1.0 + 1.4) / 3, rel=1e-3)
    assert factors(1.0, 1.0, 1.0, 3).tolist() == [1.0, 1.0, 1.0]


def test_every_wrong_key_is_named(tmp_path: Path):
    table = {"terrain": "none.tif", "depth_mm": -1, "rain_mm": [1.0], "pattern": "odd", "centre": [1], "colour": 3}
    spec, problems = read_water(FlashFlood, table, tmp_path / "s.toml", "hazards.flash_flood", REFERENCE)
    assert spec is None
    assert {problem.code.removeprefix("hazards_water_").removeprefix("hazards_key_") for problem in problems} == {
        "path", "amount", "pattern", "point", "unknown", "one_rain", "one_land",
    }  # fmt: skip


def test_flood_of_a_scenario_is_read_and_worked_out():
    table = {"terrain": "terrain.tif", "dam": "DM-4", "start": "+0:30", "hours": 3}
    model, problems = read_flood("dam_breach", table, PACK / "s.toml", REFERENCE, county())
    assert problems == []
    assert model is not None
    assert (model.over(network(), county()).edges["cause"] == "dam_break").all()
    model, problems = read_flood("dam_breach", {**table, "dam": "x"}, PACK / "s.toml", REFERENCE, county())
    assert model is None
    assert [problem.code for problem in problems] == ["hazards_water_dam"]


def test_terrain_fits_the_rivers_and_has_no_pits():
    from models.terrain import drain

    land = read_terrain(TERRAIN)
    assert not land.void.any()
    assert 190 < land.dx_m < 210
    assert "synthetic" in land.source
    drainage = drain(land.elevation_m, land.dx_m, land.dy_m)
    assert (drainage.filled_m - land.elevation_m).max() == 0
    # most of the land leaves through the Qin River's valley in the south
    outlet = int(np.argmax(drainage.area_m2()))
    assert land.middle(np.array([outlet]))[0][0] == pytest.approx(112.50, abs=0.01)
    assert water_rules()["least_depth"] == 0.05


@pytest.mark.slow
def test_terrain_is_made_again_to_the_same_heights():
    from scenarios.qinshui.authoring.terrain import heights

    np.testing.assert_array_equal(heights().astype(np.float32), read_terrain(TERRAIN).elevation_m)
