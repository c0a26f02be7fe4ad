"""Wang Zhengfei's rule of forest fire spread (王正非 1983, 1992), the empirical rule used in Chinese practice.

R = R0 · Ks · Kw · Kφ with R0 = a·T + b·W + c·(100 - h) - d (m/min), Kw = exp(kw·v), Kφ = exp(kφ·tan(φ)^1.2).
Several variants of the coefficients are printed, so they are given, not built in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["WangRule", "wang_ros_m_min"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class WangRule:
    """Coefficients of the rule.

    Attributes
    ----------
    temperature, force, dryness, offset : float
        Of R0, per °C, per Beaufort force, per percent below 100 % humidity; subtracted.
    wind, slope, slope_power : float
        Of the exponential factors, per m/s and per tan(slope) ** slope_power.
    """

    temperature: float
    force: float
    dryness: float
    offset: float
    wind: float
    slope: float
    slope_power: float


def wang_ros_m_min(
    rule: WangRule,
    temperature_c: Floats,
    wind_m_s: Floats,
    humidity_pct: Floats,
    fuel_factor: Floats,
    slope: Floats,
    wind_to_slope_deg: Floats,
) -> Floats:  # fmt: skip
    """Rate of spread of the head, m/min, never below 0.

    Parameters
    ----------
    rule : WangRule
    temperature_c, wind_m_s, humidity_pct : float64 arrays (n,)
        Wind at 10 m; its Beaufort force is (v / 0.836) ** (2/3).
    fuel_factor : float64 array (n,)
        Ks.
    slope : float64 array (n,)
        Rise over run.
    wind_to_slope_deg : float64 array (n,)
        Angle between where the wind blows and uphill: 0 drives the fire up, 180 down (Mao Xianmin 1993): the wind
        counts by its cosine, the slope upward.
    """
    force = (np.maximum(wind_m_s, 0.0) / 0.836) ** (2.0 / 3.0)
    still = rule.temperature * temperature_c + rule.force * force + rule.dryness * (100.0 - humidity_pct) - rule.offset
    along = np.cos(np.radians(wind_to_slope_deg))
    steep = np.sign(along) * np.abs(slope) ** rule.slope_power
    rate: Floats = np.maximum(still, 0.0) * fuel_factor * np.exp(rule.wind * wind_m_s + rule.slope * steep)
    return rate
