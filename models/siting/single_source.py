"""One source for every client, in whole numbers: branch and bound on the relaxation with 0/1 knapsacks.

Relaxing "each client is served" leaves a knapsack of clients for each site (Pirkul 1987; Ceselli and Righini 2005,
Networks 45:125-142); whole knapsacks bound better than the linear relaxation. Sites are branched on, then pairs; a set
of sites whose assignment is not settled after a few nodes goes to HiGHS, with the pairs that prices have left.
"""

from __future__ import annotations

import time as clock
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise
from models.siting.single_source_tree import branch

__all__ = ["assigned_sites"]

Floats = NDArray[np.float64]
_ROOT, _STEPS, _NODES, _DEPTH = 1500, 60, 100, 600
"""Steps at the root and at another node; nodes from one glance at the clock to the next; most nodes open at once."""
_PAIRS, _PATIENCE, _MORE = 60, 1.0, 5.0
"""Nodes on the pairs of one set of sites before HiGHS; the seconds it gets first, and how many times more each time."""


def assigned_sites(
    cost: Floats,
    need: NDArray[np.int64],
    room: NDArray[np.int64],
    opening: Floats,
    fixed: NDArray[np.int64],
    count: tuple[int, int],
    seconds: float,
) -> tuple[NDArray[np.int64], float, float]:
    """Site of each client (-1 throughout if none was found), cost and bound (``inf`` if there is proof of none).

    Parameters
    ----------
    cost : float64 array, shape (n, m)
        Of serving all of a client; ``inf`` = not possible.
    need : int64 array, shape (n,) or (n, m)
        Room that a client takes, everywhere the same or at each site its own.
    room : int64 array, shape (m,)
    opening : float64 array, shape (m,)
    fixed : int64 array, shape (m,)
        1 = open, -1 = never, 0 = free.
    count : (lo, hi)
        Fewest and most sites.
    seconds : float
    """
    deadline = clock.monotonic() + seconds
    n, m = cost.shape
    lo, hi = count
    wants = np.ascontiguousarray(np.broadcast_to(need if need.ndim == 2 else need[:, None], (n, m)), dtype=np.int64)
    roomiest = np.cumsum(np.sort(np.where(fixed >= 0, room, 0))[::-1])
    lo, hi = max(lo, int(np.searchsorted(roomiest, wants.min(axis=1).sum())) + 1), min(hi, int((fixed >= 0).sum()))
    finite = np.isfinite(cost)
    whole = bool((cost[finite] == np.round(cost[finite])).all() and (opening == np.round(opening)).all())
    best = np.full(n, -1, np.int64)
    value = float(np.where(finite, cost, 0.0).max(axis=1).sum() + opening.sum()) + 1.0
    stack = (
        np.zeros((_DEPTH, m), np.int8),
        np.zeros((_DEPTH, n)),
        np.full(_DEPTH, -np.inf),
        np.zeros((_DEPTH, n, m), np.bool_),
    )
    stack[0][0], stack[3][0] = fixed, finite & (wants <= room)
    stack[1][0] = np.sort(np.where(finite, cost, value / n), axis=1)[:, min(3, m - 1)]
    depth, first, within = 1, True, np.array([-1, 0, 0])
    leaf = np.zeros(m, np.int8), np.zeros((n, m), np.bool_)
    left: list[_Sites] = []
    while (depth > 0 or left) and clock.monotonic() < deadline:
        margin = 1.0 - 1e-6 if whole else 1e-9 * value
        if depth > 0:
            depth, value, bound = branch(
                cost, wants, room, opening, lo, hi, *stack, depth, best, value, margin, 1 if first else _NODES,
                _ROOT if first else _STEPS, within, *leaf, _PAIRS,
            )  # fmt: skip
            first = False
            if not within[2]:
                continue
            within[2] = 0
            one = _Sites(leaf[0] == 1, leaf[1].copy(), bound, _PATIENCE)
        else:  # all sets of sites are known: the most promising of those that are not settled
            left.sort(key=lambda sites: sites.bound)
            one = left.pop(0)
        if one.bound > value - margin:
            continue
        where, bound = _among(one, cost, wants, room, opening, value - margin, deadline - clock.monotonic())
        if where is not None:
            paid = float(cost[np.arange(n), where].sum() + opening[one.opened].sum())
            if paid < value:
                best, value = where, paid
        if bound <= value - (1.0 - 1e-6 if whole else 1e-9 * value):
            left.append(_Sites(one.opened, one.may, bound, _MORE * one.patience))
    open_bounds = [*stack[2][:depth].tolist(), *(sites.bound for sites in left)]
    if not open_bounds and best.min(initial=0) < 0:
        value = np.inf
    return best, value if best.min(initial=0) >= 0 else np.inf, min([value, *open_bounds])


@dataclass(frozen=True, eq=False)
class _Sites:
    """A set of sites whose best assignment is not known: pairs that may be used, bound, seconds to try next."""

    opened: NDArray[np.bool_]
    may: NDArray[np.bool_]
    bound: float
    patience: float


def _among(
    sites: _Sites, cost: Floats, need: NDArray[np.int64], room: NDArray[np.int64], opening: Floats, limit: float,
    seconds: float,
) -> tuple[NDArray[np.int64] | None, float]:  # fmt: skip
    """Assignment to these sites below ``limit`` (None if none was found) and a bound of all there are, by HiGHS."""
    from scipy.sparse import coo_array

    n = len(cost)
    chosen = np.flatnonzero(sites.opened)
    client, at = np.nonzero(sites.may[:, chosen])
    k, p, paid = len(client), len(chosen), float(opening[chosen].sum())
    row = np.concatenate([client, n + at])
    rows = coo_array(
        (np.concatenate([np.ones(k), need[client, chosen[at]]]), (row, np.tile(np.arange(k), 2))), shape=(n + p, k)
    )
    found = minimise(Programme(
        cost[client, chosen[at]], rows, np.concatenate([np.ones(n), np.full(p, -np.inf)]),
        np.concatenate([np.ones(n), room[chosen]]), np.zeros(k), np.ones(k), np.ones(k, bool),
    ), min(sites.patience, seconds), cutoff=limit - paid)  # fmt: skip
    bound = np.inf if found.infeasible else max(sites.bound, found.bound + paid)
    if found.x is None:
        return None, bound
    where = np.full(n, -1, np.int64)
    used = found.x > 0.5
    where[client[used]] = chosen[at[used]]
    if (where < 0).any() or (np.bincount(where, need[np.arange(n), where], len(room)) > room).any():
        return None, sites.bound
    return where, bound
