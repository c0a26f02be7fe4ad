"""Rain over the land: a design storm (depth, duration, pattern in time, decay about a centre) or rain as measured."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dispatch.hazards.terrain import Terrain
from dispatch.norms import read_norm
from dispatch.roads.measure import EARTH_RADIUS_M
from models.water.runoff import storm_mm

__all__ = ["Storm", "design_storm", "factors", "patterns"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Storm:
    """Rain at its centre, step by step, and how it thins out.

    Attributes
    ----------
    start_s : float
        From the reference instant.
    step_s : float
    rain_mm : float64 array (steps,)
        At the centre.
    centre : tuple of two floats or None
        Longitude and latitude; None: the same everywhere.
    radius_km : float
        Where the rain has fallen to 1/e of the centre's, exp(-(r / radius)²); ``inf``: nowhere.
    """

    start_s: float
    step_s: float
    rain_mm: Floats
    centre: tuple[float, float] | None = None
    radius_km: float = math.inf

    def share_at(self, terrain: Terrain) -> Floats:
        """Rain of every cell as a share of the centre's, float64 array (cells,)."""
        cells = np.arange(terrain.elevation_m.size)
        if self.centre is None or math.isinf(self.radius_km):
            return np.ones(len(cells))
        lon, lat = terrain.middle(cells)
        km = math.radians(1) * EARTH_RADIUS_M / 1000
        east = (lon - self.centre[0]) * km * math.cos(math.radians(self.centre[1]))
        away2 = east**2 + ((lat - self.centre[1]) * km) ** 2
        share: Floats = np.exp(-away2 / self.radius_km**2)
        return share

    def times(self, factor: float) -> Storm:
        """The same storm with so many times the rain."""
        return replace(self, rain_mm=self.rain_mm * factor)

    def fallen_s(self, rain_mm: float) -> float:
        """When this much has fallen at the centre, s from the reference instant; ``inf`` if never."""
        fallen = np.concatenate([[0.0], np.cumsum(self.rain_mm)])
        if fallen[-1] < rain_mm:
            return math.inf
        k = int(np.searchsorted(fallen, rain_mm))
        if k == 0:
            return self.start_s
        share = (rain_mm - fallen[k - 1]) / (fallen[k] - fallen[k - 1])
        return self.start_s + (k - 1 + float(share)) * self.step_s


def patterns() -> dict[str, tuple[Floats, Floats]]:
    """Mass curves of the norm table ``water_storms``: shares of time and of rain by pattern."""
    curves: dict[str, list[tuple[float, float]]] = {}
    for row in read_norm("water_storms"):
        curves.setdefault(row["pattern"], []).append((row["share_of_time"], row["share_of_rain"]))
    arrays = {name: np.array(sorted(curve)) for name, curve in curves.items()}
    return {name: (curve[:, 0].copy(), curve[:, 1].copy()) for name, curve in arrays.items()}


def design_storm(
    start_s: float, depth_mm: float, duration_s: float, pattern: str, step_s: float,
    centre: tuple[float, float] | None = None, radius_km: float = math.inf,
) -> Storm:  # fmt: skip
    """Storm of a depth and duration; its last step may run a little over the duration.

    Raises
    ------
    KeyError
        If there is no such pattern.
    """
    steps = max(math.ceil(duration_s / step_s - 1e-9), 1)
    return Storm(start_s, step_s, storm_mm(depth_mm, *patterns()[pattern], steps), centre, radius_km)


def factors(low: float, mode: float, high: float, count: int) -> Floats:
    """Middles of ``count`` equally likely parts of a triangular distribution."""
    u = (np.arange(count) + 0.5) / count
    if high <= low:
        return np.full(count, mode)
    turn = (mode - low) / (high - low)
    below = low + np.sqrt(u * (high - low) * (mode - low))
    above = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.where(u < turn, below, above)
