"""The duty desk's workbook edited by a person: every contradiction is named, and what is only moved does no harm."""

from __future__ import annotations

import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.documents.cells import Grid, read_grids
from dispatch.documents.messages import LANGUAGES, text
from dispatch.planning.check import check
from dispatch.planning.plan_workbook import read_plan_workbook, write_plan_workbook
from dispatch.planning.relief import plan_relief
from dispatch.planning.violation import Violation, violation_text
from dispatch.problems import InputProblems
from tests import tiny
from tests.planning.plans import MINUTE, by_hand, same
from tests.planning.workbooks import edit, find, problems_of, set_cell, sheet_title


def test_a_quantity_above_the_stock_is_a_violation(book: Path) -> None:
    """600 and 100 of 500 quilts: the checker names the lot, and the papers now contradict the plan."""
    read = edit(book, set_cell("loads", "quantity", "NA", 600))
    assert read.plan.loads["quantity"].tolist() == [600, 100]
    (overdrawn,) = [v for v in check(read.plan, tiny.one_depot()) if v.code == "stock_exceeded"]
    assert (overdrawn.depot, overdrawn.item, overdrawn.lot, overdrawn.value, overdrawn.limit) == (
        "D",
        "quilt",
        "L1",
        700,
        500,
    )
    contradicted = {v.path.split("!")[0] for v in read.disagreements}
    assert contradicted == {
        sheet_title(name) for name in ("summary", "vehicles", "places", "orders", "slips", "receipts")
    }


def test_a_planned_workbook_passes_untouched_and_fails_edited(tmp_path: Path) -> None:
    """The whole way: planner, workbook, person, checker."""
    scenario = tiny.one_depot()
    path = tmp_path / "plan.xlsx"
    write_plan_workbook(plan_relief(scenario, seconds=0.5), scenario, path, "zh")
    read = read_plan_workbook(path, scenario)
    assert (read.disagreements, check(read.plan, scenario)) == ([], [])
    edited = edit(path, set_cell("loads", "quantity", "NA", "501床"))
    assert "stock_exceeded" in {v.code for v in check(edited.plan, scenario)}


@pytest.mark.parametrize("value", ["100", " 100 床", "１００床", "100.0", 100.0, "100床"])
def test_quantities_as_people_write_them(book: Path, value: Any) -> None:
    read = edit(book, set_cell("loads", "quantity", "NA", value))
    same(by_hand(), read.plan)
    assert read.disagreements == []


@pytest.mark.parametrize("value", ["100箱", "一百", 100.5, None, "", "1O0", True, datetime(2026, 7, 20), "=50+50"])
def test_quantities_that_cannot_be_read_are_named(book: Path, value: Any) -> None:
    """Cases are not beds; a formula that no program has calculated has no value."""
    workbook = openpyxl.load_workbook(book)
    cell = find(workbook[sheet_title("loads")], "quantity", "NA")
    cell.value = value
    workbook.save(book)
    (problem,) = problems_of(book)
    assert (problem.file, problem.row, problem.column) == ("plan.xlsx!装载", cell.row, "数量")


@pytest.mark.parametrize(
    ("sheet", "column", "row", "value"),
    [("orders", "quantity", "棉被", 90), ("slips", "quantity", "棉被", "99"), ("receipts", "quantity", "棉被", 98),
     ("vehicles", "arrive_clock", "T1", datetime(2026, 7, 20, 22, 50)), ("vehicles", "goods", "T1", "棉被 120床"),
     ("places", "on_time", "C村", "是"), ("shortfall", "quantity", "C村", 50), ("shortfall", "quantity", "C村", None),
     ("summary", "value", "运送重量", 0.7), ("routes", "km", "T1", 9), ("loads", "site_name", "NA", "B村"),
     ("trips", "depart_clock", "T1", "23:30"), ("stops", "site_name", "T1", "别处")],
)  # fmt: skip
def test_a_derived_cell_that_contradicts_the_plan_is_named(
    book: Path, sheet: str, column: str, row: str, value: Any
) -> None:
    """One cell changed, one violation: where it is, what it says, what follows from the plan."""
    workbook = openpyxl.load_workbook(book)
    cell = find(workbook[sheet_title(sheet)], column, row)
    cell.value = value
    workbook.save(book)
    read = read_plan_workbook(book, tiny.one_depot())
    same(by_hand(), read.plan)
    (violation,) = read.disagreements
    assert violation.path == f"{sheet_title(sheet)}!{cell.row} {text('zh', f'plan_col_{column}')}"
    for lang in LANGUAGES:
        assert violation.path in violation_text(violation, tiny.one_depot(), lang)  # type: ignore[arg-type]


def test_rows_missing_from_and_added_to_a_paper_are_named(book: Path) -> None:
    def change(workbook: Any) -> None:
        sheet = workbook[sheet_title("slips")]
        row = find(sheet, "quantity", "20260720-D-B").row
        for cell, value in zip(
            sheet[row], [2, "帐篷", None, "顶", 5, None, "L1", None, "B村", "20260720-D-B"], strict=False
        ):
            cell.value = value

    found = edit(book, change).disagreements
    assert [v.code for v in found] == ["sheet_row_missing", "sheet_row_extra"]
    assert "棉被" in str(found[0].value)
    assert "帐篷" in str(found[1].value)


def test_sorting_filtering_and_deleting_derived_sheets_does_no_harm(book: Path) -> None:
    """Rows are found by their keys; a sheet that is gone says nothing wrong."""

    def change(workbook: Any) -> None:
        sheet = workbook[sheet_title("vehicles")]
        one, two = (find(sheet, "stop", name).row for name in ("A村", "B村"))
        for a, b in zip(sheet[one], sheet[two], strict=True):
            a.value, b.value = b.value, a.value
        del workbook[sheet_title("routes")]
        workbook[sheet_title("places")].delete_cols(2)
        workbook[sheet_title("loads")].insert_rows(1, 2)
        find(workbook[sheet_title("shortfall")], "detail", "C村").value = "已电话说明"

    read = edit(book, change)
    same(by_hand(), read.plan)
    assert read.disagreements == []


def test_rows_added_by_hand(book: Path) -> None:
    """A new load with only the shaded columns filled, a 合计 row and an empty one."""

    def change(workbook: Any) -> None:
        sheet = workbook[sheet_title("loads")]
        first = find(sheet, "quantity", "NA")
        sheet.append([])
        sheet.append(["T1", 2, "NC", "quilt", "L1", "40床"])
        sheet.append(["合计", None, None, None, None, first.value + 140])

    read = edit(book, change)
    assert read.plan.loads["need"].tolist() == ["NA", "NB", "NC"]
    assert read.plan.loads["quantity"].tolist() == [100, 100, 40]
    assert not [v for v in read.disagreements if v.path.startswith(sheet_title("loads"))]


def test_a_time_is_changed_by_its_clock(book: Path) -> None:
    """With the ms emptied the clock time counts, to the minute, and a warning says so."""

    def change(workbook: Any) -> None:
        find(workbook[sheet_title("trips")], "depart_ms", "T1").value = None
        find(workbook[sheet_title("trips")], "depart_clock", "T1").value = "23:05"

    read = edit(book, change)
    assert read.plan.trips["depart_ms"].tolist() == [65 * MINUTE]
    assert [(p.column, p.value, p.severity) for p in read.warnings] == [
        (text("zh", "plan_col_depart_ms"), "23:05", "warning")
    ]


def test_a_trip_number_that_became_a_number_is_still_that_trip(tmp_path: Path) -> None:
    plan = by_hand()
    for table in (plan.trips, plan.stops, plan.loads):
        table["trip"] = "17"
    path = tmp_path / "plan.xlsx"
    write_plan_workbook(plan, tiny.one_depot(), path, "zh")
    workbook = openpyxl.load_workbook(path)
    cell = find(workbook[sheet_title("loads")], "trip", "NA")
    cell.value = 17
    workbook.save(path)
    read = read_plan_workbook(path, tiny.one_depot())
    same(plan, read.plan)
    assert read.disagreements == []


_JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False, allow_infinity=False),
    st.text("aé棉1;\"[{ ", max_size=5),
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)), st.just("json:"), st.just("=1/0"),
)  # fmt: skip


@cache
def _grids() -> dict[str, Grid]:
    with tempfile.TemporaryDirectory() as folder:
        write_plan_workbook(by_hand(), tiny.one_depot(), Path(folder) / "plan.xlsx", "zh")
        return read_grids(Path(folder) / "plan.xlsx")


@settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(choice=st.data())
def test_junk_in_any_cells_never_makes_a_traceback(choice: st.DataObject) -> None:
    """A plan with violations to name, or problems with their rows; nothing else."""
    changed = {title: [(line, list(row)) for line, row in grid] for title, grid in _grids().items()}
    for _ in range(choice.draw(st.integers(1, 3))):
        rows = changed[choice.draw(st.sampled_from(sorted(changed)))]
        _, row = choice.draw(st.sampled_from(rows))
        column = choice.draw(st.integers(0, len(row)))
        row[column : column + 1] = [choice.draw(_JUNK)]
    scenario = tiny.one_depot()
    with patch("dispatch.planning.plan_workbook.read_grids", return_value=changed):
        try:
            read = read_plan_workbook("junk.xlsx", scenario)
        except InputProblems as found:
            assert all(problem.file.startswith("junk.xlsx") for problem in found.problems)
            return
    violations = [*read.disagreements, *check(read.plan, scenario)]
    assert all(violation_text(violation, scenario, "zh") for violation in violations)


def test_a_trip_typed_by_hand_needs_no_return_and_missing_columns_are_called_as_the_sheet_calls_them(
    book: Path,
) -> None:
    """Whoever adds a trip leaves the cells of the way back empty; ids and names of code mean nothing to him."""
    of_return = [text("zh", f"plan_col_return_{part}") for part in ("ms", "clock", "site", "path")]

    def bare(workbook: Any) -> None:
        for name in of_return:
            sheet = workbook[sheet_title("trips")]
            column = next(c.column for row in sheet.iter_rows(max_row=5) for c in row if c.value == name)
            sheet.cell(find(sheet, "vehicle", "T1").row, column).value = None

    assert edit(book, bare).plan.trips["return_ms"].iat[0] == -1
    workbook = openpyxl.load_workbook(book)
    sheet = workbook[sheet_title("loads")]
    next(c for row in sheet.iter_rows(max_row=5) for c in row if c.value == text("zh", "plan_col_lot")).value = "批号"
    workbook.save(book)
    (problem,) = problems_of(book)
    assert problem.column == text("zh", "plan_col_lot")
    del workbook[sheet_title("loads")], workbook[sheet_title("stops")]
    workbook[sheet_title("trips")].title = sheet_title("loads")
    workbook.save(book)
    assert sheet_title("stops") in {problem.column for problem in problems_of(book)}


def test_violations_name_places_and_levels_of_the_objective() -> None:
    """An id or a name of code in a sentence is of no use at the duty desk."""
    scenario = tiny.one_depot()
    wrong = Violation("wrong_site", "T1", 1, place="A", need="NA", value="A", limit="B")
    assert "B村" in violation_text(wrong, scenario, "zh")
    level = Violation("objective_wrong", what="t_all_ms", value=5.5 * 3_600_000, limit=2.0)
    assert "5:30:00" in violation_text(level, scenario, "zh")
    assert text("zh", "plan_measure_t_all_ms") in violation_text(level, scenario, "zh")
    assert "t_all_ms" not in violation_text(level, scenario, "zh")
