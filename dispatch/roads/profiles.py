"""Vehicle classes: where each may drive, how fast, and through how much water."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.network import ROAD_CLASSES, SURFACES, RoadNetwork
from models.traversal import NEVER

__all__ = ["VehicleProfile", "travel_ms"]


@dataclass(frozen=True)
class VehicleProfile:
    """One class of vehicle as the roads see it (data in ``dispatch/norms``; a scenario or pack may override).

    Attributes
    ----------
    vehicle_class : str
        ``light_truck``, ``truck_5t``, ``truck_10t``, ``pickup``, ``bus``, ``fire_engine``, ``car`` …
    name_zh, name_en : str
    gross_t, height_m, width_m : float
        Compared with the signed limits of a road.
    wading_m : float
        Depth of water at which it stops; speed falls linearly to 0 there (Pregnolato et al. 2017).
    speed_kmh : mapping of str to float
        Speed by road class on a paved or unknown surface, loaded; a class that is absent or 0 may not be used.
    surface_factor : mapping of str to float
        Speed factor by surface group.
    source : str
    """

    vehicle_class: str
    name_zh: str
    name_en: str
    gross_t: float
    height_m: float
    width_m: float
    wading_m: float
    speed_kmh: Mapping[str, float]
    surface_factor: Mapping[str, float]
    source: str = ""


def travel_ms(network: RoadNetwork, profile: VehicleProfile) -> NDArray[np.int64]:
    """Crossing time of every edge for one vehicle class, ms, rounded up; ``NEVER`` where it may not go.

    Speed is that of road class × surface, not above the signed limit. An edge is barred by class, or where the
    vehicle exceeds a signed weight, height or width.
    """
    by_class = np.array([profile.speed_kmh.get(name, 0.0) for name in ROAD_CLASSES])
    by_surface = np.array([profile.surface_factor.get(name, 1.0) for name in SURFACES])
    speed = by_class[network.road_class] * by_surface[network.surface]
    speed = np.fmin(speed, network.max_speed_kmh.astype(np.float64))
    barred = (
        (speed <= 0)
        | (network.max_weight_t < profile.gross_t)
        | (network.max_height_m < profile.height_m)
        | (network.max_width_m < profile.width_m)
    )
    milliseconds = np.ceil(network.length_m * 3600.0 / np.where(barred, 1.0, speed)).astype(np.int64)
    return np.where(barred, NEVER, milliseconds)
