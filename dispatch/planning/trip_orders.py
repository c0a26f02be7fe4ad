"""From trips on the grid to trip orders: which vehicle, and which goods of which stock."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from dispatch.planning.problem import Consignment, Load, ReliefProblem, TripOrder
from dispatch.planning.timetable import Timetable
from dispatch.planning.trip_arrays import TripArrays
from models.relief_exact.master import Trip
from models.relief_exact.trip_columns import needs

__all__ = ["sends_all", "trip_orders"]

_ROUND = 1e-3
"""Units that a quantity may be off a whole number, to be one."""

_FULL = 1e-6
"""Share of a truck that a full load may be more, by rounding."""

_SECONDS = 1.0
"""Time at most for loads other than the shares."""


def trip_orders(
    problem: ReliefProblem,
    arrays: TripArrays,
    trips: Sequence[Trip],
    flows: NDArray[np.float64],
    shares: Sequence[NDArray[np.float64]] | None = None,
) -> list[TripOrder] | None:
    """Orders for trips, in the order of loading; None if stock does not come out whole.

    The vehicle of a trip's type that can be at its depot first makes it. ``shares``: of each trip, what each stop hands
    over of each need of its task (:func:`models.relief_exact.trip_columns.needs`): (stops, needs of a task), or one
    share for all of them: (stops, 1); None: all.
    """
    loads = _loads(arrays, trips, flows, shares)
    if loads is None:
        return None
    timetable = Timetable(problem)
    orders: list[TripOrder] = []
    for j in sorted(range(len(trips)), key=lambda j: (trips[j].start_block, trips[j].depot)):
        trip, depot = trips[j], arrays.depots[trips[j].depot]
        goods = tuple(
            Consignment(depot, problem.stop(arrays.sites[task], loads[j, i]))
            for i, (task, *_) in enumerate(trip.stops)
            if (j, i) in loads
        )
        if not goods:
            continue
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


def sends_all(problem: ReliefProblem, orders: Iterable[TripOrder]) -> bool:
    """Whether everything asked for is delivered by some order."""
    asked = math.fsum(need.quantity for need in problem.needs)
    return asked == math.fsum(q for order in orders for of in order.consignments for _, _, q in of.goods.loads)


def _at(problem: ReliefProblem, timetable: Timetable, vehicle: str, depot: str) -> int:
    """When a vehicle can be at a depot."""
    site, free_ms = timetable.position(vehicle)
    return problem.legs.arrive(problem.vehicles[vehicle].vehicle_class, site, depot, free_ms)


def _loads(
    arrays: TripArrays,
    trips: Sequence[Trip],
    flows: NDArray[np.float64],
    shares: Sequence[NDArray[np.float64]] | None,
) -> dict[tuple[int, int], tuple[Load, ...]] | None:
    """Loads of each stop of each trip; None if they cannot be whole.

    Shares are rounded up or down so that needs are met out of the stocks: a flow of whole units through a network,
    from stocks by what depots send for a need to stops, whose bounds the shares themselves keep.
    """
    supply = arrays.instance.supply
    if supply is None:
        return None
    of_task, _ = needs(arrays.instance)
    stops = [(j, i, int(task)) for j, trip in enumerate(trips) for i, (task, *_) in enumerate(trip.stops)]
    columns = [
        (v, a)
        for v, (j, _, task) in enumerate(stops)
        for a in np.flatnonzero((supply.depot == trips[j].depot) & (supply.task == task)).tolist()
    ]
    if not columns:
        return None
    stop, arc = np.array(columns).T
    need = supply.need[arc]
    given = np.zeros((len(stops), len(supply.asked)))
    for v, (j, i, task) in enumerate(stops):
        mine = of_task[task] >= 0
        part = np.ones(1) if shares is None else shares[j][i]
        given[v, of_task[task][mine]] = supply.asked[of_task[task][mine]] * np.broadcast_to(part, mine.shape)[mine]
    served = np.unique([n for *_, task in stops for n in of_task[task] if n >= 0])
    pairs, pair = np.unique(np.stack([stop, need], axis=1), axis=0, return_inverse=True)
    wanted = given[pairs[:, 0], pairs[:, 1]]
    grouped = np.where(supply.group[arc] >= 0, supply.group[arc], len(supply.limit))
    rows = [
        (pair.ravel(), np.floor(wanted + _ROUND), np.ceil(wanted - _ROUND)),
        (supply.stock[arc], np.zeros(len(supply.available)), supply.available),
        (np.searchsorted(served, need), supply.asked[served], supply.asked[served]),
        (grouped, np.zeros(len(supply.limit) + 1), np.append(supply.limit, np.inf)),
    ]
    limits = [
        LinearConstraint(coo_array((np.ones(len(arc)), (at, np.arange(len(arc)))), shape=(len(low), len(arc))), low, up)
        for at, low, up in rows
    ]
    of_trip = np.array([j for j, *_ in stops])[stop]
    size = supply.credit[arc] * arrays.instance.size[supply.task[arc]]
    capacity = np.array([arrays.instance.capacity[trip.vehicle_type] for trip in trips]) + _FULL
    aboard = coo_array((size, (of_trip, np.arange(len(arc)))), shape=(len(trips), len(arc)))
    limits.append(LinearConstraint(aboard, -np.inf, capacity))
    cost = np.where(flows[arc] > _ROUND, 0.0, 1.0)
    found = milp(cost, integrality=np.ones(len(arc)), bounds=Bounds(0, np.inf), constraints=limits).x
    if found is None:
        found = _other_loads(rows, cost, size, of_trip, capacity)
    if found is None:
        return None
    loads: dict[tuple[int, int], list[Load]] = {}
    for v, a, quantity in zip(stop.tolist(), arc.tolist(), np.round(found).astype(int).tolist(), strict=True):
        if quantity > 0:
            item = (arrays.needs[int(supply.need[a])], arrays.items[int(supply.stock[a])], quantity)
            loads.setdefault(stops[v][:2], []).append(item)
    return {key: tuple(of) for key, of in loads.items()}


def _other_loads(
    rows: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]], cost: NDArray[np.float64],
    size: NDArray[np.float64], of_trip: NDArray[np.int64], capacity: NDArray[np.float64],
) -> NDArray[np.float64] | None:  # fmt: skip
    """Loads as near as may be to shares that cannot be kept: within the trucks, and as little more than the shares."""
    pair, _, most = rows[0]
    n, pairs = len(cost), len(most)
    ways = np.arange(n)
    limits = [
        LinearConstraint(coo_array((np.ones(n), (at, ways)), shape=(len(low), n + pairs)), low, up)
        for at, low, up in rows[1:]
    ]
    limits.append(LinearConstraint(coo_array((size, (of_trip, ways)), shape=(len(capacity), n + pairs)), 0, capacity))
    over = coo_array(
        (np.append(np.ones(n), -np.ones(pairs)), (np.append(pair, np.arange(pairs)), np.arange(n + pairs)))
    )
    limits.append(LinearConstraint(over, -np.inf, most))
    weight = np.zeros(pairs)
    np.maximum.at(weight, pair, size)
    found = milp(np.append(1e-6 * cost, weight), integrality=np.append(np.ones(n), np.zeros(pairs)),
                 bounds=Bounds(0, np.inf), constraints=limits, options={"time_limit": _SECONDS}).x  # fmt: skip
    return None if found is None else np.asarray(found[:n])
