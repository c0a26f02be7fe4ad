"""Depots opened before it is known who will call, whole clients assigned afterwards (SSLP; Ntaimo and Sen 2005)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise
from models.siting.layout import relative_gap, status_of

__all__ = ["ServerLayout", "server_location"]


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
    r"""Minimise opening cost plus expected overflow penalty less expected revenue (the extensive form).

    .. math::
        \min \sum_j f_j y_j + \sum_s \pi_s \Big( P \sum_j o_{js} - \sum_{ij} r_{ij} x_{ijs} \Big)
        \quad \text{s.t.} \quad
        \sum_j x_{ijs} = h_{is}, \quad \sum_i d_{ij} x_{ijs} - o_{js} \le u_j y_j, \quad x, y \in \{0, 1\}, \; o \ge 0

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
    from scipy.sparse import coo_array

    m = len(opening)
    scenario, client = np.nonzero(present)
    calls = len(scenario)
    scenarios = len(probability)
    call = np.repeat(np.arange(calls), m)
    site = np.tile(np.arange(m), calls)
    k, o = calls * m, scenarios * m
    load = calls + scenario[call] * m + site
    over = np.arange(o)
    row = np.concatenate([call, load, calls + over, calls + over])
    column = np.concatenate([m + np.arange(k), m + np.arange(k), m + k + over, over % m])
    entry = np.concatenate([np.ones(k), demand[client[call], site], -np.ones(o), -np.tile(capacity, scenarios)])
    found = minimise(Programme(
        np.concatenate([opening, -probability[scenario[call]] * revenue[client[call], site],
                        overflow_penalty * np.repeat(probability, m)]),
        coo_array((entry, (row, column)), shape=(calls + o, m + k + o)),
        np.concatenate([np.ones(calls), np.full(o, -np.inf)]), np.concatenate([np.ones(calls), np.zeros(o)]),
        np.zeros(m + k + o), np.concatenate([np.ones(m + k), np.full(o, np.inf)]),
        np.concatenate([np.ones(m + k, bool), np.zeros(o, bool)]),
    ), seconds)  # fmt: skip
    assignment = np.full(present.shape, -1, np.int64)
    if found.x is None:
        return ServerLayout(np.nan, found.bound, np.inf, "time_limit", np.empty(0, np.int64), assignment)
    opened = found.x[:m] > 0.5
    assignment[scenario, client] = found.x[m : m + k].reshape(calls, m).argmax(axis=1)
    value = float(opening[opened].sum())
    for s in range(scenarios):
        who = np.flatnonzero(present[s])
        where = assignment[s, who]
        loads = np.bincount(where, demand[who, where], m)
        excess = np.maximum(loads - np.where(opened, capacity, 0.0), 0.0).sum()
        value += float(probability[s] * (overflow_penalty * excess - revenue[who, where].sum()))
    bound = min(found.bound, value)
    return ServerLayout(
        value, bound, relative_gap(value, bound), status_of(value, bound), np.flatnonzero(opened), assignment
    )
