"""Cells as county ledgers hold them are read as what they mean, or named as faulty; never guessed silently."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.county.cells import read_cell
from dispatch.county.reading import BadCell
from dispatch.county.schema import SCHEMA
from dispatch.county.table import Column
from dispatch.county.units import conversion

ZONE = ZoneInfo("Asia/Shanghai")
PAYLOAD = SCHEMA["vehicles"].column("payload_kg")
QUANTITY = SCHEMA["stock"].column("quantity")
PEOPLE = SCHEMA["places"].column("population")
SHARE = SCHEMA["first_batch"].column("people_share")
LEAD = SCHEMA["stock"].column("lead_time_min")
RATE = SCHEMA["stock"].column("release_per_h")
LAT = SCHEMA["places"].column("lat")
SHELF_LIFE = SCHEMA["items"].column("shelf_life_d")
AREA = SCHEMA["depots"].column("floor_m2")
STORAGE = SCHEMA["dams"].column("storage_m3")


@pytest.mark.parametrize(
    ("cell", "column", "value", "word"),
    [
        (50, QUANTITY, 50, ""), ("50顶", QUANTITY, 50, "顶"), ("1,200床", QUANTITY, 1200, "床"),
        ("1.2万", QUANTITY, 12000, ""), ("3千箱", QUANTITY, 3000, "箱"), ("2千克", QUANTITY, 2, "千克"),
        ("１２００", QUANTITY, 1200, ""), ("1 200", QUANTITY, 1200, ""), ("1，200", QUANTITY, 1200, ""),
        ("5吨", PAYLOAD, 5000, ""), ("1,200 kg", PAYLOAD, 1200, ""), ("1.5t", PAYLOAD, 1500, ""),
        ("800公斤", PAYLOAD, 800, ""), ("5000", PAYLOAD, 5000, ""), (4999.5, PAYLOAD, 4999.5, ""),
        ("0.05万人", PEOPLE, 500, ""), ("320人", PEOPLE, 320, ""), ("320 people", PEOPLE, 320, ""),
        ("1/3", SHARE, 1 / 3, ""), ("30%", SHARE, 0.3, ""), ("33.3％", SHARE, 0.333, ""), (0.3, SHARE, 0.3, ""),
        ("2小时", LEAD, 120, ""), ("1.5 h", LEAD, 90, ""), ("90", LEAD, 90, ""), ("1天", LEAD, 1440, ""),
        ("20顶/小时", RATE, 20, ""), ("240箱/天", RATE, 10, ""), ("1/min", RATE, 60, ""),
        ("5年", SHELF_LIFE, 1825, ""), ("18个月", SHELF_LIFE, 548, ""), ("0.3亩", AREA, 200, ""),
        ("780㎡", AREA, 780, ""), ("3.9亿m³", STORAGE, 390_000_000, ""), ("120万立方米", STORAGE, 1_200_000, ""),
        ("35°41′26.0916″", LAT, 35.690581, ""), ("北纬35度41分26.0916秒", LAT, 35.690581, ""),
        ("35.690581°", LAT, 35.690581, ""), ("35°30'S", LAT, -35.5, ""), ("35.690581", LAT, 35.690581, ""),
    ],
)  # fmt: skip
def test_numbers_with_what_stands_around_them(cell: object, column: Column, value: float, word: str) -> None:
    reading = read_cell(cell, column, ZONE)
    assert reading.code == ""
    assert reading.value == pytest.approx(value, rel=1e-12)
    assert reading.word == word


@pytest.mark.parametrize(
    ("cell", "column", "code"),
    [
        ("abc", QUANTITY, "county_number"), ("200-300", QUANTITY, "county_number"), ("1,2", QUANTITY, "county_number"),
        ("3套（含备用1套）", QUANTITY, "county_number"), ("无", QUANTITY, "county_number"), (True, QUANTITY,
        "county_number"),
        ("5顶", PAYLOAD, "county_unit"), ("5 m³", PAYLOAD, "county_unit"), ("5公里", PAYLOAD, "county_unit"),
        ("inf", PAYLOAD, "county_number"), (math.inf, PAYLOAD, "county_number"), ("1e999", PAYLOAD, "county_number"),
        (datetime(2026, 1, 3), SHARE, "county_number_date"), (time(1, 30), LEAD, "county_number_date"),
        ("12.5人", PEOPLE, "county_integer"), (12.5, PEOPLE, "county_integer"), ("300户", PEOPLE, "county_unit"),
        ("50顶", SHARE, "county_number"), ("9" * 300, QUANTITY, "county_number"),
        (BadCell("#REF!"), QUANTITY, "county_excel_error"), (BadCell("=A1", formula=True), QUANTITY, "county_formula"),
    ],
)  # fmt: skip
def test_faulty_numbers_are_named_and_left_empty(cell: object, column: Column, code: str) -> None:
    reading = read_cell(cell, column, ZONE)
    assert (reading.code, reading.severity) == (code, "error")
    assert math.isnan(reading.value)


@pytest.mark.parametrize("cell", ["约500", "500余人", "500人左右", "近500", ">500", "500多"])
def test_an_approximate_number_is_read_with_a_warning(cell: str) -> None:
    reading = read_cell(cell, PEOPLE, ZONE)
    assert (reading.value, reading.code, reading.severity) == (500, "county_approximate", "warning")


@pytest.mark.parametrize("cell", ["", None, "-", "—", "/", "不详", " ", "　", "n/a"])
def test_ways_of_leaving_a_number_open(cell: object) -> None:
    reading = read_cell(cell, PEOPLE, ZONE)
    assert reading.code == ""
    assert math.isnan(reading.value)


def test_the_header_unit_holds_unless_the_cell_names_its_own() -> None:
    assert read_cell(5, PAYLOAD, ZONE, 1000.0).value == 5000
    assert read_cell("5", PAYLOAD, ZONE, 1000.0).value == 5000
    assert read_cell("800kg", PAYLOAD, ZONE, 1000.0).value == 800
    assert read_cell(0.05, PEOPLE, ZONE, 10000.0).value == 500  # 人口（万人）


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_double_written_in_full_reads_back_to_the_last_bit(number: float) -> None:
    assert read_cell(repr(number), QUANTITY, ZONE).value == number
    assert read_cell(number, QUANTITY, ZONE).value == number


EXPIRY, PRODUCED = SCHEMA["stock"].column("expiry"), SCHEMA["stock"].column("produced")


@pytest.mark.parametrize(
    ("cell", "expiry", "produced"),
    [
        ("2023.5", "2023-05-31", "2023-05-01"), (2023.5, "2023-05-31", "2023-05-01"),
        ("2024.02", "2024-02-29", "2024-02-01"), ("2023-05", "2023-05-31", "2023-05-01"),
        ("2023年5月", "2023-05-31", "2023-05-01"), ("202305", "2023-05-31", "2023-05-01"),
        (202305, "2023-05-31", "2023-05-01"), ("2023年", "2023-12-31", "2023-01-01"),
        (2023, "2023-12-31", "2023-01-01"), ("2023/5/1", "2023-05-01", "2023-05-01"),
        ("2023年5月1日", "2023-05-01", "2023-05-01"), ("2023.5.1", "2023-05-01", "2023-05-01"),
        ("２０２３．５．１", "2023-05-01", "2023-05-01"), (20230501, "2023-05-01", "2023-05-01"),
        (45047, "2023-05-01", "2023-05-01"), ("45047", "2023-05-01", "2023-05-01"),
        (datetime(2023, 5, 1), "2023-05-01", "2023-05-01"), (date(2023, 5, 1), "2023-05-01", "2023-05-01"),
        ("2023-05-01 00:00:00", "2023-05-01", "2023-05-01"), ("2023.10", "2023-10-31", "2023-10-01"),
    ],
)  # fmt: skip
def test_days(cell: object, expiry: str, produced: str) -> None:
    """A month is its last day where goods expire and its first where they were made. 45047 is Excel's 1 May 2023."""
    assert read_cell(cell, EXPIRY, ZONE)[:2] == (expiry, "")
    assert read_cell(cell, PRODUCED, ZONE)[:2] == (produced, "")


@pytest.mark.parametrize("cell", ["2023.13", "2023-02-30", "23.5.1", "5/1/2023", "明年", 7, True, "1850-01-01", 1e300])
def test_what_is_no_day(cell: object) -> None:
    assert read_cell(cell, EXPIRY, ZONE)[:2] == ("", "county_date")


@pytest.mark.parametrize("cell", [2023.1, "2023.1"])
def test_january_or_october_is_said(cell: object) -> None:
    """A spreadsheet shows 2023.10 as 2023.1; January, the earlier expiry, is on the safe side."""
    reading = read_cell(cell, EXPIRY, ZONE)
    assert (reading.value, reading.code, reading.severity) == ("2023-01-31", "county_date_doubtful", "warning")


def test_goods_without_expiry() -> None:
    assert read_cell("长期", EXPIRY, ZONE)[:2] == ("", "")
    assert read_cell("长期", PRODUCED, ZONE)[:2] == ("", "county_date")


@pytest.mark.parametrize(
    "cell",
    ["2026-07-20 22:40", "2026/7/20 22:40", "2026年7月20日22时40分", "2026-07-20T22:40:00+08:00",
     "2026-07-20T14:40:00Z", datetime(2026, 7, 20, 22, 40), datetime(2026, 7, 20, 14, 40, tzinfo=UTC)],
)  # fmt: skip
def test_moments_of_one_instant(cell: object) -> None:
    reading = read_cell(cell, SCHEMA["demand"].column("report_time"), ZONE)
    assert reading.code == ""
    assert datetime.fromisoformat(reading.value) == datetime(2026, 7, 20, 22, 40, tzinfo=ZONE)


@pytest.mark.parametrize("cell", ["22:40", "2026-07-20", "2026-07-20 25:00", date(2026, 7, 20), 5])
def test_what_is_no_moment(cell: object) -> None:
    assert read_cell(cell, SCHEMA["demand"].column("report_time"), ZONE)[:2] == ("", "county_moment")


INDOOR = SCHEMA["shelters"].column("indoor")


@pytest.mark.parametrize("cell", ["是", "有", "yes", "Y", "true", "TRUE", 1, 1.0, True, "√", "１", ""])
def test_yes(cell: object) -> None:
    """The empty cell is the column's default, indoors."""
    assert read_cell(cell, INDOOR, ZONE)[:2] == (True, "")


@pytest.mark.parametrize("cell", ["否", "无", "no", "N", "false", 0, 0.0, False, "×"])
def test_no(cell: object) -> None:
    assert read_cell(cell, INDOOR, ZONE)[:2] == (False, "")


def test_neither_yes_nor_no() -> None:
    assert read_cell("也许", INDOOR, ZONE).code == "county_flag"


@pytest.mark.parametrize(
    ("cell", "value"),
    [("village", "village"), ("村", "village"), ("行政村", "village"), ("Village ", "village"), ("乡", "township"),
     ("乡（镇）", ""), ("市", "")],
)  # fmt: skip
def test_choices(cell: str, value: str) -> None:
    reading = read_cell(cell, SCHEMA["places"].column("kind"), ZONE)
    assert reading.value == value
    assert (reading.code == "county_choice") == (value == "")


@pytest.mark.parametrize("cell", ["a;b", "a；b", "a、b", "a, b", "a，b", "a\nb", " a ;; b ;"])
def test_lists(cell: str) -> None:
    assert read_cell(cell, SCHEMA["teams"].column("skills"), ZONE)[:2] == ("a;b", "")


PLACE = SCHEMA["places"].column("place")


@pytest.mark.parametrize(
    "cell",
    ["140521100001", 140521100001, 140521100001.0, "140521100001.0", "140521100001.00", "1.40521100001E+11",
     "１４０５２１１００００１", "'140521100001", " 140521100001 ", "140521 100 001", "140,521,100,001",
     "\ufeff140521100001"],
)  # fmt: skip
def test_a_code_whose_digits_are_all_there(cell: object) -> None:
    assert read_cell(cell, PLACE, ZONE)[:2] == ("140521100001", "")


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1.40521E+11", "county_mangled_code"),
        ("1.4052E+11", "county_mangled_code"),
        (1.40521100001e17, "county_long_number"),
    ],
)
def test_a_code_whose_digits_are_lost(cell: object, code: str) -> None:
    assert read_cell(cell, PLACE, ZONE)[:2] == ("", code)


@pytest.mark.parametrize(
    ("cell", "value"), [("D1", "D1"), ("2E3", "2E3"), ("001", "001"), (7, "7"), (2023.5, "2023.5")]
)
def test_short_ids_stay_as_they_are(cell: object, value: str) -> None:
    assert read_cell(cell, PLACE, ZONE)[:2] == (value, "")


def test_text_loses_control_characters_and_nothing_else() -> None:
    name = SCHEMA["places"].column("name")
    assert read_cell(" 苏庄村\x00\r\n（柿庄镇） ", name, ZONE).value == "苏庄村\n（柿庄镇）"
    assert read_cell(13800000000.0, SCHEMA["contacts"].column("phone"), ZONE).value == "13800000000"
    assert read_cell("1.38E+10", SCHEMA["contacts"].column("phone"), ZONE).severity == "warning"


def test_conversions_agree_with_their_definitions() -> None:
    """亩 = 2000/3 m², 斤 = 500 g, 里 = 500 m, knot = 1852 m/h."""
    assert conversion("亩", "m²") == pytest.approx(666.6666666666666)
    assert conversion("斤", "kg") == 0.5
    assert conversion("里", "km") == 0.5
    assert conversion("节", "km/h") == 1.852
    assert conversion("m/s", "km/h") == 3.6
    assert conversion("万m³", "m³") == 10_000
    assert conversion("cm", "kg") is None


@given(st.text(max_size=40) | st.floats() | st.integers() | st.booleans() | st.datetimes() | st.dates() | st.times(),
       st.sampled_from([column for table in SCHEMA.values() for column in table.columns]))  # fmt: skip
def test_any_cell_in_any_column_gives_the_columns_type(cell: object, column: Column) -> None:
    """Whatever stands there, a value of the contract's type comes back and no exception."""
    value = read_cell(cell, column, ZONE).value
    kinds = {"number": float, "integer": float, "flag": bool}
    assert type(value) is kinds.get(column.kind, str)
    if column.kind == "integer" and not math.isnan(value):
        assert value == round(value)
