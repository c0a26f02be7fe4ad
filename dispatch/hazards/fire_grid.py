"""The land under a wildfire as square cells: fuel, canopy, slope, and lines laid over them.

The grid is square in metres about the ignitions (equirectangular at their middle latitude).
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.county.problem_text import found
from dispatch.hazards.fire_norms import FuelType, fuel_models, fuel_types
from dispatch.hazards.fire_spec import FireSpec
from dispatch.hazards.fire_works import FireBreak
from dispatch.hazards.terrain import read_terrain
from dispatch.problems import InputProblems
from dispatch.roads.measure import EARTH_RADIUS_M
from models.fire.behaviour import Canopy
from models.terrain import slope_aspect

__all__ = ["FireBreak", "FireGrid", "fire_grid", "read_breaks"]

Floats = NDArray[np.float64]
_MARGIN_DEG = 0.02


@dataclass(frozen=True, eq=False)
class FireGrid:
    """Cells in rows from north to south.

    Attributes
    ----------
    west, north : float
        Corner of the first cell, degrees.
    cell_m : float
    metres : tuple of two floats
        Metres per degree of longitude and latitude.
    fuel : int64 array (rows, columns)
        Numbers of fuel models.
    ks : float64 array (rows, columns)
        Wang Zhengfei's fuel factor.
    line_group : object array (rows, columns)
        Row of the norm table ``fire_line_rates``.
    canopy : Canopy
        Arrays of rows × columns cells.
    slope, aspect_deg : float64 arrays (rows, columns)
    """

    west: float
    north: float
    cell_m: float
    metres: tuple[float, float]
    fuel: NDArray[np.int64]
    ks: Floats
    line_group: NDArray[np.object_]
    canopy: Canopy
    slope: Floats
    aspect_deg: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.fuel.shape
        return rows, columns

    def place(self, lonlat: Floats) -> Floats:
        """Column and row (in cells from the corner) of points (k, 2)."""
        scale = np.array([self.metres[0], -self.metres[1]]) / self.cell_m
        placed: Floats = (np.asarray(lonlat, dtype=np.float64) - np.array([self.west, self.north])) * scale
        return placed

    def lonlat(self, place: Floats) -> Floats:
        """Longitude and latitude of points in columns and rows (k, 2)."""
        scale = np.array([self.metres[0], -self.metres[1]]) / self.cell_m
        points: Floats = place / scale + np.array([self.west, self.north])
        return points

    def cells(self, lonlat: Floats) -> NDArray[np.int64]:
        """Row and column of the cell under each point (k, 2); -1, -1 outside."""
        at = np.floor(self.place(lonlat)).astype(np.int64)[:, ::-1]
        inside: NDArray[np.bool_] = np.all((at >= 0) & (at < np.array(self.shape)), axis=1)
        return np.where(inside[:, None], at, -1)


def fire_grid(spec: FireSpec) -> FireGrid:
    """Lay the grid, and read fuel and heights onto it.

    Raises
    ------
    InputProblems
        If a raster cannot be read or holds numbers that are no fuel models.
    """
    starts = [(fire.lon, fire.lat) for fire in spec.ignitions] if spec.centre is None else [spec.centre]
    lon, lat = (float(value) for value in np.mean(starts, axis=0))
    degree = math.pi / 180 * EARTH_RADIUS_M
    metres = (degree * math.cos(math.radians(lat)), degree)
    side = max(2 * math.ceil(spec.reach_km * 1000 / spec.cell_m), 2)
    half = side / 2 * spec.cell_m
    west, north = lon - half / metres[0], lat + half / metres[1]
    middle = (np.arange(side) + 0.5) * spec.cell_m
    across = np.tile(west + middle / metres[0], (side, 1))
    down = np.tile((north - middle / metres[1])[:, None], (1, side))
    stand = fuel_types()[spec.fuel] if spec.fuel else None
    fuel = np.full((side, side), stand.fuel) if stand else _fuel_numbers(spec, across, down)
    slope, aspect = _slope(spec, across, down)
    ks, group, canopy = _stands(fuel, stand)
    return FireGrid(west, north, spec.cell_m, metres, fuel, ks, group, canopy, slope, aspect)


def _fuel_numbers(spec: FireSpec, lon: Floats, lat: Floats) -> NDArray[np.int64]:
    """Fuel model under every cell; outside the raster nothing burns (bare ground)."""
    from dispatch.hazards.raster import read_raster

    assert spec.fuel_raster is not None
    numbers = read_raster(spec.fuel_raster).sample(lon.ravel(), lat.ravel())[0].reshape(lon.shape)
    fuel = np.where(np.isnan(numbers), 99, numbers).astype(np.int64)
    strange = np.setdiff1d(fuel, fuel_models().number)
    if len(strange):
        shown = ", ".join(str(number) for number in strange[:5])
        raise InputProblems([found("hazards_fire_fuel_number", spec.fuel_raster.name, None, "", shown)])
    return fuel


def _slope(spec: FireSpec, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Rise over run and aspect of every cell; level land without heights."""
    from scipy.ndimage import map_coordinates

    if spec.terrain is None:
        return np.zeros(lon.shape), np.zeros(lon.shape)
    box = (lon.min() - _MARGIN_DEG, lat.min() - _MARGIN_DEG, lon.max() + _MARGIN_DEG, lat.max() + _MARGIN_DEG)
    land = read_terrain(spec.terrain, box)
    at = [(land.north - lat) / land.dlat - 0.5, (lon - land.west) / land.dlon - 0.5]
    height = map_coordinates(land.elevation_m, at, order=1, mode="nearest")
    slope, aspect = slope_aspect(height, spec.cell_m, spec.cell_m)
    return slope, np.nan_to_num(aspect)


def _stands(fuel: NDArray[np.int64], stand: FuelType | None) -> tuple[Floats, NDArray[np.object_], Canopy]:
    """Wang's factor, line group and canopy by cell: of the stand, or of the first stand with the fuel number."""
    by_number: dict[int, FuelType] = {}
    for kind in fuel_types().values():
        by_number.setdefault(kind.fuel, kind)
    present = np.unique(fuel)
    ks = np.zeros(fuel.shape)
    group = np.full(fuel.shape, "none", dtype=object)
    canopy = np.zeros((4, *fuel.shape))
    for number in present:
        kind = stand or by_number.get(int(number)) or _nearest_stand(int(number), by_number)
        here = fuel == number
        ks[here], group[here] = kind.ks, kind.line_group
        canopy[:, here] = np.array(kind.canopy)[:, None]
    return ks, group, Canopy(*(layer.ravel() for layer in canopy))


def _nearest_stand(number: int, by_number: dict[int, FuelType]) -> FuelType:
    """Stand whose fuel number is nearest: the numbers of a family (grass, shrub, litter …) lie together."""
    return by_number[min(by_number, key=lambda known: (abs(known - number), known))]


def read_breaks(spec: FireSpec) -> list[FireBreak]:
    """Breaks of the scenario's table or of the county: those built, with ``planned_breaks`` the planned ones too.

    Raises
    ------
    InputProblems
        If the table lacks a column or a line or width cannot be read.
    """
    import shapely

    breaks = list(spec.works.breaks)
    if spec.breaks is None:
        return breaks
    try:
        with spec.breaks.open(encoding="utf-8-sig", newline="") as stream:
            table = csv.DictReader(stream)
            if missing := {"geometry", "width_m", "planned"} - set(table.fieldnames or ()):
                raise KeyError(sorted(missing)[0])
            for row in table:
                if row["planned"].strip().lower() in {"true", "1", "是"} and not spec.planned_breaks:
                    continue
                line = np.asarray(shapely.from_wkt(row["geometry"]).coords)[:, :2]
                breaks.append(FireBreak(row.get("name", ""), line, float(row["width_m"])))
    except (KeyError, ValueError, OSError, NotImplementedError, shapely.errors.ShapelyError) as error:
        raise InputProblems([found("hazards_fire_breaks", spec.breaks.name, reason=error)]) from None
    return breaks
