"""A wave on its way down a river: Muskingum-Cunge routing (Cunge 1969; Ponce and Yevjevich 1978).

Celerity and diffusion at a reference flow; each reach is cut so that the weights stay positive, so no flow falls below
zero and no water is made or lost.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["route", "weights"]

Floats = NDArray[np.float64]


def weights(
    length_m: float, step_s: float, celerity_m_s: float, flow_m3_s: float, top_m: float, slope: float
) -> tuple[int, float, tuple[float, float, float]]:
    """Number of equal parts of a reach, the time step within a part, and the weights of I2, I1 and O1.

    K = dx / c and X = (1 - Q / (T S c dx)) / 2. X is kept at 0 or more; the time step is halved and the parts are
    lengthened until no weight is negative; the weights add up to one.
    """
    travel = length_m / celerity_m_s
    parts = max(math.floor(travel / step_s), 1)
    storage = travel / parts
    dx = length_m / parts
    lean = 0.5 * (1.0 - flow_m3_s / (max(top_m, 1e-6) * slope * celerity_m_s * dx))
    # all weights are at least zero where 2 K X <= dt <= 2 K (1 - X)
    lean = min(max(lean, 0.0), 0.5)
    within = step_s
    halvings = 0
    while within > 2.0 * storage * (1.0 - lean) and halvings < 40:
        within *= 0.5
        halvings += 1
    lean = min(lean, within / (2.0 * storage))
    below = 2.0 * storage * (1.0 - lean) + within
    return parts, within, (
        (within - 2.0 * storage * lean) / below,
        (within + 2.0 * storage * lean) / below,
        (2.0 * storage * (1.0 - lean) - within) / below,
    )  # fmt: skip


def route(
    inflow_m3_s: Floats, length_m: float, step_s: float, celerity_m_s: float, top_m: float, slope: float
) -> Floats:
    """Flow at the end of a reach.

    Parameters
    ----------
    inflow_m3_s : float64 array (steps,)
        At its head, from rest.
    length_m, step_s : float
    celerity_m_s, top_m : float
        Of the wave at the reference flow (two thirds of the peak are usual), and width of the surface.
    slope : float
        Of the bed.

    Returns
    -------
    float64 array (steps,)
        What has passed by the last step at most; the rest is still in the reach.
    """
    parts, within, (c_new, c_old, c_out) = weights(
        length_m, step_s, celerity_m_s, 2 / 3 * float(inflow_m3_s.max(initial=0.0)), top_m, slope
    )
    repeat = round(step_s / within)
    flow = np.repeat(np.asarray(inflow_m3_s, dtype=np.float64), repeat)
    for _ in range(parts):
        flow = _part(flow, c_new, c_old, c_out)
    routed: Floats = flow.reshape(-1, repeat).mean(axis=1)
    return routed


def _part(flow: Floats, c_new: float, c_old: float, c_out: float) -> Floats:
    """O2 = c_new I2 + c_old I1 + c_out O1, from rest."""
    from scipy.signal import lfilter

    out: Floats = lfilter([c_new, c_old], [1.0, -c_out], flow)
    return out
