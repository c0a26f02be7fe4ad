"""Possible client–candidate pairs as rows sorted by cost: the form in which the search and the bounds walk them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Links", "nearest_open", "sort_links", "table_of", "without_sites"]


@dataclass(frozen=True, eq=False)
class Links:
    """Pairs by client, cheapest first.

    Attributes
    ----------
    start : int64 array, shape (n + 1,)
    site : int64 array, shape (k,)
    cost : float64 array, shape (k,)
    m : int
        Number of candidates.
    """

    start: NDArray[np.int64]
    site: NDArray[np.int64]
    cost: NDArray[np.float64]
    m: int

    @property
    def n(self) -> int:
        """Number of clients."""
        return len(self.start) - 1


def sort_links(time: Any, forbidden: NDArray[np.bool_] | None = None) -> Links:
    """Sort the possible pairs of every client.

    Parameters
    ----------
    time : float array, shape (n, m), or SciPy sparse array
        Dense: ``inf`` (or nan) = cannot be served from there. Sparse: a pair that is not stored cannot be served; a
        stored zero is a time of zero.
    forbidden : bool array, shape (m,), optional
        Candidates to leave out.

    Raises
    ------
    ValueError
        If a time is negative or the array is not two-dimensional.
    """
    from scipy.sparse import csr_array, issparse

    if issparse(time):
        rows = csr_array(time)
        n, m = rows.shape
        site, cost = rows.indices.astype(np.int64), rows.data.astype(np.float64)
        row = np.repeat(np.arange(n), np.diff(rows.indptr))
        kept = np.isfinite(cost)
        site, cost, row = site[kept], cost[kept], row[kept]
    else:
        dense = np.asarray(time, dtype=np.float64)
        if dense.ndim != 2:
            msg = "times must be a table of clients by candidates"
            raise ValueError(msg)
        n, m = dense.shape
        row, site = np.nonzero(np.isfinite(dense))
        cost = dense[row, site]
    if forbidden is not None and forbidden.any():
        kept = ~forbidden[site]
        site, cost, row = site[kept], cost[kept], row[kept]
    if len(cost) and cost.min() < 0:
        msg = "a time is negative"
        raise ValueError(msg)
    order = np.empty(len(cost), np.int64)
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))]).astype(np.int64)
    if issparse(time) and (np.diff(row) < 0).any():
        by_row = np.argsort(row, kind="stable")
        site, cost = site[by_row], cost[by_row]
    _sort_rows(start, cost, order)
    return Links(start, np.ascontiguousarray(site[order], dtype=np.int64), np.ascontiguousarray(cost[order]), m)


@njit(cache=True)
def _sort_rows(start: NDArray[np.int64], cost: NDArray[np.float64], order: NDArray[np.int64]) -> None:
    """Order of the entries of each row by cost; the earlier entry first among equals."""
    for i in range(len(start) - 1):
        begin, end = start[i], start[i + 1]
        order[begin:end] = begin + np.argsort(cost[begin:end], kind="mergesort")


def without_sites(links: Links, out: NDArray[np.bool_]) -> Links:
    """The same pairs without those of the sites marked in ``out``."""
    kept = ~out[links.site]
    row = np.repeat(np.arange(links.n), np.diff(links.start))[kept]
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=links.n))]).astype(np.int64)
    return Links(start, links.site[kept], links.cost[kept], links.m)


def table_of(links: Links) -> Any:
    """Who can be served from where: SciPy CSR array of ones, shape (n, m), sites ascending."""
    from scipy.sparse import csr_array

    table = csr_array((np.ones(len(links.site)), links.site.copy(), links.start.copy()), shape=(links.n, links.m))
    table.sort_indices()
    return table


def nearest_open(links: Links, opened: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Cheapest open site of each client and its cost; -1 and ``inf`` where none is open."""
    use = opened[links.site]
    row = np.repeat(np.arange(links.n), np.diff(links.start))[use]
    client, first = np.unique(row, return_index=True)
    site = np.full(links.n, -1, np.int64)
    cost = np.full(links.n, np.inf)
    site[client] = links.site[use][first]
    cost[client] = links.cost[use][first]
    return site, cost
