"""Two aims at once, people-time or cover against cost: every efficient layout, by exact epsilon-constraint."""

from __future__ import annotations

import time as clock
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.siting.highs import Programme, minimise
from models.siting.layout import Choice, Layout
from models.siting.links import Links, sort_links
from models.siting.max_cover import max_cover
from models.siting.p_median import p_median
from models.siting.radius import radius_rows
from models.siting.uncapacitated import Task

__all__ = ["Efficient", "cover_cost_frontier", "time_cost_frontier"]


@dataclass(frozen=True, eq=False)
class Efficient:
    """A layout that no other beats in one aim without losing in the other, and what its sites cost."""

    cost: float
    layout: Layout


def time_cost_frontier(
    time: Any,
    weight: ArrayLike | None,
    among: Choice,
    unserved: float,
    *,
    step: float,
    seconds: float = 120.0,
) -> list[Efficient]:
    r"""Efficient layouts of weighted time against opening cost, the dearest first.

    Exact epsilon-constraint (Haimes 1971; Mavrotas 2009): the cheapest layout of the least time within a budget, then a
    budget that is ``step`` below its cost, and so on.

    Parameters
    ----------
    time, weight, among, unserved
        As in :func:`models.siting.p_median`; ``unserved`` must be finite. A budget of ``among`` bounds the
        frontier above.
    step : float
        No more than the least difference between two layouts' costs (1 if costs are whole numbers), or points are lost.
    seconds : float
        For the whole frontier; what is found by then is returned.
    """
    if not np.isfinite(unserved):
        msg = "a frontier needs a finite time for the unserved"
        raise ValueError(msg)
    links = sort_links(time, among.forbidden)
    heavy = np.ones(links.n) if weight is None else np.array(weight, dtype=np.float64)

    def best(within: Choice, left: float) -> Layout:
        return p_median(time, int((~within.forbidden).sum()), heavy, within, unserved=unserved, seconds=left)

    return _frontier(best, _weighted(links, heavy), heavy * unserved, among, step, seconds)


def cover_cost_frontier(
    cover: Any, weight: ArrayLike | None, among: Choice, *, step: float, seconds: float = 120.0
) -> list[Efficient]:
    """Efficient layouts of weight covered against opening cost, the dearest first; see :func:`time_cost_frontier`."""
    from scipy.sparse import csr_array

    table = csr_array(cover).astype(bool)
    table.eliminate_zeros()
    heavy = np.ones(table.shape[0]) if weight is None else np.array(weight, dtype=np.float64)
    allowed = csr_array(table.multiply(~among.forbidden[None, :]))
    allowed.eliminate_zeros()
    links = Links(allowed.indptr.astype(np.int64), allowed.indices.astype(np.int64), np.zeros(allowed.nnz), among.m)

    def best(within: Choice, left: float) -> Layout:
        return max_cover(cover, int((~within.forbidden).sum()), heavy, within, seconds=left)

    return _frontier(best, links, heavy, among, step, seconds)


def _frontier(best, links: Links, penalty, among: Choice, step: float, seconds: float) -> list[Efficient]:  # type: ignore[no-untyped-def]
    if step <= 0:
        msg = "the step between budgets must be positive"
        raise ValueError(msg)
    deadline = clock.monotonic() + seconds
    budget = min(among.budget, float(among.cost[~among.forbidden].sum()))
    paid = float(among.cost[among.existing].sum())
    points: list[Efficient] = []
    while budget >= paid - 1e-9 and clock.monotonic() < deadline:
        within = replace(among, budget=budget)
        layout = best(within, deadline - clock.monotonic())
        if layout.status not in {"optimal", "feasible"}:
            break
        cheap = _cheapest(links, penalty, within, layout, deadline - clock.monotonic())
        if cheap is not None and among.cost[cheap].sum() < among.cost[layout.sites].sum() - 1e-9:
            exact = replace(within, forbidden=~cheap, existing=cheap, budget=np.inf)
            same = best(exact, max(deadline - clock.monotonic(), 1.0))
            layout = replace(layout, sites=same.sites, assignment=same.assignment, unreached=same.unreached)
        cost = float(among.cost[layout.sites].sum())
        points.append(Efficient(cost, layout))
        budget = cost - step
    return points


def _cheapest(links: Links, penalty, among: Choice, layout: Layout, seconds: float) -> NDArray[np.bool_] | None:  # type: ignore[no-untyped-def]
    """Cheapest set whose cost of serving is that of ``layout``; the total below counts penalties for those outside."""
    from scipy.sparse import coo_array

    m = among.m
    fixed = among.existing.astype(np.int64) - among.forbidden.astype(np.int64)
    row_of = np.repeat(np.arange(links.n), np.diff(links.start))
    kept = links.cost < penalty[row_of]
    start = np.concatenate([[0], np.cumsum(np.bincount(row_of[kept], minlength=links.n))]).astype(np.int64)
    task = Task(Links(start, links.site[kept], links.cost[kept], m), penalty, np.zeros(m), fixed, 0, m)
    opened = np.zeros(m, bool)
    opened[layout.sites] = True
    least = penalty.copy()
    use = opened[task.links.site]
    np.minimum.at(least, row_of[kept][use], task.links.cost[use])
    row, column, entry, width, constant, right = radius_rows(task)
    count = len(width)
    limit = float(least.sum()) - constant
    rows = coo_array((np.concatenate([entry, width]),
                      (np.concatenate([row, np.full(count, count)]), np.concatenate([column, m + np.arange(count)]))),
                     shape=(count + 1, m + count))  # fmt: skip
    found = minimise(Programme(
        np.concatenate([among.cost, np.zeros(count)]), rows, np.append(right, -np.inf),
        np.append(np.full(count, np.inf), limit + 1e-7 * max(1.0, abs(limit))),
        np.concatenate([(fixed == 1).astype(np.float64), np.zeros(count)]),
        np.concatenate([(fixed >= 0).astype(np.float64), np.ones(count)]),
        np.concatenate([np.ones(m, bool), np.zeros(count, bool)]),
    ), max(seconds, 0.01))  # fmt: skip
    return None if found.x is None else found.x[:m] > 0.5


def _weighted(links: Links, weight: NDArray[np.float64]) -> Links:
    row = np.repeat(np.arange(links.n), np.diff(links.start))
    return Links(links.start, links.site, links.cost * weight[row], links.m)
