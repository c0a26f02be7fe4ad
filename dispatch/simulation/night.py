"""One night: what chance decides, what the roads then do, and what headquarters and drivers know of it.

What is true and what is known are two things. Of each interval of the hazard, headquarters and drivers expect the
forecast until it turns out; they learn the truth at its ``known_s``, or when the first driver meets it and reports it
by radio, whichever is sooner.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.simulation.draws import Draws, PlanningValues, RandomDraws
from dispatch.simulation.reach import cut_off_places
from dispatch.simulation.stage import Stage, milliseconds, timed_roads
from models.traversal import TimedEdges

__all__ = ["Night", "closing_after", "closure_at", "drawn_night", "planned_night"]


@dataclass(eq=False)
class Night:
    """One replication's outcome.

    ``happens``, ``start_ms``, ``end_ms`` (r,): how each interval of the hazard turns out; ``differs`` (r,): whether
    that is other than forecast.
    """

    stage: Stage
    replication: int
    draws: Draws
    happens: NDArray[np.bool_]
    start_ms: NDArray[np.int64]
    end_ms: NDArray[np.int64]
    differs: NDArray[np.bool_]
    _timed: dict[str, TimedEdges] = field(default_factory=dict)
    _reported: set[int] = field(default_factory=set)
    _beliefs: dict[tuple[str, bytes], TimedEdges] = field(default_factory=dict)
    _known_at: tuple[int, int] = (-1, -1)
    _known: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=np.bool_))

    def timed(self, vehicle_class: str) -> TimedEdges:
        """The roads as they are."""
        roads = self._timed.get(vehicle_class)
        if roads is None:
            roads = self._roads(vehicle_class, self.differs)
            self._timed[vehicle_class] = roads
        return roads

    @property
    def as_forecast(self) -> bool:
        """Whether the roads do exactly what was forecast."""
        return not self.differs.any()

    def believed(self, vehicle_class: str, now_ms: int) -> TimedEdges:
        """The roads as headquarters and drivers expect them at ``now_ms``."""
        rows = self.stage.rows
        now = (bisect_right(rows.thresholds_ms, now_ms), len(self._reported))
        if now != self._known_at:
            known = rows.known_ms <= now_ms
            known[list(self._reported)] = True
            self._known_at, self._known = now, known & self.differs
        key = (vehicle_class, self._known.tobytes())
        roads = self._beliefs.get(key)
        if roads is None:
            roads = self._beliefs[key] = self._roads(vehicle_class, self._known)
        return roads

    def report(self, edge: int) -> None:
        """A driver stands before this edge: how its intervals turn out is known from now on."""
        rows = self.stage.rows.of_edge.get(edge)
        if rows is not None:
            self._reported.update(int(row) for row in rows)

    def expected(self, edge: int, closing_ms: int, now_ms: int) -> bool:
        """Whether it is known at ``now_ms`` that the edge closes at ``closing_ms``."""
        if self.as_forecast:
            return True
        rows = self.stage.rows
        for row in rows.of_edge.get(edge, ()):
            if self.happens[row] and self.start_ms[row] == closing_ms:
                foreseen = rows.forecast_start_ms[row] == closing_ms
                if foreseen or rows.known_ms[row] <= now_ms or int(row) in self._reported:
                    return True
        return False

    def cut_off(self) -> tuple[str, ...]:
        """Places that no road reaches by the deadline."""
        memory = self.stage.memory
        if self.as_forecast or not self.happens.any():
            key = "cut_off_forecast" if self.as_forecast else "cut_off_open"
            if key not in memory:
                memory[key] = cut_off_places(self.stage.reach, self.timed)
            places: tuple[str, ...] = memory[key]  # type: ignore[assignment]
            return places
        return cut_off_places(self.stage.reach, self.timed)

    def _roads(self, vehicle_class: str, known: NDArray[np.bool_]) -> TimedEdges:
        stage, rows = self.stage, self.stage.rows
        if not known.any():
            return stage.forecast[vehicle_class]
        start = np.where(known, self.start_ms, rows.forecast_start_ms)
        end = np.where(known, self.end_ms, rows.forecast_end_ms)
        return timed_roads(stage.scenario, stage.free_ms, rows, vehicle_class, ~known | self.happens, start, end)


def planned_night(stage: Stage) -> Night:
    """The night of the plan: planning values, roads as forecast; replication 0."""
    rows = stage.rows
    happens = np.ones(len(rows.cause), dtype=np.bool_)
    draws = PlanningValues(stage.scenario)
    return Night(stage, 0, draws, happens, rows.forecast_start_ms, rows.forecast_end_ms, ~happens)


def drawn_night(stage: Stage, seed: int, replication: int) -> Night:
    """Night ``replication`` of the run with this seed."""
    draws = RandomDraws(stage.scenario, seed, replication)
    rows = stage.rows
    realised = stage.disruption.sample(draws.generator("disruption")).edges
    row = realised["row"].to_numpy(dtype=np.int64)
    happens = np.zeros(len(rows.cause), dtype=np.bool_)
    happens[row] = True
    start, end = rows.forecast_start_ms.copy(), rows.forecast_end_ms.copy()
    start[row] = milliseconds(realised["start_s"].to_numpy(dtype=np.float64))
    end[row] = milliseconds(realised["end_s"].to_numpy(dtype=np.float64))
    differs = ~happens | (start != rows.forecast_start_ms) | (end != rows.forecast_end_ms)
    return Night(stage, replication, draws, happens, start, end, differs)


def closure_at(roads: TimedEdges, edge: int, now_ms: int) -> int | None:
    """Start of the closure in which an edge is at ``now_ms``; None if it is open."""
    for k in range(int(roads.first[edge]), int(roads.first[edge + 1])):
        if roads.start_ms[k] <= now_ms < roads.end_ms[k] and roads.permille[k] == 0:
            return int(roads.start_ms[k])
    return None


def closing_after(roads: TimedEdges, edge: int, now_ms: int) -> int | None:
    """When an edge that is open at ``now_ms`` closes next; None if it does not."""
    for k in range(int(roads.first[edge]), int(roads.first[edge + 1])):
        if roads.start_ms[k] > now_ms and roads.permille[k] == 0:
            return int(roads.start_ms[k])
    return None
