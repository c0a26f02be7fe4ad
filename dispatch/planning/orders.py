"""Allocation orders (物资调拨单): one for each issuing depot and receiving unit, down to the lot and the vehicle.

Every allotment can be traced: order number, the reports it rests on, stock lot, vehicle, receiver. What was issued must
be what was received plus the loss reported; :func:`order_balance` says where it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dispatch.clock import clock_time
from dispatch.planning.plan import Plan
from dispatch.planning.plan_rows import rows_by
from dispatch.scenario import Scenario

__all__ = [
    "BALANCE_COLUMNS",
    "ORDER_COLUMNS",
    "RECEIPT_COLUMNS",
    "allocation_orders",
    "order_balance",
    "planned_receipts",
]

ORDER_COLUMNS: dict[str, str] = {
    "order": "str",
    "depot": "str",
    "site": "str",
    "ordered_ms": "int64",
    "trip": "str",
    "stop": "int64",
    "vehicle": "str",
    "plate": "str",
    "depart_ms": "int64",
    "arrive_ms": "int64",
    "item": "str",
    "spec": "str",
    "unit": "str",
    "lot": "str",
    "mode": "str",
    "expiry": "str",
    "quantity": "int64",
    "needs": "str",
    "reports": "str",
    "synthetic": "bool",
}
"""One row per order, trip, stop, item and lot. ``order``: its number, of the order's date, depot and site, so that it
stays the same when other orders change; ``ordered_ms``: when the depot has the (phone) order, later for a city or
province depot; ``needs``, ``reports``: what it rests on, apart by ``;``; ``synthetic``: the depot, the stock or the
vehicle is not a real one. -1 stands for a time that the plan's tables do not hold."""

RECEIPT_COLUMNS: dict[str, str] = {
    "trip": "str",
    "stop": "int64",
    "item": "str",
    "lot": "str",
    "received": "int64",
    "loss": "int64",
}
"""What was signed for at a stop, and what is reported lost on the way there."""

BALANCE_COLUMNS: dict[str, str] = {
    "order": "str",
    "item": "str",
    "lot": "str",
    "issued": "int64",
    "received": "int64",
    "loss": "int64",
    "difference": "int64",
}
"""One row per order, item and lot; ``difference`` = issued − received − loss."""

_SYNTHETIC = "synthetic"


def allocation_orders(plan: Plan, scenario: Scenario) -> pd.DataFrame:
    """Orders that a plan's loads make up.

    Loads of one item and lot that a trip hands over at one stop for several needs are one line. Ids that the scenario
    does not know (a plan edited by hand) stand for themselves.

    Returns
    -------
    DataFrame
        ``ORDER_COLUMNS``, in order of departure, trip and stop; orders in that of their first line.
    """
    county = scenario.county
    trips = rows_by(plan.trips, "trip")
    stops = rows_by(plan.stops, "trip", "stop")
    needs = rows_by(scenario.needs, "need")
    items = rows_by(county.table("items"), "item")
    vehicles = rows_by(county.table("vehicles"), "vehicle")
    depots = rows_by(county.table("depots"), "depot")
    stock = rows_by(county.table("stock"), "depot", "item", "lot")
    day = clock_time(scenario.reference_time, scenario.order_ms).strftime("%Y%m%d")
    lines: list[dict[str, Any]] = []
    for (trip_id, stop_no, item_id, lot), loads in _grouped(plan.loads).items():
        trip, stop = trips.get((trip_id,), {}), stops.get((trip_id, stop_no), {})
        item, lot_row = items.get((item_id,), {}), stock.get((trip.get("depot", ""), item_id, lot), {})
        vehicle = vehicles.get((trip.get("vehicle", ""),), {})
        depot = depots.get((trip.get("depot", ""),), {})
        reports = [needs[load["need"],]["report"] for load in loads if (load["need"],) in needs]
        lines.append({
            "order": f"{day}-{trip.get('depot', '')}-{stop.get('site', '')}",
            "depot": trip.get("depot", ""),
            "site": stop.get("site", ""),
            "ordered_ms": scenario.order_ms + scenario.tier_request_ms.get(depot.get("tier", ""), 0),
            "trip": trip_id,
            "stop": stop_no,
            "vehicle": trip.get("vehicle", ""),
            "plate": vehicle.get("plate", ""),
            "depart_ms": trip.get("depart_ms", -1),
            "arrive_ms": stop.get("arrive_ms", -1),
            "item": item_id,
            "spec": item.get("spec", ""),
            "unit": item.get("unit", ""),
            "lot": lot,
            "mode": lot_row.get("mode", ""),
            "expiry": lot_row.get("expiry", ""),
            "quantity": sum(load["quantity"] for load in loads),
            "needs": ";".join(dict.fromkeys(load["need"] for load in loads)),
            "reports": ";".join(dict.fromkeys(reports)),
            "synthetic": any(_is_synthetic(row) for row in (depot, lot_row, vehicle)),
        })  # fmt: skip
    lines.sort(key=lambda line: (line["depart_ms"], line["trip"], line["stop"]))
    first = {line["order"]: i for i, line in reversed(list(enumerate(lines)))}
    lines.sort(key=lambda line: first[line["order"]])
    return _frame(lines, ORDER_COLUMNS)


def planned_receipts(plan: Plan) -> pd.DataFrame:
    """Receipts if everything arrives that the plan loads (``RECEIPT_COLUMNS``)."""
    rows = [
        {**dict(zip(("trip", "stop", "item", "lot"), line, strict=True)),
         "received": sum(load["quantity"] for load in loads), "loss": 0}
        for line, loads in _grouped(plan.loads).items()
    ]  # fmt: skip
    return _frame(rows, RECEIPT_COLUMNS)


def order_balance(orders: pd.DataFrame, receipts: pd.DataFrame) -> pd.DataFrame:
    """Compare what was issued on each order with what was received and reported lost.

    Parameters
    ----------
    orders : DataFrame
        ``ORDER_COLUMNS``.
    receipts : DataFrame
        ``RECEIPT_COLUMNS``; several receipts of one line add up.

    Returns
    -------
    DataFrame
        ``BALANCE_COLUMNS``, every order, item and lot; a receipt that belongs to no order has the order "".
    """
    of_line = {(row.trip, row.stop, row.item, row.lot): row.order for row in orders.itertuples(index=False)}
    totals: dict[tuple[str, str, str], list[int]] = {}
    for row in orders.itertuples(index=False):
        totals.setdefault((row.order, row.item, row.lot), [0, 0, 0])[0] += int(row.quantity)
    for row in receipts.itertuples(index=False):
        order = of_line.get((row.trip, row.stop, row.item, row.lot), "")
        total = totals.setdefault((order, row.item, row.lot), [0, 0, 0])
        total[1] += int(row.received)
        total[2] += int(row.loss)
    rows = [
        {"order": order, "item": item, "lot": lot, "issued": issued, "received": received, "loss": loss,
         "difference": issued - received - loss}
        for (order, item, lot), (issued, received, loss) in totals.items()
    ]  # fmt: skip
    return _frame(rows, BALANCE_COLUMNS)


def _grouped(loads: pd.DataFrame) -> dict[tuple[str, int, str, str], list[dict[str, Any]]]:
    """Loads by trip, stop, item and lot."""
    result: dict[tuple[str, int, str, str], list[dict[str, Any]]] = {}
    for load in loads.to_dict("records"):
        result.setdefault((load["trip"], load["stop"], load["item"], load["lot"]), []).append(load)
    return result


def _is_synthetic(row: Mapping[str, Any]) -> bool:
    """Whether a row of the pack says that its figures are not real ones."""
    source = str(row.get("source", "")).lower()
    return bool(row.get("synthetic", False)) or _SYNTHETIC in source or "虚拟" in source


def _frame(rows: list[dict[str, Any]], columns: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in columns.items()})
