"""Fewest edges whose loss isolates a node from all sources: augmenting paths (Ford and Fulkerson 1956).

Every cuttable edge carries one unit. Cuts around a village are small, so a few breadth-first searches do. A two-way
road counts once: in a least cut only the direction that leads to the target is cut.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.graph import Graph

__all__ = ["isolating_cut"]


def isolating_cut(
    graph: Graph,
    is_open: NDArray[np.bool_],
    sources: NDArray[np.integer],
    target: int,
    cuttable: NDArray[np.bool_] | None = None,
) -> NDArray[np.int32] | None:
    """Fewest edges to cut so that no way leads from any source to ``target``.

    Parameters
    ----------
    graph : Graph
    is_open : bool array (m,)
    sources : integer array (s,)
    target : int
    cuttable : bool array (m,), optional
        Edges that may be cut; by default all.

    Returns
    -------
    int32 array or None
        Edges, sorted; of several least cuts the one nearest to the sources. Empty if there is no way as it is; None if
        no cut can do it (the target is a source, or a way has no cuttable edge).
    """
    may = np.ones(graph.m, dtype=np.bool_) if cuttable is None else np.asarray(cuttable, dtype=np.bool_)
    possible, edges = _cut(
        graph.first_out, graph.head, graph.tail, *graph.incoming, np.asarray(is_open, dtype=np.bool_), may,
        np.asarray(sources, dtype=np.int64), int(target),
    )  # fmt: skip
    return edges if possible else None


@nb.njit(cache=True, nogil=True)
def _cut(first_out, head, tail, first_in, incoming, is_open, cuttable, sources, target):  # type: ignore[no-untyped-def]
    n = len(first_out) - 1
    flow = np.zeros(len(head), np.int64)
    queue = np.empty(n, np.int32)
    via = np.empty(n, np.int64)
    beyond_cuts = True  # the first search asks for a way without cuttable edges
    while True:
        # via: -1 not reached, 0 a source, e + 1 by edge e, -(e + 2) by edge e backwards
        via[:] = -1
        last = 0
        for s in sources:
            if via[s] == -1:
                via[s] = 0
                queue[last] = s
                last += 1
        i = 0
        while i < last and via[target] == -1:
            v = queue[i]
            i += 1
            for e in range(first_out[v], first_out[v + 1]):
                w = head[e]
                if is_open[e] and via[w] == -1 and (not cuttable[e] or (flow[e] == 0 and not beyond_cuts)):
                    via[w] = e + 1
                    queue[last] = w
                    last += 1
            for j in range(first_in[v], first_in[v + 1]):
                e = incoming[j]
                w = tail[e]
                if flow[e] > 0 and via[w] == -1:
                    via[w] = -(e + 2)
                    queue[last] = w
                    last += 1
        if via[target] == -1:
            if not beyond_cuts:
                break
            beyond_cuts = False
            continue
        if beyond_cuts:
            return False, np.empty(0, np.int32)
        v = target
        while via[v] != 0:
            if via[v] > 0:
                e = via[v] - 1
                flow[e] += 1
                v = tail[e]
            else:
                e = -via[v] - 2
                flow[e] -= 1
                v = head[e]
    count = 0
    edges = np.empty(len(head), np.int32)
    for e in range(len(head)):
        if is_open[e] and via[tail[e]] != -1 and via[head[e]] == -1:
            edges[count] = e
            count += 1
    return True, edges[:count].copy()
