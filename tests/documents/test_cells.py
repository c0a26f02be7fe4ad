"""Cells as people leave them are read as what they mean, or refused; never guessed."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from dispatch.documents.cells import as_text, moment, number, read_grids, whole_number
from dispatch.problems import InputProblems

NEAR = datetime(2026, 7, 20, 22, 0)


@pytest.mark.parametrize(
    ("cell", "value"),
    [(200, 200), (200.0, 200), ("200", 200), (" 200 ", 200), ("２００", 200), ("1,200", 1200), ("１，２００", 1200),
     ("200床", 200), ("200 床", 200), ("200.0床", 200), ("-3", -3), ("+3", 3), (2**53 + 1, 2**53 + 1),
     ("9007199254740993", 9007199254740993)],
)  # fmt: skip
def test_whole_numbers(cell: object, value: int) -> None:
    assert whole_number(cell, ("床",)) == value


@pytest.mark.parametrize(
    "cell",
    [None, "", "床", "200箱", "2..3", "200.5", 200.5, "1,20", "12,34,567", "1e3", True, "二百", "200 200",
     date(2026, 7, 20), datetime(2026, 7, 20), float("nan"), float("inf"), "nan", "#N/A", "=1+1", "1_000"],
)  # fmt: skip
def test_what_is_no_whole_number_is_refused(cell: object) -> None:
    """Another unit is refused too: 200 cases are not 200 beds."""
    with pytest.raises(ValueError, match="not a"):
        whole_number(cell, ("床",))


@given(st.integers(-(10**15), 10**15))
def test_thousands_apart_read_back(value: int) -> None:
    assert whole_number(f"{value:,}") == value
    assert number(f"{value:,}.5") == float(f"{value}.5")


@pytest.mark.parametrize(
    ("cell", "value"),
    [("04:10", datetime(2026, 7, 21, 4, 10)), ("23:05", datetime(2026, 7, 20, 23, 5)),
     (time(4, 10), datetime(2026, 7, 21, 4, 10)),
     ("7-21 04:10", datetime(2026, 7, 21, 4, 10)), ("07/21 4:10:30", datetime(2026, 7, 21, 4, 10, 30)),
     ("7月21日 4时10分", datetime(2026, 7, 21, 4, 10)), ("2026-07-21 04:10", datetime(2026, 7, 21, 4, 10)),
     ("2026年7月21日 04:10", datetime(2026, 7, 21, 4, 10)), ("０４：１０", datetime(2026, 7, 21, 4, 10)),
     (datetime(2026, 7, 21, 4, 9, 59, 999_700), datetime(2026, 7, 21, 4, 10))],
)  # fmt: skip
def test_clock_times(cell: object, value: datetime) -> None:
    """Without a day it is the one nearest to the order: 04:10 after 22:00 is the next morning."""
    assert moment(cell, NEAR) == value


def test_a_day_without_year_is_near_across_the_new_year() -> None:
    assert moment("1-1 00:30", datetime(2026, 12, 31, 23, 0)) == datetime(2027, 1, 1, 0, 30)


@pytest.mark.parametrize(
    "cell", [None, "", "25:00", "4:70", "2-30 10:00", "soon", 46223.9, True, date(2026, 7, 20), "4.10"]
)
def test_what_is_no_clock_time_is_refused(cell: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment(cell, NEAR)


@pytest.mark.parametrize(
    ("cell", "value"),
    [(None, ""), ("a", "a"), (140521100001, "140521100001"), (1.40521100001e11, "140521100001"), (1.5, "1.5")],
)
def test_ids_that_became_numbers(cell: object, value: str) -> None:
    assert as_text(cell) == value


@pytest.mark.parametrize("cell", [True, datetime(2026, 7, 20)])
def test_what_is_no_id_is_refused(cell: object) -> None:
    """A lot "2023-5" that a spreadsheet turned into a date cannot be told from a date."""
    with pytest.raises(ValueError, match="not text"):
        as_text(cell)


def test_grids_keep_row_numbers(tmp_path: Path) -> None:
    """Empty rows are left out, yet a row is named as the spreadsheet shows it."""
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = book.add_worksheet("表")
    sheet.write_row(1, 0, ["甲", None, 3])
    sheet.write_row(4, 1, ["x"])
    book.close()
    assert read_grids(tmp_path / "a.xlsx") == {"表": [(2, ["甲", None, 3]), (5, [None, "x"])]}


@pytest.mark.parametrize("content", [None, b"", b"PK", b"\xd0\xcf\x11\xe0 an .xls file or one with a password"])
def test_a_file_that_is_no_workbook(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputProblems) as found:
        read_grids(path)
    assert [p.code for p in found.value.problems] == [
        "documents_unreadable" if content is None else "documents_not_xlsx"
    ]
