"""When rain sets slopes in motion: rain that counts, thresholds of intensity and duration, probability by rain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["effective_rain_mm", "failure_probability", "threshold_mm"]

Floats = NDArray[np.float64]


def effective_rain_mm(antecedent_mm: Floats, decay: float) -> float:
    """Rain of the days before that still counts, mm: the sum of decay**k × rain, yesterday (k = 1) first.

    Crozier and Eyles 1980.
    """
    rain = np.asarray(antecedent_mm, dtype=np.float64)
    return float(np.sum(rain * decay ** np.arange(1, len(rain) + 1)))


def threshold_mm(duration_h: Floats, coefficient: float, exponent: float) -> Floats:
    """Rain that starts slides within a duration, mm, from I = coefficient × D**-exponent (mm/h; Caine 1980)."""
    found: Floats = coefficient * np.asarray(duration_h, dtype=np.float64) ** (1.0 - exponent)
    return found


def failure_probability(rain_mm: Floats, threshold: Floats, at_threshold: float, dispersion: float) -> Floats:
    """Probability that a slope has failed by the time that much rain counts.

    Lognormal in the ratio of rain to threshold, with ``at_threshold`` at a ratio of one: Φ(Φ⁻¹(p) + ln(ratio) / β).

    Parameters
    ----------
    rain_mm : float64 array (n, t)
        Not falling in time.
    threshold : float64 array (n,)
    at_threshold : float
    dispersion : float
        β; the smaller, the sharper the threshold.
    """
    from scipy.special import ndtr, ndtri

    with np.errstate(divide="ignore"):
        ratio = np.log(np.asarray(rain_mm, dtype=np.float64) / np.asarray(threshold, dtype=np.float64)[:, None])
    found: Floats = ndtr(ndtri(at_threshold) + ratio / dispersion)
    return found
