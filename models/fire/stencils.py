"""Stencils of directions that fit an elliptical front, for the search of arrival times.

A front that runs faster one way needs neighbours closer in angle about its heading: the stencil of a cell is refined
by inserting u + v between u and v (Stern-Brocot) until every two neighbours stand at an acute angle in the cell's own
metric, which is what makes a label-setting search causal (Mirebeau 2014, anisotropic fast marching).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

__all__ = ["BINS", "RAY", "REACH", "Lines", "Stencils", "rays", "stencil_class", "stencils"]

REACH = 5
"""Longest offset, in cells, of a direction."""
RAY = 10
"""Reach, in cells, of the straight lines drawn from a point of ignition, near which a front is most curved."""
BINS = 48
"""Eccentricity vectors (x, y in [-1, 1]) are sorted into BINS × BINS classes; a class gets the stencil of its
corners, of which one is the worst: the condition is linear in the vector."""


@dataclass(frozen=True, eq=False)
class Lines:
    """Straight lines from the middle of a cell to that of another.

    Attributes
    ----------
    step : int64 array (k, 2)
        Offset (x to the east, y to the north) in cells.
    length : float64 array (k,)
        Cells.
    first : int64 array (k + 1,)
    passed : int64 array (s, 2)
        Cells that line d crosses, from its start: rows ``first[d]:first[d + 1]``.
    share : float64 array (s,)
        Share of the line inside each.
    corner_first : int64 array (k + 1,)
    corner : int64 array (c, 4)
        Pairs of cells (x, y, x, y) between which a line slips through a corner.
    """

    step: NDArray[np.int64]
    length: NDArray[np.float64]
    first: NDArray[np.int64]
    passed: NDArray[np.int64]
    share: NDArray[np.float64]
    corner_first: NDArray[np.int64]
    corner: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stencils:
    """Directions and the stencil of each class.

    Attributes
    ----------
    lines : Lines
        Of the k directions, anticlockwise.
    member : bool array (BINS², k)
        Whether a direction is in the stencil of a class.
    """

    lines: Lines
    member: NDArray[np.bool_]


@cache
def stencils() -> Stencils:
    """Return the stencils; they are built once."""
    span = range(-REACH, REACH + 1)
    listed = [(x, y) for x in span for y in span if gcd(x, y) == 1]
    step = np.array(sorted(listed, key=lambda xy: np.arctan2(xy[1], xy[0]) % (2 * np.pi)), dtype=np.int64)
    return Stencils(_lines(step), _refined(step))


@cache
def rays() -> Lines:
    """Lines to every cell within ``RAY`` cells; they are built once."""
    span = range(-RAY, RAY + 1)
    near = [(x, y) for x in span for y in span if 0 < x * x + y * y <= RAY * RAY]
    return _lines(np.array(near, dtype=np.int64))


def _lines(step: NDArray[np.int64]) -> Lines:
    traced = [_crossed(int(x), int(y)) for x, y in step]
    return Lines(
        step=step,
        length=np.hypot(step[:, 0], step[:, 1]),
        first=np.cumsum([0, *(len(cells) for cells, _, _ in traced)]),
        passed=np.array([cell for cells, _, _ in traced for cell in cells], dtype=np.int64),
        share=np.array([share for _, shares, _ in traced for share in shares]),
        corner_first=np.cumsum([0, *(len(corners) for _, _, corners in traced)]),
        corner=np.array([corner for _, _, corners in traced for corner in corners], dtype=np.int64),
    )


def stencil_class(east: NDArray[np.float64], north: NDArray[np.float64]) -> NDArray[np.int16]:
    """Class of eccentricity vectors (eccentricity times the unit heading)."""
    i, j = (np.minimum(((part + 1.0) * 0.5 * BINS).astype(np.int64), BINS - 1) for part in (east, north))
    return (i * BINS + j).astype(np.int16)


def _crossed(x: int, y: int) -> tuple[list[tuple[int, int]], list[float], list[tuple[int, int, int, int]]]:
    """Cells on the line from the middle of (0, 0) to that of (x, y), its shares in them, corners it slips through."""
    cuts = {(k + 0.5) / abs(x) for k in range(abs(x))} | {(k + 0.5) / abs(y) for k in range(abs(y))}
    at = [0.0]
    for cut in sorted(cuts):
        if cut - at[-1] > 1e-9:
            at.append(cut)
    at.append(1.0)
    middle = [(a + b) / 2 for a, b in zip(at, at[1:], strict=False)]
    cells = [(round(m * x), round(m * y)) for m in middle]
    corners = [
        (a[0], b[1], b[0], a[1])
        for a, b in zip(cells, cells[1:], strict=False)
        if a[0] != b[0] and a[1] != b[1]
    ]  # fmt: skip
    return cells, [b - a for a, b in zip(at, at[1:], strict=False)], corners


def _refined(step: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Directions in the stencil of each class."""
    index = {(int(x), int(y)): k for k, (x, y) in enumerate(step)}
    member = np.zeros((BINS * BINS, len(step)), dtype=bool)
    ring = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0)]
    edge = np.linspace(-1.0, 1.0, BINS + 1)
    for i in range(BINS):
        for j in range(BINS):
            nearest = [min(max(0.0, edge[k]), edge[k + 1]) for k in (i, j)]
            if np.hypot(*nearest) >= 1.0:  # no eccentricity lies here
                continue
            corners = [(a, b) for a in edge[i : i + 2] for b in edge[j : j + 2]]
            kept = [ring[0]]
            for u, v in zip(ring, ring[1:], strict=False):
                kept += [*_between(u, v, corners), v]
            member[i * BINS + j, [index[direction] for direction in kept]] = True
    return member


def _between(u: tuple[int, int], v: tuple[int, int], corners: list[tuple[float, float]]) -> list[tuple[int, int]]:
    """Directions to insert between two neighbours."""
    middle = (u[0] + v[0], u[1] + v[1])
    if max(abs(middle[0]), abs(middle[1])) > REACH or all(_acute(u, v, e) and _acute(v, u, e) for e in corners):
        return []
    return [*_between(u, middle, corners), middle, *_between(middle, v, corners)]


def _acute(u: tuple[int, int], v: tuple[int, int], e: tuple[float, float]) -> bool:
    """Whether going along v from u does not shorten the time: the gradient of |u| - e·u, times v."""
    length = (u[0] ** 2 + u[1] ** 2) ** 0.5
    return bool((u[0] * v[0] + u[1] * v[1]) / length - e[0] * v[0] - e[1] * v[1] >= 0)
