"""The air as ordered: weather for flying, heights, and what aircraft are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dispatch.hazards.terrain import Terrain

__all__ = ["REQUEST_KINDS", "AirOrder", "AirRequest"]

REQUEST_KINDS: tuple[str, ...] = ("medical", "bucket", "reconnaissance", "relay")
"""What may be asked for; goods are not asked for but follow from what the roads do not bring in time."""


@dataclass(frozen=True)
class AirRequest:
    """Something asked of the air.

    Attributes
    ----------
    request : str
        Its name; also the site of its point.
    kind : str
        One of ``REQUEST_KINDS``.
    place : str
        Whose it is, "" for a point in the open.
    lon, lat : float
    people : int
        To be lifted (``medical``), or who are there.
    to : str
        Hospital of a lift; "" the nearest.
    priority : int
        Weight beside others of its kind.
    from_ms, by_ms, until_ms : int
        Not before; in time if done by; not after.
    aircraft : str
        Helicopter kept for this fire (``bucket``): it takes no goods and no lifts; "" none.
    """

    request: str
    kind: str
    place: str
    lon: float
    lat: float
    people: int
    to: str
    priority: int
    from_ms: int
    by_ms: int
    until_ms: int
    aircraft: str = ""


@dataclass(frozen=True, eq=False)
class AirOrder:
    """What the section ``air`` of a scenario says.

    Attributes
    ----------
    weather_ms : int
        From when on wind and visibility are given, hour by hour; the last value holds on.
    wind_ms : tuple of float
        Wind in m/s.
    visibility_km : tuple of float
    warmer_c : float
        Degrees above the standard atmosphere.
    supply : bool
        Whether goods that the roads do not bring in time are flown.
    relay : bool
        Whether relays are sent to places that fall silent.
    requests : tuple of AirRequest
    elevation_m : float
        Height of points that neither their row nor the terrain gives.
    terrain : Terrain or None
    """

    weather_ms: int
    wind_ms: tuple[float, ...]
    visibility_km: tuple[float, ...]
    warmer_c: float = 0.0
    supply: bool = True
    relay: bool = True
    requests: tuple[AirRequest, ...] = ()
    elevation_m: float = 0.0
    terrain: Terrain | None = None
