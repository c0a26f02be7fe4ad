"""What any hazard hands on: edges closed, slowed or flooded by the hour, people affected, power and network lost.

Every interval exists twice: as forecast (what planners see) and as realised (what the roads feel). ``sample`` draws
the realised values by correlation group; without it they equal the forecast.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = [
    "AREA_COLUMNS",
    "EDGE_COLUMNS",
    "GROUP_COLUMNS",
    "PLACE_COLUMNS",
    "Disruption",
    "no_disruption",
]

EDGE_COLUMNS: dict[str, str] = {
    "edge": "str",
    "vehicle_class": "str",
    "forecast_start_s": "float64",
    "forecast_end_s": "float64",
    "start_s": "float64",
    "end_s": "float64",
    "depth_m": "float64",
    "speed_permille": "float64",
    "known_s": "float64",
    "cause": "str",
    "group": "str",
}
"""Edge intervals. ``edge``: stable edge id; ``vehicle_class`` "" = every class; times in seconds from the reference
instant, ``inf`` = no end; exactly one of ``depth_m`` (water; the vehicle's wading depth decides) and
``speed_permille`` (0 = closed) is given, the other NaN; ``known_s``: when headquarters learn of it; ``group``:
intervals that come and go together."""

PLACE_COLUMNS: dict[str, str] = {
    "place": "str",
    "start_s": "float64",
    "end_s": "float64",
    "share": "float64",
    "depth_m": "float64",
    "cause": "str",
    "group": "str",
}
"""Places the hazard reaches: share of their people in the footprint, from when to when."""

AREA_COLUMNS: dict[str, str] = {
    "place": "str",
    "medium": "str",
    "start_s": "float64",
    "end_s": "float64",
    "cause": "str",
    "group": "str",
}
"""Outages by place (a township's means all its villages); ``medium`` is ``power`` or ``network``."""

GROUP_COLUMNS: dict[str, str] = {
    "group": "str",
    "probability": "float64",
    "shift_low_s": "float64",
    "shift_mode_s": "float64",
    "shift_high_s": "float64",
    "duration_low": "float64",
    "duration_mode": "float64",
    "duration_high": "float64",
}
"""How a group may turn out: whether it happens, how much sooner or later (triangular, seconds), how much longer or
shorter (triangular factor)."""


def empty_table(columns: dict[str, str]) -> pd.DataFrame:
    """Return an empty table with these columns and dtypes."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})


@dataclass(frozen=True, eq=False)
class Disruption:
    """A hazard's effect over time, in tables with the columns documented at the module's constants."""

    edges: pd.DataFrame
    places: pd.DataFrame
    areas: pd.DataFrame
    groups: pd.DataFrame

    def sample(self, rng: np.random.Generator) -> Disruption:
        """Draw how it turns out; every group draws in the order of ``groups``, so equal seeds give equal nights."""
        if self.groups.empty:
            return self
        chance, early, long = rng.random((len(self.groups), 3)).T
        drawn = pd.DataFrame(
            {
                "happens": chance < self.groups["probability"].to_numpy(),
                "shift_s": _triangular(early, self.groups, "shift_low_s", "shift_mode_s", "shift_high_s"),
                "stretch": _triangular(long, self.groups, "duration_low", "duration_mode", "duration_high"),
            },
            index=self.groups["group"],
        )

        def turned_out(table: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
            """Rows of groups that happen, their times shifted and stretched."""
            fate = drawn.reindex(table["group"])
            happens = fate["happens"].isna().to_numpy() | (fate["happens"] == True).to_numpy()  # noqa: E712 - may be NaN
            kept, fate = table[happens].reset_index(drop=True), fate[happens]
            length = (kept[end] - kept[start]) * fate["stretch"].fillna(1.0).to_numpy()
            begin = kept[start] + fate["shift_s"].fillna(0.0).to_numpy()
            return kept.assign(start_s=begin, end_s=begin + length)

        return replace(
            self,
            edges=turned_out(self.edges, "forecast_start_s", "forecast_end_s"),
            places=turned_out(self.places, "start_s", "end_s"),
            areas=turned_out(self.areas, "start_s", "end_s"),
        )

    def forecast(self, now_s: float | None = None) -> Disruption:
        """What planners see: forecast times; with ``now_s`` only what headquarters know by then."""
        edges = self.edges
        if now_s is not None:
            edges = edges[edges["known_s"] <= now_s]
        edges = edges.assign(start_s=edges["forecast_start_s"], end_s=edges["forecast_end_s"])
        return replace(self, edges=edges.reset_index(drop=True))


def _triangular(u: NDArray[np.float64], groups: pd.DataFrame, low: str, mode: str, high: str) -> NDArray[np.float64]:
    """Inverse of each group's triangular distribution function at ``u``; the mode where it has no width."""
    a, c, b = (groups[name].to_numpy(dtype=np.float64) for name in (low, mode, high))
    width = np.where(b > a, b - a, 1.0)
    below = u < (c - a) / width
    drawn: NDArray[np.float64] = np.where(
        below, a + np.sqrt(u * width * (c - a)), b - np.sqrt((1 - u) * width * (b - c))
    )
    result: NDArray[np.float64] = np.where(b > a, drawn, c)
    return result


def no_disruption() -> Disruption:
    """A night on which nothing happens to the roads."""
    return Disruption(
        empty_table(EDGE_COLUMNS), empty_table(PLACE_COLUMNS), empty_table(AREA_COLUMNS), empty_table(GROUP_COLUMNS)
    )
