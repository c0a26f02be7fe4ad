"""Blocks of independent work on several threads: the compiled sweeps hold no lock, so plain threads are enough."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

__all__ = ["in_blocks"]


def in_blocks(count: int, lanes: int, threads: int, work: Callable[[int, int], object]) -> None:
    """Call ``work(start, stop)`` on consecutive blocks of ``0 … count``, each a multiple of ``lanes`` but the last.

    Raises
    ------
    ValueError
        If ``threads`` is below 1.
    """
    if threads < 1:
        msg = "at least one thread is needed"
        raise ValueError(msg)
    blocks = -(-count // lanes)
    each = -(-blocks // threads) * lanes
    starts = range(0, count, max(each, 1))
    if threads == 1 or len(starts) <= 1:
        work(0, count)
        return
    with ThreadPoolExecutor(len(starts) - 1) as pool:
        others = pool.map(lambda start: work(start, min(start + each, count)), starts[1:])
        work(0, each)  # the calling thread does its share
        list(others)
