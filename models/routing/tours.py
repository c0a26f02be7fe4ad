"""Tours of a fleet, with what tells in constant time how an insertion changes them.

A tour is a sequence of nodes that begins and ends at the depot (0), with a 0 for each reloading. Each position keeps a
segment summary in the manner of Vidal et al. (2014): from the departure of its trip up to it, service starts at
``max(departure + lasts, earliest)`` provided ``departure <= latest``; from it on, ``late`` is the latest time at which
the vehicle may be there and ``after`` the weight of all arrivals behind it. An insertion is judged from one prefix and
one suffix.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.routing.instance import RoutingInstance

__all__ = ["Tours", "best_insertion", "empty_tours", "insert", "refresh", "remove_marked"]

INFINITE = 1e18


class Tours(NamedTuple):
    """State of a search; first axis of most arrays: vehicle, second: position in its tour.

    Attributes
    ----------
    node : int64 array (v, m)
    length : int64 array (v,)
        Positions in use, at least 2.
    vehicle, position : int64 arrays (n + 1,)
        Of a customer; -1 where it is on no tour.
    start : int64 array (v, m)
        Position of the 0 at which the trip of a position begins (of a 0: its own).
    at : float64 array (v, m)
        Start of service; at a 0: arrival.
    lasts, earliest, latest, late, after : float64 arrays (v, m)
    load, ready : float64 arrays (v, m)
        At the 0 that begins a trip: its load, and when all of it is released.
    worth, excess : float64 arrays (v,)
        Objective of a tour; load beyond capacity, over its trips.
    """

    node: NDArray[np.int64]
    length: NDArray[np.int64]
    vehicle: NDArray[np.int64]
    position: NDArray[np.int64]
    start: NDArray[np.int64]
    at: NDArray[np.float64]
    lasts: NDArray[np.float64]
    earliest: NDArray[np.float64]
    latest: NDArray[np.float64]
    late: NDArray[np.float64]
    after: NDArray[np.float64]
    load: NDArray[np.float64]
    ready: NDArray[np.float64]
    worth: NDArray[np.float64]
    excess: NDArray[np.float64]


def empty_tours(instance: RoutingInstance) -> Tours:
    """Tours that go nowhere."""
    nodes, fleet = len(instance.demand), instance.vehicles
    most = 2 * nodes + 2 if instance.reload else nodes + 2

    def floats() -> NDArray[np.float64]:
        return np.zeros((fleet, most))

    tours = Tours(
        np.zeros((fleet, most), np.int64), np.full(fleet, 2, np.int64), np.full(nodes, -1, np.int64),
        np.full(nodes, -1, np.int64), np.zeros((fleet, most), np.int64), floats(), floats(), floats(), floats(),
        floats(), floats(), floats(), floats(), np.zeros(fleet), np.zeros(fleet),
    )  # fmt: skip
    for v in range(fleet):
        refresh(instance, tours, v)
    return tours


@nb.njit(cache=True)
def refresh(inst, tours, v):  # type: ignore[no-untyped-def]
    """Compute anew what is kept of one tour."""
    node, m = tours.node[v], tours.length[v]
    time, service, ready, due = inst.time, inst.service, inst.ready, inst.due
    at, lasts, earliest, latest = tours.at[v], tours.lasts[v], tours.earliest[v], tours.latest[v]
    worth = excess = 0.0
    at[0] = ready[0]
    k = 0
    for i in range(m):
        here = node[i]
        if i > 0:
            before = node[i - 1]
            step = service[before] + time[before, here]
            if inst.timed:
                lasts[i] = lasts[i - 1] + step
                earliest[i] = max(earliest[i - 1] + step, ready[here])
                latest[i] = min(latest[i - 1], due[here] - lasts[i])
                at[i] = max(max(at[k], tours.ready[v, k]) + lasts[i], earliest[i])
            else:
                at[i] = at[i - 1] + step
            if inst.by_arrival:
                if here != 0:
                    worth += inst.weight[here] * at[i]
            else:
                worth += inst.cost[before, here]
        if here == 0:
            k = i
            lasts[i] = 0.0
            earliest[i] = -INFINITE
            latest[i] = due[0]
            load = 0.0
            released = 0.0
            j = i + 1
            while j < m and node[j] != 0:
                load += inst.demand[node[j]]
                released = max(released, inst.release[node[j]])
                j += 1
            tours.load[v, i] = load
            excess += max(0.0, load - inst.capacity)
            tours.ready[v, i] = released
        else:
            tours.vehicle[here] = v
            tours.position[here] = i
        tours.start[v, i] = k
    late, after = tours.late[v], tours.after[v]
    late[m - 1] = due[0]
    after[m - 1] = 0.0
    for i in range(m - 2, -1, -1):
        here, behind = node[i], node[i + 1]
        if inst.timed:
            late[i] = min(due[here], late[i + 1] - service[here] - time[here, behind])
        else:
            late[i] = INFINITE
        after[i] = after[i + 1] + (inst.weight[behind] if behind != 0 else 0.0)
    tours.worth[v] = worth
    tours.excess[v] = excess


@nb.njit(cache=True)
def best_insertion(inst, tours, c, v, blink, toll, rng, best):  # type: ignore[no-untyped-def]
    """Cheapest place for a customer in a tour, if it costs less than ``best``.

    Returns the cost, the position before which it goes (-1: nowhere cheaper), and whether it makes a trip of its own.
    Each place is overlooked with probability ``blink``; load beyond capacity costs ``toll`` a unit (infinite: none).
    """
    node, m = tours.node[v], tours.length[v]
    time, cost = inst.time, inst.cost
    at, lasts, earliest, latest = tours.at[v], tours.lasts[v], tours.earliest[v], tours.latest[v]
    late, after = tours.late[v], tours.after[v]
    service, ready, due = inst.service, inst.ready[c], inst.due[c]
    by_arrival, timed, weight = inst.by_arrival, inst.timed, inst.weight[c]
    position, alone = -1, False
    i = 0
    while i < m - 1:
        k = i
        over = tours.load[v, k] + inst.demand[c] - inst.capacity
        extra = 0.0 if over <= 1e-9 else toll * min(over, inst.demand[c])
        depart = max(max(at[k], tours.ready[v, k]), inst.release[c])
        if extra >= best or (timed and depart > late[k] + 1e-9):
            i += 1
            while node[i] != 0:
                i += 1
            continue
        while True:
            a, b = node[i], node[i + 1]
            if by_arrival:
                here = at[i] + service[a] + time[a, c]
                more = weight * here + after[i] * (time[a, c] + service[c] + time[c, b] - time[a, b])
            else:
                more = cost[a, c] + cost[c, b] - cost[a, b]
            more += extra
            if more < best and (blink <= 0.0 or rng.random() >= blink):
                possible = True
                if timed:
                    possible = depart <= latest[i] + 1e-9
                    if possible:
                        begin = max(depart + lasts[i], earliest[i]) + service[a] + time[a, c]
                        possible = begin <= due + 1e-9
                        begin = max(begin, ready)
                        possible = possible and begin + service[c] + time[c, b] <= late[i + 1] + 1e-9
                if possible:
                    best, position, alone = more, i + 1, False
            i += 1
            if b == 0:
                break
    if inst.reload and m > 2:
        for k in range(m):
            if node[k] != 0:
                continue
            begin = max(max(at[k], inst.release[c]) + time[0, c], ready)
            round_trip = time[0, c] + service[c] + time[c, 0]
            more = weight * begin + after[k] * round_trip if by_arrival else cost[0, c] + cost[c, 0]
            if more >= best or (blink > 0.0 and rng.random() < blink):
                continue
            if begin <= due + 1e-9 and begin + service[c] + time[c, 0] <= late[k] + 1e-9:
                best, position, alone = more, k, True
    return best, position, alone


@nb.njit(cache=True)
def insert(inst, tours, c, v, position, alone):  # type: ignore[no-untyped-def]
    """Put a customer before a position of a tour; ``alone``: as a trip of its own behind the 0 that stands there."""
    node, m = tours.node[v], tours.length[v]
    if alone:
        for i in range(m - 1, position, -1):
            node[i + 2] = node[i]
        node[position + 1] = c
        node[position + 2] = 0
        tours.length[v] = m + 2
    else:
        for i in range(m - 1, position - 1, -1):
            node[i + 1] = node[i]
        node[position] = c
        tours.length[v] = m + 1
    refresh(inst, tours, v)


@nb.njit(cache=True)
def remove_marked(inst, tours, v, marked):  # type: ignore[no-untyped-def]
    """Take the marked customers out of a tour, and trips that become empty."""
    node, m = tours.node[v], tours.length[v]
    kept = 1
    for i in range(1, m):
        c = node[i]
        if c != 0 and marked[c]:
            tours.vehicle[c] = -1
            tours.position[c] = -1
            continue
        if c == 0 and node[kept - 1] == 0 and (i < m - 1 or kept > 1):
            if i == m - 1:
                break
            continue
        node[kept] = c
        kept += 1
    tours.length[v] = kept
    refresh(inst, tours, v)
