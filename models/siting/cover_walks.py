"""Row weighting on one core of columns after another: the long search for a cheaper cover.

The columns of a good cover are among those of least reduced cost (Caprara, Fischetti and Toth 1999, Operations
Research 47:730-743). A walk that has found nothing for long is seldom worth going on with: where it stands the next
begins, with equal weights and on the next core.
"""

from __future__ import annotations

import time as clock

import numpy as np
from numpy.typing import NDArray

from models.siting.cover_reduction import Rest, kept, transposed
from models.siting.cover_weighting import begun, weighted_search

__all__ = ["walked"]

_CORES = (3, 5, 0)
"""Columns of a core for each row, one core after another; 0 = all columns."""
_SURE = 3
"""Columns of least reduced cost that every row keeps."""
_SLICE, _WALK = 100_000_000, 2_000_000_000
"""Pairs looked at from one glance at the clock to the next, and after which a walk ends."""


def walked(
    rest: Rest, price: NDArray[np.float64], u: NDArray[np.float64], best: NDArray[np.bool_], value: float,
    enough: float, work: int, deadline: float, seed: int = 2,
) -> float:  # fmt: skip
    """Cost of the best cover found; ``best`` is written.

    Parameters
    ----------
    rest : Rest
        Rows and columns.
    price : float64 array, shape (m,)
        Of the columns, positive.
    u : float64 array, shape (n,)
        Prices of the rows (multipliers), from which reduced costs come.
    best : bool array, shape (m,)
        A cover.
    value, enough : float
        Its cost; the cost at which to stop.
    work : int
        Pairs to look at.
    deadline : float
        By ``time.monotonic``.
    seed : int
        Of the random numbers of the first walk.
    """
    n, m = len(rest.row), len(rest.column)
    owner = np.repeat(np.arange(m), np.diff(rest.begin))
    reduced = price - np.bincount(owner, u[rest.client], minlength=m)
    order = np.argsort(reduced, kind="stable")
    sizes = [size for size in _CORES if 0 < size * n < m] + [0]
    done, walk, here = 0, 0, best.copy()
    while done < work and value > enough and clock.monotonic() < deadline:
        size = sizes[walk % len(sizes)]
        columns = np.ones(m, np.bool_)
        if size:
            columns[order[size * n :]] = False
            columns[_surely(rest, reduced)] = True
            columns |= best | here
        start, site = kept(rest.start, rest.site, np.ones(n, np.bool_), columns)
        begin, client = transposed(start, site, int(columns.sum()))
        inside = best[columns]
        tables, state = (start, site, begin, client), begun(start, site, begin, client, here[columns])
        stays, till = np.zeros(len(inside), np.bool_), min(done + _WALK, work)
        while done < till and value > enough and clock.monotonic() < deadline:
            value = float(weighted_search(*tables, price[columns], stays, inside, state, min(_SLICE, till - done),
                                          enough, seed + done // _SLICE))  # fmt: skip
            done += _SLICE
        best[columns], here[columns] = inside, state[0]
        walk += 1
    return value


def _surely(rest: Rest, reduced: NDArray[np.float64]) -> NDArray[np.int64]:
    """The few cheapest columns of each row."""
    row = np.repeat(np.arange(len(rest.row)), np.diff(rest.start))
    order = np.lexsort((reduced[rest.site], row))
    return rest.site[order][np.arange(len(row)) - rest.start[row] < _SURE]
