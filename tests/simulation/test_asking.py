"""The county asks a higher tier: once, when the order reaches it, for what its orders count on."""

from __future__ import annotations

from dispatch.simulation.night import drawn_night
from dispatch.simulation.policy import Policy
from dispatch.simulation.recorder import log_table
from dispatch.simulation.response import play, replay
from dispatch.simulation.stage import prepare
from tests import tiny
from tests.simulation.plans import plan_of

MINUTE = 60_000
NEEDS = [tiny.need("NB", "B", "quilt", 100, 100.0)]


def _world(reliability=1.0):
    """County depot D and city depot E, asked 40 minutes after the order at 0, both on the road to B."""
    tables = {
        "depots": [{"depot": "D", "name": "D", "tier": "county", "docks": 1, "readiness": "ready"},
                   {"depot": "E", "name": "E", "tier": "city", "docks": 1, "readiness": "ready"}],
        "stock": [{"depot": "D", "item": "quilt", "lot": "S", "quantity": 60, "mode": "agreement", "lead_time_min": 5,
                   "reliability": reliability},
                  {"depot": "E", "item": "quilt", "lot": "L", "quantity": 500, "expiry": "2030-01-01"}],
    }  # fmt: skip
    return tiny.one_depot(needs=NEEDS, roads=tiny.network([(0, 1, 10), (1, 2, 10)]), tables=tables, trucks=2,
                          sites={"D": ("depot", 0), "E": ("depot", 1), "B": ("place", 2)},
                          tier_request_ms={"city": 40 * MINUTE, "province": 0})  # fmt: skip


def _asked(log):
    rows = log[log["event"] == "tier_requested"]
    return list(zip(rows["time_s"] / 60, rows["detail"], rows["quantity"], strict=True))


def test_the_city_is_asked_for_what_the_plan_takes_from_it_and_opens_for_that():
    """60 from the county, 40 from the city; the order reaches the city at 40, and its depot opens because of that."""
    scenario = _world()
    plan = plan_of(scenario, [("V1", "D", [("B", {"NB/S": 60})]), ("V2", "E", [("B", {"NB": 40})])])
    log = replay(scenario, plan)
    assert _asked(log) == [(40.0, "city", 40.0)]
    opened = log[(log["event"] == "depot_open") & (log["place"] == "E")].iloc[0]
    asked = log[log["event_id"] == opened["cause"]].iloc[0]
    assert (asked["event"], asked["detail"]) == ("tier_requested", "city")
    assert log.loc[log["event_id"] == asked["cause"], "event"].tolist() == ["order_received"]
    assert opened["time_s"] >= 40 * 60


def test_a_plan_that_takes_nothing_from_above_asks_nobody():
    scenario = _world()
    assert _asked(replay(scenario, plan_of(scenario, [("V1", "D", [("B", {"NB/S": 60})])]))) == []


def test_new_orders_ask_the_city_when_they_first_count_on_it():
    """The county's supplier fails; what headquarters then order from the city is asked at that decision, once."""
    scenario = _world(reliability=0.0)
    plan = plan_of(scenario, [("V1", "D", [("B", {"NB/S": 60})])])
    log = log_table([play(drawn_night(prepare(scenario, plan, Policy("event")), 1, 0))])
    asked, given = _asked(log), log.loc[log["event"] == "orders_given", "time_s"] / 60
    assert len(asked) == 1
    assert asked[0][1] == "city"
    assert asked[0][0] == max(given.iloc[0], 40.0)
