"""``dispatch hazard`` as a user types it, on the embedded county."""

from __future__ import annotations

import json
import sqlite3

import pandas as pd
import pytest
from click.testing import CliRunner

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


def test_an_unknown_vehicle_is_said() -> None:
    done = CliRunner().invoke(hazard, ["qinshui/dam_breach", "--vehicle", "tank", "--lang", "en"])
    assert done.exit_code == 2
    assert "truck_5t" in done.output
