"""CSV files as Excel, WPS and databases save them give the same rows; broken ones a problem with its line."""

from __future__ import annotations

import pytest

from dispatch.county.csv_file import read_csv
from dispatch.county.headers import find_table, header_score
from dispatch.county.schema import SCHEMA
from tests.county.pack import csv_text, good

PLACES = SCHEMA["places"]


def _read(content: bytes):  # type: ignore[no-untyped-def]
    return read_csv(content, "places.csv", "places", lambda rows: header_score(PLACES, rows))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_encoding_and_delimiter_gives_the_same_rows(encoding: str, delimiter: str, line_end: str) -> None:
    text = csv_text(good()["places"]).replace(",", delimiter).replace("\n", line_end)
    grid, problems = _read(text.encode(encoding))
    assert problems == []
    assert [cells for _, cells in grid.rows] == [[str(cell) for cell in row] for row in good()["places"]]


def test_a_rare_character_survives_gb18030() -> None:
    """𬒗 (U+2C497) is outside GBK and has four bytes in GB18030."""
    grid, _ = _read("区划代码,地名\n1,𬒗庄村\n".encode("gb18030"))
    assert grid.rows[1][1] == ["1", "𬒗庄村"]


def test_damaged_utf8_is_not_taken_for_gb18030() -> None:
    """One byte lost in a UTF-8 file: as GB18030 it would decode without error, every name garbled."""
    content = csv_text(good()["places"]).encode()
    for cut in range(content.index("沁".encode()), content.index("沁".encode()) + 3):
        grid, problems = _read(content[:cut] + content[cut + 1 :])
        assert grid is None
        assert [(problem.code, problem.row) for problem in problems] == [("county_encoding", 2)]


def test_rows_are_numbered_as_a_spreadsheet_numbers_them() -> None:
    """Blank lines count; a quoted line break does not begin a row."""
    grid, _ = _read(b'place,name\n\n1,"a\nb"\n,\n2,c\n')
    assert [number for number, _ in grid.rows] == [1, 3, 5]


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (b"place,name\n1,\xff\xfe\xff\xff\n", "county_encoding", 2),
        (b'place,name\n1,a\n2,"open\n3,c\n', "county_csv_quotes", 3),
        (b'place,name\n1,"a"b\n', "county_csv_quotes", 2),
        (b"PK\x03\x04rest", "county_csv_is_workbook", None),
    ],
)
def test_what_cannot_be_read_is_named(content: bytes, code: str, row: int | None) -> None:
    grid, problems = _read(content)
    assert grid is None
    assert [(problem.code, problem.row) for problem in problems] == [(code, row)]


def test_an_empty_file_has_no_header() -> None:
    grid, problems = _read(b"")
    assert problems == []
    sheet, problems = find_table(grid, PLACES)
    assert sheet is None
    assert [problem.code for problem in problems] == ["county_no_header"]


def test_a_long_geometry_is_no_problem_for_the_csv_module() -> None:
    """The csv module's own limit is 131,072 characters in a cell; a risk zone may have more."""
    wkt = "POLYGON((" + ",".join(f"112.{i:06d} 35.{i:06d}" for i in range(20000)) + "))"
    zones = SCHEMA["risk_zones"]
    content = f'risk_zone,kind,geometry\nZ1,wildfire,"{wkt}"\n'.encode()
    grid, problems = read_csv(content, "risk_zones.csv", "risk_zones", lambda rows: header_score(zones, rows))
    assert problems == []
    assert grid.rows[1][1][2] == wkt
