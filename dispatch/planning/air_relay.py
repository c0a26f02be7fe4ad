"""Relays: drones with a base station over places that have fallen silent, again and again until the network is back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dispatch.air.sky import Aircraft, Sky
from dispatch.clock import SECOND_MS
from dispatch.hazards.outage import silent_places
from dispatch.planning.air_legs import Leg, Sortie
from models.air.relay import choose_relays
from models.traversal import NEVER

__all__ = ["Silence", "relay_sorties", "silences"]

PAYLOAD = "communications"


@dataclass(frozen=True)
class Silence:
    """A place without a voice, or a point for which a relay is asked: from when to when."""

    site: str
    people: int
    from_ms: int
    until_ms: int


def silences(sky: Sky) -> list[Silence]:
    """Places silent by the forecast within the horizon, and requests for a relay."""
    scenario = sky.scenario
    found = [
        Silence(request.request, max(request.people, 1) * request.priority, request.from_ms, request.until_ms)
        for request in sky.order.requests if request.kind == "relay"
    ]  # fmt: skip
    if not sky.order.relay or scenario.disruption.areas.empty:
        return found
    places = scenario.county.table("places").set_index("place")["population"]
    silent = silent_places(scenario.county, scenario.disruption.areas)
    for row in silent[silent["fallback"] == ""].itertuples(index=False):
        start = max(_ms(row.from_s), scenario.order_ms)
        until = min(_ms(row.to_s), scenario.end_ms)
        people = places.get(row.place, math.nan)
        if start < until and sky.point(row.place) is not None:
            found.append(Silence(row.place, 1 if math.isnan(people) else max(1, int(people)), start, until))
    return found


def _ms(seconds: float) -> int:
    return (NEVER if seconds > 0 else -NEVER) if math.isinf(seconds) else round(seconds * SECOND_MS)


def relay_sorties(sky: Sky, busy: Mapping[str, list[Sortie]]) -> list[Sortie]:
    """Send every relay drone that nothing else asks for to the station where it serves most people."""
    waiting = silences(sky)
    crafts = [craft for craft in sky.fleet if PAYLOAD in craft.can and not busy.get(craft.aircraft)]
    if not waiting or not crafts:
        return []
    radius = 1000 * sky.rules["relay_radius"]
    bases = sorted({craft.base for craft in crafts} - {silence.site for silence in waiting})
    stations = [*(silence.site for silence in waiting), *bases]
    covers = np.array([[sky.away_m(station, silence.site) <= radius for silence in waiting] for station in stations])
    arrive = np.full((len(crafts), len(stations)), -1, dtype=np.int64)
    for d, craft in enumerate(crafts):
        for s, station in enumerate(stations):
            span = _span(waiting, covers[s])
            stays = _stays(sky, craft, station, span) if span is not None else []
            if stays:
                arrive[d, s] = max(stays[0][1], 0) // SECOND_MS
    choice = choose_relays(arrive, covers, np.array([silence.people for silence in waiting], dtype=np.int64))
    made = []
    for craft, s in zip(crafts, choice.station, strict=True):
        span = None if s < 0 else _span(waiting, covers[s])
        if span is not None:
            made += [_sortie(sky, craft, stations[s], stay) for stay in _stays(sky, craft, stations[s], span)]
    return made


def _span(waiting: list[Silence], covered: np.ndarray) -> tuple[int, int] | None:
    mine = [silence for silence, c in zip(waiting, covered, strict=True) if c]
    return (min(s.from_ms for s in mine), max(s.until_ms for s in mine)) if mine else None


def _stays(sky: Sky, craft: Aircraft, station: str, span: tuple[int, int]) -> list[tuple[int, int, int]]:
    """(Take-off, on station, off station) of each sortie within a span."""
    way = sky.flight_ms(craft, craft.base, station)
    back = sky.flight_ms(craft, station, craft.base)
    found: list[tuple[int, int, int]] = []
    if way >= NEVER or back >= NEVER or way + back >= craft.airborne_ms:
        return []
    for opens, closes in sky.windows(craft):
        free = max(opens, craft.ready_ms, found[-1][2] + back + sky.stop_ms(craft) if found else 0)
        while True:
            up = max(free, span[0] - way)
            off = min(up + craft.airborne_ms - back, closes - back, span[1])
            if off <= up + way:
                break
            found.append((up, up + way, off))
            free = off + back + sky.stop_ms(craft)
    return found


def _sortie(sky: Sky, craft: Aircraft, station: str, stay: tuple[int, int, int]) -> Sortie:
    up, on, off = stay
    back = off + sky.flight_ms(craft, station, craft.base)
    return Sortie(craft.aircraft, (
        Leg("relay", craft.base, station, up, on, on, station),
        Leg("position", station, craft.base, off, back, back),
    ))  # fmt: skip
