"""OR-Tools' routing library and PyVRP on published routing instances."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._routing_files import Published

__all__ = ["ortools_tours", "pyvrp_tours"]

Floats = NDArray[np.float64]


def ortools_tours(
    given: Published, distance: Floats, vehicles: int, seconds: float, scale: int, by_arrival: bool
) -> list[list[int]] | None:
    """Tours of guided local search for cost, or for the sum of arrivals; None if it finds none."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    n = len(distance)
    manager = pywrapcp.RoutingIndexManager(n, vehicles, 0)
    model = pywrapcp.RoutingModel(manager)
    cost = np.rint(distance * scale).astype(int)
    time = cost + np.rint(given.service * scale).astype(int)[:, None]
    transit = model.RegisterTransitMatrix(time.tolist())
    if not by_arrival:
        model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(cost.tolist()))
    demand = model.RegisterUnaryTransitVector(given.demand.astype(int).tolist())
    model.AddDimension(demand, 0, int(given.capacity), True, "load")
    if by_arrival or np.isfinite(given.due).any():
        horizon = int(min(1e9, given.due[0] * scale)) if np.isfinite(given.due[0]) else 10**9
        model.AddDimension(transit, horizon, horizon, by_arrival, "time")
        clock = model.GetDimensionOrDie("time")
        for c in range(1, n):
            index = manager.NodeToIndex(c)
            if by_arrival:
                clock.SetCumulVarSoftUpperBound(index, 0, 1)
            else:
                clock.CumulVar(index).SetRange(int(given.ready[c] * scale), int(given.due[c] * scale))
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    search.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    search.time_limit.FromMilliseconds(int(seconds * 1000))
    found = model.SolveWithParameters(search)
    if found is None:
        return None
    tours = []
    for v in range(vehicles):
        tour = []
        index = found.Value(model.NextVar(model.Start(v)))
        while not model.IsEnd(index):
            tour.append(manager.IndexToNode(index))
            index = found.Value(model.NextVar(index))
        if tour:
            tours.append(tour)
    return tours


def pyvrp_tours(
    given: Published, distance: Floats, vehicles: int, seconds: float, scale: int, reload: bool
) -> list[list[list[int]]] | None:
    """Trips by vehicle of PyVRP's search for distance; None if it finds none."""
    import pyvrp
    from pyvrp.stop import MaxRuntime

    model = pyvrp.Model()
    place = given.place
    points = [model.add_location(float(x), float(y)) for x, y in place]
    depot = model.add_depot(points[0])
    window: dict[str, Any] = {} if not np.isfinite(given.due[0]) else {"tw_late": int(given.due[0] * scale)}
    reloads: dict[str, Any] = {"reload_depots": [depot]} if reload else {}
    model.add_vehicle_type(vehicles, int(given.capacity), depot, depot, **window, **reloads)
    for c in range(1, len(place)):
        late = {} if not np.isfinite(given.due[c]) else {"tw_late": int(given.due[c] * scale)}
        model.add_client(points[c], int(given.demand[c]), service_duration=int(given.service[c] * scale),
                         tw_early=int(given.ready[c] * scale),
                         release_time=int(given.release[c] * scale), **late)  # fmt: skip
    whole = np.rint(distance * scale).astype(int)
    for a, origin in enumerate(points):
        for b, target in enumerate(points):
            model.add_edge(origin, target, distance=int(whole[a, b]), duration=int(whole[a, b]))
    result = model.solve(MaxRuntime(seconds), seed=1, display=False)
    if not result.is_feasible():
        return None
    tours = []
    for route in result.best.routes():
        trips: list[list[int]] = [[]]
        for stop in route:
            if stop.is_client():
                trips[-1].append(stop.idx + 1)
            elif trips[-1]:
                trips.append([])
        tours.append([trip for trip in trips if trip])
    return tours
