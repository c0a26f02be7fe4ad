"""A family of made-up counties on Andorra's real roads: 20 to 1,000 places, the same for the same seed.

Villages stand at random junctions outside motorways; depots, vehicles and stock grow with them. A tenth of the people's
villages share another's delivery point, some roads are shut for some hours, some goods are released bit by bit.
"""

from __future__ import annotations

import math
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dispatch.clock import HOUR_MS, MINUTE_MS, SECOND_MS
from dispatch.county.county import County
from dispatch.county.schema import SCHEMA
from dispatch.county.typed import as_table, empty_table
from dispatch.hazards.disruption import (
    AREA_COLUMNS,
    EDGE_COLUMNS,
    GROUP_COLUMNS,
    PLACE_COLUMNS,
    Disruption,
)  # fmt: skip
from dispatch.hazards.disruption import (
    empty_table as empty_hazard,
)
from dispatch.roads.network import ROAD_CLASSES, RoadNetwork
from dispatch.roads.profile_norms import read_profiles
from dispatch.roads.profiles import travel_ms
from dispatch.roads.read import read_network
from dispatch.scenario import NEED_COLUMNS, SITE_COLUMNS, Scenario
from dispatch.step_norms import step_times
from models.traversal import NEVER

__all__ = ["SIZES", "generated_county"]

SIZES = (20, 60, 200, 1000)

_ROADS = Path("roads_andorra") / "andorra-20250118.osm.pbf"
_FAST = ("motorway", "motorway_link", "trunk", "trunk_link", "ferry")
_MORNING = datetime(2026, 7, 20, 9, 0, tzinfo=ZoneInfo("Europe/Andorra"))

_ITEMS: tuple[dict[str, Any], ...] = (
    {"item": "quilt", "name": "棉被", "name_en": "quilt", "unit": "床", "weight_kg": 3.0, "volume_m3": 0.02},
    {"item": "blanket", "name": "毛毯", "name_en": "blanket", "unit": "条", "weight_kg": 1.6, "volume_m3": 0.011},
    {"item": "tent", "name": "帐篷", "name_en": "tent", "unit": "顶", "weight_kg": 75.0, "volume_m3": 0.4},
)
_FLEET: tuple[tuple[str, float, float, float], ...] = (
    # class, kg, m³, share of the fleet
    ("pickup", 700.0, 2.5, 0.3),
    ("light_truck", 1500.0, 15.0, 0.4),
    ("truck_5t", 5000.0, 38.0, 0.3),
)
_PEOPLE_A_DEPOT, _PEOPLE_A_VEHICLE, _PEOPLE_A_DOCK = 4000.0, 120.0, 1500.0
_STOCK = 1.15
"""Stock for so many times the people, shared among depots at random."""


@cache
def _roads(material: Path) -> RoadNetwork:
    return read_network(material / _ROADS)


def generated_county(places: int, seed: int, material: Path) -> Scenario:
    """Make a county of so many places; ``material``: folder that holds ``roads_andorra``."""
    network = _roads(material)
    rng = np.random.default_rng((places, seed))
    nodes = _junctions(network)
    people = np.clip(np.rint(np.exp(rng.normal(4.3, 0.7, places))), 15, 500)
    depots = max(2, round(people.sum() / _PEOPLE_A_DEPOT))
    picked = rng.choice(nodes, places + depots, replace=False)
    names = [f"P{k:04d}" for k in range(places)]
    stores = [f"D{k:02d}" for k in range(depots)]
    sites = _sites(network, [*stores, *names], picked)
    shared = {k: int(rng.integers(places)) for k in range(places) if rng.random() < 0.1}
    needs = []
    for k, place in enumerate(names):
        site = names[shared.get(k, k)]
        release_ms = int(rng.choice([0, 0, 0, 30])) * MINUTE_MS
        tents = max(1, math.ceil(people[k] / 12))
        needs += [_need(place, site, "quilt", int(people[k]), people[k], release_ms, "blanket"),
                  _need(place, site, "tent", tents, people[k], release_ms, "")]  # fmt: skip
    tables = {
        "places": [{"place": p, "name": p, "kind": "village", "population": float(n)}
                   for p, n in zip(names, people, strict=True)],
        "depots": [{"depot": d, "name": d, "tier": "county", "readiness": "ready", "open_min": 10.0 + 5.0 * (k % 3),
                    "docks": float(max(1, round(people.sum() / _PEOPLE_A_DOCK / depots)))}
                   for k, d in enumerate(stores)],
        "items": list(_ITEMS),
        "stock": _stock(rng, stores, people),
        "vehicles": _vehicles(rng, stores, people),
    }  # fmt: skip
    county = County("000000", f"Made {places}", f"Made {places}", "Europe/Andorra",
                    {name: _table(name, tables.get(name, [])) for name in SCHEMA})  # fmt: skip
    profiles = read_profiles()
    return Scenario(
        name=f"made-{places}-{seed}", county=county, network=network, sites=sites,
        profiles={name: profiles[name] for name, *_ in _FLEET}, disruption=_closures(rng, network),
        reference_time=_MORNING, needs=_frame(NEED_COLUMNS, needs), first_batch=empty_table("first_batch"),
        steps=step_times(_MORNING), seed=seed,
    )  # fmt: skip


def _junctions(network: RoadNetwork) -> np.ndarray:
    """Nodes from which the smallest truck can drive there and back to most others, on ordinary roads."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    profiles = read_profiles()
    able = np.ones(network.graph.m, dtype=bool)
    for name, *_ in _FLEET:
        able &= travel_ms(network, profiles[name]) < NEVER
    fast = np.isin(network.road_class, [ROAD_CLASSES.index(name) for name in _FAST])
    tail, head = network.graph.tail, network.graph.head
    links = coo_array((np.ones(int(able.sum())), (tail[able], head[able])), shape=(network.graph.n,) * 2)
    label = connected_components(links, directed=True, connection="strong")[1]
    largest = np.bincount(label).argmax()
    ordinary = np.zeros(network.graph.n, dtype=bool)
    ordinary[tail[able & ~fast]] = True
    return np.flatnonzero((label == largest) & ordinary)


def _sites(network: RoadNetwork, names: list[str], nodes: np.ndarray) -> pd.DataFrame:
    rows = [
        {"site": name, "kind": "depot" if name.startswith("D") else "place", "name": name,
         "place": "" if name.startswith("D") else name, "lon": float(network.node_lon[node]),
         "lat": float(network.node_lat[node]), "node": int(node), "access_m": 0.0, "access_ms": 0}
        for name, node in zip(names, nodes, strict=True)
    ]  # fmt: skip
    return _frame(SITE_COLUMNS, rows).set_index("site", drop=False)


def _need(
    place: str, site: str, item: str, quantity: int, people: float, release_ms: int, instead: str
) -> dict[str, Any]:
    return {"need": f"{place}/{item}", "report": f"R-{place}", "place": place, "site": site, "part": "first_batch",
            "item": item, "quantity": quantity, "people": float(people), "weight": float(people),
            "release_ms": release_ms, "substitutes": instead, "rule": ""}  # fmt: skip


def _stock(rng: np.random.Generator, stores: list[str], people: np.ndarray) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for item, each, mode in (("quilt", 0.8, "physical"), ("blanket", 0.2, "agreement"), ("tent", 1 / 11, "physical")):
        share = rng.dirichlet(np.full(len(stores), 4.0))
        for store, part in zip(stores, share, strict=True):
            quantity = math.ceil(_STOCK * each * people.sum() * part)
            row = {"depot": store, "item": item, "lot": f"{item}-{store}", "mode": mode, "quantity": float(quantity)}
            if mode == "agreement":
                row |= {"lead_time_min": 60.0, "release_per_h": float(math.ceil(quantity / 2))}
            rows.append(row)
    return rows


def _vehicles(rng: np.random.Generator, stores: list[str], people: np.ndarray) -> list[dict[str, Any]]:
    count = max(4, round(people.sum() / _PEOPLE_A_VEHICLE))
    kinds = rng.choice(len(_FLEET), size=count, p=[share for *_, share in _FLEET])
    return [
        {"vehicle": f"V{k:03d}", "base": stores[int(rng.integers(len(stores)))], "class": _FLEET[kind][0],
         "payload_kg": _FLEET[kind][1], "volume_m3": _FLEET[kind][2],
         "mode": ["own", "agreement"][int(rng.random() < 0.5)]}
        for k, kind in enumerate(kinds.tolist())
    ]  # fmt: skip


def _closures(rng: np.random.Generator, network: RoadNetwork) -> Disruption:
    """One road in a hundred shut for two to five hours from some time of the first three on, both ways."""
    rows: list[dict[str, Any]] = []
    for e in rng.choice(network.graph.m, network.graph.m // 100, replace=False).tolist():
        start = float(rng.integers(0, 3 * HOUR_MS // SECOND_MS))
        end = start + float(rng.integers(2 * 3600, 5 * 3600))
        rows.extend(
            {"edge": str(network.edge_id[way]), "vehicle_class": "", "forecast_start_s": start, "forecast_end_s": end,
             "start_s": start, "end_s": end, "depth_m": math.nan, "speed_permille": 0.0, "known_s": 0.0,
             "cause": "flood", "group": ""}
            for way in {e, int(network.twin[e])} if way >= 0
        )  # fmt: skip
    return Disruption(_frame(EDGE_COLUMNS, rows),
                      *(empty_hazard(columns) for columns in (PLACE_COLUMNS, AREA_COLUMNS, GROUP_COLUMNS)))  # fmt: skip


def _table(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of a schema table; what is left out is empty, or the schema's default."""
    blank = {"integer": math.nan, "number": math.nan, "flag": False}
    columns = {
        column.name: [row.get(column.name, blank.get(column.kind, "") if column.default is None else column.default)
                      for row in rows]
        for column in SCHEMA[name].columns
    }  # fmt: skip
    return as_table(SCHEMA[name], columns)


def _frame(columns: dict[str, str], rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in columns.items()})
