"""From trips on the grid to trip orders: which vehicle, and which goods of which stock."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.problem import Consignment, Load, ReliefProblem, TripOrder
from dispatch.planning.timetable import Timetable
from dispatch.planning.trip_arrays import TripArrays
from models.relief_exact.master import Trip

__all__ = ["trip_orders"]


def trip_orders(
    problem: ReliefProblem, arrays: TripArrays, trips: Sequence[Trip], flows: NDArray[np.float64]
) -> list[TripOrder] | None:
    """Orders for trips that serve whole tasks, in the order of loading; None if stock does not come out whole.

    The vehicle of a trip's type that can be at its depot first makes it.
    """
    loads = _loads(arrays, trips, flows)
    if loads is None:
        return None
    timetable = Timetable(problem)
    orders: list[TripOrder] = []
    for trip in sorted(trips, key=lambda trip: (trip.start_block, trip.depot)):
        depot = arrays.depots[trip.depot]
        goods = tuple(
            Consignment(depot, problem.stop(arrays.sites[task], loads[trip.depot, task])) for task, *_ in trip.stops
        )
        kind = arrays.types[trip.vehicle_type]
        able = [v for v in problem.vehicles.values() if (v.vehicle_class, v.payload_kg, v.volume_m3) == kind]
        vehicle = min(able, key=lambda v: (_at(problem, timetable, v.vehicle, depot), v.vehicle))
        order = TripOrder(vehicle.vehicle, depot, goods)
        timed, _ = timetable.trial(order)
        if timed is None:
            return None
        timetable.book(timed)
        orders.append(order)
    return orders


def _at(problem: ReliefProblem, timetable: Timetable, vehicle: str, depot: str) -> int:
    """When a vehicle can be at a depot."""
    site, free_ms = timetable.position(vehicle)
    return problem.legs.arrive(problem.vehicles[vehicle].vehicle_class, site, depot, free_ms)


def _loads(
    arrays: TripArrays, trips: Sequence[Trip], flows: NDArray[np.float64]
) -> dict[tuple[int, int], tuple[Load, ...]] | None:
    """Loads of each (depot, task) that is served; None if a need is not met in whole numbers."""
    supply = arrays.instance.supply
    if supply is None:
        return None
    served = {(trip.depot, task) for trip in trips for task, *_ in trip.stops}
    loads: dict[tuple[int, int], list[Load]] = {key: [] for key in served}
    met = np.zeros(len(supply.asked))
    for a, flow in enumerate(flows.tolist()):
        key = (int(supply.depot[a]), int(supply.task[a]))
        quantity = round(flow)
        if key in loads and quantity > 0:
            need = int(supply.need[a])
            loads[key].append((arrays.needs[need], arrays.items[int(supply.stock[a])], quantity))
            met[need] += quantity
    of_served = {int(n) for n, task in zip(supply.need, supply.task, strict=True) if task in {t for _, t in served}}
    if any(met[n] != supply.asked[n] for n in of_served) or not all(loads.values()):
        return None
    return {key: tuple(of) for key, of in loads.items()}
