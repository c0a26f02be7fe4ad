"""One replication while it runs: the clock, the vehicles, the lines, the stock, what is still needed, the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, nan
from typing import Any

from dispatch.simulation.line import Booking, Line
from dispatch.simulation.night import Night, closure_at
from dispatch.simulation.playbook import PlannedStop, PlannedTrip, PlannedVehicle
from dispatch.simulation.recorder import Recorder
from dispatch.simulation.stage import Stage
from dispatch.simulation.store import Cargo, LotKey, PlannedIssue, Store
from models.traversal import NEVER

__all__ = ["Run", "Vehicle"]


@dataclass(slots=True)
class Vehicle:
    """A vehicle on the road or at a site.

    Attributes
    ----------
    site : int
        Site it stands at, -1 on the road; ``node`` is then the junction it was last at.
    driven_ms : int
        Driving since the last rest.
    stopped_ms : int
        Since when it stands.
    driven_m : float
        Driven since this was last written down.
    last : int
        Its last event.
    gave_up : int
        The event for which it last gave a way up, -1 if it never did.
    departed : bool
        Whether it has left the depot with its present load.
    heard_ms : int
        When its driver last had contact with headquarters; ``seen``: rows of the hazard that he has met himself.
    wheel_ms, fails_ms : int
        Driving in all, and the driving at which it fails next; ``failures`` so far.
    lost : bool
        Towed away.
    delay_ms : int
        How late it was against its plan when it last reported.
    tank_m : float
        What its tank still lasts.
    """

    vehicle: str
    vehicle_class: str
    slowness: int
    site: int
    node: int
    driven_ms: int = 0
    stopped_ms: int = 0
    driven_m: float = 0.0
    last: int = -1
    trip: str = ""
    gave_up: int = -1
    departed: bool = False
    radio: bool = False
    satellite: bool = False
    heard_ms: int = 0
    seen: set[int] = field(default_factory=set)
    wheel_ms: int = 0
    fails_ms: int = NEVER
    failures: int = 0
    lost: bool = False
    delay_ms: int = 0
    tank_m: float = inf
    aboard: list[Cargo] = field(default_factory=list)


class Run:
    """State of one replication, shared by its SimPy processes."""

    def __init__(self, env: Any, stage: Stage, night: Night) -> None:
        self.env = env
        self.stage = stage
        self.night = night
        self.recorder = Recorder(night.replication)
        self.site_names: list[str] = list(stage.site_index)
        self.store = Store(stage.lots, stage.issues, night.draws, stage.reliability)
        self.vehicles: list[Vehicle] = []
        self.closed_trips: set[str] = set()
        self.carried: list[Cargo] = []
        self.orders: dict[str, tuple[PlannedTrip, ...]] = {}
        self.desks: dict[str, Line] = {}
        self._ordered: Any = None
        self.asked: dict[str, int] = {}
        self.begun: set[str] = set()
        self.begun_ranks: set[int] = set()
        self.given_up: set[str] = set()
        self.loaded: dict[str, tuple[tuple[int, str, str, str, int], ...]] = {}
        self.given: dict[str, list[PlannedTrip]] = {}
        self.clearing: dict[str, list[int]] = {}
        self.awaited: dict[str, Any] = {}
        self.visited: dict[str, Any] = {}
        self.news: list[int] = []
        self.listeners: list[Any] = []
        self.cleared: dict[int, Any] = {}
        self.why: dict[str, int] = {}
        self.opened: dict[str, Any] = {}
        self.open_event: dict[str, int] = {}
        self.report_event: dict[str, int] = {}
        self.supply_event: dict[tuple[str, str, str], int] = {}
        late = night.late_ms
        self.docks: dict[str, Line] = {
            depot: Line(env, called.docks, _later(stage.dock_bookings.get(depot, ()), late))
            for depot, called in stage.called_depots.items()
        }
        self._unloading: dict[str, Line] = {}
        self.left: dict[str, int] = {need: row.quantity for need, row in stage.needs.items()}
        self.waiting_for: dict[str, set[str]] = {}
        for row in stage.needs.values():
            if row.first_batch:
                self.waiting_for.setdefault(row.place, set()).add(row.need)
        self._closures: dict[tuple[int, int], int] = {}
        self._reopened: dict[tuple[int, int], int] = {}

    def unloading(self, site: str) -> Line:
        """The unloading place of a site: one vehicle at a time."""
        line = self._unloading.get(site)
        if line is None:
            bookings = _later(self.stage.unload_bookings.get(site, ()), self.night.late_ms)
            line = self._unloading[site] = Line(self.env, 1, bookings)
        return line

    def log(
        self,
        vehicle: Vehicle,
        event: str,
        *,
        cause: int | None = None,
        place: str = "",
        edge: str = "",
        item: str = "",
        lot: str = "",
        quantity: float = nan,
        detail: str = "",
        path: str = "",
        origin: str = "",
        destination: str = "",
        medium: str = "",
        milestone: str = "",
    ) -> int:
        """Write down what a vehicle does, caused by its last event unless told otherwise."""
        vehicle.last = self.recorder.record(
            self.env.now, event, vehicle.vehicle, "vehicle", vehicle.last if cause is None else cause, place=place,
            edge=edge, item=item, lot=lot, quantity=quantity, detail=detail, trip=vehicle.trip, path=path,
            origin=origin, destination=destination, medium=medium, milestone=milestone,
        )  # fmt: skip
        return vehicle.last

    def learn(self, event: int) -> None:
        """Headquarters have news: ``event`` is written down already; who listens is told."""
        self.news.append(event)
        listeners, self.listeners = self.listeners, []
        for listener in listeners:
            listener.succeed(event)

    def record_report(self, report: str, at_ms: int, medium: str = "") -> None:
        """Write a demand report down."""
        of = self.stage.report_of[report]
        self.report_event[report] = self.recorder.record(
            at_ms, "demand_reported", of.place, "place", place=of.place, quantity=of.people, detail=report,
            destination=of.site, medium=medium, milestone=f"report {report}",
        )  # fmt: skip

    def position(self, vehicle: Vehicle) -> tuple[float, float]:
        """Longitude and latitude of a vehicle: its site's, or the last junction's."""
        stage = self.stage
        if vehicle.site >= 0:
            return stage.site_point[vehicle.site]
        network = stage.scenario.network
        return float(network.node_lon[vehicle.node]), float(network.node_lat[vehicle.node])

    def place_position(self, place: str, site: str) -> tuple[float, float]:
        """Longitude and latitude of a place, or of its delivery point if the place has none."""
        media = self.stage.media
        k = media.index.get(place)
        if k is not None:
            return float(media.lon[k]), float(media.lat[k])
        return self.stage.site_point[self.stage.site_index[site]]

    def take_km(self, vehicle: Vehicle) -> float:
        """Kilometres driven since the last call."""
        km = round(vehicle.driven_m / 1000.0, 6)
        vehicle.driven_m = 0.0
        return km

    def edge_name(self, edge: int) -> str:
        """Stable id of an edge."""
        return str(self.stage.scenario.network.edge_id[edge])

    def closure_event(self, vehicle_class: str, edge: int, at_ms: int, otherwise: int) -> int:
        """The event of the closure in which an edge is, or at whose start it is; ``otherwise`` if it is open."""
        roads = self.night.timed(vehicle_class)
        start = closure_at(roads, edge, at_ms)
        if start is None:
            return otherwise
        return self.record_closure(vehicle_class, edge, start)

    def record_closure(self, vehicle_class: str, edge: int, start_ms: int) -> int:
        """Write the closure of an edge down, once, with its reopening; return its event."""
        known = self._closures.get((edge, start_ms))
        if known is not None:
            return known
        roads = self.night.timed(vehicle_class)
        end = NEVER
        for k in range(int(roads.first[edge]), int(roads.first[edge + 1])):
            if roads.start_ms[k] == start_ms:
                end = int(roads.end_ms[k])
        return self.record_hazard(edge, start_ms, end)

    def record_hazard(self, edge: int, start_ms: int, end: int) -> int:
        """Write a closure from ``start_ms`` to ``end`` down, once; return its event.

        Its reopening is written down too, unless a team may yet end it.
        """
        stage = self.stage
        key = (edge, start_ms)
        known = self._closures.get(key)
        if known is not None:
            return known
        name, hazard = self.edge_name(edge), stage.hazard_of(edge)
        event = self.recorder.record(max(start_ms, stage.begin_ms), "edge_closed", hazard, "hazard", edge=name)
        self._closures[key] = event
        if end <= self.night.last_ms and "clearing" not in stage.scenario.response:
            self._reopened[key] = self.recorder.record(end, "edge_reopened", hazard, "hazard", event, edge=name)
        return event

    def note_reopened(self, edge: int, start_ms: int, event: int) -> None:
        """A team has ended a closure."""
        self._reopened[edge, start_ms] = event

    def reopen_event(self, edge: int, otherwise: int) -> int:
        """The event of an edge's reopening at this instant; ``otherwise`` if there is none."""
        for (reopened, _), event in self._reopened.items():
            if reopened == edge and self.recorder.times_ms[event] == self.env.now:
                return event
        return otherwise

    def meet_closure(self, vehicle: Vehicle, edge: int, closing_ms: int | None, detail: str) -> int:
        """A driver stands before an edge that is closed, or will close (at ``closing_ms``) before he is through."""
        if closing_ms is not None:
            self.record_closure(vehicle.vehicle_class, edge, closing_ms)
            return self.log(vehicle, "closure_met", edge=self.edge_name(edge), detail=detail)
        cause = self.closure_event(vehicle.vehicle_class, edge, self.env.now, vehicle.last)
        return self.log(vehicle, "closure_met", cause=cause, edge=self.edge_name(edge), detail=detail)

    def next_trip(self, vehicle: str) -> PlannedTrip | None:
        """The vehicle's first trip that has not begun."""
        return next((trip for trip in self.orders.get(vehicle, ()) if trip.trip not in self.begun), None)

    def begin(self, vehicle: Vehicle, trip: PlannedTrip) -> None:
        """A vehicle begins a trip: no new order calls it back."""
        self.begun.add(trip.trip)
        self.begun_ranks.update((trip.rank, *(stop.rank for stop in trip.stops)))
        self.given.setdefault(vehicle.vehicle, []).append(trip)
        vehicle.trip = trip.trip

    def trips_of(self, vehicle: str) -> list[PlannedTrip]:
        """Trips that a vehicle has begun, and those it still has orders for."""
        return [*self.given.get(vehicle, ()), *(t for t in self.orders.get(vehicle, ()) if t.trip not in self.begun)]

    def unbegun(self) -> bool:
        """Whether there are orders that nobody has begun to carry out."""
        return any(trip.trip not in self.begun for trips in self.orders.values() for trip in trips)

    def busy(self) -> bool:
        """Whether anything is still needed."""
        return any(left > 0 for left in self.left.values())

    def add_vehicle(self, vehicle: str, vehicle_class: str, base: str) -> Vehicle:
        """Put a vehicle at its base."""
        site = self.stage.site_index[base]
        slowness = self.night.draws.slowness(vehicle)
        made = Vehicle(vehicle, vehicle_class, slowness, site, self.stage.site_node[site])
        self.vehicles.append(made)
        return made

    def take_orders(
        self,
        vehicles: Sequence[PlannedVehicle],
        issues: Mapping[LotKey, tuple[PlannedIssue, ...]],
        docks: Mapping[str, tuple[Booking, ...]],
        unloading: Mapping[str, tuple[Booking, ...]],
    ) -> None:
        """A new plan is in force for all that has not begun."""
        self.orders = {vehicle.vehicle: vehicle.trips for vehicle in vehicles}
        self.store.rebook(issues, self.begun_ranks)
        for depot, line in self.docks.items():
            line.rebook(docks.get(depot, ()), self.begun_ranks)
        for site in {*self._unloading, *unloading}:
            self.unloading(site).rebook(unloading.get(site, ()), self.begun_ranks)

    def new_orders(self) -> Any:
        """Event of the next orders that headquarters give."""
        if self._ordered is None or self._ordered.triggered:
            self._ordered = self.env.event()
        return self._ordered

    def ordered(self) -> None:
        """Headquarters have given new orders."""
        if self._ordered is not None and not self._ordered.triggered:
            self._ordered.succeed()

    def note_delay(self, vehicle: Vehicle, planned_ms: int) -> None:
        """A vehicle reports how it stands against its plan."""
        vehicle.delay_ms = max(self.env.now - planned_ms, 0)

    def blame(self, stop: PlannedStop, event: int) -> None:
        """What a stop was to bring is not brought because of this event."""
        self.why.update((row.need, event) for row in stop.loads)

    def hand_over(self, vehicle: str, trip: str, part: Cargo, site: str, cause: int, kind: str = "vehicle") -> None:
        """Write a delivery by a vehicle (or an aircraft, by ``kind``) down, and what it completes."""
        record, now = self.recorder.record, self.env.now
        event = record(
            now, "delivered", vehicle, kind, cause, place=part.place, item=part.item, lot=part.lot,
            quantity=float(part.quantity), detail=part.need, trip=trip, destination=site,
        )  # fmt: skip
        was = self.left.get(part.need, 0)
        self.left[part.need] = was - part.quantity
        if was <= 0 or self.left[part.need] > 0:
            return
        need = self.stage.needs[part.need]
        complete = record(
            now, "need_complete", vehicle, kind, event, place=need.place, item=need.item,
            quantity=float(need.quantity), detail=need.need, trip=trip, milestone=f"need {need.need} complete",
        )  # fmt: skip
        open_needs = self.waiting_for.get(need.place, set())
        if need.need in open_needs:
            open_needs.discard(need.need)
            if not open_needs:
                record(now, "first_batch_complete", vehicle, kind, complete, place=need.place,
                       trip=trip, milestone=f"place {need.place} first batch")  # fmt: skip


def _later(bookings: Iterable[Booking], late_ms: int) -> Iterable[Booking]:
    """Bookings of a plan whose order comes later (or sooner) than planned."""
    if not late_ms:
        return bookings
    return tuple(Booking(booking.start_ms + late_ms, booking.rank, booking.server) for booking in bookings)
