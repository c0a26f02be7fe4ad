"""Reading the norm tables of this folder, with a user's own table of the same form laid over them.

An own table may hold fewer rows and fewer columns: a cell that it gives replaces the norm's, a row that it adds is
added, everything else stays as it was. Headers may be English or Chinese, the encoding UTF-8 or GB18030.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from dispatch.documents.cells import number
from dispatch.documents.messages import text
from dispatch.norms.tables import NORMS, NormColumn, NormTable
from dispatch.problems import InputProblems, Problem

__all__ = ["read_norm", "write_norm"]


def read_norm(name: str, own: Path | None = None) -> list[dict[str, Any]]:
    """Rows of a norm table, laid over by a user's own table of the same form.

    Parameters
    ----------
    name : str
        One of ``NORMS``.
    own : Path, optional
        CSV file with some of the table's rows and columns. A row that changes a figure without saying from where
        carries the file's name as its source.

    Returns
    -------
    list of dict
        Column → value: text as ``str`` ("" where none), numbers as ``float`` (NaN where none). In a table with
        further columns every row has all of them.

    Raises
    ------
    KeyError
        If there is no such table.
    InputProblems
        With every problem of the own table.
    """
    table = NORMS[name]
    packaged = (files("dispatch.norms") / f"{name}.csv").read_text(encoding="utf-8")
    rows, problems = _parse(packaged, f"{name}.csv", table)
    merged = {_key(row, table): row for _, row in rows}
    if own is not None:
        added, found = _parse(_own_text(own), own.name, table)
        problems += found
        if not found:
            problems += _lay_over(merged, added, own.name, table)
    if problems:
        raise InputProblems(problems)
    columns = [column.name for column in table.columns]
    columns += [column for column in dict.fromkeys(c for row in merged.values() for c in row) if column not in columns]
    empty = {column: _empty(table, column) for column in columns}
    return [{column: row.get(column, empty[column]) for column in columns} for row in merged.values()]


def write_norm(name: str, rows: Iterable[Mapping[str, object]], path: Path) -> None:
    """Write rows in a table's form (UTF-8 with BOM, which spreadsheets open rightly); NaN becomes an empty cell."""
    listed = [dict(row) for row in rows]
    known = [column.name for column in NORMS[name].columns]
    further = [column for row in listed for column in row if column not in known]
    tail = [column for column in known if column not in NORMS[name].key]
    header = [
        *NORMS[name].key,
        *dict.fromkeys(further),
        *(column for column in tail if any(column in r for r in listed)),
    ]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_cell_text(row.get(column, "")) for column in header] for row in listed)


def _cell_text(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.15g}" if abs(value) < 1e15 else repr(value)
    return str(value)


def _own_text(path: Path) -> str:
    """Text of a user's file, UTF-8 with or without BOM or GB18030."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        problem = _found("norms_unreadable", str(path), reason=error.strerror or error)
        raise InputProblems([problem]) from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError:
        problem = _found("norms_encoding", path.name)
        raise InputProblems([problem]) from None


def _parse(content: str, file: str, table: NormTable) -> tuple[list[tuple[int, dict[str, Any]]], list[Problem]]:
    """(line, row) of every row, with the cells that are not empty, and the problems met."""
    problems: list[Problem] = []
    reader = csv.reader(io.StringIO(content, newline=""))
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        return [], [_found("norms_not_csv", file, reader.line_num, reason=error)]
    lines = [(line, cells) for line, cells in lines if any(cells)]
    if not lines:
        return [], [_found("norms_no_header", file, columns=_listed(table))]
    columns = _columns(lines[0], file, table, problems)
    rows: list[tuple[int, dict[str, Any]]] = []
    seen: set[tuple[str, ...]] = set()
    for line, cells in lines[1:]:
        row: dict[str, Any] = {}
        for column, cell in zip(columns, cells, strict=False):
            if column is not None and cell:
                _read_cell(row, column, cell, file, line, problems)
        if len(cells) > len(columns) and any(cells[len(columns) :]):
            problems.append(_found("norms_row_too_long", file, line, value=",".join(cells), count=len(columns)))
        missing = [column for column in table.key if column not in row]
        problems += [_found("norms_missing_value", file, line, column) for column in missing]
        if missing:
            continue
        key = _key(row, table)
        if key in seen:
            problems.append(_found("norms_duplicate_row", file, line, table.key[0], ", ".join(key)))
        seen.add(key)
        rows.append((line, row))
    return rows, problems


def _columns(
    header: tuple[int, list[str]], file: str, table: NormTable, problems: list[Problem]
) -> list[NormColumn | None]:
    """Column of each header cell; None for one that is not known."""
    known = {name: column for column in table.columns for name in (column.name, column.zh)}
    columns: list[NormColumn | None] = []
    line, cells = header
    for cell in cells:
        column = known.get(cell)
        if column is None and table.further is not None and cell:
            column = NormColumn(cell, cell, table.further.kind, table.further.unit, optional=True)
        if column is None and cell:
            problems.append(_found("norms_unknown_column", file, line, cell, cell, columns=_listed(table)))
        if column is not None and column in columns:
            problems.append(_found("norms_duplicate_column", file, line, cell, cell))
        columns.append(column)
    present = {column.name for column in columns if column is not None}
    problems += [_found("norms_missing_column", file, line, key) for key in table.key if key not in present]
    return columns


def _read_cell(
    row: dict[str, Any], column: NormColumn, cell: str, file: str, line: int, problems: list[Problem]
) -> None:
    """Put the value of a cell into its row, or a problem on the list."""
    if column.kind == "text":
        if column.choices and cell not in column.choices:
            choices = ", ".join(column.choices)
            problems.append(_found("norms_choice", file, line, column.name, cell, choices=choices))
        else:
            row[column.name] = cell
        return
    try:
        value = number(cell, (column.unit,) if column.unit else ())
    except ValueError:
        problems.append(_found("norms_number", file, line, column.name, cell, unit=f" {column.unit}".rstrip()))
        return
    if not (math.isfinite(value) and value >= column.low):
        problems.append(_found("norms_at_least", file, line, column.name, cell, low=f"{column.low:g}"))
        return
    row[column.name] = value


def _lay_over(
    merged: dict[tuple[str, ...], dict[str, Any]],
    added: Sequence[tuple[int, dict[str, Any]]],
    file: str,
    table: NormTable,
) -> list[Problem]:
    """Lay own rows over the norm's; a row that is new must be complete."""
    problems: list[Problem] = []
    for line, row in added:
        key = _key(row, table)
        fresh = key not in merged
        if fresh and table.fixed:
            rows = ", ".join(dict.fromkeys(known[0] for known in merged))
            problems.append(_found("norms_unknown_row", file, line, table.key[0], ", ".join(key), rows=rows))
            continue
        merged[key] = {**merged.get(key, {}), **row, "source": row.get("source", file)}
        if fresh:
            problems += [
                _found("norms_new_row", file, line, column.name, key=", ".join(key))
                for column in table.columns
                if not column.optional and column.name not in row
            ]
        falling = [merged[key].get(column, math.nan) for column in table.ascending]
        if any(b < a for a, b in zip(falling, falling[1:], strict=False)):
            value = ", ".join(f"{figure:g}" for figure in falling)
            columns = " ≤ ".join(table.ascending)
            problems.append(_found("norms_order", file, line, table.ascending[0], value, columns=columns))
    return problems


def _found(
    code: str, file: str, row: int | None = None, column: str = "", value: str = "", **detail: object
) -> Problem:
    """Problem whose ``expected`` is the catalogue's English text of ``code``."""
    kept = tuple((name, str(item)) for name, item in detail.items())
    return Problem(file, row, column, value, text("en", code, **dict(kept)), code, "error", kept)


def _listed(table: NormTable) -> str:
    """Columns of a table, for a message."""
    return ", ".join(column.name for column in table.columns)


def _key(row: Mapping[str, Any], table: NormTable) -> tuple[str, ...]:
    return tuple(str(row[column]) for column in table.key)


def _empty(table: NormTable, name: str) -> object:
    """What an empty cell of a column reads as."""
    for column in table.columns:
        if column.name == name:
            return math.nan if column.kind == "number" else ""
    return math.nan
