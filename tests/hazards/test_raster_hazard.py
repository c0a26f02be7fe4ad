"""Rasters of other models in a scenario: depths in time, arrival times and burnt cells, in degrees or metres."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from dispatch.hazards.computed import read_computed
from tests import tiny
from tests.hazards import worlds

REFERENCE = datetime.fromisoformat("2026-08-05T20:00:00+08:00")
VILLAGE = {"place": "V", "name": "V", "kind": "village", "parent": "", "lon": 112.025, "lat": 35.5, "population": 10}


def write(path, layers: np.ndarray, crs: str = "EPSG:4326"):
    """Bands over the line of roads: 40 columns from 112.00 to 112.04, 20 rows about 35.5."""
    import rasterio
    from rasterio.crs import CRS
    from rasterio.transform import from_bounds
    from rasterio.warp import Resampling, calculate_default_transform, reproject

    bounds = (112.0, 35.49, 112.04, 35.51)
    shape = from_bounds(*bounds, layers.shape[2], layers.shape[1])
    data, system = layers.astype("float32"), CRS.from_epsg(4326)
    if crs != "EPSG:4326":
        target = CRS.from_user_input(crs)
        there, width, height = calculate_default_transform(system, target, layers.shape[2], layers.shape[1], *bounds)
        moved = np.full((len(data), height, width), np.nan, dtype="float32")
        reproject(data, moved, src_transform=shape, src_crs=system, dst_transform=there, dst_crs=target,
                  dst_nodata=np.nan, resampling=Resampling.nearest)  # fmt: skip
        data, shape, system = moved, there, target
    with rasterio.open(path, "w", driver="GTiff", height=data.shape[1], width=data.shape[2], count=len(data),
                       dtype="float32", crs=system, transform=shape, nodata=np.nan) as file:  # fmt: skip
        file.write(data)


def laid(tmp_path, network=None, **row):
    """Disruption of one raster in the folder."""
    made, problems = read_computed({"hazards.rasters": ({"file": "r.tif", **row},)}, {}, tmp_path / "s.toml",
                                   REFERENCE, tiny.county(places=[VILLAGE]))  # fmt: skip
    if problems:
        return problems
    return made.over(network or worlds.line(), tiny.county(places=[VILLAGE]), [], [])[0]


def east(value: float, rest: float = np.nan) -> np.ndarray:
    """A layer with a value from 112.02 on."""
    layer = np.full((20, 40), rest)
    layer[:, 20:] = value
    return layer


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32649", "EPSG:3857"])
def test_depths_in_time_are_felt_by_the_hour(tmp_path, crs):
    write(tmp_path / "r.tif", np.array([east(0.0), east(0.4), east(0.2)]), crs)
    edges = laid(tmp_path, quantity="depth_m", times=["+0:00", "+1:00", "+2:00"], hours=1).edges
    of = edges[edges["edge"] == "r23:2-3"]
    assert of["start_s"].tolist() == [0.0]
    assert 0.4 <= of["depth_m"].iloc[0] <= 0.5  # the greater of both ends of an hour, rounded up
    assert of["end_s"].tolist() == [3 * 3600.0]  # an hour after the last map, on which it still stands
    assert not edges["edge"].str.startswith("r01").any()


def test_one_map_of_depths_stays_until_told(tmp_path):
    write(tmp_path / "r.tif", east(0.4)[None])
    night = laid(tmp_path, quantity="depth_m", start="+1:00", hours=5, people_share=0.5)
    row = night.edges[night.edges["edge"] == "r23:2-3"].iloc[0]
    assert (row["start_s"], row["end_s"]) == (3600.0, 6 * 3600.0)
    assert night.places[["place", "share"]].values.tolist() == [["V", 0.5]]


def test_arrival_times_close_roads_as_they_come(tmp_path):
    layer = np.tile(np.arange(40) * 3.0, (20, 1))  # minutes, eastwards
    write(tmp_path / "r.tif", layer[None])
    edges = laid(tmp_path, quantity="arrival_min", start="+1:00", hours=4, cause="wildfire").edges
    first = edges.set_index("edge")["start_s"]
    assert first["r01:0-1"] == 3600.0
    # a node on the border of two cells may count to either, 3 min apart
    assert first["r12:1-2"] == pytest.approx(3600 + 10 * 180, abs=181)
    assert first["r23:2-3"] == pytest.approx(3600 + 20 * 180, abs=181)
    assert (edges["end_s"] - edges["start_s"]).unique().tolist() == [4 * 3600.0]
    assert (edges["speed_permille"] == 0).all()


def test_burnt_cells_and_a_probability(tmp_path):
    write(tmp_path / "r.tif", east(1.0, 0.0)[None])
    night = laid(tmp_path, quantity="burnt", probability=0.5)
    assert set(night.edges["cause"]) == {"wildfire"}
    assert not night.edges["edge"].str.startswith("r01").any()
    came = np.mean([len(night.sample(np.random.default_rng(k)).edges) > 0 for k in range(100)])
    assert came == pytest.approx(0.5, abs=0.2)


def test_what_is_wrong_is_said(tmp_path):
    write(tmp_path / "r.tif", np.array([east(0.1), east(0.2)]))
    assert [p.code for p in laid(tmp_path, quantity="depth_m", times=["+0:00"])] == ["hazards_raster_bands"]
    assert [p.code for p in laid(tmp_path, quantity="colour")] == ["hazards_key_quantity"]
