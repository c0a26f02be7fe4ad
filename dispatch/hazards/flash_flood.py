"""A flash flood: rain on catchments, runoff, flow in every reach, depths beside the streams.

Runoff by curve number, flow by the dimensionless unit hydrograph at the outlet of every reach (each with the whole land
above it as one catchment; time of concentration after Kirpich), stage by the reach's synthetic rating curve for what
the channel does not carry, depth as the stage less the height above the drainage (HAND).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.hazards.disruption import Disruption
from dispatch.hazards.outcomes import one_of
from dispatch.hazards.rain import curve_number, rain_factors, storm_of
from dispatch.hazards.reaches import Reaches, Stages, reaches
from dispatch.hazards.storm import Storm
from dispatch.hazards.terrain import read_terrain
from dispatch.hazards.water import Told, reached, suffered, water_rules
from dispatch.hazards.water_chance import with_chance
from dispatch.hazards.water_spec import FlashFlood
from dispatch.norms import read_norm
from dispatch.roads.network import RoadNetwork
from models.water.hydrograph import concentration_s, hydrographs
from models.water.runoff import excess_mm

__all__ = ["FlashFloodModel", "flash_flood"]

Floats = NDArray[np.float64]

HYDROGRAPH_STEP_S = 300.0
GROUP = "flash_flood"


@dataclass(frozen=True, eq=False)
class FlashFloodModel:
    """A flash flood worked out: the forecast, and how it may turn out."""

    spec: FlashFlood
    stages: Stages
    outcomes: tuple[Stages, ...]
    flow_m3_s: Floats
    whole: Reaches
    warned_s: float

    def over(self, network: RoadNetwork, county: County) -> Disruption:
        """Lay it over roads and places."""
        told = Told("flash_flood", GROUP, self.warned_s, self.spec.people_share, self.spec.cleared)
        forecast = suffered(self.stages, network, county, told)
        if self.outcomes:
            ways = [suffered(one, network, county, told) for one in self.outcomes]
            return one_of(forecast, ways, GROUP, self.spec.probability)
        return with_chance(forecast, self.spec.probability, GROUP)

    def reached(self, network: RoadNetwork, county: County) -> pd.DataFrame:
        """Places that water reaches, with the lead time of the warning (``water.REACHED_COLUMNS``)."""
        return reached(self.stages, network, county, self.warned_s)

    def lead_times(self) -> pd.DataFrame:
        """Every reach that leaves its banks: catchment (km²), peak flow (m³/s) and stage (m), arrival and lead time.

        ``arrival_s``: when water comes over the banks, from the reference instant; ``lead_s``: how long after the
        warning.
        """
        over = self.stages.stage_m > 0
        some = np.flatnonzero(over.any(axis=1))
        arrival = self.stages.time_s[over[some].argmax(axis=1)]
        lon, lat = self.whole.terrain.middle(self.whole.outlet[some])
        return pd.DataFrame(
            {
                "lon": lon, "lat": lat, "area_km2": self.whole.area_m2[self.whole.outlet[some]] / 1e6,
                "peak_m3_s": self.flow_m3_s[some].max(axis=1, initial=0.0),
                "peak_stage_m": self.stages.stage_m[some].max(axis=1, initial=0.0), "arrival_s": arrival,
                "lead_s": arrival - self.warned_s,
            }
        )  # fmt: skip


def flash_flood(spec: FlashFlood) -> FlashFloodModel:
    """Work out a flash flood.

    Raises
    ------
    InputProblems
        If the terrain cannot be read.
    """
    rules = water_rules()
    terrain = read_terrain(spec.terrain)
    stream_km2 = rules["stream_area"] if math.isnan(spec.stream_km2) else spec.stream_km2
    manning = {row["surface"]: row["value"] for row in read_norm("water_manning")}[spec.surface]
    whole = reaches(terrain, stream_km2, manning)
    storm = storm_of(spec, HYDROGRAPH_STEP_S)
    number = curve_number(spec)
    record = spec.start + np.arange(0.0, spec.hours * 3600 + 1, rules["record"] * 60)
    low, mode, high = rain_factors(spec)
    concentration = _concentration_s(whole)
    flow = _flows(whole, storm.times(mode), number, record, concentration)
    forecast = _stages(whole, flow, record, rules)
    ways: tuple[Stages, ...] = ()
    if high > low:
        from dispatch.hazards.storm import factors

        ways = tuple(
            _stages(whole, _flows(whole, storm.times(float(factor)), number, record, concentration), record, rules)
            for factor in factors(low, mode, high, spec.outcomes)
        )
    fallen = storm.times(mode).fallen_s(rules["warning_rain"])
    warned = spec.warned if spec.warned is not None else (fallen if math.isfinite(fallen) else record[-1])
    return FlashFloodModel(spec, forecast, ways, flow, whole, warned)


def _flows(whole: Reaches, storm: Storm, number: float, record_s: Floats, concentration: Floats) -> Floats:
    """Flow at the outlet of every reach at the record times, m³/s."""
    drainage, outlet = whole.drainage, whole.outlet
    share = (
        drainage.upstream_sum(storm.share_at(whole.terrain))[outlet]
        / drainage.upstream_sum(np.ones(len(drainage.down)))[outlet]
    )
    mm = excess_mm(share[:, None] * storm.rain_mm, number)
    steps = math.ceil((record_s[-1] - storm.start_s) / storm.step_s) + 1
    curve = np.array([(row["share_of_peak_time"], row["share_of_peak"]) for row in read_norm("water_unit_hydrograph")])
    mean = hydrographs(mm, whole.area_m2[outlet] / 1e6, concentration, storm.step_s, steps,
                       (curve[:, 0].copy(), curve[:, 1].copy()))  # fmt: skip
    # means of steps at their middles
    at = storm.start_s + (np.arange(steps) + 0.5) * storm.step_s
    return np.array([np.interp(record_s, at, one, left=0.0) for one in mean]).reshape(len(outlet), len(record_s))


def _concentration_s(whole: Reaches) -> Floats:
    """Time of concentration at each reach's outlet: the longest way of water to it, and the fall along it."""
    drainage = whole.drainage
    to_outlet, z = drainage.to_outlet_m(), drainage.filled_m.ravel()
    source = drainage.farthest()[whole.outlet]
    longest = to_outlet[source] - to_outlet[whole.outlet]
    slope = np.maximum((z[source] - z[whole.outlet]) / np.maximum(longest, 1.0), 1e-3)
    return concentration_s(np.maximum(longest, 100.0), slope)


def _stages(whole: Reaches, flow: Floats, record_s: Floats, rules: dict[str, float]) -> Stages:
    """Stages above the banks: what the channel carries at bankfull is not on the land."""
    km2 = whole.area_m2[whole.outlet] / 1e6
    bankfull = rules["bankfull_coefficient"] * km2 ** rules["bankfull_exponent"]
    stage = whole.rating.stage_at(np.maximum(flow - bankfull[:, None], 0.0))
    return Stages(whole.terrain, record_s, stage, whole.reach, whole.height_m)
