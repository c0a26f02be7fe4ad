"""``dispatch hazard`` as a user types it, on the embedded county."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import scenarios
from dispatch import load_scenario
from dispatch.cli.hazard import hazard


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    out = tmp_path_factory.mktemp("hazard") / "out"
    done = CliRunner().invoke(hazard, ["qinshui/dam_breach", "--nights", "2", "--json", "--out", str(out)])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout), out


def test_numbers_recomputed_from_the_disruption(told) -> None:
    found, _ = told
    scenario = load_scenario("qinshui/dam_breach")
    edges = scenario.disruption.edges
    deep = edges[edges["depth_m"] >= scenario.profiles["truck_5t"].wading_m]
    network = scenario.network
    road = {name: name for name in network.edge_id}
    road |= {network.edge_id[e]: network.edge_id[min(e, t)] for e, t in enumerate(network.twin.tolist()) if t >= 0}
    for hour in (-1, 0, 1, 2, 3):
        there = deep[(deep["start_s"] <= 3600 * hour) & (3600 * hour < deep["end_s"])]
        shown = sum(row["closed"] for row in found["hours"] if row["hour"] == hour)
        assert shown == len({road[edge] for edge in there["edge"]})
    assert {row["edge"] for row in found["streets"]} == {road[edge] for edge in deep["edge"]}
    population = scenario.county.table("places").set_index("place")["population"]
    assert found["places"]
    assert all(row["people"] == population[row["place"]] for row in found["places"])
    assert [row["arrival_s"] for row in found["places"]] == sorted(row["arrival_s"] for row in found["places"])
    assert {row["cause"] for row in found["places"]} == {"dam_break"}


def test_files_say_the_same(told) -> None:
    found, out = told
    for name in ("hours", "streets", "places"):
        assert len(pd.read_csv(out / f"hazard_{name}.csv")) == len(found[name])
    with sqlite3.connect(out / "hazard.gpkg") as base:
        assert base.execute("SELECT count(*) FROM closures").fetchone()[0] == len(found["streets"])
    again = CliRunner().invoke(hazard, ["qinshui/dam_breach", "--out", str(out), "--lang", "en"])
    assert again.exit_code == 2  # the folder holds files


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("受影响地点", "提前量（min）")), ("en", ("places reached", "lead min"))]
)
def test_tables_are_printed_in_both_languages(lang: str, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(hazard, ["qinshui/dam_breach", "--nights", "0", "--lang", lang])
    assert done.exit_code == 0, done.output
    assert all(word in done.stdout for word in words)


def test_breaks_are_asked_of_fires_only(tmp_path) -> None:
    out = tmp_path / "out"
    done = CliRunner().invoke(hazard, ["qinshui/dam_breach", "--breaks", "--out", str(out), "--lang", "en"])
    assert done.exit_code == 2
    assert not out.exists()


@pytest.mark.slow
def test_breaks_of_the_computed_fire() -> None:
    done = CliRunner().invoke(hazard, ["qinshui/fire_model", "--breaks", "--nights", "0", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)["breaks"]
    assert any(row["saved_ha"] > 10 for row in found)
    assert all(row["saved_ha"] == pytest.approx(row["without_ha"] - row["with_ha"]) for row in found)


FIRE = """name = "fires"
title_zh = "火"
title_en = "Fires"
hazard = "wildfire"
county = "{qinshui}"
roads = "{qinshui}/roads.osm"
reference_time = "2026-04-09T13:00:00+08:00"
order_received = "+1:00"
horizon_h = 24
seed = 1
[first_batch]
preset = "winter"
[demand]
table = "{qinshui}/demand_fire.csv"
[hazards.fire]
fuel = "grass"
hours = 2
reach_km = 4
cell_m = 200
members = 4
wind_turn_deg = [-90, 0, 90]
ignitions = [{{ lon = 112.066, lat = 35.506, time = "+0:00" }}]
weather = [{{ time = "+0:00", wind_m_s = 6, wind_from_deg = 225, temperature_c = 24, humidity_pct = 16 }}]
"""


def test_fires_of_the_nights_are_told_and_mapped(tmp_path) -> None:
    import rasterio

    file, out = tmp_path / "fires.toml", tmp_path / "out"
    file.write_text(FIRE.format(qinshui=(Path(scenarios.__file__).parent / "qinshui").as_posix()), encoding="utf-8")
    done = CliRunner().invoke(hazard, [str(file), "--nights", "40", "--json", "--out", str(out), "--lang", "en"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert {row["chance"] * 4 for row in found["reach"]} <= {1.0, 2.0, 3.0, 4.0}
    assert any(0 < row["chance"] < 1 for row in found["chances"])
    with rasterio.open(out / "hazard_burnt.tif") as raster:
        share = raster.read(1)
        row, column = raster.index(112.066, 35.506)
    assert share[row, column] == 1.0  # every fire starts there
    assert set(pd.unique(share[share > 0])) <= {0.25, 0.5, 0.75, 1.0}


def test_water_is_asked_of_plans_for_fires_only(tmp_path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text("{}")
    done = CliRunner().invoke(hazard, ["qinshui/dam_breach", "--sorties", str(plan), "--lang", "en"])
    assert done.exit_code == 2
    assert "no computed wildfire" in done.output


def test_chances_of_the_streets_are_those_of_the_nights(told) -> None:
    found, out = told
    assert all(0 < row["chance"] <= 1 for row in found["chances"])
    assert len(pd.read_csv(out / "hazard_chances.csv")) == len(found["chances"])


def test_an_unknown_vehicle_is_said() -> None:
    done = CliRunner().invoke(hazard, ["qinshui/dam_breach", "--vehicle", "tank", "--lang", "en"])
    assert done.exit_code == 2
    assert "truck_5t" in done.output
