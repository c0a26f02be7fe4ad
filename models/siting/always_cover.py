"""Most people who stay covered whatever single thing fails: cover that holds in every scenario at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.siting.highs import Programme, minimise
from models.siting.layout import Choice, Layout, choice, no_layout, relative_gap, status_of

__all__ = ["always_cover"]


def always_cover(
    covers: Sequence[Any],
    p: int,
    weight: ArrayLike | None = None,
    among: Choice | None = None,
    *,
    seconds: float = 60.0,
) -> Layout:
    r"""Choose ``p`` sites with the greatest weight of clients covered in every scenario.

    .. math::
        \max \sum_i w_i z_i \quad \text{s.t.} \quad z_i \le \sum_j a^s_{ij} y_j \;\; \forall s, \quad
        \sum_j y_j = p, \quad 0 \le z_i \le 1, \; y_j \in \{0, 1\}

    Of a client's rows only the different ones are kept, and of those only the smallest: a row that holds all sites of
    another one follows from it.

    Parameters
    ----------
    covers : sequence of bool arrays, each (n, m)
    p : int
    weight : float array (n,), optional
    among : Choice, optional
    seconds : float

    Returns
    -------
    Layout
        ``value`` is the weight covered in every scenario; ``unreached`` those who are not; ``assignment`` refers to the
        first scenario.
    """
    from scipy.sparse import coo_array

    tables = np.asarray([np.asarray(cover, dtype=bool) for cover in covers])
    _, n, m = tables.shape
    among = among if among is not None else choice(m)
    heavy = np.ones(n) if weight is None else np.array(weight, dtype=np.float64)
    if not max(1, int(among.existing.sum())) <= p <= int((~among.forbidden).sum()):
        msg = f"the number of sites must lie between the existing and the permitted ones, not {p}"
        raise ValueError(msg)
    rows: list[NDArray[np.bool_]] = []
    owner: list[int] = []
    possible = np.ones(n)
    for i in np.flatnonzero(heavy > 0):
        needed = _smallest(np.unique(tables[:, i] & ~among.forbidden, axis=0))
        if not needed.any(axis=1).all():
            possible[i] = 0.0
        elif not needed[:, among.existing].any(axis=1).all():
            rows += list(needed)
            owner += [int(i)] * len(needed)
    r = len(rows)
    inside, site = np.nonzero(np.array(rows).reshape(r, m))
    row = np.concatenate([inside, np.arange(r), np.full(m, r)])
    column = np.concatenate([site, m + np.array(owner, dtype=np.int64), np.arange(m)])
    entry = np.concatenate([np.ones(len(site)), -np.ones(r), np.ones(m)])
    found = minimise(
        Programme(
            np.concatenate([np.zeros(m), -heavy]), coo_array((entry, (row, column)), shape=(r + 1, m + n)),
            np.append(np.zeros(r), p), np.append(np.full(r, np.inf), p),
            np.concatenate([among.existing.astype(np.float64), np.zeros(n)]),
            np.concatenate([(~among.forbidden).astype(np.float64), possible]),
            np.concatenate([np.ones(m, bool), np.zeros(n, bool)]),
        ), seconds,
    )  # fmt: skip
    if found.x is None:
        return no_layout(n, "infeasible" if found.infeasible else "time_limit", -found.bound)
    sites = np.flatnonzero(found.x[:m] > 0.5)
    kept = tables[:, :, sites].any(axis=2).all(axis=0)
    value = float(heavy[kept].sum())
    bound = max(value, min(-found.bound, float(heavy.sum())))
    first = tables[0][:, sites]
    assignment = np.where(first.any(axis=1), sites[first.argmax(axis=1)] if len(sites) else -1, -1).astype(np.int64)
    return Layout(value, bound, relative_gap(value, bound), status_of(value, bound), sites, assignment,
                  np.flatnonzero(~kept))  # fmt: skip


def _smallest(rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows that do not hold all of another row."""
    size = rows.sum(axis=1)
    inside = (rows.astype(np.int64) @ rows.T.astype(np.int64)) == size[:, None]  # [a, b]: a lies within b
    np.fill_diagonal(inside, False)
    smaller: NDArray[np.bool_] = rows[~(inside & (size[:, None] < size[None, :])).any(axis=0)]
    return smaller
