"""Ways over roads that close by the hour: the search led by the hierarchy beside the plain one."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks._road_graphs import RoadGraph
from benchmarks.harness import Row
from models.earliest_arrival import earliest_arrival
from models.guided import guide, guided_arrival
from models.paths import Hierarchy
from models.traversal import TimedEdges, time_edges

__all__ = ["ways_by_hour"]

HOUR_MS = 3_600_000
WAYS = 50
DEPART_MS = HOUR_MS // 2


def ways_by_hour(road: RoadGraph, hierarchy: Hierarchy) -> Iterator[Row]:
    """One row for each share of roads closed for up to two hours from an instant of the first hour on."""
    random = np.random.default_rng(11)
    free = road.weight_ms.astype(np.int64)
    by = guide(road.graph, hierarchy, free)
    pairs = random.integers(0, road.graph.n, (WAYS, 2))
    for share in (0.0005, 0.01):
        timed = _closed(free, share, random)
        guided_arrival(road.graph, timed, by, 0, 1, DEPART_MS)
        earliest_arrival(road.graph, timed, 0, DEPART_MS, np.array([1]))
        start = time.process_time()
        led = [guided_arrival(road.graph, timed, by, int(a), int(b), DEPART_MS)[0] for a, b in pairs]
        ours = time.process_time() - start
        start = time.process_time()
        plain = [int(earliest_arrival(road.graph, timed, int(a), DEPART_MS, np.array([b]))[0][b]) for a, b in pairs]
        peer = time.process_time() - start
        off = sum(x != y for x, y in zip(led, plain, strict=True))
        measure = f"{WAYS} ways by the hour, {share:.2%} of the roads closed"
        note = f"{off} arrivals differ" if off else ""
        yield Row(road.name, measure, "s", ours, peer_name="plain search", peer=peer, ratio=peer / ours, note=note)


def _closed(free: NDArray[np.int64], share: float, random: np.random.Generator) -> TimedEdges:
    hit = random.choice(len(free), int(len(free) * share), replace=False)
    start = random.integers(0, HOUR_MS, len(hit))
    return time_edges(
        free, hit, start, start + random.integers(60_000, 2 * HOUR_MS, len(hit)), np.zeros(len(hit), np.int64)
    )
