"""What the tables of a scenario say about rain and land, as a storm, a curve number and factors."""

from __future__ import annotations

import math

import numpy as np

from dispatch.hazards.storm import Storm, design_storm
from dispatch.hazards.water import water_rules
from dispatch.hazards.water_spec import FlashFlood, RainSpec, Waterlogging
from dispatch.norms import read_norm
from models.water.runoff import wetter_or_drier

__all__ = ["curve_number", "rain_factors", "storm_of"]


def storm_of(spec: RainSpec, step_s: float) -> Storm:
    """Storm in steps of ``step_s`` (measured rain: spread evenly over the steps of each figure)."""
    centre = (spec.centre[0], spec.centre[1]) if spec.centre else None
    if not spec.rain_mm:
        duration_s = spec.duration_h * 3600
        return design_storm(spec.start, spec.depth_mm, duration_s, spec.pattern, step_s, centre, spec.radius_km)
    given_s = spec.rain_step_min * 60
    fallen = np.concatenate([[0.0], np.cumsum(spec.rain_mm)])
    steps = math.ceil(len(spec.rain_mm) * given_s / step_s)
    at = np.interp(np.arange(steps + 1) * step_s, np.arange(len(fallen)) * given_s, fallen)
    return Storm(spec.start, step_s, np.diff(at), centre, spec.radius_km)


def curve_number(spec: FlashFlood | Waterlogging) -> float:
    """Curve number as given or by land and soil, for the condition before the storm."""
    number = spec.curve_number
    if math.isnan(number):
        number = {row["land"]: row for row in read_norm("water_curve_numbers")}[spec.land][spec.soil]
    return wetter_or_drier(number, spec.condition)  # type: ignore[arg-type]


def rain_factors(spec: FlashFlood | Waterlogging) -> tuple[float, float, float]:
    """Low, mode and high of the rain as a share of the forecast; by the norm table ``water_rules`` if not given."""
    if spec.rain_factor:
        low, mode, high = spec.rain_factor
        return low, mode, high
    rules = water_rules()
    return rules["rain_factor_low"], rules["rain_factor_mode"], rules["rain_factor_high"]
