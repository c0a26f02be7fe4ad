"""Plane geometry of the drawing: a local frame in kilometres, and what polylines are asked for.

The frame is the equirectangular projection about the county's middle; over 80 km its error is below the drawing's own.
"""

from __future__ import annotations

import math
import random

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "MEANDERS",
    "ROAD_BENDS",
    "Line",
    "along",
    "bend",
    "kilometres",
    "length_km",
    "lonlat",
    "offset",
    "part",
    "place_on",
    "resample",
    "simplify",
    "smooth",
    "xy",
]

Line = NDArray[np.float64]
"""Polyline, shape (n, 2), kilometres east and north of the frame's origin."""

_LON0, _LAT0 = 112.35, 35.72
_KM_PER_LAT = 110.96
_KM_PER_LON = 111.32 * math.cos(math.radians(_LAT0))


def xy(points: list[tuple[float, float]] | list[list[float]]) -> Line:
    """Longitudes and latitudes to the frame, shape (n, 2)."""
    lon, lat = np.array(points, dtype=np.float64).T
    return np.column_stack([(lon - _LON0) * _KM_PER_LON, (lat - _LAT0) * _KM_PER_LAT])


def lonlat(point: NDArray[np.float64]) -> tuple[float, float]:
    """One point of the frame to longitude and latitude, rounded to 1e-6 degree."""
    return round(_LON0 + float(point[0]) / _KM_PER_LON, 6), round(_LAT0 + float(point[1]) / _KM_PER_LAT, 6)


def kilometres(line: Line) -> NDArray[np.float64]:
    """Distance of every vertex from the line's start, km."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    return np.concatenate([[0.0], np.cumsum(steps)])


def length_km(line: Line) -> float:
    """Length of a polyline, km."""
    return float(kilometres(line)[-1])


def along(line: Line, at_km: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Point(s) at a distance from the start; beyond the ends, the end."""
    k = kilometres(line)
    return np.stack([np.interp(at_km, k, line[:, 0]), np.interp(at_km, k, line[:, 1])], axis=-1)


def resample(line: Line, step_km: float) -> Line:
    """The same line with vertices at equal distances of about ``step_km``."""
    total = length_km(line)
    n = max(round(total / step_km), 1)
    return along(line, np.linspace(0.0, total, n + 1))


def place_on(line: Line, point: NDArray[np.float64]) -> tuple[float, float]:
    """Distance from the start of the line's nearest point to ``point``, and how far that is, km."""
    a, b = line[:-1], line[1:]
    d = b - a
    square = np.maximum((d**2).sum(axis=1), 1e-12)
    t = np.clip(((point - a) * d).sum(axis=1) / square, 0.0, 1.0)
    gap = np.hypot(*(a + t[:, None] * d - point).T)
    i = int(np.argmin(gap))
    return float(kilometres(line)[i] + t[i] * math.sqrt(square[i])), float(gap[i])


def part(line: Line, from_km: float, to_km: float) -> Line:
    """The stretch between two distances from the start (reversed if ``from_km > to_km``)."""
    low, high = min(from_km, to_km), max(from_km, to_km)
    k = kilometres(line)
    inside = line[(k > low + 1e-9) & (k < high - 1e-9)]
    stretch = np.vstack([along(line, low)[None], inside, along(line, high)[None]])
    return stretch if from_km <= to_km else stretch[::-1]


def simplify(line: Line, tolerance_km: float) -> Line:
    """Douglas and Peucker (1973): drop vertices that lie within the tolerance of the line without them."""
    keep = np.zeros(len(line), dtype=bool)
    keep[[0, -1]] = True
    waiting = [(0, len(line) - 1)]
    while waiting:
        i, j = waiting.pop()
        if j - i < 2:
            continue
        chord = line[j] - line[i]
        inner = line[i + 1 : j] - line[i]
        size = max(float(np.hypot(*chord)), 1e-12)
        gap = np.abs(chord[0] * inner[:, 1] - chord[1] * inner[:, 0]) / size
        far = int(np.argmax(gap))
        if gap[far] > tolerance_km:
            keep[i + 1 + far] = True
            waiting += [(i, i + 1 + far), (i + 1 + far, j)]
    return line[keep]


def _normals(line: Line) -> Line:
    """Unit normals to the left of the direction of travel, one per vertex."""
    tangent = np.gradient(line, axis=0)
    size = np.maximum(np.hypot(*tangent.T), 1e-12)
    normals: Line = np.column_stack([-tangent[:, 1], tangent[:, 0]]) / size[:, None]
    return normals


def offset(line: Line, left_km: float) -> Line:
    """The line moved ``left_km`` to its left (negative: right), vertex by vertex; meant for smooth lines."""
    return line + _normals(line) * left_km


def smooth(points: Line, step_km: float = 0.2) -> Line:
    """Catmull-Rom curve (centripetal) through the points, sampled about every ``step_km``."""
    p = points[np.r_[True, np.hypot(*np.diff(points, axis=0).T) > 1e-6]]
    if len(p) < 3:
        return resample(p, step_km)
    padded = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    pieces = []
    for p0, p1, p2, p3 in zip(padded[:-3], padded[1:-2], padded[2:-1], padded[3:], strict=True):
        t = np.concatenate([[0.0], np.cumsum(np.sqrt(np.hypot(*np.diff([p0, p1, p2, p3], axis=0).T)))])
        u = np.linspace(t[1], t[2], max(round(float(np.hypot(*(p2 - p1))) / 0.05), 2), endpoint=False)[:, None]
        a1 = (t[1] - u) / (t[1] - t[0]) * p0 + (u - t[0]) / (t[1] - t[0]) * p1
        a2 = (t[2] - u) / (t[2] - t[1]) * p1 + (u - t[1]) / (t[2] - t[1]) * p2
        a3 = (t[3] - u) / (t[3] - t[2]) * p2 + (u - t[2]) / (t[3] - t[2]) * p3
        b1 = (t[2] - u) / (t[2] - t[0]) * a1 + (u - t[0]) / (t[2] - t[0]) * a2
        b2 = (t[3] - u) / (t[3] - t[1]) * a2 + (u - t[1]) / (t[3] - t[1]) * a3
        pieces.append((t[2] - u) / (t[2] - t[1]) * b1 + (u - t[1]) / (t[2] - t[1]) * b2)
    return resample(np.vstack([*pieces, p[-1][None]]), step_km)


ROAD_BENDS: tuple[tuple[float, float], ...] = ((2.2, 1.3), (0.6, 0.75))
MEANDERS: tuple[tuple[float, float], ...] = ((2.0, 0.9), (1.1, 0.35))
"""Bends of a winding road and of a river: mean distance between turning points, km, and share of the amplitude."""


def bend(line: Line, amplitude_km: float, seed: str, taper_km: float, bends: tuple[tuple[float, float], ...]) -> Line:
    """The line with bends: moved sideways between turning points drawn from ``seed``, not at all at its ends.

    Turning points alternate from side to side three times in four.
    """
    if amplitude_km <= 0:
        return line
    draw = random.Random(seed)
    k = kilometres(line)
    sideways = np.zeros(len(line))
    for spacing_km, share in bends:
        turn_km, turn, side = [-spacing_km], [0.0], draw.choice((-1.0, 1.0))
        while turn_km[-1] < k[-1] + spacing_km:
            turn_km.append(turn_km[-1] + spacing_km * draw.uniform(0.6, 1.4))
            turn.append(side * draw.uniform(0.35, 1.0))
            side = -side if draw.random() < 0.75 else side
        sideways += share * _eased(k, np.array(turn_km), np.array(turn))
    window = np.clip(np.minimum(k, k[-1] - k) / taper_km, 0.0, 1.0)
    moved = amplitude_km * sideways * window * window * (3.0 - 2.0 * window)
    bent: Line = line + _normals(line) * moved[:, None]
    return bent


def _eased(k: NDArray[np.float64], knots: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Interpolate with level tangents at the knots (half cosines)."""
    i = np.clip(np.searchsorted(knots, k, side="right") - 1, 0, len(knots) - 2)
    t = (k - knots[i]) / (knots[i + 1] - knots[i])
    ease = 0.5 - 0.5 * np.cos(np.pi * t)
    result: NDArray[np.float64] = values[i] * (1.0 - ease) + values[i + 1] * ease
    return result
