"""Which of the simulated nights a drill follows: one whose severity stands at the percentile asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dispatch.drill.norms import drill_rule
from dispatch.simulation.ensemble import Ensemble

__all__ = ["ChosenNight", "choose_night", "severity_order"]


@dataclass(frozen=True, eq=False)
class ChosenNight:
    """A night and where it stands: ``percentile`` of severity, 0 the mildest, 1 the worst."""

    replication: int
    percentile: float
    log: pd.DataFrame


def severity_order(nights: pd.DataFrame) -> list[int]:
    """Replications from the mildest night to the worst: by people not served in time, then by the last arrival."""
    ordered = nights.sort_values(
        ["people_share_in_time", "t_all_ms", "closures_met", "replication"],
        ascending=[False, True, True, True], kind="stable", na_position="first",
    )  # fmt: skip
    return [int(replication) for replication in ordered["replication"]]


def choose_night(ensemble: Ensemble, percentile: float, rng: np.random.Generator) -> ChosenNight:
    """Draw a night near a percentile; all nights within the norm's window are equally representative.

    Raises
    ------
    ValueError
        If the percentile is not in 0 … 1 or no night's log was kept.
    """
    if not 0 <= percentile <= 1:
        msg = f"a percentile lies in 0 … 1, not {percentile}"
        raise ValueError(msg)
    kept = set(ensemble.log["replication"].unique().tolist())
    order = severity_order(ensemble.nights)
    if not kept:
        msg = "no night's event log was kept"
        raise ValueError(msg)
    last = max(len(order) - 1, 1)
    away = sorted((abs(rank / last - percentile), rank) for rank, night in enumerate(order) if night in kept)
    window = max(drill_rule("percentile_window"), away[0][0])
    near = sorted(rank for distance, rank in away if distance <= window + 1e-9)
    rank = int(near[int(rng.integers(len(near)))])
    log = ensemble.log[ensemble.log["replication"] == order[rank]].sort_values("event_id", ignore_index=True)
    return ChosenNight(order[rank], rank / last, log)
