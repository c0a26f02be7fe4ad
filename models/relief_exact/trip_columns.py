"""Trips on a grid of starts as columns of a programme, what a branch bars of them, and what its rows are made of."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.relief_exact.instance import TripInstance

__all__ = [
    "Branch",
    "TripColumns",
    "alike",
    "all_plans",
    "as_columns",
    "needs",
    "no_columns",
]


@dataclass(frozen=True, eq=False)
class Branch:
    """What trips may do in a part of all plans.

    Attributes
    ----------
    whole : bool array (k, d, p)
        Whether a task may be done whole from a depot by a type.
    least, most : float64 arrays (d, p)
        Stops at which a depot hands over a part of a task.
    further : float64 array (p,)
        Stops at which a task gets parts, beyond two, at least.
    only_two : bool array (p,)
        Whether there are no more than two.
    follow : bool array (p + 1, p + 1)
        Whether a task may come right after another; the last row and column are the depot.
    since_ms, until_ms : float64 arrays (p,)
        When a task is complete: after, and by then.
    """

    whole: NDArray[np.bool_]
    least: NDArray[np.float64]
    most: NDArray[np.float64]
    further: NDArray[np.float64]
    only_two: NDArray[np.bool_]
    follow: NDArray[np.bool_]
    since_ms: NDArray[np.float64]
    until_ms: NDArray[np.float64]

    @property
    def in_parts(self) -> NDArray[np.bool_]:
        """Tasks that may be done in parts."""
        return np.asarray((self.most > 0).any(axis=0))

    @property
    def in_one(self) -> NDArray[np.bool_]:
        """Tasks that may be done whole."""
        return np.asarray(self.whole.any(axis=(0, 1)))


def all_plans(instance: TripInstance, split: bool) -> Branch:
    """Everything that may be done, in parts too or not."""
    k, d, p = len(instance.capacity), len(instance.docks), len(instance.size)
    whole = np.ones((d, p), dtype=np.bool_) if instance.supply is None else _all_kinds(instance)
    return Branch(
        np.repeat(whole[None], k, axis=0), np.zeros((d, p)), np.full((d, p), np.inf if split else 0.0),
        np.zeros(p), np.zeros(p, dtype=np.bool_),
        np.ones((p + 1, p + 1), dtype=np.bool_), np.full(p, -np.inf), np.full(p, np.inf),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class TripColumns:
    """Trips on the grid.

    Attributes
    ----------
    sequence, start, end : int64 arrays (c,)
        Order of stops, block of the start, and place where the vehicle stands again (-1: nowhere in time).
    load_ms, last_ms : float64 arrays (c,)
    part, final, early : int64 arrays (c,)
        Bits of the stops that hand over a part only; of those that complete a task in parts; and of those that count
        as coming before.
    major : int64 array (c,)
        Bits of the measured needs of which a trip hands over more than half.
    share : float64 array (c, stops, needs of a task)
    """

    sequence: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    load_ms: NDArray[np.float64]
    last_ms: NDArray[np.float64]
    part: NDArray[np.int64]
    final: NDArray[np.int64]
    early: NDArray[np.int64]
    major: NDArray[np.int64]
    share: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.sequence)

    def chosen(self, which: Any) -> TripColumns:
        """Those of a mask or of positions."""
        return TripColumns(*(getattr(self, field.name)[which] for field in fields(self)))


def no_columns(stops: int, goods: int) -> TripColumns:
    """No trips."""
    return as_columns(np.empty((0, 11)), np.empty((0, stops, goods)))


def as_columns(rows: NDArray[np.float64], shares: NDArray[np.float64]) -> TripColumns:
    """Rows of :func:`trip_prices.cheapest` as trips."""
    sequence, start, end, part, final, early, major = rows[:, [1, 2, 3, 6, 8, 9, 10]].astype(np.int64).T
    return TripColumns(sequence, start, end, rows[:, 4].copy(), rows[:, 5].copy(), part, final, early, major, shares)


def _all_kinds(instance: TripInstance) -> NDArray[np.bool_]:
    """Whether a depot has something for every need of a task: (d, p)."""
    supply = instance.supply
    assert supply is not None
    result = np.ones((len(instance.docks), len(instance.size)), dtype=np.bool_)
    known = set(zip(supply.depot.tolist(), supply.need.tolist(), strict=True))
    for n, task in {(int(n), int(task)) for n, task in zip(supply.need, supply.task, strict=True)}:
        for d in range(len(result)):
            result[d, task] &= (d, n) in known
    return result


def needs(instance: TripInstance, apart: bool = True) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Needs of each task, (p, most needs of one), -1 after the last; and each one's share of its task's load, (n,).

    Those come first of which most is asked for what there is. Without a supply, or not taken ``apart``, each task has
    one.
    """
    p, supply = len(instance.size), instance.supply
    if supply is None or not apart:
        return np.arange(p)[:, None], np.ones(p)
    task = np.zeros(len(supply.asked), dtype=np.int64)
    task[supply.need] = supply.task
    weight = np.full(len(task), np.inf)
    np.minimum.at(weight, supply.need, supply.credit * supply.asked[supply.need])
    stocked = np.zeros((len(task), len(supply.available)), dtype=np.bool_)
    stocked[supply.need, supply.stock] = True
    asked = stocked.T.astype(float) @ supply.asked
    tension = (stocked @ asked) / np.maximum(stocked @ supply.available, 1e-9)
    of = [sorted(np.flatnonzero(task == n).tolist(), key=lambda need: (-tension[need], need)) for n in range(p)]
    most = max(map(len, of))
    return np.array([mine + [-1] * (most - len(mine)) for mine in of]), np.where(np.isfinite(weight), weight, 0.0)


def alike(instance: TripInstance) -> list[tuple[int, tuple[int, ...], int]]:
    """Type, times at which they can stand at a depot, and number of the vehicles that have these in common."""
    count: dict[tuple[int, tuple[int, ...]], int] = {}
    for k, at_ms in zip(instance.vehicle_type.tolist(), instance.at_ms.tolist(), strict=True):
        key = (k, tuple(at_ms))
        count[key] = count.get(key, 0) + 1
    return [(k, at_ms, number) for (k, at_ms), number in count.items()]
