"""Rasters of other models: sampled at points and along lines, in any coordinate system."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from dispatch.hazards.raster import along_lines, read_raster
from dispatch.problems import InputProblems
from tests.shared import shared_path


def _write(path: Path, layers: np.ndarray, crs: str | None, west: float, north: float, size: float) -> Path:
    count, rows, columns = layers.shape
    with rasterio.open(path, "w", driver="GTiff", count=count, height=rows, width=columns, dtype="float32", crs=crs,
                       transform=from_origin(west, north, size, size), nodata=-9999) as file:  # fmt: skip
        file.write(layers.astype(np.float32))
    return path


def test_points_get_the_value_of_their_cell_in_every_layer_and_nothing_outside(tmp_path: Path):
    grid = np.arange(12.0).reshape(1, 3, 4)
    grid[0, 0, 0] = -9999
    raster = read_raster(_write(tmp_path / "a.tif", np.vstack([grid, grid + 100]), "EPSG:4326", 112.0, 36.0, 0.01))
    found = raster.sample(np.array([112.015, 112.035, 112.005, 113.0]), np.array([35.995, 35.975, 35.995, 36.0]))
    assert found[0, :2].tolist() == [1.0, 11.0]
    assert found[1, :2].tolist() == [101.0, 111.0]
    assert np.isnan(found[:, 3]).all()
    assert np.isnan(found[0, 2])


def test_a_projected_raster_is_sampled_in_its_own_coordinates(tmp_path: Path):
    from pyproj import Transformer

    raster = read_raster(_write(tmp_path / "b.tif", np.arange(100.0).reshape(1, 10, 10), "EPSG:32649", 6e5, 4e6, 100))
    lon, lat = Transformer.from_crs("EPSG:32649", "EPSG:4326", always_xy=True).transform(6e5 + 350, 4e6 - 250)
    assert raster.sample(np.array([lon]), np.array([lat]))[0, 0] == 23.0


def test_least_and_greatest_along_lines(tmp_path: Path):
    grid = np.full((1, 1, 10), -9999.0)
    grid[0, 0, 3:6] = [7.0, 9.0, 8.0]
    raster = read_raster(_write(tmp_path / "c.tif", grid, "EPSG:4326", 112.0, 36.0, 0.01))
    lines = np.array([shapely.LineString([(112.0, 35.995), (112.1, 35.995)]),
                      shapely.LineString([(112.0, 35.995), (112.02, 35.995)])])  # fmt: skip
    least, greatest = along_lines(raster, lines, 100.0)
    assert least[0, 0] == 7.0
    assert greatest[0, 0] == 9.0
    assert np.isnan(least[0, 1])


def test_a_grid_without_a_system_is_refused_unless_told(tmp_path: Path):
    path = tmp_path / "d.asc"
    path.write_text("ncols 2\nnrows 1\nxllcorner 112\nyllcorner 35\ncellsize 1\nNODATA_value -1\n3 -1\n", "utf-8")
    with pytest.raises(InputProblems):
        read_raster(path)
    found = read_raster(path, "EPSG:4326").sample(np.array([112.5, 113.5]), np.array([35.5, 35.5]))
    assert found[0, 0] == 3.0
    assert np.isnan(found[0, 1])


def test_a_file_that_is_no_raster_is_said(tmp_path: Path):
    path = tmp_path / "e.tif"
    path.write_text("no raster", "utf-8")
    with pytest.raises(InputProblems):
        read_raster(path)


def test_the_fire_of_lithgow_comes_in_whole(tmp_path: Path):
    # lon lat arrival; 4,858 burnt cells of about 180 m, arrival 0 to 33,285 s (its SOURCES.md)
    source = shared_path("data/evac_lithgow") / "timeseries_180m_lithgow_20131017_1159_EPSG4326.csv.gz"
    with gzip.open(source, "rt") as stream:
        lon, lat, arrival = np.loadtxt(stream).T
    west, south = lon.min(), lat.min()
    columns, rows = len(np.unique(lon.round(6))), len(np.unique(lat.round(6)))
    step = (lon.max() - west) / (columns - 1), (lat.max() - south) / (rows - 1)
    grid = np.full((1, rows, columns), -9999.0)
    at = np.rint((lat.max() - lat) / step[1]).astype(int), np.rint((lon - west) / step[0]).astype(int)
    grid[0][at] = np.where(arrival < 0, -9999.0, arrival)
    path = tmp_path / "lithgow.tif"
    with rasterio.open(path, "w", driver="GTiff", count=1, height=rows, width=columns, dtype="float32",
                       crs="EPSG:4326", nodata=-9999,
                       transform=rasterio.Affine(step[0], 0, west - step[0] / 2, 0, -step[1], lat.max() + step[1] / 2),
                       ) as file:  # fmt: skip
        file.write(grid.astype(np.float32))
    found = read_raster(path).sample(lon, lat)[0]
    burnt = arrival >= 0
    assert burnt.sum() == 4858
    assert np.array_equal(np.isfinite(found), burnt)
    assert found[burnt] == pytest.approx(arrival[burnt])
    assert found[burnt].max() == pytest.approx(33_285, abs=1)
