"""Policies on the same draws: following the plan, nearest first, planning anew at intervals or on news."""

from __future__ import annotations

import pandas as pd
import pytest

from dispatch.planning.relief import plan_nearest_first
from dispatch.simulation.indicators import indicators
from dispatch.simulation.night import drawn_night
from dispatch.simulation.policy import POLICIES, Policy
from dispatch.simulation.recorder import log_table
from dispatch.simulation.response import play
from dispatch.simulation.stage import prepare
from tests import tiny
from tests.simulation.nights import chain, of
from tests.simulation.plans import plan_of
from tests.simulation.responses import sure

NEEDS = [tiny.need("NB", "B", "quilt", 100, 100.0)]


def world(*sections, **own):
    """Depot D at node 0 counts on a supplier who lets it down at 60; E at node 1 has quilts; B is at node 2."""
    tables = {
        "depots": [{"depot": d, "name": d, "tier": "county", "docks": 1} for d in "DE"],
        "stock": [
            {"depot": "D", "item": "quilt", "lot": "S", "quantity": 500, "mode": "agreement", "lead_time_min": 60,
             "reliability": 0.0},
            {"depot": "E", "item": "quilt", "lot": "L", "quantity": 500, "expiry": "2030-01-01"},
        ],
    }  # fmt: skip
    base = tiny.one_depot(needs=NEEDS, roads=tiny.network([(0, 1, 10), (1, 2, 10)]), tables=tables,
                          sites={"D": ("depot", 0), "E": ("depot", 1), "B": ("place", 2)})  # fmt: skip
    return sure(base, *sections, **own)


def played(scenario, policy):
    plan = plan_of(scenario, [("V1", "D", [("B", {"NB/S": 100})])])
    return log_table([play(drawn_night(prepare(scenario, plan, Policy(policy)), 1, 0))])


def complete(log):
    return (log.loc[log["event"] == "first_batch_complete", "time_s"] / 60).tolist()


def test_whoever_follows_the_plan_waits_for_goods_that_do_not_come():
    log = played(world(), "follow")
    assert complete(log) == []
    assert chain(log, "need_unmet")[-2:] == ["trip_cancelled", "need_unmet"]  # and the log says why


def test_on_the_news_the_truck_is_sent_to_the_other_depot():
    # from D at 60: at E 70, loaded 78, papers 88, at B 98, unloaded 104
    log = played(world(), "event")
    assert of(log, "V1", ("trip_cancelled", "arrive_depot", "arrive")) == [
        ("arrive_depot", 30), ("trip_cancelled", 60), ("arrive_depot", 70), ("arrive", 98),
    ]  # fmt: skip
    assert complete(log) == [104]
    assert (log.loc[log["event"] == "orders_given", "time_s"] / 60).unique().tolist() == [60]


def test_a_commander_takes_his_time_and_there_are_few():
    # one commander, 8 minutes a decision: the one that knows of the trip given up is over at 68 or, being second, 76
    scenario = world("news", news_decide=8, news_commanders=1)
    log = played(scenario, "event")
    assert complete(log)[0] in (112, 120)
    figures = indicators(log, scenario).nights.iloc[0]
    assert figures["deciding_ms"] == 8 * 60_000 * figures["orders"]
    assert figures["news_to_orders_ms"] >= 8 * 60_000


def test_at_intervals_the_next_hour_decides():
    # every 45 minutes: at 90 the truck is sent, 30 minutes later than on the news
    scenario = world("news", news_decide=0, news_every=45)
    assert complete(played(scenario, "periodic")) == [134]


def test_nearest_first_plays_its_own_plan():
    scenario = world()
    own = plan_nearest_first(scenario)
    mine = log_table([play(drawn_night(prepare(scenario, own), 1, 0))])
    pd.testing.assert_frame_equal(played(scenario, "nearest_first"), mine)


def test_policies_share_their_draws():
    """No news and nothing to decide: all that happens to the truck happens at the same time under every policy."""
    scenario = tiny.one_depot(trucks=2)
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 100})]), ("V2", "D", [("B", {"NB": 100})]),
                              ("V1", "D", [("C", {"NC": 100})])])  # fmt: skip
    logs = {
        name: log_table([play(drawn_night(prepare(scenario, plan, Policy(name)), 3, 5))])
        for name in ("follow", "event")
    }
    columns = ["time_s", "event", "actor", "trip"]
    pd.testing.assert_frame_equal(logs["follow"][columns], logs["event"][columns])


def test_an_unknown_policy_is_refused():
    with pytest.raises(ValueError, match="nearest_first"):
        Policy("best")
    assert len(POLICIES) == 4
