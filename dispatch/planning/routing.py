"""Who drives what: consignments assigned to vehicles and put in order by the OR-Tools routing library.

Every consignment stands twice, of which one is visited: as the first of a new load (the vehicle comes to its depot,
loads, and drives there) and as a further stop of the load before it. Costs are completion times weighted by people,
dearer after the deadline. Docks, stock by the hour and closures by the minute are left to the timetable decoder.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from dispatch.clock import SECOND_MS
from dispatch.planning.problem import Consignment, ReliefProblem, TripOrder
from dispatch.planning.supply import Vehicle
from models.traversal import NEVER

__all__ = ["route"]

_BARRED = 10**8
_LATE = 20
"""How much dearer a second of a consignment's time is after the deadline."""


def route(problem: ReliefProblem, orders: Sequence[TripOrder], solutions: int, seconds: float) -> list[TripOrder]:
    """Assign the consignments of trip orders to vehicles and trips anew, starting from those orders.

    Parameters
    ----------
    problem : ReliefProblem
    orders : sequence of TripOrder
        In order of dispatch.
    solutions : int
        Improving solutions after which the search stops: the limit on work.
    seconds : float
        The search stops then in any case.

    Returns
    -------
    list of TripOrder
        By planned time; empty if the search finds nothing.
    """
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    vehicles = list(problem.vehicles.values())
    consignments = [consignment for order in orders for consignment in order.consignments]
    n = len(consignments)
    if not n or not vehicles:
        return []
    manager = pywrapcp.RoutingIndexManager(2 * n + 1, len(vehicles), 2 * n)
    model = pywrapcp.RoutingModel(manager)
    horizon_s = math.ceil(problem.scenario.horizon_ms / SECOND_MS)
    times = _time_matrices(problem, consignments, vehicles)
    known: dict[int, int] = {}
    evaluators = []
    for matrix in times:
        if id(matrix) not in known:
            known[id(matrix)] = model.RegisterTransitMatrix(matrix)
        evaluators.append(known[id(matrix)])
    model.AddDimensionWithVehicleTransits(evaluators, horizon_s, horizon_s, True, "time")
    clock = model.GetDimensionOrDie("time")
    model.AddDimensionWithVehicleTransits(evaluators, horizon_s, horizon_s, True, "arrival")
    arrival = model.GetDimensionOrDie("arrival")
    for name, scale, size, room in (
        ("kg", 1.0, [c.goods.weight_kg for c in consignments], [v.payload_kg for v in vehicles]),
        ("litres", 1000.0, [c.goods.volume_m3 for c in consignments], [v.volume_m3 for v in vehicles]),
    ):
        _add_load(model, manager, name, [math.ceil(s * scale - 1e-6) for s in size], [int(r * scale) for r in room])
    due_s = problem.scenario.deadline_ms // SECOND_MS
    for j, consignment in enumerate(consignments):
        weight = max(1, round(_weight(problem, consignment)))
        release_s = max(0, (consignment.goods.release_ms - problem.scenario.order_ms) // SECOND_MS)
        pair = [manager.NodeToIndex(j), manager.NodeToIndex(n + j)]
        for index in pair:
            clock.CumulVar(index).SetMin(min(release_s, horizon_s))
            clock.SetCumulVarSoftUpperBound(index, due_s, _LATE * weight)
            arrival.SetCumulVarSoftUpperBound(index, 0, weight)
        model.AddDisjunction(pair, _LATE * weight * horizon_s * 4, 1)
        for k, vehicle in enumerate(vehicles):
            if not problem.fits(vehicle, consignment.goods.weight_kg, consignment.goods.volume_m3):
                for index in pair:
                    model.VehicleVar(index).RemoveValue(k)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    search.solution_limit = solutions
    search.time_limit.FromMilliseconds(max(1, int(seconds * 1000)))
    model.CloseModelWithParameters(search)
    position = iter(range(n))
    routes: dict[str, list[int]] = {vehicle.vehicle: [] for vehicle in vehicles}
    for order in orders:
        routes[order.vehicle].extend((0 if k == 0 else n) + next(position) for k in range(len(order.consignments)))
    start = model.ReadAssignmentFromRoutes(list(routes.values()), True)
    found = None if start is None else model.SolveFromAssignmentWithParameters(start, search)
    if found is None:
        return []
    trips: list[tuple[int, TripOrder]] = []
    for k, vehicle in enumerate(vehicles):
        visited = []
        index = model.Start(k)
        while not model.IsEnd(index := found.Value(model.NextVar(index))):
            visited.append((manager.IndexToNode(index), found.Min(clock.CumulVar(index))))
        trips.extend(_trips(vehicle.vehicle, consignments, visited))
    trips.sort(key=lambda pair: (pair[0], pair[1].vehicle))
    sent = {id(consignment) for _, trip in trips for consignment in trip.consignments}
    left = [
        TripOrder(order.vehicle, order.depot, (c,)) for order in orders for c in order.consignments if id(c) not in sent
    ]
    return [trip for _, trip in trips] + left


def _trips(
    vehicle: str, consignments: Sequence[Consignment], visited: Sequence[tuple[int, int]]
) -> list[tuple[int, TripOrder]]:
    """Trips of one vehicle, each with the planned time of its first delivery, from (node, time) in order."""
    n = len(consignments)
    loads: list[tuple[int, list[Consignment]]] = []
    for node, time_s in visited:
        if node < n or not loads:
            loads.append((time_s, []))
        loads[-1][1].append(consignments[node % n])
    return [(time_s, TripOrder(vehicle, load[0].depot, tuple(load))) for time_s, load in loads]


def _weight(problem: ReliefProblem, consignment: Consignment) -> float:
    """People whom a consignment is for, shared among the needs they have."""
    tasks: dict[int, float] = {}
    for need, _, _ in consignment.goods.loads:
        tasks[problem.needs[need].task] = problem.needs[need].weight
    return sum(tasks.values())


def _add_load(model, manager, name: str, size: list[int], room: list[int]) -> None:  # type: ignore[no-untyped-def]
    """Dimension of the load on board, counted anew from each first consignment of a load."""
    n = len(size)
    most = max(*room, *size)
    fresh = [s - most for s in size]
    row = [*fresh, *size, 0]
    evaluator = model.RegisterTransitMatrix([row for _ in range(2 * n + 1)])
    model.AddDimensionWithVehicleCapacity(evaluator, most, room, True, name)
    load = model.GetDimensionOrDie(name)
    for j in range(n):
        load.CumulVar(manager.NodeToIndex(j)).SetMin(size[j])


def _time_matrices(
    problem: ReliefProblem, consignments: Sequence[Consignment], vehicles: Sequence[Vehicle]
) -> list[list[list[int]]]:
    """Seconds from the end of unloading one consignment to the end of the next, by vehicle."""
    between: dict[str, list[list[int]]] = {}
    made: dict[tuple[str, str, int], list[list[int]]] = {}
    result = []
    for vehicle in vehicles:
        key = (vehicle.vehicle_class, vehicle.base, vehicle.ready_ms)
        if key not in made:
            if vehicle.vehicle_class not in between:
                between[vehicle.vehicle_class] = _between(problem, consignments, vehicle.vehicle_class)
            start = [_first(problem, consignment, vehicle) for consignment in consignments]
            n = len(consignments)
            made[key] = [*between[vehicle.vehicle_class], [*start, *([_BARRED] * n), 0]]
        result.append(made[key])
    return result


def _first(problem: ReliefProblem, consignment: Consignment, vehicle: Vehicle) -> int:
    """Seconds from the order until a vehicle has unloaded a consignment as its first."""
    at = problem.legs.arrive(vehicle.vehicle_class, vehicle.base, consignment.depot, vehicle.ready_ms)
    if at >= NEVER:
        return _BARRED
    start = max(at, problem.depots[consignment.depot].open_ms)
    end = _delivered(problem, consignment, vehicle.vehicle_class, start)
    return _BARRED if end >= NEVER else math.ceil((end - problem.scenario.order_ms) / SECOND_MS)


def _delivered(problem: ReliefProblem, consignment: Consignment, vehicle_class: str, start_ms: int) -> int:
    """End of unloading if loading starts at ``start_ms``."""
    goods = consignment.goods
    depart = start_ms + problem.loading_time_ms(goods.weight_kg, goods.volume_m3) + problem.convoy_ms
    if depart > problem.end_ms:
        return NEVER
    at = problem.legs.arrive(vehicle_class, consignment.depot, goods.site, depart)
    return at if at >= NEVER else at + problem.unloading_time_ms(goods.weight_kg, goods.volume_m3)


def _between(problem: ReliefProblem, consignments: Sequence[Consignment], vehicle_class: str) -> list[list[int]]:
    """Rows of the time matrix for a vehicle that has just unloaded a consignment, at a typical hour."""
    legs = problem.legs
    typical = {}
    for depot in {consignment.depot for consignment in consignments}:
        opened = max(problem.depots[depot].open_ms, problem.vehicle_at.get((vehicle_class, depot), NEVER))
        typical[depot] = min(opened, problem.end_ms) + problem.loading_ms + problem.convoy_ms
    again = [_delivered(problem, c, vehicle_class, typical[c.depot]) - typical[c.depot] for c in consignments]
    rows = []
    for a in consignments:
        now = typical[a.depot]
        fresh, added = [], []
        for b, cycle in zip(consignments, again, strict=True):
            back = legs.arrive(vehicle_class, a.site, b.depot, now) - now
            fresh.append(_BARRED if back + cycle >= _BARRED * SECOND_MS else math.ceil((back + cycle) / SECOND_MS))
            onward = legs.arrive(vehicle_class, a.site, b.site, now) - now
            size = (b.goods.weight_kg, b.goods.volume_m3)
            more = onward + problem.loading_time_ms(*size) + problem.unloading_time_ms(*size)
            barred = a.depot != b.depot or more >= _BARRED * SECOND_MS
            added.append(_BARRED if barred else math.ceil(more / SECOND_MS))
        rows.append([*fresh, *added, 0])
    return rows + rows
