"""The edges of a shortest path: meet on the elimination tree, then take each shortcut apart into its lower triangle."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.paths.hierarchy import Hierarchy
from models.paths.metric import Metric

__all__ = ["shortest_path"]


def shortest_path(
    hierarchy: Hierarchy, metric: Metric, weight: NDArray[np.float64], source: int, target: int
) -> NDArray[np.int32] | None:
    """Edges of a shortest path from ``source`` to ``target``, in driving order.

    Parameters
    ----------
    hierarchy : Hierarchy
    metric : Metric
        Customised with ``weight``.
    weight : float64 array (m,)
    source, target : int

    Returns
    -------
    int32 array or None
        Empty if source and target are one node, None if the target is out of reach.
    """
    found, edges = _path(
        hierarchy.first_up,
        hierarchy.up_head,
        hierarchy.parent,
        metric.up,
        metric.down,
        hierarchy.lower_a,
        hierarchy.lower_b,
        *hierarchy.triangles_by_upper,
        *hierarchy.edges_by_arc,
        hierarchy.upward,
        weight,
        hierarchy.rank[source],
        hierarchy.rank[target],
    )
    return edges if found else None


@nb.njit(cache=True, nogil=True)
def _climb(first_up, up_head, parent, weight, start, label, via):  # type: ignore[no-untyped-def]
    label[start] = 0.0
    v = start
    while v >= 0:
        for k in range(first_up[v], first_up[v + 1]):
            h = up_head[k]
            if label[v] + weight[k] < label[h]:
                label[h] = label[v] + weight[k]
                via[h] = k
        v = parent[v]


@nb.njit(cache=True, nogil=True)
def _path(  # type: ignore[no-untyped-def]
    first_up, up_head, parent, up, down, lower_a, lower_b, first_triangle, triangle_of, first_edge, edge_of_arc, upward,
    weight, source, target,
):  # fmt: skip
    n = len(parent)
    ahead = np.full(n, np.inf)
    behind = np.full(n, np.inf)
    via_ahead = np.full(n, -1, np.int32)
    via_behind = np.full(n, -1, np.int32)
    _climb(first_up, up_head, parent, up, source, ahead, via_ahead)
    _climb(first_up, up_head, parent, down, target, behind, via_behind)
    best = np.inf
    top = -1
    v = source
    while v >= 0:
        if ahead[v] + behind[v] < best:
            best = ahead[v] + behind[v]
            top = v
        v = parent[v]
    edges = [np.int32(0) for _ in range(0)]
    if top < 0:
        return False, np.empty(0, np.int32)
    # arcs to be taken apart, the next on top: 2 · arc, + 1 where it is driven upwards
    stack = [np.int64(0) for _ in range(0)]
    v = top
    while v != target:
        stack.append(2 * np.int64(via_behind[v]))
        v = _low_end(first_up, via_behind[v])
    stack = stack[::-1]
    v = top
    while v != source:
        stack.append(2 * np.int64(via_ahead[v]) + 1)
        v = _low_end(first_up, via_ahead[v])
    while len(stack) > 0:
        step = stack.pop()
        k = step // 2
        climbing = step % 2 == 1
        whole = up[k] if climbing else down[k]
        edge = -1
        for x in range(first_edge[k], first_edge[k + 1]):
            if upward[edge_of_arc[x]] == climbing and weight[edge_of_arc[x]] == whole:
                edge = edge_of_arc[x]
                break
        if edge >= 0:
            edges.append(np.int32(edge))
            continue
        for x in range(first_triangle[k], first_triangle[k + 1]):
            i = np.int64(lower_a[triangle_of[x]])
            j = np.int64(lower_b[triangle_of[x]])
            if climbing and down[i] + up[j] == whole:
                stack.append(2 * j + 1)
                stack.append(2 * i)
                break
            if not climbing and down[j] + up[i] == whole:
                stack.append(2 * i + 1)
                stack.append(2 * j)
                break
    return True, np.array(edges, dtype=np.int32)


@nb.njit(cache=True, nogil=True)
def _low_end(first_up, arc):  # type: ignore[no-untyped-def]
    """Lower end of an arc."""
    return np.searchsorted(first_up, arc, side="right") - 1
