"""Cheap covers by row weighting: the primal side of set covering.

A row that is left out grows heavier; a site leaves, a site that covers a row left out comes (RWLS: Gao, Weise and
Li 2015, Journal of Heuristics 21:591-620; scores by cost as in Gao et al. 2014, EJOR 236:113-121).
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["weighted_search"]


@njit(cache=True)
def _turn(start, site, begin, client, heavy, often, score, opened, ready, out, place, left, j):  # type: ignore[no-untyped-def]
    """Open or close site ``j``.

    ``score`` of an open site is the weight lost with it, of another the weight won; ``out[:left]`` are the rows left
    out, ``place`` where each stands in it. Returns the rows left out and the pairs looked at.
    """
    step = -1 if opened[j] else 1
    opened[j] = not opened[j]
    ready[j] = step > 0
    spent = begin[j + 1] - begin[j]
    for a in range(begin[j], begin[j + 1]):
        i = client[a]
        low = min(often[i], often[i] + step)
        often[i] += step
        if low > 1:
            continue
        if low == 0 and step > 0:
            left -= 1
            out[place[i]] = out[left]
            place[out[left]] = place[i]
        elif low == 0:
            out[left] = i
            place[i] = left
            left += 1
        spent += start[i + 1] - start[i]
        for k in range(start[i], start[i + 1]):
            s = site[k]
            if s == j:
                continue
            ready[s] = True
            if low == 0 or opened[s]:
                score[s] -= step * heavy[i]
    return left, spent


@njit(cache=True)
def weighted_search(start, site, begin, client, cost, stays, best, work, enough, seed):  # type: ignore[no-untyped-def]
    """Look for a cheaper cover than ``best`` (in place).

    Parameters
    ----------
    start, site, begin, client : int64 arrays
        Sites by row and rows by site.
    cost : float64 array, shape (m,)
        Positive.
    stays, best : bool arrays, shape (m,)
        Sites that stay open; the best cover so far.
    work : int
        Pairs to look at.
    enough : float
        Cost at which to stop.
    seed : int

    Returns
    -------
    float
        Cost of ``best``.
    """
    np.random.seed(seed)  # noqa: NPY002 (Numba)
    n, m = len(start) - 1, len(cost)
    opened = best.copy()
    heavy, often = np.ones(n), np.zeros(n, np.int64)
    score, ready, since = np.zeros(m), np.ones(m, np.bool_), np.zeros(m, np.int64)
    out, place, left = np.empty(n, np.int64), np.empty(n, np.int64), 0
    for i in range(n):
        lone = -1
        for k in range(start[i], start[i + 1]):
            if opened[site[k]]:
                often[i] += 1
                lone = site[k]
        if often[i] == 1:
            score[lone] += 1.0
    total = 0.0
    for j in range(m):
        if opened[j]:
            total += cost[j]
    inside, at, many = np.empty(m, np.int64), np.empty(m, np.int64), 0  # what is open, and where it stands there
    for j in range(m):
        if opened[j] and not stays[j]:
            inside[many], at[j] = j, many
            many += 1
    least, spent, moves, newest = total, 0, 0, -1
    while spent < work and least > enough:
        if left == 0 and total < least - 1e-9 * (1.0 + least):
            least = total
            for j in range(m):
                best[j] = opened[j]
        moves += 1
        while True:  # close what is lost least; again if everybody is still covered, or what is open costs too much
            gone = -1
            for k in range(many):
                j = inside[k]
                if j != newest:
                    if gone >= 0:
                        behind = score[j] * cost[gone] - score[gone] * cost[j]
                    if gone < 0 or behind < 0 or (behind == 0 and since[j] < since[gone]):
                        gone = j
            spent += many // 8 + 1
            if gone < 0:
                break
            left, more = _turn(start, site, begin, client, heavy, often, score, opened, ready, out, place, left, gone)
            total -= cost[gone]
            many -= 1
            inside[at[gone]] = inside[many]
            at[inside[many]] = at[gone]
            since[gone] = moves
            spent += more
            if left > 0:
                break
            if total < least - 1e-9 * (1.0 + least):
                least = total
                for j in range(m):
                    best[j] = opened[j]
        if left == 0:
            return least
        while left > 0:
            i = out[np.random.randint(left)]  # noqa: NPY002
            come = -1
            for k in range(start[i], start[i + 1]):
                j = site[k]
                if not ready[j]:
                    continue
                if come >= 0:
                    ahead = score[j] * cost[come] - score[come] * cost[j]
                if come < 0 or ahead > 0 or (ahead == 0 and since[j] < since[come]):
                    come = j
            if come < 0 or total + cost[come] >= least - 1e-9 * (1.0 + least):
                break
            left, more = _turn(start, site, begin, client, heavy, often, score, opened, ready, out, place, left, come)
            total += cost[come]
            inside[many], at[come] = come, many
            many += 1
            since[come] = moves
            newest = come
            spent += more
            for a in range(left):
                heavy[out[a]] += 1.0
                for k in range(start[out[a]], start[out[a] + 1]):
                    score[site[k]] += 1.0
                spent += start[out[a] + 1] - start[out[a]]
    return least
