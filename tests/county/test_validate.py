"""Rules between rows and tables, in files and in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dispatch.county.problem_text import problem_text
from dispatch.county.read import read_county
from dispatch.county.schema import SCHEMA
from dispatch.county.validate import validate_county
from dispatch.norms import read_norm
from dispatch.problems import InputProblems, Problem, errors
from tests import tiny
from tests.county.pack import good, write_csv_pack


def _all(path: Path) -> list[Problem]:
    try:
        return list(read_county(path)[1])
    except InputProblems as found:
        return list(found.problems)


def _codes(tables: dict[str, list[list[Any]]], tmp_path: Path) -> list[tuple[str, int | None, str, str]]:
    return [(p.file, p.row, p.column, p.code) for p in _all(write_csv_pack(tmp_path / "p", tables))]


def test_a_cycle_of_parents(tmp_path: Path) -> None:
    tables = good()
    tables["places"][2][3] = "140521106"
    tables["places"][3][3] = "140521102"
    assert _codes(tables, tmp_path) == [
        ("places.csv", 3, "parent", "county_cycle"), ("places.csv", 4, "parent", "county_cycle")
    ]  # fmt: skip


def test_the_prefecture_above_the_county_need_not_be_listed(tmp_path: Path) -> None:
    tables = good()
    tables["places"][1][3] = "1405"
    assert _codes(tables, tmp_path) == []


def test_villages_without_townships_may_stand_alone(tmp_path: Path) -> None:
    """A pack made from a map knows no townships."""
    tables = good()
    tables["places"] = [tables["places"][0], *([*row[:3], "", *row[4:]] for row in tables["places"][4:])]
    tables["depots"][1][3] = tables["depots"][2][3] = tables["shelters"][1][2] = "140521106201"
    assert [code for *_, code in _codes(tables, tmp_path)] == ["county_same_name"]


def test_one_village_entered_twice(tmp_path: Path) -> None:
    tables = good()
    tables["places"].append(["140521106299", "峪里 村", "village", "140521106", "", 112.62, 35.92, 150])
    assert _codes(tables, tmp_path) == [("places.csv", 8, "name", "county_same_name")]


def test_a_village_code_under_another_township(tmp_path: Path) -> None:
    tables = good()
    tables["places"][6][3] = "140521102"
    assert _codes(tables, tmp_path) == [("places.csv", 7, "parent", "county_code_prefix")]


def test_another_countys_code(tmp_path: Path) -> None:
    tables = good()
    tables["places"][1][0] = "140522"
    for row in tables["places"][2:4]:
        row[3] = "140522"
    tables["depots"][1][3] = "140522"
    assert _codes(tables, tmp_path) == [("places.csv", 2, "place", "county_other_code")]


def test_sites_that_need_a_position(tmp_path: Path) -> None:
    """A depot, a vehicle's base and a delivery point stand somewhere: their own coordinates or their place's."""
    tables = good()
    for row in (3, 4, 7):  # both townships and 峪里
        tables["places"][row - 1][5] = tables["places"][row - 1][6] = ""
    assert _codes(tables, tmp_path) == [
        ("places.csv", None, "lon", "county_places_without_position"),
        ("depots.csv", 3, "depot", "county_no_position"),
        ("demand.csv", 2, "delivery_point", "county_no_position"),
    ]


def test_stock_that_counts_on_a_supplier(tmp_path: Path) -> None:
    tables = good()
    tables["stock"][0] += ["release_per_h"]
    tables["stock"] += [["D2", "tent", "c", 5, "capacity", "", "", "", "", ""]]
    assert _codes(tables, tmp_path) == [
        ("stock.csv", 5, "lead_time_min", "county_lead_time"),
        ("stock.csv", 5, "release_per_h", "county_release"),
        ("stock.csv", 5, "supplier", "county_no_supplier"),
    ]


@pytest.mark.parametrize(
    ("quantity", "unit", "severity"),
    [("50床", "床", ""), ("50张", "床", "warning"), ("50箱", "瓶", "error"), ("50t", "袋", "error")],
)
def test_stock_counted_in_another_unit(tmp_path: Path, quantity: str, unit: str, severity: str) -> None:
    """Boxes for bottles would be wrong by the number in a box; 张 and 床 are both one bed."""
    tables = good()
    tables["items"][2][2] = unit
    tables["stock"][2][3] = quantity
    found = [p for p in _all(write_csv_pack(tmp_path / "p", tables)) if p.column == "quantity"]
    assert [(p.code, p.severity) for p in found] == ([("county_counted_in", severity)] if severity else [])


def test_figures_that_look_wrong_are_warnings(tmp_path: Path) -> None:
    tables = good()
    tables["vehicles"][1][3] = 5
    tables["items"][2][3] = tables["items"][2][4] = 0
    tables["demand"][1][3:5] = [160, 170]
    tables["demand"].append(["R2", "140521102", "", "", "", "", "", 1])
    assert _codes(tables, tmp_path) == [
        ("items.csv", 3, "weight_kg", "county_weightless"),
        ("vehicles.csv", 2, "payload_kg", "county_small_payload"),
        ("demand.csv", 2, "relocated", "county_more_relocated"),
        ("demand.csv", 2, "sheltered", "county_more_sheltered"),
        ("demand.csv", 3, "affected", "county_no_people"),
    ]


@pytest.mark.parametrize(
    ("wkt", "code"),
    [
        ("POLYGON((112 35, 112.1 35, 112.1 35.1, 112 35))", ""), ("POLYGON((112 35, 112.1 35", "county_geometry"),
        ("POINT(112 35)", "county_geometry"), ("POLYGON EMPTY", "county_geometry"),
        ("POLYGON((500 35, 501 35, 501 36, 500 35))", "county_geometry_range"),
        ("POLYGON((112 35, 112.1 35.1, 112.1 35, 112 35.1, 112 35))", "county_geometry_invalid"),
    ],
)  # fmt: skip
def test_geometries(tmp_path: Path, wkt: str, code: str) -> None:
    tables = good() | {"risk_zones": [["risk_zone", "kind", "geometry"], ["Z", "wildfire", wkt]]}
    assert [p[3] for p in _codes(tables, tmp_path)] == ([code] if code else [])


def test_ids_that_would_break_a_list(tmp_path: Path) -> None:
    tables = good()
    tables["items"].append(["a;b", "甲", "个", 1, 1, "other"])
    assert _codes(tables, tmp_path) == [("items.csv", 4, "item", "county_id_separator")]


def test_headquarters_above_itself(tmp_path: Path) -> None:
    rows = [["headquarters", "name", "parent"], ["A", "甲", "B"], ["B", "乙", "A"], ["C", "丙", "A"]]
    tables = good() | {"headquarters": rows}
    assert [p[:4] for p in _codes(tables, tmp_path)] == [
        ("headquarters.csv", 2, "parent", "county_cycle"), ("headquarters.csv", 3, "parent", "county_cycle")
    ]  # fmt: skip


def test_many_alike_are_counted(tmp_path: Path) -> None:
    """A column of nonsense gives 200 lines and one that counts the rest."""
    tables = good()
    tables["places"] += [[f"{140521106300 + i}", f"{i}村", "village", "140521106", "", "", "", "x"] for i in range(700)]
    found = [p for p in _all(write_csv_pack(tmp_path / "p", tables)) if p.column == "population"]
    assert len(found) == 201
    assert {p.code for p in found} == {"county_number", "county_more"}
    assert next(p for p in found if p.code == "county_more").detail == (("count", "500"),)


def test_a_county_in_memory_is_checked_by_the_same_rules() -> None:
    """The tiny county of the planner's tests: its village rows have neither parents nor coordinates."""
    county = tiny.one_depot().county
    found = validate_county(county)
    assert errors(found) == []
    assert {p.code for p in found} == {"county_places_without_position", "county_no_position"}


def test_faults_in_memory_are_found() -> None:
    county = tiny.county(
        places=[{"place": "A", "name": "A", "kind": "hamlet", "population": 3.5}],
        depots=[{"depot": "D", "name": "d", "tier": "county", "docks": 0, "place": "B"}],
    )
    assert {(p.file, p.row, p.column, p.code) for p in errors(validate_county(county))} == {
        ("places", 2, "kind", "county_choice"),
        ("places", 2, "population", "county_integer"),
        ("depots", 2, "docks", "county_at_least"),
        ("depots", 2, "place", "county_unknown_reference"),
    }


def test_problems_are_said_in_both_languages(tmp_path: Path) -> None:
    tables = good()
    tables["stock"][1][3] = -1
    problem = _all(write_csv_pack(tmp_path / "p", tables))[0]
    assert problem_text(problem, "zh") == "stock.csv，第2行，“quantity”：“-1”，要求：不小于 0 的数"
    assert problem_text(problem, "en") == "stock.csv:2:quantity: '-1', expected a number of at least 0"
    assert str(problem) == problem_text(problem, "en")
    other = Problem("a.toml", None, "key", "", "something else", "of_another_room")
    assert problem_text(other, "zh") == "a.toml，“key”，要求：something else"


def test_classes_of_vehicles_may_be_called_as_people_call_them(tmp_path: Path) -> None:
    """A planner writes 皮卡, as the reports do; a class that the norm has not is only said."""
    tables = good()
    at = tables["vehicles"][0].index("class")
    tables["vehicles"][1][at] = " 皮卡 "
    county, warnings = read_county(write_csv_pack(tmp_path / "p", tables))
    assert (county.table("vehicles")["class"].iat[0], list(warnings)) == ("pickup", [])
    tables["vehicles"][1][at] = "三轮车"
    county, warnings = read_county(write_csv_pack(tmp_path / "q", tables))
    assert county.table("vehicles")["class"].iat[0] == "三轮车"
    assert [(p.code, p.row, p.severity) for p in warnings] == [("county_unknown_class", 2, "warning")]


def test_every_class_of_the_norm_is_understood_by_its_own_names() -> None:
    words = SCHEMA["vehicles"].column("class").choices_also or {}
    for row in read_norm("vehicle_profiles"):
        assert words[row["name_zh"]] == row["vehicle_class"]
