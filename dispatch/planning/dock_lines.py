"""How long a depot may go on loading for a site if goods are to be there in time, and what its docks load by then.

Where a road shuts and opens again, only what leaves early comes in time, and docks have only so many hours until then;
small vehicles may pass where large ones wait. All of it is optimistic: nothing that could be in time is ruled out.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.planning.earliest import least_step_ms
from dispatch.planning.problem import ReliefProblem
from models.traversal import NEVER

__all__ = ["DockLines", "dock_lines"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_STEP_MS = 5 * MINUTE_MS
_MOST = 6
"""Times by which the loads of one depot are counted."""


@dataclass(frozen=True, eq=False)
class DockLines:
    """Times until which depots load for goods to be unloaded by a line.

    ``of_class``: by class and depot, the latest end of loading for each site of the roads, ``-NEVER`` where nothing is;
    ``latest_ms``: by depot, of any class. ``lines_ms``: by depot, times by which its loads are counted; ``loads``: how
    many reference trucks its docks can have loaded by then, at most.
    """

    of_class: Mapping[tuple[str, str], Ints]
    latest_ms: Mapping[str, Ints]
    lines_ms: Mapping[str, Ints]
    loads: Mapping[str, Floats]

    def resources(
        self, depots: Sequence[str], depot: Ints, site: Ints, use: Floats, first: int
    ) -> tuple[Ints, Floats, Floats]:
        """Docks until each line as resources that arcs use.

        Parameters
        ----------
        depots : sequence of str
        depot, site : int64 arrays, shape (a,)
            Of each arc: position among ``depots``, and site of the roads; a depot of -1 uses nothing.
        use : float64 array, shape (a, k)
            Reference trucks by as many measures as there are.
        first : int
            Number of the first resource.

        Returns
        -------
        resource : int64 array, shape (a, k * lines)
            -1: none.
        use : float64 array of the same shape
        capacity : float64 array
            Of each resource.
        """
        many = use.shape[1]
        most = max((len(times) for times in self.lines_ms.values()), default=0)
        resource = np.full((len(depot), most * many), -1, dtype=np.int64)
        used = np.zeros((len(depot), most * many))
        capacity: list[float] = []
        for d, name in enumerate(depots):
            mine = np.flatnonzero(depot == d)
            latest = self.latest_ms[name][site[mine]]
            for k, line in enumerate(self.lines_ms[name].tolist()):
                arcs = mine[(latest > -NEVER) & (latest <= line)]
                resource[arcs, k * many : (k + 1) * many] = first + len(capacity) + np.arange(many)
                used[arcs, k * many : (k + 1) * many] = use[arcs]
                capacity += [float(self.loads[name][k])] * many
        return resource, used, np.array(capacity)


def dock_lines(problem: ReliefProblem, line_ms: int, stop_at: float = math.inf) -> DockLines | None:
    """Latest ends of loading for goods to be unloaded by ``line_ms``; None if the clock runs out (``time.monotonic``).

    No time is too early; by steps of five minutes, some are that much too late.
    """
    sites = np.array([problem.legs.roads.index[site] for site in problem.sites], dtype=np.int64)
    of_class: dict[tuple[str, str], Ints] = {}
    latest: dict[str, Ints] = {}
    lines: dict[str, Ints] = {}
    loads: dict[str, Floats] = {}
    for depot, of in problem.depots.items():
        latest[depot] = np.full(len(problem.legs.roads.node), -NEVER, dtype=np.int64)
        for vehicle_class in problem.classes:
            if time.monotonic() >= stop_at:
                return None
            of_class[vehicle_class, depot] = _latest(problem, vehicle_class, depot, sites, line_ms)
            latest[depot] = np.maximum(latest[depot], of_class[vehicle_class, depot])
        times = np.unique(latest[depot][sites])
        times = times[times > -NEVER]
        if len(times) > _MOST:
            times = times[np.linspace(0, len(times) - 1, _MOST + 1).round().astype(np.int64)[1:]]
        lines[depot] = times
        begin = max(of.open_ms, min((problem.vehicle_at[c, depot] for c in problem.classes), default=NEVER))
        hours = np.maximum(0, times - begin) if problem.loading_ms else np.full(len(times), np.inf)
        loads[depot] = of.docks * hours / max(1, problem.loading_ms)
    return DockLines(of_class, latest, lines, loads)


def _latest(problem: ReliefProblem, vehicle_class: str, depot: str, sites: Ints, line_ms: int) -> Ints:
    """Latest end of loading by site of the roads, by halving between departures with different sites in time."""
    legs = problem.legs
    result = np.full(len(legs.roads.node), -NEVER, dtype=np.int64)
    unload_ms = least_step_ms(problem, problem.unloading_ms)
    first = problem.depots[depot].open_ms + problem.convoy_ms
    count = (line_ms - first) // _STEP_MS + 1
    if problem.vehicle_at[vehicle_class, depot] >= line_ms or count <= 0:
        return result

    def in_time(k: int) -> NDArray[np.bool_]:
        at = legs.arrive_all(vehicle_class, depot, first + k * _STEP_MS)[sites]
        return np.asarray(at + unload_ms <= line_ms)

    def narrow(low: int, early: NDArray[np.bool_], high: int, late: NDArray[np.bool_]) -> None:
        lost = early & ~late
        if not lost.any():
            return
        if high - low <= 1:
            result[sites[lost]] = first + high * _STEP_MS - problem.convoy_ms
            return
        middle = (low + high) // 2
        between = in_time(middle)
        narrow(low, early, middle, between)
        narrow(middle, between, high, late)

    narrow(0, in_time(0), count, np.zeros(len(sites), dtype=np.bool_))
    return result
