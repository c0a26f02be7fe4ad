"""In which order the new points of a layout are worth building."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.planning.siting_compare import Comparison

__all__ = ["by_gain"]


def by_gain(found: Comparison) -> list[int]:
    """New candidates of the optimal layout: each next one is that which adds most people, then most person-minutes."""
    ground = found.ground
    stands = [int(j) for j in ground.existing if j in set(found.variants[-1].measures.sites.tolist())]
    left = [int(j) for j in found.variants[-1].measures.sites if int(j) not in stands]
    time, people = ground.time_ms / MINUTE_MS, ground.people
    near = time[:, stands].min(axis=1, initial=np.inf)
    order: list[int] = []
    while left:
        best = max(left, key=lambda j, now=near: _worth(now, time[:, j], people, found.wish.within_min))  # type: ignore[misc]
        order.append(best)
        left.remove(best)
        near = np.minimum(near, time[:, best])
    return order


def _worth(
    now: NDArray[np.float64], more: NDArray[np.float64], people: NDArray[np.float64], within: float
) -> tuple[float, float]:
    """People brought within the time, and person-minutes won (a place out of reach counts 10,000 minutes)."""
    after = np.minimum(now, more)
    won = people[(after <= within) & (now > within)].sum()
    return float(won), float(people @ (np.minimum(now, 1e4) - np.minimum(after, 1e4)))
