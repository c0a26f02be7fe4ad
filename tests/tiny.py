"""Small worlds worked out by hand: a few nodes, a few roads, a county of a few rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dispatch.county.county import County
from dispatch.county.schema import SCHEMA
from dispatch.hazards.disruption import (
    AREA_COLUMNS,
    EDGE_COLUMNS,
    GROUP_COLUMNS,
    PLACE_COLUMNS,
    Disruption,
)
from dispatch.roads.network import ROAD_CLASSES, RoadNetwork
from dispatch.roads.profiles import VehicleProfile
from dispatch.scenario import NEED_COLUMNS, SITE_COLUMNS, Scenario, StepTime
from models.graph import build_graph

REFERENCE = datetime(2026, 7, 20, 22, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
TRUCK = VehicleProfile(
    "truck_5t", "5吨货车", "5 t truck", 9.0, 3.2, 2.4, 0.5,
    dict.fromkeys(ROAD_CLASSES, 60.0), {"unknown": 1.0, "paved": 1.0, "gravel": 0.8, "unpaved": 0.6},
)  # fmt: skip
"""60 km/h on every road: 1 km takes a minute."""
STEPS = {
    "call_up": StepTime(20, 30, 40),
    "vehicle_arrival": StepTime(30, 30, 30),
    "loading": StepTime(30, 40, 50),
    "convoy": StepTime(5, 10, 15),
    "unloading": StepTime(20, 30, 40),
}
"""Means: 30, 30, 40, 10 and 30 minutes."""


def network(roads: Iterable[tuple[int, int, float]], *, two_way: bool = True) -> RoadNetwork:
    """Straight roads (from node, to node, km) between nodes 0, 1, 2 … set 0.01° apart on a line."""
    arcs = [(u, v, km) for u, v, km in roads]
    if two_way:
        arcs += [(v, u, km) for u, v, km in arcs]
    n = max(max(u, v) for u, v, _ in arcs) + 1
    graph, order = build_graph(n, np.array([u for u, _, _ in arcs]), np.array([v for _, v, _ in arcs]))
    m = len(arcs)
    lon = 112.0 + 0.01 * np.arange(n, dtype=np.float64)
    lat = np.full(n, 35.5)
    tail, head = graph.tail, graph.head
    where = {(int(tail[e]), int(head[e])): e for e in range(m)}
    return RoadNetwork(
        graph=graph,
        node_id=np.arange(n, dtype=np.int64),
        node_lon=lon,
        node_lat=lat,
        edge_id=np.array([f"r{min(tail[e], head[e])}{max(tail[e], head[e])}:{tail[e]}-{head[e]}" for e in range(m)],
                         dtype=object),
        length_m=np.array([arcs[k][2] * 1000.0 for k in order]),
        road_class=np.full(m, ROAD_CLASSES.index("secondary"), dtype=np.int8),
        surface=np.zeros(m, dtype=np.int8),
        bridge=np.zeros(m, dtype=bool),
        tunnel=np.zeros(m, dtype=bool),
        ford=np.zeros(m, dtype=bool),
        max_weight_t=np.full(m, np.nan, dtype=np.float32),
        max_height_m=np.full(m, np.nan, dtype=np.float32),
        max_width_m=np.full(m, np.nan, dtype=np.float32),
        max_speed_kmh=np.full(m, np.nan, dtype=np.float32),
        lanes=np.full(m, np.nan, dtype=np.float32),
        name=np.array([""] * m, dtype=object),
        ref=np.array([""] * m, dtype=object),
        way=np.arange(m, dtype=np.int64),
        ways=np.array([(k,) for k in range(m)] + [None], dtype=object)[:-1],
        twin=np.array([where.get((int(head[e]), int(tail[e])), -1) for e in range(m)], dtype=np.int32),
        shape_first=np.arange(0, 2 * m + 1, 2, dtype=np.int64),
        shape_lon=np.column_stack([lon[tail], lon[head]]).ravel(),
        shape_lat=np.column_stack([lat[tail], lat[head]]).ravel(),
        source="tiny",
    )  # fmt: skip


_EMPTY: dict[str, Any] = {"integer": np.nan, "number": np.nan, "flag": False}


def table(name: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of a schema table; columns left out are empty (or the schema's default)."""
    if not rows:
        return _empty_table(name).copy(deep=False)
    made: dict[str, Any] = {}
    for column in SCHEMA[name].columns:
        blank = column.default if column.default is not None else _EMPTY.get(column.kind, "")
        made[column.name] = pd.array([row.get(column.name, blank) for row in rows], dtype=_dtype(column.kind))
    return pd.DataFrame(made)


@cache
def _empty_table(name: str) -> pd.DataFrame:
    return pd.DataFrame({column.name: pd.Series(dtype=_dtype(column.kind)) for column in SCHEMA[name].columns})


def _dtype(kind: str) -> str:
    return {"integer": "float64", "number": "float64", "flag": "bool"}.get(kind, "str")


def county(**tables: Sequence[Mapping[str, Any]]) -> County:
    """County of these tables' rows; the others are empty."""
    return County("140000", "小县", "Tiny County", "Asia/Shanghai",
                  {name: table(name, tables.get(name, ())) for name in SCHEMA})  # fmt: skip


def frame(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows in a contract's columns and dtypes."""
    if not rows:
        return _empty_frame(tuple(columns.items())).copy(deep=False)
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in columns.items()})


@cache
def _empty_frame(columns: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns})


def closure(edge: str, start_s: float, end_s: float, **other: Any) -> dict[str, Any]:
    """One closed interval of an edge, as a row of ``Disruption.edges``."""
    row: dict[str, Any] = {
        "edge": edge, "vehicle_class": "", "forecast_start_s": start_s, "forecast_end_s": end_s,
        "start_s": start_s, "end_s": end_s, "depth_m": np.nan, "speed_permille": 0.0, "known_s": start_s,
        "cause": "flood", "group": "",
    }  # fmt: skip
    return {**row, **other}


def disruption(edges: Sequence[Mapping[str, Any]] = (), groups: Sequence[Mapping[str, Any]] = ()) -> Disruption:
    """Disruption of these edge intervals."""
    return Disruption(
        frame(EDGE_COLUMNS, edges), frame(PLACE_COLUMNS, ()), frame(AREA_COLUMNS, ()), frame(GROUP_COLUMNS, groups)
    )


def need(need_id: str, place: str, item: str, quantity: int, people: float, **other: Any) -> dict[str, Any]:
    """One first-batch need handed over at the place itself."""
    row: dict[str, Any] = {
        "need": need_id, "report": f"R-{place}", "place": place, "site": place, "part": "first_batch", "item": item,
        "quantity": quantity, "people": people, "weight": people, "release_ms": 0, "substitutes": "", "rule": "",
    }  # fmt: skip
    return {**row, **other}


def scenario(
    roads: RoadNetwork,
    sites: Mapping[str, tuple[str, int]],
    needs: Sequence[Mapping[str, Any]],
    hazard: Disruption | None = None,
    tables: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    **other: Any,
) -> Scenario:
    """Scenario on ``roads`` with sites ``id → (kind, node)``; every vehicle is a 5 t truck at 60 km/h."""
    rows = [
        {"site": site, "kind": kind, "name": site, "place": site if kind == "place" else "",
         "lon": float(roads.node_lon[node]), "lat": float(roads.node_lat[node]), "node": node,
         "access_m": 0.0, "access_ms": 0}
        for site, (kind, node) in sites.items()
    ]  # fmt: skip
    return Scenario(
        name="tiny",
        county=county(**(tables or {})),
        network=roads,
        sites=frame(SITE_COLUMNS, rows).set_index("site", drop=False),
        profiles={"truck_5t": TRUCK},
        disruption=hazard or disruption(),
        reference_time=REFERENCE,
        needs=frame(NEED_COLUMNS, needs),
        first_batch=table("first_batch", ()),
        steps=STEPS,
        **other,
    )


def one_depot(hazard: Disruption | None = None, trucks: int = 1, docks: int = 1, quilts: int = 500,
              **other: Any) -> Scenario:  # fmt: skip
    """Depot D at node 0; villages A, B, C at nodes 1, 2, 3 along one road, 10 km apart; 100 quilts each.

    A quilt weighs 3 kg and takes 0.02 m³; a truck carries 5 t or 38 m³.
    """
    tables: dict[str, Any] = {
        "places": [{"place": p, "name": f"{p}村", "kind": "village", "population": 100} for p in "ABC"],
        "depots": [{"depot": "D", "name": "县库", "tier": "county", "docks": docks}],
        "items": [{"item": "quilt", "name": "棉被", "name_en": "quilt", "unit": "床", "weight_kg": 3.0,
                   "volume_m3": 0.02}],
        "stock": [{"depot": "D", "item": "quilt", "lot": "L1", "quantity": quilts, "expiry": "2030-01-01"}],
        "vehicles": [{"vehicle": f"V{k + 1}", "base": "D", "class": "truck_5t", "payload_kg": 5000.0,
                      "volume_m3": 38.0} for k in range(trucks)],
    }  # fmt: skip
    tables |= other.pop("tables", {})
    needs = other.pop("needs", [need(f"N{p}", p, "quilt", 100, 100.0) for p in "ABC"])
    roads = other.pop("roads", network([(0, 1, 10), (1, 2, 10), (2, 3, 10)]))
    sites = other.pop("sites", {"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2), "C": ("place", 3)})
    return scenario(roads, sites, needs, hazard, tables, **other)
