"""Cells of a sheet → a table with the schema's columns and types, and what is wrong with single cells."""

from __future__ import annotations

from datetime import tzinfo
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from dispatch.county.cells import read_cell
from dispatch.county.findings import Findings, Origin
from dispatch.county.headers import Sheet
from dispatch.county.reading import blank
from dispatch.county.schema import SCHEMA
from dispatch.county.table import Column, Table

__all__ = ["as_table", "empty_table", "typed_table"]

DTYPES = {"integer": "float64", "number": "float64", "flag": "bool"}
"""Types in memory by kind of column; all others are text."""

_TEXT = pd.Series([""], dtype="str").dtype


@cache
def _empty(name: str) -> pd.DataFrame:
    return as_table(SCHEMA[name], {column.name: [] for column in SCHEMA[name].columns})


def empty_table(name: str) -> pd.DataFrame:
    """Table of the schema without rows."""
    return _empty(name).copy()


def as_table(table: Table, values: dict[str, list[Any]]) -> pd.DataFrame:
    """Columns of a table in the schema's order and types."""
    arrays: dict[str, Any] = {}
    for column in table.columns:
        dtype = DTYPES.get(column.kind)
        given = values[column.name]
        arrays[column.name] = np.array(given, dtype=dtype) if dtype else pd.array(given, dtype=_TEXT)
    return pd.DataFrame(arrays, copy=False)


def typed_table(sheet: Sheet, zone: tzinfo, findings: Findings) -> tuple[pd.DataFrame, Origin]:
    """Read every cell of a sheet as its column means it.

    Parameters
    ----------
    sheet : Sheet
    zone : tzinfo
        Of clock times without one.
    findings : Findings
        Takes what cannot be read; such a cell is empty in the table.
    """
    origin = Origin(
        sheet.file,
        sheet.numbers,
        {name: column.header for name, column in sheet.columns.items()},
        {name: column.cells for name, column in sheet.columns.items()},
        whole=all(key in sheet.columns for key in sheet.table.key),
    )
    values: dict[str, list[Any]] = {}
    for column in sheet.table.columns:
        if column.name in sheet.columns:
            values[column.name] = _column(sheet, column, zone, origin, findings)
        else:
            values[column.name] = [blank(column)] * len(sheet.numbers)
    return as_table(sheet.table, values), origin


def _column(sheet: Sheet, column: Column, zone: tzinfo, origin: Origin, findings: Findings) -> list[Any]:
    given = sheet.columns[column.name]
    values = []
    for i, cell in enumerate(given.cells):
        reading = read_cell(cell, column, zone, given.factor)
        values.append(reading.value)
        if reading.code:
            findings.cell(origin, i, column.name, reading.code, reading.severity, **dict(reading.detail))
        if reading.word:
            origin.words[i, column.name] = reading.word
    if sheet.filled and column.kind in {"number", "integer"}:
        _name_merged(sheet, column, origin, findings)
    return values


def _name_merged(sheet: Sheet, column: Column, origin: Origin, findings: Findings) -> None:
    """Name numbers in a cell merged over several rows: a shared total, or the same in each."""
    counted = column.unit == "人" or column.name == "quantity"
    seen: set[tuple[int, int]] = set()
    for i, number in enumerate(sheet.numbers):
        merge = sheet.filled.get((number, sheet.columns[column.name].index))
        if merge is None or merge[0] == merge[1] or merge in seen or origin.cells[column.name][i] is None:
            continue
        seen.add(merge)
        code = "county_merged_amount" if counted else "county_merged_number"
        severity = "error" if counted else "warning"
        findings.cell(origin, i, column.name, code, severity, first=merge[0], last=merge[1])  # type: ignore[arg-type]
