"""Cheapest covers by branch and cut where the relaxation is near: odd sets cut, prices fix, shares of rows branch.

A node is a set cover again. It is divided by a few columns ``J``, those that two rows share (Foster and Ryan 1976) or
one column alone: either all of them are closed, or they are one more row, from which the two rows follow. So each
node is reduced anew by inclusion, and its odd sets of rows (Caprara and Fischetti 1996) may contain such rows.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.siting.cover_parity import odd_sets
from models.siting.cover_reduction import slimmed
from models.siting.cover_relaxation import CoverRelaxation, odd_rows

__all__ = ["cover_tree"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Improve = Callable[[Flags, float, int], float]
_ROUNDS, _DEEPER = 20, 4
"""Programmes solved at the root and at another node, cuts added from one to the next."""
_LESS, _LITTLE, _ALWAYS = 0.02, 0.2, 4
"""Share of the gap that cuts must close to be worth another round, at the root and elsewhere; rounds that the root has
anyway."""
_CUTS, _SOME = 500, 60
"""Cuts added at once at the root and elsewhere."""
_LEAST, _LONGEST, _NEAR = 0.02, 7, 0.4
"""Least violation of a cut, most rows in an odd set, and share that its first two rows have in common."""
_PAIRS, _SINGLES, _STEPS = 6, 2, 25
"""Divisions tried by rows and by single columns, and steps of the solver for each."""
_EVEN = 0.15, 0.85
"""Between these a share of two rows is worth dividing by."""
_SMALLER = 0.5
"""With this share of its columns left a node gets a programme of its own."""
_LOOKS = 4
"""Nodes after which a cheaper cover is sought at length, and again whenever they have doubled."""


@dataclass(frozen=True, eq=False)
class _Frame:
    """A programme and the columns that it has (numbered as in the whole table)."""

    programme: CoverRelaxation
    column: NDArray[np.int64]
    cost: Floats


@dataclass(frozen=True, eq=False)
class _Node:
    """What is left to cover, on the columns of the frame; ``more`` columns of which one must come, as a new row."""

    frame: _Frame
    table: Any
    closed: Flags
    more: NDArray[np.int64] | None
    bound: float
    height: int
    basis: Any


class _Tree:
    """What the nodes share."""

    def __init__(self, best: Flags, value: float, margin: float, aim: float, deadline: float) -> None:
        self.best, self.value, self.margin, self.most, self.deadline = best, value, margin, aim, deadline
        self.nodes = 0
        self.stopped = False

    @property
    def aim(self) -> float:
        """Cost that no bound need exceed."""
        return min(self.most, self.value)

    @property
    def enough(self) -> float:
        """A bound above this proves that a node has nothing cheaper than ``aim``."""
        return self.aim - self.margin


def cover_tree(
    table: Any,
    cost: Floats,
    closed: Flags,
    best: Flags,
    value: float,
    margin: float,
    enough: float,
    deadline: float,
    improve: Improve,
) -> tuple[float, float]:
    """Cost of the best cover and the bound below it.

    Parameters
    ----------
    table : SciPy CSR array, shape (n, m)
        Noughts and ones, no row empty.
    cost : float64 array, shape (m,)
    closed : bool array, shape (m,)
        Columns that no cheaper cover needs.
    best : bool array, shape (m,)
        A cover; written where a cheaper one is found.
    value : float
        Its cost.
    margin : float
        Covers cost less than one another by this at least (just below 1 where costs are whole numbers).
    enough : float
        A cover of this cost, or a bound above it, ends the search; ``-inf`` where the cheapest is wanted.
    deadline : float
        By ``time.monotonic``.
    improve : function
        Of a cover (written), its cost and the nodes seen: the cost of what a search from there finds.
    """
    aim = float(np.floor(enough + 1e-6)) + 1.0 if margin > 0.5 and enough > -np.inf else np.inf
    tree = _Tree(best, value, margin, aim, deadline)
    n, m = table.shape
    top = _Frame(CoverRelaxation(table, np.ones(n), cost), np.arange(m), cost)
    stack = [_Node(top, table, closed, None, -np.inf, n, None)]
    look = _LOOKS
    while stack and tree.value > enough:
        node = stack.pop()
        if node.bound > tree.enough:
            continue
        if clock.monotonic() >= deadline:
            stack.append(node)
            break
        if tree.nodes >= look:
            look *= 2
            tree.value = improve(best, tree.value, tree.nodes)
        stack += _solved(tree, node)
        if tree.stopped:
            break
    return tree.value, min([tree.aim, *(node.bound for node in stack)])


def _solved(tree: _Tree, node: _Node) -> list[_Node]:
    """Bound a node; its children, the more promising last, or itself if the time is over."""
    tree.nodes += 1
    programme, table, root = node.frame.programme, node.table, tree.nodes == 1
    if node.basis is not None:
        programme.cut_down(node.height)
        programme.stand(node.basis)
    if node.more is not None:
        row = _row(node.more, table.shape[1])
        programme.add(row, np.ones(1))
        table = _under(table, row)
    slim = slimmed(table, node.closed, node.frame.cost)
    if slim is None:
        return []
    node = replace(node, table=slim[0], closed=slim[1], more=None)
    if (~node.closed).mean() < _SMALLER:
        node = _own(node)
    found = _cut(tree, node, root)
    if found is None:
        return []
    node, y = found
    if tree.stopped:
        return [node]
    return _divided(tree, node, y)


def _cut(tree: _Tree, node: _Node, root: bool) -> tuple[_Node, Floats] | None:
    """The node with what prices and cuts have done to it, and its point; None if nothing is in it."""
    programme, last = node.frame.programme, -np.inf
    height = programme.height
    rounds, worth, many = (_ROUNDS, _LESS, _CUTS) if root else (_DEEPER, _LITTLE, _SOME)
    for part in range(rounds + 1):
        programme.close(node.closed)
        answer = programme.solve(tree.deadline)
        if answer is None:
            tree.stopped = True
            return node, np.empty(0)
        y, prices = answer
        bound, reduced = programme.proven(prices)
        node = replace(node, bound=max(node.bound, bound))
        if bound > tree.enough or _taken(tree, node, y):
            return None
        dear = ~node.closed & (bound + reduced > tree.enough)
        if dear.any():
            slim = slimmed(node.table, node.closed | dear, node.frame.cost)
            if slim is None:
                return None
            node = replace(node, table=slim[0], closed=slim[1])
        fresh = not (dear & (y > 1e-9)).any()
        idle = bound - last < worth * (tree.enough - bound) and part > (_ALWAYS if root else 0)
        if (part >= rounds or idle) and fresh:
            break
        last = bound
        if part >= rounds or idle:
            continue
        y = np.where(node.closed, 0.0, y)
        sets = odd_sets(node.table, y, np.ones(node.table.shape[0]), many, _LEAST, longest=_LONGEST, near=_NEAR)
        if sets:
            if root and part % 3 == 2:
                programme.lighten(prices, height)
            programme.add(*odd_rows(node.table, sets))
        elif fresh:
            break
    if root:
        programme.lighten(prices, height)
    return node, y


def _taken(tree: _Tree, node: _Node, y: Floats) -> bool:
    """Keep the cover that a point rounds to if it is cheaper; whether nothing below is left in the node."""
    chosen = (y > 1e-6) & ~node.closed
    if ((y > 1e-6) & (y < 1.0 - 1e-6)).any():
        return False
    cost = float(node.frame.cost[chosen].sum())
    if cost > tree.value - 0.5 * tree.margin or not (node.table @ chosen.astype(np.float64) > 0.5).all():
        return False
    tree.best[:] = False
    tree.best[node.frame.column[chosen]] = True
    tree.value = cost
    return node.bound > tree.enough


def _own(node: _Node) -> _Node:
    """The node with a programme of its own, without what is closed."""
    from scipy.sparse import vstack

    free = np.flatnonzero(~node.closed)
    rows, right = node.frame.programme.table()
    cuts = np.flatnonzero(right > 1.5)
    table = node.table[:, free].tocsr()
    whole = vstack([table, rows[cuts][:, free]]).tocsr()
    programme = CoverRelaxation(whole, np.concatenate([np.ones(table.shape[0]), right[cuts]]), node.frame.cost[free])
    frame = _Frame(programme, node.frame.column[free], node.frame.cost[free])
    return replace(node, frame=frame, table=table, closed=np.zeros(len(free), np.bool_), basis=None)


def _divided(tree: _Tree, node: _Node, y: Floats) -> list[_Node]:
    """The two children of the best of some divisions, the more promising last."""
    programme = node.frame.programme
    basis, height = programme.basis(), programme.height
    best, chosen, ahead = -1.0, None, (0.0, 0.0)
    for some in _divisions(node, np.where(node.closed, 0.0, y)):
        without, within = programme.tried(node.closed, some, _STEPS, basis)
        gains = [max(min(at, tree.aim) - node.bound, 1e-4) for at in (without, within)]
        if gains[0] * gains[1] > best:
            best, chosen, ahead = gains[0] * gains[1], some, (without, within)
    if chosen is None:
        return []
    closed = node.closed.copy()
    closed[chosen] = True
    one = replace(node, closed=closed, height=height, basis=basis)
    other = replace(node, more=chosen, height=height, basis=basis)
    return [one, other] if ahead[0] > ahead[1] else [other, one]


def _divisions(node: _Node, y: Floats) -> list[NDArray[np.int64]]:
    """Columns that two rows share and that are opened about by half, then single ones; by distance from a half."""
    table = node.table
    shares = (table @ _diagonal(y) @ table.T).tocoo()
    one, other = shares.coords
    use = (one < other) & (shares.data > _EVEN[0]) & (shares.data < _EVEN[1])
    one, other, share = one[use], other[use], shares.data[use]
    found: list[NDArray[np.int64]] = []
    seen: set[bytes] = set()
    for at in np.argsort(np.abs(share - 0.5), kind="stable"):
        both = np.intersect1d(_columns(table, one[at]), _columns(table, other[at]), assume_unique=True)
        both = both[~node.closed[both]]
        key = both[y[both] > 1e-6].tobytes()
        if key not in seen:
            seen.add(key)
            found.append(both.astype(np.int64))
            if len(found) == _PAIRS:
                break
    free = np.flatnonzero(~node.closed & (y > 1e-6) & (y < 1.0 - 1e-6))
    found += [free[at : at + 1] for at in np.argsort(np.abs(y[free] - 0.5), kind="stable")[:_SINGLES]]
    if not found:  # whole, and yet below the aim: the prices are not exact
        left = np.flatnonzero(~node.closed)
        found = [left[:1]] if len(left) else []
    return found


def _columns(table: Any, row: int) -> NDArray[np.int32]:
    mine: NDArray[np.int32] = table.indices[table.indptr[row] : table.indptr[row + 1]]
    return mine


def _diagonal(y: Floats) -> Any:
    from scipy.sparse import diags_array

    return diags_array(y).tocsr()


def _row(some: NDArray[np.int64], m: int) -> Any:
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(some)), some, np.array([0, len(some)])), shape=(1, m))


def _under(table: Any, row: Any) -> Any:
    from scipy.sparse import vstack

    return vstack([table, row]).tocsr()
