"""Rows on when tasks are complete: early enough, only some depots can have sent the goods, and these have but so much.

A task complete before any depot outside a set can have reached it has all its goods from the set. So of the tasks that
the stock of the set does not cover together one at least is complete later: covers of a knapsack, lifted (Balas 1975).
And what is complete by a moment has been handed over by then.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.relief_exact.instance import TripInstance
from models.traversal import NEVER

__all__ = ["EarlyRow", "Scarce", "broken_covers", "broken_moments", "scarce_stock"]

_MOST_DEPOTS = 6
"""Depots above which only single ones and all but one are looked at."""

_FINE = 2000
"""Units that the stock of a set of depots is counted in at most."""


@dataclass(frozen=True, eq=False)
class EarlyRow:
    """Weights of tasks complete before blocks, less those of needs handed over before blocks, are at most so much."""

    task: NDArray[np.float64]
    task_by: NDArray[np.int64]
    need: NDArray[np.float64]
    need_by: NDArray[np.int64]
    most: float


@dataclass(frozen=True, eq=False)
class Scarce:
    """Stock of some depots that does not cover all that only they can bring in time.

    Attributes
    ----------
    tasks, units : int64 arrays (m,)
        What each asks for.
    by : int64 array (m,)
        Block before whose begin no other depot can have reached the task.
    room : int
    forced : tuple of int
        Tasks that no other depot reaches; ``room`` is what they leave.
    """

    tasks: NDArray[np.int64]
    units: NDArray[np.int64]
    by: NDArray[np.int64]
    room: int


def _reached_ms(instance: TripInstance) -> NDArray[np.float64]:
    """When a depot can have handed over something of a task at the earliest: (d, p)."""
    of, depots = instance, len(instance.docks)
    shortest = of.loading_ms * of.floor + of.convoy_ms + of.unloading_ms * of.floor
    together = of.unloading_ms * of.floor if (of.leg_ms[:, depots:] < 0).any() else 0.0
    legs = of.leg_ms[:, :depots].astype(float)
    begin = np.where(of.start_ms < NEVER, of.start_ms.astype(float), np.inf)[:, :, None]
    done = np.where(legs >= 0, begin + legs + shortest - together - 5.0, np.inf)
    return np.asarray(done.min(axis=0))


def scarce_stock(instance: TripInstance, until_ms: float, block_ms: int) -> list[Scarce]:
    """Stocks that are scarce for what only their depots can bring in time."""
    supply, depots, p = instance.supply, len(instance.docks), len(instance.size)
    if supply is None:
        return []
    reached = _reached_ms(instance)
    reached[reached > until_ms] = np.inf
    stocks_of: dict[int, frozenset[int]] = {
        int(n): frozenset(supply.stock[supply.need == n].tolist()) for n in np.unique(supply.need)
    }
    sizes = range(1, depots) if depots <= _MOST_DEPOTS else (1, depots - 1)
    result = []
    for some in itertools.chain.from_iterable(itertools.combinations(range(depots), size) for size in sizes):
        mine = np.isin(supply.depot, some)
        for stocks in sorted(set(stocks_of.values()), key=sorted):
            asked, by = np.zeros(p), np.full(p, np.inf)
            for n, of in stocks_of.items():
                if of == stocks:
                    arcs = supply.need == n
                    task = int(supply.task[arcs][0])
                    others = np.unique(supply.depot[arcs & ~mine])
                    asked[task] += supply.asked[n]
                    by[task] = min(by[task], reached[others, task].min(initial=np.inf))
            shared = any(of != stocks and of & stocks for of in stocks_of.values())
            room = float(supply.available[np.unique(supply.stock[mine & np.isin(supply.stock, sorted(stocks))])].sum())
            fine = min(1.0, _FINE / max(room, 1e-9))
            units = np.floor(asked * fine + 1e-9).astype(np.int64)
            forced = np.isinf(by)
            left = int(np.floor(room * fine + 1e-9)) - int(units[forced].sum())
            free = np.flatnonzero((units > 0) & ~forced)
            if not shared and left >= 0 and units[free].sum() > left:
                result.append(Scarce(free, units[free], (by[free] // block_ms).astype(np.int64), left))
    return result


def broken_covers(scarce: list[Scarce], early: list[NDArray[np.float64]], p: int, n: int, least: float
                  ) -> list[tuple[float, EarlyRow]]:  # fmt: skip
    """Lifted covers that values break; ``early``: of each stock's tasks, how far they are complete in time."""
    result = []
    for of, value in zip(scarce, early, strict=True):
        weight, most = _lifted(of.units, value, of.room)
        broken = float(weight @ value) - most
        if broken > least:
            task, by = np.zeros(p), np.zeros(p, dtype=np.int64)
            task[of.tasks], by[of.tasks] = weight, of.by
            result.append((broken, EarlyRow(task, by, np.zeros(n), np.zeros(n, dtype=np.int64), float(most))))
    return result


@nb.njit(cache=True, nogil=True)
def _lifted(units, value, room):  # type: ignore[no-untyped-def]
    """The cover that values break most, lifted: weights and the right-hand side."""
    m = len(units)
    order = np.argsort(-value)
    cost = np.full(room + 2, np.inf)
    chosen = np.zeros((room + 2, m), np.bool_)
    cost[0] = 0.0
    for g in order:
        lack = max(0.0, 1.0 - value[g])
        for have in range(room, -1, -1):
            if cost[have] + lack < 1.0:
                then = min(room + 1, have + units[g])
                if cost[have] + lack < cost[then]:
                    cost[then] = cost[have] + lack
                    chosen[then] = chosen[have]
                    chosen[then, g] = True
    weight = np.zeros(m)
    if not np.isfinite(cost[room + 1]):
        return weight, 0
    cover = chosen[room + 1].copy()
    total = 0
    for g in range(m):
        if cover[g]:
            total += units[g]
    for g in order[::-1]:
        if cover[g] and total - units[g] > room:
            cover[g] = False
            total -= units[g]
    most = -1
    worth = np.zeros(room + 1)
    for g in range(m):
        if cover[g]:
            most += 1
            weight[g] = 1.0
            for have in range(room, units[g] - 1, -1):
                worth[have] = max(worth[have], worth[have - units[g]] + 1.0)
    for g in order:
        if not cover[g]:
            weight[g] = most if units[g] > room else most - worth[room - units[g]]
            if units[g] > room and most == 0:
                weight[g] = 1.0
            for have in range(room, units[g] - 1, -1):
                worth[have] = max(worth[have], worth[have - units[g]] + weight[g])
    return weight, most


def broken_moments(
    task: NDArray[np.int64], need: NDArray[np.int64], use: NDArray[np.float64], complete: NDArray[np.bool_],
    share: NDArray[np.float64], block: NDArray[np.int64], late: NDArray[np.int64], p: int, n: int, least: float,
) -> list[tuple[float, EarlyRow]]:  # fmt: skip
    """Moments by which more of a task is complete than has been handed over of one of its needs.

    ``task``, ``block``, ``late``, ``complete``: of each stop of the trips in use, (c, stops); ``share``: of its needs;
    ``need``: of each task, as of :func:`models.relief_exact.trip_columns.needs`.
    """
    result = []
    for t in range(p):
        mine = task == t
        ends = complete & mine
        if not ends.any():
            continue
        rows = np.nonzero(ends)
        for m, of in enumerate(need[t].tolist()):
            if of < 0:
                continue
            best, at = least, -1
            for by in np.unique(late[rows]).tolist():
                done = float((use[:, None] * (ends & (late <= by))).sum())
                given = float((use[:, None] * np.where(mine & (block <= by), share[:, :, m], 0.0)).sum())
                if done - given > best:
                    best, at = done - given, by
            if at >= 0:
                row = EarlyRow(np.zeros(p), np.zeros(p, dtype=np.int64), np.zeros(n), np.zeros(n, dtype=np.int64), 0.0)
                row.task[t], row.task_by[t], row.need[of], row.need_by[of] = 1.0, at + 1, 1.0, at + 1
                result.append((best, row))
    return result
