"""Fewest (or cheapest) sites that cover everybody, once or more often by different depots, on any cover relation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.siting.cover_exact import least_cover
from models.siting.highs import Programme, minimise
from models.siting.layout import Choice, Layout, choice, no_layout, relative_gap, status_of

__all__ = ["cheapest_cover", "fewest_sites", "first_cover", "undominated"]


def fewest_sites(
    cover: Any,
    times_covered: ArrayLike = 1,
    among: Choice | None = None,
    depot: ArrayLike | None = None,
    *,
    seconds: float = 60.0,
) -> Layout:
    """Location set covering (Toregas et al. 1971): as :func:`cheapest_cover` with every site at cost 1.

    With ``times_covered = 2`` this is backup cover. Existing sites count among the sites.
    """
    among = among if among is not None else choice(cover.shape[1])
    one = Choice(among.existing, among.forbidden, np.ones(among.m))
    return cheapest_cover(cover, times_covered, one, depot, seconds=seconds)


def cheapest_cover(
    cover: Any,
    times_covered: ArrayLike = 1,
    among: Choice | None = None,
    depot: ArrayLike | None = None,
    *,
    seconds: float = 60.0,
) -> Layout:
    r"""Cheapest sites that cover every client ``q_i`` times by different depots.

    .. math::
        \min \sum_j f_j y_j \quad \text{s.t.} \quad \sum_d h_{id} \ge q_i, \quad
        h_{id} \le \sum_{j \in d,\, a_{ij} = 1} y_j, \quad h_{id} \le 1, \quad y_j \in \{0, 1\}

    Where each depot has one candidate, :math:`h` is :math:`y`.

    Parameters
    ----------
    cover : bool array, shape (n, m), dense or SciPy sparse
        Whatever covering means: within τ minutes, in sight of a camera, in range of a drone.
    times_covered : int or int array, shape (n,)
    among : Choice, optional
    depot : int array, shape (m,), optional
        Depot of each candidate; candidates of one depot count once. Every candidate is its own if not given.
    seconds : float

    Returns
    -------
    Layout
        ``infeasible`` with ``unreached`` = the clients that the permitted candidates cannot cover often enough.
    """
    table, among, need = _read(cover, times_covered, among)
    n, m = table.shape
    label = np.arange(m) if depot is None else np.unique(np.asarray(depot), return_inverse=True)[1]
    permitted = np.flatnonzero(~among.forbidden)
    by_depot = _by_depot(table[:, permitted], label[permitted])
    short = np.flatnonzero(by_depot.sum(axis=1) < need)
    if len(short):
        return no_layout(n, "infeasible", unreached=short)
    single = len(np.unique(label)) == m
    clients, columns = np.flatnonzero(need > 0), permitted
    if single and (need <= 1).all():
        inner = table[clients][:, columns]
        found_cover = least_cover(inner.indptr, inner.indices, among.cost[columns], among.existing[columns], seconds)
        sites = np.zeros(m, bool)
        sites[columns[found_cover.chosen]] = True
        return _layout(table, need, among, label, sites, found_cover.bound)
    programme = _programme(table[clients][:, columns], need[clients], among, columns, label[columns], single)
    found = minimise(programme, seconds, None if not single else _greedy(programme))
    if found.x is None:
        return no_layout(n, "time_limit", found.bound)
    sites = np.zeros(m, bool)
    sites[columns[found.x[: len(columns)] > 0.5]] = True
    return _layout(table, need, among, label, sites, found.bound)


def undominated(cover: Any, among: Choice) -> NDArray[np.bool_]:
    """Candidates not dominated: no other covers all that one covers at no greater cost (existing sites stay).

    Covering sets are compared through the product of the cover table with itself.
    """
    from scipy.sparse import csr_array

    table = csr_array(cover).astype(np.int32)
    size = np.asarray(table.sum(axis=0)).ravel()
    common = (table.T @ table).tocoo()
    a, b = common.coords
    inside = (common.data == size[a]) & (a != b) & ~among.forbidden[b] & ~among.existing[a]
    inside &= among.cost[b] <= among.cost[a]
    same = (size[a] == size[b]) & (among.cost[a] == among.cost[b]) & ~among.existing[b]
    inside &= ~same | (b < a)
    kept = (size > 0) | among.existing
    kept[a[inside]] = False
    return kept


def first_cover(table: Any, cost: NDArray[np.float64], opened: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A cover by greedy choice (Chvátal 1979), redundant sites taken out again; ``opened`` stay."""
    rows, columns = table.tocsr().astype(np.int64), table.tocsc()
    chosen = opened.copy()
    often = np.asarray(rows[:, np.flatnonzero(chosen)].sum(axis=1)).ravel()
    while (often == 0).any():
        gain = rows.T @ (often == 0).astype(np.float64)
        best = int(np.argmax(np.where(chosen, -1.0, gain / np.maximum(cost, 1e-9))))
        chosen[best] = True
        often[columns.indices[columns.indptr[best] : columns.indptr[best + 1]]] += 1
    for j in sorted(np.flatnonzero(chosen & ~opened), key=lambda j: -cost[j]):
        mine = columns.indices[columns.indptr[j] : columns.indptr[j + 1]]
        if (often[mine] > 1).all():
            chosen[j] = False
            often[mine] -= 1
    return chosen


def _greedy(programme: Programme) -> NDArray[np.float64] | None:
    if (programme.row_lower > 1).any():
        return None
    return first_cover(programme.rows, programme.cost, programme.lower > 0.5).astype(np.float64)


def _programme(table, need, among: Choice, columns, label, single: bool) -> Programme:  # type: ignore[no-untyped-def]
    from scipy.sparse import bmat, coo_array, csr_array

    n, m = table.shape
    lower = among.existing[columns].astype(np.float64)
    if single:
        return Programme(among.cost[columns], csr_array(table, dtype=np.float64), need.astype(np.float64),
                         np.full(n, np.inf), lower, np.ones(m), np.ones(m, bool))  # fmt: skip
    entries = table.tocoo()
    client, site = entries.coords
    pairs, pair = np.unique(np.column_stack([client, label[site]]), axis=0, return_inverse=True)
    h = len(pairs)
    linked = coo_array((np.ones(len(client)), (pair.ravel(), site)), shape=(h, m))
    counted = coo_array((np.ones(h), (pairs[:, 0], np.arange(h))), shape=(n, h))
    rows = bmat([[linked, -csr_array(np.eye(h)) if h < 50 else _minus_identity(h)], [None, counted]])
    return Programme(
        np.concatenate([among.cost[columns], np.zeros(h)]), rows,
        np.concatenate([np.zeros(h), need.astype(np.float64)]), np.full(h + n, np.inf),
        np.concatenate([lower, np.zeros(h)]), np.ones(m + h),
        np.concatenate([np.ones(m, bool), np.zeros(h, bool)]),
    )  # fmt: skip


def _minus_identity(n: int) -> Any:
    from scipy.sparse import coo_array

    return coo_array((-np.ones(n), (np.arange(n), np.arange(n))), shape=(n, n))


def _by_depot(table: Any, label: NDArray[np.int64]) -> Any:
    """Which depots can cover whom: dense 0/1 array, shape (n, depots)."""
    from scipy.sparse import coo_array

    groups = coo_array((np.ones(len(label), np.int64), (np.arange(len(label)), label)))
    return ((table.astype(np.int64) @ groups).toarray() > 0).astype(np.int64)


def _layout(table, need, among: Choice, label, sites: NDArray[np.bool_], bound: float) -> Layout:  # type: ignore[no-untyped-def]
    chosen = np.flatnonzero(sites)
    mine = table[:, chosen]
    often = _by_depot(mine, label[chosen]).sum(axis=1)
    if (often < need).any():
        msg = "the solver's cover leaves somebody out"
        raise ArithmeticError(msg)
    value = float(among.cost[chosen].sum())
    if (among.cost == np.round(among.cost)).all():
        bound = float(np.ceil(bound - 1e-6))
    bound = min(bound, value)
    first = np.asarray(mine.argmax(axis=1)).ravel() if len(chosen) else np.zeros(table.shape[0], np.int64)
    assignment = np.where(often > 0, chosen[first] if len(chosen) else -1, -1).astype(np.int64)
    return Layout(value, bound, relative_gap(value, bound), status_of(value, bound), chosen, assignment,
                  np.flatnonzero(often == 0))  # fmt: skip


def _read(cover: Any, times_covered: ArrayLike, among: Choice | None):  # type: ignore[no-untyped-def]
    from scipy.sparse import csr_array

    table = csr_array(cover).astype(bool)
    table.eliminate_zeros()
    table.sort_indices()
    among = among if among is not None else choice(table.shape[1], cost=np.ones(table.shape[1]))
    need = np.broadcast_to(np.asarray(times_covered, dtype=np.int64), (table.shape[0],))
    if among.m != table.shape[1] or (need < 0).any():
        msg = "candidates and times covered must fit the cover table"
        raise ValueError(msg)
    return table, among, need
