"""Real mountain networks with random closures against SciPy; at 1 % most of a tree-like network is out of reach."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.roads.matrices import closure_matrices, fastest_way, time_matrix
from dispatch.roads.prepared import prepare_roads
from dispatch.roads.profile_norms import read_profiles
from dispatch.roads.profiles import travel_ms
from dispatch.roads.read import read_network
from dispatch.roads.travel import NEVER
from models.graph import build_graph
from models.paths import customise, matrix, prepare
from models.paths.times import FEW, times
from tests.shared import shared_path

NETWORKS = [
    ("data/roads_andorra/andorra-20250118.osm.pbf", None),
    ("data/evac_lithgow/lithgow_surrounds_network_epsg7855.xml.gz", 7855),
    ("data/roads_yarra_ranges/yarra_cardinia_bawbaw_shires_network.xml.gz", 28355),
    ("data/evac_camp_fire/camp_road_graph_8000_11_07_18.graphml", None),
]


@pytest.mark.parametrize(("path", "crs"), NETWORKS)
def test_equals_scipy_with_random_closures(path, crs):
    network = read_network(shared_path(path), crs=crs)
    roads = prepare_roads(network, cache=False)
    graph = network.graph
    rng = np.random.default_rng(2018)
    crossing = travel_ms(network, read_profiles()["car"])
    sources, targets = rng.choice(graph.n, 5, replace=False), rng.choice(graph.n, 200, replace=False)
    nights = [{str(e): NEVER for e in rng.choice(network.edge_id, graph.m // 100, replace=False)} for _ in range(3)]
    found = closure_matrices(roads, crossing, nights, sources, targets)
    assert (
        len(sources) * (network.drivable.graph.n + network.drivable.graph.m) < FEW
    )  # so that ``times`` is SciPy's Dijkstra
    for night, table in zip(nights, found, strict=True):
        closed = crossing.copy()
        closed[[network.edge_index[e] for e in night]] = NEVER
        split = network.drivable  # banned turns kept
        weight = np.where(closed >= NEVER, np.inf, closed)[split.edge_of]
        expected = split.fold(times(split.graph, weight, sources, np.arange(split.graph.n)))[:, targets]
        assert np.array_equal(table, expected)
        assert np.array_equal(time_matrix(roads, closed, sources, targets), expected)
        for target in range(0, 200, 40):
            way = fastest_way(roads, closed, int(sources[0]), int(targets[target]))
            assert (np.inf if way is None else way.time_ms) == expected[0, target]


def test_one_percent_of_closures_leaves_most_of_a_tree_out_of_reach():
    # a chain of 2,000 roads with a village at each end of 500 side roads: some closure lies on nearly every way
    chain, leaves = np.arange(2000), np.arange(2001, 2501)
    inner = np.linspace(0, 2000, 500, dtype=int)
    ends = np.r_[np.column_stack([chain, chain + 1]), np.column_stack([inner, leaves])]
    graph, _ = build_graph(2501, np.r_[ends[:, 0], ends[:, 1]], np.r_[ends[:, 1], ends[:, 0]])
    rng = np.random.default_rng(1)
    weight = rng.integers(1, 1000, graph.m).astype(float)
    weight[rng.choice(graph.m, graph.m // 100, replace=False)] = np.inf
    hierarchy = prepare(graph)
    found = matrix(hierarchy, customise(hierarchy, weight), leaves[::50], leaves)
    assert np.isinf(found).mean() > 0.5
    assert np.array_equal(found, times(graph, weight, leaves[::50], leaves))
