"""Own cars: spread over time and roads, so that no road takes more cars in a slot than its lanes do.

Places are served by urgency. Cars of a place leave slot by slot along the way of earliest arrival; where that is full,
others take another way that is not, as long as they arrive sooner than by waiting for the next slot.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dispatch.evacuation.roads import CAR, RoadUse
from dispatch.planning.evacuation_moves import Ledger, Move
from dispatch.roads.travel import Drive, Travel, drive, way
from dispatch.scenario import Scenario
from models.traversal import NEVER

__all__ = ["car_moves"]

_DETOURS = 2


def car_moves(scenario: Scenario, roads: Travel, ledger: Ledger) -> list[Move]:
    """Waves of cars; whom the roads do not take in time is left in the ledger."""
    order = scenario.evacuation
    assert order is not None
    use = RoadUse(scenario.network, scenario.response, order.contraflow)
    rows = order.assignment[order.assignment["mode"] == "car"]
    waves = [(ledger.latest_ms(row.place, row.group), ledger.depart_ms(row.place, row.group), row.place, row.group,
              row.shelter, int(row.people)) for row in rows.itertuples(index=False)]  # fmt: skip
    moves: list[Move] = []
    known: dict[tuple[str, str, int], tuple[NDArray[np.int32], Drive] | None] = {}
    for latest, ready, place, group, shelter, people in sorted(waves):
        depart = ready
        while people > 0 and depart <= latest:
            wanted = ledger.takeable(place, group, shelter, people)
            if wanted <= 0:
                break
            sent = _send(scenario, roads, use, known, (place, group, shelter), depart, wanted)
            for move in sent:
                ledger.take(place, group, shelter, move.people)
                people -= move.people
            moves += sent
            depart = (depart // use.slot_ms + 1) * use.slot_ms
    return moves


def _send(
    scenario: Scenario, roads: Travel, use: RoadUse,
    known: dict[tuple[str, str, int], tuple[NDArray[np.int32], Drive] | None], who: tuple[str, str, str], depart: int,
    wanted: int,
) -> list[Move]:  # fmt: skip
    """Cars that leave in one slot: by the fastest way, then by others that are not full."""
    place, group, shelter = who
    per_car = scenario.response.value("evacuation.car_people")
    key = (place, shelter, depart)
    if key not in known:
        known[key] = _way(roads, place, shelter, depart)
    found = known[key]
    moves: list[Move] = []
    full: set[int] = set()
    for _ in range(_DETOURS + 1):
        if found is None or wanted <= 0:
            break
        edges, driven = found
        room = use.room(edges, driven.enter_ms)
        cars = min(math.ceil(wanted / per_car), int(room.min()) if len(room) else wanted)
        if cars > 0:
            people = min(wanted, math.floor(cars * per_car))
            cars = math.ceil(people / per_car)
            use.take(edges, driven.enter_ms, cars)
            moves.append(Move(place, group, people, "car", shelter, depart, depart, driven.arrive_ms, driven.arrive_ms,
                              CAR, edges))  # fmt: skip
            wanted -= people
            room = room - cars
        if wanted <= 0 or not len(room):
            break
        full |= {int(edge) for edge in edges[room <= 0]}
        fastest = known[key]
        assert fastest is not None
        found = _way(_without(roads, full), place, shelter, depart)
        if found is not None:
            # Driven over the roads as they are: leaving roads out only chose the way.
            found = (found[0], drive(roads, CAR, place, shelter, found[0], depart))
            if found[1].arrive_ms > fastest[1].arrive_ms + use.slot_ms:
                break
    return moves


def _way(roads: Travel, place: str, shelter: str, depart: int) -> tuple[NDArray[np.int32], Drive] | None:
    edges = way(roads, CAR, place, shelter, depart)
    if edges is None:
        return None
    driven = drive(roads, CAR, place, shelter, edges, depart)
    return None if driven.arrive_ms >= NEVER else (edges, driven)


def _without(roads: Travel, full: set[int]) -> Travel:
    """The same roads with some edges barred to cars."""
    timed = roads.timed[CAR]
    free = timed.free_ms.copy()
    free[list(full)] = NEVER
    return replace(roads, timed={CAR: replace(timed, free_ms=free)})
