"""With all randomness off the simulation is the plan's own timetable, to the millisecond."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.problems import InputProblems
from dispatch.simulation.response import replay
from dispatch.simulation.timetable import deviations
from tests import tiny
from tests.simulation.plans import plan_of

MINUTE = 60_000
FAR = {"D": ("depot", 0), "G": ("facility", 3), "A": ("place", 1), "B": ("place", 2), "C": ("place", 3)}


def minutes(log):
    """Milestones of a log, minutes."""
    marked = log[log["milestone"] != ""]
    return dict(zip(marked["milestone"], marked["time_s"] / 60, strict=True))


def test_timetable_worked_out_by_hand():
    # call-up 30; 200 quilts are 600 kg, 0.12 of 5 t, so the floor of 0.2 counts: loading 8, unloading 6; papers 10
    scenario = tiny.one_depot(trucks=2)
    trips = [("V1", "D", [("A", {"NA": 100}), ("B", {"NB": 100})]), ("V2", "D", [("C", {"NC": 100})])]
    plan = plan_of(scenario, trips, home=True)
    log = replay(scenario, plan)
    at = minutes(log)
    assert at["order"] == 0
    assert at["depot D open"] == at["vehicle V1 ready"] == at["trip T1 load start"] == 30
    assert at["trip T1 loaded"] == at["trip T2 load start"] == 38  # one dock
    assert at["trip T1 departed"] == 48
    assert at["trip T1 stop 1 arrived"] == 58
    assert at["place A first batch"] == at["trip T1 stop 1 unloaded"] == 64
    assert at["trip T1 stop 2 arrived"] == 74
    assert at["place B first batch"] == 80
    assert at["trip T2 departed"] == 56
    assert at["place C first batch"] == 92
    assert at["trip T1 returned"] == 100
    assert at["trip T2 returned"] == 122
    assert deviations(log, plan).empty


def test_what_was_issued_was_delivered():
    scenario = tiny.one_depot(trucks=2)
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 100}), ("B", {"NB": 60})]), ("V2", "D", [("B", {"NB": 40})])])
    log = replay(scenario, plan)
    assert log.loc[log["event"] == "stock_issued", "quantity"].sum() == 200
    delivered = log[log["event"] == "delivered"].groupby("detail")["quantity"].sum().to_dict()
    assert delivered == {"NA": 100, "NB": 100}
    unmet = log[log["event"] == "need_unmet"]
    assert unmet[["detail", "quantity"]].to_numpy().tolist() == [["NC", 100]]


def test_one_vehicle_at_a_time_is_unloaded():
    # two docks: both reach A at 58; the second waits for the first
    scenario = tiny.one_depot(trucks=2, docks=2)
    log = replay(scenario, plan_of(scenario, [("V1", "D", [("A", {"NA": 60})]), ("V2", "D", [("A", {"NA": 40})])]))
    at = minutes(log)
    assert (at["trip T1 stop 1 arrived"], at["trip T2 stop 1 arrived"]) == (58, 58)
    assert (at["trip T1 stop 1 unload start"], at["trip T1 stop 1 unloaded"]) == (58, 64)
    assert (at["trip T2 stop 1 unload start"], at["place A first batch"]) == (64, 70)
    second = log[log["milestone"] == "trip T2 stop 1 unload start"].iloc[0]
    assert log.loc[second["cause"], "milestone"] == "trip T1 stop 1 unloaded"


CASES = {
    "several trips of one truck": (
        {}, [("V1", "D", [("A", {"NA": 100})]), ("V1", "D", [("C", {"NC": 100})]), ("V1", "D", [("B", {"NB": 100})])],
    ),
    "two docks": (
        {"trucks": 3, "docks": 2},
        [("V1", "D", [("A", {"NA": 100})]), ("V2", "D", [("B", {"NB": 100})]), ("V3", "D", [("C", {"NC": 100})])],
    ),
    "three trucks at one village": (
        {"trucks": 3, "docks": 3},
        [("V1", "D", [("A", {"NA": 50})]), ("V2", "D", [("A", {"NA": 30})]), ("V3", "D", [("A", {"NA": 20})])],
    ),
    "rests, also between trips": (
        {"drive_limit_ms": 25 * MINUTE, "drive_rest_ms": 12 * MINUTE},
        [("V1", "D", [("C", {"NC": 100})]), ("V1", "D", [("B", {"NB": 100})])],
    ),
    "a report that comes later": (
        {"needs": [tiny.need("NA", "A", "quilt", 100, 100.0),
                   tiny.need("NB", "B", "quilt", 100, 100.0, release_ms=90 * MINUTE)]},
        [("V1", "D", [("A", {"NA": 100})]), ("V1", "D", [("B", {"NB": 100})])],
    ),
    "night speed from minute 60 on": (
        {"pace_start_ms": (0, 60 * MINUTE), "pace_permille": (1000, 700)},
        [("V1", "D", [("C", {"NC": 100})]), ("V1", "D", [("B", {"NB": 100})])],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_replay_reproduces(name):
    settings, trips = CASES[name]
    scenario = tiny.one_depot(**settings)
    plan = plan_of(scenario, trips, home=True)
    assert len(plan.trips) == len(trips)
    assert deviations(replay(scenario, plan), plan).empty


def test_closures_that_were_forecast_are_waited_for_as_planned():
    # r12 closed from minute 60 to 120: V1 reaches node 1 at 58 and could not be through by 60
    scenario = tiny.one_depot(
        tiny.disruption([tiny.closure("r12:1-2", 3600, 7200), tiny.closure("r12:2-1", 8400, 9900)])
    )
    plan = plan_of(scenario, [("V1", "D", [("B", {"NB": 100})]), ("V1", "D", [("A", {"NA": 100})])], home=True)
    assert plan.stops["arrive_ms"].iloc[0] == 130 * MINUTE
    log = replay(scenario, plan)
    assert deviations(log, plan).empty
    way = log[log["event"].isin(["closure_met", "wait", "go_on"])]
    assert way["event"].tolist() == ["closure_met", "wait", "go_on", "closure_met", "wait", "go_on"]
    assert (way["time_s"] / 60).tolist() == [58, 58, 120, 136, 136, 165]


def test_a_plan_that_keeps_a_dock_for_a_truck_still_on_its_way():
    # G is 30 km from D: V1 comes at 60 and the plan loads it first; V2 stands there from 30 on and would need 20 (a
    # full truck), so it fits before; V3 would not be done by 60 and has to wait, with the dock empty, until V1 is done
    tables = {
        "vehicles": [
            {"vehicle": v, "base": base, "class": "truck_5t", "payload_kg": 5000.0, "volume_m3": 38.0}
            for v, base in (("V1", "G"), ("V2", "D"), ("V3", "D"))
        ],
        "facilities": [{"facility": "G", "name": "队", "kind": "fire_team"}],
        "stock": [{"depot": "D", "item": "quilt", "lot": "L1", "quantity": 9000}],
    }  # fmt: skip
    needs = [tiny.need(f"N{p}", p, "quilt", 900, 100.0) for p in "ABC"]
    scenario = tiny.one_depot(tables=tables, needs=needs, sites=FAR)
    trips = [(v, "D", [(p, {f"N{p}": 900})]) for v, p in (("V1", "A"), ("V2", "B"), ("V3", "C"))]
    plan = plan_of(scenario, trips)
    # 900 quilts: 2.7 t, 0.54 of a truck: 21.6 min
    assert (plan.trips["load_start_ms"] / MINUTE).tolist() == [60, 30, 81.6]
    assert deviations(replay(scenario, plan), plan).empty


def test_waits_on_purpose_are_kept():
    scenario = tiny.one_depot()
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 100}), ("B", {"NB": 100})])])
    late = {"start_ms": 5, "at_depot_ms": 5, "load_start_ms": 12, "load_end_ms": 12, "depart_ms": 20}
    trips = plan.trips.assign(**{column: plan.trips[column] + by * MINUTE for column, by in late.items()})
    stops = plan.stops.copy()
    for column in ("leave_ms", "arrive_ms", "unload_start_ms", "unload_end_ms"):
        stops[column] += np.array([20, 27]) * MINUTE  # and seven minutes' pause at A
    held = type(plan)(trips, stops, plan.loads, plan.paths)
    assert deviations(replay(scenario, held), held).empty


def test_agreed_goods_are_waited_for_at_their_rate():
    # 60 an hour from minute 40 on: 50 at 90, 100 at 140
    tables = {"stock": [{"depot": "D", "item": "quilt", "lot": "S", "quantity": 500, "mode": "agreement",
                         "lead_time_min": 40, "release_per_h": 60}]}  # fmt: skip
    scenario = tiny.one_depot(trucks=2, docks=2, tables=tables)
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 50})]), ("V2", "D", [("B", {"NB": 50})])])
    log = replay(scenario, plan)
    assert deviations(log, plan).empty
    at = minutes(log)
    assert (at["supply D quilt S"], at["trip T1 load start"], at["trip T2 load start"]) == (40, 90, 140)


def test_hired_vehicle_and_given_turnout():
    truck = {"base": "D", "class": "truck_5t", "payload_kg": 5000.0, "volume_m3": 38.0}
    tables = {"vehicles": [
        {"vehicle": "V1", "turnout_min": 12.0, **truck}, {"vehicle": "V2", "mode": "requisition", **truck},
    ], "depots": [{"depot": "D", "name": "县库", "tier": "county", "docks": 2, "readiness": "ready", "open_min": 15.0,
                   "approval_min": 25.0}]}  # fmt: skip
    scenario = tiny.one_depot(tables=tables)
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 100})]), ("V2", "D", [("B", {"NB": 100})])])
    log = replay(scenario, plan)
    at = minutes(log)
    assert (at["vehicle V1 ready"], at["vehicle V2 ready"], at["depot D open"]) == (12, 30 + 30, 25)
    assert deviations(log, plan).empty


def test_closed_depot_never_opens_and_the_run_ends():
    tables = {"depots": [{"depot": "D", "name": "县库", "tier": "county", "docks": 1, "readiness": "standby"}]}
    plan = plan_of(tiny.one_depot(tables=tables), [("V1", "D", [("A", {"NA": 100})])])
    tables["depots"][0]["readiness"] = "closed"
    scenario = tiny.one_depot(tables=tables)
    log = replay(scenario, plan)
    assert not log["event"].isin(["depot_open", "load_start"]).any()
    assert log.loc[log["event"] == "trip_unfinished", "trip"].tolist() == ["T1"]
    assert log["event"].iloc[-1] == "end"
    assert log["time_s"].iloc[-1] == 24 * 3600


def test_unknown_names_are_reported_all_at_once():
    scenario = tiny.one_depot()
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 100})])])
    trips = plan.trips.assign(vehicle="V9")
    loads = plan.loads.assign(need="NX")
    with pytest.raises(InputProblems) as problem:
        replay(scenario, type(plan)(trips, plan.stops, loads, plan.paths))
    found = {(p.file, p.row, p.column, p.value) for p in problem.value.problems}
    assert found == {("plan!trips", 1, "vehicle", "V9"), ("plan!loads", 1, "need", "NX")}


def test_stop_without_a_path_is_driven_to_all_the_same():
    # a row that a person typed in without a path: the driver finds the way himself, and it takes its time
    scenario = tiny.one_depot()
    plan = plan_of(scenario, [("V1", "D", [("B", {"NB": 100})])])
    log = replay(scenario, type(plan)(plan.trips, plan.stops.assign(path=""), plan.loads, plan.paths))
    assert deviations(log, plan).empty
    assert log.loc[log["event"] == "reroute", "detail"].tolist() == ["r01:0-1 r12:1-2"]


def test_path_that_does_not_lead_there_is_reported():
    scenario = tiny.one_depot()
    plan = plan_of(scenario, [("V1", "D", [("B", {"NB": 100})])])
    broken = plan.paths.assign(edges=[way[1:] for way in plan.paths["edges"]])
    with pytest.raises(InputProblems, match="P1"):
        replay(scenario, type(plan)(plan.trips, plan.stops, plan.loads, broken))
