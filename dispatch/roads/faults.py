"""One way of saying that a road file cannot be used."""

from __future__ import annotations

from pathlib import Path

from dispatch.documents.messages import text
from dispatch.problems import InputProblems, Problem

__all__ = ["fault", "fault_problem"]


def fault_problem(
    path: Path | str, key: str, *, value: str = "", row: int | None = None, column: str = "", **values: object
) -> Problem:
    """Return a problem of a road file; ``key`` names the message that says what was expected."""
    file = path.name if isinstance(path, Path) else path
    detail = tuple((name, str(given)) for name, given in values.items())
    shown = value if len(value) <= 120 else value[:120] + "…"
    return Problem(file, row, column, shown, text("en", key, **values), key, detail=detail)


def fault(
    path: Path | str, key: str, *, value: str = "", row: int | None = None, column: str = "", **values: object
) -> InputProblems:
    """Return the exception that reports a single problem of a road file."""
    return InputProblems([fault_problem(path, key, value=value, row=row, column=column, **values)])
