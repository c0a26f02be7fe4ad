"""Crews race a growing ellipse: when a line along its edge closes, and how much has burnt inside by then.

Two halves of the crews start at the rear (or the head) and build along both flanks while the fire grows (Fried and
Fried 1996, Forest Science 42:267: the edge of an ellipse in polar coordinates about its origin, the line keeping up
with it). Constant conditions, ellipse with the origin in the rear focus.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

__all__ = ["attack"]

Floats = NDArray[np.float64]
_STEP = 0.002
"""Step in time over the time since ignition: the problem has no other scale."""
_TURN = 0.005
"""Most that the end of the line may turn in a step, radians."""


def attack(
    ros_m_min: Floats,
    eccentricity: Floats,
    arrive_min: Floats,
    rate_m_min: Floats,
    until_min: float,
    from_head: NDArray[np.bool_] | None = None,
) -> tuple[Floats, Floats]:
    """Time and area at which each fire is contained.

    Parameters
    ----------
    ros_m_min, eccentricity : float64 arrays (n,)
        Head rate and eccentricity in [0, 1).
    arrive_min, rate_m_min : float64 arrays (n, c)
        When each crew begins, minutes from ignition (``inf``: never), and the line that it builds.
    until_min : float
        Fires not contained by then have escaped.
    from_head : bool array (n,), optional
        Fires whose crews begin at the head; the rear without it.

    Returns
    -------
    contained_min : float64 array (n,)
        ``inf``: escaped.
    area_m2 : float64 array (n,)
        Inside the line; of an escaped fire, its free-burning area at ``until_min``.

    Raises
    ------
    ValueError
        If an eccentricity is outside [0, 1) or a rate is negative.
    """
    if ((eccentricity < 0) | (eccentricity >= 1)).any() or (rate_m_min < 0).any() or (ros_m_min < 0).any():
        msg = "eccentricities lie in [0, 1), rates are not negative"
        raise ValueError(msg)
    head = np.zeros(len(ros_m_min), dtype=np.bool_) if from_head is None else from_head
    order = np.argsort(arrive_min, axis=1)
    arrive = np.take_along_axis(arrive_min, order, axis=1)
    rate = np.take_along_axis(rate_m_min, order, axis=1)
    contained, area = _race(
        np.ascontiguousarray(ros_m_min, dtype=np.float64), np.ascontiguousarray(eccentricity, dtype=np.float64),
        np.ascontiguousarray(arrive, dtype=np.float64), np.ascontiguousarray(rate, dtype=np.float64),
        float(until_min), head,
    )  # fmt: skip
    return contained, area


@nb.njit(cache=True)
def _turn(h, e, angle, line, head):  # type: ignore[no-untyped-def]
    """Time × turning rate of the end of the line, away from where it began; 0 where the line cannot keep up."""
    low = 1.0 - e * math.cos(angle)
    r = h * (1.0 - e) / low
    if line <= r:
        return 0.0
    slope = -h * (1.0 - e) * e * math.sin(angle) / (low * low)
    a = r * r + slope * slope
    root = math.sqrt(r * r * slope * slope - a * (r * r - line * line))
    if head:
        return (-r * slope + root) / a
    return -(-r * slope - root) / a


@nb.njit(cache=True)
def _race(ros, eccentricity, arrive, rate, until, from_head):  # type: ignore[no-untyped-def]
    n, c = arrive.shape
    contained = np.full(n, np.inf)
    area = np.zeros(n)
    for k in range(n):
        h, e, head = ros[k], eccentricity[k], from_head[k]
        free = math.pi * (h / (1.0 + e)) ** 2 * math.sqrt(1.0 - e * e)  # per minute², of the ellipse's area
        area[k] = free * until * until
        if c == 0 or arrive[k, 0] >= until:
            continue
        if h <= 0.0:
            contained[k], area[k] = arrive[k, 0], 0.0
            continue
        t = max(arrive[k, 0], 1e-6)
        i, line = 0, 0.0
        done, inside = 0.0, 0.0
        while t < until and done < math.pi:
            while i < c and arrive[k, i] <= t:
                line += rate[k, i] / 2.0
                i += 1
            dt = _STEP * t
            angle = done if head else math.pi - done
            first = _turn(h, e, angle, line, head) / t
            if first * dt > _TURN:
                dt = _TURN / first
            if i < c and t + dt > arrive[k, i]:
                dt = max(arrive[k, i] - t, 1e-9)
            middle = done + first * dt / 2.0
            angle = min(middle, math.pi) if head else math.pi - min(middle, math.pi)
            turned = _turn(h, e, angle, line, head) / (t + dt / 2.0) * dt
            if first == 0.0:
                turned = 0.0
            share = 1.0
            if done + turned > math.pi:
                share = (math.pi - done) / turned
            r = h * (1.0 - e) / (1.0 - e * math.cos(angle)) * (t + share * dt / 2.0)
            inside += r * r * turned * share
            done += turned * share
            t += dt * share
            if done >= math.pi - 1e-12:
                contained[k], area[k] = t, inside
                break
    return contained, area
