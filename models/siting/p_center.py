"""Least worst time with ``p`` sites, and sites as far apart as can be: a threshold search over covers and packings."""

from __future__ import annotations

import time as clock
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.siting.cover_exact import least_cover
from models.siting.highs import Programme, minimise
from models.siting.layout import Choice, Layout, choice, no_layout, relative_gap, status_of
from models.siting.links import nearest_open, sort_links

__all__ = ["p_center", "p_dispersion"]

_FIRST, _LATER = 0.5, 0.3
"""Share of the time left for the radius just below the best, and for each one asked after it was left open."""


def p_center(
    time: Any, p: int, weight: ArrayLike | None = None, among: Choice | None = None, *, seconds: float = 60.0
) -> Layout:
    r"""Choose ``p`` sites so that the greatest (weighted) time to the nearest is least.

    .. math::
        \min r \quad \text{s.t.} \quad \sum_{j: w_i t_{ij} \le r} y_j \ge 1, \quad \sum_j y_j \le p, \; y_j \in \{0, 1\}

    Bisection over the different times (Minieka 1970), first by search and prices alone; a radius is proven too small by
    a lower bound of its set cover above ``p``, sought just below the best radius known, and below that where the
    question stays open. Parameters as in :func:`models.siting.p_median`; clients of weight 0 do not count.
    """
    among = among if among is not None else choice(time.shape[1])
    links = sort_links(time, among.forbidden)
    n = links.n
    heavy = np.ones(n) if weight is None else np.array(weight, dtype=np.float64)
    if not max(1, int(among.existing.sum())) <= p <= int((~among.forbidden).sum()):
        msg = f"the number of sites must lie between the existing and the permitted ones, not {p}"
        raise ValueError(msg)
    counts = np.diff(links.start)
    lost = np.flatnonzero((counts == 0) & (heavy > 0))
    if len(lost):
        return no_layout(n, "infeasible", unreached=lost)
    row = np.repeat(np.arange(n), counts)
    used = heavy[row] > 0
    row, site, weighted = row[used], links.site[used], (links.cost * heavy[row])[used]
    deadline = clock.monotonic() + seconds
    radii = np.unique(weighted)
    nearest = np.zeros(n)
    np.maximum.at(nearest, row, -np.inf)
    first = links.start[:-1][counts > 0]
    nearest[counts > 0] = links.cost[first] * heavy[counts > 0]
    low, high = int(np.searchsorted(radii, nearest.max(initial=0.0))), len(radii) - 1
    proven, best = low, None
    clients = np.unique(row)
    order = np.searchsorted(clients, row)

    def covered(radius: float, quick: bool, share: float) -> tuple[bool | None, NDArray[np.bool_] | None]:
        near = weighted <= radius
        left = deadline - clock.monotonic()
        answer: tuple[bool | None, NDArray[np.bool_] | None] = _within(
            order[near], site[near], len(clients), among, p, share * left, quick, best
        )
        return answer

    def below(opened: NDArray[np.bool_]) -> int:
        _, reached = nearest_open(links, opened)
        return int(np.searchsorted(radii, (reached * heavy)[heavy > 0].max() - 1e-12)) - 1

    fresh, share, tough = True, _FIRST, len(radii)  # questions from `tough` on were left open
    while low <= high and clock.monotonic() < deadline:
        while fresh and best is not None and high >= low and clock.monotonic() < deadline:  # on from the last cover
            possible, opened = covered(radii[high], True, 1.0)
            fresh = possible is True
            if possible and opened is not None:
                best, high = opened, below(opened)
            elif possible is False:
                low = proven = high + 1
        guess = low if best is None else high + 1  # everything below is proven or looks too small
        while guess <= high and clock.monotonic() < deadline:
            middle = (guess + high) // 2
            possible, opened = covered(radii[middle], True, 1.0)
            if possible and opened is not None:
                best, high = opened, below(opened)
            else:
                guess = middle + 1
                low = proven = guess if possible is False else low
        if low > high or clock.monotonic() > deadline:
            break
        if tough > high:  # just below the best, then halfway down from what is left open, at last the lowest again
            ask, tough = high, high + 1
        elif low < tough:
            ask = (low + tough - 1) // 2
        else:
            ask, tough, share = low, low + 1, 1.0
        possible, opened = covered(radii[ask], False, share)
        fresh = bool(possible)
        if possible and opened is not None:
            best, high = opened, below(opened)
        elif possible is False:
            low = proven = ask + 1
        elif share == 1.0:
            break
        else:
            tough, share = ask, _LATER
    if best is None:
        if proven >= len(radii):
            return no_layout(n, "infeasible")
        return no_layout(n, "time_limit", float(radii[proven]))
    opened = _filled(best, among, p)
    assignment, reached = nearest_open(links, opened)
    value = float((reached[heavy > 0] * heavy[heavy > 0]).max())
    bound = min(value, float(radii[min(proven, len(radii) - 1)]))
    return Layout(value, bound, relative_gap(value, bound), status_of(value, bound), np.flatnonzero(opened), assignment,
                  np.empty(0, np.int64))  # fmt: skip


def _within(row, site, n: int, among: Choice, p: int, seconds: float, quick: bool, near):  # type: ignore[no-untyped-def]
    """Whether ``p`` sites cover all rows: (yes, sites), (no, None), (not known, None); ``near`` nearly do, if given."""
    from scipy.sparse import csr_array

    table = csr_array((np.ones(len(row), bool), (row, site)), shape=(n, among.m))
    if (np.diff(table.indptr) == 0).any():
        return False, None
    found = least_cover(table.indptr, table.indices, np.ones(among.m), among.existing,
                        max(seconds, 0.01), enough=float(p), quick=quick, near=near)  # fmt: skip
    if found.value <= p:
        return True, found.chosen
    return (False if found.bound > p else None), None


def _filled(opened: NDArray[np.bool_], among: Choice, p: int) -> NDArray[np.bool_]:
    """Add permitted sites until ``p`` are open: more sites never make the worst time longer."""
    more = np.flatnonzero(~opened & ~among.forbidden)[: p - int(opened.sum())]
    full = opened.copy()
    full[more] = True
    return full


def p_dispersion(between: NDArray[np.float64], p: int, among: Choice | None = None, *, seconds: float = 60.0) -> Layout:
    r"""Choose ``p`` sites whose least distance from each other is greatest (Kuby 1987).

    .. math::
        \max r \quad \text{s.t.} \quad y_j + y_k \le 1 \;\; (d_{jk} < r), \quad \sum_j y_j = p, \quad y_j \in \{0, 1\}

    Bisection over the different distances with node packing (Sayyady and Fathi 2016). ``between``: float array (m, m);
    the smaller of the two directions counts. ``assignment`` is empty.
    """
    distance = np.minimum(between, between.T)
    m = len(distance)
    among = among if among is not None else choice(m)
    if not max(2, int(among.existing.sum())) <= p <= int((~among.forbidden).sum()):
        msg = f"the number of sites must be at least 2 and lie between the existing and the permitted ones, not {p}"
        raise ValueError(msg)
    deadline = clock.monotonic() + seconds
    permitted = np.flatnonzero(~among.forbidden)
    upper = np.triu_indices(len(permitted), 1)
    radii = np.unique(distance[np.ix_(permitted, permitted)][upper])
    low, high, top, best = 0, len(radii) - 1, len(radii) - 1, permitted[:0]
    while low <= high and clock.monotonic() < deadline:
        middle = (low + high) // 2
        packed, possible = _pack(distance, radii[middle], p, among, permitted, deadline)
        if possible is None:
            break
        if possible:
            best = packed
            low = middle + 1
        else:
            high = top = middle - 1
    if not len(best):
        return no_layout(0, "time_limit", float(radii[top]))
    inside = distance[np.ix_(best, best)][np.triu_indices(p, 1)]
    value = float(inside.min())
    bound = max(value, float(radii[top]))
    return Layout(value, bound, relative_gap(value, bound), status_of(value, bound), np.sort(best),
                  np.empty(0, np.int64), np.empty(0, np.int64))  # fmt: skip


def _pack(distance, radius: float, p: int, among: Choice, permitted, deadline: float):  # type: ignore[no-untyped-def]
    """``p`` sites no two nearer than ``radius``: (sites, True), (none, False) or (none, None) if the time is over."""
    from scipy.sparse import coo_array

    m = len(permitted)
    near = distance[np.ix_(permitted, permitted)] < radius
    np.fill_diagonal(near, False)
    stays = among.existing[permitted]
    if near[np.ix_(stays, stays)].any():
        return permitted[:0], False
    chosen: list[int] = np.flatnonzero(stays).tolist()
    blocked = stays | near[stays].any(axis=0)
    while not blocked.all():  # greedy packing, the least blocking site first
        free = np.flatnonzero(~blocked)
        pick = int(free[np.argmin(near[np.ix_(free, free)].sum(axis=1))])
        chosen.append(pick)
        blocked |= near[pick]
        blocked[pick] = True
    if len(chosen) >= p:
        return permitted[np.array(chosen[:p])], True
    cliques = _cliques(near)
    row = np.repeat(np.arange(len(cliques)), [len(clique) for clique in cliques])
    column = np.concatenate(cliques) if cliques else np.empty(0, np.int64)
    rows = coo_array((np.ones(len(row)), (row, column)), shape=(len(cliques), m))
    found = minimise(
        Programme(-np.ones(m), rows, np.full(len(cliques), -np.inf), np.ones(len(cliques)), stays.astype(np.float64),
                  np.ones(m), np.ones(m, bool)), max(deadline - clock.monotonic(), 0.01),
    )  # fmt: skip
    if found.x is not None and (found.x > 0.5).sum() >= p:
        sites = np.flatnonzero(found.x > 0.5)
        keep = np.concatenate([sites[stays[sites]], sites[~stays[sites]]])[:p]
        return permitted[keep], True
    return permitted[:0], False if -found.bound < p - 1e-6 or found.infeasible else None


def _cliques(near: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Cliques that hold every pair marked in ``near``."""
    left = np.triu(near, 1)
    cliques = []
    for a, b in np.argwhere(left).tolist():
        if not left[a, b]:
            continue
        members: list[int] = [a, b]
        common = near[a] & near[b]
        while common.any():
            c = int(common.argmax())
            members.append(c)
            common &= near[c]
        group = np.sort(np.array(members, dtype=np.int64))
        left[np.ix_(group, group)] = False
        cliques.append(group)
    return cliques
