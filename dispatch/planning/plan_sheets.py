"""The plan's tables as rows of cells: what the CSV folder and the technical sheets of a workbook hold, loss-free.

Edges of a path are JSON lists, cut into ``edges``, ``edges_2`` … where they would not fit into one cell. A number that
a spreadsheet would round is written as text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from dispatch.documents.cells import Grid, as_text, number, whole_number
from dispatch.documents.messages import LANGUAGES, has, text
from dispatch.planning.plan import Plan
from dispatch.planning.plan_rows import (
    MAY_LACK,
    PLAN_TABLES,
    TOTALS,
    CellError,
    Row,
    cell_value,
    decode,
    encode,
    fault,
    plan_rows,
    typed_table,
)
from dispatch.problems import Problem

__all__ = [
    "META_HEADER",
    "PLAN_VERSION",
    "SheetRows",
    "cell_of",
    "find_header",
    "find_sheet",
    "headings",
    "meta_from_cells",
    "meta_to_cells",
    "plan_from_sheets",
    "sheet_rows",
    "sheet_value",
    "table_cells",
    "table_rows",
]

PLAN_VERSION = 1
"""Version of the plan's file formats; raised when a column or the meaning of one changes."""
META_HEADER = ("part", "key", "value")
_CELL = 30_000
_MORE, _META_PART = "meta+", 5_000
"""Part of a row that goes on with the value above, and so many characters of it to a cell, written with escapes too."""
_EXACT_INTEGER = 10**15
_HEADER_ROWS = 30


def table_cells(plan: Plan, name: str) -> tuple[list[str], list[list[str | int | float | None]]]:
    """Header and rows of one table; text is escaped, None is a blank cell."""
    rows = plan_rows(plan, name)
    chunks = [_chunks(row["edges"]) for row in rows] if name == "paths" else []
    extra = max((len(parts) for parts in chunks), default=1) - 1
    header = [*PLAN_TABLES[name], *(f"edges_{k + 2}" for k in range(extra))]
    cells: list[list[str | int | float | None]] = []
    for i, row in enumerate(rows):
        if name == "paths":
            row["edges"], *more = chunks[i]
            row |= {f"edges_{k + 2}": part for k, part in enumerate(more)}
        cells.append([cell_of(row.get(column, "")) for column in header])
    return header, cells


def _chunks(edges: Sequence[str]) -> list[str]:
    """JSON lists that together hold the edges, each short enough for a cell."""
    parts: list[list[str]] = [[]]
    size = 0
    for edge in edges:
        length = len(json.dumps(edge)) + 2
        if size + length > _CELL and parts[-1]:
            parts.append([])
            size = 0
        parts[-1].append(str(edge))
        size += length
    return [json.dumps(part) for part in parts]


def cell_of(value: Any) -> str | int | float | None:
    """Cell that keeps a value of a plan exactly."""
    if isinstance(value, str):
        return encode(value) or None
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return value if math.isfinite(value) and float(f"{value:.15g}") == value else repr(value)
    return value if abs(value) < _EXACT_INTEGER else str(value)


def table_rows(header: Sequence[str], grid: Iterable[tuple[int, Sequence[Any]]]) -> list[Row]:
    """Rows of cells under a header as rows by column; ``edges``, ``edges_2`` … become one list again."""
    rows: list[Row] = []
    parts = [i for i, column in enumerate(header) if column == "edges" or column.startswith("edges_")]
    for line, values in grid:
        cells = {column: values[i] if i < len(values) else None for i, column in enumerate(header) if column}
        if len(parts) > 1:
            lists = [str(values[i]) for i in parts if i < len(values) and values[i]]
            cells["edges"] = _joined(lists)
        rows.append(Row(line, cells))
    return rows


def _joined(lists: Sequence[str]) -> str:
    """One JSON list of several; what is no list is kept, to be reported as it stands."""
    edges: list[str] = []
    for part in lists:
        try:
            edges += cell_value("object", part)
        except CellError:
            return part
    return json.dumps(edges)


def sheet_value(kind: str, cell: Any) -> Any:
    """Value of a workbook's cell, tolerant of numbers kept as text.

    Raises
    ------
    CellError
        If it is not one of the column's kind.
    """
    try:
        if kind == "int64":
            return whole_number(cell)
        if kind == "float64":
            return _decimal(cell)
        return cell_value(kind, as_text(cell))
    except ValueError:
        raise CellError from None


def _decimal(cell: Any) -> float:
    if cell is None or cell == "":
        return math.nan
    if isinstance(cell, str):
        try:
            return float(cell)
        except ValueError:
            pass
    return number(cell)


def headings(columns: Iterable[str]) -> dict[str, str]:
    """Every header that is understood → its column: the column's own name and its titles in both languages."""
    names = {}
    for column in columns:
        names[column] = column
        if has(f"plan_col_{column}"):
            names |= {text(lang, f"plan_col_{column}"): column for lang in LANGUAGES}
    return names


def find_sheet(grids: Mapping[str, Grid], name: str) -> str | None:
    """Name, in the workbook, of a sheet called by its own name or by one of its titles."""
    titles = [text(lang, f"plan_sheet_{name}") for lang in LANGUAGES] if has(f"plan_sheet_{name}") else []
    return next((title for title in (name, *titles) if title in grids), None)


def _titled(name: str, title: str, column: str) -> str:
    """A column as the workbook's other sheets head it: in the language of the sheet's title."""
    for lang in LANGUAGES:
        if has(f"plan_sheet_{name}") and has(f"plan_col_{column}") and title == text(lang, f"plan_sheet_{name}"):
            return text(lang, f"plan_col_{column}")
    return column


def _sheet_titled(grids: Mapping[str, Grid], name: str) -> str:
    """A missing sheet as the workbook would call it: in the language of its sheet of loads."""
    for lang in LANGUAGES:
        if has(f"plan_sheet_{name}") and text(lang, "plan_sheet_loads") in grids:
            return text(lang, f"plan_sheet_{name}")
    return name


def find_header(grid: Grid, columns: Iterable[str], required: Iterable[str]) -> tuple[int, list[str]] | None:
    """Position in the grid of the header row, and the column each of its cells stands for ("" for an unknown one).

    The header row is the one, among the first 30, that names most of the required columns, and at least half of them.
    """
    names = headings(columns)
    wanted = set(required)
    best: tuple[int, list[str]] | None = None
    found = math.ceil(len(wanted) / 2) - 1
    for position, (_, values) in enumerate(grid[:_HEADER_ROWS]):
        header = [_column(names, value) for value in values]
        if (count := len(wanted & set(header))) > found:
            best, found = (position, header), count
    return best


def _column(names: Mapping[str, str], value: Any) -> str:
    """Column that a header cell names; one past those known (``edges_2``) keeps its name."""
    title = "" if value is None else str(value).strip()
    return names.get(title, title if title.startswith("edges_") else "")


class SheetRows(NamedTuple):
    """Rows of a sheet by column, the sheet as problems name it (``plan.xlsx!trips``), and how it heads its columns."""

    where: str
    rows: list[Row]
    titles: dict[str, str]


def sheet_rows(
    grids: Mapping[str, Grid], file: str, name: str, extra: Iterable[str], problems: list[Problem]
) -> SheetRows:
    """Rows of a table's sheet; a sheet, header or column that is missing becomes a problem.

    Parameters
    ----------
    extra : iterable of str
        Further columns that are read where they stand.
    """
    required = META_HEADER if name == "meta" else tuple(PLAN_TABLES[name])
    title = find_sheet(grids, name)
    where = f"{file}!{title or name}"
    if title is None:
        if name not in MAY_LACK:
            problems.append(fault(file, None, _sheet_titled(grids, name), "", "plan_expect_sheet"))
        return SheetRows(where, [], {})
    found = find_header(grids[title], (*required, *extra), required)
    if found is None:
        problems.append(fault(where, None, ", ".join(required), "", "plan_expect_header"))
        return SheetRows(where, [], {})
    position, header = found
    line, shown = grids[title][position]
    missing = [column for column in required if column not in header]
    problems += [fault(where, line, _titled(name, title, column), "", "plan_expect_column") for column in missing]
    if missing:
        return SheetRows(where, [], {})
    rows = table_rows(header, grids[title][position + 1 :])
    titles = {column: str(cell).strip() for column, cell in zip(header, shown, strict=False) if column}
    return SheetRows(where, [row for row in rows if not _is_total(row, required)], titles)


def _is_total(row: Row, required: Iterable[str]) -> bool:
    """A row such as 合计 that a person added: that word, and no other text in the table's columns."""
    words = [
        str(cell).strip() for column in required if isinstance(cell := row.cells.get(column), str) and cell.strip()
    ]
    return not any(row.cells.get(column) not in (None, "") for column in required) or (
        len(words) == 1 and words[0].lower() in TOTALS
    )


def plan_from_sheets(
    grids: Mapping[str, Grid],
    file: str,
    problems: list[Problem],
    prepare: Callable[[str, str, list[Row]], list[Row]] | None = None,
    extra: Mapping[str, Sequence[str]] | None = None,
) -> Plan:
    """Build the plan from a workbook's sheets of its own tables; whatever is wrong becomes a problem.

    Parameters
    ----------
    prepare : callable (table, sheet as problems name it, rows) → rows
        Puts cells right that need more than the cell to be understood.
    extra : mapping of table to columns
        Further columns that ``prepare`` looks at.
    """
    tables = {}
    for name in PLAN_TABLES:
        where, rows, titles = sheet_rows(grids, file, name, (extra or {}).get(name, ()), problems)
        if prepare is not None:
            rows = prepare(name, where, rows)
        tables[name] = typed_table(name, rows, where, sheet_value, problems, titles)
    meta = sheet_rows(grids, file, "meta", (), problems)
    return Plan(**tables, meta=meta_from_cells(meta.rows, meta.where, problems))


def meta_to_cells(plan: Plan) -> list[tuple[str, str, str]]:
    """Rows of the table ``meta`` (part, key, value as JSON), the file's version first."""
    rows = [("file", "plan_version", json.dumps(PLAN_VERSION))]
    for key in sorted(plan.meta):
        words = json.dumps(plan.meta[key], ensure_ascii=False, sort_keys=True)
        parts = [words[k : k + _META_PART] for k in range(0, len(words), _META_PART)]  # a cell holds no more
        rows += [(_MORE if k else "meta", encode(key), encode(part)) for k, part in enumerate(parts)]
    return rows


def meta_from_cells(rows: Iterable[Row], file: str, problems: list[Problem]) -> dict[str, Any]:
    """What :func:`meta_to_cells` wrote; a bad value or a newer version becomes a problem."""
    meta: dict[str, Any] = {}
    begun: dict[str, str] = {}
    listed = list(rows)
    goes_on = [row.cells.get(META_HEADER[0]) == _MORE for row in listed[1:]] + [False]
    for row, unfinished in zip(listed, goes_on, strict=False):
        part, key, cell = (row.cells.get(column) for column in META_HEADER)
        try:
            name = decode(as_text(key))
            words = begun.pop(name, "") + decode(as_text(cell))
            if unfinished:
                begun[name] = words
                continue
            value = json.loads(words)
        except (ValueError, RecursionError):
            problems.append(fault(file, row.number, "value", cell, "plan_expect_json_value"))
            continue
        if part in ("meta", _MORE):
            meta[name] = value
        elif name == "plan_version" and value != PLAN_VERSION:
            problems.append(fault(file, row.number, "plan_version", value, "plan_expect_version"))
    return meta
