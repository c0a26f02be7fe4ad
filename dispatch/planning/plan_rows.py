"""Rows of a plan file to typed tables, with every wrong cell reported; shared by the JSON, CSV and XLSX readers.

A reader names how a cell of its kind of file becomes a value (:data:`Cell`); everything else is the same for all.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dispatch.county.problem_text import found
from dispatch.planning.plan import (
    DEPLOYMENT_COLUMNS,
    EVACUATION_COLUMNS,
    LOAD_COLUMNS,
    OBJECTIVE_COLUMNS,
    PATH_COLUMNS,
    SORTIE_COLUMNS,
    STOP_COLUMNS,
    TRIP_COLUMNS,
    UNMET_COLUMNS,
    UNSERVED_COLUMNS,
    Plan,
)
from dispatch.problems import Problem

__all__ = [
    "LARGEST",
    "MAY_BE_OPEN",
    "MAY_LACK",
    "OPEN",
    "PLAN_TABLES",
    "TOTALS",
    "CellError",
    "Row",
    "cell_value",
    "decode",
    "encode",
    "fault",
    "opened",
    "plan_rows",
    "typed_table",
]

PLAN_TABLES: dict[str, dict[str, str]] = {
    "trips": TRIP_COLUMNS,
    "stops": STOP_COLUMNS,
    "loads": LOAD_COLUMNS,
    "paths": PATH_COLUMNS,
    "unmet": UNMET_COLUMNS,
    "objective": OBJECTIVE_COLUMNS,
    "evacuations": EVACUATION_COLUMNS,
    "deployments": DEPLOYMENT_COLUMNS,
    "sorties": SORTIE_COLUMNS,
    "unserved": UNSERVED_COLUMNS,
}
"""Tables of a plan in the order in which they are written."""

MAY_LACK = ("evacuations", "deployments", "sorties", "unserved")
"""Tables that a file need not have: a plan of goods alone has nothing in them."""

LARGEST = 2**53 - 1
"""Largest whole number in a plan's files (and, negative, the smallest): all that JSON and spreadsheets keep exactly."""

OPEN = -LARGEST
"""Stands in a whole-number column of trips and stops for a cell that was left empty."""

MAY_BE_OPEN = {
    table: [name for name, kind in PLAN_TABLES[table].items() if kind == "int64" and name != "stop"]
    for table in ("trips", "stops")
}
"""Columns by table that ``fill_trips`` fills in from the rest of a trip."""

TOTALS = ("合计", "总计", "小计", "total", "sum")
"""What a person writes before the totals added to a sheet."""

_ESCAPE = "json:"
_ESCAPED = re.compile("_x[0-9A-Fa-f]{4}_")
_EXPECTED = {"str": "plan_expect_str", "int64": "plan_expect_int64", "float64": "plan_expect_float64",
             "object": "plan_expect_edges"}  # fmt: skip


class CellError(ValueError):
    """A cell that does not hold what its column asks for."""


@dataclass(frozen=True)
class Row:
    """One row as read: its number in the file (None where rows have none) and its cells by column.

    ``before`` stands before a column's name where the number does not say which row it is (``loads[3].``).
    """

    number: int | None
    cells: Mapping[str, Any]
    before: str = ""


def encode(value: str) -> str:
    """Text as a cell can hold it: what would not come back the same (XML, totals …) is JSON after ``json:``."""
    plain = all((c >= " " and not "\x7f" <= c <= "\x9f" and c not in "\ufffe\uffff") or c == "\n" for c in value)
    plain = plain and value.lower() not in TOTALS
    if plain and not value.startswith(_ESCAPE) and not _ESCAPED.search(value) and value == value.strip():
        return value
    return _ESCAPE + json.dumps(value)


def decode(value: str) -> str:
    """The text that :func:`encode` wrote.

    Raises
    ------
    CellError
        If what follows ``json:`` is not a JSON string.
    """
    if not value.startswith(_ESCAPE):
        return value
    try:
        plain = json.loads(value[len(_ESCAPE) :])
    except json.JSONDecodeError:
        raise CellError from None
    if not isinstance(plain, str):
        raise CellError
    return plain


def cell_value(kind: str, cell: str) -> Any:
    """Value of a cell that a program wrote as text (CSV, and the exact columns of a workbook).

    Raises
    ------
    CellError
        If it is not one of the column's kind.
    """
    if kind == "str":
        return decode(cell)
    if kind == "object":
        return _edges(cell)
    try:
        return int(cell) if kind == "int64" else float(cell) if cell else math.nan
    except ValueError:
        raise CellError from None


def _edges(cell: str) -> tuple[str, ...]:
    """Edge ids of a JSON list."""
    try:
        edges = json.loads(cell or "[]")
    except json.JSONDecodeError:
        raise CellError from None
    if not isinstance(edges, list) or not all(isinstance(edge, str) for edge in edges):
        raise CellError
    return tuple(edges)


def typed_table(
    name: str,
    rows: Iterable[Row],
    file: str,
    value_of: Callable[[str, Any], Any],
    problems: list[Problem],
    titles: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Build one plan table; a bad cell becomes a problem and its row is left out.

    Parameters
    ----------
    name : str
        Table of ``PLAN_TABLES``.
    rows : iterable of Row
    file : str
        File (and sheet) as problems name it.
    value_of : callable (kind, cell) → value
        Raises ``CellError`` for a cell that does not hold its kind.
    problems : list of Problem
        Extended by what is wrong.
    titles : mapping of column to str, optional
        How the file heads a column, where not by its name.
    """
    kinds = PLAN_TABLES[name]
    made: list[dict[str, Any]] = []
    for row in rows:
        values: dict[str, Any] = {}
        for column, kind in kinds.items():
            cell = row.cells.get(column)
            try:
                value = value_of(kind, cell)
                if kind == "int64" and abs(value) > LARGEST:
                    raise CellError
                values[column] = value
            except CellError:
                heading = row.before + (titles or {}).get(column, column)
                problems.append(fault(file, row.number, heading, cell, _EXPECTED[kind]))
        if len(values) == len(kinds):
            made.append(values)
    return pd.DataFrame({c: pd.Series([row[c] for row in made], dtype=k) for c, k in kinds.items()})


def opened(table: str, cells: dict[str, Any], given: Iterable[str] = ()) -> list[str]:
    """Put ``OPEN`` into the empty cells that may be open; return their columns.

    A trip without anything of a return has none: its ``return_ms`` is -1. ``given``: columns stated in another way.
    """
    if "return_ms" in cells and not any(cells.get(name) for name in ("return_ms", "return_clock", "return_site")):
        cells["return_ms"] = -1
    known = set(given)
    empty = [n for n in MAY_BE_OPEN[table] if n in cells and cells[n] in (None, "") and n not in known]
    cells.update(dict.fromkeys(empty, OPEN))
    return empty


def fault(file: str, row: int | None, column: str, value: object, key: str) -> Problem:
    """Return a problem of a plan's file; the message ``key`` says what was expected."""
    return found(key, file, row, column, "" if value is None else value)


def plan_rows(plan: Plan, name: str) -> list[dict[str, Any]]:
    """Rows of one table of a plan as Python values (edges as tuples) in the contract's column order.

    Raises
    ------
    ValueError
        If a whole number is beyond ``LARGEST``.
    """
    table: pd.DataFrame = getattr(plan, name)
    for column, kind in PLAN_TABLES[name].items():
        if kind == "int64" and len(table) and table[column].abs().max() > LARGEST:
            msg = f"{name}.{column} holds a number beyond {LARGEST}"
            raise ValueError(msg)
    columns = {column: table[column].tolist() for column in PLAN_TABLES[name]}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def rows_by(table: pd.DataFrame, *key: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows of a table by key; of several with one key the first."""
    result: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in table.to_dict("records"):
        result.setdefault(tuple(row[column] for column in key), row)
    return result
