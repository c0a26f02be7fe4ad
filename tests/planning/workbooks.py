"""Workbooks of a plan made by hand, and changes as a person makes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dispatch.documents.messages import text
from dispatch.planning.plan_workbook import WorkbookPlan, read_plan_workbook
from dispatch.problems import InputProblems, Problem
from tests import tiny


def sheet_title(name: str, lang: str = "zh") -> str:
    return text(lang, f"plan_sheet_{name}")


def find(sheet: Any, column: str, row: str, lang: str = "zh") -> Any:
    """Cell under a column's title in the (first) row that holds a word."""
    title = text(lang, f"plan_col_{column}")
    heads = [cell for line in sheet.iter_rows() for cell in line if cell.value == title]
    for line in sheet.iter_rows(min_row=heads[0].row + 1):
        if any(cell.value == row for cell in line):
            return sheet.cell(line[0].row, heads[0].column)
    raise AssertionError(row)


def edit(path: Path, change: Callable[[Any], None]) -> WorkbookPlan:
    """Read the workbook back after a change made with openpyxl, as a person would make it."""
    workbook = openpyxl.load_workbook(path)
    change(workbook)
    workbook.save(path)
    return read_plan_workbook(path, tiny.one_depot())


def set_cell(sheet: str, column: str, row: str, value: Any) -> Callable[[Any], None]:
    def change(workbook: Any) -> None:
        find(workbook[sheet_title(sheet)], column, row).value = value

    return change


def problems_of(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputProblems) as found:
        read_plan_workbook(path, tiny.one_depot())
    return found.value.problems
