"""Disruptions that are more than one table of intervals.

Several hazards at once, or one that may turn out in ways that no shift or stretch of its intervals would tell: a storm
that brings more rain than forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dispatch.hazards.disruption import (
    AREA_COLUMNS,
    EDGE_COLUMNS,
    GROUP_COLUMNS,
    PLACE_COLUMNS,
    Disruption,
    empty_table,
)

__all__ = ["Joined", "OneOf", "joined"]


@dataclass(frozen=True, eq=False)
class Joined(Disruption):
    """Several disruptions at once; each draws for itself, in their order."""

    parts: tuple[Disruption, ...] = ()

    def sample(self, rng: np.random.Generator) -> Disruption:
        """Draw how each part turns out."""
        return joined([part.sample(rng) for part in self.parts])

    def forecast(self, now_s: float | None = None) -> Disruption:
        """What planners see of each part."""
        return joined([part.forecast(now_s) for part in self.parts])


@dataclass(frozen=True, eq=False)
class OneOf(Disruption):
    """Forecast as its own tables say; what comes is one of several outcomes, all equally likely.

    A sampled night holds the forecast's intervals, which nobody feels, beside those of the outcome, which nobody
    foresaw and which become known as they begin.
    """

    outcomes: tuple[Disruption, ...] = ()

    def sample(self, rng: np.random.Generator) -> Disruption:
        """Draw an outcome, then the fate of its groups."""
        night = self.outcomes[int(rng.integers(len(self.outcomes)))].sample(rng)
        foreseen = self.edges.assign(start_s=self.edges["forecast_start_s"], end_s=self.edges["forecast_start_s"])
        start = night.edges["start_s"]
        felt = night.edges.assign(forecast_start_s=start, forecast_end_s=start, known_s=start)
        edges = _stack([foreseen, felt], EDGE_COLUMNS)
        return Disruption(edges, night.places, night.areas, self.groups)


def joined(parts: Sequence[Disruption]) -> Disruption:
    """All parts at once; a single one is returned as it is.

    Raises
    ------
    ValueError
        If two parts name a group alike: each would draw for it.
    """
    if len(parts) == 1:
        return parts[0]
    groups = _stack([part.groups for part in parts], GROUP_COLUMNS)
    if groups["group"].duplicated().any():
        msg = f"group {groups.loc[groups['group'].duplicated(), 'group'].iloc[0]!r} belongs to two hazards"
        raise ValueError(msg)
    return Joined(
        _stack([part.edges for part in parts], EDGE_COLUMNS),
        _stack([part.places for part in parts], PLACE_COLUMNS),
        _stack([part.areas for part in parts], AREA_COLUMNS),
        groups,
        tuple(parts),
    )


def _stack(tables: Sequence[pd.DataFrame], columns: dict[str, str]) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    if not filled:
        return empty_table(columns)
    return pd.concat(filled, ignore_index=True)[list(columns)].astype(columns)
