"""What the air gains against the ground alone: hours, by place and request."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dispatch.air.sky import Sky
from dispatch.clock import HOUR_MS, MINUTE_MS
from dispatch.planning.measure import measure
from dispatch.planning.plan import Plan
from dispatch.roads.measure import great_circle_m
from dispatch.roads.travel import Travel, arrivals
from dispatch.scenario import Scenario

__all__ = ["gains", "ground_ms"]


def gains(sky: Sky, ground: Plan, planned: Plan, roads: Travel) -> list[dict[str, Any]]:
    """When it is done by air and when it would be by the ground alone, hours since the order.

    For goods: the place's first batch in the plan of trucks alone (the horizon if never). For lifts, looks and water:
    when somebody is there, against the first who comes from a base of vehicles by road and on foot from the road's end.
    """
    scenario = sky.scenario
    table = planned.sorties
    if table.empty:
        return []
    rows: list[dict[str, Any]] = []
    goods = table[(table["purpose"] == "supply") & (table["item"] != "")]
    if len(goods):
        place_of = dict(zip(scenario.needs["need"], scenario.needs["place"], strict=True))
        places = {place_of[need] for need in goods["need"]}
        before, after = (measure(plan, scenario, roads).places.set_index("place")["first_batch_complete_ms"]
                         for plan in (ground, planned))  # fmt: skip
        rows += [_gain(scenario, place, "supply", int(after[place]), int(before[place])) for place in sorted(places)]
    for purpose in ("medical", "reconnaissance", "bucket"):
        for request in sorted(set(table.loc[table["purpose"] == purpose, "need"])):
            there = table[(table["to_site"] == request) & (table["purpose"].isin((purpose, "position")))]
            done = there["done_ms" if purpose == "bucket" else "arrive_ms"].min()
            at = sky.point(str(request))
            by_road = -1 if at is None else ground_ms(scenario, roads, at[0], at[1], sky.rules["ground_walk"])
            rows.append(_gain(scenario, str(request), purpose, int(done), by_road))
    return rows


def _gain(scenario: Scenario, subject: str, purpose: str, air_ms: int, ground: int) -> dict[str, Any]:
    by_air = scenario.horizon_ms if air_ms < 0 else air_ms - scenario.order_ms
    by_road = scenario.horizon_ms if ground < 0 else min(ground - scenario.order_ms, scenario.horizon_ms)
    return {"subject": subject, "purpose": purpose, "air_h": round(by_air / HOUR_MS, 3),
            "ground_h": round(by_road / HOUR_MS, 3), "saved_h": round((by_road - by_air) / HOUR_MS, 3)}  # fmt: skip


def ground_ms(scenario: Scenario, roads: Travel, lon: float, lat: float, walk_kmh: float) -> int:
    """Earliest arrival at a point from any vehicle's base: by road to the sites near it, then on foot; -1 if never."""
    from dispatch.planning.supply import read_vehicles

    vehicles = read_vehicles(scenario)
    best = np.full(len(roads.sites), np.inf)
    starts: dict[tuple[str, str], int] = {}
    for vehicle in vehicles.values():
        key = (vehicle.vehicle_class, vehicle.base)
        starts[key] = min(starts.get(key, vehicle.ready_ms), vehicle.ready_ms)
    for (vehicle_class, base), ready in starts.items():
        if base in roads.index:
            best = np.minimum(best, arrivals(roads, vehicle_class, base, ready))
    at = scenario.sites.loc[list(roads.sites)]
    away = great_circle_m(at["lon"].to_numpy(np.float64), at["lat"].to_numpy(np.float64), np.array(lon), np.array(lat))
    walk = away / (walk_kmh * 1000 / 60) * MINUTE_MS
    first = float((best + walk).min(initial=math.inf))
    return -1 if first > scenario.end_ms else int(first)
