"""Times from every candidate to every client with roads cut: the scenario tables of the robust models."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.paths import Hierarchy, scenario_matrices

__all__ = ["tables_under_cuts"]


def tables_under_cuts(
    hierarchy: Hierarchy,
    weight: NDArray[np.float64],
    cuts: Sequence[NDArray[np.integer]],
    candidates: NDArray[np.integer],
    clients: NDArray[np.integer],
) -> list[NDArray[np.float64]]:
    """Tables for :func:`models.siting.robust_median`: nothing cut first, then each cut.

    Parameters
    ----------
    hierarchy : Hierarchy
    weight : float64 array (edges,)
        Travel time of each edge.
    cuts : sequence of integer arrays
        Edges that are closed together: one road in both directions, the edges of one bridge.
    candidates, clients : integer arrays (m,), (n,)
        Nodes; travel is from candidate to client.

    Returns
    -------
    list of float64 arrays (n, m)
        ``inf`` = cut off; one more table than cuts.
    """
    none = np.empty(0, np.int64)
    changes = [(none, np.empty(0))]
    changes += [(np.asarray(edges, np.int64), np.full(len(edges), np.inf)) for edges in cuts]
    times = scenario_matrices(hierarchy, weight, changes, np.asarray(candidates), np.asarray(clients))
    return [np.ascontiguousarray(table.T) for table in times]
