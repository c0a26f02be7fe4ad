"""The earliest a place could be served if trucks and docks were without number: what no plan can beat.

A truck of each class stands at each depot from the moment the first of its class can be there, loads no more than the
smallest share of a reference truck, and drives the fastest way of the hour. Each need waits for the depot that brings
its last unit; all of a place's goods are unloaded one truck after the other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.planning.problem import Need, ReliefProblem
from dispatch.planning.slices import Slice
from models.traversal import NEVER

__all__ = ["Earliest", "least_size", "least_step_ms", "place_bounds"]


@dataclass(frozen=True, eq=False)
class Earliest:
    """Earliest unloading of goods from each depot at each site, remembered."""

    problem: ReliefProblem
    _known: dict[tuple[str, int], NDArray[np.int64]] = field(default_factory=dict, repr=False)

    def unload_start_ms(self, depot: str, site: str, from_ms: int) -> int:
        """Earliest start of unloading at a site for goods of a depot that are there at ``from_ms``."""
        return int(self.at_all_sites(depot, from_ms)[self.problem.legs.roads.index[site]])

    def at_all_sites(self, depot: str, from_ms: int) -> NDArray[np.int64]:
        """The same for all sites of the roads."""
        problem = self.problem
        opened = max(from_ms, problem.depots[depot].open_ms)
        known = self._known.get((depot, opened))
        if known is None:
            known = np.full(len(problem.legs.roads.node), NEVER, dtype=np.int64)
            for vehicle_class in problem.classes:
                start = max(opened, problem.vehicle_at[vehicle_class, depot])
                if start <= problem.end_ms:
                    depart = start + least_step_ms(problem, problem.loading_ms) + problem.convoy_ms
                    known = np.minimum(known, problem.legs.arrive_all(vehicle_class, depot, depart))
            self._known[depot, opened] = known
        return known

    def need_ms(self, need: Need, slices: tuple[Slice, ...]) -> tuple[int, int]:
        """Earliest start of unloading a need's first unit, and earliest completion of the need; ``NEVER`` if never.

        ``slices`` are those of the items that may be sent for it.
        """
        problem = self.problem
        ways = []
        for piece in slices:
            start = self.unload_start_ms(piece.depot, need.site, max(piece.first_ms, need.release_ms))
            if start < min(piece.until_ms, problem.end_ms):
                ways.append((start, piece.quantity))
        ways.sort()
        brought = 0
        for start, quantity in ways:
            brought += quantity
            if brought >= need.quantity:
                whole = least_unloading_ms(problem, [need])
                return ways[0][0], max(start + least_step_ms(problem, problem.unloading_ms), ways[0][0] + whole)
        return NEVER, NEVER


def least_step_ms(problem: ReliefProblem, step_ms: int) -> int:
    """Time that loading or unloading anything takes at least."""
    return 0 if problem.weightless else math.floor(step_ms * problem.scenario.loading_floor)


def least_size(problem: ReliefProblem, need: Need) -> tuple[float, float]:
    """Mass (kg) and volume (m³) of a need at least, whichever of its items are sent."""
    units = [problem.unit[item] for item in need.items if item in problem.unit]
    return (
        need.quantity * min((weight_kg for weight_kg, _ in units), default=0.0),
        need.quantity * min((volume_m3 for _, volume_m3 in units), default=0.0),
    )


def least_unloading_ms(problem: ReliefProblem, needs: Iterable[Need]) -> int:
    """Time that unloading these needs at one site takes at least, however they are split."""
    sizes = [least_size(problem, need) for need in needs]
    scenario = problem.scenario
    share = max(
        math.fsum(weight_kg for weight_kg, _ in sizes) / scenario.loading_reference_kg,
        math.fsum(volume_m3 for _, volume_m3 in sizes) / scenario.loading_reference_m3,
    )
    return math.floor(problem.unloading_ms * share / problem.unload_places)


def place_bounds(problem: ReliefProblem, slices: tuple[Slice, ...], part: str) -> dict[str, int]:
    """Earliest completion of a part (``first_batch`` or ``rest``) at each place, ms; ``NEVER`` if it cannot be."""
    by_item: dict[str, list[Slice]] = {}
    for piece in slices:
        by_item.setdefault(piece.item, []).append(piece)
    earliest = Earliest(problem)
    at_site: dict[tuple[str, str], list[tuple[int, Need]]] = {}
    result: dict[str, int] = {}
    for need in problem.needs:
        if need.part == part:
            start, complete = earliest.need_ms(need, tuple(p for item in need.items for p in by_item.get(item, ())))
            at_site.setdefault((need.place, need.site), []).append((start, need))
            result[need.place] = max(complete, result.get(need.place, complete))
    for (place, _), needs in at_site.items():
        first = min(start for start, _ in needs)
        if first < NEVER:
            whole = least_unloading_ms(problem, (need for _, need in needs))
            result[place] = max(result[place], first + whole)
    return {place: NEVER if time > problem.end_ms else time for place, time in result.items()}
