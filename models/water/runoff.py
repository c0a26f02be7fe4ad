"""From rain to the water that runs off: the curve number method (USDA, National Engineering Handbook 630, ch. 10)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["excess_mm", "runoff_mm", "storm_mm", "wetter_or_drier"]

Floats = NDArray[np.float64]

INITIAL_SHARE = 0.2
"""Share of the storage that fills before any water runs off (initial abstraction)."""


def runoff_mm(rain_mm: Floats, curve_number: Floats | float) -> Floats:
    """Depth of water that runs off a rain, Q = (P - 0.2 S)² / (P + 0.8 S) with S = 25 400 / CN - 254, mm.

    Raises
    ------
    ValueError
        If a curve number is not above 0 and at most 100.
    """
    number = np.asarray(curve_number, dtype=np.float64)
    if not ((number > 0) & (number <= 100)).all():
        msg = "curve numbers lie above 0 and at most at 100"
        raise ValueError(msg)
    storage = 25_400.0 / number - 254.0
    beyond = np.maximum(np.asarray(rain_mm, dtype=np.float64) - INITIAL_SHARE * storage, 0.0)
    off: Floats = beyond**2 / np.where(beyond > 0, beyond + storage, 1.0)
    return off


def wetter_or_drier(curve_number: float, condition: Literal["dry", "normal", "wet"]) -> float:
    """Curve number for dry (I) or wet (III) ground before the storm (Hawkins et al. 1985, ASCE J. Irrig. 111:330)."""
    if condition == "dry":
        return curve_number / (2.281 - 0.01281 * curve_number)
    if condition == "wet":
        return curve_number / (0.427 + 0.00573 * curve_number)
    return curve_number


def storm_mm(depth_mm: float, share_of_time: Floats, share_of_rain: Floats, steps: int) -> Floats:
    """Rain of each of ``steps`` equal parts of a storm's duration, from a mass curve.

    Parameters
    ----------
    depth_mm : float
    share_of_time, share_of_rain : float64 arrays
        Mass curve from (0, 0) to (1, 1), neither falling.

    Raises
    ------
    ValueError
        If the curve falls or does not run from 0 to 1.
    """
    ends = (share_of_time[0], share_of_rain[0], share_of_time[-1], share_of_rain[-1])
    if ends != (0, 0, 1, 1) or (np.diff(share_of_time) <= 0).any() or (np.diff(share_of_rain) < 0).any():
        msg = "a mass curve rises from (0, 0) to (1, 1)"
        raise ValueError(msg)
    fallen = np.interp(np.linspace(0.0, 1.0, steps + 1), share_of_time, share_of_rain)
    return depth_mm * np.diff(fallen)


def excess_mm(rain_mm: Floats, curve_number: Floats | float) -> Floats:
    """Rain of each step that runs off: the rise of the runoff of all rain so far.

    Parameters
    ----------
    rain_mm : float64 array (..., steps)
    curve_number : float or float64 array (...)
    """
    number = np.asarray(curve_number, dtype=np.float64)[..., None]
    off = runoff_mm(np.cumsum(rain_mm, axis=-1), number)
    steps: Floats = np.diff(off, axis=-1, prepend=0.0)
    return steps
