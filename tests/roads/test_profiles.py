"""Norm tables and the vehicle profiles made of them, with a user's own tables laid over."""

from __future__ import annotations

import math
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.county.problem_text import problem_text
from dispatch.county.schema import SCHEMA
from dispatch.norms import NORMS, read_norm, write_norm
from dispatch.problems import InputProblems
from dispatch.roads.network import ROAD_CLASSES, SURFACES
from dispatch.roads.profile_norms import read_profiles, write_speeds
from dispatch.roads.profiles import travel_ms
from dispatch.scenario import STEPS
from models.traversal import NEVER
from tests import tiny
from tests.hazards.worlds import with_attributes


def _rows(name: str, key: str) -> dict[str, dict]:
    return {row[key]: row for row in read_norm(name)}


def _written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def _codes(raised: pytest.ExceptionInfo[InputProblems]) -> list[tuple[str, int | None, str, str]]:
    return [(p.file, p.row, p.column, p.code) for p in raised.value.problems]


# --- the tables themselves ---


@pytest.mark.parametrize("name", NORMS)
def test_every_row_is_complete_and_says_where_it_is_from(name: str) -> None:
    rows = read_norm(name)
    assert rows
    for row in rows:
        assert row["source"]
        assert row["confidence"] in {"H", "M", "L", "mem"}
        for column in NORMS[name].columns:
            filled = row[column.name] != "" if column.kind == "text" else not math.isnan(row[column.name])
            assert filled or column.optional, (name, row, column.name)


@pytest.mark.parametrize("name", NORMS)
def test_values_lie_within_their_own_range(name: str) -> None:
    triples = {"speeds": ("low_kmh", "truck_5t", "high_kmh"), "step_times": ("low_min", "mode_min", "high_min"),
               "pace": ("low", "factor", "high"), "surface_factors": ("low", "factor", "high"),
               "rules": ("low", "value", "high")}  # fmt: skip
    if name in triples:
        for row in read_norm(name):
            low, value, high = (row[column] for column in triples[name])
            assert (math.isnan(low) or low <= value) and (math.isnan(high) or value <= high), row


def test_no_file_lies_beside_the_declared_tables() -> None:
    packaged = {file.name[:-4] for file in (files("dispatch") / "norms").iterdir() if file.name.endswith(".csv")}
    assert packaged == set(NORMS)


def test_steps_are_those_of_the_scenario_in_both_shifts() -> None:
    assert {(row["step"], row["shift"]) for row in read_norm("step_times")} == {
        (step, shift) for step in STEPS for shift in ("duty", "night")}  # fmt: skip


def test_speeds_and_surfaces_cover_every_class_of_the_network() -> None:
    assert list(_rows("speeds", "road_class")) == list(ROAD_CLASSES)
    assert set(_rows("surface_factors", "surface")) == set(SURFACES)


def test_first_batch_and_items_fit_the_county_schema() -> None:
    """They are copied into packs: ids must exist, choices be known."""
    items = _rows("items", "item")
    category = SCHEMA["items"].column("category").choices
    assert {row["category"] for row in items.values()} <= set(category)
    for row in read_norm("first_batch"):
        assert {row["item"], *filter(None, row["substitutes"].split(";"))} <= set(items)
        assert 0 < row["people_share"] <= 1


def test_the_first_batch_weighs_what_its_statement_says() -> None:
    """Summer, per person: 3 L of water (3.125 kg with packing), 0.8 kg of food, a 3 kg quilt, 1/15 of a 75 kg tent."""
    items = _rows("items", "item")
    batch = [row for row in read_norm("first_batch") if row["preset"] == "summer"]
    kg = sum(items[r["item"]]["weight_kg"] * r["quantity_per_person"] * r["people_share"] for r in batch)
    assert kg == pytest.approx(3.125 + 0.8 + 3 + 75 / 15, rel=1e-3)


# --- profiles ---


def test_speeds_of_a_loaded_truck_in_the_mountains() -> None:
    """Expressway 80, trunk 50, county 35, township 25, village and track 15; light × 1.2, coach × 0.9."""
    profiles = read_profiles()
    roads = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "track")
    truck = [80, 50, 50, 35, 25, 15, 15]
    assert [profiles["truck_5t"].speed_kmh[road] for road in roads] == truck
    assert [profiles["car"].speed_kmh[road] for road in roads] == pytest.approx([1.2 * v for v in truck])
    assert [profiles["bus"].speed_kmh[road] for road in roads[:-1]] == pytest.approx([0.9 * v for v in truck[:-1]])
    assert "track" not in profiles["bus"].speed_kmh
    assert "unclassified" not in profiles["truck_10t"].speed_kmh
    assert (profiles["car"].wading_m, profiles["truck_5t"].wading_m) == (0.3, 0.5)


def test_a_profile_on_a_road() -> None:
    """1 km each of trunk (50 km/h), of a gravelled village road (15 × 0.85) and of a bridge for 8 t."""
    network = tiny.network([(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0)])
    position = {name: k for k, name in enumerate(ROAD_CLASSES)}
    network = with_attributes(network, road_class={"r01": position["trunk"], "r12": position["unclassified"],
                                                   "r23": position["trunk"]},
                              surface={"r12": SURFACES.index("gravel")}, max_weight_t={"r23": 8.0})  # fmt: skip
    profiles = read_profiles()
    edges = [network.edge_index[edge] for edge in ("r01:0-1", "r12:1-2", "r23:2-3")]
    assert travel_ms(network, profiles["truck_5t"])[edges].tolist() == [72_000, math.ceil(3_600_000 / 12.75), NEVER]
    assert travel_ms(network, profiles["light_truck"])[edges].tolist() == [60_000, math.ceil(3_600_000 / 15.3), 60_000]
    assert travel_ms(network, profiles["truck_10t"])[edges].tolist() == [72_000, NEVER, NEVER]


# --- a user's own tables ---


def test_own_cells_replace_and_the_rest_stays(tmp_path: Path) -> None:
    speeds = _written(
        tmp_path / "车速.csv", "道路等级,truck_5t,来源\ntrunk,44,县局实测\ntrack,,\nunclassified,0,\n", "gb18030"
    )
    norm, own = read_profiles(), read_profiles(speeds=speeds)
    assert own["truck_5t"].speed_kmh["trunk"] == 44
    assert "unclassified" not in own["truck_5t"].speed_kmh  # 0 bars it
    assert own["truck_5t"].speed_kmh["track"] == norm["truck_5t"].speed_kmh["track"]  # an empty cell says nothing
    assert own["car"].speed_kmh == norm["car"].speed_kmh
    sources = {row["road_class"]: row["source"] for row in read_norm("speeds", speeds)}
    assert (sources["trunk"], sources["unclassified"]) == ("县局实测", "车速.csv")
    assert sources["primary"] == _rows("speeds", "road_class")["primary"]["source"]


def test_a_vehicle_class_of_ones_own(tmp_path: Path) -> None:
    vehicles = _written(tmp_path / "v.csv", "vehicle_class,name_zh,name_en,gross_t,height_m,width_m,wading_m\n"
                        "loader,装载机,loader,17 t,3.4,2.8,0.9\ncar,,,,,,0.25\n")  # fmt: skip
    speeds = _written(tmp_path / "s.csv", "road_class,loader\ntrunk,30\ntrack,12\n")
    own = read_profiles(vehicles, speeds)
    assert own["loader"].speed_kmh == {"trunk": 30, "track": 12}
    assert (own["loader"].gross_t, own["loader"].source) == (17, "v.csv")
    assert (own["car"].wading_m, own["car"].gross_t) == (0.25, read_profiles()["car"].gross_t)


def test_every_fault_is_named_with_its_line(tmp_path: Path) -> None:
    vehicles = _written(
        tmp_path / "v.csv", "vehicle_class,gross_t,colour\ntank,60,green\ncar,heavy,\ncar,2,\n,3,\nbus,-1,,x\n"
    )
    speeds = _written(tmp_path / "s.csv", "road_class,car\nmotorways,90\ntrunk,fast\n")
    with pytest.raises(InputProblems) as raised:
        read_profiles(vehicles, speeds)
    assert _codes(raised) == [
        ("v.csv", 1, "colour", "norms_unknown_column"),
        ("v.csv", 3, "gross_t", "norms_number"),
        ("v.csv", 4, "vehicle_class", "norms_duplicate_row"),
        ("v.csv", 5, "vehicle_class", "norms_missing_value"),
        ("v.csv", 6, "gross_t", "norms_at_least"),
        ("v.csv", 6, "", "norms_row_too_long"),
        ("s.csv", 3, "car", "norms_number"),
    ]
    for problem in raised.value.problems:
        assert problem_text(problem, "zh") != problem_text(problem, "en")


def test_rows_and_columns_that_mean_nothing(tmp_path: Path) -> None:
    speeds = _written(tmp_path / "s.csv", "road_class,car\nmotorways,90\n")
    with pytest.raises(InputProblems) as raised:
        read_profiles(speeds=speeds)
    assert _codes(raised) == [("s.csv", 2, "road_class", "norms_unknown_row")]
    speeds = _written(tmp_path / "s.csv", "road_class,cart\ntrunk,20\n")
    vehicles = _written(tmp_path / "v.csv", "vehicle_class,gross_t\ntank,60\n")
    with pytest.raises(InputProblems) as raised:
        read_profiles(vehicles)
    assert {code for *_, code in _codes(raised)} == {"norms_new_row"}  # name, height, width, wading are missing
    with pytest.raises(InputProblems) as raised:
        read_profiles(speeds=speeds)
    assert _codes(raised) == [("s.csv", 1, "cart", "norms_speed_class")]


def test_a_class_without_any_speed(tmp_path: Path) -> None:
    vehicles = _written(tmp_path / "v.csv", "vehicle_class,name_zh,name_en,gross_t,height_m,width_m,wading_m\n"
                        "tank,坦克,tank,60,2.5,3.4,1.2\n")  # fmt: skip
    with pytest.raises(InputProblems) as raised:
        read_profiles(vehicles)
    assert [code for *_, code in _codes(raised)] == ["norms_no_speeds"]


def test_own_step_times_must_ascend(tmp_path: Path) -> None:
    """The norm's latest call-up by night is 90 minutes: a likeliest of 100 alone cannot stand."""
    own = _written(tmp_path / "s.csv", "step,shift,mode_min\ncall_up,night,100\nloading,duty,50\n")
    with pytest.raises(InputProblems) as raised:
        read_norm("step_times", own)
    assert _codes(raised) == [("s.csv", 2, "low_min", "norms_order")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "norms_unreadable"),
        (b"\x81\xff", "norms_encoding"),
        (b"", "norms_no_header"),
        (b"a,b\n", "norms_unknown_column"),
        (b'road_class\n"' + b"x" * 200_000, "norms_not_csv"),
    ],
)
def test_a_file_that_is_no_table(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "s.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputProblems) as raised:
        read_norm("step_times", path)
    assert code in {found for *_, found in _codes(raised)}


def test_speeds_written_are_the_speeds_read(tmp_path: Path) -> None:
    profiles = read_profiles()
    write_speeds(profiles, tmp_path / "s.csv")
    assert (tmp_path / "s.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # Excel opens UTF-8 only with its mark
    assert {name: p.speed_kmh for name, p in read_profiles(speeds=tmp_path / "s.csv").items()} == {
        name: p.speed_kmh for name, p in profiles.items()}  # fmt: skip


@pytest.mark.parametrize("name", NORMS)
def test_a_table_written_and_laid_over_changes_nothing(name: str, tmp_path: Path) -> None:
    rows = read_norm(name)
    write_norm(name, rows, tmp_path / "own.csv")
    again = read_norm(name, tmp_path / "own.csv")
    for before, after in zip(rows, again, strict=True):
        assert before.keys() == after.keys()
        for column, value in before.items():
            empty = isinstance(value, float) and math.isnan(value)
            same = math.isnan(after[column]) if empty else value == after[column]
            assert same, (name, column)


@given(text=st.text(alphabet=st.sampled_from('trunkcar道路等级road_class,"\n0123.\r;x '), max_size=80))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_own_table_makes_a_traceback(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s.csv"
    path.write_text("road_class,car\n" + text, encoding="utf-8", newline="")
    try:
        rows = read_norm("speeds", path)
    except InputProblems as found:
        assert found.problems
    else:
        assert len(rows) == len(ROAD_CLASSES)
        assert all(np.isfinite(row["car"]) for row in rows)
