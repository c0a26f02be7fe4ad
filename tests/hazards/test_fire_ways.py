"""A fire whose wind may turn, and a fire that headquarters learn of from cameras, towers and people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatch.hazards.computed import read_computed
from dispatch.hazards.fire_detection import channels
from dispatch.hazards.fire_spec import Ignition, read_fire
from dispatch.hazards.fire_watch import detected_s, watches_of
from dispatch.hazards.fire_ways import fire_ways
from tests import tiny
from tests.hazards import worlds
from tests.hazards.fires import LAT, LON, REFERENCE, windy

SPEC = windy(
    ignitions=(Ignition(112.004, LAT, 0.0),), hours=1.5, wind_turn_deg=(0.0, 180.0), wind_turn_weights=(3.0, 1.0)
)


def lasting(edges):
    return edges[edges["end_s"] > edges["start_s"]]


def test_a_night_has_one_whole_fire_and_planners_see_the_forecast():
    network, county = worlds.line(), tiny.one_depot().county
    made = fire_ways(SPEC).over(network, county)
    alone = fire_ways(replace(SPEC, wind_turn_deg=(0.0,), wind_turn_weights=())).over(network, county)
    seen = lasting(made.forecast().edges)[["edge", "start_s", "end_s", "speed_permille"]].reset_index(drop=True)
    assert seen.equals(lasting(alone.forecast().edges)[seen.columns].reset_index(drop=True))
    drawn = []
    for seed in range(80):
        groups = set(lasting(made.sample(np.random.default_rng(seed)).edges)["group"])
        assert len(groups) == 1
        drawn.append(groups.pop())
    share = np.mean([group == "wildfire/1" for group in drawn])
    assert share == pytest.approx(0.75, abs=4 * np.sqrt(0.1875 / 80))


def test_turned_wind_burns_the_other_way():
    ways = fire_ways(replace(SPEC, hours=1.0)).ways
    west, east = (max(area.polygon.bounds[2] for area in way if area.effect.speed_permille == 0) for way in ways[::-1])
    assert west < east


def county():
    places = [{"place": "V", "name": "V", "kind": "village", "parent": "", "lon": LON + 0.5, "lat": LAT}]
    facilities = [
        {"facility": "C", "name": "C", "kind": "camera", "lon": LON + 0.02, "lat": LAT},
        {"facility": "T", "name": "T", "kind": "tower", "lon": LON + 0.05, "lat": LAT},
    ]
    return tiny.county(places=places, facilities=facilities)


def test_each_channel_watches_from_its_facilities():
    names = [watch.channel.name for watch in watches_of(county())]
    assert sorted(names) == ["public", "satellite", "tower", "video"]


def test_a_fire_beside_a_camera_is_known_sooner_than_one_in_a_blind_valley():
    near, far = (
        detected_s(windy(ignitions=(Ignition(lon, LAT, 600.0),)), county(), REFERENCE) for lon in (LON, LON + 9)
    )
    assert 600.0 < near < far
    only = channels()["satellite"]
    # by the satellite alone: 1 - (1 - 0.35)**n >= 1/2 at the second look, each 10 min, reported 15 min later
    assert far == pytest.approx(600 + 60 * (only.delay_min + 1.5 * only.revisit_min), abs=600)


def test_detection_becomes_the_time_of_knowing():
    table = {
        "ignitions": [{"lon": LON, "lat": LAT, "time": "+0:00"}], "hours": 1, "fuel": "grass", "reach_km": 1,
        "weather": [{"time": "+0:00", "wind_m_s": 3, "wind_from_deg": 270, "temperature_c": 20, "humidity_pct": 40}],
        "detection": True,
    }  # fmt: skip
    path = worlds.Path("s.toml")
    made, problems = read_computed({"hazards.fire": table}, {}, path, REFERENCE, county())
    assert problems == []
    known = {area.effect.known_s for area in made.footprints}
    assert min(known) == pytest.approx(
        detected_s(windy(ignitions=(Ignition(LON, LAT, 0.0),)), county(), REFERENCE), abs=1e-6
    )


def test_what_contradicts_itself_is_said(tmp_path):
    table = {"detected": "+0:10", "detection": True, "wind_turn_deg": [0, 30], "wind_turn_weights": [1]}
    _, problems = read_fire(table, tmp_path / "s.toml", REFERENCE)
    assert {"hazards_fire_one_detection", "hazards_fire_weights"} <= {problem.code for problem in problems}
