"""A county's streams cut into reaches, with the land that drains to each and how high its water stands at a flow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.hazards.terrain import Terrain
from models.terrain import Drainage, drain, slope_aspect
from models.water.rating import Ratings, ratings

__all__ = ["Reaches", "Stages", "reaches", "way_reaches"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STAGES_M = np.concatenate([np.arange(0.0, 2.0, 0.1), np.arange(2.0, 10.0, 0.5), np.arange(10.0, 61.0, 2.0)])
LEAST_SLOPE = 5e-4
LONGEST_M = 3000.0


@dataclass(frozen=True, eq=False)
class Reaches:
    """Reaches of the streams of a terrain.

    Attributes
    ----------
    terrain : Terrain
    drainage : Drainage
    area_m2 : float64 array (cells,)
        Catchment of every cell.
    reach : int64 array (cells,)
        Reach that each cell drains to; -1 = none.
    height_m : float64 array (cells,)
        Above that reach's bed where the cell's water enters it.
    outlet : int64 array (reaches,)
        Last cell of each.
    length_m, slope : float64 arrays (reaches,)
    rating : Ratings
        Of the water beside the channel, above its banks.
    """

    terrain: Terrain
    drainage: Drainage
    area_m2: Floats
    reach: Ints
    height_m: Floats
    outlet: Ints
    length_m: Floats
    slope: Floats
    rating: Ratings


@dataclass(frozen=True, eq=False)
class Stages:
    """Depths as the stage of a cell's reach less its height above it; a view that :mod:`dispatch.hazards.water` reads.

    Attributes
    ----------
    terrain : Terrain
    time_s : float64 array (times,)
    stage_m : float64 array (reaches, times)
        Above the banks; 0 = the channel holds it.
    reach, height_m : arrays (cells,)
    """

    terrain: Terrain
    time_s: Floats
    stage_m: Floats
    reach: Ints
    height_m: Floats

    def depth_m(self, cells: Ints) -> Floats:
        """Depths of cells at the record times, (times, cells)."""
        of = self.reach[cells]
        stage = np.where(of >= 0, self.stage_m.T[:, np.maximum(of, 0)], 0.0)
        depth: Floats = np.maximum(stage - np.where(of >= 0, self.height_m[cells], 0.0), 0.0)
        return depth

    def peak_m(self) -> Floats:
        """Greatest depth of every cell."""
        top = self.stage_m.max(axis=1, initial=0.0)
        stage = np.where(self.reach >= 0, top[np.maximum(self.reach, 0)], 0.0)
        depth: Floats = np.where(self.reach >= 0, np.maximum(stage - self.height_m, 0.0), 0.0)
        return depth


def reaches(terrain: Terrain, stream_km2: float, manning: float) -> Reaches:
    """Cut the streams of a terrain at their confluences, and every three kilometres.

    Parameters
    ----------
    terrain : Terrain
    stream_km2 : float
        Catchment from which on there is a stream.
    manning : float
        Of the land beside the channel.
    """
    drainage = drain(terrain.elevation_m, terrain.dx_m, terrain.dy_m)
    area = drainage.area_m2()
    stream = area >= stream_km2 * 1e6
    down = drainage.down
    cells = np.flatnonzero(stream)
    feeders = np.bincount(down[cells[down[cells] != cells]], minlength=len(down))
    number = np.full(len(down), -1, dtype=np.int64)
    along = np.zeros(len(down))
    step = drainage.step_m()
    outlet: list[int] = []
    for cell in drainage.order[stream[drainage.order]]:
        below = int(down[cell])
        begins = below == cell or feeders[below] > 1 or along[below] + step[cell] > LONGEST_M
        if begins:
            number[cell] = len(outlet)
            outlet.append(int(cell))
            along[cell] = step[cell]
        else:
            number[cell] = number[below]
            along[cell] = along[below] + step[cell]
    return _with_ratings(terrain, drainage, area, number, np.array(outlet, dtype=np.int64), manning)


def way_reaches(terrain: Terrain, drainage: Drainage, cell: int, manning: float) -> Reaches:
    """Reaches of the one way that water takes from a cell to where it leaves, in its order."""
    way = drainage.way_down(cell)
    step = drainage.step_m()
    number = np.full(len(drainage.down), -1, dtype=np.int64)
    outlet: list[int] = []
    along = 0.0
    for at in way:
        number[at] = len(outlet)
        along += step[at]
        if along >= LONGEST_M or at == way[-1]:
            outlet.append(int(at))
            along = 0.0
    return _with_ratings(terrain, drainage, drainage.area_m2(), number, np.array(outlet), manning)


def _with_ratings(
    terrain: Terrain, drainage: Drainage, area: Floats, number: Ints, outlet: Ints, manning: float
) -> Reaches:
    """Heights above the numbered cells, lengths, falls and rating curves of the reaches."""
    on = number >= 0
    drain_cell = drainage.first_below(on)
    z = drainage.filled_m.ravel()
    height = drainage.height_above(drain_cell, z)
    reach = np.where(drain_cell >= 0, number[np.maximum(drain_cell, 0)], -1)
    count = len(outlet)
    length: Floats = np.bincount(number[on], weights=drainage.step_m()[on], minlength=count).astype(np.float64)
    length = np.maximum(length, min(terrain.dx_m, terrain.dy_m))
    top = np.full(count, -np.inf)
    np.maximum.at(top, number[on], z[on])
    bottom = z[drainage.down[outlet]]
    slope = np.maximum((top - bottom) / length, LEAST_SLOPE)
    ground, _ = slope_aspect(terrain.elevation_m, terrain.dx_m, terrain.dy_m)
    curves = ratings(reach, height, terrain.dx_m * terrain.dy_m, ground.ravel(), length, slope,
                     np.full(count, manning), STAGES_M)  # fmt: skip
    return Reaches(terrain, drainage, area, reach, height, outlet, length, slope, curves)
