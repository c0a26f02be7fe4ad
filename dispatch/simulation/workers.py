"""Chunks of nights on the worker processes of this machine."""

from __future__ import annotations

import gc
import multiprocessing
import pickle
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from dispatch.simulation.chunk import Chunk, Played, pickled, play_chunk
from dispatch.simulation.stage import Stage

__all__ = ["play_here", "play_on_workers"]

Take = Callable[[Played], bool]
"""Takes a chunk that is played; True when no more are wanted."""


def play_here(stage: Stage, seed: int, chunks: Sequence[Chunk], kept: int, take: Take) -> bool:
    """Play chunks in this process, in their order; True if Ctrl-C ended it."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _RARELY) if before[0] else 0, *before[1:])
    try:
        for chunk in chunks:
            part = play_chunk(stage, seed, chunk, kept)
            enough = take(part)
            if part.cut_short:
                return True
            if enough:
                break
    except KeyboardInterrupt:
        return True
    finally:
        gc.set_threshold(*before)
    return False


def play_on_workers(stage: Stage, seed: int, chunks: Sequence[Chunk], kept: int, workers: int, take: Take) -> bool:
    """Play chunks on worker processes; after Ctrl-C, wait for those under way, drop the rest and return True.

    Raises
    ------
    RuntimeError
        If a worker process ended before its nights were played.
    """
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload([__name__])
    pool = ProcessPoolExecutor(
        min(workers, len(chunks)), mp_context=context, initializer=_start_worker, initargs=(pickled(stage), seed, kept)
    )
    futures: list[Future[Played]] = []
    taken: set[Future[Played]] = set()
    try:
        futures.extend(pool.submit(_play_there, chunk) for chunk in chunks)
        for future in as_completed(futures):
            part = future.result()
            taken.add(future)
            if take(part):
                return False
    except KeyboardInterrupt:
        pool.shutdown(wait=True, cancel_futures=True)
        for future in futures:
            if future not in taken and not future.cancelled() and future.exception() is None:
                _take_quietly(take, future.result())
        return True
    except BrokenProcessPool as problem:
        msg = (
            "a worker process ended before its nights were played (killed, or out of memory?); a script that calls "
            "simulate with several workers must do so under: if __name__ == '__main__':"
        )
        raise RuntimeError(msg) from problem
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return False


def _take_quietly(take: Take, part: Played) -> None:
    """Take a chunk after Ctrl-C; a second one does not lose it."""
    try:
        take(part)
    except KeyboardInterrupt:
        return


_RARELY = 100_000
"""Objects made between two searches for unreachable ones while nights are played: a night keeps nearly all that it
makes until it ends, and looking at them again and again costs a sixth of the time."""
_worker: dict[str, Any] = {}
"""Stage, seed and nights to keep, in a worker process."""


def _start_worker(stage: bytes, seed: int, kept: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker.update(stage=pickle.loads(stage), seed=seed, kept=kept)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_RARELY)


def _play_there(chunk: Chunk) -> Played:
    return play_chunk(_worker["stage"], _worker["seed"], chunk, _worker["kept"])
