"""Floods worked by hand, for the tests of what water does to roads and places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.hazards.terrain import Terrain
from tests import tiny

LINE = [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0)]
"""Three roads between nodes at 112.00, 112.01, 112.02, 112.03 E on 35.5 N."""


def land(rows: int = 4, columns: int = 8) -> Terrain:
    """Level cells of a two-hundredth degree; the line of roads runs through the third row, two cells to a road."""
    z = np.zeros((rows, columns))
    return Terrain(z, 111.9925, 35.5125, 0.005, 0.005, 452.0, 556.0, np.zeros(z.shape, dtype=bool))


@dataclass(frozen=True)
class Known:
    """Depths given cell by cell."""

    terrain: Terrain
    time_s: np.ndarray
    series: np.ndarray

    def depth_m(self, cells: np.ndarray) -> np.ndarray:
        return self.series[:, cells]

    def peak_m(self) -> np.ndarray:
        return self.series.max(axis=0)


def wet(lon: float, depths: list[float], step_s: float = 600.0) -> Known:
    """Water in the one cell under a point of the line of roads."""
    terrain = land()
    series = np.zeros((len(depths), terrain.elevation_m.size))
    series[:, terrain.cell(np.array([lon]), np.array([35.5]))[0]] = depths
    return Known(terrain, step_s * np.arange(len(depths)), series)


def roads():
    """The line of three roads, both ways."""
    return tiny.network(LINE)
