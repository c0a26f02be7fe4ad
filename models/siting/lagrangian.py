"""Lower bounds by relaxing "each client is served", and branch-and-bound on them.

Lagrangian relaxation of the p-median problem (Narula, Ogbu and Samuelsson 1977; Beasley 1993, EJOR 65:383-399):
a multiplier ``u`` per client prices every candidate by itself; deflected subgradient steps; reduced-cost fixing.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from models.siting.swap import cost_of

__all__ = ["ascend", "branch", "fix_by_price"]


@njit(cache=True)
def _price(  # type: ignore[no-untyped-def]
    start, site, cost, u, opening, fixed, lo, hi, price, chosen
):
    """Price the candidates at ``u`` and choose the best set; returns the bound, worst chosen and best left price."""
    n, m = len(start) - 1, len(opening)
    for j in range(m):
        price[j] = opening[j]
    bound = 0.0
    for i in range(n):
        most = u[i]
        bound += most
        for k in range(start[i], start[i + 1]):
            c = cost[k]
            if c >= most:
                break
            price[site[k]] -= most - c
    inside, free = 0, 0
    for j in range(m):
        chosen[j] = False
        if fixed[j] == 1:
            chosen[j] = True
            inside += 1
            bound += price[j]
        elif fixed[j] == 0:
            free += 1
    index = np.empty(free, np.int64)
    free = 0
    for j in range(m):
        if fixed[j] == 0:
            index[free] = j
            free += 1
    if inside > hi or inside + free < lo:
        return np.inf, -np.inf, np.inf, 0
    order = np.argsort(price[index])
    worst, left, taken = -np.inf, np.inf, 0
    for k in range(free):
        j = index[order[k]]
        if inside + taken < hi and (inside + taken < lo or price[j] < 0):
            chosen[j] = True
            taken += 1
            bound += price[j]
            worst = price[j]
        else:
            left = price[j]
            break
    return bound, worst, left, inside + taken


@njit(cache=True)
def fix_by_price(  # type: ignore[no-untyped-def]
    price, chosen, fixed, worst, left, count, lo, hi, bound, limit
):
    """Mark in ``fixed`` what any solution below ``limit`` must have; returns how many were marked."""
    marked = 0
    room = 0.0 if count < hi else -np.inf
    need = 0.0 if count > lo else np.inf
    for j in range(len(price)):
        if fixed[j] != 0:
            continue
        if chosen[j]:
            if bound - price[j] + min(need, left) > limit:
                fixed[j] = 1
                marked += 1
        elif bound + price[j] - max(room, worst) > limit:
            fixed[j] = -1
            marked += 1
    return marked


@njit(cache=True)
def ascend(  # type: ignore[no-untyped-def]
    start, site, cost, penalty, opening, fixed, lo, hi, u, best_u, often, value, margin, steps, step, patience, best_set
):
    """Raise the bound by subgradient steps from ``u``.

    ``fixed`` (in place), ``best_u``, ``often`` (how often a site was lately chosen) and ``best_set`` (best
    set seen) are written. Stops when the bound exceeds ``value − margin``. Returns the bound, the value and the
    final step size.
    """
    n, m = len(start) - 1, len(opening)
    price, chosen = np.empty(m), np.zeros(m, np.bool_)
    direction = np.zeros(n)
    best, since = -np.inf, 0
    for _ in range(steps):
        bound, worst, left, count = _price(start, site, cost, u, opening, fixed, lo, hi, price, chosen)
        if bound > best:
            since = 0 if best == -np.inf or bound > best + 1e-4 * abs(value - best) else since + 1
            best = bound
            best_u[:] = u
        else:
            since += 1
        if bound == np.inf or best > value - margin:
            return best, value, step
        fix_by_price(price, chosen, fixed, worst, left, count, lo, hi, bound, value - margin)
        if since == 0:
            found = cost_of(start, site, cost, penalty, opening, chosen)
            if found < value:
                value = found
                best_set[:] = chosen
        if since >= patience:
            step *= 0.6
            since = 0
            u[:] = best_u
            direction[:] = 0.0
            if step < 1e-4:
                break
            continue
        for j in range(m):
            often[j] = 0.97 * often[j] + (0.03 if chosen[j] else 0.0)
        length = 0.0
        for i in range(n):
            slack = 1.0
            most = u[i]
            for k in range(start[i], start[i + 1]):
                if cost[k] >= most:
                    break
                if chosen[site[k]]:
                    slack -= 1.0
            if slack > 0 and most >= penalty[i]:
                slack = 0.0
            direction[i] = slack + 0.7 * direction[i]
            if direction[i] > 0 and most >= penalty[i]:
                direction[i] = 0.0
            length += direction[i] * direction[i]
        if length < 1e-12:
            break
        size = step * (value - bound) / length
        for i in range(n):
            u[i] = min(max(u[i] + size * direction[i], 0.0), penalty[i])
    return best, value, step


@njit(cache=True)
def branch(  # type: ignore[no-untyped-def]
    start,
    site,
    cost,
    penalty,
    opening,
    lo,
    hi,
    stack_fixed,
    stack_u,
    stack_bound,
    depth,
    value,
    margin,
    nodes,
    steps,
    best_set,
):
    """Depth-first branch-and-bound with the relaxation at every node.

    The open nodes are the first ``depth`` rows of the three stacks (in place). Returns the depth left (0 = finished),
    the best value, and the nodes used.
    """
    n, m = len(start) - 1, len(opening)
    often, best_u = np.zeros(m), np.empty(n)
    used = 0
    while depth > 0 and used < nodes and depth + 2 < len(stack_bound):
        depth -= 1
        if stack_bound[depth] > value - margin:
            continue
        used += 1
        fixed, u = stack_fixed[depth].copy(), stack_u[depth].copy()
        often[:] = 0.5
        bound, value, _ = ascend(start, site, cost, penalty, opening, fixed, lo, hi, u, best_u, often, value, margin,
                                 steps, 0.6, 5, best_set)  # fmt: skip
        if bound > value - margin:
            continue
        inside, free = 0, 0
        for j in range(m):
            if fixed[j] == 1:
                inside += 1
            elif fixed[j] == 0:
                free += 1
        if inside > hi or inside + free < lo:
            continue
        if free == 0 or inside == hi or inside + free == lo:
            opened = np.zeros(m, np.bool_)
            for j in range(m):
                opened[j] = fixed[j] == 1 or (fixed[j] == 0 and inside < hi and inside + free == lo)
            found = cost_of(start, site, cost, penalty, opening, opened)
            if found < value:
                value = found
                best_set[:] = opened
            continue
        pick, score = -1, np.inf
        for j in range(m):
            if fixed[j] == 0 and abs(often[j] - 0.5) < score:
                pick, score = j, abs(often[j] - 0.5)
        likely = 1 if often[pick] >= 0.5 else -1
        bound = max(bound, stack_bound[depth])
        for side in (-likely, likely):
            stack_fixed[depth] = fixed
            stack_fixed[depth, pick] = side
            stack_u[depth] = best_u
            stack_bound[depth] = bound
            depth += 1
    return depth, value, used
