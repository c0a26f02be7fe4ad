"""Water that spreads over land: a levee that breaks, and rain that a town's drains cannot take, in two dimensions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.county.problem_text import found
from dispatch.hazards.disruption import Disruption
from dispatch.hazards.outcomes import one_of
from dispatch.hazards.rain import curve_number, rain_factors, storm_of
from dispatch.hazards.storm import Storm, factors
from dispatch.hazards.terrain import Terrain, read_terrain
from dispatch.hazards.water import Told, reached, suffered, water_rules
from dispatch.hazards.water_chance import with_chance
from dispatch.hazards.water_spec import LeveeBreach, Waterlogging
from dispatch.norms import read_norm
from dispatch.problems import InputProblems
from dispatch.roads.measure import EARTH_RADIUS_M
from dispatch.roads.network import RoadNetwork
from models.water.runoff import excess_mm
from models.water.shallow_water import Budget, Flow, Ground, Rain, Source, flow

__all__ = ["GridDepths", "InundationModel", "levee_breach", "waterlogging"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RAIN_STEP_S = 300.0
MOST_CELLS = 4_000_000
ALL_OPEN = (True, True, True, True)


@dataclass(frozen=True, eq=False)
class GridDepths:
    """Depths of every cell at the record times, as :mod:`dispatch.hazards.water` reads them."""

    terrain: Terrain
    time_s: Floats
    depths_m: Floats
    budget: Budget

    def depth_m(self, cells: Ints) -> Floats:
        """Depths of cells at the record times, (times, cells)."""
        return self.depths_m[:, cells]

    def peak_m(self) -> Floats:
        """Greatest depth of every cell at the record times."""
        top: Floats = self.depths_m.max(axis=0, initial=0.0)
        return top


@dataclass(frozen=True, eq=False)
class InundationModel:
    """A flood over land worked out: the forecast, and how it may turn out (none: as forecast)."""

    cause: str
    group: str
    depths: GridDepths
    outcomes: tuple[GridDepths, ...]
    warned_s: float
    probability: float
    people_share: float
    cleared_s: float

    def over(self, network: RoadNetwork, county: County) -> Disruption:
        """Lay it over roads and places."""
        told = Told(self.cause, self.group, self.warned_s, self.people_share, self.cleared_s)
        forecast = suffered(self.depths, network, county, told)
        if not self.outcomes:
            return with_chance(forecast, self.probability, self.group)
        ways = [suffered(one, network, county, told) for one in self.outcomes]
        return one_of(forecast, ways, self.group, self.probability)

    def reached(self, network: RoadNetwork, county: County) -> pd.DataFrame:
        """Places that water reaches (``water.REACHED_COLUMNS``)."""
        return reached(self.depths, network, county, self.warned_s)


def levee_breach(spec: LeveeBreach, file: str = "") -> InundationModel:
    """Let the water of a breach spread over the land about it.

    Raises
    ------
    InputProblems
        If the terrain cannot be read or the breach lies off it.
    """
    lon, lat = spec.at
    dlat = spec.reach_km * 1000 / (math.radians(1) * EARTH_RADIUS_M)
    dlon = dlat / math.cos(math.radians(lat))
    terrain = _land(spec.terrain, (lon - dlon, lat - dlat, lon + dlon, lat + dlat), spec.cell_m)
    cells = _gap(terrain, lon, lat, spec.width_m)
    if not len(cells):
        raise InputProblems([found("hazards_water_outside", file, None, "hazards.levee_breach.at", spec.at)])
    time, rate = np.array(spec.inflow).T
    source = Source(cells, spec.start + 60 * time, np.tile(rate / len(cells), (len(cells), 1)))
    depths = _spread(terrain, spec.surface, spec.start, spec.hours, source=source)
    warned = spec.start if spec.warned is None else spec.warned
    return InundationModel("flood", "levee_breach", depths, (), warned, spec.probability, spec.people_share,
                           spec.cleared)  # fmt: skip


def waterlogging(spec: Waterlogging) -> InundationModel:
    """Let rain run together in a town; what the land keeps (curve number) and the drains take is gone.

    Raises
    ------
    InputProblems
        If the terrain cannot be read or the box lies off it.
    """
    rules = water_rules()
    west, south, east, north = spec.box
    terrain = _land(spec.terrain, (west, south, east, north), spec.cell_m)
    storm, number = storm_of(spec, RAIN_STEP_S), curve_number(spec)
    drains = rules["drains"] if math.isnan(spec.drains_mm_h) else spec.drains_mm_h
    low, mode, high = rain_factors(spec)

    def with_factor(factor: float) -> GridDepths:
        rain = _left_on_land(storm.times(factor), number, drains, terrain)
        return _spread(terrain, spec.surface, spec.start, spec.hours, rain=rain)

    ways = tuple(with_factor(float(one)) for one in factors(low, mode, high, spec.outcomes)) if high > low else ()
    fallen = storm.times(mode).fallen_s(rules["warning_rain"])
    latest = spec.start + spec.hours * 3600
    warned = spec.warned if spec.warned is not None else min(fallen, latest)
    return InundationModel("waterlogging", "waterlogging", with_factor(mode), ways, warned, spec.probability,
                           spec.people_share, spec.cleared)  # fmt: skip


def _land(path: object, box: tuple[float, float, float, float], cell_m: float) -> Terrain:
    from pathlib import Path

    terrain = read_terrain(Path(str(path)), box)
    cells = terrain.elevation_m.size * max(terrain.dx_m / cell_m, 1.0) * max(terrain.dy_m / cell_m, 1.0)
    if cells > MOST_CELLS:
        most = f"{MOST_CELLS:,}"
        raise InputProblems([found("hazards_water_cells", Path(str(path)).name, None, "cell_m", cell_m, most=most)])
    return terrain.refined(cell_m)


def _gap(terrain: Terrain, lon: float, lat: float, width_m: float) -> Ints:
    """Cells nearest to a point, as many as a gap of a width is wide; none if the point lies off the terrain."""
    at = terrain.cell(np.array([lon]), np.array([lat]))
    if at[0] < 0:
        return np.empty(0, dtype=np.int64)
    count = max(round(width_m / max(terrain.dx_m, terrain.dy_m)), 1)
    lons, lats = terrain.middle(np.arange(terrain.elevation_m.size))
    away = np.hypot((lons - lon) / terrain.dlon * terrain.dx_m, (lats - lat) / terrain.dlat * terrain.dy_m)
    return np.sort(np.argsort(away, kind="stable")[:count])


def _left_on_land(storm: Storm, number: float, drains_mm_h: float, terrain: Terrain) -> Rain:
    """Rain that neither the land keeps nor the drains take."""
    mm = excess_mm(storm.rain_mm, number)
    mm = np.maximum(mm - drains_mm_h * storm.step_s / 3600, 0.0)
    rate = mm / 1000 / storm.step_s
    # steps as pairs of equal rates, so that what falls is exactly their sum
    ends = storm.start_s + storm.step_s * np.arange(len(mm) + 1)
    time = np.column_stack([ends[:-1], np.nextafter(ends[1:], -np.inf)]).ravel()
    return Rain(time, np.repeat(rate, 2), storm.share_at(terrain).reshape(terrain.shape))


def _spread(
    terrain: Terrain, surface: str, start_s: float, hours: float, *, source: Source | None = None,
    rain: Rain | None = None,
) -> GridDepths:  # fmt: skip
    """Depths of all cells at the record times."""
    manning = {row["surface"]: row["value"] for row in read_norm("water_manning")}[surface]
    ground = Ground(terrain.elevation_m, terrain.dx_m, terrain.dy_m, np.full(terrain.shape, manning), ALL_OPEN)
    every = water_rules()["record"] * 60
    record = start_s + np.arange(0.0, hours * 3600 + 1, every)
    cells = np.arange(terrain.elevation_m.size)
    happened: Flow = flow(ground, record, source=source, rain=rain, watch=cells, start_s=start_s)
    return GridDepths(terrain, record, happened.watched_m, happened.budget)
