"""What a siting model may choose from, and the layout it answers with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Choice", "Layout", "choice", "relative_gap", "status_of"]

_PROVEN = 1e-7
"""Relative gap below which a value counts as proven."""


@dataclass(frozen=True, eq=False)
class Choice:
    """Candidate sites, and what is fixed about them.

    Attributes
    ----------
    existing : bool array, shape (m,)
        Sites that stay open.
    forbidden : bool array, shape (m,)
        Sites that may not be opened.
    cost : float64 array, shape (m,)
        Cost of opening; an existing site costs what it says here (0 for one that is paid already).
    budget : float
        Most that the open sites may cost together; ``inf`` = no limit.
    """

    existing: NDArray[np.bool_]
    forbidden: NDArray[np.bool_]
    cost: NDArray[np.float64]
    budget: float = np.inf

    @property
    def m(self) -> int:
        """Number of candidates."""
        return len(self.existing)


def choice(
    m: int,
    existing: ArrayLike = (),
    forbidden: ArrayLike = (),
    cost: ArrayLike | None = None,
    budget: float = np.inf,
) -> Choice:
    """Describe ``m`` candidates by the indices of existing and forbidden sites.

    Parameters
    ----------
    m : int
    existing, forbidden : indices of candidates
    cost : float array, shape (m,), optional
        Cost of opening; nought if not given.
    budget : float

    Raises
    ------
    ValueError
        If a site is both existing and forbidden, an index does not exist, a cost is negative, or the existing sites
        alone cost more than the budget.
    """
    stays, barred = np.zeros(m, bool), np.zeros(m, bool)
    for mark, given in ((stays, existing), (barred, forbidden)):
        index = np.asarray(given, dtype=np.int64).ravel()
        if len(index) and (index.min() < 0 or index.max() >= m):
            msg = f"a site is named that is not among the {m} candidates"
            raise ValueError(msg)
        mark[index] = True
    if (stays & barred).any():
        msg = f"sites both existing and forbidden: {np.flatnonzero(stays & barred).tolist()}"
        raise ValueError(msg)
    price = np.zeros(m) if cost is None else np.array(cost, dtype=np.float64)
    if price.shape != (m,) or not np.isfinite(price).all() or (price < 0).any():
        msg = f"opening costs must be {m} finite numbers, none negative"
        raise ValueError(msg)
    if price[stays].sum() > budget + 1e-9:
        msg = "the existing sites alone cost more than the budget"
        raise ValueError(msg)
    return Choice(stays, barred, price, budget)


@dataclass(frozen=True, eq=False)
class Layout:
    """Chosen sites, with what is proven about them.

    Attributes
    ----------
    value : float
        Objective, recomputed from ``sites`` and ``assignment``; ``nan`` where there is no layout.
    bound : float
        No layout can be better than this.
    gap : float
        ``|value − bound| / |value|``.
    status : str
        ``optimal``, ``feasible`` (a work limit came first), ``time_limit`` (nothing found in time) or ``infeasible``.
    sites : int64 array
        Open candidates, ascending.
    assignment : int64 array, shape (n,)
        Candidate that serves each client; -1 = none.
    unreached : int64 array
        Clients that no permitted candidate can reach: why a model is infeasible, or who stays outside.
    """

    value: float
    bound: float
    gap: float
    status: str
    sites: NDArray[np.int64]
    assignment: NDArray[np.int64]
    unreached: NDArray[np.int64]


def relative_gap(value: float, bound: float) -> float:
    """``|value − bound| / |value|``; ``inf`` if there is no bound, 0 if both are 0."""
    if value == bound:
        return 0.0
    if not np.isfinite(value) or not np.isfinite(bound):
        return float("inf")
    return abs(value - bound) / max(abs(value), 1e-12)


def status_of(value: float, bound: float) -> str:
    """``optimal``, ``feasible`` or (nothing found) ``time_limit``."""
    if not np.isfinite(value):
        return "time_limit"
    return "optimal" if relative_gap(value, bound) <= _PROVEN or abs(value - bound) <= 1e-9 else "feasible"


def no_layout(n: int, status: str, bound: float = float("nan"), unreached: NDArray[np.int64] | None = None) -> Layout:
    """A layout that does not exist."""
    none = np.empty(0, np.int64)
    return Layout(float("nan"), bound, float("inf"), status, none, np.full(n, -1, np.int64),
                  none if unreached is None else unreached)  # fmt: skip
