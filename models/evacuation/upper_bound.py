"""How many can be out in time at the very most: a relaxation of shelters, ways and bus trips.

    max  Σ y_a + Σ z_c
    s.t. Σ_{arcs of group g} y + Σ z_g          ≤ people of g
         Σ_{arcs into shelter s} y + Σ z_{g,s}   ≤ room of s
         Σ_{g at place p} z                      ≤ Σ_b seats_b n_bp
         Σ_{p: deadline_p ≤ D} cost_bp n_bp      ≤ D - ready_b + last_bD     for every bus b and deadline D
              Σ_p cost_bp n_bp                        ≤ until - ready_b + alight   for every bus b
         Σ_{arcs by car} y                       ≤ what the roads take (``models.evacuation.road_bound``)
         y, z, n ≥ 0; n whole if asked for

``y``: on foot or by own car along arcs that are in time; ``z``: by bus; ``n_bp``: trips of bus b to
place p. ``cost_bp`` is the least time that a trip to p can take: the shortest way in, boarding, and the shortest way
out with alighting, the last of which may end after the deadline (``last``). So the value is never below the possible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["PeopleProblem", "people_bound"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PeopleProblem:
    """Who can go where how.

    Attributes
    ----------
    people : int64 array (g,)
        Of each group.
    place : int64 array (g,)
        Number of its place.
    room : int64 array (s,)
        Of each shelter.
    arc_group, arc_shelter : int64 arrays (a,)
        In time on foot or by own car.
    bus_group, bus_shelter : int64 arrays (c,)
        In time by some bus.
    seats : int64 array (b,)
    ready : float64 array (b,)
        When each bus's first trip can be thought to begin, if its way in takes as long as ``cost`` has it.
    cost, last : float64 arrays (b, p)
        Least time of a trip to each place, and the part of it after the place has been left; inf where no bus comes.
    deadline : float64 array (p,)
        Until when a bus must have left each place.
    until, alight : float
        When everybody must have arrived, and what a trip takes after that.
    arc_by_car : bool array (a,), optional
        Which of the first arcs are by own car.
    by_car : float
        Most people that the roads take by own car.
    """

    people: Ints
    place: Ints
    room: Ints
    arc_group: Ints
    arc_shelter: Ints
    bus_group: Ints
    bus_shelter: Ints
    seats: Ints
    ready: Floats
    cost: Floats
    last: Floats
    deadline: Floats
    until: float = np.inf
    alight: float = 0.0
    arc_by_car: NDArray[np.bool_] | None = None
    by_car: float = np.inf


def people_bound(problem: PeopleProblem, nodes: int = 0) -> float:
    """Most people that can be out in time; no plan gets out more.

    Parameters
    ----------
    problem : PeopleProblem
    nodes : int
        Nodes of a branch and bound over whole trips; 0: trips may be parts of one, which is quick.

    Raises
    ------
    RuntimeError
        If the linear programme cannot be solved.
    """
    from scipy.optimize import Bounds, LinearConstraint, linprog, milp
    from scipy.sparse import coo_array

    a, c = len(problem.arc_group), len(problem.bus_group)
    buses, places = problem.cost.shape
    usable = np.isfinite(problem.cost)
    trip_bus, trip_place = np.nonzero(usable)
    k = len(trip_bus)
    if a + c == 0:
        return 0.0
    groups, shelters = len(problem.people), len(problem.room)
    rows: list[Ints] = []
    columns: list[Ints] = []
    values: list[Floats] = []
    limits: list[Floats] = []
    base = 0

    def add(row: NDArray[np.integer], column: NDArray[np.integer], value: Floats) -> None:
        rows.append(base + np.asarray(row, dtype=np.int64))
        columns.append(np.asarray(column, dtype=np.int64))
        values.append(value)

    start = np.where(np.isfinite(problem.ready), problem.ready, 1e12)  # a bus that gets nowhere
    on_foot, by_bus, trips = np.arange(a), a + np.arange(c), a + c + np.arange(k)
    add(problem.arc_group, on_foot, np.ones(a))
    add(problem.bus_group, by_bus, np.ones(c))
    limits.append(problem.people.astype(np.float64))
    base += groups
    add(problem.arc_shelter, on_foot, np.ones(a))
    add(problem.bus_shelter, by_bus, np.ones(c))
    limits.append(problem.room.astype(np.float64))
    base += shelters
    add(problem.place[problem.bus_group], by_bus, np.ones(c))
    add(trip_place, trips, -problem.seats[trip_bus].astype(np.float64))
    limits.append(np.zeros(places))
    base += places
    for due in np.unique(problem.deadline[np.isfinite(problem.deadline)]):
        within = problem.deadline[trip_place] <= due
        longest = np.where(usable & (problem.deadline <= due)[None, :], problem.last, 0.0).max(axis=1, initial=0.0)
        add(trip_bus[within], trips[within], problem.cost[trip_bus[within], trip_place[within]])
        limits.append(np.maximum(due - start + longest, 0.0))
        base += buses
    if np.isfinite(problem.until):
        add(trip_bus, trips, problem.cost[trip_bus, trip_place])
        limits.append(np.maximum(problem.until - start + problem.alight, 0.0))
        base += buses
    if problem.arc_by_car is not None and np.isfinite(problem.by_car):
        driving = np.flatnonzero(problem.arc_by_car)
        add(np.zeros(len(driving), dtype=np.int64), driving, np.ones(len(driving)))
        limits.append(np.array([problem.by_car]))
        base += 1
    matrix = coo_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(base, a + c + k)
    ).tocsr()
    price = np.concatenate([-np.ones(a + c), np.zeros(k)])
    highest = np.concatenate(limits)
    if nodes == 0:
        solved = linprog(price, A_ub=matrix, b_ub=highest, method="highs")
        if solved.status != 0:
            msg = f"the relaxation cannot be solved: {solved.message}"
            raise RuntimeError(msg)
        return float(-solved.fun)
    solved = milp(
        price,
        constraints=LinearConstraint(matrix, -np.inf, highest),
        integrality=np.repeat([0, 1], [a + c, k]),
        bounds=Bounds(0, np.inf),
        options={"node_limit": nodes},
    )
    if solved.status not in (0, 1):
        msg = f"the relaxation cannot be solved: {solved.message}"
        raise RuntimeError(msg)
    return float(-solved.mip_dual_bound)
