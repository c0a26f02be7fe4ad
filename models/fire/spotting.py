"""Spot fires: how far brands fly and whether they ignite what they fall on.

Longest distance from a wind-driven surface fire over flat ground after Albini (1983, INT-309) with the correction for
cover of Chase (1984); probability of ignition after Schroeder (1969). Both as in BehavePlus.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ignition_probability", "spot_distance_m"]

Floats = NDArray[np.float64]

_FT_M = 0.3048
_MILE_M = 1609.344
_MPH_M_S = 0.44704


def spot_distance_m(flame_m: Floats, wind_m_s: Floats, cover_height_m: Floats) -> Floats:
    """Longest distance at which brands of a surface fire can start spot fires, m; 0 without wind or flame.

    Parameters
    ----------
    flame_m : float64 array (n,)
        Flame length.
    wind_m_s : float64 array (n,)
        At 20 ft.
    cover_height_m : float64 array (n,)
        Of the vegetation downwind.
    """
    mph = np.maximum(wind_m_s / _MPH_M_S, 1e-9)
    energy = 322.0 * (0.474 * mph) ** -1.01 * (np.maximum(flame_m, 0.0) / _FT_M / 0.45) ** (1.0 / 0.46)
    height = np.maximum(1.055 * np.sqrt(energy), 1e-9)
    cover = np.maximum(np.maximum(cover_height_m / _FT_M, 2.2 * height**0.337 - 4.0), 1e-9)
    drift = 0.000278 * mph * height**0.643
    ratio = height / cover
    miles = 0.000718 * mph * np.sqrt(cover) * (0.362 + np.sqrt(ratio) / 2.0 * np.log(ratio)) + drift
    flies = (flame_m > 0) & (wind_m_s > 0)
    return np.where(flies, np.maximum(miles, 0.0) * _MILE_M, 0.0)


def ignition_probability(dead_moisture: Floats, fuel_c: Floats) -> Floats:
    """Probability that a brand ignites fine dead fuel (Schroeder 1969), in [0, 1].

    Parameters
    ----------
    dead_moisture : float64 array (n,)
        Fraction, 1 h fuel.
    fuel_c : float64 array (n,)
        Fuel temperature, °C.
    """
    heat = (
        144.5
        - 0.266 * fuel_c
        - 0.00058 * fuel_c**2
        - fuel_c * dead_moisture
        + 18.54 * (1.0 - np.exp(-15.1 * dead_moisture))
        + 640.0 * dead_moisture
    )
    scaled = 0.1 * (400.0 - np.minimum(heat, 400.0))
    return np.clip(0.000048 * scaled**4.3 / 50.0, 0.0, 1.0)
