"""A dam fails: breach, outflow, the wave down the valley, and who is reached when.

Breach after Froehlich (2008); the outflow of a level pool through it, stretched in time so that its peak is Froehlich's
(1995) and its volume the reservoir's; Muskingum-Cunge from reach to reach with celerity and width of each reach's
rating curve at two thirds of the peak; stage and depth as in a flash flood.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.county.problem_text import found
from dispatch.hazards.disruption import Disruption
from dispatch.hazards.reaches import Reaches, Stages, way_reaches
from dispatch.hazards.terrain import Terrain, read_terrain
from dispatch.hazards.water import Told, reached, suffered, water_rules
from dispatch.hazards.water_chance import with_chance
from dispatch.hazards.water_spec import DamBreach
from dispatch.norms import read_norm
from dispatch.problems import InputProblems
from dispatch.roads.network import RoadNetwork
from models.terrain import Drainage, drain
from models.water.breach import Breach, breach_2008, outflow, peak_1995
from models.water.routing import route

__all__ = ["DamBreachModel", "dam_breach", "stretched"]

Floats = NDArray[np.float64]

STEP_S = 60.0
SNAP_M = 500.0
GROUP = "dam_breach"
CELERITY_M_S = (0.3, 15.0)
"""Waves slower or faster than this come of the rating's steps, not of water."""


@dataclass(frozen=True, eq=False)
class DamBreachModel:
    """A dam breach worked out.

    Attributes
    ----------
    spec : DamBreach
    breach : Breach
    outflow_m3_s : float64 array (steps,)
        Mean of each minute from the breach on.
    flow_m3_s : float64 array (reaches, steps)
        At the end of each reach of the way down.
    way : Reaches
    stages, minutes : Stages
        By record and by minute.
    warned_s : float
    """

    spec: DamBreach
    breach: Breach
    outflow_m3_s: Floats
    flow_m3_s: Floats
    way: Reaches
    stages: Stages
    minutes: Stages
    warned_s: float

    def over(self, network: RoadNetwork, county: County) -> Disruption:
        """Lay it over roads and places."""
        told = Told("dam_break", GROUP, self.warned_s, self.spec.people_share, self.spec.cleared)
        return with_chance(suffered(self.stages, network, county, told), self.spec.probability, GROUP)

    def reached(self, network: RoadNetwork, county: County) -> pd.DataFrame:
        """Places that the wave reaches (``water.REACHED_COLUMNS``)."""
        return reached(self.minutes, network, county, self.warned_s)


def dam_breach(spec: DamBreach, county: County, file: str = "") -> DamBreachModel:
    """Work out a dam breach; ``file`` is the scenario's, for messages.

    Raises
    ------
    InputProblems
        If the dam is not in the county's table, lacks figures or lies off the terrain.
    """
    rules = water_rules()
    terrain = read_terrain(spec.terrain)
    volume, height, lon, lat = _dam(spec, county, file)
    manning = {row["surface"]: row["value"] for row in read_norm("water_manning")}[spec.surface]
    drainage = drain(terrain.elevation_m, terrain.dx_m, terrain.dy_m)
    way = way_reaches(terrain, drainage, _on_stream(terrain, drainage, lon, lat, file, spec.dam), manning)
    breach = breach_2008(volume, height, overtopping=spec.overtopping)
    pool = outflow(volume, height, breach, STEP_S, shape=rules["reservoir_shape"])
    out = stretched(pool, peak_1995(volume, height), STEP_S)
    steps = math.ceil(spec.hours * 3600 / STEP_S)
    flow = np.zeros((len(way.outlet), steps))
    wave = np.zeros(steps)
    wave[: len(out)] = out[:steps]
    for k in range(len(way.outlet)):
        celerity, top = way.rating.at(k, 2 / 3 * float(wave.max()) + spec.base_m3_s)
        wave = route(wave, float(way.length_m[k]), STEP_S, float(np.clip(celerity, *CELERITY_M_S)), top,
                     float(way.slope[k]))  # fmt: skip
        flow[k] = wave
    km2 = way.area_m2[way.outlet] / 1e6
    bankfull = rules["bankfull_coefficient"] * km2 ** rules["bankfull_exponent"]
    stage = way.rating.stage_at(np.maximum(flow + spec.base_m3_s - bankfull[:, None], 0.0))
    minutes: Floats = spec.start + STEP_S * (np.arange(steps, dtype=np.float64) + 0.5)
    every = round(rules["record"] * 60 / STEP_S)
    # a record holds the highest stage since the last
    highest = stage[:, : steps - steps % every].reshape(len(stage), -1, every).max(axis=2)
    record: Floats = spec.start + every * STEP_S * np.arange(highest.shape[1] + 1, dtype=np.float64)
    by_record = np.concatenate([np.zeros((len(stage), 1)), highest], axis=1)
    records = Stages(terrain, record, by_record, way.reach, way.height_m)
    by_minute = Stages(terrain, minutes, stage, way.reach, way.height_m)
    warned = spec.warned if spec.warned is not None else spec.start + rules["dam_warning_min"] * 60
    return DamBreachModel(spec, breach, out, flow, way, records, by_minute, warned)


def stretched(flow_m3_s: Floats, peak_m3_s: float, step_s: float) -> Floats:
    """The same hydrograph slower or faster, so that its peak is as given; its volume stays."""
    factor = float(flow_m3_s.max()) / peak_m3_s
    passed = np.concatenate([[0.0], np.cumsum(flow_m3_s)]) * step_s
    ends = np.arange(len(passed)) * step_s * factor
    steps = math.ceil(ends[-1] / step_s)
    out: Floats = np.diff(np.interp(np.arange(steps + 1) * step_s, ends, passed)) / step_s
    return out


def _dam(spec: DamBreach, county: County, file: str) -> tuple[float, float, float, float]:
    """Storage, height and position of the dam."""
    dams = county.table("dams")
    named = dams[(dams["dam"] == spec.dam) | (dams["name"] == spec.dam)]
    figures = [spec.storage_m3, spec.height_m, *(spec.at or (math.nan, math.nan))]
    if len(named) == 1:
        listed = [float(named.iloc[0][column]) for column in ("storage_m3", "height_m", "lon", "lat")]
        figures = [given if math.isnan(own) else own for own, given in zip(figures, listed, strict=True)]
    if any(math.isnan(figure) for figure in figures):
        known = ", ".join(dams["dam"])
        raise InputProblems([found("hazards_water_dam", file, None, "hazards.dam_breach.dam", spec.dam, known=known)])
    return figures[0], figures[1], figures[2], figures[3]


def _on_stream(terrain: Terrain, drainage: Drainage, lon: float, lat: float, file: str, dam: str) -> int:
    """Cell with the largest catchment within half a kilometre: the stream that the dam holds."""
    at = int(terrain.cell(np.array([lon]), np.array([lat]))[0])
    if at < 0:
        raise InputProblems([found("hazards_water_outside", file, None, "hazards.dam_breach.dam", dam)])
    rows, columns = terrain.shape
    row, column = divmod(at, columns)
    r, c = (int(SNAP_M // size) + 1 for size in (terrain.dy_m, terrain.dx_m))
    near_row, near_column = np.meshgrid(
        np.arange(max(row - r, 0), min(row + r + 1, rows)), np.arange(max(column - c, 0), min(column + c + 1, columns)),
        indexing="ij",
    )  # fmt: skip
    close = np.hypot((near_row - row) * terrain.dy_m, (near_column - column) * terrain.dx_m) <= SNAP_M
    cells = (near_row * columns + near_column)[close]
    return int(cells[np.argmax(drainage.area_m2()[cells])])
