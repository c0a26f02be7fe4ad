"""Who watches for fires in a county: its cameras, towers, patrols and people, and the satellite, as channels."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.hazards.fire_detection import Watch, channels, detected_by
from dispatch.hazards.fire_spec import FireSpec
from dispatch.roads.measure import EARTH_RADIUS_M

__all__ = ["detected_s", "watches_of"]

STANDS = {"video": ("camera",), "tower": ("tower",), "patrol": ("checkpoint", "fire_team"), "aircraft": ("helipad",)}
"""Kinds of facility from which a channel watches; the satellite sees everywhere, the public where people live."""

STEP_MIN = 5.0
LATEST_MIN = 2880.0


def watches_of(county: County) -> list[Watch]:
    """Channels with where they stand, in metres east and north of longitude and latitude 0 at the county's latitude."""
    facilities, places = county.table("facilities"), county.table("places")
    scale = _scale(county)
    watches = []
    for name, channel in channels().items():
        if name == "public":
            at = places[(places["kind"] == "village") & places["lon"].notna() & places["lat"].notna()]
        else:
            at = facilities[facilities["kind"].isin(STANDS.get(name, ())) & facilities["lon"].notna()]
        if name == "video":
            # a camera whose own reach is given sees as far as that
            for radius in sorted(set(at["radius_km"].dropna())):
                own = replace(channel, reach_m=1000.0 * radius)
                watches.append(Watch(own, _metres(at[at["radius_km"] == radius], scale)))
            at = at[at["radius_km"].isna()]
        if len(at) or math.isinf(channel.reach_m):
            watches.append(Watch(channel, _metres(at, scale)))
    return watches


def detected_s(spec: FireSpec, county: County, reference: datetime, chance: float = 0.5) -> float:
    """When headquarters learn of the first fire: by then it is detected with that probability.

    Seconds from the reference instant; two days after the ignition if nobody sees it.
    """
    first = min(spec.ignitions, key=lambda fire: fire.time)
    start = reference + timedelta(seconds=first.time)
    clock = 60.0 * start.hour + start.minute + start.second / 60.0
    at = np.array([[first.lon, first.lat]]) * _scale(county)
    watches = watches_of(county)
    minutes = STEP_MIN
    while minutes < LATEST_MIN and detected_by(watches, at, minutes, clock)[0] < chance:
        minutes += STEP_MIN
    return first.time + 60.0 * minutes


def _scale(county: County) -> NDArray[np.float64]:
    """Metres per degree of longitude and latitude at the county's middle."""
    lat = county.table("places")["lat"].dropna()
    metre = math.radians(1) * EARTH_RADIUS_M
    return np.array([metre * math.cos(math.radians(float(lat.mean()) if len(lat) else 0.0)), metre])


def _metres(at: object, scale: NDArray[np.float64]) -> NDArray[np.float64]:
    positions: NDArray[np.float64] = at[["lon", "lat"]].to_numpy(dtype=np.float64) * scale  # type: ignore[index]
    return positions
