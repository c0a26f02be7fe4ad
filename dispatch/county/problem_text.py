"""A problem in words: in English for logs, in either language for a user."""

from __future__ import annotations

from typing import Literal

from dispatch.documents.messages import has, text
from dispatch.problems import Problem

__all__ = ["found", "hints", "problem_text"]

_LONGEST_VALUE = 120


def found(
    code: str,
    file: str,
    row: int | None = None,
    column: str = "",
    value: object = "",
    severity: Literal["error", "warning"] = "error",
    **detail: object,
) -> Problem:
    """Problem whose ``expected`` is the catalogue's English text of ``code``.

    Parameters
    ----------
    code : str
        Key in the message catalogue.
    file, row, column, value, severity
        As in :class:`Problem`; a long value is cut.
    **detail
        For the message's placeholders.
    """
    shown = str(value)
    if len(shown) > _LONGEST_VALUE:
        shown = shown[:_LONGEST_VALUE] + "…"
    kept = tuple((name, str(item)) for name, item in detail.items())
    return Problem(file, row, column, shown, text("en", code, **dict(kept)), code, severity, kept)


def hints(zh: str, en: str) -> dict[str, str]:
    """Details ``hint_zh`` and ``hint_en``: what may have been meant, or nothing."""
    return {"hint_zh": f"（是不是“{zh}”？）" if zh else "", "hint_en": f" ({en}?)" if en else ""}


def problem_text(problem: Problem, lang: str) -> str:
    """One line: where it is, what stands there, what was expected.

    A problem whose ``code`` is not in the catalogue is worded by its own ``expected``.
    """
    known = has(problem.code)
    expected = text(lang, problem.code, **dict(problem.detail)) if known else problem.expected
    where = problem.file
    if problem.row is not None:
        where += text(lang, "county_at_row", row=problem.row)
    if problem.column:
        where += text(lang, "county_at_column", column=problem.column)
    if problem.value == "":
        return text(lang, "county_problem_blank", where=where, expected=expected)
    return text(lang, "county_problem", where=where, value=problem.value, expected=expected)
