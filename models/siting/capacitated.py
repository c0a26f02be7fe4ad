"""Sites with finite capacity: several sources per client (CFLP) or one (SSCFLP, capacitated p-median)."""

from __future__ import annotations

import time as clock
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.siting.capacitated_bounds import priced_sites
from models.siting.highs import Programme, minimise
from models.siting.layout import Choice, Layout, choice, no_layout, relative_gap, status_of
from models.siting.links import Links, sort_links
from models.siting.single_source import assigned_sites

__all__ = ["Flows", "capacitated_location"]

_MANY = 20_000
"""Pairs from which the sites of the divisible problem are priced before it is solved."""
_TABLE, _ROOMY, _SEARCH = 40_000, 20_000, 0.7
"""Pairs and room up to which single-source problems in whole numbers get a search of their own, and its share."""
_STRONG = 16
"""Cheapest pairs of each client that get a row ``x_ij ≤ y_j`` of their own; capacity rows imply the others."""


@dataclass(frozen=True, eq=False)
class Flows:
    """A layout, and the share of each client's demand on each pair used.

    Attributes
    ----------
    layout : Layout
    client, site : int64 arrays, shape (k,)
    share : float64 array, shape (k,)
    """

    layout: Layout
    client: NDArray[np.int64]
    site: NDArray[np.int64]
    share: NDArray[np.float64]


def capacitated_location(
    cost: Any,
    demand: ArrayLike,
    capacity: ArrayLike,
    among: Choice | None = None,
    *,
    single_source: bool,
    count: tuple[int, int] | None = None,
    unserved: float = np.inf,
    seconds: float = 120.0,
    target_gap: float = 0.0,
) -> Flows:
    r"""Choose sites and split (or assign) demand at least opening and serving cost within capacities.

    .. math::
        \min \sum_j f_j y_j + \sum_{ij} c_{ij} x_{ij} + \sum_i M_i v_i \quad \text{s.t.} \quad
        \sum_j x_{ij} + v_i = 1, \quad \sum_i d_i x_{ij} \le s_j y_j, \quad x_{ij} \le y_j, \quad
        \sum_j s_j y_j \ge \sum_i d_i, \quad lo \le \sum_j y_j \le hi, \quad \sum_j f_j y_j \le B

    ``x`` is 0 or 1 with ``single_source``, a share otherwise (Sridharan 1995; Holmberg, Rönnqvist and Yuan 1999;
    Osman and Christofides 1994). The budget limits opening costs, which are also part of the value.

    Parameters
    ----------
    cost : array, shape (n, m), dense or SciPy sparse
        Of serving the *whole* demand of a client from a site; ``inf`` / not stored = not possible.
    demand : float array, shape (n,)
    capacity : float array, shape (m,)
    among : Choice, optional
    single_source : bool
    count : (lo, hi), optional
        Fewest and most sites; (p, p) makes it a capacitated p-median.
    unserved : float
        Cost of a client that is not served at all, per unit of demand; ``inf`` = everybody must be served.
    seconds, target_gap : float

    Returns
    -------
    Flows
        ``assignment`` is the site of the largest share. ``infeasible`` with ``unreached`` = clients that no permitted
        candidate reaches, or whose demand (single source) exceeds every capacity in reach; empty if capacity is short.
    """
    among = among if among is not None else choice(cost.shape[1])
    links = sort_links(cost, among.forbidden)
    need, room = np.array(demand, dtype=np.float64), np.array(capacity, dtype=np.float64)
    n, m = links.n, links.m
    if need.shape != (n,) or room.shape != (m,) or among.m != m or (need < 0).any() or (room < 0).any():
        msg = "demands and capacities (none negative) and candidates must fit the table of costs"
        raise ValueError(msg)
    client = np.repeat(np.arange(n), np.diff(links.start))
    fits = need[client] <= room[links.site] + 1e-9 if single_source else np.ones(len(client), bool)
    client, site, pay = client[fits], links.site[fits], links.cost[fits]
    lost = np.setdiff1d(np.arange(n), client)
    if len(lost) and np.isinf(unserved):
        return Flows(no_layout(n, "infeasible", unreached=lost), client[:0], site[:0], pay[:0])
    lo, hi = count if count is not None else (0, m)
    programme = _programme(client, site, pay, n, need, room, among, single_source, lo, hi, unserved)
    began = clock.monotonic()
    start, floor, whole = None, -np.inf, programme
    if single_source and np.isinf(unserved) and np.isinf(among.budget) and _in_whole_numbers(need, room, n * m):
        start, floor = _assigned(programme, client, site, pay, n, need, room, among, (lo, hi), _SEARCH * seconds)
        value = np.inf if start is None else float(programme.cost @ start)
        if floor == np.inf:
            return Flows(no_layout(n, "infeasible"), client[:0], site[:0], pay[:0])
        if start is not None and value - floor <= max(target_gap, 1e-9) * abs(value):
            share, opened = start[m : m + len(client)], start[:m] > 0.5
            return _checked(Links(links.start, site, pay, m), client, share, need, room, among, opened, floor, unserved)
    if single_source:
        other = _start(programme, m, seconds)
        if start is None or (other is not None and programme.cost @ other < programme.cost @ start):
            start = other
    elif len(client) > _MANY and np.isinf(unserved):
        begin = np.searchsorted(client, np.arange(n + 1)).astype(np.int64)
        programme, start, floor = _kernel(whole, Links(begin, site, pay, m), need, room, among, lo, hi, seconds)
    left = max(0.9 * seconds - (clock.monotonic() - began), 0.02 * seconds)
    found = minimise(programme, left, start, gap=max(target_gap, 1e-9))
    if found.x is None and start is not None:  # nothing better than what is known
        cost = float(programme.cost @ start)
        found = replace(found, x=start, value=cost, bound=cost if found.infeasible else found.bound, infeasible=False)
    found = replace(found, bound=max(found.bound, floor))
    point = found.x
    if point is None:
        empty = no_layout(n, "infeasible" if found.infeasible else "time_limit", found.bound)
        return Flows(empty, client[:0], site[:0], pay[:0])
    opened = point[:m] > 0.5
    if not single_source:  # the solver's shares may be off by its tolerances: carry anew from the sites it opens
        lower, upper = programme.lower.copy(), programme.upper.copy()
        lower[:m] = upper[:m] = opened
        again = minimise(replace(programme, lower=lower, upper=upper, whole=np.zeros(len(upper), bool)))
        if again.x is None:
            return Flows(no_layout(n, "time_limit", found.bound), client[:0], site[:0], pay[:0])
        point = again.x
    share = np.clip(point[m : m + len(client)], 0.0, 1.0)
    share = np.round(share) if single_source else np.where(opened[site] & (share > 1e-9), share, 0.0)
    return _checked(Links(links.start, site, pay, m), client, share, need, room, among, opened, found.bound, unserved)


def _in_whole_numbers(need: NDArray[np.float64], room: NDArray[np.float64], pairs: int) -> bool:
    """Whether knapsacks of this size can be solved for each site at every step."""
    whole = bool((need == np.round(need)).all() and (room == np.round(room)).all())
    return whole and pairs <= _TABLE and float(room.max(initial=0.0)) <= _ROOMY


def _assigned(programme, client, site, pay, n, need, room, among: Choice, count, seconds):  # type: ignore[no-untyped-def]
    """Answer of :func:`assigned_sites` as a point of the programme (None if there is none), and its bound."""
    m = among.m
    cost = np.full((n, m), np.inf)
    cost[client, site] = pay
    fixed = among.existing.astype(np.int64) - among.forbidden.astype(np.int64)
    where, _, bound = assigned_sites(
        cost, need.astype(np.int64), room.astype(np.int64), among.cost, fixed, count, seconds
    )
    if where.min(initial=0) < 0:
        return None, bound
    point = np.zeros(programme.rows.shape[1])
    point[m : m + len(client)] = where[client] == site
    point[:m] = among.existing
    point[where] = 1.0
    spare = np.flatnonzero((point[:m] == 0) & ~among.forbidden)
    lacking = max(count[0] - int(point[:m].sum()), 0)
    point[spare[np.argsort(among.cost[spare], kind="stable")][:lacking]] = 1.0
    return point, bound


def _start(programme: Programme, m: int, seconds: float) -> NDArray[np.float64] | None:
    """A single-source answer on the sites that the divisible problem opens; None if none is found in time."""
    divisible = np.zeros(len(programme.whole), bool)
    divisible[:m] = True
    split = minimise(replace(programme, whole=divisible), 0.1 * seconds, gap=1e-3)
    if split.x is None:
        return None
    opened = split.x[:m] > 0.5
    lower, upper = programme.lower.copy(), programme.upper.copy()
    lower[:m] = upper[:m] = opened
    return minimise(replace(programme, lower=lower, upper=upper), 0.1 * seconds, gap=1e-4).x


def _kernel(  # type: ignore[no-untyped-def]
    programme: Programme, links: Links, need, room, among: Choice, lo: int, hi: int, seconds: float
) -> tuple[Programme, NDArray[np.float64] | None, float]:
    """A large divisible problem with the sites fixed whose price decides, a first answer (or None), and a bound."""
    m = links.m
    fixed = among.existing.astype(np.int64) - among.forbidden.astype(np.int64)

    def allowed(opened: NDArray[np.bool_]) -> bool:
        return bool(lo <= opened.sum() <= hi and among.cost[opened].sum() <= among.budget * (1 + 1e-12))

    known = priced_sites(links, need, room, among.cost, fixed, allowed, 0.4 * seconds)
    if not np.isfinite(known.value):
        return programme, None, known.bound
    lower, upper = programme.lower.copy(), programme.upper.copy()
    lower[:m] = upper[:m] = known.opened
    first = minimise(replace(programme, upper=upper, lower=lower, whole=np.zeros(len(upper), bool))).x
    lower, upper = programme.lower.copy(), programme.upper.copy()
    lower[:m] = np.where((known.fixed == 1) & known.opened, 1.0, lower[:m])
    upper[:m] = np.where((known.fixed == -1) & ~known.opened, 0.0, upper[:m])
    return replace(programme, lower=lower, upper=upper), first, known.bound


def _programme(client, site, pay, n, need, room, among: Choice, single, lo, hi, unserved) -> Programme:  # type: ignore[no-untyped-def]
    from scipy.sparse import coo_array

    m, k = among.m, len(client)
    pair = np.arange(k)
    begin = np.searchsorted(client, np.arange(n))
    strong = np.flatnonzero(pair - begin[client] < _STRONG)
    s = len(strong)
    loose = np.isfinite(unserved)
    row = [client, n + site, n + np.arange(m), n + m + np.arange(s), n + m + np.arange(s)]
    column = [m + pair, m + pair, np.arange(m), m + strong, site[strong]]
    entry = [np.ones(k), need[client], -room, np.ones(s), -np.ones(s)]
    last = n + m + s
    for i, coefficients in enumerate((room, np.ones(m), among.cost)):
        row.append(np.full(m, last + i))
        column.append(np.arange(m))
        entry.append(coefficients)
    if loose:
        row.append(np.arange(n))
        column.append(m + k + np.arange(n))
        entry.append(np.ones(n))
    extra = n if loose else 0
    rows = coo_array(
        (np.concatenate(entry), (np.concatenate(row), np.concatenate(column))), shape=(last + 3, m + k + extra)
    )
    total = -np.inf if loose else float(need.sum())
    return Programme(
        np.concatenate([among.cost, pay, unserved * need if loose else np.empty(0)]), rows,
        np.concatenate([np.ones(n), np.full(m + s, -np.inf), [total, lo, -np.inf]]),
        np.concatenate([np.ones(n), np.zeros(m + s), [np.inf, hi, among.budget]]),
        np.concatenate([among.existing.astype(np.float64), np.zeros(k + extra)]),
        np.concatenate([(~among.forbidden).astype(np.float64), np.ones(k + extra)]),
        np.concatenate([np.ones(m, bool), np.full(k, single), np.full(extra, single)]),
    )  # fmt: skip


def _checked(links: Links, client, share, need, room, among: Choice, opened, bound, unserved) -> Flows:  # type: ignore[no-untyped-def]
    """Recompute loads, served shares and cost; raise if the answer breaks a constraint."""
    n = len(need)
    load = np.bincount(links.site, share * need[client], minlength=links.m)
    served = np.bincount(client, share, minlength=n)
    if (load > np.where(opened, room, 0.0) * (1 + 1e-6) + 1e-6).any() or (served > 1 + 1e-6).any():
        msg = "the solver's answer exceeds a capacity or serves somebody twice"
        raise ArithmeticError(msg)
    missing = np.clip(1.0 - served, 0.0, 1.0)
    missing[missing < 1e-6] = 0.0
    if np.isinf(unserved) and missing.any():
        msg = "the solver's answer leaves somebody unserved"
        raise ArithmeticError(msg)
    value = float(among.cost[opened].sum() + links.cost @ share)
    if missing.any():
        value += float(unserved * (need @ missing))
    kept = share > 0
    order = np.lexsort((-share[kept], client[kept]))
    who, first = np.unique(client[kept][order], return_index=True)
    assignment = np.full(n, -1, np.int64)
    assignment[who] = links.site[kept][order][first]
    bound = min(bound, value)
    if value - bound <= 1e-6 * abs(value) and relative_gap(value, bound) < 1e-8:
        bound = value
    layout = Layout(value, bound, relative_gap(value, bound), status_of(value, bound), np.flatnonzero(opened),
                    assignment, np.flatnonzero(served <= 1e-6))  # fmt: skip
    return Flows(layout, client[kept], links.site[kept], share[kept])
