"""When to stop: the interval of the probability is narrow enough.

Decided on the nights in the order of their numbers, chunk by chunk, never on the order in which workers hand them in,
so that the same seed stops at the same night with any number of workers. Looking again and again makes the interval a
little optimistic, which is why nothing is decided before ``LEAST`` nights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dispatch.simulation.chunk import Chunk, Played
from dispatch.simulation.interval import wilson

__all__ = ["LEAST", "enough"]

LEAST = 100
"""Nights before the first decision."""


def enough(played: Mapping[int, Played], chunks: Sequence[Chunk], half_width: float) -> int | None:
    """Number of chunks, from the first, after which the interval is narrow enough; None if not yet known.

    Parameters
    ----------
    played : mapping of first night to Played
    chunks : sequence of Chunk
        All that were asked for, in order.
    half_width : float
        Largest half width of the Wilson 95 % interval of P(T_all ≤ deadline).
    """
    nights = on_time = 0
    for count, chunk in enumerate(chunks, start=1):
        part = played.get(chunk[0])
        if part is None or part.cut_short:
            return None
        table = part.figures.nights
        asked = table["places"] > 0
        nights += int(asked.sum())
        on_time += int(table.loc[asked, "on_time"].sum())
        if nights >= LEAST:
            low, high = wilson(on_time, nights)
            if (high - low) / 2 <= half_width:
                return count
    return None
