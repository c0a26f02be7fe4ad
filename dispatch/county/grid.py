"""Rows of a CSV file or a workbook's sheet, as they stand: no meaning yet, but row numbers and merged cells."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["MOST_COLUMNS", "MOST_ROWS", "Grid", "column_letters"]

MOST_ROWS = 200_000
"""Rows that hold anything; a county has thousands, not hundreds of thousands."""
MOST_COLUMNS = 500


@dataclass(frozen=True, eq=False)
class Grid:
    """One sheet or CSV file.

    Attributes
    ----------
    file : str
        As problems name it: ``places.csv`` or ``pack.xlsx!places``.
    title : str
        Name of the sheet, or the file name without its ending.
    rows : list of (row number, cells)
        Rows that hold anything; the first row of the file is 1. Merged cells all hold the value of their first.
    filled : dict
        (row number, column index) of a cell that got its value from a merge → (first row, last row) of the merge.
    """

    file: str
    title: str
    rows: list[tuple[int, list[object]]]
    filled: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)


def column_letters(index: int) -> str:
    """Spreadsheet name of a column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
