"""The table [hazards.fire]: what is read, what is refused, and the scenario that comes with the library."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from dispatch.hazards.fire_spec import read_fire
from tests.hazards.fires import REFERENCE

GOOD = {
    "ignitions": [{"lon": 112.0, "lat": 35.5, "time": "+0:10"}],
    "weather": [
        {"time": "+1:00", "wind_m_s": 5, "wind_from_deg": 90, "temperature_c": 20, "humidity_pct": 40},
        {"time": "+0:00", "wind_m_s": 3, "wind_from_deg": 90, "temperature_c": 20, "humidity_pct": 40},
    ],
    "hours": 4,
    "fuel": "pine",
}


def _codes(tmp_path: Path, **changes: object) -> list[tuple[str, str]]:
    table = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    spec, problems = read_fire(table, tmp_path / "s.toml", REFERENCE)
    assert (spec is None) == bool(problems)
    return [(problem.column, problem.code) for problem in problems]


def test_times_are_seconds_from_the_reference_and_the_weather_is_sorted(tmp_path: Path):
    spec, problems = read_fire(GOOD, tmp_path / "s.toml", REFERENCE)
    assert spec is not None
    assert problems == []
    assert spec.ignitions[0].time == 600.0
    assert [hour.time for hour in spec.weather] == [0.0, 3600.0]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"fuell": 1}, ("hazards.fire.fuell", "hazards_fire_unknown")),
        ({"hours": -1}, ("hazards.fire.hours", "hazards_fire_positive")),
        ({"ignitions": None}, ("hazards.fire.ignitions", "hazards_fire_needed")),
        ({"ignitions": []}, ("hazards.fire.ignitions", "hazards_fire_needed")),
        ({"fuel": None}, ("hazards.fire.fuel", "hazards_fire_one_fuel")),
        ({"fuel": "palm"}, ("hazards.fire.fuel", "hazards_fire_fuel")),
        ({"rule": "guess"}, ("hazards.fire.rule", "hazards_fire_rule")),
        ({"terrain": "none.tif"}, ("hazards.fire.terrain", "hazards_fire_no_file")),
        ({"spotting": 1}, ("hazards.fire.spotting", "hazards_fire_flag")),
        ({"wind_factor": [2, 1, 3]}, ("hazards.fire.wind_factor", "hazards_triple")),
        ({"detected": "soon"}, ("hazards.fire.detected", "hazards_time")),
        ({"ignitions": [{"lon": 112}]}, ("hazards.fire.ignitions[1]", "hazards_fire_row")),
        (
            {"ignitions": [{"lon": 999, "lat": 35, "time": "+0:00"}]},
            ("hazards.fire.ignitions[1].lon", "hazards_range"),
        ),
        (
            {"crews": [{"line": [[1, 2]], "start": "+0:00", "people": 5, "professional": True}]},
            ("hazards.fire.crews[1].line", "hazards_fire_line"),
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_key(tmp_path: Path, changes: dict[str, object], expected: tuple[str, str]):
    assert expected in _codes(tmp_path, **changes)


def test_the_bundled_fire_reads_without_a_problem():
    path = Path(__file__).resolve().parents[2] / "scenarios" / "qinshui" / "fire_model.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))["hazards"]["fire"]
    spec, problems = read_fire(table, path, REFERENCE)
    assert problems == []
    assert spec is not None
    assert len(spec.ignitions) >= 2
