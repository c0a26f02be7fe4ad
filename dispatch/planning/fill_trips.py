"""Trips that a person typed into a plan: the way, the times, the dock and the number in the day's row filled in.

What stands in the sheet is kept as the earliest that is wanted; what is left open is taken as the planner takes it:
the way of the earliest arrival of the vehicle's class at that departure, the first free stretch of a dock and of an
unloading place, the planning values of loading and unloading. Trips that are whole are never moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from dispatch.planning.assemble import typed
from dispatch.planning.check_tables import CENTURY_MS
from dispatch.planning.check_vehicles import mobilised_ms
from dispatch.planning.plan import STOP_COLUMNS, TRIP_COLUMNS, Plan
from dispatch.planning.plan_rows import OPEN
from dispatch.planning.problem import ReliefProblem, read_problem
from dispatch.planning.stated_ways import Stand, Ways
from dispatch.planning.supply import Lot
from dispatch.planning.violation import Violation
from dispatch.scenario import Scenario
from dispatch.teams.cleared import with_cleared_roads
from models.traversal import NEVER

__all__ = ["Filled", "fill_trips", "open_trips"]

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Filled:
    """A plan with its open trips filled in.

    Attributes
    ----------
    plan : Plan
        Without those trips that could not be filled in.
    trips : tuple of str
        Those filled in.
    impossible : list of Violation
        Why others could not be.
    """

    plan: Plan
    trips: tuple[str, ...]
    impossible: list[Violation]


def open_trips(plan: Plan) -> tuple[str, ...]:
    """Trips with an empty cell that follows from the others: a time, the dock, the number, the start, or a way."""
    stops = _stops(plan.stops.to_dict("records"))
    rows = plan.trips.to_dict("records")
    return tuple(dict.fromkeys(row["trip"] for row in rows if _is_open(row, stops.get(row["trip"], []))))


def _is_open(row: Row, stops: list[Row]) -> bool:
    if not row["start_site"] or OPEN in row.values() or any(OPEN in stop.values() for stop in stops):
        return True
    at, ways = row["depot"], [(row["start_site"], row["depot"], row["to_depot_path"])]
    for stop in stops:
        ways.append((at, stop["site"], stop["path"]))
        at = stop["site"]
    if row["return_site"]:
        ways.append((at, row["return_site"], row["return_path"]))
    return any(origin != to and not path for origin, to, path in ways)


def _stops(rows: list[Row]) -> dict[str, list[Row]]:
    """Stops by trip, in order."""
    result: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row["stop"]):
        result.setdefault(row["trip"], []).append(row)
    return result


def fill_trips(plan: Plan, scenario: Scenario) -> Filled:
    """Fill in what is open in a plan's trips and stops.

    Parameters
    ----------
    plan : Plan
        Empty whole numbers are ``OPEN``, empty ways "".
    scenario : Scenario
    """
    named = open_trips(plan)
    if not named:
        return Filled(plan, (), [])
    return _Filling(plan, with_cleared_roads(scenario, plan.deployments), named).made()


class _Impossible(Exception):  # noqa: N818 - it carries what is said
    def __init__(self, violation: Violation) -> None:
        self.violation = violation
        super().__init__(str(violation))


class _Filling:
    """One plan on its way to being whole."""

    def __init__(self, plan: Plan, scenario: Scenario, named: tuple[str, ...]) -> None:
        self.plan = plan
        self.scenario = scenario
        self.problem: ReliefProblem = read_problem(scenario)
        self.roads = self.problem.legs.roads
        self.open = set(named)
        self.trips: list[Row] = plan.trips.to_dict("records")
        self.stop_rows: list[Row] = plan.stops.to_dict("records")
        self.stops = _stops(self.stop_rows)
        self.loads: dict[str, list[Row]] = {}
        for load in plan.loads.to_dict("records"):
            self.loads.setdefault(load["trip"], []).append(load)
        self.ways = Ways(plan.paths, self.roads, scenario.drive_rest_ms)
        known = {row["vehicle"]: row for row in scenario.county.table("vehicles").to_dict("records")}
        self.vehicles = {
            name: row for name, row in known.items()
            if row["class"] in scenario.profiles and row["base"] in self.roads.index
        }  # fmt: skip
        self.stands: dict[str, Stand] = {}

    def made(self) -> Filled:
        impossible = [self._unfit(trip) for trip in self.trips if trip["trip"] in self.open]
        said = [violation for violation in impossible if violation is not None]
        left_out = {violation.trip for violation in said}
        by_vehicle: dict[str, list[Row]] = {}
        for trip in self.trips:
            if trip["trip"] not in left_out:
                by_vehicle.setdefault(trip["vehicle"], []).append(trip)
        filled = []
        for trips in by_vehicle.values():
            if not any(trip["trip"] in self.open for trip in trips):
                continue
            for trip in _in_order(trips):
                try:
                    self._follow(trip)
                except _Impossible as found:
                    said.append(found.violation)
                    left_out.add(trip["trip"])
                    continue
                if trip["trip"] in self.open:
                    self.open.remove(trip["trip"])
                    filled.append(trip["trip"])
        return Filled(self._tables(left_out), tuple(filled), said)

    def _tables(self, left_out: set[str]) -> Plan:
        """The plan without the trips left out; the others of their vehicles are numbered anew."""
        cut = {row["vehicle"] for row in self.trips if row["trip"] in left_out}
        for vehicle in cut:
            rest = [row for row in self.trips if row["vehicle"] == vehicle and row["trip"] not in left_out]
            for number, row in enumerate(_in_order(rest), start=1):
                row["sequence"] = number
        loads = self.plan.loads
        return replace(
            self.plan,
            trips=typed(TRIP_COLUMNS, [row for row in self.trips if row["trip"] not in left_out]),
            stops=typed(STOP_COLUMNS, [row for row in self.stop_rows if row["trip"] not in left_out]),
            loads=loads[~loads["trip"].isin(left_out)].reset_index(drop=True),
            paths=self.ways.table(),
        )

    def _unfit(self, trip: Row) -> Violation | None:
        """What keeps an open trip from being timed at all."""
        name, sites = trip["trip"], self.roads.index
        if [other["trip"] for other in self.trips].count(name) > 1:
            return Violation("duplicate_id", trip=name, value=name)
        for row in (trip, *self.stops.get(name, [])):
            for column, value in row.items():
                if column.endswith("_ms") and value != OPEN and abs(value) > CENTURY_MS:
                    return Violation("impossible_time", trip=name, what=column, value=str(value))
        if trip["vehicle"] not in self.vehicles:
            return Violation("unknown_vehicle", trip=name, vehicle=trip["vehicle"], value=trip["vehicle"])
        if trip["depot"] not in self.problem.depots:
            return Violation("unknown_depot", trip=name, depot=trip["depot"], value=trip["depot"])
        if not self.stops.get(name):
            return Violation("trip_without_stop", trip=name)
        for site in (trip["start_site"], trip["return_site"]):
            if site and site not in sites:
                return Violation("unknown_site", trip=name, place=site, value=site)
        for stop in self.stops[name]:
            if stop["site"] not in sites:
                return Violation("unknown_site", trip=name, stop=stop["stop"], place=stop["site"], value=stop["site"])
        needs = set(self.scenario.needs["need"])
        for load in self.loads.get(name, []):
            at = {"trip": name, "stop": load["stop"], "need": load["need"], "item": load["item"], "lot": load["lot"]}
            if load["item"] not in self.problem.unit:
                return Violation("unknown_item", **at, value=load["item"])
            if load["need"] not in needs:
                return Violation("unknown_need", **at, value=load["need"])
        return None

    def _follow(self, trip: Row) -> None:
        """Move the vehicle through a trip; an open one is filled in on the way."""
        if trip["vehicle"] not in self.vehicles:
            return
        stand = self._stand(trip["vehicle"])
        if trip["trip"] not in self.open:
            self._drive_whole(trip, stand)
            return
        trip["start_site"] = trip["start_site"] or stand.site
        if trip["start_site"] != stand.site:
            stand = Stand(trip["start_site"], stand.arrived_ms, stand.free_ms, 0)
        trip["start_ms"] = max(trip["start_ms"], stand.free_ms)
        trip["to_depot_path"], trip["at_depot_ms"] = self._leg(
            trip, 0, stand, trip["depot"], trip["to_depot_path"], trip["start_ms"]
        )
        self._load(trip)
        stand.free_ms = trip["depart_ms"]
        for stop in self.stops[trip["trip"]]:
            self._visit(trip, stop, stand)
        if trip["return_site"]:
            trip["return_path"], trip["return_ms"] = self._leg(
                trip, 0, stand, trip["return_site"], trip["return_path"], stand.free_ms
            )
            stand.free_ms = trip["return_ms"]
        else:
            trip["return_path"], trip["return_ms"] = "", -1
        self.stands[trip["vehicle"]] = stand

    def _stand(self, vehicle: str) -> Stand:
        """Where a vehicle stands after the trips followed so far, as a copy."""
        if vehicle in self.stands:
            return replace(self.stands[vehicle])
        ready_ms = mobilised_ms(self.scenario, self.vehicles[vehicle])
        return Stand(self.vehicles[vehicle]["base"], ready_ms, ready_ms, 0)

    def _drive_whole(self, trip: Row, stand: Stand) -> None:
        """Follow a trip that is whole, at its stated times; one that names what is not there moves nothing."""
        stand.site = trip["start_site"]
        legs = [(trip["depot"], trip["to_depot_path"], trip["start_ms"], trip["at_depot_ms"], trip["depart_ms"])]
        legs += [(stop["site"], stop["path"], stop["leave_ms"], stop["arrive_ms"], stop["unload_end_ms"])
                 for stop in self.stops.get(trip["trip"], [])]  # fmt: skip
        if trip["return_site"]:
            at_ms = trip["return_ms"]
            legs.append((trip["return_site"], trip["return_path"], legs[-1][4], at_ms, at_ms))
        if any(site not in self.roads.index for site in (stand.site, *(to for to, *_ in legs))):
            return
        if any(abs(time) > CENTURY_MS for _, _, *times in legs for time in times):
            return
        for to, path, leave_ms, arrive_ms, free_ms in legs:
            stand = self.ways.driven(self._class(trip), stand, to, path, leave_ms, arrive_ms, free_ms)
        self.stands[trip["vehicle"]] = stand

    def _class(self, trip: Row) -> str:
        return str(self.vehicles[trip["vehicle"]]["class"])

    def _leg(self, trip: Row, stop: int, stand: Stand, to: str, path: str, leave_ms: int) -> tuple[str, int]:
        """Way and arrival of a leg; the vehicle is moved along."""
        origin = stand.site
        gone = self.ways.leg(self._class(trip), stand, to, path, leave_ms)
        if gone is None:
            raise _Impossible(Violation("no_way", trip=trip["trip"], stop=stop, vehicle=trip["vehicle"], place=to,
                                        what=origin, value=leave_ms, unit="time"))  # fmt: skip
        return gone

    def _load(self, trip: Row) -> None:
        """Dock and times of loading: not before the vehicle, the depot, the reports and the goods."""
        loads = self.loads.get(trip["trip"], [])
        depot = self.problem.depots[trip["depot"]]
        reported = dict(zip(self.scenario.needs["need"], self.scenario.needs["release_ms"], strict=True))
        opened_ms = depot.open_ms if depot.open_ms < NEVER else OPEN
        ready_ms = max(trip["at_depot_ms"], opened_ms, *(int(reported[load["need"]]) for load in loads), OPEN)
        ready_ms = max(ready_ms, trip["load_start_ms"], *self._released(trip["depot"], loads, ready_ms), OPEN)
        stated_ms = 0 if OPEN in (trip["load_start_ms"], trip["load_end_ms"]) else trip["load_end_ms"] - ready_ms
        length_ms = max(self.problem.loading_time_ms(*self._size(loads)), stated_ms)
        docks = range(1, depot.docks + 1) if trip["dock"] == OPEN else (trip["dock"],)
        found = ((_free_from(self._dock_times(trip, dock), ready_ms, length_ms), dock) for dock in docks)
        trip["load_start_ms"], trip["dock"] = min(found, default=(ready_ms, 1))
        trip["load_end_ms"] = trip["load_start_ms"] + length_ms
        trip["depart_ms"] = max(trip["depart_ms"], trip["load_end_ms"] + self.problem.convoy_ms)

    def _released(self, depot: str, loads: list[Row], from_ms: int) -> Iterator[int]:
        """From when each lot holds what is taken, with what other trips take before and after."""
        taken: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for trip in self.trips:
            if trip["depot"] == depot and trip["trip"] not in self.open:
                for load in self.loads.get(trip["trip"], []):
                    at = (trip["load_start_ms"], int(load["quantity"]))
                    taken.setdefault((load["item"], load["lot"]), []).append(at)
        own: dict[tuple[str, str], int] = {}
        for load in loads:
            key = (load["item"], load["lot"])
            own[key] = own.get(key, 0) + int(load["quantity"])
        for (item, lot_id), quantity in own.items():
            for lot in self.problem.lots.get((depot, item), ()):
                if lot.lot == lot_id:
                    yield _there_from(lot, sorted(taken.get((item, lot_id), [])), quantity, from_ms)

    def _size(self, loads: list[Row]) -> tuple[float, float]:
        unit = self.problem.unit
        return (sum(load["quantity"] * unit[load["item"]][0] for load in loads),
                sum(load["quantity"] * unit[load["item"]][1] for load in loads))  # fmt: skip

    def _visit(self, trip: Row, stop: Row, stand: Stand) -> None:
        """Drive to a stop and unload there."""
        stop["leave_ms"] = max(stop["leave_ms"], stand.free_ms)
        stop["path"], stop["arrive_ms"] = self._leg(trip, stop["stop"], stand, stop["site"], stop["path"],
                                                    stop["leave_ms"])  # fmt: skip
        loads = [load for load in self.loads.get(trip["trip"], []) if load["stop"] == stop["stop"]]
        stated = (stop["unload_start_ms"], stop["unload_end_ms"])
        ready_ms = max(stop["arrive_ms"], stop["unload_start_ms"])
        length_ms = max(self.problem.unloading_time_ms(*self._size(loads)),
                        0 if OPEN in stated else stated[1] - ready_ms)  # fmt: skip
        stop["unload_start_ms"] = _free_from(self._site_times(stop), ready_ms, length_ms)
        stop["unload_end_ms"] = stand.free_ms = stop["unload_start_ms"] + length_ms

    def _dock_times(self, own: Row, dock: int) -> list[tuple[int, int]]:
        """When a dock is taken by trips that are whole."""
        return [
            (trip["load_start_ms"], trip["load_end_ms"])
            for trip in self.trips
            if trip["trip"] not in self.open and (trip["depot"], trip["dock"]) == (own["depot"], dock)
        ]

    def _site_times(self, own: Row) -> list[tuple[int, int]]:
        """When a place is taken by vehicles unloading: of whole trips, and earlier stops of this one."""
        return [
            (stop["unload_start_ms"], stop["unload_end_ms"])
            for stop in self.stop_rows
            if stop["site"] == own["site"] and stop is not own
            and (stop["trip"] not in self.open or (stop["trip"] == own["trip"] and stop["stop"] < own["stop"]))
        ]  # fmt: skip


def _there_from(lot: Lot, taken: list[tuple[int, int]], quantity: int, from_ms: int) -> int:
    """Earliest time at which a lot can spare so much; ``from_ms`` where it never can, which the checker says.

    ``taken``: (time, units) of others, by time: what they take later must be left to them.
    """
    held = 0
    after: list[tuple[int, int]] = [(from_ms, 0)]
    for time_ms, units in taken:
        held += units
        if held + quantity > lot.available(time_ms):
            after = [(time_ms, held)]
        else:
            after.append((time_ms, held))
    for (time_ms, before), (next_ms, _) in zip(after, [*after[1:], (NEVER, 0)], strict=True):
        at_ms = max(from_ms, time_ms, lot.released_ms(before + quantity))
        if at_ms < next_ms:
            return at_ms
    return from_ms


def _in_order(trips: list[Row]) -> list[Row]:
    """Trips of a vehicle in the order in which it makes them; where a number is open, numbered anew by their times."""
    if all(trip["sequence"] != OPEN for trip in trips):
        return sorted(trips, key=lambda trip: trip["sequence"])
    times = ("start_ms", "at_depot_ms", "load_start_ms", "load_end_ms", "depart_ms")

    def stated(trip: Row) -> int:
        return min((trip[name] for name in times if trip[name] != OPEN), default=NEVER)

    ordered = sorted(trips, key=lambda trip: (stated(trip), trip["sequence"] if trip["sequence"] != OPEN else NEVER))
    for number, trip in enumerate(ordered, start=1):
        trip["sequence"] = number
    return ordered


def _free_from(booked: list[tuple[int, int]], from_ms: int, length_ms: int) -> int:
    """Earliest start of a free stretch; an empty stretch fits anywhere."""
    start = from_ms
    for begin, end in sorted(booked):
        if length_ms and begin < end and begin < start + length_ms and start < end:
            start = end
    return start
