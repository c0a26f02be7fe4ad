"""Snow on roads: how much lies, what speed and gradient it leaves, and when ploughs come by."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["climbable", "gradients", "lying_cm", "plough_times_s", "safe_speed_kmh"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

G_M_S2 = 9.80665


def lying_cm(fallen_cm: Floats, time_s: Floats, cleared_s: Floats) -> Floats:
    """Snow on roads: all that has fallen, after a plough only what has fallen since.

    Parameters
    ----------
    fallen_cm : float64 array (n, t)
        Fallen up to each time, not falling in time.
    time_s : float64 array (t,)
    cleared_s : float64 array (n,)
        When each is ploughed; ``inf``: never.

    Returns
    -------
    float64 array (n, t)
    """
    at_clearing = np.array([np.interp(when, time_s, row) for when, row in zip(cleared_s, fallen_cm, strict=True)])
    return np.where(time_s[None, :] >= cleared_s[:, None], fallen_cm - at_clearing[:, None], fallen_cm)


def climbable(friction: Floats, driven_share: float, rolling: float) -> Floats:
    """Steepest gradient (rise over run) that a vehicle climbs or holds: grip on its driven wheels less rolling drag.

    m g i ≤ μ k m g - f m g, with k the share of the weight on driven axles; not below 0.
    """
    found: Floats = np.maximum(np.asarray(friction) * driven_share - rolling, 0.0)
    return found


def safe_speed_kmh(friction: Floats, gradient: Floats, sight_m: Floats | float, reaction_s: float) -> Floats:
    """Speed from which a vehicle stops within its sight on a slope, km/h; 0 where it does not hold at all.

    v t + v² / (2 g (μ - i)) = sight, going down a gradient i. Solved as 2 s / (t + √(t² + 2 s / (g (μ - i)))), which
    loses no digits and, with correctly rounded operations, never rises as grip falls, not even in the last digit.
    """
    grip = G_M_S2 * (np.asarray(friction) - np.abs(gradient))
    hold = np.maximum(grip, 1e-12)
    speed = 2.0 * sight_m / (np.sqrt(reaction_s**2 + 2.0 * sight_m / hold) + reaction_s)
    found: Floats = np.where(grip > 0, 3.6 * speed, 0.0)
    return found


def gradients(height_m: Floats, along_m: Floats, first: Ints, window_m: float) -> Floats:
    """Steepest mean gradient of each line over a window of its length (the whole line if it is shorter).

    Parameters
    ----------
    height_m, along_m : float64 arrays (points,)
        Height of points along lines, and how far along their line they lie.
    first : int64 array (lines + 1,)
        Points of line ``k`` are ``first[k] … first[k + 1] - 1``.
    window_m : float

    Returns
    -------
    float64 array (lines,)
        Not negative.
    """
    steepest = np.zeros(len(first) - 1)
    for k in range(len(steepest)):
        z, s = height_m[first[k] : first[k + 1]], along_m[first[k] : first[k + 1]]
        if len(z) < 2 or s[-1] <= 0:
            continue
        width = min(window_m, float(s[-1]))
        begin = s[s <= s[-1] - width + 1e-9]
        rise = np.interp(begin + width, s, z) - np.interp(begin, s, z)
        steepest[k] = float(np.abs(rise).max(initial=0.0)) / width
    return steepest


def plough_times_s(
    length_m: Floats, start_s: Floats, speed_kmh: Floats, x_m: Floats, y_m: Floats, base_xy_m: Floats,
    travel_kmh: float,
) -> tuple[Floats, Ints]:  # fmt: skip
    """When each road of a list is ploughed: in its order, each by the team that is done with it first.

    A team drives from where it last was to the middle of the road (straight, at its travelling speed), then ploughs
    it from end to end. Of equal teams the first goes.

    Parameters
    ----------
    length_m : float64 array (n,)
        In the order of ploughing.
    start_s, speed_kmh : float64 arrays (teams,)
        When each can set out, and how fast it ploughs.
    x_m, y_m : float64 arrays (n,)
        Middles of the roads.
    base_xy_m : float64 array (teams, 2)
    travel_kmh : float

    Returns
    -------
    done_s : float64 array (n,)
        ``inf`` if there is no team.
    team : int64 array (n,)
        -1 if there is none.
    """
    n, teams = len(length_m), len(start_s)
    done, by = np.full(n, math.inf), np.full(n, -1, dtype=np.int64)
    free, at = np.array(start_s, dtype=np.float64), np.array(base_xy_m, dtype=np.float64).reshape(teams, 2)
    if not teams:
        return done, by
    for k in range(n):
        way = np.hypot(at[:, 0] - x_m[k], at[:, 1] - y_m[k]) / 1000.0 / travel_kmh * 3600.0
        ready = free + way + length_m[k] / 1000.0 / speed_kmh * 3600.0
        team = int(np.argmin(ready))
        done[k], by[k] = ready[team], team
        free[team], at[team] = ready[team], (x_m[k], y_m[k])
    return done, by
