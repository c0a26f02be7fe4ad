"""Own cars: spread over time and roads, so that no road takes more cars in a slot than its lanes do.

Places are served by urgency: how long they may still be left, by the hazard's arrival there and by the closing of the
roads that lead out of them, and how far they have to go. Cars of a place leave by the way of earliest arrival beside
the cars that are on the roads already; where it is full they leave later or, if that is sooner, by another way. They
go to the shelter they are assigned to; to another only where they could not get there in time, or would be there later
by more than ``_DIVERT_MS``, and only into room that nobody else is assigned to.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.evacuation.roads import CAR, slot_capacity
from dispatch.planning.evacuation_moves import Ledger, Move
from dispatch.planning.evacuation_roads import closes_ms, least_crossing_ms
from dispatch.roads.travel import Travel, drive
from dispatch.scenario import Scenario
from models.evacuation.road_windows import latest_at
from models.evacuation.room_search import Occupancy, find_way, next_start
from models.traversal import NEVER

__all__ = ["car_moves"]

_DIVERT_MS = 30 * MINUTE_MS
"""Later by more than this at the assigned shelter, cars go to another with room."""
_LOOKS = 10
"""Departures searched for a way with room."""
_SPREAD = 30
"""Departures tried where none of those is of use."""
_SLACK = 0.05
"""Part of a journey, from being ready to arriving, by which a way that is known may be later than need be."""
_PATIENCE = 8
"""After a search in vain, so many departures do without another."""

Ints = NDArray[np.int64]


def car_moves(scenario: Scenario, roads: Travel, ledger: Ledger) -> list[Move]:
    """Waves of cars; whom the roads do not take in time is left in the ledger."""
    order = scenario.evacuation
    assert order is not None
    rows = order.assignment[order.assignment["mode"] == "car"]
    waves = [_Wave(row.place, row.group, row.shelter, int(row.people), ledger.depart_ms(row.place, row.group),
                   ledger.latest_ms(row.place, row.group)) for row in rows.itertuples(index=False)]  # fmt: skip
    if not waves:
        return []
    traffic = _Traffic(scenario, roads, ledger, waves)
    return [move for wave in sorted(waves, key=traffic.urgency) for move in traffic.moves(wave)]


@dataclass(frozen=True)
class _Wave:
    """People of one place and group with one shelter to go to."""

    place: str
    group: str
    shelter: str
    people: int
    ready_ms: int
    latest_ms: int


@dataclass(frozen=True, eq=False)
class _Goal:
    """Shelters as ends of a search: by node, the stretch to the nearest and its name; least times ahead."""

    is_end: NDArray[np.bool_]
    access: Ints
    ahead: Ints
    shelter: dict[int, str]


@dataclass(frozen=True, eq=False)
class _Way:
    """A way that has room at its hours."""

    shelter: str
    depart_ms: int
    arrive_ms: int
    edges: NDArray[np.int32]
    enter_ms: Ints


@dataclass(eq=False)
class _Look:
    """What a wave knows of its ways to a goal: the ways, and from when on each may have room."""

    ways: list[tuple[NDArray[np.int32], str]] = field(default_factory=list)
    from_ms: list[int] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)
    soonest_ms: int = -NEVER
    patience: int = 0

    def good_until(self, wave: _Wave) -> int:
        """Arrival that is early enough not to look for an earlier one."""
        return self.soonest_ms + max(0, round(_SLACK * (self.soonest_ms - wave.ready_ms)))

    def best(self, traffic: _Traffic, wave: _Wave, limit: int) -> _Way | None:
        """The earliest arrival by a way that is known."""
        ways = [self._timed(traffic, wave, k) for k in range(len(self.ways))]
        return min((way for way in ways if way is not None and way.arrive_ms <= limit),
                   key=lambda way: way.arrive_ms, default=None)  # fmt: skip

    def add(self, traffic: _Traffic, wave: _Wave, edges: NDArray[np.int32], shelter: str) -> _Way | None:
        """Keep a way, and time it; None if it is known or never has room."""
        if edges.tobytes() in self.seen:
            return None
        self.seen.add(edges.tobytes())
        self.ways.append((edges, shelter))
        self.from_ms.append(wave.ready_ms)
        return self._timed(traffic, wave, len(self.ways) - 1)

    def _timed(self, traffic: _Traffic, wave: _Wave, k: int) -> _Way | None:
        if self.from_ms[k] > wave.latest_ms:
            return None
        edges, shelter = self.ways[k]
        way = traffic.along(wave, shelter, edges, self.from_ms[k])
        self.from_ms[k] = NEVER if way is None else way.depart_ms
        return way


class _Traffic:
    """The roads with the cars that are on them so far."""

    def __init__(self, scenario: Scenario, roads: Travel, ledger: Ledger, waves: list[_Wave]) -> None:
        order = scenario.evacuation
        assert order is not None
        self.scenario, self.roads, self.ledger = scenario, roads, ledger
        self.timed, self.graph = roads.timed[CAR], scenario.network.graph
        self.crossing, self.closes = least_crossing_ms(self.timed), closes_ms(self.timed)
        capacity, slot = slot_capacity(scenario.network, scenario.response, contraflow=order.contraflow)
        self.occupancy = Occupancy.empty(capacity, slot, min(wave.ready_ms for wave in waves))
        self.per_car = scenario.response.value("evacuation.car_people")
        self.reserved: Counter[str] = Counter()
        for row in order.assignment.itertuples(index=False):
            if row.mode != "walk":
                self.reserved[row.shelter] += int(row.people)
        self.goals: dict[tuple[str, ...], _Goal] = {}
        self.looks: dict[tuple[_Wave, int], _Look] = {}
        ends = [(int(self.node(s)), NEVER - 1 - self.access(s)) for s in ledger.room if self.node(s) >= 0]
        self.until = latest_at(self.graph, self.crossing, self.closes, ends)

    def node(self, site: str) -> int:
        """Where a site is on the roads."""
        return int(self.roads.node[self.roads.index[site]])

    def access(self, site: str) -> int:
        """The stretch between road and site (ms)."""
        return int(self.roads.access_ms[self.roads.index[site]])

    def urgency(self, wave: _Wave) -> tuple[object, ...]:
        """Those who must be away first, first, and of two with equal time those who have less far to go."""
        node = self.node(wave.place)
        last = min(wave.latest_ms, int(self.until[node]), NEVER >> 1)
        ahead = min(int(self._goal(()).ahead[node]), NEVER >> 1)
        return (last + ahead, last, wave.ready_ms, wave.place, wave.group, wave.shelter)

    def moves(self, wave: _Wave) -> list[Move]:
        """Departures of a wave until it is out or no more of it gets out in time."""
        ledger, made, left = self.ledger, list[Move](), wave.people
        while left > 0:
            way = self._best(wave)
            if way is None:
                break
            mine = way.shelter == wave.shelter
            free = ledger.room.get(way.shelter, 0) - (0 if mine else self.reserved[way.shelter])
            wanted = min(left, ledger.left[wave.place, wave.group], free)
            if wanted <= 0:
                break
            room = self.occupancy.room(way.edges, way.enter_ms)
            cars = min(math.ceil(wanted / self.per_car), int(room.min(initial=NEVER)))
            people = min(wanted, max(math.floor(cars * self.per_car), 1))
            self.occupancy.take(way.edges, way.enter_ms, math.ceil(people / self.per_car))
            ledger.take(wave.place, wave.group, way.shelter, people)
            self.reserved[wave.shelter] -= people
            left -= people
            made.append(Move(wave.place, wave.group, people, "car", way.shelter, way.depart_ms, way.depart_ms,
                             way.arrive_ms, way.arrive_ms, CAR, way.edges))  # fmt: skip
        self.reserved[wave.shelter] -= left
        return made

    def _best(self, wave: _Wave) -> _Way | None:
        """The next departure: to the assigned shelter unless another is so much sooner."""
        if wave.ready_ms > wave.latest_ms:
            return None
        usual = None
        if self.ledger.room.get(wave.shelter, 0) > 0:
            usual = self._way(wave, self._goal((wave.shelter,)))
        goal = self._goal(())
        soonest = wave.ready_ms + 2 * self.access(wave.place) + int(goal.ahead[self.node(wave.place)])
        if usual is not None and usual.arrive_ms <= soonest + _DIVERT_MS:
            return usual
        open_ = tuple(sorted(s for s, room in self.ledger.room.items()
                             if s != wave.shelter and room > self.reserved[s] and s in self.roads.index))  # fmt: skip
        if not open_:
            return usual
        limit = NEVER - 1 if usual is None else usual.arrive_ms - _DIVERT_MS
        other = self._way(wave, self._goal(open_), limit)
        return usual if other is None or other.arrive_ms > limit else other

    def _goal(self, shelters: tuple[str, ...]) -> _Goal:
        """Ends of a search; all shelters for ()."""
        if shelters not in self.goals:
            ends: dict[int, str] = {}
            for name in shelters or tuple(self.ledger.room):
                node = self.node(name)
                if node >= 0 and (node not in ends or self.access(name) < self.access(ends[node])):
                    ends[node] = name
            is_end, access = np.zeros(self.graph.n, dtype=np.bool_), np.zeros(self.graph.n, dtype=np.int64)
            for node, name in ends.items():
                is_end[node], access[node] = True, self.access(name)
            never = np.full(self.graph.m, NEVER, dtype=np.int64)
            until = latest_at(self.graph, self.crossing, never, [(node, -self.access(s)) for node, s in ends.items()])
            ahead = np.where(until > -NEVER, -until, NEVER)
            self.goals[shelters] = _Goal(is_end, access, ahead, ends)
        return self.goals[shelters]

    def _way(self, wave: _Wave, goal: _Goal, limit: int = NEVER - 1) -> _Way | None:
        """A way with room, of about the earliest arrival: of those known, or one that is looked for."""
        look = self.looks.setdefault((wave, id(goal)), _Look())
        best = look.best(self, wave, limit)
        if best is not None and best.arrive_ms <= look.good_until(wave):
            return best
        if look.patience > 0:
            look.patience -= 1
            return best
        best = self._searched(wave, goal, look, best, limit)
        if best is None or best.arrive_ms > look.good_until(wave):
            look.patience = _PATIENCE
        return best

    def _searched(self, wave: _Wave, goal: _Goal, look: _Look, best: _Way | None, limit: int) -> _Way | None:
        """Look for ways that are not known yet.

        A search that may queue on the road tells how early at best. Its cars leave later instead, if all of the way has
        room and is open then; else the search is made again for a later departure, and one that does without full
        roads beside it.
        """
        slot, depart = self.occupancy.slot, wave.ready_ms
        known = limit if best is None else best.arrive_ms - 1
        last = min(wave.latest_ms, int(self.until[self.node(wave.place)]))
        for _ in range(_LOOKS):
            found = self._found(wave, goal, depart, known, queue=True) if depart <= last else None
            if found is None:
                break
            edges, end, soonest = found
            look.soonest_ms = max(look.soonest_ms, soonest)
            for queue in (True, False):
                if not queue:
                    without = self._found(wave, goal, depart, known, queue=False)
                    if without is None:
                        break
                    edges, end, _ = without
                way = look.add(self, wave, edges, goal.shelter[end])
                if way is not None and way.arrive_ms <= known:
                    best, known = way, way.arrive_ms - 1
                if best is not None and best.arrive_ms <= look.good_until(wave):
                    return best
            waited = soonest - depart - self.access(wave.place) - int(self.crossing[found[0]].sum())
            depart = (depart + max(slot, waited // 2)) // slot * slot
        return best if best is not None or limit < NEVER - 1 else self._gap(wave, goal, look, last)

    def _gap(self, wave: _Wave, goal: _Goal, look: _Look, last: int) -> _Way | None:
        """Any way with room, at one of some departures spread until the roads are empty; None if none has one."""
        end = min(last, max(wave.ready_ms, self.occupancy.empty_from))
        slot = self.occupancy.slot
        for instant in np.linspace(wave.ready_ms, end, _SPREAD).tolist():
            depart = wave.ready_ms if instant <= wave.ready_ms else math.ceil(instant / slot) * slot
            if depart > last:
                break
            found = self._found(wave, goal, depart, NEVER - 1, queue=False)
            way = None if found is None else look.add(self, wave, found[0], goal.shelter[found[1]])
            if way is not None:
                return way
        return None

    def _found(
        self, wave: _Wave, goal: _Goal, depart: int, limit: int, *, queue: bool
    ) -> tuple[NDArray[np.int32], int, int] | None:
        node = self.node(wave.place)
        if node < 0:
            return None
        return find_way(
            self.roads.network.drivable, self.timed, self.occupancy, node, depart + self.access(wave.place),
            goal.is_end, goal.access, goal.ahead, limit=limit, wait_for_room=queue,
        )  # fmt: skip

    def along(self, wave: _Wave, shelter: str, edges: NDArray[np.int32], depart: int) -> _Way | None:
        """The first departure along a way with room on all of it."""
        access, roads = self.access(wave.place), self.roads
        latest = min(wave.latest_ms, NEVER >> 1) + access
        start = depart + access
        while True:
            found = next_start(self.timed, self.occupancy, edges, start, latest, offset=access)
            if found is None:
                return None
            start, enter, leave = found
            if int((leave - enter).sum()) <= roads.drive_limit_ms:
                arrive = (int(leave[-1]) if len(edges) else start) + self.access(shelter)
                return _Way(shelter, start - access, arrive, edges, enter)
            driven = drive(roads, CAR, wave.place, shelter, edges, start - access)  # with rests
            if driven.arrive_ms >= NEVER:
                return None
            if int(self.occupancy.room(edges, driven.enter_ms).min(initial=1)) > 0:
                return _Way(shelter, start - access, driven.arrive_ms, edges, driven.enter_ms)
            start = ((start - access) // self.occupancy.slot + 1) * self.occupancy.slot + access
