"""Every way out that is in time: who can reach which shelter on foot, by own car or by bus, and when at the earliest.

A shelter counts as safe if the hazard is not forecast to reach its place. A way counts if the place is left before the
safety margin begins and the road is open all along it. On foot the way is no longer than the norm allows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dispatch.clock import HOUR_MS, MINUTE_MS
from dispatch.evacuation.people import latest_ms, ready_ms
from dispatch.evacuation.roads import CAR, bus_rows, walk_class
from dispatch.roads.travel import Travel, arrivals, way
from dispatch.scenario import Scenario
from models.traversal import NEVER

__all__ = ["Bus", "Part", "WayOut", "WaysOut", "bus_free_ms", "buses_of", "on_minute", "safe_shelters", "ways_out"]


@dataclass(frozen=True)
class Part:
    """People of one place and group who can leave the same ways: with a car of their own, or without."""

    place: str
    group: str
    car: bool
    people: int
    told_ms: int
    ready_ms: int
    latest_ms: int


@dataclass(frozen=True)
class WayOut:
    """One part's earliest way to one shelter by one mode; ``arrive_ms`` for a bus is that of the first."""

    part: int
    shelter: int
    mode: str
    depart_ms: int
    arrive_ms: int


@dataclass(frozen=True)
class Bus:
    """A vehicle that carries people, and from when it can be had."""

    vehicle: str
    vehicle_class: str
    base: str
    seats: int
    free_ms: int


@dataclass(frozen=True, eq=False)
class WaysOut:
    """All parts, shelters, buses and ways.

    ``room`` is each shelter's capacity; ``bus_reaches`` tells for each part whether a bus comes there at all, in time
    or not.
    """

    parts: tuple[Part, ...]
    shelters: tuple[str, ...]
    room: tuple[int, ...]
    buses: tuple[Bus, ...]
    ways: tuple[WayOut, ...]
    bus_reaches: tuple[bool, ...]


def on_minute(time_ms: int) -> int:
    """The next whole minute."""
    return -(-time_ms // MINUTE_MS) * MINUTE_MS


def safe_shelters(scenario: Scenario) -> pd.DataFrame:
    """Shelters on the roads, at places that the hazard is not forecast to reach."""
    reached = scenario.disruption.places
    hit = set(reached.loc[reached["share"] > 0, "place"])
    shelters = scenario.county.table("shelters")
    on_road = shelters["shelter"].isin(scenario.sites.index[scenario.sites["node"] >= 0])
    return shelters[on_road & ~shelters["place"].isin(hit)].reset_index(drop=True)


def bus_free_ms(scenario: Scenario, row: dict[str, object], warned_ms: int) -> int:
    """When a bus can set out: its own turn-out time or the call-up, for a hired one its coming to the base on top."""
    turnout = float(row["turnout_min"])  # type: ignore[arg-type]
    called = scenario.step_ms("call_up") if math.isnan(turnout) else math.ceil(round(turnout * MINUTE_MS, 3))
    hired = 0 if row["mode"] == "own" else scenario.step_ms("vehicle_arrival")
    return warned_ms + called + hired


def buses_of(scenario: Scenario) -> tuple[Bus, ...]:
    """The fleet's buses, called when the order to leave is given."""
    order = scenario.evacuation
    assert order is not None
    return tuple(
        Bus(str(row["vehicle"]), str(row["class"]), str(row["base"]), int(row["seats"]),  # type: ignore[call-overload]
            bus_free_ms(scenario, row, order.warned_ms))
        for row in bus_rows(scenario)
    )  # fmt: skip


def ways_out(scenario: Scenario, roads: Travel) -> WaysOut:
    """List all ways out of a scenario's evacuation.

    Parameters
    ----------
    scenario : Scenario
        With an evacuation.
    roads : Travel
        As from :func:`dispatch.evacuation.roads.evacuation_travel`.
    """
    shelters = safe_shelters(scenario)
    parts, buses = tuple(_parts(scenario)), buses_of(scenario)
    names = tuple(shelters["shelter"])
    at = np.array([roads.index[name] for name in names], dtype=np.int64)
    ways: list[WayOut] = []
    first_bus = _first_buses(scenario, roads, parts, buses)
    for k, part in enumerate(parts):
        if part.place not in roads.index or not len(names):
            continue
        depart = on_minute(part.ready_ms)
        if depart <= part.latest_ms:
            ways += _walks(scenario, roads, k, part, depart, names, at)
            if part.car:
                there = arrivals(roads, CAR, part.place, depart)[at]
                ways += [WayOut(k, s, "car", depart, int(there[s])) for s in np.flatnonzero(there < NEVER).tolist()]
        ways += _rides(roads, k, part, first_bus.get(k, ()), at)
    return WaysOut(parts, names, tuple(int(c) for c in shelters["capacity"]), buses, tuple(ways),
                   tuple(k in first_bus for k in range(len(parts))))  # fmt: skip


def _parts(scenario: Scenario) -> Iterator[Part]:
    """Split each group into those with a car and those without."""
    order, response = scenario.evacuation, scenario.response
    assert order is not None
    for row in order.groups.itertuples(index=False):
        driving = math.floor(row.people * response.value(f"evacuation.car_share_{row.group}"))
        ready = ready_ms(response, row.group, int(row.told_ms))
        latest = latest_ms(response, int(row.hazard_ms))
        for car, people in ((True, driving), (False, int(row.people) - driving)):
            if people > 0:
                yield Part(row.place, row.group, car, people, int(row.told_ms), ready, latest)


def _walks(
    scenario: Scenario, roads: Travel, k: int, part: Part, depart: int, names: tuple[str, ...], at: np.ndarray
) -> Iterator[WayOut]:
    """Ways on foot that are short enough."""
    response = scenario.response
    walking = walk_class(part.group)
    limit_m = 1000 * response.value(f"evacuation.{walking}_limit")
    if not _near(scenario, part.place, names, limit_m):
        return
    fastest = response.value(f"evacuation.{walking}_kmh")
    there = arrivals(roads, walking, part.place, depart)[at]
    slack = max(roads.drive_rest_ms, 1)
    slowest = min(scenario.pace_permille) / 1000
    near = there - depart <= limit_m / 1000 / fastest / slowest * HOUR_MS + slack + 4 * HOUR_MS
    for s in np.flatnonzero((there < NEVER) & near).tolist():
        edges = way(roads, walking, part.place, names[s], depart)
        if edges is not None and walked_m(scenario, roads, part.place, names[s], edges) <= limit_m:
            yield WayOut(k, s, "walk", depart, int(there[s]))


def _near(scenario: Scenario, place: str, names: tuple[str, ...], limit_m: float) -> bool:
    """Whether any shelter is within the limit as the crow flies (a tenth more for roundings of a map's lengths)."""
    network, node = scenario.network, scenario.sites["node"]
    here, there = int(node[place]), node.loc[list(names)].to_numpy(dtype=np.int64)
    lon, lat = (np.radians(degrees[[here, *there]]) for degrees in (network.node_lon, network.node_lat))
    east = (lon[1:] - lon[0]) * np.cos((lat[1:] + lat[0]) / 2)
    away = 6_371_000 * np.hypot(east, lat[1:] - lat[0])
    return bool((away <= 1.1 * limit_m).any())


def walked_m(scenario: Scenario, roads: Travel, place: str, shelter: str, edges: np.ndarray) -> float:
    """Length of a way on foot, with the stretches to and from the road."""
    ends = 0.0 if place == shelter else float(scenario.sites.loc[[place, shelter], "access_m"].sum())
    return float(roads.network.length_m[edges].sum()) + ends


def _rides(roads: Travel, k: int, part: Part, leaves: Iterable[tuple[int, str]], at: np.ndarray) -> Iterator[WayOut]:
    """Earliest ways by bus, whichever class is there first."""
    best: dict[int, WayOut] = {}
    for depart, vehicle_class in leaves:
        there = arrivals(roads, vehicle_class, part.place, depart)[at]
        for s in np.flatnonzero(there < NEVER).tolist():
            if s not in best or int(there[s]) < best[s].arrive_ms:
                best[s] = WayOut(k, s, "bus", depart, int(there[s]))
    yield from best.values()


def _first_buses(
    scenario: Scenario, roads: Travel, parts: tuple[Part, ...], buses: tuple[Bus, ...]
) -> dict[int, list[tuple[int, str]]]:
    """When a bus of each class can leave each part's place first; only those in time."""
    board = round(scenario.response.value("evacuation.board") * MINUTE_MS)
    starts = dict.fromkeys((bus.vehicle_class, bus.base, bus.free_ms) for bus in buses)
    reach = {start: arrivals(roads, start[0], start[1], start[2]) for start in starts}
    found: dict[int, list[tuple[int, str]]] = {}
    for k, part in enumerate(parts):
        if part.place not in roads.index:
            continue
        p = roads.index[part.place]
        first: dict[str, int] = {}
        for start, there in reach.items():
            if there[p] < NEVER:
                leaves = on_minute(max(int(there[p]), part.ready_ms) + board)
                first[start[0]] = min(leaves, first.get(start[0], NEVER))
        if not first:
            continue
        found[k] = [(leaves, name) for name, leaves in first.items() if leaves <= part.latest_ms]
    return found
