"""Thousands of random graphs against networkx: one-ways, parallel arcs, loops, lonely nodes, closures, all weights."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from models.graph import build_graph
from models.paths import customise, matrix, nearest_source, one_to_all, prepare, scenario_matrices, shortest_path
from models.paths.times import times


def draw(rng):
    """Nodes, ends and weights; a tenth closed, some zero, some huge."""
    n = int(rng.integers(2, 24))
    m = int(rng.integers(0, 3 * n))
    tail, head = rng.integers(0, n, m), rng.integers(0, n, m)
    weight = rng.choice([0.0, 1.0, 2.0, 3.0, 60_000.0, 2.0**31, 2.0**45, np.inf], m)
    weight = np.where(rng.random(m) < 0.5, rng.integers(0, 1000, m).astype(float), weight)
    back = rng.random(m) < 0.6  # two-way streets among the one-ways
    return n, np.r_[tail, head[back]], np.r_[head, tail[back]], np.r_[weight, weight[back]]


@pytest.mark.slow
def test_two_thousand_graphs():
    rng = np.random.default_rng(20)
    lost = 0
    for _ in range(2000):
        n, tail, head, weights = draw(rng)
        graph, order = build_graph(n, tail, head)
        weight = weights[order]
        known = nx.MultiDiGraph()
        known.add_nodes_from(range(n))
        known.add_weighted_edges_from(
            (int(a), int(b), float(w)) for a, b, w in zip(tail, head, weights, strict=True) if w < np.inf
        )
        expected = np.full((n, n), np.inf)
        for source, row in nx.all_pairs_dijkstra_path_length(known):
            expected[source, list(row)] = list(row.values())
        everyone = np.arange(n)
        hierarchy = prepare(graph)
        metric = customise(hierarchy, weight)
        assert np.array_equal(matrix(hierarchy, metric, everyone, everyone), expected)
        assert np.array_equal(one_to_all(hierarchy, metric, everyone[:3]), expected[:3])
        assert np.array_equal(times(graph, weight, everyone, everyone), expected)
        assert np.array_equal(nearest_source(graph, weight, everyone[:2]).weight, expected[:2].min(axis=0))
        none = (np.empty(0, dtype=np.int64), np.empty(0))
        assert np.array_equal(scenario_matrices(hierarchy, weight, [none], everyone, everyone)[0], expected)
        way = shortest_path(hierarchy, metric, weight, 0, n - 1)
        assert (np.inf if way is None else weight[way].sum()) == expected[0, n - 1]
        lost += np.isinf(expected).sum()
    assert lost > 10_000
