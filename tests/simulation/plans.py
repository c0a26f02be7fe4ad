"""Plans for tests, timed one trip after the other at planning values, each as early as what stands already lets it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dispatch.planning.plan import LOAD_COLUMNS, PATH_COLUMNS, STOP_COLUMNS, TRIP_COLUMNS, Plan
from dispatch.planning.supply import read_depots, read_lots, read_vehicles
from dispatch.roads.travel import leg
from dispatch.scenario import Scenario, travel

Stop = tuple[str, Mapping[str, int]]
"""Site, and quantity by need (or by ``need/lot``; the first lot otherwise)."""


def plan_of(scenario: Scenario, trips: Sequence[tuple[str, str, Sequence[Stop]]], *, home: bool = False) -> Plan:
    """Plan of these trips (vehicle, depot, stops) in this order; with ``home`` the last trip of a vehicle returns."""
    roads = travel(scenario, scenario.disruption.forecast())
    depots, vehicles = read_depots(scenario), read_vehicles(scenario)
    needs = scenario.needs.set_index("need")
    items = scenario.county.table("items").set_index("item")
    lots = read_lots(scenario)
    taken: dict[tuple[str, str, str], int] = {}
    docks: dict[str, list[list[tuple[int, int]]]] = {depot: [[] for _ in range(d.docks)] for depot, d in depots.items()}
    places: dict[str, list[list[tuple[int, int]]]] = {}
    state = {v: (of.base, of.ready_ms, 0, 0) for v, of in vehicles.items()}
    rows: dict[str, list[dict[str, Any]]] = {"trips": [], "stops": [], "loads": [], "paths": []}
    last = {vehicle: k for k, (vehicle, _, _) in enumerate(trips)}

    def way(vehicle_class: str, a: str, b: str, depart: int, driven: int) -> tuple[str, int, int]:
        if a == b:
            return "", depart, driven
        found = leg(roads, vehicle_class, a, b, depart, driven)
        assert found is not None, f"no way from {a} to {b}"
        edges, driven_leg = found
        name = f"P{len(rows['paths']) + 1}"
        rows["paths"].append({
            "path": name, "from_site": a, "to_site": b, "vehicle_class": vehicle_class,
            "edges": tuple(scenario.network.edge_id[e] for e in edges),
            "length_m": float(scenario.network.length_m[edges].sum()),
        })  # fmt: skip
        return name, driven_leg.arrive_ms, driven_leg.driven_ms

    for k, (vehicle, depot, stops) in enumerate(trips):
        of = vehicles[vehicle]
        site, free, driven, sequence = state[vehicle]
        trip = f"T{k + 1}"
        path, at_depot, driven = way(of.vehicle_class, site, depot, free, driven)
        loads = []
        ready = max(at_depot, depots[depot].open_ms)
        for number, (_, wanted) in enumerate(stops, start=1):
            for name, quantity in wanted.items():
                need, _, lot = name.partition("/")
                item = needs.at[need, "item"]
                lot = lot or lots[depot, item][0].lot
                loads.append({"trip": trip, "stop": number, "need": need, "item": item, "lot": lot,
                              "quantity": quantity})  # fmt: skip
                key = (depot, item, lot)
                taken[key] = taken.get(key, 0) + quantity
                of_lot = next(one for one in lots[depot, item] if one.lot == lot)
                ready = max(ready, int(needs.at[need, "release_ms"]), of_lot.released_ms(taken[key]))
        start, dock = _gap(docks[depot], ready, _share(scenario, items, "loading", loads))
        end = start + _share(scenario, items, "loading", loads)
        depart = end + scenario.step_ms("convoy")
        if depart - at_depot >= scenario.drive_rest_ms:
            driven = 0
        rows["loads"] += loads
        at, now = depot, depart
        for number, (stop, _) in enumerate(stops, start=1):
            path_to, arrive, driven = way(of.vehicle_class, at, stop, now, driven)
            length = _share(scenario, items, "unloading", [row for row in loads if row["stop"] == number])
            unload, _ = _gap(places.setdefault(stop, [[]]), arrive, length)
            done = unload + length
            rows["stops"].append({"trip": trip, "stop": number, "site": stop, "path": path_to, "leave_ms": now,
                                  "arrive_ms": arrive, "unload_start_ms": unload, "unload_end_ms": done})  # fmt: skip
            if done - arrive >= scenario.drive_rest_ms:
                driven = 0
            at, now = stop, done
        back, back_ms = "", -1
        if home and last[vehicle] == k:
            back, back_ms, driven = way(of.vehicle_class, at, of.base, now, driven)
        rows["trips"].append({
            "trip": trip, "vehicle": vehicle, "sequence": sequence + 1, "depot": depot, "dock": dock + 1,
            "start_site": site, "start_ms": free, "to_depot_path": path, "at_depot_ms": at_depot,
            "load_start_ms": start, "load_end_ms": end, "depart_ms": depart,
            "return_site": of.base if back_ms >= 0 else "", "return_path": back, "return_ms": back_ms,
        })  # fmt: skip
        state[vehicle] = (at, now, driven, sequence + 1)
    tables = {"trips": TRIP_COLUMNS, "stops": STOP_COLUMNS, "loads": LOAD_COLUMNS, "paths": PATH_COLUMNS}
    return Plan(**{name: _frame(columns, rows[name]) for name, columns in tables.items()})


def _gap(calendars: list[list[tuple[int, int]]], ready: int, length: int) -> tuple[int, int]:
    """Book the earliest free stretch of several calendars; its start and in which of them."""
    starts = []
    for booked in calendars:
        start = ready
        for begin, end in sorted(booked):
            if begin < start + length and end > start:
                start = end
        starts.append(start)
    start = min(starts)
    calendars[starts.index(start)].append((start, start + length))
    return start, starts.index(start)


def _share(scenario: Scenario, items: pd.DataFrame, step: str, loads: Sequence[Mapping[str, Any]]) -> int:
    kg = math.fsum(items.at[row["item"], "weight_kg"] * row["quantity"] for row in loads)
    m3 = math.fsum(items.at[row["item"], "volume_m3"] * row["quantity"] for row in loads)
    return math.ceil(round(scenario.step_ms(step) * scenario.load_share(kg, m3), 6))


def _frame(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in columns.items()})
