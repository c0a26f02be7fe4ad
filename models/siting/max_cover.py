"""Most people covered by ``p`` sites (Church and ReVelle 1974), its whole curve, and cover with backup."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.siting.cover_engine import solve_cover
from models.siting.highs import Programme, minimise
from models.siting.layout import Choice, Layout, choice, no_layout, relative_gap, status_of
from models.siting.links import Links
from models.siting.radius import solve_radius
from models.siting.uncapacitated import Solved, Task

__all__ = ["cover_curve", "max_backup_cover", "max_cover"]


def max_cover(
    cover: Any,
    p: int,
    weight: ArrayLike | None = None,
    among: Choice | None = None,
    *,
    seconds: float = 60.0,
    target_gap: float = 0.0,
) -> Layout:
    r"""Choose ``p`` sites that cover the greatest weight.

    .. math::
        \max \sum_i w_i z_i \quad \text{s.t.} \quad z_i \le \sum_j a_{ij} y_j, \quad \sum_j y_j = p, \quad
        \sum_j b_j y_j \le B, \quad 0 \le z_i \le 1, \; y_j \in \{0, 1\}

    With a finite budget up to ``p`` sites are opened. Solved as a p-median problem in which a covered client costs
    nothing and another one its weight.

    Parameters
    ----------
    cover : bool array, shape (n, m), dense or SciPy sparse
    p : int
    weight : float array, shape (n,), optional
    among : Choice, optional
    seconds, target_gap : float

    Returns
    -------
    Layout
        ``value`` and ``bound`` (above it) are weights covered; ``unreached`` those outside.
    """
    return next(iter(cover_curve(cover, [p], weight, among, seconds=seconds, target_gap=target_gap)))


def cover_curve(
    cover: Any,
    counts: Iterable[int],
    weight: ArrayLike | None = None,
    among: Choice | None = None,
    *,
    seconds: float = 60.0,
    target_gap: float = 0.0,
) -> list[Layout]:
    """Best cover for each number of sites; each answer starts from the one before. ``seconds`` are per point.

    Values never fall along rising ``counts``: a larger set starts from the smaller one.
    """
    table, weights, among = _read(cover, weight, among)
    permitted = int((~among.forbidden).sum())
    fixed = among.existing.astype(np.int64) - among.forbidden.astype(np.int64)
    merged, heavy = _merged(table, weights)
    links = Links(merged.indptr.astype(np.int64), merged.indices.astype(np.int64), np.zeros(merged.nnz), among.m)
    layouts: list[Layout] = []
    warm: Solved | None = None
    for p in counts:
        if not max(1, int(among.existing.sum())) <= p <= permitted:
            msg = f"the number of sites must lie between the existing and the permitted ones, not {p}"
            raise ValueError(msg)
        if np.isfinite(among.budget):
            task = Task(links, heavy, np.zeros(among.m), fixed, 0, p)
            opened, bound = solve_radius(task, None, seconds, max(target_gap, 1e-9), (among.cost, among.budget))
            layouts.append(no_layout(len(weights), "time_limit") if opened is None
                           else _layout(table, weights, opened, weights.sum() - bound))  # fmt: skip
            continue
        start = None if warm is None else _grown(links, heavy, warm, fixed, p)
        warm = solve_cover(links, heavy, fixed, p, seconds, start, target_gap)
        layouts.append(_layout(table, weights, warm.opened, weights.sum() - warm.bound))
    return layouts


def max_backup_cover(
    cover: Any, p: int, weight: ArrayLike | None = None, among: Choice | None = None, *, seconds: float = 60.0
) -> Layout:
    r"""Cover everybody once with ``p`` sites and the greatest weight twice (Hogan and ReVelle 1986).

    .. math::
        \max \sum_i w_i u_i \quad \text{s.t.} \quad \sum_j a_{ij} y_j \ge 1 + u_i, \quad \sum_j y_j = p, \quad
        0 \le u_i \le 1, \; y_j \in \{0, 1\}

    ``value`` is the weight covered twice; ``unreached`` (if infeasible) those whom no permitted candidate covers.
    """
    from scipy.sparse import coo_array, csr_array, hstack, vstack

    table, weights, among = _read(cover, weight, among)
    n, m = table.shape
    permitted = table[:, np.flatnonzero(~among.forbidden)]
    lost = np.flatnonzero(np.asarray(permitted.sum(axis=1)).ravel() == 0)
    if len(lost):
        return no_layout(n, "infeasible", unreached=lost)
    minus = coo_array((-np.ones(n), (np.arange(n), np.arange(n))), shape=(n, n))
    rows = vstack([hstack([table.astype(np.float64), minus]), hstack([csr_array(np.ones((1, m))), csr_array((1, n))])])
    found = minimise(
        Programme(
            np.concatenate([np.zeros(m), -weights]), rows, np.append(np.ones(n), p), np.append(np.full(n, np.inf), p),
            np.concatenate([among.existing.astype(np.float64), np.zeros(n)]),
            np.concatenate([(~among.forbidden).astype(np.float64), np.ones(n)]),
            np.concatenate([np.ones(m, bool), np.zeros(n, bool)]),
        ), seconds,
    )  # fmt: skip
    if found.x is None:
        return no_layout(n, "infeasible" if found.infeasible else "time_limit", -found.bound)
    opened = found.x[:m] > 0.5
    single = _layout(table, weights, opened, float(weights.sum()))
    often = np.asarray(table[:, np.flatnonzero(opened)].astype(np.int64).sum(axis=1)).ravel()
    value = float(weights[often >= 2].sum())
    bound = max(-found.bound, value)
    return Layout(value, bound, relative_gap(value, bound), status_of(value, bound), single.sites, single.assignment,
                  single.unreached)  # fmt: skip


def _layout(table: Any, weights: NDArray[np.float64], opened: NDArray[np.bool_], bound: float) -> Layout:
    chosen = np.flatnonzero(opened)
    mine = table[:, chosen]
    covered = np.asarray(mine.sum(axis=1)).ravel() > 0
    value = float(weights[covered].sum())
    bound = max(float(bound), value)
    served = np.full(len(weights), -1, np.int64)
    if len(chosen):
        served[covered] = chosen[np.asarray(mine.argmax(axis=1)).ravel()[covered]]
    return Layout(value, bound, relative_gap(value, bound), status_of(value, bound), chosen,
                  served, np.flatnonzero(~covered))  # fmt: skip


def _merged(table: Any, weights: NDArray[np.float64]) -> tuple[Any, NDArray[np.float64]]:
    """Clients that the same candidates cover become one; nobody's and weightless clients go."""
    size = np.diff(table.indptr)
    first: dict[bytes, int] = {}
    into = np.full(table.shape[0], -1)
    for i in np.flatnonzero((size > 0) & (weights > 0)):
        key = table.indices[table.indptr[i] : table.indptr[i + 1]].tobytes()
        into[i] = first.setdefault(key, int(i))
    kept = np.array(sorted(first.values()), dtype=np.int64)
    heavy = np.bincount(into[into >= 0], weights[into >= 0], minlength=table.shape[0])[kept].astype(np.float64)
    outside = weights[(size == 0) & (weights > 0)].sum()
    if outside > 0 or not len(kept):
        from scipy.sparse import csr_array, vstack

        return vstack([table[kept], csr_array((1, table.shape[1]), dtype=bool)]).tocsr(), np.append(
            heavy, outside
        ).astype(np.float64)
    return table[kept], np.asarray(heavy, dtype=np.float64)


def _grown(links: Links, weight: NDArray[np.float64], warm: Solved, fixed: NDArray[np.int64], p: int) -> Solved | None:
    """The last set with the most useful sites added until there are ``p``."""
    from models.siting.swap import greedy

    if warm.opened.sum() > p:
        return None
    stay = np.where(warm.opened, 1, fixed)
    opened = greedy(links.start, links.site, links.cost, weight, np.zeros(links.m), stay, p, p)
    return Solved(opened, warm.value, warm.bound, warm.multipliers)


def _read(cover: Any, weight: ArrayLike | None, among: Choice | None) -> tuple[Any, NDArray[np.float64], Choice]:
    from scipy.sparse import csr_array

    table = csr_array(cover).astype(bool)
    table.eliminate_zeros()
    table.sort_indices()
    weights = np.ones(table.shape[0]) if weight is None else np.array(weight, dtype=np.float64)
    among = among if among is not None else choice(table.shape[1])
    if weights.shape != (table.shape[0],) or not (weights >= 0).all() or among.m != table.shape[1]:
        msg = "weights (none negative) and candidates must fit the cover table"
        raise ValueError(msg)
    return table, weights, among
