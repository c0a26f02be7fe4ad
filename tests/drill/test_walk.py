"""Ways on foot along roads, against a hand-made line and against networkx on the embedded county."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from dispatch.drill.facts import Facts
from dispatch.drill.walk import Walks, metres_between
from tests import qinshui, tiny


def test_way_along_a_line_and_round_a_closed_road():
    """Nodes 0, 1, 2 in a line, 10 km each; a detour 0 → 3 → 2 of 15 km each is taken when 0 – 1 is closed."""
    roads = tiny.network([(0, 1, 10), (1, 2, 10), (0, 3, 15), (3, 2, 15)])
    lon, lat = roads.node_lon, roads.node_lat
    straight = Walks(roads).way(lon[0], lat[0], lon[2], lat[2])
    assert straight.length_m == pytest.approx(20_000)
    assert straight.dry
    assert straight.walk_s == pytest.approx(20 / 3 * 3600)
    closed = [edge for edge in roads.edge_id if edge.startswith("r01")]
    round_it = Walks(roads, closed).way(lon[0], lat[0], lon[2], lat[2])
    assert (round_it.length_m, round_it.dry) == (pytest.approx(30_000), True)
    cut = Walks(roads, [*closed, *(e for e in roads.edge_id if e.startswith("r03"))]).way(
        lon[0], lat[0], lon[2], lat[2]
    )
    assert (cut.length_m, cut.dry) == (pytest.approx(20_000), False)  # no dry way: the shortest, and it is said


def test_distance_on_the_sphere():
    """A degree of latitude is π/180 of the mean radius."""
    away = metres_between(np.array([112.0]), np.array([35.0]), 112.0, 36.0)
    assert away[0] == pytest.approx(np.pi / 180 * 6_371_008.8)


def test_county_distances_are_those_of_networkx():
    network = qinshui.network()
    graph = nx.Graph()
    for tail, head, length in zip(network.graph.tail, network.graph.head, network.length_m, strict=True):
        if not graph.has_edge(tail, head) or graph.edges[tail, head]["m"] > length:
            graph.add_edge(int(tail), int(head), m=max(float(length), 0.1))
    rng = np.random.default_rng(5)
    walks = Walks(network)
    for start, end in rng.choice(network.graph.n, size=(12, 2)).tolist():
        lon, lat = network.node_lon, network.node_lat
        found = walks.way(lon[start], lat[start], lon[end], lat[end])
        if nx.has_path(graph, start, end) and start != end:
            assert found.length_m == pytest.approx(nx.dijkstra_path_length(graph, start, end, "m"), rel=1e-9)


def test_a_shelter_without_a_position_lies_at_its_place():
    """Villages A and B stand on the roads; the only shelter is entered at B without coordinates."""
    bare = {"shelter": "SB", "name": "B小学", "place": "B", "capacity": 80}
    spots = [{"place": p, "name": f"{p}村", "kind": "village", "population": 100, "lon": 112.0 + k / 10, "lat": 35.5}
             for k, p in enumerate("ABC")]  # fmt: skip
    facts = Facts(tiny.one_depot(tables={"places": spots, "shelters": [bare]}), None, "flash_flood")
    walk = facts.spot("A").walk
    assert facts.spot("A").shelter == "SB"
    assert walk.length_m == walk.length_m >= metres_between(np.array([112.0]), np.array([35.5]), 112.1, 35.5)[0] * 0.9
