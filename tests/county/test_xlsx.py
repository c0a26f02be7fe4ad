"""Workbooks are read to the values another library reads, whatever formatting, damage or quirk surrounds them."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.county.files import workbook_grids
from dispatch.county.grid import Grid
from dispatch.county.reading import BadCell
from tests.county.pack import write_xlsx_pack


def _grid(path: Path, title: str = "s") -> Grid:
    grids, _, problems = workbook_grids(path, lambda _: [title])
    assert problems == []
    return grids[title]


def _edit(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Rewrite one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


CELLS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(lambda t: t.strip() != ""),
    st.integers(-(10**12), 10**12), st.floats(-1e12, 1e12).map(lambda x: float(f"{x:.12g}")), st.booleans(),
    st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2100, 1, 1)).map(lambda t: t.replace(microsecond=0)),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.none() | CELLS, min_size=1, max_size=5), min_size=1, max_size=6))
def test_what_xlsxwriter_writes_is_read_as_openpyxl_reads_it(tmp_path_factory: Any, rows: list[list[Any]]) -> None:
    path = tmp_path_factory.mktemp("x") / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet, day = book.add_worksheet("s"), book.add_format({"num_format": "yyyy/m/d hh:mm:ss"})
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(i, j, cell)
            elif isinstance(cell, dt.datetime):
                sheet.write_datetime(i, j, cell, day)
            elif cell is not None:
                sheet.write(i, j, cell)
    book.close()
    seen = dict(_grid(path).rows) if any(cell is not None for row in rows for cell in row) else {}
    other = openpyxl.load_workbook(path)["s"]
    for i, row in enumerate(rows, 1):
        for j, cell in enumerate(row):
            ours = seen.get(i, [])[j] if j < len(seen.get(i, [])) else None
            if isinstance(cell, str):
                assert ours == cell
            else:
                assert ours == other.cell(i, j + 1).value


def test_merged_cells_hold_the_value_of_their_first(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "s"
    for row in (["D1", "a", 5], [None, "b", 6], ["x", "c", 7]):
        sheet.append(row)
    sheet.merge_cells("A1:A2")
    book.save(tmp_path / "a.xlsx")
    grid = _grid(tmp_path / "a.xlsx")
    assert [cells[0] for _, cells in grid.rows] == ["D1", "D1", "x"]
    assert grid.filled == {(2, 0): (1, 2)}
    _edit(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'"A1:A2"', b'"A1:XFD1048576"'))
    grid = _grid(tmp_path / "a.xlsx")
    assert [number for number, _ in grid.rows] == [1]  # all else lies under the merge
    assert max(number for number, _ in grid.filled) == 3  # and is filled no further than the last value


def test_a_merge_that_reaches_below_the_last_row_makes_no_row(tmp_path: Path) -> None:
    """People merge a few rows too many; a row that only the merge fills is empty."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "s"
    for row in (["D1", "a"], [None, "b"], [None, None], [None, None], ["D2", "c"]):
        sheet.append(row)
    sheet.merge_cells("A1:A4")
    book.save(tmp_path / "a.xlsx")
    assert _grid(tmp_path / "a.xlsx").rows == [(1, ["D1", "a"]), (2, ["D1", "b"]), (5, ["D2", "c"])]


def test_dates_by_builtin_custom_and_chinese_formats(tmp_path: Path) -> None:
    """Number formats 27–36 and 50–58 are dates in Chinese Excel and are defined in no styles part."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "s"
    formats = ["yyyy-mm-dd", 'yyyy"年"m"月"', "General", "mm-dd-yy", "[$-804]yyyy/m/d;@", "0.00"]
    for j, number_format in enumerate(formats, 1):
        sheet.cell(1, j, 45047).number_format = number_format
    book.save(tmp_path / "a.xlsx")
    day = dt.datetime(2023, 5, 1)
    assert _grid(tmp_path / "a.xlsx").rows == [(1, [day, day, 45047, day, day, 45047])]
    _edit(tmp_path / "a.xlsx", "xl/styles.xml", lambda xml: xml.replace(b'numFmtId="14"', b'numFmtId="31"'))
    assert _grid(tmp_path / "a.xlsx").rows[0][1][3] == day


def test_a_formula_without_a_stored_result_is_named(tmp_path: Path) -> None:
    """Other libraries give None here: the cell would silently count as empty."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "s"
    sheet.append([1, 2, "=A1+B1"])
    book.save(tmp_path / "a.xlsx")
    assert _grid(tmp_path / "a.xlsx").rows == [(1, [1, 2, BadCell("=A1+B1", formula=True)])]
    _edit(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<v/>", b"<v>3</v>").replace(
        b"<v />", b"<v>3</v>").replace(b"<v></v>", b"<v>3</v>"))  # fmt: skip
    assert _grid(tmp_path / "a.xlsx").rows == [(1, [1, 2, 3])]


def test_error_values_escapes_and_phonetic_guides(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    book.add_worksheet("s").write_row(0, 0, ["a", "b"])
    book.close()
    strings = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>line_x000D_</t></r><r><t>two'
        b"</t></r><rPh sb='0' eb='1'><t>guide</t></rPh></si><si><t>_x005F_x0041_</t></si></sst>"
    )
    _edit(tmp_path / "a.xlsx", "xl/sharedStrings.xml", lambda _: strings)
    assert _grid(tmp_path / "a.xlsx").rows == [(1, ["line\rtwo", "_x0041_"])]
    _edit(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml",
          lambda xml: xml.replace(b'<c r="B1" t="s"><v>1</v>', b'<c r="B1" t="e"><v>#REF!</v>'))  # fmt: skip
    assert _grid(tmp_path / "a.xlsx").rows[0][1][1] == BadCell("#REF!")


def test_namespaces_with_prefixes_and_cells_without_references(tmp_path: Path) -> None:
    """Some exporters prefix every element and leave cell references out."""
    path = write_xlsx_pack(tmp_path / "a.xlsx", {"s": [["a"]]})
    xml = (
        b'<?xml version="1.0"?><x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main"><x:sheetData>'
        b'<x:row><x:c t="inlineStr"><x:is><x:t>depot</x:t></x:is></x:c><x:c><x:v>7</x:v></x:c></x:row><x:row/>'
        b"<x:row><x:c><x:v>1.5</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    _edit(path, "xl/worksheets/sheet2.xml", lambda _: xml)
    assert _grid(path).rows == [(1, ["depot", 7]), (3, [1.5])]


def test_a_million_formatted_rows_cost_no_memory(tmp_path: Path) -> None:
    """Only rows up to the last value are parsed; the drop-down list behind them holds a formula that is no value."""
    path = write_xlsx_pack(tmp_path / "a.xlsx", {"s": [["a", "b"], [1, 2]]})
    row = b'<row r="%d"><c r="A%d" s="1"/><c r="B%d" s="1"/></row>'
    empty = b"".join(row % (i, i, i) for i in range(3, 300_000))
    tail = b"<extLst><ext><x14:dataValidation><xm:f>other!$A$1</xm:f></x14:dataValidation></ext></extLst>"
    _edit(path, "xl/worksheets/sheet2.xml", lambda xml: xml.replace(b"</sheetData>", empty + b"</sheetData>" + tail))
    assert _grid(path).rows == [(1, ["a", "b"]), (2, [1, 2])]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "county_not_xlsx"), (b"depot,item\n", "county_not_xlsx"), (b"<html>", "county_not_xlsx"),
        (b"PK\x03\x04 but no archive", "county_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "county_old_xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "county_encrypted"),
    ],
)  # fmt: skip
def test_files_that_are_no_workbook(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    grids, titles, problems = workbook_grids(path, lambda titles: titles)
    assert (grids, titles, [problem.code for problem in problems]) == ({}, [], [code])


def test_one_damaged_sheet_does_not_hold_up_the_others(tmp_path: Path) -> None:
    path = write_xlsx_pack(tmp_path / "a.xlsx", {"s": [["a"]], "t": [["b"]]})
    _edit(path, "xl/worksheets/sheet2.xml", lambda xml: xml.replace(b"<row", b"<<row"))
    grids, _, problems = workbook_grids(path, lambda titles: titles)
    assert set(grids) == {"county", "t"}
    assert [(problem.file, problem.code) for problem in problems] == [("a.xlsx!s", "county_damaged")]


def test_entities_that_explode_are_refused(tmp_path: Path) -> None:
    path = write_xlsx_pack(tmp_path / "a.xlsx", {"s": [["a"]]})
    bomb = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    _edit(path, "xl/worksheets/sheet2.xml", lambda xml: bomb + xml[xml.index(b"<worksheet") :])
    assert [p.code for p in workbook_grids(path, lambda _: ["s"])[2]] == ["county_damaged"]


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Windows says of a workbook that is open in Excel."""
    path = write_xlsx_pack(tmp_path / "a.xlsx")

    def refuse(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert [p.code for p in workbook_grids(path, lambda titles: titles)[2]] == ["county_locked"]
