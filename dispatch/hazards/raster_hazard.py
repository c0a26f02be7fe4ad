"""Rasters of other models as hazards: depths at one time or several, arrival times, burnt cells, in any projection.

``[[hazards.rasters]]``: ``file``; ``quantity``: ``depth_m`` (a band for each of ``times``, or one band from ``start``
on), ``arrival_s``, ``arrival_min`` or ``arrival_h`` (after ``start``) or ``burnt`` (cells above 0, from ``start`` on);
``hours`` until the road is free again (never without it); ``cause``, ``group``, ``probability``, ``people_share``,
``known``; ``crs`` of a file that states none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.county.problem_text import found
from dispatch.hazards.along import street_points
from dispatch.hazards.disruption import (
    AREA_COLUMNS,
    EDGE_COLUMNS,
    PLACE_COLUMNS,
    Disruption,
    empty_table,
)
from dispatch.hazards.raster import HazardRaster, read_raster
from dispatch.hazards.terrain import Terrain
from dispatch.hazards.water import Told, suffered
from dispatch.hazards.water_chance import with_chance
from dispatch.norms import read_norm
from dispatch.problems import InputProblems, Problem
from dispatch.roads.measure import EARTH_RADIUS_M
from dispatch.roads.network import RoadNetwork

__all__ = ["RasterHazard", "raster_hazard"]

Floats = NDArray[np.float64]

SECONDS = {"arrival_s": 1.0, "arrival_min": 60.0, "arrival_h": 3600.0}
MOST_CELLS = 40_000_000
MOST_DEPTH_M = 500.0
"""No reservoir is deeper."""


@dataclass(frozen=True, eq=False)
class RasterDepths:
    """Depths of a raster on cells of longitude and latitude, as :mod:`dispatch.hazards.water` reads them."""

    terrain: Terrain
    time_s: Floats
    depths_m: Floats

    def depth_m(self, cells: NDArray[np.int64]) -> Floats:
        """Depths of cells at the record times, (times, cells)."""
        return self.depths_m[:, cells]

    def peak_m(self) -> Floats:
        """Greatest depth of every cell."""
        top: Floats = self.depths_m.max(axis=0, initial=0.0)
        return top


@dataclass(frozen=True, eq=False)
class RasterHazard:
    """One raster, read, ready to be laid over a county."""

    raster: HazardRaster
    quantity: str
    time_s: tuple[float, ...]
    start_s: float
    hours: float
    told: Told
    probability: float

    def over(self, network: RoadNetwork, county: County) -> Disruption:
        """Lay it over roads and places."""
        made = self._flooded(network, county) if self.quantity == "depth_m" else self._arrived(network, county)
        return with_chance(made, self.probability, self.told.group)

    def _flooded(self, network: RoadNetwork, county: County) -> Disruption:
        terrain = _grid(self.raster)
        lon, lat = terrain.middle(np.arange(terrain.elevation_m.size))
        depth = np.nan_to_num(self.raster.sample(lon, lat), nan=0.0)
        time = np.array(self.time_s or (self.start_s,))
        if len(time) == 1:
            # one map: so deep from its time until it is gone
            time, depth = np.array([time[0], time[0] + 1.0]), np.repeat(depth[:1], 2, axis=0)
        return suffered(RasterDepths(terrain, time, depth), network, county, self.told)

    def _arrived(self, network: RoadNetwork, county: County) -> Disruption:
        points = street_points(network, 0.5 * _cell_m(self.raster))
        times = self._times(points.lon, points.lat)
        first = np.full(len(points.edge), np.inf)
        np.minimum.at(first, points.street, times)
        rule = {row["cause"]: row for row in read_norm("exposure")}
        mine = rule.get(self.told.cause, rule["other"])
        spared = (network.bridge[points.edge] & (mine["bridges"] == "spared")) | (
            network.tunnel[points.edge] & (mine["tunnels"] == "spared")
        )
        first[spared] = np.inf
        arrival = first[points.street_of]
        edge = np.flatnonzero(np.isfinite(arrival))
        start, end = arrival[edge], arrival[edge] + 3600.0 * self.hours
        edges = pd.DataFrame({
            "edge": network.edge_id[edge], "vehicle_class": "", "forecast_start_s": start, "forecast_end_s": end,
            "start_s": start, "end_s": end, "depth_m": np.nan, "speed_permille": 0.0,
            "known_s": self.told.known_s, "cause": self.told.cause, "group": self.told.group,
        })  # fmt: skip
        places = county.table("places")
        leaf = places[(places["kind"] != "county") & ~places["place"].isin(set(places["parent"]))]
        leaf = leaf[leaf["lon"].notna() & leaf["lat"].notna()]
        when = self._times(leaf["lon"].to_numpy(dtype=np.float64), leaf["lat"].to_numpy(dtype=np.float64))
        hit = np.isfinite(when)
        reached = pd.DataFrame({
            "place": leaf["place"].to_numpy()[hit], "start_s": when[hit], "end_s": when[hit] + 3600.0 * self.hours,
            "share": self.told.people_share, "depth_m": np.nan, "cause": self.told.cause, "group": self.told.group,
        })  # fmt: skip
        return Disruption(
            edges[list(EDGE_COLUMNS)].astype(EDGE_COLUMNS), reached[list(PLACE_COLUMNS)].astype(PLACE_COLUMNS),
            empty_table(AREA_COLUMNS), empty_table({}),
        )  # fmt: skip

    def _times(self, lon: Floats, lat: Floats) -> Floats:
        """When it comes to points; ``inf``: never."""
        value = self.raster.sample(lon, lat)[0]
        if self.quantity == "burnt":
            return np.where(np.nan_to_num(value, nan=0.0) > 0, self.start_s, np.inf)
        fine = np.isfinite(value) & (value >= 0)
        return np.where(fine, self.start_s + SECONDS[self.quantity] * np.where(fine, value, 0.0), np.inf)


def raster_hazard(row: Mapping[str, Any], number: int, file: str, problems: list[Problem]) -> RasterHazard:
    """Read the raster of one row of ``[[hazards.rasters]]``.

    Parameters
    ----------
    row : mapping
    number : int
        Of the row, from 1.
    file : str
        The scenario's, for messages.
    problems : list of Problem
        Warnings are added.

    Raises
    ------
    InputProblems
        If it cannot be read, has another number of bands than ``times``, or holds no depths that water can have.
    """
    path = Path(row["file"])
    raster = read_raster(path, row["crs"] or None)
    bands, times = len(raster.layers), len(row["times"])
    where = (file, None, f"hazards.rasters[{number}].times", times)
    if row["quantity"] != "depth_m" and (bands > 1 or times):
        raise InputProblems([found("hazards_raster_one_band", *where, count=bands)])
    if max(times, 1) != bands:
        raise InputProblems([found("hazards_raster_bands", *where, count=bands)])
    _check_depths(row, raster, path.name, problems)
    usual = "flood" if row["quantity"] == "depth_m" else "wildfire" if row["quantity"] == "burnt" else "other"
    start = float(row["times"][0]) if row["times"] else float(row["start"])
    known = start if math.isnan(row["known"]) else float(row["known"])
    last = float(row["times"][-1]) if row["times"] else start
    told = Told(row["cause"] or usual, row["group"] or f"raster:{number}", known, row["people_share"],
                last + 3600.0 * row["hours"])  # fmt: skip
    return RasterHazard(raster, row["quantity"], row["times"], start, row["hours"], told, row["probability"])


def _check_depths(row: Mapping[str, Any], raster: HazardRaster, name: str, problems: list[Problem]) -> None:
    """Depths that are no depths: an error above ``MOST_DEPTH_M`` (a mark for "nothing here"?), a warning below 0."""
    if row["quantity"] != "depth_m":
        return
    values = raster.layers[~np.isnan(raster.layers)]
    if values.max(initial=0.0) > MOST_DEPTH_M:
        shown = f"{values.max():g}"
        raise InputProblems([found("hazards_raster_deep", name, None, "depth_m", shown, most=f"{MOST_DEPTH_M:g}")])
    if values.min(initial=0.0) < 0:
        share = f"{100 * np.mean(values < 0):.0f}"
        problems.append(found("hazards_raster_negative", name, None, "depth_m", f"{values.min():g}", "warning",
                              share=share))  # fmt: skip


def _cell_m(raster: HazardRaster) -> float:
    """Side of a cell, m, about."""
    from pyproj import CRS

    a, b, _, d, e, _ = raster.transform
    side = min(math.hypot(a, d), math.hypot(b, e))
    return side * math.radians(1) * EARTH_RADIUS_M if CRS.from_user_input(raster.crs).is_geographic else side


def _grid(raster: HazardRaster) -> Terrain:
    """Cells of longitude and latitude, as small as the raster's, over all of it; heights are not known (0)."""
    from pyproj import CRS, Transformer

    rows, columns = raster.layers.shape[1:]
    a, b, c, d, e, f = raster.transform
    column, row = np.meshgrid(np.linspace(0, columns, 21), np.linspace(0, rows, 21))
    x, y = (a * column + b * row + c).ravel(), (d * column + e * row + f).ravel()
    to_degrees = Transformer.from_crs(CRS.from_user_input(raster.crs), "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(x, y)
    metre = math.radians(1) * EARTH_RADIUS_M
    side = _cell_m(raster)
    dlat = side / metre
    dlon = dlat / math.cos(math.radians(float(np.mean(lat))))
    if CRS.from_user_input(raster.crs).is_geographic and b == d == 0:
        dlon, dlat = abs(a), abs(e)
    shape = (max(math.ceil(float(np.ptp(lat)) / dlat - 1e-6), 1), max(math.ceil(float(np.ptp(lon)) / dlon - 1e-6), 1))
    coarser = max(math.sqrt(shape[0] * shape[1] / MOST_CELLS), 1.0)
    shape = (math.ceil(shape[0] / coarser), math.ceil(shape[1] / coarser))
    dlon, dlat = dlon * coarser, dlat * coarser
    across = metre * math.cos(math.radians(float(np.mean(lat))))
    return Terrain(
        np.zeros(shape), float(np.min(lon)), float(np.max(lat)), dlon, dlat, dlon * across, dlat * metre,
        np.zeros(shape, dtype=bool), "raster",
    )  # fmt: skip
