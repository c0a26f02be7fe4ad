"""How far a network hangs together: weakly and strongly connected components."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.network import RoadNetwork

__all__ = ["Connection", "component_labels", "component_sizes", "label_sizes"]

Connection = Literal["weak", "strong"]


def component_labels(
    n: int, tail: NDArray[np.integer], head: NDArray[np.integer], connection: Connection
) -> NDArray[np.int32]:
    """Component of each node (scipy; strong components by Pearce 2005).

    Parameters
    ----------
    n : int
        Number of nodes.
    tail, head : integer arrays (m,)
    connection : {"weak", "strong"}

    Returns
    -------
    int32 array (n,)
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    matrix = csr_array((np.ones(len(tail), dtype=np.int32), (np.asarray(tail), np.asarray(head))), shape=(n, n))
    _, labels = connected_components(matrix, directed=True, connection=connection)
    return np.asarray(labels, dtype=np.int32)


def component_sizes(network: RoadNetwork, connection: Connection) -> NDArray[np.int64]:
    """Nodes in each component, largest first."""
    graph = network.graph
    return label_sizes(component_labels(graph.n, graph.tail, graph.head, connection))


def label_sizes(labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """How often each label occurs, most frequent first."""
    return np.sort(np.bincount(labels))[::-1].astype(np.int64)
