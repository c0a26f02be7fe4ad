"""From trip orders to exact times: one serial schedule for vehicles, docks, stock, roads and unloading places.

Trips are timed one after the other in the order given (serial schedule generation, Kolisch 1996): each takes the
earliest loading for which its vehicle has arrived, its depot is open, its needs are reported, its goods are released
and a dock is free, also in a gap between trips timed before; what was timed before never moves. A vehicle sets out as
soon as it can. Standing at a depot or stop for at least the length of a rest counts as one: store staff and villagers
do the carrying.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dispatch.planning.legs import RESTED, Crew
from dispatch.planning.problem import ReliefProblem, Stop, TripOrder
from dispatch.planning.stock_book import StockBook
from models.traversal import NEVER

__all__ = ["Decoded", "Dropped", "TimedStop", "TimedTrip", "Timetable", "decode"]


@dataclass(frozen=True)
class TimedStop:
    """A stop with its times; ``lots``: of each load (lot, quantity) where lots had to be chosen at once, else empty."""

    goods: Stop
    leave_ms: int
    arrive_ms: int
    unload_start_ms: int
    unload_end_ms: int
    lots: tuple[tuple[tuple[str, int], ...], ...] = ()

    @property
    def site(self) -> str:
        """Where it is."""
        return self.goods.site


@dataclass(frozen=True)
class TimedTrip:
    """A trip with its times; ``crew``: driving since the last rest when the last stop is done."""

    vehicle: str
    depot: str
    dock: int
    start_site: str
    start_ms: int
    at_depot_ms: int
    load_start_ms: int
    load_end_ms: int
    depart_ms: int
    stops: tuple[TimedStop, ...]
    crew: Crew

    @property
    def end_ms(self) -> int:
        """When the last stop is done."""
        return self.stops[-1].unload_end_ms


@dataclass(frozen=True)
class Dropped:
    """Goods that a trip could not carry: no lot (``stock``), no open way (``road``), or the horizon (``time``)."""

    need: int
    item: str
    quantity: int
    cause: str


class Timetable:
    """Vehicles, docks, unloading places and lots with what is booked so far."""

    def __init__(self, problem: ReliefProblem) -> None:
        self.problem = problem
        self.trips: list[TimedTrip] = []
        self.stock = StockBook(problem.lots, problem.counted)
        self._docks: dict[str, list[list[tuple[int, int]]]] = {
            depot.depot: [[] for _ in range(depot.docks)] for depot in problem.depots.values()
        }
        self._places: dict[str, list[list[tuple[int, int]]]] = {}
        self._vehicles: dict[str, tuple[str, int, Crew]] = {}

    def copy(self) -> Timetable:
        """Return an independent copy."""
        other = Timetable.__new__(Timetable)
        other.problem = self.problem
        other.trips = list(self.trips)
        other.stock = self.stock.copy()
        other._docks = {depot: [list(booked) for booked in docks] for depot, docks in self._docks.items()}
        other._places = {site: [list(booked) for booked in places] for site, places in self._places.items()}
        other._vehicles = dict(self._vehicles)
        return other

    def position(self, vehicle: str) -> tuple[str, int]:
        """Where a vehicle stands after its booked trips, and from when on."""
        site, time, _ = self._stands(vehicle)
        return site, time

    def booked(self) -> tuple[list[tuple[str, int, int, int]], list[tuple[str, int, int]]]:
        """Booked stretches: (depot, dock from 0, start, end), and (site, start, end) of unloading."""
        docks = [(d, k, *times) for d, of in self._docks.items() for k, calendar in enumerate(of) for times in calendar]
        places = [(site, *times) for site, of in self._places.items() for calendar in of for times in calendar]
        return docks, places

    def hold(self, vehicle: str, until_ms: int) -> None:
        """Let a vehicle not set out before ``until_ms``; standing for the length of a rest counts as one."""
        site, free_ms, crew = self._stands(vehicle)
        if until_ms > free_ms:
            arrived = (trip.stops[-1].arrive_ms for trip in reversed(self.trips) if trip.vehicle == vehicle)
            self._vehicles[vehicle] = (site, until_ms, self._stood(crew, next(arrived, free_ms), until_ms))

    def dock_from(self, depot: str, from_ms: int, duration_ms: int) -> tuple[int, int]:
        """Earliest start of a free stretch at a dock of a depot, and the dock (1, 2 …)."""
        start_ms, dock = _gap(self._docks[depot], from_ms, duration_ms)
        return start_ms, dock + 1

    def unloading_from(self, site: str, from_ms: int, duration_ms: int) -> int:
        """Earliest start of a free stretch at an unloading place of a site."""
        return _gap(self._unloading(site), from_ms, duration_ms)[0]

    def _stands(self, vehicle: str) -> tuple[str, int, Crew]:
        known = self._vehicles.get(vehicle)
        if known is None:
            of = self.problem.vehicles[vehicle]
            known = (of.base, of.ready_ms, RESTED)
        return known

    def trial(self, order: TripOrder) -> tuple[TimedTrip | None, list[Dropped]]:
        """Time a trip without booking it.

        Returns
        -------
        trip : TimedTrip or None
            None if nothing of the order can be carried out.
        dropped : list of Dropped
            What had to be left out.
        """
        stops = order.stops
        dropped: list[Dropped] = []
        while stops:
            try:
                return self._time(order, stops), dropped
            except _Cut as cut:
                stops = cut.stops
                dropped.extend(cut.dropped)
        return None, dropped

    def book(self, trip: TimedTrip) -> None:
        """Book the vehicle, dock, unloading places and stock of a trip timed on this timetable as it stands."""
        self.trips.append(trip)
        if trip.load_end_ms > trip.load_start_ms:
            insort(self._docks[trip.depot][trip.dock - 1], (trip.load_start_ms, trip.load_end_ms))
        for stop in trip.stops:
            if stop.unload_end_ms > stop.unload_start_ms:
                places = self._unloading(stop.site)
                _, place = _gap(places, stop.unload_start_ms, stop.unload_end_ms - stop.unload_start_ms)
                insort(places[place], (stop.unload_start_ms, stop.unload_end_ms))
            for item, quantity in stop.goods.items:
                if self.stock.is_counted(trip.depot, item):
                    self.stock.count(trip.depot, item, quantity)
            for (_, item, _), lots in zip(stop.goods.loads, stop.lots, strict=bool(stop.lots)):
                for lot, quantity in lots:
                    self.stock.reserve(trip.depot, item, lot, quantity, trip.load_start_ms)
        last = trip.stops[-1]
        self._vehicles[trip.vehicle] = (last.site, last.unload_end_ms, trip.crew)

    def _unloading(self, site: str) -> list[list[tuple[int, int]]]:
        places = self._places.get(site)
        if places is None:
            places = self._places[site] = [[] for _ in range(self.problem.unload_places)]
        return places

    def _time(self, order: TripOrder, stops: tuple[Stop, ...]) -> TimedTrip:
        """Time these stops of a trip; raises ``_Cut`` where some of it is impossible."""
        problem = self.problem
        vehicle = problem.vehicles[order.vehicle]
        site, free_ms, crew = self._stands(order.vehicle)
        total: dict[str, int] = dict(stops[0].items)
        for stop in stops[1:]:
            for item, quantity in stop.items:
                total[item] = total.get(item, 0) + quantity
        weight_kg, volume_m3 = problem.size(total)
        if not problem.fits(vehicle, weight_kg, volume_m3):
            raise _without(stops, range(len(stops)), "vehicle")
        at_depot_ms, crew = problem.legs.drive(vehicle.vehicle_class, site, order.depot, free_ms, crew)
        if at_depot_ms >= NEVER:
            raise _without(stops, range(len(stops)), "road")
        opened_ms = max(at_depot_ms, problem.depots[order.depot].open_ms)
        ready_ms = self._goods_ready(order.depot, stops, total, opened_ms)
        loading_ms = problem.loading_time_ms(weight_kg, volume_m3)
        load_start_ms, dock = _gap(self._docks[order.depot], ready_ms, loading_ms)
        load_end_ms = load_start_ms + loading_ms
        depart_ms = load_end_ms + problem.convoy_ms
        crew = self._stood(crew, at_depot_ms, depart_ms)
        visits, crew = self._visit(vehicle.vehicle_class, order.depot, stops, depart_ms, crew)
        return TimedTrip(order.vehicle, order.depot, dock + 1, site, free_ms, at_depot_ms, load_start_ms, load_end_ms,
                         depart_ms, self._with_lots(order.depot, visits, load_start_ms), crew)  # fmt: skip

    def _goods_ready(self, depot: str, stops: tuple[Stop, ...], total: Mapping[str, int], from_ms: int) -> int:
        """Earliest time at which all goods (``total`` by item) are reported as needed and released."""
        from_ms = max(from_ms, *(stop.release_ms for stop in stops))
        if from_ms > self.problem.end_ms:
            raise _without(stops, range(len(stops)), "time")
        ready_ms = from_ms
        for item, quantity in total.items():
            left = self.stock.left(depot, item)
            if left < quantity:
                raise _less(self.problem, stops, item, quantity - left)
            ready_ms = max(ready_ms, self.stock.ready_ms(depot, item, quantity, from_ms))
        if ready_ms > self.problem.end_ms:
            raise _without(stops, range(len(stops)), "stock")
        return ready_ms

    def _stood(self, crew: Crew, arrive_ms: int, leave_ms: int) -> Crew:
        """The crew after standing still."""
        return RESTED if leave_ms - arrive_ms >= self.problem.scenario.drive_rest_ms else crew

    def _visit(
        self, vehicle_class: str, depot: str, stops: tuple[Stop, ...], depart_ms: int, crew: Crew
    ) -> tuple[list[TimedStop], Crew]:
        """Drive to the stops in turn and unload, with no lots chosen yet."""
        problem = self.problem
        visits: list[TimedStop] = []
        at, now_ms = depot, depart_ms
        for k, stop in enumerate(stops):
            arrive_ms, crew = problem.legs.drive(vehicle_class, at, stop.site, now_ms, crew)
            if arrive_ms >= NEVER:
                raise _without(stops, [k], "road")
            duration_ms = problem.unloading_time_ms(stop.weight_kg, stop.volume_m3)
            start_ms, _ = _gap(self._unloading(stop.site), arrive_ms, duration_ms)
            end_ms = start_ms + duration_ms
            if end_ms > problem.end_ms:
                raise _without(stops, range(k, len(stops)), "time")
            visits.append(TimedStop(stop, now_ms, arrive_ms, start_ms, end_ms))
            crew = self._stood(crew, arrive_ms, end_ms)
            at, now_ms = stop.site, end_ms
        return visits, crew

    def _with_lots(self, depot: str, visits: list[TimedStop], load_start_ms: int) -> tuple[TimedStop, ...]:
        """Choose the lots of what does not only need counting; they must be valid when they are unloaded."""
        counted = self.stock.is_counted
        if all(counted(depot, item) for visit in visits for item, _ in visit.goods.items):
            return tuple(visits)
        wanted = [
            (item, 0 if counted(depot, item) else quantity, visit.unload_end_ms)
            for visit in visits
            for _, item, quantity in visit.goods.loads
        ]
        lots, missing = self.stock.choose(depot, wanted, load_start_ms)
        if any(missing):
            raise _missing(self.problem, tuple(visit.goods for visit in visits), missing)
        found = iter(lots)
        return tuple(replace(visit, lots=tuple(next(found) for _ in visit.goods.loads)) for visit in visits)


class _Cut(Exception):  # noqa: N818 - not an error: what remains of a trip after the impossible is left out
    def __init__(self, stops: tuple[Stop, ...], dropped: list[Dropped]) -> None:
        self.stops = stops
        self.dropped = dropped
        super().__init__()


def _without(stops: tuple[Stop, ...], left_out: Iterable[int], cause: str) -> _Cut:
    """Leave out whole stops."""
    gone = set(left_out)
    dropped = [Dropped(need, item, quantity, cause) for k in gone for need, item, quantity in stops[k].loads]
    return _Cut(tuple(stop for k, stop in enumerate(stops) if k not in gone), dropped)


def _missing(problem: ReliefProblem, stops: tuple[Stop, ...], missing: Sequence[int]) -> _Cut:
    """Leave out units that no lot holds; ``missing`` by load, in the order of the stops."""
    dropped: list[Dropped] = []
    kept: list[Stop] = []
    lack = iter(missing)
    for stop in stops:
        loads = []
        for need, item, quantity in stop.loads:
            short = next(lack)
            if short:
                dropped.append(Dropped(need, item, short, "stock"))
            if quantity > short:
                loads.append((need, item, quantity - short))
        if loads:
            kept.append(problem.stop(stop.site, tuple(loads)))
    return _Cut(tuple(kept), dropped)


def _less(problem: ReliefProblem, stops: tuple[Stop, ...], item: str, units: int) -> _Cut:
    """Leave out so many units of an item, from the last stop backwards."""
    missing: list[int] = []
    for stop in reversed(stops):
        for _, loaded, quantity in reversed(stop.loads):
            short = min(units, quantity) if loaded == item else 0
            units -= short
            missing.append(short)
    return _missing(problem, stops, missing[::-1])


def _gap(calendars: Sequence[Sequence[tuple[int, int]]], from_ms: int, duration_ms: int) -> tuple[int, int]:
    """Earliest start of a free stretch, and in which of several calendars (the first of equals)."""
    best = (NEVER, 0)
    for k, booked in enumerate(calendars):
        start = from_ms
        for begin, end in booked:
            if end <= start:
                continue
            if begin >= start + duration_ms:
                break
            start = end
        if start < best[0]:
            best = (start, k)
            if start == from_ms:
                break
    return best


@dataclass(frozen=True, eq=False)
class Decoded:
    """Trip orders as timed: each order's trip (None if nothing of it could be done) and what was left out."""

    timetable: Timetable
    trips: tuple[TimedTrip | None, ...]
    dropped: list[Dropped]


def decode(problem: ReliefProblem, orders: Iterable[TripOrder], after: Timetable | None = None) -> Decoded:
    """Time trip orders one after the other, on top of a timetable if one is given (which stays as it is)."""
    timetable = Timetable(problem) if after is None else after.copy()
    trips: list[TimedTrip | None] = []
    dropped: list[Dropped] = []
    for order in orders:
        trip, lost = timetable.trial(order)
        dropped.extend(lost)
        trips.append(trip)
        if trip is not None:
            timetable.book(trip)
    return Decoded(timetable, tuple(trips), dropped)
