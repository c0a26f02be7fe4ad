"""What a helicopter lifts at a height: hovering out of ground effect, and how the wind slows a way there and back.

The International Standard Atmosphere gives the density. Ideal power of a hover is ``W ** 1.5 / sqrt(2 rho A)``
(momentum theory; Leishman 2006, Principles of Helicopter Aerodynamics, ch. 2), and a turboshaft's power falls about
with the density, so that the weight that can be hovered falls in proportion to the density: one published hover
ceiling gives the whole curve. Below the height at which it crosses the structural limit, that limit holds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["density_ratio", "hover_gross_kg", "two_way_speed"]

Floats = NDArray[np.float64]

ISA_T0_K, ISA_LAPSE_K_M, ISA_EXPONENT = 288.15, 0.0065, 5.25588
"""Sea-level temperature, lapse rate and pressure exponent (ICAO Doc 7488, valid up to 11 km)."""


def density_ratio(altitude_m: ArrayLike, warmer_c: float = 0.0) -> Floats:
    """Density of the air over that at sea level in the standard atmosphere.

    Parameters
    ----------
    altitude_m : float array
        Pressure altitude.
    warmer_c : float
        Degrees above the standard atmosphere at every height.
    """
    standard_k = ISA_T0_K - ISA_LAPSE_K_M * np.asarray(altitude_m, dtype=np.float64)
    ratio: Floats = (standard_k / ISA_T0_K) ** ISA_EXPONENT * ISA_T0_K / (standard_k + warmer_c)
    return ratio


def hover_gross_kg(
    limit_kg: float, gross_kg: float, ceiling_m: float, altitude_m: ArrayLike, warmer_c: float = 0.0
) -> Floats:
    """Greatest weight that is hovered out of ground effect.

    Parameters
    ----------
    limit_kg : float
        Structural limit.
    gross_kg, ceiling_m : float
        A published point: hovers with ``gross_kg`` at ``ceiling_m`` in the standard atmosphere.
    altitude_m : float array
    warmer_c : float
    """
    lifted: Floats = gross_kg * density_ratio(altitude_m, warmer_c) / density_ratio(ceiling_m)
    return np.minimum(lifted, limit_kg)


def two_way_speed(air_speed: float, wind: float) -> float:
    """Mean speed over the ground on a way there and back along the wind, ``(V ** 2 - w ** 2) / V``.

    A wind from any other side slows less. 0 where the wind is as fast as the aircraft.
    """
    return max(air_speed * air_speed - wind * wind, 0.0) / air_speed if air_speed > 0 else 0.0
