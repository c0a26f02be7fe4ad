"""Turn restrictions as pairs of edges that may not follow each other.

A restriction is kept where it says one thing about the network: its via is a node that stayed a node, its *from* way
ends there in one edge and its *to* way leaves in one edge. A way that passes through the via node is ambiguous and its
restriction is left out, except the ban on turning back into the way one came by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.segments import Restriction

__all__ = ["banned_turns"]


def banned_turns(
    restrictions: Iterable[Restriction],
    node_id: NDArray[np.int64],
    tail: NDArray[np.integer],
    head: NDArray[np.integer],
    ways: NDArray[np.object_],
    twin: NDArray[np.integer],
) -> NDArray[np.int32]:
    """Pairs (from edge, to edge) that restrictions forbid.

    Parameters
    ----------
    restrictions : iterable of Restriction
    node_id : int64 array (n,)
    tail, head : integer arrays (m,)
    ways : object array of tuple of int (m,)
        Way ids along each edge.
    twin : integer array (m,)

    Returns
    -------
    int32 array (k, 2), sorted and without repetition.
    """
    listed = list(restrictions)
    wanted = {r.via_node for r in listed}
    position = {int(node_id[v]): int(v) for v in np.flatnonzero(np.isin(node_id, list(wanted)))}
    via = set(position.values())
    arriving, leaving = defaultdict(list), defaultdict(list)
    mask = np.isin(np.arange(len(node_id)), list(via))
    for e in np.flatnonzero(mask[head]).tolist():
        arriving[int(head[e])].append(e)
    for e in np.flatnonzero(mask[tail]).tolist():
        leaving[int(tail[e])].append(e)
    pairs: set[tuple[int, int]] = set()
    for r in listed:
        v = position.get(r.via_node, -1)
        comes = [e for e in arriving.get(v, ()) if ways[e][-1] == r.from_way]
        goes = [e for e in leaving.get(v, ()) if ways[e][0] == r.to_way]
        if r.from_way == r.to_way and not r.only:
            pairs.update((e, int(twin[e])) for e in comes if twin[e] >= 0)
        elif len(comes) == 1 and len(goes) == 1:
            if r.only:
                pairs.update((comes[0], other) for other in leaving[v] if other != goes[0])
            else:
                pairs.add((comes[0], goes[0]))
    return np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2)
