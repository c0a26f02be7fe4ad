"""The Camp Fire of 8 November 2018 at Paradise, California, as an evacuation: roads, timed reports of fire, households.

From the data: the roads of the day before, 1,590 reports of fire with the clock hour from which each holds, and the
households of census tracts. Assumed, and stated in ``docs/benchmarks/evacuation.md``: households lie within a tract as
its local streets' junctions do, and a tract that the roads do not cover whole has the share of them that its area has;
two and a half people and one car to a household; an edge is closed for good from the first report within 30 m of it
(the reports' end is when the next were gathered, not when the road was free), a cell of half a kilometre is reached by
the fire with the first report in it; people leave the map by four roads to the west and south; the divided Skyway,
untagged, has two lanes each way.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from benchmarks._evacuation_cases import closed_for_good, fire_case
from dispatch.roads.network import ROAD_CLASSES, RoadNetwork
from dispatch.roads.profile_norms import read_profiles
from dispatch.roads.read import read_network
from dispatch.scenario import Scenario

__all__ = ["CAMP_FIRE", "camp_fire", "minutes_of", "read_reports"]

CAMP_FIRE = "data/evac_camp_fire"
METRIC = "EPSG:32610"
IGNITION = datetime(2018, 11, 8, 6, 25, tzinfo=ZoneInfo("America/Los_Angeles"))
"""Clock of the first reports; time 0."""
BUFFER_M, CELL_M = 30.0, 500.0
"""A report concerns roads so near (the publishers' own buffer); side of a cell of people."""
PER_HOUSEHOLD = 2.5
EXITS = {
    "Chico": ("Skyway Road", -121.7036, 39.7184),
    "Neal Road": ("Neal Road", -121.7048, 39.6885),
    "Oroville": ("Clark Road", -121.6220, 39.6881),
    "Pentz Road": ("Pentz Road", -121.5726, 39.6860),
}
"""Where people leave the map: road, lon, lat."""
_HOMES = ("residential", "living_street", "unclassified")


def camp_fire(folder: Path, *, share: float = 1.0, warned_min: float = 60.0) -> Scenario:
    """Read the case; everybody is told to leave ``warned_min`` minutes after 6:25.

    Parameters
    ----------
    folder : Path
        Of the case's files.
    share : float
        Only this share of each cell's households.
    warned_min : float
    """
    network = read_network(folder / "camp_road_graph_8000_11_07_18.graphml")
    divided = (network.road_class == ROAD_CLASSES.index("trunk")) & (network.twin < 0) & np.isnan(network.lanes)
    network = replace(network, lanes=np.where(divided, np.float32(2), network.lanes))
    reports, report_min = read_reports(folder / "fire_reports.shp.zip")
    xy = _metric(network.node_lon, network.node_lat)
    cells = _cells(folder / "Butte_tracts_HH.shp.zip", network, xy)
    places = []
    for (column, row), (nodes, households) in sorted(cells.items()):
        people = math.floor(households * share + 0.5) * PER_HOUSEHOLD
        if people < 1:
            continue
        inside = (np.floor(reports / CELL_M) == (column, row)).all(axis=1)
        first = float(report_min[inside].min(initial=math.inf)) * 60
        at = np.array([network.node_lon[nodes].mean(), network.node_lat[nodes].mean()])
        places.append((f"C{column}-{row}", at, round(people), first, float(np.isfinite(first))))
    room = sum(people for *_, people, _, _ in places)
    towns = {name: (lon, lat, room) for name, (_, lon, lat) in EXITS.items()}
    disruption = closed_for_good(_burnt(network, reports, report_min))
    return fire_case("camp-fire-2018", network, places, towns, disruption, IGNITION, warned_min, PER_HOUSEHOLD,
                     read_profiles()["car"])  # fmt: skip


def minutes_of(clock: int) -> int:
    """Minutes from 6:25 of a clock time written HHMM (745 is 80 minutes later, not 120)."""
    return clock // 100 * 60 + clock % 100 - (6 * 60 + 25)


def read_reports(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points (m, ``METRIC``) of the reports of fire, and the minute from which each holds."""
    import geopandas as gpd

    table = gpd.read_file(path).to_crs(METRIC)
    xy = np.column_stack([table.geometry.x, table.geometry.y])
    return xy, np.array([minutes_of(int(clock)) for clock in table["start_time"]], dtype=np.float64)


def _metric(lon: NDArray[Any], lat: NDArray[Any]) -> NDArray[np.float64]:
    from pyproj import Transformer

    return np.column_stack(Transformer.from_crs("EPSG:4326", METRIC, always_xy=True).transform(lon, lat))


def _cells(path: Path, network: RoadNetwork, xy: NDArray[np.float64]) -> dict[tuple[int, int], tuple[list[int], float]]:
    """Cells with people in them: junctions of local streets, and households."""
    import geopandas as gpd
    import shapely

    tracts = gpd.read_file(path).to_crs(METRIC)
    covered = shapely.convex_hull(shapely.multipoints(xy))
    local = np.isin(network.road_class, [ROAD_CLASSES.index(name) for name in _HOMES])
    junction = np.unique(np.concatenate([network.graph.tail[local], network.graph.head[local]]))
    points = shapely.points(xy[junction])
    found: dict[tuple[int, int], tuple[list[int], float]] = {}
    for tract in tracts.itertuples(index=False):
        mine = junction[shapely.contains(tract.geometry, points)]
        if not len(mine):
            continue
        part = shapely.area(shapely.intersection(tract.geometry, covered)) / shapely.area(tract.geometry)
        each = float(tract.Tot_Est_HH) * part / len(mine)
        for node in mine.tolist():
            column, row = np.floor(xy[node] / CELL_M).astype(int).tolist()
            nodes, households = found.get((column, row), ([], 0.0))
            found[column, row] = ([*nodes, node], households + each)
    return found


def _burnt(
    network: RoadNetwork, reports: NDArray[np.float64], report_min: NDArray[np.float64]
) -> list[tuple[str, float]]:
    """Edges with a report near them, and the first such (s)."""
    import shapely

    shape = _metric(network.shape_lon, network.shape_lat)
    lines: list[Any] = [shapely.linestrings(shape[a:b])
             for a, b in zip(network.shape_first[:-1], network.shape_first[1:], strict=True)]  # fmt: skip
    point, edge = shapely.STRtree(lines).query(shapely.points(reports), predicate="dwithin", distance=BUFFER_M)
    first = np.full(network.graph.m, math.inf)
    np.minimum.at(first, edge, report_min[point] * 60)
    return [(str(network.edge_id[k]), float(first[k])) for k in np.flatnonzero(np.isfinite(first)).tolist()]
