"""From surveyed segments to a network of junctions: the same roads, fewer nodes, every length kept.

A node stays where it is a junction, a dead end, or where something about the road changes (class, surface, bridge,
tunnel, ford, a limit, lanes, name, number, direction), so that a bridge or a tunnel is an edge of its own. All other
nodes become geometry. Compare Boeing (2025), "Topological graph simplification solutions to the street intersection
miscount problem", Transactions in GIS 29(3); here attribute changes split as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.assemble import assemble, edge_ids, gather_runs, object_array
from dispatch.roads.network import RoadNetwork
from dispatch.roads.segments import Segments
from dispatch.roads.turns import banned_turns

__all__ = ["simplify"]


def simplify(segments: Segments) -> RoadNetwork:
    """Build the junction network of all segments that are not barred.

    Parameters
    ----------
    segments : Segments

    Returns
    -------
    RoadNetwork
        Edges named ``way:from-to``: the first way in the direction of travel, and the OSM ids of the end nodes. A ring
        without any junction keeps its node of lowest id and is a loop there; a loop is an edge from a node to itself.
        ``lanes`` is that of the whole street, as OSM tags it.

    Notes
    -----
    Strong and weak components that hold a junction, and shortest path lengths between junctions, are those of the
    segments.
    """
    used = np.flatnonzero(~segments.barred & (segments.tail != segments.head))
    tail, head = segments.tail[used], segments.head[used]
    mate = _mates(segments, used, tail, head)
    step, first = _chains(tail, head, mate)
    segment, forward = used[step >> 1], (step & 1) == 0
    return _network(segments, segment, forward, first)


def _mates(
    segments: Segments, used: NDArray[np.int64], tail: NDArray[np.int32], head: NDArray[np.int32]
) -> NDArray[np.int64]:
    """For each segment end, the end of another segment that goes on from it unchanged, or -1.

    Ends ("ports") are numbered 2 s for the tail of segment s and 2 s + 1 for its head.
    """
    along, against = _kinds(segments, used)
    n = len(segments.node_id)
    node_of = np.column_stack([tail, head]).ravel()
    through = np.bincount(node_of, minlength=n) == 2
    through[np.isin(segments.node_id, segments.keep)] = False
    order = np.argsort(node_of, kind="stable")
    pairs = order[through[node_of[order]]].reshape(-1, 2)
    p, q = pairs[:, 0], pairs[:, 1]
    arriving = np.where(p & 1, along[p >> 1], against[p >> 1])
    leaving = np.where(q & 1, against[q >> 1], along[q >> 1])
    same = arriving == leaving
    mate = np.full(2 * len(used), -1, dtype=np.int64)
    mate[p[same]] = q[same]
    mate[q[same]] = p[same]
    return mate


def _kinds(segments: Segments, used: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number what a segment is when travelled along its way and against it: equal numbers, equal roads."""
    kinds: dict[tuple[object, ...], int] = {}

    def number(*kind: object) -> int:
        return kinds.setdefault(tuple(None if value != value else value for value in kind), len(kinds))

    both = [
        (number(*same, t.speed_forward_kmh, t.speed_backward_kmh, t.direction),
         number(*same, t.speed_backward_kmh, t.speed_forward_kmh, -t.direction))
        for t in segments.way_tags
        for same in [(t.road_class, t.surface, t.bridge, t.tunnel, t.lanes, t.name, t.ref)]
    ]  # fmt: skip
    by_way = np.array(both, dtype=np.int64).reshape(-1, 2)[segments.row[used]]
    limits = np.column_stack([segments.ford[used], *(np.nan_to_num(column[used], nan=-1.0) for column in (
        segments.max_weight_t, segments.max_height_m, segments.max_width_m))])  # fmt: skip
    stated = np.flatnonzero((limits != (0, -1, -1, -1)).any(axis=1))
    _, found = np.unique(limits[stated], axis=0, return_inverse=True)
    by_limit = np.zeros(len(used), dtype=np.int64)
    by_limit[stated] = 1 + found.reshape(-1)
    spread = int(by_limit.max(initial=0)) + 1
    return by_way[:, 0] * spread + by_limit, by_way[:, 1] * spread + by_limit


def _chains(
    tail: NDArray[np.int32], head: NDArray[np.int32], mate: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Follow mates from end to end.

    Returns
    -------
    step : int64 array
        Ports by which segments are entered (even: along the way), chain after chain.
    first : int64 array (chains + 1,)
    """
    follow = mate.tolist()
    entered = bytearray(len(follow) // 2)
    step: list[int] = []
    first = [0]
    for start in np.flatnonzero(mate < 0).tolist():
        if entered[start >> 1]:
            continue
        port = start
        while port >= 0:
            step.append(port)
            entered[port >> 1] = 1
            port = follow[port ^ 1]
        first.append(len(step))
    for segment in np.flatnonzero(np.frombuffer(entered, dtype=np.uint8) == 0).tolist():
        if entered[segment]:
            continue
        ring = []
        port = 2 * segment
        while not entered[port >> 1]:
            ring.append(port)
            entered[port >> 1] = 1
            port = follow[port ^ 1]
        starts = [int(head[p >> 1] if p & 1 else tail[p >> 1]) for p in ring]
        turn = starts.index(min(starts))
        step.extend(ring[turn:] + ring[:turn])
        first.append(len(step))
    return np.array(step, dtype=np.int64), np.array(first, dtype=np.int64)


def _network(
    segments: Segments, segment: NDArray[np.int64], forward: NDArray[np.bool_], first: NDArray[np.int64]
) -> RoadNetwork:
    """Edges from chains of segments: one for each direction that is open."""
    chains = len(first) - 1
    begin = np.where(forward, segments.tail[segment], segments.head[segment]).astype(np.int64)
    end = np.where(forward, segments.head[segment], segments.tail[segment]).astype(np.int64)
    start_of, stop_of = first[:-1], first[1:] - 1
    length = np.add.reduceat(segments.length_m[segment], start_of) if chains else np.empty(0)
    points = np.insert(begin, first[1:], end[stop_of])
    point_first = first + np.arange(chains + 1)
    flow = segments.direction[segment[start_of]] * np.where(forward[start_of], 1, -1)
    chain = np.repeat(np.arange(chains), 2)
    back = np.tile([False, True], chains)
    kept = np.repeat(flow, 2) * np.where(back, -1, 1) >= 0
    chain, back = chain[kept], back[kept]
    m = len(chain)

    entry = np.where(back, stop_of[chain], start_of[chain])
    first_segment, as_drawn = segment[entry], forward[entry] != back
    tags = [segments.way_tags[row] for row in segments.row[first_segment].tolist()]
    u = np.where(back, end[stop_of[chain]], begin[start_of[chain]])
    v = np.where(back, begin[start_of[chain]], end[stop_of[chain]])
    way = segments.way_id[segments.row[first_segment]]
    ways = _way_runs(segments.way_id[segments.row[segment]], first)
    twin = np.full(m, -1, dtype=np.int64)
    paired = np.flatnonzero((chain[1:] == chain[:-1]) if m else np.empty(0, dtype=bool))
    twin[paired], twin[paired + 1] = paired + 1, paired
    nodes, ends = np.unique(np.concatenate([u, v]), return_inverse=True)
    shape_first, shape = gather_runs(point_first, chain, back)
    edges = {
        "edge_id": edge_ids(way, segments.node_id[u], segments.node_id[v]),
        "length_m": length[chain],
        "road_class": np.array([t.road_class for t in tags]),
        "surface": np.array([t.surface for t in tags]),
        "bridge": np.array([t.bridge for t in tags]),
        "tunnel": np.array([t.tunnel for t in tags]),
        "max_speed_kmh": np.array([t.speed_forward_kmh if drawn else t.speed_backward_kmh
                                   for t, drawn in zip(tags, as_drawn.tolist(), strict=True)]),
        "lanes": np.array([t.lanes for t in tags]),
        "name": object_array(t.name for t in tags),
        "ref": object_array(t.ref for t in tags),
        "way": way,
        "ways": object_array(ways[c][::-1] if against else ways[c]
                             for c, against in zip(chain.tolist(), back.tolist(), strict=True)),
        **{name: getattr(segments, name)[first_segment]
           for name in ("ford", "max_weight_t", "max_height_m", "max_width_m")},
    }  # fmt: skip
    tail, head = ends[:m], ends[m:]
    return assemble(
        segments.node_id[nodes],
        segments.node_lon[nodes],
        segments.node_lat[nodes],
        tail,
        head,
        edges,
        twin,
        shape_first,
        segments.node_lon[points[shape]],
        segments.node_lat[points[shape]],
        banned_turns(segments.restrictions, segments.node_id[nodes], tail, head, edges["ways"], twin),
        source=segments.source,
        attribution=segments.attribution,
        schematic=segments.schematic,
    )


def _way_runs(way: NDArray[np.int64], first: NDArray[np.int64]) -> list[tuple[int, ...]]:
    """Way ids along each chain, each once in a row."""
    fresh = np.ones(len(way), dtype=bool)
    fresh[1:] = way[1:] != way[:-1]
    fresh[first[:-1]] = True
    bounds = np.concatenate([[0], np.cumsum(fresh)])[first].tolist()
    listed = way[fresh].tolist()
    return [tuple(listed[i:j]) for i, j in zip(bounds[:-1], bounds[1:], strict=True)]
