"""What each vehicle does from minute to minute: the phases behind the moving map, the Gantt chart and the six hours.

A phase is read off the plan's tables; a drive is played again over the roads the plan counted on
(:func:`dispatch.roads.travel.drive`), which gives the instant at every junction, the waits and the rests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.plan import Plan
from dispatch.roads.travel import NEVER, Drive, Travel, drive
from dispatch.scenario import Scenario, travel

__all__ = ["ACTIVITIES", "Phase", "VehiclePhases", "pieces", "plan_phases"]

ACTIVITIES: tuple[str, ...] = (
    "prepare", "drive_empty", "wait_dock", "loading", "papers", "drive_loaded", "wait_road", "rest", "wait_site",
    "unloading", "drive_back", "boarding", "carry_people", "get_off", "walk", "work", "fly",
)  # fmt: skip
"""In the order in which a trip does them, then what other movers do (``movers``); the colours are in ``palette.ROLE``,
the names in the catalogue."""

_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Phase:
    """One thing a vehicle does.

    Attributes
    ----------
    vehicle, trip, activity : str
        Activity as in ``ACTIVITIES``.
    start_ms, end_ms : int
    site : str
        Where it stands, or where it drives from; "" on the road.
    to_site : str
        Where it drives to; "" if it stands, or if it never comes there.
    path : str
        Path of the plan that it drives, "" if none.
    edges : int64 array (k,)
        Edges of the drive, positions in the network.
    enter_ms, leave_ms : int64 arrays (k,)
        When each is entered and left.
    pauses : tuple of (activity, start_ms, end_ms)
        ``rest`` and ``wait_road`` within the drive.
    """

    vehicle: str
    trip: str
    activity: str
    start_ms: int
    end_ms: int
    site: str
    to_site: str = ""
    path: str = ""
    edges: NDArray[np.int64] = field(default_factory=lambda: _NONE)
    enter_ms: NDArray[np.int64] = field(default_factory=lambda: _NONE)
    leave_ms: NDArray[np.int64] = field(default_factory=lambda: _NONE)
    pauses: tuple[tuple[str, int, int], ...] = ()

    @property
    def moves(self) -> bool:
        """Whether it is a drive whose way is known."""
        return len(self.edges) > 0 or (self.path != "" and self.to_site != "")


def pieces(phase: Phase) -> Iterator[tuple[str, int, int]]:
    """The phase cut at its pauses: (activity, start, end), ms, without gaps or overlaps."""
    now = phase.start_ms
    for activity, start, end in phase.pauses:
        if start > now:
            yield phase.activity, now, start
        yield activity, start, end
        now = end
    if phase.end_ms > now:
        yield phase.activity, now, phase.end_ms


def plan_phases(plan: Plan, scenario: Scenario) -> list[Phase]:
    """Every vehicle's phases by plan, in the order of vehicle and time; phases of no length are left out."""
    roads = travel(scenario, scenario.disruption.forecast())
    class_of = dict(zip(*(scenario.county.table("vehicles")[name] for name in ("vehicle", "class")), strict=True))
    edges_of = {
        row["path"]: np.array([scenario.network.edge_index[edge] for edge in row["edges"]], dtype=np.int64)
        for row in plan.paths.to_dict("records")
    }
    stops_of = {trip: group.sort_values("stop").to_dict("records") for trip, group in plan.stops.groupby("trip")}
    phases: list[Phase] = []
    for vehicle, trips in plan.trips.sort_values(["vehicle", "sequence"]).groupby("vehicle", sort=False):
        driver = VehiclePhases(roads, str(vehicle), class_of.get(vehicle, ""), edges_of)
        for trip in trips.to_dict("records"):
            phases += driver.trip(trip, stops_of.get(trip["trip"], []), scenario.order_ms)
    return phases


class VehiclePhases:
    """One vehicle's driving, with the driving time since its last rest."""

    def __init__(self, roads: Travel, vehicle: str, vehicle_class: str, edges_of: dict[str, NDArray[np.int64]]) -> None:
        self.roads = roads
        self.vehicle = vehicle
        self.vehicle_class = vehicle_class
        self.edges_of = edges_of
        self.driven_ms = 0
        self.stood_since_ms: int | None = None

    def trip(self, trip: dict[str, Any], stops: list[dict[str, Any]], order_ms: int) -> list[Phase]:
        """Phases of one trip."""
        name, depot = trip["trip"], trip["depot"]
        found: list[Phase] = []

        def stand(activity: str, start_ms: int, end_ms: int, site: str) -> None:
            if end_ms > start_ms:
                found.append(Phase(self.vehicle, name, activity, int(start_ms), int(end_ms), site))

        def go(activity: str, start_ms: int, end_ms: int, site: str, to_site: str, path: str) -> None:
            if end_ms > start_ms:
                found.append(self.drive(name, activity, int(start_ms), int(end_ms), site, to_site, path))

        if trip["sequence"] == 1:
            stand("prepare", min(order_ms, trip["start_ms"]), trip["start_ms"], trip["start_site"])
        go("drive_empty", trip["start_ms"], trip["at_depot_ms"], trip["start_site"], depot, trip["to_depot_path"])
        stand("wait_dock", trip["at_depot_ms"], trip["load_start_ms"], depot)
        stand("loading", trip["load_start_ms"], trip["load_end_ms"], depot)
        stand("papers", trip["load_end_ms"], trip["depart_ms"], depot)
        here, free_ms = depot, trip["depart_ms"]
        for stop in stops:
            stand("rest", free_ms, stop["leave_ms"], here)
            go("drive_loaded", stop["leave_ms"], stop["arrive_ms"], here, stop["site"], stop["path"])
            here, free_ms = stop["site"], stop["unload_end_ms"]
            stand("wait_site", stop["arrive_ms"], stop["unload_start_ms"], here)
            stand("unloading", stop["unload_start_ms"], free_ms, here)
        if trip["return_site"]:
            go("drive_back", free_ms, trip["return_ms"], here, trip["return_site"], trip["return_path"])
        return found

    def drive(self, trip: str, activity: str, start_ms: int, end_ms: int, site: str, to_site: str, path: str) -> Phase:
        """Play a drive; where its times are not those of the plan (a plan edited by hand), stretch it to fit."""
        edges = self.edges_of.get(path, _NONE)
        rest_ms = self.roads.drive_rest_ms
        if self.stood_since_ms is None or start_ms - self.stood_since_ms >= rest_ms:
            self.driven_ms = 0
        try:
            driven = drive(self.roads, self.vehicle_class, site, to_site, edges, start_ms, self.driven_ms)
        except (KeyError, ValueError):  # the way does not lead there, or the class is not known: check() says so
            return Phase(self.vehicle, trip, activity, start_ms, end_ms, site, to_site)
        self.driven_ms = driven.driven_ms if driven.arrive_ms < NEVER else 0
        self.stood_since_ms = end_ms
        ready_ms = start_ms + int(self.roads.access_ms[self.roads.index[site]])
        enter, leave, pauses = _fitted(driven, ready_ms, end_ms, rest_ms)
        return Phase(self.vehicle, trip, activity, start_ms, end_ms, site, to_site, path, edges, enter, leave, pauses)


def _fitted(
    driven: Drive, ready_ms: int, end_ms: int, rest_ms: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[tuple[str, int, int], ...]]:
    """Times at the junctions and the pauses of a drive that ends at ``end_ms``."""
    enter, leave = driven.enter_ms, driven.leave_ms
    if driven.arrive_ms != end_ms:
        steps = np.linspace(min(ready_ms, end_ms), end_ms, len(enter) + 1).astype(np.int64)
        return steps[:-1], steps[1:], ()
    pauses: list[tuple[str, int, int]] = []
    rests = dict(driven.rests)
    for k in range(len(enter)):
        before = int(leave[k - 1]) if k else ready_ms
        if k in rests:
            pauses.append(("rest", rests[k], rests[k] + rest_ms))
            before = rests[k] + rest_ms
        if enter[k] > before:
            pauses.append(("wait_road", before, int(enter[k])))
    return enter, leave, tuple(pauses)
