"""Cheap covers by row weighting: the primal side of set covering.

A row that is left out grows heavier; a site leaves, a site that covers a row left out comes (RWLS: Gao, Weise and
Li 2015, Journal of Heuristics 21:591-620; scores by cost as in Gao et al. 2014, EJOR 236:113-121). A site that left
comes back only after one of its rows has changed. The weights are worth more than the cover they lead to, and are kept
from call to call.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Walk", "begun", "weighted_search"]

Walk = tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64],
             NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]  # fmt: skip
"""Where a search stands: open sites, weights of rows, how often each is covered, exclusive or of the open sites of
each, score of each site, moves at which sites and rows changed last, and moves made and the newest site."""


def begun(start, site, begin, client, opened: NDArray[np.bool_]) -> Walk:  # type: ignore[no-untyped-def]
    """A search that begins with these sites open, all rows of weight one."""
    n, m = len(start) - 1, len(begin) - 1
    often, holder, score = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(m)
    for j in np.flatnonzero(opened):
        rows = client[begin[j] : begin[j + 1]]
        often[rows] += 1
        holder[rows] ^= j
    np.add.at(score, holder[often == 1], 1.0)
    np.add.at(score, site[np.repeat(often == 0, np.diff(start))], 1.0)
    return (
        opened.copy(), np.ones(n), often, holder, score,
        np.zeros(m, np.int64), np.zeros(n, np.int64), np.array([0, -1]),
    )  # fmt: skip


@njit(cache=True)
def _leave(start, site, begin, client, walk, out, place, left, j, move):  # type: ignore[no-untyped-def]
    """Close site ``j``; ``out[:left]`` are the rows left out, ``place`` where each stands. Their number, pairs seen."""
    opened, heavy, often, holder, score, since, changed, _ = walk
    opened[j] = False
    since[j] = move
    spent = begin[j + 1] - begin[j]
    for a in range(begin[j], begin[j + 1]):
        i = client[a]
        changed[i] = move
        often[i] -= 1
        holder[i] ^= j
        if often[i] == 1:
            score[holder[i]] += heavy[i]
        elif often[i] == 0:
            out[left] = i
            place[i] = left
            left += 1
            spent += start[i + 1] - start[i]
            for k in range(start[i], start[i + 1]):
                score[site[k]] += heavy[i]
            score[j] -= heavy[i]  # lost with it before, won with it from now on
    return left, spent


@njit(cache=True)
def _come(start, site, begin, client, walk, out, place, left, j, move):  # type: ignore[no-untyped-def]
    """Open site ``j``; as :func:`_leave`."""
    opened, heavy, often, holder, score, since, changed, _ = walk
    opened[j] = True
    since[j] = move
    spent = begin[j + 1] - begin[j]
    for a in range(begin[j], begin[j + 1]):
        i = client[a]
        changed[i] = move
        often[i] += 1
        if often[i] == 2:
            score[holder[i]] -= heavy[i]
        elif often[i] == 1:
            left -= 1
            out[place[i]] = out[left]
            place[out[left]] = place[i]
            spent += start[i + 1] - start[i]
            for k in range(start[i], start[i + 1]):
                score[site[k]] -= heavy[i]
            score[j] += heavy[i]
        holder[i] ^= j
    return left, spent


@njit(cache=True)
def _best_to_come(start, site, begin, client, cost, walk, i):  # type: ignore[no-untyped-def]
    """Site of row ``i`` that wins most for its cost, among those that may come back; the longest away among equals."""
    score, since, changed = walk[4], walk[5], walk[6]
    come = -1
    for k in range(start[i], start[i + 1]):
        j = site[k]
        if come >= 0:
            ahead = score[j] * cost[come] - score[come] * cost[j]
            if ahead < 0 or (ahead == 0 and since[j] >= since[come]):
                continue
        ready = since[j] == 0
        for a in range(begin[j], begin[j + 1]):
            if ready:
                break
            ready = changed[client[a]] > since[j]
        if ready:
            come = j
    return come


@njit(cache=True)
def weighted_search(start, site, begin, client, cost, stays, best, walk, work, enough, seed):  # type: ignore[no-untyped-def]
    """Look for a cheaper cover than ``best`` (in place), on from where ``walk`` stands (in place).

    Parameters
    ----------
    start, site, begin, client : int64 arrays
        Sites by row and rows by site.
    cost : float64 array, shape (m,)
        Positive.
    stays, best : bool arrays, shape (m,)
        Sites that stay open; the best cover so far.
    walk : Walk
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
    opened, heavy, often, _, score, since, _, moved = walk
    n, m = len(start) - 1, len(cost)
    out, place, left = np.empty(n, np.int64), np.empty(n, np.int64), 0
    for i in range(n):
        if often[i] == 0:
            out[left] = i
            place[i] = left
            left += 1
    total, least = 0.0, 0.0
    inside, at, many = np.empty(m, np.int64), np.empty(m, np.int64), 0  # what is open, and where it stands there
    for j in range(m):
        least += cost[j] if best[j] else 0.0
        total += cost[j] if opened[j] else 0.0
        if opened[j] and not stays[j]:
            inside[many], at[j] = j, many
            many += 1
    spent = 0
    while spent < work and least > enough:
        while True:  # close what is lost least; again if everybody is still covered
            if left == 0 and total < least - 1e-9 * (1.0 + least):
                least = total
                best[:] = opened
            gone = -1
            for k in range(many):
                j = inside[k]
                if j != moved[1] or left == 0:
                    if gone >= 0:
                        behind = score[j] * cost[gone] - score[gone] * cost[j]
                    if gone < 0 or behind < 0 or (behind == 0 and since[j] < since[gone]):
                        gone = j
            spent += many // 4 + 1
            if gone < 0:
                break
            moved[0] += 1
            left, more = _leave(start, site, begin, client, walk, out, place, left, gone, moved[0])
            total -= cost[gone]
            many -= 1
            inside[at[gone]] = inside[many]
            at[inside[many]] = at[gone]
            spent += more
            if left > 0:
                break
        if left == 0:
            return least
        while left > 0:
            row = out[np.random.randint(left)]  # noqa: NPY002
            come = _best_to_come(start, site, begin, client, cost, walk, row)
            spent += start[row + 1] - start[row]
            if come < 0 or total + cost[come] >= least - 1e-9 * (1.0 + least):
                break
            moved[0] += 1
            left, more = _come(start, site, begin, client, walk, out, place, left, come, moved[0])
            total += cost[come]
            inside[many], at[come] = come, many
            many += 1
            moved[1] = come
            spent += more
            for a in range(left):
                i = out[a]
                heavy[i] += 1.0
                spent += start[i + 1] - start[i]
                for k in range(start[i], start[i + 1]):
                    score[site[k]] += 1.0
    return least
