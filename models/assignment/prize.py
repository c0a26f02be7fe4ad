"""Which of many places to visit when not all can be: the team orienteering problem with time windows.

Prizes are collected by tours that leave the depot and are back in time (Vansteenwegen et al. 2009, Computers &
Operations Research 36:3281: insertion by prize² over the time it shifts, with the latest shift of every stop kept),
here under ruin and recreate with annealing. Reconnaissance flights and medical rounds are of this kind.
"""

from __future__ import annotations

import time as clock
from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["PrizeTours", "collect_prizes", "tours_prize"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_CHUNK = 50


@dataclass(frozen=True, eq=False)
class PrizeTours:
    """Prize collected, and the tours: places in their order, without the depot."""

    prize: float
    tours: tuple[Ints, ...]


def tours_prize(
    time: Floats, prize: Floats, ready: Floats, due: Floats, service: Floats, tours: tuple[Ints, ...]
) -> float:  # fmt: skip
    """Prize of tours, recomputed; ``-inf`` if one is late, or a place is visited twice."""
    seen = np.concatenate([np.asarray(tour, dtype=np.int64) for tour in tours]) if tours else np.zeros(0, np.int64)
    if len(np.unique(seen)) < len(seen) or (seen == 0).any():
        return float("-inf")
    for tour in tours:
        now, at = ready[0], 0
        for place in tour:
            now = max(now + time[at, place], ready[place])
            if now > due[place] + 1e-9:
                return float("-inf")
            now, at = now + service[place], int(place)
        if now + time[at, 0] > due[0] + 1e-9:
            return float("-inf")
    return float(prize[seen].sum())


def collect_prizes(
    time: Floats, prize: Floats, ready: Floats, due: Floats, service: Floats, vehicles: int, *,
    seconds: float | None = None, iterations: int | None = None, seed: int = 1,
) -> PrizeTours:  # fmt: skip
    """Tours of the greatest prize.

    Parameters
    ----------
    time : float64 array (n + 1, n + 1)
        Node 0 is the depot.
    prize, ready, due, service : float64 arrays (n + 1,)
        Of node 0: nothing, when tours may leave, when they must be back, nothing.
    vehicles : int
    seconds, iterations : float, int, optional
        One of them at least; with iterations alone the answer depends on the seed only.
    seed : int

    Raises
    ------
    ValueError
        If neither limit is given.
    """
    if seconds is None and iterations is None:
        msg = "a limit is needed: seconds, iterations or both"
        raise ValueError(msg)
    rng = np.random.default_rng(seed)
    n = len(prize)
    route = np.zeros((vehicles, n + 1), dtype=np.int64)
    length = np.zeros(vehicles, dtype=np.int64)
    best, best_length = route.copy(), length.copy()
    time, prize, ready, due, service = (
        np.ascontiguousarray(of, dtype=np.float64) for of in (time, prize, ready, due, service)
    )
    arrays = (time, prize, ready, due, service)
    _walk(*arrays, route, length, best, best_length, 0, 0.0, 0.0, rng)  # compiled before the clock starts
    began, done = clock.monotonic(), 0
    most = np.inf if iterations is None else iterations
    scale = float(np.mean(prize[1:])) if n > 1 else 1.0
    while done < most:
        spent = clock.monotonic() - began
        if seconds is not None and spent >= seconds:
            break
        share = max(done / most, 0.0 if seconds is None else spent / seconds)
        chunk = int(min(_CHUNK, most - done))
        heat = scale * 1.5 * (0.02 / 1.5) ** (share * 3 % 1.0)
        _walk(*arrays, route, length, best, best_length, chunk, heat, heat, rng)
        done += chunk
    tours = tuple(best[v, : best_length[v]].copy() for v in range(vehicles))
    return PrizeTours(tours_prize(time, prize, ready, due, service, tours), tours)


@nb.njit(cache=True)
def _refresh(time, ready, due, service, route, length, v, start, shift):  # type: ignore[no-untyped-def]
    """Start of service at every stop of a tour, and how much later it may be."""
    now, at = ready[0], 0
    for k in range(length[v]):
        c = route[v, k]
        now = max(now + time[at, c], ready[c])
        start[v, k] = now
        now += service[c]
        at = c
    later = due[0] - (now + time[at, 0])
    for k in range(length[v] - 1, -1, -1):
        c = route[v, k]
        later = min(due[c] - start[v, k], later)
        shift[v, k] = later
        before = route[v, k - 1] if k > 0 else 0
        left = start[v, k - 1] + service[before] if k > 0 else ready[0]
        later += start[v, k] - (left + time[before, c])


@nb.njit(cache=True)
def _walk(  # type: ignore[no-untyped-def]
    time, prize, ready, due, service, route, length, best, best_length, steps, hot, cold, rng
):
    n = len(prize)
    m = len(length)
    start, shift = np.zeros((m, n + 1)), np.zeros((m, n + 1))
    absent = np.ones(n, np.bool_)
    absent[0] = False
    value = 0.0
    for v in range(m):
        for k in range(length[v]):
            absent[route[v, k]] = False
            value += prize[route[v, k]]
        _refresh(time, ready, due, service, route, length, v, start, shift)
    top = 0.0
    for v in range(m):
        for k in range(best_length[v]):
            top += prize[best[v, k]]
    saved, saved_length, saved_absent = route.copy(), length.copy(), absent.copy()
    noise = np.ones(n)
    for step in range(steps):
        heat = hot + (cold - hot) * step / steps
        saved[:] = route
        saved_length[:] = length
        saved_absent[:] = absent
        before = value
        for v in range(m):
            size = length[v]
            if size == 0 or rng.random() < 0.2:
                continue
            most = min(size, 2 + int(rng.random() * (2 + 0.4 * size)))
            first = int(rng.random() * (size - most + 1))
            for k in range(first, first + most):
                absent[route[v, k]] = True
                value -= prize[route[v, k]]
            for k in range(first, size - most):
                route[v, k] = route[v, k + most]
            length[v] = size - most
            _refresh(time, ready, due, service, route, length, v, start, shift)
        for c in range(1, n):
            noise[c] = 0.4 + 1.2 * rng.random() if rng.random() < 0.9 else 0.0
        while True:
            rank, chosen, where, place = 0.0, -1, -1, -1
            for c in range(1, n):
                if not absent[c] or prize[c] <= 0:
                    continue
                for v in range(m):
                    for k in range(length[v] + 1):
                        a = route[v, k - 1] if k > 0 else 0
                        left = start[v, k - 1] + service[a] if k > 0 else ready[0]
                        if left + time[a, c] > due[c]:
                            break
                        begin = max(left + time[a, c], ready[c])
                        if k < length[v]:
                            b = route[v, k]
                            late = begin + service[c] + time[c, b] - start[v, k]
                            if late > shift[v, k]:
                                continue
                        else:
                            b = 0
                            late = begin + service[c] + time[c, 0] - (left + time[a, 0])
                            if begin + service[c] + time[c, 0] > due[0]:
                                continue
                        longer = max(begin - left + service[c] + time[c, b] - time[a, b], 0.01)
                        worth = prize[c] * prize[c] / max(max(late, 0.0) * 0.7 + longer * 0.3, 0.01) * noise[c]
                        if worth > rank:
                            rank, chosen, where, place = worth, c, v, k
            if chosen < 0:
                break
            for k in range(length[where], place, -1):
                route[where, k] = route[where, k - 1]
            route[where, place] = chosen
            length[where] += 1
            absent[chosen] = False
            value += prize[chosen]
            _refresh(time, ready, due, service, route, length, where, start, shift)
        if value > top:
            top = value
            best[:] = route
            best_length[:] = length
        if value < before and rng.random() >= np.exp((value - before) / max(heat, 1e-9)):
            route[:] = saved
            length[:] = saved_length
            absent[:] = saved_absent
            value = before
            for v in range(m):
                _refresh(time, ready, due, service, route, length, v, start, shift)
