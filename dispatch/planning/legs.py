"""Arrival times between sites, fast enough to be asked a million times and equal to those of ``dispatch.roads.travel``.

The fastest way over undisturbed roads cannot be beaten; where no closure, slowdown or change of the general speed
touches it on the hour, its duration is the answer. Only other departures are searched, once each.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.travel import NEVER, Travel, arrivals, leg
from models.earliest_arrival import earliest_arrival, path_to
from models.route_windows import Windows, crossing_times, route_windows, tree_sums
from models.traversal import time_edges

__all__ = ["RESTED", "Crew", "Legs", "Usual"]

_REMEMBERED = 20_000


@dataclass(frozen=True)
class Crew:
    """Driving since the last rest: at most ``bound_ms``; exactly, what ``driven_ms`` becomes over ``legs``.

    ``legs``: (vehicle class, origin, destination, departure), oldest first.
    """

    bound_ms: int = 0
    driven_ms: int = 0
    legs: tuple[tuple[str, str, str, int], ...] = ()


RESTED = Crew()


@dataclass(frozen=True, eq=False)
class _Origin:
    """Undisturbed roads from one origin under one general speed: durations, edges that lead there, and their times."""

    duration: NDArray[np.int64]
    via: NDArray[np.int32]
    cross: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Usual:
    """Fastest undisturbed ways from one origin.

    Attributes
    ----------
    change_ms : int64 array (g,)
        When each general speed begins.
    duration : int64 array (g, s)
        To all sites of the roads under each, on the road only, ms; ``NEVER`` if out of reach.
    via : int32 array
        Edges that lead there under the first.
    cross : int64 array (g, m)
        Time of each edge under each.
    """

    change_ms: NDArray[np.int64]
    duration: NDArray[np.int64]
    via: NDArray[np.int32]
    cross: NDArray[np.int64]


class Legs:
    """Earliest arrivals over one night's roads, remembered."""

    def __init__(self, roads: Travel) -> None:
        self.roads = roads
        self._origins: dict[tuple[str, str, int], _Origin] = {}
        self._cross: dict[tuple[str, int], NDArray[np.int64]] = {}
        self._crosses: dict[str, NDArray[np.int64]] = {}
        self._least: dict[tuple[str, str], NDArray[np.int64]] = {}
        self._windows: dict[tuple[str, str, int], Windows] = {}
        self._window: dict[tuple[str, str, int, int], tuple[list[int], list[int]]] = {}
        self._searched: dict[tuple[str, str, int], NDArray[np.int64]] = {}
        self._length: dict[tuple[str, str, str], float] = {}
        self._driven: dict[tuple[str, str, str, int, int], tuple[int, int] | None] = {}

    def under(self, roads: Travel) -> Legs:
        """Legs over the same roads, profiles and sites under other closures; what no closure touches is shared."""
        other = Legs(roads)
        other._origins = self._origins
        other._cross = self._cross
        other._crosses = self._crosses
        other._least = self._least
        other._length = self._length
        return other

    def arrive(self, vehicle_class: str, origin: str, destination: str, depart_ms: int) -> int:
        """Earliest arrival without rests, ms; ``NEVER`` if out of reach."""
        if origin == destination:
            return depart_ms
        roads = self.roads
        i, j = roads.index[origin], roads.index[destination]
        if roads.node[i] < 0 or roads.node[j] < 0:
            return NEVER
        enter = depart_ms + int(roads.access_ms[i])
        pace = roads.timed[vehicle_class].pace_start_ms
        piece = max(bisect_right(pace, enter) - 1, 0)
        known = self._from(vehicle_class, origin, piece)
        duration = int(known.duration[j])
        if duration >= NEVER:
            return NEVER
        leave = enter + duration
        if piece + 1 >= len(pace) or leave <= pace[piece + 1]:
            starts, ends = self._disturbed(vehicle_class, origin, j, piece)
            k = bisect_right(starts, enter) - 1
            if k < 0 or enter >= ends[k]:
                return leave + int(roads.access_ms[j])
        return int(self._search(vehicle_class, origin, depart_ms)[j])

    def table(
        self, vehicle_class: str, origin: str, targets: NDArray[np.int64], departures: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Earliest arrivals, without rests, at sites (by position) for several departures: (departures, targets)."""
        if not len(departures):
            return np.empty((0, len(targets)), dtype=np.int64)
        return np.stack([self.arrive_all(vehicle_class, origin, depart)[targets] for depart in departures.tolist()])

    def arrive_all(self, vehicle_class: str, origin: str, depart_ms: int, *, detours: bool = True) -> NDArray[np.int64]:
        """Earliest arrivals, without rests, at all sites of the roads, ms.

        Without ``detours`` a vehicle waits at the origin until its usual way is free: never earlier, and no search.
        """
        roads = self.roads
        i = roads.index[origin]
        if roads.node[i] < 0:
            result = np.full(len(roads.node), NEVER, dtype=np.int64)
            result[i] = depart_ms
            return result
        enter = depart_ms + int(roads.access_ms[i])
        pace = roads.timed[vehicle_class].pace_start_ms
        piece = max(bisect_right(pace, enter) - 1, 0)
        duration = self._from(vehicle_class, origin, piece).duration
        result = np.where(duration < NEVER, enter + duration + roads.access_ms, NEVER)
        windows = self._origin_windows(vehicle_class, origin, piece)
        met = np.flatnonzero((windows.start_ms <= enter) & (enter < windows.end_ms))
        met = met[duration[windows.owner[met]] < NEVER]
        owner, freed = windows.owner[met], windows.end_ms[met]
        same_pace = int(pace[piece + 1]) if piece + 1 < len(pace) else NEVER
        searched = (duration < NEVER) & (enter + duration > same_pace)
        if detours:
            searched[owner] = True
        else:
            result[owner] = np.where(freed < NEVER, freed + duration[owner] + roads.access_ms[owner], NEVER)
            searched[owner[(freed < NEVER) & (freed + duration[owner] > same_pace)]] = True
        if searched.any():
            result[searched] = self._search(vehicle_class, origin, depart_ms)[searched]
        result[i] = depart_ms
        return result

    def usual(self, vehicle_class: str, origin: str) -> Usual | None:
        """Usual ways from an origin to all sites; None if it is not on the roads."""
        if self.roads.node[self.roads.index[origin]] < 0:
            return None
        changes = self.roads.timed[vehicle_class].pace_start_ms
        of = [self._from(vehicle_class, origin, piece) for piece in range(len(changes))]
        cross = self._crosses.get(vehicle_class)
        if cross is None:
            cross = self._crosses[vehicle_class] = np.stack([one.cross for one in of])
        return Usual(changes, np.stack([one.duration for one in of]), of[0].via, cross)

    def tree(self, vehicle_class: str, origin: str, enter_ms: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Earliest arrivals on the road at all sites for one time of entering it, and the edges that lead there."""
        roads = self.roads
        nodes = roads.node[roads.node >= 0]
        source = int(roads.node[roads.index[origin]])
        at, via = earliest_arrival(roads.network.drivable, roads.timed[vehicle_class], source, enter_ms, nodes)
        return np.where(roads.node >= 0, at[roads.node], NEVER), via

    def least(self, vehicle_class: str, origin: str, destination: str) -> int:
        """Shortest duration at any hour, closures left aside, ms; ``NEVER`` if the class cannot go there."""
        if origin == destination:
            return 0
        roads = self.roads
        i, j = roads.index[origin], roads.index[destination]
        if roads.node[i] < 0 or roads.node[j] < 0:
            return NEVER
        known = self._least.get((vehicle_class, origin))
        if known is None:
            pieces = range(len(roads.timed[vehicle_class].pace_start_ms))
            known = np.min([self._from(vehicle_class, origin, piece).duration for piece in pieces], axis=0)
            known = np.where(known < NEVER, known + int(roads.access_ms[i]) + roads.access_ms, NEVER)
            self._least[vehicle_class, origin] = known
        return int(known[j])

    def length_m(self, vehicle_class: str, origin: str, destination: str) -> float:
        """Length of the way that is fastest where nothing is closed; 0 if there is none."""
        key = (vehicle_class, origin, destination)
        known = self._length.get(key)
        if known is None:
            known = 0.0
            if origin != destination and self.least(*key) < NEVER:
                via = self._from(vehicle_class, origin, 0).via
                edges = path_to(self.roads.network.drivable, via, int(self.roads.node[self.roads.index[destination]]))
                known = float(self.roads.network.length_m[edges].sum())
            self._length[key] = known
        return known

    def lengths_km(self, classes: Sequence[str], sites: Sequence[str]) -> NDArray[np.float64]:
        """:meth:`length_m` of all pairs, in km: (class, origin, destination)."""
        roads = self.roads
        graph, length_m = roads.network.drivable, np.asarray(roads.network.length_m, dtype=np.float64)
        position = np.array([roads.index[site] for site in sites], dtype=np.int64)
        result = np.zeros((len(classes), len(sites), len(sites)))
        for c, vehicle_class in enumerate(classes):
            for k, origin in enumerate(sites):
                if roads.node[position[k]] >= 0:
                    of = self._from(vehicle_class, origin, 0)
                    reached = np.where(of.duration < NEVER, roads.node, -1)[position]
                    result[c, k] = tree_sums(graph, of.via, reached, length_m) / 1000.0
        return result

    def drive(
        self, vehicle_class: str, origin: str, destination: str, depart_ms: int, crew: Crew = RESTED
    ) -> tuple[int, Crew]:
        """Earliest arrival with the driver's rests, and the driving since the last one; ``NEVER`` if out of reach."""
        arrive = self.arrive(vehicle_class, origin, destination, depart_ms)
        if arrive >= NEVER:
            return NEVER, crew
        bound = crew.bound_ms + arrive - depart_ms
        this = (vehicle_class, origin, destination, depart_ms)
        if bound <= self.roads.drive_limit_ms:
            return arrive, Crew(bound, crew.driven_ms, (*crew.legs, this))
        exact = self._exact(*this, self.driven_ms(crew))
        if exact is None:
            return NEVER, crew
        return exact[0], Crew(exact[1], exact[1])

    def driven_ms(self, crew: Crew) -> int:
        """Exact driving since the last rest, ms."""
        driven = crew.driven_ms
        for before in crew.legs:
            exact = self._exact(*before, driven)
            driven = driven if exact is None else exact[1]
        return driven

    def _exact(
        self, vehicle_class: str, origin: str, destination: str, depart_ms: int, driven_ms: int
    ) -> tuple[int, int] | None:
        """Arrival and driving since the last rest, along the way that ``travel.leg`` takes."""
        key = (vehicle_class, origin, destination, depart_ms, driven_ms)
        if key not in self._driven:
            found = leg(self.roads, *key)
            self._driven[key] = None if found is None else (found[1].arrive_ms, found[1].driven_ms)
        return self._driven[key]

    def _search(self, vehicle_class: str, origin: str, depart_ms: int) -> NDArray[np.int64]:
        key = (vehicle_class, origin, depart_ms)
        known = self._searched.get(key)
        if known is None:
            if len(self._searched) >= _REMEMBERED:
                self._searched.clear()
            known = self._searched[key] = arrivals(self.roads, vehicle_class, origin, depart_ms)
        return known

    def _from(self, vehicle_class: str, origin: str, piece: int) -> _Origin:
        """Undisturbed durations (road only, ms) from an origin while the general speed is that of ``piece``."""
        key = (vehicle_class, origin, piece)
        known = self._origins.get(key)
        if known is None:
            roads = self.roads
            timed = roads.timed[vehicle_class]
            still = time_edges(
                timed.free_ms, pace_start_ms=np.zeros(1, np.int64), pace_permille=timed.pace_permille[piece : piece + 1]
            )
            source = int(roads.node[roads.index[origin]])
            at, via = earliest_arrival(roads.network.drivable, still, source, 0, roads.node[roads.node >= 0])
            duration = np.where(roads.node >= 0, at[roads.node], NEVER)
            cross = self._cross.get((vehicle_class, piece))
            if cross is None:
                cross = self._cross[vehicle_class, piece] = crossing_times(still)
            known = self._origins[key] = _Origin(duration, via, cross)
        return known

    def _origin_windows(self, vehicle_class: str, origin: str, piece: int) -> Windows:
        """Times of entering the road that meet a disturbed edge on the way, by site."""
        key = (vehicle_class, origin, piece)
        known = self._windows.get(key)
        if known is None:
            roads = self.roads
            of = self._from(*key)
            reached = np.where(of.duration < NEVER, roads.node, -1).astype(np.int64)
            known = self._windows[key] = route_windows(
                roads.network.drivable, roads.timed[vehicle_class], of.via, reached, of.duration, of.cross
            )
        return known

    def _disturbed(self, vehicle_class: str, origin: str, j: int, piece: int) -> tuple[list[int], list[int]]:
        """Times of entering the road, as sorted disjoint half-open windows, that meet a disturbed edge on the way."""
        key = (vehicle_class, origin, piece, j)
        known = self._window.get(key)
        if known is None:
            windows = self._origin_windows(vehicle_class, origin, piece)
            part = slice(int(windows.first[j]), int(windows.first[j + 1]))
            known = self._window[key] = (windows.start_ms[part].tolist(), windows.end_ms[part].tolist())
        return known
