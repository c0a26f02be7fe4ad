"""The nearest few of many targets, from rows of the matrix; ties go to the target listed first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.paths.hierarchy import Hierarchy
from models.paths.matrix import matrix
from models.paths.metric import Metric

__all__ = ["nearest"]

_CELLS = 4_000_000


def nearest(
    hierarchy: Hierarchy, metric: Metric, sources: NDArray[np.integer], targets: NDArray[np.integer], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The ``k`` targets nearest to each source.

    Returns
    -------
    position : int64 array (s, k)
        In the list of targets, nearest first; -1 where fewer than ``k`` are in reach.
    weight : float64 array (s, k)
        ``inf`` there.

    Raises
    ------
    ValueError
        If ``k`` is below 1.
    """
    if k < 1:
        msg = "k must be 1 or more"
        raise ValueError(msg)
    position = np.full((len(sources), k), -1, dtype=np.int64)
    weight = np.full((len(sources), k), np.inf)
    if len(targets) == 0:
        return position, weight
    width = min(k, len(targets))
    rows = max(_CELLS // len(targets), 1)
    for start in range(0, len(sources), rows):
        part = matrix(hierarchy, metric, sources[start : start + rows], targets)
        order = np.argsort(part, axis=1, kind="stable")[:, :width]
        found = np.take_along_axis(part, order, axis=1)
        weight[start : start + rows, :width] = found
        position[start : start + rows, :width] = np.where(np.isfinite(found), order, -1)
    return position, weight
