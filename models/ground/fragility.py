"""Damage by shaking: lognormal fragility curves, shaking by distance, and what is left of people's homes.

Curves have the form of HAZUS (FEMA 2020, Hazus Earthquake Model Technical Manual 4.2, sections 5 and 7): the
probability of reaching a damage state is the normal distribution function of ln(demand / median) / dispersion.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["exceedance", "intensity", "pga_of_intensity", "spectral_1s", "states"]

Floats = NDArray[np.float64]

G_M_S2 = 9.80665


def exceedance(demand: Floats, median: Floats, dispersion: Floats | float) -> Floats:
    """Probability of reaching each damage state.

    Parameters
    ----------
    demand : float64 array (n,)
        Shaking (or ground displacement) in the unit of the medians; 0: none.
    median : float64 array (n, k) or (k,)
        One per damage state, mildest first, not falling.
    dispersion : float or float64 array, as ``median``
        Standard deviation of ln(capacity).

    Returns
    -------
    float64 array (n, k)
        Not rising from state to state.
    """
    from scipy.special import ndtr

    with np.errstate(divide="ignore"):
        z = (np.log(np.asarray(demand, dtype=np.float64))[:, None] - np.log(median)) / dispersion
    reached: Floats = np.minimum.accumulate(ndtr(z), axis=1)
    return reached


def states(reached: Floats) -> Floats:
    """Probability of being in each state, from those of reaching them: (n, k) → (n, k), worst last."""
    within: Floats = reached - np.concatenate([reached[:, 1:], np.zeros((len(reached), 1))], axis=1)
    return within


def intensity(
    east_km: Floats, north_km: Floats, magnitude: float, axis_deg: float, long: Floats, short: Floats
) -> Floats:
    """Seismic intensity at points about an epicentre, after an attenuation of ellipses.

    Along each axis I = a + b M - c ln(R + r); the isoseismal of I is the ellipse with the two radii at which the axes
    have that I. Where the law of an axis stays below I its radius is nought.

    Parameters
    ----------
    east_km, north_km : float64 arrays (n,)
        From the epicentre.
    magnitude : float
    axis_deg : float
        Bearing of the long axis (of the fault), degrees from north.
    long, short : float64 arrays (4,)
        a, b, c, r of each axis.

    Returns
    -------
    float64 array (n,)
        To 1e-4, not below 1.
    """
    turn = np.radians(axis_deg)
    along = np.abs(east_km * np.sin(turn) + north_km * np.cos(turn))
    across = np.abs(east_km * np.cos(turn) - north_km * np.sin(turn))
    top = max(float(a + b * magnitude - c * np.log(r)) for a, b, c, r in (long, short))
    low, high = np.full(len(along), 1.0), np.full(len(along), max(top, 1.0))
    for _ in range(60):
        middle = 0.5 * (low + high)
        inside = _ellipse(along, _radius(middle, magnitude, long), across, _radius(middle, magnitude, short)) <= 1.0
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        if (high - low).max(initial=0.0) < 1e-5:
            break
    return low


def _radius(value: Floats, magnitude: float, law: Floats) -> Floats:
    a, b, c, r = law
    found: Floats = np.maximum(np.exp((a + b * magnitude - value) / c) - r, 1e-9)
    return found


def _ellipse(along: Floats, a: Floats, across: Floats, b: Floats) -> Floats:
    found: Floats = (along / a) ** 2 + (across / b) ** 2
    return found


def pga_of_intensity(intensity: Floats) -> Floats:
    """Peak ground acceleration, g, of an intensity of the Chinese scale (GB/T 17742-2020: I = 3.17 lg(PGA) + 6.59)."""
    found: Floats = 10.0 ** ((np.asarray(intensity) - 6.59) / 3.17) / G_M_S2
    return found


def spectral_1s(pga_g: Floats, characteristic_s: float, plateau: float) -> Floats:
    """Spectral acceleration at 1 s, g, of the Chinese design spectrum.

    ``plateau`` times the peak ground acceleration up to the characteristic period, from there on falling with its
    inverse (GB 18306-2015).
    """
    found: Floats = np.asarray(pga_g, dtype=np.float64) * plateau * min(1.0, characteristic_s)
    return found
