"""Kernels of single-source location in whole numbers: knapsacks that price, a greedy assignment, depth-first nodes."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["branch", "deflect", "fill", "knapsack", "spare_for"]


@njit(cache=True)
def deflect(chosen, serves, direction):  # type: ignore[no-untyped-def]
    """Subgradient of serving every client once, deflected: ``direction`` is turned in place; its squared length."""
    length = 0.0
    for i in range(len(direction)):
        slack = 1.0
        for j in range(len(chosen)):
            if chosen[j] and serves[j, i]:
                slack -= 1.0
        direction[i] = slack + 0.6 * direction[i]
        length += direction[i] * direction[i]
    return length


@njit(cache=True)
def knapsack(gain, need, size, room, table, take):  # type: ignore[no-untyped-def]
    """Most gain of the first ``size`` clients within ``room``; ``take`` is written."""
    for c in range(room + 1):
        table[0, c] = 0.0
    for i in range(size):
        w = need[i]
        for c in range(min(w, room + 1)):
            table[i + 1, c] = table[i, c]
        for c in range(w, room + 1):
            table[i + 1, c] = max(table[i, c], table[i, c - w] + gain[i])
    c = room
    for i in range(size - 1, -1, -1):
        take[i] = table[i + 1, c] != table[i, c]
        if take[i]:
            c -= need[i]
    return table[size, room]


@njit(cache=True)
def spare_for(clients, room):  # type: ignore[no-untyped-def]
    """Space that :func:`fill` works in, for so many clients and so large a room."""
    return (np.empty(clients, np.int64), np.empty(clients), np.empty(clients, np.int64), np.empty(clients, np.bool_),
            np.empty((clients + 1, room + 1)))  # fmt: skip


@njit(cache=True)
def fill(cost, need, may, u, j, room, first, last, serves, spare):  # type: ignore[no-untyped-def]
    """Most gain at ``u`` of site ``j`` from some clients, ``last`` left out, in ``room``; ``serves[j]`` is written."""
    index, gain, weight, take, table = spare
    size, wanted, total = 0, 0, 0.0
    for i in range(first, last):
        serves[j, i] = False
        if may[i, j] and u[i] > cost[i, j]:
            index[size], gain[size], weight[size] = i, u[i] - cost[i, j], need[i, j]
            wanted += need[i, j]
            total += gain[size]
            size += 1
    if wanted <= room:
        take[:size] = True
    else:
        total = knapsack(gain, weight, size, room, table, take)
    for a in range(size):
        serves[j, index[a]] = take[a]
    return total


@njit(cache=True)
def _price(cost, need, room, opening, fixed, may, u, price, serves, spare):  # type: ignore[no-untyped-def]
    """Reduced cost of every site at ``u`` and whom it would serve; closed sites ``inf``."""
    n, m = cost.shape
    for j in range(m):
        if fixed[j] == -1:
            serves[j] = False
            price[j] = np.inf
        else:
            price[j] = opening[j] - fill(cost, need, may, u, j, room[j], 0, n, serves, spare)


@njit(cache=True)
def _assign(cost, need, room, opening, may, chosen, serves, where):  # type: ignore[no-untyped-def]
    """Serve everybody from the chosen sites, greatest regret first, then move and exchange clients; the cost or inf."""
    n, m = cost.shape
    left = room.copy()
    where[:] = -1
    for i in range(n):
        for j in range(m):
            wanted = chosen[j] and serves[j, i] and may[i, j] and left[j] >= need[i, j]
            if wanted and (where[i] < 0 or cost[i, j] < cost[i, where[i]]):
                if where[i] >= 0:
                    left[where[i]] += need[i, where[i]]
                where[i] = j
                left[j] -= need[i, j]
    for _ in range(n):
        pick, into, most = -1, -1, -np.inf
        for i in range(n):
            if where[i] >= 0:
                continue
            first, second, at = np.inf, np.inf, -1
            for j in range(m):
                if chosen[j] and may[i, j] and left[j] >= need[i, j]:
                    if cost[i, j] < first:
                        first, second, at = cost[i, j], first, j
                    elif cost[i, j] < second:
                        second = cost[i, j]
            if at < 0:
                return np.inf
            regret = (second - first if second < np.inf else 1e12) + 1e-3 * need[i, at]
            if regret > most:
                pick, into, most = i, at, regret
        if pick < 0:
            break
        where[pick] = into
        left[into] -= need[pick, into]
    better = True
    while better:
        better = False
        for i in range(n):
            for j in range(m):
                if chosen[j] and may[i, j] and left[j] >= need[i, j] and cost[i, j] < cost[i, where[i]] - 1e-9:
                    left[where[i]] += need[i, where[i]]
                    left[j] -= need[i, j]
                    where[i] = j
                    better = True
        for i in range(n):
            for k in range(i):
                a, b = where[i], where[k]
                if a == b or not may[i, b] or not may[k, a]:
                    continue
                if left[a] + need[i, a] < need[k, a] or left[b] + need[k, b] < need[i, b]:
                    continue
                if cost[i, b] + cost[k, a] < cost[i, a] + cost[k, b] - 1e-9:
                    left[a] += need[i, a] - need[k, a]
                    left[b] += need[k, b] - need[i, b]
                    where[i], where[k] = b, a
                    better = True
    total = 0.0
    for i in range(n):
        total += cost[i, where[i]]
    for j in range(m):
        if chosen[j]:
            total += opening[j]
    return total


@njit(cache=True)
def branch(  # type: ignore[no-untyped-def]
    cost, need, room, opening, lo, hi, stack_fixed, stack_u, stack_bound, stack_may, depth, best, value, margin, nodes,
    steps, within, settled, reach, pairs
):  # fmt: skip
    """Nodes depth first; ``best`` is written.

    Parameters
    ----------
    cost, need, room, opening : arrays (n, m), (n, m), (m,), (m,)
    lo, hi : int
        Fewest and most sites.
    stack_fixed, stack_u, stack_bound, stack_may : arrays (s, m), (s, n), (s,), (s, n, m)
        The open nodes are the first ``depth`` rows.
    depth : int
    best : int64 array (n,)
    value, margin : float
        Cost of ``best``; a bound above ``value - margin`` closes a node.
    nodes, steps : int
        Most nodes now, and steps at each.
    within : int64 array (3,)
        Depth below the node whose pairs are branched on (-1 = sites are), nodes used on it, and 1 if it is given up.
    settled : int8 array (m,)
    reach : bool array (n, m)
        Sites and pairs of that node.
    pairs : int
        Nodes after which it is given up.

    Returns
    -------
    depth : int
    value : float
    bound : float
        Of the node given up, which is off the stack then; ``inf`` if there is none.
    """
    n, m = cost.shape
    price, serves, chosen = np.empty(m), np.zeros((m, n), np.bool_), np.zeros(m, np.bool_)
    spare, where = spare_for(n, room.max()), np.empty(n, np.int64)
    often, share = np.empty(m), np.empty((m, n))
    for _ in range(nodes):
        if depth == 0 or depth + 2 > len(stack_bound):
            break
        if depth <= within[0]:
            within[0] = -1
        if within[0] >= 0:
            within[1] += 1
            if within[1] > pairs:
                bound = np.inf
                for k in range(within[0], depth):
                    bound = min(bound, stack_bound[k])
                depth, within[0], within[2] = within[0], -1, 1
                return depth, value, bound
        depth -= 1
        if stack_bound[depth] > value - margin:
            continue
        fixed, u, may, bound = (
            stack_fixed[depth].copy(),
            stack_u[depth].copy(),
            stack_may[depth].copy(),
            stack_bound[depth],
        )
        best_u, direction, top = u.copy(), np.zeros(n), -np.inf
        step, since, dead, counted = (1.0 if steps > 200 else 0.5), 0, False, 0
        often[:] = 0.0
        share[:] = 0.0
        for turn in range(steps):
            _price(cost, need, room, opening, fixed, may, u, price, serves, spare)
            order = np.argsort(price)
            inside, free = 0, 0
            for j in range(m):
                chosen[j] = fixed[j] == 1
                inside += chosen[j]
                free += fixed[j] == 0
            if inside > hi or inside + free < lo:
                dead = True
                break
            now, taken, worst, left = u.sum(), inside, -np.inf, np.inf
            for j in range(m):
                if chosen[j]:
                    now += price[j]
            for j in order:
                if fixed[j] != 0:
                    continue
                if taken < hi and (taken < lo or price[j] < 0):
                    chosen[j] = True
                    taken += 1
                    now += price[j]
                    worst = price[j]
                else:
                    left = price[j]
                    break
            if now > top:
                since = 0 if now > top + 1e-3 * (value - top) or top == -np.inf else since + 1
                top = now
                best_u[:] = u
            else:
                since += 1
            bound = max(bound, now)
            if bound > value - margin:
                dead = True
                break
            limit = value - margin
            dropped = worst if taken >= hi else max(worst, 0.0)  # what a further site may push out
            instead = left if taken <= lo else min(left, 0.0)  # what comes in place of one closed
            for j in range(m):
                if fixed[j] != 0:
                    continue
                if chosen[j] and now - price[j] + instead > limit:
                    fixed[j] = 1
                elif not chosen[j] and now + price[j] - dropped > limit:
                    fixed[j] = -1
            for j in range(m):
                if fixed[j] == -1:
                    continue
                extra = 0.0 if chosen[j] else max(price[j] - dropped, 0.0)
                for i in range(n):
                    if may[i, j] and now + extra + cost[i, j] - u[i] > limit:
                        may[i, j] = False
            if since == 0 or turn == 0:
                found = _assign(cost, need, room, opening, may, chosen, serves, where)
                if found < value - 1e-9:
                    value = found
                    best[:] = where
            if turn >= steps // 3:
                counted += 1
                for j in range(m):
                    if chosen[j]:
                        often[j] += 1.0
                        for i in range(n):
                            share[j, i] += serves[j, i]
            if since >= 15:
                step *= 0.7
                since = 0
                u[:] = best_u
                direction[:] = 0.0
                if step < 1e-2 and turn >= steps // 3:
                    break
                continue
            length = deflect(chosen, serves, direction)
            if length < 1e-9:
                break
            for i in range(n):
                u[i] = max(u[i] + step * (value - now) / length * direction[i], 0.0)
        for i in range(n):  # a client without a site left
            some = False
            for j in range(m):
                some = some or (may[i, j] and fixed[j] >= 0)
            dead = dead or not some
        if dead:
            continue
        inside, free, pick, score = 0, 0, -1, np.inf
        counted = max(counted, 1)
        for j in range(m):
            inside += fixed[j] == 1
            if fixed[j] == 0:
                free += 1
                if abs(often[j] / counted - 0.5) < score:
                    pick, score = j, abs(often[j] / counted - 0.5)
        if inside == hi:
            for j in range(m):
                if fixed[j] == 0:
                    fixed[j] = -1
            pick = -1
        elif inside + free == lo:
            for j in range(m):
                if fixed[j] == 0:
                    fixed[j] = 1
            pick = -1
        bound = max(bound, stack_bound[depth])
        likely = 1 if pick >= 0 and often[pick] / counted >= 0.5 else -1
        client = -1
        if pick < 0:  # all sites are decided: branch on a pair
            if within[0] < 0:
                within[0], within[1] = depth, 0
                settled[:] = fixed
                reach[:] = may
            score = np.inf
            for i in range(n):
                ways = 0
                for j in range(m):
                    ways += may[i, j] and fixed[j] == 1
                if ways < 2:
                    continue
                for j in range(m):
                    if may[i, j] and fixed[j] == 1 and abs(share[j, i] / counted - 0.5) - 1e-3 * need[i, j] < score:
                        pick, client, score = j, i, abs(share[j, i] / counted - 0.5) - 1e-3 * need[i, j]
            if client < 0:  # everybody has one site: it fits or it does not
                for j in range(m):
                    chosen[j] = fixed[j] == 1
                    serves[j, :] = False
                found = _assign(cost, need, room, opening, may, chosen, serves, where)
                if found < value - 1e-9:
                    value = found
                    best[:] = where
                continue
        for side in (-likely, likely) if client < 0 else (-1, 1):
            stack_fixed[depth] = fixed
            stack_may[depth] = may
            stack_u[depth] = best_u
            stack_bound[depth] = bound
            if client < 0:
                stack_fixed[depth, pick] = side
            elif side == -1:
                stack_may[depth, client, pick] = False
            else:
                stack_may[depth, client, :] = False
                stack_may[depth, client, pick] = True
            depth += 1
    return depth, value, np.inf
