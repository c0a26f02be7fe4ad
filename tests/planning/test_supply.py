"""Depots, lots and vehicles at their planning values: hand-computed hours on the tiny world (call-up 30 min)."""

from __future__ import annotations

import pytest

from dispatch.planning.supply import read_depots, read_lots, read_vehicles
from models.traversal import NEVER
from tests import tiny

MINUTE = 60_000
HOUR = 60 * MINUTE


def _depots(**depot):
    row = {"depot": "D", "name": "县库", "tier": "county", "docks": 1, **depot}
    requests = {"city": 20 * MINUTE, "province": HOUR}
    return read_depots(tiny.one_depot(tables={"depots": [row]}, tier_request_ms=requests))


@pytest.mark.parametrize(
    ("depot", "open_min"),
    [
        ({"readiness": "standby"}, 30),
        ({"readiness": "standby", "open_min": 10.0}, 30),
        ({"readiness": "standby", "open_min": 45.0}, 45),
        ({"readiness": "ready"}, 0),
        ({"readiness": "ready", "open_min": 10.0}, 10),
        # approval runs beside the call-up
        ({"readiness": "ready", "approval_min": 25.0}, 25),
        ({"readiness": "standby", "approval_min": 25.0}, 30),
        # the city has its order 20 minutes later
        ({"readiness": "standby", "tier": "city"}, 50),
        ({"readiness": "ready", "tier": "province", "approval_min": 5.0}, 65),
    ],
)
def test_depot_opens(depot, open_min):
    assert _depots(**depot)["D"].open_ms == open_min * MINUTE


def test_closed_depot_never_opens():
    assert _depots(readiness="closed")["D"].open_ms == NEVER


def test_times_count_from_the_order():
    scenario = tiny.one_depot(order_ms=2 * HOUR)
    assert read_depots(scenario)["D"].open_ms == 2 * HOUR + 30 * MINUTE
    assert read_vehicles(scenario)["V1"].ready_ms == 2 * HOUR + 30 * MINUTE


@pytest.mark.parametrize(
    ("vehicle", "ready_min"),
    [
        ({}, 30),
        ({"turnout_min": 12.0}, 12),
        # a hired vehicle comes to its base first, another 30 minutes
        ({"mode": "agreement"}, 60),
        ({"mode": "requisition", "turnout_min": 12.0}, 42),
    ],
)
def test_vehicle_is_called_up(vehicle, ready_min):
    row = {"vehicle": "V1", "base": "D", "class": "truck_5t", "payload_kg": 5000.0, "volume_m3": 38.0, **vehicle}
    assert read_vehicles(tiny.one_depot(tables={"vehicles": [row]}))["V1"].ready_ms == ready_min * MINUTE


def _lots(*rows):
    stock = [{"depot": "D", "item": "quilt", **row} for row in rows]
    return read_lots(tiny.one_depot(tables={"stock": stock})).get(("D", "quilt"), ())


def test_order_of_issue_is_held_before_agreed_and_soonest_expiry_first():
    lots = _lots(
        {"lot": "agreed", "quantity": 5, "mode": "agreement", "expiry": "2026-08-01"},
        {"lot": "no date", "quantity": 5},
        {"lot": "late", "quantity": 5, "expiry": "2029-01-01"},
        {"lot": "soon", "quantity": 5, "expiry": "2026-07-25"},
    )
    assert [lot.lot for lot in lots] == ["soon", "late", "no date", "agreed"]


def test_expired_lots_are_left_out_and_the_expiry_day_still_counts():
    # the order is on 20 July 2026 at 22:00
    lots = _lots(
        {"lot": "yesterday", "quantity": 5, "expiry": "2026-07-19"},
        {"lot": "today", "quantity": 5, "expiry": "2026-07-20"},
    )
    assert [(lot.lot, lot.until_ms) for lot in lots] == [("today", 2 * HOUR)]


def test_expiry_follows_from_production_and_shelf_life():
    items = [{"item": "quilt", "name": "棉被", "unit": "床", "weight_kg": 3.0, "volume_m3": 0.02, "shelf_life_d": 10.0}]
    stock = [{"depot": "D", "item": "quilt", "lot": "L", "quantity": 5, "produced": "2026-07-12"}]
    lots = read_lots(tiny.one_depot(tables={"items": items, "stock": stock}))["D", "quilt"]
    # 12 + 10 = 22 July is the last day, so until the midnight after it, 50 hours after the order
    assert lots[0].until_ms == 50 * HOUR


def test_agreed_stock_comes_after_its_lead_time_at_its_rate():
    lot = _lots({"lot": "L", "quantity": 50, "mode": "agreement", "lead_time_min": 60.0, "release_per_h": 20.0})[0]
    assert lot.available(60 * MINUTE - 1) == 0
    assert lot.available(63 * MINUTE) == 1
    assert lot.available(63 * MINUTE - 1) == 0
    assert lot.available(10 * HOUR) == 50
    assert lot.released_ms(1) == 63 * MINUTE
    assert lot.released_ms(50) == 60 * MINUTE + 150 * MINUTE
    assert lot.released_ms(51) == NEVER


def test_agreed_stock_without_a_rate_is_there_at_once():
    lot = _lots({"lot": "L", "quantity": 50, "mode": "capacity", "lead_time_min": 60.0})[0]
    assert (lot.available(60 * MINUTE - 1), lot.available(60 * MINUTE)) == (0, 50)
