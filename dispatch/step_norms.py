"""What the norm tables say of a given night: step times of its shift, general speed factors, further rules."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from dispatch.clock import HOUR_MS, clock_time, offset_ms
from dispatch.norms import read_norm
from dispatch.scenario import StepTime

__all__ = ["general_pace", "rule_values", "shift_at", "step_times", "weather_conditions"]

DUTY_START, DUTY_END = time(8), time(18)
"""Duty hours of a weekday; every other hour counts as night or holiday."""


def shift_at(moment: datetime) -> str:
    """``duty`` in the working hours of Monday to Friday, else ``night``."""
    return "duty" if moment.weekday() < 5 and DUTY_START <= moment.time() < DUTY_END else "night"


def step_times(moment: datetime) -> dict[str, StepTime]:
    """Time of each step in the shift of that moment (norm table ``step_times``)."""
    shift = shift_at(moment)
    return {
        row["step"]: StepTime(row["low_min"], row["mode_min"], row["high_min"], row["source"])
        for row in read_norm("step_times")
        if row["shift"] == shift
    }


def rule_values() -> dict[str, float]:
    """Rule → value (norm table ``rules``)."""
    return {row["rule"]: row["value"] for row in read_norm("rules")}


def weather_conditions() -> tuple[str, ...]:
    """Conditions of the norm table ``pace`` that are not bound to the hour of day."""
    return tuple(row["condition"] for row in read_norm("pace") if not row["from_clock"])


def general_pace(
    reference: datetime, end_ms: int, *, night: bool, weather: str | None, window: tuple[int, int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """General speed factor from each instant on, until ``end_ms`` and beyond.

    Parameters
    ----------
    reference : datetime
        Time zero, in the county's zone.
    end_ms : int
    night : bool
        Whether the factors bound to the hour of day apply.
    weather : str or None
        A condition of the norm table ``pace``; its factor multiplies the night's.
    window : (int, int)
        From when to when the weather lasts, ms.

    Returns
    -------
    start_ms, permille : tuples of int
        As ``models.traversal.time_edges`` takes them; the first holds before it too.

    Raises
    ------
    KeyError
        If the weather is no condition of the table; its argument says what was expected.
    """
    rows = {row["condition"]: row for row in read_norm("pace")}
    if weather is not None and weather not in weather_conditions():
        msg = f"one of {', '.join(weather_conditions())}"
        raise KeyError(msg)
    hourly = [row for row in rows.values() if row["from_clock"]] if night else []
    cuts = {0, *(window if weather else ())}
    for day in range(-1, 2 + end_ms // (24 * HOUR_MS)):
        midnight = datetime.combine(reference.date() + timedelta(days=day), time(0), reference.tzinfo)
        for row in hourly:
            for column in ("from_clock", "to_clock"):
                at = time.fromisoformat(row[column])
                cuts.add(offset_ms(reference, midnight.replace(hour=at.hour, minute=at.minute)))
    starts: list[int] = []
    factors: list[int] = []
    for cut in sorted(cut for cut in cuts if 0 <= cut <= end_ms):
        factor = 1.0
        for row in hourly:
            if _within(clock_time(reference, cut).time(), row["from_clock"], row["to_clock"]):
                factor *= row["factor"]
        if weather is not None and window[0] <= cut < window[1]:
            factor *= rows[weather]["factor"]
        permille = round(1000 * factor)
        if not factors or factors[-1] != permille:
            starts.append(cut)
            factors.append(permille)
    return tuple(starts), tuple(factors)


def _within(clock: time, start: str, end: str) -> bool:
    """Whether a clock time lies in [start, end), which may span midnight."""
    a, b = time.fromisoformat(start), time.fromisoformat(end)
    return a <= clock < b if a <= b else clock >= a or clock < b
