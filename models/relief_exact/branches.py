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

import numpy as np
from numpy.typing import NDArray

from models.relief_exact.instance import TripInstance
from models.relief_exact.programme import Programme
from models.relief_exact.sequences import Sequences, find_sequences
from models.relief_exact.trip_columns import Branch, TripColumns

__all__ = ["Divided", "divide"]

_MOST_NEW = 400
_MOST_CUTS = 60
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
    found: list[tuple[TripColumns, NDArray[np.float64]]] = []
    root, cuts = _solve(programme, programme.root, -math.inf, enough, most_trips, stop_at, cutting=True)
    best = root
    count = itertools.count()
    open_: list[tuple[float, int, int, Branch]] = []
    solved = 1

    stuck: list[float] = []
    if cuts is None:
        return Divided(best, best, 1, best >= enough, ())

    def spread(bound: float, depth: int, branch: Branch) -> None:
        """Take note of a whole plan, or divide a branch further."""
        use = programme.use()
        ways = _ways(programme, branch, use)
        for way in ways:
            heapq.heappush(open_, (bound, -depth - 1, next(count), way))
        if not ways:
            stuck.append(bound)
            made = programme.columns.chosen(use > 0.5)
            if np.abs(use - use.round()).max(initial=0.0) < 1e-4 and not made.part.any():
                found.append((made, programme.flows()))

    if root < enough - _TINY:
        spread(root, 0, programme.root)
    while open_ and time.monotonic() < stop_at and solved < most_branches and not (first_found and found):
        before, depth, _, branch = open_[0]
        if before >= min([enough, *stuck]) - _TINY:
            break
        bound, done = _solve(programme, branch, before, enough, most_trips, stop_at, cutting=False)
        if done is None and bound < enough - _TINY:
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


def _solve(programme: Programme, branch: Branch, known: float, enough: float, most_trips: float, stop_at: float,
           cutting: bool) -> tuple[float, int | None]:  # fmt: skip
    """Bound of a branch, and the rounds that it took (None if there was no time)."""
    programme.keep(branch)
    best, rounds, stage = known, 0, 0 if programme.split else 1
    while True:
        left = stop_at - time.monotonic()
        solved = programme.solve(left) if left > 0 else None
        if solved is None:
            return best, None
        value, dual = solved
        if value <= _TINY:  # no costs, and all can be done
            return max(best, 0.0), rounds
        cost, trips = programme.price(dual, -_TINY, branch, split=stage > 0, thorough=stage > 1)
        rounds += 1
        if stage > 1:
            best = max(best, programme.worth(dual) + most_trips * float(cost.min(initial=-_TINY)))
            if best >= enough - _TINY:
                return best, rounds
        if len(cost):
            programme.add(trips.chosen(np.argsort(cost)[:_MOST_NEW]))
            stage = min(stage, 1)
        elif stage < 2:
            stage += 1
        elif not cutting or not programme.cut(_MOST_CUTS):
            return best, rounds


def _ways(programme: Programme, branch: Branch, use: NDArray[np.float64]) -> tuple[Branch, ...]:
    """Two parts of a branch, by what the programme is most undecided on; none if it is decided."""
    columns, of = programme.columns, programme.of
    on = np.flatnonzero(use > _TINY)
    p, d = programme.p, len(programme.instance.docks)
    parts, from_ = np.zeros(p), np.zeros((d, p))
    arcs = np.zeros((p, p))
    done = programme.done_ms()
    when: list[list[tuple[float, float]]] = [[] for _ in range(p)]
    for c in on.tolist():
        j = int(columns.sequence[c])
        tasks = of.task[j, : of.stops[j]].tolist()
        in_full = [not columns.part[c] >> i & 1 for i in range(len(tasks))]
        for i, n in enumerate(tasks):
            when[n].append((float(done[c, i]), float(use[c])))
            if not in_full[i]:
                parts[n] += 0.5 * use[c]
            else:
                from_[of.depot[j], n] += use[c]
                if i and in_full[i - 1]:
                    arcs[tasks[i - 1], n] += use[c]
    wholes = from_.sum(axis=0)
    free = branch.part & branch.whole.any(axis=0)
    if (free & (parts > 1e-4)).any():
        n = int(np.argmax(np.where(free, np.minimum(parts, 1.0), -1.0)))
        part, whole = branch.part.copy(), branch.whole.copy()
        part[n], whole[:, n] = False, False
        return replace(branch, part=part), replace(branch, whole=whole)
    unsure = np.minimum(from_, 1 - from_) * (wholes > 0.5)
    if unsure.max() > 1e-4:
        a, n = np.unravel_index(int(np.argmax(unsure)), unsure.shape)
        here, elsewhere, part = branch.whole.copy(), branch.whole.copy(), branch.part.copy()
        here[:, n], here[a, n], elsewhere[a, n], part[n] = False, True, False, False
        return replace(branch, whole=here, part=part), replace(branch, whole=elsewhere)
    decided = ~branch.part
    unsure = np.minimum(arcs, 1 - arcs) * (decided[:, None] & decided[None])
    if unsure.max() > 1e-4:
        a, n = np.unravel_index(int(np.argmax(unsure)), unsure.shape)
        with_, without = branch.follow.copy(), branch.follow.copy()
        with_[a, :], with_[:, n], with_[a, n], without[a, n] = False, False, True, False
        return replace(branch, follow=without), replace(branch, follow=with_)
    late = np.zeros(p)
    for n, times in enumerate(when):
        total = sum(share for _, share in times)
        mean = sum(at * share for at, share in times) / max(total, _TINY)
        late[n] = sum(abs(at - mean) * share for at, share in times if abs(at - mean) > programme.block_ms)
    n = int(np.argmax(late))
    if late[n] > 0.05 * programme.block_ms:
        times = when[n]
        mean = sum(at * share for at, share in times) / sum(share for _, share in times)
        until, since = branch.until_ms.copy(), branch.since_ms.copy()
        until[n], since[n] = min(until[n], mean), max(since[n], mean)
        return replace(branch, until_ms=until), replace(branch, since_ms=since)
    return ()
