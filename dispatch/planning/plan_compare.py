"""Whether the sheets of a workbook still say what its loads, trips and stops say.

The sheets are made anew from the plan and compared row by row (found again by their keys, so that sorting and filtering
do no harm) and cell by cell. What differs is a violation: a paper that is handed out must not contradict the plan. A
sheet or column that a person deleted says nothing, so it contradicts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from dispatch.documents.cells import Grid, as_text, moment, number
from dispatch.documents.messages import text
from dispatch.planning.order_forms import FormPage
from dispatch.planning.plan_pages import Page
from dispatch.planning.plan_rows import CellError, decode
from dispatch.planning.plan_sheets import find_header, find_sheet, headings, table_rows
from dispatch.planning.violation import Violation

__all__ = ["compare_forms", "compare_page"]

_TOLERANCE = 1e-6
Line = tuple[int, dict[str, Any]]


def compare_page(page: Page, grids: Mapping[str, Grid], lang: str) -> list[Violation]:
    """Disagreements of one sheet with the plan; none if the workbook has no such sheet."""
    title = find_sheet(grids, page.name)
    if title is None:
        return []
    columns = list(page.rows.columns)
    found = find_header(grids[title], columns, columns)
    if found is None or not set(page.keys) <= set(found[1]):
        return [Violation("sheet_header", path=title)]
    position, header = found
    rows = table_rows(header, grids[title][position + 1 :])
    lines = [(row.number or 0, dict(row.cells)) for row in rows]
    return list(_differences(page, title, lines, lang))


def compare_forms(forms: FormPage, grids: Mapping[str, Grid], lang: str) -> list[Violation]:
    """Disagreements of a sheet of forms with the plan; none if the workbook has no such sheet."""
    title = find_sheet(grids, forms.lines.name)
    if title is None:
        return []
    return list(_differences(forms.lines, title, _form_lines(forms, grids[title]), lang))


def _form_lines(forms: FormPage, grid: Grid) -> list[Line]:
    """Lines of all forms of a sheet, each with the name of its form."""
    names = headings(forms.shown)
    labels = set(headings([forms.name_column]))
    form = ""
    header: list[str] = []
    lines: list[Line] = []
    for number_, values in grid:
        words = [str(value).strip() for value in values if value not in (None, "")]
        if not words:
            continue
        if words[0] in labels:
            form, header = (_word(words[1]) if len(words) > 1 else ""), []
        elif len({names.get(word, "") for word in words} & set(forms.shown)) > len(forms.shown) / 2:
            header = [names.get(str(value).strip(), "") for value in values]
        elif header and len(words) > 1:
            cells = {column: value for column, value in zip(header, values, strict=False) if column}
            lines.append((number_, {forms.name_column: form, **cells}))
        else:
            header = []
    return lines


def _differences(page: Page, title: str, lines: Sequence[Line], lang: str) -> Iterator[Violation]:
    """Compare expected rows with those found, both told apart by the page's keys and how often they occur."""
    there: dict[tuple[str, ...], Line] = {}
    count: dict[tuple[str, ...], int] = {}
    for row, cells in lines:
        key = tuple(_word(cells.get(column)) for column in page.keys)
        count[key] = count.get(key, 0) + 1
        if any(key):
            there[*key, str(count[key])] = row, cells
    count.clear()
    for expected in page.rows.to_dict("records"):
        key = tuple(_word(expected[column]) for column in page.keys)
        count[key] = count.get(key, 0) + 1
        if not any(key):
            continue
        found = there.pop((*key, str(count[key])), None)
        trip, stop = _where(expected)
        if found is None:
            yield Violation("sheet_row_missing", trip, stop, path=title, value=_shown(key), unit="text")
            continue
        row, cells = found
        for column in page.derived:
            cell = cells.get(column)
            absent = column not in cells or (page.entered and cell in (None, ""))
            if absent or _agrees(cell, expected[column]):
                continue
            where = f"{title}!{row} {text(lang, f'plan_col_{column}')}"
            yield Violation(
                "sheet_disagrees", trip, stop, path=where, value=_said(cell), limit=_said(expected[column]), unit="text"
            )
    for key, (row, cells) in there.items():
        if not page.entered:
            trip, stop = _where(cells)
            yield Violation("sheet_row_extra", trip, stop, path=f"{title}!{row}", value=_shown(key[:-1]), unit="text")


def _where(row: Mapping[str, Any]) -> tuple[str, int]:
    """Trip and stop of a row, where it has them."""
    stop = row.get("stop", 0)
    return _word(row.get("trip", "")), stop if isinstance(stop, int) and not isinstance(stop, bool) else 0


def _word(value: Any) -> str:
    """Text of a key cell, however the spreadsheet holds it."""
    try:
        return decode(as_text(value)).strip()
    except (ValueError, CellError):
        return str(value).strip()


def _said(value: Any) -> str:
    return "–" if value in (None, "") else f"{value:%m-%d %H:%M}" if isinstance(value, datetime) else _word(value)


def _shown(key: Sequence[str]) -> str:
    return " / ".join(part for part in key if part)


def _agrees(cell: Any, expected: Any) -> bool:
    """Whether a cell says what was expected: times to the second, numbers to 1e-6, text but for spaces at its ends."""
    if expected is None or expected == "":
        return cell is None or _word(cell) == ""
    try:
        if isinstance(expected, datetime):
            return abs((moment(cell, expected) - expected).total_seconds()) <= 1
        if isinstance(expected, (int, float)):
            return abs(number(cell) - expected) <= _TOLERANCE * max(1.0, abs(expected))
    except ValueError:
        return False
    return _word(cell) == _word(expected)
