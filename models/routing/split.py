"""Split deliveries: demands are cut beforehand into a few pieces, which travel as customers do.

The idea is of Chen, Golden, Wang and Wasil (2017), "A novel approach to solve the split delivery vehicle routing
problem"; the pieces are halves, quarters … here, so that there are fewer of them. Pieces of one customer on one tour
are one visit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.routing.instance import RoutingInstance
from models.routing.search import solve

__all__ = ["SplitSolution", "pieces", "solve_split"]

_WHOLE = 0.1
"""Share of the capacity up to which a demand is not cut."""


@dataclass(frozen=True)
class SplitSolution:
    """Tours found.

    Attributes
    ----------
    tours : tuple of (int64 array, float64 array)
        Of each tour its customers in order and what each is given.
    worth : float
    iterations : int
    seconds : float
    """

    tours: tuple[tuple[NDArray[np.int64], NDArray[np.float64]], ...]
    worth: float
    iterations: int
    seconds: float


def pieces(demand: NDArray[np.float64], capacity: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Customers and sizes of the pieces that demands are cut into; full loads are cut off first."""
    owner: list[int] = []
    size: list[float] = []
    least = _WHOLE * capacity
    for c in range(1, len(demand)):
        left = float(demand[c])
        while left > capacity:
            owner.append(c)
            size.append(float(capacity))
            left -= capacity
        while left > least and left >= 2:
            owner.append(c)
            size.append(float(np.ceil(left / 2)))
            left -= size[-1]
        if left > 0:
            owner.append(c)
            size.append(left)
    return np.array(owner, dtype=np.int64), np.array(size)


def solve_split(
    cost: NDArray[np.float64],
    demand: NDArray[np.float64],
    capacity: float,
    *,
    seconds: float,
    seed: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> SplitSolution:
    """Search for tours of least cost that bring every customer all of its demand, in as many visits as pays.

    Parameters
    ----------
    cost : float64 array (n + 1, n + 1)
        Satisfying the triangle inequality; node 0 is the depot.
    demand : float64 array (n + 1,)
        In units that may not be cut.
    capacity : float
    seconds : float
    seed : int
    clock : callable
        That ``seconds`` are read from.
    """
    owner, size = pieces(demand, capacity)
    nodes = np.array([0, *owner], dtype=np.int64)
    spread = np.ascontiguousarray(cost[np.ix_(nodes, nodes)])
    fleet = int(np.ceil(demand[1:].sum() / capacity) * 1.1) + 4
    none = np.zeros(len(nodes))
    instance = RoutingInstance(
        spread, spread, np.array([0.0, *size]), none, none, np.full(len(nodes), np.inf), none, none, capacity, fleet,
        by_arrival=False, reload=False, timed=False,
    )  # fmt: skip
    found = solve(instance, seconds=seconds, seed=seed, clock=clock)
    tours = []
    worth = 0.0
    for tour in found.tours:
        trip = nodes[tour[0]]
        customers = np.array(list(dict.fromkeys(trip.tolist())), dtype=np.int64)
        given = np.array([instance.demand[tour[0][trip == c]].sum() for c in customers])
        stops = [0, *customers.tolist(), 0]
        worth += float(sum(cost[a, b] for a, b in zip(stops[:-1], stops[1:], strict=True)))
        tours.append((customers, given))
    return SplitSolution(tuple(tours), worth, found.iterations, found.seconds)
