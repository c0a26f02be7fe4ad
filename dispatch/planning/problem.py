"""A scenario as the relief planner works on it: needs, lots, depots, vehicles and driving times, read once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from dispatch.planning.legs import Legs
from dispatch.planning.supply import (
    Depot,
    Lot,
    Vehicle,
    read_depots,
    read_lots,
    read_vehicles,
)
from dispatch.scenario import Scenario, travel

__all__ = ["Consignment", "Load", "Need", "ReliefProblem", "Stop", "TripOrder", "read_problem"]


@dataclass(frozen=True)
class Need:
    """One row of the scenario's needs.

    ``items``: what may be sent for it, the item itself first; ``task``: position of its (place, part) in
    ``ReliefProblem.tasks``.
    """

    need: str
    place: str
    site: str
    part: str
    items: tuple[str, ...]
    quantity: int
    weight: float
    release_ms: int
    task: int


Load = tuple[int, str, int]
"""Position of the need, item, quantity."""


@dataclass(frozen=True)
class Stop:
    """Everything handed over at one site at a time.

    Attributes
    ----------
    site : str
    loads : tuple of (position of the need, item, quantity)
    weight_kg, volume_m3 : float
    release_ms : int
        When the last of the needs is reported.
    tasks : frozenset of int
        Whose goods they are.
    items : tuple of (item, quantity)
    """

    site: str
    loads: tuple[Load, ...]
    weight_kg: float
    volume_m3: float
    release_ms: int
    tasks: frozenset[int]
    items: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Consignment:
    """Goods from one depot to one site that travel together, there to be loaded from ``ready_ms`` on."""

    depot: str
    goods: Stop
    ready_ms: int = 0

    @property
    def site(self) -> str:
        """Where they go."""
        return self.goods.site


@dataclass(frozen=True)
class TripOrder:
    """A vehicle is to load these consignments, all of one depot, and hand them over in this order."""

    vehicle: str
    depot: str
    consignments: tuple[Consignment, ...]

    @cached_property
    def stops(self) -> tuple[Stop, ...]:
        """Stops in order; consecutive consignments of one site are one stop, their equal loads put together."""
        result: list[Stop] = []
        for consignment in self.consignments:
            if result and result[-1].site == consignment.site:
                result[-1] = _together(result[-1], consignment.goods)
            else:
                result.append(consignment.goods)
        return tuple(result)


def _together(a: Stop, b: Stop) -> Stop:
    """Two deliveries to one site as one."""
    loads: dict[tuple[int, str], int] = {}
    for need, item, quantity in (*a.loads, *b.loads):
        loads[need, item] = loads.get((need, item), 0) + quantity
    items: dict[str, int] = dict(a.items)
    for item, quantity in b.items:
        items[item] = items.get(item, 0) + quantity
    return Stop(
        a.site,
        tuple((need, item, quantity) for (need, item), quantity in loads.items()),
        math.fsum((a.weight_kg, b.weight_kg)),
        math.fsum((a.volume_m3, b.volume_m3)),
        max(a.release_ms, b.release_ms),
        a.tasks | b.tasks,
        tuple(items.items()),
    )


@dataclass(frozen=True, eq=False)
class ReliefProblem:
    """What the planner decides on.

    Attributes
    ----------
    scenario : Scenario
    legs : Legs
        Driving times under the forecast.
    needs : tuple of Need
        Those with a quantity and a site on the network's list.
    tasks : tuple of (place, part)
        What is complete or not.
    depots, vehicles : mappings by id
    lots : mapping of (depot, item) to lots in order of issue
    unit : mapping of item to (kg, m³)
    unload_places : int
        Vehicles that can be unloaded at one site at the same time.
    """

    scenario: Scenario
    legs: Legs
    needs: tuple[Need, ...]
    tasks: tuple[tuple[str, str], ...]
    depots: dict[str, Depot]
    vehicles: dict[str, Vehicle]
    lots: dict[tuple[str, str], tuple[Lot, ...]]
    unit: dict[str, tuple[float, float]]
    unload_places: int = 1

    @cached_property
    def loading_ms(self) -> int:
        """Planning value of loading one reference truck."""
        return self.scenario.step_ms("loading")

    @cached_property
    def unloading_ms(self) -> int:
        """Planning value of unloading one reference truck."""
        return self.scenario.step_ms("unloading")

    @cached_property
    def convoy_ms(self) -> int:
        """Planning value of convoy forming and papers."""
        return self.scenario.step_ms("convoy")

    @cached_property
    def end_ms(self) -> int:
        """End of the horizon."""
        return self.scenario.end_ms

    def loading_time_ms(self, weight_kg: float, volume_m3: float) -> int:
        """Loading time of a load."""
        return math.ceil(round(self.loading_ms * self.scenario.load_share(weight_kg, volume_m3), 6))

    def unloading_time_ms(self, weight_kg: float, volume_m3: float) -> int:
        """Unloading time of what is handed over at a stop."""
        return math.ceil(round(self.unloading_ms * self.scenario.load_share(weight_kg, volume_m3), 6))

    def size(self, items: Mapping[str, int]) -> tuple[float, float]:
        """Mass (kg) and volume (m³) of quantities by item."""
        unit = self.unit
        return (
            math.fsum(unit[item][0] * quantity for item, quantity in items.items()),
            math.fsum(unit[item][1] * quantity for item, quantity in items.items()),
        )

    def share_of_unit(self, item: str) -> float:
        """Share of a reference truck that one unit takes (the larger of kg and m³)."""
        weight_kg, volume_m3 = self.unit[item]
        return max(weight_kg / self.scenario.loading_reference_kg, volume_m3 / self.scenario.loading_reference_m3)

    def stop(self, site: str, loads: tuple[Load, ...]) -> Stop:
        """Make a stop of these loads."""
        items: dict[str, int] = {}
        together: dict[tuple[int, str], int] = {}
        for need, item, quantity in loads:
            items[item] = items.get(item, 0) + quantity
            together[need, item] = together.get((need, item), 0) + quantity
        return Stop(
            site,
            tuple((need, item, quantity) for (need, item), quantity in together.items()),
            *self.size(items),
            max(self.needs[need].release_ms for need, _, _ in loads),
            frozenset(self.needs[need].task for need, _, _ in loads),
            tuple(items.items()),
        )

    @cached_property
    def counted(self) -> frozenset[tuple[str, str]]:
        """Stock by (depot, item) that is all there when the depot opens and does not expire within the horizon."""
        return frozenset(
            key
            for key, lots in self.lots.items()
            if all(
                lot.until_ms > self.end_ms and lot.available(self.depots[key[0]].open_ms) == lot.quantity
                for lot in lots
            )
        )

    @cached_property
    def weightless(self) -> bool:
        """Whether some item has neither mass nor volume."""
        return any(self.share_of_unit(item) <= 0 for item in self.unit)

    def fits(self, vehicle: Vehicle, weight_kg: float, volume_m3: float) -> bool:
        """Whether a vehicle can carry so much."""
        return weight_kg <= vehicle.payload_kg + 1e-6 and volume_m3 <= vehicle.volume_m3 + 1e-9

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Vehicle classes of the fleet."""
        return tuple(dict.fromkeys(vehicle.vehicle_class for vehicle in self.vehicles.values()))

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """Delivery points of the needs."""
        return tuple(dict.fromkeys(need.site for need in self.needs))

    @cached_property
    def vehicle_at(self) -> dict[tuple[str, str], int]:
        """Earliest time at which some vehicle of a class can stand at a depot, by (class, depot), rests left aside."""
        result: dict[tuple[str, str], int] = {}
        for vehicle in self.vehicles.values():
            for depot in self.depots:
                at = self.legs.arrive(vehicle.vehicle_class, vehicle.base, depot, vehicle.ready_ms)
                key = (vehicle.vehicle_class, depot)
                result[key] = min(at, result.get(key, at))
        return result


def lots_of(scenario: Scenario) -> dict[tuple[str, str], tuple[Lot, ...]]:
    """Lots at depots that are sites of the scenario, of items that the county knows, by (depot, item)."""
    known = set(scenario.county.table("items")["item"])
    lots = read_lots(scenario)
    return {key: of for key, of in lots.items() if key[0] in scenario.sites.index and key[1] in known}


def read_problem(scenario: Scenario, legs: Legs | None = None) -> ReliefProblem:
    """Read what the planner decides on; driving times under the forecast, unless they are given."""
    rows = [r for r in scenario.needs.itertuples(index=False) if r.quantity > 0 and r.site in scenario.sites.index]
    tasks = {task: k for k, task in enumerate(dict.fromkeys((row.place, row.part) for row in rows))}
    needs = tuple(
        Need(
            row.need,
            row.place,
            row.site,
            row.part,
            tuple(dict.fromkeys([row.item, *(s.strip() for s in row.substitutes.split(";") if s.strip())])),
            int(row.quantity),
            float(row.weight),
            int(row.release_ms),
            tasks[row.place, row.part],
        )
        for row in rows
    )
    items = scenario.county.table("items")
    unit = {
        item: (float(weight_kg), float(volume_m3))
        for item, weight_kg, volume_m3 in zip(items["item"], items["weight_kg"], items["volume_m3"], strict=True)
    }
    return ReliefProblem(
        scenario,
        Legs(travel(scenario, scenario.disruption.forecast())) if legs is None else legs,
        needs,
        tuple(tasks),
        read_depots(scenario),
        read_vehicles(scenario),
        lots_of(scenario),
        unit,
    )
