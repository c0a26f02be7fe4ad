"""Weights brought into a hierarchy: one linear sweep over its triangles (customisation)."""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.paths.hierarchy import Hierarchy

__all__ = ["Metric", "customise", "lightest_edges", "lightest_of_arc", "whole_sum"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Metric:
    """Weights brought into a hierarchy.

    Attributes
    ----------
    up, down : float64 arrays (k,)
        Of each arc.
    most : float
        No shortest path weighs more than this, and all weights are whole; ``inf`` if that is not known.
    """

    up: Floats
    down: Floats
    most: float


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
    up, down = lightest_edges(hierarchy.arc, hierarchy.upward, weight, len(hierarchy.up_head))
    most = whole_sum(up) + whole_sum(down)
    _customise(hierarchy.lower_a, hierarchy.lower_b, hierarchy.upper, up, down)
    return Metric(up, down, most)


@nb.njit(cache=True, nogil=True, fastmath={"reassoc", "nsz"})  # sums of whole numbers are the same in any order
def whole_sum(weight):  # type: ignore[no-untyped-def]
    """Sum of the finite weights; ``inf`` if one is not whole."""
    total = 0.0
    odd = 0.0
    for k in range(len(weight)):  # (over the array itself it would not become vector instructions)
        finite = weight[k] if weight[k] < np.inf else 0.0
        total += finite
        odd += finite - np.floor(finite)
    return total if odd == 0.0 else np.inf


@nb.njit(cache=True, nogil=True)
def lightest_edges(arc, upward, weight, arcs):  # type: ignore[no-untyped-def]
    """Weight of the lightest edge of each arc, upwards and downwards; ``inf`` where there is none."""
    up = np.full(arcs, np.inf)
    down = np.full(arcs, np.inf)
    for e in range(len(arc)):
        k = arc[e]
        if k >= 0:
            if upward[e]:
                up[k] = min(up[k], weight[e])
            else:
                down[k] = min(down[k], weight[e])
    return up, down


@nb.njit(cache=True, nogil=True)
def lightest_of_arc(k, first_edge, edge_of_arc, upward, weight):  # type: ignore[no-untyped-def]
    """The same of one arc, by the arrays of ``Hierarchy.edges_by_arc``."""
    up = np.inf
    down = np.inf
    for p in range(first_edge[k], first_edge[k + 1]):
        e = edge_of_arc[p]
        if upward[e]:
            up = min(up, weight[e])
        else:
            down = min(down, weight[e])
    return up, down


@nb.njit(cache=True, nogil=True)
def _customise(lower_a, lower_b, upper, up, down):  # type: ignore[no-untyped-def]
    for t in range(len(upper)):
        i = lower_a[t]
        j = lower_b[t]
        k = upper[t]
        up[k] = min(up[k], down[i] + up[j])
        down[k] = min(down[k], down[j] + up[i])
