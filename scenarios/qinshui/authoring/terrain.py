"""Heights for the drawn county: ``python -m scenarios.qinshui.authoring.terrain [FILE]`` writes ``terrain.tif``.

Synthetic: the drawn rivers are given profiles that fall from their sources to their mouths; the land between is what a
stream-power landscape comes to (slope = k · area^-θ, as steep as loose ground at most; Whipple and Tucker 1999, J.
Geophys. Res. 104:17661), with gentler ground along roads and level floors beside rivers. No survey went into it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.terrain import drain
from scenarios.qinshui.authoring.drawing import Drawing
from scenarios.qinshui.authoring.frame import along, kilometres, length_km, lonlat, place_on, xy
from scenarios.qinshui.authoring.sketch import sketch

__all__ = ["DLAT", "DLON", "EAST", "NORTH", "SOUTH", "WEST", "heights", "write"]

Floats = NDArray[np.float64]

WEST, EAST, SOUTH, NORTH = 111.92, 112.80, 35.38, 36.08
DLON, DLAT = 0.0022, 0.0018
"""Cells of about 200 m."""

_SOURCES_M = {"qin": 730.0, "county": 1130.0, "duanshi": 1060.0, "shizhuang": 980.0, "hudi": 840.0, "zhengcun": 690.0,
              "fancun": 1180.0, "suzhuang": 980.0, "tuwo": 1130.0, "zhangcun": 1010.0, "zhongcun": 1210.0}  # fmt: skip
_MOUTHS_M = {"qin": 520.0, "tuwo": 640.0, "zhongcun": 860.0}
"""Heights of the rivers at both ends; the others end at the height of the river they join."""
_LEAVES = {"qin": (112.502, 35.375), "tuwo": (112.30, 35.375), "zhongcun": (111.90, 35.6)}
_LEAVING_SLOPE_M_KM = 3.0
"""Beyond the drawing these run on, straight, to the edge of the grid."""
_CONCAVE = 1.6
_STEEPNESS, _THETA = 34.0, 0.45
_STEEPEST, _ROAD_STEEPEST = 0.42, 0.055
_FLOOR_SLOPE = 0.012
_ROUNDS = 45
_STREAM_M2 = 4e6
"""Streams from this catchment on, roads and the floors of the drawn rivers are kept to a metre or better, slopes
to four metres, which keeps the file small."""


def heights() -> Floats:
    """Heights in metres, rows from north to south."""
    drawing = sketch().drawing
    rows, columns = round((NORTH - SOUTH) / DLAT), round((EAST - WEST) / DLON)
    water = _river_heights(drawing, rows, columns)
    road = _road_cells(drawing, rows, columns)
    (dx, dy) = 1000.0 * np.abs(xy([(WEST + DLON, NORTH - DLAT)])[0] - xy([(WEST, NORTH)])[0])
    draw = np.random.default_rng(140521)
    softness = np.clip(1.0 + 0.35 * _wide(draw.standard_normal((rows, columns)), 12), 0.5, 1.7)
    beside = _distance(water, dx, dy)
    z = np.where(np.isfinite(water), water, np.nanmin(water) + 0.02 * beside + 4.0 * draw.random((rows, columns)))
    outlets = np.flatnonzero(np.isfinite(water).ravel())
    for _ in range(_ROUNDS):
        drainage = drain(z, dx, dy, outlets)
        area, step = drainage.area_m2(), drainage.step_m()
        slope = np.minimum(_STEEPNESS * softness.ravel() * area**-_THETA, _STEEPEST)
        slope = np.where(road.ravel(), np.minimum(slope, _ROAD_STEEPEST), slope)
        slope = np.where(beside.ravel() < 330.0, _FLOOR_SLOPE, slope)
        land = drainage.order[~np.isfinite(water.ravel()[drainage.order])]
        new = water.ravel().tolist()
        downhill, rise = drainage.down[land].tolist(), (slope * step)[land].tolist()
        for cell, down, up in zip(land.tolist(), downhill, rise, strict=True):
            new[cell] = new[down] + up
        z = np.array(new).reshape(rows, columns)
    valley = (area.reshape(rows, columns) > _STREAM_M2) | road
    grain = np.where(beside < 900.0, 0.125, np.where(valley, 1.0, 4.0))
    return np.round(z / grain) * grain


def _wide(noise: Floats, cells: int) -> Floats:
    """Noise without its detail, of unit spread."""
    from scipy.ndimage import gaussian_filter

    smooth: Floats = gaussian_filter(noise, cells, mode="nearest")
    unit: Floats = smooth / smooth.std()
    return unit


def _distance(water: Floats, dx: float, dy: float) -> Floats:
    """Distance from the nearest river cell, m."""
    from scipy.ndimage import distance_transform_edt

    away: Floats = distance_transform_edt(~np.isfinite(water), sampling=(dy, dx))
    return away


def _cells(line: Floats, rows: int, columns: int) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Distances along a line and the cells there, those inside the grid."""
    km = np.arange(0.0, length_km(line), 0.05)
    at = np.array([lonlat(point) for point in along(line, km)])
    column = np.floor((at[:, 0] - WEST) / DLON).astype(np.int64)
    row = np.floor((NORTH - at[:, 1]) / DLAT).astype(np.int64)
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    return km[inside], row[inside], column[inside]


def _river_heights(drawing: Drawing, rows: int, columns: int) -> Floats:
    """Height of the water where a river runs, NaN elsewhere; a river joins another at that one's height."""
    water = np.full((rows, columns), np.nan)
    mouth = dict(_MOUTHS_M)
    profile: dict[str, tuple[Floats, Floats]] = {}
    for _ in range(len(drawing.rivers)):
        for key, river in drawing.rivers.items():
            if key in profile:
                continue
            if key not in mouth:
                host, at_km = _joins(drawing, key)
                if host not in profile:
                    continue
                mouth[key] = _at(profile[host], at_km)
            km = kilometres(river.line)
            share = 1.0 - km / km[-1]
            profile[key] = (km, mouth[key] + (_SOURCES_M[key] - mouth[key]) * share**_CONCAVE)
    for key, river in drawing.rivers.items():
        km, row, column = _cells(river.line, rows, columns)
        np.fmin.at(water, (row, column), np.interp(km, *profile[key]))
    for key, leaves in _LEAVES.items():
        km, row, column = _cells(np.vstack([drawing.rivers[key].line[-1], xy([leaves])]), rows, columns)
        np.fmin.at(water, (row, column), mouth[key] - _LEAVING_SLOPE_M_KM * km)
    for key in profile.keys() - _LEAVES.keys():
        host, at_km = _joins(drawing, key)
        gap = np.vstack([drawing.rivers[key].line[-1], along(drawing.rivers[host].line, at_km)])
        _, row, column = _cells(gap, rows, columns)
        np.fmin.at(water, (row, column), mouth[key])
    return water


def _joins(drawing: Drawing, key: str) -> tuple[str, float]:
    """River that one ends at, and where on it, km."""
    end = drawing.rivers[key].line[-1]
    others = {other: place_on(river.line, end) for other, river in drawing.rivers.items() if other != key}
    host = min(others, key=lambda other: others[other][1])
    return host, others[host][0]


def _at(profile: tuple[Floats, Floats], km: float) -> float:
    return float(np.interp(km, *profile))


def _road_cells(drawing: Drawing, rows: int, columns: int) -> NDArray[np.bool_]:
    """Cells that a road crosses on the ground: not the expressway, not in tunnels."""
    on = np.zeros((rows, columns), dtype=bool)
    for road in drawing.roads.values():
        if road.road_class.startswith("motorway"):
            continue
        km, row, column = _cells(road.line, rows, columns)
        for stretch in road.stretches:
            if ("tunnel", "yes") in stretch.tags:
                keep = (km < stretch.from_km) | (km > stretch.to_km)
                km, row, column = km[keep], row[keep], column[keep]
        on[row, column] = True
    return on


def write(file: Path) -> None:
    """Write the heights as a GeoTIFF in WGS 84."""
    import rasterio
    from rasterio.transform import from_origin

    z = heights().astype(np.float32)
    with rasterio.open(
        file, "w", driver="GTiff", height=z.shape[0], width=z.shape[1], count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(WEST, NORTH, DLON, DLAT), compress="deflate", predictor=3, zlevel=9, tiled=False,
        blockysize=z.shape[0],
    ) as raster:  # fmt: skip
        raster.write(z, 1)
        raster.update_tags(TIFFTAG_IMAGEDESCRIPTION="synthetic heights drawn for relief-dispatch, not surveyed")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "terrain.tif")
