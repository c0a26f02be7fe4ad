"""An earthquake: damage falls with distance, grows with magnitude, and nights share how strong it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache

import numpy as np
import pytest

from dispatch.hazards.earthquake import earthquake
from dispatch.hazards.ground_models import read_ground
from dispatch.hazards.ground_spec import Earthquake
from dispatch.norms import read_norm
from tests import tiny
from tests.hazards import worlds
from tests.qinshui import PACK, county

REFERENCE = datetime.fromisoformat("2026-11-12T02:10:00+08:00")
QUAKE = Earthquake(magnitude=6.5, epicentre=(112.45, 35.72), axis_deg=30.0)


@cache
def roads():
    from dispatch.roads.read import read_network

    return read_network(PACK / "roads.osm")


def reaching(disruption, state: float) -> dict[str, float]:
    """Probability by structure of being shut (``state`` 0) or at least slowed (500)."""
    edges = disruption.edges[disruption.edges["speed_permille"] <= state].drop_duplicates("group")
    chance = disruption.groups.set_index("group")["probability"]
    unit = edges["group"].str.rsplit("/", n=1).str[0]
    return chance.reindex(edges["group"]).groupby(unit.to_numpy()).sum().to_dict()


def test_a_bridge_is_damaged_as_its_fragility_says():
    # the epicentre on the bridge, no uncertainty of ground motion but HAZUS's own: hand-worked from PGA to Sa(1 s)
    network = worlds.line(bridge={"r12": True})
    quake = earthquake(replace(QUAKE, epicentre=(112.015, 35.5), magnitude=6.0, deviation=0.0))
    pga = quake.pga_g(np.array([112.015]), np.array([35.5]))[0]
    # epicentral intensity: the larger of 6.046 + 1.48 × 6 - 2.081 ln 25 = 8.228
    # and 2.617 + 1.435 × 6 - 1.441 ln 7 = 8.423
    assert pga == pytest.approx(10 ** ((8.423 - 6.59) / 3.17) / 9.80665, rel=0.01)
    second = pga * 2.5 * 0.45
    from scipy.special import ndtr

    shut = ndtr(np.log(second / 0.35) / 0.6)  # HWB5, moderate or worse
    slow = ndtr(np.log(second / 0.25) / 0.6)
    made = quake.over(network, tiny.one_depot().county)
    assert list(reaching(made, 0).values()) == [pytest.approx(shut, abs=1e-6)]
    assert list(reaching(made, 500).values()) == [pytest.approx(slow, abs=1e-6)]


def test_repair_takes_as_long_as_the_restoration_table_says():
    network = worlds.line(bridge={"r12": True})
    made = earthquake(replace(QUAKE, epicentre=(112.015, 35.5))).over(network, tiny.one_depot().county)
    days = sorted(set(((made.edges["end_s"] - made.edges["start_s"]) / 86400).round(6)))
    wanted = sorted(row["mean_d"] for row in read_norm("hazus_restoration") if row["asset"] == "bridge")
    assert days == pytest.approx(wanted)


def test_stronger_never_opens_a_road_and_farther_never_breaks_more():
    last: dict[str, float] = {}
    for magnitude in (5.0, 5.5, 6.0, 6.5, 7.0, 7.5):
        shut = reaching(earthquake(replace(QUAKE, magnitude=magnitude)).over(roads(), county()), 0)
        assert all(shut.get(unit, 0.0) >= chance - 1e-9 for unit, chance in last.items())
        last = shut
    assert len(last) >= 60
    quake = earthquake(QUAKE)
    near, far = quake.pga_g(np.array([112.45, 112.9]), np.array([35.72, 35.72]))
    assert near > far > 0


def test_nights_share_how_strong_it_was():
    # a common factor widens the number of damaged bridges beyond that of independent ones with the same chances
    made = earthquake(replace(QUAKE, magnitude=6.2)).over(roads(), county())
    chance = np.array(list(reaching(made, 0).values()))
    shut = []
    for seed in range(100):
        edges = made.sample(np.random.default_rng(seed)).edges
        shut.append(edges.loc[edges["speed_permille"] == 0, "group"].str.rsplit("/", n=1).str[0].nunique())
    assert np.mean(shut) == pytest.approx(chance.sum(), rel=0.15)
    assert np.var(shut) > 1.2 * (chance * (1 - chance)).sum()


def test_a_structure_is_in_one_state_a_night():
    made = earthquake(QUAKE).over(roads(), county())
    for seed in range(20):
        edges = made.sample(np.random.default_rng(seed)).edges
        groups = edges["group"].drop_duplicates()
        assert not groups.str.rsplit("/", n=1).str[0].duplicated().any()


def test_displaced_people_follow_the_damage_to_homes():
    shaken = earthquake(QUAKE).shaken(county())
    assert (shaken["share"].diff().dropna() <= 1e-9).all()  # sorted by shaking
    assert shaken["share"].between(0, 1).all()
    weak = earthquake(replace(QUAKE, building="RM1L_moderate")).shaken(county())
    assert weak["people"].sum() < shaken["people"].sum()


def test_acceleration_may_come_from_a_raster(tmp_path):
    import rasterio
    from rasterio.transform import from_bounds

    path = tmp_path / "pga.tif"
    shape = from_bounds(112.0, 35.4, 112.9, 36.0, 9, 6)
    with rasterio.open(path, "w", driver="GTiff", height=6, width=9, count=1, dtype="float32", crs="EPSG:4326",
                       transform=shape) as file:  # fmt: skip
        file.write(np.full((1, 6, 9), 0.3, dtype="float32"))
    model, problems = read_ground("earthquake", {"pga_raster": str(path)}, tmp_path / "s.toml", REFERENCE)
    assert problems == []
    assert model.pga_g(np.array([112.5, 113.5]), np.array([35.7, 35.7])) == pytest.approx([0.3, 0.0])


def test_roads_below_steep_slopes_slide_more_on_steeper_land(tmp_path):
    import rasterio
    from rasterio.transform import from_bounds

    shut = []
    for rise in (0.1, 0.5, 1.0):
        path = tmp_path / f"{rise}.tif"
        side = 0.001 * np.pi / 180 * 6_371_009
        heights = np.tile(np.arange(60)[:, None] * side * rise, (1, 60)).astype("float32")
        with rasterio.open(path, "w", driver="GTiff", height=60, width=60, count=1, dtype="float32", crs="EPSG:4326",
                           transform=from_bounds(111.98, 35.47, 112.04, 35.53, 60, 60)) as file:  # fmt: skip
            file.write(heights[None])
        made = earthquake(replace(QUAKE, epicentre=(112.015, 35.5), magnitude=7.0, terrain=path)).over(
            worlds.line(), tiny.one_depot().county
        )
        shut.append(made.groups["probability"].sum())
    assert shut[0] == 0.0
    assert shut[2] > shut[1] > 0


def test_wrong_keys_are_named():
    table = {"magnitude": 6, "pga_raster": "none.tif", "region": "moon", "bridge": "HWB99"}
    _, problems = read_ground("earthquake", table, PACK / "s.toml", REFERENCE)
    assert {p.code for p in problems} == {"hazards_key_path", "hazards_key_region", "hazards_key_bridge"}
    _, problems = read_ground("earthquake", {"magnitude": 6.0}, PACK / "s.toml", REFERENCE)
    assert {p.code for p in problems} == {"hazards_ground_one_shaking"}
