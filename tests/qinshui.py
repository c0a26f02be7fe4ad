"""The embedded county as its tests look at it: read once, with the few questions that several tests ask."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from dispatch.county.county import County
from dispatch.county.read import read_county
from dispatch.roads.network import RoadNetwork
from dispatch.roads.read import read_network
from dispatch.roads.travel import NEVER, arrivals
from dispatch.scenario import Scenario, travel
from dispatch.scenario_file import load_scenario

PACK = Path(__file__).resolve().parents[1] / "scenarios" / "qinshui"
TOWN_HALL = "140521100"
HOUR_MS = 3_600_000


@cache
def county() -> County:
    return read_county(PACK)[0]


@cache
def network() -> RoadNetwork:
    return read_network(PACK / "roads.osm")


@cache
def scenario(name: str) -> Scenario:
    return load_scenario(PACK / f"{name}.toml")


def places(kind: str) -> pd.DataFrame:
    table = county().table("places")
    return table[table["kind"] == kind].set_index("place", drop=False)


def facts(name: str) -> list[dict[str, str]]:
    with (PACK / "authoring" / "facts" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def nearest_nodes(points: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Node nearest to each point, and how far it is, m."""
    east = (network().node_lon[None] - points["lon"].to_numpy()[:, None]) * 90_350
    north = (network().node_lat[None] - points["lat"].to_numpy()[:, None]) * 111_000
    away = np.hypot(east, north)
    return away.argmin(axis=1), away.min(axis=1)


def matrix(weight: np.ndarray, keep: np.ndarray | None = None) -> csr_array:
    graph = network().graph
    keep = np.ones(graph.m, dtype=bool) if keep is None else keep
    return csr_array((weight[keep], (graph.tail[keep], graph.head[keep])), shape=(graph.n, graph.n))


def first_arrival_h(night: Scenario, after_order_h: float) -> dict[str, float]:
    """Hours from the order until the first of a truck of any class could be at each site, leaving then (inf: never)."""
    trips = travel(night)
    best: dict[str, float] = {}
    for vehicle_class in ("light_truck", "truck_5t"):
        for depot in ("D-QS", "D-DS"):
            at = arrivals(trips, vehicle_class, depot, night.order_ms + round(after_order_h * HOUR_MS))
            for site in night.needs["site"].unique():
                time = int(at[trips.index[site]])
                hours = np.inf if time >= NEVER else (time - night.order_ms) / HOUR_MS
                best[site] = min(best.get(site, np.inf), hours)
    return best


def quiet(night: Scenario) -> Scenario:
    """The same night without a single closed road."""
    return night.with_disruption(replace(night.disruption, edges=night.disruption.edges.iloc[:0]))
