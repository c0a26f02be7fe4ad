"""Finished chunks of nights in a folder, so that a run that was killed goes on where it stopped.

One file per chunk, written under another name and renamed when it is complete; a file that was being written when the
power went is never read. A chunk read back equals the one that was played, so that the end is the same to the byte.
The folder belongs to one run: ``run.json`` says which, and another run is refused.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dispatch.planning.fingerprint import fingerprint
from dispatch.planning.plan import Plan
from dispatch.scenario import Scenario
from dispatch.simulation.chunk import CHUNK, Chunk, Played
from dispatch.simulation.indicators import Indicators
from dispatch.simulation.log import LOG_VERSION

__all__ = ["CheckpointMismatch", "finished_chunks", "open_checkpoint", "save_chunk"]


class CheckpointMismatch(ValueError):  # noqa: N818 - names what it is about
    """A folder holds the nights of another run."""


def open_checkpoint(folder: Path, scenario: Scenario, plan: Plan, seed: int, kept: int | None, played_by: str) -> None:
    """Make a folder ready for the chunks of this run, or recognise it as this run's.

    Parameters
    ----------
    folder : Path
    scenario : Scenario
    plan : Plan
    seed : int
    kept : int or None
        Nights whose log is kept; None for all.
    played_by : str
        Policy, and what else plays on the nights.

    Raises
    ------
    CheckpointMismatch
        If it holds those of another scenario, plan, seed or version.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = {
        "scenario": scenario.name,
        "fingerprint": _content(scenario, plan),
        "seed": seed,
        "kept": kept,
        "played_by": played_by,
        "chunk": CHUNK,
        "log_version": LOG_VERSION,
        "version": version("relief-dispatch"),
    }
    note = folder / "run.json"
    if note.exists():
        there = json.loads(note.read_text(encoding="utf-8"))
        different = sorted(key for key in run if there.get(key) != run[key])
        if different:
            msg = f"{folder} holds the nights of another run; different: {', '.join(different)}"
            raise CheckpointMismatch(msg)
        return
    _write(note, json.dumps(run, ensure_ascii=False, indent=1).encode())


def save_chunk(folder: Path, chunk: Chunk, part: Played) -> None:
    """Write a finished chunk."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, value in _members(part):
            archive.writestr(name, value)
    _write(_file(folder, chunk), buffer.getvalue())


def finished_chunks(folder: Path, chunks: list[Chunk]) -> dict[Chunk, Played]:
    """Read those of the chunks that are there."""
    return {chunk: _read(_file(folder, chunk), chunk[0]) for chunk in chunks if _file(folder, chunk).exists()}


def _file(folder: Path, chunk: Chunk) -> Path:
    return folder / f"nights_{chunk[0]:07d}_{chunk[-1]:07d}.zip"


def _write(path: Path, content: bytes) -> None:
    """Write so that the file is there whole or not at all."""
    part = path.with_suffix(f".part{os.getpid()}")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _members(part: Played) -> list[tuple[str, bytes]]:
    """Tables and arrays of a chunk, each as the bytes of a file."""
    members = [("log.parquet", _table(part.log))]
    for field in dataclasses.fields(Indicators):
        value = getattr(part.figures, field.name)
        if isinstance(value, pd.DataFrame):
            members.append((f"{field.name}.parquet", _table(value)))
        elif isinstance(value, dict):
            members += [(f"{field.name}/{name}.npy", _array(array)) for name, array in value.items()]
        else:
            members.append((f"{field.name}.npy", _array(value)))
    return members


def _read(path: Path, first: int) -> Played:
    figures: dict[str, Any] = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            stem, content = name.rsplit(".", 1)[0], io.BytesIO(archive.read(name))
            if name.endswith(".parquet"):
                figures[stem] = pd.read_parquet(content)
            elif "/" in stem:
                field, key = stem.split("/", 1)
                figures.setdefault(field, {})[key] = np.load(content, allow_pickle=False)
            else:
                figures[stem] = np.load(content, allow_pickle=False)
    log = figures.pop("log")
    return Played(first, log, Indicators(**figures))


def _table(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def _array(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _content(scenario: Scenario, plan: Plan) -> str:
    """One word for everything the nights depend on: what the plan depends on, and spreads, plan and horizon besides."""
    digest = hashlib.sha256(fingerprint(scenario).encode())
    for field in dataclasses.fields(plan):
        value = getattr(plan, field.name)
        if isinstance(value, pd.DataFrame):
            digest.update(f"{field.name} {list(value.columns)}".encode())
            digest.update(value.to_csv(index=False).encode())
    spreads = [
        (step, time.low_min, time.mode_min, time.high_min) for step, time in sorted(scenario.steps.items())
    ]  # fmt: skip
    digest.update(repr((spreads, scenario.speed_spread, scenario.walk_kmh)).encode())
    response = scenario.response
    digest.update(
        repr(
            (sorted(response.opened), sorted(response.figures.items()), response.detected_ms, response.counted)
        ).encode()
    )
    return digest.hexdigest()[:16]
