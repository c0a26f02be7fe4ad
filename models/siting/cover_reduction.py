"""What a set cover can do without: rows that follow from others, candidates that another one outdoes, forced sites.

Beasley (1987, EJOR 31:85-93); inclusion is tested on rows of bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["Rest", "kept", "reduced", "slimmed", "transposed", "undominated_columns"]


@dataclass(frozen=True, eq=False)
class Rest:
    """What is left.

    Attributes
    ----------
    row, column : int64 arrays
        Rows and columns of the table that are left.
    taken : bool array, shape (m,)
        Columns that some best cover contains, and which are out of the rest.
    start, site : int64 arrays
        Columns (numbered as in ``column``) of each row left.
    begin, client : int64 arrays
        Rows of each column left.
    """

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    taken: NDArray[np.bool_]
    start: NDArray[np.int64]
    site: NDArray[np.int64]
    begin: NDArray[np.int64]
    client: NDArray[np.int64]


def reduced(start, site, m: int, cost: NDArray[np.float64], stays: NDArray[np.bool_]) -> Rest:  # type: ignore[no-untyped-def]
    """Reduce until nothing more goes; ``start`` and ``site`` list the candidates of each row, ``stays`` are taken.

    Every row must have a candidate.
    """
    row, column = np.arange(len(start) - 1), np.arange(m)
    taken = stays.copy()
    start, site = start.astype(np.int64), site.astype(np.int64)
    opened = stays.copy()
    while True:
        n, k = len(row), len(column)
        met = np.zeros(n, np.bool_)
        owner = np.repeat(np.arange(n), np.diff(start))
        met[owner[opened[site]]] = True
        rows, columns = ~met, ~opened
        start, site = kept(start, site, rows, columns)
        row, column = row[rows], column[columns]
        begin, client = transposed(start, site, len(column))
        columns = undominated_columns(start, site, begin, client, cost[column])
        start, site = kept(start, site, np.ones(len(row), np.bool_), columns)
        column = column[columns]
        begin, client = transposed(start, site, len(column))
        rows = _needed(begin, client, start, site)
        start, site = kept(start, site, rows, np.ones(len(column), np.bool_))
        row = row[rows]
        opened = np.zeros(len(column), np.bool_)
        opened[site[start[:-1][np.diff(start) == 1]]] = True
        taken[column[opened]] = True
        if not opened.any() and len(row) == n and len(column) == k:
            return Rest(row, column, taken, start, site, *transposed(start, site, len(column)))


def slimmed(table: Any, closed: NDArray[np.bool_], cost: NDArray[np.float64]) -> tuple[Any, NDArray[np.bool_]] | None:
    """The rows (CSR, all columns) that do not follow from others and the columns closed, once outdone ones are, too.

    None if a row has no open column.
    """
    rows, columns = np.arange(table.shape[0]), np.flatnonzero(~closed)
    start, site = kept(table.indptr.astype(np.int64), table.indices.astype(np.int64),
                       np.ones(len(rows), np.bool_), ~closed)  # fmt: skip
    while True:
        if (np.diff(start) == 0).any():
            return None
        m = len(columns)
        needed = _needed(*transposed(start, site, m), start, site)
        start, site = kept(start, site, needed, np.ones(m, np.bool_))
        rows = rows[needed]
        useful = undominated_columns(start, site, *transposed(start, site, m), cost[columns])
        start, site = kept(start, site, np.ones(len(rows), np.bool_), useful)
        columns = columns[useful]
        if len(columns) == m:
            shut = np.ones(len(closed), np.bool_)
            shut[columns] = False
            return table[rows], shut


def undominated_columns(start, site, begin, client, cost: NDArray[np.float64]) -> NDArray[np.bool_]:  # type: ignore[no-untyped-def]
    """Columns that cover something and that no other outdoes: covers as much (the first among equals) for no more."""
    m = len(begin) - 1
    inner, outer = _inclusions(start, site, begin, client, cost, True)
    stays = np.diff(begin) > 0
    same = (np.diff(begin)[inner] == np.diff(begin)[outer]) & (cost[inner] == cost[outer])
    stays[inner[~same | (outer < inner)]] = False
    return np.asarray(stays, dtype=np.bool_).reshape(m)


def transposed(start, site, m: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:  # type: ignore[no-untyped-def]
    """Rows of each column: where its entries begin, and the rows."""
    owner = np.repeat(np.arange(len(start) - 1), np.diff(start))
    order = np.argsort(site, kind="stable")
    begin = np.concatenate([[0], np.cumsum(np.bincount(site, minlength=m))]).astype(np.int64)
    return begin, owner[order].astype(np.int64)


def _needed(begin, client, start, site) -> NDArray[np.bool_]:  # type: ignore[no-untyped-def]
    """Rows that do not follow from a row whose candidates are among theirs (the first among equals stays)."""
    size = np.diff(start)
    inner, outer = _inclusions(begin, client, start, site, np.zeros(len(size)), False)
    stays = np.ones(len(size), np.bool_)
    stays[outer[(size[inner] < size[outer]) | (inner < outer)]] = False
    return stays


def kept(
    start: NDArray[np.int64], site: NDArray[np.int64], rows: NDArray[np.bool_], columns: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The table with some rows and columns only, columns numbered anew."""
    owner = np.repeat(np.arange(len(start) - 1), np.diff(start))
    use = rows[owner] & columns[site]
    number = np.cumsum(columns) - 1
    counts = np.bincount(owner[use], minlength=len(start) - 1)[rows]
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), number[site[use]].astype(np.int64)


@njit(cache=True)
def _inclusions(start, site, begin, client, cost, by_cost):  # type: ignore[no-untyped-def]
    """Pairs of columns, the first within the second (and, ``by_cost``, not cheaper); one pair at least per column in.

    For ``by_cost`` a column's search ends at the first pair that rules it out.
    """
    n, m = len(start) - 1, len(begin) - 1
    words = (n + 63) // 64
    bits = np.zeros((m, words), np.uint64)
    for j in range(m):
        for a in range(begin[j], begin[j + 1]):
            bits[j, client[a] >> 6] |= np.uint64(1) << np.uint64(client[a] & 63)
    inner, outer = [0 for _ in range(0)], [0 for _ in range(0)]
    for j in range(m):
        size = begin[j + 1] - begin[j]
        if size == 0:
            continue
        few = client[begin[j]]
        for a in range(begin[j], begin[j + 1]):
            i = client[a]
            if start[i + 1] - start[i] < start[few + 1] - start[few]:
                few = i
        for k in range(start[few], start[few + 1]):
            s = site[k]
            if s == j or begin[s + 1] - begin[s] < size or (by_cost and cost[s] > cost[j]):
                continue
            inside = True
            for w in range(words):
                if bits[j, w] & ~bits[s, w]:
                    inside = False
                    break
            if inside:
                inner.append(j)
                outer.append(s)
                if by_cost and (begin[s + 1] - begin[s] > size or cost[s] < cost[j] or s < j):
                    break
    return np.array(inner), np.array(outer)
