"""Lengths along fastest paths: weights compared as pairs, first by time, then by length.

Of several equally fast paths the shortest counts, so the length is one well-defined number.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.paths.hierarchy import Hierarchy
from models.paths.matrix import ancestors

__all__ = ["matrix_with_lengths"]

Floats = NDArray[np.float64]


def matrix_with_lengths(
    hierarchy: Hierarchy,
    weight: Floats,
    length: Floats,
    sources: NDArray[np.integer],
    targets: NDArray[np.integer],
) -> tuple[Floats, Floats]:
    """Shortest-path weights from each source to each target, and the lengths of these paths.

    Parameters
    ----------
    hierarchy : Hierarchy
    weight, length : float64 arrays (m,)
        0 or more; ``weight`` ``inf`` = closed. Whole numbers make the choice among equally fast paths exact.
    sources, targets : integer arrays (s,), (t,)

    Returns
    -------
    weight, length : float64 arrays (s, t)
        Both ``inf`` where out of reach.

    Raises
    ------
    ValueError
        If a weight or length is negative or NaN, or a length is infinite.
    """
    if not ((weight >= 0).all() and (length >= 0).all() and np.isfinite(length).all()):
        msg = "weights must be numbers of 0 or more, lengths finite"
        raise ValueError(msg)
    arcs = len(hierarchy.up_head)
    up, down = np.full((arcs, 2), np.inf), np.full((arcs, 2), np.inf)
    pairs = np.column_stack([weight, np.where(np.isfinite(weight), length, np.inf)])
    _customise(hierarchy.arc, hierarchy.upward, pairs, hierarchy.lower_a, hierarchy.lower_b, hierarchy.upper, up, down)
    target_rank = hierarchy.rank[np.asarray(targets, dtype=np.int64)]
    order, slot = ancestors(hierarchy.parent, target_rank)
    result = np.empty((len(sources), len(targets), 2))
    _matrix(
        hierarchy.first_up,
        hierarchy.up_head,
        hierarchy.parent,
        up,
        down,
        hierarchy.rank[np.asarray(sources, dtype=np.int64)],
        target_rank,
        order,
        slot,
        result,
    )
    return result[:, :, 0].copy(), result[:, :, 1].copy()


@nb.njit(cache=True, nogil=True)
def _improve(best, weight, length):  # type: ignore[no-untyped-def]
    """Take (weight, length) over if it is the smaller pair."""
    if weight < best[0] or (weight == best[0] and length < best[1]):
        best[0] = weight
        best[1] = length


@nb.njit(cache=True, nogil=True)
def _customise(arc, upward, pairs, lower_a, lower_b, upper, up, down):  # type: ignore[no-untyped-def]
    for e in range(len(arc)):
        k = arc[e]
        if k >= 0:
            _improve(up[k] if upward[e] else down[k], pairs[e, 0], pairs[e, 1])
    for t in range(len(upper)):
        i, j, k = lower_a[t], lower_b[t], upper[t]
        _improve(up[k], down[i, 0] + up[j, 0], down[i, 1] + up[j, 1])
        _improve(down[k], down[j, 0] + up[i, 0], down[j, 1] + up[i, 1])


@nb.njit(cache=True, nogil=True)
def _matrix(first_up, up_head, parent, up, down, sources, targets, order, slot, result):  # type: ignore[no-untyped-def]
    label = np.full((len(parent), 2), np.inf)
    here = np.empty((len(order), 2))
    for s in range(len(sources)):
        here[:] = np.inf
        v = sources[s]
        label[v] = 0.0
        while v >= 0:
            for k in range(first_up[v], first_up[v + 1]):
                _improve(label[up_head[k]], label[v, 0] + up[k, 0], label[v, 1] + up[k, 1])
            if slot[v] >= 0:
                here[slot[v]] = label[v]
            label[v] = np.inf
            v = parent[v]
        for r in range(len(order)):
            for k in range(first_up[order[r]], first_up[order[r] + 1]):
                above = here[slot[up_head[k]]]
                _improve(here[r], above[0] + down[k, 0], above[1] + down[k, 1])
        for t in range(len(targets)):
            result[s, t] = here[slot[targets[t]]]
