"""A few changed weights brought into a metric: only arcs above the changed ones are computed again.

A full customisation is one sweep without any bookkeeping, so beyond one changed edge in a thousand it is faster
(measured on node-level road networks) and is what is done.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.paths.hierarchy import Hierarchy
from models.paths.metric import Metric, customise, lightest_of_arc, whole_sum

__all__ = ["FEW_IN", "recustomise"]

FEW_IN = 1000
"""Partial up to one changed edge in this many (ten edges on small networks)."""


def recustomise(
    hierarchy: Hierarchy, metric: Metric, weight: NDArray[np.float64], edges: NDArray[np.integer]
) -> Metric:
    """Metric of ``weight``, given that of weights that differ in ``edges`` only; equal to a full customisation.

    Parameters
    ----------
    hierarchy : Hierarchy
    metric : Metric
        Of the weights before; it is not changed.
    weight : float64 array (m,)
        The weights now.
    edges : integer array
        Every edge whose weight differs (others may be among them).

    Raises
    ------
    ValueError
        If a weight looked at is negative or NaN.
    """
    changed = np.asarray(edges, dtype=np.int64)
    if not (weight[changed] >= 0).all():
        msg = "weights must be numbers of 0 or more"
        raise ValueError(msg)
    if len(changed) * FEW_IN > max(len(weight), 10_000):
        return customise(hierarchy, weight)
    up, down = metric.up.copy(), metric.down.copy()
    _recustomise(
        hierarchy.first_up, *hierarchy.edges_by_arc, *hierarchy.triangles_by_upper, hierarchy.first_triangle,
        hierarchy.upper, hierarchy.lower_a, hierarchy.lower_b, hierarchy.arc, hierarchy.upward, weight, changed,
        up, down,
    )  # fmt: skip
    return Metric(up, down, metric.most + whole_sum(weight[changed]))


@nb.njit(cache=True, nogil=True)
def _recustomise(  # type: ignore[no-untyped-def]
    first_up, first_edge, edge_of_arc, first_below, below, first_triangle, upper, lower_a, lower_b, arc, upward, weight,
    changed, up, down,
):  # fmt: skip
    waiting = np.zeros(len(up), np.bool_)
    lowest = len(up)
    for e in changed:
        if arc[e] >= 0:
            waiting[arc[e]] = True
            lowest = min(lowest, arc[e])
    v = 0
    for k in range(lowest, len(up)):
        if not waiting[k]:
            continue
        u, d = lightest_of_arc(k, first_edge, edge_of_arc, upward, weight)
        for p in range(first_below[k], first_below[k + 1]):
            i = lower_a[below[p]]
            j = lower_b[below[p]]
            u = min(u, down[i] + up[j])
            d = min(d, down[j] + up[i])
        if u == up[k] and d == down[k]:
            continue
        up[k] = u
        down[k] = d
        while first_up[v + 1] <= k:
            v += 1
        for t in range(first_triangle[v], first_triangle[v + 1]):
            if lower_a[t] == k or lower_b[t] == k:
                waiting[upper[t]] = True
