"""The search: annealing over ruin and recreate, from nothing to the end of its time or work.

Tours are kept feasible throughout; customers that find no place are absent at a price, and come back as soon as one
opens. Christiaens and Vanden Berghe (2020) for the scheme; temperatures follow the mean worth of a customer. Where
nothing is timed and no vehicle comes back for more, :mod:`models.routing.coolings` does it, several times as fast.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.routing.chunks import CHUNK, CHUNK_S, next_chunk
from models.routing.coolings import search_chains
from models.routing.instance import RoutingInstance, routing_instance
from models.routing.ruin import recreate, ruin, take_out
from models.routing.tolerance import REVIEW, absent_less_often, reviewed_toll
from models.routing.tours import Tours, empty_tours, refresh

__all__ = ["RoutingSolution", "solve"]

_NEIGHBOURS = 60
"""Neighbours whose tours are tried, where there are more than twice as many customers."""

_BLINK = 0.01
_HEAT = ((0.1, 0.01), (0.2, 0.02), (0.3, 0.003), (0.25, 0.05))
"""Temperatures of each cooling, as shares of a customer's mean worth: of cost, of cost with reloading, of arrivals, of
tight fleets.

Found by trial on published instances."""

_COOLING_S, _COOLING_STEPS = 0.3, 3000
"""Length of a cooling for each customer, so that the search of a small instance is heated up again and again."""

_ABSENT = 20.0
"""Price of an absent customer, in mean worths of a customer."""

_TIGHT = 0.95
"""Share of the fleet's capacity from which overloading is allowed on the way, at a toll."""

_TOLL_RANGE = 4.0
"""How far the toll may move from its first value, up and down."""


@dataclass(frozen=True)
class RoutingSolution:
    """Tours found.

    Attributes
    ----------
    tours : tuple of tuples of int64 arrays
        Of each vehicle in use its trips in order, each an array of customers (1 … n).
    absent : int64 array
        Customers without a tour; none if all could be served.
    worth : float
        Of the objective, without those absent.
    iterations : int
    seconds : float
    """

    tours: tuple[tuple[NDArray[np.int64], ...], ...]
    absent: NDArray[np.int64]
    worth: float
    iterations: int
    seconds: float


@nb.njit(cache=True)
def _walk(  # type: ignore[no-untyped-def]
    inst, tours, near, far, absent, counts, best_node, best_length, best_absent, totals, steps, hot, cold, price, rng,
    saved_node, saved_length, stamp, missed
):  # fmt: skip
    """Take so many steps while the temperature falls from ``hot`` to ``cold``.

    ``counts``: absent now, absent in the best; ``totals``: worth now, worth of the best,
    load beyond capacity now, its toll a unit, and what that was at first; ``missed``: how often each customer was
    absent so far. Where some are absent, a change that leaves out those who are so less often is always taken
    (Christiaens and Vanden Berghe's fleet minimisation).
    """
    nodes, fleet = len(inst.demand), len(tours.length)
    marked = np.zeros(nodes, np.bool_)
    touched = np.zeros(fleet, np.bool_)
    string = np.zeros(nodes, np.int64)
    key = np.zeros(nodes)
    was_absent = np.zeros(nodes, np.int64)
    within = 0
    for step in range(steps):
        temperature = hot * (cold / hot) ** (step / steps)
        toll = totals[3]
        before = counts[0]
        was_absent[:before] = absent[:before]
        touched[:] = False
        gone = ruin(inst, tours, near, absent, before, marked, touched, string, rng)
        take_out(inst, tours, marked, touched, saved_node, saved_length)
        for k in range(gone):
            marked[absent[k]] = False
        left = recreate(inst, tours, near, far, absent, gone, key, touched, stamp, _BLINK, toll, rng,
                        saved_node, saved_length)  # fmt: skip
        worth = excess = 0.0
        for v in range(fleet):
            worth += tours.worth[v]
            excess += tours.excess[v]
        change = worth - totals[0] + price * (left - before)
        if toll < np.inf:
            change += toll * (excess - totals[2])
        easier = False
        if before > 0 and excess <= 1e-9:
            easier = absent_less_often(missed, was_absent, before, absent, left)
        if easier or change < -temperature * np.log(rng.random()):
            counts[0] = left
            totals[0] = worth
            totals[2] = excess
            if excess > 1e-9:
                pass
            elif left < counts[1] or (left == counts[1] and worth < totals[1] - 1e-9):
                counts[1] = left
                totals[1] = worth
                best_absent[:left] = absent[:left]
                for v in range(fleet):
                    m = tours.length[v]
                    best_length[v] = m
                    best_node[v, :m] = tours.node[v, :m]
        else:
            counts[0] = before
            for k in range(left):
                tours.vehicle[absent[k]] = -1
            absent[:before] = was_absent[:before]
            for v in range(fleet):
                if touched[v]:
                    m = saved_length[v]
                    tours.length[v] = m
                    tours.node[v, :m] = saved_node[v, :m]
                    refresh(inst, tours, v)
            for k in range(before):
                tours.vehicle[absent[k]] = -1
                tours.position[absent[k]] = -1
        if toll < np.inf:
            within += totals[2] <= 1e-9
            if (step + 1) % REVIEW == 0:
                totals[3] = reviewed_toll(toll, within, totals[4], _TOLL_RANGE)
                within = 0


def solve(
    instance: RoutingInstance,
    *,
    seconds: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> RoutingSolution:
    """Search for good tours until the time or the work is used up, whichever comes first.

    Compiling at the very first call of a machine does not count.

    Parameters
    ----------
    instance : RoutingInstance
    seconds : float, optional
    iterations : int, optional
        With this alone, the answer depends on the instance and the seed only.
    seed : int
    clock : callable
        That ``seconds`` are read from: ``time.process_time`` where other processes are not to matter.

    Raises
    ------
    ValueError
        If neither limit is given.
    """
    if seconds is None and iterations is None:
        raise ValueError("a limit is needed: seconds, iterations or both")
    _compiled()
    return _search(instance, seconds, iterations, seed, clock)


def _search(
    instance: RoutingInstance, seconds: float | None, iterations: int | None, seed: int, clock: Callable[[], float]
) -> RoutingSolution:
    """Do what :func:`solve` says."""
    begun = clock()
    near, far = _neighbours(instance)
    if not instance.timed and not instance.reload:
        found, missing, value, steps = search_chains(instance, near, seconds, iterations, seed, clock, _tight(instance))
        return RoutingSolution(found, missing, value, steps, clock() - begun)
    n = len(instance.demand) - 1
    rng = np.random.default_rng(seed)
    tours = empty_tours(instance)
    absent = np.zeros(n + 1, np.int64)
    absent[:n] = np.arange(1, n + 1)
    key, stamp = np.zeros(n + 1), np.zeros(instance.vehicles + 1, np.int64)
    saved_node, saved_length = np.zeros_like(tours.node), np.zeros_like(tours.length)
    touched, missed = np.ones(instance.vehicles, np.bool_), np.zeros(n + 1, np.int64)
    left = recreate(
        instance, tours, near, far, absent, n, key, touched, stamp, 0.0, np.inf, rng, saved_node, saved_length
    )
    counts = np.array([left, left], dtype=np.int64)
    worth = float(tours.worth.sum())
    scale = worth / max(1, n - left) or float(instance.time.mean()) or 1.0
    toll = scale / max(float(instance.demand[1:].mean()), 1e-9) if n and _tight(instance) else np.inf
    totals = np.array([worth, worth, 0.0, toll, toll])
    best = tours._replace(node=tours.node.copy(), length=tours.length.copy())
    best_absent = absent.copy()
    done, chunk, most = 0, CHUNK if seconds is None else 1, math.inf if iterations is None else iterations
    work = (iterations or 0) / _COOLING_STEPS if seconds is None else seconds / _COOLING_S
    often = 3.0 if toll < np.inf else 1.0
    cycles = max(1, round(often * work / max(1, n)))
    heat = _HEAT[3 if toll < np.inf else (2 if instance.by_arrival else int(instance.reload))]
    while n > 1 and done < most:
        spent = clock() - begun
        if seconds is not None and spent >= seconds:
            break
        chunk = int(min(chunk, most - done))
        share = max(done / most, 0.0 if seconds is None else spent / seconds)
        ahead = chunk / most
        if seconds is not None:
            ahead = max(ahead, CHUNK_S / seconds)
        cooled, ahead = share * cycles % 1.0, min(1.0, ahead * cycles)
        hot, cold = (scale * heat[0] * (heat[1] / heat[0]) ** min(1.0, part) for part in (cooled, cooled + ahead))
        _walk(instance, tours, near, far, absent, counts, best.node, best.length, best_absent, totals, chunk, hot, cold,
              _ABSENT * scale, rng, saved_node, saved_length, stamp, missed)  # fmt: skip
        done += chunk
        took = clock() - begun - spent
        if seconds is not None:
            chunk = next_chunk(chunk, took)
    return RoutingSolution(_trips(best), np.sort(best_absent[: counts[1]]), float(totals[1]), done, clock() - begun)


@cache
def _compiled() -> None:
    """Compile, or read what was compiled."""
    for reload in (False, True):
        small = routing_instance(np.ones((4, 4)), [0.0, 1.0, 1.0, 1.0], 2.0, reload=reload)
        _search(small, None, 1, 0, time.monotonic)


def _tight(instance: RoutingInstance) -> bool:
    """Whether loads fill the fleet so far that the way to good tours leads through overloading."""
    room = instance.capacity * instance.vehicles
    return not instance.reload and float(instance.demand[1:].sum()) > _TIGHT * room


def _neighbours(instance: RoutingInstance) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Customers next to each by mean time there and back, nearest first; and each one's distance from the depot."""
    there = (instance.time + instance.time.T) / 2
    n = len(there) - 1
    near = np.zeros((n + 1, n - 1 if n <= 2 * _NEIGHBOURS else _NEIGHBOURS), dtype=np.int64)
    for c in range(1, n + 1):
        row = there[c].copy()
        row[[0, c]] = np.inf
        near[c] = np.argsort(row, kind="stable")[: near.shape[1]]
    return near, there[0].copy()


def _trips(tours: Tours) -> tuple[tuple[NDArray[np.int64], ...], ...]:
    """Trips by vehicle, empty ones left out."""
    result = []
    for v in range(len(tours.length)):
        nodes = tours.node[v, : tours.length[v]]
        cuts = np.flatnonzero(nodes == 0)
        trips = [nodes[a + 1 : b].copy() for a, b in zip(cuts[:-1], cuts[1:], strict=True) if b > a + 1]
        if trips:
            result.append(tuple(trips))
    return tuple(result)
