"""When an edge that enters the clock is left again: the one rule that paths, checker and simulation share.

An edge closed in [t1, t2) lets a traversal end by t1 or start at t2 or later; a slowed edge is
crossed at the product of its own and the general speed factor, integrated piece by piece. Times are
integer milliseconds and factors integer permille, so that every room computes the same number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FULL",
    "MOVES",
    "NEVER",
    "ROUGH",
    "STAYS",
    "TimedEdges",
    "time_edges",
    "traverse",
    "traverse_form",
    "traverse_path",
]

NEVER: int = 1 << 60
"""Time that never comes (ms): the end of a closure without end, the arrival at a place out of reach."""

FULL: int = 1000
"""Speed factor of an edge at its usual speed, in permille."""

STAYS, MOVES, ROUGH = 0, 1, 2
"""How an arrival follows the departure: not at all, one for one, or neither."""


@dataclass(frozen=True, eq=False)
class TimedEdges:
    """Crossing times of all edges for one vehicle class, with closures and slowdowns.

    Attributes
    ----------
    free_ms : int64 array, shape (m,)
        Crossing time at usual speed, ms; ``NEVER`` where the class may not go.
    first : int64 array, shape (m + 1,)
        Intervals of edge ``e`` are ``first[e] … first[e + 1] - 1``, sorted and disjoint.
    start_ms, end_ms : int64 arrays, shape (k,)
        The intervals [start, end), ms.
    permille : int64 array, shape (k,)
        Speed factor in the interval, 0 … 999; 0 is closed.
    pace_start_ms, pace_permille : int64 arrays, shape (p,), p >= 1
        General speed factor (night, weather) from each instant until the next; the first holds before it too.
    """

    free_ms: NDArray[np.int64]
    first: NDArray[np.int64]
    start_ms: NDArray[np.int64]
    end_ms: NDArray[np.int64]
    permille: NDArray[np.int64]
    pace_start_ms: NDArray[np.int64]
    pace_permille: NDArray[np.int64]

    def breakpoints_ms(self) -> NDArray[np.int64]:
        """Return every instant at which some speed changes, sorted, without ``NEVER``."""
        times = np.concatenate([self.start_ms, self.end_ms, self.pace_start_ms[1:]])
        return np.unique(times[times < NEVER])


def time_edges(
    free_ms: NDArray[np.int64],
    edge: NDArray[np.integer] | None = None,
    start_ms: NDArray[np.integer] | None = None,
    end_ms: NDArray[np.integer] | None = None,
    permille: NDArray[np.integer] | None = None,
    pace_start_ms: NDArray[np.integer] | None = None,
    pace_permille: NDArray[np.integer] | None = None,
) -> TimedEdges:
    """Build :class:`TimedEdges` from loose intervals; where intervals of one edge overlap the slowest counts.

    Parameters
    ----------
    free_ms : int64 array, shape (m,)
    edge, start_ms, end_ms, permille : integer arrays, shape (k,)
        Any number of intervals in any order; empty ones (end <= start) are dropped, factors are kept in 0 … 1000.
    pace_start_ms, pace_permille : integer arrays, shape (p,)
        General speed factor, sorted by start; default full speed. A factor of 0 is not allowed here.

    Raises
    ------
    ValueError
        If a factor lies outside 0 … 1000, a general factor is not positive, or the starts are not sorted.
    """
    m = len(free_ms)
    none = np.empty(0, dtype=np.int64)
    e = none if edge is None else np.asarray(edge, dtype=np.int64)
    a = none if start_ms is None else np.asarray(start_ms, dtype=np.int64)
    b = none if end_ms is None else np.asarray(end_ms, dtype=np.int64)
    p = none if permille is None else np.asarray(permille, dtype=np.int64)
    if len(p) and (p.min() < 0 or p.max() > FULL):
        msg = "speed factors must lie in 0 … 1000 permille"
        raise ValueError(msg)
    t = np.zeros(1, dtype=np.int64) if pace_start_ms is None else np.asarray(pace_start_ms, dtype=np.int64)
    q = np.full(1, FULL, dtype=np.int64) if pace_permille is None else np.asarray(pace_permille, dtype=np.int64)
    if len(t) == 0 or len(t) != len(q) or (np.diff(t) <= 0).any() or (q <= 0).any():
        msg = "general speed factors need increasing starts and positive permille"
        raise ValueError(msg)
    keep = (b > a) & (p < FULL)
    e, a, b, p = e[keep], a[keep], b[keep], p[keep]
    order = np.lexsort((a, e))
    e, a, b, p = e[order], a[order], b[order], p[order]
    if len(e) > 1 and ((e[1:] == e[:-1]) & (a[1:] < b[:-1])).any():
        e, a, b, p = _disjoint(e, a, b, p)
    first = np.zeros(m + 1, dtype=np.int64)
    np.cumsum(np.bincount(e, minlength=m), out=first[1:])
    return TimedEdges(np.ascontiguousarray(free_ms, dtype=np.int64), first, a, b, p, t, q)


@nb.njit(cache=True)
def _disjoint(e, a, b, p):  # type: ignore[no-untyped-def]
    """Cut intervals (sorted by edge) into disjoint ones: at every instant the smallest factor over it."""
    k = len(e)
    edge = np.empty(2 * k, np.int64)
    start = np.empty(2 * k, np.int64)
    end = np.empty(2 * k, np.int64)
    factor = np.empty(2 * k, np.int64)
    size = 0
    i = 0
    while i < k:
        j = i
        while j < k and e[j] == e[i]:
            j += 1
        cuts = np.sort(np.concatenate((a[i:j], b[i:j])))
        begin = size
        for c in range(len(cuts) - 1):
            if cuts[c] == cuts[c + 1]:
                continue
            low = FULL
            for r in range(i, j):
                if a[r] <= cuts[c] and b[r] >= cuts[c + 1] and p[r] < low:
                    low = p[r]
            if low == FULL:
                continue
            if size > begin and end[size - 1] == cuts[c] and factor[size - 1] == low:
                end[size - 1] = cuts[c + 1]
            else:
                edge[size], start[size], end[size], factor[size] = e[i], cuts[c], cuts[c + 1], low
                size += 1
        i = j
    return edge[:size].copy(), start[:size].copy(), end[:size].copy(), factor[:size].copy()


@nb.njit(cache=True)
def _cross(work, enter_ms, lo, hi, start_ms, end_ms, permille, pace_start_ms, pace_permille):  # type: ignore[no-untyped-def]
    """Leave time for entering at ``enter_ms`` with ``work`` permille²·ms to do, and the end of a closure met."""
    t = enter_ms
    k = lo
    while k < hi and end_ms[k] <= t:
        k += 1
    g = np.searchsorted(pace_start_ms, t, side="right")
    if g > 0:
        g -= 1
    while True:
        until = NEVER
        factor = FULL
        if k < hi:
            if start_ms[k] <= t:
                factor = permille[k]
                if factor == 0 and work > 0:
                    return NEVER, end_ms[k]
                until = end_ms[k]
            else:
                until = start_ms[k]
        if work == 0:
            return t, t
        if g + 1 < len(pace_start_ms) and pace_start_ms[g + 1] < until:
            until = pace_start_ms[g + 1]
        rate = factor * pace_permille[g]
        need = -(-work // rate)
        if t + need <= until:
            return t + need, t
        work -= rate * (until - t)
        t = until
        if k < hi and end_ms[k] <= t:
            k += 1
        if g + 1 < len(pace_start_ms) and pace_start_ms[g + 1] <= t:
            g += 1


@nb.njit(cache=True)
def traverse(  # type: ignore[no-untyped-def]
    edge,
    depart_ms,
    slowness,
    wait,
    free_ms,
    first,
    start_ms,
    end_ms,
    permille,
    pace_start_ms,
    pace_permille,
):
    """Enter and leave times (ms) of one edge for a vehicle that stands at its tail at ``depart_ms``.

    ``slowness`` multiplies the crossing time (permille, 1000 is usual). With ``wait`` the vehicle waits at the
    tail for a closure to end; without, or where the closure never ends, both times are ``NEVER``. An edge of no
    length is crossed even while closed: it has no inside to be caught in. The compiled function takes the arrays
    of :class:`TimedEdges` in their order.
    """
    if free_ms[edge] >= NEVER or depart_ms >= NEVER:
        return NEVER, NEVER
    lo = first[edge]
    hi = first[edge + 1]
    work = free_ms[edge] * slowness * FULL
    if lo == hi and len(pace_start_ms) == 1:
        return depart_ms, depart_ms - (-work // (FULL * pace_permille[0]))  # always the same, as on most roads
    enter = depart_ms
    while True:
        leave, until = _cross(work, enter, lo, hi, start_ms, end_ms, permille, pace_start_ms, pace_permille)
        if leave < NEVER:
            return enter, leave
        if not wait or until >= NEVER:
            return NEVER, NEVER
        enter = until


def traverse_path(
    timed: TimedEdges, edges: NDArray[np.integer], depart_ms: int, slowness: int = FULL, *, wait: bool = True
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Enter and leave times (ms) of each edge of a path; from the first that cannot be crossed on, ``NEVER``."""
    enter = np.full(len(edges), NEVER, dtype=np.int64)
    leave = np.full(len(edges), NEVER, dtype=np.int64)
    now = int(depart_ms)
    for k, edge in enumerate(edges):
        enter[k], leave[k] = traverse(
            int(edge),
            now,
            slowness,
            wait,
            timed.free_ms,
            timed.first,
            timed.start_ms,
            timed.end_ms,
            timed.permille,
            timed.pace_start_ms,
            timed.pace_permille,
        )
        now = int(leave[k])
        if now >= NEVER:
            break
    return enter, leave


@nb.njit(cache=True)
def traverse_form(  # type: ignore[no-untyped-def]
    edge,
    depart_ms,
    slowness,
    wait,
    free_ms,
    first,
    start_ms,
    end_ms,
    permille,
    pace_start_ms,
    pace_permille,
):
    """How the time of leaving one edge follows the time at which the vehicle stands at its tail.

    Returns
    -------
    leave : int
        As :func:`traverse` says, ``NEVER`` if not at all.
    form : int
        ``STAYS``: the same for later departures too; ``MOVES``: later by as much; ``ROUGH``: speeds change under way.
    hold : int
        Up to so many ms later the form holds; ``NEVER`` = for ever, 0 where rough.
    """
    if free_ms[edge] >= NEVER or depart_ms >= NEVER:
        return NEVER, STAYS, NEVER
    lo = first[edge]
    hi = first[edge + 1]
    work = free_ms[edge] * slowness * FULL
    if work == 0:
        return depart_ms, MOVES, NEVER
    enter = depart_ms
    while True:
        leave, until = _cross(work, enter, lo, hi, start_ms, end_ms, permille, pace_start_ms, pace_permille)
        if leave < NEVER:
            break
        if until >= NEVER:
            return NEVER, STAYS, NEVER
        if not wait:
            return NEVER, STAYS, until - depart_ms - 1
        enter = until
    if enter > depart_ms:
        return leave, STAYS, enter - depart_ms
    change = NEVER
    for k in range(lo, hi):
        if end_ms[k] > depart_ms:
            change = start_ms[k] if start_ms[k] > depart_ms else end_ms[k]
            break
    g = np.searchsorted(pace_start_ms, depart_ms, side="right")
    g = max(g, 1)  # the first speed holds before its start too
    if g < len(pace_start_ms):
        change = min(change, pace_start_ms[g])
    if leave > change:
        return leave, ROUGH, 0
    return leave, MOVES, NEVER if change >= NEVER else change - leave
