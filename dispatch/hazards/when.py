"""Clock times and offsets of a hazard, as people write them, in seconds from the scenario's reference instant."""

from __future__ import annotations

import math
import re
from datetime import datetime, time

from dispatch.clock import MINUTE_MS, SECOND_MS, offset_ms
from dispatch.documents.cells import moment

__all__ = ["seconds_from"]

_OFFSET = re.compile(r"([+-])(\d{1,4}):([0-5]\d)")
CENTURY_S = 100 * 366 * 86_400.0
_MINUTES = re.compile(r"\d+(?:\.\d+)?")


def seconds_from(reference: datetime, value: object) -> float:
    """Seconds from the reference instant to a time.

    Parameters
    ----------
    reference : datetime
        Aware.
    value : object
        A number is minutes from the reference. Text is an offset in hours and minutes with its sign (``+2:30``), a
        number of minutes without a sign, an ISO 8601 time, or a clock time such as ``7月20日 22:30`` or ``22:30``. A
        time without zone is in the reference's zone; one without a day is on the day that brings it nearest to the
        reference. A signed number without minutes (``+2``) is refused: it could be hours or minutes.

    Raises
    ------
    ValueError
        If it is none of these, or more than a century away.
    """
    seconds = _seconds(reference, value)
    if abs(seconds) > CENTURY_S:
        msg = f"more than a century from {reference}: {value!r}"
        raise ValueError(msg)
    return seconds


def _seconds(reference: datetime, value: object) -> float:
    if isinstance(value, datetime):
        return _since(reference, value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value) * MINUTE_MS / SECOND_MS
    if isinstance(value, time):
        return _since(reference, moment(value, reference.replace(tzinfo=None)))
    if not isinstance(value, str):
        msg = f"not a time: {value!r}"
        raise ValueError(msg)
    text = value.strip()
    if (offset := _OFFSET.fullmatch(text)) is not None:
        seconds = int(offset[2]) * 3600 + int(offset[3]) * 60
        return float(-seconds if offset[1] == "-" else seconds)
    if _MINUTES.fullmatch(text):
        return float(text) * MINUTE_MS / SECOND_MS
    try:
        return _since(reference, datetime.fromisoformat(text))
    except ValueError:
        return _since(reference, moment(text, reference.replace(tzinfo=None)))


def _since(reference: datetime, at: datetime) -> float:
    aware = at if at.tzinfo is not None else at.replace(tzinfo=reference.tzinfo)
    return offset_ms(reference, aware) / SECOND_MS
