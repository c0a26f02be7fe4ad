"""Standard times: from an inject's event to the event that answers it, on every night of the ensemble."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from dispatch.clock import SECOND_MS
from dispatch.drill.model import QUANTILES, Standard
from dispatch.drill.norms import drill_rule

__all__ = ["EventTimes", "computed_standard", "norm_standard", "simulated_standard", "whole_ms"]

_LEAST_NIGHTS = 5
"""Fewer nights with both events make no distribution."""


class EventTimes:
    """First times of events by night: asked by event and whatever else must agree; asked twice, looked up once."""

    def __init__(self, log: pd.DataFrame) -> None:
        self._by_event = dict(iter(log.groupby("event", sort=False)))
        self.replications: list[int] = sorted(int(night) for night in log["replication"].unique())
        self._asked: dict[tuple[str, tuple[tuple[str, str], ...]], pd.Series] = {}

    def first(self, event: str, **same: str) -> pd.Series:
        """Seconds by replication of the first event with these column values; nights without it are absent."""
        key = (event, tuple(sorted(same.items())))
        if key not in self._asked:
            rows = self._rows(event, same)
            self._asked[key] = rows.groupby("replication")["time_s"].min()
        return self._asked[key]

    def first_after(self, since: pd.Series, event: str, **same: str) -> pd.Series:
        """Seconds by replication of the first such event not before ``since`` (seconds by replication)."""
        rows = self._rows(event, same)
        begin = rows["replication"].map(since)
        rows = rows[rows["time_s"] >= begin]
        return rows.groupby("replication")["time_s"].min()

    def _rows(self, event: str, same: dict[str, str]) -> pd.DataFrame:
        rows = self._by_event.get(event)
        if rows is None:
            return pd.DataFrame({"replication": pd.Series(dtype="int32"), "time_s": pd.Series(dtype="float64")})
        for column, value in same.items():
            rows = rows[rows[column] == value]
        return rows


def _floor_s() -> float:
    return drill_rule("limit_floor") * 60


def simulated_standard(since: pd.Series, until: pd.Series, replication: int) -> Standard | None:
    """Standard from two series of seconds by replication; None if the night followed lacks it or nights are few."""
    took = (until - since).dropna()
    took = took[took >= 0]
    if len(took) < _LEAST_NIGHTS or replication not in took.index:
        return None
    own = float(took[replication])
    quantiles = tuple(round(float(q), 3) for q in np.quantile(took.to_numpy(), QUANTILES, method="inverted_cdf"))
    p50, p90 = quantiles[10], quantiles[18]
    return Standard(
        round(own, 3), p50, p90, max(p90, round(own, 3), _floor_s()), "simulated", quantiles, len(took),
        round(len(took) / max(len(since), 1), 4),
    )  # fmt: skip


def norm_standard(limit_min: float, source: str) -> Standard:
    """Standard that a norm gives, minutes."""
    limit = max(limit_min * 60, _floor_s())
    return Standard(-1.0, limit, limit, limit, f"norm: {source}")


def computed_standard(seconds: float, plus: Standard | None = None) -> Standard:
    """Standard computed from distance and pace, after the distribution of what goes before it, if any."""
    seconds = math.ceil(seconds / 60) * 60.0
    if plus is None or not plus.quantiles_s:
        limit = max(seconds + (plus.limit_s if plus is not None else 0.0), _floor_s())
        return Standard(-1.0, limit, limit, limit, "computed")
    return Standard(
        plus.own_s + seconds, plus.p50_s + seconds, plus.p90_s + seconds, plus.limit_s + seconds, "computed",
        tuple(q + seconds for q in plus.quantiles_s), plus.nights, plus.share,
    )  # fmt: skip


def whole_ms(seconds: float) -> int:
    """Seconds as integer ms."""
    return round(seconds * SECOND_MS)
