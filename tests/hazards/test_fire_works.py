"""Works against fire: each layer moves the fire the way it should, never the other."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.county.county import County
from dispatch.hazards.computed import read_computed
from dispatch.hazards.fire_breaks import break_gains
from dispatch.hazards.fire_in_county import fire_in_county
from dispatch.hazards.fire_spec import Crew, FireSpec, read_fire
from dispatch.hazards.fire_works import LAYERS, FireWorks, without_layers, works_rules
from dispatch.hazards.wildfire import forecast, wildfire
from tests import tiny
from tests.hazards.fires import LAT, LON, REFERENCE, calm, windy
from tests.qinshui import county as qinshui

DEGREE_M = 90_650.0
"""About one degree of longitude at the tests' latitude."""


def _crew(start_s: float = 600.0, people: int = 20) -> Crew:
    """A line of 600 m across the head, half a kilometre down the wind."""
    east = LON + 500 / DEGREE_M
    return Crew(((east, LAT - 0.0027), (east, LAT + 0.0027)), start_s, people, True)


def _burnt(spec: FireSpec) -> int:
    return int(np.isfinite(forecast(wildfire(spec), spec.until_s)).sum())


def _wet(*water: tuple[float, float, float], **changes) -> FireSpec:
    return windy(crews=(_crew(),), works=FireWorks(water=water), **changes)


def _world(*facilities: dict, lines: tuple[dict, ...] = ()) -> County:
    base = tiny.one_depot().county
    rows = [{"facility": f"F{k}", "name": "F", **one} for k, one in enumerate(facilities)]
    roads = [{"fire_line": f"L{k}", "name": "L", "planned": False, **one} for k, one in enumerate(lines)]
    made = tiny.county(facilities=rows, fire_lines=roads)
    return replace(base, tables={**base.tables, **{name: made.tables[name] for name in ("facilities", "fire_lines")}})


def test_wet_line_is_finished_sooner_by_the_gain():
    dry = wildfire(_wet())
    wet = wildfire(_wet((LON + 0.006, LAT, math.inf)))
    built = np.isfinite(dry.closed_s)
    assert (built == np.isfinite(wet.closed_s)).all()
    gain = works_rules()["wet_gain"]
    assert (wet.closed_s[built] - 600.0) * gain == pytest.approx(dry.closed_s[built] - 600.0)
    # too far for the hose, and an empty tank: as by hand
    far = works_rules()["hose_reach"] + 2000
    for none in ((LON + far / DEGREE_M, LAT, math.inf), (LON, LAT, 0.0)):
        assert np.array_equal(wildfire(_wet(none)).closed_s, dry.closed_s)


def test_a_tank_runs_dry_after_its_metres_of_line():
    rules = works_rules()
    litres = 200 * rules["wet_litres"]
    dry, wet = (wildfire(_wet(*water)).closed_s for water in ((), ((LON + 0.006, LAT, litres),)))
    ends = [float(closed[np.isfinite(closed)].max()) - 600.0 for closed in (wet, dry)]
    length = 0.0054 * 111_195
    # 200 m are built at the gain, the rest by hand
    assert ends[0] / ends[1] == pytest.approx((length - 200 + 200 / rules["wet_gain"]) / length, rel=0.01)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(-8, 16), st.integers(-8, 8), st.integers(0, 9)), min_size=1, max_size=4))
def test_taking_a_tank_away_never_makes_the_fire_smaller(tanks: list[tuple[int, int, int]]):
    water = tuple((LON + 100 * east / DEGREE_M, LAT + north * 0.0009, 1000.0 * m3) for east, north, m3 in tanks)
    all_of_them, one_fewer = _wet(*water, hours=1.5), _wet(*water[1:], hours=1.5)
    with_it, without = (forecast(wildfire(spec), spec.until_s) for spec in (all_of_them, one_fewer))
    assert (with_it >= without).all()


def test_a_tank_in_time_saves_land():
    river = ((LON + 0.006, LAT, math.inf),)
    assert _burnt(_wet(*river, hours=1.5)) < _burnt(_wet(hours=1.5))


EAST = f"LINESTRING ({LON + 0.008} {LAT - 0.02}, {LON + 0.008} {LAT + 0.02})"
NORTH = f"LINESTRING ({LON - 0.02} {LAT + 0.003}, {LON + 0.02} {LAT + 0.003})"


def test_layers_of_the_county_reach_the_fire_and_can_be_left_out():
    county = _world(
        {"kind": "water_tank", "lon": LON + 0.006, "lat": LAT, "capacity": 60.0},
        {"kind": "water_tank", "lon": LON + 0.006, "lat": LAT},  # capacity unknown: empty
        {"kind": "water_point", "lon": LON + 0.2, "lat": LAT},
        {"kind": "tower", "lon": LON, "lat": LAT},
        lines=({"kind": "fire_break", "geometry": EAST, "width_m": 30.0},
               {"kind": "fire_road", "geometry": NORTH, "width_m": 4.0},
               {"kind": "fire_break", "geometry": EAST, "width_m": 30.0, "planned": True}),
    )  # fmt: skip
    asked = windy(crews=(_crew(),), water=True, county_breaks=True)
    made = fire_in_county(asked, county, REFERENCE)
    assert [line.width_m for line in made.works.breaks] == [30.0, 4.0]
    assert len(fire_in_county(replace(asked, planned_breaks=True), county, REFERENCE).works.breaks) == 3
    assert [litres for _, _, litres in made.works.water] == [60_000 * works_rules()["tank_usable"], 0.0, math.inf]
    assert fire_in_county(windy(), county, REFERENCE).works == FireWorks()
    whole = _burnt(made)
    for layer, more in (("water_tanks", True), ("fire_breaks", True), ("fire_roads", True), ("towers", False)):
        burnt = _burnt(fire_in_county(asked, without_layers(county, [layer]), REFERENCE))
        assert burnt > whole if more else burnt == whole, layer


def test_without_a_layer_only_that_layer_is_gone():
    county = qinshui()
    for layer, (table, kind) in LAYERS.items():
        left = without_layers(county, [layer])
        assert (county.table(table)["kind"] == kind).any(), layer
        assert not (left.table(table)["kind"] == kind).any()
        assert len(left.table(table)) == (county.table(table)["kind"] != kind).sum()
        assert all(left.tables[name] is county.tables[name] for name in county.tables if name != table)
    with pytest.raises(KeyError):
        without_layers(county, ["moats"])


def test_fewer_cameras_and_towers_never_bring_the_news_sooner_and_the_crew_sets_out_from_then():
    near = {"lon": LON, "lat": LAT}
    county = _world({"kind": "camera", **near}, {"kind": "tower", **near})
    asked = windy(crews=(_crew(600.0),), detection=True, from_detection=True)
    known = []
    for layers in ([], ["cameras"], ["cameras", "towers"]):
        made = fire_in_county(asked, without_layers(county, layers), REFERENCE)
        assert made.detected is not None
        assert made.crews[0].start == 600.0 + made.detected
        known.append(made.detected)
    assert known == sorted(known)
    assert known[0] < known[-1]
    later = fire_in_county(asked, without_layers(county, ["cameras", "towers"]), REFERENCE)
    assert _burnt(fire_in_county(asked, county, REFERENCE)) < _burnt(later)


def _drawn(seed: int, **changes) -> FireSpec:
    return calm(ignitions=(), people_fires=6.0, centre=(LON, LAT), seed=seed, hours=2.0, members=0, **changes)


def _villages(county: County) -> County:
    one = {"lon": LON + 0.002, "lat": LAT, "kind": "village"}
    places = pd.concat([county.table("places"), tiny.county(places=[{"place": "V", "name": "V", **one}])
                        .table("places")], ignore_index=True)  # fmt: skip
    return replace(county, tables={**county.tables, "places": places})


def test_a_checkpoint_only_ever_keeps_fires_from_starting():
    county = _villages(_world({"kind": "checkpoint", "lon": LON, "lat": LAT}))
    starts = []
    for seed in range(8):
        asked = _drawn(seed, checkpoints=True)
        watched = fire_in_county(asked, county, REFERENCE).ignitions
        free = fire_in_county(asked, without_layers(county, ["checkpoints"]), REFERENCE).ignitions
        assert set(watched) <= set(free)
        assert fire_in_county(_drawn(seed), county, REFERENCE).ignitions == free  # only where it is asked for
        starts.append((len(watched), len(free)))
    watched, free = np.sum(starts, axis=0)
    assert free / 8 == pytest.approx(6.0, abs=4 * math.sqrt(6 / 8))
    assert watched / free == pytest.approx(1 - works_rules()["checkpoint_effect"], abs=4 * math.sqrt(0.25 / free))


def test_more_fires_never_burn_less_and_a_night_without_any_is_said(tmp_path):
    county = _villages(_world({"kind": "checkpoint", "lon": LON, "lat": LAT}))
    asked = next(spec for spec in (_drawn(seed, checkpoints=True) for seed in range(20))
                 if 0 < len(fire_in_county(spec, county, REFERENCE).ignitions) <
                 len(fire_in_county(spec, without_layers(county, ["checkpoints"]), REFERENCE).ignitions))  # fmt: skip
    watched = fire_in_county(asked, county, REFERENCE)
    free = fire_in_county(asked, without_layers(county, ["checkpoints"]), REFERENCE)
    assert _burnt(watched) < _burnt(free)
    none = fire_in_county(replace(asked, people_fires=1e-9), county, REFERENCE)
    assert none.ignitions == ()
    weather = [{"time": "+0:00", "wind_m_s": 3, "wind_from_deg": 270, "temperature_c": 20, "humidity_pct": 40}]
    table = {"weather": weather, "hours": 2, "fuel": "grass", "people_fires": 1e-9, "centre": [LON, LAT],
             "reach_km": 1.0, "members": 0}  # fmt: skip
    computed, problems = read_computed({"hazards.fire": table}, {}, tmp_path / "fire.toml", REFERENCE, county)
    assert [(problem.code, problem.severity) for problem in problems] == [("hazards_fire_none", "warning")]
    assert computed.footprints == ()
    assert computed.fire is None


def test_lightning_starts_fires_beyond_any_checkpoint():
    county = _villages(_world({"kind": "checkpoint", "lon": LON, "lat": LAT}))
    asked = replace(_drawn(3, checkpoints=True), people_fires=0.0, lightning_storms=4.0, strokes=2.0)
    watched = fire_in_county(asked, county, REFERENCE).ignitions
    assert watched == fire_in_county(asked, without_layers(county, ["checkpoints"]), REFERENCE).ignitions
    assert len(watched) >= 3


def test_what_each_break_is_worth():
    far = f"LINESTRING ({LON + 0.5} {LAT - 0.02}, {LON + 0.5} {LAT + 0.02})"
    county = _world(lines=({"kind": "fire_break", "geometry": EAST, "width_m": 30.0, "planned": True},
                           {"kind": "fire_road", "geometry": NORTH, "width_m": 4.0},
                           {"kind": "fire_road", "geometry": NORTH, "width_m": 0.5},
                           {"kind": "fire_break", "geometry": far, "width_m": 30.0}))  # fmt: skip
    made = fire_in_county(windy(county_breaks=True), county, REFERENCE)
    gains = break_gains(made, county).set_index("fire_line")
    assert set(gains.index) == {"L0", "L1", "L2"}  # the last is never met
    hectare = made.cell_m**2 / 1e4
    now = _burnt(made) * hectare
    assert gains.loc["L0", "without_ha"] == gains.loc["L1", "with_ha"] == pytest.approx(now)
    planned = fire_in_county(replace(windy(county_breaks=True), planned_breaks=True), county, REFERENCE)
    assert gains.loc["L0", "with_ha"] == pytest.approx(_burnt(planned) * hectare)
    assert gains.loc["L1", "saved_ha"] > 0
    assert gains.loc["L2", "saved_ha"] == 0  # too narrow to hold
    assert (gains["saved_ha"] >= 0).all()
    assert gains["planned"].tolist().count(True) == 1


def test_keys_that_need_each_other_are_said(tmp_path):
    weather = [{"time": "+0:00", "wind_m_s": 3, "wind_from_deg": 270, "temperature_c": 20, "humidity_pct": 40}]
    table = {"weather": weather, "hours": 2, "fuel": "grass", "people_fires": 2}
    file = tmp_path / "fire.toml"
    assert {p.column for p in read_fire(table, file, REFERENCE)[1]} == {"hazards.fire.centre"}
    assert {p.column for p in read_fire({**table, "centre": [1]}, file, REFERENCE)[1]} == {"hazards.fire.centre"}
    fine = {**table, "centre": [112.0, 35.5], "breaks": True, "water": True}
    assert {p.column for p in read_fire({**fine, "from_detection": True}, file, REFERENCE)[1]} == {
        "hazards.fire.detection"
    }
    spec, problems = read_fire(fine, file, REFERENCE)
    assert spec is not None
    assert not problems
    assert spec.county_breaks
    assert spec.ignitions == ()
    assert spec.until_s == 7200.0
