"""Drones, shelters, phones, water and fire roads on small grounds worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dispatch.planning.coverage import away_m, cover_with_fewest, targets_of
from dispatch.planning.coverage_drone import base_points, drone_coverage, flight_min
from dispatch.planning.coverage_fire import bucket_cycles, rank_fire_roads
from dispatch.planning.coverage_walk import satellite_coverage, shelter_coverage, station_coverage
from dispatch.planning.siting_ground import lay_ground, siting_rules
from tests import tiny
from tests.planning.siting_world import county, ground, roads

DRONE = {"cruise_kmh": 60.0, "endurance_min": 50.0, "range_km": 9.0, "max_wind_ms": 10.0, "prepare_min": 10.0}


def test_flight_in_still_air_against_wind_and_too_far() -> None:
    """60 km/h: 6 km in 6 min and 30 m of climb in 10 s; 10 m/s of wind leaves 6.67 m/s; 10 km is out of control."""
    away = np.array([6000.0, 10000.0])
    assert flight_min(DRONE, away, 30.0, 0.0) == pytest.approx([6 + 1 / 6, np.inf])
    assert flight_min(DRONE, away[:1], 0.0, 10.0) == pytest.approx([6000 / (60 / 3.6 - 10) / 60])
    assert np.isinf(flight_min(DRONE, away, 0.0, 11.0)).all()


def test_the_way_back_must_fit_into_the_endurance() -> None:
    """50 min less a fifth is 40: 20 min out."""
    far = {**DRONE, "range_km": 100.0}
    minutes = flight_min(far, np.array([20_000.0, 20_001.0]), 0.0, 0.0)
    assert np.isfinite(minutes[0])
    assert np.isinf(minutes[1])


def test_a_drone_is_driven_near_and_flown_on() -> None:
    """From 0 to village 5: the way ends 80 min away, but 0.05° are 4.5 km through the air."""
    one = county(
        drones=[{"drone": "U", "name": "无人机", "base": "D", "type": "multirotor", "payloads": "video", **DRONE}]
    )
    base = lay_ground(one, roads(), tiny.TRUCK, base_points(one), limit_m=2000, walk_kmh=3)
    found = drone_coverage(base, None)["video"]
    rules = siting_rules()
    air = float(away_m(*(np.array([v]) for v in (112.0, 35.5, 112.05, 35.5)))[0, 0])
    climb = rules["drone_clearance"] / rules["drone_climb"] / 60
    assert found.targets["now"].iloc[5] == pytest.approx(rules["drone_alert"] + 10 + air / 1000 + climb, abs=1e-6)
    assert found.targets["covered_now"].all()
    assert found.layout.value == 1


def test_shelters_within_the_walk_and_the_fewest_new_ones() -> None:
    """Villages lie 0.9 km apart: one walks 15 min × 3.5 km/h = 875 m, by paths 673 m in a straight line, so each needs
    its own; villages 2 to 5 get one each."""
    one = county(shelters=[{"shelter": "S0", "name": "学校", "place": "v0", "capacity": 10.0},
                           {"shelter": "S1", "name": "学校", "place": "v1", "capacity": 500.0}])  # fmt: skip
    found = shelter_coverage(one)
    assert list(found.targets["covered_now"]) == [True, True, False, False, False, False]
    assert int(found.points["chosen"].sum()) == 4
    assert found.extra["coverage_shelter_without"]["count"] == 4
    # A fifth of the people need a place: 20 and 20 are near shelters of 10 and 500; 20 + 60 + 40 + 10 have none.
    assert found.extra["coverage_shelter_gap"]["people"] == "140"


def test_silent_villages_share_phones() -> None:
    """Neighbours within 2 km: a phone at 2 or 3 serves five villages of six, so two phones do."""
    found = satellite_coverage(county(), limit_km=2.0)
    assert found.layout.value == 2
    assert found.targets["covered_after"].all()
    one = satellite_coverage(county(communications=[
        {"communication": "R", "medium": "radio", "place": "v5", "backup_power_h": 8.0},
        {"communication": "P", "medium": "satellite_phone", "place": "v2"},
    ]), limit_km=2.0)  # fmt: skip
    assert one.targets["covered_now"].all()
    assert not one.points["chosen"].any()


def test_fire_stations_by_road() -> None:
    """One minute to turn out: 15 minutes are 14 km; a station at 0 reaches 0 and 1."""
    base = ground()
    found = station_coverage(base)
    assert list(found.targets["covered_now"]) == [True, True, False, False, False, False]
    assert found.layout.value == 3


def test_no_point_covers_and_it_is_said() -> None:
    targets = targets_of(pd.DataFrame({"place": ["a", "b"], "name": ["a", "b"], "township": "", "people": [1.0, 2.0],
                                       "lon": [0.0, 1.0], "lat": [0.0, 0.0]}))  # fmt: skip
    points = pd.DataFrame({"candidate": ["p"], "name": ["p"], "lon": [0.0], "lat": [0.0], "existing": [False]})
    found = cover_with_fewest("shelter", 5.0, "min", targets, points, np.array([[1.0], [np.inf]]))
    assert found.outside == ["b"]


def test_bucket_cycle_by_hand() -> None:
    """160 km/h: 8 km there and back in 6 min, 3 min to fill and drop; a pad at the cell costs 15 min every 90."""
    cell = pd.DataFrame({"lon": [112.0], "lat": [35.5]})
    water = pd.DataFrame({"lon": [112.0], "lat": [35.5 + 8000 / 111_195.08]})
    pad = pd.DataFrame({"lon": [112.0], "lat": [35.5]})
    assert bucket_cycles(cell, water, pad)[0, 0] == pytest.approx((6 + 3) * (1 + 15 / 90), rel=1e-4)


def test_a_road_towards_the_forest_saves_more_than_one_away_from_it() -> None:
    zone = "POLYGON ((112.00 35.52, 112.02 35.52, 112.02 35.54, 112.00 35.54, 112.00 35.52))"
    lines = [
        {"fire_line": "N", "name": "北", "kind": "fire_road", "planned": True,
         "geometry": "LINESTRING (112.01 35.5, 112.01 35.53)"},
        {"fire_line": "S", "name": "南", "kind": "fire_road", "planned": True,
         "geometry": "LINESTRING (112.01 35.5, 112.01 35.47)"},
    ]  # fmt: skip
    base = ground(county(risk_zones=[{"risk_zone": "Z", "kind": "wildfire", "geometry": zone}], fire_lines=lines))
    table = rank_fire_roads(base, side_m=250)
    assert list(table["fire_line"]) == ["N", "S"]
    assert table["minutes_per_km"].iloc[0] > 0
    assert table["minutes_per_km"].iloc[1] == 0
