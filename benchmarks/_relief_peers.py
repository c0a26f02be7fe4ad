"""Other ways to send vehicles, for the same consignments and the same timetable: OR-Tools' routing, PyVRP's distance.

Neither knows docks, closures or stock by the hour: what they assign is timed by the decoder that times our plans.
"""

from __future__ import annotations

import math

from dispatch.planning.greedy import nearest_first
from dispatch.planning.problem import Consignment, TripOrder
from dispatch.planning.relief import Search
from dispatch.planning.routing import route
from dispatch.planning.score import Scorer
from dispatch.planning.timetable import Timetable
from models.traversal import NEVER

__all__ = ["ortools_search", "pyvrp_search"]

_SOLUTIONS = 10**6


def ortools_search(seconds: float) -> Search:
    """Weighted completion times by OR-Tools' guided local search, started from nearest first."""

    def search(scorer: Scorer, consignments: list[Consignment], after: Timetable, _: str) -> list[TripOrder]:
        start = nearest_first(scorer.problem, consignments, after)
        return route(scorer.problem, start, _SOLUTIONS, seconds) or start

    return search


def pyvrp_search(seconds: float) -> Search:
    """Least distance by PyVRP, depot by depot, each with the vehicles based nearest to it; several trips each."""

    def search(scorer: Scorer, consignments: list[Consignment], _: Timetable, __: str) -> list[TripOrder]:
        problem = scorer.problem
        legs = problem.legs
        depots = sorted({c.depot for c in consignments})
        fleet: dict[str, list[str]] = {depot: [] for depot in depots}
        if not depots:
            return []
        for name, vehicle in problem.vehicles.items():
            of = min(depots, key=lambda d: (legs.least(vehicle.vehicle_class, vehicle.base, d), d))
            fleet[of].append(name)
        timed: list[tuple[int, TripOrder]] = []
        for depot in depots:
            mine = [c for c in consignments if c.depot == depot]
            vehicles = fleet[depot] or list(problem.vehicles)
            tours = _tours(scorer, depot, mine, vehicles, seconds * len(mine) / len(consignments))
            sent = set()
            for name, trips in tours:
                for k, trip in enumerate(trips):
                    timed.append((k, TripOrder(name, depot, tuple(mine[i] for i in trip))))
                    sent.update(trip)
            left = [mine[i] for i in range(len(mine)) if i not in sent]
            timed += [(_SOLUTIONS, order) for order in nearest_first(problem, left, Timetable(problem))]
        timed.sort(key=lambda pair: pair[0])
        return [order for _, order in timed]

    return search


def _tours(
    scorer: Scorer, depot: str, goods: list[Consignment], vehicles: list[str], seconds: float
) -> list[tuple[str, list[list[int]]]]:
    """Trips by vehicle of one depot: distances of the usual ways, vehicles and loads by mass and volume."""
    import pyvrp
    from pyvrp.stop import MaxRuntime

    problem = scorer.problem
    legs = problem.legs
    model = pyvrp.Model()
    points = [model.add_location(0.0, float(k)) for k in range(len(goods) + 1)]
    home = model.add_depot(points[0])
    for of in problem.classes:
        alike = [name for name in vehicles if problem.vehicles[name].vehicle_class == of]
        if alike:
            profile = model.add_profile()
            kg = min(problem.vehicles[name].payload_kg for name in alike)
            m3 = min(problem.vehicles[name].volume_m3 for name in alike)
            model.add_vehicle_type(len(alike), [int(kg), int(m3 * 1000)], home, home, reload_depots=[home],
                                   profile=profile, name=of)  # fmt: skip
            sites = [depot, *(c.site for c in goods)]
            for a, origin in enumerate(sites):
                for b, target in enumerate(sites):
                    known = legs.least(of, origin, target) < NEVER
                    length = round(legs.length_m(of, origin, target)) if known else 10**7
                    model.add_edge(points[a], points[b], distance=length, duration=0, profile=profile)
    for k, c in enumerate(goods):
        model.add_client(points[k + 1], [math.ceil(c.goods.weight_kg - 1e-6),
                                         math.ceil(c.goods.volume_m3 * 1000 - 1e-6)])  # fmt: skip
    found = model.solve(MaxRuntime(max(0.2, seconds)), seed=1, display=False)
    spare = {of: [n for n in vehicles if problem.vehicles[n].vehicle_class == of] for of in problem.classes}
    tours: list[tuple[str, list[list[int]]]] = []
    if not found.is_feasible():
        return tours
    types = [of for of in problem.classes if spare[of]]
    for way in found.best.routes():
        trips: list[list[int]] = [[]]
        for stop in way:
            if stop.is_client():
                trips[-1].append(stop.idx)
            elif trips[-1]:
                trips.append([])
        tours.append((spare[types[way.vehicle_type()]].pop(0), [trip for trip in trips if trip]))
    return tours
