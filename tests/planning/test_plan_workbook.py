"""The duty desk's workbook: complete, loss-free, read back as a person leaves it, and never contradicting itself."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.documents.messages import LANGUAGES, catalogue, text
from dispatch.planning.order_forms import form_pages
from dispatch.planning.plan import Plan
from dispatch.planning.plan_file import read_plan
from dispatch.planning.plan_pages import entry_pages, timetable_pages
from dispatch.planning.plan_view import PlanView
from dispatch.planning.plan_workbook import read_plan_workbook, write_plan_workbook
from dispatch.planning.route_page import route_page
from dispatch.planning.summary_page import assumption_page, summary_page
from tests import tiny
from tests.planning.plans import MINUTE, by_hand, random_plans, same
from tests.planning.workbooks import set_cell, sheet_title

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

# ---------------------------------------------------------------- what it holds


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sheets_a_duty_officer_expects(lang: str, tmp_path: Path) -> None:
    """All in one language, every figure a value: a formula without its result shows 0 in other programs."""
    write_plan_workbook(by_hand(), tiny.one_depot(), tmp_path / "p.xlsx", lang)
    workbook = openpyxl.load_workbook(tmp_path / "p.xlsx")
    shown = [sheet.title for sheet in workbook if sheet.sheet_state == "visible"]
    assert shown == [sheet_title(name, lang) for name in SHEETS]
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
    set_cell("orders", "quantity", "棉被", 90)(workbook)
    workbook.save(book)
    read = read_plan_workbook(_libreoffice(book, tmp_path), tiny.one_depot())
    assert [(v.value, v.limit) for v in read.disagreements] == [("90", "100")]
