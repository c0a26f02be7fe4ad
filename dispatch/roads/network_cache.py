"""Networks once read, kept on disk as arrays (``.npz`` without pickle); a damaged or old file counts as none.

The folder is ``RELIEF_DISPATCH_CACHE`` or the platform's cache folder. The key of an entry covers the content of the
road file, the options of reading and the version of the reader, so an entry never goes stale; it may be deleted at any
time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import zipfile
import zlib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.assemble import object_array
from dispatch.roads.network import RoadNetwork
from models.graph import Graph

__all__ = ["READER_VERSION", "cache_folder", "cache_key", "load_network", "store_network"]

READER_VERSION = 1
"""Counted up whenever the same file would give another network."""

_TEXTS = ("edge_id", "name", "ref")
_WORDS = ("source", "attribution")


def cache_folder() -> Path:
    """Folder of the library's caches (not made here)."""
    own = os.environ.get("RELIEF_DISPATCH_CACHE")
    if own:
        return Path(own)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "relief-dispatch" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "relief-dispatch"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "relief-dispatch"


def cache_key(path: Path, options: object) -> str:
    """Hash of a file's content, its kind, the options of reading (by their ``repr``) and the reader's version."""
    digest = hashlib.sha256(f"{READER_VERSION}|{''.join(path.suffixes).lower()}|{options!r}|".encode())
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def load_network(key: str, source: str) -> RoadNetwork | None:
    """Return the network kept under a key, as read from ``source``; None if there is none or it is damaged."""
    try:
        with np.load(_file(key), allow_pickle=False) as stored:
            return replace(_unpacked({name: stored[name] for name in stored.files}), source=source)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, IndexError):
        return None


def store_network(key: str, network: RoadNetwork) -> None:
    """Keep a network; where the folder cannot be written nothing is kept."""
    target = _file(key)
    with contextlib.suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                np.savez(stream, allow_pickle=False, **_packed(network))
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def _file(key: str) -> Path:
    return cache_folder() / "roads" / f"{key}.npz"


def _packed(network: RoadNetwork) -> dict[str, NDArray[Any]]:
    """Plain arrays: texts as UTF-8 bytes with their lengths, tuples of ways as one run."""
    arrays: dict[str, NDArray[Any]] = {"first_out": network.graph.first_out, "head": network.graph.head}
    for field in fields(RoadNetwork):
        value = getattr(network, field.name)
        if field.name in _TEXTS:
            encoded = [text.encode() for text in value]
            arrays[f"{field.name}.bytes"] = np.frombuffer(b"".join(encoded), dtype=np.uint8)
            arrays[f"{field.name}.length"] = np.array([len(text) for text in encoded], dtype=np.int64)
        elif field.name == "ways":
            arrays["ways.id"] = np.array([way for ways in value for way in ways], dtype=np.int64)
            arrays["ways.length"] = np.array([len(ways) for ways in value], dtype=np.int64)
        elif isinstance(value, np.ndarray):
            arrays[field.name] = value
    words = [getattr(network, name) for name in _WORDS]
    arrays["words"] = np.array([*words, "schematic" if network.schematic else ""], dtype=np.str_)
    return arrays


def _unpacked(stored: dict[str, NDArray[Any]]) -> RoadNetwork:
    values: dict[str, Any] = {}
    for name in _TEXTS:
        whole = stored.pop(f"{name}.bytes").tobytes()
        values[name] = object_array(whole[i:j].decode() for i, j in _bounds(stored.pop(f"{name}.length")))
    ids = stored.pop("ways.id").tolist()
    values["ways"] = object_array(tuple(ids[i:j]) for i, j in _bounds(stored.pop("ways.length")))
    source, attribution, schematic = stored.pop("words").tolist()
    graph = Graph(stored.pop("first_out"), stored.pop("head"))
    wanted = {field.name for field in fields(RoadNetwork)} - set(values) - {"graph", *_WORDS, "schematic"}
    values |= {name: stored[name] for name in wanted}
    return RoadNetwork(
        graph=graph, **values, source=source, attribution=attribution, schematic=schematic == "schematic"
    )


def _bounds(length: NDArray[np.int64]) -> list[tuple[int, int]]:
    ends = np.cumsum(length)
    return list(zip((ends - length).tolist(), ends.tolist(), strict=True))
