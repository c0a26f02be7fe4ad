"""The engine under maximal cover: exchange and annealing from below, prices, cuts and branching from above.

Work, not the clock, ends each part of the search, so that a run repeats itself unless its time is over first.
"""

from __future__ import annotations

import time as clock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.siting import cover_search, lagrangian, swap
from models.siting.cover_branch import branch_and_cut
from models.siting.cover_core import core_bound
from models.siting.links import Links, table_of, without_sites
from models.siting.uncapacitated import Solved

__all__ = ["solve_cover"]

_WORK = 20_000_000
"""Pairs that one round of exchanges may look at."""
_TRIES = 16_000_000
"""Exchanges tried by annealing on the largest instances; a slice is a hundredth."""
_TRIES_PER_PAIR = 600
"""Exchanges tried for each pair of client and site on smaller ones."""
_HOT, _COLD, _FAR = 0.04, 0.002, 0.02
"""First and last temperature in units of the mean cover of a site, and the share of far exchanges."""
_SMALL = 30_000
"""Pairs up to which branch and cut needs no annealing and no prices before."""
_LARGEST = 150_000
"""Pairs up to which branch and cut is tried at all."""


def solve_cover(
    links: Links,
    weight: NDArray[np.float64],
    fixed: NDArray[np.int64],
    p: int,
    seconds: float,
    warm: Solved | None = None,
    target_gap: float = 0.0,
) -> Solved:
    """Choose ``p`` sites that leave the least weight uncovered; ``value`` and ``bound`` are weights left uncovered.

    Parameters
    ----------
    links : Links
        Who can be covered from where; costs nought.
    weight : float64 array, shape (n,)
    fixed : int64 array, shape (m,)
        1 = stays open, -1 = never, 0 = free.
    p : int
    seconds : float
    warm : Solved, optional
        Answer for a neighbouring ``p`` with ``p`` sites open.
    target_gap : float
        Relative gap of the weight *covered* that is good enough.
    """
    began = clock.monotonic()
    deadline = began + seconds
    whole = float(weight.sum())
    opening, free = np.zeros(links.m), fixed.copy()
    links = without_sites(links, fixed == -1) if (fixed == -1).any() else links
    rows = (links.start, links.site, links.cost, weight, opening)
    best = warm.opened.copy() if warm is not None else swap.greedy(*rows, fixed, p, p)
    value = whole - swap.cost_of(*rows, best)
    search = _Search(links, weight, fixed, whole)
    unit = 1.0 - 1e-6 if (weight == np.round(weight)).all() else 0.0
    u = np.minimum(warm.multipliers, weight) if warm is not None else 0.5 * weight
    value, bound = search.exchanges(best, value, min(_WORK, 50 * len(links.site))), whole
    small = len(links.site) <= _SMALL
    if not small and bound > value + _margin(value, unit, target_gap):
        margin = _margin(value, unit, target_gap)
        bound, u, often = _ascent(rows, free, p, u, whole - value, margin, began + 0.2 * seconds)
    if not small and bound > value + _margin(value, unit, target_gap):
        dull = np.where((often < 1e-3) & ~best & (fixed == 0), -1, fixed)
        kernel = _Search(without_sites(links, dull == -1), weight, dull, whole)
        value = kernel.annealing(best, value, p, _TRIES // 2, _HOT, began + 0.3 * seconds)
        value = search.annealing(best, value, p, _TRIES // 2, 0.3 * _HOT, began + 0.4 * seconds)
        value = search.exchanges(best, value, _WORK)
        margin = _margin(value, unit, target_gap)
        last = 0.9 if len(links.site) <= _LARGEST else 0.97
        again, u = core_bound(links, weight, free, p, u, value, margin, began + last * seconds)
        bound = min(bound, max(again, value))
        if (
            len(links.site) > _LARGEST and bound > value + margin
        ):  # too large to branch: the time left is for the layout
            value = search.annealing(best, value, p, _TRIES, 0.3 * _HOT, began + 0.97 * seconds)
            value = search.exchanges(best, value, _WORK)
    rest = without_sites(links, free == -1)
    if bound > value + _margin(value, unit, target_gap) and len(rest.site) <= _LARGEST:
        best, value, again = branch_and_cut(
            table_of(rest), weight, p, free, best, value, _margin(value, unit, target_gap), deadline,
            lambda layout, long: _improved(search, rows, p, layout, long, deadline),
        )  # fmt: skip
        bound = min(bound, max(again, value))
    if bound <= value + _margin(value, unit, 0.0):
        bound = value
    return Solved(best, whole - value, whole - max(bound, value), u)


def _improved(
    search: _Search, rows: tuple[Any, ...], p: int, layout: NDArray[np.bool_], long: bool, deadline: float
) -> tuple[NDArray[np.bool_], float]:
    """A better layout near this one, and the weight it covers; ``long`` by annealing."""
    found = layout.copy()
    value = float(rows[3].sum()) - swap.cost_of(*rows, found)
    if long:
        value = search.annealing(
            found, value, p, _TRIES, _HOT, clock.monotonic() + 0.3 * (deadline - clock.monotonic())
        )
    return found, search.exchanges(found, value, min(_WORK, 10 * len(rows[1])))


class _Search:
    """Clients by site beside sites by client, built once."""

    def __init__(self, links: Links, weight: NDArray[np.float64], fixed: NDArray[np.int64], whole: float) -> None:
        self._tables = (links.start, links.site, *cover_search.by_site(links), weight, fixed)
        self._pairs, self._whole = len(links.site), whole

    def exchanges(self, best: NDArray[np.bool_], value: float, work: int) -> float:
        """Improve ``best`` in place by exchanges; returns the weight it covers."""
        barred = np.zeros(len(best), np.int64)
        found, _, _ = cover_search.exchange(*self._tables, best.copy(), best, value, barred, 0, 0, 200, work,
                                            self._whole)  # fmt: skip
        return float(found)

    def annealing(
        self, best: NDArray[np.bool_], value: float, p: int, most: int, hottest: float, deadline: float
    ) -> float:
        """Improve ``best`` in place by annealing; cools faster when the time would not suffice."""
        began, opened = clock.monotonic(), best.copy()
        tries = max(min(most, _TRIES_PER_PAIR * self._pairs), 1000)
        mean, done, share = value / p, 0, 0.0
        while share < 1.0 and value < self._whole - 1e-9:
            following = max((done + tries // 100) / tries, share)
            hot, cold = (mean * hottest * (_COLD / hottest) ** at for at in (share, min(following, 1.0)))
            value = float(cover_search.anneal(*self._tables, opened, best, value, tries // 100, hot, cold, _FAR, done))
            done += tries // 100
            share = max(following, (clock.monotonic() - began) / max(deadline - began, 1e-3))
        return value


def _ascent(rows, fixed, p, u, above, margin, deadline, step: float = 1.0):  # type: ignore[no-untyped-def]
    """Raise the Lagrangian bound; ``fixed`` is written. Returns the bound, the prices and how often each was chosen."""
    bound = whole = float(rows[3].sum())
    best_u, often, seen = u.copy(), np.zeros(len(fixed)), np.zeros(len(fixed), np.bool_)
    while step > 2e-3 and clock.monotonic() < deadline:
        reached, _, step = lagrangian.ascend(*rows, fixed, p, p, u, best_u, often, above, margin, 50, step, 20,
                                             seen)  # fmt: skip
        if bound - (whole - reached) < 1e-3 * (bound - whole + above):
            step *= 0.6
        bound = min(bound, whole - reached)
        if whole - above + margin >= bound or not (fixed == 0).any():
            break
        u = best_u.copy()
    return bound, best_u, often


def _margin(value: float, unit: float, target_gap: float) -> float:
    """How far above the value a bound still proves it."""
    return max(unit, 1e-9 * abs(value), target_gap * abs(value))
