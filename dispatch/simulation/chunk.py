"""Nights played together: a worker plays a chunk, makes its log and computes its figures where it was played.

Chunk *k* holds the nights ``k × CHUNK`` and following, whoever plays it, so that what comes out depends on the seed
and the number of nights alone.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from dispatch.simulation.indicators import Indicators, indicators
from dispatch.simulation.night import drawn_night
from dispatch.simulation.recorder import Recorder, log_table
from dispatch.simulation.response import play
from dispatch.simulation.stage import Stage

__all__ = ["CHUNK", "Chunk", "Played", "chunks_of", "pickled", "play_chunk"]

CHUNK = 10
"""Nights a worker plays at a time: enough to make a table of, few enough to be waited for after Ctrl-C."""

Chunk = tuple[int, ...]
"""Numbers of the nights of one chunk."""


@dataclass(frozen=True, eq=False)
class Played:
    """A chunk of nights: its first number, the log of the nights kept, the figures of all of them."""

    first: int
    log: pd.DataFrame
    figures: Indicators
    cut_short: bool = False


def chunks_of(replications: int) -> list[Chunk]:
    """Nights 0 … ``replications`` - 1, cut into chunks."""
    return [tuple(range(k, min(k + CHUNK, replications))) for k in range(0, replications, CHUNK)]


def play_chunk(stage: Stage, seed: int, chunk: Chunk, kept: int) -> Played:
    """Play some nights; after Ctrl-C, return those that are finished.

    Parameters
    ----------
    stage : Stage
    seed : int
    chunk : tuple of int
    kept : int
        Nights, from 0, whose log is kept.
    """
    finished: list[Recorder] = []
    cut_short = False
    try:
        for replication in chunk:
            finished.append(play(drawn_night(stage, seed, replication)))  # noqa: PERF401 - Ctrl-C keeps what is there
    except KeyboardInterrupt:
        cut_short = True
    try:
        return _figures(stage, chunk, kept, finished, cut_short)
    except KeyboardInterrupt:
        return _figures(stage, chunk, kept, finished, True)


def _figures(stage: Stage, chunk: Chunk, kept: int, finished: Iterable[Recorder], cut_short: bool) -> Played:
    log = log_table(list(finished))
    keep = log if chunk[-1] < kept else log[log["replication"] < kept].reset_index(drop=True)
    return Played(chunk[0], keep, indicators(log, stage.scenario), cut_short)


class _Pickler(pickle.Pickler):
    """Also pickles read-only mappings, in which the county keeps its tables."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, MappingProxyType):
            return _read_only, (dict(obj),)
        return NotImplemented


def _read_only(table: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(table)


def pickled(stage: Stage) -> bytes:
    """Stage as bytes for another process of the same program (``pickle.loads`` reads them)."""
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(stage)
    return buffer.getvalue()
