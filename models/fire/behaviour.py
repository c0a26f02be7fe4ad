"""How fire spreads in each cell: rate, heading, eccentricity, intensity, flame length, surface or crown fire.

Surface fire after Rothermel (1972); wind and slope combined as vectors (Rothermel 1983, INT-143); wind below the
canopy by Albini and Baughman (1979); ellipse by Anderson (1983). Crown fire as FlamMap has it: initiation and
activity after Van Wagner (1977, 1993), spread 3.34 times that of fuel model 10 (Rothermel 1991, INT-438), crown
fraction burned and transition after Finney (1998, RMRS-RP-4). A passive crown fire keeps the surface rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.fire.fuels import FuelBeds

__all__ = [
    "ACTIVE",
    "NO_FIRE",
    "PASSIVE",
    "SURFACE",
    "Behaviour",
    "Canopy",
    "length_to_width",
    "spread",
    "wind_adjustment",
]

Floats = NDArray[np.float64]

NO_FIRE, SURFACE, PASSIVE, ACTIVE = 0, 1, 2, 3
"""Types of fire."""

FT_M = 0.3048
MPH_FT_MIN = 88.0
M_S_FT_MIN = 60.0 / FT_M
BTU_FT_S_KW_M = 3.46414
"""Fireline intensity: 1 BTU/ft/s in kW/m."""
CANOPY_HEAT_KJ_KG = 18_000.0
BTU_FT2_KJ_M2 = 11.3565267
LONGEST = 8.0
"""Greatest length to width that BehavePlus and FlamMap let an ellipse have."""
CROWN_WIND_SHARE = 0.4
"""Midflame wind of fuel model 10 in Rothermel's (1991) crown fire rate, as a share of the 20 ft wind."""
ACTIVE_FROM = 0.9
"""Share of Van Wagner's critical rate 3 / bulk density from which a crown fire runs: where Finney's (1998) crown
fraction burned is defined to reach 0.9. FlamMap's output puts it between 0.88 and 0.93."""
SHELTERED_FILL = 0.05
"""Share of the space under the canopy tops that crowns must fill to shelter the surface (Albini and Baughman 1979)."""


@dataclass(frozen=True, eq=False)
class Canopy:
    """Tree canopy by cell; zeros where there is none.

    Attributes
    ----------
    cover : float64 array (n,)
        Fraction.
    height_m, base_m : float64 arrays (n,)
        Of the canopy's top and base.
    bulk_density_kg_m3 : float64 array (n,)
    """

    cover: Floats
    height_m: Floats
    base_m: Floats
    bulk_density_kg_m3: Floats


@dataclass(frozen=True, eq=False)
class Behaviour:
    """Fire in each cell, heading fire; zeros where nothing burns.

    Attributes
    ----------
    ros_m_min : float64 array (n,)
        Along the slope's surface.
    heading_deg : float64 array (n,)
        Compass bearing of greatest spread.
    eccentricity : float64 array (n,)
        Of the ellipse that a point fire grows into, in [0, 1).
    intensity_kw_m, flame_m : float64 arrays (n,)
        Fireline intensity (Byram 1959) and flame length (Byram; for crown fire Thomas 1963).
    fire_type : int8 array (n,)
        NO_FIRE, SURFACE, PASSIVE or ACTIVE.
    """

    ros_m_min: Floats
    heading_deg: Floats
    eccentricity: Floats
    intensity_kw_m: Floats
    flame_m: Floats
    fire_type: NDArray[np.int8]


def spread(
    beds: FuelBeds,
    bed: NDArray[np.int32],
    slope: Floats,
    aspect_deg: Floats,
    canopy: Canopy,
    wind_m_s: Floats,
    wind_from_deg: Floats,
    foliar_moisture: float,
    crown_bed: int,
) -> Behaviour:
    """Behaviour of the head fire in every cell.

    Parameters
    ----------
    beds : FuelBeds
        At the moistures of the hour.
    bed : int32 array (n,)
        Row of each cell's fuel among ``beds``; -1: does not burn.
    slope : float64 array (n,)
        Rise over run.
    aspect_deg : float64 array (n,)
        Compass bearing that the slope faces (downhill); without meaning where the slope is 0.
    canopy : Canopy
    wind_m_s, wind_from_deg : float64 arrays (n,)
        20 ft (6.1 m) above the vegetation, and where it blows from.
    foliar_moisture : float
        Fraction, of the canopy's leaves.
    crown_bed : int
        Row of fuel model 10, whose rate drives crown fire; -1: crown fire is left out.
    """
    n = len(bed)
    ros, heading, eccentricity, intensity, flame = (np.zeros(n) for _ in range(5))
    kind = np.zeros(n, dtype=np.int8)
    _spread(
        beds.no_wind_ft_min, beds.slope_factor, beds.wind_factor, beds.wind_power, beds.heat_btu_ft2,
        beds.depth_ft, bed, slope, aspect_deg, canopy.cover, canopy.height_m, canopy.base_m,
        canopy.bulk_density_kg_m3, wind_m_s, wind_from_deg, foliar_moisture, crown_bed,
        ros, heading, eccentricity, intensity, flame, kind,
    )  # fmt: skip
    return Behaviour(ros, heading, eccentricity, intensity, flame, kind)


@njit(cache=True)
def wind_adjustment(cover: float, height_m: float, base_m: float, depth_ft: float) -> float:
    """Midflame wind as a share of the 20 ft wind: sheltered by the canopy, or over the bare fuel bed."""
    height_ft = height_m / 0.3048
    fill = cover * max(height_m - base_m, 0.0) / (3.0 * height_m) if height_m > 0 else 0.0
    if fill >= SHELTERED_FILL:
        return 0.555 / (math.sqrt(fill * height_ft) * math.log((20.0 + 0.36 * height_ft) / (0.13 * height_ft)))
    if depth_ft <= 0:
        return 0.0
    return 1.83 / math.log((20.0 + 0.36 * depth_ft) / (0.13 * depth_ft))


@njit(cache=True)
def length_to_width(wind_mph: float) -> float:
    """Length to width of the ellipse at an effective midflame wind (Anderson 1983), at most 8."""
    ratio = 0.936 * math.exp(0.1147 * wind_mph) + 0.461 * math.exp(-0.0692 * wind_mph) - 0.397
    return min(max(ratio, 1.0), LONGEST)


@njit(cache=True)
def _vectors(
    still: float, phi_slope: float, phi_wind: float, upslope_rad: float, downwind_rad: float
) -> tuple[float, float, float]:
    """Head rate, its bearing (radians), and the combined coefficient phi."""
    x = phi_slope * math.sin(upslope_rad) + phi_wind * math.sin(downwind_rad)
    y = phi_slope * math.cos(upslope_rad) + phi_wind * math.cos(downwind_rad)
    phi = math.sqrt(x * x + y * y)
    return still * (1.0 + phi), math.atan2(x, y) if phi > 0 else downwind_rad, phi


@njit(cache=True)
def _spread(  # type: ignore[no-untyped-def]
    still, slope_factor, wind_factor, wind_power, heat, depth_ft, bed, slope, aspect_deg, cover, height_m,
    base_m, bulk, wind_m_s, wind_from_deg, foliar, crown_bed, ros, heading, eccentricity, intensity, flame, kind,
):  # fmt: skip
    for c in range(len(bed)):
        f = bed[c]
        if f < 0 or still[f] <= 0:
            continue
        tan2 = slope[c] * slope[c]
        upslope = math.radians(aspect_deg[c] + 180.0)
        downwind = math.radians(wind_from_deg[c] + 180.0)
        wind = wind_m_s[c] * M_S_FT_MIN
        middle = wind * wind_adjustment(cover[c], height_m[c], base_m[c], depth_ft[f])
        phi_wind = wind_factor[f] * middle ** wind_power[f] if middle > 0 else 0.0
        rate, bearing, phi = _vectors(still[f], slope_factor[f] * tan2, phi_wind, upslope, downwind)
        effective = (phi / wind_factor[f]) ** (1.0 / wind_power[f]) if phi > 0 else 0.0
        ratio = length_to_width(effective / MPH_FT_MIN)
        surface_m_min = rate * FT_M
        surface_kw = heat[f] * rate / 60.0 * BTU_FT_S_KW_M
        kind[c] = SURFACE
        ros[c] = surface_m_min
        intensity[c] = surface_kw
        if crown_bed >= 0 and bulk[c] > 0 and base_m[c] > 0:
            needed = (0.010 * base_m[c] * (460.0 + 25.9 * 100.0 * foliar)) ** 1.5
            if surface_kw >= needed:
                g = crown_bed
                below = wind * CROWN_WIND_SHARE
                phi_ten = wind_factor[g] * below ** wind_power[g] if below > 0 else 0.0
                ten, crown_bearing, _ = _vectors(still[g], slope_factor[g] * tan2, phi_ten, upslope, downwind)
                full = 3.34 * ten * FT_M
                active = 3.0 / bulk[c]
                start = needed * surface_m_min / surface_kw
                scale = -math.log(0.1) / (0.9 * (active - start)) if active > start else math.inf
                burned = 1.0 - math.exp(-scale * (surface_m_min - start)) if surface_m_min > start else 0.0
                actual = surface_m_min + burned * (full - surface_m_min)
                kind[c] = PASSIVE
                if actual >= ACTIVE_FROM * active:
                    kind[c] = ACTIVE
                    ros[c] = max(actual, surface_m_min)
                    bearing = crown_bearing
                    ratio = min(max(1.0 + 0.125 * wind / MPH_FT_MIN, ratio), LONGEST)
                crown_kg = burned * bulk[c] * max(height_m[c] - base_m[c], 0.0)
                from_surface = heat[f] * BTU_FT2_KJ_M2
                intensity[c] = (from_surface + CANOPY_HEAT_KJ_KG * crown_kg) * ros[c] / 60.0
        heading[c] = math.degrees(bearing) % 360.0
        eccentricity[c] = math.sqrt(ratio * ratio - 1.0) / ratio
        btu = intensity[c] / BTU_FT_S_KW_M
        flame[c] = (0.2 * btu ** (2.0 / 3.0) if kind[c] > SURFACE else 0.45 * btu**0.46) * FT_M
