"""Depots opened before it is known who will call, whole clients assigned afterwards (SSLP; Ntaimo and Sen 2005)."""

from __future__ import annotations

import time as clock
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise
from models.siting.layout import relative_gap, status_of
from models.siting.server_bounds import search_sets
from models.siting.single_source import assigned_sites

__all__ = ["ServerLayout", "server_location"]


_ROOMY = 20_000
"""Capacity up to which the assignments are searched in whole numbers."""
_BEST = 3
"""Sets that are best with clients divisible of which the assignments are solved."""


@dataclass(frozen=True, eq=False)
class ServerLayout:
    """Value, bound, gap, status, open sites, and the site of each present client in each scenario (-1 = absent)."""

    value: float
    bound: float
    gap: float
    status: str
    sites: NDArray[np.int64]
    assignment: NDArray[np.int64]


def server_location(
    opening: NDArray[np.float64],
    capacity: NDArray[np.float64],
    revenue: NDArray[np.float64],
    demand: NDArray[np.float64],
    present: NDArray[np.bool_],
    probability: NDArray[np.float64],
    overflow_penalty: float,
    seconds: float = 120.0,
) -> ServerLayout:
    r"""Minimise opening cost plus expected overflow penalty less expected revenue.

    .. math::
        \min \sum_j f_j y_j + \sum_s \pi_s \Big( P \sum_j o_{js} - \sum_{ij} r_{ij} x_{ijs} \Big)
        \quad \text{s.t.} \quad
        \sum_j x_{ijs} = h_{is}, \quad \sum_i d_{ij} x_{ijs} - o_{js} \le u_j y_j, \quad x, y \in \{0, 1\}, \; o \ge 0

    Solved by the integer L-shaped method (Laporte and Louveaux 1993): cuts of the linear problems of the scenarios
    first, then of the whole-number ones at each set of sites that the master proposes; the second half of the time
    goes, if need be, to the programme of all scenarios at once.

    Parameters
    ----------
    opening, capacity : float64 arrays, shape (m,)
    revenue, demand : float64 arrays, shape (n, m)
        Of a client when it is assigned to a site.
    present : bool array, shape (s, n)
    probability : float64 array, shape (s,)
    overflow_penalty : float
        Per unit of demand above capacity.
    """
    began = clock.monotonic()
    deadline = began + seconds
    calls = _Calls(capacity, revenue, demand, present, overflow_penalty)
    m, scenarios = len(opening), len(probability)
    least = np.array([calls.relaxed(s, np.ones(m))[0] for s in range(scenarios)])
    master = _Master(opening, probability, least)
    bound = -np.inf
    linear, seen = True, dict[bytes, float]()
    first = calls.descent(opening, probability, began + 0.1 * seconds)
    best, best_where, best_value = first, np.full(present.shape, -1, np.int64), np.inf
    for sites in calls.exchanges(first, opening, probability, began + 0.25 * seconds):
        where, values, _ = calls.assigned(sites.astype(np.float64), 0.01 * seconds, began + 0.4 * seconds)
        value = float(opening[sites].sum() + probability @ values)
        if value < best_value:
            best, best_where, best_value = sites, where, value

    def exact(opened: NDArray[np.bool_]) -> tuple[float, float]:
        nonlocal best, best_where, best_value
        where, values, bounds = calls.assigned(opened.astype(np.float64), 0.02 * seconds, deadline)
        paid = float(opening[opened].sum())
        if paid + float(probability @ values) < best_value:
            best, best_where, best_value = opened.copy(), where, paid + float(probability @ values)
        return paid + float(probability @ values), paid + float(probability @ bounds)

    bound = max(bound, calls.searched(opening, probability, exact, best_value, began + 0.8 * seconds))
    decomposed = began + 0.9 * seconds
    while bound < best_value - 1e-7 * abs(best_value) and clock.monotonic() < decomposed:
        y, theta, below = master.solve(linear, max(decomposed - clock.monotonic(), 0.05))
        bound = max(bound, below)
        if y is None or bound >= best_value - 1e-7 * abs(best_value):
            break
        added = 0
        for s in range(scenarios):
            cost, slope = calls.relaxed(s, y)
            if cost > theta[s] + 1e-6 * (1 + abs(cost)):
                master.cut(s, cost - float(slope @ y), slope)
                added += 1
        if linear:
            linear = added > 0 and clock.monotonic() < began + 0.3 * seconds
            continue
        if added:
            continue
        key = np.round(y).tobytes()
        seen[key] = 10.0 * seen.get(key, 0.1)  # a set that comes again deserves longer proofs
        where, values, bounds = calls.assigned(y, seen[key], decomposed)
        value = float(opening @ y + probability @ values)
        if value < best_value:
            best, best_value, best_where = y > 0.5, value, where
        for s in range(scenarios):  # Laporte and Louveaux (1993); more open sites never cost more, fewer never less
            master.cut(s, bounds[s], np.where(y > 0.5, 0.0, -(bounds[s] - least[s])))
    left = deadline - clock.monotonic()
    if bound < best_value - 1e-7 * abs(best_value) and left > 0.05:
        opened, where, below = calls.extensive(opening, probability, left)
        bound = max(bound, below)
        if opened is not None:
            total = opening[opened].sum()
            total += sum(probability[s] * calls.cost_of(s, opened, where[s]) for s in range(scenarios))
            if total < best_value:
                best, best_where = opened, where
    value = float(opening[best].sum())
    for s in range(scenarios):
        value += float(probability[s] * calls.cost_of(s, best, best_where[s]))
    bound = min(bound, value)
    return ServerLayout(
        value, bound, relative_gap(value, bound), status_of(value, bound), np.flatnonzero(best), best_where
    )


class _Calls:
    """What follows once it is known who calls: assignment, overflow and revenue."""

    def __init__(  # type: ignore[no-untyped-def]
        self, capacity, revenue, demand, present, penalty
    ) -> None:
        self._capacity, self._revenue, self._demand = capacity, revenue, demand
        self._present, self._penalty = np.asarray(present, dtype=bool), penalty

    def relaxed(self, s: int, y: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Least cost with clients divisible, and its slope in the open sites."""
        found = minimise(self._programme(s, y, whole=False))
        if found.dual is None:
            msg = "the linear problem of a scenario could not be solved"
            raise ArithmeticError(msg)
        slope = np.minimum(found.dual[-len(y) :], 0.0) * self._capacity
        return found.value, slope

    def assigned(self, y, each: float, deadline: float):  # type: ignore[no-untyped-def]
        """Site of each client in each scenario, costs and lower bounds; ``each`` is the solver's time per scenario."""
        scenarios, m = len(self._present), len(y)
        where = np.full(self._present.shape, -1, np.int64)
        values, bounds = np.zeros(scenarios), np.zeros(scenarios)
        for s in range(scenarios):
            who = np.flatnonzero(self._present[s])
            searched = self._searched(s, y > 0.5, min(each, deadline - clock.monotonic()))
            if searched is not None:
                where[s, who] = searched
                values[s] = bounds[s] = self.cost_of(s, y > 0.5, where[s])
                continue
            found = minimise(self._programme(s, np.round(y), whole=True), min(each, deadline - clock.monotonic()))
            where[s] = self._greedy(s, y > 0.5)
            if found.x is not None:
                solved = np.full(len(where[s]), -1, np.int64)
                solved[who] = found.x[: len(who) * m].reshape(len(who), m).argmax(axis=1)
                if self.cost_of(s, y > 0.5, solved) < self.cost_of(s, y > 0.5, where[s]):
                    where[s] = solved
            values[s] = self.cost_of(s, y > 0.5, where[s])
            bounds[s] = min(max(found.bound, self.relaxed(s, y)[0]), values[s])
        return where, values, bounds

    def searched(self, opening, probability, exact, value: float, deadline: float) -> float:  # type: ignore[no-untyped-def]
        """Bound of :func:`search_sets`; ``-inf`` where demands or capacities are not whole numbers."""
        scenario, client = np.nonzero(self._present)
        need, room = self._demand[client], self._capacity
        whole = (need == np.round(need)).all() and (room == np.round(room)).all() and room.max() <= _ROOMY
        if not whole or need.min(initial=0) < 0 or not len(client):
            return -np.inf
        most = self._revenue[client].max(axis=1)
        chance = probability[scenario]
        begin = np.searchsorted(scenario, np.arange(len(probability) + 1)).astype(np.int64)
        all_in_vain = float(chance @ most)  # costs are what is lost to each call's best site

        def shifted(opened: NDArray[np.bool_]) -> tuple[float, float]:
            found, below = exact(opened)
            return found + all_in_vain, below + all_in_vain

        bound = search_sets(
            opening, room.astype(np.int64), chance[:, None] * (most[:, None] - self._revenue[client]),
            need.astype(np.int64), begin, chance * self._penalty, shifted, value + all_in_vain, deadline,
        )  # fmt: skip
        return bound - all_in_vain

    def _searched(self, s: int, opened: NDArray[np.bool_], seconds: float) -> NDArray[np.int64] | None:
        """Best site of each present client within the capacities; None if not proven, or overflow might be cheaper.

        Demands and capacities are whole, so that whoever overflows pays for a unit at least.
        """
        who = np.flatnonzero(self._present[s])
        gain, need, room, m = self._revenue[who], self._demand[who], np.where(opened, self._capacity, 0.0), len(opened)
        whole = (need == np.round(need)).all() and (room == np.round(room)).all() and room.max(initial=0.0) <= _ROOMY
        if not whole or not len(who) or seconds <= 0:
            return None
        most = gain.max(axis=1)
        where, value, bound = assigned_sites(
            most[:, None] - gain, need.astype(np.int64), room.astype(np.int64), np.zeros(m),
            np.ones(m, np.int64), (m, m), seconds,
        )  # fmt: skip
        proven = np.isfinite(value) and value - bound <= 1e-9 * max(abs(value), 1.0)
        if (
            not proven or value > self._penalty
        ):  # otherwise an overflow of one unit costs as much as is lost to avoid it
            return None
        return where

    def _greedy(self, s: int, opened: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The most demanding clients first, each where it costs least then."""
        where = np.full(self._present.shape[1], -1, np.int64)
        room = np.where(opened, self._capacity, 0.0)
        who = np.flatnonzero(self._present[s])
        for i in who[np.argsort(-self._demand[who].max(axis=1), kind="stable")]:
            over = np.maximum(self._demand[i] - np.maximum(room, 0.0), 0.0)
            where[i] = int(np.argmin(self._penalty * over - self._revenue[i]))
            room[where[i]] -= self._demand[i, where[i]]
        return where

    def extensive(self, opening, probability, seconds: float):  # type: ignore[no-untyped-def]
        """All scenarios in one programme: open sites, assignments, bound; no sites if none are found in time."""
        from scipy.sparse import coo_array

        scenario, client = np.nonzero(self._present)
        m, calls, scenarios = len(opening), len(scenario), len(probability)
        call, site = np.repeat(np.arange(calls), m), np.tile(np.arange(m), calls)
        k, o = calls * m, scenarios * m
        over = np.arange(o)
        row = np.concatenate([call, calls + scenario[call] * m + site, calls + over, calls + over])
        column = np.concatenate([m + np.arange(k), m + np.arange(k), m + k + over, over % m])
        entry = np.concatenate([np.ones(k), self._demand[client[call], site], -np.ones(o),
                                -np.tile(self._capacity, scenarios)])  # fmt: skip
        found = minimise(Programme(
            np.concatenate([opening, -probability[scenario[call]] * self._revenue[client[call], site],
                            self._penalty * np.repeat(probability, m)]),
            coo_array((entry, (row, column)), shape=(calls + o, m + k + o)),
            np.concatenate([np.ones(calls), np.full(o, -np.inf)]), np.concatenate([np.ones(calls), np.zeros(o)]),
            np.zeros(m + k + o), np.concatenate([np.ones(m + k), np.full(o, np.inf)]),
            np.concatenate([np.ones(m + k, bool), np.zeros(o, bool)]),
        ), seconds)  # fmt: skip
        where = np.full(self._present.shape, -1, np.int64)
        if found.x is None:
            return None, where, found.bound
        where[scenario, client] = found.x[m : m + k].reshape(calls, m).argmax(axis=1)
        return found.x[:m] > 0.5, where, found.bound

    def descent(self, opening, probability, deadline: float) -> NDArray[np.bool_]:  # type: ignore[no-untyped-def]
        """Open or close one site after another as long as the greedy assignment gains, from all open."""

        def cost(opened: NDArray[np.bool_]) -> float:
            return float(opening[opened].sum()) + sum(
                float(chance) * self.cost_of(s, opened, self._greedy(s, opened)) for s, chance in enumerate(probability)
            )

        opened = np.ones(len(opening), bool)
        least, idle, j = cost(opened), 0, 0
        while idle < len(opening) and clock.monotonic() < deadline:
            opened[j] ^= True
            value = cost(opened)
            if value < least - 1e-9:
                least, idle = value, 0
            else:
                opened[j] ^= True
                idle += 1
            j = (j + 1) % len(opening)
        return opened

    def exchanges(  # type: ignore[no-untyped-def]
        self, opened: NDArray[np.bool_], opening, probability, deadline: float
    ) -> list[NDArray[np.bool_]]:
        """Open, close and exchange sites while the cost with clients divisible falls: the best sets, best first."""

        def cost(sites: NDArray[np.bool_]) -> float:
            y = sites.astype(np.float64)
            return float(opening @ y) + sum(
                float(chance) * self.relaxed(s, y)[0] for s, chance in enumerate(probability)
            )

        known = {opened.tobytes(): (cost(opened), opened)}
        at, gained = opened, True
        while gained and clock.monotonic() < deadline:
            gained = False
            inside, outside = np.flatnonzero(at), np.flatnonzero(~at)
            moves = [[j] for j in range(len(at))] + [[a, b] for a in inside for b in outside]
            for move in moves:
                if clock.monotonic() > deadline:
                    break
                other = at.copy()
                other[move] ^= True
                if other.tobytes() not in known:
                    known[other.tobytes()] = cost(other), other
            least = min(known.values(), key=lambda pair: pair[0])
            if least[0] < known[at.tobytes()][0] - 1e-9:
                at, gained = least[1], True
        ranked = sorted(known.values(), key=lambda pair: pair[0])[:_BEST]
        return [sites for _, sites in ranked] + [opened]

    def cost_of(self, s: int, opened: NDArray[np.bool_], where: NDArray[np.int64]) -> float:
        """Overflow penalty less revenue of one scenario, straight from the assignment."""
        who = np.flatnonzero(self._present[s])
        loads = np.bincount(where[who], self._demand[who, where[who]], len(opened))
        excess = np.maximum(loads - np.where(opened, self._capacity, 0.0), 0.0).sum()
        return float(self._penalty * excess - self._revenue[who, where[who]].sum())

    def _programme(self, s: int, y: NDArray[np.float64], *, whole: bool) -> Programme:
        from scipy.sparse import coo_array

        who, m = np.flatnonzero(self._present[s]), len(y)
        n, k = len(who), len(who) * m
        call, site = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
        row = np.concatenate([call, n + site, n + np.arange(m)])
        column = np.concatenate([np.arange(k), np.arange(k), k + np.arange(m)])
        entry = np.concatenate([np.ones(k), self._demand[who].ravel(), -np.ones(m)])
        return Programme(
            np.concatenate([-self._revenue[who].ravel(), np.full(m, self._penalty)]),
            coo_array((entry, (row, column)), shape=(n + m, k + m)),
            np.concatenate([np.ones(n), np.full(m, -np.inf)]), np.concatenate([np.ones(n), self._capacity * y]),
            np.zeros(k + m), np.concatenate([np.ones(k), np.full(m, np.inf)]),
            np.concatenate([np.full(k, whole), np.zeros(m, bool)]),
        )  # fmt: skip


class _Master:
    """Sites to open and a lower bound of each scenario's cost, with the cuts so far."""

    def __init__(self, opening, probability, least) -> None:  # type: ignore[no-untyped-def]
        self._price = np.concatenate([opening, probability])
        self._least, self._m = least, len(opening)
        self._rows: list[NDArray[np.float64]] = []
        self._right: list[float] = []

    def cut(self, s: int, right: float, slope: NDArray[np.float64]) -> None:
        """Add ``θ_s ≥ right + slope · y``."""
        row = np.zeros(len(self._price))
        row[: self._m], row[self._m + s] = -slope, 1.0
        self._rows.append(row)
        self._right.append(right)

    def solve(self, linear: bool, seconds: float):  # type: ignore[no-untyped-def]
        """Sites, scenario costs and bound; no sites if none were found in time."""
        from scipy.sparse import csr_array

        m, k = self._m, len(self._price)
        rows = csr_array(np.array(self._rows).reshape(-1, k))
        found = minimise(Programme(
            self._price, rows, np.array(self._right), np.full(len(self._right), np.inf),
            np.concatenate([np.zeros(m), self._least]), np.concatenate([np.ones(m), np.full(k - m, np.inf)]),
            np.concatenate([np.full(m, not linear), np.zeros(k - m, bool)]),
        ), seconds)  # fmt: skip
        if found.x is None:
            return None, None, found.bound
        y = found.x[:m] if linear else np.round(found.x[:m])
        return np.clip(y, 0.0, 1.0), found.x[m:], found.bound
