"""Independent recomputation of tours: plain loops over the file, nothing of the search."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks._routing_files import Published

__all__ = ["arrivals", "broken", "driven"]

_ROUNDING = 1e-6


def broken(
    given: Published,
    distance: NDArray[np.float64],
    vehicles: int,
    tours: Sequence[Sequence[Sequence[int]]],
    longest: float = np.inf,
) -> str:
    """What is wrong with trips by vehicle; empty if nothing.

    Every customer once, loads within the capacity, windows, releases, the depot's closing time, the fleet.
    """
    seen = sorted(int(c) for tour in tours for trip in tour for c in trip)
    if seen != list(range(1, len(distance))):
        return f"{len(distance) - 1 - len(set(seen))} customers without a visit"
    if len(tours) > vehicles:
        return f"{len(tours)} vehicles of {vehicles}"
    for tour in tours:
        clock = given.ready[0]
        for trip in tour:
            if sum(given.demand[c] for c in trip) > given.capacity + _ROUNDING:
                return "overloaded"
            clock = max(clock, *(given.release[c] for c in trip))
            at = 0
            for c in trip:
                clock += distance[at, c]
                if clock > given.due[c] + _ROUNDING:
                    return f"late at {c}"
                clock = max(clock, given.ready[c]) + given.service[c]
                at = c
            clock += distance[at, 0]
        if clock > min(longest, given.due[0]) + _ROUNDING:
            return "back too late"
    return ""


def driven(distance: NDArray[np.float64], tours: Sequence[Sequence[Sequence[int]]]) -> float:
    """Distance of all trips, there and back."""
    total = 0.0
    for tour in tours:
        for trip in tour:
            stops = [0, *trip, 0]
            total += sum(float(distance[a, b]) for a, b in zip(stops[:-1], stops[1:], strict=True))
    return total


def arrivals(
    distance: NDArray[np.float64], tours: Sequence[Sequence[Sequence[int]]], either_way: bool = False
) -> float:
    """Sum of arrival times without service; ``either_way``: a trip may be driven backwards if that is earlier."""
    total = 0.0
    for tour in tours:
        for trip in tour:
            found = []
            for way in (list(trip), list(trip)[::-1])[: 2 if either_way else 1]:
                clock = worth = 0.0
                for a, b in zip([0, *way[:-1]], way, strict=True):
                    clock += float(distance[a, b])
                    worth += clock
                found.append(worth)
            total += min(found)
    return total
