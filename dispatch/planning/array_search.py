"""The search over arrays: consignments and vehicles as numbers, driving times in pieces, and back again.

What it finds is timed again by the exact timetable; here lots of one item in one depot count together, rests are taken
when due, and a detour counts only if its way is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.array_stock import releases
from dispatch.planning.array_ways import ways_between
from dispatch.planning.problem import Consignment, ReliefProblem, TripOrder
from dispatch.planning.score import Scorer
from dispatch.planning.timetable import Timetable
from models.dispatch_annealing import anneal, loading_starts, trips_a_step
from models.dispatch_greedy import first_vehicle_first
from models.dispatch_instance import Dispatched, DispatchInstance
from models.dispatch_schedule import Schedule, empty_schedule
from models.dispatch_timetable import LEVELS, time_trips, weigh, workspace
from models.traversal import NEVER

__all__ = ["ArraySearch", "array_search"]

_STEP_US = (1.8, 0.05, 0.03)
"""Microseconds of a step: always, for each trip that it times at first, for each consignment (processor time measured
over all phases of twelve searches with 50 to 345 consignments: a quarter too little or too much at most)."""


@dataclass(frozen=True, eq=False)
class ArraySearch:
    """An instance over arrays, and what its numbers mean."""

    scorer: Scorer
    consignments: tuple[Consignment, ...]
    depots: tuple[str, ...]
    vehicles: tuple[str, ...]
    sites: tuple[str, ...]
    instance: DispatchInstance

    def improve(
        self,
        orders: Sequence[TripOrder],
        steps: int,
        hot: float,
        cold: float,
        seed: int,
        parts: NDArray[np.float64],
        stop: Callable[[], bool] | None = None,
    ) -> list[TripOrder]:
        """Orders for the same consignments, better by the array timetable or as good.

        Parameters
        ----------
        orders : sequence of TripOrder
            Of the consignments the search was made of.
        steps : int
        hot, cold : float
            Temperatures, in people.
        seed : int
        parts : float64 array (9,)
            Weights of the energy, see :func:`models.dispatch_annealing.anneal`.
        stop : callable, optional
            Asked now and then; ends the search.
        """
        start = self._dispatched(orders)
        return self._orders(anneal(self.instance, start, steps, hot, cold, seed, parts, stop, self._schedule)[0])

    def levels(self, orders: Sequence[TripOrder]) -> tuple[float, ...]:
        """People late, T_all, weighted first batch, weighted rest (ms), truckloads left out and km, over arrays."""
        work, found = workspace(self.instance), np.zeros(LEVELS)
        weigh(self.instance, work, time_trips(self.instance, work, *self._dispatched(orders)), np.zeros(9), found)
        return tuple(found.tolist())

    def in_order_of_loading(self, orders: Sequence[TripOrder]) -> list[TripOrder]:
        """The same trips, first those that are loaded first over arrays.

        Where vehicles then come to their depots earlier than over arrays, no other waits for a dock because of it.
        """
        times = loading_starts(self.instance, self._dispatched(orders), self._schedule)
        position = {id(consignment.goods): k for k, consignment in enumerate(self.consignments)}
        return sorted(orders, key=lambda order: int(times[position[id(order.consignments[0].goods)]]))

    def step_us(self, orders: Sequence[TripOrder]) -> float:
        """Microseconds of a step of the search on an idle core, by what some steps from these orders touch."""
        base, per_trip, per_consignment = _STEP_US
        trips = trips_a_step(self.instance, self._dispatched(orders), self._schedule)
        return base + per_trip * trips + per_consignment * len(self.consignments)

    @cached_property
    def _schedule(self) -> Schedule:
        return empty_schedule(self.instance)

    def first(self, priority: Callable[[Consignment], Any], fill: bool) -> list[TripOrder]:
        """Orders built in an order of priority, each consignment by the vehicle that completes it first."""
        ranked = sorted(range(len(self.consignments)), key=lambda k: priority(self.consignments[k]))
        depot = np.array([self.depots.index(c.depot) for c in self.consignments], dtype=np.int64)
        return self._orders(first_vehicle_first(self.instance, depot, np.array(ranked, dtype=np.int64), fill))

    def _dispatched(self, orders: Sequence[TripOrder]) -> Dispatched:
        """Orders as numbers."""
        position = {id(consignment.goods): k for k, consignment in enumerate(self.consignments)}
        vehicles = {vehicle: k for k, vehicle in enumerate(self.vehicles)}
        sequence = [(position[id(c.goods)], order, k > 0) for order in orders for k, c in enumerate(order.consignments)]
        n = len(self.consignments)
        start = Dispatched(
            np.array([c for c, _, _ in sequence], dtype=np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64),
            np.zeros(n, np.bool_),
        )  # fmt: skip
        for c, order, joined in sequence:
            start.vehicle[c] = vehicles[order.vehicle]
            start.depot[c] = self.depots.index(order.depot)
            start.join[c] = joined
        return start

    def _orders(self, found: Dispatched) -> list[TripOrder]:
        """Trip orders of a dispatch, gathered as the array timetable does."""
        problem = self.scorer.problem
        trips: list[tuple[str, str, list[Consignment]]] = []
        last: dict[int, int] = {}
        for c in found.order.tolist():
            v, depot = int(found.vehicle[c]), self.depots[int(found.depot[c])]
            kept = self.consignments[c]
            sent = kept if kept.depot == depot else Consignment(depot, kept.goods)
            t = last.get(v, -1)
            if found.join[c] and t >= 0 and trips[t][1] == depot:
                weight_kg = sum(x.goods.weight_kg for x in trips[t][2]) + sent.goods.weight_kg
                volume_m3 = sum(x.goods.volume_m3 for x in trips[t][2]) + sent.goods.volume_m3
                if problem.fits(problem.vehicles[self.vehicles[v]], weight_kg, volume_m3):
                    trips[t][2].append(sent)
                    continue
            last[v] = len(trips)
            trips.append((self.vehicles[v], depot, [sent]))
        return [TripOrder(vehicle, depot, tuple(load)) for vehicle, depot, load in trips]


def array_search(
    scorer: Scorer,
    consignments: Sequence[Consignment],
    after: Timetable,
    stop: Callable[[], bool] | None = None,
    like: ArraySearch | None = None,
) -> ArraySearch | None:
    """Make the arrays of a problem, on top of what is booked already; None if ``stop`` says so before it is done.

    ``like``: of the same problem at the same time; driving times are taken from it where the sites are the same.
    """
    problem = scorer.problem
    depots, vehicles = tuple(problem.depots), tuple(problem.vehicles)
    stands = [after.position(vehicle) for vehicle in vehicles]
    sites = tuple(dict.fromkeys([*depots, *(site for site, _ in stands), *sorted({c.site for c in consignments})]))
    number = {site: k for k, site in enumerate(sites)}
    items = tuple(dict.fromkeys(item for c in consignments for item, _ in c.goods.items))
    scenario = problem.scenario
    # in the middle of a night nobody sets out in the past
    from_ms = max(scenario.order_ms, min(time for _, time in stands)) if after.trips and stands else scenario.order_ms
    same = like is not None and like.sites == sites
    ways = like.instance.ways if like is not None and same else ways_between(
        problem.legs, problem.classes, sites, problem.depots, from_ms, scenario.end_ms, stop)  # fmt: skip
    if ways is None:
        return None
    docks = np.cumsum([0, *(problem.depots[depot].docks for depot in depots)])
    booked_docks, booked_sites = after.booked()
    tasks = [sorted(c.goods.tasks) for c in consignments]
    classes = problem.classes
    of = [problem.vehicles[vehicle] for vehicle in vehicles]
    quantities = np.array([[dict(c.goods.items).get(i, 0) for i in items] for c in consignments], dtype=np.int64)
    instance = DispatchInstance(
        vehicle_class=np.array([classes.index(v.vehicle_class) for v in of], dtype=np.int64),
        vehicle_site=np.array([number[site] for site, _ in stands], dtype=np.int64),
        vehicle_ready=np.array([time for _, time in stands], dtype=np.int64),
        vehicle_kg=np.array([v.payload_kg for v in of]),
        vehicle_m3=np.array([v.volume_m3 for v in of]),
        depot_site=np.array([number[depot] for depot in depots], dtype=np.int64),
        depot_open=np.array([problem.depots[depot].open_ms for depot in depots], dtype=np.int64),
        dock_first=docks.astype(np.int64),
        goods_site=np.array([number[c.site] for c in consignments], dtype=np.int64),
        goods_release=np.array([c.goods.release_ms for c in consignments], dtype=np.int64),
        goods_kg=np.array([c.goods.weight_kg for c in consignments]),
        goods_m3=np.array([c.goods.volume_m3 for c in consignments]),
        goods_items=quantities.reshape(len(consignments), len(items)),
        goods_depots=_sources(problem, consignments, depots),
        stock=_stock(consignments, depots, items, after),
        **releases(problem, depots, items, after)._asdict(),
        task_first=np.cumsum([0, *(len(t) for t in tasks)]).astype(np.int64),
        task=np.array([t for of_one in tasks for t in of_one], dtype=np.int64),
        people=np.array(scorer.people, dtype=np.float64),
        weight=np.array(scorer.weight, dtype=np.float64),
        first_batch=np.array(scorer.first_batch, dtype=np.bool_),
        reachable=np.array(scorer.reachable, dtype=np.bool_),
        hopeless=np.array([t in scorer.hopeless for t in range(len(scorer.people))], dtype=np.bool_),
        ways=ways,
        way_km=problem.legs.lengths_km(classes, sites),
        dock_busy=np.array(
            [(docks[depots.index(d)] + k, start, end) for d, k, start, end in booked_docks], dtype=np.int64
        ).reshape(-1, 3),
        site_busy=np.array(
            [(number[site], start, end) for site, start, end in booked_sites if site in number], dtype=np.int64
        ).reshape(-1, 3),
        loading_ms=problem.loading_ms,
        unloading_ms=problem.unloading_ms,
        convoy_ms=problem.convoy_ms,
        reference_kg=scenario.loading_reference_kg,
        reference_m3=scenario.loading_reference_m3,
        floor=scenario.loading_floor,
        drive_limit_ms=scenario.drive_limit_ms,
        drive_rest_ms=scenario.drive_rest_ms,
        order_ms=scenario.order_ms,
        due_ms=scenario.due_ms,
        end_ms=scenario.end_ms,
        complete_before=np.full(len(scorer.people), -NEVER, dtype=np.int64),
        t_all_before=0,
    )
    return ArraySearch(scorer, tuple(consignments), depots, vehicles, sites, instance)


def _sources(problem: ReliefProblem, consignments: Sequence[Consignment], depots: Sequence[str]) -> NDArray[np.bool_]:
    """Where each consignment may be loaded: its depot, or one of no higher tier with stock that does not expire."""
    lasting = {key for key, lots in problem.lots.items() if all(lot.until_ms > problem.end_ms for lot in lots)}
    result = np.zeros((len(consignments), len(depots)), dtype=np.bool_)
    for k, consignment in enumerate(consignments):
        rank = problem.depots[consignment.depot].rank
        for d, depot in enumerate(depots):
            of = problem.depots[depot]
            lasts = all((depot, item) in lasting for item, _ in consignment.goods.items)
            result[k, d] = depot == consignment.depot or (of.rank <= rank and of.open_ms <= problem.end_ms and lasts)
    return result


def _stock(
    consignments: Sequence[Consignment], depots: Sequence[str], items: Sequence[str], after: Timetable
) -> NDArray[np.int64]:
    """Stock by depot and item that is not reserved; at least what is assigned."""
    result = np.zeros((len(depots), len(items)), dtype=np.int64)
    for consignment in consignments:
        for item, quantity in consignment.goods.items:
            result[depots.index(consignment.depot), items.index(item)] += quantity
    for d, depot in enumerate(depots):
        for i, item in enumerate(items):
            result[d, i] = max(result[d, i], after.stock.left(depot, item))
    return result
