"""Cells of a workbook as people leave them: numbers kept as text, units behind them, full-width digits, clock times.

A function here returns the value or raises ``ValueError``; it never guesses.
"""

from __future__ import annotations

import math
import re
import struct
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from dispatch.documents.messages import text
from dispatch.problems import InputProblems, Problem

__all__ = ["Grid", "as_text", "moment", "number", "read_grids", "whole_number"]

Grid = list[tuple[int, list[Any]]]
"""Rows of a sheet that hold anything: (row number as the spreadsheet shows it, values from column A to the last)."""

_NUMBER = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|[+-]?\.\d+)\s*(.*)", re.DOTALL)
_MOMENT = re.compile(
    r"(?:(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?[\sT]+)?(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})秒?|分)?"
)
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ParseError)
_MALFORMED = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError)


def read_grids(path: Path) -> dict[str, Grid]:
    """Values of every sheet of an XLSX file, by sheet name.

    Raises
    ------
    InputProblems
        If there is no such file, it cannot be read, or it is no XLSX workbook.
    """
    import openpyxl

    try:
        with path.open("rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of features that do not concern the cells' values
            book = openpyxl.load_workbook(stream, data_only=True, read_only=True)
            return {sheet.title: _grid(sheet) for sheet in book.worksheets}
    except OSError as error:
        raise InputProblems([_fault(str(path), error.strerror or str(error), "documents_unreadable")]) from None
    except (*_DAMAGED, *_MALFORMED) as error:  # which one openpyxl raises depends on what is wrong with the file
        raise InputProblems([_fault(path.name, str(error)[:80], "documents_not_xlsx")]) from None


def _grid(sheet: Any) -> Grid:
    sheet.reset_dimensions()  # what a file says of its own size may be wrong
    grid: Grid = []
    for i, row in enumerate(sheet.iter_rows(values_only=True), 1):
        filled = [j for j, value in enumerate(row, 1) if value not in (None, "")]
        if filled:
            grid.append((i, list(row[: filled[-1]])))
    return grid


def _fault(file: str, value: str, key: str) -> Problem:
    return Problem(file, None, "", value, text("en", key), key)


def as_text(value: object) -> str:
    """Text of a cell; an id that a spreadsheet turned into a number comes back without a decimal point.

    Raises
    ------
    ValueError
        For a truth value, a date or an error value.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        msg = f"not text: {value!r}"
        raise ValueError(msg)
    return str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)


def number(value: object, units: Collection[str] = ()) -> float:
    """Number in a cell, also one kept as text (``"１，200 床"``); a unit behind it must be one of ``units``.

    Raises
    ------
    ValueError
        If the cell holds no number, or one in another unit.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        msg = f"not a number: {value!r}"
        raise ValueError(msg)
    match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", value).strip())
    if match is None or (match[2] and match[2].strip() not in {unicodedata.normalize("NFKC", u) for u in units}):
        msg = f"not a number: {value!r}"
        raise ValueError(msg)
    return float(match[1].replace(",", ""))


def whole_number(value: object, units: Collection[str] = ()) -> int:
    """Whole number in a cell, read as :func:`number` does; exact also above 2⁵³.

    Raises
    ------
    ValueError
        If the cell holds no whole number.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d+", plain := unicodedata.normalize("NFKC", value).strip()):
        return int(plain)
    found = number(value, units)
    if not math.isfinite(found) or found != int(found):
        msg = f"not a whole number: {value!r}"
        raise ValueError(msg)
    return int(found)


def moment(value: object, near: datetime) -> datetime:
    """Clock time in a cell, without zone; where the day or the year is left out, the one nearest to ``near``.

    Reads dates with times, times, and text such as ``7-21 04:10``, ``04:10`` or ``7月21日 4时10分``; rounds to the
    second, since a spreadsheet's own times are inexact.

    Raises
    ------
    ValueError
        If the cell holds no clock time.
    """
    if isinstance(value, datetime):
        return _second(value)
    if isinstance(value, time):
        return _nearest(near, value)
    if isinstance(value, (date, bool)) or not isinstance(value, str):
        msg = f"not a clock time: {value!r}"
        raise ValueError(msg)
    match = _MOMENT.fullmatch(unicodedata.normalize("NFKC", value).strip())
    if match is None:
        msg = f"not a clock time: {value!r}"
        raise ValueError(msg)
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups())
    clock = time(hour or 0, minute or 0, second or 0)
    if month is None or day is None:
        return _nearest(near, clock)
    if year is not None:
        return datetime.combine(date(year, month, day), clock)
    years = [
        datetime.combine(date(near.year + k, month, day), clock) for k in (-1, 0, 1) if _is_day(near, k, month, day)
    ]
    if not years:
        msg = f"no such day: {value!r}"
        raise ValueError(msg)
    return min(years, key=lambda at: abs(at - near))


def _is_day(near: datetime, k: int, month: int, day: int) -> bool:
    try:
        date(near.year + k, month, day)
    except ValueError:
        return False
    return True


def _nearest(near: datetime, clock: time) -> datetime:
    """That time of day on the day that brings it nearest to ``near``."""
    days = (datetime.combine(near.date() + timedelta(days=k), clock) for k in (-1, 0, 1))
    return _second(min(days, key=lambda at: abs(at - near)))


def _second(at: datetime) -> datetime:
    """Rounded to the second."""
    return (at + timedelta(milliseconds=500)).replace(microsecond=0)
