"""Which edges of the network a row of a closed-roads list means.

Every condition of the row narrows the choice. "From … to …" takes the shortest ways there and back between the two
points, on which stretches that meet the other conditions count as ten times shorter, and of these ways only those
stretches: so both carriageways of a road are followed, and through a town where its number is missing from the map.
"""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from dispatch.county.county import County
from dispatch.county.names import find_place, place_label
from dispatch.county.problem_text import found
from dispatch.hazards.closed_roads import ClosedRoad
from dispatch.hazards.lines import EdgeLines
from dispatch.problems import Problem
from dispatch.roads.measure import great_circle_m
from dispatch.roads.network import RoadNetwork

__all__ = ["match_edges"]

_FAR_M = 10_000.0
"""A point further from every road in question is not meant for these roads."""
_OFF_ROAD = 10.0
_LIST_BREAK = re.compile(r"[;,/、；，]")


@dataclass(frozen=True)
class _Names:
    """Edges by number and by name, as compared: NFKC, case folded, without blanks and hyphens (CG-2 is CG2)."""

    ref: dict[str, list[int]]
    road: dict[str, list[int]]


def match_edges(
    network: RoadNetwork, county: County, lines: EdgeLines, closed: Sequence[ClosedRoad]
) -> tuple[list[NDArray[np.int64]], list[Problem]]:
    """Edges of each row, both directions unless the row says one way.

    Returns
    -------
    edges : list of int64 arrays
        Positions, ascending; empty where nothing matches.
    problems : list of Problem
        A row that means no road is an error.
    """
    problems: list[Problem] = []
    if not closed:
        return [], problems
    names = _Names(_index(network.ref), _index(network.name))
    matched = [_match(network, county, lines, names, row, problems) for row in closed]
    return matched, problems


def _match(
    network: RoadNetwork, county: County, lines: EdgeLines, names: _Names, row: ClosedRoad, problems: list[Problem]
) -> NDArray[np.int64]:
    """Edges of one row."""
    chosen = np.ones(network.graph.m, dtype=bool)
    wrong: list[Problem] = []
    for column, wanted, index, words in (
        ("ref", row.ref, names.ref, network.ref),
        ("road", row.road, names.road, network.name),
    ):
        if wanted:
            chosen &= _named(row, column, wanted, index, words, wrong)
    if row.way:
        wanted_ways = set(row.way)
        chosen &= np.fromiter((not wanted_ways.isdisjoint(ways) for ways in network.ways), bool, network.graph.m)
    if row.edge:
        chosen &= np.fromiter((_is_edge(edge, row.edge) for edge in network.edge_id), bool, network.graph.m)
    if row.only:
        chosen &= getattr(network, row.only)
    if row.bbox:
        chosen &= lines.meets_box(*row.bbox)
    if wrong:
        problems.extend(wrong)
        return np.empty(0, dtype=np.int64)
    edges = _at_points(network, county, lines, row, np.flatnonzero(chosen), wrong)
    if not row.one_way:
        back = network.twin[edges]
        edges = np.union1d(edges, back[back >= 0]).astype(np.int64)
    if not len(edges) and not wrong:
        wrong.append(found("hazards_no_road_matches", row.file, row.row, "", row.name))
    problems.extend(wrong)
    return edges if not wrong else np.empty(0, dtype=np.int64)


def _at_points(
    network: RoadNetwork, county: County, lines: EdgeLines, row: ClosedRoad, edges: NDArray[np.int64],
    wrong: list[Problem],
) -> NDArray[np.int64]:  # fmt: skip
    """Of the edges, those near a point or between two points, where the row says so."""
    if row.near and len(edges):
        point = _point(county, row, "near", row.near, wrong)
        if point is None:
            return edges[:0]
        away = lines.distance_m(*point, edges)
        if math.isnan(row.radius_m):
            if away.min() > _FAR_M:
                km = f"{away.min() / 1000:,.0f}"
                wrong.append(found("hazards_point_far", row.file, row.row, "near", row.near, km=km))
                return edges[:0]
            nearest = edges[np.argmin(away)]
            edges = np.array([nearest], dtype=np.int64)
        else:
            edges = edges[away <= row.radius_m]
    if row.start and len(edges):
        start, end = (_point(county, row, column, text, wrong)
                      for column, text in (("from", row.start), ("to", row.end)))  # fmt: skip
        edges = edges[:0] if start is None or end is None else _between(network, edges, start, end)
    return edges


def _between(
    network: RoadNetwork, edges: NDArray[np.int64], start: tuple[float, float], end: tuple[float, float]
) -> NDArray[np.int64]:
    """Edges of the set on the shortest ways, there and back, between its nodes nearest to the two points."""
    graph = network.graph
    nodes = np.unique(np.concatenate([graph.tail[edges], graph.head[edges]]))
    node_lon, node_lat = network.node_lon[nodes], network.node_lat[nodes]
    away = [great_circle_m(np.array(lon), np.array(lat), node_lon, node_lat) for lon, lat in (start, end)]
    ends = [int(nodes[np.argmin(metres)]) for metres in away]
    weight = network.length_m * _OFF_ROAD
    weight[edges] = network.length_m[edges]
    weight = np.maximum(weight, 1e-6)
    order = np.lexsort((weight, graph.head, graph.tail))
    pair = graph.tail[order].astype(np.int64) * graph.n + graph.head[order]
    shortest = order[np.r_[True, pair[1:] != pair[:-1]]]  # of parallel edges
    matrix = csr_array((weight[shortest], (graph.tail[shortest], graph.head[shortest])), shape=(graph.n, graph.n))
    _, before = dijkstra(matrix, indices=ends, return_predecessors=True)
    steps: set[tuple[int, int]] = set()
    for way, node, goal in ((before[0], ends[1], ends[0]), (before[1], ends[0], ends[1])):
        at = node
        while at != goal and way[at] >= 0:
            steps.add((int(way[at]), at))
            at = int(way[at])
    on_way = [(int(u), int(v)) in steps for u, v in zip(graph.tail[edges], graph.head[edges], strict=True)]
    kept: NDArray[np.int64] = edges[np.array(on_way, dtype=bool)]
    return kept


def _point(
    county: County, row: ClosedRoad, column: str, written: str, wrong: list[Problem]
) -> tuple[float, float] | None:
    """Lon, lat of a place by id, name or former name, or of ``lon, lat``; None, and a problem, if there is none."""
    parts = [part.strip() for part in written.split(",")]
    if len(parts) == 2:
        try:
            lon, lat = (float(part) for part in parts)
        except ValueError:
            lon = lat = math.nan
        if -180 <= lon <= 180 and -90 <= lat <= 90:
            return lon, lat
    places = county.table("places").set_index("place")
    named = find_place(county, written) or list(places.index[places["name_en"] == written])
    at = places.loc[named, ["lon", "lat"]].dropna()
    if at.drop_duplicates().shape[0] > 1:
        labels = ", ".join(f"{place_label(county, place)} {place}" for place in at.index)
        wrong.append(found("hazards_point_ambiguous", row.file, row.row, column, written, places=labels))
    elif at.empty:
        wrong.append(found("hazards_point", row.file, row.row, column, written))
    else:
        return float(at["lon"].iloc[0]), float(at["lat"].iloc[0])
    return None


def _named(
    row: ClosedRoad,
    column: str,
    wanted: Iterable[str],
    index: dict[str, list[int]],
    words: NDArray[np.object_],
    wrong: list[Problem],
) -> NDArray[np.bool_]:
    """Edges of any of the numbers or names; one that the network does not have is a problem."""
    chosen = np.zeros(len(words), dtype=bool)
    for word in wanted:
        edges = index.get(_plain(word))
        if edges is None:
            close = difflib.get_close_matches(_plain(word), index, n=3, cutoff=0.4) or sorted(index)[:5]
            near = ", ".join(words[index[name][0]] for name in close) or "–"
            wrong.append(found("hazards_no_such_road", row.file, row.row, column, word, near=near))
        else:
            chosen[edges] = True
    return chosen


def _index(words: NDArray[np.object_]) -> dict[str, list[int]]:
    """Edges by each of the names that their cell holds."""
    index: dict[str, list[int]] = {}
    for edge, cell in enumerate(words):
        for word in {_plain(part) for part in _LIST_BREAK.split(cell)} if cell else ():
            index.setdefault(word, []).append(edge)
    return index


def _plain(word: str) -> str:
    """As compared: compatibility forms folded, no case, no blanks, no hyphens."""
    return re.sub(r"[\s\-‐–_.·]+", "", unicodedata.normalize("NFKC", word)).casefold()


def _is_edge(edge: str, wanted: Iterable[str]) -> bool:
    """Whether an edge is one of those named, or a piece of one that an attached place has split."""
    return any(edge == name or edge.startswith(f"{name}/") for name in wanted)
