"""Workbooks hold values, print on A4, and are the same bytes for the same content."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from dispatch.documents.workbook import CELL_LIMIT, Column, Form, FormSheet, Sheet, display_width, write_workbook

CREATED = datetime(2026, 7, 20, 22, 0)
COLUMNS = (
    Column("lot", "批次", "id"), Column("quantity", "数量", "count", editable=True), Column("at", "时刻", "clock"),
    Column("share", "比例", "share"), Column("note", "说明"),
)  # fmt: skip
TITLES = tuple(column.title for column in COLUMNS)
ROWS = pd.DataFrame(
    [["001", 1200, datetime(2026, 7, 21, 4, 10), 0.25, "=1+1"], ["", float("nan"), None, float("inf"), "长" * 60]],
    columns=[column.name for column in COLUMNS],
    dtype=object,
)
LINES = list(ROWS.itertuples(index=False, name=None))


def _write(path: Path, *sheets: Sheet | FormSheet) -> None:
    write_workbook(path, sheets, title="t", created=CREATED, footer="A & B")


def _sheet(**other: object) -> Sheet:
    return Sheet("表", "标题", COLUMNS, ROWS, ("说明一", "说明二"), **other)  # type: ignore[arg-type]


def test_values_come_back(tmp_path: Path) -> None:
    """An id keeps its zeros, text that looks like a formula stays text, and what is not known is blank."""
    _write(tmp_path / "a.xlsx", _sheet())
    rows = list(openpyxl.load_workbook(tmp_path / "a.xlsx")["表"].iter_rows(values_only=True))
    assert rows[0][0] == "标题"
    assert [row[0] for row in rows[1:3]] == ["说明一", "说明二"]
    assert rows[3] == ("批次", "数量", "时刻", "比例", "说明")
    assert rows[4] == ("001", 1200, datetime(2026, 7, 21, 4, 10), 0.25, "=1+1")
    assert rows[5] == (None, None, None, None, "长" * 60)


def test_it_prints_on_a4_and_scrolls_under_its_header(tmp_path: Path) -> None:
    _write(tmp_path / "a.xlsx", _sheet(printed=3))
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["表"]
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "portrait")
    assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)  # 1 is the default
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.print_title_rows == "$4:$4"
    assert page.print_area == "'表'!$A$1:$C$6"
    assert page.freeze_panes == "B5"
    assert page.auto_filter.ref == "A4:E6"
    assert page.cell(5, 3).number_format == "mm-dd hh:mm"
    assert page.cell(5, 1).number_format == "@"
    assert page.oddFooter.left.text.endswith("A && B")


def test_columns_are_wide_enough_for_chinese(tmp_path: Path) -> None:
    """Sixty characters of double width wrap at 48 columns into three lines, and the row is made that high."""
    assert display_width("长a\n长") == 3
    _write(tmp_path / "a.xlsx", _sheet())
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["表"]
    assert page.column_dimensions["E"].width == pytest.approx(48, abs=1)
    assert page.row_dimensions[6].height >= 3 * 15


def test_equal_content_makes_equal_bytes(tmp_path: Path) -> None:
    for name in "ab":
        _write(tmp_path / f"{name}.xlsx", _sheet(), FormSheet("单", (Form("单", (("号", "1"),), COLUMNS, LINES),)))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_forms_stand_on_pages_of_their_own(tmp_path: Path) -> None:
    form = Form(
        "调拨单", (("编号", "1"), ("时间", CREATED), ("依据", "R1")), COLUMNS, LINES, ("签字：",), mark="虚拟数据"
    )
    _write(tmp_path / "a.xlsx", FormSheet("单", (form, form)), FormSheet("空", (), "无"))
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    cells = [[v for v in row if v is not None] for row in book["单"].iter_rows(values_only=True)]
    height = 1 + 1 + 3 + 1 + 2 + 1 + 1  # title, mark, three fields, header, two lines, signature, gap
    assert cells[:6] == [["调拨单"], ["虚拟数据"], ["编号", "1"], ["时间", CREATED], ["依据", "R1"], list(TITLES)]
    assert cells[:height] == [*cells[height:], []]
    assert [b.id for b in book["单"].row_breaks.brk] == [height]
    assert book["空"]["A1"].value == "无"


def test_a_text_too_long_for_a_cell_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    """Excel would cut it silently."""
    rows = pd.DataFrame([["x" * (CELL_LIMIT + 1)]], columns=["note"])
    with pytest.raises(ValueError, match="do not fit"):
        _write(tmp_path / "a.xlsx", Sheet("a", "a", (Column("note", "n"),), rows))
    assert list(tmp_path.iterdir()) == []


def test_an_old_file_survives_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("old", encoding="utf-8")
    rows = pd.DataFrame([["x" * (CELL_LIMIT + 1)]], columns=["note"])
    with pytest.raises(ValueError, match="do not fit"):
        _write(tmp_path / "a.xlsx", Sheet("a", "a", (Column("note", "n"),), rows))
    assert (tmp_path / "a.xlsx").read_text(encoding="utf-8") == "old"


def test_wide_forms_have_two_fields_to_a_row(tmp_path: Path) -> None:
    wide = tuple(Column(f"c{k}", f"列{k}") for k in range(8))
    form = Form("调拨单", (("编号", "1"), ("时间", CREATED), ("依据", "R1")), wide, [tuple("abcdefgh")])
    _write(tmp_path / "a.xlsx", FormSheet("单", (form,)))
    page = openpyxl.load_workbook(tmp_path / "a.xlsx")["单"]
    assert [page.cell(2, c).value for c in (1, 3, 5, 7)] == ["编号", "1", "时间", CREATED]
    assert [page.cell(3, c).value for c in (1, 3, 5, 7)] == ["依据", "R1", None, None]
    assert "A2:B2" in page.merged_cells


def test_a_wide_table_prints_across(tmp_path: Path) -> None:
    """Twelve columns of ten characters are too small to read on an upright page; three of them printed are not."""
    columns = tuple(Column(f"c{k}", f"列{k}") for k in range(12))
    rows = pd.DataFrame([["x" * 10] * 12], columns=[column.name for column in columns])
    _write(tmp_path / "a.xlsx", Sheet("宽", "t", columns, rows), Sheet("窄", "t", columns, rows, printed=3))
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [book[name].page_setup.orientation for name in ("宽", "窄")] == ["landscape", "portrait"]
