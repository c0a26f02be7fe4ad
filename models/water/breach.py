"""A dam that fails: size and time of the breach, peak flow, and the outflow as the reservoir empties.

Breach parameters: Froehlich (2008, J. Hydraul. Eng. 134:1708-1721). Peak: Froehlich (1995, J. Water Resour. Plan.
Manage. 121:90-97). Outflow: level pool through a trapezoid that grows as a sine, over a broad crest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Breach", "breach_2008", "outflow", "peak_1995"]

Floats = NDArray[np.float64]

G = 9.81
WEIR = 1.7
SLOPE_WEIR = 1.35
"""Discharge coefficients of the breach's bottom (per metre and h^1.5) and of its two slopes (times z h^2.5), SI; the
values of the National Weather Service's DAMBRK (Fread 1988)."""


@dataclass(frozen=True)
class Breach:
    """A breach when it is complete: mean width, slope of its sides (horizontal per vertical), time it takes to form."""

    mean_width_m: float
    side_slope: float
    formation_s: float

    def bottom_m(self, height_m: float) -> float:
        """Width at the bottom of a breach of a height."""
        return max(self.mean_width_m - self.side_slope * height_m, 0.0)


def breach_2008(volume_m3: float, height_m: float, *, overtopping: bool) -> Breach:
    """Expected breach of an embankment: B = 0.27 k V^0.32 h^0.04, t = 63.2 (V / g h²)^0.5 seconds.

    Parameters
    ----------
    volume_m3 : float
        Water above the bottom of the breach.
    height_m : float
        Of the breach.
    overtopping : bool
        k = 1.3 and sides 1 : 1, otherwise (piping) k = 1 and 0.7 : 1.
    """
    wide, side = (1.3, 1.0) if overtopping else (1.0, 0.7)
    return Breach(0.27 * wide * volume_m3**0.32 * height_m**0.04, side, 63.2 * math.sqrt(volume_m3 / (G * height_m**2)))


def peak_1995(volume_m3: float, depth_m: float) -> float:
    """Peak flow, m³/s: 0.607 V^0.295 h^1.24 with V and h of the water above the bottom of the breach."""
    return float(0.607 * volume_m3**0.295 * depth_m**1.24)


def outflow(
    volume_m3: float,
    depth_m: float,
    breach: Breach,
    step_s: float,
    *,
    shape: float = 3.0,
    inflow_m3_s: float = 0.0,
    longest_s: float = 48 * 3600.0,
) -> Floats:
    """Flow through a growing breach, mean of each step, until the reservoir is empty but for a thousandth.

    Parameters
    ----------
    volume_m3, depth_m : float
        Water above the final bottom of the breach when it begins to form, with the level at the breach's top.
    breach : Breach
    step_s : float
    shape : float
        Volume goes with depth to this power: 1 for a basin with upright walls, about 3 for a valley.
    inflow_m3_s : float
        Into the reservoir all the while.
    longest_s : float
        Cut there.

    Returns
    -------
    float64 array
        What left never exceeds what was there.
    """
    bottom_m = breach.bottom_m(depth_m)
    parts = max(round(step_s / 5.0), 1)
    small = step_s / parts
    held = volume_m3
    flows = []
    for k in range(max(int(longest_s / step_s), 1)):
        gone = 0.0
        for part in range(parts):
            now = (k * parts + part + 0.5) * small
            grown = 0.5 - 0.5 * math.cos(math.pi * min(now / breach.formation_s, 1.0))
            level = depth_m * (held / volume_m3) ** (1.0 / shape)
            head = max(level - depth_m * (1.0 - grown), 0.0)
            rate = WEIR * bottom_m * grown * head**1.5 + SLOPE_WEIR * breach.side_slope * head**2.5
            out = min(rate * small, held + inflow_m3_s * small)
            held += inflow_m3_s * small - out
            gone += out
        flows.append(gone / step_s)
        if (k + 1) * step_s > breach.formation_s and held < 1e-3 * volume_m3:
            break
    return np.array(flows)
