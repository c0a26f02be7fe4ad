"""What no plan can beat: valid bounds for the levels of the objective, from relaxations.

Places one by one (:mod:`dispatch.planning.earliest`: trucks and docks without number), and all together by a linear
programme that shares stock, docks' hours until the deadline, and the loads that the fleet can bring by then.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.planning.earliest import Earliest, least_step_ms, place_bounds
from dispatch.planning.measure import Measures
from dispatch.planning.problem import Need, ReliefProblem
from dispatch.planning.slices import Slice
from dispatch.scenario import Scenario
from models.transport import Arcs, Service, serve_most
from models.traversal import NEVER

__all__ = ["Bounds", "find_bounds", "with_bounds"]

_SEARCH_STEPS = 8


@dataclass(frozen=True, eq=False)
class Bounds:
    """Bounds on the five levels (NaN = not known), and what they are made of.

    ``promising``: places that the relaxation serves by the deadline; ``first_batch_ms``, ``rest_ms``: earliest
    completions by place (``NEVER`` if it cannot be).
    """

    levels: tuple[float, float, float, float, float]
    promising: frozenset[str]
    first_batch_ms: Mapping[str, int]
    rest_ms: Mapping[str, int]


def find_bounds(
    problem: ReliefProblem,
    slices: tuple[Slice, ...],
    quotas: Mapping[tuple[int, tuple[str, ...]], int],
    places: pd.DataFrame,
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
    """
    scenario = problem.scenario
    first = place_bounds(problem, slices, "first_batch")
    rest = place_bounds(problem, slices, "rest")
    asked = places[places["first_batch_needed"]]
    people = dict(zip(asked["place"], asked["people"], strict=True))
    service, customers = _service(problem, slices, quotas, first, scenario.due_ms, people)
    promising = frozenset(place for place, served in zip(customers, service.served, strict=True) if served)
    reached = asked.loc[asked["reachable"], "place"].tolist()
    t_all = float(_since_order(scenario, first, reached).max(initial=0.0))
    if 0 < t_all < scenario.horizon_ms:
        t_all = max(t_all, _dock_bound(problem, slices, quotas, first, t_all, reached))
    later = places[places["rest_needed"]]
    levels = (
        service.bound,
        t_all,
        float(asked["weight"].to_numpy() @ _since_order(scenario, first, asked["place"])),
        float(later["weight"].to_numpy() @ _since_order(scenario, rest, later["place"])),
        math.nan,
    )
    return Bounds(levels, promising, first, rest)


def _since_order(scenario: Scenario, times: Mapping[str, int], places: Iterable[str]) -> NDArray[np.float64]:
    """Durations from the order; the horizon for what can never be."""
    return np.array([min(times.get(place, NEVER), scenario.end_ms) - scenario.order_ms for place in places], float)


def _service(
    problem: ReliefProblem,
    slices: tuple[Slice, ...],
    quotas: Mapping[tuple[int, tuple[str, ...]], int],
    earliest_ms: Mapping[str, int],
    line_ms: int,
    gain: Mapping[str, float],
    nodes: int = 200,
) -> tuple[Service, list[str]]:
    """Places whose first batch could be complete by ``line_ms``, most gain first; relaxed as the module says."""
    customers = [place for place, time in earliest_ms.items() if time <= line_ms and gain.get(place, 0.0) > 0]
    index = {place: k for k, place in enumerate(customers)}
    needs = [need for need in problem.needs if need.part == "first_batch" and need.place in index]
    arcs, capacity = _arcs(problem, slices, quotas, needs, line_ms)
    service = serve_most(
        np.array([piece.quantity for piece in slices], dtype=np.int64),
        np.array([need.quantity for need in needs], dtype=np.int64),
        np.array([index[need.place] for need in needs], dtype=np.int64),
        np.array([gain[place] for place in customers]),
        arcs,
        capacity,
        nodes,
    )
    return service, customers


def _arcs(
    problem: ReliefProblem,
    slices: tuple[Slice, ...],
    quotas: Mapping[tuple[int, tuple[str, ...]], int],
    needs: list[Need],
    line_ms: int,
) -> tuple[Arcs, np.ndarray]:
    """Ways from slices to needs that can be unloaded by ``line_ms``, with what they take of docks and fleet."""
    earliest = Earliest(problem)
    scenario = problem.scenario
    unload_ms = least_step_ms(problem, problem.unloading_ms)
    group = {key: k for k, key in enumerate(quotas)}
    depots = {depot: k for k, depot in enumerate(problem.depots)}
    fleet = 2 * len(depots)
    rows: list[tuple[int, int, int, tuple[int, ...], tuple[float, ...]]] = []
    for j, need in enumerate(needs):
        for i, piece in enumerate(slices):
            if piece.item not in need.items or (piece.rank and (piece.rank, need.items) not in group):
                continue
            start = earliest.unload_start_ms(piece.depot, need.site, max(piece.first_ms, need.release_ms))
            if start + unload_ms > line_ms or start >= piece.until_ms:
                continue
            weight_kg, volume_m3 = problem.unit[piece.item]
            d = depots[piece.depot]
            rows.append((
                i, j, group.get((piece.rank, need.items), -1), (2 * d, 2 * d + 1, fleet, fleet + 1),
                (weight_kg / scenario.loading_reference_kg, volume_m3 / scenario.loading_reference_m3,
                 weight_kg, volume_m3),
            ))  # fmt: skip
    capacity = np.concatenate([
        np.repeat([_dock_loads(problem, depot, line_ms) for depot in depots], 2), _fleet_loads(problem, line_ms)
    ])  # fmt: skip
    n = len(rows)
    columns = list(zip(*rows, strict=True)) if n else [(), (), (), (), ()]
    return Arcs(
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.int64),
        np.zeros(n),
        np.array(columns[2], dtype=np.int64),
        np.array(list(quotas.values()), dtype=np.float64),
        np.array(columns[3], dtype=np.int64).reshape(n, 4),
        np.array(columns[4], dtype=np.float64).reshape(n, 4),
    ), capacity


def _dock_loads(problem: ReliefProblem, depot: str, line_ms: int) -> float:
    """Reference trucks that a depot's docks can load at most for goods to be unloaded by ``line_ms``."""
    of = problem.depots[depot]
    ways = [
        (problem.vehicle_at[vehicle_class, depot], problem.legs.least(vehicle_class, depot, site))
        for vehicle_class in problem.classes
        for site in problem.sites
    ]
    ways = [(at, drive) for at, drive in ways if at < NEVER and drive < NEVER]
    if not ways:
        return 0.0
    begin = max(of.open_ms, min(at for at, _ in ways))
    unload_ms = least_step_ms(problem, problem.unloading_ms)
    end = line_ms - unload_ms - min(drive for _, drive in ways) - problem.convoy_ms
    if problem.loading_ms == 0:
        return math.inf if end >= begin else 0.0
    return of.docks * max(0, end - begin) / problem.loading_ms


def _fleet_loads(problem: ReliefProblem, line_ms: int) -> tuple[float, float]:
    """Mass (kg) and volume (m³) that the fleet can hand over at most by ``line_ms``."""
    load_ms = least_step_ms(problem, problem.loading_ms) + problem.convoy_ms
    unload_ms = least_step_ms(problem, problem.unloading_ms)
    legs = problem.legs
    cycle: dict[str, int] = {}
    for vehicle_class in problem.classes:
        there = {(d, s): legs.least(vehicle_class, d, s) for d in problem.depots for s in problem.sites}
        back = {(d, s): legs.least(vehicle_class, s, d) for d in problem.depots for s in problem.sites}
        fastest_out = {d: min((there[d, s] for s in problem.sites), default=NEVER) for d in problem.depots}
        fastest_back = {d: min((back[d, s] for s in problem.sites), default=NEVER) for d in problem.depots}
        cycle[vehicle_class] = min((fastest_out[d] + fastest_back[d] for d in problem.depots), default=NEVER)
    weight_kg = volume_m3 = 0.0
    for vehicle in problem.vehicles.values():
        first = NEVER
        for depot, of in problem.depots.items():
            at = legs.arrive(vehicle.vehicle_class, vehicle.base, depot, vehicle.ready_ms)
            drive = min((legs.least(vehicle.vehicle_class, depot, site) for site in problem.sites), default=NEVER)
            if at < NEVER and drive < NEVER:
                first = min(first, max(at, of.open_ms) + load_ms + drive + unload_ms)
        if first > line_ms:
            continue
        again = max(1, cycle[vehicle.vehicle_class] + load_ms + unload_ms)
        trips = 1 + (line_ms - first) // again
        weight_kg += trips * vehicle.payload_kg
        volume_m3 += trips * vehicle.volume_m3
    return weight_kg, volume_m3


def _dock_bound(
    problem: ReliefProblem,
    slices: tuple[Slice, ...],
    quotas: Mapping[tuple[int, tuple[str, ...]], int],
    earliest_ms: Mapping[str, int],
    low: float,
    places: Iterable[str],
) -> float:
    """Latest time since the order by which the relaxation cannot yet complete all these places (or ``low``)."""
    scenario = problem.scenario
    gain = dict.fromkeys(places, 1.0)

    def impossible(since_ms: float) -> bool:
        line_ms = scenario.order_ms + math.floor(since_ms)
        service, _ = _service(problem, slices, quotas, earliest_ms, line_ms, gain, nodes=0)
        return service.bound < len(gain) - 1e-6

    if impossible(scenario.horizon_ms):
        return float(scenario.horizon_ms)
    if not impossible(low):
        return low
    high = float(scenario.horizon_ms)
    for _ in range(_SEARCH_STEPS):
        middle = (low + high) / 2
        if impossible(middle):
            low = middle
        else:
            high = middle
    return low


def with_bounds(measures: Measures, bounds: Bounds) -> pd.DataFrame:
    """The objective table with bounds, relative gaps and honest statuses.

    Gap: distance to the bound over the larger of the two. ``optimal`` only where value and bound agree and all levels
    before are optimal.
    """
    table = measures.objective.copy()
    proven = True
    for k, bound in enumerate(bounds.levels):
        value = float(table.at[k, "value"])
        gap = abs(value - bound) / max(abs(value), abs(bound), 1e-9)
        proven = proven and gap <= 1e-9
        table.loc[k, ["bound", "gap"]] = (bound, gap)
        table.loc[k, "status"] = "optimal" if proven else "feasible"
    return table
