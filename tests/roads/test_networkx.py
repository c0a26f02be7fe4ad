"""To networkx and back without loss, through OSMnx's own GraphML too; and graphs that OSMnx made."""

from __future__ import annotations

import math
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from dispatch.problems import InputProblems
from dispatch.roads.attach import attach
from dispatch.roads.components import component_sizes
from dispatch.roads.network import ROAD_CLASSES, SURFACES, RoadNetwork
from dispatch.roads.networkx_graph import from_networkx, to_networkx
from dispatch.roads.osm import OSM_ATTRIBUTION
from dispatch.roads.read import read_network
from tests import tiny
from tests.roads.osm_text import assert_same, assert_sound, by_id, grid, osm, write
from tests.shared import shared_path

NODES = grid(n1=(0, 0), n2=(1, 0), n3=(2, 0), n4=(2, 1), n5=(1, 1), n6=(3, 0), n7=(4, 0))


@pytest.fixture
def town(tmp_path: Path) -> RoadNetwork:
    """Every attribute occurs: limits, bridge, tunnel, ford, names, one-way, a loop, a ban, a site in mid-road."""
    ways = [
        (
            10,
            [1, 2, 3],
            {"highway": "primary", "name": "沁河大道", "ref": "S331;S80", "lanes": "2", "surface": "asphalt"},
        ),
        (11, [3, 4], {"highway": "tertiary", "bridge": "yes", "maxweight": "5.5", "maxspeed": "40 mph"}),
        (12, [4, 5, 2], {"highway": "residential", "oneway": "-1", "maxheight": "3'6\"", "maxwidth": "2.2"}),
        (13, [3, 6], {"highway": "track", "tunnel": "yes", "tracktype": "grade4"}),
        (14, [6, 7, 6], {"highway": "service", "ford": "yes", "surface": "gravel"}),
    ]
    text = osm(NODES, ways, [("no_left_turn", 10, 3, 11)], generator="schematic")
    network = read_network(write(tmp_path, text), cache=False)
    network, node, _ = attach(network, np.array([112.0005]), np.array([35.7001]))
    assert node[0] >= 0
    assert network.schematic
    assert len(network.banned_turns)
    return network


def test_there_and_back(town: RoadNetwork) -> None:
    """Every array equal, bit by bit."""
    assert_same(from_networkx(to_networkx(town)), town)


def test_through_osmnx_graphml(town: RoadNetwork, tmp_path: Path) -> None:
    """OSMnx writes the graph as text and reads it; so does the library, and nothing is lost."""
    import osmnx

    osmnx.save_graphml(to_networkx(town), tmp_path / "town.graphml")
    assert_same(read_network(tmp_path / "town.graphml", cache=False), town)
    loaded = osmnx.load_graphml(tmp_path / "town.graphml")
    assert_same(from_networkx(loaded), town)


def test_osmnx_takes_the_graph_for_its_own(town: RoadNetwork) -> None:
    """Its conversions, speeds and routes work on it, and give the length of our shortest path."""
    import osmnx

    graph = to_networkx(town)
    nodes, edges = osmnx.graph_to_gdfs(graph)
    assert (len(nodes), len(edges)) == (town.graph.n, town.graph.m)
    osmnx.add_edge_speeds(graph)
    route = osmnx.shortest_path(graph, 1, 6, weight="length")
    assert route[0] == 1
    assert route[-1] == 6
    meant = town.length_m[town.edge_index["13:3-6"]]
    assert nx.path_weight(graph, route[-2:], "length") == pytest.approx(meant)


def test_any_network_of_the_tests_too() -> None:
    network = tiny.network([(0, 1, 3.0), (1, 2, 4.0), (0, 2, 9.0)])
    assert_same(from_networkx(to_networkx(network)), network)


def test_andorra_there_and_back() -> None:
    network = read_network(shared_path("data/roads_andorra/andorra-20130528.osm.pbf"), cache=False)
    assert_same(from_networkx(to_networkx(network)), network)


def _osmnx_like(**edge: object) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(crs="epsg:4326", created_with="OSMnx 2.1.1")
    for node, (lon, lat) in NODES.items():
        graph.add_node(node, x=lon, y=lat)
    graph.add_edge(1, 2, osmid=10, highway="primary", oneway=False, reversed=False, length=100.0)
    graph.add_edge(2, 1, osmid=10, highway="primary", oneway=False, reversed=True, length=100.0)
    graph.add_edge(2, 3, **{"osmid": 11, "highway": "residential", "oneway": True, "length": 50.0, **edge})
    return graph


def test_merged_attributes() -> None:
    """Of several values in one edge the one that limits counts; a list may come as text."""
    network = from_networkx(_osmnx_like(
        osmid=[11, 12], highway=["trunk", "track", "primary_link"], maxspeed=["50", "30"], name=["甲路", "乙路"],
        bridge="['yes', 'viaduct']", surface="['asphalt', 'gravel']", maxweight="20", lanes=["2", "1"], tunnel="no",
    ))  # fmt: skip
    e = network.edge_index["11:2-3"]
    assert ROAD_CLASSES[network.road_class[e]] == "track"
    assert SURFACES[network.surface[e]] == "gravel"
    assert (network.max_speed_kmh[e], network.max_weight_t[e], network.lanes[e]) == (30.0, 20.0, 1.0)
    assert (network.name[e], network.bridge[e], network.tunnel[e]) == ("甲路;乙路", True, False)
    assert network.ways[e] == (11, 12)
    assert network.length_m[e] == 50.0  # OSMnx's own, not the geometry's
    assert network.attribution == OSM_ATTRIBUTION
    assert_sound(network)


def test_twins_are_found_where_the_graph_does_not_name_them() -> None:
    network = from_networkx(_osmnx_like())
    twins = {str(network.edge_id[e]): int(t) for e, t in enumerate(network.twin)}
    assert network.edge_id[twins["10:1-2"]] == "10:2-1"
    assert twins["11:2-3"] == -1


def test_projected_graphs_come_back_to_degrees() -> None:
    """``osmnx.project_graph`` gives metres of a UTM zone; a micrometre is 1e-11 degrees."""
    import osmnx

    graph = _osmnx_like()
    plain = from_networkx(graph)
    network = from_networkx(osmnx.project_graph(graph))
    np.testing.assert_allclose(network.node_lon, plain.node_lon, atol=1e-9)
    np.testing.assert_allclose(network.shape_lat, plain.shape_lat, atol=1e-9)


def test_ways_without_vehicles_are_left_out() -> None:
    graph = _osmnx_like(highway="footway")
    assert sorted(by_id(from_networkx(graph), "length_m")) == ["10:1-2", "10:2-1"]
    with pytest.raises(InputProblems):
        from_networkx(nx.MultiDiGraph())


@pytest.mark.parametrize("edge", [{"length": "long"}, {"osmid": "ten"}, {"geometry": "LINESTRING (a b)"}])
def test_bad_values_are_reported(edge: dict[str, object]) -> None:
    with pytest.raises(InputProblems):
        from_networkx(_osmnx_like(**edge))


def test_camp_fire_graph() -> None:
    """The counts of SOURCES.md (2,645 nodes, 5,927 edges, 1,149 km, largest strong component 2,643)."""
    network = read_network(shared_path("data/evac_camp_fire/camp_road_graph_8000_11_07_18.graphml"), cache=False)
    assert (network.graph.n, network.graph.m) == (2_645, 5_927)
    assert round(network.length_m.sum() / 1000) == 1_149
    assert component_sizes(network, "strong")[0] == 2_643
    assert len(component_sizes(network, "weak")) == 1
    assert network.attribution == OSM_ATTRIBUTION
    assert_sound_but_for_shapes(network)
    assert (network.twin >= 0).mean() > 0.9


def assert_sound_but_for_shapes(network: RoadNetwork) -> None:
    """OSMnx's geometries end at its nodes to its rounding of coordinates."""
    start = network.shape_first[:-1]
    gap = np.abs(network.shape_lon[start] - network.node_lon[network.graph.tail]).max()
    assert gap < 1e-6
    assert len(set(network.edge_id)) == network.graph.m
    assert not math.isnan(network.length_m.sum())
