"""Headers are found below titles, in both languages and with units; sums, notes and repeated headers are left out."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.county.grid import Grid
from dispatch.county.headers import find_table
from dispatch.county.schema import SCHEMA
from dispatch.county.table import Table


def _grid(*rows: list[Any]) -> Grid:
    return Grid("t.csv", "t", [(i, list(row)) for i, row in enumerate(rows, 1) if any(row)])


def _codes(problems: list[Any]) -> list[tuple[str, int | None, str, str]]:
    return [(problem.code, problem.row, problem.column, problem.severity) for problem in problems]


@pytest.mark.parametrize("table", SCHEMA.values(), ids=SCHEMA)
@pytest.mark.parametrize("zh", [True, False])
def test_every_column_is_known_by_both_its_names(table: Table, zh: bool) -> None:
    headers = [column.zh if zh else column.name for column in table.columns]
    sheet, problems = find_table(_grid(headers), table)
    assert problems == []
    assert {name: column.index for name, column in sheet.columns.items()} == {
        column.name: i for i, column in enumerate(table.columns)
    }


def test_no_header_means_two_columns_of_a_table() -> None:
    """Names beside a column's own must not collide within a table, or one column would take the other's cells."""
    for table in SCHEMA.values():
        seen: dict[str, str] = {}
        for column in table.columns:
            for header in {column.name, column.zh, *column.zh_also}:
                assert seen.setdefault(header.casefold(), column.name) == column.name, (table.name, header)


@pytest.mark.parametrize(
    ("header", "column", "factor"),
    [
        ("载重", "payload_kg", 1), ("载重(kg)", "payload_kg", 1), ("载重（吨）", "payload_kg", 1000),
        ("载重/吨", "payload_kg", 1000), ("载重（单位：吨）", "payload_kg", 1000), ("payload (t)", "payload_kg", 1000),
        ("Payload_kg", "payload_kg", 1), ("payload kg", "payload_kg", 1), (" 载 重 *", "payload_kg", 1),
        ("载重量\n（公斤）", "payload_kg", 1), ("出动时间（小时）", "turnout_min", 60), ("容积（升）", "volume_m3",
        0.001),
    ],
)  # fmt: skip
def test_headers_with_units(header: str, column: str, factor: float) -> None:
    sheet, _ = find_table(_grid(["vehicle", "base", "class", header]), SCHEMA["vehicles"])
    assert sheet.columns[column].factor == pytest.approx(factor)
    assert sheet.columns[column].header == header.strip()


def test_population_in_ten_thousands_and_shares_in_per_cent() -> None:
    sheet, _ = find_table(_grid(["代码", "地名", "人口（万人）"]), SCHEMA["places"])
    assert sheet.columns["population"].factor == 10_000
    sheet, _ = find_table(_grid(["季节", "物资编号", "覆盖比例（%）"]), SCHEMA["first_batch"])
    assert sheet.columns["people_share"].factor == 0.01


def test_a_unit_of_another_kind_is_an_error_and_an_unknown_one_a_warning() -> None:
    needed = ["vehicle", "base", "class", "容积"]
    _, problems = find_table(_grid([*needed, "载重(m)"]), SCHEMA["vehicles"])
    assert _codes(problems) == [("county_header_unit", 1, "载重(m)", "error")]
    _, problems = find_table(_grid([*needed, "载重(核定)"]), SCHEMA["vehicles"])
    assert _codes(problems) == [("county_header_word", 1, "载重(核定)", "warning")]


def test_the_header_is_found_below_title_rows() -> None:
    """The row that names most columns is the header, also below a title that itself is one header's word."""
    grid = _grid(
        ["库存"],
        ["填报单位：应急局", "", "数量"],
        [],
        ["序号", "储备库", "品名", "批次", "数量"],
        [1, "D1", "tent", "L", 5],
    )
    sheet, problems = find_table(grid, SCHEMA["stock"])
    assert (sheet.header_row, sheet.numbers, problems) == (4, [5], [])
    assert sheet.columns["quantity"].cells == [5]


STOCK = ["depot", "item", "lot", "quantity"]


@pytest.mark.parametrize(
    "row",
    [["合计", "", "", 300], ["", "合 计", "", 300], ["总计：", "", "", 300], ["Total", "", "", 300], ["小计", "小计",
     "小计", 300],
     STOCK, ["", "", "", ""]],
)  # fmt: skip
def test_sums_and_repeated_headers_are_left_out(row: list[Any]) -> None:
    sheet, problems = find_table(_grid(STOCK, ["D1", "a", "x", 1], row, ["D1", "b", "x", 2]), SCHEMA["stock"])
    assert sheet.numbers == [2, 4]
    assert problems == []


@pytest.mark.parametrize(
    "note", ["注：以上为2026年底数", "填表人：张三", "备注: x", "一、县级储备", "（二）乡镇储备", "制表：李四"]
)
def test_notes_are_left_out_with_a_warning(note: str) -> None:
    sheet, problems = find_table(_grid(STOCK, ["D1", "a", "x", 1], [note, "", "", ""]), SCHEMA["stock"])
    assert sheet.numbers == [2]
    assert _codes(problems) == [("county_note_row", 3, "", "warning")]


def test_a_row_with_a_whole_key_is_never_taken_for_a_sum() -> None:
    sheet, _ = find_table(_grid(STOCK, ["total", "a", "x", 1]), SCHEMA["stock"])
    assert sheet.numbers == []
    sheet, _ = find_table(_grid(["depot", "name", "tier", "docks"], ["D1", "总计", "county", 1]), SCHEMA["depots"])
    assert sheet.numbers == [2]


def test_columns_unknown_doubled_and_missing() -> None:
    grid = _grid(["depot", "item", "库存数量", "数量", "货架", "", "depot"], ["D1", "a", 1, 1, "A3", "x", "D1"])
    _, problems = find_table(grid, SCHEMA["stock"])
    assert set(_codes(problems)) == {
        ("county_missing_column", 1, "批次", "error"),
        ("county_double_column", 1, "depot", "error"),
        ("county_second_column", 1, "库存数量", "warning"),
        ("county_unknown_column", 1, "货架", "warning"),
        ("county_no_column_name", 1, "F", "warning"),
    }


def test_a_header_much_like_a_column_is_suggested() -> None:
    grid = _grid(["储备库编码", "物资编号", "批次", "数量"], ["D1", "a", "x", 1])
    _, problems = find_table(grid, SCHEMA["stock"])
    unknown = next(problem for problem in problems if problem.code == "county_unknown_column")
    assert dict(unknown.detail) == {"hint_zh": "（是不是“储备库编号”？）", "hint_en": " (depot?)"}


def test_a_ledger_with_codes_and_names_uses_the_codes() -> None:
    """储备库编号 is the column's own name; 储备库 beside it is named as not read."""
    grid = _grid(["储备库", "储备库编号", "物资编号", "批次", "数量"], ["县库", "D1", "a", "x", 1])
    sheet, problems = find_table(grid, SCHEMA["stock"])
    assert sheet.columns["depot"].cells == ["D1"]
    assert _codes(problems) == [("county_second_column", 1, "储备库", "warning")]
