"""Orders built trip by trip: nearest first, as a dispatcher does by hand, and best vehicle first by priority."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from dispatch.planning.problem import Consignment, ReliefProblem, TripOrder
from dispatch.planning.supply import Vehicle
from dispatch.planning.timetable import Timetable
from models.traversal import NEVER

__all__ = ["best_vehicle_first", "nearest_first"]


def best_vehicle_first(
    problem: ReliefProblem,
    consignments: Iterable[Consignment],
    after: Timetable,
    priority: Callable[[Consignment], Any],
    fill: bool,
) -> list[TripOrder]:
    """Send consignments in an order of priority, each by the vehicle that completes it first.

    Parameters
    ----------
    problem : ReliefProblem
    consignments : iterable of Consignment
    after : Timetable
        What is booked already.
    priority : callable
        Sort key; smaller goes first.
    fill : bool
        Whether a trip also takes what else goes from its depot to the same site and fits.
    """
    timetable = after.copy()
    waiting = sorted(consignments, key=priority)
    orders: list[TripOrder] = []
    while waiting:
        first = waiting.pop(0)
        best: tuple[int, float, str] | None = None
        for least_ms, vehicle in _by_least_end(problem, timetable, first):
            if best is not None and least_ms > best[0]:
                break
            trip, dropped = timetable.trial(TripOrder(vehicle.vehicle, first.depot, (first,)))
            end_ms = NEVER if trip is None or dropped else trip.end_ms
            if best is None or (end_ms, vehicle.payload_kg, vehicle.vehicle) < best:
                best = (end_ms, vehicle.payload_kg, vehicle.vehicle)
        if best is None:
            orders.append(_last_resort(problem, first))
            continue
        load = [first]
        if fill:
            vehicle = problem.vehicles[best[2]]
            for other in list(waiting):
                if (other.depot, other.site, other.goods.release_ms) == (
                    first.depot,
                    first.site,
                    first.goods.release_ms,
                ) and _room(problem, vehicle, load, other):
                    load.append(other)
            gone = {id(consignment) for consignment in load}
            waiting = [consignment for consignment in waiting if id(consignment) not in gone]
        order = TripOrder(best[2], first.depot, tuple(load))
        trip, _ = timetable.trial(order)
        if trip is not None:
            timetable.book(trip)
        orders.append(order)
    return orders


def nearest_first(
    problem: ReliefProblem, consignments: Iterable[Consignment], after: Timetable, *, passable: bool = False
) -> list[TripOrder]:
    """Send the vehicle that is free first to the nearest depot with goods, and on to the nearest sites in turn.

    A vehicle is filled with what goes to the nearest site first, then to the site nearest to that one, and so on.
    With ``passable`` only sites count that the roads, as they are known, let it reach within the horizon.
    """
    timetable = after.copy()
    waiting = list(consignments)
    orders: list[TripOrder] = []
    idle: set[str] = set()
    while waiting and len(idle) < len(problem.vehicles):
        vehicle = min(
            (v for v in problem.vehicles.values() if v.vehicle not in idle),
            key=lambda v: (timetable.position(v.vehicle)[1], v.vehicle),
        )
        site, free_ms = timetable.position(vehicle.vehicle)
        load = _nearest_load(problem, vehicle, site, free_ms, waiting, passable=passable)
        if not load:
            idle.add(vehicle.vehicle)
            continue
        order = TripOrder(vehicle.vehicle, load[0].depot, tuple(load))
        trip, dropped = timetable.trial(order)
        if trip is None or dropped:
            idle.add(vehicle.vehicle)
            continue
        timetable.book(trip)
        orders.append(order)
        gone = {id(consignment) for consignment in load}
        waiting = [consignment for consignment in waiting if id(consignment) not in gone]
    return orders + [_last_resort(problem, consignment) for consignment in waiting]


def _last_resort(problem: ReliefProblem, consignment: Consignment) -> TripOrder:
    """A trip by any vehicle that can take the load, or the largest; what cannot be done is dropped when it is timed."""
    fleet = sorted(problem.vehicles.values(), key=lambda v: (v.payload_kg, v.vehicle))
    able = [v for v in fleet if problem.fits(v, consignment.goods.weight_kg, consignment.goods.volume_m3)] or fleet[-1:]
    return TripOrder(able[0].vehicle, consignment.depot, (consignment,))


def _nearest_load(
    problem: ReliefProblem, vehicle: Vehicle, site: str, time_ms: int, waiting: list[Consignment], *, passable: bool
) -> list[Consignment]:
    """What a vehicle would load at the nearest depot, in the order in which it would hand it over."""
    able = [c for c in waiting if problem.fits(vehicle, c.goods.weight_kg, c.goods.volume_m3)]
    least = problem.legs.least
    depots = {c.depot: problem.legs.arrive(vehicle.vehicle_class, site, c.depot, time_ms) for c in able}
    for depot, at in sorted(depots.items(), key=lambda pair: (pair[1], pair[0])):
        if at >= NEVER:
            break
        load: list[Consignment] = []
        here = depot
        left = [c for c in able if c.depot == depot and least(vehicle.vehicle_class, depot, c.site) < NEVER]
        if passable:
            arrive = problem.legs.arrive
            left = [c for c in left if arrive(vehicle.vehicle_class, depot, c.site, at) <= problem.end_ms]
        while left:
            k = min(
                range(len(left)),
                key=lambda k: (
                    left[k].goods.release_ms,
                    least(vehicle.vehicle_class, here, left[k].site),
                    left[k].site,
                ),
            )
            load.append(left.pop(k))
            here = load[-1].site
            left = [
                c
                for c in left
                if c.goods.release_ms <= load[0].goods.release_ms
                and least(vehicle.vehicle_class, here, c.site) < NEVER
                and _room(problem, vehicle, load, c)
            ]
        if load:
            return load
    return []


def _room(problem: ReliefProblem, vehicle: Vehicle, load: list[Consignment], other: Consignment) -> bool:
    """Whether a vehicle can take one more consignment."""
    weight_kg = sum(c.goods.weight_kg for c in load) + other.goods.weight_kg
    return problem.fits(vehicle, weight_kg, sum(c.goods.volume_m3 for c in load) + other.goods.volume_m3)


_ROUNDING_MS = 1_000
"""Loading and unloading of a weight added up in another order may differ by a millisecond."""


def _by_least_end(problem: ReliefProblem, timetable: Timetable, consignment: Consignment) -> list[tuple[int, Vehicle]]:
    """Vehicles that can take a consignment, each with a time before which it cannot have handed it over, in its order.

    The least time takes the shortest drive at any hour and leaves docks, unloading places, stock and rests aside.
    """
    goods, depot = consignment.goods, consignment.depot
    there_ms = max(problem.depots[depot].open_ms, goods.release_ms)
    after_ms = (
        problem.loading_time_ms(goods.weight_kg, goods.volume_m3)
        + problem.convoy_ms
        + problem.unloading_time_ms(goods.weight_kg, goods.volume_m3)
        - _ROUNDING_MS
    )
    found = []
    for vehicle in _distinct(problem, timetable):
        if problem.fits(vehicle, goods.weight_kg, goods.volume_m3):
            site, free_ms = timetable.position(vehicle.vehicle)
            to_ms = problem.legs.least(vehicle.vehicle_class, site, depot)
            out_ms = problem.legs.least(vehicle.vehicle_class, depot, consignment.site)
            end_ms = NEVER if max(to_ms, out_ms) >= NEVER else max(free_ms + to_ms, there_ms) + after_ms + out_ms
            found.append((min(end_ms, NEVER), vehicle))
    return sorted(found, key=lambda pair: pair[0])


def _distinct(problem: ReliefProblem, timetable: Timetable) -> list[Vehicle]:
    """Vehicles, of those alike in class, size, position and time only one."""
    seen: dict[tuple[str, float, float, str, int], Vehicle] = {}
    for vehicle in problem.vehicles.values():
        site, time_ms = timetable.position(vehicle.vehicle)
        key = (vehicle.vehicle_class, vehicle.payload_kg, vehicle.volume_m3, site, time_ms)
        seen.setdefault(key, vehicle)
    return list(seen.values())
