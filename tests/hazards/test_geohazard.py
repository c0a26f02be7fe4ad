"""Slides by rain: more of it never opens a road, one zone fails together, people below are moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache

import numpy as np
import pytest

from dispatch.hazards.geohazard import geohazard
from dispatch.hazards.ground_models import read_ground
from dispatch.hazards.ground_spec import Geohazard
from tests import tiny
from tests.hazards import worlds
from tests.qinshui import PACK, county

REFERENCE = datetime.fromisoformat("2026-08-05T20:00:00+08:00")
ZONE = "POLYGON ((111.999 35.499, 112.0299 35.499, 112.0299 35.501, 111.999 35.501, 111.999 35.499))"
RAIN = Geohazard(depth_mm=90.0, duration_h=6.0, hours=24.0)


def small(points=6, zone="Z", threshold=60.0):
    """Points along the line of three roads, all of one zone (or of none)."""
    hazard_points = [
        {"hazard_point": f"P{k}", "name": f"P{k}", "kind": "slide", "place": "V", "lon": 112.002 + 0.005 * k,
         "lat": 35.5, "people_threatened": 5, "risk_zone": zone, "rain_threshold_mm": threshold} for k in range(points)
    ]  # fmt: skip
    zones = [{"risk_zone": zone, "name": zone, "kind": "geohazard", "geometry": ZONE}] if zone else []
    places = [{"place": "V", "name": "V", "kind": "village", "parent": "", "lon": 112.0, "lat": 35.5,
               "population": 100}]  # fmt: skip
    return tiny.county(hazard_points=hazard_points, risk_zones=zones, places=places)


@cache
def qinshui_roads():
    from dispatch.roads.read import read_network

    return read_network(PACK / "roads.osm")


def nights(disruption, count: int) -> list[set[str]]:
    """Units that fail on each night."""
    found = []
    for seed in range(count):
        edges = disruption.sample(np.random.default_rng(seed)).edges
        found.append({group.rsplit("/", 1)[0] for group in edges["group"]})
    return found


def test_probability_at_the_threshold_is_the_norms():
    model = geohazard(replace(RAIN, depth_mm=60.0))
    table = model.failures(worlds.line(), small(zone=""))
    assert table["probability"].to_numpy() == pytest.approx(model.rules["at_threshold"])
    assert table["street"].ne("").all()
    assert table["rain_mm"].to_numpy() == pytest.approx(60.0)


def test_frequency_over_nights_is_the_probability():
    model = geohazard(RAIN)
    table = model.failures(worlds.line(), small(zone="")).set_index("unit")["probability"]
    came = nights(model.over(worlds.line(), small(zone="")), 120)
    for unit, chance in table.items():
        share = np.mean([f"geohazard:{unit}" in night for night in came])
        assert share == pytest.approx(chance, abs=4 * np.sqrt(0.25 / 120))


def test_points_of_one_zone_fail_on_the_same_nights():
    # variance of the number of failures: that of independent points is the sum of p (1 - p)
    model, loose = (geohazard(replace(RAIN, correlation=c)) for c in (0.8, 0.0))
    table = model.failures(worlds.line(), small())
    alone = float((table["probability"] * (1 - table["probability"])).sum())
    together = np.var([len(night) for night in nights(model.over(worlds.line(), small()), 90)])
    apart = np.var([len(night) for night in nights(loose.over(worlds.line(), small()), 90)])
    assert together > 1.8 * alone
    assert apart == pytest.approx(alone, rel=0.6)


def test_more_rain_never_opens_a_road():
    roads, some = qinshui_roads(), county()
    last, foreseen = None, set()
    for depth in (20.0, 60.0, 100.0, 160.0, 260.0):
        model = geohazard(replace(RAIN, depth_mm=depth))
        table = model.failures(roads, some).set_index("unit")["probability"].sort_index()
        if last is not None:
            assert (table >= last - 1e-12).all()
        edges = model.over(roads, some).edges
        closed = set(edges.loc[edges["forecast_end_s"] > edges["forecast_start_s"], "edge"])
        assert closed >= foreseen
        last, foreseen = table, closed
    assert len(foreseen) > 10


def test_same_night_more_rain_fails_the_same_units_sooner():
    roads, some = qinshui_roads(), county()
    less, more = (geohazard(replace(RAIN, depth_mm=depth)).over(roads, some) for depth in (80.0, 140.0))
    if list(less.groups["group"]) == list(more.groups["group"]):
        for seed in range(10):
            few, many = (
                {g.rsplit("/", 1)[0] for g in one.sample(np.random.default_rng(seed)).edges["group"]}
                for one in (less, more)
            )
            assert few <= many
    else:
        pytest.fail("more rain changed which units there are")


def test_failures_come_hour_by_hour_and_end_when_cleared():
    edges = geohazard(RAIN).over(worlds.line(), small()).edges
    assert edges["start_s"].nunique() >= 5
    assert edges["start_s"].between(0, 6 * 3600).all()
    assert ((edges["end_s"] - edges["start_s"]) > 0).all()
    assert set(edges["cause"]) == {"slide"}


def test_people_below_points_are_moved_before_the_most_of_the_rain():
    places = geohazard(RAIN).over(worlds.line(), small()).places
    assert places["place"].tolist() == ["V"]
    assert places["share"].tolist() == [pytest.approx(0.3)]  # six points of five people each, of a hundred
    assert places["start_s"].iloc[0] < 6 * 3600


def test_far_points_threaten_people_but_no_road():
    far = small(zone="")
    far.table("hazard_points")["lat"] = 35.6
    model = geohazard(RAIN)
    assert model.over(worlds.line(), far).edges.empty
    assert len(model.over(worlds.line(), far).places) == 1


def test_tunnels_are_spared():
    roads = worlds.line(tunnel={"r01": True, "r12": True, "r23": True})
    assert geohazard(RAIN).over(roads, small()).edges.empty


def test_rain_thins_out_from_its_centre():
    model = geohazard(replace(RAIN, centre=(112.0, 35.5), radius_km=10.0))
    here, there = model.rain_mm(np.array([112.0, 112.5]), np.array([35.5, 35.5]))[:, -1]
    assert here == pytest.approx(90.0)
    assert there < 1.0


def test_wrong_keys_are_named():
    _, problems = read_ground("geohazard", {"depth_mm": -1, "rain_mm": [1.0], "odd": 1}, PACK / "s.toml", REFERENCE)
    assert {problem.code for problem in problems} == {
        "hazards_key_amount", "hazards_key_unknown", "hazards_water_one_rain",
    }  # fmt: skip
