"""Where ``p`` sites make the people's total time least (Hakimi 1964), and its kin with opening costs and budgets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.siting.layout import Choice, Layout, choice, no_layout, relative_gap, status_of
from models.siting.links import Links, nearest_open, sort_links
from models.siting.radius import solve_radius
from models.siting.uncapacitated import Task, solve

__all__ = ["p_median", "uncapacitated_location"]


def p_median(
    time: Any,
    p: int,
    weight: ArrayLike | None = None,
    among: Choice | None = None,
    *,
    unserved: float = np.inf,
    seconds: float = 60.0,
    target_gap: float = 0.0,
) -> Layout:
    r"""Choose ``p`` sites (existing ones among them) that minimise weighted time.

    .. math::
        \min \sum_i \sum_j w_i t_{ij} x_{ij} \quad \text{s.t.} \quad \sum_j x_{ij} = 1, \quad x_{ij} \le y_j, \quad
        \sum_j y_j = p, \quad \sum_j b_j y_j \le B, \quad y_j \in \{0, 1\}

    With a finite ``budget`` up to ``p`` sites are opened.

    Parameters
    ----------
    time : array, shape (n, m)
        Dense (``inf`` = out of reach) or SciPy sparse (not stored = out of reach); see :func:`sort_links`.
    p : int
    weight : float array, shape (n,), optional
        People, or people × risk; 1 each if not given. Clients of weight 0 are assigned but do not count.
    among : Choice, optional
    unserved : float
        Time that a client counts that no chosen site reaches; ``inf`` = everybody must be reached.
    seconds : float
        Time limit.
    target_gap : float
        Relative gap that is good enough.

    Returns
    -------
    Layout
        ``infeasible`` with ``unreached`` = the clients no permitted candidate reaches, or empty when each is in reach
        of some candidate but ``p`` sites are too few.

    Raises
    ------
    ValueError
        If ``p`` does not lie between 1 (or the number of existing sites) and the number of permitted candidates.
    """
    links, heavy, among = _read(time, weight, among)
    _check_count(p, among)
    within = None if np.isinf(among.budget) else (among.cost, among.budget)
    return _solve(links, heavy, among, np.zeros(links.m), 1 if within else p, p, unserved, seconds, target_gap, within)


def uncapacitated_location(
    time: Any,
    weight: ArrayLike | None = None,
    among: Choice | None = None,
    *,
    most: int | None = None,
    unserved: float = np.inf,
    seconds: float = 60.0,
    target_gap: float = 0.0,
) -> Layout:
    r"""Minimise opening costs plus weighted time (simple plant location, UFLP; Erlenkotter 1978).

    .. math::
        \min \sum_j f_j y_j + \sum_{ij} w_i c_{ij} x_{ij} \quad \text{s.t.} \quad \sum_j x_{ij} = 1, \;
        x_{ij} \le y_j, \; \sum_j y_j \le \text{most}, \; y_j \in \{0, 1\}

    Opening costs and the budget are those of ``among``; the rest is as in :func:`p_median`.
    """
    links, heavy, among = _read(time, weight, among)
    within = None if np.isinf(among.budget) else (among.cost, among.budget)
    hi = int((~among.forbidden).sum()) if most is None else most
    _check_count(hi, among)
    return _solve(links, heavy, among, among.cost, 1, hi, unserved, seconds, target_gap, within)


def _solve(links, weight, among, opening, lo, hi, unserved, seconds, target_gap, within) -> Layout:  # type: ignore[no-untyped-def]
    n = links.n
    row = np.repeat(np.arange(n), np.diff(links.start))
    weighted = links.cost * weight[row]
    counts = np.diff(links.start)
    farthest = np.zeros(n)
    farthest[counts > 0] = links.cost[links.start[1:][counts > 0] - 1]
    needed = weight > 0
    unreached = np.flatnonzero((counts == 0) & needed)
    full = counts == int((~among.forbidden).sum())
    if np.isinf(unserved):
        if len(unreached):
            return no_layout(n, "infeasible", unreached=unreached)
        most_in_all = float((farthest * weight).sum() + opening.sum()) + 1.0
        penalty = np.where(full, farthest * weight + 1.0, most_in_all)
        if not full[needed].all() and not _coverable(links, among, needed, hi, seconds):
            return no_layout(n, "infeasible")
    else:
        penalty = unserved * weight
    start, kept = _rows_of(links, needed)
    task = Task(Links(start, links.site[kept], weighted[kept], links.m), penalty[needed], opening,
                among.existing.astype(np.int64) - among.forbidden.astype(np.int64), lo, hi)  # fmt: skip
    if within is None:
        solved = solve(task, seconds, target_gap=target_gap)
        opened, bound = solved.opened, solved.bound
    else:
        found, bound = solve_radius(task, None, seconds, max(target_gap, 1e-9), within)
        if found is None:
            return no_layout(n, "infeasible" if np.isinf(bound) else "time_limit", bound)
        opened = found
    return _layout(links, weight, opening, opened, bound, unserved)


def _layout(links: Links, weight: NDArray[np.float64], opening, opened, bound: float, unserved: float) -> Layout:  # type: ignore[no-untyped-def]
    """Assign everybody to the nearest open site and recompute the value from that."""
    assignment, time = nearest_open(links, opened)
    far = time > unserved
    assignment[far], time[far] = -1, unserved
    outside = np.flatnonzero((assignment < 0) & (weight > 0))
    if np.isinf(unserved) and len(outside):
        return no_layout(links.n, "infeasible" if bound == np.inf else "time_limit", bound)
    value = float((weight * np.where(weight > 0, time, 0.0))[weight > 0].sum() + opening[opened].sum())
    bound = min(bound, value)
    return Layout(value, bound, relative_gap(value, bound), status_of(value, bound), np.flatnonzero(opened), assignment,
                  outside)  # fmt: skip


def _coverable(links: Links, among: Choice, needed: NDArray[np.bool_], p: int, seconds: float) -> bool:
    """Whether ``p`` sites can reach everybody at all."""
    from models.siting.set_cover import fewest_sites, first_cover

    cover = reach_of(links)[np.flatnonzero(needed)]
    if first_cover(cover, np.ones(links.m), among.existing).sum() <= p:
        return True
    fewest = fewest_sites(cover, among=choice(links.m, np.flatnonzero(among.existing), np.flatnonzero(among.forbidden)),
                          seconds=seconds)  # fmt: skip
    return fewest.bound <= p + 1e-6


def reach_of(links: Links) -> Any:
    """Who can be served from where: sparse bool array, shape (n, m)."""
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(links.site), bool), links.site, links.start), shape=(links.n, links.m))


def _rows_of(links: Links, clients: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    counts = np.diff(links.start)
    start = np.concatenate([[0], np.cumsum(counts[clients])]).astype(np.int64)
    return start, np.repeat(clients, counts)


def _read(time: Any, weight: ArrayLike | None, among: Choice | None) -> tuple[Links, NDArray[np.float64], Choice]:
    among = among if among is not None else choice(time.shape[1])
    links = sort_links(time, among.forbidden)
    heavy = np.ones(links.n) if weight is None else np.array(weight, dtype=np.float64)
    if heavy.shape != (links.n,) or not (heavy >= 0).all() or among.m != links.m:
        msg = "weights (none negative) and candidates must fit the table of times"
        raise ValueError(msg)
    return links, heavy, among


def _check_count(p: int, among: Choice) -> None:
    if not max(1, int(among.existing.sum())) <= p <= int((~among.forbidden).sum()):
        msg = f"the number of sites must lie between the existing and the permitted ones, not {p}"
        raise ValueError(msg)
