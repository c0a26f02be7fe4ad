"""Synthetic ignitions: people's, near roads and homes, and lightning's, anywhere on fuel that burns.

A Poisson number of each kind; lightning comes in bursts (one storm, several strokes that start fires at nearly the
same hour), so that several fires at a time are usual for it (Cunningham and Martell 1973: Poisson arrivals of
people-caused fires).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_ignitions"]

Floats = NDArray[np.float64]


def draw_ignitions(
    people_weight: Floats,
    lightning_weight: Floats,
    people_mean: float,
    storms_mean: float,
    strokes_mean: float,
    span_s: float,
    storm_s: float,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], Floats, NDArray[np.bool_]]:
    """Draw where and when fires start.

    Parameters
    ----------
    people_weight, lightning_weight : float64 arrays (n,)
        Relative rate of ignition by cell, not negative; 0 where nothing burns. A checkpoint lowers people's.
    people_mean, storms_mean : float
        Expected number of people's fires and of storms in the span.
    strokes_mean : float
        Expected fires of a storm beyond its first.
    span_s, storm_s : float
        Length of the span, and of a storm.
    rng : numpy Generator

    Returns
    -------
    cell : int64 array (k,)
    time_s : float64 array (k,)
        Ascending, from the beginning of the span.
    lightning : bool array (k,)

    Raises
    ------
    ValueError
        If fires are expected where every weight is 0.
    """
    for weight, mean in ((people_weight, people_mean), (lightning_weight, storms_mean)):
        if mean > 0 and not weight.sum() > 0:
            msg = "fires are expected, but every weight is 0"
            raise ValueError(msg)
    people = rng.poisson(people_mean)
    storms = rng.random(rng.poisson(storms_mean)) * span_s
    strokes = 1 + rng.poisson(strokes_mean, len(storms))
    struck = np.repeat(storms, strokes) + rng.random(int(strokes.sum())) * storm_s
    time = np.concatenate([rng.random(people) * span_s, struck])
    cell = np.concatenate([_draw(people_weight, people, rng), _draw(lightning_weight, len(struck), rng)])
    lightning = np.arange(len(time)) >= people
    order = np.argsort(time, kind="stable")
    return cell[order], time[order], lightning[order]


def _draw(weight: Floats, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Cells drawn in proportion to their weights."""
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    total = np.cumsum(weight)
    drawn = np.searchsorted(total, rng.random(count) * total[-1], side="right")
    return np.asarray(drawn, dtype=np.int64)
