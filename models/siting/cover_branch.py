"""Maximal cover by branch and cut: odd sets of clients cut, prices fix, depth first on what is left."""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.siting.cover_parity import odd_sets
from models.siting.cover_programme import CoverProgramme, fix_by_price

__all__ = ["branch_and_cut"]

Floats = NDArray[np.float64]
Improve = Callable[[NDArray[np.bool_], bool], tuple[NDArray[np.bool_], float]]
_ROUNDS, _DEEPER = 40, 3
"""Programmes solved at the root and at another node, cuts added from one to the next."""
_LESS, _LITTLE = 0.01, 0.1
"""Share of the gap that cuts must close to be worth another round, at the root and elsewhere."""
_DEEP, _BIG = 20, 8_000
"""Nodes after which the layout is improved at length; with more pairs than this, after the first."""
_SHARED = 0.25
"""What the sites that the first two clients of an odd set share are opened by together, at least."""
_TRIED = 6
"""Sites of which both children are solved before one is chosen."""


class _Tree:
    """What the nodes share: the programme, the best layout, and how much a site's fixing has lowered the bound."""

    def __init__(self, table: Any, weight: Floats, p: int, best: NDArray[np.bool_], value: float, margin: float,
                 deadline: float, improve: Improve) -> None:  # fmt: skip
        self.table, self.weight, self.p = table, weight, p
        self.best, self.value, self.margin, self.deadline = best, value, margin, deadline
        self.improve = improve
        self.programme: CoverProgramme
        self.drop, self.tries = np.zeros((2, table.shape[1])), np.zeros((2, table.shape[1]))
        self.nodes = 0
        self.stopped = False
        self.root: tuple[Floats, float, float, float] | None = None

    @property
    def enough(self) -> float:
        """A bound up to this proves the value."""
        return self.value + self.margin

    def offer(self, y: Floats, fixed: NDArray[np.int64], thorough: bool) -> None:
        """Round a fractional layout, and keep it if it is better."""
        want = self.p - int((fixed == 1).sum())
        free = np.flatnonzero(fixed == 0)
        layout = fixed == 1
        layout[free[np.argsort(-y[free], kind="stable")[:want]]] = True
        covered = np.asarray(self.table[:, np.flatnonzero(layout)].sum(axis=1)).ravel() > 0
        value = float(self.weight[covered].sum())
        if thorough:
            layout, value = self.improve(layout, False)
        self.take(layout, value)

    def take(self, layout: NDArray[np.bool_], value: float) -> None:
        """Keep a layout if it is better."""
        if value > self.value + 1e-9 * abs(self.value) and int(layout.sum()) == self.p:
            self.best, self.value = layout, value

    def lighten(self, fixed: NDArray[np.int64], prices: Floats) -> None:
        """Build the programme anew without the sites that are closed and the cuts that have no price."""
        sets = [one for one, price in zip(self.programme.sets, prices, strict=True) if price > 1e-9]
        self.programme = CoverProgramme(self.table, self.weight, self.p, np.flatnonzero(fixed >= 0))
        self.programme.cut(sets)


def branch_and_cut(
    table: Any,
    weight: Floats,
    p: int,
    fixed: NDArray[np.int64],
    best: NDArray[np.bool_],
    value: float,
    margin: float,
    deadline: float,
    improve: Improve,
) -> tuple[NDArray[np.bool_], float, float]:
    """Best layout, its value and the bound above it.

    Parameters
    ----------
    table : SciPy CSR array, shape (n, m)
        Who is covered from where, 0 or 1.
    weight : float64 array, shape (n,)
    p : int
    fixed : int64 array, shape (m,)
        1 = open, -1 = closed, 0 = free; written where prices decide.
    best : bool array, shape (m,)
        A layout of ``p`` sites.
    value : float
        Weight that it covers.
    margin : float
        A bound this far above the value proves it.
    deadline : float
        By ``time.monotonic``.
    improve : function
        Of a layout and whether to take long: a better layout near it, and its value.
    """
    tree = _Tree(table, weight, p, best, value, margin, deadline, improve)
    tree.programme = CoverProgramme(table, weight, p, np.flatnonzero(fixed >= 0))
    stack: list[tuple[float, NDArray[np.int64], int]] = [(float(weight.sum()), fixed, 0)]
    while stack:
        above, node, depth = stack.pop()
        if above <= tree.enough:
            continue
        if clock.monotonic() >= deadline:
            stack.append((above, node, depth))
            break
        if tree.nodes == (1 if table.nnz > _BIG else _DEEP):
            tree.take(*improve(tree.best, True))
        if tree.root is not None:
            fix_by_price(node, *tree.root, tree.enough)
        stack += _node(tree, above, node, depth)
        if tree.stopped:
            break
    bound = max([tree.value, *(above for above, _, _ in stack)])
    return tree.best, tree.value, bound


def _node(
    tree: _Tree, above: float, fixed: NDArray[np.int64], depth: int
) -> list[tuple[float, NDArray[np.int64], int]]:
    """Bound a node; its children, the more promising last, or itself where it is to be solved again."""
    tree.nodes += 1
    root, last, idle = tree.nodes == 1, np.inf, 0
    for part in range(_ROUNDS if root else _DEEPER):
        inside = int((fixed == 1).sum())
        if inside > tree.p or inside + int((fixed == 0).sum()) < tree.p:
            return []
        tree.programme.fix(fixed)
        answer = tree.programme.solve(tree.deadline - clock.monotonic())
        if answer is None:
            tree.stopped = True
            return [(above, fixed, depth)]
        y, z, u, prices = answer
        bound, v, least, most = tree.programme.proven(u, prices, fixed)
        above = min(above, bound)
        tree.offer(y, fixed, root and part < 5)
        if above <= tree.enough:
            return []
        fix_by_price(fixed, v, bound, least, most, tree.enough)
        idle = idle + 1 if last - bound < (_LESS if root else _LITTLE) * (bound - tree.value) else 0
        if idle > (1 if root else 0) or part == (_ROUNDS if root else _DEEPER) - 1:
            break
        last = min(last, bound)
        sets = odd_sets(tree.table, y, z, max(60, tree.table.shape[0]) if root else 15, near=_SHARED)
        if not sets:
            break
        tree.programme.cut(sets)
    if root:
        tree.root = (v, bound, least, most)
        tree.lighten(fixed, prices)
    fraction = np.where(fixed == 0, np.minimum(y, 1.0 - y), 0.0)
    if fraction.max() < 1e-6:  # whole, and yet above the value: the prices are not exact
        free = np.flatnonzero(fixed == 0)
        if not len(free):
            return []
        pick = int(free[0])
    else:
        pick, decided = _choose(tree, fixed, y, fraction, above)
        if decided:
            return [(above, fixed, depth)]
    children = []
    for side in (-1, 1) if y[pick] >= 0.5 else (1, -1):
        child = fixed.copy()
        child[pick] = side
        children.append((above, child, depth + 1))
    return children


def _choose(tree: _Tree, fixed: NDArray[np.int64], y: Floats, fraction: Floats, above: float) -> tuple[int, bool]:
    """Site to branch on; True besides if the node is to be solved again: a site was decided, or the time was over."""
    candidates = np.flatnonzero(fraction > 1e-6)
    share = np.stack([y, 1.0 - y])  # how far closing and opening moves the site
    mean = tree.drop.sum(axis=1) / np.maximum(tree.tries.sum(axis=1), 1.0)
    mean = np.where(mean > 0, mean, 1.0)
    rate = np.where(tree.tries > 0, tree.drop / np.maximum(tree.tries, 1.0), mean[:, None])
    score = np.prod(np.maximum(rate * share, 1e-9), axis=0)
    order = candidates[np.argsort(-score[candidates], kind="stable")]
    pick, best = int(order[0]), -1.0
    for j in order[:_TRIED].tolist():
        losses = []
        if tree.tries[:, j].min() >= 2:
            losses = (rate * share)[:, j].tolist()
        else:
            for side in (0, 1):
                child = fixed.copy()
                child[j] = 1 if side else -1
                tree.programme.fix(child)
                answer = tree.programme.solve(tree.deadline - clock.monotonic())
                if answer is None:
                    tree.stopped = True
                    return j, True
                bound, _, _, _ = tree.programme.proven(answer[2], answer[3], child)
                tree.offer(answer[0], child, False)
                lost = max(above - bound, 0.0)
                tree.drop[side, j] += lost / max(share[side, j], 1e-6)
                tree.tries[side, j] += 1
                if bound <= tree.enough:
                    fixed[j] = -1 if side else 1
                    return j, True
                losses.append(lost)
        merit = max(losses[0], 1e-6) * max(losses[1], 1e-6)
        if merit > best:
            pick, best = j, merit
    return pick, False
