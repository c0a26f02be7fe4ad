"""Goods aboard a begun trip that cannot be brought where they were meant for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dispatch.planning.committed import Committed, Here, expired_by, go_on
from dispatch.planning.legs import Crew
from dispatch.planning.problem import ReliefProblem
from dispatch.planning.timetable import Timetable

__all__ = ["hand_over_spare"]


def hand_over_spare(
    problem: ReliefProblem, timetable: Timetable, trip: Committed, vehicle_class: str, remaining: dict[int, int]
) -> None:
    """Give what a trip has aboard and cannot bring to other needs for the same item, the earliest to reach first.

    ``remaining`` (units by position of the need that may be given) is brought up to date; what nobody can be given
    stays in ``spare``.
    """
    roads = problem.legs.roads
    network = roads.network
    while trip.spare and trip.here is not None:
        items = {item for _, item, _, _ in trip.spare}
        release_ms = trip.row["load_start_ms"]
        wanted = [
            n
            for n, left in remaining.items()
            if left > 0 and items & set(problem.needs[n].items) and problem.needs[n].release_ms <= release_ms
        ]
        ways = {site: go_on(roads, vehicle_class, trip.here, site)
                for site in sorted({problem.needs[n].site for n in wanted})}  # fmt: skip
        open_ways = sorted((found[1], site) for site, found in ways.items() if found is not None)
        if not open_ways:
            return
        arrive_ms, site = open_ways[0]
        found = ways[site]
        if found is None:
            return
        loads, kept = _give(problem, trip.spare, [n for n in wanted if problem.needs[n].site == site], remaining)
        size = problem.size(_by_item(loads))
        length_ms = problem.unloading_time_ms(*size)
        start_ms = timetable.unloading_from(site, arrive_ms, length_ms)
        end_ms = start_ms + length_ms
        if end_ms > problem.end_ms or any(
            expired_by(problem, trip.row["depot"], item, lot, end_ms) for _, item, lot, _ in loads
        ):
            return
        for need, _, _, quantity in loads:
            remaining[need] -= quantity
        trip.spare = kept
        edges = tuple(str(edge) for edge in network.edge_id[found[0]])
        trip.stops.append({
            "trip": trip.row["trip"], "stop": len(trip.stops) + 1, "site": site, "edges": edges,
            "leave_ms": trip.here.leave_ms, "arrive_ms": arrive_ms, "unload_start_ms": start_ms,
            "unload_end_ms": end_ms,
        })  # fmt: skip
        trip.lots.append(loads)
        together: dict[tuple[int, str], int] = {}
        for need, item, _, quantity in loads:
            together[need, item] = together.get((need, item), 0) + quantity
        trip.goods.append(problem.stop(site, tuple((n, i, q) for (n, i), q in together.items())))
        driven = 0 if end_ms - arrive_ms >= problem.scenario.drive_rest_ms else found[2]
        i = roads.index[site]
        trip.here = Here(site, end_ms, driven, np.empty(0, np.int64), int(roads.node[i]),
                          end_ms + int(roads.access_ms[i]))  # fmt: skip
        trip.crew = Crew(driven, driven)
        trip.abandoned = False


def _by_item(loads: list[tuple[int, str, str, int]]) -> dict[str, int]:
    result: dict[str, int] = {}
    for _, item, _, quantity in loads:
        result[item] = result.get(item, 0) + quantity
    return result


def _give(
    problem: ReliefProblem, spare: list[tuple[int, str, str, int]], needs: list[int], remaining: Mapping[int, int]
) -> tuple[list[tuple[int, str, str, int]], list[tuple[int, str, str, int]]]:
    """Goods for these needs, the first batch first, and what is kept."""
    open_for = {n: remaining[n] for n in sorted(needs, key=lambda n: (problem.needs[n].part != "first_batch", n))}
    given: list[tuple[int, str, str, int]] = []
    kept: list[tuple[int, str, str, int]] = []
    for of, item, lot, quantity in spare:
        left = quantity
        for need, wanted in open_for.items():
            part = min(left, wanted) if item in problem.needs[need].items else 0
            if part:
                given.append((need, item, lot, part))
                open_for[need] -= part
                left -= part
        if left:
            kept.append((of, item, lot, left))
    return given, kept
