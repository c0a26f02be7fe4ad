"""A fire with real roads as an evacuation: Lithgow 2013 (fire model's arrival raster).

People, roads and fire are those of the published case; shelters are the towns that people mean to go to. Figures of
behaviour are the norm's planning values, but everybody has a seat in a car.
"""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from dispatch.county.county import County
from dispatch.county.schema import SCHEMA
from dispatch.evacuation.shelters import with_shelters
from dispatch.evacuation_order import GROUP_COLUMNS, EvacuationOrder
from dispatch.hazards.disruption import EDGE_COLUMNS, PLACE_COLUMNS, Disruption, no_disruption
from dispatch.norms.response import Figure, Response, response_figures
from dispatch.roads.network import ROAD_CLASSES, SURFACES, RoadNetwork
from dispatch.roads.profiles import VehicleProfile
from dispatch.roads.read import read_network
from dispatch.scenario import NEED_COLUMNS, SITE_COLUMNS, Scenario
from models.traversal import NEVER

__all__ = ["closed_for_good", "fire_case", "lithgow", "warned_at"]

LITHGOW = "data/evac_lithgow"
CAR = VehicleProfile("car", "小型客车", "car", 1.5, 1.7, 1.9, 0.3, dict.fromkeys(ROAD_CLASSES, 110.0),
                     dict.fromkeys(SURFACES, 1.0))  # fmt: skip
"""At the links' own speeds."""


def lithgow(folder: Path, people: int = 10_000, *, car_people: float = 2.5) -> Scenario:
    """State Mine fire, 17 October 2013: 10,000 people of 82 zones, told to leave at 12:00, ignition at 13:00 (time 0).

    Parameters
    ----------
    folder : Path
        Of the case's files.
    people : int
        Only so many, from the first.
    car_people : float
        People in one car.
    """
    network = read_network(folder / "lithgow_surrounds_network_epsg7855.xml.gz", crs="EPSG:7855")
    network = replace(network, road_class=_class_by_speed(network))
    homes, towns = _people(folder / "lithgow_surrounds_population_epsg7855.xml.gz", people)
    zone = _zone_of(folder / "lithgow_surrounds_zones_epsg4326.geojson.gz", homes)
    raster = _raster(folder / "timeseries_180m_lithgow_20131017_1159_EPSG4326.csv.gz")
    burns = raster(homes[:, 0], homes[:, 1])
    places = [f"Z{k}" for k in sorted(set(zone.tolist()) - {-1})]
    rows = []
    for place in places:
        mine = zone == int(place[1:])
        first = float(burns[mine].min())
        rows.append((place, homes[mine].mean(axis=0), int(mine.sum()), first, float(np.isfinite(burns[mine]).mean())))
    disruption = _burnt_roads(network, raster)
    ignition = datetime(2013, 10, 17, 13, tzinfo=ZoneInfo("Australia/Sydney"))
    return fire_case("lithgow-2013", network, rows, towns, disruption, ignition, -60.0, car_people)


def _class_by_speed(network: RoadNetwork) -> np.ndarray:
    """The case's links have no class: taken by their speed, which decides how many cars a lane takes."""
    speed = network.max_speed_kmh.astype(float)
    made = np.full(network.graph.m, ROAD_CLASSES.index("residential"), dtype=np.int8)
    for name, least in (("tertiary", 50), ("secondary", 60), ("primary", 80), ("trunk", 100)):
        made[speed >= least - 0.5] = ROAD_CLASSES.index(name)
    return made


def warned_at(scenario: Scenario, minute: float) -> Scenario:
    """The same case with the order given at another minute."""
    order = scenario.evacuation
    assert order is not None
    told = round(minute * 60_000)
    groups = order.groups.assign(told_ms=np.int64(told))
    return with_shelters(replace(scenario, evacuation=replace(order, warned_ms=told, groups=groups)))


def _people(path: Path, most: int) -> tuple[np.ndarray, dict[str, tuple[float, float, int]]]:
    """Homes (lon, lat) of the first people; towns (lon, lat, room) that at least a hundredth of them mean to go to.

    A town has room for a fifth more than those who mean to go there.
    """
    from pyproj import Transformer

    to_wgs84 = Transformer.from_crs("EPSG:7855", "EPSG:4326", always_xy=True)
    homes, goals = [], []
    with gzip.open(path) as file:
        for _, person in ElementTree.iterparse(file):
            if person.tag != "person":
                continue
            home = person.find("plan/activity")
            goal = person.find("attributes/attribute[@name='EvacLocationPreference']")
            if home is not None and goal is not None and goal.text:
                homes.append((float(home.get("x", "nan")), float(home.get("y", "nan"))))
                goals.append(goal.text)
            person.clear()
            if len(homes) == most:
                break
    lon, lat = to_wgs84.transform(*np.array(homes).T)
    towns = {}
    for wish, count in Counter(goals).most_common():
        name, x, y = wish.split(",")
        if count >= len(goals) / 100:
            towns[name] = (*to_wgs84.transform(float(x), float(y)), math.ceil(1.2 * count))
    return np.column_stack([lon, lat]), towns


def _zone_of(path: Path, homes: np.ndarray) -> np.ndarray:
    """Number of the zone that each home lies in, -1 for none."""
    import shapely

    with gzip.open(path) as file:
        features = json.load(file)["features"]
    zones = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    tree = shapely.STRtree(zones)
    home, zone = tree.query(shapely.points(homes), predicate="within")
    found = np.full(len(homes), -1)
    found[home] = zone
    return found


def _raster(path: Path) -> Any:
    """Arrival (s) of the fire at points; ``inf`` where it does not come."""
    table = pd.read_csv(path, sep=r"\s+", header=None, names=["lon", "lat", "arrival"])
    lons, lats = np.unique(table["lon"].round(9)), np.unique(table["lat"].round(9))
    grid = np.full((len(lats), len(lons)), np.inf)
    row, column = np.searchsorted(lats, table["lat"].round(9)), np.searchsorted(lons, table["lon"].round(9))
    grid[row, column] = np.where(table["arrival"] >= 0, table["arrival"], np.inf)
    step_x, step_y = np.diff(lons).mean(), np.diff(lats).mean()

    def arrival(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        x, y = np.rint((lon - lons[0]) / step_x).astype(int), np.rint((lat - lats[0]) / step_y).astype(int)
        inside = (x >= 0) & (x < len(lons)) & (y >= 0) & (y < len(lats))
        return np.where(inside, grid[np.clip(y, 0, len(lats) - 1), np.clip(x, 0, len(lons) - 1)], np.inf)

    return arrival


def _burnt_roads(network: RoadNetwork, raster: Any) -> Disruption:
    """Each edge is closed for good from the fire's first arrival on its line (looked at every 60 m or so)."""
    rows = []
    for edge in range(network.graph.m):
        shape = slice(network.shape_first[edge], network.shape_first[edge + 1])
        lon, lat = network.shape_lon[shape], network.shape_lat[shape]
        pieces = max(2, math.ceil(network.length_m[edge] / 60))
        along = np.linspace(0, len(lon) - 1, pieces * (len(lon) - 1) + 1)
        at = np.arange(len(lon))
        first = float(raster(np.interp(along, at, lon), np.interp(along, at, lat)).min())
        if math.isfinite(first):
            rows.append((str(network.edge_id[edge]), first))
    return closed_for_good(rows)


def closed_for_good(edges: Sequence[tuple[str, float]]) -> Disruption:
    """Edges (id, s) closed by fire from then on."""
    rows = [(edge, "", first, math.inf, first, math.inf, math.nan, 0.0, first, "wildfire", "") for edge, first in edges]
    table = pd.DataFrame(
        {c: pd.Series([row[k] for row in rows], dtype=kind) for k, (c, kind) in enumerate(EDGE_COLUMNS.items())}
    )
    return replace(no_disruption(), edges=table)


def fire_case(
    name: str, network: RoadNetwork, places: Sequence[tuple[str, np.ndarray, int, float, float]],
    towns: Mapping[str, Sequence[float]], disruption: Disruption, reference: datetime, warned_min: float,
    car_people: float, car: VehicleProfile = CAR,
) -> Scenario:  # fmt: skip
    """Make a scenario of places (name, lon and lat, people, fire's arrival s, share) and towns (lon, lat, room).

    Everybody has a seat in a car; places stand at their nearest nodes, towns are shelters.
    """
    hit = pd.DataFrame(
        {
            "place": [p for p, *_ in places],
            "start_s": [first for *_, first, _ in places],
            "share": [s for *_, s in places],
        }
    ).query("share > 0")
    hit = hit.assign(end_s=math.inf, depth_m=math.nan, cause="wildfire", group="")[list(PLACE_COLUMNS)]
    disruption = replace(disruption, places=hit.reset_index(drop=True))
    tables = {table: _table(table, ()) for table in SCHEMA}
    tables["places"] = _table("places", [
        *({"place": p, "name": p, "kind": "village", "population": n} for p, _, n, _, _ in places),
        *({"place": f"T-{t}", "name": t, "kind": "township"} for t in towns),
    ])  # fmt: skip
    tables["shelters"] = _table("shelters", [
        {"shelter": f"S-{t}", "name": t, "place": f"T-{t}", "capacity": room} for t, (*_, room) in towns.items()
    ])  # fmt: skip
    points = [(p, "place", p, p, xy) for p, xy, *_ in places] + [
        (f"S-{t}", "shelter", t, f"T-{t}", (x, y)) for t, (x, y, _) in towns.items()
    ]
    rows = []
    for site, kind, called, place, (lon, lat) in points:
        scale = math.cos(math.radians(lat))
        node = int(np.argmin(np.hypot((network.node_lon - lon) * scale, network.node_lat - lat)))
        rows.append((site, kind, called, place, lon, lat, node, 0.0, 0))
    sites = pd.DataFrame(
        {c: pd.Series([row[k] for row in rows], dtype=kind) for k, (c, kind) in enumerate(SITE_COLUMNS.items())}
    )
    figures = {n: f for n, f in response_figures("duty").items() if n.startswith("evacuation.")}
    for short, value in (("car_share_residents", 1.0), ("car_people", car_people), ("assisted_share", 0.0)):
        figures[f"evacuation.{short}"] = Figure(value, value, value)
    warned = round(warned_min * 60_000)
    groups = [
        (p, "residents", n, warned, round(first * 1000) if math.isfinite(first) else NEVER)
        for p, _, n, first, _ in places
    ]
    order = EvacuationOrder(warned, groups=pd.DataFrame(
        {c: pd.Series([row[k] for row in groups], dtype=kind) for k, (c, kind) in enumerate(GROUP_COLUMNS.items())}
    ))  # fmt: skip
    made = Scenario(
        name=name,
        county=County("000000", name, name, str(reference.tzinfo), tables),
        network=network,
        sites=sites.set_index("site", drop=False),
        profiles={"car": car},
        disruption=disruption,
        reference_time=reference,
        needs=pd.DataFrame({c: pd.Series(dtype=kind) for c, kind in NEED_COLUMNS.items()}),
        first_batch=_table("first_batch", ()),
        steps={},
        response=Response(frozenset({"evacuation"}), figures),
    )
    return with_shelters(replace(made, evacuation=order))


def _table(name: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of a schema table; what they leave out is empty."""
    made = {}
    for column in SCHEMA[name].columns:
        dtype = {"integer": "float64", "number": "float64", "flag": "bool"}.get(column.kind, "str")
        blank: Any = {"float64": math.nan, "bool": False}.get(dtype, "")
        blank = blank if column.default is None else column.default
        made[column.name] = pd.Series([row.get(column.name, blank) for row in rows], dtype=dtype)
    return pd.DataFrame(made)
