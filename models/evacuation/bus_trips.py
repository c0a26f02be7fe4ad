"""Buses in several trips: who fetches whom when, and takes them where.

Each bus has a list of places to call at. Played forward, a bus drives there, waits until people are ready, boards,
drives to the shelter with room that it reaches first, and goes on from there. Lists are built by urgency and improved
by moving, swapping, dropping and adding calls: better is what gets more people out, then the last of them sooner, then
all in less person-time. Travel times are asked for, so that roads may close by the hour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.traversal import NEVER

__all__ = ["BusTask", "BusTrip", "Worth", "plan_bus_trips"]

Arrivals = Callable[[int, int, int], NDArray[np.int64]]
"""(bus, point, departure) → earliest arrival at every point, ``NEVER`` where out of reach."""
_HOT, _COLD = 0.25, 0.05
"""First temperature of the annealing as a share of the duration, and the last as a share of the first."""
_SPLIT = 30 * 60_000
"""So much farther a bus goes to a shelter with room for everybody aboard, ms."""
_TWICE = 0.3
"""Share of tries that change two things at once."""
Worth = tuple[int, int, int]
"""(- people out in time, last arrival, person-time): less is better, in this order."""


@dataclass(frozen=True, eq=False)
class BusTask:
    """What buses have to do; points are places first (0 … p - 1), then whatever else has a number.

    Attributes
    ----------
    people, ready, latest : int64 arrays (p,)
        Waiting at each place, from when on, and until when a bus must have left it.
    shelter : int64 array (s,)
        Point of each shelter.
    room : int64 array (s,)
    base, free, seats : int64 arrays (b,)
        Point at which each bus stands, since when, and its seats.
    board, alight : int
        Time to board and to get off.
    grid : int
        Buses leave a place at multiples of this.
    """

    people: NDArray[np.int64]
    ready: NDArray[np.int64]
    latest: NDArray[np.int64]
    shelter: NDArray[np.int64]
    room: NDArray[np.int64]
    base: NDArray[np.int64]
    free: NDArray[np.int64]
    seats: NDArray[np.int64]
    board: int
    alight: int
    grid: int


@dataclass(frozen=True)
class BusTrip:
    """One trip: points are those of the task; ``shelter`` is a position in the task's shelters."""

    bus: int
    start: int
    set_out: int
    place: int
    at_place: int
    board: int
    depart: int
    shelter: int
    arrive: int
    done: int
    people: int


def plan_bus_trips(task: BusTask, arrivals: Arrivals, rounds: int = 400, seed: int = 1) -> tuple[list[BusTrip], Worth]:
    """Plan the trips of all buses.

    Parameters
    ----------
    task : BusTask
    arrivals : callable
        See ``Arrivals``; first in, first out.
    rounds : int
        Tries at improving; the same number gives the same plan.
    seed : int
    """
    rng = np.random.default_rng(seed)
    places = np.flatnonzero(task.people > 0)
    if not len(places) or not len(task.base):
        return [], (0, 0, 0)
    best, trips, worth = _built(task, arrivals, 1.0)
    for weight in (0.0, 0.3, 3.0):
        other = _built(task, arrivals, weight)
        if other[2] < worth:
            best, trips, worth = other
    total, load = int(task.people.sum()), max(int(task.seats.min()), 1)
    scale = float(max(worth[1] - int(task.free.min()), 1))

    def energy(value: Worth) -> float:
        """A bus load left behind weighs as much as the whole duration."""
        mean = value[2] / max(-value[0], 1)
        return (total + value[0]) * scale / load + value[1] + mean / 10

    calls, value, best_calls = best, energy(worth), best
    for k in range(rounds):
        tried = _changed(calls, places, rng)
        if rng.random() < _TWICE:
            tried = _changed(tried, places, rng)
        played, now = _play(task, arrivals, tried)
        heat = scale * _HOT * _COLD ** (k / rounds)
        if energy(now) <= value + heat * rng.exponential():
            calls, value = tried, energy(now)
        if now < worth:
            trips, worth, best_calls = played, now, tried
    return _filled(task, arrivals, best_calls, trips, worth)


def _filled(
    task: BusTask, arrivals: Arrivals, calls: list[list[int]], trips: list[BusTrip], worth: Worth
) -> tuple[list[BusTrip], Worth]:
    """Fetch more people as long as one more call, or another place instead of one, gets more of them out."""
    while True:
        left = task.people.copy()
        for trip in trips:
            left[trip.place] -= trip.people
        best: tuple[Worth, list[BusTrip], list[list[int]]] = (worth, trips, calls)
        for place in np.flatnonzero(left > 0).tolist():
            for bus, listed in enumerate(calls):
                for k in range(len(listed) + 1):
                    for dropped in (0, 1) if k < len(listed) else (0,):
                        tried = [*calls[:bus], [*listed[:k], place, *listed[k + dropped :]], *calls[bus + 1 :]]
                        played, now = _play(task, arrivals, tried)
                        if now[0] < worth[0] and now < best[0]:
                            best = (now, played, tried)
        if best[0][0] == worth[0]:
            return trips, worth
        worth, trips, calls = best


def _built(task: BusTask, arrivals: Arrivals, weight: float) -> tuple[list[list[int]], list[BusTrip], Worth]:
    """Send, again and again, the bus and place of earliest departure plus ``weight`` times the place's deadline."""
    state = _State(task, arrivals)
    calls: list[list[int]] = [[] for _ in task.base]
    while True:
        offers = []
        for bus in range(len(task.base)):
            for place in np.flatnonzero(state.waiting > 0).tolist():
                trip = state.trip(bus, place)
                if trip is not None:
                    urgency = min(int(task.latest[place]), NEVER >> 20)
                    offers.append((trip.depart + weight * urgency, -trip.people, trip.done, bus, place, trip))
        if not offers:
            break
        *_, bus, place, trip = min(offers, key=lambda offer: offer[:5])
        state.take(trip)
        calls[bus].append(place)
    return calls, state.trips, state.worth()


def _play(task: BusTask, arrivals: Arrivals, calls: list[list[int]]) -> tuple[list[BusTrip], Worth]:
    """Play lists of calls, the bus that can leave its next place first going first; calls for nobody are left out."""
    state = _State(task, arrivals)
    at = [0] * len(calls)
    offers: dict[int, BusTrip | None] = {}
    while True:
        for bus, listed in enumerate(calls):
            if bus in offers:
                continue
            while at[bus] < len(listed):
                trip = state.trip(bus, listed[at[bus]]) if state.waiting[listed[at[bus]]] > 0 else None
                if trip is not None:
                    offers[bus] = trip
                    break
                at[bus] += 1
        if not offers:
            return state.trips, state.worth()
        chosen = min(offers.values(), key=lambda trip: (trip.depart, trip.bus))  # type: ignore[union-attr]
        assert chosen is not None
        state.take(chosen)
        at[chosen.bus] += 1
        full = state.room[chosen.shelter] == 0
        stale = [bus for bus, trip in offers.items() if trip is not None and (
            bus == chosen.bus or trip.place == chosen.place or full or trip.shelter == chosen.shelter)]  # fmt: skip
        for bus in stale:
            del offers[bus]


class _State:
    """Where buses stand and who still waits while trips are handed out."""

    def __init__(self, task: BusTask, arrivals: Arrivals) -> None:
        self.task, self.arrivals = task, arrivals
        self.waiting = task.people.copy()
        self.room = task.room.copy()
        self.at = task.base.tolist()
        self.free = task.free.tolist()
        self.trips: list[BusTrip] = []
        self._open()

    def _open(self) -> None:
        """Shelters with room, and their points."""
        self.open = np.flatnonzero(self.room > 0)
        self.open_points = self.task.shelter[self.open]

    def trip(self, bus: int, place: int) -> BusTrip | None:
        """The next trip of a bus if it goes to that place; None if it would be too late or find no shelter."""
        task = self.task
        there = int(self.arrivals(bus, self.at[bus], self.free[bus])[place])
        if there >= NEVER:
            return None
        boarding = max(there, int(task.ready[place]))
        depart = -(-(boarding + task.board) // task.grid) * task.grid
        if depart > task.latest[place]:
            return None
        if not len(self.open):
            return None
        arrive = self.arrivals(bus, place, depart)[self.open_points]
        people = min(int(self.waiting[place]), int(task.seats[bus]))
        k = int((arrive + _SPLIT * (self.room[self.open] < people)).argmin())
        if arrive[k] >= NEVER:
            k = int(arrive.argmin())
        if arrive[k] >= NEVER:
            return None
        shelter = int(self.open[k])
        people = min(people, int(self.room[shelter]))
        return BusTrip(bus, self.at[bus], self.free[bus], place, there, depart - task.board, depart, shelter,
                       int(arrive[k]), int(arrive[k]) + task.alight, people)  # fmt: skip

    def take(self, trip: BusTrip) -> None:
        """Hand a trip out."""
        self.trips.append(trip)
        self.waiting[trip.place] -= trip.people
        self.room[trip.shelter] -= trip.people
        if self.room[trip.shelter] == 0:
            self._open()
        self.at[trip.bus] = int(self.task.shelter[trip.shelter])
        self.free[trip.bus] = trip.done

    def worth(self) -> Worth:
        """What the trips are worth."""
        return (-sum(t.people for t in self.trips), max((t.arrive for t in self.trips), default=0),
                sum(t.people * t.arrive for t in self.trips))  # fmt: skip


def _changed(calls: list[list[int]], places: NDArray[np.int64], rng: np.random.Generator) -> list[list[int]]:
    """One random change: move, swap, add, drop or replace a call."""
    made = [list(listed) for listed in calls]
    spots = [(bus, k) for bus, listed in enumerate(made) for k in range(len(listed))]
    kind = int(rng.integers(5)) if spots else 2
    bus, k = spots[int(rng.integers(len(spots)))] if spots else (0, 0)
    if kind == 0:
        place = made[bus].pop(k)
        other = made[int(rng.integers(len(made)))]
        other.insert(int(rng.integers(len(other) + 1)), place)
    elif kind == 1:
        other_bus, j = spots[int(rng.integers(len(spots)))]
        made[bus][k], made[other_bus][j] = made[other_bus][j], made[bus][k]
    elif kind == 2:
        other = made[int(rng.integers(len(made)))]
        other.insert(int(rng.integers(len(other) + 1)), int(rng.choice(places)))
    elif kind == 3:
        made[bus].pop(k)
    else:
        made[bus][k] = int(rng.choice(places))
    return made
