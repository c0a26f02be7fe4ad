"""Drills of small worlds: their rules recomputed, their times taken from the nights, their seeds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.drill.faults import drill_faults
from dispatch.drill.make import DrillWish
from dispatch.drill.model import DIFFICULTIES, Drill
from dispatch.drill.norms import covers, rows
from tests.drill import worlds

HAZARDS = ["", *(row["hazard"] for row in rows("hazards"))]
WISHES = st.builds(
    DrillWish,
    kind=st.sampled_from(["tabletop", "full_scale"]),
    percentile=st.floats(0, 1),
    difficulty=st.sampled_from(DIFFICULTIES),
    three_cuts=st.booleans(),
    hazard=st.sampled_from(HAZARDS),
    seed=st.integers(0, 10**6),
)


def assert_valid(drill: Drill) -> None:
    """Order of time, cause before inject before action, owners known, an evaluator an objective, 100 points."""
    at = {inject.key: inject for inject in drill.injects}
    times = [inject.time_ms for inject in drill.injects]
    assert times == sorted(times)
    roles = {role.role: role for role in drill.roles}
    for inject in drill.injects:
        assert inject.text.zh.startswith("【演练】")
        assert inject.text.en.startswith("【演练】")
        assert "{" not in inject.text.zh + inject.text.en
        assert {inject.sender, inject.receiver, inject.owner} <= set(roles)
        assert all(at[before].time_ms <= inject.time_ms for before in inject.after)
    for action in drill.actions:
        assert action.time_ms >= at[action.inject].time_ms
        assert roles[action.evaluator].side == "evaluator"
        assert action.role in roles
    assert sum(action.points for action in drill.actions) == pytest.approx(100)
    for objective in drill.objectives:
        assert any(inject.objective == objective.objective for inject in drill.injects)
        assert any(action.objective == objective.objective for action in drill.actions)
        assert roles[objective.evaluator].side == "evaluator"


@settings(max_examples=20, deadline=None)
@given(wish=WISHES, closed=st.booleans(), opened=st.booleans())
def test_every_drill_is_valid(wish, closed, opened):
    drill = worlds.drill(wish, closed=closed, opened=opened)
    assert_valid(drill)
    assert drill_faults(drill) == []
    assert {objective.objective for objective in drill.objectives} == {row["objective"] for row in rows("objectives")
                                                                       if row["level"] == "county"}  # fmt: skip


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6), percentile=st.floats(0, 1))
def test_injects_tell_of_events_of_their_own_night_at_their_time(seed, percentile):
    drill = worlds.drill(DrillWish(seed=seed, percentile=percentile, difficulty="hard"))
    log = worlds.played(True, True)[2].log
    night = log[log["replication"] == drill.replication].set_index("event_id")
    told = [inject for inject in drill.injects if inject.event_id >= 0]
    assert {"detected", "warned", "reported", "order"} <= {inject.template for inject in told}
    by_event = {inject.event_id: inject for inject in told}
    for inject in told:
        event = night.loc[inject.event_id]
        assert (event["event"], event["milestone"]) == (inject.event, inject.milestone)
        assert inject.time_ms == round(event["time_s"] * 1000)
        cause = int(event["cause"])
        while cause >= 0:  # no inject before one that tells of its cause
            assert cause not in by_event or by_event[cause].number < inject.number
            cause = int(night.loc[cause, "cause"])


def test_standards_are_those_of_the_nights():
    """Order to depot: minimum, median and ninth decile recomputed from the log by hand."""
    drill = worlds.drill(DrillWish())
    action = next(a for a in drill.actions if a.event == "depot_open")
    log = worlds.played(True, True)[2].log
    first = log.groupby(["replication", "event"])["time_s"].min().unstack()
    took = np.sort((first["depot_open"] - first["order_received"]).to_numpy())
    assert action.standard.nights == 24
    assert action.standard.quantiles_s[0] == pytest.approx(took[0], abs=1e-3)
    assert action.standard.p50_s == pytest.approx(took[11], abs=1e-3)  # 12th of 24: the inverted distribution function
    assert action.standard.p90_s == pytest.approx(took[21], abs=1e-3)  # ceil(0.9 × 24) = 22nd
    own = first.loc[drill.replication, "depot_open"] - first.loc[drill.replication, "order_received"]
    assert action.standard.own_s == pytest.approx(own, abs=1e-3)
    assert action.standard.limit_s == max(action.standard.own_s, action.standard.p90_s)


def test_closed_road_becomes_an_inject_with_the_crew_as_sender():
    drill = worlds.drill(DrillWish(percentile=0.9))
    met = [inject for inject in drill.injects if inject.template == "closure"]
    assert met
    assert all(drill.role(inject.sender).name.zh == "运输车组" for inject in met)
    assert not any(inject.template == "closure" for inject in worlds.drill(DrillWish(), closed=False).injects)


def test_roles_are_the_countys_own_where_their_duties_say_so():
    drill = worlds.drill(DrillWish())
    assert drill.inject("hq_setup").owner == "R1"
    assert drill.inject("detected").receiver == "R2"
    assert worlds.drill(DrillWish(hazard="wildfire")).inject("hq_setup").owner == "R9"


def test_same_seed_same_drill_and_other_seeds_other_drills():
    one, again, other = (worlds.drill(DrillWish(seed=seed)) for seed in (1, 1, 2))
    assert one == again
    assert replace(other, seed=1, name=one.name) != one
    assert [i.key for i in other.injects] != [i.key for i in one.injects] or other.replication != one.replication
    assert_valid(other)


def test_difficulty_is_the_number_of_contingencies():
    def spare(difficulty: str) -> int:
        drill = worlds.drill(DrillWish(difficulty=difficulty))
        return sum(inject.type == "contingency" for inject in drill.injects)

    assert [spare(difficulty) for difficulty in DIFFICULTIES] == [1, 3, 6]


def test_three_cuts_come_only_when_asked_for():
    cuts = {"cut_power", "cut_network", "cut_road"}
    assert cuts <= {inject.template for inject in worlds.drill(DrillWish(three_cuts=True)).injects}
    assert not cuts & {inject.template for inject in worlds.drill(DrillWish()).injects}


@pytest.mark.parametrize(
    "hazard", [row["hazard"] for row in rows("hazards") if row["hazard"] not in ("none", "flash_flood")]
)
def test_other_hazards_have_injects_of_their_own_and_no_others(hazard):
    drill = worlds.drill(DrillWish(hazard=hazard))
    filtered = {row["inject"]: row["hazards"].split(";") for row in rows("injects") if row["hazards"]}
    own = [inject.template for inject in drill.injects if inject.template in filtered]
    assert own
    assert all(hazard in filtered[template] for template in own)
    assert all(
        action.standard.source != "simulated" for action in drill.actions
    )  # nothing of that hazard was simulated


def test_functional_drill_tests_its_one_objective():
    drill = worlds.drill(DrillWish(kind="functional", focus="supplies"))
    assert {action.objective for action in drill.actions} == {"supplies"}
    assert [objective.points for objective in drill.objectives] == [100]
    with pytest.raises(ValueError, match="focus"):
        worlds.drill(DrillWish(kind="functional"))
    with pytest.raises(ValueError, match="focus"):
        worlds.drill(DrillWish(focus="supplies"))


def test_play_fits_the_hours_asked_for():
    for hours in (1.0, 2.5):
        drill = worlds.drill(DrillWish(hours=hours))
        assert drill.exercise_s(drill.end_ms) <= hours * 3600
        assert drill.scenario_ms(drill.exercise_s(drill.end_ms)) == drill.end_ms


def test_faults_are_found():
    drill = worlds.drill(DrillWish())
    first, *rest = drill.injects
    late = replace(first, time_ms=drill.end_ms)
    assert any("order of time" in fault for fault in drill_faults(replace(drill, injects=(late, *rest))))
    assert any("no role" in fault for fault in drill_faults(replace(drill, roles=drill.roles[1:])))
    assert any("100" in fault for fault in drill_faults(replace(drill, actions=drill.actions[1:])))
    early = replace(drill.actions[0], time_ms=drill.inject(drill.actions[0].inject).time_ms - 1)
    assert any("before its inject" in f for f in drill_faults(replace(drill, actions=(early, *drill.actions[1:]))))


@pytest.mark.parametrize(
    ("simulated", "wished", "same"),
    [("flash_flood", "flash_flood", True), ("dam_break", "dam_breach", True), ("flood", "levee_breach", True),
     ("slide", "geohazard", True), ("flash_flood", "levee_breach", False), ("wildfire", "earthquake", False),
     ("slide", "earthquake", False)],
)  # fmt: skip
def test_nights_serve_only_hazards_that_they_are_of(simulated, wished, same):
    assert covers(simulated, wished) is same
