"""Writing down one night: events as they happen, then in the order of time with causes renumbered."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from dispatch.clock import SECOND_MS
from dispatch.simulation.log import LOG_COLUMNS

__all__ = ["Recorder", "log_table"]

_FIELDS = tuple(name for name in LOG_COLUMNS if name not in ("replication", "event_id", "time_s", "cause"))


class Recorder:
    """The events of one replication. ``record`` returns a number that later events name as their cause."""

    __slots__ = ("causes", "replication", "rows", "times_ms")

    def __init__(self, replication: int) -> None:
        self.replication = replication
        self.times_ms: list[int] = []
        self.causes: list[int] = []
        self.rows: list[tuple[Any, ...]] = []

    def record(
        self,
        time_ms: int,
        event: str,
        actor: str = "",
        kind: str = "",
        cause: int = -1,
        *,
        place: str = "",
        edge: str = "",
        item: str = "",
        lot: str = "",
        quantity: float = nan,
        detail: str = "",
        trip: str = "",
        path: str = "",
        origin: str = "",
        destination: str = "",
        medium: str = "",
        role: str = "",
        unit: str = "",
        milestone: str = "",
    ) -> int:
        """Write one event down; times need not be in order as long as a cause is recorded before its effect."""
        self.times_ms.append(time_ms)
        self.causes.append(cause)
        self.rows.append(
            (event, actor, kind, place, edge, item, lot, quantity, detail, trip, path, origin, destination,
             medium, role, unit, milestone)
        )  # fmt: skip
        return len(self.rows) - 1


def log_table(nights: Sequence[Recorder]) -> pd.DataFrame:
    """One event log of several nights, in the order given; ``event_id`` counts from 0 in the order of time."""
    replication: list[np.ndarray[Any, Any]] = []
    event_id: list[np.ndarray[Any, Any]] = []
    time_ms: list[np.ndarray[Any, Any]] = []
    cause: list[np.ndarray[Any, Any]] = []
    rows: list[tuple[Any, ...]] = []
    for night in nights:
        times = np.array(night.times_ms, dtype=np.int64)
        order = np.argsort(times, kind="stable")
        rank = np.empty(len(order) + 1, dtype=np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        rank[-1] = -1
        replication.append(np.full(len(order), night.replication, dtype=np.int32))
        event_id.append(np.arange(len(order), dtype=np.int32))
        time_ms.append(times[order])
        cause.append(rank[np.array(night.causes, dtype=np.int64)[order]])
        rows.extend([night.rows[k] for k in order.tolist()])
    columns: dict[str, Any] = dict(zip(_FIELDS, zip(*rows, strict=True), strict=True)) if rows else {}
    columns["replication"] = _joined(replication, np.int32)
    columns["event_id"] = _joined(event_id, np.int32)
    columns["time_s"] = _joined(time_ms, np.int64) / SECOND_MS
    columns["cause"] = _joined(cause, np.int32)
    return pd.DataFrame({name: pd.Series(columns.get(name, ()), dtype=kind) for name, kind in LOG_COLUMNS.items()})


def _joined(parts: list[np.ndarray[Any, Any]], dtype: Any) -> np.ndarray[Any, Any]:
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)
