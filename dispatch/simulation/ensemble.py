"""Many nights: replications of a plan on the worker processes of this machine.

Replication *i* depends only on (seed, *i*), never on the worker or the order, so that the same seed gives the same
bytes with any number of workers. Nights are played in chunks; every chunk's figures are computed from its event log
where it was played, and the log itself is kept for as many nights as asked. Ctrl-C keeps the nights that are finished.
"""

from __future__ import annotations

import io
import multiprocessing
import pickle
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd

from dispatch.planning.plan import Plan
from dispatch.scenario import Scenario
from dispatch.simulation.indicators import Indicators, combine, indicators
from dispatch.simulation.log import empty_log
from dispatch.simulation.night import drawn_night
from dispatch.simulation.recorder import Recorder, log_table
from dispatch.simulation.response import play
from dispatch.simulation.stage import Stage, prepare
from dispatch.simulation.summary import Summary, summarise

__all__ = ["Ensemble", "simulate"]

_CHUNK = 10
"""Nights a worker plays at a time: enough to make a table of, few enough to be waited for after Ctrl-C."""


@dataclass(frozen=True, eq=False)
class Ensemble:
    """What a number of nights gave.

    Attributes
    ----------
    scenario : Scenario
    seed : int
    asked : int
        Replications asked for.
    interrupted : bool
        Whether it ended before all of them were played.
    log : DataFrame
        ``LOG_COLUMNS`` of the replications kept (``keep_log``).
    indicators : Indicators
        Figures of every replication played, in the order of their numbers.
    """

    scenario: Scenario
    seed: int
    asked: int
    interrupted: bool
    log: pd.DataFrame
    indicators: Indicators

    @property
    def replications(self) -> int:
        """Replications played."""
        return len(self.indicators.nights)

    @cached_property
    def summary(self) -> Summary:
        """All nights together."""
        return summarise(self.indicators, self.scenario)

    @property
    def nights(self) -> pd.DataFrame:
        """One row per replication (``NIGHT_COLUMNS``)."""
        return self.indicators.nights

    @property
    def places(self) -> pd.DataFrame:
        """One row per replication and place (``PLACE_NIGHT_COLUMNS``); by place: ``summary.places``."""
        return self.indicators.places

    @property
    def vehicles(self) -> pd.DataFrame:
        """One row per replication and vehicle (``VEHICLE_NIGHT_COLUMNS``); by vehicle: ``summary.vehicles``."""
        return self.indicators.vehicles


def simulate(
    scenario: Scenario,
    plan: Plan,
    *,
    replications: int = 200,
    seed: int | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    keep_log: int | Literal["all"] = "all",
) -> Ensemble:
    """Play a plan on a number of nights.

    Parameters
    ----------
    scenario : Scenario
    plan : Plan
    replications : int
    seed : int, optional
        That of the scenario by default.
    workers : int
        Processes; 1 plays in this one. With more, a script must call this under ``if __name__ == "__main__":``.
    progress : callable (done, asked), optional
        Called after every chunk of nights.
    keep_log : int or "all"
        Nights, from the first, whose event log is kept. Every figure is computed from the log of every night all the
        same.

    Raises
    ------
    InputProblems
        If the plan names what the scenario does not have.
    ValueError
        If a number is out of range.
    ConservationError
        If a unit of stock appears or vanishes.
    """
    if replications < 1 or workers < 1 or (keep_log != "all" and keep_log < 0):
        msg = "replications and workers must be positive, keep_log not negative"
        raise ValueError(msg)
    kept = replications if keep_log == "all" else keep_log
    number = scenario.seed if seed is None else seed
    stage = prepare(scenario, plan)
    chunks = [tuple(range(k, min(k + _CHUNK, replications))) for k in range(0, replications, _CHUNK)]
    played: dict[int, _Played] = {}

    def report() -> None:
        if progress is not None:
            progress(sum(len(part.figures.nights) for part in played.values()), replications)

    if workers == 1:
        interrupted = _here(stage, number, chunks, kept, played, report)
    else:
        interrupted = _there(stage, number, chunks, kept, workers, played, report)
    parts = [part for _, part in sorted(played.items()) if len(part.figures.nights)]
    logs = [part.log for part in parts if not part.log.empty]
    return Ensemble(
        scenario=scenario,
        seed=number,
        asked=replications,
        interrupted=interrupted,
        log=pd.concat(logs, ignore_index=True) if logs else empty_log(),
        indicators=combine([part.figures for part in parts]) if parts else indicators(empty_log(), scenario),
    )


@dataclass(frozen=True, eq=False)
class _Played:
    """A chunk of nights: its first number, the log of the nights kept, the figures of all of them."""

    first: int
    log: pd.DataFrame
    figures: Indicators
    cut_short: bool = False


def _play_chunk(stage: Stage, seed: int, chunk: tuple[int, ...], kept: int) -> _Played:
    """Play some nights; after Ctrl-C, return those that are finished."""
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


def _figures(stage: Stage, chunk: tuple[int, ...], kept: int, finished: list[Recorder], cut_short: bool) -> _Played:
    log = log_table(finished)
    keep = log if chunk[-1] < kept else log[log["replication"] < kept].reset_index(drop=True)
    return _Played(chunk[0], keep, indicators(log, stage.scenario), cut_short)


def _here(
    stage: Stage,
    seed: int,
    chunks: list[tuple[int, ...]],
    kept: int,
    played: dict[int, _Played],
    report: Callable[[], None],
) -> bool:
    """Play chunks in this process; True if Ctrl-C ended it."""
    try:
        for chunk in chunks:
            part = _play_chunk(stage, seed, chunk, kept)
            played[part.first] = part
            report()
            if part.cut_short:
                return True
    except KeyboardInterrupt:
        return True
    return False


def _there(
    stage: Stage,
    seed: int,
    chunks: list[tuple[int, ...]],
    kept: int,
    workers: int,
    played: dict[int, _Played],
    report: Callable[[], None],
) -> bool:
    """Play chunks on worker processes; after Ctrl-C, wait for those under way, drop the rest and return True."""
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload([__name__])
    pool = ProcessPoolExecutor(
        min(workers, len(chunks)), mp_context=context, initializer=_start_worker, initargs=(_pickled(stage), seed, kept)
    )
    futures: list[Future[_Played]] = []
    try:
        futures.extend(pool.submit(_play_there, chunk) for chunk in chunks)
        for future in as_completed(futures):
            _keep(played, future)
            report()
    except KeyboardInterrupt:
        pool.shutdown(wait=True, cancel_futures=True)
        for future in futures:
            if not future.cancelled() and future.exception() is None:
                _keep(played, future)
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


def _keep(played: dict[int, _Played], future: Future[_Played]) -> None:
    part = future.result()
    played[part.first] = part


_worker: dict[str, Any] = {}
"""Stage, seed and nights to keep, in a worker process."""


def _start_worker(stage: bytes, seed: int, kept: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker.update(stage=pickle.loads(stage), seed=seed, kept=kept)


def _play_there(chunk: tuple[int, ...]) -> _Played:
    return _play_chunk(_worker["stage"], _worker["seed"], chunk, _worker["kept"])


class _Pickler(pickle.Pickler):
    """Also pickles read-only mappings, in which the county keeps its tables."""

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, MappingProxyType):
            return _read_only, (dict(obj),)
        return NotImplemented


def _read_only(table: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(table)


def _pickled(stage: Stage) -> bytes:
    buffer = io.BytesIO()
    _Pickler(buffer, pickle.HIGHEST_PROTOCOL).dump(stage)
    return buffer.getvalue()
