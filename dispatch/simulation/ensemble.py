"""Many nights: replications of a plan in this process, on worker processes or on a cluster.

Replication *i* depends only on (seed, *i*), never on the worker or the order, so that the same seed gives the same
bytes with any number of workers, and after a run was killed and taken up again. Nights are played in chunks; every
chunk's figures are computed from its event log where it was played, and the log itself is kept for as many nights as
asked. Ctrl-C keeps the nights that are finished.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from dispatch.planning.plan import Plan
from dispatch.scenario import Scenario
from dispatch.simulation.checkpoint import finished_chunks, open_checkpoint, save_chunk
from dispatch.simulation.chunk import Chunk, Played, chunks_of
from dispatch.simulation.indicators import Indicators, combine, indicators
from dispatch.simulation.log import empty_log
from dispatch.simulation.policy import FOLLOW, Policy
from dispatch.simulation.stage import prepare
from dispatch.simulation.stopping import enough
from dispatch.simulation.summary import Summary, summarise
from dispatch.simulation.workers import play_here, play_on_workers

__all__ = ["Ensemble", "simulate"]


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
        Whether Ctrl-C ended it before all of them were played.
    log : DataFrame
        ``LOG_COLUMNS`` of the replications kept (``keep_log``).
    indicators : Indicators
        Figures of every replication played, in the order of their numbers.
    stopped_early : bool
        Whether it ended because the interval was narrow enough.
    """

    scenario: Scenario
    seed: int
    asked: int
    interrupted: bool
    log: pd.DataFrame
    indicators: Indicators
    stopped_early: bool = False

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
    half_width: float | None = None,
    checkpoint: Path | None = None,
    cluster: str | None = None,
    policy: Policy = FOLLOW,
    hooks: tuple[Callable[[Any, int], None], ...] = (),
) -> Ensemble:
    """Play a plan on a number of nights.

    Parameters
    ----------
    scenario : Scenario
    plan : Plan
    replications : int
        The most to play.
    seed : int, optional
        That of the scenario by default.
    workers : int
        Processes; 1 plays in this one. With more, a script must call this under ``if __name__ == "__main__":``.
    progress : callable (done, asked), optional
        Called after every chunk of nights.
    keep_log : int or "all"
        Nights, from the first, whose event log is kept. Every figure is computed from the log of every night all the
        same.
    half_width : float, optional
        Stop when the Wilson 95 % interval of P(T_all ≤ deadline) is no wider than this to either side, but not before
        ``stopping.LEAST`` nights. Nights beyond that are dropped, so that the result does not depend on the workers.
    checkpoint : Path, optional
        Folder for finished chunks; those that are there are not played again.
    cluster : str, optional
        Address of a Dask scheduler to play on, instead of ``workers`` processes.
    policy : Policy
        Who decides what on a night once things turn out otherwise than planned.
    hooks : tuple of callables
        Processes of other rooms (``stage.prepare``); functions of a module where there are several processes.

    Raises
    ------
    InputProblems
        If the plan names what the scenario does not have.
    ValueError
        If a number is out of range.
    CheckpointMismatch
        If the checkpoint's folder belongs to another run.
    ClusterMissing
        If the cluster cannot be used.
    ConservationError
        If a unit of stock appears or vanishes.
    """
    if replications < 1 or workers < 1 or (keep_log != "all" and keep_log < 0):
        msg = "replications and workers must be positive, keep_log not negative"
        raise ValueError(msg)
    if half_width is not None and not 0 < half_width < 0.5:
        msg = "half_width must be positive and less than 0.5"
        raise ValueError(msg)
    number = scenario.seed if seed is None else seed
    kept = replications if keep_log == "all" else keep_log
    stage = prepare(scenario, plan, policy, hooks)
    chunks = chunks_of(replications)
    played: dict[int, Played] = {}
    if checkpoint is not None:
        played_by = (policy.name, *(f"{hook.__module__}.{hook.__qualname__}" for hook in hooks))
        open_checkpoint(checkpoint, scenario, plan, number, None if keep_log == "all" else keep_log, repr(played_by))
        played = {chunk[0]: part for chunk, part in finished_chunks(checkpoint, chunks).items()}

    def take(part: Played) -> bool:
        played[part.first] = part
        if checkpoint is not None and not part.cut_short:
            save_chunk(checkpoint, by_first[part.first], part)
        if progress is not None:
            progress(sum(len(done.figures.nights) for done in played.values()), replications)
        return half_width is not None and enough(played, chunks, half_width) is not None

    by_first: dict[int, Chunk] = {chunk[0]: chunk for chunk in chunks}
    missing = [chunk for chunk in chunks if chunk[0] not in played]
    interrupted = False
    if missing and (half_width is None or enough(played, chunks, half_width) is None):
        if cluster is not None:
            from dispatch.simulation.cluster import play_on_cluster

            interrupted = play_on_cluster(stage, number, missing, kept, cluster, take)
        elif workers == 1:
            interrupted = play_here(stage, number, missing, kept, take)
        else:
            interrupted = play_on_workers(stage, number, missing, kept, workers, take)
    last = None if half_width is None else enough(played, chunks, half_width)
    wanted = chunks if last is None else chunks[:last]
    parts = [played[chunk[0]] for chunk in wanted if chunk[0] in played and len(played[chunk[0]].figures.nights)]
    return _together(scenario, number, replications, parts, interrupted, len(wanted) < len(chunks))


def _together(
    scenario: Scenario, seed: int, asked: int, parts: list[Played], interrupted: bool, stopped_early: bool
) -> Ensemble:
    logs = [part.log for part in parts if not part.log.empty]
    return Ensemble(
        scenario=scenario,
        seed=seed,
        asked=asked,
        interrupted=interrupted and not stopped_early,
        log=pd.concat(logs, ignore_index=True) if logs else empty_log(),
        indicators=combine([part.figures for part in parts]) if parts else indicators(empty_log(), scenario),
        stopped_early=stopped_early,
    )
