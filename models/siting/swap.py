"""Adding, dropping and exchanging sites until nothing gains: the primal side of p-median, maximal cover and UFLP.

Best-improvement interchange with the gain, loss and correction tables of Resende and Werneck (2007, EJOR 174:54-68),
built from rows sorted by cost, so that only pairs nearer than a client's second choice are looked at.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["cost_of", "greedy", "improve", "shake"]

_EPS = 1e-9


@njit(cache=True)
def cost_of(
    start: NDArray[np.int64],
    site: NDArray[np.int64],
    cost: NDArray[np.float64],
    penalty: NDArray[np.float64],
    opening: NDArray[np.float64],
    opened: NDArray[np.bool_],
) -> float:
    """Total cost of a set of open sites: each client at its cheapest open site or its penalty."""
    total = 0.0
    for j in range(len(opening)):
        if opened[j]:
            total += opening[j]
    for i in range(len(start) - 1):
        least = penalty[i]
        for k in range(start[i], start[i + 1]):
            if cost[k] >= least:
                break
            if opened[site[k]]:
                least = cost[k]
                break
        total += least
    return total


@njit(cache=True)
def greedy(
    start: NDArray[np.int64],
    site: NDArray[np.int64],
    cost: NDArray[np.float64],
    penalty: NDArray[np.float64],
    opening: NDArray[np.float64],
    fixed: NDArray[np.int64],
    lo: int,
    hi: int,
) -> NDArray[np.bool_]:
    """Open what gains most until ``hi`` sites are open or (from ``lo`` on) nothing gains (``fixed``: 1 in, -1 out)."""
    n, m = len(start) - 1, len(opening)
    opened = fixed == 1
    count = opened.sum()
    least = penalty.copy()
    for i in range(n):
        for k in range(start[i], start[i + 1]):
            if cost[k] >= least[i]:
                break
            if opened[site[k]]:
                least[i] = cost[k]
                break
    while count < hi:
        gain = -opening
        for i in range(n):
            for k in range(start[i], start[i + 1]):
                if cost[k] >= least[i]:
                    break
                gain[site[k]] += least[i] - cost[k]
        best = -1
        for j in range(m):
            if not opened[j] and fixed[j] == 0 and (best < 0 or gain[j] > gain[best]):
                best = j
        if best < 0 or (count >= lo and gain[best] <= _EPS):
            break
        opened[best] = True
        count += 1
        for i in range(n):
            for k in range(start[i], start[i + 1]):
                if cost[k] >= least[i]:
                    break
                if site[k] == best:
                    least[i] = cost[k]
                    break
    return opened  # type: ignore[no-any-return]


@njit(cache=True)
def improve(
    start: NDArray[np.int64],
    site: NDArray[np.int64],
    cost: NDArray[np.float64],
    penalty: NDArray[np.float64],
    opening: NDArray[np.float64],
    fixed: NDArray[np.int64],
    lo: int,
    hi: int,
    opened: NDArray[np.bool_],
) -> float:
    """Add, drop and exchange in place, the best move first, until none gains; returns the total cost."""
    n, m = len(start) - 1, len(opening)
    gain = np.empty(m)
    slot = np.empty(m, np.int64)
    while True:
        count = 0
        for j in range(m):
            slot[j] = -1
            gain[j] = -opening[j]
            if opened[j]:
                slot[j] = count
                count += 1
        inside = np.empty(count, np.int64)
        for j in range(m):
            if slot[j] >= 0:
                inside[slot[j]] = j
        loss = np.zeros(count)
        extra = np.zeros((count, m))
        for i in range(n):
            first, second, nearest = penalty[i], penalty[i], -1
            for k in range(start[i], start[i + 1]):
                if cost[k] >= second:
                    break
                if opened[site[k]]:
                    if nearest < 0:
                        first, nearest = cost[k], slot[site[k]]
                    else:
                        second = cost[k]
                        break
            if nearest >= 0:
                loss[nearest] += second - first
            for k in range(start[i], start[i + 1]):
                c = cost[k]
                if c >= second:
                    break
                j = site[k]
                if slot[j] >= 0:
                    continue
                if c < first:
                    gain[j] += first - c
                if nearest >= 0:
                    extra[nearest, j] += second - max(c, first)
        best, into, out = _EPS, -1, -1
        if count < hi:
            for j in range(m):
                if slot[j] < 0 and fixed[j] == 0 and gain[j] > best:
                    best, into, out = gain[j], j, -1
        for r in range(count):
            gone = inside[r]
            if fixed[gone] == 1:
                continue
            saved = opening[gone] - loss[r]
            if count > lo and saved > best:
                best, into, out = saved, -1, gone
            for j in range(m):
                if slot[j] < 0 and fixed[j] == 0 and gain[j] + saved + extra[r, j] > best:
                    best, into, out = gain[j] + saved + extra[r, j], j, gone
        if into < 0 and out < 0:
            break
        before = cost_of(start, site, cost, penalty, opening, opened)
        if into >= 0:
            opened[into] = True
        if out >= 0:
            opened[out] = False
        if cost_of(start, site, cost, penalty, opening, opened) >= before - _EPS:  # rounding: no true gain
            if into >= 0:
                opened[into] = False
            if out >= 0:
                opened[out] = True
            break
    return cost_of(start, site, cost, penalty, opening, opened)  # type: ignore[no-any-return]


@njit(cache=True)
def shake(
    opened: NDArray[np.bool_], fixed: NDArray[np.int64], attraction: NDArray[np.float64], moves: int, seed: int
) -> None:
    """Exchange ``moves`` random open sites, in place, for sites drawn in proportion to ``attraction``."""
    np.random.seed(seed)  # noqa: NPY002 (Numba)
    m = len(opened)
    for _ in range(moves):
        total, leaving = 0.0, 0
        for j in range(m):
            if fixed[j] == 0 and not opened[j]:
                total += attraction[j]
            if fixed[j] == 0 and opened[j]:
                leaving += 1
        if leaving == 0 or total <= 0:
            return
        draw, into = np.random.random() * total, -1  # noqa: NPY002 (Numba)
        for j in range(m):
            if fixed[j] == 0 and not opened[j]:
                draw -= attraction[j]
                if attraction[j] > 0:
                    into = j
                if draw <= 0 and into >= 0:
                    break
        which = np.random.randint(leaving)  # noqa: NPY002 (Numba)
        for j in range(m):
            if fixed[j] == 0 and opened[j]:
                if which == 0:
                    opened[j] = False
                    break
                which -= 1
        opened[into] = True
