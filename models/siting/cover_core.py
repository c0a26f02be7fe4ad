"""Bound of a large maximal cover: its linear relaxation over the sites that matter, and the others priced.

Sites that look like the chosen ones at the prices so far are the core; clients whom the same sites of the core cover
are one. The programme's prices, shared out again among the clients by weight, hold for all sites (weak duality), and
subgradient steps from them take back what the sites outside the core had been promised.
"""

from __future__ import annotations

import time as clock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.siting import lagrangian
from models.siting.cover_programme import CoverProgramme
from models.siting.links import Links, table_of

__all__ = ["core_bound"]

Floats = NDArray[np.float64]
_ROOM = (200_000, 400_000, 500_000)
"""Pairs of the first, second and each further core."""
_WHOLE = 120_000
"""Pairs up to which all free sites are the core at once."""
_LITTLE = 0.02
"""Share of the gap that a further core must close."""


def core_bound(
    links: Links, weight: Floats, fixed: NDArray[np.int64], p: int, u: Floats, value: float, margin: float,
    deadline: float,
) -> tuple[float, Floats]:  # fmt: skip
    """Bound above the weight that ``p`` sites cover, and its prices.

    Parameters
    ----------
    links : Links
    weight : float64 array, shape (n,)
    fixed : int64 array, shape (m,)
        1 = open, -1 = closed, 0 = free; written where prices decide.
    p : int
    u : float64 array, shape (n,)
        Prices to begin with, not above the weights.
    value : float
        Weight that the best known layout covers.
    margin : float
        A bound this far above it ends the work.
    deadline : float
        By ``time.monotonic``.
    """
    bound, part = float(weight.sum()), 0
    sizes = np.bincount(links.site, minlength=links.m)
    row = np.repeat(np.arange(links.n), np.diff(links.start))
    while bound > value + margin and clock.monotonic() < deadline:
        v = np.bincount(links.site, u[row], links.m)
        order = np.argsort(-v, kind="stable")
        order = order[fixed[order] >= 0]
        pairs = int(sizes[order].sum())
        full = pairs <= _WHOLE
        if not full:
            room = _ROOM[min(part, len(_ROOM) - 1)]
            order = order[: max(2 * p, int(np.searchsorted(np.cumsum(sizes[order]), room)))]
        core = np.union1d(order, np.flatnonzero(fixed == 1))
        reached, u, relaxed = _relaxed(links, weight, fixed, p, core, u, value, margin, deadline)
        gained, bound, part = bound - reached, min(bound, reached), part + 1
        fewer = int(sizes[fixed >= 0].sum()) < 0.9 * pairs
        if relaxed is None or (not fewer and (full or gained < _LITTLE * (bound - value))):
            break
    return bound, u


def _relaxed(
    links: Links, weight: Floats, fixed: NDArray[np.int64], p: int, core: NDArray[np.int64], u: Floats, value: float,
    margin: float, deadline: float,
) -> tuple[float, Floats, float | None]:  # fmt: skip
    """Bound, prices, and value of the relaxation over the core alone (None if the time was over)."""
    into, heavy, share = _grouped(links, weight, core)
    programme = CoverProgramme(share, heavy, p, core, interior=True)
    programme.fix(fixed)
    answer = programme.solve(deadline - clock.monotonic())
    if answer is None:
        return float(weight.sum()), u, None
    _, z, prices, cuts = answer
    reached, _, _, _ = programme.proven(prices, cuts, fixed)
    start = np.minimum(prices[into] * (weight / heavy[into]), weight)  # prices above the weight would prove too much
    polished, u = _polished(links, weight, fixed, p, start, value, margin, deadline)
    return min(reached, polished), u, float(heavy @ z)


def _polished(
    links: Links, weight: Floats, fixed: NDArray[np.int64], p: int, start: Floats, value: float, margin: float,
    deadline: float,
) -> tuple[float, Floats]:  # fmt: skip
    """Subgradient steps from given prices; the bound and its prices."""
    whole, step = float(weight.sum()), 1.0
    bound, u, best_u = whole, start.copy(), start.copy()
    often, seen = np.zeros(links.m), np.zeros(links.m, np.bool_)
    while step > 2e-3 and clock.monotonic() < deadline and bound > value + margin:
        reached, _, step = lagrangian.ascend(
            links.start, links.site, links.cost, weight, np.zeros(links.m), fixed, p, p, u, best_u, often,
            whole - value, margin, 50, step, 8, seen,
        )  # fmt: skip
        step *= 0.6 if bound - (whole - reached) < 1e-3 * (bound - value) else 1.0
        bound = min(bound, whole - reached)
        u = best_u.copy()
    return bound, u


def _grouped(links: Links, weight: Floats, core: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats, Any]:
    """Clients that the same sites of the core cover as one: the group of each, weights, share that each site covers."""
    from scipy.sparse import csr_array

    table = table_of(links)
    inner = table[:, core].tocsr()
    inner.sort_indices()
    number: dict[bytes, int] = {}
    into = np.empty(links.n, np.int64)
    for i in range(links.n):
        into[i] = number.setdefault(inner.indices[inner.indptr[i] : inner.indptr[i + 1]].tobytes(), len(number))
    heavy: Floats = np.bincount(into, weight, len(number)).astype(np.float64)
    part = csr_array(
        (weight / np.maximum(heavy[into], 1e-300), (into, np.arange(links.n))), shape=(len(number), links.n)
    )
    share = (part @ table).tocsr()
    share.data[share.data > 1.0 - 1e-9] = 1.0
    share.sort_indices()
    return into, heavy, share
