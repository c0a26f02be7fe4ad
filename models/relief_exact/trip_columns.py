"""Trips on a grid of starts as columns of a programme, what a branch bars of them, and what its rows are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.relief_exact.instance import TripInstance

__all__ = [
    "Branch",
    "TripColumns",
    "alike",
    "all_kinds",
    "as_columns",
    "broken_triples",
    "no_columns",
    "supplied",
]


@dataclass(frozen=True, eq=False)
class Branch:
    """What trips may do in a part of all plans.

    Attributes
    ----------
    whole : bool array (d, p)
        Whether a task may be done whole from a depot.
    part : bool array (p,)
        Whether it may be done in parts.
    follow : bool array (p, p)
        Whether a whole task may come right after another.
    since_ms, until_ms : float64 arrays (p,)
        When a task is complete, if it is done whole: after, and by then (in parts: by then).
    """

    whole: NDArray[np.bool_]
    part: NDArray[np.bool_]
    follow: NDArray[np.bool_]
    since_ms: NDArray[np.float64]
    until_ms: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TripColumns:
    """Trips on the grid.

    Attributes
    ----------
    sequence, start, end : int64 arrays (c,)
        Order of stops, block of the start, and place where the vehicle stands again (-1: nowhere in time).
    load_ms, last_ms : float64 arrays (c,)
    part : int64 array (c,)
        Bits of the stops that hand over a part only.
    share : float64 array (c, stops)
    """

    sequence: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    load_ms: NDArray[np.float64]
    last_ms: NDArray[np.float64]
    part: NDArray[np.int64]
    share: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.sequence)

    def chosen(self, which: Any) -> TripColumns:
        """Those of a mask or of positions."""
        return TripColumns(self.sequence[which], self.start[which], self.end[which], self.load_ms[which],
                           self.last_ms[which], self.part[which], self.share[which])  # fmt: skip


def no_columns(stops: int) -> TripColumns:
    """No trips."""
    return as_columns(np.empty((0, 8)), np.empty((0, stops)))


def as_columns(rows: NDArray[np.float64], shares: NDArray[np.float64]) -> TripColumns:
    """Rows of :func:`trip_prices.cheapest` as trips."""
    whole = rows[:, [1, 2, 3, 6]].astype(np.int64)
    return TripColumns(whole[:, 0], whole[:, 1], whole[:, 2], rows[:, 4].copy(), rows[:, 5].copy(), whole[:, 3], shares)


def all_kinds(instance: TripInstance) -> NDArray[np.bool_]:
    """Whether a depot has something for every need of a task: (d, p)."""
    supply = instance.supply
    assert supply is not None
    result = np.ones((len(instance.docks), len(instance.size)), dtype=np.bool_)
    known = {(depot, need) for depot, need, _ in supplied(instance)}
    for n, task in {(int(n), int(task)) for n, task in zip(supply.need, supply.task, strict=True)}:
        for d in range(len(result)):
            result[d, task] &= (d, n) in known
    return result


def supplied(instance: TripInstance) -> list[tuple[int, int, int]]:
    """Depot, need and task where a depot has something for a need."""
    supply = instance.supply
    if supply is None:
        return []
    return sorted({(int(d), int(n), int(t)) for d, n, t in zip(supply.depot, supply.need, supply.task, strict=True)})


@nb.njit(cache=True)
def broken_triples(cover, use, least):  # type: ignore[no-untyped-def]
    """Three tasks, and how much their row is broken."""
    n = cover.shape[1]
    rows = []
    for a in range(n):
        for b in range(a + 1, n):
            for c in range(b + 1, n):
                total = 0.0
                for i in range(len(use)):
                    if cover[i, a] + cover[i, b] + cover[i, c] >= 2:
                        total += use[i]
                if total > 1 + least:
                    rows.append((total - 1, float(a), float(b), float(c)))
    result = np.empty((len(rows), 4))
    for i in range(len(rows)):
        result[i, 0], result[i, 1], result[i, 2], result[i, 3] = rows[i]
    return result


def alike(instance: TripInstance) -> list[tuple[int, tuple[int, ...], int]]:
    """Type, times at which they can stand at a depot, and number of the vehicles that have these in common."""
    count: dict[tuple[int, tuple[int, ...]], int] = {}
    for k, at_ms in zip(instance.vehicle_type.tolist(), instance.at_ms.tolist(), strict=True):
        key = (k, tuple(at_ms))
        count[key] = count.get(key, 0) + 1
    return [(k, at_ms, number) for (k, at_ms), number in count.items()]
