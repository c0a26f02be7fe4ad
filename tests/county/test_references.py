"""References by name and mangled codes find the row they mean, or say why they cannot; villages are told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dispatch.county.county import County
from dispatch.county.names import find_place, place_label
from dispatch.county.read import read_county
from dispatch.county.reading import blank
from dispatch.county.schema import SCHEMA
from dispatch.county.typed import as_table, empty_table
from dispatch.problems import InputProblems, errors
from tests.county.pack import good, place_of, write_csv_pack, write_xlsx_pack
from tests.shared import shared_path


def _county_of(places: list[dict[str, Any]]) -> County:
    columns = SCHEMA["places"].columns
    values = {c.name: [row.get(c.name, blank(c)) for row in places] for c in columns}
    tables = {name: empty_table(name) for name in SCHEMA} | {"places": as_table(SCHEMA["places"], values)}
    return County("140521", "沁水县", "Qinshui", "Asia/Shanghai", tables)


@pytest.fixture(scope="module")
def qinshui() -> County:
    """The real 12 townships and 193 village units; the former names are made up for the test."""
    villages = pd.read_csv(shared_path("data/shanxi/villages.csv"), dtype=str).query("county_code == '140521'")
    rows = [{"place": "140521", "name": "沁水县", "kind": "county"}]
    for code, name in villages[["township_code", "township"]].drop_duplicates().itertuples(index=False):
        former = {"柿庄镇": "柿庄乡", "中村镇": "下川乡"}.get(name, "")
        rows.append({"place": code, "name": name, "kind": "township", "parent": "140521", "aliases": former})
    rows += [{"place": row.village_code, "name": row.village, "kind": "village", "parent": row.township_code}
             for row in villages.itertuples()]  # fmt: skip
    return _county_of(rows)


def test_namesakes_of_qinshui_are_shown_with_their_township(qinshui: County) -> None:
    """苏庄, 樊庄 and 张村 occur twice; no other village needs its township, and every label is unique."""
    places = qinshui.table("places")
    labels = {code: place_label(qinshui, code) for code in places["place"]}
    assert len(set(labels.values())) == len(places) == 1 + 12 + 193
    assert {label for label in labels.values() if "（" in label} == {
        "苏庄村委会（郑庄镇）", "苏庄村委会（端氏镇）", "樊庄村委会（端氏镇）", "樊庄村委会（胡底乡）",
        "张村村委会（柿庄镇）", "张村村委会（张村乡）",
    }  # fmt: skip
    for code, label in labels.items():
        assert find_place(qinshui, label) == [code], label


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("140521103201", ["140521103201"]), ("苏庄村委会（端氏镇）", ["140521103201"]), ("苏庄(端氏镇)",
        ["140521103201"]),
        ("端氏镇苏庄村", ["140521103201"]), ("端氏镇 苏庄", ["140521103201"]), ("苏庄", ["140521102231",
        "140521103201"]),
        ("苏庄村", ["140521102231", "140521103201"]), ("上苏庄", ["140521100201"]), ("柿庄乡", ["140521106"]),
        ("柿庄镇", ["140521106"]), ("柳庄社区", ["140521100001"]), ("张村乡", ["140521202"]),
        ("张村", ["140521106207", "140521202205"]), ("张村乡张村", ["140521202205"]), ("无此村", []), ("", []),
    ],
)  # fmt: skip
def test_places_are_found_as_people_name_them(qinshui: County, text: str, codes: list[str]) -> None:
    assert find_place(qinshui, text) == codes


def test_namesakes_in_one_township_are_told_apart_by_code() -> None:
    county = _county_of([
        {"place": "t", "name": "柿庄镇", "name_en": "Shizhuang", "kind": "township"},
        {"place": "A", "name": "苏庄村", "name_en": "Suzhuang", "kind": "village", "parent": "t"},
        {"place": "B", "name": "苏庄村委会", "kind": "village", "parent": "t"},
    ])  # fmt: skip
    assert place_label(county, "A") == "苏庄村（柿庄镇，A）"
    assert place_label(county, "A", "en") == "Suzhuang (Shizhuang, A)"
    assert place_label(county, "B", "en") == "苏庄村委会 (Shizhuang, B)"
    assert place_label(county, "unknown") == "unknown"
    for code in "AB":
        assert find_place(county, place_label(county, code)) == [code]
        assert find_place(county, place_label(county, code, "en")) == [code]
    assert find_place(county, "suzhuang") == ["A"]
    assert find_place(county, "苏庄村 (Shizhuang)") == ["A"]


def _with(**cells: Any) -> dict[str, list[list[Any]]]:
    """The good pack with one more shelter."""
    tables = good()
    tables["shelters"].append([cells.get(column, "") for column in tables["shelters"][0]])
    return tables


@pytest.mark.parametrize(
    ("place", "name", "code"),
    [
        ("140521106205", "x", "140521106205"), ("峪里村", "x", "140521106205"), ("峪里", "x", "140521106205"),
        ("苏庄村（柿庄镇）", "x", "140521106201"), ("苏庄乡", "x", "140521106201"), ("柿庄", "x", "140521106"),
        ("140521106205.0", "x", "140521106205"), ("1.40521106205E+11", "x", "140521106205"),
    ],
)  # fmt: skip
def test_a_reference_may_be_a_name_or_a_code_whose_digits_are_there(
    tmp_path: Path, place: str, name: str, code: str
) -> None:
    tables = _with(shelter="H2", name=name, place=place, capacity=10)
    county, warnings = read_county(write_csv_pack(tmp_path / "p", tables))
    assert county.table("shelters")["place"][1] == code
    assert warnings == ()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_mangled_reference_is_recovered_by_the_name_beside_it(tmp_path: Path, form: str) -> None:
    """1.40521E+11 fits all three villages; only 峪里 is named in the row. Recovered, and said."""
    tables = _with(shelter="H2", name="峪里小学", place="1.40521E+11", capacity=10)
    path = write_csv_pack(tmp_path / "p", tables) if form == "csv" else write_xlsx_pack(tmp_path / "p.xlsx", tables)
    county, warnings = read_county(path)
    assert county.table("shelters")["place"][1] == "140521106205"
    recovered = (3, "place", "1.40521E+11", "county_recovered_code")
    assert [(p.row, p.column, p.value, p.code) for p in warnings] == [recovered]
    assert dict(warnings[0].detail) == {"meant": "140521106205"}


def test_a_mangled_reference_that_fits_one_code_only(tmp_path: Path) -> None:
    tables = _with(shelter="H2", name="x", place="1.40522E+11", capacity=10)
    tables["places"].append(["140522000001", "外村", "village", "140521106", "", 112.5, 35.8, 1])
    county, _ = read_county(write_csv_pack(tmp_path / "p", tables))
    assert county.table("shelters")["place"][1] == "140522000001"


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "code"),
    [
        ("shelters", 2, "place", "1.40521E+11", "county_mangled_code"),
        ("shelters", 2, "place", "苏庄", "county_ambiguous_name"),
        ("shelters", 2, "place", "无此村", "county_unknown_reference"),
        ("places", 7, "place", "1.40521E+11", "county_mangled_code"),
    ],
)
def test_what_cannot_be_told_is_an_error_at_its_cell(
    tmp_path: Path, table: str, row: int, column: str, value: str, code: str
) -> None:
    tables = good()
    tables["demand"][1][1] = "140521106"
    tables[table][row - 1][tables[table][0].index(column)] = value
    with pytest.raises(InputProblems) as caught:
        read_county(write_csv_pack(tmp_path / "p", tables))
    assert [place_of(p) for p in errors(caught.value.problems)] == [(f"{table}.csv", row, column, value, code)]


def test_the_message_of_an_ambiguous_name_lists_what_it_may_mean(tmp_path: Path) -> None:
    tables = good()
    tables["shelters"][1][2] = "苏庄"
    with pytest.raises(InputProblems, match="苏庄村（郑庄镇） 140521102231, 苏庄村（柿庄镇） 140521106201"):
        read_county(write_csv_pack(tmp_path / "p", tables))


def test_a_name_close_to_one_that_exists_is_suggested(tmp_path: Path) -> None:
    tables = good()
    tables["stock"][1][1] = "quitl"
    with pytest.raises(InputProblems, match=r"quilt\?"):
        read_county(write_csv_pack(tmp_path / "p", tables))


def test_lost_leading_zeros_are_found_again(tmp_path: Path) -> None:
    """Excel keeps 007 in a text cell and 7 in a number cell."""
    tables = good()
    tables["suppliers"].append(["007", "超市"])
    tables["stock"][3][8] = 7
    county, warnings = read_county(write_xlsx_pack(tmp_path / "p.xlsx", tables))
    assert county.table("stock")["supplier"][2] == "007"
    assert [p.code for p in warnings] == ["county_recovered_code"]


def test_parents_by_name_mean_the_kind_above(tmp_path: Path) -> None:
    """张村 as a township of that name has a village of that name: the parent of a village is the township."""
    tables = good()
    tables["places"] += [["140521202", "张村", "township", "沁水县", "", 112.3, 35.8, ""],
                         ["140521202205", "张村", "village", "张村", "", 112.31, 35.81, 90]]  # fmt: skip
    county, _ = read_county(write_csv_pack(tmp_path / "p", tables))
    assert county.table("places")["parent"].tolist()[-2:] == ["140521", "140521202"]


def test_substitutes_are_references_too(tmp_path: Path) -> None:
    tables = good()
    tables["first_batch"][1][5] = "帐篷、quilt"
    county, warnings = read_county(write_csv_pack(tmp_path / "p", tables))
    assert county.table("first_batch")["substitutes"][0] == "tent;quilt"
    assert [p.code for p in warnings] == ["county_own_substitute"]
