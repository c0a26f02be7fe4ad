"""A pack reads as the county it means, folder or workbook; each fault is named with its file, row and column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dispatch.county.county import County
from dispatch.county.read import read_county, read_table
from dispatch.county.schema import SCHEMA
from tests.county.pack import (
    SETTINGS,
    TOML,
    assert_same_county,
    csv_text,
    good,
    place_of,
    problems_of,
    set_cell,
    write_csv_pack,
    write_xlsx_pack,
)

Tables = dict[str, list[list[Any]]]


def _errors(path: Path) -> set[tuple[str, int | None, str, str, str]]:
    return {place_of(problem) for problem in problems_of(path) if problem.severity == "error"}


@pytest.fixture
def county(tmp_path: Path) -> County:
    return read_county(write_csv_pack(tmp_path / "good"))[0]


def test_the_good_pack_has_nothing_to_complain_of(tmp_path: Path) -> None:
    county, warnings = read_county(write_csv_pack(tmp_path / "pack"))
    assert warnings == ()
    assert (county.code, county.name_en, county.zone) == ("140521", "Qinshui", "Asia/Shanghai")
    assert county.sources == ("hand-made for tests",)
    stock = county.table("stock")
    assert stock["quantity"].tolist() == [120.0, 1000.0, 60.0]
    assert stock["expiry"].tolist() == ["2031-05-31", "", ""]
    assert county.table("demand")["report_time"].tolist() == ["2026-07-20T22:40:00+08:00"]
    assert county.table("teams").empty
    assert county.table("places")["remote"].tolist() == [False] * 6


def test_folder_and_workbook_are_the_same_county(tmp_path: Path, county: County) -> None:
    assert_same_county(read_county(write_xlsx_pack(tmp_path / "p.xlsx"))[0], county)
    assert_same_county(read_county(tmp_path / "good" / "county.toml")[0], county)


def test_chinese_names_of_files_headers_and_words(tmp_path: Path, county: County) -> None:
    """The same pack as a Chinese office writes it, in GB18030."""
    folder = tmp_path / "zh"
    folder.mkdir()
    (folder / "county.toml").write_text(TOML, encoding="utf-8-sig")
    for name, (header, *rows) in good().items():
        columns = [SCHEMA[name].column(column) for column in header]
        words = [{"yes": "是", **(column.choices or {})} for column in columns]
        written = [[known.get(cell, cell) for known, cell in zip(words, row, strict=True)] for row in rows]
        content = csv_text([[c.zh for c in columns], *written]).encode("gb18030")
        (folder / f"{SCHEMA[name].zh}.csv").write_bytes(content)
    assert_same_county(read_county(folder)[0], county)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("table", "row", "column", "value", "code"),
    [
        ("places", 5, "population", "abc", "county_number"),
        ("places", 6, "population", -3, "county_at_least"),
        ("places", 6, "population", 3.5, "county_integer"),
        ("places", 3, "kind", "市", "county_choice"),
        ("places", 5, "name", "", "county_missing_value"),
        ("places", 5, "parent", "999", "county_unknown_reference"),
        ("places", 5, "parent", "", "county_no_parent"),
        ("places", 7, "parent", "140521102231", "county_parent_kind"),
        ("places", 6, "place", "140521102231", "county_duplicate_key"),
        ("places", 7, "lat", 95, "county_between"),
        ("places", 7, "lon", "", "county_half_position"),
        ("depots", 3, "docks", 0, "county_at_least"),
        ("depots", 2, "tier", "", "county_missing_value"),
        ("stock", 2, "item", "tnet", "county_unknown_reference"),
        ("stock", 3, "depot", "D9", "county_unknown_reference"),
        ("stock", 2, "quantity", -1, "county_at_least"),
        ("stock", 2, "expiry", "2022-01-01", "county_expiry"),
        ("stock", 2, "expiry", "soon", "county_date"),
        ("stock", 4, "lead_time_min", "", "county_lead_time"),
        ("stock", 4, "quantity", "60 kg", "county_counted_in"),
        ("vehicles", 2, "payload_kg", "5 m", "county_unit"),
        ("vehicles", 3, "base", "郑庄", "county_ambiguous_name"),
        ("first_batch", 3, "people_share", 1.2, "county_between"),
        ("demand", 2, "report_time", "22:40", "county_moment"),
        ("shelters", 2, "indoor", "maybe", "county_flag"),
    ],
)
def test_each_fault_is_named_once_where_it_stands(
    tmp_path: Path, form: str, table: str, row: int, column: str, value: Any, code: str
) -> None:
    """One fault put into the good pack gives one error, at the cell where a person finds it."""
    tables = set_cell(good(), table, row, column, value)
    if code == "county_ambiguous_name":  # a second depot and a village that are called so
        tables["depots"][2][1] = "郑庄"
        tables["places"].append(["140521102299", "郑庄", "village", "140521102", "", 112.4, 35.7, 10])
        tables["depots"].append(["D3", "郑庄", "village", "140521102", "", "", 1, "standby"])
    path = write_csv_pack(tmp_path / "p", tables) if form == "csv" else write_xlsx_pack(tmp_path / "p.xlsx", tables)
    file = f"{table}.csv" if form == "csv" else f"p.xlsx!{table}"
    assert _errors(path) == {(file, row, column, str(value), code)}


def test_an_id_in_two_tables_of_sites(tmp_path: Path) -> None:
    """D1 must mean one point on the roads."""
    tables = good()
    tables["shelters"].append(["D1", "中学", "140521102", 100, "yes"])
    assert _errors(write_csv_pack(tmp_path / "p", tables)) == {("shelters.csv", 3, "shelter", "D1", "county_shared_id")}


def test_swapped_coordinates_are_called_so(tmp_path: Path) -> None:
    tables = set_cell(set_cell(good(), "places", 7, "lon", 35.92), "places", 7, "lat", 112.62)
    assert _errors(write_csv_pack(tmp_path / "p", tables)) == {("places.csv", 7, "lat", "112.62", "county_swapped")}


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    tables = set_cell(set_cell(good(), "stock", 2, "quantity", -1), "places", 5, "population", "x")
    set_cell(tables, "items", 2, "unit", "")
    tables["vehicles"] = [["vehicle", "base"], ["V1", "D1"]]
    errors = _errors(write_csv_pack(tmp_path / "p", tables))
    assert errors == {
        ("places.csv", 5, "population", "x", "county_number"),
        ("items.csv", 2, "unit", "", "county_missing_value"),
        ("stock.csv", 2, "quantity", "-1", "county_at_least"),
        ("vehicles.csv", 1, "class", "", "county_missing_column"),
        ("vehicles.csv", 1, "payload_kg", "", "county_missing_column"),
        ("vehicles.csv", 1, "volume_m3", "", "county_missing_column"),
    }


def test_an_unreadable_table_does_not_make_its_references_wrong(tmp_path: Path) -> None:
    """Depots in a broken file: one problem, not one more for every row of stock that names a depot."""
    folder = write_csv_pack(tmp_path / "p")
    (folder / "depots.csv").write_bytes(b'depot,name\n"D1')
    assert {place_of(p)[4] for p in problems_of(folder)} == {"county_csv_quotes"}
    (folder / "depots.csv").unlink()
    assert {place_of(p)[4] for p in problems_of(folder)} == {"county_no_table"}
    (folder / "depots.csv").write_text("name,tier,docks\n县库,county,1\n", encoding="utf-8")
    assert {place_of(p)[4] for p in problems_of(folder)} == {"county_missing_column"}


def test_required_tables_that_are_missing_or_empty(tmp_path: Path) -> None:
    tables = good()
    del tables["items"], tables["teams" if "teams" in tables else "first_batch"]
    tables["vehicles"] = tables["vehicles"][:1]
    codes = {(p.file, p.code) for p in problems_of(write_csv_pack(tmp_path / "p", tables))}
    assert codes == {("p", "county_no_table"), ("vehicles.csv", "county_empty_table")}
    codes = {(p.file, p.code) for p in problems_of(write_xlsx_pack(tmp_path / "p.xlsx", tables))}
    assert codes == {("p.xlsx", "county_no_sheet"), ("p.xlsx!vehicles", "county_empty_table")}


@pytest.mark.parametrize(
    ("toml", "row", "column", "code"),
    [
        ('code = "140521"\nname_zh = "沁水县\n', 2, "", "county_toml_syntax"),
        (TOML.replace('zone = "Asia/Shanghai"\n', ""), None, "zone", "county_setting_missing"),
        (TOML.replace("Asia/Shanghai", "Asia/Qinshui"), 4, "zone", "county_zone"),
        (TOML.replace("Asia/Shanghai", "../etc"), 4, "zone", "county_zone"),
        (TOML + 'coordinates = "mars"\n', 6, "coordinates", "county_system"),
        (TOML + '[coordinates]\nmoon = "wgs84"\n', 7, "coordinates.moon", "county_coordinates_table"),
        (TOML + 'boundary = "none.geojson"\n', 6, "boundary", "county_boundary_file"),
        (TOML.replace('name_zh = "沁水县"', "name_zh = 5"), 2, "name_zh", "county_setting_text"),
        (TOML.replace('["hand-made for tests"]', "[1]"), 5, "sources", "county_setting_list"),
        ("x = " + "1" * 5000, 1, "", "county_toml_syntax"),
    ],
)
def test_faults_of_county_toml(tmp_path: Path, toml: str, row: int | None, column: str, code: str) -> None:
    errors = {(p.file, p.row, p.column, p.code) for p in problems_of(write_csv_pack(tmp_path / "p", toml=toml))
              if p.severity == "error"}  # fmt: skip
    assert errors == {("county.toml", row, column, code)}


def test_an_unknown_key_is_a_warning(tmp_path: Path) -> None:
    _, warnings = read_county(write_csv_pack(tmp_path / "p", toml=TOML + 'zones = "x"\n'))
    assert [place_of(p) for p in warnings] == [("county.toml", 6, "zones", "x", "county_unknown_setting")]


def test_what_is_no_pack(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert [p.code for p in problems_of(tmp_path / "none")] == ["county_no_pack"]
    assert [p.code for p in problems_of(tmp_path / "a.txt")] == ["county_not_a_pack"]
    assert "county_no_file" in {p.code for p in problems_of(tmp_path)}


def test_a_csv_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Windows says of a file that is open in Excel; the other tables are read and checked."""
    folder = write_csv_pack(tmp_path / "p", set_cell(good(), "stock", 2, "quantity", -1))
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "places.csv":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert _errors(folder) == {
        ("places.csv", None, "", "", "county_locked"), ("stock.csv", 2, "quantity", "-1", "county_at_least")
    }  # fmt: skip


def test_a_workbook_open_elsewhere(tmp_path: Path) -> None:
    """Excel's lock file stands beside it: what is on the disk is read, and that is said."""
    path = write_xlsx_pack(tmp_path / "p.xlsx")
    (tmp_path / "~$p.xlsx").write_bytes(b"\x04user")
    _, warnings = read_county(path)
    assert [p.code for p in warnings] == ["county_open_elsewhere"]


def test_files_and_sheets_with_almost_a_tables_name(tmp_path: Path) -> None:
    folder = write_csv_pack(tmp_path / "p")
    (folder / "stocks.csv").write_text("a\n")
    (folder / "notes.csv").write_text("a\n")
    _, warnings = read_county(folder)
    assert [(p.file, p.code) for p in warnings] == [("stocks.csv", "county_unknown_file")]
    (folder / "库存.csv").write_text(csv_text(good()["stock"]), encoding="utf-8")
    assert "county_two_files" in {p.code for p in problems_of(folder)}
    tables = good() | {"值班": [["a"]]}
    _, warnings = read_county(write_xlsx_pack(tmp_path / "p.xlsx", tables))
    assert [(p.file, p.code) for p in warnings] == [("p.xlsx!值班", "county_unknown_sheet")]


def test_settings_sheet_in_chinese(tmp_path: Path, county: County) -> None:
    rows = [("县域基本情况",), ("项目", "内容", "说明"), ("代码", 140521, "六位"), ("名称", "沁水县"), ("英文名",
    "Qinshui"),
            ("时区", "Asia/Shanghai"), ("来源", "hand-made for tests"), ("边界", None, "可不填")]  # fmt: skip
    tables = {"县域": rows, **good()}
    book = write_xlsx_pack(tmp_path / "p.xlsx", tables, SETTINGS)
    loaded = openpyxl.load_workbook(book)
    del loaded["county"]
    loaded.save(book)
    assert_same_county(read_county(book)[0], county)
    del loaded["县域"]
    loaded.save(book)
    assert "county_no_settings_sheet" in {p.code for p in problems_of(book)}


def test_faults_of_the_settings_sheet_stand_at_its_own_words(tmp_path: Path) -> None:
    rows = [("项目", "内容"), ("代码", None), ("名称", "沁水县"), ("时区", "北京"), ("坐标系.储备库", "火星坐标系"),
            ("坐标系.车辆", "wgs84"), ("坐标系", "mars")]  # fmt: skip
    book = write_xlsx_pack(tmp_path / "p.xlsx", good(), rows)
    found = {(p.file, p.row, p.column, p.code) for p in problems_of(book) if p.severity == "error"}
    assert found == {
        ("p.xlsx!county", 2, "代码", "county_setting_missing"),
        ("p.xlsx!county", 4, "时区", "county_zone"),
        ("p.xlsx!county", 6, "坐标系.vehicles", "county_coordinates_table"),
        ("p.xlsx!county", 7, "坐标系", "county_system"),
    }


def test_a_ledger_with_title_merges_units_and_sums(tmp_path: Path) -> None:
    """Depots merged over their rows, quantities with counting words, a header in tonnes, sums between and below."""
    tables = good()
    del tables["stock"], tables["vehicles"]
    path = write_xlsx_pack(tmp_path / "p.xlsx", tables)
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("库存台账")
    for row in (
        ["沁水县库存台账"], ["单位：应急局"],
        ["序号", "储备库", "品名", "批次", "数量", "有效期至"],
        [1, "县储备库", "帐篷", 2023, "50顶", "2031.5"],
        [2, None, "棉被", "2022", "1,200床", None],
        [None, "小计", None, None, 1250, None],
        [3, "郑庄储备点", "棉被", "2024", "1.2万", None],
        ["合计", None, None, None, 13250],
        ["注：数量为实有数"],
    ):  # fmt: skip
        sheet.append(row)
    sheet.merge_cells("A1:F1")
    sheet.merge_cells("B4:B5")
    sheet.merge_cells("A9:F9")
    sheet = book.create_sheet("车辆")
    for row in (["车辆编号", "驻地", "车型", "载重（吨）", "货厢容积"], ["V1", "县储备库", "truck_5t", 5, "38立方米"]):
        sheet.append(row)
    book.save(path)
    county, warnings = read_county(path)
    assert [place_of(p)[:2] + place_of(p)[4:] for p in warnings] == [("p.xlsx!库存台账", 9, "county_note_row")]
    stock = county.table("stock")
    assert stock["depot"].tolist() == ["D1", "D1", "D2"]
    assert stock["item"].tolist() == ["tent", "quilt", "quilt"]
    assert stock["quantity"].tolist() == [50.0, 1200.0, 12000.0]
    assert stock["expiry"].tolist() == ["2031-05-31", "", ""]
    assert county.table("vehicles")[["base", "payload_kg", "volume_m3"]].values.tolist() == [["D1", 5000.0, 38.0]]


def test_a_quantity_in_a_merged_cell_is_an_error_and_a_payload_a_warning(tmp_path: Path) -> None:
    """1,000 over two rows: their total, or 1,000 each? Twice the stock must not appear by itself."""
    path = write_xlsx_pack(tmp_path / "p.xlsx")
    book = openpyxl.load_workbook(path)
    book["stock"].merge_cells("D2:D3")
    book["vehicles"].merge_cells("D2:D3")
    book.save(path)
    found = {(place_of(p)[0], p.row, p.column, p.code, p.severity) for p in problems_of(path)}
    assert found == {
        ("p.xlsx!stock", 3, "quantity", "county_merged_amount", "error"),
        ("p.xlsx!vehicles", 3, "payload_kg", "county_merged_number", "warning"),
    }


def test_one_table_alone(tmp_path: Path, county: County) -> None:
    """A scenario's own demand: without a county only its columns are checked, with one its references too."""
    demand = [["受灾地", "集中安置人数", "报告时间"], ["峪里", "60人", "2026-07-20 22:40"], ["无此村", "20", ""]]
    path = tmp_path / "demand.csv"
    path.write_text(csv_text([["报告编号", *demand[0]], *([f"R{i}", *row] for i, row in enumerate(demand[1:]))]))
    table, problems = read_table(path, "demand")
    assert problems == []
    assert table["place"].tolist() == ["峪里", "无此村"]
    assert table["report_time"].tolist() == ["2026-07-20T22:40:00+08:00", ""]
    table, problems = read_table(path, "demand", county)
    assert table["place"].tolist() == ["140521106205", "无此村"]
    assert [place_of(p) for p in problems] == [("demand.csv", 3, "受灾地", "无此村", "county_unknown_reference")]
    table, problems = read_table(tmp_path / "none.csv", "demand")
    assert table.empty
    assert [p.code for p in problems] == ["county_no_file"]


def test_a_table_of_a_workbook(tmp_path: Path) -> None:
    path = write_xlsx_pack(tmp_path / "p.xlsx", good() | {"scenario": [["key", "value"], ["name", "x"], ["seed", 7]]})
    table, problems = read_table(path, "scenario")
    assert problems == []
    assert table[["key", "value"]].values.tolist() == [["name", "x"], ["seed", "7"]]


@pytest.mark.parametrize("change", [lambda p: p.with_suffix(".xls"), lambda p: p.with_suffix(".ods")])
def test_other_forms_are_refused_by_name(tmp_path: Path, change: Callable[[Path], Path]) -> None:
    path = change(write_xlsx_pack(tmp_path / "p.xlsx"))
    path.write_bytes(b"x")
    assert [p.code for p in problems_of(path)] == ["county_not_a_pack"]


def test_contacts_in_a_workbook_of_their_own(tmp_path: Path, county: County) -> None:
    tables = good()
    contacts = {"contacts": tables.pop("contacts")}
    path = write_xlsx_pack(tmp_path / "p.xlsx", tables)
    assert read_county(path)[0].table("contacts").empty
    write_xlsx_pack(tmp_path / "p.contacts.xlsx", contacts)
    assert_same_county(read_county(path)[0], county)
