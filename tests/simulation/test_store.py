"""Lots on a night: agreed goods that come late or not at all, what takes their place, and that nothing is lost."""

from __future__ import annotations

import pytest

from dispatch.planning.supply import read_lots
from dispatch.simulation.draws import PlanningValues
from dispatch.simulation.response import replay
from dispatch.simulation.store import Cargo, ConservationError, Store
from tests import tiny
from tests.simulation.nights import certain, chain, night, of
from tests.simulation.plans import plan_of


def stock(*rows):
    return {"stock": [{"depot": "D", "item": "quilt", **row} for row in rows]}


AGREED = {"lot": "S", "quantity": 500, "mode": "agreement", "lead_time_min": 60}


def one_trip(scenario, **loads):
    return plan_of(scenario, [("V1", "D", [("A", {f"NA/{lot}": quantity for lot, quantity in loads.items()})])])


def test_agreed_goods_are_waited_for_until_their_lead_time():
    scenario = certain(tiny.one_depot(tables=stock({**AGREED, "reliability": 1.0})))
    log = night(scenario, one_trip(scenario, S=100))
    assert of(log, "V1", ("arrive_depot", "stock_wait", "load_start", "arrive")) == [
        ("arrive_depot", 30), ("stock_wait", 30), ("load_start", 60), ("arrive", 88),
    ]  # fmt: skip
    assert chain(log, "load_start") == ["order_received", "supply_ready", "load_start"]


def test_supplier_who_never_delivers_leaves_the_trip_without_load():
    scenario = certain(tiny.one_depot(tables=stock({**AGREED, "reliability": 0.0})))
    log = night(scenario, one_trip(scenario, S=100))
    assert of(log, "V1", ("stock_wait", "stock_short", "trip_cancelled", "load_start")) == [
        ("stock_wait", 30), ("stock_short", 60), ("trip_cancelled", 60),
    ]  # fmt: skip
    assert log.loc[log["event"] == "supply_failed", "time_s"].tolist() == [3600]
    assert log.loc[log["event"] == "need_unmet", "quantity"].tolist() == [100, 100, 100]


def test_stock_that_nobody_needs_takes_the_place_of_what_does_not_come():
    # 130 in the physical lot, 60 of them planned for V2: 70 are free, 30 are short
    tables = stock({**AGREED, "reliability": 0.0}, {"lot": "L1", "quantity": 130})
    scenario = certain(tiny.one_depot(trucks=2, docks=2, tables=tables))
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA/S": 100})]), ("V2", "D", [("B", {"NB/L1": 60})])])
    log = night(scenario, plan)
    made_up = log[log["event"].isin(["lot_substituted", "stock_short"])]
    assert made_up[["event", "lot", "quantity"]].to_numpy().tolist() == [
        ["lot_substituted", "L1", 70.0], ["stock_short", "S", 30.0],
    ]  # fmt: skip
    assert log[log["event"] == "delivered"].groupby("detail")["quantity"].sum().to_dict() == {"NA": 70, "NB": 60}


def test_expired_stock_takes_no_ones_place():
    tables = stock({**AGREED, "reliability": 0.0}, {"lot": "OLD", "quantity": 500, "expiry": "2020-01-01"})
    scenario = certain(tiny.one_depot(tables=tables))
    log = night(scenario, one_trip(scenario, S=100))
    assert not log["event"].isin(["lot_substituted", "stock_issued"]).any()


def test_plan_that_takes_more_than_there_is_loads_what_there_is():
    scenario = certain(tiny.one_depot(quilts=500))
    plan = one_trip(scenario, L1=100)
    poor = certain(tiny.one_depot(quilts=40))
    log = night(poor, plan)
    assert log.loc[log["event"] == "delivered", "quantity"].tolist() == [40]
    assert log.loc[log["event"] == "stock_short", "quantity"].tolist() == [60]


def test_reliability_is_the_share_of_nights_on_which_the_lot_comes():
    from dispatch.simulation.draws import RandomDraws

    scenario = tiny.one_depot()
    came = sum(RandomDraws(scenario, 7, k).kept("D/quilt/S", 0.7) for k in range(2000))
    assert abs(came - 1400) < 3 * (2000 * 0.7 * 0.3) ** 0.5


def test_rate_limited_goods_are_kept_for_the_truck_the_plan_gives_them_to():
    # 60 an hour from minute 0: 60 at 60, 120 at 120. V2 is planned first, at 60, but stands there only from 60 on
    # (30 km away); V1 waits there from 30 on and must not take V2's goods
    tables = stock({**AGREED, "lead_time_min": 0, "release_per_h": 60}) | {
        "vehicles": [
            {"vehicle": v, "base": base, "class": "truck_5t", "payload_kg": 5000.0, "volume_m3": 38.0}
            for v, base in (("V1", "D"), ("V2", "G"))
        ],
        "facilities": [{"facility": "G", "name": "队", "kind": "fire_team"}],
    }  # fmt: skip
    sites = {"D": ("depot", 0), "G": ("facility", 3), "A": ("place", 1), "B": ("place", 2), "C": ("place", 3)}
    scenario = tiny.one_depot(docks=2, tables=tables, sites=sites)
    plan = plan_of(scenario, [("V2", "D", [("A", {"NA/S": 60})]), ("V1", "D", [("B", {"NB/S": 60})])])
    log = replay(scenario, plan)
    assert of(log, "V2", ("load_start",)) == [("load_start", 60)]
    assert of(log, "V1", ("load_start",)) == [("load_start", 120)]


def cargo(quantity):
    return Cargo(1, "NA", "A", "D", "quilt", "L1", quantity, 3.0, 0.02)


def made_store():
    scenario = tiny.one_depot()
    return Store(read_lots(scenario), {}, PlanningValues(scenario), {})


def test_units_that_were_not_set_aside_may_not_leave():
    store = made_store()
    store.set_aside(("D", "quilt", "L1"), 0, 10, 0)
    store.issue(cargo(10))
    with pytest.raises(ConservationError):
        store.issue(cargo(1))


def test_units_that_vanish_are_noticed():
    store = made_store()
    store.set_aside(("D", "quilt", "L1"), 0, 10, 0)
    store.issue(cargo(10))
    store.deliver(cargo(4))
    store.check([cargo(6)])
    with pytest.raises(ConservationError, match="10 issued"):
        store.check([cargo(5)])
