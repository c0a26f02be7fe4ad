"""Movements of people while a plan is made, and the ledger of who is left and which shelter has room."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.evacuation.people import latest_ms, ready_ms
from dispatch.evacuation.ways_out import WaysOut, on_minute
from dispatch.scenario import Scenario

__all__ = ["CAUSES", "Ledger", "Move"]

CAUSES: tuple[str, ...] = ("warning", "road", "shelter", "vehicle", "congestion")
"""Why people are not out in time: told too late to get ready; no open way to a safe shelter, by whatever means; no room
where they can get to; no bus in time; the roads take no more cars in time."""


@dataclass(frozen=True, eq=False)
class Move:
    """One movement; the columns of ``EVACUATION_COLUMNS``, ways as edges."""

    place: str
    group: str
    people: int
    mode: str
    shelter: str
    board_ms: int
    depart_ms: int
    arrive_ms: int
    done_ms: int
    vehicle_class: str
    edges: NDArray[np.int32]
    vehicle: str = ""
    sequence: int = 0
    start_site: str = ""
    start_ms: int = -1
    pickup_edges: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))


@dataclass(eq=False)
class Ledger:
    """People left by place and group, room left by shelter, and each group's times."""

    left: dict[tuple[str, str], int]
    room: dict[str, int]
    ready: dict[tuple[str, str], int]
    latest: dict[tuple[str, str], int]

    @classmethod
    def of(cls, scenario: Scenario, options: WaysOut) -> Ledger:
        """Everybody still there, every shelter empty."""
        assert scenario.evacuation is not None
        rows = list(scenario.evacuation.groups.itertuples(index=False))
        response = scenario.response
        return cls(
            {(row.place, row.group): int(row.people) for row in rows},
            dict(zip(options.shelters, options.room, strict=True)),
            {(row.place, row.group): ready_ms(response, row.group, int(row.told_ms)) for row in rows},
            {(row.place, row.group): latest_ms(response, int(row.hazard_ms)) for row in rows},
        )

    def depart_ms(self, place: str, group: str) -> int:
        """When a group may leave on its own."""
        return on_minute(self.ready[place, group])

    def latest_ms(self, place: str, group: str) -> int:
        """Until when it must have left."""
        return self.latest[place, group]

    def takeable(self, place: str, group: str, shelter: str, wanted: int) -> int:
        """How many of those wanted are left and find room."""
        return min(wanted, self.left[place, group], self.room.get(shelter, 0))

    def take(self, place: str, group: str, shelter: str, people: int) -> None:
        """People are moved."""
        self.left[place, group] -= people
        self.room[shelter] -= people

    def cause(self, place: str, group: str, options: WaysOut) -> tuple[str, str]:
        """Why people of a group are left, and a figure for a reader."""
        latest = self.latest[place, group]
        late = self.ready[place, group] - latest
        if late > 0:
            return "warning", f"{-(-late // MINUTE_MS)} min"
        # Those without a car are the ones left over, where both kinds are: cars go first.
        parts = [k for k, part in enumerate(options.parts) if (part.place, part.group) == (place, group)]
        one = min(parts, key=lambda k: options.parts[k].car)
        ways = [way for way in options.ways if way.part == one]
        if not ways:
            return (
                ("vehicle", f"{sum(bus.seats for bus in options.buses)}") if options.bus_reaches[one] else ("road", "")
            )
        if not any(self.room[options.shelters[way.shelter]] > 0 for way in ways):
            reachable = {way.shelter for way in ways}
            return "shelter", f"{sum(options.room[shelter] for shelter in reachable)}"
        if all(way.mode == "car" for way in ways):
            return "congestion", ""
        return "vehicle", f"{sum(bus.seats for bus in options.buses)}"
