"""Clock times as evaluators write them: 9:05, 上午9时5分, 下午3点半, 次日2:10, 25:10, 9:05 pm, a spreadsheet's own."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from dispatch.documents.cells import moment

__all__ = ["clock_of"]

_BEFORE = timedelta(hours=1)
"""A time of day without a date lies from so long before the start of play to a day later."""
_NEXT_DAY = re.compile(r"^(?:次日|第二天|翌日|隔天|next day|d\+1|\+1)\s*|\s*(?:\(次日\)|\(\+1\)|\+1)$", re.IGNORECASE)
_HALF_DAYS = re.compile(
    r"凌晨|清晨|早上|早晨|上午|早|中午|下午|傍晚|晚上|夜里|夜间|半夜|深夜|晚|\b[ap]\.?m\b\.?|(?<=\d)[ap]m\b",
    re.IGNORECASE,
)
_HOUR_WORDS = re.compile(r"(\d{1,2})\s*[点點]\s*(半|\d{0,2})\s*(分?)")
_DIGITS = re.compile(r"([01]\d|2[0-3])([0-5]\d)")
_LATE = re.compile(r"(2[4-9]|3\d|4[0-7]):(\d{1,2})(?::(\d{1,2}))?")
_EXCEL_DAY_ZERO = datetime(1899, 12, 30)
_FIRST_SERIAL = 20_000.0
"""Smaller numbers of days are no dates of our time (1954)."""


def clock_of(value: Any, begin: datetime) -> datetime:
    """Clock time of a cell.

    Parameters
    ----------
    value : str, datetime, time, timedelta, int or float
        Numbers are a spreadsheet's: a fraction of a day, or days since 1899-12-30.
    begin : datetime
        Start of play. A time without a date lies from an hour before it to 23 hours after it; hours from 24 up, and
        words such as 次日, mean the day after its own.

    Raises
    ------
    ValueError
        If it is no clock time, or could be two (``9.05``).
    """
    if isinstance(value, timedelta):
        if value.days:
            return _rounded(datetime.combine(begin.date(), time()) + value)
        return _near((datetime.min + value).time(), begin)
    if isinstance(value, datetime):  # a spreadsheet shows 25:10 as a time of its day 1
        return _next_day(value.time(), begin) if value.year <= _EXCEL_DAY_ZERO.year + 1 else _rounded(value)
    if isinstance(value, time):
        return _near(value, begin)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _of_number(float(value), begin)
    if not isinstance(value, str):
        msg = f"not a clock time: {value!r}"
        raise ValueError(msg)
    return _of_words(unicodedata.normalize("NFKC", value).strip(), begin)


def _of_number(value: float, begin: datetime) -> datetime:
    if 0 <= value < 1:
        return _near((datetime.min + timedelta(seconds=min(round(value * 86400), 86399))).time(), begin)
    if value >= _FIRST_SERIAL and math.isfinite(value):
        return _rounded(_EXCEL_DAY_ZERO + timedelta(days=value))
    msg = f"not a clock time: {value!r}"
    raise ValueError(msg)


def _of_words(words: str, begin: datetime) -> datetime:
    if re.fullmatch(r"0?\.\d{3,}", words) or re.fullmatch(r"\d{5}\.\d{2,}", words):
        return _of_number(float(words), begin)
    words = re.sub(r"(?:左右|前后|许|整|\s*o'clock)$", "", words)
    words = re.sub(r"(:\d{1,2}:\d{1,2})\.\d+$", r"\1", words)
    plain = _NEXT_DAY.sub("", words).strip()
    next_day = plain != words
    half = _HALF_DAYS.search(plain)
    if half is not None:
        plain = re.sub(r"\s+", " ", plain[: half.start()] + " " + plain[half.end() :]).strip()
    plain = _HOUR_WORDS.sub(lambda m: f"{m[1]}:{30 if m[2] == '半' else int(m[2] or 0):02d}", plain)
    plain = re.sub(r"(\d)时$", r"\1:00", plain)
    if half is not None and re.fullmatch(r"\d{1,2}", plain):
        plain += ":00"
    if match := _DIGITS.fullmatch(plain):
        plain = f"{match[1]}:{match[2]}"
    if match := _LATE.fullmatch(plain):
        clock = time(int(match[1]) - 24, int(match[2]), int(match[3] or 0))
        return _next_day(clock, begin)
    at = moment(plain, begin)
    clock = at.time() if half is None else time(_hour(half[0].lower().replace(".", ""), at.hour), at.minute, at.second)
    if re.search(r"\d[-/.月]\d", plain):
        return datetime.combine(at.date(), clock)
    return _next_day(clock, begin) if next_day else _near(clock, begin)


def _hour(word: str, hour: int) -> int:
    """Hour of the day of an hour said with a part of the day; hours above 12 are what they are."""
    if hour > 12:
        return hour
    if word in {"凌晨", "清晨", "am"}:
        return hour % 12
    if word in {"早上", "早晨", "早", "上午"}:
        return hour
    if word == "中午":
        return hour if hour >= 10 else hour + 12
    if word in {"下午", "傍晚", "pm"}:
        return hour % 12 + 12
    return (hour + 12) % 24 if hour >= 5 else hour  # at night: 9 is 21, 12 is midnight, 2 is 2


def _near(clock: time, begin: datetime) -> datetime:
    """That time of day on the first day that brings it no earlier than an hour before the start."""
    at = datetime.combine(begin.date() - timedelta(days=1), clock)
    while at < begin - _BEFORE:
        at += timedelta(days=1)
    return _rounded(at)


def _next_day(clock: time, begin: datetime) -> datetime:
    day: date = begin.date() + timedelta(days=1)
    return _rounded(datetime.combine(day, clock))


def _rounded(at: datetime) -> datetime:
    """Rounded to the second, since a spreadsheet's own times are inexact."""
    return (at + timedelta(milliseconds=500)).replace(microsecond=0)
