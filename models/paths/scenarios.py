"""The same question under many scenarios of changed weights, many scenarios side by side.

A scenario lists the edges whose weight differs (closures: ``inf``). Topology, order and triangles are shared; a block
of scenarios is customised and queried at once, lane by lane in vector registers: sixteen as float64, or, where all
weights are whole and no path can weigh 2³¹ or more, thirty-two as uint32. The answers are the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba as nb
import numpy as np
from numpy.typing import NDArray

from models.paths.hierarchy import LANES, Hierarchy
from models.paths.matrix import FAR, ancestors, restricted
from models.paths.metric import lightest_edges, lightest_of_arc, whole_sum
from models.paths.threads import in_blocks

__all__ = ["scenario_matrices"]

Floats = NDArray[np.float64]
Change = tuple[NDArray[np.integer], NDArray[np.floating]]


def scenario_matrices(
    hierarchy: Hierarchy,
    weight: Floats,
    changes: Sequence[Change],
    sources: NDArray[np.integer],
    targets: NDArray[np.integer],
    *,
    threads: int = 1,
) -> Floats:
    """Shortest-path weights from each source to each target, in each scenario.

    Parameters
    ----------
    hierarchy : Hierarchy
    weight : float64 array (m,)
        Weight of each edge where no scenario changes it.
    changes : sequence of (edges, weights)
        One pair per scenario: the edges that differ and their weights there. Where an edge is listed twice the last
        counts.
    sources, targets : integer arrays (s,), (t,)
    threads : int
        Blocks of scenarios are shared out among them; each needs 256 bytes per arc.

    Returns
    -------
    float64 array (scenarios, s, t)
        ``inf`` where out of reach.

    Raises
    ------
    ValueError
        If a weight is negative or NaN.
    """
    first = np.zeros(len(changes) + 1, dtype=np.int64)
    np.cumsum([len(edges) for edges, _ in changes], out=first[1:])
    none = np.empty(0)
    edge = np.concatenate([none, *(edges for edges, _ in changes)]).astype(np.int64)
    changed = np.concatenate([none, *(weights for _, weights in changes)]).astype(np.float64)
    if not ((weight >= 0).all() and (changed >= 0).all()):
        msg = "weights must be numbers of 0 or more"
        raise ValueError(msg)
    target_rank = hierarchy.rank[np.asarray(targets, dtype=np.int64)]
    order, slot = ancestors(hierarchy.parent, target_rank)
    result = np.empty((len(changes), len(sources), len(targets)))
    source_rank = hierarchy.rank[np.asarray(sources, dtype=np.int64)]
    by_arc = hierarchy.edges_by_arc
    whole = whole_sum(weight) + whole_sum(changed) < FAR
    lanes = 2 * LANES if whole and len(changes) > LANES else LANES
    arcs = len(hierarchy.up_head)

    def sweep(start: int, stop: int) -> None:
        _scenarios(
            hierarchy.first_up,
            hierarchy.up_head,
            hierarchy.parent,
            hierarchy.arc,
            hierarchy.upward,
            hierarchy.lower_a,
            hierarchy.lower_b,
            hierarchy.upper,
            *by_arc,
            np.array(weight, dtype=np.float64),
            first[start : stop + 1],
            edge,
            changed,
            source_rank,
            target_rank,
            order,
            slot,
            np.empty((arcs, lanes), dtype=np.uint32 if whole else np.float64),
            np.uint32(FAR) if whole else np.inf,
            result[start:stop],
        )

    in_blocks(len(changes), lanes, threads, sweep)
    return result


@nb.njit(cache=True, nogil=True)
def _scenarios(  # type: ignore[no-untyped-def]
    first_up, up_head, parent, arc, upward, lower_a, lower_b, upper, first_edge, edge_of_arc, weight, first, edge,
    changed, sources, targets, order, slot, up, far, result,
):  # fmt: skip
    arcs, lanes = up.shape  # not known when compiling: only so are the loops below turned into vector instructions
    kind = up.dtype.type  # sums of uint32 would else be made in 64 bits
    base_up, base_down = lightest_edges(arc, upward, weight, arcs)
    down = np.empty_like(up)
    below_first, below_head, below_arc = restricted(first_up, up_head, order, slot)
    below = np.empty((len(below_arc), lanes), up.dtype)
    lane = np.empty((len(order), lanes), up.dtype)
    label = np.full((len(parent), lanes), far, up.dtype)
    place = slot[targets]
    for block in range(0, len(first) - 1, lanes):
        width = min(lanes, len(first) - 1 - block)
        for k in range(arcs):
            up[k, :] = base_up[k] if base_up[k] < np.inf else far
            down[k, :] = base_down[k] if base_down[k] < np.inf else far
        for x in range(width):
            _change(arc, upward, first_edge, edge_of_arc, weight, first[block + x], first[block + x + 1], edge, changed,
                    up, down, far, x)  # fmt: skip
        for t in range(len(upper)):
            up_i, down_i = up[lower_a[t]], down[lower_a[t]]
            up_j, down_j = up[lower_b[t]], down[lower_b[t]]
            up_k, down_k = up[upper[t]], down[upper[t]]
            for x in range(lanes):
                up_k[x] = min(up_k[x], kind(down_i[x] + up_j[x]))
            for x in range(lanes):
                down_k[x] = min(down_k[x], kind(down_j[x] + up_i[x]))
        for a in range(len(below_arc)):
            below[a, :] = down[below_arc[a], :]
        for s in range(len(sources)):
            lane[:] = far
            _climb(first_up, up_head, parent, up, sources[s], slot, label, lane, far)
            for r in range(len(order)):
                row = lane[r]
                for a in range(below_first[r], below_first[r + 1]):
                    above, step = lane[below_head[a]], below[a]
                    for x in range(lanes):
                        row[x] = min(row[x], kind(above[x] + step[x]))
            for start in range(0, len(place), 32):  # a few targets at a time: within the nearest cache
                stop = min(start + 32, len(place))
                for x in range(width):
                    line = result[block + x, s]
                    for t in range(start, stop):
                        found = lane[place[t], x]
                        line[t] = found if found < far else np.inf


@nb.njit(cache=True, nogil=True)
def _change(  # type: ignore[no-untyped-def]
    arc, upward, first_edge, edge_of_arc, weight, lo, hi, edge, changed, up, down, far, x
):  # fmt: skip
    """Bring one scenario's changed edges into its lane; ``weight`` is as before afterwards."""
    before = weight[edge[lo:hi]]
    for c in range(lo, hi):
        weight[edge[c]] = changed[c]
    for c in range(lo, hi):
        k = arc[edge[c]]
        if k < 0:
            continue
        u, d = lightest_of_arc(k, first_edge, edge_of_arc, upward, weight)
        up[k, x] = u if u < np.inf else far
        down[k, x] = d if d < np.inf else far
    for c in range(hi - 1, lo - 1, -1):
        weight[edge[c]] = before[c - lo]


@nb.njit(cache=True, nogil=True)
def _climb(first_up, up_head, parent, up, source, slot, label, lane, far):  # type: ignore[no-untyped-def]
    """Labels of a source's ancestors in every lane; ``label`` is all ``far`` again afterwards."""
    kind = up.dtype.type
    label[source, :] = 0
    v = source
    while v >= 0:
        for k in range(first_up[v], first_up[v + 1]):
            here, above, step = label[v], label[up_head[k]], up[k]
            for x in range(len(here)):
                above[x] = min(above[x], kind(here[x] + step[x]))
        r = slot[v]
        if r >= 0:
            lane[r, :] = label[v, :]
        v = parent[v]
    v = source
    while v >= 0:
        label[v, :] = far
        v = parent[v]
