"""Edges that every way from the sources to a node must use, by dominators: linear sweeps over the whole graph.

Immediate dominators by the iteration of Cooper, Harvey and Kennedy (2001). The edge into ``v`` lies on every way to
``v`` exactly if it is the only way in from a node that ``v`` does not dominate (Italiano, Laura and Santaroni 2012).
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.graph import Graph

__all__ = ["LastRoads", "last_roads"]


@dataclass(frozen=True, eq=False)
class LastRoads:
    """Edges whose loss cuts nodes off.

    Attributes
    ----------
    reached : bool array (n,)
    dominator : int32 array (n,)
        Nearest other node on every way to each node; -1 if there is none (or the node is out of reach).
    edge : int32 array (n,)
        Edge into the node that every way to it uses; -1 if there is none.
    """

    reached: NDArray[np.bool_]
    dominator: NDArray[np.int32]
    edge: NDArray[np.int32]

    def edges_to(self, node: int) -> NDArray[np.int32]:
        """Edges on every way to ``node``, in driving order: the loss of any one of them cuts it off."""
        found: list[int] = []
        v = int(node)
        while v >= 0:
            if self.edge[v] >= 0:
                found.append(int(self.edge[v]))
            v = int(self.dominator[v])
        return np.array(found[::-1], dtype=np.int32)


def last_roads(graph: Graph, is_open: NDArray[np.bool_], sources: NDArray[np.integer]) -> LastRoads:
    """Edges that every way from any source to a node must use.

    Parameters
    ----------
    graph : Graph
    is_open : bool array (m,)
    sources : integer array (s,)
    """
    first_in, incoming = graph.incoming
    return LastRoads(
        *_last_roads(
            graph.first_out, graph.head, graph.tail, first_in, incoming, np.asarray(is_open, dtype=np.bool_),
            np.unique(np.asarray(sources, dtype=np.int64)),
        )
    )  # fmt: skip


@nb.njit(cache=True, nogil=True)
def _postorder(first_out, head, is_open, sources):  # type: ignore[no-untyped-def]
    """Nodes reached, each after all that were first found from it."""
    n = len(first_out) - 1
    seen = np.zeros(n, np.bool_)
    following = first_out[:-1].copy()
    stack = np.empty(n, np.int32)
    order = np.empty(n, np.int32)
    count = 0
    for s in sources:
        if seen[s]:
            continue
        seen[s] = True
        stack[0] = s
        depth = 1
        while depth > 0:
            v = stack[depth - 1]
            if following[v] == first_out[v + 1]:
                order[count] = v
                count += 1
                depth -= 1
                continue
            e = following[v]
            following[v] += 1
            if is_open[e] and not seen[head[e]]:
                seen[head[e]] = True
                stack[depth] = head[e]
                depth += 1
    return order[:count], seen


@nb.njit(cache=True, nogil=True)
def _last_roads(first_out, head, tail, first_in, incoming, is_open, sources):  # type: ignore[no-untyped-def]
    n = len(first_out) - 1
    order, seen = _postorder(first_out, head, is_open, sources)
    root = n
    number = np.full(n + 1, -1, np.int64)
    for i in range(len(order)):
        number[order[i]] = i
    number[root] = len(order)
    dominator = np.full(n + 1, -1, np.int32)
    dominator[root] = root
    is_source = np.zeros(n, np.bool_)
    for s in sources:
        is_source[s] = True
    changed = True
    while changed:
        changed = False
        for i in range(len(order) - 1, -1, -1):
            v = order[i]
            best = root if is_source[v] else -1
            for j in range(first_in[v], first_in[v + 1]):
                u = tail[incoming[j]]
                if not is_open[incoming[j]] or dominator[u] < 0:
                    continue
                if best < 0:
                    best = u
                    continue
                a = u
                while a != best:
                    while number[a] < number[best]:
                        a = dominator[a]
                    while number[best] < number[a]:
                        best = dominator[best]
            if best != dominator[v]:
                dominator[v] = best
                changed = True
    # runs of the dominator tree: v dominates u where enter[v] <= enter[u] < enter[v] + below[v]
    below = np.zeros(n + 1, np.int64)
    for v in order:
        below[v] += 1
        below[dominator[v]] += below[v]
    enter = np.zeros(n + 1, np.int64)
    free = np.zeros(n + 1, np.int64)
    free[root] = 1
    for i in range(len(order) - 1, -1, -1):
        v = order[i]
        enter[v] = free[dominator[v]]
        free[dominator[v]] += below[v]
        free[v] = enter[v] + 1
    edge = np.full(n, -1, np.int32)
    for v in order:
        ways = 1 if is_source[v] else 0
        only = -1
        for j in range(first_in[v], first_in[v + 1]):
            e = incoming[j]
            u = tail[e]
            if is_open[e] and seen[u] and not enter[v] <= enter[u] < enter[v] + below[v]:
                ways += 1
                only = e
        if ways == 1 and only >= 0:
            edge[v] = only
    for v in range(n):
        if dominator[v] == root:
            dominator[v] = -1
    return seen, dominator[:n].copy(), edge
