"""What there is to send and what carries it, and from when: depots, lots and vehicles at their planning values.

Rules, all counted from the order (for a city or province depot from the moment the order reaches its tier):

- a depot loads from the later of its opening and its owner's approval, which run side by side; a depot ``ready`` opens
  after ``open_min``, one on ``standby`` after the longer of that and the call-up, one ``closed`` not at all;
- agreed and capacity stock exists from its lead time on, at its release rate (all at once where none is given);
- a lot may be unloaded up to and on its expiry day (day of production plus shelf life where only that is known);
- physical stock goes before agreed and that before capacity, and what expires first before what expires later;
- a vehicle sets out after its turn-out time, or the call-up where none is given; a hired one has the step
  ``vehicle_arrival`` on top.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dispatch.clock import HOUR_MS, MINUTE_MS, clock_time, offset_ms
from dispatch.scenario import Scenario
from models.traversal import NEVER

__all__ = [
    "TIER_RANK",
    "Depot",
    "Lot",
    "Vehicle",
    "agreed_reliability",
    "read_depots",
    "read_lots",
    "read_vehicles",
]

TIER_RANK: dict[str, int] = {"county": 0, "township": 0, "village": 0, "city": 1, "province": 2}
"""Who is asked first: the county's own depots, then the city's, then the province's."""

_UPPER = {1: "city", 2: "province"}
_MODES = {"physical": 0, "agreement": 1, "capacity": 2}


@dataclass(frozen=True)
class Depot:
    """A depot: ``open_ms`` is when loading may begin there, ``NEVER`` if it stays closed."""

    depot: str
    rank: int
    docks: int
    open_ms: int


@dataclass(frozen=True)
class Lot:
    """A lot of one item in one depot.

    Attributes
    ----------
    quantity : int
        Whole units.
    start_ms : int
        From when the first unit is there; ``-NEVER`` for physical stock.
    per_h : float
        Release rate, units an hour; ``inf`` = all at ``start_ms``.
    until_ms : int
        Must be unloaded before this instant (end of the expiry day); ``NEVER`` if it does not expire.
    """

    depot: str
    item: str
    lot: str
    mode: str
    quantity: int
    start_ms: int
    per_h: float
    until_ms: int

    def available(self, time_ms: int) -> int:
        """Units released by ``time_ms``, taken or not."""
        if time_ms < self.start_ms:
            return 0
        if math.isinf(self.per_h):
            return self.quantity
        return min(self.quantity, math.floor(self.per_h * ((time_ms - self.start_ms) / HOUR_MS) + 1e-9))

    def released_ms(self, quantity: int) -> int:
        """Earliest time at which ``quantity`` units are released; ``NEVER`` if there are not so many."""
        if quantity > self.quantity:
            return NEVER
        if quantity <= 0 or math.isinf(self.per_h):
            return self.start_ms
        if self.per_h <= 0:
            return NEVER
        guess = self.start_ms + math.floor(quantity / self.per_h * HOUR_MS)
        while self.available(guess) < quantity:
            guess += 1
        while self.available(guess - 1) >= quantity:
            guess -= 1
        return guess


@dataclass(frozen=True)
class Vehicle:
    """A vehicle: ``ready_ms`` is when it may set out from its base."""

    vehicle: str
    vehicle_class: str
    base: str
    payload_kg: float
    volume_m3: float
    ready_ms: int


def _asked_ms(scenario: Scenario, tier: str) -> int:
    """When the order reaches a tier."""
    rank = TIER_RANK.get(tier, 0)
    return scenario.order_ms + (scenario.tier_request_ms.get(_UPPER[rank], 0) if rank else 0)


def _minutes(value: float) -> int:
    """Minutes of a table cell to ms; not given counts as none."""
    return 0 if math.isnan(value) else math.ceil(round(value * MINUTE_MS, 3))


def read_depots(scenario: Scenario) -> dict[str, Depot]:
    """Depots that are sites of the scenario, by id, in the county's order."""
    result: dict[str, Depot] = {}
    for row in scenario.county.table("depots").itertuples(index=False):
        if row.depot not in scenario.sites.index:
            continue
        asked = _asked_ms(scenario, row.tier)
        if row.readiness == "closed":
            opened = NEVER
        elif row.readiness == "ready":
            opened = asked + max(_minutes(row.open_min), _minutes(row.approval_min))
        else:
            staffed = max(_minutes(row.open_min), scenario.step_ms("call_up"))
            opened = asked + max(staffed, _minutes(row.approval_min))
        result[row.depot] = Depot(row.depot, TIER_RANK[row.tier], int(row.docks), opened)
    return result


def read_vehicles(scenario: Scenario) -> dict[str, Vehicle]:
    """Vehicles that can carry something, whose base is a site and whose class has a profile, in the county's order."""
    result: dict[str, Vehicle] = {}
    depots = scenario.county.table("depots")
    tiers = dict(zip(depots["depot"], depots["tier"], strict=True))
    for row in scenario.county.table("vehicles").to_dict("records"):
        if row["base"] not in scenario.sites.index or row["class"] not in scenario.profiles:
            continue
        if not (row["payload_kg"] > 0 and row["volume_m3"] > 0):
            continue
        called = _asked_ms(scenario, tiers.get(row["base"], ""))
        turnout = row["turnout_min"]
        ready = called + (scenario.step_ms("call_up") if math.isnan(turnout) else _minutes(turnout))
        if row["mode"] != "own":
            ready += scenario.step_ms("vehicle_arrival")
        result[row["vehicle"]] = Vehicle(
            row["vehicle"], row["class"], row["base"], float(row["payload_kg"]), float(row["volume_m3"]), ready
        )
    return result


def read_lots(scenario: Scenario) -> dict[tuple[str, str], tuple[Lot, ...]]:
    """Lots by (depot, item), in the order in which they are issued; empty and already expired ones left out."""
    tiers = dict(zip(scenario.county.table("depots")["depot"], scenario.county.table("depots")["tier"], strict=True))
    shelf_life = dict(
        zip(scenario.county.table("items")["item"], scenario.county.table("items")["shelf_life_d"], strict=True)
    )
    today = clock_time(scenario.reference_time, scenario.order_ms).date()
    found: dict[tuple[str, str], list[tuple[tuple[int, str, str], Lot]]] = {}
    for row in scenario.county.table("stock").itertuples(index=False):
        quantity = 0 if math.isnan(row.quantity) else math.floor(row.quantity)
        expires = _expiry(row.expiry, row.produced, shelf_life.get(row.item, math.nan))
        if quantity <= 0 or row.depot not in tiers or (expires is not None and expires < today):
            continue
        start = -NEVER
        rate = math.inf
        if row.mode != "physical":
            start = _asked_ms(scenario, tiers[row.depot]) + _minutes(row.lead_time_min)
            rate = math.inf if math.isnan(row.release_per_h) else float(row.release_per_h)
        until = NEVER
        if expires is not None:
            midnight = datetime.combine(expires + timedelta(days=1), time(), scenario.reference_time.tzinfo)
            until = offset_ms(scenario.reference_time, midnight)
        lot = Lot(row.depot, row.item, row.lot, row.mode, quantity, start, rate, until)
        order = (_MODES[row.mode], expires.isoformat() if expires else "9999", row.lot)
        found.setdefault((row.depot, row.item), []).append((order, lot))
    return {key: tuple(lot for _, lot in sorted(lots, key=lambda pair: pair[0])) for key, lots in found.items()}


def agreed_reliability(scenario: Scenario) -> dict[tuple[str, str, str], float]:
    """Probability that an agreed lot comes, by depot, item and lot, where it is given."""
    stock = scenario.county.table("stock")
    agreed = stock[(stock["mode"] != "physical") & stock["reliability"].notna()]
    keys = zip(agreed["depot"], agreed["item"], agreed["lot"], strict=True)
    return dict(zip(keys, agreed["reliability"].tolist(), strict=True))


def _expiry(expiry: str, produced: str, shelf_life_d: float) -> date | None:
    """Last day on which a lot may be handed over; None if it does not expire."""
    if expiry:
        return date.fromisoformat(expiry)
    if produced and not math.isnan(shelf_life_d):
        return date.fromisoformat(produced) + timedelta(days=int(shelf_life_d))
    return None
