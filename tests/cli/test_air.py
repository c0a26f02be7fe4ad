"""``dispatch air`` as its user calls it."""

from __future__ import annotations

import pandas as pd
import pytest
from click.testing import CliRunner

from dispatch.cli.air import air
from dispatch.documents.cells import read_grids
from dispatch.scenario_file import load_scenario


@pytest.mark.slow
def test_the_bundled_fire_is_planned_checked_and_played(tmp_path):
    """Sheets, nights and lines in both languages are there; nobody hurt is left."""
    out = tmp_path / "air"
    done = CliRunner().invoke(air, ["forest_fire_air", "--out", str(out), "--seconds", "1", "--nights", "3",
                                    "--lang", "en"])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "injured lifted in time: 3" in done.output
    sheets = read_grids(out / "air.xlsx")
    assert {"Flights", "Bucket cycles", "Air against ground"} <= set(sheets)
    nights = pd.read_csv(out / "air_nights.csv", encoding="utf-8-sig")
    assert len(nights) == 3
    assert (nights["litres"] > 0).all()


def test_a_scenario_without_aircraft_says_what_to_add(tmp_path):
    """Exit code 2 and the keys that are missing."""
    done = CliRunner().invoke(air, ["slide_swarm", "--out", str(tmp_path / "out"), "--lang", "en"])
    assert done.exit_code == 2
    assert "wind_m_s" in done.output


def test_what_is_wrong_in_the_section_is_said_at_once(tmp_path):
    """Weather, heights, kinds, hospitals and times, each with its key."""
    from dispatch.problems import InputProblems

    wrong = {
        "air.enabled": True, "air.visibility_km": [10],
        "air.request": [{"kind": "parade", "lon": 112.0, "lat": 35.5}, {"kind": "medical", "place": "nowhere"},
                        {"kind": "medical", "lon": 112.0, "lat": 35.5, "to": "F-001", "by": "+30:00", "until": "soon"}],
    }  # fmt: skip
    with pytest.raises(InputProblems) as several:
        load_scenario("slide_swarm", wrong)
    assert {(problem.code, problem.column) for problem in several.value.problems if problem.severity == "error"} == {
        ("scenario_missing_key", "air.wind_m_s"), ("scenario_missing_key", "air.elevation_m"),
        ("scenario_air_request", "air.request 1.kind"), ("scenario_air_request", "air.request 2.place"),
        ("scenario_air_request", "air.request 2.lon"), ("scenario_air_request", "air.request 3.to"),
        ("scenario_air_request", "air.request 3.until"),
    }  # fmt: skip
    with pytest.raises(InputProblems) as closed:
        load_scenario("slide_swarm", {"air.wind_m_s": [3]})
    assert [problem.code for problem in closed.value.problems if problem.severity == "error"] == [
        "scenario_section_closed"
    ]
