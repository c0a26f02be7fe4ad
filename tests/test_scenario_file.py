"""Scenario files: what is read, and that every fault is reported at once with its key and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.clock import HOUR_MS, MINUTE_MS
from dispatch.problems import InputProblems
from dispatch.scenario_file import bundled_scenarios, find_scenario, load_scenario
from dispatch.scenario_text import KEYS, read_scenario_text

FLOOD = bundled_scenarios()["qinshui/flash_flood"]


@pytest.fixture(scope="module")
def flood():
    return load_scenario(FLOOD)


def _written(tmp_path: Path, change) -> Path:
    """The bundled flood with some lines changed, beside its own files."""
    text = change(FLOOD.read_text(encoding="utf-8"))
    folder = FLOOD.parent.as_posix()
    for name in ("roads.osm", "demand_flood.csv", "footprints_flood.geojson", "closed_roads.csv"):
        text = text.replace(f'"{name}"', f'"{folder}/{name}"')
    path = tmp_path / "scenario.toml"
    path.write_text(text.replace('county = "."', f'county = "{folder}"'), encoding="utf-8")
    return path


def _problems(path: Path) -> list[tuple[str, str, int | None]]:
    with pytest.raises(InputProblems) as found:
        load_scenario(path)
    return [(problem.code, problem.column, problem.row) for problem in found.value.problems]


def test_times_count_from_the_reference_and_six_hours_from_the_order(flood):
    assert flood.order_ms == 150 * MINUTE_MS
    assert flood.due_ms == flood.order_ms + 6 * HOUR_MS
    assert flood.reference_time.isoformat() == "2026-07-20T22:00:00+08:00"


def test_every_need_has_a_site_and_people(flood):
    assert set(flood.needs["site"]) <= set(flood.sites.index)
    assert (flood.needs["people"] > 0).all()
    assert (flood.needs["quantity"] > 0).all()
    assert (flood.needs["release_ms"] >= flood.order_ms).all()


def test_found_by_name_or_path():
    assert find_scenario("flash_flood") == find_scenario("qinshui/flash_flood") == find_scenario(str(FLOOD)) == FLOOD
    with pytest.raises(InputProblems, match="qinshui/flash_flood"):
        find_scenario("no such scenario")


def test_all_faults_at_once_each_with_key_and_line(tmp_path):
    def change(text: str) -> str:
        return (
            text.replace("horizon_h = 24", 'horizon_h = "a day"')
            .replace("deadline_h = 6", "dead_line_h = 6")
            .replace("seed = 20260720", "seed = 1.5")
            .replace('preset = "summer"', 'preset = "spring"')
            .replace('"footprints_flood.geojson"', '"nowhere.geojson"')
        )

    path = _written(tmp_path, change)
    lines = path.read_text(encoding="utf-8").splitlines()

    def line(start: str) -> int:
        return next(number for number, text in enumerate(lines, 1) if text.startswith(start))

    found = _problems(path)
    assert ("scenario_positive", "horizon_h", line("horizon_h")) in found
    assert ("scenario_unknown_key", "dead_line_h", line("dead_line_h")) in found
    assert ("scenario_integer", "seed", line("seed")) in found


def test_faults_of_what_files_mean_together(tmp_path):
    def change(text: str) -> str:
        return (
            text.replace('preset = "summer"', 'preset = "spring"')
            .replace('"footprints_flood.geojson"', '"nowhere.geojson"')
            .replace("deadline_h = 6", "deadline_h = 60")
        )

    codes = {code for code, _, _ in _problems(_written(tmp_path, change))}
    assert {"scenario_one_of", "scenario_missing_file", "scenario_later_than_horizon"} <= codes


@pytest.mark.parametrize(
    "content", [b"name = ", b"\xff\xfe\x00", b"", b"[a]\n[a]\n", "name = '中'".encode("gb18030")], ids=repr
)
def test_what_is_no_scenario_is_a_problem(tmp_path, content):
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    assert _problems(path)


values = st.one_of(
    st.integers(-5, 10**12).map(str), st.floats(allow_nan=True).map(repr), st.booleans().map(lambda b: str(b).lower()),
    st.sampled_from(['"x"', '"+0:30"', '"+9:99"', "[1, 2, 3]", '["a", 1]', "[]", "{}", "2026-01-01T00:00:00",
                     "[{zh = 1}]"]),
)  # fmt: skip


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(sorted(KEYS)), values, max_size=8))
def test_any_values_are_taken_or_reported_never_a_traceback(tmp_path_factory, written):
    path = tmp_path_factory.mktemp("any") / "any.toml"
    path.write_text("\n".join(f"{key} = {value}" for key, value in written.items()), encoding="utf-8")
    try:
        read = read_scenario_text(path)
    except InputProblems:
        return
    told = {problem.column for problem in read.problems}
    for key in written:
        assert key in read.values or any(column.startswith(key) for column in told) or written[key] == "{}"


def test_the_scenario_may_be_a_sheet_of_the_county_workbook(tmp_path, flood):
    from openpyxl import load_workbook

    from dispatch.county.write import write_county

    book = tmp_path / "qinshui.xlsx"
    write_county(flood.county, book)
    sheets = load_workbook(book)
    sheet = sheets.create_sheet("情景")
    folder = FLOOD.parent
    for row in (
        ("项目", "内容"), ("name", "sheet"), ("roads", str(folder / "roads.osm")),
        ("reference_time", "2026-07-20 22:00:00"), ("order_received", "+2:30"), ("first_batch.preset", "summer"),
        ("demand.table", str(folder / "demand_flood.csv")), ("horizon_h", 24),
        ("hazards.footprints", str(folder / "footprints_flood.geojson")),
    ):  # fmt: skip
        sheet.append(row)
    sheets.save(book)
    read = load_scenario(book)
    assert read.order_ms == flood.order_ms
    assert read.needs["quantity"].sum() > 0


def test_places_given_in_gcj02_without_saying_so_are_warned_of(flood):
    from dataclasses import replace

    from dispatch.county.coordinates import to_wgs84
    from dispatch.sites import shifted

    assert shifted(flood.county, flood.network) == []
    places = flood.county.table("places")
    # undoing a shift that is not there moves every place by as much as the shift, the other way
    lon, lat = to_wgs84(places["lon"], places["lat"], "gcj02")
    moved = places.assign(lon=2 * places["lon"] - lon, lat=2 * places["lat"] - lat)
    county = replace(flood.county, tables={**flood.county.tables, "places": moved})
    assert [(p.code, p.file, p.severity) for p in shifted(county, flood.network)] == [
        ("scenario_shifted", "places", "warning")
    ]
