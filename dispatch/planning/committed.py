"""Trips that have begun: what of them is done, and how the rest of them goes over the roads as they are known now.

A leg under way that the news delays is led on from the next junction, by the way that is fastest from there; the plan
then shows the whole way as driven. A vehicle that stands still on the road is shown as if it had set out that much
later. A stop that cannot be reached any more is left out; its goods are ``spare`` and stay aboard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.planning.legs import RESTED, Crew
from dispatch.planning.news import News
from dispatch.planning.plan import Plan
from dispatch.planning.problem import ReliefProblem, Stop
from dispatch.planning.timetable import TimedStop, TimedTrip, Timetable
from dispatch.roads.quickest import quickest_way
from dispatch.roads.travel import Travel, drive
from models.traversal import NEVER

__all__ = ["Committed", "Here", "PlanRows", "Row", "begun_trips", "expired_by", "follow", "go_on", "plan_rows"]

Row = dict[str, Any]
Edges = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class PlanRows:
    """A plan's tables as rows: trips by id, stops by trip in order, loads by trip, edges of paths, class of vehicles.

    ``kept``: trips that had begun already when the plan was made anew the last time.
    """

    trips: Mapping[str, Row]
    stops: Mapping[str, list[Row]]
    loads: Mapping[str, list[Row]]
    edges: Mapping[str, Edges]
    class_of: Mapping[str, str]
    kept: frozenset[str]


def plan_rows(plan: Plan, problem: ReliefProblem) -> PlanRows:
    """Read a plan's tables once."""
    stops: dict[str, list[Row]] = {}
    for stop in sorted(_records(plan.stops), key=lambda stop: int(stop["stop"])):
        stops.setdefault(stop["trip"], []).append(stop)
    loads: dict[str, list[Row]] = {}
    for load in _records(plan.loads):
        loads.setdefault(load["trip"], []).append(load)
    vehicles = problem.scenario.county.table("vehicles")
    return PlanRows(
        {row["trip"]: row for row in _records(plan.trips)},
        stops,
        loads,
        dict(zip(plan.paths["path"].tolist(), plan.paths["edges"].tolist(), strict=True)),
        dict(zip(vehicles["vehicle"].tolist(), vehicles["class"].tolist(), strict=True)),
        frozenset(plan.meta.get("replan", {}).get("kept", ())),
    )


def _records(table: pd.DataFrame) -> list[Row]:
    columns = {name: table[name].tolist() for name in table.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def begun_trips(rows: PlanRows, now_ms: int, news: News) -> tuple[str, ...]:
    """Trips that have begun by ``now_ms``, each vehicle's in order; with a trip also those of its vehicle before it."""
    result: list[str] = []
    by_vehicle: dict[str, list[Row]] = {}
    for row in sorted(rows.trips.values(), key=lambda row: (row["vehicle"], row["sequence"])):
        by_vehicle.setdefault(row["vehicle"], []).append(row)
    for trips in by_vehicle.values():
        last = -1
        for k, row in enumerate(trips):
            moving = bool(row["to_depot_path"]) and row["start_ms"] <= now_ms
            by_time = row["load_start_ms"] <= now_ms or moving or row["trip"] in rows.kept
            if by_time if news.begun is None else row["trip"] in news.begun:
                last = k
        result.extend(row["trip"] for row in trips[: last + 1])
    return tuple(result)


@dataclass(frozen=True)
class Here:
    """Where a vehicle is: a site left at ``leave_ms``, edges driven since, and the node it is at when."""

    site: str
    leave_ms: int
    driven_ms: int
    edges: NDArray[np.int64]
    node: int
    at_ms: int


@dataclass(eq=False)
class Committed:
    """A trip that has begun, re-timed.

    Attributes
    ----------
    row : dict
        Of the plan's trips.
    stops : list of dict
        Of the plan's stops, with ``edges`` for the way, in order; only those that are (or were) reached.
    goods : list of Stop
        What is handed over at each.
    lots : list of list of (need position, item, lot, quantity)
    spare : list of (need position, item, lot, quantity)
        Aboard, for stops that cannot be reached.
    expired : list of (need position, item, lot, quantity)
        Aboard, and past their expiry day when the stop would be done: given to nobody.
    taken : list of (item, lot, quantity)
        Everything loaded.
    to_depot : tuple of edge ids
    abandoned : bool
        Nothing of the trip can be shown: no stop was or will be reached.
    here : Here or None
        Where the vehicle is after the last stop that it reaches.
    crew : Crew
        When the last stop is done.
    parked : tuple of (driving since the last rest, since when it stands there)
    """

    row: Row
    stops: list[Row] = field(default_factory=list)
    goods: list[Stop] = field(default_factory=list)
    lots: list[list[tuple[int, str, str, int]]] = field(default_factory=list)
    spare: list[tuple[int, str, str, int]] = field(default_factory=list)
    expired: list[tuple[int, str, str, int]] = field(default_factory=list)
    taken: list[tuple[str, str, int]] = field(default_factory=list)
    to_depot: Edges = ()
    abandoned: bool = False
    here: Here | None = None
    crew: Crew = RESTED
    parked: tuple[int, int] = (0, -NEVER)

    def timed(self, counted: frozenset[tuple[str, str]]) -> TimedTrip:
        """The trip as the timetable books it."""
        row = self.row
        depot = row["depot"]
        plain = all((depot, item) in counted for goods in self.goods for item, _ in goods.items)
        stops = []
        for stop, goods, lots in zip(self.stops, self.goods, self.lots, strict=True):
            chosen = tuple(
                tuple((lot, q) for n, i, lot, q in lots if (n, i) == (need, item) and (depot, item) not in counted)
                for need, item, _ in goods.loads
            )
            stops.append(TimedStop(goods, stop["leave_ms"], stop["arrive_ms"], stop["unload_start_ms"],
                                   stop["unload_end_ms"], () if plain else chosen))  # fmt: skip
        return TimedTrip(
            row["vehicle"],
            depot,
            row["dock"],
            row["start_site"],
            row["start_ms"],
            row["at_depot_ms"],
            row["load_start_ms"],
            row["load_end_ms"],
            row["depart_ms"],
            tuple(stops),
            self.crew,
        )


def follow(
    problem: ReliefProblem,
    timetable: Timetable,
    rows: PlanRows,
    trip: str,
    now_ms: int,
    held_ms: int,
    driven_ms: int,
    parked_ms: int,
    number: Mapping[str, int],
) -> Committed:
    """Follow a begun trip through the roads known now.

    Parameters
    ----------
    problem : ReliefProblem
        With the roads known now.
    timetable : Timetable
        Unloading places booked so far.
    rows : PlanRows
    trip : str
    now_ms : int
    held_ms : int
        Until when its vehicle stands still, ``NEVER`` if it is lost, before ``now_ms`` if it is not.
    driven_ms, parked_ms : int
        Driving since the last rest, and since when the vehicle stands where the trip begins.
    number : mapping of need id to position
    """
    return _Follow(problem, timetable, rows, trip, now_ms, held_ms, driven_ms, parked_ms, number).made()


def expired_by(problem: ReliefProblem, depot: str, item: str, lot: str, end_ms: int) -> bool:
    """Whether a lot may no longer be handed over when unloading ends at ``end_ms``."""
    return any(held.lot == lot and end_ms >= held.until_ms for held in problem.lots.get((depot, item), ()))


class _Follow:
    """One trip on its way."""

    def __init__(
        self, problem: ReliefProblem, timetable: Timetable, rows: PlanRows, trip: str, now_ms: int, held_ms: int,
        driven_ms: int, parked_ms: int, number: Mapping[str, int],
    ) -> None:  # fmt: skip
        self.problem, self.timetable, self.now_ms, self.held_ms = problem, timetable, now_ms, held_ms
        self.roads: Travel = problem.legs.roads
        row = rows.trips[trip]
        self.trip = Committed(dict(row))
        self.stops = rows.stops.get(trip, [])
        self.loads: dict[int, list[tuple[int, str, str, int]]] = {}
        for load in rows.loads.get(trip, []):
            if load["need"] in number:
                part = (number[load["need"]], load["item"], load["lot"], int(load["quantity"]))
                self.loads.setdefault(int(load["stop"]), []).append(part)
            self.trip.taken.append((load["item"], load["lot"], int(load["quantity"])))
        self.edges = rows.edges
        self.vehicle_class = rows.class_of[row["vehicle"]]
        self.driven_ms, self.parked_ms = driven_ms, parked_ms
        self.site = str(row["start_site"])

    def made(self) -> Committed:
        trip, row = self.trip, self.trip.row
        row.update(return_site="", return_path="", return_ms=-1)
        lost = self.held_ms >= NEVER
        gone = self._leg(row["depot"], self.edges.get(row["to_depot_path"], ()), row["start_ms"], row["at_depot_ms"])
        if gone is None or (lost and row["load_end_ms"] > self.now_ms):
            trip.abandoned = True
            return trip
        trip.to_depot, row["start_ms"], at_depot_ms = gone
        row["at_depot_ms"] = at_depot_ms
        if at_depot_ms > row["load_start_ms"]:
            length_ms = row["load_end_ms"] - row["load_start_ms"]
            start_ms, row["dock"] = self.timetable.dock_from(row["depot"], at_depot_ms, length_ms)
            late = start_ms - row["load_start_ms"]
            for name in ("load_start_ms", "load_end_ms", "depart_ms"):
                row[name] += late
        self.site, self.parked_ms = row["depot"], at_depot_ms
        self._visit(row["depart_ms"], lost)
        trip.abandoned = not trip.stops and not trip.spare
        trip.parked = (self.driven_ms, self.parked_ms)
        stood = trip.stops[-1]["unload_end_ms"] - self.parked_ms if trip.stops else 0
        driven_ms = 0 if stood >= self.problem.scenario.drive_rest_ms else self.driven_ms
        trip.crew = Crew(driven_ms, driven_ms)
        return trip

    def _visit(self, free_ms: int, lost: bool) -> None:
        """Go to the stops in turn."""
        trip = self.trip
        plan_free_ms = trip.row["depart_ms"]
        for stop in self.stops:
            loads = self.loads.get(int(stop["stop"]), [])
            begun = stop["unload_start_ms"] <= self.now_ms and free_ms <= plan_free_ms
            leave_ms = max(stop["leave_ms"], free_ms)
            gone, driven_ms = None, self.driven_ms
            if not lost or begun:
                path = self.edges.get(stop["path"], ())
                if trip.spare:
                    path = ()
                gone = self._leg(stop["site"], path, leave_ms, stop["arrive_ms"] + leave_ms - stop["leave_ms"])
            if gone is None or not loads:
                trip.spare.extend(loads)
                continue
            edges, leave_ms, arrive_ms = gone
            length_ms = stop["unload_end_ms"] - stop["unload_start_ms"]
            start_ms = stop["unload_start_ms"]
            if arrive_ms > start_ms:
                start_ms = self.timetable.unloading_from(stop["site"], arrive_ms, length_ms)
            end_ms = start_ms + length_ms
            if end_ms > self.problem.end_ms:
                self.driven_ms = driven_ms  # it does not set out
                trip.spare.extend(loads)
                continue
            kept = [part for part in loads if not expired_by(self.problem, trip.row["depot"], part[1], part[2], end_ms)]
            trip.expired.extend(part for part in loads if part not in kept)
            if not kept:
                self.driven_ms = driven_ms
                continue
            loads = kept
            plan_free_ms = stop["unload_end_ms"]
            free_ms = self._arrived(stop["site"], edges, leave_ms, arrive_ms, start_ms, length_ms, loads)
        if trip.here is None:
            self._stays(free_ms)

    def _arrived(
        self, site: str, edges: Edges, leave_ms: int, arrive_ms: int, start_ms: int, length_ms: int,
        loads: list[tuple[int, str, str, int]],
    ) -> int:  # fmt: skip
        """Note a stop; the time at which it is done."""
        trip = self.trip
        end_ms = start_ms + length_ms
        trip.stops.append({
            "trip": trip.row["trip"], "stop": len(trip.stops) + 1, "site": site, "edges": edges, "leave_ms": leave_ms,
            "arrive_ms": arrive_ms, "unload_start_ms": start_ms, "unload_end_ms": end_ms,
        })  # fmt: skip
        trip.lots.append(loads)
        together: dict[tuple[int, str], int] = {}
        for need, item, _, quantity in loads:
            together[need, item] = together.get((need, item), 0) + quantity
        trip.goods.append(self.problem.stop(site, tuple((n, i, q) for (n, i), q in together.items())))
        self.site, self.parked_ms = site, arrive_ms
        trip.here = None
        self._stays(end_ms)
        return end_ms

    def _stays(self, free_ms: int) -> None:
        """Note where the vehicle is once it is free."""
        self.trip.here = self._at_site(max(free_ms, self.now_ms))

    def _at_site(self, leave_ms: int) -> Here:
        i = self.roads.index[self.site]
        at_ms = leave_ms + int(self.roads.access_ms[i])
        rested = leave_ms - self.parked_ms >= self.problem.scenario.drive_rest_ms
        return Here(
            self.site, leave_ms, 0 if rested else self.driven_ms, np.empty(0, np.int64), int(self.roads.node[i]), at_ms
        )

    def _leg(self, to: str, path: Edges, leave_ms: int, arrive_ms: int) -> tuple[Edges, int, int] | None:
        """Way, departure and arrival of a leg planned over ``path`` with arrival at ``arrive_ms``; None if impossible.

        A leg that is done stays as it is; one not begun sets out when a held vehicle may.
        """
        network = self.roads.network
        edges = np.array([network.edge_index[edge] for edge in path], dtype=np.int64)
        whole = self._ends(edges, to)
        self._rest(leave_ms)
        if arrive_ms <= self.now_ms and whole:
            self._count(to, edges, leave_ms)
            return path, leave_ms, arrive_ms
        held = max(0, self.held_ms - max(self.now_ms, leave_ms)) if self.held_ms < NEVER else 0
        leave_ms += held
        self._rest(leave_ms)
        if whole:
            gone = drive(self.roads, self.vehicle_class, self.site, to, edges, leave_ms, self.driven_ms)
            if gone.arrive_ms == arrive_ms + held:
                self.driven_ms = gone.driven_ms
                return path, leave_ms, gone.arrive_ms
        known = self._here(edges, to, leave_ms, held) if whole else self._at_site(leave_ms)
        found = go_on(self.roads, self.vehicle_class, known, to)
        if found is None:
            if len(known.edges) and self.trip.here is None:
                self.trip.here = known
            return None
        self.driven_ms = found[2]
        return tuple(str(edge) for edge in network.edge_id[found[0]]), leave_ms, found[1]

    def _rest(self, leave_ms: int) -> None:
        """Standing as long as a rest is one."""
        if leave_ms - self.parked_ms >= self.problem.scenario.drive_rest_ms:
            self.driven_ms = 0

    def _ends(self, edges: NDArray[np.int64], to: str) -> bool:
        """Whether a way leads from where the vehicle stands to a site."""
        graph = self.roads.network.graph
        start, end = (int(self.roads.node[self.roads.index[site]]) for site in (self.site, to))
        if not len(edges):
            return self.site == to
        return int(graph.tail[edges[0]]) == start and int(graph.head[edges[-1]]) == end

    def _count(self, to: str, edges: NDArray[np.int64], leave_ms: int) -> None:
        gone = drive(self.roads, self.vehicle_class, self.site, to, edges, leave_ms, self.driven_ms)
        self.driven_ms = gone.driven_ms

    def _here(self, edges: NDArray[np.int64], to: str, leave_ms: int, held: int) -> Here:
        """Junction at which a leg under way can be led another way."""
        graph = self.roads.network.graph
        gone = drive(self.roads, self.vehicle_class, self.site, to, edges, leave_ms, self.driven_ms)
        k = int(np.searchsorted(np.where(gone.enter_ms < NEVER, gone.enter_ms, NEVER), self.now_ms + held, "right"))
        while k and gone.leave_ms[k - 1] >= NEVER:
            k -= 1
        if k == 0:
            return self._at_site(leave_ms)
        node, at_ms = int(graph.head[edges[k - 1]]), int(gone.leave_ms[k - 1])
        return Here(self.site, leave_ms, self.driven_ms, edges[:k], node, at_ms)


def go_on(roads: Travel, vehicle_class: str, here: Here, to: str) -> tuple[NDArray[np.int64], int, int] | None:
    """Whole way from where the leg began over what is driven already to a site, arrival, and driving since a rest."""
    j = roads.index[to]
    target = int(roads.node[j])
    if target < 0 or here.node < 0:
        return None
    edges = here.edges
    if here.node != target:
        at, on = quickest_way(roads.network.drivable, roads.timed[vehicle_class], here.node, target, here.at_ms)
        if at >= NEVER:
            return None
        edges = np.concatenate([edges, on.astype(np.int64)])
    gone = drive(roads, vehicle_class, here.site, to, edges, here.leave_ms, here.driven_ms)
    return None if gone.arrive_ms >= NEVER else (edges, gone.arrive_ms, gone.driven_ms)
