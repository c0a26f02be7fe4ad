"""Divisible demand on sites with capacity: Lagrangian prices from below, transport on promising sets from above.

Relaxing "each client is served" leaves a continuous knapsack for each site and one over the sites, whose capacities
must hold the whole demand (Beasley 1988, EJOR 33:314-325; Sridharan 1995, EJOR 87:203-213). Sites whose reduced cost
exceeds the gap are fixed for the programme that follows.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise
from models.siting.links import Links

__all__ = ["Priced", "priced_sites"]

Floats = NDArray[np.float64]
_STEPS = 60
"""Steps between two looks at the sets met."""
_MARGIN = 1e-9


@dataclass(frozen=True, eq=False)
class Priced:
    """What is known before the programme is solved.

    Attributes
    ----------
    opened : bool array (m,)
        Best sites found; ``value`` is their cost with the best carriage, ``inf`` if none serve everybody.
    bound : float
    fixed : int64 array (m,)
        1 = open in any better answer, -1 = closed in any better answer, 0 = not known.
    """

    opened: NDArray[np.bool_]
    value: float
    bound: float
    fixed: NDArray[np.int64]


def priced_sites(
    links: Links,
    need: Floats,
    room: Floats,
    opening: Floats,
    fixed: NDArray[np.int64],
    allowed: Callable[[NDArray[np.bool_]], bool],
    seconds: float,
) -> Priced:
    """Bound, sites and fixings of a capacitated problem with divisible demand.

    Parameters
    ----------
    links : Links
        Whole-demand costs by client.
    need, room, opening : float64 arrays (n,), (m,), (m,)
    fixed : int64 array (m,)
        1 = stays open, -1 = never.
    allowed : callable of a bool array (m,)
        Whether a set of sites satisfies what else is asked (count, budget).
    seconds : float
    """
    deadline = clock.monotonic() + seconds
    n, m = links.n, links.m
    row = np.repeat(np.arange(n), np.diff(links.start))
    order = np.lexsort((row, links.site))
    begin = np.concatenate([[0], np.cumsum(np.bincount(links.site, minlength=m))]).astype(np.int64)
    client, pay = row[order].astype(np.int64), links.cost[order]
    tables = begin, client, pay, need, room, opening, float(need.sum())
    marked = fixed.copy()
    u = np.array(
        [np.sort(links.cost[a:b])[min(1, b - a - 1)] for a, b in zip(links.start, links.start[1:], strict=False)]
    )
    best_u, often = u.copy(), np.zeros(m)
    opened, value, bound, step = np.zeros(m, bool), np.inf, -np.inf, 1.0
    aim = float(opening.sum() + links.cost.max() * n)
    tried: set[bytes] = set()

    def consider(chosen: NDArray[np.bool_]) -> bool:
        nonlocal opened, value
        if chosen.tobytes() in tried or not allowed(chosen) or room[chosen].sum() < need.sum():
            return False
        tried.add(chosen.tobytes())
        cost = _carried(tables, chosen)
        if cost < value and not _closed(cost, value):
            opened, value = chosen.copy(), cost
            return True
        return False

    while step > 5e-3 and clock.monotonic() < deadline and not _closed(bound, value):
        target = value if np.isfinite(value) else aim
        reached, step, chosen = _ascend(*tables, marked, u, best_u, often, target, _STEPS, step)
        bound = max(bound, min(reached, value))
        u = best_u.copy()
        if consider(chosen):
            step = max(step, 0.3)
        if np.isfinite(value):
            _fix(*tables, marked, best_u, value)
    while clock.monotonic() < deadline and np.isfinite(value) and not _closed(bound, value):
        if not _exchanged(opened, often, marked, consider, deadline):
            break
        _fix(*tables, marked, best_u, value)
    marked[fixed != 0] = fixed[fixed != 0]
    return Priced(opened, value, bound, marked)


def _closed(bound: float, value: float) -> bool:
    return bool(np.isfinite(value) and bound >= value - _MARGIN * abs(value))


def _exchanged(opened, often, marked, consider, deadline) -> bool:  # type: ignore[no-untyped-def]
    """Close, open or exchange one site for the better, the likeliest first; whether one was found."""
    free = np.flatnonzero(marked == 0)
    outs = free[opened[free]][np.argsort(often[free[opened[free]]], kind="stable")]
    ins = free[~opened[free]][np.argsort(-often[free[~opened[free]]], kind="stable")]
    moves = [(a, b) for b in ins for a in outs]
    moves.sort(key=lambda pair: often[pair[0]] - often[pair[1]])
    for a, b in [*((a, -1) for a in outs), *((-1, b) for b in ins), *moves]:
        if clock.monotonic() > deadline:
            return False
        other = opened.copy()
        if a >= 0:
            other[a] = False
        if b >= 0:
            other[b] = True
        if consider(other):
            return True
    return False


def _carried(tables, opened: NDArray[np.bool_]) -> float:  # type: ignore[no-untyped-def]
    """Cost of these sites with the best carriage; ``inf`` if they cannot serve everybody."""
    from scipy.sparse import coo_array

    begin, client, pay, need, room, opening, _ = tables
    site = np.repeat(np.arange(len(room)), np.diff(begin))
    use = opened[site]
    chosen = np.flatnonzero(opened)
    number = np.cumsum(opened) - 1
    who, where, n, p = client[use], number[site[use]], len(need), len(chosen)
    count = np.arange(len(who))
    entry, row = np.concatenate([np.ones(len(who)), need[who]]), np.concatenate([who, n + where])
    table = coo_array((entry, (row, np.concatenate([count, count]))), shape=(n + p, len(who)))
    found = minimise(Programme(
        pay[use], table, np.concatenate([np.ones(n), np.full(p, -np.inf)]), np.concatenate([np.ones(n), room[chosen]]),
        np.zeros(len(who)), np.ones(len(who)), np.zeros(len(who), bool),
    ))  # fmt: skip
    return float(found.value + opening[chosen].sum()) if found.x is not None else np.inf


@njit(cache=True)
def _price(begin, client, pay, need, room, opening, fixed, u, price, share):  # type: ignore[no-untyped-def]
    """Reduced cost of every site at ``u``, and what it would serve."""
    for j in range(len(room)):
        price[j] = opening[j]
        for k in range(begin[j], begin[j + 1]):
            share[k] = 0.0
        if fixed[j] == -1:
            continue
        wanted, count = 0.0, 0
        for k in range(begin[j], begin[j + 1]):
            if pay[k] < u[client[k]]:
                wanted += need[client[k]]
                count += 1
        if wanted <= room[j]:
            for k in range(begin[j], begin[j + 1]):
                if pay[k] < u[client[k]]:
                    share[k] = 1.0
                    price[j] += pay[k] - u[client[k]]
            continue
        ratio, index = np.empty(count), np.empty(count, np.int64)
        count = 0
        for k in range(begin[j], begin[j + 1]):
            i = client[k]
            if pay[k] < u[i]:
                ratio[count] = (pay[k] - u[i]) / max(need[i], 1e-12)
                index[count] = k
                count += 1
        left = room[j]
        for a in np.argsort(ratio):
            k = index[a]
            i = client[k]
            part = 1.0 if need[i] <= left else left / need[i]
            share[k] = part
            price[j] += part * (pay[k] - u[i])
            left -= part * need[i]
            if left <= 0:
                break


@njit(cache=True)
def _choose(price, room, fixed, total, part):  # type: ignore[no-untyped-def]
    """Cheapest sites whose room holds the demand, the last one in part, or the fewest that could hold it, if dearer.

    Returns their price, a lower bound of that of any set with room enough; ``inf`` if there is none.
    """
    m = len(price)
    value, held, count = 0.0, 0.0, 0
    for j in range(m):
        part[j] = 0.0
        if fixed[j] == 1 or (fixed[j] == 0 and price[j] < 0):
            part[j] = 1.0
            value += price[j]
            held += room[j]
            count += 1
    if held >= total:
        return value
    free = np.flatnonzero((fixed == 0) & (part == 0.0) & (room > 0))
    most, more = held, 0  # no set with fewer than `more` further sites holds the demand
    for j in np.argsort(-room[free]):
        if most >= total:
            break
        most += room[free[j]]
        more += 1
    if most < total * (1 - 1e-12):
        return np.inf
    cheapest = np.sort(price[free])
    whole = value
    for k in range(more):
        whole += cheapest[k]
    for j in free[np.argsort(price[free] / room[free])]:
        part[j] = min(1.0, (total - held) / room[j])
        value += part[j] * price[j]
        held += part[j] * room[j]
        if held >= total * (1 - 1e-12):
            break
    if whole <= value:
        return value
    for k in range(len(free)):
        part[free[k]] = 0.0
    order = np.argsort(price[free])
    for k in range(more):
        part[free[order[k]]] = 1.0
    return whole


@njit(cache=True)
def _ascend(  # type: ignore[no-untyped-def]
    begin, client, pay, need, room, opening, total, fixed, u, best_u, often, aim, steps, step
):
    """Deflected subgradient steps from ``u``; ``best_u`` and ``often`` are written. Bound, step size, best sites."""
    n, m = len(need), len(room)
    price, part, share = np.empty(m), np.zeros(m), np.zeros(len(pay))
    direction, best, since = np.zeros(n), -np.inf, 0
    chosen = np.zeros(m, np.bool_)
    whole = _choose(room.copy(), room, fixed, total, part)
    if whole == np.inf:
        return np.inf, 0.0, chosen
    for _ in range(steps):
        _price(begin, client, pay, need, room, opening, fixed, u, price, share)
        bound = _choose(price, room, fixed, total, part)
        for i in range(n):
            bound += u[i]
        if bound > best:
            since = 0 if best == -np.inf or bound > best + 1e-4 * abs(aim - best) else since + 1
            best = bound
            best_u[:] = u
            for j in range(m):
                chosen[j] = part[j] > 0
        else:
            since += 1
        if best >= aim:
            break
        if since >= 25:
            step *= 0.75
            since = 0
            u[:] = best_u
            direction[:] = 0.0
            if step < 1e-3:
                break
            continue
        slack = np.ones(n)
        for j in range(m):
            often[j] = 0.97 * often[j] + 0.03 * part[j]
            if part[j] > 0:
                for k in range(begin[j], begin[j + 1]):
                    slack[client[k]] -= part[j] * share[k]
        length = 0.0
        for i in range(n):
            direction[i] = slack[i] + 0.7 * direction[i]
            length += direction[i] * direction[i]
        if length < 1e-12:
            break
        size = step * (aim - bound) / length
        for i in range(n):
            u[i] = max(u[i] + size * direction[i], 0.0)
    return best, step, chosen


@njit(cache=True)
def _fix(begin, client, pay, need, room, opening, total, fixed, u, value):  # type: ignore[no-untyped-def]
    """Mark in ``fixed`` what any answer below ``value`` must have, at the prices ``u``."""
    m = len(room)
    price, part, share = np.empty(m), np.zeros(m), np.zeros(len(pay))
    _price(begin, client, pay, need, room, opening, fixed, u, price, share)
    paid = u.sum()
    for j in range(m):
        if fixed[j] != 0:
            continue
        for side in (-1, 1):
            fixed[j] = side
            if _choose(price, room, fixed, total, part) + paid > value * (1 + 1e-9):
                fixed[j] = -side
                break
            fixed[j] = 0
