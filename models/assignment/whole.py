"""Jobs assigned whole to agents of limited capacity at least cost: the generalised assignment problem.

Bound and multipliers by Lagrangian relaxation of the assignment (Fisher, Jaikumar and Van Wassenhove 1986, Management
Science 32:1095: a knapsack per agent, subgradient); shifts and exchanges with priced overload find
assignments; HiGHS proves.
"""

from __future__ import annotations

import time as clock
from dataclasses import dataclass
from functools import cache

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise
from models.siting.layout import relative_gap, status_of

__all__ = ["WholeAssignment", "assign_whole", "assignment_cost"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_LARGE = 1_500
"""Agents × jobs from which on searching is worth more than the solver's tree."""


@dataclass(frozen=True, eq=False)
class WholeAssignment:
    """Cost, lower bound, gap, status; agent of each job (-1 everywhere if no assignment was found)."""

    value: float
    bound: float
    gap: float
    status: str
    agent: Ints


def assignment_cost(cost: Floats, load: Ints, capacity: Ints, agent: Ints) -> float:
    """Cost of an assignment, recomputed; ``inf`` if an agent is overloaded or a job has none."""
    if (agent < 0).any():
        return float("inf")
    used = np.bincount(agent, load[agent, np.arange(len(agent))], len(capacity))
    if (used > capacity).any():
        return float("inf")
    return float(cost[agent, np.arange(len(agent))].sum())


def assign_whole(cost: Floats, load: Ints, capacity: Ints, *, seconds: float = 30.0, seed: int = 1) -> WholeAssignment:
    """Assign every job to one agent at least cost.

    Parameters
    ----------
    cost : float64 array (m, n)
        Whole numbers: the proof counts on it.
    load : int64 array (m, n)
    capacity : int64 array (m,)
    seconds : float
    seed : int

    Raises
    ------
    ValueError
        If costs are not whole numbers or shapes differ.
    """
    if cost.shape != load.shape or len(capacity) != len(cost) or (cost != np.round(cost)).any():
        msg = "cost and load need one shape, one capacity for each agent, and whole costs"
        raise ValueError(msg)
    _compiled()
    began = clock.monotonic()
    m, n = cost.shape
    loads, limits = np.ascontiguousarray(load, dtype=np.int64), np.asarray(capacity, dtype=np.int64)
    costs = np.ascontiguousarray(cost, dtype=np.float64)
    best, value = np.full(n, -1, dtype=np.int64), np.inf
    price, bound = _prices(costs, loads, limits, 300 if m * n <= 20_000 else 150)
    steps, rng = 100_000, np.random.default_rng(seed)
    searching = 0.7 * seconds if m * n > _LARGE else min(0.1 * seconds, 0.5)
    while clock.monotonic() - began < searching and np.ceil(bound - 1e-6) < value:
        started = clock.monotonic()
        found, total = _search(costs, loads, limits, price, steps, rng)
        took = max(clock.monotonic() - started, 1e-3)
        # After a first, short run three long ones fill the time.
        steps = int(np.clip(steps * searching / 4 / took, steps, 20 * steps))
        if total < value and assignment_cost(costs, loads, limits, found) == total:
            best, value = found, float(total)
    bound = float(np.ceil(bound - 1e-6))
    left = seconds - (clock.monotonic() - began)
    if bound < value and left > 0.5:
        agent, proven = _proved(costs, loads, limits, left)
        if agent is not None and assignment_cost(costs, loads, limits, agent) < value:
            best, value = agent, assignment_cost(costs, loads, limits, agent)
        bound = max(bound, min(float(np.ceil(proven - 1e-6)), value))
    if not np.isfinite(value):
        return WholeAssignment(value, bound, np.inf, "infeasible" if bound == np.inf else "time_limit", best)
    return WholeAssignment(value, bound, relative_gap(value, bound), status_of(value, bound), best)


@cache
def _compiled() -> None:
    """Compile before the clock starts."""
    one = np.ones((1, 1))
    _knapsacks(one, np.ones((1, 1), np.int64), np.ones(1, np.int64), np.ones(1))
    _search(one, np.ones((1, 1), np.int64), np.ones(1, np.int64), np.ones(1), 1, np.random.default_rng(0))


def _prices(costs: Floats, loads: Ints, limits: Ints, rounds: int) -> tuple[Floats, float]:
    """Multipliers of the jobs and the Lagrangian bound, by subgradient steps on the knapsacks."""
    ordered = np.sort(costs, axis=0)
    price = ordered[min(1, len(costs) - 1)].copy()
    best, best_price = -np.inf, price.copy()
    target = float(ordered[0].sum()) * 1.05 + 1.0
    step, idle = 1.5, 0
    for _ in range(rounds):
        value, taken = _knapsacks(costs, loads, limits, price)
        if value > best + 1e-9:
            best, best_price, idle = value, price.copy(), 0
        else:
            idle += 1
            if idle >= 12:
                step, idle = step / 2, 0
        slope = 1.0 - taken
        square = float(slope @ slope)
        if square == 0 or step < 1e-4:
            break
        target = max(target, best + 1.0)
        price = price + step * (target - value) / square * slope
    return best_price, best


@nb.njit(cache=True)
def _knapsacks(costs, loads, limits, price):  # type: ignore[no-untyped-def]
    """Bound Σ price + Σ min Σ (cost - price) x over each agent's knapsack, and how often each job is taken."""
    m, n = costs.shape
    taken = np.zeros(n)
    total = price.sum()
    for i in range(m):
        room = limits[i]
        table = np.zeros(room + 1)
        choice = np.zeros((n, room + 1), np.bool_)
        for j in range(n):
            gain = price[j] - costs[i, j]
            need = loads[i, j]
            if gain <= 0 or need > room:
                continue
            for r in range(room, need - 1, -1):
                other = table[r - need] + gain
                if other > table[r]:
                    table[r] = other
                    choice[j, r] = True
        total -= table[room]
        r = room
        for j in range(n - 1, -1, -1):
            if choice[j, r]:
                taken[j] += 1.0
                r -= loads[i, j]
    return total, taken


@nb.njit(cache=True)
def _search(costs, loads, limits, price, steps, rng):  # type: ignore[no-untyped-def]
    """Shift and exchange with overload priced and prices adapting; the best feasible assignment."""
    m, n = costs.shape
    agent = np.zeros(n, np.int64)
    used = np.zeros(m, np.int64)
    order = np.argsort(-price + rng.random(n) * (np.abs(price).mean() + 1.0) * 0.3)
    for j in order:
        chosen, least = 0, np.inf
        for i in range(m):
            over = max(used[i] + loads[i, j] - limits[i], 0)
            here = costs[i, j] + 1000.0 * over
            if here < least:
                chosen, least = i, here
        agent[j] = chosen
        used[chosen] += loads[chosen, j]
    best, value = agent.copy(), np.inf
    penalty = 1.0
    scale = max(costs.std(), 1.0) / max(loads.mean(), 1.0)
    now = 0.0
    for j in range(n):
        now += costs[agent[j], j]
    heat0 = max(0.15 * costs.std(), 0.5)
    for step in range(steps):
        heat = heat0 * (1.0 - step / steps) ** 2 + 1e-3
        j = rng.integers(0, n)
        a = agent[j]
        if rng.random() < 0.5:
            b = rng.integers(0, m)
            if b == a:
                continue
            before = max(used[a] - limits[a], 0) + max(used[b] - limits[b], 0)
            ua, ub = used[a] - loads[a, j], used[b] + loads[b, j]
            after = max(ua - limits[a], 0) + max(ub - limits[b], 0)
            delta = costs[b, j] - costs[a, j]
            k = -1
        else:
            k = rng.integers(0, n)
            b = agent[k]
            if b == a:
                continue
            before = max(used[a] - limits[a], 0) + max(used[b] - limits[b], 0)
            ua, ub = used[a] - loads[a, j] + loads[a, k], used[b] - loads[b, k] + loads[b, j]
            after = max(ua - limits[a], 0) + max(ub - limits[b], 0)
            delta = costs[b, j] + costs[a, k] - costs[a, j] - costs[b, k]
        change = delta + penalty * scale * (after - before)
        if change <= 0 or rng.random() < np.exp(-change / heat):
            used[a], used[b] = ua, ub
            agent[j] = b
            if k >= 0:
                agent[k] = a
            now += delta
            if now < value:
                over = 0
                for i in range(m):
                    over += max(used[i] - limits[i], 0)
                if over == 0:
                    value = now
                    best[:] = agent
        if step % 500 == 499:
            over = 0
            for i in range(m):
                over += max(used[i] - limits[i], 0)
            penalty = min(penalty * 1.1, 50.0) if over > 0 else max(penalty * 0.9, 0.2)
    return best, value


def _proved(costs: Floats, loads: Ints, limits: Ints, seconds: float) -> tuple[Ints | None, float]:
    """HiGHS, from nothing: told of a first assignment it takes longer. The agent of each job, and the bound."""
    from scipy.sparse import coo_array

    m, n = costs.shape
    which = np.arange(m * n)
    row = np.concatenate([which % n, n + which // n])
    entry = np.concatenate([np.ones(m * n), loads.ravel().astype(np.float64)])
    found = minimise(Programme(
        costs.ravel(), coo_array((entry, (row, np.concatenate([which, which]))), shape=(n + m, m * n)),
        np.concatenate([np.ones(n), np.full(m, -np.inf)]), np.concatenate([np.ones(n), limits.astype(np.float64)]),
        np.zeros(m * n), np.ones(m * n), np.ones(m * n, bool),
    ), seconds)  # fmt: skip
    agent = None if found.x is None else found.x.reshape(m, n).argmax(axis=0)
    return agent, np.inf if found.infeasible else found.bound
