"""Every hazard from one TOML file, through plan, check and nights, over the embedded county and over Andorra."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dispatch import check, load_scenario, plan_relief, simulate
from dispatch.scenario import Scenario
from tests.hazards import andorra

QINSHUI = {
    "flash_flood_model": {"flash_flood"},
    "dam_breach": {"dam_break"},
    "levee_breach": {"flood"},
    "waterlogging": {"waterlogging"},
    "fire_model": {"wildfire"},
    "slide_swarm": {"slide", "collapse", "debris_flow", "other"},
    "earthquake": {"earthquake", "slide"},
    "snow": {"snow_ice"},
}
"""Scenarios and the causes that their closures may have."""


def closed_by_hour(scenario: Scenario) -> list[int]:
    """Edges on which a 5 t truck stops at each full hour, over four nights that were drawn."""
    edges = pd.concat([scenario.disruption.sample(np.random.default_rng(k)).edges for k in range(4)])
    stops = edges[(edges["speed_permille"] == 0) | (edges["depth_m"] >= scenario.profiles["truck_5t"].wading_m)]
    stops = stops[stops["vehicle_class"].isin(["", "truck_5t"])]
    hours = 3600.0 * np.arange(25)
    start, end = stops["start_s"].to_numpy()[:, None], stops["end_s"].to_numpy()[:, None]
    return ((start <= hours) & (hours < end)).sum(axis=0).tolist()


def plays_out(scenario: Scenario, nights: int) -> None:
    """Plan, check and play the scenario; closures come or go from hour to hour."""
    by_hour = closed_by_hour(scenario)
    assert max(by_hour) > 0
    # an earthquake breaks bridges once, for days; water, fire, slides and snow come and go
    assert len(set(by_hour)) >= 2 or set(scenario.disruption.edges["cause"]) <= {"earthquake", "slide"}
    plan = plan_relief(scenario, seconds=0.1)
    assert check(plan, scenario) == []
    played = simulate(scenario, plan, replications=nights)
    assert played.replications == nights
    assert len(played.log) > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", QINSHUI)
def test_qinshui(name: str):
    scenario = load_scenario(f"qinshui/{name}")
    assert set(scenario.disruption.edges["cause"]) <= QINSHUI[name]
    plays_out(scenario, 2)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Folder with Andorra's pack, and its first batch."""
    folder = tmp_path_factory.mktemp("andorra")
    return folder, andorra.write_pack(folder)


@pytest.mark.slow
@pytest.mark.parametrize("hazard", andorra.HAZARDS)
def test_andorra(hazard: str, pack: tuple[Path, str]):
    scenario = load_scenario(andorra.write_scenario(pack[0], hazard, pack[1]))
    assert scenario.needs["place"].nunique() >= 1
    plays_out(scenario, 2)
