"""Conversions agree with published pairs and invert each other; a shifted table is told by the roads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.county.coordinates import (
    bd09_to_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    is_system,
    looks_shifted,
    to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from tests.shared import shared_path

LON, LAT = st.floats(73.5, 135.0), st.floats(18.0, 54.0)


def test_sites_of_qinshui_agree_with_their_source() -> None:
    """29 sites given in both systems by their source (its way back is a one-step formula, good to 1e-6°)."""
    sites = pd.read_csv(shared_path("data/shanxi/qinshui_public_sites.csv"))
    lon, lat = gcj02_to_wgs84(sites["lon_gcj02"], sites["lat_gcj02"])
    assert len(sites) == 29
    assert np.abs(lon - sites["lon_wgs84"]).max() < 3e-6
    assert np.abs(lat - sites["lat_wgs84"]).max() < 3e-6


def test_values_of_coordtransform() -> None:
    """The worked example in the README of the reference implementation (wandergis/coordtransform)."""
    assert np.allclose(np.ravel(gcj02_to_bd09(116.404, 39.915)), [116.41036949371029, 39.92133699351021], atol=1e-11)
    assert np.allclose(np.ravel(wgs84_to_gcj02(116.404, 39.915)), [116.41024449916938, 39.91640428150164], atol=1e-11)
    assert np.allclose(np.ravel(bd09_to_gcj02(116.404, 39.915)), [116.39762729119315, 39.90865673957631], atol=2e-6)


@given(LON, LAT)
def test_the_way_back_is_exact(lon: float, lat: float) -> None:
    """Fixed-point inverses close to 1e-9°, far below the 1e-7° (1 cm) that is asked for."""
    for there, system in ((wgs84_to_gcj02, "gcj02"), (wgs84_to_bd09, "bd09")):
        back = np.ravel(to_wgs84(*there(lon, lat), system))
        assert np.abs(back - [lon, lat]).max() < 1e-9


def test_outside_china_gcj02_is_wgs84() -> None:
    assert np.ravel(wgs84_to_gcj02(1.52, 42.51)).tolist() == [1.52, 42.51]
    assert np.ravel(gcj02_to_wgs84(1.52, 42.51)).tolist() == [1.52, 42.51]


def test_epsg_codes() -> None:
    """CGCS2000 is WGS 84 to centimetres; its zone 37 has false easting 37,500,000 m on 111° E."""
    assert np.ravel(to_wgs84(112.18, 35.69, "EPSG:4490")) == pytest.approx([112.18, 35.69], abs=1e-6)
    lon, lat = to_wgs84(37_500_000.0, 3_951_000.0, "epsg:4525")
    assert lon[0] == pytest.approx(111.0, abs=1e-9)
    assert 35.6 < lat[0] < 35.8


def test_unknown_systems_and_absurd_points() -> None:
    assert not is_system("EPSG:99999")
    assert not is_system("mars")
    with pytest.raises(ValueError, match="mars"):
        to_wgs84(1.0, 2.0, "mars")
    for system in ("gcj02", "bd09", "EPSG:4525"):
        lon, lat = to_wgs84([1e308, np.nan, 112.0], [-1e308, 35.0, np.nan], system)
        assert not np.isfinite(lon[1] + lat[1] + lon[2] + lat[2])


def _roads_and_villages(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Winding roads, and villages within 60 m of them."""
    along = np.linspace(0.0, 0.5, 4000)
    road_lon = np.concatenate([112.0 + along, 112.25 + 0.03 * np.sin(25 * along)])
    road_lat = np.concatenate([35.6 + 0.04 * np.sin(20 * along), 35.4 + along])
    at = rng.integers(0, len(road_lon), 60)
    off = rng.normal(0.0, 0.0003, (2, 60))
    return road_lon, road_lat, road_lon[at] + off[0], road_lat[at] + off[1]


def test_a_shifted_table_looks_shifted_and_a_true_one_does_not() -> None:
    road_lon, road_lat, lon, lat = _roads_and_villages(np.random.default_rng(5))
    assert not looks_shifted(lon, lat, road_lon, road_lat)
    gcj = looks_shifted(*wgs84_to_gcj02(lon, lat), road_lon, road_lat)
    assert gcj.system == "gcj02"
    assert gcj.unshifted_m < 60 < 150 < gcj.as_given_m
    assert looks_shifted(*wgs84_to_bd09(lon, lat), road_lon, road_lat).system == "bd09"


def test_points_anywhere_do_not_look_shifted() -> None:
    """Points that have nothing to do with the roads are not taken for shifted, whatever the draw."""
    rng = np.random.default_rng(6)
    road_lon, road_lat, _, _ = _roads_and_villages(rng)
    alarms = sum(
        bool(looks_shifted(rng.uniform(112.0, 112.5, 40), rng.uniform(35.4, 35.9, 40), road_lon, road_lat))
        for _ in range(50)
    )
    assert alarms == 0


def test_few_points_tell_nothing() -> None:
    road_lon, road_lat, lon, lat = _roads_and_villages(np.random.default_rng(7))
    assert not looks_shifted(*(c[:4] for c in wgs84_to_gcj02(lon, lat)), road_lon, road_lat)
    empty = looks_shifted([], [], road_lon, road_lat)
    assert not empty
    assert np.isnan(empty.as_given_m)
