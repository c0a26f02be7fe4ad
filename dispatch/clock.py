"""The clock: integer milliseconds from the scenario's reference instant inside, clock times at the edges."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

__all__ = ["HOUR_MS", "MINUTE_MS", "SECOND_MS", "clock_time", "day_and_time", "hours_minutes", "ms", "offset_ms"]

SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS


def ms(seconds: float) -> int:
    """Seconds to integer milliseconds, rounded half up (finite only)."""
    return math.floor(seconds * SECOND_MS + 0.5)


def clock_time(reference: datetime, time_ms: int) -> datetime:
    """Clock time, in the reference's zone, of ``time_ms`` after the reference instant."""
    return reference + timedelta(milliseconds=int(time_ms))


def day_and_time(reference: datetime, time_ms: int) -> str:
    """Clock time with its day, ``mm-dd hh:mm``, of ``time_ms`` after the reference instant."""
    return f"{clock_time(reference, time_ms):%m-%d %H:%M}"


def offset_ms(reference: datetime, moment: datetime) -> int:
    """Milliseconds from the reference instant to ``moment`` (both aware)."""
    return round((moment - reference) / timedelta(milliseconds=1))


def hours_minutes(duration_ms: int) -> str:
    """Duration as ``h:mm``, rounded up to the minute so that a missed deadline never reads as met."""
    sign = "-" if duration_ms < 0 else ""
    minutes = math.ceil(abs(duration_ms) / MINUTE_MS) if duration_ms >= 0 else abs(duration_ms) // MINUTE_MS
    return f"{sign}{minutes // 60}:{minutes % 60:02d}"
