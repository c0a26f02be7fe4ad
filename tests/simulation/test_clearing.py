"""Teams reopen roads: who waits drives on, and headquarters say when the road will be open."""

from __future__ import annotations

import math

from dispatch.simulation.night import drawn_night
from dispatch.simulation.recorder import log_table
from dispatch.simulation.response import play
from dispatch.simulation.stage import prepare
from dispatch.simulation.tasks import Task, TaskBoard, Team, team_process
from tests import tiny
from tests.simulation.nights import chain, night, of, surprise
from tests.simulation.plans import plan_of
from tests.simulation.responses import sure

NEEDS = [tiny.need("NA", "A", "quilt", 100, 100.0), tiny.need("NB", "B", "quilt", 100, 100.0)]
CREW = {"team": "T1", "name": "抢通队", "base": "D", "type": "professional", "strength": 10,
        "skills": "road_clearing", "turnout_min": 20}  # fmt: skip


def world(end=math.inf, known=40, teams=(CREW,), cause="slide", **own):
    """A–B closed from 30 on; V1 comes to it at 58; the crew is ready at 20."""
    hazard = surprise(("r12:1-2", 30, end, known))
    hazard.edges["cause"] = cause
    base = tiny.one_depot(hazard, needs=NEEDS, roads=tiny.network([(0, 1, 10), (1, 2, 10)]),
                          sites={"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2)},
                          tables={"teams": list(teams)})  # fmt: skip
    return sure(base, "clearing", **own)


def to_b(scenario):
    return plan_of(scenario, [("V1", "D", [("B", {"NB": 100})])])


def minutes(log, event):
    return (log.loc[log["event"] == event, "time_s"] / 60).tolist()


def test_a_crew_drives_there_works_and_the_truck_that_waits_drives_on():
    # known at 40; 10 km to A: there at 50, 60 minutes of work; V1 waits from 58 to 110
    scenario = world(clearing_slide=60)
    log = night(scenario, to_b(scenario))
    assert minutes(log, "team_sets_out") == [40]
    assert minutes(log, "clearing_starts") == [50]
    assert minutes(log, "road_cleared") == [110]
    assert of(log, "V1", ("closure_met", "wait", "go_on", "arrive"))[-2:] == [("go_on", 110), ("arrive", 120)]
    assert chain(log, "go_on")[-3:] == ["clearing_starts", "road_cleared", "go_on"]
    assert not (log["event"] == "edge_reopened").any()


def test_an_earlier_order_to_clear_opens_the_road_as_much_sooner_but_never_before_it_closes():
    """Known at 40, so ordered at 40; 8 minutes ahead: at 32; 30 ahead: when it closes, at 30."""
    for ahead, ordered in ((0, 40), (8, 32), (30, 30)):
        scenario = world(clearing_slide=60, clearing_ahead=ahead)
        log = night(scenario, to_b(scenario))
        assert minutes(log, "task_posted") == [ordered]
        assert minutes(log, "road_cleared") == [ordered + 70]
        assert minutes(log, "team_ready") == [max(20 - ahead, 0)]


def test_without_a_crew_with_the_skill_the_road_stays_closed():
    scenario = world(teams=[{**CREW, "skills": "fire_line"}])
    assert (night(scenario, to_b(scenario))["event"] == "load_stranded").any()
    few = world(teams=[{**CREW, "strength": 5}])
    assert (night(few, to_b(few))["event"] == "load_stranded").any()


def test_snow_is_for_ploughs():
    diggers = world(cause="snow_ice")
    assert not minutes(night(diggers, to_b(diggers)), "road_cleared")
    # known at 40; 10 km at 30 km/h: there at 60; 5 minutes and 10 km at 20 km/h: done at 95
    scenario = world(cause="snow_ice", teams=[{**CREW, "skills": "ploughing"}], clearing_snow_ice=5,
                     clearing_plough_kmh=20)  # fmt: skip
    assert minutes(night(scenario, to_b(scenario)), "road_cleared") == [95]


def test_water_is_not_cleared():
    scenario = world(cause="flash_flood")
    assert not minutes(night(scenario, to_b(scenario)), "task_posted")


def test_a_closure_that_ends_before_the_crew_is_there_is_dropped():
    scenario = world(end=45, clearing_slide=60)
    log = night(scenario, to_b(scenario))
    assert minutes(log, "task_dropped") == [40]
    assert of(log, "V1", ("arrive",)) == [("arrive", 68)]


def test_a_team_takes_the_most_urgent_task_that_it_has_the_skill_for():
    order = []

    def work(run, team, task):
        order.append((task.task, run.env.now // 60_000))
        yield run.env.timeout(task.work_ms)
        return True

    def hook(run, order_event):
        board = TaskBoard(run)
        for task, skill, deadline in (
            ("a", "medical", 9),
            ("b", "rescue", 7),
            ("c", "medical", 3),
            ("d", "medical", 3),
        ):
            people = 99 if task == "d" else 4
            board.post(Task(task, skill, "A", people, 10 * 60_000, deadline, order_event))
        team = Team("M", "D", frozenset({"medical"}), 8, 5 * 60_000)
        run.env.process(team_process(run, board, team, order_event, work))

    scenario = sure(tiny.one_depot())
    stage = prepare(scenario, to_b(scenario), hooks=(hook,))
    log = log_table([play(drawn_night(stage, 1, 0))])
    assert order == [("c", 5), ("a", 15)]
    assert (log["event"] == "team_ready").sum() == 1


def branches(**own):
    """Three roads out of A, shut by snow from before the order on; a truck is to bring quilts to B only."""
    hazard = surprise(("r12:1-2", -10, math.inf, -10), ("r13:1-3", -10, math.inf, -10), ("r14:1-4", -10, math.inf, -10))
    hazard.edges["cause"] = "snow_ice"
    needs = [*NEEDS, tiny.need("NC", "C", "quilt", 50, 50.0)]
    base = tiny.one_depot(hazard, needs=needs,
                          roads=tiny.network([(0, 1, 10), (1, 2, 10), (1, 3, 10), (1, 4, 10)]),
                          sites={"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2), "C": ("place", 3)},
                          tables={"teams": [{**CREW, "skills": "ploughing"}]})  # fmt: skip
    return sure(base, "clearing", clearing_snow_ice=5, clearing_plough_kmh=20, **own)


def test_ploughs_open_the_road_of_the_trips_first_then_the_ways_to_people_then_the_rest():
    scenario = branches()
    log = night(scenario, to_b(scenario))
    cleared = log[log["event"] == "road_cleared"]
    assert cleared["edge"].tolist() == ["r12:1-2", "r13:1-3", "r14:1-4"]
    # ready at 20, 20 min to A, 35 min for each road (5 and 10 km at 20 km/h), each from A again
    assert (cleared["time_s"] / 60).tolist() == [75, 110, 145]
    assert of(log, "V1", ("arrive",))[-1] == ("arrive", 85)


def test_a_slide_behind_another_is_reached_when_that_is_cleared():
    hazard = surprise(("r01:0-1", -10, math.inf, -10), ("r12:1-2", -10, math.inf, -10))
    hazard.edges["cause"] = "slide"
    far = [{**CREW, "base": "D"}, {**CREW, "team": "T2", "base": "D"}]
    base = tiny.one_depot(hazard, needs=NEEDS, roads=tiny.network([(0, 1, 10), (1, 2, 10)]),
                          sites={"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2)},
                          tables={"teams": far})  # fmt: skip
    scenario = sure(base, "clearing", clearing_slide=60)
    log = night(scenario, to_b(scenario))
    # the second crew cannot pass the first slide at 20; it is told again when that is cleared at 80
    cleared = log[log["event"] == "road_cleared"]
    assert cleared["edge"].tolist() == ["r01:0-1", "r12:1-2"]
    assert (cleared["time_s"] / 60).tolist() == [80, 150]
