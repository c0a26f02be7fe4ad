"""Vehicles: when they set out, where they stand, and every way driven again over the forecast roads."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.hazards.disruption import no_disruption
from dispatch.planning.check_tables import Row, Tables
from dispatch.planning.violation import Violation
from dispatch.roads.travel import Travel, drive, forbidden_turn
from dispatch.scenario import Scenario, travel
from models.traversal import NEVER

__all__ = ["check_vehicles", "mobilised_ms"]


def mobilised_ms(scenario: Scenario, vehicle: Row) -> int:
    """When a vehicle may set out: its turn-out time or the call-up, for a hired one its arrival at the base on top."""
    depots = scenario.county.table("depots")
    tiers = dict(zip(depots["depot"], depots["tier"], strict=True))
    called_ms = scenario.order_ms
    if tiers.get(vehicle["base"]) in {"city", "province"}:
        called_ms += scenario.tier_request_ms.get(tiers[vehicle["base"]], 0)
    turnout_min = vehicle["turnout_min"]
    if math.isnan(turnout_min):
        called_ms += scenario.step_ms("call_up")
    else:
        called_ms += math.ceil(round(turnout_min * MINUTE_MS, 3))
    return called_ms if vehicle["mode"] == "own" else called_ms + scenario.step_ms("vehicle_arrival")


@dataclass
class _Stand:
    """Where a vehicle stands: since when, from when it may go on, and its driving since the last rest."""

    site: str
    arrived_ms: int
    free_ms: int
    driven_ms: int

    def set_out(self, leave_ms: int, rest_ms: int) -> int:
        """Driving since the last rest when it leaves: standing as long as a rest is one."""
        return 0 if leave_ms - self.arrived_ms >= rest_ms else self.driven_ms


def check_vehicles(tables: Tables, scenario: Scenario, roads: Travel) -> list[Violation]:
    """Check each vehicle through its trips: call-up, position, order of times, ways, closures, rests and kilometres."""
    driver = _Driver(tables, scenario, roads)
    result = list(driver.paths())
    for vehicle, trips in tables.by_vehicle.items():
        row = tables.vehicles[vehicle]
        ready_ms = mobilised_ms(scenario, row)
        stand = _Stand(row["base"], ready_ms, ready_ms, 0)
        for k, trip in enumerate(trips):
            result.extend(_trip(driver, tables.trips[trip], stand, first=k == 0))
    return result


def _trip(driver: _Driver, trip: Row, stand: _Stand, *, first: bool) -> Iterator[Violation]:
    """Follow one trip; ``stand`` is moved along."""
    where = {"trip": trip["trip"], "vehicle": trip["vehicle"]}
    if trip["start_site"] != stand.site:
        yield Violation("wrong_start", **where, place=trip["start_site"], value=trip["start_site"], limit=stand.site)
        stand.site = trip["start_site"]
        stand.driven_ms = 0
    if trip["start_ms"] < stand.free_ms:
        code = "vehicle_not_ready" if first else "trips_overlap"
        yield Violation(code, **where, value=trip["start_ms"], limit=stand.free_ms, unit="time")
    yield from driver.leg(where, stand, trip["depot"], trip["to_depot_path"], trip["start_ms"], trip["at_depot_ms"])
    stand.free_ms = trip["depart_ms"]
    for stop in driver.tables.stops[trip["trip"]]:
        at = {**where, "stop": stop["stop"]}
        if stop["leave_ms"] < stand.free_ms:
            yield Violation("leave_too_early", **at, place=stop["site"], value=stop["leave_ms"], limit=stand.free_ms,
                            unit="time")  # fmt: skip
        yield from driver.leg(at, stand, stop["site"], stop["path"], stop["leave_ms"], stop["arrive_ms"])
        stand.free_ms = stop["unload_end_ms"]
    if trip["return_site"]:
        at = {**where, "place": trip["return_site"]}
        yield from driver.leg(at, stand, trip["return_site"], trip["return_path"], stand.free_ms, trip["return_ms"])
        stand.free_ms = trip["return_ms"]
    elif trip["return_path"] or trip["return_ms"] != -1:
        yield Violation("return_incomplete", **where, path=trip["return_path"], value=trip["return_path"])


class _Driver:
    """Drives stated ways again."""

    def __init__(self, tables: Tables, scenario: Scenario, roads: Travel) -> None:
        self.tables = tables
        self.scenario = scenario
        self.roads = roads
        self._undisturbed: Travel | None = None

    def paths(self) -> Iterator[Violation]:
        """Check what paths say of themselves: length, and edges the class may use."""
        network = self.roads.network
        for path, row in self.tables.paths.items():
            if not row["usable"]:
                continue
            edges = self._edges(row)
            length_m = float(network.length_m[edges].sum())
            if not math.isclose(length_m, row["length_m"], rel_tol=1e-6, abs_tol=0.5):
                yield Violation("path_length", path=path, value=float(row["length_m"]), limit=length_m)
            timed = self.roads.timed.get(row["vehicle_class"])
            turn = forbidden_turn(network, edges)
            if turn is not None:
                yield Violation("turn_forbidden", path=path, value=turn[0], limit=turn[1])
            barred = [] if timed is None else [e for e in edges.tolist() if timed.free_ms[e] >= NEVER]
            if barred:
                yield Violation(
                    "edge_barred", path=path, value=str(network.edge_id[barred[0]]), limit=row["vehicle_class"]
                )

    def _edges(self, path: Row) -> NDArray[np.int64]:
        index = self.roads.network.edge_index
        return np.array([index[edge] for edge in path["edges"]], dtype=np.int64)

    def leg(self, where: Row, stand: _Stand, to: str, path: str, leave_ms: int, arrive_ms: int) -> Iterator[Violation]:
        """Drive from where a vehicle stands; moves it there at the stated time of arrival."""
        origin, driven_ms = stand.site, stand.set_out(leave_ms, self.scenario.drive_rest_ms)
        stand.site, stand.arrived_ms, stand.driven_ms = to, arrive_ms, 0
        vehicle_class = self.tables.vehicles[str(where["vehicle"])]["class"]
        edges = np.empty(0, dtype=np.int64)
        if path:
            row = self.tables.paths.get(path)
            if row is None:
                yield Violation("unknown_path", **where, path=path, value=path)
                return
            stated = (row["from_site"], row["to_site"], row["vehicle_class"])
            if stated != (origin, to, vehicle_class):
                yield Violation("path_of_other", **where, path=path, value=" ".join(stated),
                                limit=f"{origin} {to} {vehicle_class}")  # fmt: skip
            if not row["usable"]:
                return
            edges = self._edges(row)
        elif origin != to:
            yield Violation("path_missing", **where, value=to, limit=origin)
            return
        try:
            driven = drive(self.roads, vehicle_class, origin, to, edges, leave_ms, driven_ms)
        except ValueError:
            yield Violation("path_broken", **where, path=path, value=to, limit=origin)
            return
        stand.driven_ms = driven.driven_ms
        if driven.arrive_ms != arrive_ms:
            code = self._wrong(vehicle_class, origin, to, edges, leave_ms, driven_ms, arrive_ms)
            limit = math.nan if driven.arrive_ms >= NEVER else driven.arrive_ms
            yield Violation(code, **where, path=path, value=arrive_ms, limit=limit, unit="time")

    def _wrong(
        self, vehicle_class: str, origin: str, to: str, edges: NDArray[np.int64], leave_ms: int, driven_ms: int,
        arrive_ms: int,
    ) -> str:  # fmt: skip
        """What a wrong time of arrival leaves out of account: the rest, the closure, or it is simply another."""
        without_rest = replace(self.roads, drive_limit_ms=NEVER)
        if drive(without_rest, vehicle_class, origin, to, edges, leave_ms, driven_ms).arrive_ms == arrive_ms:
            return "no_rest"
        if self._undisturbed is None:
            self._undisturbed = travel(self.scenario, no_disruption())
        undisturbed = drive(self._undisturbed, vehicle_class, origin, to, edges, leave_ms, driven_ms).arrive_ms
        disturbed = drive(self.roads, vehicle_class, origin, to, edges, leave_ms, driven_ms).arrive_ms
        return "road_closed" if undisturbed <= arrive_ms < disturbed else "arrival_wrong"
