"""One replication while it runs: the clock, the vehicles, the lines, the stock, what is still needed, the record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import nan
from typing import Any

from dispatch.simulation.line import Booking, Line
from dispatch.simulation.night import Night, closure_at
from dispatch.simulation.recorder import Recorder
from dispatch.simulation.stage import Stage
from dispatch.simulation.store import Cargo, Store
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
        self.opened: dict[str, Any] = {}
        self.open_event: dict[str, int] = {}
        self.report_event: dict[str, int] = {}
        self.supply_event: dict[tuple[str, str, str], int] = {}
        self.docks: dict[str, Line] = {
            depot: Line(env, called.docks, stage.dock_bookings.get(depot, ()))
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
            bookings: Iterable[Booking] = self.stage.unload_bookings.get(site, ())
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
        milestone: str = "",
    ) -> int:
        """Write down what a vehicle does, caused by its last event unless told otherwise."""
        vehicle.last = self.recorder.record(
            self.env.now, event, vehicle.vehicle, "vehicle", vehicle.last if cause is None else cause, place=place,
            edge=edge, item=item, lot=lot, quantity=quantity, detail=detail, trip=vehicle.trip, path=path,
            origin=origin, destination=destination, milestone=milestone,
        )  # fmt: skip
        return vehicle.last

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
        key = (edge, start_ms)
        known = self._closures.get(key)
        if known is not None:
            return known
        stage = self.stage
        roads = self.night.timed(vehicle_class)
        end = NEVER
        for k in range(int(roads.first[edge]), int(roads.first[edge + 1])):
            if roads.start_ms[k] == start_ms:
                end = int(roads.end_ms[k])
        name, hazard = self.edge_name(edge), stage.hazard_of(edge)
        event = self.recorder.record(max(start_ms, stage.begin_ms), "edge_closed", hazard, "hazard", edge=name)
        self._closures[key] = event
        if end <= stage.scenario.end_ms:
            self._reopened[key] = self.recorder.record(end, "edge_reopened", hazard, "hazard", event, edge=name)
        return event

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

    def hand_over(self, vehicle: Vehicle, part: Cargo, site: str, cause: int) -> None:
        """Write a delivery down, and what it completes."""
        record, now = self.recorder.record, self.env.now
        event = record(
            now, "delivered", vehicle.vehicle, "vehicle", cause, place=part.place, item=part.item, lot=part.lot,
            quantity=float(part.quantity), detail=part.need, trip=vehicle.trip, destination=site,
        )  # fmt: skip
        was = self.left.get(part.need, 0)
        self.left[part.need] = was - part.quantity
        if was <= 0 or self.left[part.need] > 0:
            return
        need = self.stage.needs[part.need]
        complete = record(
            now, "need_complete", vehicle.vehicle, "vehicle", event, place=need.place, item=need.item,
            quantity=float(need.quantity), detail=need.need, trip=vehicle.trip, milestone=f"need {need.need} complete",
        )  # fmt: skip
        open_needs = self.waiting_for.get(need.place, set())
        if need.need in open_needs:
            open_needs.discard(need.need)
            if not open_needs:
                record(now, "first_batch_complete", vehicle.vehicle, "vehicle", complete, place=need.place,
                       trip=vehicle.trip, milestone=f"place {need.place} first batch")  # fmt: skip
