"""The engine under p-median, maximal cover and uncapacitated location: search from above, bounds from below, proof.

Swap search gives values, the Lagrangian relaxation bounds and fixes candidates, branch-and-bound on the relaxation or
HiGHS on what is left closes the gap.
"""

from __future__ import annotations

import time as clock
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.siting import lagrangian, swap
from models.siting.links import Links, without_sites
from models.siting.radius import solve_radius

__all__ = ["Solved", "Task", "solve"]

_STEPS = 150
_NODES = 200
_IDLE = 400
"""Perturbations without gain after which the search rests."""
_DEPTH = 400
_MANY = 15
"""Open sites from which HiGHS is asked before branch-and-bound goes deep."""
_SMALL = 30_000
"""Pairs below which HiGHS finishes sooner than a long search."""
_LARGEST = 400_000
"""Pairs up to which the rest is handed to HiGHS."""


@dataclass(frozen=True, eq=False)
class Task:
    r"""``min Σ_i min(penalty_i, min_{j open} c_ij) + Σ_{j open} opening_j`` with ``lo ≤ number open ≤ hi``.

    Attributes
    ----------
    links : Links
    penalty : float64 array, shape (n,)
        Cost of a client that is not served; finite.
    opening : float64 array, shape (m,)
    fixed : int64 array, shape (m,)
        1 = stays open, -1 = never, 0 = free.
    lo, hi : int
    """

    links: Links
    penalty: NDArray[np.float64]
    opening: NDArray[np.float64]
    fixed: NDArray[np.int64]
    lo: int
    hi: int


@dataclass(frozen=True, eq=False)
class Solved:
    """Open sites, their cost, the bound, and the multipliers that gave it (for a warm start)."""

    opened: NDArray[np.bool_]
    value: float
    bound: float
    multipliers: NDArray[np.float64]


def solve(task: Task, seconds: float, warm: Solved | None = None, target_gap: float = 0.0) -> Solved:
    """Solve to proof or until the time is over.

    Parameters
    ----------
    task : Task
    seconds : float
    warm : Solved, optional
        Answer to a neighbouring task over the same pairs.
    target_gap : float
        Relative gap that is good enough.
    """
    began = clock.monotonic()
    deadline = began + seconds
    links = _below_penalty(task)
    fixed = task.fixed.copy()
    lo, hi = min(task.lo, int((fixed >= 0).sum())), min(task.hi, int((fixed >= 0).sum()))
    whole = Task(links, task.penalty, task.opening, task.fixed, lo, hi)
    unit = _unit(whole)
    if warm is not None and lo <= int(warm.opened.sum()) <= hi:
        best = (warm.opened & (fixed >= 0)) | (fixed == 1)
    else:
        best = swap.greedy(*_rows(whole), fixed, lo, hi)
    value = swap.improve(*_rows(whole), fixed, lo, hi, best)
    u = _first_prices(whole, best) if warm is None else np.minimum(warm.multipliers, task.penalty)
    best_u, often, seen_set = u.copy(), np.zeros(links.m), best.copy()
    bound, step = -np.inf, 1.0
    random = np.random.default_rng(1)
    rest = whole
    while clock.monotonic() < deadline:
        margin = _margin(value, unit, target_gap)
        reached, seen, step = lagrangian.ascend(*_rows(rest), fixed, lo, hi, u, best_u, often, value, margin, _STEPS,
                                                step, 12, seen_set)  # fmt: skip
        bound = max(bound, reached)
        if seen < value:
            value, best = swap.improve(*_rows(whole), task.fixed, lo, hi, seen_set), seen_set.copy()
        if bound > value - _margin(value, unit, target_gap) or not (fixed == 0).any():
            break
        rest = _without(rest, fixed)
        if step < 2e-3:
            before = value
            value, best = _search(rest, best, value, often, bound + _margin(value, unit, target_gap), random,
                                  min(0.3 * seconds, deadline - clock.monotonic()))  # fmt: skip
            value = swap.improve(*_rows(whole), task.fixed, lo, hi, best)
            if value >= before or clock.monotonic() > began + 0.5 * seconds:
                break
            step = 0.02
        u = best_u.copy()
        seen_set = best.copy()
    if bound <= value - _margin(value, unit, target_gap):
        rest = Task(without_sites(links, fixed == -1), task.penalty, task.opening, fixed, lo, hi)
        value, bound, best = _close(  # type: ignore[no-untyped-call]
            whole, rest, best_u, best, value, bound, unit, target_gap, deadline
        )
    if bound > value - _margin(value, unit, 0.0):
        bound = value
    return Solved(best, value, min(bound, value), best_u)


def _search(rest: Task, best, value, often, enough, random, seconds):  # type: ignore[no-untyped-def]
    """Perturb and improve among the sites that the relaxation lately chose."""
    deadline = clock.monotonic() + seconds
    outside = (often < 1e-3) & ~best & (rest.fixed != 1)
    kernel = _without(rest, np.where(outside, -1, rest.fixed))
    fixed = np.where(outside, -1, np.maximum(rest.fixed, 0))
    attraction = often + 1e-3
    idle, p = 0, int(best.sum())
    patience = _IDLE if len(rest.links.cost) > _SMALL else _IDLE // 10
    while idle < patience and clock.monotonic() < deadline and value > enough:
        trial = best.copy()
        most = max(2, min(p, p // 8 + 2))
        swap.shake(trial, fixed, attraction, int(random.integers(1, most + 1)), int(random.integers(1 << 30)))
        cost = swap.improve(*_rows(kernel), fixed, rest.lo, rest.hi, trial)
        idle += 1
        if cost < value - 1e-9 * abs(value):
            value, best, idle = cost, trial, 0
    return value, best


def _without(task: Task, fixed: NDArray[np.int64]) -> Task:
    """The task without the pairs of sites fixed out, if that is worth copying."""
    gone = (fixed == -1)[task.links.site]
    if gone.mean() < 0.2 if len(gone) else True:
        return task
    return Task(without_sites(task.links, fixed == -1), task.penalty, task.opening, task.fixed, task.lo, task.hi)


def _rows(task: Task):  # type: ignore[no-untyped-def]
    return task.links.start, task.links.site, task.links.cost, task.penalty, task.opening


def _close(task, rest, u, best, value, bound, unit, target_gap, deadline):  # type: ignore[no-untyped-def]
    """Branch-and-bound for a while, HiGHS on what is left, branch-and-bound until the time is over."""
    rows = _rows(rest)
    depth = 1
    stack_fixed = np.zeros((_DEPTH, rest.links.m), np.int64)
    stack_u = np.zeros((_DEPTH, rest.links.n))
    stack_bound = np.full(_DEPTH, -np.inf)
    stack_fixed[0], stack_u[0], stack_bound[0] = rest.fixed, u, bound
    found, tried, margin = best.copy(), False, _margin(value, unit, target_gap)
    began = clock.monotonic()
    wait = 0.0 if rest.hi - int((rest.fixed == 1).sum()) > _MANY or len(rest.links.cost) < _SMALL else 3.0
    while depth and clock.monotonic() < deadline:
        margin = _margin(value, unit, target_gap)
        depth, value, _ = lagrangian.branch(*rows, rest.lo, rest.hi, stack_fixed, stack_u, stack_bound, depth, value,
                                            margin, _NODES, 40, found)  # fmt: skip
        best = found.copy()
        spent = clock.monotonic() - began
        if depth and not tried and spent >= wait and len(rest.links.cost) < _LARGEST:
            tried = True
            seconds = min(deadline - clock.monotonic(), max(0.6 * (deadline - clock.monotonic()), 5.0))
            opened, highs_bound = solve_radius(rest, best, seconds, max(target_gap, 1e-9))
            bound = max(bound, highs_bound)
            if opened is not None:
                cost = swap.cost_of(*_rows(task), opened)
                if cost < value:
                    value, best = cost, opened
                    found = best.copy()
            if bound > value - _margin(value, unit, target_gap):
                return value, min(bound, value), best
    open_bound = stack_bound[:depth].min() if depth else np.inf
    return value, max(bound, min(open_bound, value - (margin if target_gap else 0.0), value)), best


def _below_penalty(task: Task) -> Links:
    """Drop pairs dearer than going without, and candidates out of the question."""
    links = task.links
    row = np.repeat(np.arange(links.n), np.diff(links.start))
    kept = (links.cost < task.penalty[row]) & (task.fixed[links.site] >= 0)
    start = np.concatenate([[0], np.cumsum(np.bincount(row[kept], minlength=links.n))]).astype(np.int64)
    return Links(start, links.site[kept], links.cost[kept], links.m)


def _first_prices(task: Task, opened: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Second-nearest cost of each client at the first solution."""
    start, site, cost, penalty, _ = _rows(task)
    row = np.repeat(np.arange(len(penalty)), np.diff(start))
    use = opened[site]
    u = penalty.copy()
    clients, first, count = np.unique(row[use], return_index=True, return_counts=True)
    two = count > 1
    u[clients[two]] = cost[use][first[two] + 1]
    first_prices: NDArray[np.float64] = np.minimum(u, penalty)
    return first_prices


def _unit(task: Task) -> float:
    """1 if every cost is a whole number, else 0."""
    return 1.0 if all((array == np.round(array)).all() for array in _rows(task)[2:]) else 0.0


def _margin(value: float, unit: float, target_gap: float) -> float:
    """How far below the value a bound proves it: nothing strictly between can exist."""
    return max(unit - 1e-6 if unit else 0.0, 1e-9 * abs(value), target_gap * abs(value))
