"""What each vehicle was doing when: the event log cut into spans of one step each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["PRODUCTIVE", "SPAN_STEPS", "WAITING", "Spans", "vehicle_spans"]

SPAN_STEPS: tuple[str, ...] = (
    "mobilising", "standby", "to_depot", "depot_wait", "stock_wait", "dock_wait", "loading", "convoy", "driving",
    "road_wait", "rest", "unload_wait", "unloading", "returning", "stranded",
    "breakdown", "refuelling",
)  # fmt: skip
"""What a vehicle may be doing: every instant from the order to the horizon belongs to exactly one."""

PRODUCTIVE: tuple[str, ...] = ("to_depot", "loading", "convoy", "driving", "unloading", "returning")
"""Steps in which the vehicle is at work."""

WAITING: tuple[str, ...] = ("depot_wait", "stock_wait", "dock_wait", "road_wait", "unload_wait")
"""Steps in which it is held up."""

_STEP_OF: dict[str, str] = {
    "vehicle_ready": "standby", "leave": "to_depot", "arrive_depot": "depot_wait", "stock_wait": "stock_wait",
    "dock_wait": "dock_wait", "load_start": "loading", "load_end": "convoy", "depart": "driving",
    "wait": "road_wait", "rest": "rest", "arrive": "unload_wait", "unload_start": "unloading",
    "unload_end": "standby", "return": "returning", "returned": "standby", "stranded": "stranded",
    "trip_cancelled": "standby", "trip_unfinished": "standby",
    "breakdown": "breakdown", "refuel": "refuelling", "refuelled": "standby", "road_end": "unload_wait",
    "porters_take": "standby",
}  # fmt: skip
_GO_ON = "go_on"


@dataclass(frozen=True, eq=False)
class Spans:
    """Spans, sorted by vehicle and time.

    Attributes
    ----------
    owner : int64 array (s,)
        Position of the vehicle in ``replication`` and ``vehicle``.
    step : int64 array (s,)
        Position in ``SPAN_STEPS``.
    start_ms, end_ms : int64 arrays (s,)
    replication : int64 array (v,)
    vehicle : object array of str (v,)
    first : int64 array (v + 1,)
        Spans of owner ``v`` are ``first[v] … first[v + 1] - 1``.
    """

    owner: NDArray[np.int64]
    step: NDArray[np.int64]
    start_ms: NDArray[np.int64]
    end_ms: NDArray[np.int64]
    replication: NDArray[np.int64]
    vehicle: NDArray[np.object_]
    first: NDArray[np.int64]

    def totals(
        self, owner: NDArray[np.int64], from_ms: NDArray[np.int64], to_ms: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Milliseconds of each step that owners spend in a window; int64 array (len(owner), len(SPAN_STEPS))."""
        count = self.first[owner + 1] - self.first[owner]
        row = np.repeat(np.arange(len(owner)), count)
        span = np.repeat(self.first[owner] - np.r_[0, np.cumsum(count)[:-1]], count) + np.arange(len(row))
        overlap = np.minimum(self.end_ms[span], to_ms[row]) - np.maximum(self.start_ms[span], from_ms[row])
        total = np.zeros((len(owner), len(SPAN_STEPS)), dtype=np.int64)
        np.add.at(total, (row, self.step[span]), np.maximum(overlap, 0))
        return total


def vehicle_spans(
    log: pd.DataFrame, time_ms: NDArray[np.int64], order_ms: dict[int, int], end_ms: dict[int, int]
) -> Spans:
    """Cut a log into spans.

    Parameters
    ----------
    log : DataFrame
        ``LOG_COLUMNS``, one or more replications, each in the order of time.
    time_ms : int64 array
        Its times.
    order_ms, end_ms : mappings of replication to int
        Where the spans of a replication begin and end.
    """
    event = log["event"].to_numpy(dtype=object)
    kind = log["actor_kind"].to_numpy(dtype=object) == "vehicle"
    code = np.array([_CODE.get(name, -1) for name in _EVENTS], dtype=np.int64)
    position = pd.Index(_EVENTS).get_indexer(event)
    marks = np.flatnonzero(kind & (position >= 0))
    night, nights = pd.factorize(log["replication"].to_numpy()[marks])
    actor, actors = pd.factorize(log["actor"].to_numpy(dtype=object)[marks])
    owner, owners = pd.factorize(night.astype(np.int64) * max(len(actors), 1) + actor)
    order = np.argsort(owner, kind="stable")
    marks, owner = marks[order], owner[order].astype(np.int64)
    step = code[position[marks]]
    resumes = step == _RESUME
    drives = np.isin(step, _DRIVES)
    last_drive = np.maximum.accumulate(np.where(drives, np.arange(len(step)), 0))
    step = np.where(resumes, step[last_drive], step)
    replication = np.asarray(nights, dtype=np.int64)[owners // max(len(actors), 1)]
    vehicle = np.asarray(actors, dtype=object)[owners % max(len(actors), 1)]
    begin = np.array([order_ms[int(r)] for r in replication], dtype=np.int64)
    horizon = np.array([end_ms[int(r)] for r in replication], dtype=np.int64)
    size = np.bincount(owner, minlength=len(vehicle))
    first = np.r_[0, np.cumsum(size)]
    start = time_ms[marks]
    end = np.r_[start[1:], 0]
    if len(vehicle):
        end[first[1:] - 1] = horizon
    return _with_mobilising(Spans(owner, step, start, end, replication, vehicle, first), begin)


def _with_mobilising(spans: Spans, begin_ms: NDArray[np.int64]) -> Spans:
    """Put the span from the order to the first event before each vehicle's own."""
    at = spans.first[:-1]
    count = len(spans.vehicle)
    return Spans(
        np.insert(spans.owner, at, np.arange(count)),
        np.insert(spans.step, at, SPAN_STEPS.index("mobilising")),
        np.insert(spans.start_ms, at, begin_ms),
        np.insert(spans.end_ms, at, spans.start_ms[at] if count else spans.start_ms[:0]),
        spans.replication,
        spans.vehicle,
        spans.first + np.arange(count + 1),
    )


_EVENTS: tuple[str, ...] = (*_STEP_OF, _GO_ON)
_RESUME = len(SPAN_STEPS)
_CODE: dict[str, int] = {event: SPAN_STEPS.index(step) for event, step in _STEP_OF.items()} | {_GO_ON: _RESUME}
_DRIVES = [SPAN_STEPS.index(step) for step in ("to_depot", "driving", "returning")]
