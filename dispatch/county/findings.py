"""Where a table's rows come from, and the problems found in them: each with its file, row, header and cell."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from dispatch.county.problem_text import found
from dispatch.county.reading import digits
from dispatch.problems import Problem

__all__ = ["Findings", "Origin"]

_MOST_ALIKE = 200
"""Problems of one kind in one column that are listed; the rest are counted."""


@dataclass(eq=False)
class Origin:
    """Where the rows of a table in memory stand in a user's file.

    Attributes
    ----------
    file : str
    rows : list of int
        Row number of each row.
    headers : dict
        Column name → header as written.
    cells : dict
        Column name → cells as written.
    faulty : set of (row index, column name)
        Cells that were reported already.
    words : dict
        (row index, column name) → counting word behind a number.
    whole : bool
        False if rows are missing because the table could not be read: nothing is then said of references to it.
    """

    file: str
    rows: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    cells: dict[str, list[Any]] = field(default_factory=dict)
    faulty: set[tuple[int, str]] = field(default_factory=set)
    words: dict[tuple[int, str], str] = field(default_factory=dict)
    whole: bool = True

    @classmethod
    def in_memory(cls, name: str, frame: pd.DataFrame) -> Origin:
        """Origin of a table that was not read from a file: rows numbered as a CSV file of it would number them."""
        return cls(name, list(range(2, len(frame) + 2)), {str(c): str(c) for c in frame.columns},
                   {str(c): frame[c].tolist() for c in frame.columns})  # fmt: skip

    def shown(self, i: int, column: str) -> object:
        """Cell as it stands in the file."""
        cell = self.cells[column][i] if column in self.cells else ""
        if isinstance(cell, float):
            return digits(cell) if math.isfinite(cell) else ""
        return "" if cell is None else cell


class Findings:
    """Problems of a reading, in the order found; of many alike in one column the first 200, and how many more."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._seen: Counter[tuple[str, str, str]] = Counter()

    def add(self, problem: Problem) -> None:
        """Take one problem."""
        kind = (problem.file, problem.column, problem.code)
        self._seen[kind] += 1
        if self._seen[kind] <= _MOST_ALIKE:
            self._problems.append(problem)

    def cell(
        self,
        origin: Origin,
        i: int,
        column: str,
        code: str,
        severity: Literal["error", "warning"] = "error",
        **detail: object,
    ) -> None:
        """Take a problem with one cell."""
        if severity == "error":
            origin.faulty.add((i, column))
        header = origin.headers.get(column, column)
        self.add(found(code, origin.file, origin.rows[i], header, origin.shown(i, column), severity, **detail))

    def once(self, origin: Origin, i: int, column: str, code: str, **detail: object) -> None:
        """Take an error in one cell unless one was taken before."""
        if (i, column) not in origin.faulty:
            self.cell(origin, i, column, code, "error", **detail)

    def all(self) -> list[Problem]:
        """Every problem taken, with a line for those beyond the first 200 of a kind."""
        more = [
            found("county_more", file, None, column, "", next(
                p.severity for p in self._problems if (p.file, p.column, p.code) == (file, column, code)
            ), count=count - _MOST_ALIKE)
            for (file, column, code), count in self._seen.items() if count > _MOST_ALIKE
        ]  # fmt: skip
        return self._problems + more
