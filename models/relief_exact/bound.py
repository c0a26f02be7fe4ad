"""Least cost that any plan has at least: column generation over trips with Lagrangian bounds.

The linear programme over the trips found so far is solved, trips of negative reduced cost are sought for every type,
depot and start, and each round gives a bound: the worth of the duals, less the most negative reduced cost of each
type times the trips that its vehicles can make (Lasdon 1970). Duals are smoothed (Wentges 1997).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.relief_exact.instance import TripInstance, portions
from models.relief_exact.master import Master, Prices, Trip
from models.relief_exact.pricing import cost_to_go, price_starts, trace
from models.traversal import NEVER

__all__ = ["TripBound", "bound_trips", "choose_trips"]

_SMOOTH = 0.5
_MOST_NEW = 30
"""Trips taken over from one search (type and depot) in one round."""

_THREADS = 2
"""Searches at the same time; the answer does not depend on it."""

_TINY = 1e-7


@dataclass(frozen=True, eq=False)
class TripBound:
    """What is proven.

    Attributes
    ----------
    value : float
        No plan costs less (-inf if nothing is known).
    relaxed : float
        Value of the linear programme over the trips found; the bound cannot be raised above it.
    trips : tuple of Trip
        All trips found.
    use : float64 array
        How often each is made in the linear programme.
    rounds : int
    closed : bool
        Whether bound and linear programme agree.
    """

    value: float
    relaxed: float
    trips: tuple[Trip, ...]
    use: NDArray[np.float64]
    rounds: int
    closed: bool


def bound_trips(
    instance: TripInstance,
    time_cost: NDArray[np.float64],
    late_cost: NDArray[np.float64],
    last_slot: int,
    seconds: float,
    trips: Iterable[Trip] = (),
    enough: float = math.inf,
    tolerance: float = 1e-3,
    strict: bool = False,
    least_slot: NDArray[np.int64] | None = None,
    split: bool = True,
) -> TripBound:
    """Bound the cost of handing over all tasks.

    A part of a task done in slot ``t`` costs its share of ``time_cost * t``, what is not done by ``last_slot`` its
    share of ``late_cost``.

    Parameters
    ----------
    instance : TripInstance
    time_cost, late_cost : float64 arrays (p,)
    last_slot : int
    seconds : float
    trips : iterable of Trip
        To start with (those that end later are left out).
    enough : float
        Stop as soon as the bound reaches this, or is known never to.
    tolerance : float
        Relative distance of bound and linear programme at which to stop.
    strict : bool
        Whether nothing may end after ``last_slot``; else trips that start between two grid points may be means of
        their neighbours, which is closer where roads are open at all hours.
    least_slot : int64 array (p,), optional
        Slot before which no task can be complete.
    split : bool
        Whether a task may be served in parts; without, the bound holds for plans that do not.
    """
    stop_at = time.monotonic() + seconds
    between = instance.open_roads and not strict
    last_slot += instance.block if between else 0
    search = _Search(instance, time_cost, last_slot, least_slot, instance.block if between else 0, split)
    master = Master(instance, last_slot, late_cost, between)
    distinct = {_key(trip): trip for trip in trips if trip.last_slot <= last_slot}
    known, seen = list(distinct.values()), set(distinct)
    master.add(known, time_cost)
    best, relaxed, rounds, centre = -math.inf, math.inf, 0, None
    use = np.zeros(0)
    while True:
        left = stop_at - time.monotonic()
        solved = master.solve(left) if left > 0 else None
        if solved is None:
            break
        relaxed, dual = solved
        use = np.array(master.solver.getSolution().col_value)[-len(known) or len(use) :] if known else use
        if (relaxed < enough - _TINY and not math.isinf(enough)) or best >= enough:
            break
        smoothed = dual if centre is None else _SMOOTH * centre + (1 - _SMOOTH) * dual
        found, value = search.round(master, smoothed, stop_at)
        if value is None:
            break
        rounds += 1
        if value > best:
            best, centre = value, smoothed
        fresh = [trip for trip in found if _key(trip) not in seen]
        if not fresh and centre is not None and not np.array_equal(smoothed, dual):
            found, value = search.round(master, dual, stop_at)
            if value is None:
                break
            if value > best:
                best, centre = value, dual
            fresh = [trip for trip in found if _key(trip) not in seen]
        if best >= enough or relaxed - best <= tolerance * max(abs(relaxed), _TINY) or not fresh:
            break
        seen.update(_key(trip) for trip in fresh)
        known.extend(fresh)
        master.add(fresh, time_cost)
    closed = math.isfinite(best) and relaxed - best <= tolerance * max(abs(relaxed), _TINY)
    return TripBound(best, relaxed, tuple(known), use, rounds, closed)


def choose_trips(
    instance: TripInstance,
    time_cost: NDArray[np.float64],
    late_cost: NDArray[np.float64],
    last_slot: int,
    seconds: float,
    trips: Sequence[Trip],
) -> tuple[list[Trip], NDArray[np.float64]]:
    """Trips of least cost among those given, each made or not, and the flows of stock for them (on the grid)."""
    between = instance.open_roads
    master = Master(instance, last_slot + (instance.block if between else 0), late_cost, between)
    known = list(trips)
    master.add(known, time_cost)
    found = master.solve_whole(len(known), seconds)
    if found is None:
        return [], np.zeros(0)
    p, n, flows = len(instance.size), len(known), 0 if instance.supply is None else len(instance.supply.depot)
    return [trip for trip, use in zip(known, found[-n:], strict=True) if use > 0.5], found[p : p + flows]


def _key(trip: Trip) -> tuple[object, ...]:
    return (trip.vehicle_type, trip.depot, trip.start_block, trip.load_ms, trip.end_stand, trip.stops)


class _Search:
    """Trips of least reduced cost for every type and depot."""

    def __init__(self, instance: TripInstance, time_cost: NDArray[np.float64], last_slot: int,
                 least_slot: NDArray[np.int64] | None, between: int, split: bool) -> None:  # fmt: skip
        self.instance = instance
        self.least_slot = np.zeros(len(instance.size), dtype=np.int64) if least_slot is None else least_slot
        self.between = between
        self.time_cost = time_cost
        self.last_slot = last_slot
        types = range(len(instance.capacity))
        self.parts = [portions(instance, k, split) for k in types]
        self.load_ms = [instance.load_times(k) for k in types]
        self.earliest = [self._earliest(k) for k in types]
        self.most_trips = [self._most_trips(k) for k in types]

    def _earliest(self, k: int) -> NDArray[np.int64]:
        """Slot before which no vehicle of a type can be done at a task."""
        of, parts = self.instance, self.parts[k]
        depots = len(of.docks)
        depart = of.start_ms[k].astype(float) + self.load_ms[k][0][0] + of.convoy_ms
        leg = np.where(of.leg_ms[k, :depots] < 0, np.inf, of.leg_ms[k, :depots])
        done = (depart[:, None] + leg).min(axis=0)
        result = np.full(len(of.size), self.last_slot + 1, dtype=np.int64)
        for p in range(len(of.size)):
            if np.isfinite(done[p]) and done[p] < NEVER / 2 and parts.first[p + 1] > parts.first[p]:
                slot = math.floor((done[p] - of.block_ms + of.unloading_ms * of.floor) / of.step_ms)
                result[p] = min(max(0, slot), self.last_slot + 1)
        return result

    def _most_trips(self, k: int) -> float:
        """Trips that the vehicles of a type can make at most."""
        of, parts = self.instance, self.parts[k]
        depots = len(of.docks)
        legs = of.leg_ms[k, :depots]
        if not (legs >= 0).any() or len(parts.unload_ms) == 0:
            return 0.0
        once = self.load_ms[k][0][0] + of.convoy_ms + legs[legs >= 0].min() + parts.unload_ms.min()
        cycle = max(1.0, once + of.back_ms[k].min())
        ready = of.at_ms[of.vehicle_type == k].min(axis=1)
        room = (self.last_slot + 1) * of.step_ms - ready - once
        return float(np.where(room >= 0, 1 + np.floor(room / cycle), 0.0).sum())

    def round(self, master: Master, dual: NDArray[np.float64], stop_at: float) -> tuple[list[Trip], float | None]:
        """Trips of negative reduced cost, and the bound that these duals give (None if there was no time)."""
        prices = master.prices(dual)
        pairs = [
            (k, d)
            for k, most in enumerate(self.most_trips)
            for d in range(len(self.instance.docks))
            if most > 0 and self.instance.start_ms[k, d] < NEVER
        ]

        def search(pair: tuple[int, int]) -> tuple[list[Trip], float] | None:
            return None if time.monotonic() > stop_at else self._from(master, prices, *pair)

        with ThreadPoolExecutor(_THREADS) as pool:
            results = list(pool.map(search, pairs))
        found: list[Trip] = []
        least = np.zeros(len(self.most_trips))
        for (k, _), result in zip(pairs, results, strict=True):
            if result is None:
                return found, None
            found.extend(result[0])
            least[k] = min(least[k], result[1])
        return found, master.worth(dual) + float(np.array(self.most_trips) @ least)

    def _from(self, master: Master, prices: Prices, k: int, d: int) -> tuple[list[Trip], float]:
        of, parts = self.instance, self.parts[k]
        depots = len(of.docks)
        gain = prices.task - prices.share[d]
        begin_cost = prices.vehicle[k, of.stand[d]]
        end_cost = prices.end_cost(of, k, self.last_slot)
        between = (of.leg_ms[k, depots:], of.arrive_ms[k, depots:], of.leg_slots, of.step_ms)
        goods = (parts.first, parts.low, parts.credit, parts.unload_ms, parts.odd, self.least_slot, self.between, gain,
                 self.time_cost)  # fmt: skip
        value = cost_to_go(*between, self.last_slot, of.units, *goods, end_cost,
                           self.earliest[k])  # fmt: skip
        begin_block = int(of.start_ms[k, d] // of.block_ms)
        load_cost = prices.load_cost(master, d, *self.load_ms[k])
        best, load, task, part = price_starts(
            value, of.leg_ms[k, d], of.arrive_ms[k, d], of.leg_slots, of.step_ms, self.last_slot, of.units, *goods,
            of.block, begin_block, self.load_ms[k][0], of.convoy_ms, load_cost, begin_cost,
        )  # fmt: skip
        trips = []
        for s in np.argsort(best)[:_MOST_NEW]:
            if best[s] > -_TINY:
                break
            begin = (int(s), int(load[s]), int(task[s]), int(part[s]))
            trips.append(self._trip(prices, value, goods, end_cost, k, d, *begin))
        return trips, float(best.min(initial=0.0))

    def _trip(
        self, prices: Prices, value: NDArray[np.float64], goods: tuple[Any, ...], end_cost: NDArray[np.float64],
        k: int, d: int, s: int, load: int, task: int, part: int,
    ) -> Trip:  # fmt: skip
        """The trip that starts in a block with a load and a first stop."""
        of, parts = self.instance, self.parts[k]
        depots = len(of.docks)
        load_ms, dock_ms = (float(times[load]) for times in self.load_ms[k])
        depart = s * of.block_ms + load_ms + of.convoy_ms
        hour = min(int(depart // of.step_ms) // of.leg_slots, of.arrive_ms.shape[3] - 1)
        arrive = max(depart + of.leg_ms[k, d, task], of.arrive_ms[k, d, task, hour])
        done = int((arrive + parts.unload_ms[part]) * (1.0 / of.step_ms))
        left = load - int(parts.low[part])
        odds = 1 if not parts.odd[part] and value[task, done, 1, left] < value[task, done, 0, left] else 0
        later = trace(value, of.leg_ms[k, depots:], of.arrive_ms[k, depots:], of.leg_slots, of.step_ms, self.last_slot,
                      *goods, end_cost, task, done, left, odds)  # fmt: skip
        visits = [(task, part, done), *((int(n), int(i), int(t)) for n, i, t in later)]
        stops = tuple((n, float(parts.credit[i]), t, self._counted(n, t)) for n, i, t in visits)
        last, _, slot = visits[-1]
        stand, end_block = prices.end(of, k, last, slot)
        return Trip(k, d, s, load_ms, dock_ms, stand, end_block, stops)

    def _counted(self, task: int, slot: int) -> int:
        """Slot that a delivery counts as."""
        least = int(self.least_slot[task])
        return least if slot - self.between < least else slot
