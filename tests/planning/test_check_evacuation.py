"""Every rule of an evacuation, broken once."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from dispatch.documents.messages import LANGUAGES
from dispatch.planning.check_evacuation import check_evacuation
from dispatch.planning.evacuation import plan_evacuation
from dispatch.planning.violation import violation_text
from tests import tiny
from tests.planning.evacuation_worlds import MIN, world


@pytest.fixture(scope="module")
def scenario():
    """A by two trips of V1, B by car and on foot."""
    return world(arrivals=(("A", 120, 1.0), ("B", 120, 1.0)), buses=(20, 20), car_share_residents=0.5, walk_limit=3,
                 people={"A": 60, "B": 120})  # fmt: skip


@pytest.fixture(scope="module")
def plan(scenario):
    return plan_evacuation(scenario, rounds=100)


def first(plan, mode, **also):
    rows = plan.evacuations
    keep = rows["mode"] == mode
    for name, value in also.items():
        keep &= rows[name] == value
    return rows.index[keep][0]


def broken(plan, row, **changes):
    table = plan.evacuations.copy()
    for name, value in changes.items():
        table.loc[row, name] = value
    return replace(plan, evacuations=table)


def codes(plan, scenario):
    return {violation.code for violation in check_evacuation(plan, scenario)}


def test_the_plan_itself_is_valid(plan, scenario):
    assert check_evacuation(plan, scenario) == []
    assert set(plan.evacuations["mode"]) == {"walk", "car", "bus"}


@pytest.mark.parametrize(
    ("mode", "changes", "code"),
    [
        ("walk", {"group": "tourists"}, "evacuation_group"),
        ("walk", {"shelter": "X"}, "evacuation_shelter"),
        ("walk", {"mode": "boat"}, "evacuation_mode"),
        ("bus", {"vehicle": "V9"}, "evacuation_vehicle"),
        ("walk", {"people": 0}, "evacuation_nobody"),
        ("walk", {"path": "E99"}, "unknown_path"),
        ("walk", {"people": 1000}, "evacuation_too_many"),
        ("walk", {"people": 1}, "evacuation_forgotten"),
        ("walk", {"hazard_ms": 5}, "evacuation_hazard"),
        ("walk", {"notice_ms": 5}, "evacuation_notice"),
        ("walk", {"board_ms": 19 * MIN}, "evacuation_not_ready"),
        ("walk", {"depart_ms": 121 * MIN}, "evacuation_after_hazard"),
        ("bus", {"depart_ms": 1}, "evacuation_boarding"),
        ("bus", {"done_ms": 1}, "evacuation_alighting"),
        ("bus", {"people": 21}, "evacuation_seats"),
        ("bus", {"start_site": "A"}, "wrong_start"),
        ("bus", {"start_ms": -5}, "evacuation_bus_busy"),
        ("bus", {"start_ms": 119 * MIN}, "evacuation_bus_late"),
        ("bus", {"sequence": 7}, "evacuation_sequence"),
        ("bus", {"pickup_path": ""}, "path_missing"),
        ("walk", {"path": ""}, "path_missing"),
        ("walk", {"arrive_ms": 1}, "evacuation_road_closed"),
        ("car", {"arrive_ms": 119 * MIN}, "arrival_wrong"),
    ],
)
def test_rules_of_a_row(plan, scenario, mode, changes, code):
    other = broken(plan, first(plan, mode), **changes)
    found = check_evacuation(other, scenario)
    assert code in {violation.code for violation in found}
    for lang in LANGUAGES:
        assert all(violation_text(violation, scenario, lang) for violation in found)


def test_a_way_of_another_mode(plan, scenario):
    car = plan.evacuations.loc[first(plan, "car", place="B"), "path"]
    assert "path_of_other" in codes(broken(plan, first(plan, "walk", place="B"), path=car), scenario)


def test_a_bus_that_carries_goods_at_the_same_time(plan, scenario):
    trips = pd.DataFrame({"vehicle": ["V1"]})
    assert "evacuation_two_places" in codes(replace(plan, trips=trips), scenario)


def test_rows_of_one_trip_that_differ(plan, scenario):
    row = first(plan, "bus", vehicle="V1", sequence=1)
    half = plan.evacuations.loc[row, "people"] // 2
    other = plan.evacuations.loc[[row]].assign(
        move="M99", people=half, depart_ms=plan.evacuations.loc[row, "depart_ms"] + MIN
    )
    table = pd.concat([broken(plan, row, people=half).evacuations, other], ignore_index=True)
    assert "evacuation_trip_differs" in codes(replace(plan, evacuations=table), scenario)


def test_a_shelter_smaller_than_planned(plan, scenario):
    county = scenario.county
    small = county.table("shelters").assign(capacity=10.0)
    less = replace(scenario, county=replace(county, tables={**county.tables, "shelters": small}))
    assert "evacuation_shelter_full" in codes(plan, less)


def test_a_shelter_that_the_hazard_reaches(plan, scenario):
    other = world(arrivals=(("A", 120, 1.0), ("B", 120, 1.0), ("C", 130, 1.0)), buses=(20, 20),
                  car_share_residents=0.5, walk_limit=3, people={"A": 60, "B": 120})  # fmt: skip
    assert "evacuation_unsafe_shelter" in codes(plan, other)


def test_a_road_that_closes_under_them(plan):
    shut = world(arrivals=(("A", 120, 1.0), ("B", 120, 1.0)), buses=(20, 20), car_share_residents=0.5, walk_limit=3,
                 people={"A": 60, "B": 120}, closures=[tiny.closure("r12:1-2", 0, float("inf"))])  # fmt: skip
    assert "evacuation_road_closed" in codes(plan, shut)


def test_too_far_on_foot(plan, scenario):
    figures = dict(scenario.response.figures)
    name = "evacuation.walk_limit"
    figures[name] = replace(figures[name], low=1.0, mode=1.0, high=1.0)
    short = replace(scenario, response=replace(scenario.response, figures=figures))
    assert "evacuation_too_far" in codes(plan, short)


def test_more_cars_than_the_road_takes():
    scenario = world(people={"A": 200, "B": 0}, car_share_residents=1)
    plan = plan_evacuation(scenario)
    later, sooner = plan.evacuations.index[1], plan.evacuations.loc[0]
    shift = {name: sooner[name] for name in ("board_ms", "depart_ms", "arrive_ms", "done_ms")}
    assert "evacuation_road_full" in codes(broken(plan, later, **shift), scenario)


def test_a_wrong_figure_and_a_beaten_bound(plan, scenario):
    def with_level(**changes):
        rows = [dict(row) for row in plan.meta["evacuation"]["objective"]]
        rows[0] |= changes
        return replace(plan, meta={**plan.meta, "evacuation": {"objective": rows}})

    assert "evacuation_objective" in codes(with_level(value=5.0), scenario)
    assert "evacuation_bound" in codes(with_level(bound=5.0), scenario)


def test_moves_without_an_evacuation(plan, scenario):
    assert codes(plan, replace(scenario, evacuation=None)) == {"evacuation_none"}


def test_a_plan_of_relief_alone_is_left_alone(plan, scenario):
    bare = replace(plan, evacuations=plan.evacuations.iloc[:0], meta={})
    assert codes(bare, scenario) == set()
