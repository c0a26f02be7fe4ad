"""A directed graph as arrays (compressed sparse rows), the form every path algorithm here works on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Graph", "build_graph"]


@dataclass(frozen=True, eq=False)
class Graph:
    """Directed graph whose edges are sorted by tail.

    Attributes
    ----------
    first_out : int32 array, shape (n + 1,)
        Edges leaving node ``v`` are ``first_out[v] … first_out[v + 1] - 1``.
    head : int32 array, shape (m,)
        Node each edge leads to.
    """

    first_out: NDArray[np.int32]
    head: NDArray[np.int32]

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.first_out) - 1

    @property
    def m(self) -> int:
        """Number of directed edges."""
        return len(self.head)

    @cached_property
    def tail(self) -> NDArray[np.int32]:
        """Node each edge leaves, int32 array of shape (m,)."""
        return np.repeat(np.arange(self.n, dtype=np.int32), np.diff(self.first_out))

    @cached_property
    def incoming(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Edges by head: ``(first_in, edge)``; edges into ``v`` are ``edge[first_in[v]:first_in[v + 1]]``."""
        edge = np.argsort(self.head, kind="stable").astype(np.int32)
        first_in = np.zeros(self.n + 1, dtype=np.int32)
        np.cumsum(np.bincount(self.head, minlength=self.n), out=first_in[1:])
        return first_in, edge


def build_graph(n: int, tail: NDArray[np.integer], head: NDArray[np.integer]) -> tuple[Graph, NDArray[np.int64]]:
    """Sort edges by tail and make a :class:`Graph`.

    Parameters
    ----------
    n : int
        Number of nodes.
    tail, head : integer arrays, shape (m,)
        End nodes of each directed edge, each in ``0 … n - 1``. Parallel edges and loops are kept.

    Returns
    -------
    graph : Graph
    order : int64 array, shape (m,)
        ``order[k]`` is the position in the input of the graph's edge ``k``.

    Raises
    ------
    ValueError
        If an end is not a node.
    """
    tail = np.asarray(tail)
    head = np.asarray(head)
    if len(tail) and (min(tail.min(), head.min()) < 0 or max(tail.max(), head.max()) >= n):
        msg = f"edge ends must lie in 0 … {n - 1}"
        raise ValueError(msg)
    order = np.argsort(tail, kind="stable")
    first_out = np.zeros(n + 1, dtype=np.int32)
    np.cumsum(np.bincount(tail, minlength=n), out=first_out[1:])
    return Graph(first_out, head[order].astype(np.int32)), order
