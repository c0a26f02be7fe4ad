"""OSMnx as a peer: the same roads of a part of Andorra, node by node and length by length."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dispatch.roads.network import ROAD_CLASSES
from dispatch.roads.osm import read_segments
from dispatch.roads.read import read_network
from dispatch.roads.segments import arcs
from tests.shared import shared_path

WEST, SOUTH, EAST, NORTH = 1.47, 42.53, 1.55, 42.60
"""La Massana: a valley town with roundabouts, bridges, one-way streets and forest roads."""


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All roads wholly inside the box, as OSM XML written by pyosmium."""
    import osmium

    source = str(shared_path("data/roads_andorra/andorra-20250118.osm.pbf"))
    path = tmp_path_factory.mktemp("part") / "la_massana.osm"
    stream = osmium.FileProcessor(source).with_locations().with_filter(osmium.filter.KeyFilter("highway"))
    ways, nodes = {}, {}
    for way in stream:
        if way.is_way() and way.tags["highway"] in ROAD_CLASSES:
            points = {n.ref: (n.lon, n.lat) for n in way.nodes}
            if all(WEST < lon < EAST and SOUTH < lat < NORTH for lon, lat in points.values()):
                ways[way.id] = ([n.ref for n in way.nodes], dict(way.tags))
                nodes |= points
    with osmium.SimpleWriter(str(path)) as writer:
        for ref in sorted(nodes):
            writer.add_node(osmium.osm.mutable.Node(id=ref, location=nodes[ref], version=1))
        for number in sorted(ways):
            refs, tags = ways[number]
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags, version=1))
    assert len(ways) > 200
    return path


def test_same_arcs_and_lengths_as_osmnx(part: Path) -> None:
    """Every directed node pair OSMnx makes of the file, with its great-circle length within a micrometre."""
    import osmnx

    graph = osmnx.graph_from_xml(part, simplify=False, retain_all=True)
    theirs: dict[tuple[int, int], float] = {}
    for u, v, length in graph.edges(data="length"):
        theirs[u, v] = min(length, theirs.get((u, v), np.inf))
    segments = read_segments(part)
    tail, head, segment = arcs(segments)
    lengths = segments.length_m[segment].tolist()
    ends = zip(segments.node_id[tail].tolist(), segments.node_id[head].tolist(), strict=True)
    ours = dict(zip(ends, lengths, strict=True))
    assert ours.keys() == theirs.keys()
    assert max(abs(ours[pair] - theirs[pair]) for pair in ours) < 1e-6


def test_junctions_are_those_of_osmnx_and_the_changes(part: Path) -> None:
    """Every node OSMnx keeps as an end point of its simplification is a node here too, unless only barred ways meet."""
    import osmnx

    network = read_network(part, cache=False)
    segments = read_segments(part)
    barred = set(segments.way_id[np.unique(segments.row[segments.barred])].tolist())
    graph = osmnx.graph_from_xml(part, simplify=False, retain_all=True)
    graph.remove_edges_from([(u, v, k) for u, v, k, way in graph.edges(keys=True, data="osmid") if way in barred])
    graph.remove_nodes_from([node for node in list(graph) if graph.degree(node) == 0])
    simplified = osmnx.simplify_graph(graph)
    rings = {u for u, v in simplified.edges() if u == v and simplified.degree(u) <= 4}
    assert set(simplified) - set(network.node_id.tolist()) <= rings
    assert len(simplified) <= network.graph.n < 1.5 * len(simplified)
    loop = network.graph.tail == network.graph.head
    theirs = sum(length for u, v, length in simplified.edges(data="length") if u != v)
    assert network.length_m[~loop].sum() == pytest.approx(theirs, rel=1e-9)  # of some loops OSMnx keeps one direction
    whole = sum(length for _, _, length in graph.edges(data="length"))
    assert network.length_m.sum() == pytest.approx(whole, rel=1e-9)
