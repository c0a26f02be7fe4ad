"""Where teams stand by while others are busy: expected cover, its best layout, and who moves up.

Maximum expected cover (MEXCLP; Daskin 1983, Transportation Science 17:48), with the correction of Batta, Dolan and
Krishnamurthy (1989, Transportation Science 23:277) by Larson's Q where asked; the hypercube queueing model itself,
exact and approximate (Larson 1974, 1975; Larson and Odoni, Urban Operations Research, ch. 5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise
from models.siting.layout import relative_gap, status_of

__all__ = ["Hypercube", "Standby", "cover_weights", "expected_cover", "hypercube", "hypercube_approximation",
           "max_expected_cover", "server_correction"]  # fmt: skip

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Standby:
    """Expected cover, bound, gap and status; servers at each site."""

    value: float
    bound: float
    gap: float
    status: str
    servers: Ints


def server_correction(servers: int, load: float, j: int) -> float:
    """Larson's Q(N, ρ, j): dependence of servers on each other when the first ``j`` of a list are busy.

    Of an M/M/N line without limit: P(first j busy, next free) = ρ^j (1 - ρ) Q.
    """
    n = servers
    p = _line(n, load)
    found = 0.0
    for k in range(j, n):
        busy = math.prod((k - i) / (n - i) for i in range(j))
        found += p[k] * busy * (n - k) / (n - j)
    return found / (load**j * (1 - load))


def _line(n: int, load: float) -> Floats:
    """Probability of 0 … n - 1 servers busy, and of all, in an M/M/n line without limit."""
    terms = np.array([(n * load) ** k / math.factorial(k) for k in range(n)])
    full = (n * load) ** n / math.factorial(n) / (1 - load)
    probability: Floats = np.append(terms, full) / (terms.sum() + full)
    return probability


def cover_weights(servers: int, busy: float, *, corrected: bool = False) -> Floats:
    """What the 1st, 2nd … server in reach adds to the expected cover of a point, float64 array (servers,).

    Raises
    ------
    ValueError
        If the busy share is not in [0, 1).
    """
    if not 0 <= busy < 1:
        msg = f"a busy share of {busy} is not in [0, 1)"
        raise ValueError(msg)
    plain = np.array([(1 - busy) * busy**k for k in range(servers)], dtype=np.float64)
    if not corrected or busy == 0:
        return plain
    factors = np.array([server_correction(servers, busy, k) for k in range(servers)])
    corrected_weights: Floats = plain * factors
    return corrected_weights


def expected_cover(cover: NDArray[np.bool_], demand: Floats, servers: Ints, weights: Floats) -> float:
    """Demand expected to find a free server in reach.

    Parameters
    ----------
    cover : bool array (n, m)
        Site ``j`` reaches point ``i`` in time.
    demand : float64 array (n,)
    servers : int64 array (m,)
        Servers at each site.
    weights : float64 array (k,)
        ``cover_weights``; k at least as many as the servers in all.
    """
    near = cover.astype(np.int64) @ servers
    gained = np.concatenate([[0.0], np.cumsum(weights)])
    return float(demand @ gained[np.minimum(near, len(weights))])


def max_expected_cover(
    cover: NDArray[np.bool_],
    demand: Floats,
    servers: int,
    weights: Floats,
    *,
    room: Ints | None = None,
    at: Ints | None = None,
    move_cost: float = 0.0,
    seconds: float = 60.0,
) -> Standby:
    r"""Place servers so that the expected cover, less the cost of moves, is greatest.

    .. math::
        \max \sum_i d_i \sum_k w_k y_{ik} - c \sum_j z_j \quad \text{s.t.} \quad
        \sum_k y_{ik} \le \sum_j a_{ij} x_j, \; \sum_j x_j = p, \; z_j \ge x_j - x^0_j, \; x_j \le r_j \text{ whole}

    With falling weights the ``y`` need not be whole.

    Parameters
    ----------
    cover, demand : see :func:`expected_cover`
    servers : int
    weights : float64 array
        Must not rise.
    room : int64 array (m,), optional
        Most servers at a site; all of them without it.
    at : int64 array (m,), optional
        Where servers are now; with ``move_cost`` each that must move costs so much.
    seconds : float

    Raises
    ------
    ValueError
        If the weights rise or there is no room for the servers.
    """
    from scipy.sparse import coo_array

    m = cover.shape[1]
    most = np.full(m, servers) if room is None else np.minimum(room, servers)
    if (np.diff(weights) > 1e-12).any() or most.sum() < servers:
        msg = "weights must not rise, and there must be room for the servers"
        raise ValueError(msg)
    there = np.zeros(m) if at is None else np.asarray(at, dtype=np.float64)
    useful = np.flatnonzero((demand > 0) & cover.any(axis=1))
    k = min(servers, len(weights))
    ys = len(useful) * k
    row, column = np.nonzero(cover[useful])
    rows = np.concatenate([np.repeat(np.arange(len(useful)), k), row, np.full(m, len(useful)),
                           len(useful) + 1 + np.arange(m), len(useful) + 1 + np.arange(m)])  # fmt: skip
    columns = np.concatenate([2 * m + np.arange(ys), column, np.arange(m), m + np.arange(m), np.arange(m)])
    entries = np.concatenate([np.ones(ys), -np.ones(len(row)), np.ones(m), np.ones(m), -np.ones(m)])
    height = len(useful) + 1 + m
    found = minimise(Programme(
        np.concatenate([np.zeros(m), np.full(m, move_cost), -np.outer(demand[useful], weights[:k]).ravel()]),
        coo_array((entries, (rows, columns)), shape=(height, 2 * m + ys)),
        np.concatenate([np.full(len(useful), -np.inf), [servers], -there]),
        np.concatenate([np.zeros(len(useful)), [servers], np.full(m, np.inf)]),
        np.zeros(2 * m + ys), np.concatenate([most, np.full(m, float(servers)), np.ones(ys)]).astype(np.float64),
        np.concatenate([np.ones(m, bool), np.zeros(m + ys, bool)]),
    ), seconds)  # fmt: skip
    if found.x is None:
        placed = np.zeros(m, dtype=np.int64)
        for _ in range(servers):  # the time was too short for the solver: the best site after the other
            gains = [expected_cover(cover, demand, placed + np.eye(m, dtype=np.int64)[j], weights)
                     if placed[j] < most[j] else -np.inf for j in range(m)]  # fmt: skip
            placed[int(np.argmax(gains))] += 1
    else:
        placed = np.round(found.x[:m]).astype(np.int64)
    moved = float(np.maximum(placed - there, 0).sum()) if move_cost else 0.0
    value = expected_cover(cover, demand, placed, weights) - move_cost * moved
    bound = max(-found.bound, value)
    return Standby(value, bound, relative_gap(value, bound), status_of(value, bound), placed)


@dataclass(frozen=True, eq=False)
class Hypercube:
    """Workload of each server, share of calls that each server answers for each group, probability of all busy."""

    workload: Floats
    share: Floats
    all_busy: float


def hypercube(rate: Floats, preference: Ints, service_rate: float = 1.0) -> Hypercube:
    """Steady state of all 2^N combinations of busy servers, waiting line without limit.

    Parameters
    ----------
    rate : float64 array (g,)
        Calls of each group per unit of time.
    preference : int64 array (g, N)
        Servers in the order in which each group asks for them.
    service_rate : float
        Of each server.

    Raises
    ------
    ValueError
        If there are more than 14 servers, or more calls than they can answer.
    """
    groups, n = preference.shape
    total = float(rate.sum())
    load = total / (n * service_rate)
    if n > 14 or load >= 1:
        msg = f"{n} servers at a load of {load:.2f}: at most 14 servers and a load below 1"
        raise ValueError(msg)
    states = 1 << n
    flow = np.zeros((states, states))
    answers = np.full((groups, states), -1, dtype=np.int64)
    for s in range(states):
        for server in range(n):
            if s >> server & 1:
                flow[s, s ^ (1 << server)] += service_rate
        for g in range(groups):
            free = next((int(v) for v in preference[g] if not s >> int(v) & 1), -1)
            answers[g, s] = free
            if free >= 0:
                flow[s, s | (1 << free)] += rate[g]
    balance = flow.T - np.diag(flow.sum(axis=1))
    balance[-1] = 1.0
    balance[-1, -1] = 1.0 / (1.0 - load)  # all busy, with any number waiting
    right = np.zeros(states)
    right[-1] = 1.0
    p = np.linalg.solve(balance, right)
    full = float(p[-1] / (1.0 - load))
    p[-1] = full
    work = np.array([sum(p[s] for s in range(states) if s >> server & 1) for server in range(n)])
    share = np.zeros((n, groups))
    for g in range(groups):
        for s in range(states):
            if answers[g, s] >= 0:
                share[answers[g, s], g] += p[s] * rate[g] / total
        share[:, g] += full / n * rate[g] / total
    return Hypercube(work, share, full)


def hypercube_approximation(
    rate: Floats, preference: Ints, service_rate: float = 1.0, iterations: int = 100, tolerance: float = 1e-9
) -> Floats:
    """Workloads by Larson's iteration (1975, Operations Research 23:845), float64 array (N,).

    ρ_n = V_n / (1 + V_n) with V_n the calls for which ``n`` is the next one asked, Q for dependence, normalised so that
    the workloads add up to those of the line.
    """
    _, n = preference.shape
    offered = rate / service_rate
    total = float(offered.sum())
    load = total / n
    q = np.array([server_correction(n, load, j) for j in range(n)])
    waiting = _line(n, load)[-1]
    work = np.full(n, load)
    for _ in range(iterations):
        asked = np.zeros(n)
        for g in range(len(rate)):
            busy = 1.0
            for place, server in enumerate(preference[g]):
                asked[server] += offered[g] * q[place] * busy
                busy *= work[server]
        fresh = (asked + total * waiting / n) / (1.0 + asked)
        fresh *= total / fresh.sum()
        if np.abs(fresh - work).max() < tolerance:
            return np.asarray(fresh, dtype=np.float64)
        work = fresh
    return work
