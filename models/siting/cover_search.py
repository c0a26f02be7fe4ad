"""Exchanging sites for the greatest cover: tabu search over counts of how often each client is covered.

Gains, losses and the clients that hang on a single site are kept up to date move by move, as in the interchange
of Resende and Werneck (2007, EJOR 174:54-68); short-term memory after Glover (1989, ORSA J. Computing 1:190-206).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.siting.links import Links

__all__ = ["anneal", "by_site", "exchange", "standing"]


def by_site(links: Links) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Clients of each site: where its entries begin, shape (m + 1,), and the clients, shape (k,)."""
    row = np.repeat(np.arange(links.n), np.diff(links.start))
    order = np.argsort(links.site, kind="stable")
    begin = np.concatenate([[0], np.cumsum(np.bincount(links.site, minlength=links.m))]).astype(np.int64)
    return begin, row[order].astype(np.int64)


@njit(cache=True)
def standing(start, site, weight, opened):  # type: ignore[no-untyped-def]
    """How often each client is covered, and per site the weight nobody covers and the weight one site covers."""
    n, m = len(start) - 1, len(opened)
    often = np.zeros(n, np.int64)
    gain, single = np.zeros(m), np.zeros(m)
    for i in range(n):
        for k in range(start[i], start[i + 1]):
            if opened[site[k]]:
                often[i] += 1
        if often[i] < 2:
            for k in range(start[i], start[i + 1]):
                if often[i] == 0:
                    gain[site[k]] += weight[i]
                else:
                    single[site[k]] += weight[i]
    return often, gain, single


@njit(cache=True)
def _put(start, site, begin, client, weight, often, gain, single, j, step):  # type: ignore[no-untyped-def]
    """Open (``step`` 1) or close (−1) site ``j`` in the three tables."""
    for a in range(begin[j], begin[j + 1]):
        i = client[a]
        before, after = often[i], often[i] + step
        often[i] = after
        if min(before, after) > 1:
            continue
        for k in range(start[i], start[i + 1]):
            s = site[k]
            if before == 0:
                gain[s] -= weight[i]
            elif before == 1:
                single[s] -= weight[i]
            if after == 0:
                gain[s] += weight[i]
            elif after == 1:
                single[s] += weight[i]


@njit(cache=True)
def exchange(  # type: ignore[no-untyped-def]
    start, site, begin, client, weight, fixed, opened, best, best_value, barred, moves, idle, patience, work, enough
):
    """Make the best exchange that is not barred, again and again; ``opened``, ``best`` and ``barred`` are written.

    Parameters
    ----------
    start, site, begin, client : int64 arrays
        Sites by client and clients by site.
    weight : float64 array, shape (n,)
    fixed : int64 array, shape (m,)
        1 = stays open, -1 = never.
    opened, best : bool arrays, shape (m,)
        Where the search stands, and the best set seen.
    best_value : float
        Weight that ``best`` covers.
    barred : int64 array, shape (m,)
        Move up to which a site may not change.
    moves, idle : int
        Made so far, and since the last gain.
    patience : int
        Idle moves after which the search goes back to ``best`` and away from it at random.
    work : int
        Pairs to look at before returning.
    enough : float
        Cover at which to stop.

    Returns
    -------
    best_value : float
    moves, idle : int
    """
    m = len(opened)
    often, gain, single = standing(start, site, weight, opened)
    value = 0.0
    for i in range(len(often)):
        if often[i] > 0:
            value += weight[i]
    extra = np.zeros(m)
    touched = np.empty(m, np.int64)
    inside = np.flatnonzero(opened & (fixed == 0))
    p = len(inside)
    if p == 0:
        return best_value, moves, idle
    spent = 0
    while spent < work and best_value < enough:
        if idle >= patience:  # back to the best set, some of it exchanged at random
            for j in range(m):
                opened[j] = best[j]
            inside = np.flatnonzero(opened & (fixed == 0))
            for _ in range(2 + np.random.randint(2 + p // 4)):  # noqa: NPY002 (Numba)
                at = np.random.randint(p)  # noqa: NPY002
                into = np.random.randint(m)  # noqa: NPY002
                for _ in range(20):
                    if not opened[into] and fixed[into] == 0 and gain[into] + single[into] > 0:
                        break
                    into = np.random.randint(m)  # noqa: NPY002
                if opened[into] or fixed[into] != 0:
                    continue
                opened[inside[at]] = False
                opened[into] = True
                inside[at] = into
            often, gain, single = standing(start, site, weight, opened)
            value = 0.0
            for i in range(len(often)):
                if often[i] > 0:
                    value += weight[i]
            spent += len(site)
            idle = 0
        lone, free = -1, -1  # best site to open whatever closes
        for j in range(m):
            if not opened[j] and fixed[j] == 0:
                if barred[j] <= moves and (free < 0 or gain[j] > gain[free]):
                    free = j
                if lone < 0 or gain[j] > gain[lone]:
                    lone = j
        most, into, out, ties = -np.inf, -1, -1, 0
        for at in range(p):
            r = inside[at]
            spent += begin[r + 1] - begin[r]
            count = 0
            for a in range(begin[r], begin[r + 1]):
                i = client[a]
                if often[i] != 1:
                    continue
                spent += start[i + 1] - start[i]
                for k in range(start[i], start[i + 1]):
                    s = site[k]
                    if extra[s] == 0.0:
                        touched[count] = s
                        count += 1
                    extra[s] += weight[i]
            for t in range(-2, count):
                j = touched[t] if t >= 0 else (free if t == -1 else lone)
                if j < 0 or opened[j] or fixed[j] != 0:
                    continue
                change = gain[j] + extra[j] - single[r]
                if change < most or ((barred[r] > moves or barred[j] > moves) and value + change <= best_value + 1e-9):
                    continue
                if change > most:
                    most, into, out, ties = change, j, at, 1
                else:
                    ties += 1
                    if np.random.randint(ties) == 0:  # noqa: NPY002
                        into, out = j, at
            for t in range(count):
                extra[touched[t]] = 0.0
        moves += 1
        idle += 1
        if into < 0:
            continue
        r = inside[out]
        _put(start, site, begin, client, weight, often, gain, single, r, -1)
        _put(start, site, begin, client, weight, often, gain, single, into, 1)
        opened[r], opened[into] = False, True
        inside[out] = into
        value += most
        barred[r] = moves + 3 + np.random.randint(10)  # noqa: NPY002
        barred[into] = moves + 1 + np.random.randint(1 + p // 8)  # noqa: NPY002
        if value > best_value + 1e-9:
            best_value, idle = value, 0
            for j in range(m):
                best[j] = opened[j]
    return best_value, moves, idle


@njit(cache=True)
def anneal(  # type: ignore[no-untyped-def]
    start, site, begin, client, weight, fixed, opened, best, best_value, tries, hot, cold, far, seed
):
    """Exchange one open site at a time for a near one, sometimes for the worse (Kirkpatrick et al. 1983).

    The site to open shares a client with the one to close, or (with probability ``far``) is any. The temperature, in
    units of weight, falls geometrically from ``hot`` to ``cold`` over ``tries``. ``opened`` and ``best`` are written;
    returns the weight ``best`` covers. The rest is as in :func:`exchange`.
    """
    np.random.seed(seed)  # noqa: NPY002 (Numba)
    n = len(start) - 1
    often = np.zeros(n, np.int64)
    value = 0.0
    for i in range(n):
        for k in range(start[i], start[i + 1]):
            if opened[site[k]]:
                often[i] += 1
        if often[i] > 0:
            value += weight[i]
    inside, allowed = np.flatnonzero(opened & (fixed == 0)), np.flatnonzero(fixed == 0)
    if len(inside) == 0 or len(inside) == len(allowed):
        return best_value
    rate, heat = (cold / hot) ** (1.0 / tries), hot
    for _ in range(tries):
        heat *= rate
        at = np.random.randint(len(inside))  # noqa: NPY002
        r = inside[at]
        if np.random.random() < far or begin[r] == begin[r + 1]:  # noqa: NPY002
            j = allowed[np.random.randint(len(allowed))]  # noqa: NPY002
        else:
            i = client[begin[r] + np.random.randint(begin[r + 1] - begin[r])]  # noqa: NPY002
            j = site[start[i] + np.random.randint(start[i + 1] - start[i])]  # noqa: NPY002
        if opened[j] or fixed[j] != 0:
            continue
        change = 0.0
        for a in range(begin[r], begin[r + 1]):
            i = client[a]
            often[i] -= 1
            if often[i] == 0:
                change -= weight[i]
        for a in range(begin[j], begin[j + 1]):
            if often[client[a]] == 0:
                change += weight[client[a]]
        if change >= 0 or np.random.random() < np.exp(change / heat):  # noqa: NPY002
            for a in range(begin[j], begin[j + 1]):
                often[client[a]] += 1
            opened[r], opened[j] = False, True
            inside[at] = j
            value += change
            if value > best_value + 1e-9:
                best_value = value
                for s in range(len(opened)):
                    best[s] = opened[s]
        else:
            for a in range(begin[r], begin[r + 1]):
                often[client[a]] += 1
    return best_value
