"""A plan in a file and back, without loss: one JSON file, a folder of CSV files, or an XLSX workbook.

The JSON file has one row of a table on each line, columns in the contract's order, so that two plans compare line by
line. Its schema is published as ``docs/schema/plan.schema.json``.
"""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from dispatch.documents.cells import read_grids
from dispatch.documents.workbook import Column, Kind, Sheet, write_workbook
from dispatch.planning.plan import Plan
from dispatch.planning.plan_rows import (
    LARGEST,
    MAY_BE_OPEN,
    MAY_LACK,
    PLAN_TABLES,
    CellError,
    Row,
    cell_value,
    fault,
    opened,
    plan_rows,
    typed_table,
)
from dispatch.planning.plan_sheets import (
    META_HEADER,
    PLAN_VERSION,
    meta_from_cells,
    meta_to_cells,
    plan_from_sheets,
    table_cells,
    table_rows,
)
from dispatch.problems import InputProblems, Problem

__all__ = ["plan_schema", "read_plan", "table_sheet", "write_plan"]

_FORMAT = "relief-dispatch plan"
_OTHER_SHEETS = {".xls", ".xlsb", ".ods", ".et", ".csv"}
_CREATED = datetime(2000, 1, 1)
_INFINITY = {"Infinity": math.inf, "-Infinity": -math.inf}


def write_plan(plan: Plan, path: Path | str) -> None:
    """Write a plan by the path's ending: ``.json``, ``.xlsx``, or a folder of CSV files (no ending).

    Raises
    ------
    ValueError
        For another ending.
    OSError
        If it cannot be written.
    """
    path = Path(path)
    match path.suffix.lower():
        case ".json":
            path.write_text(_json_text(plan), encoding="utf-8", newline="\n")
        case ".xlsx":
            sheets = [table_sheet(plan, name) for name in (*PLAN_TABLES, "meta")]
            write_workbook(path, sheets, title="plan", created=_CREATED)
        case "":
            _write_folder(plan, path)
        case other:
            msg = f"a plan is written as .json, .xlsx or a folder, not {other}"
            raise ValueError(msg)


def read_plan(path: Path | str, *, to_fill: bool = False) -> Plan:
    """Read what :func:`write_plan` wrote, also after a person changed it.

    Whether the plan makes sense is the checker's question; here its tables and cells must be whole, but for what
    ``fill_trips`` can fill in, where that is asked for: empty numbers of trips and stops in CSV files read as ``OPEN``.

    Raises
    ------
    InputProblems
        With everything that is wrong: file, row, column, value, what was expected.
    """
    path = Path(path)
    problems: list[Problem] = []
    if path.is_dir():
        plan = _read_folder(path, problems, to_fill=to_fill)
    elif path.suffix.lower() in {".xlsx", ".xlsm"}:
        plan = _read_workbook(path, problems)
    elif path.suffix.lower() in _OTHER_SHEETS:
        raise InputProblems([fault(path.name, None, "", path.suffix, "plan_expect_ending")])
    else:
        plan = _read_json(path, problems)
    if problems:
        raise InputProblems(problems)
    return plan


def _unreadable(path: Path, error: OSError) -> InputProblems:
    return InputProblems([fault(str(path), None, "", error.strerror or str(error), "documents_unreadable")])


# ---------------------------------------------------------------- JSON


def _json_text(plan: Plan) -> str:
    """The file's text: one row per line."""
    parts = [f' "format": {json.dumps(_FORMAT)}', f' "version": {PLAN_VERSION}']
    meta = json.dumps(dict(plan.meta), ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    parts.append(f' "meta": {meta}')
    for name in PLAN_TABLES:
        lines = ",\n".join("  " + _json_row(row) for row in plan_rows(plan, name))
        parts.append(f' "{name}": [\n{lines}\n ]' if lines else f' "{name}": []')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _json_row(row: dict[str, Any]) -> str:
    cells = {column: _json_cell(value) for column, value in row.items()}
    return json.dumps(cells, ensure_ascii=False, allow_nan=False)


def _json_cell(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return list(value) if isinstance(value, tuple) else value


def _json_value(kind: str, cell: Any) -> Any:
    """Value of a JSON cell; strict, as the schema is."""
    if kind == "str" and isinstance(cell, str):
        return cell
    if kind == "int64" and isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell == cell // 1:
        return int(cell)
    if kind == "float64" and not isinstance(cell, bool):
        if cell is None:
            return math.nan
        if isinstance(cell, str) and cell in _INFINITY:
            return _INFINITY[cell]
        if isinstance(cell, (int, float)) and abs(cell) <= sys.float_info.max:
            return float(cell)
    if kind == "object" and isinstance(cell, list) and all(isinstance(edge, str) for edge in cell):
        return tuple(cell)
    raise CellError


def _not_a_number(word: str) -> None:
    msg = f"{word} is not JSON"
    raise ValueError(msg)


def _read_json(path: Path, problems: list[Problem]) -> Plan:
    name = path.name
    try:
        text = path.read_bytes().decode("utf-8-sig")
        raw = json.loads(text, parse_constant=_not_a_number)
    except OSError as error:
        raise _unreadable(path, error) from None
    except json.JSONDecodeError as error:
        raise InputProblems([fault(name, error.lineno, str(error.colno), error.msg, "plan_expect_json")]) from None
    except (ValueError, RecursionError) as error:  # not UTF-8, a number JSON does not know, or nested without end
        raise InputProblems([fault(name, None, "", error, "plan_expect_json")]) from None
    if not isinstance(raw, dict) or raw.get("format") != _FORMAT:
        shown = raw.get("format", "") if isinstance(raw, dict) else type(raw).__name__
        raise InputProblems([fault(name, None, "format", shown, "plan_expect_format")])
    if (version := raw.get("version")) != PLAN_VERSION or isinstance(version, bool):
        raise InputProblems([fault(name, None, "version", version, "plan_expect_version")])
    known = {"format", "version", "meta", *PLAN_TABLES}
    problems += [fault(name, None, key, "", "plan_expect_known_table") for key in raw if key not in known]
    lacking: dict[str, list[Any]] = {table: [] for table in MAY_LACK}
    tables = {table: _json_table((lacking | raw).get(table), table, name, problems) for table in PLAN_TABLES}
    meta = raw.get("meta")
    if not isinstance(meta, dict):
        problems.append(fault(name, None, "meta", meta, "plan_expect_object"))
        meta = {}
    return Plan(**tables, meta=meta)


def _json_table(rows: Any, table: str, file: str, problems: list[Problem]) -> pd.DataFrame:
    if not isinstance(rows, list):
        problems.append(fault(file, None, table, rows, "plan_expect_rows"))
        rows = []
    made: list[Row] = []
    columns = PLAN_TABLES[table]
    for i, row in enumerate(rows):
        before = f"{table}[{i}]"
        if not isinstance(row, dict):
            problems.append(fault(file, None, before, row, "plan_expect_object"))
            continue
        problems += [
            fault(file, None, f"{before}.{key}", row[key], "plan_expect_known_column")
            for key in row
            if key not in columns
        ]
        missing = [column for column in columns if column not in row]
        problems += [fault(file, None, f"{before}.{column}", "", "plan_expect_column") for column in missing]
        if not missing:
            made.append(Row(None, row, before + "."))
    return typed_table(table, made, file, _json_value, problems)


def plan_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a plan file."""
    kinds: dict[str, Any] = {
        "str": {"type": "string"},
        "int64": {"type": "integer", "minimum": -LARGEST, "maximum": LARGEST},
        "float64": {
            "anyOf": [
                {"type": "number", "minimum": -sys.float_info.max, "maximum": sys.float_info.max},
                {"type": "null"},
                {"enum": list(_INFINITY)},
            ]
        },
        "object": {"type": "array", "items": {"type": "string"}},
    }
    tables = {
        name: {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {column: kinds[kind] for column, kind in columns.items()},
                "required": list(columns),
                "additionalProperties": False,
            },
        }
        for name, columns in PLAN_TABLES.items()
    }
    head = {"format": {"const": _FORMAT}, "version": {"const": PLAN_VERSION}, "meta": {"type": "object"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Dispatch plan",
        "description": "Times are integer ms from the scenario's reference instant; null is a figure not known.",
        "type": "object",
        "properties": {**head, **tables},
        "required": [*head, *(name for name in tables if name not in MAY_LACK)],
        "additionalProperties": False,
    }


# ---------------------------------------------------------------- CSV


def _write_folder(plan: Plan, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in PLAN_TABLES:
        header, rows = table_cells(plan, name)
        _write_csv(folder / f"{name}.csv", header, rows)
    _write_csv(folder / "meta.csv", META_HEADER, meta_to_cells(plan))


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(["" if cell is None else cell for cell in row] for row in rows)


def _read_folder(folder: Path, problems: list[Problem], *, to_fill: bool) -> Plan:
    tables: dict[str, pd.DataFrame] = {}
    for name in PLAN_TABLES:
        path = folder / f"{name}.csv"
        lacking = name in MAY_LACK and not path.exists()
        rows = [] if lacking else _csv_rows(path, list(PLAN_TABLES[name]), problems)
        if name in MAY_BE_OPEN:
            rows = [_with_open(name, row, problems, to_fill=to_fill) for row in rows]
        tables[name] = typed_table(name, rows, f"{name}.csv", _csv_value, problems)
    meta = meta_from_cells(_csv_rows(folder / "meta.csv", META_HEADER, problems), "meta.csv", problems)
    return Plan(**tables, meta=meta)


def _with_open(table: str, row: Row, problems: list[Problem], *, to_fill: bool) -> Row:
    """A row with its empty numbers open; a problem where they are not to be filled in."""
    cells = dict(row.cells)
    empty = opened(table, cells)
    if empty and not to_fill:
        problems.append(fault(f"{table}.csv", row.number, ", ".join(empty), "", "plan_expect_filled"))
    return Row(row.number, cells, row.before)


def _csv_value(kind: str, cell: Any) -> Any:
    return cell if isinstance(cell, int) else cell_value(kind, cell or "")


def _csv_rows(path: Path, columns: Iterable[str], problems: list[Problem]) -> list[Row]:
    """Rows of a CSV file in UTF-8 (with or without BOM) or GB18030."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems.append(fault(path.name, None, "", error.strerror or str(error), "documents_unreadable"))
        return []
    text = _decoded(raw)
    if text is None:
        problems.append(fault(path.name, None, "", "", "documents_encoding"))
        return []
    try:
        lines = list(enumerate(csv.reader(io.StringIO(text, newline="")), 1))
    except csv.Error as error:
        problems.append(fault(path.name, None, "", error, "documents_csv"))
        return []
    header = [cell.strip() for cell in lines[0][1]] if lines else []
    missing = [column for column in columns if column not in header]
    problems += [fault(path.name, 1, column, "", "plan_expect_column") for column in missing]
    return [] if missing else table_rows(header, [(i, cells) for i, cells in lines[1:] if any(cells)])


def _decoded(raw: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


# ---------------------------------------------------------------- XLSX


def table_sheet(plan: Plan, name: str, *, hidden: bool = False) -> Sheet:
    """Technical sheet of one table (or of ``meta``), headed by the columns' names."""
    header: Iterable[str]
    cells: list[Any]
    header, cells = (META_HEADER, meta_to_cells(plan)) if name == "meta" else table_cells(plan, name)
    rows = pd.DataFrame(cells, columns=list(header), dtype=object)
    own = PLAN_TABLES.get(name, {})
    look: dict[str, Kind] = {"int64": "exact", "str": "id"}
    columns = (Column(c, c, look.get(own.get(c, ""), "text")) for c in header)
    return Sheet(name, name, tuple(columns), rows, hidden=hidden)


def _read_workbook(path: Path, problems: list[Problem]) -> Plan:
    return plan_from_sheets(read_grids(path), path.name, problems)
