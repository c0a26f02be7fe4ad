"""Nights worked out by hand on a road that closes while trucks are on their way.

Roads (minutes): D–A 10, A–B 10, and round the other side D–X 15, X–B 15. A truck with 100 quilts is called up until 30,
loaded until 38, leaves at 48 and would be at A's junction at 58 and at B at 68.
"""

from __future__ import annotations

import math

import pytest

from tests import tiny
from tests.simulation.nights import certain, chain, night, of, surprise
from tests.simulation.plans import plan_of

RING = [(0, 1, 10), (1, 2, 10), (0, 3, 15), (2, 3, 15)]
SITES = {"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2)}
NEEDS = [tiny.need("NA", "A", "quilt", 100, 100.0), tiny.need("NB", "B", "quilt", 100, 100.0)]
WAY = ("depart", "closure_met", "turn_round", "reroute", "wait", "go_on", "arrive", "stranded")


def ring(hazard=None, **other):
    settings = {"roads": tiny.network(RING), "sites": SITES, "needs": NEEDS, **other}
    return certain(tiny.one_depot(hazard, **settings))


def to_b(scenario):
    return plan_of(scenario, [("V1", "D", [("B", {"NB": 100})])])


def test_closed_on_arrival_turns_round_and_takes_the_other_road():
    # at 58 the road ahead is closed until 300; back to D by 68 and round to B by 98 beats 310
    scenario = ring(surprise(("r12:1-2", 50, 300)))
    log = night(scenario, to_b(scenario))
    assert of(log, "V1", WAY) == [
        ("depart", 48), ("closure_met", 58), ("turn_round", 58), ("reroute", 58), ("arrive", 98),
    ]  # fmt: skip
    assert log.loc[log["event"] == "reroute", "detail"].tolist() == ["r01:1-0 r03:0-3 r23:3-2"]
    assert log.loc[log["event"] == "arrive", "quantity"].tolist() == [50.0]  # km: 10 out, 10 back, 30 round
    assert chain(log, "arrive") == ["edge_closed", "closure_met", "turn_round", "reroute", "arrive"]
    assert chain(log, "first_batch_complete")[-6:] == [
        "arrive", "unload_start", "unload_end", "delivered", "need_complete", "first_batch_complete",
    ]  # fmt: skip


def test_waits_if_the_road_reopens_sooner():
    # reopens at 85: through by 95, sooner than 98
    scenario = ring(surprise(("r12:1-2", 50, 85)))
    log = night(scenario, to_b(scenario))
    assert of(log, "V1", WAY) == [
        ("depart", 48), ("closure_met", 58), ("wait", 58), ("go_on", 85), ("arrive", 95),
    ]  # fmt: skip
    assert chain(log, "go_on") == ["edge_closed", "edge_reopened", "go_on"]


def test_of_equal_arrivals_he_waits():
    # reopens at 88: 98 either way
    scenario = ring(surprise(("r12:1-2", 50, 88)))
    assert ("wait", 58.0) in of(night(scenario, to_b(scenario)), "V1", WAY)


def test_caught_on_the_road_drives_back_and_round():
    # in at 58, closed at 61: back at 64, at D at 74, at B at 104; 10 + 3 + 3 + 10 + 30 km
    scenario = ring(surprise(("r12:1-2", 61, 300)))
    log = night(scenario, to_b(scenario))
    assert of(log, "V1", WAY) == [
        ("depart", 48), ("closure_met", 61), ("turn_round", 61), ("reroute", 64), ("arrive", 104),
    ]  # fmt: skip
    assert log.loc[log["event"] == "arrive", "quantity"].tolist() == [pytest.approx(56.0)]


def test_a_closing_that_is_known_is_not_driven_into():
    # closes at 61, known from 55: at 58 he turns round at once
    scenario = ring(surprise(("r12:1-2", 61, 300, 55)))
    log = night(scenario, to_b(scenario))
    assert of(log, "V1", WAY)[1:] == [("closure_met", 58), ("turn_round", 58), ("reroute", 58), ("arrive", 98)]
    assert log.loc[log["event"] == "closure_met", "detail"].tolist() == ["closing"]


def test_what_headquarters_know_at_departure_is_used():
    # closed from 30, known from 40: he sets out the other way at 48
    scenario = ring(surprise(("r12:1-2", 30, 300, 40)))
    log = night(scenario, to_b(scenario))
    assert of(log, "V1", WAY) == [("depart", 48), ("reroute", 48), ("arrive", 78)]
    assert chain(log, "reroute") == ["edge_closed", "reroute"]


def test_the_first_driver_tells_the_others():
    # V1 reports at 58; V2 has a longer load and leaves after that
    needs = [tiny.need("NA", "A", "quilt", 100, 100.0), tiny.need("NB", "B", "quilt", 900, 100.0)]
    scenario = ring(surprise(("r12:1-2", 50, 300)), trucks=2, quilts=5000, needs=needs)
    plan = plan_of(scenario, [("V1", "D", [("B", {"NB": 100})]), ("V2", "D", [("B", {"NB": 800})])])
    log = night(scenario, plan)
    # 800 quilts: 2.4 t of 5, 19.2 min from 38 on; papers until 67.2
    assert of(log, "V2", WAY) == [("depart", 67.2), ("reroute", 67.2), ("arrive", 97.2)]


def test_forecast_closure_that_does_not_happen_is_driven_through():
    group = {"group": "g", "probability": 0.0, "shift_low_s": 0.0, "shift_mode_s": 0.0, "shift_high_s": 0.0,
             "duration_low": 1.0, "duration_mode": 1.0, "duration_high": 1.0}  # fmt: skip
    hazard = tiny.disruption([tiny.closure("r12:1-2", 3000, 4200, group="g", known_s=math.inf)], [group])
    scenario = ring(hazard)
    plan = to_b(scenario)
    assert plan.stops["arrive_ms"].iloc[0] == 78 * 60_000  # planned round the other side
    log = night(scenario, plan)
    assert of(log, "V1", WAY) == [("depart", 48), ("arrive", 78)]
    direct = plan_of(ring(), [("V1", "D", [("B", {"NB": 100})])])
    # a plan that insists on the direct road: expected to be closed until 70 he would arrive at 80, so he goes round
    assert of(night(scenario, direct), "V1", WAY) == [("depart", 48), ("reroute", 48), ("arrive", 78)]


LINE = [(0, 1, 10), (1, 2, 10)]


def line(hazard=None, **other):
    return ring(hazard, **{"roads": tiny.network(LINE), **other})


def test_no_way_before_the_horizon_strands_the_load():
    scenario = line(surprise(("r12:1-2", 50, math.inf)))
    log = night(scenario, to_b(scenario))
    assert of(log, "V1", WAY) == [("depart", 48), ("closure_met", 58), ("stranded", 58)]
    assert chain(log, "stranded") == ["edge_closed", "closure_met", "stranded"]
    stranded = log[log["event"] == "load_stranded"]
    assert stranded[["item", "lot", "quantity", "detail"]].to_numpy().tolist() == [["quilt", "L1", 100.0, "NB"]]
    late = log[(log["event"] == "late") & (log["place"] == "B")]
    assert late["time_s"].tolist() == [6 * 3600]
    assert log["event"].iloc[int(late["cause"].iloc[0])] == "stranded"
    assert log.loc[log["event"] == "need_unmet", "detail"].tolist() == ["NA", "NB"]
    # a vehicle leaving at the order would still have got through: the place counts as reachable
    assert not (log["event"] == "cut_off").any()


def test_place_that_no_vehicle_could_reach_from_the_order_on_is_cut_off():
    scenario = line(surprise(("r12:1-2", 5, math.inf)))
    log = night(scenario, to_b(scenario))
    assert log.loc[log["event"] == "cut_off", "place"].tolist() == ["B"]
    # open again in time for the deadline (360 minutes), it is not
    scenario = line(surprise(("r12:1-2", 5, 350)))
    assert not (night(scenario, to_b(scenario))["event"] == "cut_off").any()
    # and one minute too late, it is
    scenario = line(surprise(("r12:1-2", 5, 351)))
    assert (night(scenario, to_b(scenario))["event"] == "cut_off").any()


def test_reopening_within_the_horizon_is_waited_for_however_long():
    scenario = line(surprise(("r12:1-2", 50, 600)))
    log = night(scenario, to_b(scenario))
    assert of(log, "V1", WAY)[2:] == [("wait", 58), ("go_on", 600), ("arrive", 610)]


def test_stop_without_a_way_is_left_out_and_the_next_one_served():
    # B cut off for good and known: the truck goes to A; B's goods are handed back at the dock before the next load
    scenario = line(surprise(("r12:1-2", 30, math.inf, 40)))
    plan = plan_of(scenario, [
        ("V1", "D", [("B", {"NB": 50}), ("A", {"NA": 50})]), ("V1", "D", [("A", {"NA": 50})]),
    ])  # fmt: skip
    log = night(scenario, plan)
    events = ("stop_skipped", "depart", "arrive", "trip_unfinished", "leave", "arrive_depot", "stock_returned",
              "load_start", "trip_done", "stranded")  # fmt: skip
    # loading 8 and papers as planned; A 58–64; back at D 74; taking off 6; loading 80–88, papers until 98, A 108–114
    assert of(log, "V1", events) == [
        ("leave", 30), ("arrive_depot", 30), ("load_start", 30),
        ("stop_skipped", 48), ("depart", 48), ("arrive", 58), ("trip_unfinished", 64),
        ("leave", 64), ("arrive_depot", 74), ("stock_returned", 80), ("load_start", 80),
        ("depart", 98), ("arrive", 108), ("trip_done", 114),
    ]  # fmt: skip
    assert log.loc[log["event"] == "stock_returned", "quantity"].tolist() == [50.0]


def test_trip_without_any_way_is_given_up_before_it_leaves():
    scenario = line(surprise(("r01:0-1", 30, math.inf, 40)))
    log = night(scenario, to_b(scenario))
    assert of(log, "V1", ("depart", "stop_skipped", "trip_cancelled", "stranded")) == [
        ("stop_skipped", 48), ("trip_cancelled", 48),
    ]  # fmt: skip
    assert log["event"].isin(["load_stranded"]).sum() == 1


def test_only_closures_of_the_vehicles_own_class_count():
    hazard = surprise(("r12:1-2", 50, 300))
    hazard.edges["vehicle_class"] = "bus"
    scenario = ring(hazard)
    assert of(night(scenario, to_b(scenario)), "V1", WAY) == [("depart", 48), ("arrive", 68)]


def test_slow_vehicle_takes_longer():
    from dataclasses import replace

    scenario = replace(ring(), speed_spread=(0.8, 0.8, 0.8))
    log = night(scenario, to_b(scenario))
    assert of(log, "V1", ("depart", "arrive")) == [("depart", 48), ("arrive", 48 + 25)]
