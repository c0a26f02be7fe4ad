"""What a cell says: its value, or the fault in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from dispatch.county.table import Column

__all__ = ["LEFT_OPEN", "LONGEST_FIGURE", "BadCell", "Reading", "blank", "clean_text", "digits"]

LEFT_OPEN = frozenset({"", "-", "--", "—", "——", "/", "\\", "n/a", "na", "nan", "null", "none", "不详", "未知", "待定",
                       "暂无", "待查"})  # fmt: skip
"""Ways of leaving a number, a date, a choice or a reference open."""
LONGEST_FIGURE = 200
"""Characters of the longest cell that is tried as a number, a date or a clock time."""
_CONTROL = {i: None for i in [*range(32), *range(127, 160), 0xFEFF] if i not in (9, 10)} | {0x2028: 10, 0x2029: 10}


@dataclass(frozen=True)
class BadCell:
    """An error value (``#REF!``) or a formula without a stored result, as it stands in a workbook."""

    text: str
    formula: bool = False

    def __str__(self) -> str:
        return self.text


class Reading(NamedTuple):
    """What a cell says.

    Attributes
    ----------
    value : object
        As in ``County.tables``; the column's empty value where the cell cannot be read.
    code : str
        Message key of what is wrong or doubtful, "" for nothing.
    detail : tuple of (name, value)
        For the message.
    severity : {"error", "warning"}
    word : str
        Counting word behind a plain number (``顶`` in ``50顶``).
    """

    value: Any
    code: str = ""
    detail: tuple[tuple[str, str], ...] = ()
    severity: Literal["error", "warning"] = "error"
    word: str = ""


def blank(column: Column) -> Any:
    """Value of an empty cell: the column's default, else NaN, False or ""."""
    if column.default is not None:
        return column.default
    return {"integer": math.nan, "number": math.nan, "flag": False}.get(column.kind, "")


def clean_text(text: str) -> str:
    r"""Text without control characters and without blanks at its ends; line ends are ``\n``."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL).strip()


def digits(number: float) -> str:
    """A number as a person typed it: no ``.0``, no power of ten."""
    if number == int(number) and abs(number) < 1e21:
        return str(int(number))
    return f"{number:.15g}"
