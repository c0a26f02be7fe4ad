"""CSV ⇄ XLSX ⇄ memory loses nothing, in either language; contacts stay at home; nothing is written over."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings

from dispatch.county.county import County
from dispatch.county.read import read_county
from dispatch.county.schema import SCHEMA
from dispatch.county.write import write_county
from tests.county.counties import counties
from tests.county.pack import assert_same_county, good, write_csv_pack


@pytest.fixture
def county(tmp_path: Path) -> County:
    return read_county(write_csv_pack(tmp_path / "good"))[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("round")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(counties())
def test_round_trips_are_equal_to_the_last_bit(folder: Path, county: County) -> None:
    """Memory → CSV → memory → XLSX → memory, Chinese and English: every table and attribute stays the same."""
    shutil.rmtree(folder / "zh", ignore_errors=True)
    (folder / "en.xlsx").unlink(missing_ok=True)
    (folder / "en.contacts.xlsx").unlink(missing_ok=True)
    write_county(county, folder / "zh", "zh", private=True)
    once, _ = read_county(folder / "zh")
    assert_same_county(once, county)
    write_county(once, folder / "en.xlsx", "en", private=True)
    assert_same_county(read_county(folder / "en.xlsx")[0], county)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["out", "out.xlsx"])
def test_what_was_read_is_written_and_read_again(tmp_path: Path, county: County, lang: str, name: str) -> None:
    write_county(county, tmp_path / name, lang, private=True)
    again, warnings = read_county(tmp_path / name)
    assert warnings == ()
    assert_same_county(again, county)


@pytest.mark.parametrize("name", ["out", "out.xlsx"])
def test_contacts_are_written_only_when_asked_for(tmp_path: Path, county: County, name: str) -> None:
    """The telephone number is in no byte of what is written (workbooks unpacked)."""
    write_county(county, tmp_path / name)
    files = [file for file in tmp_path.rglob("*") if file.is_file() and "good" not in file.parts]
    assert not any("contacts" in file.name for file in files)
    for file in files:
        if file.suffix == ".xlsx":
            cells = [str(c.value) for sheet in openpyxl.load_workbook(file) for row in sheet.iter_rows() for c in row]
            assert not any("13800000000" in cell for cell in cells)
        else:
            assert b"13800000000" not in file.read_bytes()
    assert read_county(tmp_path / name)[0].table("contacts").empty


def test_contacts_of_a_workbook_go_into_a_workbook_of_their_own(tmp_path: Path, county: County) -> None:
    write_county(county, tmp_path / "out.xlsx", private=True)
    assert (tmp_path / "out.contacts.xlsx").exists()
    assert "通讯录" not in openpyxl.load_workbook(tmp_path / "out.xlsx").sheetnames
    assert_same_county(read_county(tmp_path / "out.xlsx")[0], county)


def test_nothing_is_written_over(tmp_path: Path, county: County) -> None:
    for name in ("out", "out.xlsx"):
        write_county(county, tmp_path / name)
        before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
        with pytest.raises(FileExistsError):
            write_county(county, tmp_path / name)
        assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before
    (tmp_path / "empty").mkdir()
    write_county(county, tmp_path / "empty")


def test_the_same_county_makes_the_same_bytes(tmp_path: Path, county: County) -> None:
    write_county(county, tmp_path / "a.xlsx")
    write_county(county, tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_workbook_for_excel(tmp_path: Path, county: County) -> None:
    """Codes are text cells (Excel leaves them alone), the header stays in view, choices drop down."""
    write_county(county, tmp_path / "a.xlsx", "zh")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["行政区划"]
    assert sheet["A5"].value == "140521102231"
    assert (sheet["A5"].data_type, sheet["A5"].number_format) == ("s", "@")
    assert sheet.freeze_panes == "C2"
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert '"县,乡镇,村"' in lists.values()
    stock = openpyxl.load_workbook(tmp_path / "a.xlsx")["库存"]
    assert stock["D2"].value == 120
    assert stock["G2"].number_format == "yyyy-mm-dd"


def test_a_csv_for_excel(tmp_path: Path, county: County) -> None:
    """The mark by which Excel knows UTF-8; whole numbers without a point."""
    write_county(county, tmp_path / "out", "zh")
    text = (tmp_path / "out" / "stock.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    assert "D1,tent,2023,120,实物,2023-05-01,2031-05-31" in text.decode("utf-8-sig")


def test_a_geometry_longer_than_a_cell(tmp_path: Path, county: County) -> None:
    """A cell holds 32,767 characters, a surveyed risk zone more: it continues in further columns."""
    circle = shapely.to_wkt(shapely.Point(112.4, 35.7).buffer(0.5, quad_segs=800), rounding_precision=-1)
    assert len(circle) > 100_000
    zones = pd.DataFrame({c.name: pd.Series([""], dtype="str") for c in SCHEMA["risk_zones"].columns})
    zones["people_threatened"] = [float("nan")]
    zones[["risk_zone", "kind", "geometry"]] = [["Z", "wildfire", circle]]
    big = County("140521", "沁水县", "Qinshui", "Asia/Shanghai", {**county.tables, "risk_zones": zones}, (), circle)
    for name in ("big", "big.xlsx"):
        write_county(big, tmp_path / name, private=True)
        again, _ = read_county(tmp_path / name)
        assert_same_county(again, big)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dispatch.county.write.csv_bytes", fail)
    monkeypatch.setattr("dispatch.county.write.add_table_sheet", fail)
    for name in ("out", "out.xlsx"):
        with pytest.raises(OSError, match="No space"):
            write_county(county, tmp_path / name)
    assert [file.name for file in tmp_path.iterdir()] == ["good"]


def test_the_good_pack_covers_many_tables() -> None:
    """The round trips above would prove little on a pack of one table."""
    assert len(good()) >= 10
