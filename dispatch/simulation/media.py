"""What carries news from a place: masts with their batteries, radio bases, satellite phones, relay drones, feet.

A place counts as connected unless its network has failed, or its power has and no mast that covers it has battery left.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import HOUR_MS
from dispatch.scenario import Scenario
from dispatch.simulation.outages import Outages

__all__ = ["Media", "read_media"]

KM_PER_DEGREE = 111.195
"""Mean length of a degree of a great circle (Earth radius 6 371.0 km)."""


@dataclass(frozen=True, eq=False)
class Media:
    """Positions of places and of what communicates there.

    Attributes
    ----------
    place : tuple of str (p,)
    lon, lat : float64 arrays (p,)
    index : mapping of place to its position
    battery_ms : mapping of place to int
        How long the best mast that covers it lasts without power; places no listed mast covers have none.
    radio, drone : float64 arrays (k, 3)
        Longitude, latitude and radius (km, infinite if not given) of radio bases and relay drones.
    satellite : frozenset of str
        Places with a satellite phone.
    loudspeaker_ms : mapping of place to int
        Battery of its loudspeaker (0 if not given).
    """

    place: tuple[str, ...]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    index: Mapping[str, int]
    battery_ms: Mapping[str, int]
    radio: NDArray[np.float64]
    drone: NDArray[np.float64]
    satellite: frozenset[str]
    loudspeaker_ms: Mapping[str, int]

    def nearest(self, lon: float, lat: float) -> str:
        """Place nearest to a point, "" if no place has a position."""
        if not len(self.lon):
            return ""
        return self.place[int(np.argmin(_km(self.lon, self.lat, lon, lat)))]

    def connected(self, place: str, now_ms: int, outages: Outages) -> bool:
        """Whether public telephone works at a place."""
        if outages.since(place, "network", now_ms) is not None:
            return False
        dark = outages.since(place, "power", now_ms)
        return dark is None or now_ms - dark < self.battery_ms.get(place, 0)

    def connected_again_ms(self, place: str, now_ms: int, outages: Outages) -> int:
        """When public telephone works at a place again."""
        at = now_ms
        while not self.connected(place, at, outages):
            at = max(outages.back_ms(place, "network", at), at)
            if not self.connected(place, at, outages):
                at = outages.back_ms(place, "power", at)
        return at

    def within(self, sort: str, lon: float, lat: float) -> bool:
        """Whether a point lies within the radius of a radio base (``radio``) or a relay drone (``drone``)."""
        table = self.radio if sort == "radio" else self.drone
        return bool(len(table)) and bool((_km(table[:, 0], table[:, 1], lon, lat) <= table[:, 2]).any())

    def walk_km(self, lon: float, lat: float, now_ms: int, outages: Outages) -> float:
        """Straight distance to the nearest place from which one can telephone; infinite if there is none."""
        far = _km(self.lon, self.lat, lon, lat)
        for k in np.argsort(far, kind="stable"):
            if self.connected(self.place[k], now_ms, outages):
                return float(far[k])
        return math.inf


def read_media(scenario: Scenario) -> Media:
    """Media of a county; empty unless the scenario's response has ``news`` or ``warning``."""
    asked = "news" in scenario.response or "warning" in scenario.response
    places, table = scenario.county.table("places"), scenario.county.table("communications")
    if not asked:
        places, table = places.iloc[:0], table.iloc[:0]
    places = places[places["lon"].notna() & places["lat"].notna() & (places["kind"] != "county")]
    sites = scenario.sites
    known = set(places["place"])
    extra = sites[asked & (sites["kind"] == "place") & ~sites["site"].isin(known)]
    names = (*places["place"], *extra["site"])
    lon = np.concatenate([places["lon"].to_numpy(dtype=np.float64), extra["lon"].to_numpy(dtype=np.float64)])
    lat = np.concatenate([places["lat"].to_numpy(dtype=np.float64), extra["lat"].to_numpy(dtype=np.float64)])

    def of(medium: str) -> NDArray[np.float64]:
        rows = table[table["medium"] == medium]
        radius = rows["radius_km"].fillna(math.inf).to_numpy(dtype=np.float64)
        return np.column_stack([rows["lon"].to_numpy(dtype=float), rows["lat"].to_numpy(dtype=float), radius])

    masts = table[table["medium"] == "mobile"]
    battery: dict[str, int] = {}
    hours = masts["backup_power_h"].fillna(0.0).to_numpy(dtype=np.float64)
    at = of("mobile")
    for k, place in enumerate(names):
        covers = (_km(at[:, 0], at[:, 1], lon[k], lat[k]) <= at[:, 2]) | (masts["place"] == place).to_numpy()
        battery[place] = int(hours[covers].max(initial=0.0) * HOUR_MS)
    speakers = table[table["medium"] == "loudspeaker"]
    return Media(
        place=names,
        lon=lon,
        lat=lat,
        index={place: k for k, place in enumerate(names)},
        battery_ms=battery,
        radio=of("radio"),
        drone=of("relay_drone"),
        satellite=frozenset(table.loc[table["medium"] == "satellite_phone", "place"]),
        loudspeaker_ms={
            row.place: 0 if math.isnan(row.backup_power_h) else int(row.backup_power_h * HOUR_MS)
            for row in speakers.itertuples(index=False)
        },
    )


def _km(lon: NDArray[np.float64], lat: NDArray[np.float64], lon0: float, lat0: float) -> NDArray[np.float64]:
    """Distances on the local plane, km; NaN positions are infinitely far."""
    x = (lon - lon0) * math.cos(math.radians(lat0)) * KM_PER_DEGREE
    y = (lat - lat0) * KM_PER_DEGREE
    return np.nan_to_num(np.hypot(x, y), nan=math.inf)
