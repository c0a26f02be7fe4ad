"""The section ``evacuation`` of a scenario file: people, rules, and shelters as demand, on the roads of Qinshui."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from dispatch.evacuation.triggers import acts_at, trigger_balance
from dispatch.planning.check import check
from dispatch.planning.evacuation import with_evacuation
from dispatch.planning.plan_file import read_plan, write_plan
from dispatch.planning.plan_workbook import read_plan_workbook, write_plan_workbook
from dispatch.planning.relief import plan_relief
from dispatch.problems import InputProblems
from dispatch.scenario_file import load_scenario
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.evacuation import evacuate
from dispatch.simulation.evacuation_indicators import evacuation_nights

TUWO, SHANGWO = "140521201200", "140521201210"
HOUR = 3_600_000
RULES = [
    {"name": "leave", "action": "evacuate", "place": TUWO, "rain_mm": 30, "window_h": 1, "hold_h": 12,
     "probability": 0.3},
    {"name": "school", "action": "close_site", "place": SHANGWO, "people": 50, "rain_mm": 20, "window_h": 1,
     "hold_h": 8, "probability": 0.2},
    {"name": "road", "action": "close_road", "road": "G241", "rain_mm": 45, "window_h": 1, "hold_h": 3,
     "probability": 0.5},
]  # fmt: skip
WISH = {
    "evacuation.enabled": True, "evacuation.warned": "+1:00", "evacuation.rain_mm": [10.0, 40.0, 5.0],
    "evacuation.rain_from": "+0:00", "evacuation.visitors": [{"place": TUWO, "people": 30}],
    "evacuation.trigger": RULES[:2],
}  # fmt: skip


def area(folder):
    """A fire over two villages from three hours on."""
    square = [[112.095, 35.545], [112.14, 35.545], [112.14, 35.555], [112.095, 35.555], [112.095, 35.545]]
    file = folder / "fire.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [{
        "type": "Feature", "geometry": {"type": "Polygon", "coordinates": [square]},
        "properties": {"name": "fire", "cause": "wildfire", "start": "+3:00", "end": "+9:00", "closed": True},
    }]}), encoding="utf-8")  # fmt: skip
    return {"hazards.footprints": [str(file)]}


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    return load_scenario("forest_fire", {**WISH, **area(tmp_path_factory.mktemp("fire"))})


def test_rain_of_a_window_reaches_a_threshold():
    """10 mm, 40 mm, 5 mm by the hour: of one hour's window 30 mm are reached two thirds into the second."""
    assert acts_at([10, 40, 5], 0, 30, 1) == 100 * 60_000  # 10 · 1/3 + 40 · 2/3 = 30
    assert acts_at([10, 40, 5], 0, 50, 2) == 2 * HOUR
    assert acts_at([10, 40, 5], 0, 60, 1) is None
    assert acts_at([10, 40, 5], HOUR, 0, 1) == HOUR


def test_people_in_the_way_by_group(scenario):
    groups = scenario.evacuation.groups.set_index(["place", "group"])
    assert {place for place, _ in groups.index} == {TUWO, SHANGWO}
    assert groups.loc[(TUWO, "residents"), "people"] + groups.loc[(TUWO, "assisted"), "people"] == 1521
    assert groups.loc[(TUWO, "visitors"), "people"] == 30
    assert (groups["hazard_ms"] == 3 * HOUR).all()


def test_rules_move_people_before_the_order(scenario):
    """30 mm at 1:40 is after the order at 1:00: told then; the school's 20 mm at 1:20 too: told by the order."""
    groups = scenario.evacuation.groups.set_index(["place", "group"])
    fires = {trigger.name: trigger.fires_ms for trigger in scenario.evacuation.triggers}
    assert fires == {"leave": 100 * 60_000, "school": 80 * 60_000}
    assert groups.loc[(TUWO, "residents"), "told_ms"] == HOUR
    assert groups.loc[(SHANGWO, "visitors"), "people"] == 50


def test_what_a_false_alarm_costs(scenario):
    """The school: 50 people kept away for 8 h = 400; the fire is there from 3:00 to 9:00, 1:20 + 8:00 ends at 9:20."""
    balance = trigger_balance(scenario).set_index("trigger")
    assert balance.loc["school", "cost_person_h"] == 400
    assert balance.loc["school", "saved_person_h"] == pytest.approx(50 * 6)
    assert balance.loc["school", "break_even"] == pytest.approx(400 / 300)
    assert balance.loc["leave", "lead_min"] == pytest.approx(80)
    assert balance.loc["leave", "expected_saved_person_h"] == pytest.approx(0.3 * 1551 * 6)


def test_shelters_become_the_demand(scenario):
    """Goods go to those assigned, at their shelters, and nowhere else."""
    assigned = scenario.evacuation.assignment
    by_shelter = assigned.groupby("shelter")["people"].sum()
    needs = scenario.needs[scenario.needs["place"].isin({TUWO, SHANGWO})]
    asked = needs.drop_duplicates("report").groupby("site")["people"].sum()
    assert asked.to_dict() == by_shelter.to_dict()
    capacity = scenario.county.table("shelters").set_index("shelter")["capacity"]
    assert (by_shelter <= capacity[by_shelter.index]).all()
    hit = set(scenario.disruption.places["place"])
    of = scenario.county.table("shelters").set_index("shelter")["place"]
    assert not set(of[by_shelter.index]) & hit


def test_plan_files_and_nights_hold_the_evacuation(scenario, tmp_path):
    """Relief and evacuation in one plan: it passes the checker, survives its files, and plays."""
    plan = with_evacuation(plan_relief(scenario, seconds=0.5), scenario, rounds=60)
    assert check(plan, scenario) == []
    assert len(plan.trips)
    assert (
        plan.evacuations["people"].sum() + plan.unserved["amount"].sum() == scenario.evacuation.groups["people"].sum()
    )
    write_plan(plan, tmp_path / "plan.json")
    assert check(read_plan(tmp_path / "plan.json"), scenario) == []
    write_plan_workbook(plan, scenario, tmp_path / "plan.xlsx", "en")
    back = read_plan_workbook(tmp_path / "plan.xlsx", scenario)
    assert (back.disagreements, check(back.plan, scenario)) == ([], [])
    nights = evacuation_nights(simulate(scenario, plan, replications=5, hooks=(evacuate,)).log).nights
    assert (nights["people"] == nights[["out", "left_behind", "cut_off", "under_way"]].sum(axis=1)).all()


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"evacuation.enabled": False}, "evacuation.warned"),
        ({"evacuation.trigger": [{**RULES[0], "action": "wait"}]}, "evacuation.trigger 1.action"),
        ({"evacuation.trigger": [{**RULES[0], "place": "nowhere"}]}, "evacuation.trigger 1.place"),
        ({"evacuation.trigger": [{**RULES[0], "probability": 2}]}, "evacuation.trigger 1.probability"),
        ({"evacuation.trigger": [{**RULES[0], "colour": "red"}]}, "evacuation.trigger 1.colour"),
        ({"evacuation.visitors": [{"place": "nowhere", "people": 3}]}, "evacuation.visitors 1"),
        ({"evacuation.rain_mm": "much"}, "evacuation.rain_mm"),
    ],
)
def test_what_cannot_be_understood_is_reported(change, column, tmp_path):
    with pytest.raises(InputProblems) as found:
        load_scenario("forest_fire", {**WISH, **area(tmp_path), **change})
    assert column in {problem.column for problem in found.value.problems}


def test_a_rule_closes_a_road_for_everybody(tmp_path):
    closed = {**WISH, **area(tmp_path), "evacuation.trigger": [{**RULES[2], "rain_mm": 30}]}
    try:
        scenario = load_scenario("forest_fire", closed)
    except InputProblems as problems:  # no such road on this map: then the list of closed roads says so
        assert "G241" in str(problems)
        return
    rows = scenario.disruption.edges
    assert (rows.loc[rows["cause"] == "other", "start_s"] == 6000).all()


@pytest.mark.slow
def test_the_command_on_the_bundled_scenario(tmp_path):
    from dispatch.cli.evacuate import evacuate as command

    out = tmp_path / "out"
    done = CliRunner().invoke(command, ["forest_fire_evacuation", "--out", str(out), "--nights", "5", "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "people to be moved" in done.output
    assert {file.name for file in out.iterdir()} == {
        ".dispatch-files.json", "plan.json", "evacuation.xlsx", "evacuation_nights.csv", "clearance_curve.csv",
    }  # fmt: skip


def test_the_bundled_rules_on_rain():
    """Rain from 17:00: 9, 18, 34 mm by 20:00; 50 mm in 3 h are reached within 19-20 h at 27 + 34 t = 50, t = 41 min.

    X754 (80 mm): 61 mm at 20:00, then 38 an hour less the 9 of 17-18 h: 61 + 29 t = 80, t = 40 min, 80 minutes before
    time 0. 150 mm in 3 h never fall.
    """
    scenario = load_scenario("flash_flood_evacuation")
    order = scenario.evacuation
    minute = 60_000
    by_place = {trigger.place or trigger.road: trigger.fires_ms for trigger in order.triggers}
    assert by_place["140521103205"] == by_place["140521104219"] == (-180 + 41) * minute
    assert by_place["140521104211"] == (-180 + 23) * minute
    assert by_place["X754"] == -80 * minute
    assert by_place["140521104202"] is None
    groups = order.groups.set_index(["place", "group"])
    assert groups.loc[("140521103205", "residents"), "told_ms"] == (-180 + 41) * minute
    assert groups.loc[("140521104211", "visitors"), "people"] == 320
    balance = trigger_balance(scenario).set_index("place")
    assert balance.loc["140521104219", "cost_person_h"] == 180 * 16
    assert balance.loc["140521104211", "cost_person_h"] == 320 * 14
    closed = scenario.disruption.edges
    mine = closed[(closed["cause"] == "other") & (closed["start_s"] == -80 * 60)]
    refs = {scenario.network.ref[scenario.network.edge_index[edge]] for edge in mine["edge"]}
    assert refs == {"X754"}
