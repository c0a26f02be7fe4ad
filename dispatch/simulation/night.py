"""One night: what chance decides, what the roads then do, and what headquarters and drivers know of it.

What is true and what is known are two things. Of each interval of the hazard, headquarters and drivers expect the
forecast until it turns out; they learn the truth at its ``known_s``, or when the first driver who meets it has
reported it, whichever is sooner: at once, or, where the scenario's response has ``news``, when a medium that works
there has carried it (``dispatch.simulation.news``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dispatch.simulation.draws import Draws, PlanningValues, RandomDraws
from dispatch.simulation.order_chain import order_late_ms
from dispatch.simulation.outages import NO_OUTAGES, Outages, night_outages
from dispatch.simulation.reach import cut_off_places
from dispatch.simulation.stage import Stage, milliseconds, timed_roads
from models.traversal import TimedEdges

__all__ = ["Night", "closing_after", "closure_at", "drawn_night", "planned_night"]


@dataclass(eq=False)
class Night:
    """One replication's outcome.

    ``happens``, ``start_ms``, ``end_ms`` (r,): how each interval of the hazard turns out; ``differs`` (r,): whether
    that is other than forecast; ``late_ms``: how much later than planned the order is received; ``outages``: where
    and when power and network fail.
    """

    stage: Stage
    replication: int
    draws: Draws
    happens: NDArray[np.bool_]
    start_ms: NDArray[np.int64]
    end_ms: NDArray[np.int64]
    differs: NDArray[np.bool_]
    late_ms: int = 0
    outages: Outages = NO_OUTAGES
    _timed: dict[str, TimedEdges] = field(default_factory=dict)
    _reported: dict[int, int] = field(default_factory=dict)
    _estimated: dict[int, int] = field(default_factory=dict)
    _beliefs: dict[tuple[str, bytes], TimedEdges] = field(default_factory=dict)
    _known_at: tuple[int, int] = (-1, -1)
    _known: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=np.bool_))

    @property
    def order_ms(self) -> int:
        """When the order is received."""
        return self.stage.scenario.order_ms + self.late_ms

    @property
    def due_ms(self) -> int:
        """The six-hour line."""
        return self.stage.scenario.due_ms + self.late_ms

    @property
    def last_ms(self) -> int:
        """End of the horizon."""
        return self.stage.scenario.end_ms + self.late_ms

    def timed(self, vehicle_class: str) -> TimedEdges:
        """The roads as they are."""
        roads = self._timed.get(vehicle_class)
        if roads is None:
            roads = self._roads(vehicle_class, self.differs, self.end_ms)
            self._timed[vehicle_class] = roads
        return roads

    @property
    def as_forecast(self) -> bool:
        """Whether the roads do exactly what was forecast."""
        return not self.differs.any()

    def believed(self, vehicle_class: str, now_ms: int, own: Collection[int] = ()) -> TimedEdges:
        """The roads as headquarters expect them at ``now_ms``; with ``own``, as one who has seen these rows does."""
        known = self.known(now_ms)
        if own:
            known = known.copy()
            known[list(own)] = True
            known &= self.differs
        key = (vehicle_class, known.tobytes())
        roads = self._beliefs.get(key)
        if roads is None:
            roads = self._beliefs[key] = self._roads(vehicle_class, known, self.expected_end_ms)
        return roads

    @property
    def expected_end_ms(self) -> NDArray[np.int64]:
        """End of each interval (r,) as one expects it who knows of it: a team at work has said when it will be done."""
        if not self._estimated:
            return self.end_ms
        end = self.end_ms.copy()
        for row, estimate in self._estimated.items():
            end[row] = min(int(end[row]), max(estimate, int(self.start_ms[row])))
        return end

    def known(self, now_ms: int) -> NDArray[np.bool_]:
        """Intervals (r,) that turn out otherwise than forecast and of which headquarters know so at ``now_ms``."""
        rows = self.stage.rows
        told = [row for row, at_ms in self._reported.items() if at_ms <= now_ms]
        now = (bisect_right(rows.thresholds_ms, now_ms), len(told))
        if now != self._known_at:
            known = rows.known_ms <= now_ms
            known[told] = True
            self._known_at, self._known = now, known & self.differs
        return self._known

    def report(self, edge: int, now_ms: int) -> bool:
        """Headquarters learn how an edge's intervals turn out; True if any of it is news to them."""
        rows = self.stage.rows.of_edge.get(edge)
        if rows is None:
            return False
        before = self.known(now_ms)
        fresh = [row for row in rows.tolist() if row not in self._reported]
        news = any(self.differs[row] and not before[row] for row in fresh)
        self._reported.update(dict.fromkeys(fresh, now_ms))
        return news

    def estimate(self, rows: Collection[int], end_ms: int, now_ms: int) -> None:
        """A team is at work on these intervals and says when they will be over."""
        for row in rows:
            self._estimated[row] = end_ms
            self._reported.setdefault(row, now_ms)
        self._tell(rows)

    def reopen(self, rows: Collection[int], now_ms: int) -> None:
        """A team has ended these intervals."""
        self.end_ms = self.end_ms.copy()
        for row in rows:
            self.end_ms[row] = min(int(self.end_ms[row]), now_ms)
            self._estimated.pop(row, None)
            self._reported.setdefault(row, now_ms)
        self._tell(rows)
        self._timed.clear()

    def _tell(self, rows: Collection[int]) -> None:
        self.differs = self.differs.copy()
        self.differs[list(rows)] = True
        self._known_at = (-1, -1)
        self._beliefs.clear()

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
        if self.late_ms:
            reach = replace(self.stage.reach, order_ms=self.order_ms, due_ms=self.due_ms)
            return cut_off_places(reach, self.timed)
        if self.as_forecast or not self.happens.any():
            key = "cut_off_forecast" if self.as_forecast else "cut_off_open"
            if key not in memory:
                memory[key] = cut_off_places(self.stage.reach, self.timed)
            places: tuple[str, ...] = memory[key]  # type: ignore[assignment]
            return places
        return cut_off_places(self.stage.reach, self.timed)

    def _roads(self, vehicle_class: str, known: NDArray[np.bool_], end_ms: NDArray[np.int64]) -> TimedEdges:
        stage, rows = self.stage, self.stage.rows
        if not known.any():
            return stage.forecast[vehicle_class]
        start = np.where(known, self.start_ms, rows.forecast_start_ms)
        end = np.where(known, end_ms, rows.forecast_end_ms)
        return timed_roads(stage.scenario, stage.free_ms, rows, vehicle_class, ~known | self.happens, start, end)


def planned_night(stage: Stage) -> Night:
    """The night of the plan: planning values, roads as forecast; replication 0."""
    rows = stage.rows
    happens = np.ones(len(rows.cause), dtype=np.bool_)
    draws = PlanningValues(stage.scenario)
    start, end = rows.forecast_start_ms, rows.forecast_end_ms
    return Night(stage, 0, draws, happens, start, end, ~happens, 0, night_outages(stage.outage_areas))


def drawn_night(stage: Stage, seed: int, replication: int) -> Night:
    """Night ``replication`` of the run with this seed."""
    draws = RandomDraws(stage.scenario, seed, replication)
    rows = stage.rows
    outcome = stage.disruption.sample(draws.generator("disruption"))
    realised = outcome.edges
    row = realised["row"].to_numpy(dtype=np.int64)
    happens = np.zeros(len(rows.cause), dtype=np.bool_)
    happens[row] = True
    start, end = rows.forecast_start_ms.copy(), rows.forecast_end_ms.copy()
    start[row] = milliseconds(realised["start_s"].to_numpy(dtype=np.float64))
    end[row] = milliseconds(realised["end_s"].to_numpy(dtype=np.float64))
    differs = ~happens | (start != rows.forecast_start_ms) | (end != rows.forecast_end_ms)
    late = order_late_ms(stage.scenario, draws)
    return Night(stage, replication, draws, happens, start, end, differs, late, night_outages(outcome.areas))


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
