"""Stock that is released by and by, as tables for the search over arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import HOUR_MS
from dispatch.planning.problem import ReliefProblem
from dispatch.planning.supply import Lot
from dispatch.planning.timetable import Timetable
from models.traversal import NEVER

__all__ = ["Releases", "releases"]

_ENTRIES = 4000
"""Entries of the table of one stock; where there are more units, an entry stands for several."""


class Releases(NamedTuple):
    """Fields of ``models.dispatch_instance.DispatchInstance``, described there."""

    released: NDArray[np.int64]
    release_first: NDArray[np.int64]
    release_ms: NDArray[np.int64]
    release_unit: NDArray[np.int64]
    release_taken: NDArray[np.int64]


def releases(problem: ReliefProblem, depots: Sequence[str], items: Sequence[str], after: Timetable) -> Releases:
    """Tables of the stock that does not only need counting, with what is reserved of it so far."""
    rows = np.full((len(depots), len(items)), -1, dtype=np.int64)
    tables: list[NDArray[np.int64]] = []
    units: list[int] = []
    taken: list[tuple[int, int, int]] = []
    for d, depot in enumerate(depots):
        for i, item in enumerate(items):
            lots = problem.lots.get((depot, item), ())
            if not lots or (depot, item) in problem.counted:
                continue
            rows[d, i] = len(tables)
            unit = max(1, sum(lot.quantity for lot in lots) // _ENTRIES)
            taken += [(len(tables), time, quantity) for time, quantity in after.stock.reserved(depot, item)]
            tables.append(_table(lots, unit))
            units.append(unit)
    return Releases(
        rows,
        np.cumsum([0, *(len(table) for table in tables)]).astype(np.int64),
        np.concatenate([np.empty(0, np.int64), *tables]),
        np.array(units, dtype=np.int64),
        np.array(taken, dtype=np.int64).reshape(len(taken), 3),
    )


def _table(lots: Sequence[Lot], unit: int) -> NDArray[np.int64]:
    """When one, two, … times ``unit`` units are released, and all."""
    times = []
    for lot in lots:
        count = np.arange(1, lot.quantity + 1)
        if np.isinf(lot.per_h):
            times.append(np.full(lot.quantity, lot.start_ms, dtype=np.int64))
        elif lot.per_h > 0:
            # the first ms at which so many are there; rounding may make it one later than need be
            times.append(lot.start_ms + np.ceil(count / lot.per_h * HOUR_MS).astype(np.int64))
    sorted_ = np.sort(np.concatenate([np.empty(0, np.int64), *times]))
    ends = np.arange(unit - 1, len(sorted_), unit)
    if len(sorted_) and (not len(ends) or ends[-1] != len(sorted_) - 1):
        ends = np.append(ends, len(sorted_) - 1)
    table: NDArray[np.int64] = np.minimum(sorted_[ends], NEVER)
    return table
