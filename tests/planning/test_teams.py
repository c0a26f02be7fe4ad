"""Teams planned on a road of three villages: every answer by hand, every plan through the checker."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from dispatch.clock import HOUR_MS, MINUTE_MS
from dispatch.planning.check import check
from dispatch.planning.plan import Plan
from dispatch.planning.relief import plan_relief
from dispatch.planning.teams import plan_teams
from dispatch.planning.teams_roads import (
    commander_use,
    joint_gain,
    relief_with_teams,
    task_hours,
    truck_gain,
)
from dispatch.scenario import Scenario
from dispatch.teams.cleared import with_cleared_roads
from tests import tiny
from tests.planning.team_worlds import minutes, task, team, world

DAY = datetime(2026, 7, 20, 10, 0, tzinfo=tiny.REFERENCE.tzinfo)


def planned(scenario: Scenario, **given: object) -> Plan:
    """A plan that breaks no rule."""
    plan = plan_teams(scenario, **given)  # type: ignore[arg-type]
    assert [str(wrong) for wrong in check(plan, scenario)] == []
    return plan


def row(plan: Plan, name: str) -> dict[str, object]:
    rows = plan.deployments[plan.deployments["task"] == name].to_dict("records")
    assert len(rows) == 1
    return rows[0]


def causes(plan: Plan) -> dict[str, str]:
    return dict(zip(plan.unserved["subject"], plan.unserved["cause"], strict=True))


def test_turn_out_by_hour() -> None:
    """Called 5 minutes after the order; 10 minutes by day; half as long again by night (15 : 10 of the norm)."""
    by_night = world([task("K", "A")], [team("T", "D")])
    by_day = replace(by_night, reference_time=DAY)
    ready = []
    for scenario in (by_night, by_day):
        plan = planned(scenario)
        drive = plan.deployments["road_end_ms"].iloc[0] - plan.deployments["leave_ms"].iloc[0]
        begin = plan.deployments["begin_ms"].iloc[0]
        ready.append(minutes(scenario, begin - drive))
    assert ready[0] == pytest.approx(20, abs=1)
    assert ready[1] == pytest.approx(15, abs=1)


def test_lives_first_and_then_the_rest_by_the_same_team() -> None:
    """One team, two tasks: the far one has lives at risk and comes first."""
    plan = planned(world([task("near", "A"), task("far", "C", lives=4)], [team("T", "D")]))
    assert list(plan.deployments["task"]) == ["far", "near"]
    assert list(plan.deployments["start_site"]) == ["D", "C"]


def test_call_out_order_decides_between_equals() -> None:
    """Brigade, professional and social team stand at one base: the brigade goes, nobody else is needed."""
    teams = [
        team("S", "D", type="social"),
        team("B", "D", type="fire_brigade", turnout_min=10),
        team("P", "D"),
    ]
    plan = planned(world([task("K", "A", most=10)], teams))
    assert list(plan.deployments["team"]) == ["B"]


def test_minimum_strength_needs_two_teams_at_once() -> None:
    """20 people for rescue: both teams, beginning together when the later one has come."""
    plan = planned(world([task("K", "B", least=20)], [team("T1", "D"), team("T2", "C")]))
    assert set(plan.deployments["team"]) == {"T1", "T2"}
    assert plan.deployments["begin_ms"].nunique() == 1


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({"skills": "hazmat"}, "skill"),
        ({"least": 50}, "strength"),
        ({"person_min": 600, "due_ms": 90 * MINUTE_MS}, "time"),
        ({"due_ms": 25 * MINUTE_MS}, "road"),
        ({"after": "never"}, "after"),
        ({"patients": 9}, "hospital"),
    ],
)
def test_why_a_task_is_not_done(given: dict[str, object], cause: str) -> None:
    """One thing at a time stands in the way, and is named."""
    also = [task("never", "B", skills="hazmat")] if "after" in given else []
    plan = planned(world([task("K", "A", **given), *also], [team("T", "D")]))
    assert causes(plan)["K"] == cause


def test_one_commander_for_two_fires_due_at_once() -> None:
    """Both fires could be fought by teams of their own; with one commander the second is not done, and that is said."""
    fires = [task(name, site, skills="fire_line", incident=name, due_ms=100 * MINUTE_MS, lives=k, person_min=600)
             for k, (name, site) in enumerate((("F1", "A"), ("F2", "B")))]  # fmt: skip
    teams = [team("T1", "A", skills="fire_line"), team("T2", "B", skills="fire_line")]
    one, two = world(fires, teams, commanders=1), world(fires, teams, commanders=2)
    assert causes(planned(two)) == {}
    assert commander_use(two, planned(two)) == pytest.approx(1.0, abs=0.05)  # both fires, begun together
    assert causes(planned(one)) == {"F1": "commander"}


def test_the_busy_team_is_the_cause_left_over() -> None:
    """Two tasks due at once, one team: the other is not done because the team does what counts more."""
    due = {"due_ms": 130 * MINUTE_MS}
    plan = planned(world([task("a", "A", lives=1, **due), task("c", "C", **due)], [team("T", "D")]))
    assert causes(plan) == {"c": "team"}


def test_patients_go_where_there_are_beds() -> None:
    """Three beds at B (10 km), five at C (20 km), four patients at A: three to B, one to C."""
    hospitals = [
        {"facility": f"H{site}", "name": f"H{site}", "kind": "hospital", "place": site, "capacity": beds}
        for site, beds in (("B", 3), ("C", 5))
    ]
    sites = {"D": ("depot", 0), "A": ("place", 1), "HB": ("facility", 2), "HC": ("facility", 3)}
    scenario = world([task("K", "A", patients=4)], [team("T", "D")], facilities=hospitals, sites=sites)
    taken = planned(scenario).meta["teams"]["hospitals"]
    assert {(of["hospital"], of["patients"]) for of in taken} == {("HB", 3), ("HC", 1)}


def test_walking_past_a_closed_road() -> None:
    """The road to B, 2 km from A, is closed for good by a slide: the team walks from A, at 1.5 km/h by night."""
    closed = [tiny.closure(edge, 0, float("inf"), cause="slide") for edge in ("r12:1-2", "r12:2-1")]
    roads = tiny.network([(0, 1, 10), (1, 2, 2), (2, 3, 10)])
    scenario = world([task("K", "B", lives=1)], [team("T", "D")], hazard=tiny.disruption(closed), roads=roads)
    plan = planned(scenario)
    found = row(plan, "K")
    assert (found["begin_ms"] - found["road_end_ms"]) / MINUTE_MS == pytest.approx(80, abs=1.2)  # type: ignore[operator]
    assert plan.paths.set_index("path").at[found["path"], "edges"] == ("r01:0-1", "r12:1-2")
    flooded = [{**of, "cause": "flood"} for of in closed]
    wet = replace(scenario, disruption=tiny.disruption(flooded))
    assert causes(planned(wet)) == {"K": "road"}


def test_walking_back_to_the_vehicle() -> None:
    """After the task on foot the team walks back to its vehicle at A and drives on to the next task at D."""
    closed = [tiny.closure(edge, 0, float("inf"), cause="slide") for edge in ("r12:1-2", "r12:2-1")]
    roads = tiny.network([(0, 1, 10), (1, 2, 2), (2, 3, 10)])
    scenario = world([task("K", "B", lives=1), task("L", "D")], [team("T", "D")], hazard=tiny.disruption(closed),
                     roads=roads)  # fmt: skip
    found = row(planned(scenario), "L")
    drive = 10 / 42 * 60  # a light truck does 42 km/h on these roads
    assert (found["begin_ms"] - found["leave_ms"]) / MINUTE_MS == pytest.approx(80 + drive, abs=2.5)  # type: ignore[operator]


def test_a_long_task_is_taken_over() -> None:
    """120 person-hours by ten people take 12 hours: cut into two parts, by two teams with shifts of 8 hours."""
    teams = [team("T1", "D", shift_h=8), team("T2", "D", shift_h=8)]
    plan = planned(world([task("K", "A", person_min=120 * 60, most=10)], teams))
    rows = plan.deployments.sort_values("begin_ms")
    assert list(rows["strength"]) == [10, 10]
    assert rows["team"].nunique() == 2
    assert rows["begin_ms"].iloc[1] >= rows["end_ms"].iloc[0]


def test_tired_teams_take_longer() -> None:
    """Ten people, 60 person-hours, 6 fresh hours less the drive: the end of it is done at 0.7 of the rate."""
    plan = planned(world([task("K", "A", person_min=60 * 60)], [team("T", "D", shift_h=12)]))
    found = row(plan, "K")
    drive_h = (found["begin_ms"] - found["leave_ms"]) / HOUR_MS  # type: ignore[operator]
    fresh_h = 6 - drive_h
    assert (found["end_ms"] - found["begin_ms"]) / HOUR_MS == pytest.approx(  # type: ignore[operator]
        fresh_h + (6 - fresh_h) / 0.7, abs=0.05
    )


def test_help_from_across_the_border_gains_hours() -> None:
    """Only the neighbour's team has the skill: its hours gained run to the end of the task's window."""
    scenario = world([task("K", "A", due_ms=10 * HOUR_MS)], [team("N", "C", type="mutual_aid", turnout_min=30)])
    gain = joint_gain(scenario).iloc[0]
    assert gain["gained_h"] == pytest.approx(10 - gain["joint_end_h"])
    # called 30 + 30 minutes after the order, half as long again by night to turn out, 20 km by road, an hour's work
    assert task_hours(scenario, plan_teams(scenario)).at[0, "begin_h"] == pytest.approx(1 + 0.75 + 0.48, abs=0.02)


def _slide(cause: str = "slide") -> Scenario:
    """The road to B and C is closed all night; a crew at A can open it in two hours."""
    closed = [tiny.closure(edge, 0, 20 * 3600, cause=cause) for edge in ("r12:1-2", "r12:2-1")]
    return world(
        [task("clear", "A", kind="road_clearing", skills="road_clearing", person_min=1200, road="r12:1-2"),
         task("clear back", "A", kind="road_clearing", skills="road_clearing", person_min=0, road="r12:2-1",
              after="clear")],
        [team("T", "A", skills="road_clearing")], hazard=tiny.disruption(closed),
        needs=[tiny.need("NB", "B", "quilt", 100, 100.0)],
    )  # fmt: skip


def test_cleared_road_lets_the_trucks_through() -> None:
    """Closed until 18:00 of the next day: after two hours' clearing the truck is there hours sooner."""
    scenario = _slide()
    plan = relief_with_teams(scenario, lambda one: plan_relief(one, seconds=1))
    assert [str(wrong) for wrong in check(plan, scenario)] == []
    assert plan.unmet.empty
    done = plan.deployments.set_index("task")["end_ms"]
    opened = with_cleared_roads(scenario, plan.deployments).disruption.forecast().edges.set_index("edge")["end_s"]
    assert opened["r12:1-2"] * 1000 == done["clear"]
    without = plan_relief(scenario, seconds=1)
    gained = without.stops["arrive_ms"].max() - plan.stops["arrive_ms"].max()
    assert gained > 15 * HOUR_MS
    gain = truck_gain(scenario, plan_teams(scenario), lambda one: plan_relief(one, seconds=1))
    assert (gain["people_without"], gain["people_with"]) == (0, 100)
    assert gain["gained_h"] > 15


def test_water_is_not_cleared_away() -> None:
    """A flood over the same road stays as it is."""
    scenario = _slide("flood")
    opened = with_cleared_roads(scenario, plan_teams(scenario).deployments)
    assert (opened.disruption.edges["forecast_end_s"] == 20 * 3600).all()


def test_same_seed_same_plan() -> None:
    """Two plans with one seed agree in every row."""
    scenario = world([task(name, site, lives=k) for k, (name, site) in enumerate(zip("abc", "ABC", strict=True))],
                     [team("T1", "D"), team("T2", "C")])  # fmt: skip
    first, second = plan_teams(scenario, work=3.0), plan_teams(scenario, work=3.0)
    assert first.deployments.equals(second.deployments)


def test_a_further_team_never_lowers_what_is_served() -> None:
    """Priority and lives served at proven optima, team after team."""
    tasks = [task(name, site, due_ms=150 * MINUTE_MS, priority=k + 1.0, lives=k % 2, least=10 + 5 * k)
             for k, (name, site) in enumerate(zip("abc", "ABC", strict=True))]  # fmt: skip
    teams = [team("T1", "D"), team("T2", "B"), team("T3", "C", strength=15), team("T4", "A")]
    served = []
    for count in range(1, len(teams) + 1):
        levels = planned(world(tasks, teams[:count])).meta["teams"]["objective"]
        assert all(level["status"] == "optimal" for level in levels[:2])
        served.append((levels[0]["value"], levels[1]["value"]))
    assert served == sorted(served)
    assert served[-1] > served[0]
