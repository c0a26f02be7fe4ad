"""Allocation orders hold exactly what the plan loads, can be traced, and balance with what is received."""

from __future__ import annotations

from collections import Counter

import pandas as pd
from hypothesis import HealthCheck, given, settings

from dispatch.planning.order_forms import form_pages
from dispatch.planning.orders import (
    BALANCE_COLUMNS,
    ORDER_COLUMNS,
    RECEIPT_COLUMNS,
    allocation_orders,
    order_balance,
    planned_receipts,
)
from dispatch.planning.plan import LOAD_COLUMNS, Plan, empty_plan
from dispatch.planning.plan_view import PlanView
from dispatch.scenario import Scenario
from tests import tiny
from tests.planning.plans import MINUTE, by_hand, random_plans


def _with_loads(rows: list[dict[str, object]]) -> Plan:
    plan = by_hand()
    return Plan(
        plan.trips, plan.stops, tiny.frame(LOAD_COLUMNS, rows), plan.paths, plan.unmet, plan.objective, plan.meta
    )


def _load(stop: int, need: str, quantity: int, lot: str = "L1") -> dict[str, object]:
    return {"trip": "T1", "stop": stop, "need": need, "item": "quilt", "lot": lot, "quantity": quantity}


def _scenario(**changed: object) -> Scenario:
    """``tiny.one_depot`` with changed columns of its depot, stock or vehicle (``table__column=value``)."""
    scenario = tiny.one_depot()
    for name, value in changed.items():
        table, column = name.split("__")
        scenario.county.table(table)[column] = value
    return scenario


def test_one_order_for_each_depot_and_receiver() -> None:
    """A and B get 100 quilts each from D in one trip: two orders of one line."""
    orders = allocation_orders(by_hand(), tiny.one_depot())
    assert {name: str(kind) for name, kind in orders.dtypes.items()} == ORDER_COLUMNS
    assert orders["order"].tolist() == ["20260720-D-A", "20260720-D-B"]
    first = orders.iloc[0].to_dict()
    assert first == {
        "order": "20260720-D-A", "depot": "D", "site": "A", "ordered_ms": 0, "trip": "T1", "stop": 1, "vehicle": "V1",
        "plate": "", "depart_ms": 48 * MINUTE, "arrive_ms": 58 * MINUTE, "item": "quilt", "spec": "", "unit": "床",
        "lot": "L1", "mode": "physical", "expiry": "2030-01-01", "quantity": 100, "needs": "NA", "reports": "R-A",
        "synthetic": False,
    }  # fmt: skip


def test_needs_of_one_stop_are_one_line_and_lots_are_not() -> None:
    """What the storekeeper takes from one lot for one receiver is one figure; every need it rests on is named."""
    plan = _with_loads([_load(1, "NA", 60), _load(1, "NA-rest", 30), _load(1, "NA", 10, "L2")])
    orders = allocation_orders(plan, tiny.one_depot())
    lines = orders[["order", "lot", "quantity", "needs"]].values.tolist()
    assert lines == [["20260720-D-A", "L1", 90, "NA;NA-rest"], ["20260720-D-A", "L2", 10, "NA"]]


def test_an_order_number_does_not_depend_on_other_orders() -> None:
    """A corrected plan must not renumber papers that are already out."""
    orders = allocation_orders(_with_loads([_load(2, "NB", 100)]), tiny.one_depot())
    assert orders["order"].tolist() == ["20260720-D-B"]


def test_a_city_depot_has_its_order_later() -> None:
    scenario = _scenario(depots__tier="city")
    assert allocation_orders(by_hand(), scenario)["ordered_ms"].tolist() == [0, 0]
    asked = tiny.one_depot(tier_request_ms={"city": 40 * MINUTE, "province": 0}, order_ms=5 * MINUTE)
    asked.county.table("depots")["tier"] = "city"
    assert allocation_orders(by_hand(), asked)["ordered_ms"].tolist() == [45 * MINUTE, 45 * MINUTE]


def test_synthetic_stock_depots_and_vehicles_mark_the_order() -> None:
    for changed in (
        {"depots__synthetic": True}, {"vehicles__synthetic": True}, {"stock__source": "synthetic: by norm"},
        {"depots__source": "虚拟"}, {"stock__source": "Synthetic"},
    ):  # fmt: skip
        assert allocation_orders(by_hand(), _scenario(**changed))["synthetic"].all(), changed
    assert not allocation_orders(by_hand(), _scenario(stock__source="county ledger 2024"))["synthetic"].any()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=random_plans())
def test_any_plan_makes_orders_of_all_its_loads(plan: Plan) -> None:
    """Also one with ids that nobody knows: nothing is lost, nothing is added, and its planned receipts balance."""
    scenario = tiny.one_depot()
    orders = allocation_orders(plan, scenario)
    loaded: Counter[tuple[str, str, str]] = Counter()
    for load in plan.loads.itertuples(index=False):
        loaded[load.trip, load.item, load.lot] += load.quantity
    ordered: Counter[tuple[str, str, str]] = Counter()
    for line in orders.itertuples(index=False):
        ordered[line.trip, line.item, line.lot] += line.quantity
    assert ordered == loaded
    assert (order_balance(orders, planned_receipts(plan))["difference"] == 0).all()


def _receipts(*rows: tuple[str, int, str, str, int, int]) -> pd.DataFrame:
    return tiny.frame(RECEIPT_COLUMNS, [dict(zip(RECEIPT_COLUMNS, row, strict=True)) for row in rows])


def test_issued_is_received_plus_loss() -> None:
    """3 quilts wet and reported on the way to A: balanced; 5 of B's nowhere to be found: 5 too few."""
    orders = allocation_orders(by_hand(), tiny.one_depot())
    balance = order_balance(orders, _receipts(("T1", 1, "quilt", "L1", 97, 3), ("T1", 2, "quilt", "L1", 95, 0)))
    assert {name: str(kind) for name, kind in balance.dtypes.items()} == BALANCE_COLUMNS
    assert balance[["order", "issued", "received", "loss", "difference"]].values.tolist() == [
        ["20260720-D-A", 100, 97, 3, 0],
        ["20260720-D-B", 100, 95, 0, 5],
    ]


def test_a_receipt_in_two_parts_adds_up_and_a_foreign_one_shows() -> None:
    orders = allocation_orders(by_hand(), tiny.one_depot())
    receipts = _receipts(
        ("T1", 1, "quilt", "L1", 60, 0), ("T1", 1, "quilt", "L1", 40, 0), ("T1", 2, "quilt", "L1", 100, 0),
        ("T9", 1, "quilt", "L1", 7, 0),
    )  # fmt: skip
    balance = order_balance(orders, receipts).set_index("order")["difference"].to_dict()
    assert balance == {"20260720-D-A": 0, "20260720-D-B": 0, "": -7}


def test_specifications_are_in_english_where_the_table_has_them() -> None:
    """50条一捆 says nothing to whoever reads the English order; where no English text is given, the county's stands."""
    items = [
        {"item": "quilt", "name": "棉被", "unit": "床", "weight_kg": 3.0, "volume_m3": 0.02, "spec": "十床一捆",
         "spec_en": "bales of ten"},
        {"item": "coat", "name": "大衣", "unit": "件", "weight_kg": 2.0, "volume_m3": 0.02, "spec": "加长"},
    ]  # fmt: skip
    scenario = tiny.one_depot(tables={"items": items})
    said = {lang: PlanView(empty_plan(), scenario, lang) for lang in ("zh", "en")}
    assert [said["en"].spec("quilt"), said["zh"].spec("quilt")] == ["bales of ten", "十床一捆"]
    assert [said["en"].spec("coat"), said["en"].spec("nothing")] == ["加长", ""]


def test_units_on_the_forms_are_in_the_readers_language() -> None:
    """床 is a measure word: pieces in English; the ledger keeps what the county writes."""
    plan = by_hand()
    for lang, unit in (("zh", "床"), ("en", PlanView(plan, tiny.one_depot(), "en").unit("quilt"))):
        view = PlanView(plan, tiny.one_depot(), lang)
        for form in form_pages(view):
            assert set(form.lines.rows["unit"]) == {unit}
        assert set(view.orders["unit"]) == {"床"}
    assert unit != "床"
