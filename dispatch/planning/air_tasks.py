"""Tasks of the schedule: loads of goods, lifts of injured people, looks at places; who can do each, and how long."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dispatch.air.sky import CARGO, Aircraft, Sky
from dispatch.air_order import AirRequest
from dispatch.clock import MINUTE_MS, SECOND_MS
from dispatch.planning.air_supply import Carry, Load
from models.air.sorties import AirInstance
from models.traversal import NEVER

__all__ = ["Task", "air_instance", "lift_tasks", "task_ms"]

LEVELS = {"medical": 1, "supply": 2, "reconnaissance": 3}
"""Lives first, then goods, then pictures."""


@dataclass(frozen=True)
class Task:
    """One task: from its first point to its last. ``load`` of goods, ``request`` and ``people`` of a lift or a look."""

    kind: str
    start_site: str
    end_site: str
    from_ms: int
    load: Load | None = None
    request: str = ""
    people: int = 0


def task_ms(sky: Sky, craft: Aircraft, task: Task) -> int:
    """From its start until free at its end; ``NEVER`` if the aircraft cannot do it."""
    fuel_ms = round(sky.rules["sortie"] * MINUTE_MS)
    if task.kind == "reconnaissance":
        if not craft.is_drone or not craft.can & {"video", "mapping"}:
            return NEVER
        return NEVER if sky.flight_ms(craft, craft.base, task.end_site) >= NEVER else sky.step_ms("look")
    flight = sky.flight_ms(craft, task.start_site, task.end_site)
    if flight >= NEVER:
        return NEVER
    if task.kind == "medical":
        able = not craft.is_drone and craft.stretchers >= task.people
        return sky.step_ms("board") + flight + sky.step_ms("hand_over") if able else NEVER
    assert task.load is not None
    if craft.is_drone and not craft.can & CARGO:
        return NEVER
    room = sky.payload_at_kg(craft, fuel_ms, task.start_site, task.end_site) * sky.rules["share_of_load"]
    if task.load.kg > room + 1e-9 or task.load.m3 > craft.cargo_m3 + 1e-9:
        return NEVER
    return sky.load_ms(craft) + flight + sky.unload_ms(craft)


def lift_tasks(sky: Sky, request: AirRequest) -> tuple[tuple[Task, ...], ...]:
    """Ways to lift the people of a request, as many at a time as one type of helicopter takes."""
    rows = sky.scenario.county.table("facilities")
    known = rows.loc[(rows["kind"] == "hospital") & rows["lon"].notna(), "facility"].tolist()
    to = request.to or min(known, key=lambda h: (sky.away_m(request.request, h), h), default="")
    ways: list[tuple[Task, ...]] = []
    for room in sorted({craft.stretchers for craft in sky.fleet if craft.stretchers > 0}, reverse=True):
        flights = math.ceil(request.people / room)
        if not to or flights > sky.rules["most_loads"] or any(len(way) == flights for way in ways):
            continue
        parts = [min(room, request.people - k * room) for k in range(flights)]
        ways.append(tuple(Task("medical", request.request, to, request.from_ms, None, request.request, part)
                          for part in parts))  # fmt: skip
    return tuple(ways)


def air_instance(
    sky: Sky, crafts: Iterable[Aircraft], groups: list[tuple[str, int, int, tuple[tuple[Task, ...], ...]]]
) -> tuple[AirInstance, list[Task]]:
    """Arrays of the schedule.

    Parameters
    ----------
    sky : Sky
    crafts : iterable of Aircraft
    groups : list of (kind, weight, due ms, ways)
    """
    fleet = list(crafts)
    tasks: list[Task] = []
    numbered = []
    for _, _, _, ways in groups:
        of_group = []
        for way in ways:
            of_group.append(tuple(range(len(tasks), len(tasks) + len(way))))
            tasks += way
        numbered.append(tuple(of_group))
    m, n, far = len(fleet), len(tasks), 10**7
    duration = np.full((m, n), -1, dtype=np.int64)
    out, home = np.full((m, n), far), np.full((m, n), far)
    direct, again = np.full((m, n, n), far), np.full((m, n, n), far)

    def seconds(craft: Aircraft, a: str, b: str) -> int:
        return min(sky.flight_ms(craft, a, b) // SECOND_MS, far)

    pad_of: dict[tuple[str, str], str] = {}
    for a, craft in enumerate(fleet):
        pads = sky.pads(craft)
        for i, task in enumerate(tasks):
            length = task_ms(sky, craft, task)
            if length >= NEVER:
                continue
            pad = pad_of[craft.aircraft, task.end_site] = nearest_pad(sky, craft, task.end_site, pads)
            out[a, i], home[a, i] = seconds(craft, craft.base, task.start_site), seconds(craft, task.end_site, pad)
            if out[a, i] + length // SECOND_MS + home[a, i] <= airborne_s(sky, craft):
                duration[a, i] = length // SECOND_MS
        able = np.flatnonzero(duration[a] >= 0).tolist()
        for i in able:
            pad = pad_of[craft.aircraft, tasks[i].end_site]
            for j in able:
                direct[a, i, j] = seconds(craft, tasks[i].end_site, tasks[j].start_site)
                again[a, i, j] = seconds(craft, pad, tasks[j].start_site)
    day_s = round(sky.rules["crew_flight"] * 3600)
    horizon = sky.scenario.end_ms // SECOND_MS
    instance = AirInstance(
        duration_s=duration, direct_s=direct, out_s=out, home_s=home, again_s=again,
        stop_s=np.array([sky.stop_ms(craft) // SECOND_MS for craft in fleet], dtype=np.int64),
        ready_s=np.array([max(craft.ready_ms, 0) // SECOND_MS for craft in fleet], dtype=np.int64),
        airborne_s=np.array([airborne_s(sky, craft) for craft in fleet], dtype=np.int64),
        flight_s=np.array([horizon if craft.is_drone else day_s for craft in fleet], dtype=np.int64),
        windows_s=tuple(
            tuple((max(-(-start // SECOND_MS), 0), end // SECOND_MS) for start, end in sky.windows(craft) if end > 0)
            for craft in fleet
        ),
        earliest_s=np.array([max(-(-task.from_ms // SECOND_MS), 0) for task in tasks], dtype=np.int64),
        groups=tuple(numbered),
        due_s=np.array([due // SECOND_MS for _, _, due, _ in groups], dtype=np.int64),
        level=np.array([LEVELS[kind] for kind, _, _, _ in groups], dtype=np.int64),
        weight=np.array([weight for _, weight, _, _ in groups], dtype=np.int64),
        horizon_s=horizon,
    )  # fmt: skip
    return instance, tasks


def airborne_s(sky: Sky, craft: Aircraft) -> int:
    """Longest sortie with goods or people, s: a helicopter takes no more fuel than the rule's."""
    limit = craft.airborne_ms // SECOND_MS
    return limit if craft.is_drone else min(limit, round(sky.rules["sortie"] * 60))


def nearest_pad(sky: Sky, craft: Aircraft, site: str, pads: Iterable[str]) -> str:
    """Pad to which it is least far."""
    return min(pads, key=lambda pad: (sky.flight_ms(craft, site, pad), pad))


def carry_group(carry: Carry, due_ms: int) -> tuple[str, int, int, tuple[tuple[Task, ...], ...]]:
    """The group of a place served by air."""
    ways = tuple(tuple(Task("supply", load.depot, load.site, load.from_ms, load) for load in way) for way in carry.ways)
    return "supply", max(carry.people, 1), due_ms, ways
