"""Steps of a search between looks at the clock."""

from __future__ import annotations

__all__ = ["CHUNK", "CHUNK_S", "next_chunk"]

CHUNK = 1000
"""Steps where only the work is limited."""

CHUNK_S = 0.05
"""Seconds where the time is."""

_MOST = 1_000_000


def next_chunk(chunk: int, took: float) -> int:
    """Steps that take :data:`CHUNK_S` seconds, at most twice as many as the last, which took ``took`` seconds."""
    return max(1, min(int(chunk * min(2.0, CHUNK_S / max(took, 1e-6))), _MOST))
