"""Reach of crews, initial attack and stand-by: a road of three villages by hand, the bundled county by its rules."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from dispatch.county.read import read_county
from dispatch.hazards.fire_spec import FireSpec, FireWeather, Ignition, read_fire
from dispatch.planning.initial_attack import AttackGround, attack_ground, attack_table, attacked, best_further_crew
from dispatch.planning.standby import move_up, standby_cover
from dispatch.planning.teams_reach import crew_minutes, crew_reach, fire_crews, new_crew
from dispatch.roads.read import read_network
from dispatch.scenario_file import find_scenario
from dispatch.scenario_text import read_scenario_text
from tests import tiny

KM = 0.01 * 111.195 * np.cos(np.radians(35.5))
"""Between two nodes in a straight line."""


@pytest.fixture(scope="module")
def qinshui():
    folder = find_scenario("fire_model").parent
    return read_county(folder)[0], read_network(folder / "roads.osm")


def county(*teams: dict[str, object], zone: str = "") -> object:
    places = [{"place": p, "name": p, "kind": "township", "population": 100, "lon": 112.0 + 0.01 * k, "lat": 35.5}
              for k, p in enumerate("DABC")]  # fmt: skip
    zones = [{"risk_zone": "Z", "name": "Z", "kind": "wildfire", "geometry": zone}] if zone else []
    return tiny.county(places=places, teams=list(teams), risk_zones=zones)


def crew(name: str, base: str, **other: object) -> dict[str, object]:
    return {"team": name, "name": name, "base": base, "type": "semi_professional", "strength": 30,
            "skills": "fire_line", **other}  # fmt: skip


def test_minutes_by_road_and_on_foot() -> None:
    """Called after 5, turned out after 30 minutes, 10 km at 42 km/h, then 0.5 km beside the road times 1.3 at 2.5."""
    roads = tiny.network([(0, 1, 10), (1, 2, 10), (2, 3, 10)])
    crews = fire_crews(county(crew("T", "D", turnout_min=30)))
    north = 0.5 / 111.195
    minutes = crew_minutes(roads, crews, np.array([112.01]), np.array([35.5 + north]))
    drive = 10 / 42 * 60
    pickup = minutes[0, 0] - 35 - 0.5 * 1.3 / 2.5 * 60
    assert pickup == pytest.approx(drive, abs=0.01)
    night = crew_minutes(roads, fire_crews(county(crew("T", "D", turnout_min=30)), night=True), np.array([112.01]),
                         np.array([35.5 + north]), night=True)  # fmt: skip
    assert night[0, 0] > minutes[0, 0] + 15


def test_no_walk_beyond_the_limit() -> None:
    """Eleven kilometres from the last junction nobody walks."""
    roads = tiny.network([(0, 1, 1)])
    minutes = crew_minutes(roads, fire_crews(county(crew("T", "D"))), np.array([112.0]), np.array([35.6]))
    assert minutes[0, 0] == np.inf


def test_crew_reach_of_the_county(qinshui) -> None:
    """Shares rise with the minutes; the county's forest is the townships' sum; crews of 30 are those listed."""
    table = crew_reach(*qinshui, side_m=1000)
    assert (table["share_30"] <= table["share_60"]).all()
    assert (table["share_60"] <= table["share_120"]).all()
    whole = table[table["township"] == ""].iloc[0]
    assert whole["forest_km2"] == pytest.approx(table.loc[table["township"] != "", "forest_km2"].sum())
    strong = {c.township for c in fire_crews(qinshui[0]) if c.people >= 30}
    assert set(table.loc[table["crew_30"] & (table["township"] != ""), "township"]) == strong & set(table["township"])


def test_a_further_crew_only_shortens(qinshui) -> None:
    """Every cell is reached as soon or sooner."""
    county_, network = qinshui
    crews = fire_crews(county_)
    lon, lat = np.array([112.05, 112.3, 112.6]), np.array([35.5, 35.7, 35.8])
    more = [*crews, new_crew(county_, "140521201")]
    before = crew_minutes(network, crews, lon, lat).min(axis=1)
    assert (crew_minutes(network, more, lon, lat).min(axis=1) <= before).all()


def spec(wind: float) -> FireSpec:
    written = read_scenario_text(find_scenario("fire_model"))
    found, problems = read_fire(written.values["hazards.fire"], written.path,
                                datetime.fromisoformat(written.values["reference_time"]))  # fmt: skip
    assert found is not None, problems
    from dataclasses import replace

    return replace(found, weather=(replace(found.weather[0], wind_m_s=wind),))


def test_initial_attack_with_a_further_crew(qinshui) -> None:
    """No fire gets larger or later by a further crew; one township gains; the shares nest."""
    county_, network = qinshui
    ground = attack_ground(county_, spec(4.0), per_township=20, seed=2, side_m=1000)
    now, more, place = best_further_crew(county_, ground, network)
    assert place in set(county_.table("places")["place"])
    assert (more.fires["area_ha"] <= now.fires["area_ha"] * 1.01 + 1e-9).all()
    assert (more.fires["contained_min"] <= now.fires["contained_min"] * 1.01).all()
    table = attack_table(county_, now, more)
    assert (table["in_2h_now"] <= table["in_24h_now"]).all()
    for name in ("small", "in_2h", "in_24h"):
        assert (table[f"{name}_with"] >= table[f"{name}_now"] - 1e-9).all()
    assert table["ignitions"].iloc[-1] == len(ground.cells)
    hirsch = table["hirsch_now"]
    assert ((hirsch > 0) & (hirsch < 1)).all()


def test_more_wind_contains_less(qinshui) -> None:
    """The same ignitions in stronger wind: fewer contained while small."""
    county_, network = qinshui
    crews = fire_crews(county_)
    calm, windy = (attack_table(county_, attacked(attack_ground(county_, spec(wind), per_township=20, side_m=1000),
                                                  network, crews)).iloc[-1] for wind in (2.0, 12.0))  # fmt: skip
    assert windy["small_now"] < calm["small_now"]


def test_a_fire_met_on_the_spot_by_hand() -> None:
    """0.5 m/min without wind, alarm after 20 min: contained by the spiral's closed form at the norm's rate."""
    roads = tiny.network([(0, 1, 10)])
    crews = fire_crews(county(crew("T", "D", turnout_min=30, strength=20)))
    cells = attack_cells()
    ground = AttackGround(cells, np.array([0.5]), np.array([0.0]), np.array([100.0]),
                          np.array(["short_grass"], dtype=object))  # fmt: skip
    fire = attacked(ground, roads, crews).fires.iloc[0]
    start = 20 + 35  # nobody drives or walks: the fire is at the base
    assert fire["first_crew_min"] == pytest.approx(start, abs=0.1)
    line = 18 * 20.1168 / 60 / 2
    assert fire["contained_min"] == pytest.approx(start * np.exp(np.pi / np.sqrt((line / 0.5) ** 2 - 1)), rel=1e-3)


def attack_cells():
    import pandas as pd

    return pd.DataFrame({"lon": [112.0], "lat": [35.5], "township": ["D"]})


def test_standby_and_move_up(qinshui) -> None:
    """At best never below the bases; more crews never cover less; moving up never loses."""
    county_, network = qinshui
    cover = standby_cover(county_, network, seconds=5)
    assert (cover.table["best"] >= cover.table["at_bases"] - 1e-6).all()
    assert (cover.table["best"].diff().dropna() >= -1e-6).all()
    assert (cover.table["at_bases"].diff().dropna() >= -1e-6).all()
    assert (cover.table["bound"] >= cover.table["best"] - 1e-6).all()
    moves, before, after = move_up(cover, network, ["T-02", "T-01"], seconds=5)
    assert after >= before
    assert not set(moves["crew"]) & {"T-01", "T-02"}
    with pytest.raises(KeyError):
        move_up(cover, network, ["T-99"])


def test_nothing_burns() -> None:
    """No wildfire zone: that is said."""
    bare = FireSpec((Ignition(112.0, 35.5, 0.0),), (FireWeather(0.0, 3.0, 0.0, 20.0, 30.0),), 1.0, fuel="pine")
    with pytest.raises(ValueError, match="wildfire"):
        attack_ground(county(crew("T", "D")), bare)
