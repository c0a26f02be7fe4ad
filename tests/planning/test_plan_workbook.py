"""The duty desk's workbook: complete, loss-free, read back as a person leaves it, and never contradicting itself."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.documents.cells import Grid, read_grids
from dispatch.documents.messages import LANGUAGES, catalogue, text
from dispatch.planning.check import check
from dispatch.planning.order_forms import form_pages
from dispatch.planning.plan import Plan
from dispatch.planning.plan_file import read_plan
from dispatch.planning.plan_pages import entry_pages, timetable_pages
from dispatch.planning.plan_view import PlanView
from dispatch.planning.plan_workbook import WorkbookPlan, read_plan_workbook, write_plan_workbook
from dispatch.planning.relief import plan_relief
from dispatch.planning.route_page import route_page
from dispatch.planning.summary_page import assumption_page, summary_page
from dispatch.planning.violation import violation_text
from dispatch.problems import InputProblems, Problem
from tests import tiny
from tests.planning.plans import MINUTE, by_hand, random_plans, same

SHEETS = (
    "summary",
    "loads",
    "vehicles",
    "places",
    "shortfall",
    "orders",
    "slips",
    "receipts",
    "routes",
    "assumptions",
    "trips",
    "stops",
)
START = datetime(2026, 7, 20, 22, 0)


def _title(name: str, lang: str = "zh") -> str:
    return text(lang, f"plan_sheet_{name}")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Workbook of the plan made by hand, in Chinese."""
    path = tmp_path / "plan.xlsx"
    write_plan_workbook(by_hand(), tiny.one_depot(), path, "zh")
    return path


def _find(sheet: Any, column: str, row: str, lang: str = "zh") -> Any:
    """Cell under a column's title in the (first) row that holds a word."""
    title = text(lang, f"plan_col_{column}")
    heads = [cell for line in sheet.iter_rows() for cell in line if cell.value == title]
    for line in sheet.iter_rows(min_row=heads[0].row + 1):
        if any(cell.value == row for cell in line):
            return sheet.cell(line[0].row, heads[0].column)
    raise AssertionError(row)


def _edit(path: Path, change: Callable[[Any], None]) -> WorkbookPlan:
    """Read the workbook back after a change made with openpyxl, as a person would make it."""
    workbook = openpyxl.load_workbook(path)
    change(workbook)
    workbook.save(path)
    return read_plan_workbook(path, tiny.one_depot())


def _set(sheet: str, column: str, row: str, value: Any) -> Callable[[Any], None]:
    def change(workbook: Any) -> None:
        _find(workbook[_title(sheet)], column, row).value = value

    return change


def _found(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputProblems) as found:
        read_plan_workbook(path, tiny.one_depot())
    return found.value.problems


# ---------------------------------------------------------------- what it holds


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sheets_a_duty_officer_expects(lang: str, tmp_path: Path) -> None:
    """All in one language, every figure a value: a formula without its result shows 0 in other programs."""
    write_plan_workbook(by_hand(), tiny.one_depot(), tmp_path / "p.xlsx", lang)
    workbook = openpyxl.load_workbook(tmp_path / "p.xlsx")
    shown = [sheet.title for sheet in workbook if sheet.sheet_state == "visible"]
    assert shown == [_title(name, lang) for name in SHEETS]
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []


def test_summary_figures_worked_out_by_hand() -> None:
    """A and B served 64 and 80 minutes after the order, 40 km, 200 quilts of 3 kg; C never."""
    rows = summary_page(PlanView(by_hand(), tiny.one_depot(), "en")).rows
    figures = dict(zip(rows["figure"], rows["value"], strict=True))
    assert figures["places that need a first batch"] == 3
    assert figures["of these served on time"] == 2
    assert figures["people served on time"] == 200
    assert figures["first place served after (h:mm)"] == "1:04"
    assert figures["last of all places served after (h:mm)"] == "not reached"
    assert figures["distance driven"] == 40.0
    assert figures["weight carried"] == 0.6
    assert figures["quilt: loaded"] == 200
    assert figures["allocation order received"] == START
    assert figures["first batch due"] == START + timedelta(hours=6)


def test_timetable_worked_out_by_hand() -> None:
    vehicles, places, shortfall = timetable_pages(PlanView(by_hand(), tiny.one_depot(), "zh"))
    first = vehicles.rows.iloc[0]
    assert (first["depart_clock"], first["arrive_clock"]) == (
        START + timedelta(minutes=48),
        START + timedelta(minutes=58),
    )
    assert (first["since_order"], first["goods"], first["weight_kg"]) == ("1:04", "棉被 100床", 300.0)
    assert places.rows["on_time"].tolist() == ["是", "是", "否"]
    assert places.rows["place_name"].tolist() == ["A村", "B村", "C村"]
    assert shortfall.rows[["place_name", "quantity", "cause_name"]].values.tolist() == [["C村", 100, "车辆不足"]]


def test_clock_times_are_rounded_up() -> None:
    """Unloaded half a second after the deadline must not read as the deadline."""
    view = PlanView(by_hand(), tiny.one_depot(), "zh")
    assert view.clock(360 * MINUTE) == START + timedelta(hours=6)
    assert view.clock(360 * MINUTE + 500) == START + timedelta(hours=6, minutes=1)
    assert view.clock(-1) == ""
    assert view.clock(2**52) == str(2**52)


def test_routes_follow_the_roads_and_their_times() -> None:
    """60 km/h: 10 km to A in 10 min, 10 km on to B, then 20 km back over two edges of one unnamed road."""
    rows = route_page(PlanView(by_hand(), tiny.one_depot(), "zh")).rows
    assert rows[["leg", "from_name", "to_name", "km", "minutes"]].values.tolist() == [
        [1, "县库", "A村", 10.0, 10.0],
        [2, "A村", "B村", 10.0, 10.0],
        [3, "B村", "县库", 20.0, 20.0],
    ]
    assert rows["enter_clock"].tolist() == [START + timedelta(minutes=m) for m in (48, 64, 80)]
    assert rows["leave_clock"].tolist() == [START + timedelta(minutes=m) for m in (58, 74, 100)]


def test_routes_meet_closures_as_planned() -> None:
    """A road shut from 60 to 70 min after the order: the truck at A, free at 64 min, crosses from 70 to 80."""
    shut = tiny.one_depot(tiny.disruption([tiny.closure("r12:1-2", 3600, 4200)]))
    rows = route_page(PlanView(by_hand(), shut, "zh")).rows
    assert rows["enter_clock"].tolist()[1] == START + timedelta(minutes=70)
    assert rows["leave_clock"].tolist()[1] == START + timedelta(minutes=80)


def test_routes_name_roads_once() -> None:
    scenario = tiny.one_depot()
    scenario.network.ref[:] = "G342"
    scenario.network.name[:] = "沁河路"
    scenario.network.name[scenario.network.edge_index["r01:1-0"]] = "河西路"
    rows = route_page(PlanView(by_hand(), scenario, "zh")).rows
    back = rows[rows["leg"] == 3]
    assert back["road"].tolist() == ["G342 沁河路", "G342 河西路"]
    assert back["km"].tolist() == [10.0, 10.0]
    assert set(rows["class_name"]) == {"县道"}


def test_assumptions_name_their_sources() -> None:
    scenario = tiny.one_depot(statements=(("库存为虚拟数据", "stock is synthetic"),))
    rows = assumption_page(PlanView(by_hand(), scenario, "en")).rows
    said = dict(zip(rows["figure"], rows["value"], strict=True))
    assert said["loading of a reference truck"] == "30 / 40 / 50, mean 40.0"
    assert said["deadline of the first batch"] == "6:00"
    assert "stock is synthetic" in rows["value"].tolist()
    assert "A planning aid, not an order." in rows["value"].tolist()


def test_forms_carry_the_mark_and_contacts_only_when_asked(tmp_path: Path) -> None:
    scenario = tiny.one_depot()
    scenario.county.table("depots")["synthetic"] = True
    contacts = scenario.county.table("contacts")
    contacts.loc[0] = {
        "contact": "c1",
        "name": "李四",
        "role": "",
        "unit": "",
        "phone": "555-0100",
        "place": "A",
        "depot": "",
        "source": "",
        "note": "",
    }
    for asked in (False, True):
        write_plan_workbook(by_hand(), scenario, tmp_path / "p.xlsx", "zh", contacts=asked)
        workbook = openpyxl.load_workbook(tmp_path / "p.xlsx")
        words = [str(cell.value) for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value]
        assert any("555-0100" in word for word in words) == asked
        assert words.count("虚拟数据") == 2 + 1 + 2  # orders, slip, receipts


def test_the_forms_of_one_plan() -> None:
    """Two receivers, one trip: two orders, one issue slip with both lines, two receipts."""
    orders, slips, receipts = form_pages(PlanView(by_hand(), tiny.one_depot(), "zh"))
    assert list(orders.fields) == ["20260720-D-A", "20260720-D-B"]
    assert list(slips.fields) == ["20260720-D-T1"]
    assert slips.lines.rows["no"].tolist() == [1, 2]
    assert list(receipts.fields) == ["20260720-D-A-T1", "20260720-D-B-T1"]
    assert dict(orders.fields["20260720-D-A"])["plan_order_due"] == START + timedelta(hours=6)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headers_of_a_sheet_are_told_apart(lang: str) -> None:
    """A header that is another column's name would be read as that column."""
    view = PlanView(by_hand(), tiny.one_depot(), lang)
    pages = [*entry_pages(view), *timetable_pages(view), route_page(view), *(f.lines for f in form_pages(view))]
    columns = {key.removeprefix("plan_col_") for key in catalogue() if key.startswith("plan_col_")}
    for page in pages:
        titles = [text(lang, f"plan_col_{column}") for column in page.rows.columns]
        assert len(set(titles)) == len(titles)
        for column, title in zip(page.rows.columns, titles, strict=True):
            assert title == column or title not in columns


def test_equal_plans_make_equal_bytes(tmp_path: Path) -> None:
    for name in "ab":
        write_plan_workbook(by_hand(), tiny.one_depot(), tmp_path / f"{name}.xlsx", "zh")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


# ---------------------------------------------------------------- round trip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_untouched_it_reads_back_and_agrees(lang: str, tmp_path: Path) -> None:
    write_plan_workbook(by_hand(), tiny.one_depot(), tmp_path / "p.xlsx", lang)
    read = read_plan_workbook(tmp_path / "p.xlsx", tiny.one_depot())
    same(by_hand(), read.plan)
    assert read.disagreements == []
    assert read.warnings == []
    same(by_hand(), read_plan(tmp_path / "p.xlsx"))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=random_plans(), lang=st.sampled_from(LANGUAGES))
def test_any_plan_survives_the_workbook(plan: Plan, lang: str) -> None:
    """Also with ids that nobody knows, control characters and broken ways: written, read back, in agreement."""
    scenario = tiny.one_depot()
    with tempfile.TemporaryDirectory() as folder:
        write_plan_workbook(plan, scenario, Path(folder) / "p.xlsx", lang)
        read = read_plan_workbook(Path(folder) / "p.xlsx", scenario)
    same(plan, read.plan)
    assert read.disagreements == []


def _libreoffice(path: Path, folder: Path) -> Path:
    """The workbook as LibreOffice saves it."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("needs LibreOffice (libreoffice-calc), which is not installed")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    made = subprocess.run(
        [program, "--headless", profile, "--convert-to", "xlsx:Calc MS Excel 2007 XML",
         "--outdir", str(folder / "lo"), str(path)],
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert (folder / "lo" / path.name).exists(), made.stderr
    return folder / "lo" / path.name


@pytest.mark.slow
def test_saved_again_by_libreoffice_it_is_the_same_plan(book: Path, tmp_path: Path) -> None:
    read = read_plan_workbook(_libreoffice(book, tmp_path), tiny.one_depot())
    same(by_hand(), read.plan)
    assert read.disagreements == []


@pytest.mark.slow
def test_an_edit_saved_again_by_libreoffice_is_found(book: Path, tmp_path: Path) -> None:
    workbook = openpyxl.load_workbook(book)
    _set("orders", "quantity", "棉被", 90)(workbook)
    workbook.save(book)
    read = read_plan_workbook(_libreoffice(book, tmp_path), tiny.one_depot())
    assert [(v.value, v.limit) for v in read.disagreements] == [("90", "100")]


# ---------------------------------------------------------------- edited by a person


def test_a_quantity_above_the_stock_is_a_violation(book: Path) -> None:
    """600 and 100 of 500 quilts: the checker names the lot, and the papers now contradict the plan."""
    read = _edit(book, _set("loads", "quantity", "NA", 600))
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
    assert contradicted == {_title(name) for name in ("summary", "vehicles", "places", "orders", "slips", "receipts")}


def test_a_planned_workbook_passes_untouched_and_fails_edited(tmp_path: Path) -> None:
    """The whole way: planner, workbook, person, checker."""
    scenario = tiny.one_depot()
    path = tmp_path / "plan.xlsx"
    write_plan_workbook(plan_relief(scenario, seconds=0.5), scenario, path, "zh")
    read = read_plan_workbook(path, scenario)
    assert (read.disagreements, check(read.plan, scenario)) == ([], [])
    edited = _edit(path, _set("loads", "quantity", "NA", "501床"))
    assert "stock_exceeded" in {v.code for v in check(edited.plan, scenario)}


@pytest.mark.parametrize("value", ["100", " 100 床", "１００床", "100.0", 100.0, "100床"])
def test_quantities_as_people_write_them(book: Path, value: Any) -> None:
    read = _edit(book, _set("loads", "quantity", "NA", value))
    same(by_hand(), read.plan)
    assert read.disagreements == []


@pytest.mark.parametrize("value", ["100箱", "一百", 100.5, None, "", "1O0", True, datetime(2026, 7, 20), "=50+50"])
def test_quantities_that_cannot_be_read_are_named(book: Path, value: Any) -> None:
    """Cases are not beds; a formula that no program has calculated has no value."""
    workbook = openpyxl.load_workbook(book)
    cell = _find(workbook[_title("loads")], "quantity", "NA")
    cell.value = value
    workbook.save(book)
    (problem,) = _found(book)
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
    cell = _find(workbook[_title(sheet)], column, row)
    cell.value = value
    workbook.save(book)
    read = read_plan_workbook(book, tiny.one_depot())
    same(by_hand(), read.plan)
    (violation,) = read.disagreements
    assert violation.path == f"{_title(sheet)}!{cell.row} {text('zh', f'plan_col_{column}')}"
    for lang in LANGUAGES:
        assert violation.path in violation_text(violation, tiny.one_depot(), lang)  # type: ignore[arg-type]


def test_rows_missing_from_and_added_to_a_paper_are_named(book: Path) -> None:
    def change(workbook: Any) -> None:
        sheet = workbook[_title("slips")]
        row = _find(sheet, "quantity", "20260720-D-B").row
        for cell, value in zip(
            sheet[row], [2, "帐篷", None, "顶", 5, None, "L1", None, "B村", "20260720-D-B"], strict=False
        ):
            cell.value = value

    found = _edit(book, change).disagreements
    assert [v.code for v in found] == ["sheet_row_missing", "sheet_row_extra"]
    assert "棉被" in str(found[0].value)
    assert "帐篷" in str(found[1].value)


def test_sorting_filtering_and_deleting_derived_sheets_does_no_harm(book: Path) -> None:
    """Rows are found by their keys; a sheet that is gone says nothing wrong."""

    def change(workbook: Any) -> None:
        sheet = workbook[_title("vehicles")]
        one, two = (_find(sheet, "stop", name).row for name in ("A村", "B村"))
        for a, b in zip(sheet[one], sheet[two], strict=True):
            a.value, b.value = b.value, a.value
        del workbook[_title("routes")]
        workbook[_title("places")].delete_cols(2)
        workbook[_title("loads")].insert_rows(1, 2)
        _find(workbook[_title("shortfall")], "detail", "C村").value = "已电话说明"

    read = _edit(book, change)
    same(by_hand(), read.plan)
    assert read.disagreements == []


def test_rows_added_by_hand(book: Path) -> None:
    """A new load with only the shaded columns filled, a 合计 row and an empty one."""

    def change(workbook: Any) -> None:
        sheet = workbook[_title("loads")]
        first = _find(sheet, "quantity", "NA")
        sheet.append([])
        sheet.append(["T1", 2, "NC", "quilt", "L1", "40床"])
        sheet.append(["合计", None, None, None, None, first.value + 140])

    read = _edit(book, change)
    assert read.plan.loads["need"].tolist() == ["NA", "NB", "NC"]
    assert read.plan.loads["quantity"].tolist() == [100, 100, 40]
    assert not [v for v in read.disagreements if v.path.startswith(_title("loads"))]


def test_a_time_is_changed_by_its_clock(book: Path) -> None:
    """With the ms emptied the clock time counts, to the minute, and a warning says so."""

    def change(workbook: Any) -> None:
        _find(workbook[_title("trips")], "depart_ms", "T1").value = None
        _find(workbook[_title("trips")], "depart_clock", "T1").value = "23:05"

    read = _edit(book, change)
    assert read.plan.trips["depart_ms"].tolist() == [65 * MINUTE]
    assert [(p.column, p.value, p.severity) for p in read.warnings] == [("depart_ms", "23:05", "warning")]


def test_a_trip_number_that_became_a_number_is_still_that_trip(tmp_path: Path) -> None:
    plan = by_hand()
    for table in (plan.trips, plan.stops, plan.loads):
        table["trip"] = "17"
    path = tmp_path / "plan.xlsx"
    write_plan_workbook(plan, tiny.one_depot(), path, "zh")
    workbook = openpyxl.load_workbook(path)
    cell = _find(workbook[_title("loads")], "trip", "NA")
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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
