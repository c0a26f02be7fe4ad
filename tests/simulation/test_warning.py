"""Before the order: its steps, the calls, the households; and the two clocks kept apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatch.simulation.indicators import indicators
from dispatch.simulation.warning import triangular_share, warned_share
from tests import tiny
from tests.simulation.nights import chain, night, of
from tests.simulation.plans import plan_of
from tests.simulation.responses import sure
from tests.simulation.test_news import silenced

STEPS = {"warning_grade": 5, "warning_report": 20, "warning_verify": 10, "warning_approve": 10, "warning_issue": 5}
CALLS = {"warning_answer": 1.0, "warning_ring": 1, "warning_callers_county": 1, "warning_callers_township": 1}
PLACES = [
    {"place": "T", "name": "T", "kind": "township", "population": 0, "lon": 112.0, "lat": 35.5},
    *({"place": p, "name": p, "kind": "village", "parent": "T", "households": 40} for p in "ABC"),
]


def world(hazard=None, **own):
    detected = own.pop("detected_min", None)
    base = tiny.one_depot(hazard, tables={"places": PLACES, **own.pop("tables", {})})
    return sure(base, "warning", detected_min=detected, **{**STEPS, **CALLS, **own})


def minutes(log, event, **where):
    rows = log[log["event"] == event]
    for column, value in where.items():
        rows = rows[rows[column] == value]
    return (rows["time_s"] / 60).tolist()


def one_trip(scenario):
    return plan_of(scenario, [("V1", "D", [("A", {"NA": 100})])])


def test_steps_are_laid_out_backwards_from_an_order_that_is_given():
    scenario = world()
    log = night(scenario, one_trip(scenario))
    events = ("hazard_detected", "warning_issued", "disaster_reported", "need_verified", "order_approved",
              "order_received")  # fmt: skip
    assert [minutes(log, event) for event in events] == [[-45], [-40], [-25], [-15], [-5], [0]]
    assert chain(log, "order_received") == [events[0], *events[2:]]


def test_an_order_that_follows_from_detection_shifts_the_night_and_not_the_six_hours():
    """Planned for minute 0 from a detection at -45; the steps take 60, so everything comes 15 minutes later."""
    scenario = world(detected_min=-45, warning_report=35)
    log = night(scenario, one_trip(scenario))
    assert minutes(log, "order_received") == [15]
    assert of(log, "V1", ("vehicle_ready", "load_start", "arrive")) == [
        ("vehicle_ready", 45), ("load_start", 45), ("arrive", 73),
    ]  # fmt: skip
    figures = indicators(log, scenario).nights.iloc[0]
    assert figures["t1_ms"] == (79 - 15) * 60_000
    assert figures["before_order_ms"] == 60 * 60_000
    assert minutes(log, "late", place="B") == [15 + 360]
    assert minutes(log, "end") == [15 + 24 * 60]


def test_calls_go_down_the_tree_one_after_the_other():
    # issued at -40; the township at -39, then A, B, C a minute each
    scenario = world()
    log = night(scenario, one_trip(scenario))
    assert [minutes(log, "call_answered", place=p) for p in "TABC"] == [[-39], [-38], [-37], [-36]]
    figures = indicators(log, scenario).nights.iloc[0]
    assert figures["answered_all_ms"] == 4 * 60_000
    assert figures["answered_half_ms"] == 2 * 60_000
    assert figures["answered_on_target"] == 1.0
    two = world(warning_callers_township=3)
    assert [minutes(night(two, one_trip(two)), "call_answered", place=p) for p in "ABC"] == [[-38]] * 3


def test_who_does_not_answer_is_called_again_and_then_fetched():
    # 3 tries of a minute, a minute between: -35; a messenger is there 20 minutes later
    scenario = world(warning_answer=0.0, warning_tries=3, warning_pause=1, warning_escalate=20)
    log = night(scenario, one_trip(scenario))
    assert minutes(log, "call_escalated", place="T") == [-35]
    assert log.loc[(log["event"] == "call_answered") & (log["place"] == "T"), ["time_s", "medium", "quantity"]
                   ].to_numpy().tolist() == [[-15 * 60.0, "messenger", 3.0]]  # fmt: skip


def test_a_village_without_network_is_told_by_satellite_phone_or_fetched():
    table = [{"communication": "S", "medium": "satellite_phone", "place": "A"}]
    scenario = world(silenced(tiny.disruption(), "A", "B"), tables={"communications": table}, warning_satellite=3,
                     warning_escalate=20)  # fmt: skip
    log = night(scenario, one_trip(scenario))
    # A: one call in vain at -38, satellite phone at -35; B: -37, fetched at -17; C is called in the meantime
    assert minutes(log, "call_answered", place="A") == [-35]
    assert minutes(log, "call_answered", place="B") == [-17]
    assert minutes(log, "call_answered", place="C") == [-36]


def test_visits_reach_every_door():
    # no other channel: 40 households at 40 an hour from -38 on
    scenario = world(warning_gong_reach=0, warning_sms_reach=0, warning_visitors=2, warning_visits_per_h=20)
    log = night(scenario, one_trip(scenario))
    assert minutes(log, "households_warned", place="A") == pytest.approx([-8, 16, 22], abs=0.01)
    assert minutes(log, "households_warned", place="", detail="100%") == pytest.approx([24], abs=0.01)


def test_channels_are_independent():
    times = np.array([0.0, 10.0, 20.0])
    # the siren reaches half at once at 5; from door to door evenly from 0 to 20
    assert warned_share(times, [(0.5, 5.0, 0.0, 0.0, 0.0)], (0.0, 20.0)).tolist() == [0.0, 0.75, 1.0]
    assert triangular_share(np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 9.0]), 0.0, 1.0, 3.0) == pytest.approx(
        [0, 0, 1 / 3, 1 - 1 / 6, 1, 1]
    )


def test_without_network_no_message_and_without_power_no_loudspeaker():
    speakers = [{"communication": "L", "medium": "loudspeaker", "place": "A", "backup_power_h": 0}]
    own = {"warning_gong_reach": 0, "warning_sms_reach": 0.6, "warning_loudspeaker_reach": 0.9}
    lit = world(tables={"communications": speakers}, **own)
    dark = world(
        silenced(tiny.disruption(), "A", medium="power", start=-120), tables={"communications": speakers}, **own
    )
    at = [minutes(night(s, one_trip(s)), "households_warned", place="A", detail="50%")[0] for s in (lit, dark)]
    assert at[0] < at[1]


def test_the_warning_changes_nothing_after_the_order():
    scenario = world()
    plain = replace(scenario, response=type(scenario.response)())
    plan = one_trip(scenario)
    after = night(scenario, plan)
    after = after[~after["event"].isin(["households_warned", "call_answered"]) & (after["time_s"] >= 0)]
    assert after[["time_s", "event", "actor"]].to_numpy().tolist() == night(plain, plan)[
        ["time_s", "event", "actor"]].to_numpy().tolist()  # fmt: skip
