"""Buses, walkers, teams and aircraft on the map and in the tables, by hand."""

from __future__ import annotations

import dataclasses
import math

import pytest

from dispatch.planning.plan import DEPLOYMENT_COLUMNS, EVACUATION_COLUMNS, SORTIE_COLUMNS, UNSERVED_COLUMNS
from dispatch.report.movers import mover_phases, site_position
from dispatch.report.page import write_report
from dispatch.report.tables_other import deployments_shown, evacuations_shown, sorties_shown, unserved_shown
from tests import tiny
from tests.report.conftest import COMMAND, VERSIONS
from tests.report.test_page import drawn, vehicle_at
from tests.report.worlds import MINUTE, minutes, one_truck


@pytest.fixture(scope="module")
def moving():
    """A bus fetches A's people in two groups to a shelter at C; walkers leave B; a team and a helicopter work."""
    scenario, plan = one_truck(tables={
        "shelters": [{"shelter": "S", "name": "中学", "place": "C", "lon": 112.04, "lat": 35.5, "capacity": 500.0}],
        "teams": [{"team": "T", "name": "抢险队", "base": "D", "skill": "rescue", "people": 10.0}],
    })  # fmt: skip
    bus = {"vehicle": "V9", "sequence": 1, "start_site": "D", "pickup_path": "P1", "mode": "bus", "place": "A",
           "shelter": "C", "path": "PX",
           **minutes(start=0, notice=5, board=20, depart=30, arrive=50, done=55, hazard=70)}  # fmt: skip
    moves = [
        {**bus, "move": "M1", "group": "residents", "people": 40},
        {**bus, "move": "M2", "group": "assisted", "people": 5},
        {"move": "M3", "place": "B", "group": "visitors", "people": 7, "mode": "walk", "vehicle": "", "sequence": 0,
         "start_site": "", "pickup_path": "", "shelter": "S", "path": "",
         **minutes(start=10, notice=10, board=10, depart=20, arrive=80, done=80), "hazard_ms": -1},
    ]  # fmt: skip
    team = {"deployment": "E1", "team": "T", "sequence": 1, "task": "clear", "skill": "rescue", "strength": 10,
            "start_site": "D", "path": "P1", **minutes(leave=10, road_end=20, begin=30, end=90)}  # fmt: skip
    leg = {"sortie": "F1", "aircraft": "H", "sequence": 1, "leg": 1, "purpose": "supply", "from_site": "D",
           "to_site": "S", **minutes(takeoff=0, arrive=20, done=25), "need": "NA", "lot": "L1",
           "people": 0}  # fmt: skip
    legs = [{**leg, "item": "quilt", "quantity": 30}, {**leg, "item": "", "quantity": 0, "people": 3}]
    lost = [{"kind": "evacuation", "subject": "B", "group": "residents", "amount": 93, "cause": "time", "detail": "x"}]
    paths = tiny.frame({name: str(kind) for name, kind in plan.paths.dtypes.items()}, [
        *plan.paths.to_dict("records"),
        {"path": "PX", "from_site": "A", "to_site": "C", "vehicle_class": "truck_5t",
         "edges": ("r12:1-2", "r23:2-3"), "length_m": 20_000.0},
    ])  # fmt: skip
    plan = dataclasses.replace(
        plan, paths=paths, evacuations=tiny.frame(EVACUATION_COLUMNS, moves),
        deployments=tiny.frame(DEPLOYMENT_COLUMNS, [team]), sorties=tiny.frame(SORTIE_COLUMNS, legs),
        unserved=tiny.frame(UNSERVED_COLUMNS, lost),
    )  # fmt: skip
    return scenario, plan


def test_each_bus_trip_and_each_leg_moves_once(moving):
    scenario, plan = moving
    found = [(p.vehicle, p.activity, p.start_ms // MINUTE, p.end_ms // MINUTE) for p in mover_phases(plan, scenario)]
    assert found == [
        ("H", "fly", 0, 20), ("H", "work", 20, 25),
        ("M3", "walk", 20, 80),
        ("T", "drive_empty", 10, 20), ("T", "walk", 20, 30), ("T", "work", 30, 90),
        ("V9", "drive_empty", 0, 20), ("V9", "boarding", 20, 30), ("V9", "carry_people", 30, 50),
        ("V9", "get_off", 50, 55),
    ]  # fmt: skip


def test_they_are_where_the_plan_has_them(moving, tmp_path):
    scenario, plan = moving
    data = drawn(write_report(tmp_path, scenario, plan, None, lang="en", command=COMMAND, versions=VERSIONS))
    number = {name: k for k, name in enumerate(data["vehicles"])}
    # D, A, B, C at 112.00, 112.01, 112.02, 112.03 and the shelter at 112.04
    for who, minute, lon in (("H", 22, 112.04), ("V9", 25, 112.01), ("V9", 40, 112.02), ("V9", 60, 112.03),
                             ("T", 60, 112.01)):  # fmt: skip
        assert vehicle_at(data, 0, number[who], minute * MINUTE)[0] == pytest.approx(lon, abs=1e-6), (who, minute)
    sites = [site["id"] for site in data["sites"]]
    flight = data["films"][0]["phases"][number["H"]][0]  # no way by road: straight from D to the shelter
    assert flight[1:6] == [0, 20 * MINUTE, sites.index("D"), sites.index("S"), -1]
    assert {site["id"] for site in data["sites"]} >= {"S", "A", "D"}
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Of 145 people to be moved out, the plan moves 52; for 93 there is no time or no room." in page
    assert [data["vehicles"][k] for k, passing in enumerate(data["passing"]) if not passing] == ["V1"]


def test_tables_say_who_goes_where_and_what_is_to_spare(moving):
    scenario, plan = moving
    rows = evacuations_shown(scenario, plan, "en").to_numpy().tolist()
    assert [row[2] for row in rows] == ["40", "5", "7"]  # the most pressing first
    assert rows[0][3] == "bus · V9"
    assert rows[0][8] == "0:15"  # off at minute 55, the hazard at 70
    assert rows[2][8] == "not reached"
    assert deployments_shown(scenario, plan, "zh").to_numpy().tolist()[0][:2] == ["抢险队", "clear"]
    flights = sorties_shown(scenario, plan, "en").to_numpy().tolist()
    assert [row[7:] for row in flights] == [["quilt 30", ""], ["", "3"]]
    assert unserved_shown(scenario, plan, "en").to_numpy().tolist()[0][3] == "93"


def test_a_site_without_a_position_is_left_out(moving):
    scenario, plan = moving
    assert site_position(scenario, "nowhere") is None
    lost = dataclasses.replace(plan, sorties=plan.sorties.assign(to_site="nowhere"))
    assert not [phase for phase in mover_phases(lost, scenario) if phase.vehicle == "H"]
    assert not math.isnan(site_position(scenario, "S")[0])
