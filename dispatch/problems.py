"""Problems found in what a user hands in: all of them collected, each with its place, reported once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["InputProblems", "Problem", "errors"]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with an input file, as a user finds it again.

    Attributes
    ----------
    file : str
        File name, with the sheet after ``!`` for a workbook (``pack.xlsx!places``).
    row : int or None
        Row as the spreadsheet or editor numbers it (first line is 1); None where the problem is not in one row.
    column : str
        Column, as headed in the file; for TOML the dotted key.
    value : str
        What stands there.
    expected : str
        What was expected, in words.
    code : str
        Key of the kind of problem in the message catalogue (``missing_column``, ``unknown_id`` …).
    severity : {"error", "warning"}
        A warning is shown but does not stop the work.
    detail : tuple of (name, value)
        Values for the placeholders of the catalogue's message ``code``, so that it can be said in either language.
    """

    file: str
    row: int | None
    column: str
    value: str
    expected: str
    code: str = "invalid"
    severity: Literal["error", "warning"] = "error"
    detail: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """``file:row:column: 'value', expected …``."""
        where = ":".join(part for part in (self.file, "" if self.row is None else str(self.row), self.column) if part)
        return f"{where}: {self.value!r}, expected {self.expected}"


class InputProblems(Exception):  # noqa: N818 - it reports problems, several at a time
    """Raised once, after everything was read, with every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Return those problems that stop the work."""
    return [problem for problem in problems if problem.severity == "error"]
