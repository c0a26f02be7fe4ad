"""The embedded county's computed forest fire: closures by the hour from one TOML file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from dispatch.problems import InputProblems
from dispatch.scenario import Scenario
from dispatch.scenario_file import load_scenario

FILE = Path(__file__).resolve().parents[1] / "scenarios" / "qinshui" / "fire_model.toml"


@cache
def _night() -> Scenario:
    return load_scenario(FILE)


def test_loads_without_a_note():
    assert _night().notes == ()


def test_roads_close_hour_after_hour_and_smoke_slows_more_of_them():
    edges = _night().disruption.edges
    closed = edges[edges["speed_permille"] == 0]
    assert set(edges["cause"]) == {"wildfire"}
    assert len(set(closed["start_s"] // 3600)) >= 4
    slowed = edges[edges["speed_permille"] > 0]
    assert slowed["edge"].nunique() > closed["edge"].nunique() > 0


def test_every_closure_is_known_no_sooner_than_the_fire():
    edges = _night().disruption.edges
    assert edges["known_s"].min() >= 15 * 60


def test_the_whole_fire_may_come_sooner_or_later():
    groups = _night().disruption.groups
    assert list(groups["group"]) == ["wildfire"]
    assert groups["shift_low_s"].iloc[0] < 0 < groups["shift_high_s"].iloc[0]


def test_what_is_wrong_in_the_fire_is_said_with_its_key():
    with pytest.raises(InputProblems) as caught:
        load_scenario(FILE, {"hazards.fire": {"hours": -1}})
    assert "hazards.fire.hours" in {problem.column for problem in caught.value.problems}
