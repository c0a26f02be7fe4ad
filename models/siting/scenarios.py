"""One layout for many scenarios: road cuts, hazards, lost depots; expected, worst or CVaR time, or most sure cover.

Clients whose row of times is the same in several scenarios become one, so that hundreds of single road cuts stay small.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.siting.highs import Programme, minimise
from models.siting.layout import Choice, Layout, choice, no_layout, relative_gap, status_of
from models.siting.links import sort_links
from models.siting.radius import radius_rows
from models.siting.uncapacitated import Task, solve

__all__ = ["depot_losses", "robust_median", "surest_cover", "times_under"]


def depot_losses(time: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """The whole table and, for each candidate, the table without it (N-1); losing a closed site changes nothing."""
    tables = [np.asarray(time, dtype=np.float64)]
    for j in range(time.shape[1]):
        lost = np.array(time, dtype=np.float64)
        lost[:, j] = np.inf
        tables.append(lost)
    return tables


def times_under(
    tables: Sequence[NDArray[np.float64]], sites: ArrayLike, weight: NDArray[np.float64], unserved: float
) -> NDArray[np.float64]:
    """Weighted total time of a layout in each scenario, straight from the tables (the independent recomputation)."""
    chosen = np.asarray(sites, dtype=np.int64)
    return np.array(
        [float(weight @ np.minimum(np.min(table[:, chosen], axis=1, initial=np.inf), unserved)) for table in tables]
    )


def robust_median(
    tables: Sequence[NDArray[np.float64]],
    p: int,
    objective: Literal["expected", "worst", "cvar"],
    unserved: float,
    weight: ArrayLike | None = None,
    probability: ArrayLike | None = None,
    among: Choice | None = None,
    *,
    alpha: float = 0.9,
    seconds: float = 120.0,
) -> Layout:
    r"""Choose ``p`` sites for the best expected, worst or tail time over scenarios.

    With :math:`T_s(y) = \sum_i w_i \min(M, \min_{j: y_j = 1} t^s_{ij})`:
    ``expected`` :math:`\min \sum_s \pi_s T_s`; ``worst`` :math:`\min \max_s T_s`; ``cvar``
    :math:`\min \eta + \frac{1}{1-\alpha} \sum_s \pi_s \max(0, T_s - \eta)` (Rockafellar and Uryasev 2000).
    :math:`T_s` is modelled in radii (see :func:`models.siting.radius.solve_radius`), one set of rows per different
    client.

    Parameters
    ----------
    tables : list of float arrays, each (n, m)
        ``inf`` = cut off.
    p : int
    objective : str
    unserved : float
        Time :math:`M` that a client counts that no chosen site reaches; finite.
    weight : float array, shape (n,), optional
    probability : float array, shape (s,), optional
        Adds up to 1; equal if not given.
    among : Choice, optional
    alpha : float
        Tail of ``cvar``: the mean of the worst ``1 − alpha``.
    seconds : float

    Returns
    -------
    Layout
        ``assignment`` and ``unreached`` refer to the first table.
    """
    n, m = np.shape(tables[0])
    among = among if among is not None else choice(m)
    heavy = np.ones(n) if weight is None else np.array(weight, dtype=np.float64)
    chance = np.full(len(tables), 1 / len(tables)) if probability is None else np.array(probability, dtype=np.float64)
    if not np.isfinite(unserved) or abs(chance.sum() - 1) > 1e-6 or len(chance) != len(tables) or not 0 <= alpha < 1:
        msg = "scenarios need a finite time for the unserved, probabilities that add up to 1 and alpha in [0, 1)"
        raise ValueError(msg)
    rows, share = _different(tables, heavy, unserved)
    fixed = among.existing.astype(np.int64) - among.forbidden.astype(np.int64)
    if objective == "expected":
        mass = share @ chance
        used = mass > 0
        links = sort_links(rows[used] * mass[used, None], among.forbidden)
        task = Task(links, mass[used] * unserved, np.zeros(m), fixed, p, p)
        solved = solve(task, seconds)
        opened, bound = solved.opened, solved.bound
    else:
        found = _tail(rows, share, chance, among, fixed, p, unserved, alpha if objective == "cvar" else None, seconds)
        if found.x is None:
            return no_layout(n, "infeasible" if found.infeasible else "time_limit", found.bound)
        opened, bound = found.x[:m] > 0.5, found.bound
    totals = times_under(tables, np.flatnonzero(opened), heavy, unserved)
    value = {"expected": lambda: float(chance @ totals), "worst": lambda: float(totals.max()),
             "cvar": lambda: _tail_mean(totals, chance, alpha)}[objective]()  # fmt: skip
    return _layout(tables[0], opened, value, bound, unserved)


def surest_cover(
    covers: Sequence[Any],
    p: int,
    probability: ArrayLike | None = None,
    among: Choice | None = None,
    *,
    seconds: float = 120.0,
) -> Layout:
    r"""Choose ``p`` sites with the greatest probability that everybody is covered.

    .. math::
        \max \sum_s \pi_s v_s \quad \text{s.t.} \quad v_s \le \sum_j a^s_{ij} y_j \;\; \forall i, s, \quad
        \sum_j y_j = p, \quad y_j, v_s \in \{0, 1\}

    ``covers``: one bool array (n, m) per scenario. Scenarios that the permitted candidates cannot cover fall out first.
    """
    from scipy.sparse import coo_array

    tables = [np.asarray(cover, dtype=bool) for cover in covers]
    n, m = tables[0].shape
    among = among if among is not None else choice(m)
    chance = np.full(len(tables), 1 / len(tables)) if probability is None else np.array(probability, dtype=np.float64)
    seen: dict[bytes, int] = {}
    kept, who = [], []
    for s, table in enumerate(tables):
        allowed = table & ~among.forbidden
        if not allowed.any(axis=1).all():
            continue
        for line in np.unique(allowed, axis=0):
            kept.append(seen.setdefault(line.tobytes(), len(seen)))
            who.append(s)
    lines = np.array([np.frombuffer(key, dtype=bool) for key in seen]) if seen else np.zeros((0, m), bool)
    pairs = np.array(kept, dtype=np.int64), np.array(who, dtype=np.int64)
    r = len(kept)
    inside, site = np.nonzero(lines[pairs[0]]) if r else (np.empty(0, int), np.empty(0, int))
    row = np.concatenate([inside, np.arange(r), np.full(m, r)])
    column = np.concatenate([site, m + pairs[1], np.arange(m)])
    entry = np.concatenate([np.ones(len(site)), -np.ones(r), np.ones(m)])
    possible = np.zeros(len(tables))
    possible[pairs[1]] = 1.0
    found = minimise(
        Programme(
            np.concatenate([np.zeros(m), -chance]), coo_array((entry, (row, column)), shape=(r + 1, m + len(tables))),
            np.append(np.zeros(r), p), np.append(np.full(r, np.inf), p),
            np.concatenate([among.existing.astype(np.float64), np.zeros(len(tables))]),
            np.concatenate([(~among.forbidden).astype(np.float64), possible]), np.ones(m + len(tables), bool),
        ), seconds,
    )  # fmt: skip
    if found.x is None:
        return no_layout(n, "infeasible" if found.infeasible else "time_limit", -found.bound)
    opened = found.x[:m] > 0.5
    value = float(sum(chance[s] for s, table in enumerate(tables) if table[:, opened].any(axis=1).all()))
    bound = max(value, -found.bound)
    first = np.where(tables[0], 0.0, np.inf)
    layout = _layout(first, opened, value, value, np.inf)
    return Layout(value, bound, relative_gap(value, bound), status_of(value, bound), layout.sites, layout.assignment,
                  layout.unreached)  # fmt: skip


def _different(tables, weight, unserved) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # type: ignore[no-untyped-def]
    """Different rows of times, and the weight each has in each scenario (rows × scenarios)."""
    seen: dict[bytes, int] = {}
    entries = []
    for s, table in enumerate(tables):
        clipped = np.where(np.asarray(table) < unserved, table, np.inf)
        entries += [
            (seen.setdefault(clipped[i].tobytes(), len(seen)), s, weight[i]) for i in np.flatnonzero(weight > 0)
        ]
    share = np.zeros((len(seen), len(tables)))
    for line, s, mass in entries:
        share[line, s] += mass
    return np.array([np.frombuffer(key) for key in seen]).reshape(len(seen), -1), share


def _tail(rows, share, chance, among: Choice, fixed, p: int, unserved: float, alpha: float | None, seconds: float):  # type: ignore[no-untyped-def]
    """The programme of ``worst`` (alpha is None) or ``cvar``; sites are the first columns of its answer."""
    from scipy.sparse import bmat, coo_array, csr_array

    m, scenarios = among.m, share.shape[1]
    task = Task(sort_links(rows, among.forbidden), np.full(len(rows), unserved), np.zeros(m), fixed, p, p)
    row, column, entry, width, _, right = radius_rows(task)
    count = len(width)
    levels = coo_array((entry, (row, column)), shape=(count, m + count)).tocsr()
    links = task.links
    client = np.repeat(np.arange(links.n), np.diff(links.start))
    first = np.ones(len(client), bool)
    first[1:] = (client[1:] != client[:-1]) | (links.cost[1:] != links.cost[:-1])
    spread = coo_array((width, (client[first], np.arange(count))), shape=(links.n, count))
    nearest = np.full(links.n, unserved)
    has = np.diff(links.start) > 0
    nearest[has] = links.cost[links.start[:-1][has]]
    totals = csr_array(share.T) @ spread
    extra = 1 if alpha is None else 1 + scenarios
    tail = np.zeros((scenarios, extra))
    tail[:, 0] = -1.0
    if alpha is not None:
        tail[np.arange(scenarios), 1 + np.arange(scenarios)] = -1.0
    matrix = bmat([
        [levels, csr_array((count, extra))],
        [bmat([[csr_array((scenarios, m)), totals]]), csr_array(tail)],
        [csr_array((np.ones(m), (np.zeros(m, int), np.arange(m))), shape=(1, m + count)), csr_array((1, extra))],
    ])  # fmt: skip
    price = np.concatenate([[1.0], chance / (1 - alpha)]) if alpha is not None else np.ones(1)
    return minimise(
        Programme(
            np.concatenate([np.zeros(m + count), price]), matrix,
            np.concatenate([right, np.full(scenarios, -np.inf), [p]]),
            np.concatenate([np.full(count, np.inf), -(share.T @ nearest), [p]]),
            np.concatenate([(fixed == 1).astype(np.float64), np.zeros(count + extra)]),
            np.concatenate([(fixed >= 0).astype(np.float64), np.ones(count), np.full(extra, np.inf)]),
            np.concatenate([np.ones(m, bool), np.zeros(count + extra, bool)]),
        ), seconds,
    )  # fmt: skip


def _tail_mean(totals: NDArray[np.float64], chance: NDArray[np.float64], alpha: float) -> float:
    """Mean of the worst ``1 − alpha`` of a discrete distribution."""
    order = np.argsort(-totals)
    mass = np.minimum(np.cumsum(chance[order]), 1 - alpha)
    return float(np.diff(np.concatenate([[0.0], mass])) @ totals[order] / (1 - alpha))


def _layout(time, opened, value: float, bound: float, unserved: float) -> Layout:  # type: ignore[no-untyped-def]
    chosen = np.flatnonzero(opened)
    mine = np.asarray(time)[:, chosen]
    near = mine.min(axis=1, initial=np.inf)
    reached = np.isfinite(near) & (near <= unserved)
    assignment = np.where(reached, chosen[mine.argmin(axis=1)], -1).astype(np.int64)
    bound = min(bound, value)
    return Layout(value, bound, relative_gap(value, bound), status_of(value, bound), chosen, assignment,
                  np.flatnonzero(~reached))  # fmt: skip
