"""What a high point sees: line of sight over a grid of heights, with the Earth's curvature and refraction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["highest_between", "in_sight"]

_EARTH_M = 6_371_008.8


def _samples(rows: int) -> int:
    return max(int(rows), 2)


def _heights(
    height_m: NDArray[np.float64], ax: NDArray[np.float64], ay: NDArray[np.float64], share: float,
    bx: NDArray[np.float64], by: NDArray[np.float64],
) -> NDArray[np.float64]:  # fmt: skip
    """Bilinear height at ``share`` of the way from a to b, both in cells (column, row)."""
    x = np.clip(ax + share * (bx - ax), 0, height_m.shape[1] - 1.000001)
    y = np.clip(ay + share * (by - ay), 0, height_m.shape[0] - 1.000001)
    column, row = x.astype(np.int64), y.astype(np.int64)
    fx, fy = x - column, y - row
    upper = height_m[row, column] * (1 - fx) + height_m[row, column + 1] * fx
    lower = height_m[row + 1, column] * (1 - fx) + height_m[row + 1, column + 1] * fx
    between: NDArray[np.float64] = upper * (1 - fy) + lower * fy
    return between


def in_sight(
    height_m: NDArray[np.float64],
    cell_m: tuple[float, float],
    eye: tuple[float, float],
    eye_above_m: float,
    target_x: NDArray[np.float64],
    target_y: NDArray[np.float64],
    target_above_m: float,
    *,
    refraction: float = 0.13,
    clear_m: float = 0.0,
) -> NDArray[np.bool_]:
    """Whether each target is seen from the eye.

    The ground between, at steps of about half a cell, must lie below the straight line from eye to target by
    ``clear_m``; ground at distance :math:`d_1` from the eye and :math:`d_2` from the target stands higher by the bulge
    of the Earth, :math:`(1 - k) d_1 d_2 / 2R`.

    Parameters
    ----------
    height_m : float64 array (rows, columns)
    cell_m : (float, float)
        Width and height of a cell.
    eye : (float, float)
        Column and row, in cells (0 = middle of the first cell).
    eye_above_m, target_above_m : float
        Above the ground.
    target_x, target_y : float64 arrays (k,)
    refraction : float
        Coefficient k.
    clear_m : float
    """
    ex, ey = np.full(len(target_x), eye[0]), np.full(len(target_y), eye[1])
    away = np.hypot((target_x - eye[0]) * cell_m[0], (target_y - eye[1]) * cell_m[1])
    from_m = _heights(height_m, ex, ey, 0.0, target_x, target_y) + eye_above_m
    to_m = _heights(height_m, ex, ey, 1.0, target_x, target_y) + target_above_m
    longest = float(away.max(initial=0.0))
    steps = _samples(int(np.ceil(2 * longest / min(cell_m))))
    seen = np.ones(len(target_x), bool)
    for k in range(1, steps):
        share = k / steps
        bulge = (1 - refraction) * (share * away) * ((1 - share) * away) / (2 * _EARTH_M)
        ground = _heights(height_m, ex, ey, share, target_x, target_y) + bulge
        seen &= ground + clear_m <= from_m + share * (to_m - from_m) + 1e-9
    return seen


def highest_between(
    height_m: NDArray[np.float64],
    ax: NDArray[np.float64], ay: NDArray[np.float64], bx: NDArray[np.float64], by: NDArray[np.float64], steps: int = 24,
) -> NDArray[np.float64]:  # fmt: skip
    """Highest ground on the straight way from each a to each b (arrays of cells, broadcast against each other)."""
    ax, ay, bx, by = np.broadcast_arrays(ax, ay, bx, by)
    best = _heights(height_m, ax, ay, 0.0, bx, by)
    for k in range(1, steps + 1):
        best = np.maximum(best, _heights(height_m, ax, ay, k / steps, bx, by))
    return best
