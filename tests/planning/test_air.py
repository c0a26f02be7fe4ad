"""Trucks and aircraft together: goods where no road leads, nothing twice, more aircraft never fewer people."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest

from dispatch.air.sky import sky_of
from dispatch.clock import HOUR_MS, MINUTE_MS, SECOND_MS
from dispatch.planning.air import plan_air, with_air
from dispatch.planning.air_bucket import best_bucket
from dispatch.planning.air_ground import ground_scenario
from dispatch.planning.check import check
from dispatch.planning.measure import measure
from dispatch.planning.plan_file import read_plan, write_plan
from dispatch.planning.relief import plan_relief
from tests.planning.air_worlds import DRONE, FACILITIES, HELICOPTER, air_world, request

LARGE = {"aircraft": "H2", "name": "乙机", "base": "P1", "type": "M-171", "payload_kg": 4000.0, "bucket_l": 3000.0,
         "cruise_kmh": 216.0, "endurance_min": 180.0, "turnout_min": 45.0, "max_wind_ms": 17.0}  # fmt: skip


def test_the_helicopter_takes_what_no_road_brings():
    """By hand: ready at 30 min; 11.1 km to the depot at 60 m/s, 186 s; 16 min loading; 2.7 km, 46 s; 9 min more."""
    scenario = air_world()
    ground = plan_relief(scenario, seconds=0.5)
    assert set(ground.unmet["need"]) == {"NC"}
    plan = with_air(ground, scenario, seconds=0.5)
    assert check(plan, scenario) == []
    assert measure(plan, scenario).levels()[0] == 300
    supply = plan.sorties[plan.sorties["purpose"] == "supply"].iloc[0]
    assert (supply["from_site"], supply["to_site"], supply["need"], supply["quantity"]) == ("D", "C", "NC", 100)
    assert supply["takeoff_ms"] == 30 * MINUTE_MS + 186 * SECOND_MS + 16 * MINUTE_MS
    assert supply["done_ms"] == supply["takeoff_ms"] + 46 * SECOND_MS + 9 * MINUTE_MS
    assert plan.unmet.empty
    gain = plan.meta["air"]["gains"][0]
    assert gain["ground_h"] == 24
    assert gain["saved_h"] == pytest.approx(24 - supply["done_ms"] / HOUR_MS, abs=1e-3)


def test_nothing_is_sent_twice():
    """Every need is met exactly once; what flies is neither in the trucks' needs nor in their stock."""
    scenario = air_world(quilts=300)
    plan = plan_air(scenario, seconds=0.5)
    came = defaultdict(int)
    for table in (plan.loads, plan.sorties[plan.sorties["item"] != ""]):
        for row in table.itertuples(index=False):
            came[row.need] += row.quantity
    assert came == {"NA": 100, "NB": 100, "NC": 100}
    ground = ground_scenario(scenario, plan)
    assert ground.needs.set_index("need")["quantity"].to_dict() == {"NA": 100, "NB": 100, "NC": 0}
    assert float(ground.county.table("stock")["quantity"].sum()) == 200


def test_without_stock_the_place_is_listed_with_the_cause():
    """The trucks leave nothing for C."""
    scenario = air_world(quilts=200)
    plan = plan_air(scenario, seconds=0.5)
    assert check(plan, scenario) == []
    assert plan.unserved[["subject", "group", "cause"]].values.tolist() == [["C", "supply", "stock"]]


@pytest.mark.parametrize(("order", "aircraft", "cause"), [
    ({"wind_ms": (25.0,)}, (HELICOPTER,), "weather"),
    ({"visibility_km": (2.0,)}, (HELICOPTER,), "weather"),
    ({}, ({**HELICOPTER, "endurance_min": 40.0},), "range"),
    ({}, (), "aircraft"),
    ({"elevation_m": 6500.0}, (HELICOPTER,), "payload"),
])  # fmt: skip
def test_why_nobody_flies(order, aircraft, cause):
    """Wind or fog, too little fuel, nobody, or too high to hover."""
    plan = plan_air(air_world(order=order, aircraft=aircraft), seconds=0.3)
    assert plan.sorties.empty
    assert plan.unserved["cause"].tolist() == [cause]


def test_goods_that_come_by_air_after_the_deadline_are_listed_as_late():
    """Wind keeps the helicopter down until 7 h after the order."""
    scenario = air_world(order={"wind_ms": (25.0,) * 7 + (0.0,)})
    plan = plan_air(scenario, seconds=0.3)
    assert check(plan, scenario) == []
    assert plan.unmet[["need", "cause"]].values.tolist() == [["NC", "late"]]
    assert plan.unserved["cause"].tolist() == ["late"]
    assert plan.sorties["takeoff_ms"].min() >= 7 * HOUR_MS


def test_another_aircraft_never_lowers_the_people_served():
    """With proven schedules; each fleet contains the one before."""
    asked = [request(f"hurt{k}", "medical", 112.03 + 0.05 * k, 35.5, by_ms=2 * HOUR_MS) for k in range(2)]
    values = []
    for fleet in ((), (HELICOPTER,), (HELICOPTER, LARGE)):
        scenario = air_world(requests=asked, aircraft=fleet)
        plan = plan_air(scenario, seconds=0.3, work=0.5)
        assert check(plan, scenario) == []
        levels = plan.meta["air"]["objective"]
        assert all(row["status"] == "optimal" for row in levels[:2])
        values.append((levels[0]["value"], levels[1]["value"]))
    assert values == sorted(values)
    assert values[0] == (0, 0)
    assert values[-1][0] == 2


def test_a_water_point_or_pad_taken_away_never_gives_more_water():
    """The shallow one is never used; without the near one the cycle is longer, without any there is none."""
    scenario = air_world(requests=[request("fire", "bucket")], facilities=[
        *FACILITIES,
        {"facility": "W3", "name": "深潭", "kind": "water_point", "lon": 112.05, "lat": 35.5, "depth_m": 4.0},
    ])  # fmt: skip
    found = {}
    for gone in ("", "W1", "W2", "W3", "P2"):
        rows = scenario.county.table("facilities")
        tables = {**scenario.county.tables, "facilities": rows[rows["facility"] != gone].reset_index(drop=True)}
        sky = sky_of(replace(scenario, county=replace(scenario.county, tables=tables)))
        best = best_bucket(sky, sky.fleet[0], sky.order.requests[0])
        assert best is not None
        found[gone] = best
    assert found[""].water == "W1"
    assert found["W1"].water == "W3"
    assert found["W1"].legs.cycle_ms > found[""].legs.cycle_ms
    assert found["W2"] == found["W3"] == found[""]
    assert found["P2"].litres_h < found[""].litres_h
    assert found["P2"].legs.cycle_ms == found[""].legs.cycle_ms
    assert all(best.litres_h <= found[""].litres_h for best in found.values())


def test_a_fire_gets_water_by_day_only():
    """Sorties of water begin after sunrise and end before sunset, none is longer than the fuel."""
    scenario = air_world(requests=[request("fire", "bucket")], closed=False)
    plan = plan_air(scenario, seconds=0.3)
    assert check(plan, scenario) == []
    water = plan.sorties[plan.sorties["purpose"] == "bucket"]
    assert (water["quantity"] <= 900).all()
    assert water["quantity"].sum() == plan.meta["air"]["objective"][3]["value"]
    assert set(water["from_site"]) == {"W1"}
    sky = sky_of(scenario)
    days = sky.daylight("P1")
    for _, of in plan.sorties.groupby("sortie"):
        assert any(a <= of["takeoff_ms"].min() and of["arrive_ms"].max() <= b for a, b in days)
        assert of["arrive_ms"].max() - of["takeoff_ms"].min() <= 180 * MINUTE_MS


def test_a_helicopter_kept_for_the_fire_takes_no_goods():
    """Water falls an hour and more before it would if goods went first; C then gets nothing from that machine."""
    first = {}
    for kept in ("", "H1"):
        fire = replace(request("fire", "bucket"), aircraft=kept)
        scenario = air_world(requests=[fire])
        plan = plan_air(scenario, seconds=0.3)
        assert check(plan, scenario) == []
        first[kept] = plan.sorties.loc[plan.sorties["purpose"] == "bucket", "done_ms"].min()
        assert (plan.sorties["purpose"] == "supply").any() == (kept == "")
        assert plan.unserved["cause"].tolist() == ([] if kept == "" else ["fleet"])
    assert first["H1"] < first[""] - 30 * MINUTE_MS


def test_the_crew_does_not_fly_longer_than_it_may():
    """Water all day: eight hours of flying, then the machine stays."""
    scenario = air_world(requests=[request("fire", "bucket", 112.29, 35.55)], closed=False)
    table = plan_air(scenario, seconds=0.3).sorties
    flown = (table["arrive_ms"] - table["takeoff_ms"]).sum()
    assert 6 * HOUR_MS < flown <= 8 * HOUR_MS


def test_a_relay_stays_over_the_silent_place_until_the_network_is_back():
    """Silent for 20 h; four hours on one set of batteries; the drone is back before they are empty, and goes again."""
    scenario = air_world(drones=[DRONE], silent=True, aircraft=(), order={"supply": False})
    plan = plan_air(scenario, seconds=0.3)
    assert check(plan, scenario) == []
    relay = plan.sorties[plan.sorties["purpose"] == "relay"]
    assert set(relay["to_site"]) == {"C"}
    assert len(relay) >= 4
    for _, of in plan.sorties.groupby("sortie"):
        assert of["arrive_ms"].max() - of["takeoff_ms"].min() <= 240 * MINUTE_MS
    assert plan.sorties["takeoff_ms"].max() <= 20 * HOUR_MS


def test_a_drone_looks_but_does_not_leave_its_radius():
    """80 km of control: the near point is seen, the far one is out of range."""
    asked = [request("near", "reconnaissance", 112.2, 35.5), request("far", "reconnaissance", 113.2, 35.5)]
    scenario = air_world(requests=asked, drones=[DRONE], closed=False)
    plan = plan_air(scenario, seconds=0.3)
    assert check(plan, scenario) == []
    assert plan.sorties.loc[plan.sorties["purpose"] == "reconnaissance", "need"].tolist() == ["near"]
    assert plan.unserved[["subject", "cause"]].values.tolist() == [["far", "aircraft"]]


def test_equal_input_gives_an_equal_plan_and_the_plan_survives_its_file(tmp_path):
    """By work, not by the clock."""
    scenario = air_world(requests=[request("hurt", "medical", 112.03, 35.5)])
    one, two = plan_air(scenario, seconds=0.3), plan_air(scenario, seconds=0.3)
    assert one.sorties.equals(two.sorties)
    write_plan(one, tmp_path / "plan.json")
    back = read_plan(tmp_path / "plan.json")
    assert back.sorties.equals(one.sorties)
    assert check(back, scenario) == []


def test_a_scenario_without_the_section_is_left_as_it_is():
    """The same object comes back."""
    scenario = replace(air_world(closed=False), air=None)
    plan = plan_relief(scenario, seconds=0.3)
    assert with_air(plan, scenario) is plan
