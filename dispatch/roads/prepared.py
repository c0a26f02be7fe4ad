"""A road network prepared for many travel-time questions; the preparation is kept on disk by the topology's hash.

It depends on the topology alone: closures, vehicle classes and hours share it. Banned turns are kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
import zlib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.network import RoadNetwork
from dispatch.roads.network_cache import cache_folder
from models.graph import Graph
from models.paths import Hierarchy, SplitGraph, prepare
from models.traversal import NEVER

__all__ = ["PREPARATION_VERSION", "PreparedRoads", "kept_hierarchy", "prepare_roads"]

PREPARATION_VERSION = 1
"""Counted up whenever the same topology would give another hierarchy."""


@dataclass(frozen=True, eq=False)
class PreparedRoads:
    """Network with its hierarchy.

    Attributes
    ----------
    network : RoadNetwork
    split : SplitGraph
        The network's graph with banned turns taken out.
    hierarchy : Hierarchy
        Of ``split.graph``.
    """

    network: RoadNetwork
    split: SplitGraph
    hierarchy: Hierarchy

    def weight(self, crossing_ms: NDArray[np.integer]) -> NDArray[np.float64]:
        """Weights of the split graph's edges from crossing times of the network's edges; ``NEVER`` becomes ``inf``."""
        crossing = np.asarray(crossing_ms)
        return np.where(crossing >= NEVER, np.inf, crossing.astype(np.float64))[self.split.edge_of]


def prepare_roads(network: RoadNetwork, *, cache: bool = True) -> PreparedRoads:
    """Prepare a network.

    Parameters
    ----------
    network : RoadNetwork
    cache : bool
        Whether a preparation may come from disk, and is kept there. The result is the same.
    """
    split = network.drivable
    return PreparedRoads(network, split, kept_hierarchy(split) if cache else prepare(split.graph))


def kept_hierarchy(split: SplitGraph) -> Hierarchy:
    """Hierarchy of a graph from the disk; made and kept there if it is not."""
    file = cache_folder() / "hierarchies" / f"{_key(split.graph)}.npz"
    hierarchy = _load(file)
    if hierarchy is None:
        hierarchy = prepare(split.graph)
        _store(file, hierarchy)
    return hierarchy


def _key(graph: Graph) -> str:
    digest = hashlib.sha256(f"{PREPARATION_VERSION}|{graph.n}|{graph.m}|".encode())
    digest.update(graph.first_out.tobytes())
    digest.update(graph.head.tobytes())
    return digest.hexdigest()


def _load(file: Path) -> Hierarchy | None:
    """Hierarchy kept in a file; None if there is none or it is damaged."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            return Hierarchy(**{field.name: stored[field.name] for field in fields(Hierarchy)})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        return None


def _store(file: Path, hierarchy: Hierarchy) -> None:
    """Keep a hierarchy; where the folder cannot be written nothing is kept."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                np.savez(stream, allow_pickle=False, **{f.name: getattr(hierarchy, f.name) for f in fields(Hierarchy)})
            Path(temporary).replace(file)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
