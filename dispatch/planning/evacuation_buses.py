"""Buses: who waits where for how long, the trips found for them, and each trip driven over the roads with rests."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.evacuation.ways_out import Bus, WaysOut, on_minute
from dispatch.planning.evacuation_moves import Ledger, Move
from dispatch.roads.travel import Travel, arrivals, leg
from dispatch.scenario import Scenario
from models.evacuation.bus_trips import BusTask, BusTrip, plan_bus_trips

__all__ = ["bus_moves"]

_TOGETHER_MS = 15 * MINUTE_MS
"""Groups of a place that are ready within this of each other wait for the same buses."""
_FIRST = ("assisted", "visitors", "residents")


@dataclass(frozen=True)
class _Crowd:
    """People of one place who wait for the same buses."""

    place: str
    groups: tuple[str, ...]
    people: int
    ready_ms: int
    latest_ms: int


def bus_moves(
    scenario: Scenario, roads: Travel, options: WaysOut, ledger: Ledger, rounds: int, seed: int
) -> list[Move]:
    """Fetch everybody who is left and has no other way, by buses in several trips."""
    crowds = _crowds(options, ledger)
    if not crowds or not options.buses:
        return []
    board, alight = (round(scenario.response.value(f"evacuation.{step}") * MINUTE_MS) for step in ("board", "alight"))
    shelters = [name for name in options.shelters if ledger.room[name] > 0]
    sites = [crowd.place for crowd in crowds] + shelters + [bus.base for bus in options.buses]
    points = np.array([roads.index[site] for site in sites], dtype=np.int64)
    task = BusTask(
        people=np.array([crowd.people for crowd in crowds], dtype=np.int64),
        ready=np.array([crowd.ready_ms for crowd in crowds], dtype=np.int64),
        latest=np.array([crowd.latest_ms for crowd in crowds], dtype=np.int64),
        shelter=len(crowds) + np.arange(len(shelters)),
        room=np.array([ledger.room[name] for name in shelters], dtype=np.int64),
        base=len(crowds) + len(shelters) + np.arange(len(options.buses)),
        free=np.array([bus.free_ms for bus in options.buses], dtype=np.int64),
        seats=np.array([bus.seats for bus in options.buses], dtype=np.int64),
        board=board,
        alight=alight,
        grid=MINUTE_MS,
    )
    asked: dict[tuple[str, int, int], NDArray[np.int64]] = {}

    def reach(bus: int, point: int, depart: int) -> NDArray[np.int64]:
        key = (options.buses[bus].vehicle_class, int(points[point]), depart)
        if key not in asked:
            asked[key] = arrivals(roads, key[0], sites[point], depart)[points]
        return asked[key]

    trips, _ = plan_bus_trips(task, reach, rounds, seed)
    return _driven(roads, options.buses, crowds, shelters, trips, ledger, board, alight)


def _crowds(options: WaysOut, ledger: Ledger) -> list[_Crowd]:
    """Who waits where; those who cannot be ready in time, or whom no bus reaches, wait for none."""
    by_bus = {way.part for way in options.ways if way.mode == "bus"}
    waiting: dict[str, dict[str, int]] = defaultdict(dict)
    for k in sorted(by_bus):
        part = options.parts[k]
        people = ledger.left[part.place, part.group]
        if people > 0:
            waiting[part.place][part.group] = people
    crowds = []
    for place, groups in waiting.items():
        together: list[str] = []
        for group in sorted(groups, key=lambda g: (ledger.ready[place, g], g)):
            if together and ledger.ready[place, group] - ledger.ready[place, together[0]] > _TOGETHER_MS:
                crowds.append(_crowd(place, together, groups, ledger))
                together = []
            together.append(group)
        crowds.append(_crowd(place, together, groups, ledger))
    return crowds


def _crowd(place: str, together: list[str], people: dict[str, int], ledger: Ledger) -> _Crowd:
    ready = max(ledger.ready[place, group] for group in together)
    latest = min(ledger.latest_ms(place, group) for group in together)
    return _Crowd(place, tuple(together), sum(people[group] for group in together), ready, latest)


def _driven(
    roads: Travel, buses: tuple[Bus, ...], crowds: list[_Crowd], shelters: list[str], trips: list[BusTrip],
    ledger: Ledger, board: int, alight: int,
) -> list[Move]:  # fmt: skip
    """Trips with exact ways and rests; one that a rest makes too late is left out."""
    moves: list[Move] = []
    for number, bus in enumerate(buses):
        site, free, driven, sequence = bus.base, bus.free_ms, 0, 1
        arrived = bus.free_ms
        for trip in (trip for trip in trips if trip.bus == number):
            crowd, shelter = crowds[trip.place], shelters[trip.shelter]
            rested = 0 if free - arrived >= roads.drive_rest_ms else driven
            fetched = leg(roads, bus.vehicle_class, site, crowd.place, free, rested)
            if fetched is None:
                continue
            boarding = max(fetched[1].arrive_ms, crowd.ready_ms)
            depart = on_minute(boarding + board)
            boarding = depart - board
            waited = depart - fetched[1].arrive_ms >= roads.drive_rest_ms
            taken = leg(roads, bus.vehicle_class, crowd.place, shelter, depart,
                        0 if waited else fetched[1].driven_ms)  # fmt: skip
            if depart > crowd.latest_ms or taken is None:
                continue
            aboard = _aboard(crowd, shelter, min(trip.people, bus.seats), ledger)
            if not aboard:
                continue
            arrive = taken[1].arrive_ms
            moves += [
                Move(crowd.place, group, people, "bus", shelter, boarding, depart, arrive, arrive + alight,
                     bus.vehicle_class, taken[0], bus.vehicle, sequence, site, free, fetched[0])
                for group, people in aboard
            ]  # fmt: skip
            site, free, driven, arrived = shelter, arrive + alight, taken[1].driven_ms, arrive
            sequence += 1
    return moves


def _aboard(crowd: _Crowd, shelter: str, seats: int, ledger: Ledger) -> list[tuple[str, int]]:
    """Who boards: those in need of help first."""
    aboard = []
    for group in (name for name in _FIRST if name in crowd.groups):
        people = ledger.takeable(crowd.place, group, shelter, seats)
        if people > 0:
            ledger.take(crowd.place, group, shelter, people)
            aboard.append((group, people))
            seats -= people
    return aboard
