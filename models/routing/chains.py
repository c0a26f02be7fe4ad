"""Tours of one trip each where nothing is timed: chains of customers, judged from the two customers beside a place.

One objective stands for both: the weighted sum of arrivals, the arrival back at the depot among them. Where arrivals
count, that last one has no weight; where cost counts, it alone has. A chain keeps of each customer when it is left and
the weight of all arrivals behind it, so that an insertion is judged in constant time (Ngueveu, Prins and Wolfler Calvo
2010, "An effective memetic algorithm for the cumulative capacitated vehicle routing problem").
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.routing.instance import RoutingInstance

__all__ = ["Chains", "Legs", "anywhere", "beside", "drop", "legs", "no_chains", "put", "refresh_chain", "trips"]

VEHICLE, BEFORE, BEHIND, PLACE = range(4)
LEFT, AFTER, CAME, GOES = range(4)


class Legs(NamedTuple):
    """The problem as chains see it.

    Attributes
    ----------
    to, back : float64 arrays (n + 1, n + 1)
        Time (or cost) from a row's customer to another; from another to it.
    demand, service, weight : float64 arrays (n + 1,)
    begin, end_weight, capacity : float
        When vehicles leave; weight of the arrival back at the depot.
    """

    to: NDArray[np.float64]
    back: NDArray[np.float64]
    demand: NDArray[np.float64]
    service: NDArray[np.float64]
    weight: NDArray[np.float64]
    begin: float
    end_weight: float
    capacity: float


class Chains(NamedTuple):
    """State of a search.

    Attributes
    ----------
    link : int32 array (n + 1, 4)
        Of a customer: vehicle (-1: absent), the one before and the one behind (0: depot), place in the tour from 0.
    when : float64 array (n + 1, 4)
        Of a customer: when it is left, weight of all arrivals behind it, length of the leg to it, of the leg from it.
    ends : int32 array (v, 2)
        First and last customer of a tour, 0 where it is empty.
    size : int64 array (v,)
    load, worth : float64 arrays (v,)
    """

    link: NDArray[np.int32]
    when: NDArray[np.float64]
    ends: NDArray[np.int32]
    size: NDArray[np.int64]
    load: NDArray[np.float64]
    worth: NDArray[np.float64]


def legs(instance: RoutingInstance) -> Legs:
    """The problem as chains see it; windows, releases and reloading are not looked at."""
    arrival = instance.by_arrival
    to = instance.time if arrival else instance.cost
    zero = np.zeros(len(to))
    return Legs(
        np.ascontiguousarray(to), np.ascontiguousarray(to.T), instance.demand, instance.service if arrival else zero,
        instance.weight if arrival else zero, float(instance.ready[0]) if arrival else 0.0, 0.0 if arrival else 1.0,
        instance.capacity,
    )  # fmt: skip


def no_chains(nodes: int, fleet: int) -> Chains:
    """Nobody is on a tour yet."""
    link = np.zeros((nodes, 4), np.int32)
    link[:, VEHICLE] = -1
    return Chains(link, np.zeros((nodes, 4)), np.zeros((fleet, 2), np.int32), np.zeros(fleet, np.int64),
                  np.zeros(fleet), np.zeros(fleet))  # fmt: skip


def trips(chains: Chains) -> tuple[tuple[NDArray[np.int64], ...], ...]:
    """Tours in use, each of one trip."""
    found = []
    for v in range(len(chains.size)):
        trip, c = [], int(chains.ends[v, 0])
        while c:
            trip.append(c)
            c = int(chains.link[c, BEHIND])
        if trip:
            found.append((np.array(trip, np.int64),))
    return tuple(found)


@nb.njit(cache=True)
def refresh_chain(legs, chains, v):  # type: ignore[no-untyped-def]
    """Compute anew what is kept of one tour, from its links."""
    link, when = chains.link, chains.when
    clock, load, worth = legs.begin, 0.0, 0.0
    a, c, place = 0, chains.ends[v, 0], 0
    while c != 0:
        leg = legs.to[a, c]
        clock += leg
        worth += legs.weight[c] * clock
        clock += legs.service[c]
        load += legs.demand[c]
        if a != 0:
            when[a, GOES] = leg
        when[c, LEFT] = clock
        when[c, CAME] = leg
        link[c, VEHICLE] = v
        link[c, PLACE] = place
        place += 1
        a, c = c, link[c, BEHIND]
    chains.ends[v, 1] = a
    chains.size[v] = place
    chains.load[v] = load
    if a != 0:
        leg = legs.to[a, 0]
        when[a, GOES] = leg
        worth += legs.end_weight * (clock + leg)
    chains.worth[v] = worth
    after = legs.end_weight
    while a != 0:
        when[a, AFTER] = after
        after += legs.weight[a]
        a = link[a, BEFORE]


@nb.njit(cache=True)
def drop(chains, c):  # type: ignore[no-untyped-def]
    """Unlink a customer; its tour is to be refreshed by the caller."""
    link = chains.link
    v, a, e = link[c, VEHICLE], link[c, BEFORE], link[c, BEHIND]
    if a != 0:
        link[a, BEHIND] = e
    else:
        chains.ends[v, 0] = e
    if e != 0:
        link[e, BEFORE] = a
    else:
        chains.ends[v, 1] = a
    link[c, VEHICLE] = -1


@nb.njit(cache=True)
def put(legs, chains, c, v, a):  # type: ignore[no-untyped-def]
    """Link a customer behind another (0: first) of a tour, and refresh the tour."""
    link = chains.link
    if a != 0:
        e = link[a, BEHIND]
        link[a, BEHIND] = c
    else:
        e = chains.ends[v, 0]
        chains.ends[v, 0] = c
    if e != 0:
        link[e, BEFORE] = c
    link[c, BEFORE] = a
    link[c, BEHIND] = e
    refresh_chain(legs, chains, v)


@nb.njit(cache=True)
def beside(legs, chains, c, near, most, blink, toll, rng):  # type: ignore[no-untyped-def]
    """Cheapest place for a customer before or behind one of its ``most`` nearest.

    Returns the cost, the vehicle (-1: none) and whom it goes behind (0: the depot). Each place is overlooked with
    probability ``blink``; load beyond the capacity costs ``toll`` a unit (infinite: none).
    """
    link, when, load = chains.link, chains.when, chains.load
    to, back = legs.to[c], legs.back[c]
    weight, service, demand = legs.weight[c], legs.service[c], legs.demand[c]
    room = legs.capacity - demand + 1e-9
    best, where, behind = np.inf, -1, 0
    for j in range(most):
        b = near[c, j]
        v = link[b, VEHICLE]
        if v < 0:
            continue
        extra = 0.0
        if load[v] > room:
            if toll == np.inf:
                continue
            extra = toll * min(load[v] - room, demand)
            if extra >= best:
                continue
        a, e = link[b, BEFORE], link[b, BEHIND]
        left, after = when[b, LEFT], when[b, AFTER]
        leg = back[b]
        more = weight * (left + leg) + after * (leg + service + to[e] - when[b, GOES]) + extra
        if more < best and (blink <= 0.0 or rng.random() >= blink):
            best, where, behind = more, v, b
        leg = back[a]
        start = when[a, LEFT] if a != 0 else legs.begin
        more = weight * (start + leg) + (after + legs.weight[b]) * (leg + service + to[b] - when[b, CAME]) + extra
        if more < best and (blink <= 0.0 or rng.random() >= blink):
            best, where, behind = more, v, a
    return best, where, behind


@nb.njit(cache=True)
def anywhere(legs, chains, c, blink, toll, rng):  # type: ignore[no-untyped-def]
    """Cheapest place for a customer in any tour that is not empty; arguments and result as of :func:`beside`."""
    link, when, load = chains.link, chains.when, chains.load
    to, back = legs.to[c], legs.back[c]
    weight, service, demand = legs.weight[c], legs.service[c], legs.demand[c]
    room = legs.capacity - demand + 1e-9
    best, where, behind = np.inf, -1, 0
    for v in range(len(load)):
        b = chains.ends[v, 0]
        if b == 0:
            continue
        extra = 0.0
        if load[v] > room:
            if toll == np.inf:
                continue
            extra = toll * min(load[v] - room, demand)
            if extra >= best:
                continue
        leg = back[0]
        more = weight * (legs.begin + leg) + extra
        more += (when[b, AFTER] + legs.weight[b]) * (leg + service + to[b] - when[b, CAME])
        if more < best and (blink <= 0.0 or rng.random() >= blink):
            best, where, behind = more, v, 0
        while b != 0:
            e = link[b, BEHIND]
            leg = back[b]
            more = weight * (when[b, LEFT] + leg) + when[b, AFTER] * (leg + service + to[e] - when[b, GOES]) + extra
            if more < best and (blink <= 0.0 or rng.random() >= blink):
                best, where, behind = more, v, b
            b = e
    return best, where, behind
