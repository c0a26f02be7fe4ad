"""Where water on a grid of heights runs: depressions filled, eight directions, catchment areas, height above drainage.

Depressions are filled and directions set by priority flood (Wang and Liu 2006, IJGIS 20:193-213) in pyflwdir; what
follows from the directions is worked out here, upstream or downstream cell by cell. HAND is the height above the
nearest drainage along the flow path (Nobre et al. 2011, J. Hydrol. 404:13-29).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Drainage", "drain"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_STEPS = {1: (0, 1), 2: (1, 1), 4: (1, 0), 8: (1, -1), 16: (0, -1), 32: (-1, -1), 64: (-1, 0), 128: (-1, 1)}
"""D8 codes of ArcGIS: rows down, columns east."""


@dataclass(frozen=True, eq=False)
class Drainage:
    """Flow directions of a grid; cells are numbered row by row.

    Attributes
    ----------
    shape : tuple of int
        (rows, columns).
    dx_m, dy_m : float
        Width and height of a cell.
    filled_m : float64 array (rows, columns)
        Heights with every depression filled to its rim.
    down : int64 array (cells,)
        Cell that each drains into; an outlet names itself.
    order : int64 array (cells,)
        All cells, each after the one it drains into.
    """

    shape: tuple[int, int]
    dx_m: float
    dy_m: float
    filled_m: Floats
    down: Ints
    order: Ints

    def upstream_sum(self, amount: Floats) -> Floats:
        """Sum of an amount over each cell and all that drain through it, float64 array (cells,)."""
        total: Floats = _upstream_sum(self.down, self.order, np.array(amount, dtype=np.float64).ravel())
        return total

    def area_m2(self) -> Floats:
        """Catchment of each cell, itself included, m², float64 array (cells,)."""
        return self.upstream_sum(np.full(len(self.down), self.dx_m * self.dy_m))

    def step_m(self) -> Floats:
        """Distance to the cell that each drains into, m; 0 at outlets."""
        columns = self.shape[1]
        row, column = np.divmod(np.arange(len(self.down)), columns)
        to_row, to_column = np.divmod(self.down, columns)
        away: Floats = np.hypot((to_row - row) * self.dy_m, (to_column - column) * self.dx_m)
        return away

    def first_below(self, at: NDArray[np.bool_]) -> Ints:
        """First marked cell on each cell's way down, the cell itself included; -1 where there is none.

        Parameters
        ----------
        at : bool array (rows, columns) or (cells,)
        """
        found: Ints = _first_below(self.down, self.order, np.ascontiguousarray(at).ravel())
        return found

    def to_outlet_m(self) -> Floats:
        """Length of the way to the outlet, m, float64 array (cells,)."""
        length: Floats = _downstream_sum(self.down, self.order, self.step_m())
        return length

    def farthest(self) -> Ints:
        """Cell from which water runs farthest through each cell (itself at a spring), int64 array (cells,)."""
        found: Ints = _farthest(self.down, self.order, self.to_outlet_m())
        return found

    def height_above(self, drain: Ints, elevation_m: Floats) -> Floats:
        """Height of each cell above the drain cell it reaches (``first_below``), m; ``inf`` where it reaches none.

        Never below zero: ground lower than its drain (a filled depression, a dip of the survey) stands at its level.
        """
        z = np.asarray(elevation_m, dtype=np.float64).ravel()
        above = np.maximum(z - z[np.maximum(drain, 0)], 0.0)
        return np.where(drain >= 0, above, np.inf)

    def way_down(self, cell: int) -> Ints:
        """Cells from one to its outlet, both included."""
        way = [cell]
        while self.down[way[-1]] != way[-1]:
            way.append(int(self.down[way[-1]]))
        return np.array(way, dtype=np.int64)


def drain(elevation_m: Floats, dx_m: float, dy_m: float, outlets: Ints | None = None) -> Drainage:
    """Fill the depressions of a grid and set the direction in which each cell drains.

    Parameters
    ----------
    elevation_m : float64 array (rows, columns)
        Without voids.
    dx_m, dy_m : float
        Width and height of a cell.
    outlets : int64 array, optional
        Cells where water leaves; without them any cell of the border may be one.
    """
    from pyflwdir.dem import fill_depressions

    z = np.asarray(elevation_m, dtype=np.float64)
    _, code = fill_depressions(z, idxs_pit=outlets, nodata=-9999.0, outlets="edge")
    rows, columns = elevation_m.shape
    offset = np.zeros(256, dtype=np.int64)
    for value, (south, east) in _STEPS.items():
        offset[value] = south * columns + east
    down = np.arange(rows * columns, dtype=np.int64) + offset[code.ravel()]
    order = _downstream_first(down)
    if len(order) < len(down):
        msg = "the directions run in a circle"
        raise ValueError(msg)
    # pyflwdir's own filled heights are rounded to float32
    filled = _filled(down, order, z.ravel()).reshape(rows, columns)
    return Drainage((rows, columns), dx_m, dy_m, filled, down, order)


@njit(cache=True)
def _filled(down: Ints, order: Ints, z: Floats) -> Floats:
    """Heights no lower than the cell they drain into."""
    filled = z.copy()
    for cell in order:
        filled[cell] = max(filled[cell], filled[down[cell]])
    return filled


@njit(cache=True)
def _downstream_first(down: Ints) -> Ints:
    """Cells from the outlets upwards, breadth first."""
    n = len(down)
    count = np.zeros(n + 1, np.int64)
    for cell in range(n):
        if down[cell] != cell:
            count[down[cell] + 1] += 1
    first = np.cumsum(count)
    place = first[:-1].copy()
    above = np.empty(first[n], np.int64)
    for cell in range(n):
        if down[cell] != cell:
            above[place[down[cell]]] = cell
            place[down[cell]] += 1
    order = np.empty(n, np.int64)
    end = 0
    for cell in range(n):
        if down[cell] == cell:
            order[end] = cell
            end += 1
    done = 0
    while done < end:
        cell = order[done]
        done += 1
        for k in range(first[cell], first[cell + 1]):
            order[end] = above[k]
            end += 1
    return order[:end]


@njit(cache=True)
def _upstream_sum(down: Ints, order: Ints, amount: Floats) -> Floats:
    for k in range(len(order) - 1, -1, -1):
        cell = order[k]
        if down[cell] != cell:
            amount[down[cell]] += amount[cell]
    return amount


@njit(cache=True)
def _downstream_sum(down: Ints, order: Ints, amount: Floats) -> Floats:
    total = np.zeros(len(down))
    for cell in order:
        if down[cell] != cell:
            total[cell] = total[down[cell]] + amount[cell]
    return total


@njit(cache=True)
def _farthest(down: Ints, order: Ints, to_outlet_m: Floats) -> Ints:
    far = np.arange(len(down))
    for k in range(len(order) - 1, -1, -1):
        cell = order[k]
        below = down[cell]
        if below != cell and to_outlet_m[far[cell]] > to_outlet_m[far[below]]:
            far[below] = far[cell]
    return far


@njit(cache=True)
def _first_below(down: Ints, order: Ints, at: NDArray[np.bool_]) -> Ints:
    found = np.full(len(down), -1, np.int64)
    for cell in order:
        if at[cell]:
            found[cell] = cell
        elif down[cell] != cell:
            found[cell] = found[down[cell]]
    return found
