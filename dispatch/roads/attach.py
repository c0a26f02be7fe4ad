"""Sites onto the network: each at the nearest point of a road, which is cut there.

The nearest point is sought on a Mercator map: it is conformal, so nearest there is nearest on the ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.assemble import EDGE_DTYPES, assemble, gather_runs, object_array
from dispatch.roads.components import component_labels
from dispatch.roads.measure import great_circle_m, mercator
from dispatch.roads.network import ROAD_CLASSES, RoadNetwork
from models.traversal import NEVER

__all__ = ["JUNCTION_M", "attach", "main_roads"]

JUNCTION_M = 1.0
"""A site this near a junction along the road, or another site, shares its node."""

_NO_ACCESS = [ROAD_CLASSES.index(name) for name in ("motorway", "motorway_link", "ferry")]
_GRID_M = 1 / 1024
"""Cuts lie on this grid along the edge, so that the pieces' lengths add up to the edge's without rounding."""


def main_roads(network: RoadNetwork, free_ms: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Edges from which a vehicle gets everywhere and back: those of the largest strongly connected component.

    Parameters
    ----------
    network : RoadNetwork
    free_ms : integer array (m,)
        Crossing time for the vehicle class, ``NEVER`` where it may not go.

    Returns
    -------
    bool array (m,)
    """
    graph = network.graph
    passable = np.asarray(free_ms) < NEVER
    labels = component_labels(graph.n, graph.tail[passable], graph.head[passable], "strong")
    inside = labels == np.argmax(np.bincount(labels)) if graph.n else np.empty(0, dtype=bool)
    kept: NDArray[np.bool_] = passable & inside[graph.tail] & inside[graph.head]
    return kept


def attach(
    network: RoadNetwork,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    *,
    limit_m: float = 2000.0,
    usable: NDArray[np.bool_] | None = None,
) -> tuple[RoadNetwork, NDArray[np.int64], NDArray[np.float64]]:
    """Give every site a node of the network, at the point of a road nearest to it.

    Never on motorways and their ramps, in tunnels or on ferries; on a bridge or ford only if nothing else is within
    the limit.

    Parameters
    ----------
    network : RoadNetwork
    lon, lat : float64 arrays (k,)
        WGS 84 degrees; a site whose position is NaN gets no node.
    limit_m : float
        A site farther from every such road gets no node.
    usable : bool array (m,), optional
        Edges to attach to, such as :func:`main_roads`; default all.

    Returns
    -------
    network : RoadNetwork
        Edges with sites cut into ``id/1``, ``id/2`` … (so is their twin, counted in its own direction), whose lengths
        add up to the old; new nodes have negative ids. The same object if no edge is cut.
    node : int64 array (k,)
        -1 for none.
    access_m : float64 array (k,)
        Great-circle distance from the site to its node; to the nearest road where there is none within the limit;
        infinity if there is no road at all.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    allowed = ~np.isin(network.road_class, _NO_ACCESS) & ~network.tunnel & (network.length_m > 0)
    if usable is not None:
        allowed &= usable
    hits = _nearest(network, lon, lat, allowed & ~network.bridge & ~network.ford)
    far = np.flatnonzero(hits.gap_m > limit_m)
    if len(far) and (allowed & (network.bridge | network.ford)).any():
        hits = hits.replaced(far, _nearest(network, lon[far], lat[far], allowed))
    node, cuts, lon_at, lat_at = _nodes(network, hits, limit_m)
    found = node >= 0
    access_m = hits.gap_m.copy()
    all_lon, all_lat = np.concatenate([network.node_lon, lon_at]), np.concatenate([network.node_lat, lat_at])
    access_m[found] = great_circle_m(lon[found], lat[found], all_lon[node[found]], all_lat[node[found]])
    if len(lon_at):
        network = _split(network, cuts, lon_at, lat_at)
    return network, node, access_m


@dataclass(frozen=True, eq=False)
class _Hits:
    """Nearest point of a road to each site: edge (-1: none), position along it, coordinates, gap."""

    edge: NDArray[np.int64]
    at_m: NDArray[np.float64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    gap_m: NDArray[np.float64]

    def replaced(self, rows: NDArray[np.int64], other: _Hits) -> _Hits:
        """Take other hits for these rows."""
        columns = {}
        for name in ("edge", "at_m", "lon", "lat", "gap_m"):
            columns[name] = getattr(self, name).copy()
            columns[name][rows] = getattr(other, name)
        return _Hits(**columns)


def _nearest(
    network: RoadNetwork, lon: NDArray[np.float64], lat: NDArray[np.float64], allowed: NDArray[np.bool_]
) -> _Hits:
    """Nearest point on allowed edges; of two twins the first stands for both."""
    import shapely

    k = len(lon)
    hits = _Hits(np.full(k, -1), np.zeros(k), lon.copy(), lat.copy(), np.full(k, np.inf))
    twin = network.twin
    edges = np.flatnonzero(allowed & ~((twin >= 0) & (twin < np.arange(len(twin))) & allowed[twin]))
    sites = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    if not len(edges) or not len(sites):
        return hits
    first, points = gather_runs(network.shape_first, edges)
    x, y = mercator(network.shape_lon[points], network.shape_lat[points])
    lines: Any = shapely.linestrings(np.column_stack([x, y]), indices=np.repeat(np.arange(len(edges)), np.diff(first)))
    marks: Any = shapely.points(*mercator(lon[sites], lat[sites]))
    which, line = shapely.STRtree(lines).query_nearest(marks, all_matches=False)
    sites = sites[which]
    along = shapely.line_locate_point(lines[line], marks[which])
    edge = edges[line]
    at_m, hit_lon, hit_lat = _along(network, edge, along)
    hits.edge[sites], hits.at_m[sites] = edge, at_m
    hits.lon[sites], hits.lat[sites] = hit_lon, hit_lat
    hits.gap_m[sites] = great_circle_m(lon[sites], lat[sites], hit_lon, hit_lat)
    return hits


def _along(
    network: RoadNetwork, edge: NDArray[np.int64], along: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """From the distance along each edge on the map to the distance by its length, and the point there."""
    first, points = gather_runs(network.shape_first, edge)
    lon, lat = network.shape_lon[points], network.shape_lat[points]
    x, y = mercator(lon, lat)
    start, stop = first[:-1], first[1:] - 1
    on_map, on_ground = np.hypot(np.diff(x), np.diff(y)), great_circle_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    on_map[stop[:-1]] = on_ground[stop[:-1]] = 0.0
    walked_map, walked = (np.concatenate([[0.0], np.cumsum(steps)]) for steps in (on_map, on_ground))
    target = np.minimum(walked_map[start] + along, walked_map[stop])
    step = np.clip(np.searchsorted(walked_map, target, side="right") - 1, start, stop - 1)
    share = np.clip((target - walked_map[step]) / np.where(on_map[step] > 0, on_map[step], 1.0), 0.0, 1.0)
    total = walked[stop] - walked[start]
    measured = walked[step] - walked[start] + share * on_ground[step]
    at_m = measured / np.where(total > 0, total, 1.0) * network.length_m[edge]
    return (
        np.round(at_m / _GRID_M) * _GRID_M,
        lon[step] + share * (lon[step + 1] - lon[step]),
        lat[step] + share * (lat[step + 1] - lat[step]),
    )


def _nodes(
    network: RoadNetwork, hits: _Hits, limit_m: float
) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[np.float64], NDArray[np.float64]]:
    """Node of each site, and the cuts that make new ones.

    Returns
    -------
    node : int64 array (k,)
        From ``graph.n`` on for new nodes.
    cuts : structured array (c,) of edge, at_m, node
    lon, lat : float64 arrays (c,)
        Of the new nodes.
    """
    node = np.full(len(hits.edge), -1, dtype=np.int64)
    found = np.flatnonzero((hits.edge >= 0) & (hits.gap_m <= limit_m))
    edge, at_m = hits.edge[found], hits.at_m[found]
    left_m = network.length_m[edge] - at_m
    graph = network.graph
    by_end = np.minimum(at_m, left_m) < JUNCTION_M
    node[found[by_end]] = np.where(at_m <= left_m, graph.tail[edge], graph.head[edge])[by_end]
    found, edge, at_m = found[~by_end], edge[~by_end], at_m[~by_end]
    order = np.lexsort((found, at_m, edge))
    found, edge, at_m = found[order], edge[order], at_m[order]
    new = np.ones(len(found), dtype=bool)
    new[1:] = (edge[1:] != edge[:-1]) | (at_m[1:] - at_m[:-1] >= JUNCTION_M)
    group = np.cumsum(new) - 1
    chosen = np.flatnonzero(new)
    earliest = np.full(len(chosen), len(hits.edge), dtype=np.int64)
    np.minimum.at(earliest, group, found)
    number = np.empty(len(chosen), dtype=np.int64)
    number[np.argsort(earliest, kind="stable")] = graph.n + np.arange(len(chosen))
    node[found] = number[group]
    cuts = np.empty(len(chosen), dtype=[("edge", np.int64), ("at_m", np.float64), ("node", np.int64)])
    cuts["edge"], cuts["at_m"], cuts["node"] = edge[chosen], at_m[chosen], number
    by_number = found[chosen][np.argsort(number)]
    return node, cuts, hits.lon[by_number], hits.lat[by_number]


def _split(
    network: RoadNetwork, cuts: NDArray[Any], lon_at: NDArray[np.float64], lat_at: NDArray[np.float64]
) -> RoadNetwork:
    """Cut edges, and their twins at the same places."""
    graph, m = network.graph, network.graph.m
    edge, at_m, node = _with_twins(network, cuts)
    pieces = 1 + np.bincount(edge, minlength=m)
    first_piece = np.concatenate([[0], np.cumsum(pieces)[:-1]])
    row = np.repeat(np.arange(m), pieces)
    rank = np.arange(len(row)) - first_piece[row]
    before = first_piece[edge] + np.arange(len(edge)) - np.searchsorted(edge, edge)  # the piece that ends at each cut
    tail, head = graph.tail[row].astype(np.int64), graph.head[row].astype(np.int64)
    begin_m, end_m = np.zeros(len(row)), network.length_m[row]
    head[before], tail[before + 1] = node, node
    end_m[before], begin_m[before + 1] = at_m, at_m
    columns = {name: getattr(network, name)[row] for name in EDGE_DTYPES}
    columns["length_m"] = end_m - begin_m
    cut = pieces[row] > 1
    ids = zip(columns["edge_id"].tolist(), rank.tolist(), cut.tolist(), strict=True)
    columns["edge_id"] = object_array(f"{name}/{k + 1}" if is_cut else name for name, k, is_cut in ids)
    twin = network.twin[row]
    twin = np.where(twin >= 0, first_piece[twin] + pieces[row] - 1 - rank, -1)
    turns = network.banned_turns.astype(np.int64)
    turns = np.column_stack([first_piece[turns[:, 0]] + pieces[turns[:, 0]] - 1, first_piece[turns[:, 1]]])
    new_lon, new_lat = lon_at[node - graph.n], lat_at[node - graph.n]
    pool_first, pool_lon, pool_lat = _cut_shapes(network, edge, at_m, new_lon, new_lat)
    run = row.copy()
    run[cut] = m + np.arange(int(cut.sum()))
    shape_first, points = gather_runs(pool_first, run)
    fresh = min(int(network.node_id.min()), 0) - 1 - np.arange(len(lon_at))
    return assemble(
        np.concatenate([network.node_id, fresh]),
        np.concatenate([network.node_lon, lon_at]),
        np.concatenate([network.node_lat, lat_at]),
        tail,
        head,
        columns,
        twin,
        shape_first,
        pool_lon[points],
        pool_lat[points],
        turns,
        source=network.source,
        attribution=network.attribution,
        schematic=network.schematic,
    )


def _with_twins(
    network: RoadNetwork, cuts: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Edge, position and node of each cut and of its mirror on the twin, in the order of edges and along them."""
    edge, at_m, node = cuts["edge"], cuts["at_m"], cuts["node"]
    both = network.twin[edge] >= 0
    twin = network.twin[edge[both]].astype(np.int64)
    length, twin_length = network.length_m[edge[both]], network.length_m[twin]
    left_m = length - at_m[both]
    scaled = np.round(left_m * (twin_length / length) / _GRID_M) * _GRID_M
    mirrored = np.where(length == twin_length, left_m, scaled)
    edge, at_m = np.concatenate([edge, twin]), np.concatenate([at_m, mirrored])
    node = np.concatenate([node, node[both]])
    order = np.lexsort((at_m, edge))
    return edge[order], at_m[order], node[order]


def _cut_shapes(
    network: RoadNetwork,
    edge: NDArray[np.int64],
    at_m: NDArray[np.float64],
    lon_at: NDArray[np.float64],
    lat_at: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Geometry of all edges as it was, and after it that of the pieces of cut edges, in their order."""
    cut_edges = np.unique(edge)
    first, points = gather_runs(network.shape_first, cut_edges)
    lon, lat = network.shape_lon[points], network.shape_lat[points]
    owner = np.repeat(np.arange(len(cut_edges)), np.diff(first))
    steps = great_circle_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    steps[first[1:-1] - 1] = 0.0
    walked = np.concatenate([[0.0], np.cumsum(steps)])
    walked -= walked[first[:-1]][owner]
    walked *= (network.length_m[cut_edges] / walked[first[1:] - 1])[owner]
    cut_owner = np.searchsorted(cut_edges, edge)
    owner = np.concatenate([owner, cut_owner, cut_owner])
    place = np.concatenate([walked, at_m, at_m])
    kind = np.repeat([0, 1, 2], [len(lon), len(edge), len(edge)])  # a vertex; the end of a piece; the start of the next
    order = np.lexsort((kind, place, owner))
    order = order[~_doubled(kind[order], place[order])]
    starts = kind[order] == 2
    starts[np.searchsorted(owner[order], np.arange(len(cut_edges)))] = True
    all_lon, all_lat = np.concatenate([lon, lon_at, lon_at])[order], np.concatenate([lat, lat_at, lat_at])[order]
    bounds = np.concatenate([np.flatnonzero(starts), [len(order)]]) + len(network.shape_lon)
    return (
        np.concatenate([network.shape_first[:-1], bounds]),
        np.concatenate([network.shape_lon, all_lon]),
        np.concatenate([network.shape_lat, all_lat]),
    )


def _doubled(kind: NDArray[np.int64], place: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Vertices right at a cut, which the cut replaces; arrays in the order along the edges."""
    doubled = np.zeros(len(kind), dtype=bool)
    doubled[:-1] |= (kind[:-1] == 0) & (kind[1:] == 1) & (place[1:] - place[:-1] < _GRID_M)
    doubled[1:] |= (kind[1:] == 0) & (kind[:-1] == 2) & (place[1:] - place[:-1] < _GRID_M)
    return doubled
