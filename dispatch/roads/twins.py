"""Which edges are one street in two directions, where the file does not say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["match_twins"]


def match_twins(tail: NDArray[np.integer], head: NDArray[np.integer], street: Sequence[Hashable]) -> NDArray[np.int64]:
    """Pair each edge with the next free one that runs back between the same nodes on the same street.

    Parameters
    ----------
    tail, head : integer arrays (m,)
    street : sequence (m,)
        Equal for the two directions of a street (way ids, length …).

    Returns
    -------
    int64 array (m,)
        Position of the twin, -1 for none.
    """
    twin = np.full(len(tail), -1, dtype=np.int64)
    waiting: dict[tuple[int, int, Hashable], list[int]] = defaultdict(list)
    for e, (u, v, key) in enumerate(zip(tail.tolist(), head.tolist(), street, strict=True)):
        back = waiting.get((v, u, key))
        if back:
            other = back.pop(0)
            twin[e], twin[other] = other, e
        else:
            waiting[u, v, key].append(e)
    return twin
