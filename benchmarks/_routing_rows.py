"""Our routing search on published families, beside OR-Tools and PyVRP in the same run.

Ours has so many seconds of processor time; the peers have as long on the clock as that took.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._routing_check import arrivals, broken, driven
from benchmarks._routing_files import Published, euclidean, known_values, read_sd, read_solomon, read_vrp
from benchmarks._routing_peers import ortools_tours, pyvrp_tours
from benchmarks.harness import Row
from models.routing import RoutingInstance, RoutingSolution, routing_instance, solve, solve_split

__all__ = ["FAMILIES", "routing_rows"]

Floats = NDArray[np.float64]

_SEEDS = (1, 2, 3)
"""Of our search for arrivals; the first one elsewhere."""

_SAMPLE = {
    "cvrp_x": ("X-n110-k13", "X-n261-k13", "X-n502-k39", "X-n979-k58"),
    "vrptw_solomon": ("C103", "R104", "R201", "RC208"),
    "mtvrptw_release": ("C201R0.5", "R203R0.5", "RC208R0.75", "R2_2_05R0.5"),
    "sdvrp": ("S51D4", "S76D2", "S101D5", "eil51", "eilB101"),
    "mtvrp": ("CMT1", "CMT2", "CMT12"),
}


def routing_rows(family: str, bench: Path, seconds: float, most: int | None) -> Iterator[Row]:
    """Rows of one family; ``most`` instances at most."""
    yield from _ROWS[family](bench / f"routing_{family}", seconds, most)


def _tours(found: RoutingSolution) -> list[list[list[int]]]:
    return [[trip.tolist() for trip in tour] for tour in found.tours]


def _row(case: str, measure: str, worth: float, known: float, fault: str) -> Row:
    return Row(
        case,
        measure,
        "",
        worth,
        reference=known,
        gap=None if fault else worth / known - 1,
        agrees=not fault,
        note=fault,
    )


def _beside(row: Row, peer: str, worth: float | None) -> Row:
    if worth is None:
        nothing = f"{peer}: nothing feasible in the same time"
        return replace(row, peer_name=peer, note="; ".join(part for part in (row.note, nothing) if part))
    return replace(row, peer=worth, peer_name=peer, ratio=None if row.note else worth / row.ours)


def _ccvrp(folder: Path, seconds: float, most: int | None) -> Iterator[Row]:
    """Sum of arrival times, fixed fleet, way back not counted; several seeds, the peers beside the first."""
    for known in known_values(folder)[:most]:
        given = read_vrp(folder / "instances" / f"{known.instance}.vrp")
        distance, fleet = euclidean(given.place), int(known.params["K"])
        given = replace(given, service=np.zeros(len(distance)))
        instance = routing_instance(distance, given.demand, given.capacity, vehicles=fleet, by_arrival=True)
        for seed in _SEEDS:
            tours, wall = _ours(instance, seconds, seed)
            row = _row(f"{known.instance}, {fleet} vehicles, seed {seed}", "sum of arrivals",
                       arrivals(distance, tours), known.value, broken(given, distance, fleet, tours))  # fmt: skip
            if seed != _SEEDS[0]:
                yield row
                continue
            asked = ortools_tours(given, distance, fleet, wall, 1000, by_arrival=True)
            yield _beside(row, "OR-Tools, same objective",
                          None if asked is None else arrivals(distance, [[tour] for tour in asked]))  # fmt: skip
            plan = pyvrp_tours(given, distance, fleet, wall, 1000, reload=False)
            yield _beside(row, "PyVRP, distance plan re-timed",
                          None if plan is None else arrivals(distance, plan, either_way=True))  # fmt: skip


def _ours(instance: RoutingInstance, seconds: float, seed: int) -> tuple[list[list[list[int]]], float]:
    """Our tours after so many seconds of processor time, and how long that was on the clock."""
    solve(instance, iterations=1)
    begun = time.monotonic()
    tours = _tours(solve(instance, seconds=seconds, seed=seed, clock=time.process_time))
    return tours, time.monotonic() - begun


def _cvrp_x(folder: Path, seconds: float, most: int | None) -> Iterator[Row]:
    for known in _sampled(folder, "cvrp_x", most):
        given = read_vrp(folder / "instances" / f"{known.instance}.vrp")
        yield from _by_cost(known, given, np.floor(euclidean(given.place) + 0.5), seconds, 1, _free_fleet(given))


def _solomon(folder: Path, seconds: float, most: int | None) -> Iterator[Row]:
    """Distance alone, each truncated to one decimal (DIMACS)."""
    for known in _sampled(folder, "vrptw_solomon", most):
        if "min distance" in known.objective:
            given = read_solomon(next((folder / "instances").glob(f"{known.instance}.*")))
            yield from _by_cost(known, given, _truncated(given), seconds, 10, given.vehicles or 25)


def _release(folder: Path, seconds: float, most: int | None) -> Iterator[Row]:
    for known in _sampled(folder, "mtvrptw_release", most):
        given = read_vrp(folder / "instances" / f"{known.instance}.vrp")
        known = replace(known, value=known.value / 10)
        yield from _by_cost(known, given, _truncated(given), seconds, 10, given.vehicles or 1, reload=True)


def _mtvrp(folder: Path, seconds: float, most: int | None) -> Iterator[Row]:
    for known in _sampled(folder, "mtvrp", most):
        given = read_vrp(folder / "instances" / f"{known.instance}.vrp")
        due = np.full(len(given.demand), float(known.params["T"]))
        given = replace(given, due=due, service=np.zeros(len(due)))
        name = f"{known.instance}, {known.params['m']} vehicles, T = {known.params['T']}"
        yield from _by_cost(replace(known, instance=name), given, euclidean(given.place), seconds, 1000,
                            int(known.params["m"]), reload=True)  # fmt: skip


def _by_cost(
    known: Any, given: Published, distance: Floats, seconds: float, scale: int, fleet: int, reload: bool = False
) -> Iterator[Row]:
    instance = routing_instance(
        distance, given.demand, given.capacity, vehicles=fleet, service=given.service, ready=given.ready, due=given.due,
        release=given.release, reload=reload,
    )  # fmt: skip
    tours, wall = _ours(instance, seconds, _SEEDS[0])
    row = _row(known.instance, "distance", driven(distance, tours), known.value, broken(given, distance, fleet, tours))
    if not reload:
        asked = ortools_tours(given, distance, fleet, wall, scale, by_arrival=False)
        yield _beside(row, "OR-Tools", None if asked is None else driven(distance, [[tour] for tour in asked]))
    plan = pyvrp_tours(given, distance, fleet, wall, scale, reload)
    yield _beside(row, "PyVRP", None if plan is None else driven(distance, plan))


def _split(folder: Path, seconds: float, most: int | None) -> Iterator[Row]:
    for known in _sampled(folder, "sdvrp", most):
        given = read_sd(next((folder / "instances").glob(f"{known.instance}.*")))
        distance = np.floor(euclidean(given.place) + 0.5)
        found = solve_split(distance, given.demand, given.capacity, seconds=seconds, seed=_SEEDS[0],
                            clock=time.process_time)  # fmt: skip
        brought = np.zeros(len(distance))
        fault = ""
        for customers, amount in found.tours:
            brought[customers] += amount
            fault = "overloaded" if amount.sum() > given.capacity + 1e-6 else fault
        fault = fault or ("" if np.allclose(brought, given.demand) else "demand not met")
        tours = [[customers.tolist()] for customers, _ in found.tours]
        yield _row(known.instance, "distance, split", driven(distance, tours), known.value, fault)


def _sampled(folder: Path, family: str, most: int | None) -> list[Any]:
    return [known for known in known_values(folder) if known.instance in _SAMPLE[family][:most]]


def _truncated(given: Published) -> Floats:
    return np.floor(euclidean(given.place) * 10 + 1e-9) / 10


def _free_fleet(given: Published) -> int:
    return int(given.demand.sum() / given.capacity * 1.15) + 5


_ROWS = {
    "ccvrp": _ccvrp,
    "mtvrp": _mtvrp,
    "mtvrptw_release": _release,
    "sdvrp": _split,
    "cvrp_x": _cvrp_x,
    "vrptw_solomon": _solomon,
}

FAMILIES = tuple(_ROWS)
