"""Own cars: spread over time and roads, so that no road takes more cars in a slot than its lanes do.

Places are served by urgency. Cars of a place leave slot by slot along the way of earliest arrival; where that is full,
others take another way that is not, as long as they arrive sooner than by waiting until it has room.
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
"""Other ways known at once for a place and shelter."""
_PATIENCE = 12
"""After a detour was looked for in vain, the next so many slots do without another look."""


def car_moves(scenario: Scenario, roads: Travel, ledger: Ledger) -> list[Move]:
    """Waves of cars; whom the roads do not take in time is left in the ledger."""
    order = scenario.evacuation
    assert order is not None
    use = RoadUse(scenario.network, scenario.response, order.contraflow)
    rows = order.assignment[order.assignment["mode"] == "car"]
    waves = [(ledger.latest_ms(row.place, row.group), ledger.depart_ms(row.place, row.group), row.place, row.group,
              row.shelter, int(row.people)) for row in rows.itertuples(index=False)]  # fmt: skip
    known: dict[tuple[str, str], _Ways] = {}
    moves: list[Move] = []
    for latest, ready, place, group, shelter, people in sorted(waves):
        ways = known.setdefault((place, shelter), _Ways(roads, place, shelter))
        depart = ready
        while people > 0 and depart <= latest:
            wanted = ledger.takeable(place, group, shelter, people)
            if wanted <= 0:
                break
            for edges, driven, count in ways.filled(use, depart, wanted, scenario.response.value(_PER_CAR)):
                moves.append(Move(place, group, count, "car", shelter, depart, depart, driven.arrive_ms,
                                  driven.arrive_ms, CAR, edges))  # fmt: skip
                ledger.take(place, group, shelter, count)
                people -= count
            if not ways.found(depart):
                break
            depart = (depart // use.slot_ms + 1) * use.slot_ms
    return moves


_PER_CAR = "evacuation.car_people"
_Found = tuple[NDArray[np.int32], Drive]


class _Ways:
    """Ways from a place to a shelter: the fastest at each hour, and others where it is full."""

    def __init__(self, roads: Travel, place: str, shelter: str) -> None:
        self.roads, self.place, self.shelter = roads, place, shelter
        self._fastest: NDArray[np.int32] | None = None
        self._others: list[NDArray[np.int32]] = []
        self._usual_ms = 0
        self._look_from_ms = -NEVER
        self._asked: dict[int, _Found | None] = {}

    def found(self, depart: int) -> _Found | None:
        """The fastest way; the one known already as long as it is as fast as at first."""
        if depart in self._asked:
            return self._asked[depart]
        made: _Found | None = None
        if self._fastest is not None:
            made = self._driven(self._fastest, depart)
        if made is None or made[1].arrive_ms - depart > self._usual_ms:
            edges = way(self.roads, CAR, self.place, self.shelter, depart)
            made = None if edges is None else self._driven(edges, depart)
            if made is not None:
                self._fastest, self._usual_ms = made[0], made[1].arrive_ms - depart
        self._asked[depart] = made
        return made

    def filled(
        self, use: RoadUse, depart: int, wanted: int, per_car: float
    ) -> list[tuple[NDArray[np.int32], Drive, int]]:
        """Cars that leave in one slot, way by way: (way, times, people)."""
        fastest = self.found(depart)
        sent: list[tuple[NDArray[np.int32], Drive, int]] = []
        if fastest is None:
            return sent
        full = self._fill(use, fastest, wanted, per_car, sent)
        if wanted <= sum(count for *_, count in sent):
            return sent
        latest = fastest[1].arrive_ms + use.wait_ms(fastest[0], fastest[1].enter_ms)
        for edges in self._others:
            if wanted <= sum(count for *_, count in sent):
                return sent
            other = self._driven(edges, depart)
            if other is not None and other[1].arrive_ms <= latest:
                full |= self._fill(use, other, wanted, per_car, sent)
        while wanted > sum(count for *_, count in sent) and depart >= self._look_from_ms:
            other = self._detour(full, depart)
            if other is None or other[1].arrive_ms > latest or len(self._others) >= _DETOURS:
                self._look_from_ms = depart + _PATIENCE * use.slot_ms
                break
            self._others.append(other[0])
            full |= self._fill(use, other, wanted, per_car, sent)
        return sent

    def _fill(
        self, use: RoadUse, found: _Found, wanted: int, per_car: float,
        sent: list[tuple[NDArray[np.int32], Drive, int]],
    ) -> set[int]:  # fmt: skip
        """Send as many as a way takes; return the edges that are full then."""
        edges, driven = found
        left = wanted - sum(count for *_, count in sent)
        room = use.room(edges, driven.enter_ms)
        cars = min(math.ceil(left / per_car), int(room.min()) if len(room) else left)
        people = min(left, math.floor(cars * per_car))
        if people > 0:
            cars = math.ceil(people / per_car)
            use.take(edges, driven.enter_ms, cars)
            sent.append((edges, driven, people))
            room = room - cars
        return {int(edge) for edge in edges[room <= 0]}

    def _detour(self, full: set[int], depart: int) -> _Found | None:
        """The fastest way without full roads, driven over the roads as they are."""
        if not full:
            return None
        timed = self.roads.timed[CAR]
        free = timed.free_ms.copy()
        free[list(full)] = NEVER
        bare = replace(self.roads, timed={CAR: replace(timed, free_ms=free)})
        edges = way(bare, CAR, self.place, self.shelter, depart)
        return None if edges is None else self._driven(edges, depart)

    def _driven(self, edges: NDArray[np.int32], depart: int) -> _Found | None:
        driven = drive(self.roads, CAR, self.place, self.shelter, edges, depart)
        return None if driven.arrive_ms >= NEVER else (edges, driven)
