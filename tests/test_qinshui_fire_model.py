"""The embedded county's computed forest fire: closures by the hour from one TOML file."""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dispatch.hazards.fire_in_county import fire_in_county
from dispatch.hazards.fire_spec import read_fire
from dispatch.hazards.fire_works import without_layers
from dispatch.hazards.wildfire import forecast, wildfire
from dispatch.problems import InputProblems
from dispatch.scenario import Scenario
from dispatch.scenario_file import load_scenario
from tests.qinshui import county

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
    assert edges["known_s"].min() >= 10 * 60  # detected by the county's own cameras after ten minutes


def test_the_whole_fire_may_come_sooner_or_later():
    groups = _night().disruption.groups
    assert list(groups["group"]) == ["wildfire"]
    assert groups["shift_low_s"].iloc[0] < 0 < groups["shift_high_s"].iloc[0]


def test_what_is_wrong_in_the_fire_is_said_with_its_key():
    with pytest.raises(InputProblems) as caught:
        load_scenario(FILE, {"hazards.fire": {"hours": -1}})
    assert "hazards.fire.hours" in {problem.column for problem in caught.value.problems}


def _burnt_ha(layers: tuple[str, ...], **changes: Any) -> tuple[float, int]:
    """Hectares burnt, and fires that start, without some layers of works; no spot fires, whose luck would hide them."""
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    reference = datetime.fromisoformat(raw["reference_time"])
    table = {**raw["hazards"]["fire"], "spotting": False, **changes}
    spec, problems = read_fire({k: v for k, v in table.items() if v is not None}, FILE, reference)
    assert spec is not None, problems
    made = fire_in_county(spec, without_layers(county(), layers), reference)
    arrival = forecast(wildfire(made), made.until_s)
    return float(np.isfinite(arrival).sum()) * made.cell_m**2 / 1e4, len(made.ignitions)


@pytest.mark.slow
def test_each_layer_of_works_taken_away_lets_more_burn():
    whole, fires = _burnt_ha(())
    assert fires == 2
    for layers in (("water_tanks",), ("fire_breaks",), ("cameras", "towers")):
        assert _burnt_ha(layers)[0] > 1.02 * whole, layers
    assert _burnt_ha(("fire_roads",))[0] >= whole
    # people's fires drawn by the seed: a checkpoint keeps some of them from starting
    drawn = {"ignitions": None, "people_fires": 3.0, "checkpoints": True, "centre": [112.075, 35.515], "seed": 2,
             "members": 0}  # fmt: skip
    watched, free = _burnt_ha((), **drawn), _burnt_ha(("checkpoints",), **drawn)
    assert watched[1] < free[1]
    assert watched[0] < free[0]


@pytest.mark.slow
def test_a_layer_is_left_out_of_a_whole_scenario_by_its_key():
    without = load_scenario(FILE, {"county_without": ["cameras", "towers"]})
    assert without.disruption.edges["known_s"].min() > _night().disruption.edges["known_s"].min()
    assert not without.county.table("facilities")["kind"].isin(["camera", "tower"]).any()
    with pytest.raises(InputProblems) as caught:
        load_scenario(FILE, {"county_without": ["moats"]})
    assert [problem.column for problem in caught.value.problems] == ["county_without"]
