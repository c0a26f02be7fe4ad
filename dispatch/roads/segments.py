"""Roads as surveyed, before junctions are made out: every stretch from one way node to the next.

This is the form in which all map readers hand roads on (OSM, Overpass, road layers) and which ``simplify`` turns into
a network. Counts of nodes, directed arcs and components here are those of the node-level graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.measure import great_circle_m
from dispatch.roads.tags import RoadTags

__all__ = ["NodeLimits", "Restriction", "Segments", "Way", "arcs", "make_segments"]

_GRID_M = 2.0**-20
"""Where the segments of a way of stated length end along it: sums of such numbers are exact."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way as read: its id, its tags as a road, its nodes in drawing order; NaN where a node is not in the file."""

    way_id: int
    tags: RoadTags
    nodes: Sequence[int]
    lon: Sequence[float]
    lat: Sequence[float]
    length_m: float = float("nan")


@dataclass(frozen=True, slots=True)
class Restriction:
    """Turn restriction by way ids at a node: the turn is forbidden, or (``only``) every other turn is."""

    from_way: int
    via_node: int
    to_way: int
    only: bool


@dataclass(frozen=True, slots=True)
class NodeLimits:
    """What stands at a node of a road and concerns both stretches beside it: a ford, a height or width bar."""

    ford: bool = False
    max_weight_t: float = float("nan")
    max_height_m: float = float("nan")
    max_width_m: float = float("nan")


@dataclass(frozen=True, eq=False)
class Segments:
    """Straight stretches between neighbouring nodes of ways.

    Attributes
    ----------
    node_id : int64 array (n,)
        Sorted, unique; only nodes that a segment uses.
    node_lon, node_lat : float64 arrays (n,)
    tail, head : int32 arrays (s,)
        Positions of the ends, in the drawing order of the way.
    row : int32 array (s,)
        Position of the segment's way in the arrays by way; segments are in the order of the ways and along them.
    length_m : float64 array (s,)
    ford, max_weight_t, max_height_m, max_width_m : arrays (s,)
        Those of the way and of the nodes at the ends.
    way_id : int64 array (w,)
        Sorted; a way id may occur more than once.
    way_tags : tuple of RoadTags (w,)
    keep : int64 array
        Ids of nodes that stay nodes of the network even where the road just goes on.
    restrictions : tuple of Restriction
    source, attribution : str
    schematic : bool
    """

    node_id: NDArray[np.int64]
    node_lon: NDArray[np.float64]
    node_lat: NDArray[np.float64]
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    row: NDArray[np.int32]
    length_m: NDArray[np.float64]
    ford: NDArray[np.bool_]
    max_weight_t: NDArray[np.float32]
    max_height_m: NDArray[np.float32]
    max_width_m: NDArray[np.float32]
    way_id: NDArray[np.int64]
    way_tags: tuple[RoadTags, ...]
    keep: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    restrictions: tuple[Restriction, ...] = ()
    source: str = ""
    attribution: str = ""
    schematic: bool = False

    @property
    def direction(self) -> NDArray[np.int8]:
        """1 only as drawn, -1 only against it, 0 both; int8 array (s,)."""
        return np.array([tags.direction for tags in self.way_tags], dtype=np.int8)[self.row]

    @property
    def barred(self) -> NDArray[np.bool_]:
        """Whether no motor vehicle may pass, bool array (s,)."""
        return np.array([tags.barred for tags in self.way_tags], dtype=bool)[self.row]


def arcs(segments: Segments) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Directed arcs of the node-level graph: tails, heads, and the segment each belongs to."""
    direction = segments.direction
    along, against = np.flatnonzero(direction >= 0), np.flatnonzero(direction <= 0)
    return (
        np.concatenate([segments.tail[along], segments.head[against]]),
        np.concatenate([segments.head[along], segments.tail[against]]),
        np.concatenate([along, against]),
    )


def make_segments(
    ways: Iterable[Way],
    *,
    node_limits: Mapping[int, NodeLimits] | None = None,
    restrictions: Iterable[Restriction] = (),
    keep: Iterable[int] = (),
    source: str = "",
    attribution: str = "",
    schematic: bool = False,
) -> Segments:
    """Cut ways into segments; a stretch to or from a node without position is left out, as is one of a repeated node.

    Parameters
    ----------
    ways : iterable of Way
        In any order; sorted by id here, so that the same roads give the same network from any file.
    node_limits : mapping of node id to NodeLimits, optional
    restrictions, keep, source, attribution, schematic
        Handed on.

    Notes
    -----
    Segment lengths are great-circle; where a way states its own length they share it in proportion.
    """
    ordered = sorted(ways, key=lambda way: way.way_id)
    counts = np.array([len(way.nodes) for way in ordered], dtype=np.int64)
    total = int(counts.sum())
    nodes = np.fromiter((n for way in ordered for n in way.nodes), dtype=np.int64, count=total)
    lon = np.fromiter((x for way in ordered for x in way.lon), dtype=np.float64, count=total)
    lat = np.fromiter((y for way in ordered for y in way.lat), dtype=np.float64, count=total)
    way_of = np.repeat(np.arange(len(ordered)), counts)
    here = np.isfinite(lon) & np.isfinite(lat)
    first = np.flatnonzero((way_of[:-1] == way_of[1:]) & (nodes[:-1] != nodes[1:]) & here[:-1] & here[1:])
    used = np.concatenate([first, first + 1])
    node_id, where, inverse = np.unique(nodes[used], return_index=True, return_inverse=True)
    tail, head = inverse[: len(first)].astype(np.int32), inverse[len(first) :].astype(np.int32)
    row = way_of[first].astype(np.int32)
    node_lon, node_lat = lon[used[where]], lat[used[where]]
    length = great_circle_m(node_lon[tail], node_lat[tail], node_lon[head], node_lat[head])
    tags = tuple(way.tags for way in ordered)
    return Segments(
        node_id=node_id,
        node_lon=node_lon,
        node_lat=node_lat,
        tail=tail,
        head=head,
        row=row,
        length_m=_stated(length, row, np.array([way.length_m for way in ordered], dtype=np.float64)),
        **_limits(tags, row, node_id, tail, head, node_limits or {}),
        way_id=np.array([way.way_id for way in ordered], dtype=np.int64),
        way_tags=tags,
        keep=np.unique(np.fromiter(keep, dtype=np.int64)),
        restrictions=tuple(restrictions),
        source=source,
        attribution=attribution,
        schematic=schematic,
    )


def _stated(
    length_m: NDArray[np.float64], row: NDArray[np.int32], stated_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Scale the segments of ways that state their length; cut on a fine grid, so that they add up to it exactly."""
    known = np.flatnonzero(np.isfinite(stated_m[row]))
    if not len(known):
        return length_m
    way, count = np.unique(row[known], return_counts=True)
    last = np.cumsum(count) - 1
    first = last - count + 1
    walked = np.cumsum(np.maximum(length_m[known], 1e-9))
    before = np.concatenate([[0.0], walked])[first]
    share = (walked - np.repeat(before, count)) / np.repeat(walked[last] - before, count)
    reached = np.round(share * np.repeat(stated_m[way], count) / _GRID_M) * _GRID_M
    reached[last] = stated_m[way]
    scaled = length_m.copy()
    scaled[known] = np.diff(reached, prepend=0.0)
    scaled[known[first]] = reached[first]
    return scaled


def _limits(
    tags: tuple[RoadTags, ...],
    row: NDArray[np.int32],
    node_id: NDArray[np.int64],
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
    node_limits: Mapping[int, NodeLimits],
) -> dict[str, NDArray[Any]]:
    """Fords and limits by segment: the way's, and the stricter of its end nodes'."""
    listed = {int(i): node_limits[int(i)] for i in node_id[np.isin(node_id, list(node_limits))]} if node_limits else {}
    at = np.searchsorted(node_id, np.fromiter(listed, dtype=np.int64))
    ford_at = np.zeros(len(node_id), dtype=bool)
    ford_at[at] = [limits.ford for limits in listed.values()]
    columns: dict[str, NDArray[Any]] = {}
    columns["ford"] = np.array([t.ford for t in tags], dtype=bool)[row] | ford_at[tail] | ford_at[head]
    for name in ("max_weight_t", "max_height_m", "max_width_m"):
        limit = np.full(len(node_id), np.nan, dtype=np.float32)
        limit[at] = [getattr(limits, name) for limits in listed.values()]
        own = np.array([getattr(t, name) for t in tags], dtype=np.float32)[row]
        columns[name] = np.fmin(own, np.fmin(limit[tail], limit[head]))
    return columns
