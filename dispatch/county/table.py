"""What a table of a county pack is: its columns, their names in both languages, their kinds and what they may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Column", "Kind", "Table"]

Kind = Literal["id", "text", "integer", "number", "flag", "date", "moment", "choice", "reference", "list", "wkt"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name, zh : str
        Header in English (the name used in code) and in Chinese.
    kind : Kind
        ``id`` is the table's own key part; ``reference`` names a row of ``refers`` (several tables: any of them);
        ``list`` holds values apart by ``;``; ``date`` is a day, ``moment`` a clock time with its day.
    unit : str
        Unit of a number, as it may also stand inside a cell.
    required : bool
        Whether the column must exist and every row must hold a value.
    low, high : float or None
        Closed range of a number.
    choices : dict
        For ``choice`` and ``flag``-like columns: canonical value → Chinese word. Both are accepted.
    refers : tuple of str
        Tables whose key a ``reference`` names.
    default : object
        Value of an empty cell in an optional column; None is "not known".
    zh_also : tuple of str
        Further headers, mostly Chinese, that mean this column.
    choices_also : dict
        Further words for the values of ``choices``: word → canonical value. Without ``choices`` any other text is
        taken as it is.
    """

    name: str
    zh: str
    kind: Kind = "text"
    unit: str = ""
    required: bool = False
    low: float | None = None
    high: float | None = None
    choices: dict[str, str] | None = None
    refers: tuple[str, ...] = ()
    default: object = None
    zh_also: tuple[str, ...] = ()
    choices_also: dict[str, str] | None = None


@dataclass(frozen=True)
class Table:
    """One table: its columns in order and the columns whose values together name a row."""

    name: str
    zh: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = False
    private: bool = False

    def column(self, name: str) -> Column:
        """Return the column of that (English) name.

        Raises
        ------
        KeyError
            If there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
