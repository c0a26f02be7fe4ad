"""Policies on the same draws: following the plan, nearest first, planning anew at intervals or on news."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from dispatch.planning.news import News, with_closures
from dispatch.planning.relief import plan_nearest_first
from dispatch.planning.replan import BY_HAND, replan
from dispatch.simulation.indicators import indicators
from dispatch.simulation.night import drawn_night
from dispatch.simulation.policy import POLICIES, Policy
from dispatch.simulation.recorder import log_table
from dispatch.simulation.response import play
from dispatch.simulation.stage import prepare
from models.traversal import NEVER
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


@pytest.mark.parametrize(("policy", "handed_over"), [("follow", {"P": 40}), ("event", {"P": 40, "L": 60})])
def test_what_a_truck_was_loaded_short_of_is_sent_again(policy, handed_over):
    """40 of 100 quilts lie there, the supplier's 60 never come: the truck goes with 40, and 60 are sent from E."""
    scenario = world()
    stock = scenario.county.table("stock")
    physical = stock.iloc[[1]].assign(depot="D", lot="P", quantity=40.0)
    tables = {**scenario.county.tables, "stock": pd.concat([stock, physical], ignore_index=True)}
    scenario = replace(scenario, county=replace(scenario.county, tables=tables))
    plan = plan_of(scenario, [("V1", "D", [("B", {"NB/P": 40, "NB/S": 60})])])
    log = log_table([play(drawn_night(prepare(scenario, plan, Policy(policy)), 1, 0))])
    delivered = log[log["event"] == "delivered"]
    assert delivered.groupby("lot")["quantity"].sum().to_dict() == handed_over
    assert len(complete(log)) == (policy == "event")


def test_a_commander_takes_his_time_and_there_are_few():
    # one commander, 8 minutes a decision: the one that knows of the trip given up is over at 68 or, being second, 76
    scenario = world("news", news_decide=8, news_commanders=1)
    log = played(scenario, "event")
    assert complete(log)[0] in (112, 120)
    figures = indicators(log, scenario).nights.iloc[0]
    assert figures["deciding_ms"] == 8 * 60_000 * figures["orders"]
    assert figures["news_to_orders_ms"] >= 8 * 60_000


@pytest.mark.parametrize(("roles", "starts", "given"), [((), [60, 68], [68, 76]), ((1, 1), [60, 64], [68, 72])])
def test_a_second_commander_decides_meanwhile(roles, starts, given):
    """Suppliers fail at 60 and 64, a decision takes 8: one commander (the norm's) decides twice, two side by side.

    The commanders are those of the county's roles for the hazard's headquarters.
    """
    base = world("news", news_decide=8, news_commanders=1)
    stock = [
        {"depot": "D", "item": "quilt", "lot": lot, "quantity": 100, "mode": "agreement", "lead_time_min": lead,
         "reliability": 0.0}
        for lot, lead in (("S", 60), ("T", 64))
    ]  # fmt: skip
    stock.append({"depot": "E", "item": "quilt", "lot": "L", "quantity": 500, "expiry": "2030-01-01"})
    people = [{"role": f"R{k}", "name": "x", "headquarters": "H", "commanders": n} for k, n in enumerate(roles)]
    tables = {
        **base.county.tables, "stock": tiny.table("stock", stock), "roles": tiny.table("roles", people),
        "headquarters": tiny.table("headquarters", [{"headquarters": "H", "name": "h", "hazard": base.hazard}]),
    }  # fmt: skip
    vehicles = [{**row, "vehicle": name} for row in base.county.tables["vehicles"].to_dict("records")[:1]
                for name in ("V1", "V2")]  # fmt: skip
    tables["vehicles"] = tiny.table("vehicles", vehicles)
    scenario = replace(base, county=replace(base.county, tables=tables))
    plan = plan_of(scenario, [("V1", "D", [("B", {"NB/S": 50})]), ("V2", "D", [("B", {"NB/T": 50})])])
    log = log_table([play(drawn_night(prepare(scenario, plan, Policy("event")), 1, 0))])
    at = {
        event: (log.loc[log["event"] == event, "time_s"] / 60).tolist() for event in ("decision_starts", "orders_given")
    }
    assert (at["decision_starts"], at["orders_given"]) == (starts, given)


def test_at_intervals_the_next_hour_decides():
    # every 45 minutes: at 90 the truck is sent, 30 minutes later than on the news
    scenario = world("news", news_decide=0, news_every=45)
    assert complete(played(scenario, "periodic")) == [134]


def test_nearest_first_plays_its_own_plan():
    """No news: what is played is the plan made by the rule, whatever plan was given."""
    scenario = tiny.one_depot(trucks=2)
    own = plan_nearest_first(scenario)
    given = plan_of(scenario, [("V1", "D", [("B", {"NB": 100})]), ("V2", "D", [("A", {"NA": 100})])])
    mine = log_table([play(drawn_night(prepare(scenario, own), 1, 0))])
    night = log_table([play(drawn_night(prepare(scenario, given, Policy("nearest_first")), 1, 0))])
    columns = ["time_s", "event", "actor", "trip"]
    pd.testing.assert_frame_equal(night[columns], mine[columns])


def test_nearest_first_does_not_follow_the_plan_it_is_given():
    scenario = world()
    night = drawn_night(prepare(scenario, plan_of(scenario, [("V1", "D", [("B", {"NB/S": 100})])]),
                                Policy("nearest_first")), 1, 0)  # fmt: skip
    assert night.stage.plan.trips["depot"].tolist() == ["E"]  # the rule has its own first plan: E's goods are there
    assert complete(log_table([play(night)])) == [74]


def test_the_rule_by_hand_goes_only_where_roads_known_now_lead():
    """B is nearest, but its road is closed for good: with the news the rule sends the truck to C instead."""
    needs = [tiny.need("NB", "B", "quilt", 100, 100.0), tiny.need("NC", "C", "quilt", 100, 100.0)]
    scenario = tiny.one_depot(needs=needs, trucks=1, roads=tiny.network([(0, 1, 5), (0, 2, 20)]),
                              sites={"D": ("depot", 0), "B": ("place", 1), "C": ("place", 2)})  # fmt: skip
    plan = plan_of(scenario, [("V1", "D", [("B", {"NB": 100})]), ("V1", "D", [("C", {"NC": 100})])])
    closed = with_closures(scenario.disruption, [("r01:0-1", "", 0, NEVER)])
    now = scenario.order_ms
    assert replan(scenario, plan, now, News(), work=BY_HAND).stops["site"].tolist() == ["B", "C"]
    assert replan(scenario, plan, now, News(roads=closed), work=BY_HAND).stops["site"].tolist() == ["C"]


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
