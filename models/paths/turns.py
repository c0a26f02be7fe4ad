"""Banned turns as a graph without them: only the nodes of restrictions are split.

Every edge that arrives with a ban gets a node of its own, from which all edges leave but those it may not turn into;
all other edges share the old node. Any path of the split graph is a sequence of edges of the old one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.graph import Graph, build_graph

__all__ = ["SplitGraph", "split_turns"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SplitGraph:
    """Graph in which banned turns do not exist.

    Attributes
    ----------
    graph : Graph
        The first n nodes are the old ones, under their old numbers.
    edge_of : int64 array
        Old edge of each edge: ``weight[edge_of]`` brings weights over.
    node_of : int64 array
        Old node of each node; an old node is reached at the earliest of its parts, and left from itself.
    """

    graph: Graph
    edge_of: Ints
    node_of: Ints

    def fold(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weights at the old nodes from weights at all nodes (last axis): the least of each node's parts."""
        old = int(self.node_of.max(initial=-1)) + 1
        result = weight[..., :old].copy()
        for part in range(old, len(self.node_of)):
            node = self.node_of[part]
            result[..., node] = np.minimum(result[..., node], weight[..., part])
        return result


def split_turns(graph: Graph, banned: NDArray[np.integer]) -> SplitGraph:
    """Split the nodes of banned turns.

    Parameters
    ----------
    graph : Graph
    banned : integer array (k, 2)
        (from edge, to edge) that may not follow each other; the second must leave the node the first leads to.

    Raises
    ------
    ValueError
        If a pair does not meet at a node.
    """
    pairs = np.asarray(banned, dtype=np.int64).reshape(-1, 2)
    if (graph.head[pairs[:, 0]] != graph.tail[pairs[:, 1]]).any():
        msg = "the edges of a banned turn must meet at a node"
        raise ValueError(msg)
    tail, head = graph.tail.astype(np.int64), graph.head.astype(np.int64)
    node_of, edge_of = list(range(graph.n)), list(range(graph.m))
    more_tail: list[int] = []
    into: dict[int, int] = {}
    for edge in np.unique(pairs[:, 0]).tolist():
        node = int(graph.head[edge])
        part = len(node_of)
        node_of.append(node)
        into[edge] = part
        barred = set(pairs[pairs[:, 0] == edge, 1].tolist())
        for leaving in range(int(graph.first_out[node]), int(graph.first_out[node + 1])):
            if leaving not in barred:
                more_tail.append(part)
                edge_of.append(leaving)
    origin = np.array(edge_of, dtype=np.int64)
    new_tail = np.concatenate([tail, np.array(more_tail, dtype=np.int64)])
    new_head = head[origin]
    for edge, part in into.items():
        new_head[origin == edge] = part
    split, order = build_graph(len(node_of), new_tail, new_head)
    return SplitGraph(split, origin[order], np.array(node_of, dtype=np.int64))
