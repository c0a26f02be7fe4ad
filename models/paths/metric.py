"""Weights brought into a hierarchy: one linear sweep over its triangles (customisation)."""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.paths.hierarchy import Hierarchy

__all__ = ["Metric", "customise"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Metric:
    """Weights brought into a hierarchy: ``up`` and ``down`` of each arc, float64 arrays (k,)."""

    up: Floats
    down: Floats


def customise(hierarchy: Hierarchy, weight: Floats) -> Metric:
    """Bring weights into a hierarchy.

    Parameters
    ----------
    hierarchy : Hierarchy
    weight : float64 array (m,)
        Weight of each edge of the graph, ``inf`` = closed.

    Raises
    ------
    ValueError
        If a weight is negative or NaN.
    """
    if not (weight >= 0).all():
        msg = "weights must be numbers of 0 or more"
        raise ValueError(msg)
    up = np.full(len(hierarchy.up_head), np.inf)
    down = np.full(len(hierarchy.up_head), np.inf)
    _customise(hierarchy.arc, hierarchy.upward, weight, hierarchy.lower_a, hierarchy.lower_b, hierarchy.upper, up, down)
    return Metric(up, down)


@nb.njit(cache=True, nogil=True)
def _customise(arc, upward, weight, lower_a, lower_b, upper, up, down):  # type: ignore[no-untyped-def]
    for e in range(len(arc)):
        k = arc[e]
        if k >= 0:
            if upward[e]:
                up[k] = min(up[k], weight[e])
            else:
                down[k] = min(down[k], weight[e])
    for t in range(len(upper)):
        i = lower_a[t]
        j = lower_b[t]
        k = upper[t]
        up[k] = min(up[k], down[i] + up[j])
        down[k] = min(down[k], down[j] + up[i])
