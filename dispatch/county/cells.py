"""One cell of a ledger → one value: what people write in Excel, read as the column means it, or a named fault."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, tzinfo
from functools import cache

from dispatch.county.amounts import read_integer, read_number
from dispatch.county.dates import parse_day, parse_moment
from dispatch.county.reading import LEFT_OPEN, LONGEST_FIGURE, BadCell, Reading, blank, clean_text, digits
from dispatch.county.table import Column
from dispatch.county.units import plain

__all__ = ["MANGLED", "clean_text", "read_cell", "split_list"]

_NOTHING = LEFT_OPEN | {"无", "没有"}
_FOREVER = frozenset({"长期", "长期有效", "永久", "永久有效", "无限期", "无期限", "不过期"})
_YES = frozenset({"是", "有", "yes", "y", "true", "t", "1", "1.0", "√", "✓", "✔", "☑", "对"})
_NO = frozenset({"否", "无", "没有", "不是", "no", "n", "false", "f", "0", "0.0", "×", "x", "✗", "☐"})
_FULL_WIDTH = {0xFF10 + i: 0x30 + i for i in range(10)} | {0xFF21 + i: 0x41 + i for i in range(26)} | {
    0xFF41 + i: 0x61 + i for i in range(26)}  # fmt: skip
_LIST_BREAK = re.compile(r"[;；、,，\n]")
MANGLED = re.compile(r"(\d)(?:\.(\d+))?[eE]\+(\d{1,2})")
"""A code that a spreadsheet shows as a power of ten."""
_LONGEST = 10**15


def split_list(text: str) -> list[str]:
    """Values of a list cell, apart by ``; ； 、 , ，`` or a line break."""
    return [part for part in (clean_text(part) for part in _LIST_BREAK.split(text)) if part]


def read_cell(cell: object, column: Column, zone: tzinfo, factor: float = 1.0) -> Reading:
    """Read one cell as its column means it.

    Parameters
    ----------
    cell : object
        Text of a CSV file, or a spreadsheet's text, number, truth value, date, time or :class:`BadCell`.
    column : Column
        ``expiry`` given as a month is its last day, any other date its first.
    zone : tzinfo
        Of clock times written without one.
    factor : float
        How many of the column's unit the header's unit is; a unit in the cell itself goes before.

    Returns
    -------
    Reading
    """
    if cell is None or cell == "":
        return Reading(blank(column))
    if isinstance(cell, BadCell):
        return Reading(blank(column), "county_formula" if cell.formula else "county_excel_error")
    if isinstance(cell, float) and not math.isfinite(cell):
        cell = str(cell)
    match column.kind:
        case _ if column.choices is None and column.choices_also and isinstance(cell, str):
            return _named(cell, column)
        case "number":
            return read_number(cell, column, factor)
        case "integer":
            return read_integer(cell, column, factor)
        case "id" | "reference":
            return _identifier(cell, column)
        case "choice":
            return _choice(cell, column)
        case "flag":
            return _flag(cell, column)
        case "date":
            return _date(cell, column)
        case "moment":
            return _moment(cell, zone)
        case "list":
            return _list(cell, column)
        case _:
            return _text(cell, column)


def _text(cell: object, column: Column) -> Reading:
    if isinstance(cell, str):
        text = clean_text(cell)
        if column.name == "phone" and MANGLED.fullmatch(text):
            return Reading(text, "county_mangled_code", severity="warning")
        return Reading(text)
    if isinstance(cell, bool):
        return Reading("true" if cell else "false")
    if isinstance(cell, (int, float)):
        return Reading(digits(cell))
    return Reading(_moment_text(cell))


def _named(cell: str, column: Column) -> Reading:
    """Text that may be one of the column's known words; any other stays as it is."""
    word = re.sub(r"\s+", " ", plain(clean_text(cell))).casefold()
    return Reading(_words((), tuple((column.choices_also or {}).items())).get(word, clean_text(cell)))


def _moment_text(cell: object) -> str:
    if isinstance(cell, datetime):
        whole_day = (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)
        return cell.strftime("%Y-%m-%d") if whole_day else cell.isoformat(timespec="seconds")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return clean_text(str(cell))


def _identifier(cell: object, column: Column) -> Reading:
    """Id or reference: never a number; long codes come back whole, or are named as lost."""
    if not isinstance(cell, str):
        if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= _LONGEST:
            return Reading("", "county_long_number")
        return _text(cell, column)
    text = clean_text(cell).translate(_FULL_WIDTH).removeprefix("'")
    if column.kind == "reference" and text.casefold() in _NOTHING:
        return Reading("")
    if (match := MANGLED.fullmatch(text)) is not None:
        shown, power = match[1] + (match[2] or ""), int(match[3])
        if len(shown) > power and not shown[power + 1 :].strip("0"):
            return Reading(shown[: power + 1])
        if column.kind == "reference":
            return Reading(text)
        return Reading("", "county_mangled_code")
    if re.fullmatch(r"\d{6,}\.0+", text):
        return Reading(text.partition(".")[0])
    if re.fullmatch(r"\d[\d, ]{7,}\d", text) and len(closed := re.sub(r"[ ,]", "", text)) >= 9:
        return Reading(closed)
    return Reading(text)


def _flag(cell: object, column: Column) -> Reading:
    if isinstance(cell, bool):
        return Reading(cell)
    word = plain(clean_text(str(cell))).casefold()
    if word in _YES:
        return Reading(True)
    if word in _NO:
        return Reading(False)
    return Reading(blank(column)) if word in LEFT_OPEN else Reading(blank(column), "county_flag")


def _date(cell: object, column: Column) -> Reading:
    if isinstance(cell, str) and (word := clean_text(cell)).casefold() in _NOTHING | _FOREVER:
        return Reading("", "county_date") if word in _FOREVER and column.name != "expiry" else Reading("")
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float, date)) or _too_long(cell):
        return Reading("", "county_date")
    try:
        day, doubtful = parse_day(clean_text(cell) if isinstance(cell, str) else cell, last=column.name == "expiry")
    except (ValueError, OverflowError):
        return Reading("", "county_date")
    if doubtful:
        return Reading(day, "county_date_doubtful", (("day", day),), "warning")
    return Reading(day)


def _moment(cell: object, zone: tzinfo) -> Reading:
    if isinstance(cell, str) and clean_text(cell).casefold() in _NOTHING:
        return Reading("")
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float, date)) or _too_long(cell):
        return Reading("", "county_moment")
    try:
        return Reading(parse_moment(clean_text(cell) if isinstance(cell, str) else cell, zone))
    except (ValueError, OverflowError):
        return Reading("", "county_moment")


def _too_long(cell: object) -> bool:
    return isinstance(cell, str) and len(cell) > LONGEST_FIGURE


@cache
def _words(choices: tuple[tuple[str, str], ...], also: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Every accepted word → canonical value."""
    words = dict(also)
    words.update({word: value for value, word in choices})
    words.update({spelling: value for value, _ in choices for spelling in (value, value.replace("_", " "))})
    return {plain(word).casefold(): value for word, value in words.items()}


def _choice(cell: object, column: Column) -> Reading:
    choices = column.choices or {}
    word = re.sub(r"\s+", " ", plain(clean_text(str(cell)))).casefold()
    words = _words(tuple(choices.items()), tuple((column.choices_also or {}).items()))
    if word in words:
        return Reading(words[word])
    if word in LEFT_OPEN:
        return Reading(blank(column))
    return Reading(blank(column), "county_choice",
                   (("choices_zh", "、".join(choices.values())), ("choices_en", ", ".join(choices))))  # fmt: skip


def _list(cell: object, column: Column) -> Reading:
    text = _text(cell, column).value
    return Reading("" if text.casefold() in _NOTHING else ";".join(split_list(text)))
