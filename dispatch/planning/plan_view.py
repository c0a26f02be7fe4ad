"""A plan as people look at it: rows by id, names, clock times and goods in words, in one language.

Ids that the scenario does not know stand for themselves, and what a table does not hold is blank: a plan that a person
edited must be showable before it is right.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import pandas as pd

from dispatch.clock import HOUR_MS, clock_time, hours_minutes
from dispatch.documents.messages import has, text
from dispatch.planning.measure import Measures, measure
from dispatch.planning.names import PIECES, item_name, site_name
from dispatch.planning.orders import allocation_orders
from dispatch.planning.plan import Plan
from dispatch.planning.plan_rows import rows_by
from dispatch.planning.unmet import unmet_reason
from dispatch.roads.travel import Travel
from dispatch.scenario import Scenario, travel

__all__ = ["PlanView"]

_TEN_YEARS_MS = 10 * 365 * 24 * HOUR_MS
Rows = dict[tuple[Any, ...], dict[str, Any]]


@dataclass(frozen=True, eq=False)
class PlanView:
    """A plan, its scenario and the language in which to show them."""

    plan: Plan
    scenario: Scenario
    lang: str
    _names: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    @cached_property
    def trips(self) -> Rows:
        """Trips by (trip,)."""
        return rows_by(self.plan.trips, "trip")

    @cached_property
    def stops(self) -> Rows:
        """Stops by (trip, stop)."""
        return rows_by(self.plan.stops, "trip", "stop")

    @cached_property
    def paths(self) -> Rows:
        """Paths by (path,)."""
        return rows_by(self.plan.paths, "path")

    @cached_property
    def needs(self) -> Rows:
        """The scenario's needs by (need,)."""
        return rows_by(self.scenario.needs, "need")

    @cached_property
    def items(self) -> Rows:
        """The county's items by (item,)."""
        return rows_by(self.scenario.county.table("items"), "item")

    @cached_property
    def vehicles(self) -> Rows:
        """The county's vehicles by (vehicle,)."""
        return rows_by(self.scenario.county.table("vehicles"), "vehicle")

    @cached_property
    def depots(self) -> Rows:
        """The county's depots by (depot,)."""
        return rows_by(self.scenario.county.table("depots"), "depot")

    @cached_property
    def orders(self) -> pd.DataFrame:
        """Allocation orders (``orders.ORDER_COLUMNS``)."""
        return allocation_orders(self.plan, self.scenario)

    @cached_property
    def roads(self) -> Travel:
        """Roads as the planner knew them."""
        return travel(self.scenario, self.scenario.disruption.forecast())

    @cached_property
    def measures(self) -> Measures:
        """What the plan is worth, recomputed."""
        return measure(self.plan, self.scenario, self.roads)

    def say(self, key: str, **values: object) -> str:
        """Message in the view's language."""
        return text(self.lang, key, **values)

    def word(self, prefix: str, value: str) -> str:
        """Word for a coded value (``plan_cause_road``); the code itself if the catalogue has none."""
        key = f"{prefix}_{value}"
        return text(self.lang, key) if has(key) else value

    def yes(self, value: bool) -> str:
        """Yes or no."""
        return self.say("common_yes" if value else "common_no")

    def site(self, site: str) -> str:
        """Name of a place, depot, shelter or facility."""
        key = ("site", site)
        if key not in self._names:
            self._names[key] = site_name(self.scenario, site, self.lang)
        return self._names[key]

    def spec(self, item: str) -> str:
        """Specification of an item: the English one in English where the county's table has it."""
        row = self.items.get((item,), {})
        english = str(row.get("spec_en", "") or "") if self.lang == "en" else ""
        return english or str(row.get("spec", "") or "")

    def item(self, item: str) -> str:
        """Name of an item."""
        key = ("item", item)
        if key not in self._names:
            self._names[key] = item_name(self.scenario, item, self.lang)
        return self._names[key]

    def unit(self, item: str) -> str:
        """Unit in which an item is counted; the county's own word where English has none."""
        unit = str(self.items.get((item,), {}).get("unit", ""))
        if self.lang == "zh" or not unit:
            return unit
        return self.say("plan_unit_pieces") if unit in PIECES else self.word("report_unit", unit)

    def vehicle_class(self, vehicle: str) -> str:
        """Class of a vehicle in words."""
        vehicle_class = str(self.vehicles.get((vehicle,), {}).get("class", ""))
        profile = self.scenario.profiles.get(vehicle_class)
        return vehicle_class if profile is None else profile.name_zh if self.lang == "zh" else profile.name_en

    def plate(self, vehicle: str) -> str:
        """Plate of a vehicle."""
        return str(self.vehicles.get((vehicle,), {}).get("plate", ""))

    def clock(self, time_ms: int | None) -> datetime | str:
        """Clock time, rounded up to the minute so that a missed deadline never reads as met; "" for -1 and None."""
        if time_ms is None or time_ms == -1:
            return ""
        if abs(time_ms) > _TEN_YEARS_MS:
            return str(time_ms)
        exact = clock_time(self.scenario.reference_time, time_ms).replace(tzinfo=None)
        minute = exact.replace(second=0, microsecond=0)
        return minute if minute == exact else minute + timedelta(minutes=1)

    def since_order(self, time_ms: int | None) -> str:
        """Hours and minutes from the order to an instant; "" for -1 and None."""
        return "" if time_ms is None or time_ms == -1 else hours_minutes(time_ms - self.scenario.order_ms)

    def reason(self, unmet: dict[str, Any]) -> str:
        """Why a row of ``Plan.unmet`` is unmet, in words; what was changed past understanding stands as it is."""
        try:
            return unmet_reason(unmet, self.lang, self.scenario)  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError, OverflowError):
            return str(unmet["detail"])

    def goods(self, loads: Iterable[dict[str, Any]]) -> str:
        """Loads in words: item, quantity and unit, apart by ``；`` or ``;``."""
        total: dict[str, int] = {}
        for load in loads:
            total[load["item"]] = total.get(load["item"], 0) + load["quantity"]
        return self.say("plan_goods_break").join(
            self.say("plan_goods", item=self.item(item), quantity=quantity, unit=self.unit(item))
            for item, quantity in total.items()
        )

    def weight_kg(self, loads: Iterable[dict[str, Any]]) -> float:
        """Mass of loads; items that are not known weigh nothing."""
        return math.fsum(
            load["quantity"] * float(self.items.get((load["item"],), {}).get("weight_kg", 0.0)) for load in loads
        )

    @cached_property
    def loads_at(self) -> dict[tuple[str, int], list[dict[str, Any]]]:
        """Loads by (trip, stop)."""
        result: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for load in self.plan.loads.to_dict("records"):
            result.setdefault((load["trip"], load["stop"]), []).append(load)
        return result
