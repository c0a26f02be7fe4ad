"""Which sets of sites can be best before it is known who calls: branch and bound on knapsacks by site and scenario.

Relaxing "each call is served once" leaves a price for every site: its opening cost less, for each scenario, the best
knapsack of calls. A call's multiplier is at most what a unit of overflow costs, so that overflow never pays in a
knapsack, and the bound holds for layouts with overflow too, also at closed sites (demands and capacities are whole
numbers); and at most what it costs to serve it where it needs no room.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.siting.single_source_tree import deflect, fill, spare_for

__all__ = ["search_sets"]

Floats = NDArray[np.float64]
_ROOT, _STEPS = 400, 40
"""Steps at the root and at another node."""


def search_sets(
    opening: Floats,
    capacity: NDArray[np.int64],
    cost: Floats,
    need: NDArray[np.int64],
    begin: NDArray[np.int64],
    most: Floats,
    exact: Callable[[NDArray[np.bool_]], tuple[float, float]],
    value: float,
    deadline: float,
) -> float:
    """Lower bound of the cost of every set of sites; ``exact`` is called for those that may be best.

    The set without sites is looked at apart; the branching takes it that at least one is open.

    Parameters
    ----------
    opening, capacity : arrays, shape (m,)
    cost : float64 array, shape (c, m)
        Of serving each call from each site, chances included, none negative.
    need : int64 array, shape (c, m)
        None negative.
    begin : int64 array, shape (s + 1,)
        Where each scenario's calls begin.
    most : float64 array, shape (c,)
        Cost of a unit of overflow for the call's scenario, chance included.
    exact : function
        Of open sites: their cost with the best assignment, and a lower bound of it.
    value : float
        Best cost known, in the same units.
    deadline : float
        By ``time.monotonic``.
    """
    m = len(opening)
    met: dict[bytes, tuple[float, float]] = {}

    def considered(opened: NDArray[np.bool_]) -> float:
        nonlocal value
        key = opened.tobytes()
        if key not in met:
            met[key] = exact(opened)
            value = min(value, met[key][0])
        return met[key][1]

    ceiling = np.minimum(most, np.where(need == 0, cost, np.inf).min(axis=1))  # what needs no room gains nothing either
    if float((most * need.min(axis=1)).sum()) < value:  # no site at all: everybody overflows
        considered(np.zeros(m, bool))
    stack = [(-np.inf, np.zeros(m, np.int64), np.minimum(np.sort(cost, axis=1)[:, min(2, m - 1)], ceiling))]
    left_open = [below for _, below in met.values()]
    steps = _ROOT
    while stack and clock.monotonic() < deadline:
        below, fixed, u = stack.pop()
        enough = value - 1e-9 * abs(value)
        if below >= enough:
            continue
        bound, u, often, chosen = _ascend(cost, need, begin, capacity, opening, fixed, u, ceiling, enough, steps)
        steps, below = _STEPS, max(below, bound)
        if below >= enough:
            continue
        considered(chosen)
        free = np.flatnonzero(fixed == 0)
        if not len(free):
            if (fixed == 1).any():
                left_open.append(max(below, considered(fixed == 1)))
            continue
        pick = free[np.argmin(np.abs(often[free] - 0.5))]
        sides = (-1, 1) if often[pick] >= 0.5 else (1, -1)
        for side in sides:
            child = fixed.copy()
            child[pick] = side
            stack.append((below, child, u.copy()))
    return min([value, *left_open, *(below for below, _, _ in stack)])


@njit(cache=True)
def _ascend(cost, need, begin, capacity, opening, fixed, u, most, enough, steps):  # type: ignore[no-untyped-def]
    """Deflected subgradient steps; ``fixed`` is written where prices decide. Bound, prices, how often, best set."""
    c, m = cost.shape
    spare, may = spare_for(c, capacity.max()), np.ones((c, m), np.bool_)
    price, often, chosen = np.empty(m), np.zeros(m), np.zeros(m, np.bool_)
    serves, best_u, best_set = np.zeros((m, c), np.bool_), u.copy(), np.zeros(m, np.bool_)
    direction, top, step, since = np.zeros(c), -np.inf, 1.0, 0
    for _ in range(steps):
        now, worst = u.sum(), -1
        for j in range(m):
            price[j], chosen[j] = np.inf, False
            if fixed[j] == -1:
                continue
            price[j] = opening[j]
            for s in range(len(begin) - 1):
                price[j] -= fill(cost, need, may, u, j, capacity[j], begin[s], begin[s + 1], serves, spare)
            chosen[j] = fixed[j] == 1 or price[j] < 0
            if chosen[j]:
                now += price[j]
            if worst < 0 or price[j] < price[worst]:
                worst = j
        if worst < 0:
            return np.inf, best_u, often, best_set
        forced = not chosen.any()
        if forced:  # somebody has to serve
            chosen[worst] = True
            now += price[worst]
        if now > top:
            since = 0 if top == -np.inf or now > top + 1e-3 * (enough - top) else since + 1
            top = now
            best_u[:] = u
            best_set[:] = chosen
        else:
            since += 1
        if top >= enough:
            break
        for j in range(m):
            often[j] += (1.0 if chosen[j] else 0.0) / steps
            if fixed[j] == 0 and not forced and now + abs(price[j]) >= enough:
                fixed[j] = 1 if price[j] < 0 else -1
        if since >= 15:
            step *= 0.7
            since = 0
            u[:] = best_u
            direction[:] = 0.0
            continue
        length = deflect(chosen, serves, direction)
        if length < 1e-12:
            break
        for i in range(c):
            u[i] = min(max(u[i] + step * (enough - now) / length * direction[i], 0.0), most[i])
    return top, best_u, often, best_set
