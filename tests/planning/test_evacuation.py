"""Evacuation plans worked out by hand, why people are left, and what never may get worse."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.evacuation.roads import evacuation_travel, slot_capacity
from dispatch.planning.check import check
from dispatch.planning.evacuation import plan_evacuation
from dispatch.roads.travel import drive
from models.traversal import NEVER
from tests import tiny
from tests.planning.evacuation_worlds import MIN, world


def levels(plan):
    return {row["measure"]: (row["value"], row["bound"], row["status"]) for row in plan.meta["evacuation"]["objective"]}


def valid(scenario, **options):
    plan = plan_evacuation(scenario, **{"rounds": 100, **options})
    assert check(plan, scenario) == []
    return plan


def test_on_foot_when_ready():
    """Ready at 20, 4 km at 5 km/h: at the shelter at 68; proven at every level."""
    plan = valid(world(walk_limit=5))
    (row,) = plan.evacuations.to_dict("records")
    assert (row["mode"], row["people"], row["depart_ms"], row["arrive_ms"]) == ("walk", 40, 20 * MIN, 68 * MIN)
    assert levels(plan) == {
        "people_out_in_time": (40, 40, "optimal"),
        "last_arrival_ms": (68 * MIN, 68 * MIN, "optimal"),
        "person_minutes": (40 * 68, 40 * 68, "optimal"),
    }


def test_a_bus_in_two_trips():
    """There at 4, boards 20 to 25, arrives 29, off 34, back 38, leaves 43, arrives 47: no bus can do it sooner."""
    plan = valid(world(buses=(20,)))
    rows = plan.evacuations.to_dict("records")
    assert [(r["sequence"], r["board_ms"] // MIN, r["depart_ms"] // MIN, r["arrive_ms"] // MIN, r["done_ms"] // MIN)
            for r in rows] == [(1, 20, 25, 29, 34), (2, 38, 43, 47, 52)]  # fmt: skip
    assert levels(plan)["last_arrival_ms"] == (47 * MIN, 47 * MIN, "optimal")


def test_a_second_trip_that_would_be_too_late_leaves_people_and_says_so():
    """The fire comes at 42: the second trip could leave at 43 only."""
    plan = valid(world(arrivals=(("A", 42, 1.0),), buses=(20,)))
    assert plan.evacuations["people"].sum() == 20
    assert plan.unserved[["subject", "group", "amount", "cause"]].to_numpy().tolist() == [
        ["A", "residents", 20, "vehicle"]
    ]
    assert levels(plan)["people_out_in_time"] == (20, 20, "optimal")


@pytest.mark.parametrize(
    ("scenario", "cause"),
    [
        (world(arrivals=(("A", 15, 1.0),), walk_limit=5), "warning"),  # ready at 20
        (world(walk_limit=5, closures=[tiny.closure("r01:0-1", 0, float("inf"))]), "road"),
        (world(walk_limit=5, shelters={"S": ("C", 0)}), "shelter"),
        (world(walk_limit=5, arrivals=(("A", 60, 1.0), ("C", 60, 1.0)), people={"A": 40}), "road"),  # S burns too
        (world(), "road"),  # too far to walk, and no bus at all
    ],
)
def test_why_people_are_left(scenario, cause):
    plan = valid(scenario)
    left = plan.unserved[plan.unserved["subject"] == "A"]
    assert left["amount"].tolist() == [40]
    assert left["cause"].tolist() == [cause]


def test_nobody_is_on_a_road_that_burns():
    """A–B closes at 50 for good: on foot (24 minutes a stretch) whoever leaves at 20 is over at 44; at 27 he is not."""
    closed = [tiny.closure("r01:0-1", 50 * 60, float("inf"))]
    assert valid(world(walk_limit=5, closures=closed)).evacuations["people"].sum() == 40
    assert valid(world(walk_limit=5, closures=closed, warned_min=7)).evacuations.empty


def test_the_shelter_takes_no_more_than_its_room_and_the_next_one_the_rest():
    """The near shelter N (at B) takes 15; the other 25 go on to S."""
    scenario = world(walk_limit=5, shelters={"N": ("C", 15), "S": ("C", 1000)},
                     nodes={"A": 0, "B": 1, "C": 2, "N": 1, "S": 2, "D": 2})  # fmt: skip
    plan = valid(scenario)
    taken = plan.evacuations.groupby("shelter")["people"].sum().to_dict()
    assert taken == {"N": 15, "S": 25}
    assert levels(plan)["person_minutes"] == (15 * 44 + 25 * 68, 15 * 44 + 25 * 68, "optimal")


def test_cars_are_spread_over_the_slots_that_a_road_takes():
    """100 cars; a secondary road takes 800 an hour, 66 in 5 minutes: 66 leave at 20, 34 at 25."""
    scenario = world(people={"A": 200, "B": 0}, car_share_residents=1)
    capacity, slot = slot_capacity(scenario.network, scenario.response)
    assert (capacity[0], slot) == (66, 5 * MIN)
    rows = valid(scenario).evacuations.to_dict("records")
    assert [(r["depart_ms"] // MIN, r["people"]) for r in rows] == [(20, 132), (25, 68)]


def test_a_full_road_sends_cars_by_another():
    """Two roads of about equal length from A to S: nobody waits for the next slot."""
    roads = tiny.network([(0, 1, 4), (0, 2, 2), (2, 1, 2.1)])
    scenario = world(people={"A": 200, "B": 0}, car_share_residents=1, roads=roads,
                     nodes={"A": 0, "B": 1, "C": 1, "S": 1, "D": 1})  # fmt: skip
    plan = valid(scenario)
    assert plan.evacuations["depart_ms"].eq(20 * MIN).all()
    assert plan.evacuations["path"].nunique() == 2


def test_contraflow_is_off_by_default_and_adds_lanes_but_one():
    scenario = world()
    wide = replace(scenario.network, lanes=np.full(scenario.network.graph.m, 4, dtype=np.float32))
    usual, _ = slot_capacity(wide, scenario.response)
    reversed_, _ = slot_capacity(wide, scenario.response, contraflow=True)
    assert usual[0] == int(800 * 2 * 5 / 60)  # two lanes each way
    assert reversed_[0] == int(800 * 3 * 5 / 60)
    assert not world().evacuation.contraflow


def test_visitors_are_told_later_and_still_go():
    plan = valid(world(walk_limit=5, visitors={"A": 10}))
    by_group = plan.evacuations.set_index("group")
    assert by_group.loc["visitors", ["people", "notice_ms", "depart_ms"]].tolist() == [10, 30 * MIN, 35 * MIN]
    assert by_group.loc["residents", "notice_ms"] == 10 * MIN


def test_those_who_need_help_are_not_sent_on_foot_and_board_first():
    """8 of 40 need help; a bus of 10 makes its first trip with all of them."""
    plan = valid(world(walk_limit=5, assisted_share=0.2, buses=(10,)))
    assisted = plan.evacuations[plan.evacuations["group"] == "assisted"]
    assert (assisted["people"].sum(), set(assisted["mode"]), set(assisted["sequence"])) == (8, {"bus"}, {1})


@pytest.mark.parametrize("buses", [(), (15,), (15, 15)])
@pytest.mark.parametrize("hazard_min", [45, 90])
def test_an_earlier_warning_never_leaves_more_behind(buses, hazard_min):
    left = []
    for warned in (40, 20, 10, 0, -30):
        scenario = world(arrivals=(("A", hazard_min, 1.0), ("B", hazard_min + 20, 1.0)), buses=buses,
                         warned_min=warned, walk_limit=3)  # fmt: skip
        left.append(int(plan_evacuation(scenario, rounds=40).unserved["amount"].sum()))
    assert left == sorted(left, reverse=True)


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_random_worlds_pass_the_checker_and_cross_no_fire(data):
    """Plans of random worlds break no rule, account for everybody, keep their bounds and never meet a closed road."""
    draw = data.draw
    minute = st.integers(0, 150)
    closures = [
        tiny.closure(edge, start * 60.0, float("inf") if draw(st.booleans()) else (start + 30) * 60.0)
        for edge in draw(st.lists(st.sampled_from(["r01:0-1", "r01:1-0", "r12:1-2", "r12:2-1"]), max_size=3))
        for start in [draw(minute)]
    ]
    scenario = world(
        arrivals=[(p, draw(minute), draw(st.sampled_from([0.3, 1.0]))) for p in "AB"],
        buses=draw(st.lists(st.integers(5, 30), max_size=2)),
        shelters={"S": ("C", draw(st.integers(0, 90)))},
        people={"A": draw(st.integers(0, 80)), "B": draw(st.integers(0, 80))},
        closures=closures,
        visitors={"A": draw(st.integers(0, 20))},
        walk_limit=draw(st.sampled_from([1.0, 3.0, 5.0])),
        assisted_share=draw(st.sampled_from([0.0, 0.25])),
        car_share_residents=draw(st.sampled_from([0.0, 0.5])),
        margin=draw(st.sampled_from([0, 10])),
    )
    plan = valid(scenario, rounds=40)
    moved, left = plan.evacuations["people"].sum(), plan.unserved["amount"].sum()
    assert moved + left == scenario.evacuation.groups["people"].sum()
    for row, (value, bound, _) in levels(plan).items():
        assert value <= bound if row == "people_out_in_time" else value >= bound
    _crosses_nothing_closed(scenario, plan)


def _crosses_nothing_closed(scenario, plan):
    """Recomputed from the closures' own table: no stay on an edge overlaps an interval in which it is closed."""
    roads, index = evacuation_travel(scenario), scenario.network.edge_index
    edges_of = dict(zip(plan.paths["path"], plan.paths["edges"], strict=True))
    class_of = dict(zip(plan.paths["path"], plan.paths["vehicle_class"], strict=True))
    for row in plan.evacuations.to_dict("records"):
        if not row["path"]:
            continue
        edges = np.array([index[e] for e in edges_of[row["path"]]])
        driven = drive(roads, class_of[row["path"]], row["place"], row["shelter"], edges, row["depart_ms"])
        assert driven.arrive_ms < NEVER
        closed = scenario.disruption.edges
        for edge, enter, leave in zip(edges_of[row["path"]], driven.enter_ms, driven.leave_ms, strict=True):
            for there in closed[closed["edge"] == edge].itertuples():
                assert leave <= there.start_s * 1000 or enter >= there.end_s * 1000


def test_every_way_to_fill_two_shelters_is_no_better():
    """Brute force over all splits of two villages between two shelters of limited room, on foot."""
    scenario = world(arrivals=(("A", 200, 1.0), ("B", 200, 1.0)), people={"A": 5, "B": 4}, walk_limit=9,
                     shelters={"N": ("C", 4), "S": ("C", 4)},
                     nodes={"A": 0, "B": 1, "C": 2, "N": 0, "S": 2, "D": 2})  # fmt: skip
    plan = valid(scenario)
    minutes = {("A", "N"): 20, ("A", "S"): 68, ("B", "N"): 44, ("B", "S"): 44}
    best = None
    for an, as_, bn, bs in itertools.product(range(6), range(6), range(5), range(5)):
        if an + as_ <= 5 and bn + bs <= 4 and an + bn <= 4 and as_ + bs <= 4:
            counts = dict(zip(minutes, (an, as_, bn, bs), strict=True))
            value = (-sum(counts.values()), sum(n * minutes[k] for k, n in counts.items()))
            best = value if best is None else min(best, value)
    found = levels(plan)
    assert (-found["people_out_in_time"][0], found["person_minutes"][0]) == best
