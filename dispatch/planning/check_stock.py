"""Goods: lots, needs and what a vehicle may carry."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from dispatch.clock import HOUR_MS, MINUTE_MS, clock_time
from dispatch.planning.check_tables import Row, Tables
from dispatch.planning.violation import Violation
from dispatch.scenario import Scenario

__all__ = ["StockLot", "check_stock", "stock_lots"]

_TOLERANCE = 1e-6


@dataclass(frozen=True)
class StockLot:
    """A row of the stock table as the clock sees it; ``expiry``: last day on which it may be handed over."""

    quantity: float
    mode: str
    asked_ms: int
    lead_ms: int
    per_h: float
    expiry: date | None

    def released(self, time_ms: int) -> float:
        """Units released by an instant."""
        if self.mode == "physical":
            return self.quantity
        since_ms = time_ms - self.asked_ms - self.lead_ms
        if since_ms < 0:
            return 0.0
        if math.isnan(self.per_h):
            return self.quantity
        return min(self.quantity, math.floor(self.per_h * since_ms / HOUR_MS + _TOLERANCE))


def stock_lots(scenario: Scenario) -> dict[tuple[str, str, str], StockLot]:
    """The county's stock by (depot, item, lot)."""
    tier = {row["depot"]: row["tier"] for row in scenario.county.table("depots").to_dict("records")}
    shelf_d = {row["item"]: row["shelf_life_d"] for row in scenario.county.table("items").to_dict("records")}
    result: dict[tuple[str, str, str], StockLot] = {}
    for row in scenario.county.table("stock").to_dict("records"):
        asked_ms = scenario.order_ms
        if tier.get(row["depot"]) in {"city", "province"}:
            asked_ms += scenario.tier_request_ms.get(tier[row["depot"]], 0)
        lead_min = 0.0 if math.isnan(row["lead_time_min"]) else row["lead_time_min"]
        expiry = date.fromisoformat(row["expiry"]) if row["expiry"] else None
        if expiry is None and row["produced"] and not math.isnan(shelf_d.get(row["item"], math.nan)):
            expiry = date.fromisoformat(row["produced"]) + timedelta(days=int(shelf_d[row["item"]]))
        quantity = 0.0 if math.isnan(row["quantity"]) else math.floor(row["quantity"])
        result[row["depot"], row["item"], row["lot"]] = StockLot(
            quantity, row["mode"], asked_ms, math.ceil(round(lead_min * MINUTE_MS, 3)), row["release_per_h"], expiry
        )
    return result


def check_stock(tables: Tables, scenario: Scenario) -> list[Violation]:
    """Check lots, expiry, order of issue, needs and loads."""
    lots = stock_lots(scenario)
    return [
        *_needs(tables),
        *_capacity(tables),
        *_lots(tables, lots),
        *_expiry(tables, scenario, lots),
        *_first_expired_first_out(tables, scenario, lots),
    ]


def _loads(tables: Tables) -> Iterator[tuple[Row, Row, Row]]:
    """Trip, stop and load of every load, by road and by air."""
    for trip in tables.trips.values():
        for stop, loads in tables.of_trip(trip["trip"]):
            for load in loads:
                yield trip, stop, load
    yield from tables.flown


def _at(stop: Row, load: Row) -> Row:
    return {
        "trip": stop["trip"], "stop": stop["stop"], "place": stop["site"], "need": load["need"],
        "item": load["item"], "lot": load["lot"],
    }  # fmt: skip


def _needs(tables: Tables) -> Iterator[Violation]:
    """Goods are what the need asks for or a substitute, at its delivery point, and not more."""
    total: dict[str, int] = defaultdict(int)
    for _, stop, load in _loads(tables):
        need = tables.needs[load["need"]]
        allowed = [need["item"], *filter(None, (s.strip() for s in need["substitutes"].split(";")))]
        if load["item"] not in allowed:
            yield Violation("item_not_for_need", **_at(stop, load), value=load["item"], limit=" / ".join(allowed))
        if stop["site"] != need["site"]:
            yield Violation("wrong_site", **_at(stop, load), value=stop["site"], limit=need["site"])
        total[load["need"]] += load["quantity"]
    for name, quantity in total.items():
        need = tables.needs[name]
        if quantity > need["quantity"]:
            yield Violation("above_need", place=need["place"], need=name, item=need["item"], value=float(quantity),
                            limit=float(need["quantity"]), unit="quantity")  # fmt: skip


def _capacity(tables: Tables) -> Iterator[Violation]:
    """A load is limited by mass and by volume."""
    for trip in tables.trips.values():
        vehicle = tables.vehicles[trip["vehicle"]]
        loads = [load for _, of in tables.of_trip(trip["trip"]) for load in of]
        weight_kg, volume_m3 = tables.size(loads)
        where: Row = {"trip": trip["trip"], "vehicle": trip["vehicle"]}
        if weight_kg > vehicle["payload_kg"] + 1e-3:
            yield Violation("over_payload", **where, value=weight_kg, limit=float(vehicle["payload_kg"]), unit="kg")
        if volume_m3 > vehicle["volume_m3"] + 1e-6:
            yield Violation("over_volume", **where, value=volume_m3, limit=float(vehicle["volume_m3"]), unit="m3")


def _lots(tables: Tables, lots: dict[tuple[str, str, str], StockLot]) -> Iterator[Violation]:
    """A lot is of the trip's depot and is never taken beyond what it holds, nor before it is released."""
    taken: dict[tuple[str, str, str], list[tuple[int, str, int]]] = defaultdict(list)
    for trip, stop, load in _loads(tables):
        key = (trip["depot"], load["item"], load["lot"])
        if key in lots:
            taken[key].append((trip["load_start_ms"], trip["trip"], load["quantity"]))
        else:
            yield Violation("unknown_lot", **_at(stop, load), depot=trip["depot"], value=load["lot"])
    for (depot, item, lot), moments in taken.items():
        held = lots[depot, item, lot]
        total = sum(quantity for _, _, quantity in moments)
        where: Row = {"depot": depot, "item": item, "lot": lot}
        if total > held.quantity:
            yield Violation("stock_exceeded", **where, value=float(total), limit=float(held.quantity), unit="quantity")
            continue
        moments.sort()
        so_far = 0
        for k, (time_ms, trip_id, quantity) in enumerate(moments):
            so_far += quantity
            last_of_instant = k + 1 == len(moments) or moments[k + 1][0] > time_ms
            if last_of_instant and so_far > held.released(time_ms):
                yield Violation("stock_not_released", **where, trip=trip_id, value=float(so_far),
                                limit=float(held.released(time_ms)), unit="quantity")  # fmt: skip


def _expiry(tables: Tables, scenario: Scenario, lots: dict[tuple[str, str, str], StockLot]) -> Iterator[Violation]:
    """Nothing expired is handed over."""
    for trip, stop, load in _loads(tables):
        held = lots.get((trip["depot"], load["item"], load["lot"]))
        day = clock_time(scenario.reference_time, stop["unload_end_ms"]).date()
        if held is not None and held.expiry is not None and day > held.expiry:
            yield Violation("lot_expired", **_at(stop, load), depot=trip["depot"], value=day.isoformat(),
                            limit=held.expiry.isoformat())  # fmt: skip


def _first_expired_first_out(
    tables: Tables, scenario: Scenario, lots: dict[tuple[str, str, str], StockLot]
) -> Iterator[Violation]:
    """No lot goes out while one of the same kind that expires sooner is left over that could have gone instead."""
    used: dict[tuple[str, str, str], int] = defaultdict(int)
    for trip, _, load in _loads(tables):
        used[trip["depot"], load["item"], load["lot"]] += load["quantity"]
    alike: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for (depot, item, lot), held in lots.items():
        alike[depot, item, held.mode].append(lot)
    for trip, stop, load in _loads(tables):
        key = (trip["depot"], load["item"], load["lot"])
        if key not in lots:
            continue
        held = lots[key]
        day = clock_time(scenario.reference_time, stop["unload_end_ms"]).date()
        for other in alike[trip["depot"], load["item"], held.mode]:
            sooner = lots[trip["depot"], load["item"], other]
            if sooner.expiry is None or sooner.expiry < day or sooner.expiry >= (held.expiry or date.max):
                continue
            left = sooner.released(trip["load_start_ms"]) - used[trip["depot"], load["item"], other]
            if left > 0:
                yield Violation("later_lot_first", **_at(stop, load), depot=trip["depot"], value=load["lot"],
                                limit=other)  # fmt: skip
                break
