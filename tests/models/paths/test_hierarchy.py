"""The hierarchy against SciPy's Dijkstra on random graphs with closures, parallel arcs, loops and islands."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from models.graph import build_graph
from models.paths import customise, matrix, one_to_all, prepare, scenario_matrices, shortest_path

NODES = 12
node = st.integers(0, NODES - 1)
weight = st.one_of(st.integers(0, 50).map(float), st.just(float("inf")), st.just(1e12))
arcs = st.lists(st.tuples(node, node, weight), max_size=40)


def floyd_warshall(n, tail, head, weights):
    """All pairs by three lines that cannot share a fault with the hierarchy."""
    dense = np.full((n, n), np.inf)
    np.minimum.at(dense, (tail, head), weights)
    np.fill_diagonal(dense, 0.0)
    for k in range(n):
        dense = np.minimum(dense, dense[:, k : k + 1] + dense[k : k + 1, :])
    return dense


@settings(max_examples=400)
@given(arcs, st.lists(node, min_size=1, max_size=20), st.lists(node, min_size=1, max_size=5))
def test_equals_floyd_warshall(arcs, sources, targets):
    tail = np.array([a for a, _, _ in arcs], dtype=np.int64)
    head = np.array([b for _, b, _ in arcs], dtype=np.int64)
    graph, order = build_graph(NODES, tail, head)
    weights = np.array([w for _, _, w in arcs])[order] if arcs else np.empty(0)
    hierarchy = prepare(graph)
    found = matrix(hierarchy, customise(hierarchy, weights), np.array(sources), np.array(targets))
    expected = floyd_warshall(NODES, graph.tail, graph.head, weights)
    assert np.array_equal(found, expected[np.ix_(sources, targets)])
    assert np.array_equal(one_to_all(hierarchy, customise(hierarchy, weights), np.array(sources)), expected[sources])


@settings(max_examples=300)
@given(arcs, node, node)
def test_paths_lead_from_source_to_target_and_weigh_what_the_matrix_says(arcs, source, target):
    graph, order = build_graph(
        NODES, np.array([a for a, _, _ in arcs], dtype=int), np.array([b for _, b, _ in arcs], dtype=int)
    )
    weights = np.array([w for _, _, w in arcs])[order] if arcs else np.empty(0)
    hierarchy = prepare(graph)
    metric = customise(hierarchy, weights)
    distance = matrix(hierarchy, metric, np.array([source]), np.array([target]))[0, 0]
    edges = shortest_path(hierarchy, metric, weights, source, target)
    if np.isinf(distance):
        assert edges is None
        return
    at = source
    for edge in edges:
        assert graph.tail[edge] == at
        at = graph.head[edge]
    assert at == target
    assert weights[edges].sum() == distance


def test_equals_scipy_on_a_grid_with_one_ways():
    rng = np.random.default_rng(7)
    side = 40
    grid = np.arange(side * side).reshape(side, side)
    pairs = np.vstack([
        np.column_stack([grid[:, :-1].ravel(), grid[:, 1:].ravel()]),
        np.column_stack([grid[:-1].ravel(), grid[1:].ravel()]),
    ])  # fmt: skip
    both = np.vstack([pairs, pairs[rng.random(len(pairs)) < 0.7][:, ::-1]])
    graph, order = build_graph(side * side, both[:, 0], both[:, 1])
    hierarchy = prepare(graph)
    everyone = np.arange(side * side)
    for closed in (0.0, 0.01, 0.3):
        weights = rng.integers(1, 1000, len(both)).astype(np.float64)[order]
        weights[rng.random(len(weights)) < closed] = np.inf
        open_ = np.isfinite(weights)
        table = coo_matrix((weights[open_], (graph.tail[open_], graph.head[open_])), shape=(graph.n, graph.n)).tocsr()
        sources = rng.choice(graph.n, 37, replace=False)
        found = matrix(hierarchy, customise(hierarchy, weights), sources, everyone)
        assert np.array_equal(found, dijkstra(table, indices=sources))


def test_negative_and_missing_weights_are_refused():
    graph, _ = build_graph(2, np.array([0]), np.array([1]))
    hierarchy = prepare(graph)
    for bad in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="0 or more"):
            customise(hierarchy, np.array([bad]))


changes = st.lists(st.lists(st.tuples(st.integers(0, 39), weight), max_size=6), max_size=20)


@settings(max_examples=200)
@given(arcs, changes, st.lists(node, max_size=4), st.lists(node, max_size=4))
def test_scenarios_equal_one_customisation_each(arcs, changes, sources, targets):
    graph, order = build_graph(
        NODES, np.array([a for a, _, _ in arcs], dtype=int), np.array([b for _, b, _ in arcs], dtype=int)
    )
    weights = np.array([w for _, _, w in arcs])[order] if arcs else np.empty(0)
    lists = [
        (np.array([e % graph.m for e, _ in change], dtype=int), np.array([w for _, w in change], dtype=float))
        if graph.m else (np.empty(0, dtype=int), np.empty(0))
        for change in changes
    ]  # fmt: skip
    hierarchy = prepare(graph)
    ends = np.array(sources, dtype=int), np.array(targets, dtype=int)
    found = scenario_matrices(hierarchy, weights, lists, *ends)
    for scenario, (edges, values) in enumerate(lists):
        changed = weights.copy()
        for e, w in zip(edges, values, strict=True):
            changed[e] = w
        assert np.array_equal(found[scenario], matrix(hierarchy, customise(hierarchy, changed), *ends))
