"""Chunks of nights on a Dask cluster (extra ``cluster``), which may lose workers on the way.

Every worker, also one that joins or comes back later, is given the stage; a chunk is one task with a key of its own.
When a worker dies, the scheduler gives its tasks to another. A chunk gives the same figures wherever it is played and
is taken once, so that nothing is lost and nothing counted twice.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Sequence
from typing import Any

from dispatch.simulation.chunk import Chunk, Played, pickled, play_chunk
from dispatch.simulation.stage import Stage
from dispatch.simulation.workers import Take

__all__ = ["ClusterMissing", "play_on_cluster"]

_PATIENCE_S = 30.0
"""How long a scheduler, and its first worker, may take to answer."""
_held: dict[str, Any] = {}
"""Stage and what else a chunk needs, by run, in a worker process."""


class ClusterMissing(RuntimeError):  # noqa: N818 - names what it is about
    """No cluster can be used: the library is not installed, nobody answers, or the workers run another version."""


def play_on_cluster(stage: Stage, seed: int, chunks: Sequence[Chunk], kept: int, address: str, take: Take) -> bool:
    """Play chunks on the workers of a Dask scheduler; True if Ctrl-C ended it.

    Parameters
    ----------
    stage : Stage
    seed : int
    chunks : sequence of Chunk
    kept : int
    address : str
        Of the scheduler, such as ``tcp://10.0.0.5:8786``.
    take : callable (Played) → bool

    Raises
    ------
    ClusterMissing
        If ``distributed`` is not installed, nobody answers, or workers have another version of this library.
    """
    try:
        import distributed
    except ImportError as error:
        msg = "a cluster needs the library distributed: pip install relief-dispatch[cluster]"
        raise ClusterMissing(msg) from error
    try:
        client = distributed.Client(address, timeout=_PATIENCE_S, set_as_default=False)
    except (OSError, ValueError) as error:
        msg = f"no Dask scheduler answers at {address}: {error}"
        raise ClusterMissing(msg) from error
    payload = pickled(stage)
    run = hashlib.sha256(payload + f"{seed} {kept}".encode()).hexdigest()[:16]
    plugin_name = f"relief-dispatch-{run}"
    futures: list[Any] = []
    taken: set[int] = set()
    try:
        _same_version(client, address)
        client.register_plugin(_holder(run, payload, seed, kept), name=plugin_name)
        futures = [
            client.submit(_play_there, run, chunk, key=f"nights-{run}-{chunk[0]}-{chunk[-1]}", pure=False)
            for chunk in chunks
        ]
        for future in distributed.as_completed(futures, loop=client.loop):
            part = future.result()
            taken.add(part.first)
            if take(part):
                break
    except KeyboardInterrupt:
        for chunk, future in zip(chunks, futures, strict=False):
            if future.status == "finished" and chunk[0] not in taken:
                take(future.result())
        return True
    except distributed.scheduler.KilledWorker as error:
        msg = f"several workers of {address} died on the same nights (out of memory?): {error}"
        raise RuntimeError(msg) from error
    finally:
        client.cancel(futures, force=True)
        client.unregister_worker_plugin(plugin_name)
        client.close()
    return False


def _holder(run: str, payload: bytes, seed: int, kept: int) -> Any:
    """The plugin that puts a run's stage on every worker of the cluster."""
    from distributed import WorkerPlugin

    class Holder(WorkerPlugin):  # type: ignore[misc]
        def setup(self, worker: Any) -> None:  # noqa: ARG002 - the interface's
            from dispatch.simulation.cluster import hold

            hold(run, payload, seed, kept)

        def teardown(self, worker: Any) -> None:  # noqa: ARG002 - the interface's
            from dispatch.simulation.cluster import let_go

            let_go(run)

    return Holder()


def hold(run: str, payload: bytes, seed: int, kept: int) -> None:
    """Keep a run's stage in this worker process."""
    _held[run] = (pickle.loads(payload), seed, kept)


def let_go(run: str) -> None:
    """Forget a run's stage."""
    _held.pop(run, None)


def _play_there(run: str, chunk: Chunk) -> Played:
    stage, seed, kept = _held[run]
    return play_chunk(stage, seed, chunk, kept)


def _same_version(client: Any, address: str) -> None:
    """Refuse workers that would play other nights than this program."""
    ours = _version()
    client.wait_for_workers(1, timeout=_PATIENCE_S)
    theirs = client.run(_version)
    others = {worker: version for worker, version in theirs.items() if version != ours}
    if others:
        msg = f"workers of {address} run another version than {ours}: {others}"
        raise ClusterMissing(msg)


def _version() -> str:
    from importlib.metadata import version

    return version("relief-dispatch")
