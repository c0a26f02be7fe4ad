"""Goods assigned to needs, packed into consignments that a usual vehicle of the fleet can carry."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from dispatch.planning.allocation import Assigned
from dispatch.planning.dock_lines import DockLines
from dispatch.planning.problem import Consignment, Load, ReliefProblem
from dispatch.planning.supply import Vehicle
from models.traversal import NEVER

__all__ = ["pack", "split"]

_USUAL = (0.3, 0.6, 1.0)
_LIKE = 1.15
"""How far above its share of the whole a consignment may go so that a place's goods stay together."""

_MANY = 120
_MORE = 1.3
"""Consignments above which larger vehicles set the size: so many, or so many times those that must be apart."""


def pack(
    problem: ReliefProblem, assigned: Iterable[Assigned], lines: DockLines | None = None
) -> tuple[list[Consignment], list[Load]]:
    """Pack what is assigned, place after place, by depot, site and hour of release.

    The size is that of a vehicle near the lower third of the fleet that can go there; with many consignments a larger.
    With ``lines`` it is of the vehicles that can go there in time: where large ones have to wait, small ones may pass.

    Returns
    -------
    consignments : list of Consignment
    too_big : list of (position of the need, item, quantity)
        Goods of which no vehicle can take a single unit there.
    """
    grouped: dict[tuple[str, str, int], list[Assigned]] = {}
    for part in assigned:
        opened = part.ready_ms if part.ready_ms > problem.depots[part.depot].open_ms else 0
        grouped.setdefault((part.depot, problem.needs[part.need].site, opened), []).append(part)
    fleets: _Fleets = {}
    for usual in _USUAL:
        consignments: list[Consignment] = []
        too_big: list[Load] = []
        for (depot, site, ready_ms), parts in grouped.items():
            loads, excluded = _loadable(problem, parts, _fleet(problem, depot, site, fleets, None))
            too_big.extend(excluded)
            if loads:
                of = _fleet(problem, depot, site, fleets, lines)
                cut = _cut(problem, depot, site, loads, usual, of)
                consignments.extend(replace(consignment, ready_ms=ready_ms) for consignment in cut)
        if len(consignments) <= max(_MANY, _MORE * len(grouped)):
            break
    return consignments, too_big


_Fleets = dict[tuple[str, ...], list[Vehicle]]


def _fleet(problem: ReliefProblem, depot: str, site: str, known: _Fleets, lines: DockLines | None) -> list[Vehicle]:
    """Vehicles that can drive from a depot to a site, the smallest first; ``known``: by the classes that can.

    With ``lines`` those that come in time when they leave as late as half-way to the last that do.
    """
    classes = tuple(
        of
        for of in problem.classes
        if problem.legs.least(of, depot, site) < NEVER and problem.vehicle_at[of, depot] < NEVER
    )
    if lines is not None:
        at, opened = problem.legs.roads.index[site], problem.depots[depot].open_ms
        half = (opened + int(lines.latest_ms[depot][at])) // 2
        if half >= opened:
            classes = tuple(of for of in classes if lines.of_class[of, depot][at] >= half)
    if classes not in known:
        reference_kg, reference_m3 = problem.scenario.loading_reference_kg, problem.scenario.loading_reference_m3
        known[classes] = sorted(
            (vehicle for vehicle in problem.vehicles.values() if vehicle.vehicle_class in classes),
            key=lambda v: (min(v.payload_kg / reference_kg, v.volume_m3 / reference_m3), v.vehicle),
        )
    return known[classes]


def _loadable(problem: ReliefProblem, parts: list[Assigned], fleet: list[Vehicle]) -> tuple[list[Load], list[Load]]:
    """Loads in the order in which places are to be completed, and those no vehicle can take."""
    order: dict[str, tuple[float, str]] = {}
    for part in parts:
        need = problem.needs[part.need]
        order[need.place] = (-need.weight, need.place)
    parts = sorted(parts, key=lambda part: (order[problem.needs[part.need].place], part.need, part.item))
    loads: list[Load] = []
    excluded: list[Load] = []
    able = {
        item: any(problem.fits(vehicle, *problem.unit[item]) for vehicle in reversed(fleet))
        for item in {part.item for part in parts}
    }
    for part in parts:
        (loads if able[part.item] else excluded).append((part.need, part.item, part.quantity))
    return loads, excluded


def _cut(
    problem: ReliefProblem, depot: str, site: str, loads: list[Load], usual: float, fleet: list[Vehicle]
) -> list[Consignment]:
    """Cut loads into near-equal consignments that the vehicle at the quantile ``usual`` of the fleet can carry."""
    unit = [problem.unit[item] for item in {item for _, item, _ in loads}]
    heaviest, bulkiest = max(weight_kg for weight_kg, _ in unit), max(volume_m3 for _, volume_m3 in unit)
    able = [v for v in fleet if problem.fits(v, heaviest, bulkiest)] or fleet[-1:]
    vehicle = able[min(len(able) - 1, int(usual * len(able)))]
    whole = problem.stop(site, tuple(loads))
    pieces = max(1, math.ceil(max(whole.weight_kg / vehicle.payload_kg, whole.volume_m3 / vehicle.volume_m3) - 1e-9))
    return split(problem, depot, site, loads, pieces, (vehicle.payload_kg, vehicle.volume_m3))


def split(
    problem: ReliefProblem,
    depot: str,
    site: str,
    loads: Iterable[Load],
    pieces: int,
    largest: tuple[float, float],
) -> list[Consignment]:
    """Cut loads, in their order, into about ``pieces`` consignments, none above ``largest`` (kg, m³).

    A place's goods stay together where they can.
    """
    loads = list(loads)
    whole = problem.stop(site, tuple(loads))
    like_kg, like_m3 = whole.weight_kg / pieces * _LIKE, whole.volume_m3 / pieces * _LIKE
    result: list[Consignment] = []
    now: list[Load] = []
    used_kg = used_m3 = 0.0
    for _, of_place in groupby(loads, key=lambda load: problem.needs[load[0]].task):
        place = list(of_place)
        size = problem.stop(site, tuple(place))
        if now and (
            used_kg + size.weight_kg > min(like_kg, largest[0]) or used_m3 + size.volume_m3 > min(like_m3, largest[1])
        ):
            result.append(Consignment(depot, problem.stop(site, tuple(now))))
            now, used_kg, used_m3 = [], 0.0, 0.0
        for need, item, quantity in place:
            unit_kg, unit_m3 = problem.unit[item]
            left = quantity
            while left:
                room = min(_units(largest[0] - used_kg, unit_kg, left), _units(largest[1] - used_m3, unit_m3, left))
                if room == 0 and not now:
                    room = 1
                if room:
                    now.append((need, item, room))
                    used_kg += room * unit_kg
                    used_m3 += room * unit_m3
                    left -= room
                if left:
                    result.append(Consignment(depot, problem.stop(site, tuple(now))))
                    now, used_kg, used_m3 = [], 0.0, 0.0
    if now:
        result.append(Consignment(depot, problem.stop(site, tuple(now))))
    return result


def _units(room: float, unit: float, most: int) -> int:
    """How many units fit."""
    return most if unit <= 0 else max(0, min(most, int(room / unit + 1e-9)))
