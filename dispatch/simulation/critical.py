"""The critical chain: which step made the last place late, in what share of the late nights.

The last reachable place's time, from the order to its delivery, is the sum of what the vehicle that completed it was
doing. On a late night the step to blame is the one that took longest beyond its usual time, usual being its median over
the nights in time (over all nights, where none is). A last place that was never served is counted apart.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from dispatch.clock import MINUTE_MS
from dispatch.simulation.indicators import Indicators
from dispatch.simulation.spans import SPAN_STEPS

__all__ = ["NEVER_SERVED", "critical_chain"]

NEVER_SERVED = "never_served"
"""Row of the nights whose last place was not served by the horizon."""


def critical_chain(found: Indicators) -> pd.DataFrame:
    """Blame by step.

    Returns
    -------
    DataFrame
        ``step`` (``SPAN_STEPS`` and ``never_served``); ``late_share``: share of late nights in which it is to blame
        (they add up to 1 where a night is late); ``longest_share``: in which it simply took longest; ``late_min``,
        ``usual_min``: its mean minutes on late nights, and the usual.
    """
    nights = found.nights
    late = set(nights.loc[(nights["places_reachable"] > 0) & ~nights["on_time"], "replication"].tolist())
    last = found.places[found.places["last"]].drop_duplicates("replication")
    steps = last[[f"{step}_ms" for step in SPAN_STEPS]].to_numpy(dtype=np.float64)
    is_late = last["replication"].isin(late).to_numpy()
    served = (last["complete_ms"] >= 0).to_numpy()
    in_time = served & ~is_late
    base = steps[in_time] if in_time.any() else steps[served]
    usual = np.median(base, axis=0) if len(base) else np.full(len(SPAN_STEPS), math.nan)
    blamed = steps[is_late & served]
    count = int(is_late.sum())
    beyond = np.bincount(np.argmax(blamed - usual, axis=1), minlength=len(SPAN_STEPS)) if len(blamed) else None
    longest = np.bincount(np.argmax(blamed, axis=1), minlength=len(SPAN_STEPS)) if len(blamed) else None
    rows = []
    for k, step in enumerate(SPAN_STEPS):
        rows.append((
            step,
            math.nan if not count else 0.0 if beyond is None else beyond[k] / count,
            math.nan if not count else 0.0 if longest is None else longest[k] / count,
            float(blamed[:, k].mean()) / MINUTE_MS if len(blamed) else math.nan,
            float(usual[k]) / MINUTE_MS,
        ))  # fmt: skip
    never = float((is_late & ~served).sum()) / count if count else math.nan
    rows.append((NEVER_SERVED, never, never, math.nan, math.nan))
    return pd.DataFrame(rows, columns=["step", "late_share", "longest_share", "late_min", "usual_min"])
