"""Edges that every way from the sources to a node must use, by dominators: linear sweeps over the whole graph.

Immediate dominators by the semi-dominators of Lengauer and Tarjan (1979) with simple path compression, then nearest
common ancestors instead of buckets (Georgiadis, Tarjan and Werneck 2006). The edge into ``v`` lies on every way to
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
def _depth_first(first_out, head, is_open, sources):  # type: ignore[no-untyped-def]
    """Nodes reached, in the order found, and the position in it of the node each was found from (-1: a source)."""
    n = len(first_out) - 1
    number = np.full(n, -1, np.int32)
    following = first_out[:-1].copy()
    stack = np.empty(n, np.int32)
    order = np.empty(n, np.int32)
    found_from = np.empty(n, np.int32)
    count = 0
    for s in sources:
        if number[s] >= 0:
            continue
        number[s] = count
        order[count] = s
        found_from[count] = -1
        count += 1
        stack[0] = s
        depth = 1
        while depth > 0:
            v = stack[depth - 1]
            if following[v] == first_out[v + 1]:
                depth -= 1
                continue
            e = following[v]
            following[v] += 1
            w = head[e]
            if is_open[e] and number[w] < 0:
                number[w] = count
                order[count] = w
                found_from[count] = number[v]
                count += 1
                stack[depth] = w
                depth += 1
    return order[:count], found_from[:count], number


@nb.njit(cache=True, nogil=True)
def _dominators(order, found_from, number, tail, first_in, incoming, is_open, is_source):  # type: ignore[no-untyped-def]
    """Nearest dominator of each node, all by position in ``order`` plus 1; 0 is a root before all sources."""
    count = len(order)
    above = np.zeros(count + 1, np.int32)  # tree of the depth-first search, made shorter as paths are compressed
    for i in range(count):
        above[i + 1] = found_from[i] + 1
    tree = above.copy()
    semi = np.arange(count + 1).astype(np.int32)
    least = np.arange(count + 1).astype(np.int32)  # node of least semi-dominator on the compressed path
    stack = np.empty(count + 1, np.int32)
    for w in range(count, 0, -1):
        v = order[w - 1]
        best = 0 if is_source[v] else w
        for j in range(first_in[v], first_in[v + 1]):
            e = incoming[j]
            u = number[tail[e]] + 1
            if not is_open[e] or u == 0:
                continue
            if u > w:
                # the root of its tree is the first that is not above w yet: compress the path up to it
                depth = 0
                x = u
                while above[x] > w:
                    stack[depth] = x
                    depth += 1
                    x = above[x]
                while depth > 0:
                    depth -= 1
                    y = stack[depth]
                    if semi[least[above[y]]] < semi[least[y]]:
                        least[y] = least[above[y]]
                    above[y] = above[above[y]]
                u = semi[least[u]]
            best = min(best, u)
        semi[w] = best
    dominator = tree
    for w in range(1, count + 1):
        while dominator[w] > semi[w]:
            dominator[w] = dominator[dominator[w]]
    return dominator


@nb.njit(cache=True, nogil=True)
def _last_roads(first_out, head, tail, first_in, incoming, is_open, sources):  # type: ignore[no-untyped-def]
    n = len(first_out) - 1
    is_source = np.zeros(n, np.bool_)
    for s in sources:
        is_source[s] = True
    order, found_from, number = _depth_first(first_out, head, is_open, sources)
    by_number = _dominators(order, found_from, number, tail, first_in, incoming, is_open, is_source)
    root = n
    dominator = np.full(n + 1, -1, np.int32)
    dominator[root] = root
    for i in range(len(order)):
        dominator[order[i]] = root if by_number[i + 1] == 0 else order[by_number[i + 1] - 1]
    # runs of the dominator tree: v dominates u where enter[v] <= enter[u] < enter[v] + below[v]
    below = np.zeros(n + 1, np.int64)
    for i in range(len(order) - 1, -1, -1):
        v = order[i]
        below[v] += 1
        below[dominator[v]] += below[v]
    enter = np.zeros(n + 1, np.int64)
    free = np.zeros(n + 1, np.int64)
    free[root] = 1
    for v in order:
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
            if is_open[e] and number[u] >= 0 and not enter[v] <= enter[u] < enter[v] + below[v]:
                ways += 1
                only = e
        if ways == 1 and only >= 0:
            edge[v] = only
    for v in range(n):
        if dominator[v] == root:
            dominator[v] = -1
    return number >= 0, dominator[:n].copy(), edge
