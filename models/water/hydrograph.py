"""From runoff to the flow at a catchment's outlet: time of concentration, unit hydrograph, convolution.

Unit hydrograph by a dimensionless one of which the time of its peak and its ordinates are given (USDA NRCS, National
Engineering Handbook 630, ch. 16): t_p = D / 2 + lag, lag = 0.6 t_c.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["concentration_s", "hydrographs", "unit_hydrograph"]

Floats = NDArray[np.float64]

LAG_SHARE = 0.6


def concentration_s(length_m: Floats, slope: Floats) -> Floats:
    """Time that water takes from the farthest point, Kirpich (1940): 0.0195 L^0.77 S^-0.385 minutes; here seconds.

    Parameters
    ----------
    length_m : float64 array
        Longest way of water.
    slope : float64 array
        Mean slope along it, above 0.
    """
    seconds: Floats = 60.0 * 0.0195 * np.asarray(length_m) ** 0.77 * np.asarray(slope) ** -0.385
    return seconds


def unit_hydrograph(concentration: float, step_s: float, share_of_peak_time: Floats, share_of_peak: Floats) -> Floats:
    """Share of a step's runoff that passes the outlet in each later step; adds up to one.

    Parameters
    ----------
    concentration : float
        Time of concentration, s.
    step_s : float
    share_of_peak_time, share_of_peak : float64 arrays
        Dimensionless hydrograph: t / t_p and q / q_p, from (0, 0) to a last ordinate of zero.
    """
    peak_s = 0.5 * step_s + LAG_SHARE * concentration
    # exact shares: the integral of the piecewise linear curve over each step
    at = share_of_peak_time * peak_s
    volume = np.concatenate([[0.0], np.cumsum(0.5 * (share_of_peak[1:] + share_of_peak[:-1]) * np.diff(at))])
    edges = np.arange(0.0, at[-1] + step_s, step_s)
    k = np.clip(np.searchsorted(at, edges, side="right") - 1, 0, len(at) - 2)
    into = np.clip(edges - at[k], 0.0, at[k + 1] - at[k])
    rise = (share_of_peak[k + 1] - share_of_peak[k]) / (at[k + 1] - at[k])
    passed = volume[k] + into * (share_of_peak[k] + 0.5 * rise * into)
    shares = np.diff(passed) / volume[-1]
    kept: Floats = shares / shares.sum()
    return kept


def hydrographs(
    excess_mm: Floats,
    area_km2: Floats,
    concentration: Floats,
    step_s: float,
    steps: int,
    curve: tuple[Floats, Floats],
) -> Floats:
    """Flow at the outlets of catchments, m³/s, mean of each step.

    Parameters
    ----------
    excess_mm : float64 array (catchments, rain steps)
        Runoff of each step.
    area_km2, concentration : float64 arrays (catchments,)
        Area, and time of concentration (s).
    step_s : float
    steps : int
        Steps wanted.
    curve : two float64 arrays
        Dimensionless hydrograph as in :func:`unit_hydrograph`.

    Returns
    -------
    float64 array (catchments, steps)
    """
    flow = np.zeros((len(area_km2), steps))
    for c, (mm, km2, time_s) in enumerate(zip(excess_mm, area_km2, concentration, strict=True)):
        wave = np.convolve(mm, unit_hydrograph(float(time_s), step_s, *curve))[:steps]
        flow[c, : len(wave)] = wave * km2 * 1e3 / step_s
    return flow
