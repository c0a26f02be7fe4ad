"""What no plan can beat: valid bounds for the levels of the objective, from relaxations.

Places one by one (:mod:`dispatch.planning.earliest`: trucks and docks without number), and all together by a linear
programme that shares stock, docks' hours until the deadline, and the loads that the fleet can bring by then.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.planning.dock_lines import DockLines, dock_lines
from dispatch.planning.earliest import Earliest, least_step_ms, place_bounds
from dispatch.planning.least_km import least_km
from dispatch.planning.measure import Measures
from dispatch.planning.problem import ReliefProblem
from dispatch.planning.slices import Slice
from dispatch.scenario import Scenario
from models.transport import Arcs, Service, serve_most
from models.traversal import NEVER

__all__ = ["Bounds", "find_bounds", "with_bounds"]

_NODES = 200
_MOST_ARCS = 50_000
"""Beyond this many ways the relaxation takes too long; places then bound themselves one by one only."""

_FIRST_STEP_MS = 15 * MINUTE_MS
_HALVINGS = 5


@dataclass(frozen=True, eq=False)
class Bounds:
    """Bounds on the five levels (NaN = not known), and what they are made of.

    That of the kilometres holds for plans that bring all reachable places their first batch.
    ``promising``: places that the relaxation serves by the deadline; ``first_batch_ms``, ``rest_ms``: earliest
    completions by place (``NEVER`` if it cannot be); ``cut``: the clock ran out before all relaxations were done;
    ``lines``: until when depots load for the deadline, where all places were looked at together.
    """

    levels: tuple[float, float, float, float, float]
    promising: frozenset[str]
    first_batch_ms: Mapping[str, int]
    rest_ms: Mapping[str, int]
    cut: bool = False
    lines: DockLines | None = None


def find_bounds(
    problem: ReliefProblem,
    slices: tuple[Slice, ...],
    quotas: Mapping[tuple[int, tuple[str, ...]], int],
    places: pd.DataFrame,
    stop_at: float = math.inf,
) -> Bounds:
    """Bound each level of the objective over all plans.

    Parameters
    ----------
    problem : ReliefProblem
    slices : tuple of Slice
    quotas : mapping
        What higher tiers may be asked for, as from ``shortfall``.
    places : DataFrame
        ``PLACE_MEASURE_COLUMNS`` of any plan; people, weight, what is needed and what is reachable are used.
    stop_at : float
        Instant (``time.monotonic``) from which on only bounds of places one by one are looked for.
    """
    scenario = problem.scenario
    first = place_bounds(problem, slices, "first_batch")
    rest = place_bounds(problem, slices, "rest")
    asked = places[places["first_batch_needed"]]
    people = dict(zip(asked["place"], asked["people"], strict=True))
    reached = asked.loc[asked["reachable"], "place"].tolist()
    promising = frozenset(place for place in people if first.get(place, NEVER) <= scenario.due_ms)
    served = math.fsum(people[place] for place in promising)
    t_all = float(_since_order(scenario, first, reached).max(initial=0.0))
    lines = None
    if time.monotonic() < stop_at:
        relaxation = _relax(problem, slices, quotas, stop_at)
        if len(relaxation.done_ms) <= _MOST_ARCS:
            lines = dock_lines(problem, scenario.due_ms, stop_at)
        service = relaxation.serve(scenario.due_ms, people, lines=lines)
        chosen = frozenset(place for place, taken in zip(relaxation.places, service.served, strict=True) if taken)
        promising = promising & chosen if chosen or time.monotonic() < stop_at else promising
        served = min(served, service.bound)
        if 0 < t_all < scenario.horizon_ms:
            t_all = relaxation.all_served_ms(reached, t_all)
    if all(count == round(count) for count in people.values()):
        served = math.floor(served + 1e-6)
    later = places[places["rest_needed"]]
    levels = (
        float(served),
        t_all,
        float(asked["weight"].to_numpy() @ _since_order(scenario, first, asked["place"])),
        float(later["weight"].to_numpy() @ _since_order(scenario, rest, later["place"])),
        least_km(problem, reached),
    )
    return Bounds(levels, promising, first, rest, time.monotonic() >= stop_at, lines)


def _since_order(scenario: Scenario, times: Mapping[str, int], places: Iterable[str]) -> NDArray[np.float64]:
    """Durations from the order; the horizon for what can never be."""
    return np.array([min(times.get(place, NEVER), scenario.end_ms) - scenario.order_ms for place in places], float)


@dataclass(frozen=True, eq=False)
class _Relaxation:
    """All first batches together.

    Goods may be split at will and vehicles be everywhere, but stock, the docks' hours and the loads that the fleet can
    bring by an instant are shared. Of each arc: ``done_ms``, the earliest end of unloading any of it, and ``site``.
    """

    problem: ReliefProblem
    places: tuple[str, ...]
    supply: NDArray[np.int64]
    demand: NDArray[np.int64]
    customer: NDArray[np.int64]
    arcs: Arcs
    done_ms: NDArray[np.int64]
    site: NDArray[np.int64]
    fleet: _Fleet
    stop_at: float

    def serve(
        self, line_ms: int, gain: Mapping[str, float], nodes: int = _NODES, lines: DockLines | None = None
    ) -> Service:
        """Places whose first batch could be complete by ``line_ms``, most gain first; ``lines``: of that instant."""
        kept = np.flatnonzero(self.done_ms <= line_ms)
        arcs = self.arcs
        if len(kept) > _MOST_ARCS:
            total = math.fsum(gain.get(place, 0.0) for place in self.places)
            return Service(np.ones(len(self.places), bool), total, total)
        assert arcs.group is not None
        assert arcs.resource is not None
        assert arcs.use is not None
        names = list(self.problem.depots)
        resource, use = arcs.resource, arcs.use
        capacity = np.concatenate([np.repeat([self.fleet.dock_loads(d, line_ms) for d in names], 2),
                                   self.fleet.loads(line_ms)])  # fmt: skip
        if lines is not None:
            depot = resource[:, 0] // 2
            in_time = np.array([lines.latest_ms[d] for d in names])[depot, self.site] > -NEVER
            kept = kept[in_time[kept]]
            more, used, most = lines.resources(names, depot, self.site, use[:, :2], len(capacity))
            resource, use = np.hstack([resource, more]), np.hstack([use, used])
            capacity = np.concatenate([capacity, most])
        return serve_most(
            self.supply,
            self.demand,
            self.customer,
            np.array([gain.get(place, 0.0) for place in self.places]),
            Arcs(arcs.source[kept], arcs.sink[kept], arcs.cost[kept], arcs.group[kept], arcs.limit,
                 resource[kept], use[kept]),
            capacity,
            nodes,
            self.stop_at - time.monotonic(),
        )  # fmt: skip

    def all_served_ms(self, places: list[str], low: float) -> float:
        """Latest time since the order by which these places cannot all be complete yet (at least ``low``)."""
        scenario = self.problem.scenario
        gain = dict.fromkeys(places, 1.0)

        def impossible(since_ms: float) -> bool:
            if time.monotonic() >= self.stop_at:
                return False
            return self.serve(scenario.order_ms + math.floor(since_ms), gain, nodes=0).bound < len(gain) - 1e-4

        if not impossible(low):
            return low
        step, high = float(_FIRST_STEP_MS), float(scenario.horizon_ms)
        while low + step < high:
            if not impossible(low + step):
                high = low + step
                break
            low, step = low + step, step * 2
        else:
            if impossible(high):
                return high
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if impossible(middle) else (low, middle)
        return low


def _relax(
    problem: ReliefProblem,
    slices: tuple[Slice, ...],
    quotas: Mapping[tuple[int, tuple[str, ...]], int],
    stop_at: float,
) -> _Relaxation:
    """Ways from slices to first-batch needs, with what they take of docks and fleet."""
    earliest = Earliest(problem)
    scenario = problem.scenario
    unload_ms = least_step_ms(problem, problem.unloading_ms)
    needs = [need for need in problem.needs if need.part == "first_batch"]
    places = tuple(dict.fromkeys(need.place for need in needs))
    number = {place: k for k, place in enumerate(places)}
    group = {key: k for k, key in enumerate(quotas)}
    depots = {depot: k for k, depot in enumerate(problem.depots)}
    by_item: dict[str, list[tuple[int, Slice]]] = {}
    for i, piece in enumerate(slices):
        by_item.setdefault(piece.item, []).append((i, piece))
    rows: list[tuple[int, int, int, int, int]] = []
    uses: list[tuple[float, float, float, float]] = []
    for j, need in enumerate(needs):
        for i, piece in (pair for item in need.items for pair in by_item.get(item, ())):
            if piece.rank and (piece.rank, need.items) not in group:
                continue
            start = earliest.unload_start_ms(piece.depot, need.site, max(piece.first_ms, need.release_ms))
            if start < min(piece.until_ms, problem.end_ms):
                weight_kg, volume_m3 = problem.unit[piece.item]
                rows.append((i, j, group.get((piece.rank, need.items), -1), depots[piece.depot], start + unload_ms))
                uses.append((weight_kg / scenario.loading_reference_kg, volume_m3 / scenario.loading_reference_m3,
                             weight_kg, volume_m3))  # fmt: skip
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 5)
    fleet = np.full(len(rows), 2 * len(depots))
    resource = np.column_stack([2 * table[:, 3], 2 * table[:, 3] + 1, fleet, fleet + 1])
    arcs = Arcs(table[:, 0], table[:, 1], np.zeros(len(rows)), table[:, 2],
                np.array(list(quotas.values()), dtype=np.float64), resource,
                np.array(uses, dtype=np.float64).reshape(len(rows), 4))  # fmt: skip
    return _Relaxation(
        problem,
        places,
        np.array([piece.quantity for piece in slices], dtype=np.int64),
        np.array([need.quantity for need in needs], dtype=np.int64),
        np.array([number[need.place] for need in needs], dtype=np.int64),
        arcs,
        table[:, 4],
        np.array([problem.legs.roads.index[needs[j].site] for j in table[:, 1].tolist()], dtype=np.int64),
        _fleet(problem),
        stop_at,
    )


@dataclass(frozen=True, eq=False)
class _Fleet:
    """What docks and vehicles can do at most.

    ``shortest_ms``: shortest drive from each depot to any site; ``first_ms``, ``again_ms``: of each vehicle, the
    earliest end of a first delivery and the least time until the next.
    """

    problem: ReliefProblem
    first_truck_ms: Mapping[str, int]
    shortest_ms: Mapping[str, int]
    first_ms: Mapping[str, int]
    again_ms: Mapping[str, int]

    def dock_loads(self, depot: str, line_ms: int) -> float:
        """Reference trucks that a depot's docks can load at most for goods to be unloaded by ``line_ms``."""
        problem = self.problem
        of = problem.depots[depot]
        if max(of.open_ms, self.first_truck_ms[depot], self.shortest_ms[depot]) >= NEVER:
            return 0.0
        begin = max(of.open_ms, self.first_truck_ms[depot])
        unload_ms = least_step_ms(problem, problem.unloading_ms)
        end = line_ms - unload_ms - self.shortest_ms[depot] - problem.convoy_ms
        if problem.loading_ms == 0:
            return math.inf if end >= begin else 0.0
        return of.docks * max(0, end - begin) / problem.loading_ms

    def loads(self, line_ms: int) -> tuple[float, float]:
        """Mass (kg) and volume (m³) that the fleet can hand over at most by ``line_ms``."""
        weight_kg = volume_m3 = 0.0
        for name, vehicle in self.problem.vehicles.items():
            if self.first_ms[name] <= line_ms:
                trips = 1 + (line_ms - self.first_ms[name]) // self.again_ms[name]
                weight_kg += trips * vehicle.payload_kg
                volume_m3 += trips * vehicle.volume_m3
        return weight_kg, volume_m3


def _fleet(problem: ReliefProblem) -> _Fleet:
    load_ms = least_step_ms(problem, problem.loading_ms) + problem.convoy_ms
    unload_ms = least_step_ms(problem, problem.unloading_ms)
    legs, depots, sites, classes = problem.legs, problem.depots, problem.sites, problem.classes
    there = {(c, d): min((legs.least(c, d, s) for s in sites), default=NEVER) for c in classes for d in depots}
    back = {(c, d): min((legs.least(c, s, d) for s in sites), default=NEVER) for c in classes for d in depots}
    cycle = {c: min((there[c, d] + back[c, d] for d in depots), default=NEVER) for c in classes}
    first: dict[str, int] = {}
    for name, vehicle in problem.vehicles.items():
        c = vehicle.vehicle_class
        ends = [
            max(legs.arrive(c, vehicle.base, depot, vehicle.ready_ms), of.open_ms)
            + load_ms
            + there[c, depot]
            + unload_ms
            for depot, of in depots.items()
        ]
        first[name] = min([NEVER, *ends])
    return _Fleet(
        problem,
        {d: min((problem.vehicle_at[c, d] for c in classes), default=NEVER) for d in depots},
        {d: min((there[c, d] for c in classes), default=NEVER) for d in depots},
        first,
        {name: max(1, cycle[v.vehicle_class] + load_ms + unload_ms) for name, v in problem.vehicles.items()},
    )


def with_bounds(
    measures: Measures, bounds: Bounds, tolerance: tuple[float, float, float, float, float] = (0.0,) * 5
) -> pd.DataFrame:
    """The objective table with bounds, relative gaps and honest statuses.

    Gap: distance to the bound over the larger of the two. ``optimal`` only where value and bound agree, or are no
    further apart than the level's ``tolerance`` (the step of the grid that a bound refers to), and all levels before
    are optimal. Where the plan leaves a reachable place without its first batch, one as good may drive no kilometre.
    """
    table = measures.objective.copy()
    asked = measures.places[measures.places["first_batch_needed"] & measures.places["reachable"]]
    whole = bool((asked["first_batch_complete_ms"] >= 0).all())
    proven = True
    for k, bound in enumerate(bounds.levels if whole else (*bounds.levels[:4], min(bounds.levels[4], 0.0))):
        value = float(table.at[k, "value"])
        gap = abs(value - bound) / max(abs(value), abs(bound), 1e-9)
        proven = proven and (gap <= 1e-9 or abs(value - bound) <= tolerance[k])
        table.loc[k, ["bound", "gap"]] = (bound, gap)
        table.loc[k, "status"] = "optimal" if proven else "feasible"
    return table
