"""Arrival as a function of the departure, for every class, origin and destination, in pieces.

From its start on, a piece arrives at ``arrive`` plus ``rate`` times what has passed since, at most at ``cap``: 1 while
a way takes equally long, another rate where the general speed changes on the way, a cap where a closure is waited for.
"""

from __future__ import annotations

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.traversal import NEVER

__all__ = ["Ways", "arrive", "constant_ways", "nearness"]


class Ways(NamedTuple):
    """Pieces of all pairs.

    Attributes
    ----------
    sites : int
        Origins, and destinations, of each class.
    first : int64 array (class * sites * sites + 1,)
        Pieces from ``o`` to ``d`` for class ``c`` stand from ``first[(c * sites + o) * sites + d]`` on; at least one.
    start, arrive, cap : int64 arrays, ms
        Increasing starts; ``NEVER`` as arrival: out of reach; as cap: none. Before the first start the first piece
        counts as well.
    rate : float64 array
    """

    sites: int
    first: NDArray[np.int64]
    start: NDArray[np.int64]
    arrive: NDArray[np.int64]
    cap: NDArray[np.int64]
    rate: NDArray[np.float64]


@nb.njit(cache=True, inline="always")
def arrive(sites, first, start, at, cap, rate, of, origin, target, depart):  # type: ignore[no-untyped-def]
    """Arrival of class ``of`` that leaves an origin at a time, by the fields of ``Ways``; ``NEVER`` if it cannot."""
    if origin == target:
        return depart
    row = (of * sites + origin) * sites + target
    p, last = first[row], first[row + 1] - 1
    while p < last and start[p + 1] <= depart:
        p += 1
    reached = at[p]
    if reached >= NEVER:
        return NEVER
    if rate[p] == 1.0:
        reached += depart - start[p]
    else:
        reached += int(rate[p] * (depart - start[p]))
    return min(reached, cap[p])


def nearness(ways: Ways) -> NDArray[np.int64]:
    """Driving times (ms, origin to destination) of the first class at the beginning; ``NEVER`` if out of reach."""
    begin = ways.first[: ways.sites * ways.sites]
    at = ways.arrive[begin]
    return np.where(at >= NEVER, NEVER, at - ways.start[begin]).reshape(ways.sites, ways.sites)


def constant_ways(drive_ms: ArrayLike) -> Ways:
    """Ways that take equally long at any time (``drive_ms``: class, origin, destination; ``NEVER``: no way)."""
    drive = np.asarray(drive_ms, dtype=np.int64)
    count = drive.size
    return Ways(drive.shape[1], np.arange(count + 1), np.zeros(count, np.int64), drive.reshape(-1).copy(),
                np.full(count, NEVER), np.ones(count))  # fmt: skip
