"""Branch and price: all plans, divided until none is better than the one at hand (Barnhart and others 1998).

Divided is by what plans do: a task whole or in parts, whole from a depot or not, one whole task right after another or
not, a task complete by a time or not. None of it needs a row: it only bars trips.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.relief_exact.instance import TripInstance
from models.relief_exact.programme import Programme
from models.relief_exact.sequences import Sequences, find_sequences
from models.relief_exact.trip_columns import Branch, TripColumns

__all__ = ["Divided", "divide"]

_MOST_NEW = 400
_MOST_CUTS = 60
_MOST_TRIPS = 10_000
"""Trips that a programme holds before anything is divided; half of them are dropped when there are more."""

_MANY_ORDERS = 5000
"""Orders of stops above which prices are smoothed; with fewer the programme itself is solved sooner."""

_SMOOTH = 0.6
"""Share of the prices of the best bound so far in those at which trips are sought."""

_CHEAP = 0.3
"""Share of the least reduced cost of one round that those of the next are to be below."""

_MILD, _DEAR = 5.0, 30.0
"""Cost of a task left undone: so many times that of being last, for the first bound (prices then are moderate); and
so many times that of all being last, where branches are to be ruled out."""

_TINY = 1e-6


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
        Plans of whole trips and whole tasks met on the way (on the grid), and the flows of stock for them.
    sequences : Sequences or None
        What the trips refer to.
    """

    bound: float
    root: float
    branches: int
    closed: bool
    found: tuple[tuple[TripColumns, NDArray[np.float64]], ...]
    sequences: Sequences | None = None


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
    if not ended:
        return Divided(best, best, 1, best >= enough, ())

    def spread(bound: float, depth: int, branch: Branch) -> None:
        """Take note of a whole plan, or divide a branch further."""
        use = programme.use()
        ways = _ways(programme, branch)
        for way in ways:
            heapq.heappush(open_, (bound, -depth - 1, next(count), way))
        if not ways:
            stuck.append(bound)
            made = programme.columns.chosen(use > 0.5)
            if np.abs(use - use.round()).max(initial=0.0) < 1e-4 and not made.part.any():
                found.append((made, programme.flows()))

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
    return Divided(best, root, solved, best >= enough - _TINY, tuple(found), sequences)


def _stretch(sequences: int) -> float:
    """Width of stretches of loads: finer where there is less to search."""
    return 0.02 if sequences <= 3000 else 0.05


def _solved(programme: Programme, stop_at: float) -> tuple[float, NDArray[np.float64]] | None:
    """Value and duals of the programme; None if there is no time for them."""
    left = stop_at - time.monotonic()
    return programme.solve(left) if left > 0 else None


def _root(programme: Programme, enough: float, most_trips: float, stop_at: float) -> tuple[float, bool]:
    """Bound of all plans, and whether it was solved to the end.

    First tasks in one go, then in parts along the orders of stops of these trips, then along all orders; where these
    are many, at prices between those of the programme and those of the best bound so far (Wentges 1997).
    """
    many = len(programme.of) > _MANY_ORDERS
    root = programme.root
    programme.keep(root)
    best, stage, below = -math.inf, 0, -_TINY
    centre: NDArray[np.float64] | None = None
    while True:
        solved = _solved(programme, stop_at)
        if solved is None:
            return best, False
        value, dual = solved
        if value <= _TINY:  # no costs, and all can be done
            return max(best, 0.0), True
        if stage < 2:
            cost, trips = programme.price(dual, -_TINY, root, split=stage > 0, thorough=stage > 0, known=stage > 0)
            if not len(cost):
                stage = 1 if stage == 0 and programme.split else 2
                continue
        else:
            prices = dual if centre is None or not many else _SMOOTH * centre + (1 - _SMOOTH) * dual
            cost, trips = programme.price(prices, below, root)
            least = float(cost.min(initial=below))
            bound = programme.worth(prices) + most_trips * least
            if bound > best or centre is None:
                best, centre = max(best, bound), prices
            if best >= enough - _TINY:
                return best, True
            sought, below = below, min(-_TINY, _CHEAP * least) if many else -_TINY
            if not len(cost):
                if sought == -_TINY and prices is dual and not programme.cut(_MOST_CUTS):
                    return best, True
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
        cost, trips = programme.price(dual, -_TINY, branch, split=stage > 0, thorough=stage > 1)
        if stage > 1:
            best = max(best, programme.worth(dual) + most_trips * float(cost.min(initial=-_TINY)))
            if best >= enough - _TINY:
                return best, True
        if len(cost):
            programme.add(trips.chosen(np.argsort(cost)[:_MOST_NEW]))
            stage = min(stage, 1)
        elif stage < 2:
            stage += 1
        else:
            return best, True


@dataclass(frozen=True, eq=False)
class _Use:
    """What the trips of a solution do.

    Whole tasks by type and depot, parts by depot, tasks completed in parts, parts beyond two, what follows what, and
    when tasks are complete (end and use of each stop that completes them) and get other parts.
    """

    whole: NDArray[np.float64]
    part: NDArray[np.float64]
    final: NDArray[np.float64]
    further: NDArray[np.float64]
    arcs: NDArray[np.float64]
    when: list[list[tuple[float, float]]]
    before: list[list[tuple[float, float]]]


def _used(programme: Programme) -> _Use:
    """Read a solution."""
    columns, of = programme.columns, programme.of
    k, d, p = len(programme.instance.capacity), len(programme.instance.docks), programme.p
    use = programme.use()
    result = _Use(np.zeros((k, d, p)), np.zeros((d, p)), np.zeros(p), np.zeros(p), np.zeros((p + 1, p + 1)),
                  [[] for _ in range(p)], [[] for _ in range(p)])  # fmt: skip
    done = programme.done_ms()
    for c in np.flatnonzero(use > _TINY).tolist():
        j = int(columns.sequence[c])
        kind, depot, before = int(of.vehicle_type[j]), int(of.depot[j]), p
        for i, n in enumerate(of.task[j, : of.stops[j]].tolist()):
            final = bool(int(columns.final[c]) >> i & 1)
            if int(columns.part[c]) >> i & 1:
                result.part[depot, n] += use[c]
                result.final[n] += use[c] if final else 0.0
                result.further[n] += 0.0 if final or int(columns.early[c]) >> i & 1 else use[c]
            else:
                result.whole[kind, depot, n] += use[c]
                final = True
            (result.when if final else result.before)[n].append((float(done[c, i]), float(use[c])))
            result.arcs[before, n] += use[c]
            before = n
        result.arcs[before, p] += use[c]
    return result


def _ways(programme: Programme, branch: Branch) -> tuple[Branch, ...]:
    """Two parts of a branch, by what the programme is most undecided on; none if it is decided."""
    of = _used(programme)
    return (
        _whole_or_not(branch, of)
        or _depot(branch, of)
        or _further(branch, of)
        or _parts(branch, of)
        or _follower(branch, of)
        or _moment(branch, of, programme.block_ms)
    )


def _whole_or_not(branch: Branch, of: _Use) -> tuple[Branch, ...]:
    """A task in parts, or in one go."""
    parts = np.maximum(of.final, 0.5 * of.part.sum(axis=0))
    free = branch.in_parts & branch.in_one
    if not (free & (parts > 1e-4)).any():
        return ()
    n = int(np.argmax(np.where(free, np.minimum(parts, 1.0), -1.0)))
    return _in_one_go(branch, n), replace(branch, whole=_with(branch.whole, (slice(None), slice(None), n), False))


def _in_one_go(branch: Branch, n: int) -> Branch:
    return replace(branch, most=_with(branch.most, (slice(None), n), 0.0))


def _depot(branch: Branch, of: _Use) -> tuple[Branch, ...]:
    """A task whole from a depot, or not; then, by a type or not."""
    for axis in (0, None):
        from_ = of.whole if axis is None else of.whole.sum(axis=axis, keepdims=True)
        open_ = branch.whole if axis is None else branch.whole.any(axis=axis, keepdims=True)
        unsure = np.minimum(from_, 1 - from_) * (of.whole.sum(axis=(0, 1)) > 0.5) * (open_.sum(axis=(0, 1)) > 1)
        if unsure.max() <= 1e-4:
            continue
        k, d, n = (int(x) for x in np.unravel_index(int(np.argmax(unsure)), unsure.shape))
        at = (slice(None) if axis == 0 else k, d, n)
        here = _with(branch.whole, (slice(None), slice(None), n), False)
        here[at] = branch.whole[at]
        return replace(_in_one_go(branch, n), whole=here), replace(branch, whole=_with(branch.whole, at, False))
    return ()


def _further(branch: Branch, of: _Use) -> tuple[Branch, ...]:
    """A task in two parts, or in more."""
    more = of.further * (~branch.in_one & ~branch.only_two & (branch.further < 1))
    if more.max(initial=0.0) <= 1e-4:
        return ()
    n = int(np.argmax(more))
    return (replace(branch, only_two=_with(branch.only_two, n, True)),
            replace(branch, further=_with(branch.further, n, 1.0)))  # fmt: skip


def _parts(branch: Branch, of: _Use) -> tuple[Branch, ...]:
    """How many stops hand over parts of a task from a depot."""
    inside = (np.floor(of.part) >= branch.least) & (np.ceil(of.part) <= branch.most)
    unsure = np.abs(of.part - of.part.round()) * ~branch.in_one * inside
    if unsure.max() <= 1e-4:
        return ()
    a, n = np.unravel_index(int(np.argmax(unsure)), unsure.shape)
    below = math.floor(of.part[a, n])
    return (
        replace(branch, most=_with(branch.most, (a, n), float(below))),
        replace(branch, least=_with(branch.least, (a, n), float(below + 1))),
    )


def _follower(branch: Branch, of: _Use) -> tuple[Branch, ...]:
    """A task in one go right before or after another, or the depot, or not."""
    decided = np.append(~branch.in_parts, False)
    others = branch.follow.sum(axis=1)[:, None] > 1, branch.follow.sum(axis=0)[None] > 1
    unsure = np.minimum(of.arcs, np.abs(1 - of.arcs))
    unsure *= branch.follow & ((decided[:, None] & others[0]) | (decided[None] & others[1]))
    if unsure.max() <= 1e-4:
        return ()
    a, n = np.unravel_index(int(np.argmax(unsure)), unsure.shape)
    with_ = branch.follow.copy()
    if decided[a]:
        with_[a, :] = False
    if decided[n]:
        with_[:, n] = False
    with_[a, n] = branch.follow[a, n]
    return replace(branch, follow=_with(branch.follow, (a, n), False)), replace(branch, follow=with_)


def _moment(branch: Branch, of: _Use, block_ms: int) -> tuple[Branch, ...]:
    """A task complete by a time, or after it."""
    widest, found = 0.05 * block_ms, None
    for n, times in enumerate(of.when):
        total = sum(share for _, share in times)
        mean = sum(at * share for at, share in times) / max(total, _TINY)
        late = sum(abs(at - mean) * share for at, share in times if abs(at - mean) > block_ms)
        if late > widest:
            widest, found = late, (n, mean)
        after = [(at, share) for at, share in of.before[n] if at > mean + 2 * block_ms]
        late = sum((at - mean) * share for at, share in after)
        if late > widest:
            widest, found = late, (n, (mean + min(at for at, _ in after)) / 2)
    if found is None:
        return ()
    n, mean = found
    return (replace(branch, until_ms=_with(branch.until_ms, n, min(branch.until_ms[n], mean))),
            replace(branch, since_ms=_with(branch.since_ms, n, max(branch.since_ms[n], mean))))  # fmt: skip


def _with(array: NDArray[Any], at: Any, value: Any) -> NDArray[Any]:
    """A copy with one entry changed."""
    result = array.copy()
    result[at] = value
    return result
