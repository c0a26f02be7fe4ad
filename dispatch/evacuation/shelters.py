"""Who goes to which shelter: the assignment that gets the most people out in the least person-time.

A flow of least cost from groups of people to shelters with room (``models.evacuation.min_cost_flow``). A bus costs the
longer, the more of a place's people wait for one: the first loads at the time of the first bus, later ones by a round
trip more each, the seats of all buses shared out among the places by those who have no other way.

Whom the flow leaves over finds no way or no room; the plan lists them with the cause.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd

from dispatch.clock import MINUTE_MS
from dispatch.evacuation.roads import evacuation_travel
from dispatch.evacuation.ways_out import WaysOut, ways_out
from dispatch.evacuation_order import ASSIGNMENT_COLUMNS
from dispatch.scenario import Scenario
from models.evacuation.min_cost_flow import min_cost_flow

__all__ = ["assigned", "with_shelters"]

_TIERS = 12
_LEFT_MIN = 10_000_000


def with_shelters(scenario: Scenario) -> Scenario:
    """The same scenario with its evacuation's people assigned to shelters; unchanged without an evacuation."""
    if scenario.evacuation is None:
        return scenario
    options = ways_out(scenario, evacuation_travel(scenario))
    return replace(scenario, evacuation=replace(scenario.evacuation, assignment=assigned(options)))


def assigned(options: WaysOut) -> pd.DataFrame:
    """Assign parts to shelters and modes.

    Returns
    -------
    DataFrame
        ``ASSIGNMENT_COLUMNS``, one row per place, group, mode and shelter.
    """
    arcs = _Arcs(options)
    flow = min_cost_flow(arcs.tail, arcs.head, arcs.capacity, arcs.cost, arcs.supply())
    moved: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for (part, mode, shelter), amount in arcs.read(flow.amount).items():
        one = options.parts[part]
        moved[one.place, one.group, mode, options.shelters[shelter]] += amount
    rows = [(*key, amount) for key, amount in moved.items() if amount > 0]
    return pd.DataFrame(
        {
            name: pd.Series([row[k] for row in rows], dtype=kind)
            for k, (name, kind) in enumerate(ASSIGNMENT_COLUMNS.items())
        }
    )


class _Arcs:
    """The network: parts → (queue for the place's buses →) shelters → end."""

    def __init__(self, options: WaysOut) -> None:
        self.options = options
        parts, shelters = len(options.parts), len(options.shelters)
        self.queues = {part: parts + shelters + k for k, part in enumerate(sorted({w.part for w in options.ways
                                                                               if w.mode == "bus"}))}  # fmt: skip
        self.end = parts + shelters + len(self.queues)
        self.tail: list[int] = []
        self.head: list[int] = []
        self.capacity: list[int] = []
        self.cost: list[int] = []
        self.meaning: list[tuple[int, str, int]] = []
        for w in options.ways:
            part = options.parts[w.part]
            minutes = max(0, w.arrive_ms - part.told_ms) // MINUTE_MS
            start = self.queues[w.part] if w.mode == "bus" else w.part
            self._add(start, parts + w.shelter, part.people, minutes, (w.part, w.mode, w.shelter))
        self._tiers()
        for s, room in enumerate(options.room):
            self._add(parts + s, self.end, room, 0)
        for k, part in enumerate(options.parts):
            self._add(k, self.end, part.people, _LEFT_MIN)

    def _add(
        self, tail: int, head: int, capacity: int, cost: int, meaning: tuple[int, str, int] = (-1, "", -1)
    ) -> None:
        self.tail.append(tail)
        self.head.append(head)
        self.capacity.append(capacity)
        self.cost.append(cost)
        self.meaning.append(meaning)

    def _tiers(self) -> None:
        """Waiting for later buses: so many seats at a time, each time a round trip later."""
        options = self.options
        seats = sum(bus.seats for bus in options.buses)
        without = {k for k in self.queues if not any(w.part == k and w.mode != "bus" for w in options.ways)}
        people = {k: options.parts[k].people for k in self.queues}
        weight = {k: people[k] if k in without else people[k] / 4 for k in self.queues}
        total = sum(weight.values())
        least = min((bus.seats for bus in options.buses), default=1)
        for k, queue in self.queues.items():
            ride = min(w.arrive_ms - w.depart_ms for w in options.ways if w.part == k and w.mode == "bus")
            cycle = (2 * ride) // MINUTE_MS + 15
            load = max(least, round(seats * weight[k] / total)) if total else least
            for tier in range(_TIERS):
                last = tier == _TIERS - 1
                self._add(k, queue, people[k] if last else load, tier * cycle)

    def supply(self) -> np.ndarray:
        """Units at each node."""
        made = np.zeros(self.end + 1, dtype=np.int64)
        made[: len(self.options.parts)] = [part.people for part in self.options.parts]
        made[self.end] = -made.sum()
        return made

    def read(self, amount: np.ndarray) -> dict[tuple[int, str, int], int]:
        """People by part, mode and shelter."""
        return {self.meaning[k]: int(amount[k]) for k in np.flatnonzero(amount).tolist() if self.meaning[k][0] >= 0}
