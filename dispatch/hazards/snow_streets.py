"""Streets as snow and ploughs see them: how long, how high, how steep, and what stands under a roof."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.hazards.along import edge_middles, street_points
from dispatch.hazards.terrain import Terrain
from dispatch.norms import read_norm
from dispatch.roads.measure import EARTH_RADIUS_M
from dispatch.roads.network import RoadNetwork
from models.ground.snow import gradients

__all__ = ["Streets", "streets_of"]

Floats = NDArray[np.float64]

_SPACING_M = 50.0


@dataclass(frozen=True, eq=False)
class Streets:
    """Streets of a network (of a two-way street the direction that comes first).

    Attributes
    ----------
    edge : int64 array (s,)
    length_m : float64 array (s,)
    height_m : float64 array (s,)
        Highest point; NaN off the terrain.
    gradient : float64 array (s,)
        Steepest mean gradient over the window; 0 without a terrain.
    covered : bool array (s,)
        Tunnels, where the norms spare them.
    x_m, y_m : float64 arrays (s,)
        Middles, in metres.
    metres : float64 array (2,)
        Metres per degree.
    """

    edge: NDArray[np.int64]
    length_m: Floats
    height_m: Floats
    gradient: Floats
    covered: NDArray[np.bool_]
    x_m: Floats
    y_m: Floats
    metres: Floats

    def metres_of(self, lon: float, lat: float) -> tuple[float, float]:
        """A point in the metres of the middles."""
        return float(lon * self.metres[0]), float(lat * self.metres[1])


def streets_of(network: RoadNetwork, terrain: Terrain | None, window_m: float) -> Streets:
    """Streets of a network over a terrain; heights between the middles of its cells are linear."""
    points = street_points(network, _SPACING_M)
    edge = points.edge
    middle_lon, middle_lat = edge_middles(network, edge)
    metre = math.radians(1) * EARTH_RADIUS_M
    scale = np.array([metre * math.cos(math.radians(float(np.mean(network.shape_lat)))), metre])
    length = network.length_m[edge]
    height, gradient = np.full(len(edge), math.nan), np.zeros(len(edge))
    if terrain is not None:
        z = _heights(terrain, points.lon, points.lat)
        count = np.bincount(points.street, minlength=len(edge))
        first = np.concatenate([[0], np.cumsum(count)])
        share = (np.arange(len(z)) - first[points.street]) / np.maximum(count[points.street] - 1, 1)
        known = np.isfinite(z)
        filled = np.where(known, z, 0.0)
        gradient = gradients(filled, share * length[points.street], first, window_m)
        gradient[np.bincount(points.street, weights=~known, minlength=len(edge)) > 0] = 0.0
        height = np.maximum.reduceat(np.where(known, z, -np.inf), first[:-1]) if len(z) else height
        height = np.where(np.isfinite(height), height, np.nan)
        # a bridge or tunnel does not follow the land below or above it
        gradient[network.bridge[edge] | network.tunnel[edge]] = 0.0
    rule = {row["cause"]: row for row in read_norm("exposure")}["snow_ice"]
    covered = network.tunnel[edge] & (rule["tunnels"] == "spared")
    return Streets(
        edge, length, height, gradient, covered, middle_lon * scale[0], middle_lat * scale[1], scale,
    )  # fmt: skip


def _heights(terrain: Terrain, lon: Floats, lat: Floats) -> Floats:
    """Heights at points, bilinear between the middles of cells; NaN off the terrain."""
    from scipy.ndimage import map_coordinates

    row = (terrain.north - lat) / terrain.dlat - 0.5
    column = (lon - terrain.west) / terrain.dlon - 0.5
    z = map_coordinates(terrain.elevation_m, [row, column], order=1, mode="nearest")
    return np.where(terrain.cell(lon, lat) >= 0, z, np.nan)
