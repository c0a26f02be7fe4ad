"""Service by hour, fairness, docks, stock and the critical chain, worked out by hand from small logs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatch.simulation.critical import NEVER_SERVED, critical_chain
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.indicators import combine, indicators
from dispatch.simulation.recorder import Recorder, log_table
from dispatch.simulation.response import replay
from dispatch.simulation.service_summary import fairness, gini, item_service, place_service, township_service
from dispatch.simulation.summary import indicators_json
from tests import tiny
from tests.simulation.nights import certain
from tests.simulation.plans import plan_of

MINUTE, HOUR = 60_000, 3_600_000
PLACES = [
    {"place": "T1", "name": "甲镇", "kind": "township"},
    {"place": "T2", "name": "乙镇", "kind": "township"},
    *({"place": p, "name": f"{p}村", "kind": "village", "parent": t, "population": 100}
      for p, t in (("A", "T1"), ("B", "T1"), ("C", "T2"))),
]  # fmt: skip
SITES = {"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2), "C": ("place", 3), "T1": ("place", 1)}


def county():
    return tiny.one_depot(sites=SITES, tables={"places": PLACES})


def slow_night(replication=0):
    """Half of A at 5 h, the rest at 7 h, B at 11 h, C never; a load at T1's seat at 4 h."""
    night = Recorder(replication)
    order = night.record(0, "order_received")
    night.record(4 * HOUR, "arrive", "V1", "vehicle", order, place="T1", quantity=10.0)
    for hour, place, units in ((5, "A", 50.0), (7, "A", 50.0), (11, "B", 100.0)):
        night.record(hour * HOUR, "delivered", "V1", "vehicle", order, place=place, item="quilt", lot="L1",
                     quantity=units, detail=f"N{place}")  # fmt: skip
    night.record(3 * HOUR, "stock_short", "V1", "vehicle", order, place="D", item="quilt", lot="L1", quantity=100.0)
    night.record(24 * HOUR, "need_unmet", "C", "place", place="C", item="quilt", quantity=100.0, detail="NC")
    return night


@pytest.fixture
def found():
    return indicators(log_table([slow_night()]), county())


def test_shares_by_place_and_township(found):
    assert found.need_share[0].tolist() == [[0.5, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 0]]
    places = place_service(found, county()).set_index("place")
    assert places.loc["A"].tolist() == [0.5, 1, 1, 1]
    towns = township_service(found, county()).set_index("township")
    assert towns.loc["T1", ["share_6", "share_10", "share_12", "share_24"]].tolist() == [0.25, 0.5, 1, 1]
    assert (towns.at["T1", "seat_p50_ms"], towns.at["T1", "p_seat"]) == (4 * HOUR, 1.0)
    assert (towns.at["T2", "seat_p50_ms"], towns.at["T2", "p_seat"]) == (-1, 0.0)
    assert (towns.at["T1", "complete_p50_ms"], towns.at["T2", "complete_p50_ms"]) == (11 * HOUR, 24 * HOUR)
    assert towns["people"].tolist() == [200, 100]


def test_items_with_what_is_missing(found):
    item = item_service(found, county()).set_index("item").loc["quilt"]
    assert item[["share_6", "share_10", "share_12", "share_24"]].tolist() == pytest.approx([1 / 6, 1 / 3, 2 / 3, 2 / 3])
    assert (item["delivered"], item["unmet"], item["short"], item["p_stock_out"]) == (200, 100, 100, 1)


def test_fairness_by_hand(found):
    """At 6 h (½, 0, 0): four ordered pairs differ by ½, Gini 2 / (2 · 9 · 1/6) = 2/3. At 24 h (1, 1, 0): 1/3."""
    table = fairness(found, county()).set_index("hour")
    assert table.loc[6, ["share", "gini", "worst_share"]].tolist() == pytest.approx([1 / 6, 2 / 3, 0])
    assert table.loc[24, ["share", "gini", "worst_share"]].tolist() == pytest.approx([2 / 3, 1 / 3, 0])
    assert (table.at[24, "worst_place"], table.at[24, "p_worst"]) == ("C", 1.0)


def test_gini_is_half_the_mean_difference_over_the_mean():
    random = np.random.default_rng(2)
    share, people = random.random((4, 9)), random.integers(1, 50, 9).astype(float)
    for row, value in zip(share, gini(share, people), strict=True):
        gaps = np.abs(row[:, None] - row) * people[:, None] * people
        mean = (row * people).sum() / people.sum()
        assert value == pytest.approx(gaps.sum() / (2 * people.sum() ** 2 * mean))
    assert gini(np.ones((1, 3)), np.ones(3)).tolist() == [0]
    assert gini(np.zeros((1, 3)), np.ones(3)).tolist() == [0]


def test_docks_in_use_by_hand():
    """One dock: V1 loads from 30 to 38, V2 waits from 30 and loads until 46 (the timetable of test_replay)."""
    scenario = certain(tiny.one_depot(trucks=2))
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 100}), ("B", {"NB": 100})]), ("V2", "D", [("C", {"NC": 100})])])
    log = replay(scenario, plan)
    row = indicators(log, scenario).depots.iloc[0]
    loads = log[log["event"].isin(["load_start", "load_end"])]
    minutes = loads["time_s"].to_numpy() / 60
    assert row["loading_ms"] == pytest.approx((minutes[1] - minutes[0] + minutes[3] - minutes[2]) * MINUTE)
    assert (row["trucks"], row["waits"], row["longest_line"]) == (2, 1, 1)
    assert row["wait_ms"] == row["longest_wait_ms"] == 8 * MINUTE
    early = indicators(log, replace(scenario, deadline_ms=int((minutes[0] + 1) * MINUTE))).depots.iloc[0]
    assert early["loading_ms"] == MINUTE  # within the deadline's span only


@pytest.mark.parametrize(("expiry", "expired"), [("2026-07-19", 300.0), ("2026-07-20", 0.0), ("", 0.0)])
def test_units_issued_after_their_lots_last_day_are_counted(expiry, expired):
    """The trucks load at half past ten in the evening of 20 July."""
    scenario = certain(tiny.one_depot(trucks=2))
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 100}), ("B", {"NB": 100})]), ("V2", "D", [("C", {"NC": 100})])])
    log = replay(scenario, plan)
    stock = {"depot": "D", "item": "quilt", "lot": "L1", "quantity": 500, "expiry": expiry}
    other = tiny.one_depot(trucks=2, tables={"stock": [stock]})
    table = indicators(log, other).stock
    assert table["issued"].tolist() == [300]
    assert table["expired"].tolist() == [expired]


def test_logs_taken_together_or_apart_give_the_same_figures():
    scenario = county()
    logs = [log_table([slow_night(k)]) for k in range(3)]
    whole = indicators(log_table([slow_night(k) for k in range(3)]), scenario)
    parts = combine([indicators(log, scenario) for log in logs])
    assert np.array_equal(whole.need_share, parts.need_share)
    assert np.array_equal(whole.seat_ms, parts.seat_ms)
    assert whole.stock.equals(parts.stock)
    assert whole.depots.equals(parts.depots)


def test_the_step_that_made_the_last_place_late_is_blamed():
    """Nothing varies but a closure before C on some nights: the truck stands before it, and all the rest is late."""
    group = {"group": "g", "probability": 0.5, "shift_low_s": 0.0, "shift_mode_s": 0.0, "shift_high_s": 0.0,
             "duration_low": 1.0, "duration_mode": 1.0, "duration_high": 1.0}  # fmt: skip
    hazard = tiny.disruption([tiny.closure("r23:2-3", 3600, 3 * 3600, group="g")], [group])
    trips = [("V1", "D", [("C", {"NC": 100}), ("B", {"NB": 100}), ("A", {"NA": 100})])]
    plan = plan_of(certain(tiny.one_depot()), trips)
    scenario = replace(certain(tiny.one_depot(hazard)), deadline_ms=200 * MINUTE)
    nights = simulate(scenario, plan, replications=20)
    assert 0 < nights.nights["on_time"].sum() < 20
    assert (nights.nights["places_reachable"] == 3).all()
    table = critical_chain(nights.indicators).set_index("step")
    assert table["late_share"].idxmax() == "road_wait"
    assert table["late_share"].max() == 1.0
    assert table.at["road_wait", "usual_min"] == 0


def test_never_served_is_counted_apart(found):
    table = critical_chain(found).set_index("step")
    assert table.at[NEVER_SERVED, "late_share"] == 1.0
    assert table["late_share"].sum() == 1.0


def test_everything_is_in_the_indicators_file():
    scenario = county()
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 100}), ("B", {"NB": 100}), ("C", {"NC": 100})])])
    written = indicators_json(simulate(scenario, plan, replications=3).summary)
    for name in ("townships", "items", "fairness", "critical", "depots", "place_service"):
        assert written[name]
    assert [row["expired"] for row in written["items"]] == [0.0]
