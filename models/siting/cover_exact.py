"""Cheapest covers to proof: reductions, row weighting from above, Lagrangian prices from below, a tree on the rest."""

from __future__ import annotations

import time as clock
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.siting import lagrangian
from models.siting.cover_reduction import Rest, reduced
from models.siting.cover_tree import cover_tree
from models.siting.cover_walks import walked
from models.siting.cover_weighting import begun, weighted_search
from models.siting.highs import Programme, minimise

__all__ = ["Cover", "least_cover"]

_WORK, _BEFORE, _EARLY, _MOST = 2_000_000, 50_000_000, 10_000_000_000, 60_000_000_000
"""Pairs that the searches look at: before the bound, before branching, before HiGHS where branching is not expected to
prove anything, and at last."""
_NODE = 12_000_000
"""Pairs that they look at for each node whenever the tree has doubled."""
_SOLVER, _AFTER = 0.8, 0.6
"""Share of the time left that HiGHS gets for a question, and for a cheapest cover."""
_HOPELESS, _COLUMNS, _PAIRS, _FIRST = 0.08, 2.5, 5_000, 0.5
"""Relative gap, gap in dearest columns and pairs from which nothing is expected to be proven, and HiGHS tries with
restarts and heuristics of its own; the share of the time that searching gets before it then."""
_PATIENCE = 15


@dataclass(frozen=True, eq=False)
class Cover:
    """Chosen columns, their cost and the bound; ``rounded`` up where costs are whole numbers."""

    chosen: NDArray[np.bool_]
    value: float
    bound: float


def least_cover(  # type: ignore[no-untyped-def]
    start,
    site,
    cost: NDArray[np.float64],
    stays: NDArray[np.bool_],
    seconds: float,
    *,
    enough: float = -np.inf,
    quick: bool = False,
    near: NDArray[np.bool_] | None = None,
) -> Cover:
    """Cover every row at least cost.

    Parameters
    ----------
    start, site : int64 arrays
        Candidates of each row; none may be without.
    cost : float64 array, shape (m,)
    stays : bool array, shape (m,)
        Columns that are in the cover anyway; their cost counts.
    seconds : float
    enough : float
        The question is only whether a cover of this cost exists: a cover that cheap ends the search, so does a bound
        above it.
    quick : bool
        Only reductions, search and prices: the question may stay open.
    near : bool array, shape (m,), optional
        Columns that cover nearly everything: the search begins with them.
    """
    deadline = clock.monotonic() + seconds
    rest = reduced(start, site, len(cost), cost, stays)
    paid = float(cost[rest.taken].sum())
    chosen = rest.taken.copy()
    if not len(rest.row):
        return Cover(chosen, paid, paid)
    price = cost[rest.column]
    whole = bool((cost == np.round(cost)).all())
    none = np.zeros(len(rest.column), np.bool_)
    begin = _greedy(len(rest.row), rest.begin, rest.client, price, none if near is None else near[rest.column])
    best, value, bound = _solved(rest, price, whole, deadline, enough - paid, quick, begin)
    chosen[rest.column[best]] = True
    return Cover(chosen, paid + value, min(paid + bound, paid + value))


def _solved(
    rest: Rest, price: NDArray[np.float64], whole: bool, deadline: float, enough: float, quick: bool,
    best: NDArray[np.bool_],
) -> tuple[NDArray[np.bool_], float, float]:  # fmt: skip
    """Best columns of the rest, their cost and the bound; ``best`` is a cover to begin with."""
    n, m = len(rest.row), len(rest.column)
    none = np.zeros(m, np.bool_)
    dear = np.maximum(price, 1e-9)
    tables = (rest.start, rest.site, rest.begin, rest.client)
    value = float(weighted_search(*tables, dear, none, best, begun(*tables, best), _WORK, enough, 1))
    cheapest = np.minimum.reduceat(price[rest.site], rest.start[:-1])
    rows = (rest.start, rest.site, np.zeros(len(rest.site)), cheapest, price)
    fixed, often = np.zeros(m, np.int64), np.zeros(m)
    u, best_u = cheapest / np.maximum(np.diff(rest.start), 1), np.empty(n)
    state = fixed, often, u, best_u
    bound, share = _priced(rows, state, value, 0.0, whole, enough, best, deadline), _SOLVER
    if not _settled(value, bound, whole, enough):
        value = walked(rest, dear, u, best, value, max(enough, bound), 5 * _WORK if quick else _BEFORE, deadline)
    near = _near(rest, price, _aim(value, enough, whole) - bound, value)
    if not _settled(value, bound, whole, enough):
        if enough == -np.inf and not near:
            share, till = _AFTER, deadline - _FIRST * max(deadline - clock.monotonic(), 0.0)
            value = walked(rest, dear, u, best, value, bound, _EARLY, till)
        bound = _priced(rows, state, value, bound, whole, enough, best, deadline)
    if quick:
        return best, value, bound
    left = deadline - clock.monotonic()
    if not _settled(value, bound, whole, enough) and left > 0.02 and near:
        value, bound = _by_tree(rest, price, fixed, u, best, value, bound, whole, enough, deadline)
    elif not _settled(value, bound, whole, enough) and left > 0.02:
        value, bound = _by_highs(rest, price, fixed, best, value, bound, whole, enough, share * left)
    if not _settled(value, bound, whole, enough):
        value = walked(rest, dear, u, best, value, max(enough, bound), _MOST, deadline)
    return best, value, bound


def _near(rest: Rest, price: NDArray[np.float64], gap: float, value: float) -> bool:
    """Whether branch and cut may be expected to close what prices leave open."""
    return len(rest.site) <= _PAIRS or gap <= max(_HOPELESS * value, _COLUMNS * float(price.max()))


def _settled(value: float, bound: float, whole: bool, enough: float) -> bool:
    """Whether the value is proven, or the question about ``enough`` is answered."""
    return value <= enough or bound > enough > -np.inf or bound > value - (1.0 - 1e-6 if whole else 1e-9 * value)


def _aim(value: float, enough: float, whole: bool) -> float:
    """Cost that a bound need not exceed: the best known, or the first that is too dear for the question."""
    return min(value, float(np.floor(enough + 1e-6)) + 1.0) if whole and enough > -np.inf else value


def _up(bound: float, whole: bool) -> float:
    return float(np.ceil(bound - 1e-6)) if whole else bound


def _priced(rows, state, value, bound, whole, enough, best, deadline) -> float:  # type: ignore[no-untyped-def]
    """Raise the Lagrangian bound; what a cheaper cover cannot have (or must) is marked in ``state``."""
    fixed, often, u, best_u = state
    step, aim = 1.0, _aim(value, enough, whole)
    while step > 1e-3 and not _settled(value, bound, whole, enough) and clock.monotonic() < deadline:
        margin = 1.0 - 1e-6 if whole else 1e-9 * value
        reached, _, step = lagrangian.ascend(*rows, fixed, 0, len(fixed), u, best_u, often, aim, margin, 60, step,
                                             _PATIENCE, best.copy())  # fmt: skip
        bound = max(bound, min(_up(float(reached), whole), aim))
        u[:] = best_u
    return float(bound)


def _greedy(  # type: ignore[no-untyped-def]
    n, begin, client, price, opened: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Most rows for the money first (Chvátal 1979), after those that are ``opened``."""
    met = np.zeros(n, np.bool_)
    chosen = opened.copy()
    owner = np.repeat(np.arange(len(price)), np.diff(begin))
    met[client[chosen[owner]]] = True
    while not met.all():
        gain = np.bincount(owner[~met[client]], minlength=len(price)) / np.maximum(price, 1e-9)
        pick = int(np.argmax(gain))
        chosen[pick] = True
        met[client[begin[pick] : begin[pick + 1]]] = True
    return chosen


def _by_tree(  # type: ignore[no-untyped-def]
    rest: Rest, price, fixed, u, best, value, bound, whole, enough, deadline
) -> tuple[float, float]:
    """Branch and cut on what price fixing left open; ``best`` is written where a cheaper cover is found."""
    from scipy.sparse import csr_array

    table = csr_array((np.ones(len(rest.site)), rest.site, rest.start), shape=(len(rest.row), len(price)))
    dear = np.maximum(price, 1e-9)

    def improve(cover: NDArray[np.bool_], cost: float, nodes: int) -> float:
        return walked(rest, dear, u, cover, cost, max(enough, bound), nodes * _NODE, deadline, nodes)

    margin = 1.0 - 1e-6 if whole else 1e-9 * value
    value, below = cover_tree(table, price, fixed == -1, best, value, margin, enough, deadline, improve)
    return value, max(bound, min(_up(below, whole), _aim(value, enough, whole)))


def _by_highs(rest: Rest, price, fixed, best, value, bound, whole, enough, seconds) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """HiGHS on what price fixing left open; ``best`` is written where a cheaper cover is found."""
    from scipy.sparse import csr_array

    n, m = len(rest.row), len(rest.column)
    rows = csr_array((np.ones(len(rest.site)), rest.site, rest.start), shape=(n, m))
    fits = not (best & (fixed == -1)).any() and bool(best[fixed == 1].all())
    found = minimise(Programme(price, rows, np.ones(n), np.full(n, np.inf), (fixed == 1).astype(np.float64),
                               (fixed >= 0).astype(np.float64), np.ones(m, bool)),
                     seconds, best.astype(np.float64) if fits else None)  # fmt: skip
    if found.x is not None:
        cost = float(price[found.x > 0.5].sum())
        if cost < value - 1e-9 * value:
            value = cost
            best[:] = found.x > 0.5
    aim = _aim(value, enough, whole)
    below = aim if found.infeasible else min(_up(found.bound, whole), aim)
    return value, max(bound, below)
