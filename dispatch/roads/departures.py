"""When to set out: the arrival at a site as a function of the departure, over roads that close and slow by the hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dispatch.roads.travel import NEVER, Travel
from models.arrival_profile import ArrivalProfile, arrival_profiles
from models.straight_through import profile_without_waiting
from models.traversal import MOVES, STAYS

__all__ = ["arrival_by_departure", "arrival_by_departure_rolling"]


def arrival_by_departure(
    travel: Travel,
    vehicle_class: str,
    origin: str,
    destinations: Sequence[str],
    from_ms: int,
    until_ms: int,
    *,
    step_ms: int,
) -> list[ArrivalProfile]:
    """Earliest arrival at each site for every departure in an interval; waits before closed roads, no driver's rests.

    Parameters
    ----------
    travel : Travel
    vehicle_class, origin : str
    destinations : sequence of str
    from_ms, until_ms : int
        First and last departure from the site ``origin``.
    step_ms : int
        Where speeds change under way, departures so far apart are searched (see ``models.arrival_profile``); with
        closures alone the profile is exact to the millisecond at every departure.

    Returns
    -------
    list of ArrivalProfile
        Access stretches included; the same as ``travel.arrivals`` for each departure.

    Raises
    ------
    ValueError
        If the interval is empty or the step not positive.
    """
    i = travel.index[origin]
    ends = [travel.index[site] for site in destinations]
    driven = [j for j in ends if j != i and travel.node[j] >= 0] if travel.node[i] >= 0 else []
    out = int(travel.access_ms[i])
    found = arrival_profiles(
        travel.network.drivable, travel.timed[vehicle_class], max(int(travel.node[i]), 0), travel.node[driven],
        from_ms + out, until_ms + out, step_ms=step_ms,
    )  # fmt: skip
    profiles = {j: _at_sites(profile, out, int(travel.access_ms[j])) for j, profile in zip(driven, found, strict=True)}
    profiles[i] = _one_piece(from_ms, until_ms, from_ms, MOVES)
    return [profiles[j] if j in profiles else _one_piece(from_ms, until_ms, NEVER, STAYS) for j in ends]


def arrival_by_departure_rolling(
    travel: Travel,
    vehicle_class: str,
    origin: str,
    destination: str,
    from_ms: int,
    until_ms: int,
    *,
    step_ms: int,
    latest_ms: int,
    most_ways: int,
) -> ArrivalProfile:
    """The same without waiting: only ways that can be driven straight through, no closed road met (``NEVER`` if none).

    Parameters
    ----------
    travel, vehicle_class, origin, from_ms, until_ms, step_ms
        As in :func:`arrival_by_departure`.
    destination : str
    latest_ms : int
        Ways that arrive later than this are not looked for.
    most_ways : int
        Limit of the search, see ``models.straight_through``.

    Raises
    ------
    ValueError
        If the interval is empty, the step not positive, or the search would exceed its limit.
    """
    i, j = travel.index[origin], travel.index[destination]
    if i == j:
        return replace(_one_piece(from_ms, until_ms, from_ms, MOVES), waiting=False)
    if travel.node[i] < 0 or travel.node[j] < 0:
        return replace(_one_piece(from_ms, until_ms, NEVER, STAYS), waiting=False)
    out, at_end = int(travel.access_ms[i]), int(travel.access_ms[j])
    found = profile_without_waiting(
        travel.network.drivable, travel.timed[vehicle_class], int(travel.node[i]), int(travel.node[j]), from_ms + out,
        until_ms + out, step_ms=step_ms, latest_ms=latest_ms - at_end, most_ways=most_ways,
    )  # fmt: skip
    return _at_sites(found, out, at_end)


def _at_sites(profile: ArrivalProfile, out_ms: int, at_end_ms: int) -> ArrivalProfile:
    """Profile between sites from that between their nodes."""
    arrive = np.where(profile.arrive_ms < NEVER, profile.arrive_ms + at_end_ms, NEVER)
    return replace(profile, depart_ms=profile.depart_ms - out_ms, arrive_ms=arrive, until_ms=profile.until_ms - out_ms)


def _one_piece(from_ms: int, until_ms: int, arrive_ms: int, form: int) -> ArrivalProfile:
    return ArrivalProfile(
        np.array([from_ms], dtype=np.int64), np.array([arrive_ms], dtype=np.int64), np.array([form], dtype=np.int8),
        until_ms,
    )  # fmt: skip
