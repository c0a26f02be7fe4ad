"""Driving along known edges in one go: on to the next rest, closed road or the end.

The same rule as ``dispatch.roads.travel.drive`` (closures, slowdowns, rests), stopped where a decision is due.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from dispatch.roads.quickest import quickest_way
from models.traversal import NEVER, TimedEdges, traverse
from models.turns import SplitGraph

__all__ = ["ARRIVED", "BLOCKED", "REST", "STOPPED", "advance", "arrival_along", "best_way"]

ARRIVED, REST, BLOCKED, STOPPED = 0, 1, 2, 3
"""Why a drive stops: the end of the way, a rest that is due, an edge that cannot be crossed now, the hour asked for."""


@nb.njit(cache=True)
def _advance(  # type: ignore[no-untyped-def]
    edges, k, now, driven, slowness, limit, rest, stop, free_ms, first, start_ms, end_ms, permille, pace_start, pace
):
    moved = False
    while k < len(edges):
        if moved and now >= stop:
            return k, now, driven, STOPPED, now
        enter, leave = traverse(
            edges[k], now, slowness, True, free_ms, first, start_ms, end_ms, permille, pace_start, pace
        )
        if enter >= NEVER:
            return k, now, driven, BLOCKED, NEVER
        since = 0 if enter - now >= rest else driven
        crossing = leave - enter
        if since > 0 and since + crossing > limit:
            return k, now, driven, REST, enter
        if enter > now:
            return k, now, driven, BLOCKED, enter
        driven = since + crossing
        now = leave
        k += 1
        moved = True
    return k, now, driven, ARRIVED, now


@nb.njit(cache=True)
def _arrival(  # type: ignore[no-untyped-def]
    edges, k, now, slowness, free_ms, first, start_ms, end_ms, permille, pace_start, pace
):
    blocked = -1
    since = now
    while k < len(edges):
        enter, leave = traverse(
            edges[k], now, slowness, True, free_ms, first, start_ms, end_ms, permille, pace_start, pace
        )
        if enter > now and blocked < 0:
            blocked = k
            since = now
        if leave >= NEVER:
            return NEVER, blocked, since
        now = leave
        k += 1
    return now, blocked, since


def advance(
    roads: TimedEdges,
    edges: NDArray[np.int64],
    k: int,
    now_ms: int,
    driven_ms: int,
    slowness: int,
    limit_ms: int,
    rest_ms: int,
    stop_ms: int = NEVER,
) -> tuple[int, int, int, int, int]:
    """Drive on from before the ``k``-th edge; from ``stop_ms`` on, stop at the next junction.

    Returns
    -------
    k, now_ms, driven_ms : int
        Position (edges left behind), time and driving since the last rest where the drive stops.
    why : int
        ``ARRIVED``, ``REST``, ``BLOCKED`` or ``STOPPED``.
    enter_ms : int
        Where blocked, when the next edge can be entered; ``NEVER`` if not at all.
    """
    result: tuple[int, int, int, int, int] = _advance(
        edges, k, now_ms, driven_ms, slowness, limit_ms, rest_ms, stop_ms, roads.free_ms, roads.first, roads.start_ms,
        roads.end_ms, roads.permille, roads.pace_start_ms, roads.pace_permille,
    )  # fmt: skip
    return result


def arrival_along(
    roads: TimedEdges, edges: NDArray[np.int64], k: int, now_ms: int, slowness: int
) -> tuple[int, int, int]:
    """Arrival at the end of a way, waiting wherever it is closed; first edge waited for (-1 if none), and from when."""
    result: tuple[int, int, int] = _arrival(
        edges, k, now_ms, slowness, roads.free_ms, roads.first, roads.start_ms, roads.end_ms, roads.permille,
        roads.pace_start_ms, roads.pace_permille,
    )  # fmt: skip
    return result


def best_way(
    graph: SplitGraph, roads: TimedEdges, source: int, target: int, now_ms: int, slowness: int, latest_ms: int
) -> tuple[int, NDArray[np.int64]]:
    """Earliest arrival at a node by ``latest_ms`` and the way there; ``NEVER`` and no edges if there is none.

    ``source`` is a node of the split graph: ``graph.end(edge)`` for a vehicle that came by that edge.
    """
    arrival, way = quickest_way(graph, roads, source, target, now_ms, slowness=slowness, latest_ms=latest_ms)
    return arrival, way.astype(np.int64)
