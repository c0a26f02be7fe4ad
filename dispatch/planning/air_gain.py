"""What the air gains against the ground alone: hours, by place and request; negative where the road is quicker."""

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
from models.traversal import NEVER

__all__ = ["gains", "ground_lift_ms", "ground_ms"]


def gains(sky: Sky, ground: Plan, planned: Plan, roads: Travel) -> list[dict[str, Any]]:
    """When it is done by air and when it would be by the ground alone, hours since the order.

    For goods: the place's first batch in the plan of trucks alone (the horizon if never). For lifts: when the last of
    the injured is in hospital, against a vehicle that fetches them (:func:`ground_lift_ms`). For looks and water: when
    somebody is there, against the first who comes from a base of vehicles by road and on foot from the road's end.
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
            of = table[(table["need"] == request) & (table["purpose"] == purpose)]
            done = of["done_ms"].max() if purpose == "medical" else of["done_ms" if purpose == "bucket" else "arrive_ms"
                                                                       ].min()  # fmt: skip
            at = sky.point(str(request))
            search = ground_lift_ms if purpose == "medical" else ground_ms
            by_road = -1 if at is None else search(sky, roads, at[0], at[1])
            rows.append(_gain(scenario, str(request), purpose, int(done), by_road))
    return rows


def _gain(scenario: Scenario, subject: str, purpose: str, air_ms: int, ground: int) -> dict[str, Any]:
    by_air = scenario.horizon_ms if air_ms < 0 else air_ms - scenario.order_ms
    by_road = scenario.horizon_ms if ground < 0 else min(ground - scenario.order_ms, scenario.horizon_ms)
    return {"subject": subject, "purpose": purpose, "air_h": round(by_air / HOUR_MS, 3),
            "ground_h": round(by_road / HOUR_MS, 3), "saved_h": round((by_road - by_air) / HOUR_MS, 3)}  # fmt: skip


def ground_ms(sky: Sky, roads: Travel, lon: float, lat: float) -> int:
    """Earliest arrival at a point from any vehicle's base: by road to the sites near it, then on foot; -1 if never."""
    at, _ = _by_road(sky.scenario, roads)
    first = float((at + _walk_ms(sky, roads, lon, lat)).min(initial=math.inf))
    return -1 if first > sky.scenario.end_ms else int(first)


def ground_lift_ms(sky: Sky, roads: Travel, lon: float, lat: float) -> int:
    """Earliest instant at which injured people at a point could be in a hospital by road; -1 if never.

    The first vehicle to come from any base waits at the site from which its crew walks to them and carries them back,
    and drives on; boarding and handing over take as long as for a helicopter.
    """
    scenario = sky.scenario
    facilities = scenario.county.table("facilities")
    hospitals = [roads.index[h] for h in facilities.loc[facilities["kind"] == "hospital", "facility"]
                 if h in roads.index]  # fmt: skip
    at, by = _by_road(scenario, roads)
    walk = _walk_ms(sky, roads, lon, lat)
    there = at + 2 * walk + sky.step_ms("board")
    best = math.inf
    for s in np.argsort(there, kind="stable").tolist() if hospitals else ():
        if there[s] >= min(best, scenario.end_ms):
            break
        leave = int(there[s])
        onward = arrivals(roads, by[s], roads.sites[s], leave)[hospitals].min()
        best = min(best, float(onward) + sky.step_ms("hand_over"))
    return -1 if best > scenario.end_ms else int(best)


def _by_road(scenario: Scenario, roads: Travel) -> tuple[np.ndarray, list[str]]:
    """Earliest arrival of any vehicle at every site of the roads (infinite if never), and that vehicle's class."""
    from dispatch.planning.supply import read_vehicles

    best, by = np.full(len(roads.sites), np.inf), [""] * len(roads.sites)
    starts: dict[tuple[str, str], int] = {}
    for vehicle in read_vehicles(scenario).values():
        key = (vehicle.vehicle_class, vehicle.base)
        starts[key] = min(starts.get(key, vehicle.ready_ms), vehicle.ready_ms)
    for (vehicle_class, base), ready in starts.items():
        if base in roads.index:
            came = arrivals(roads, vehicle_class, base, ready)
            for s in np.flatnonzero(came < best).tolist():
                best[s], by[s] = came[s], vehicle_class
    return np.where(best < NEVER, best, np.inf), by


def _walk_ms(sky: Sky, roads: Travel, lon: float, lat: float) -> np.ndarray:
    """On foot between each site of the roads and a point, ms."""
    at = sky.scenario.sites.loc[list(roads.sites)]
    away = great_circle_m(at["lon"].to_numpy(np.float64), at["lat"].to_numpy(np.float64), np.array(lon), np.array(lat))
    walk: np.ndarray = away / (sky.rules["ground_walk"] * 1000 / 60) * MINUTE_MS
    return walk
