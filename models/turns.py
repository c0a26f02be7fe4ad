"""Banned turns as a graph without them: only the nodes of restrictions are split.

Every edge that arrives with a ban gets a node of its own, from which all edges leave but those it may not turn into;
all other edges share the old node. Any path of the split graph is a sequence of edges of the old one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.graph import Graph, build_graph

__all__ = ["SplitGraph", "split_turns", "whole"]

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

    @cached_property
    def n(self) -> int:
        """Number of old nodes."""
        return int(self.node_of.max(initial=-1)) + 1

    @cached_property
    def _end(self) -> NDArray[np.int32]:
        end = np.empty(int(self.edge_of.max(initial=-1)) + 1, dtype=np.int32)
        end[self.edge_of] = self.graph.head
        return end

    def parts(self, node: int) -> Ints:
        """Return the nodes that an old node was split into; it itself first."""
        apart = self.n + np.flatnonzero(self.node_of[self.n :] == node)
        return np.concatenate([np.array([node], dtype=np.int64), apart])

    def end(self, edge: int) -> int:
        """Node of the split graph where a vehicle stands that came by an old edge: what it may turn into leaves it."""
        return int(self._end[edge])

    def fold(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weights at the old nodes from weights at all nodes (last axis): the least of each node's parts."""
        result = weight[..., : self.n].copy()
        for part in range(self.n, len(self.node_of)):
            node = self.node_of[part]
            result[..., node] = np.minimum(result[..., node], weight[..., part])
        return result


def whole(graph: Graph) -> SplitGraph:
    """The graph itself, without any banned turn."""
    return SplitGraph(graph, np.arange(graph.m, dtype=np.int64), np.arange(graph.n, dtype=np.int64))


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
    if len(pairs) == 0:
        return whole(graph)
    if (graph.head[pairs[:, 0]] != graph.tail[pairs[:, 1]]).any():
        msg = "the edges of a banned turn must meet at a node"
        raise ValueError(msg)
    barred: dict[int, set[int]] = {}
    for arriving, leaving in pairs.tolist():
        barred.setdefault(arriving, set()).add(leaving)
    arriving_edges = np.array(sorted(barred), dtype=np.int64)
    end = graph.head.astype(np.int64)
    end[arriving_edges] = graph.n + np.arange(len(arriving_edges))
    tail, edge_of = graph.tail.tolist(), list(range(graph.m))
    for edge in arriving_edges.tolist():
        node = int(graph.head[edge])
        for leaving in range(int(graph.first_out[node]), int(graph.first_out[node + 1])):
            if leaving not in barred[edge]:
                tail.append(int(end[edge]))
                edge_of.append(leaving)
    origin = np.array(edge_of, dtype=np.int64)
    node_of = np.concatenate([np.arange(graph.n, dtype=np.int64), graph.head[arriving_edges].astype(np.int64)])
    split, order = build_graph(len(node_of), np.array(tail, dtype=np.int64), end[origin])
    return SplitGraph(split, origin[order], node_of)
