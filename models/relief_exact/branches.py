"""Branch and price: all plans, divided until none is better than the one at hand (Barnhart and others 1998).

By what plans are divided, :mod:`models.relief_exact.choices` says.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.relief_exact.choices import choose
from models.relief_exact.instance import TripInstance
from models.relief_exact.programme import Programme
from models.relief_exact.sequences import Sequences, find_sequences
from models.relief_exact.trip_columns import Branch, TripColumns
from models.relief_exact.trip_rows import MANY_ORDERS

__all__ = ["Divided", "divide"]

_MOST_NEW = 400
_MOST_CUTS = 60
_MOST_TRIPS = 10_000
"""Trips that a programme holds before anything is divided; half of them are dropped when there are more."""

_SMOOTH = 0.6
"""Share of the prices of the best bound so far in those at which trips are sought."""

_CHEAP = 0.3
"""Share of the least reduced cost of one round that those of the next are to be below."""

_PIECES = 4
"""Stretches of starts of each of which a trip is sought."""

_NEAR = 0.01
"""Share of what a branch lacks by which its bound may stay below its programme (and its square, of all)."""

_MILD, _DEAR = 5.0, 30.0
"""Cost of a task left undone: so many times that of being last, for the first bound (prices then are moderate); and
so many times that of all being last, where branches are to be ruled out."""

_BROKEN = 0.05
"""By how much a row must be broken to be added where plans have been divided."""

_MOMENTS = 3
"""Rounds of rows in which those of what has been handed over by a moment are sought too."""

_TINY = 1e-6
_WHOLE = 1e-3
"""By how much trips along one order may be made more or less than a whole number of times, to be a plan."""

_NEARLY = 0.35
"""By how much they may, to be shown as what might become one."""

_ANY = 0.5
"""By how much they may where plans cannot be divided further: whatever is nearest."""


Accept = Callable[[TripColumns, NDArray[np.float64], Sequences], float | None]


@dataclass(frozen=True, eq=False)
class Divided:
    """What is proven.

    Attributes
    ----------
    bound : float
        No plan costs less, or the ``enough`` that was asked for (-inf if nothing is known).
    root : float
        The bound before anything was divided.
    branches : int
        Solved.
    closed : bool
        Whether nothing is left below ``enough``.
    found : tuple of (TripColumns, flows)
        Plans of whole trips met on the way (on the grid; those accepted), and the flows of stock for them.
    stuck : bool
        Whether what is left below ``enough`` cannot be divided further: on this grid it can be done.
    """

    bound: float
    root: float
    branches: int
    closed: bool
    found: tuple[tuple[TripColumns, NDArray[np.float64]], ...]
    stuck: bool = False


def divide(
    instance: TripInstance,
    per_ms: NDArray[np.float64],
    until_ms: float,
    block_ms: int,
    enough: float,
    seconds: float,
    split: bool = True,
    most_branches: int = 100_000,
    first_found: bool = False,
    most_orders: int = 200_000,
    accept: Accept | None = None,
) -> Divided | None:
    """Bound the cost of plans by which all tasks are done by a time.

    Parameters
    ----------
    instance : TripInstance
        With roads that do not change.
    per_ms : float64 array (p,)
        Cost of a task per ms until it is done; of all together about one per minute.
    until_ms : float
    block_ms : int
        Grid of starts.
    enough : float
        Stop when no plan is cheaper than this.
    seconds : float
    split : bool
        Whether tasks may be done in parts; without, the bound holds for plans that do not.
    most_branches : int
    first_found : bool
        Stop at the first plan of whole trips that is met.
    most_orders : int
        Orders of stops that are followed.
    accept : callable, optional
        Shown trips that may make a plan, the flows of stock for them, and what the trips refer to: says from what cost
        on plans are no better than the best, or None where this plan is not better. Without, whole plans are accepted.

    Returns
    -------
    Divided or None
        None if there are more orders of stops than are followed.
    """
    stop_at = time.monotonic() + seconds
    sequences = find_sequences(instance, until_ms, most_orders, split, block_ms)
    if sequences is None:
        return None
    programme = Programme(instance, sequences, per_ms, until_ms, block_ms, split, _stretch(len(sequences)))
    most_trips = programme.most_trips()
    worst = per_ms * until_ms
    if worst.any():
        programme.undone(_MILD * worst + worst.mean())
    found: list[tuple[TripColumns, NDArray[np.float64]]] = []
    root, ended = _root(programme, enough, most_trips, stop_at)
    best = root
    count = itertools.count()
    open_: list[tuple[float, int, int, Branch]] = []
    solved = 1

    stuck: list[float] = []
    shown: set[tuple[int, ...]] = set()
    if not ended:
        return Divided(best, best, 1, best >= enough, ())

    def spread(bound: float, depth: int, branch: Branch) -> None:
        """Take note of a whole plan, or divide a branch further."""
        nonlocal enough
        use, flows = programme.use(), programme.flows()
        ways = choose(programme, branch, bound, enough, stop_at)
        for way in ways:
            heapq.heappush(open_, (bound, -depth - 1, next(count), way))
        if not ways:
            stuck.append(bound)
        if accept is None:
            whole = None if ways else _made(programme, use, _WHOLE)
            if whole is not None:
                found.append((whole, flows))
            return
        made = _made(programme, use, _NEARLY if ways else _ANY)
        orders = () if made is None else tuple(sorted(made.sequence.tolist()))
        if made is None or orders in shown:
            return
        shown.add(orders)
        better = accept(made, flows, sequences)
        if better is not None:
            enough = min(enough, better)
            found.append((made, flows))

    if root < enough - _TINY:
        spread(root, 0, programme.root)
    if worst.any():
        programme.undone(np.full(len(worst), _DEAR * worst.sum()))
    while open_ and time.monotonic() < stop_at and solved < most_branches and not (first_found and found):
        before, depth, _, branch = open_[0]
        if before >= min([enough, *stuck]) - _TINY:
            break
        bound, ended = _solve(programme, branch, before, enough, most_trips, stop_at)
        if not ended and bound < enough - _TINY:
            break
        heapq.heappop(open_)
        solved += 1
        if bound < min([enough, *stuck]) - _TINY:
            spread(bound, -depth, branch)
        else:
            stuck.append(bound)
    left = [entry[0] for entry in open_] + stuck
    best = min([enough, *left])
    closed = best >= enough - _TINY
    held = not closed and all(entry[0] >= min([enough, *stuck]) - _TINY for entry in open_)
    return Divided(best, root, solved, closed, tuple(found), held)


def _made(programme: Programme, use: NDArray[np.float64], off: float) -> TripColumns | None:
    """Trips of a plan; None where some order of stops is driven a number of times more than ``off`` from a whole one.

    Of trips of any type along one order from one depot as many are taken as they make together, those most used, with
    the mean of their shares.
    """
    columns, of = programme.columns, programme.of
    on = np.flatnonzero(use > _TINY)
    j = columns.sequence[on]
    _, group = np.unique(np.column_stack([of.depot[j], of.task[j]]), axis=0, return_inverse=True)
    chosen, shares = [], []
    for g in range(int(group.max(initial=-1)) + 1):
        mine = on[group.ravel() == g]
        total = float(use[mine].sum())
        times = round(total)
        if abs(total - times) > off:
            return None
        best = mine[np.argsort(-use[mine], kind="stable")[:times]]
        chosen += best.tolist()
        single = times > 1 and np.abs(use[mine] - use[mine].round()).max() < _WHOLE
        mean = np.tensordot(use[mine] / total, columns.share[mine], axes=1)
        shares += [columns.share[c] if single else mean for c in best.tolist()]
    return replace(columns.chosen(np.array(chosen, dtype=np.int64)), share=np.array(shares)) if chosen else None


def _near(value: float, bound: float, enough: float) -> bool:
    """Whether the bound of a branch is so near its programme that more trips are not worth their while."""
    return value - bound <= min(_NEAR * (enough - bound), _NEAR**2 * value)


def _stretch(sequences: int) -> float:
    """Width of stretches of loads: finer where there is less to search."""
    return 0.005 if sequences <= 2000 else 0.02 if sequences <= 3000 else 0.05


def _solved(programme: Programme, stop_at: float) -> tuple[float, NDArray[np.float64]] | None:
    """Value and duals of the programme; None if there is no time for them."""
    left = stop_at - time.monotonic()
    return programme.solve(left) if left > 0 else None


def _root(programme: Programme, enough: float, most_trips: float, stop_at: float) -> tuple[float, bool]:
    """Bound of all plans, and whether it was solved to the end.

    First tasks in one go, then in parts along the orders of stops of these trips, then along all orders; where these
    are many, at prices between those of the programme and those of the best bound so far (Wentges 1997).
    """
    many = len(programme.of) > MANY_ORDERS
    root, pieces = programme.root, 1 if many else _PIECES
    programme.keep(root)
    best, stage, below, rounds = -math.inf, 0, -_TINY, 0
    centre: NDArray[np.float64] | None = None
    while True:
        solved = _solved(programme, stop_at)
        if solved is None:
            return best, False
        value, dual = solved
        if value <= _TINY:  # no costs, and all can be done
            return max(best, 0.0), True
        if stage < 2:
            cost, trips = programme.price(dual, -_TINY, root, stage > 0, pieces * stage, known=stage > 0)
            if not len(cost):
                stage = 1 if stage == 0 and programme.split else 2
                continue
        else:
            prices = dual if centre is None or not many else _SMOOTH * centre + (1 - _SMOOTH) * dual
            cost, trips = programme.price(prices, below, root, pieces=pieces)
            least = float(cost.min(initial=below))
            bound = programme.worth(prices) + most_trips * least
            if bound > best or centre is None:
                best, centre = max(best, bound), prices
            if best >= enough - _TINY:
                return best, True
            sought, below = below, min(-_TINY, _CHEAP * least) if many else -_TINY
            if not len(cost) or (not many and _near(value, best, enough)):
                if sought == -_TINY and prices is dual and not programme.cut(_MOST_CUTS, moments=rounds < _MOMENTS):
                    return best, True
                rounds += 1
                centre = centre if sought < -_TINY else None
                continue
        programme.forget(_MOST_TRIPS)
        programme.add(trips.chosen(np.argsort(cost)[:_MOST_NEW]))


def _solve(programme: Programme, branch: Branch, known: float, enough: float, most_trips: float, stop_at: float
           ) -> tuple[float, bool]:  # fmt: skip
    """Bound of a branch, and whether it was solved to the end."""
    programme.keep(branch)
    best, stage = known, 0 if programme.split else 1
    while True:
        solved = _solved(programme, stop_at)
        if solved is None:
            return best, False
        value, dual = solved
        if value <= _TINY:  # no costs, and all can be done
            return max(best, 0.0), True
        cost, trips = programme.price(dual, -_TINY, branch, stage > 0, _PIECES if stage > 1 else 0)
        if stage > 1:
            best = max(best, programme.worth(dual) + most_trips * float(cost.min(initial=-_TINY)))
            if best >= enough - _TINY:
                return best, True
            if _near(value, best, enough):
                if programme.cut(_MOST_CUTS, _BROKEN):
                    continue
                return best, True
        if len(cost):
            programme.add(trips.chosen(np.argsort(cost)[:_MOST_NEW]))
        elif stage < 2:
            stage += 1
        else:
            return best, True
