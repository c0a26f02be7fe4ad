"""A number in a cell with what people write around it: ``1,200 kg``, ``1.2万``, ``50顶``, ``约300人``, ``112°10′``."""

from __future__ import annotations

import math
import re
from datetime import date, time, timedelta

from dispatch.county.reading import LEFT_OPEN, LONGEST_FIGURE, Reading, blank, clean_text, digits
from dispatch.county.table import Column
from dispatch.county.units import conversion, is_unit, plain

__all__ = ["read_integer", "read_number"]

_AMOUNT = re.compile(
    r"(?P<about>约|大约|近|将近|~|≈|>=|<=|>|<|≥|≤)?\s*[¥$]?\s*"
    r"(?P<number>[+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*"
    r"(?P<more>余|多)?\s*(?P<unit>[^\d\s].*)?"
)
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,20})?")
_ROUNDED = re.compile(r"\s*(?:左右|上下|以上|以下)$")
_SCALED = re.compile(r"([百千万亿]+)([^\W\d_]{1,8})")
_COUNTING_WORD = re.compile(r"[^\W\d_]{1,8}")
_FRACTION = re.compile(r"(\d+)\s*[/⁄]\s*(\d+)")
_DEGREES = re.compile(
    r"[NSEW东西南北]?[经纬]?\s*(?P<d>-?\d{1,3}(?:\.\d+)?)\s*[°度]\s*(?:(?P<m>\d{1,2}(?:\.\d+)?)\s*['′’分]\s*)?"
    r"(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:[\"″”秒]|''|′′)\s*)?(?P<side>[NSEW])?",
    re.IGNORECASE,
)


def read_number(cell: object, column: Column, factor: float = 1.0) -> Reading:
    """Number in a cell, in the column's unit.

    Parameters
    ----------
    cell : object
        Text, or a spreadsheet's number, date …
    column : Column
        Its unit decides what may stand behind the number; a share (``high`` 1, no unit) also as ``30%`` or ``1/3``,
        an angle also in degrees, minutes and seconds. Without a unit a counting word may follow (``50顶``).
    factor : float
        How many of the column's unit the header's unit is, for a number without a unit of its own.

    Returns
    -------
    Reading
    """
    if isinstance(cell, bool) or not isinstance(cell, (int, float, str)):
        dated = isinstance(cell, (date, time, timedelta))
        return _no_number(column, "county_number_date" if dated else "")
    if not isinstance(cell, str):
        return Reading(float(cell) if factor == 1 else _tidy(float(cell) * factor))
    if factor == 1 and _PLAIN_NUMBER.fullmatch(cell):  # most cells
        return Reading(float(cell))
    return _amount(cell, column, factor)


def _no_number(column: Column, code: str = "") -> Reading:
    unit = f" ({column.unit})" if column.unit else ""
    return Reading(blank(column), code or "county_number", (("unit", unit),))


def _amount(cell: str, column: Column, factor: float) -> Reading:
    """Number with what people write around it: thousands, 万, units, about."""
    if len(cell) > LONGEST_FIGURE:
        return _no_number(column)
    text = plain(clean_text(cell))
    if text.casefold() in LEFT_OPEN:
        return Reading(blank(column))
    if column.unit == "°" and (degrees := _read_degrees(text)) is not None:
        return Reading(degrees)
    share = column.high == 1 and not column.unit
    if share and (match := _FRACTION.fullmatch(text)) is not None and int(match[2]):
        return Reading(int(match[1]) / int(match[2]))
    match = _AMOUNT.fullmatch(_ROUNDED.sub("", text))
    if match is None:
        return _no_number(column)
    each, word = _in_column_unit(match["unit"] or "", column, share, factor)
    value = float(match["number"].replace(",", "").replace(" ", "")) * each
    if not math.isfinite(value):
        return _no_number(column, "county_unit" if math.isnan(each) else "")
    value = value if each == 1 else _tidy(value)
    if match["about"] or match["more"] or _ROUNDED.search(text):
        return Reading(value, "county_approximate", (("number", digits(value)),), "warning", word)
    return Reading(value, word=word)


def _in_column_unit(word: str, column: Column, share: bool, factor: float) -> tuple[float, str]:
    """How many of the column's unit one ``word`` is, and the counting word; NaN if it is none, inf if it is no word."""
    if not word:
        return factor, ""
    if share:
        return (0.01 if word == "%" else math.inf), ""
    if (each := conversion(word, column.unit)) is not None:
        return each * (factor if re.fullmatch("[百千万亿]+", word) else 1.0), ""
    if not column.unit and not is_unit(word) and (match := _SCALED.fullmatch(word)) is not None:
        return (conversion(match[1], "") or math.inf) * factor, match[2]
    if not _COUNTING_WORD.fullmatch(word):
        return (math.nan if is_unit(word) else math.inf), ""
    return (math.nan, "") if column.unit else (1.0, word)


def _tidy(value: float) -> float:
    """A product of decimal figures without the last bit's noise (1.2 万 is 12000)."""
    return float(f"{value:.15g}")


def _read_degrees(text: str) -> float | None:
    match = _DEGREES.fullmatch(text)
    if match is None:
        return None
    minutes, seconds = float(match["m"] or 0), float(match["s"] or 0)
    if minutes >= 60 or seconds >= 60:
        return None
    size = abs(float(match["d"])) + minutes / 60 + seconds / 3600
    south_or_west = match["d"].startswith("-") or re.search("[SW南西]", text, re.IGNORECASE) is not None
    return -size if south_or_west else size


def read_integer(cell: object, column: Column, factor: float = 1.0) -> Reading:
    """Whole number in a cell, as :func:`read_number` reads it; days made of months or years are rounded."""
    reading = read_number(cell, column, factor)
    if (reading.code and reading.severity == "error") or math.isnan(reading.value):
        return reading
    whole = float(round(reading.value))
    converted = factor != 1 or (isinstance(cell, str) and re.search(r"[^\W\d_]", cell) is not None)
    if abs(whole - reading.value) <= 1e-9 * max(1.0, abs(whole)) or (column.unit == "d" and converted):
        return reading._replace(value=whole)
    return Reading(blank(column), "county_integer")
