r"""Odd sets of clients that a fractional layout covers too well: {0, 1/2}-cuts of maximal cover.

Half of the rows ``z_i ≤ Σ_j a_ij y_j`` and of the bounds ``z_i ≤ 1`` of an odd set ``R`` of clients, rounded, give

.. math:: \sum_{i \in R} z_i \le \tfrac{|R| - 1}{2} + \sum_j \lceil c_j / 2 \rceil \, y_j,

where ``c_j`` of the clients in ``R`` can be covered from ``j`` (Caprara and Fischetti 1996, Mathematical Programming
74:221-235). Three clients, two of which each of three sites covers, are the smallest case.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["halves", "odd_sets"]


def odd_sets(
    table: Any,
    y: NDArray[np.float64],
    z: NDArray[np.float64],
    most: int,
    least: float = 0.02,
    often: int = 10,
    faint: float = 1e-6,
    longest: int = 7,
    near: float = 0.0,
) -> list[tuple[int, ...]]:
    """Sets of clients whose cut the point ``(y, z)`` violates by ``least`` or more, the most violated first.

    Parameters
    ----------
    table : SciPy CSR array, shape (n, m)
        Who is covered from where.
    y, z : float64 arrays, shapes (m,) and (n,)
    most : int
        Sets to return.
    least : float
    often : int
        Sets that one client may be in.
    faint : float
        Sites opened by no more than this do not count.
    longest : int
        Clients in the largest set.
    near : float
        What the sites that the first two clients share are opened by together, at least.
    """
    support = np.flatnonzero(y > faint)
    inside = table[:, support]
    reached = np.asarray(table @ y).ravel()
    slack = np.abs(reached - z) + 1.0 - z
    tight = np.flatnonzero((slack < 1.0 - 2 * least) & (np.diff(inside.indptr) > 1))
    if len(tight) < 3:
        return []
    tight = tight[np.argsort(slack[tight], kind="stable")]
    rows = inside[tight].tocsr()
    rows.sort_indices()
    first: dict[bytes, int] = {}
    for at in range(len(tight)):  # of clients with the same open sites the least slack stays
        first.setdefault(rows.indices[rows.indptr[at] : rows.indptr[at + 1]].tobytes(), at)
    kept = np.array(list(first.values()))
    rows, tight = rows[kept].tocsr(), tight[kept]
    columns = rows.T.tocsr()
    members, excess = _walks(
        rows.indptr.astype(np.int64), rows.indices.astype(np.int64), columns.indptr.astype(np.int64),
        columns.indices.astype(np.int64), y[support], slack[tight], 1.0 - 2 * least, longest, near,
    )  # fmt: skip
    used = np.zeros(len(tight), np.int64)
    found: list[tuple[int, ...]] = []
    seen: set[tuple[int, ...]] = set()
    for at in np.argsort(excess, kind="stable"):
        chosen = np.sort(members[at][members[at] >= 0])
        key = tuple(tight[chosen].tolist())
        if key in seen or (used[chosen] >= often).any():
            continue
        seen.add(key)
        used[chosen] += 1
        found.append(key)
        if len(found) == most:
            break
    return found


def halves(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of ``⌈c / 2⌉`` where row ``i`` of ``shares`` counts with that chance; shape (clients, sites) to (sites,)."""
    size, m = shares.shape
    chance = np.zeros((size + 1, m))
    chance[0] = 1.0
    for share in shares:
        chance[1:] = chance[1:] * (1.0 - share) + chance[:-1] * share
        chance[0] *= 1.0 - share
    half: NDArray[np.float64] = ((np.arange(size + 1) + 1) // 2) @ chance
    return half


@njit(cache=True)
def _walks(start, site, begin, row, y, slack, limit, longest, near):  # type: ignore[no-untyped-def]
    """From each pair of clients that share a site, add the client that leaves the least, up to an odd set below limit.

    The two best sets of each first client are returned, with what is left of each: slack and sites counted an odd
    number of times.
    """
    k, m = len(start) - 1, len(y)
    members, excess = np.full((2 * k, longest), -1, np.int64), np.full(2 * k, np.inf)
    odd, stamp, turn = np.zeros(m, np.bool_), np.zeros(k, np.int64), 0
    path = np.empty(longest, np.int64)
    partners, near_by, shared, total = np.empty(k, np.int64), np.empty(k, np.int64), np.zeros(k), np.zeros(k)
    seen = np.zeros(m, np.int64)
    for a in range(k):
        for t in range(start[a], start[a + 1]):
            total[a] += y[site[t]]
    for a in range(k):
        count, turn = 0, turn + 1
        for t in range(start[a], start[a + 1]):
            for e in range(begin[site[t]], begin[site[t] + 1]):
                b = row[e]
                if b <= a:
                    continue
                if stamp[b] != turn:
                    stamp[b] = turn
                    shared[b] = 0.0
                    partners[count] = b
                    count += 1
                shared[b] += y[site[t]]
        close = 0
        for q in range(count):
            if shared[partners[q]] >= near and slack[a] + slack[partners[q]] < limit:
                partners[close] = partners[q]
                close += 1
        for q in range(close):
            b = partners[q]
            paid = slack[a] + slack[b]
            path[0], path[1] = a, b
            whole, size = paid, 2
            for g in range(2):
                for t in range(start[path[g]], start[path[g] + 1]):
                    whole += -y[site[t]] if odd[site[t]] else y[site[t]]
                    odd[site[t]] = not odd[site[t]]
            while size < longest and paid < limit and not (size % 2 == 1 and whole < limit):
                turn += 1
                reached = 0
                for g in range(size):
                    stamp[path[g]] = turn
                    shared[path[g]] = -np.inf
                for g in range(size):
                    for t in range(start[path[g]], start[path[g] + 1]):
                        j = site[t]
                        if not odd[j] or seen[j] == turn:
                            continue
                        seen[j] = turn
                        for e in range(begin[j], begin[j + 1]):
                            c = row[e]
                            if stamp[c] != turn:
                                stamp[c] = turn
                                shared[c] = 0.0
                                near_by[reached] = c
                                reached += 1
                            shared[c] += y[j]
                best, pick = np.inf, -1
                for g in range(reached):
                    c = near_by[g]
                    cost = slack[c] + total[c] - 2.0 * shared[c]
                    if cost < best:
                        best, pick = cost, c
                if pick < 0:
                    break
                path[size] = pick
                size += 1
                paid += slack[pick]
                whole += best
                for t in range(start[pick], start[pick + 1]):
                    odd[site[t]] = not odd[site[t]]
            slot = 2 * a if excess[2 * a] >= excess[2 * a + 1] else 2 * a + 1
            if size % 2 == 1 and whole < limit and whole < excess[slot]:
                excess[slot] = whole
                members[slot] = -1
                members[slot, :size] = path[:size]
            for g in range(size):
                for t in range(start[path[g]], start[path[g] + 1]):
                    odd[site[t]] = False
    kept = np.flatnonzero(excess < np.inf)
    return members[kept], excess[kept]
