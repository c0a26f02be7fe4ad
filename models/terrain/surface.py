"""A grid of heights: holes filled, steepness and exposure.

Rows run from north to south, columns from west to east. Voids are filled with the membrane that hangs on their rims
(Laplace's equation); slope and aspect are Horn's (1981, Proc. IEEE 69:14-47).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["fill_voids", "slope_aspect"]

Floats = NDArray[np.float64]


def fill_voids(elevation_m: Floats, missing: NDArray[np.bool_]) -> Floats:
    """Heights with their voids filled by the harmonic surface through the cells around them.

    The mean of its four neighbours at every void cell, so never above the highest or below the lowest of the rim.

    Parameters
    ----------
    elevation_m : float64 array (rows, columns)
        What void cells hold does not matter.
    missing : bool array (rows, columns)

    Raises
    ------
    ValueError
        If no cell has a height.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.linalg import spsolve

    if missing.all():
        msg = "no cell has a height"
        raise ValueError(msg)
    filled = np.array(elevation_m, dtype=np.float64)
    void = np.flatnonzero(missing)
    if not len(void):
        return filled
    rows, columns = missing.shape
    number = np.full(missing.size, -1)
    number[void] = np.arange(len(void))
    row, column = np.divmod(void, columns)
    neighbours = np.zeros(len(void))
    right_side = np.zeros(len(void))
    entries: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for down, east in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        inside = (row + down >= 0) & (row + down < rows) & (column + east >= 0) & (column + east < columns)
        me = np.flatnonzero(inside)
        other = (row[me] + down) * columns + column[me] + east
        neighbours[me] += 1
        known = number[other] < 0
        np.add.at(right_side, me[known], filled.ravel()[other[known]])
        entries.append((me[~known], number[other[~known]]))
    i, j = (np.concatenate([pair[k] for pair in entries]) for k in (0, 1))
    each = np.arange(len(void))
    matrix = csr_array(
        (np.concatenate([neighbours, -np.ones(len(i))]), (np.concatenate([each, i]), np.concatenate([each, j])))
    )
    filled.ravel()[void] = spsolve(matrix.tocsc(), right_side)
    return filled


def slope_aspect(elevation_m: Floats, dx_m: float, dy_m: float) -> tuple[Floats, Floats]:
    """Steepness, and the compass direction that a slope faces.

    Parameters
    ----------
    elevation_m : float64 array (rows, columns)
        Without voids; the outermost cells are repeated beyond the border.
    dx_m, dy_m : float
        Width and height of a cell.

    Returns
    -------
    slope : float64 array (rows, columns)
        Rise over run.
    aspect_deg : float64 array (rows, columns)
        Downhill, clockwise from north, [0, 360); NaN where it is level.
    """
    z = np.pad(elevation_m, 1, mode="edge")
    east = (z[:-2, 2:] + 2 * z[1:-1, 2:] + z[2:, 2:]) - (z[:-2, :-2] + 2 * z[1:-1, :-2] + z[2:, :-2])
    north = (z[:-2, :-2] + 2 * z[:-2, 1:-1] + z[:-2, 2:]) - (z[2:, :-2] + 2 * z[2:, 1:-1] + z[2:, 2:])
    east, north = east / (8 * dx_m), north / (8 * dy_m)
    slope = np.hypot(east, north)
    aspect = np.degrees(np.arctan2(-east, -north)) % 360.0
    aspect = np.where(aspect >= math.nextafter(360.0, 0.0), 0.0, aspect)
    return slope, np.where(slope > 0, aspect, np.nan)
