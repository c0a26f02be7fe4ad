"""Lines on a grid: which cells a break or a hand-built line runs through, and when each part of it is finished.

The cells of a line share edges (it moves along one axis at a time, Amanatides and Woo 1987), so that a front that
moves from cell to cell, corners included, cannot slip through it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["close_lines", "line_cells"]

Floats = NDArray[np.float64]


def line_cells(points: Floats, shape: tuple[int, int]) -> tuple[NDArray[np.int64], Floats]:
    """Cells that a polyline runs through, in its order, each once.

    Parameters
    ----------
    points : float64 array (k, 2)
        Column and row in cells from the upper left corner of the grid (cell (0, 0) spans [0, 1) × [0, 1)).
    shape : (rows, columns)
        Cells outside are left out.

    Returns
    -------
    cells : int64 array (m, 2)
        Row and column.
    along : float64 array (m,)
        Length of the line, in cells, where it leaves the cell.
    """
    first: dict[tuple[int, int], float] = {}
    before = 0.0
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        length = math.hypot(x1 - x0, y1 - y0)
        for column, row, share in _walk(float(x0), float(y0), float(x1), float(y1)):
            if 0 <= row < shape[0] and 0 <= column < shape[1]:
                first.setdefault((row, column), before + share * length)
        before += length
    cells = np.array(list(first), dtype=np.int64).reshape(-1, 2)
    return cells, np.array(list(first.values()), dtype=np.float64)


def close_lines(
    lines: list[Floats], start_s: Floats, cells_per_s: Floats, shape: tuple[int, int]
) -> Floats:  # fmt: skip
    """From when on each cell is closed by lines that are being built.

    Parameters
    ----------
    lines : list of float64 arrays (k, 2)
        As for ``line_cells``; built from their first point on.
    start_s : float64 array (n,)
        When building begins; ``-inf``: the line has stood there before.
    cells_per_s : float64 array (n,)
        Building rate; ``inf``: all at once.
    shape : (rows, columns)

    Returns
    -------
    float64 array (rows, columns)
        ``inf`` where no line runs.
    """
    closed = np.full(shape, np.inf)
    for line, start, rate in zip(lines, start_s, cells_per_s, strict=True):
        cells, along = line_cells(line, shape)
        done = start + along / rate if np.isfinite(start) else np.full(len(along), start)
        at = (cells[:, 0], cells[:, 1])
        closed[at] = np.minimum(closed[at], done)
    return closed


def _walk(x0: float, y0: float, x1: float, y1: float) -> list[tuple[int, int, float]]:
    """(column, row, share of the segment at which it is left) of the cells of a segment, one axis at a time."""
    column, row = math.floor(x0), math.floor(y0)
    end = (math.floor(x1), math.floor(y1))
    dx, dy = x1 - x0, y1 - y0
    step_x, step_y = (1 if dx > 0 else -1), (1 if dy > 0 else -1)
    next_x = ((column + (dx > 0)) - x0) / dx if dx else math.inf
    next_y = ((row + (dy > 0)) - y0) / dy if dy else math.inf
    per_x, per_y = abs(1 / dx) if dx else math.inf, abs(1 / dy) if dy else math.inf
    left = abs(end[0] - column) + abs(end[1] - row)
    walked = []
    for _ in range(left):
        to_x = (next_x <= next_y and column != end[0]) or row == end[1]
        walked.append((column, row, min(next_x if to_x else next_y, 1.0)))
        if to_x:
            column += step_x
            next_x += per_x
        else:
            row += step_y
            next_y += per_y
    walked.append((column, row, 1.0))
    return walked
