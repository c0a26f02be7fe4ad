"""What an event log says of an evacuation: who was out by when on each night, and the clearance curve of all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dispatch.clock import MINUTE_MS, SECOND_MS

__all__ = ["CLEARANCE_COLUMNS", "EVACUATION_NIGHT_COLUMNS", "EvacuationNights", "evacuation_nights"]

EVACUATION_NIGHT_COLUMNS: dict[str, str] = {
    "replication": "int64",
    "people": "int64",
    "out": "int64",
    "left_behind": "int64",
    "cut_off": "int64",
    "under_way": "int64",
    "rerouted": "int64",
    "half_out_ms": "int64",
    "nine_tenths_out_ms": "int64",
    "last_arrival_ms": "int64",
}
"""One row per replication. ``people`` = ``out`` + ``left_behind`` + ``cut_off`` + ``under_way``; times from the order
to leave until so many of all people are at a shelter, -1 = never; ``last_arrival_ms``: of those who arrive."""

CLEARANCE_COLUMNS: dict[str, str] = {
    "minute": "int64",
    "mean_share": "float64",
    "low_share": "float64",
    "high_share": "float64",
}
"""Share of all people at a shelter by each minute after the order: mean of the nights, and 5 % and 95 % quantiles."""


@dataclass(frozen=True, eq=False)
class EvacuationNights:
    """Nights (``EVACUATION_NIGHT_COLUMNS``) and clearance curve (``CLEARANCE_COLUMNS``)."""

    nights: pd.DataFrame
    curve: pd.DataFrame


def evacuation_nights(log: pd.DataFrame, step_min: int = 5) -> EvacuationNights | None:
    """Figures of an evacuation from the log alone; None if it holds none.

    Parameters
    ----------
    log : DataFrame
        ``LOG_COLUMNS``.
    step_min : int
        Step of the clearance curve.
    """
    told = log[log["event"] == "evacuees_told"]
    if told.empty:
        return None
    rows, arrivals = [], []
    by_night = {int(n): of for n, of in log[log["event"].str.startswith("evac")].groupby("replication")}
    for night, of in by_night.items():
        ordered = of.loc[of["event"] == "evacuation_ordered", "time_s"].iloc[0]
        people = of.loc[of["event"] == "evacuees_told", "quantity"].sum()
        came = of[of["event"] == "evacuees_arrived"].sort_values("time_s")
        time = np.round((came["time_s"].to_numpy() - ordered) * SECOND_MS).astype(np.int64)
        count = np.cumsum(came["quantity"].to_numpy())
        arrivals.append((time, count / people if people else count))
        counts = of.groupby("event")["quantity"].sum()
        rows.append((night, people, count[-1] if len(count) else 0, counts.get("evacuees_left_behind", 0),
                     counts.get("evacuees_cut_off", 0), counts.get("evacuees_under_way", 0),
                     counts.get("evacuees_rerouted", 0), _reached(time, count, people * 0.5),
                     _reached(time, count, people * 0.9), time[-1] if len(time) else -1))  # fmt: skip
    nights = pd.DataFrame({name: pd.Series([row[k] for row in rows], dtype=kind)
                           for k, (name, kind) in enumerate(EVACUATION_NIGHT_COLUMNS.items())})  # fmt: skip
    return EvacuationNights(nights, _curve(arrivals, step_min))


def _reached(time: np.ndarray, count: np.ndarray, wanted: float) -> int:
    """When so many have arrived; -1 if never."""
    enough = np.flatnonzero(count >= wanted - 1e-9)
    return int(time[enough[0]]) if len(enough) else -1


def _curve(arrivals: list[tuple[np.ndarray, np.ndarray]], step_min: int) -> pd.DataFrame:
    last = max((int(time[-1]) for time, _ in arrivals if len(time)), default=0)
    minutes = np.arange(0, last // MINUTE_MS + 2 * step_min, step_min)
    shares = np.array([
        np.concatenate([[0.0], share])[np.searchsorted(time, minutes * MINUTE_MS, side="right")]
        for time, share in arrivals
    ])  # fmt: skip
    low, high = np.quantile(shares, [0.05, 0.95], axis=0)
    values = (minutes, shares.mean(axis=0), low, high)
    return pd.DataFrame({name: pd.Series(value, dtype=kind)
                         for (name, kind), value in zip(CLEARANCE_COLUMNS.items(), values, strict=True)})  # fmt: skip
