"""Lengths, nearest targets, turns, partial updates and threads against plain searches on random graphs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.graph import build_graph
from models.paths import (
    customise,
    matrix,
    matrix_with_lengths,
    nearest,
    one_to_all,
    prepare,
    recustomise,
    scenario_matrices,
    split_turns,
    times,
)
from tests.models.paths.test_hierarchy import NODES, arcs, floyd_warshall, node, weight


def build(drawn):
    graph, order = build_graph(
        NODES, np.array([a for a, _, _ in drawn], dtype=int), np.array([b for _, b, _ in drawn], dtype=int)
    )
    return graph, np.array([w for _, _, w in drawn])[order] if drawn else np.empty(0)


@settings(max_examples=150)
@given(arcs, st.lists(st.integers(0, 9), min_size=40, max_size=40))
def test_length_is_that_of_the_shortest_among_the_fastest(drawn, lengths):
    # one number whose digits above a million are the time and below it the length orders paths the same way
    graph, weights = build([(a, b, min(w, 60.0) if np.isfinite(w) else w) for a, b, w in drawn])
    length = np.array(lengths[: graph.m], dtype=float)
    everyone = np.arange(NODES)
    found, along = matrix_with_lengths(prepare(graph), weights, length, everyone, everyone)
    both = floyd_warshall(NODES, graph.tail, graph.head, weights * 1e6 + length)
    reached = np.isfinite(both)
    assert np.array_equal(np.isfinite(found), reached)
    assert np.array_equal(np.isfinite(along), reached)
    assert np.array_equal(found[reached], both[reached] // 1e6)
    assert np.array_equal(along[reached], both[reached] % 1e6)


@settings(max_examples=200)
@given(arcs, st.lists(node, max_size=5), st.lists(node, max_size=8), st.integers(1, 9))
def test_nearest_are_the_first_of_the_sorted_row(drawn, sources, targets, k):
    graph, weights = build(drawn)
    ends = np.array(targets, dtype=int)
    position, value = nearest(prepare(graph), customise(prepare(graph), weights), np.array(sources, dtype=int), ends, k)
    whole = floyd_warshall(NODES, graph.tail, graph.head, weights)
    for row, source in enumerate(sources):
        known = sorted((whole[source, t], i) for i, t in enumerate(targets) if np.isfinite(whole[source, t]))[:k]
        known += [(np.inf, -1)] * (k - len(known))
        assert list(zip(value[row].tolist(), position[row].tolist(), strict=True)) == known


@settings(max_examples=150)
@given(arcs, st.lists(node, max_size=5), st.lists(node, max_size=5))
def test_few_questions_are_answered_by_scipy_alike(drawn, sources, targets):
    graph, weights = build(drawn)
    ends = np.array(sources, dtype=int), np.array(targets, dtype=int)
    whole = floyd_warshall(NODES, graph.tail, graph.head, weights)
    assert np.array_equal(times(graph, weights, *ends), whole[np.ix_(*ends)])


def test_many_questions_are_answered_by_the_hierarchy_alike():
    # 60 × (n + m) is above the rule's limit, 10 × (n + m) below
    rng = np.random.default_rng(5)
    tail = np.repeat(np.arange(20_000), 2)
    graph, _ = build_graph(20_000, tail, np.minimum(tail + rng.integers(0, 40, 40_000), 19_999))
    weights = rng.integers(0, 1000, graph.m).astype(float)
    sources, targets = rng.integers(0, 20_000, 60), rng.integers(0, 20_000, 90)
    found = times(graph, weights, sources, targets)
    assert np.isfinite(found).any()
    assert np.isinf(found).any()
    assert np.array_equal(found[:10], times(graph, weights, sources[:10], targets))


@settings(max_examples=150)
@given(arcs, st.lists(st.tuples(st.integers(0, 39), weight), max_size=6))
def test_partial_update_equals_a_full_customisation(drawn, changes):
    graph, before = build(drawn)
    after = before.copy()
    edges = np.array([e % graph.m for e, _ in changes] if graph.m else [], dtype=int)
    for e, (_, w) in zip(edges, changes, strict=False):
        after[e] = w
    hierarchy = prepare(graph)
    full = customise(hierarchy, after)
    part = recustomise(hierarchy, customise(hierarchy, before), after, edges)
    assert np.array_equal(part.up, full.up)
    assert np.array_equal(part.down, full.down)


@settings(max_examples=150)
@given(arcs, st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=20), node)
def test_split_graph_is_the_search_over_pairs_of_edges(drawn, wanted, source):
    graph, weights = build(drawn)
    pairs = [(a, b) for a, b in wanted if max(a, b) < graph.m and graph.head[a] == graph.tail[b]]
    split = split_turns(graph, np.array(pairs, dtype=int).reshape(-1, 2))
    hierarchy = prepare(split.graph)
    found = split.fold(one_to_all(hierarchy, customise(hierarchy, weights[split.edge_of]), np.array([source])))[0]
    # relaxation over edges as states: the cost of standing at the end of each edge
    at_end = np.where(graph.tail == source, weights, np.inf)
    banned = set(pairs)
    for _ in range(graph.m):
        for a in range(graph.m):
            for b in range(graph.first_out[graph.head[a]], graph.first_out[graph.head[a] + 1]):
                if (a, b) not in banned:
                    at_end[b] = min(at_end[b], at_end[a] + weights[b])
    known = np.full(NODES, np.inf)
    np.minimum.at(known, graph.head, at_end)
    known[source] = 0.0
    assert np.array_equal(found, known)


def test_turn_of_edges_that_do_not_meet_is_refused():
    graph, _ = build_graph(3, np.array([0, 0]), np.array([1, 2]))
    with pytest.raises(ValueError, match="meet at a node"):
        split_turns(graph, np.array([[0, 1]]))


def test_threads_change_nothing():
    rng = np.random.default_rng(1)
    graph, _ = build_graph(500, rng.integers(0, 500, 1500), rng.integers(0, 500, 1500))
    weights = rng.integers(0, 1000, 1500).astype(float)
    hierarchy = prepare(graph)
    metric = customise(hierarchy, weights)
    everyone = np.arange(500)
    assert np.array_equal(
        matrix(hierarchy, metric, everyone, everyone), matrix(hierarchy, metric, everyone, everyone, threads=3)
    )
    changes = [(rng.integers(0, 1500, 15), np.full(15, np.inf)) for _ in range(50)]
    ends = everyone[:10], everyone
    assert np.array_equal(
        scenario_matrices(hierarchy, weights, changes, *ends),
        scenario_matrices(hierarchy, weights, changes, *ends, threads=2),
    )
    with pytest.raises(ValueError, match="at least one thread"):
        matrix(hierarchy, metric, everyone, everyone, threads=0)


@settings(max_examples=150)
@given(arcs, st.lists(node, min_size=1, max_size=40), st.lists(node, min_size=1, max_size=8),
       st.sampled_from([1.0, 0.5, 2.0**24, 2.0**28, 2.0**40]))  # fmt: skip
def test_whole_numbers_in_short_words_give_the_same_answers(drawn, sources, targets, scale):
    # up to 2³¹ - 1 sums are made in 32 bits; halves and larger sums must not be
    graph, weights = build(drawn)
    weights = weights * scale
    hierarchy = prepare(graph)
    expected = times(graph, weights, np.array(sources), np.array(targets))
    assert np.array_equal(
        matrix(hierarchy, customise(hierarchy, weights), np.array(sources), np.array(targets)), expected
    )
    half = (np.array([0]), np.array([np.inf]))
    changes = [(np.empty(0, dtype=int), np.empty(0)), half if graph.m else (np.empty(0, dtype=int), np.empty(0))] * 9
    found = scenario_matrices(hierarchy, weights, changes, np.array(sources), np.array(targets))
    closed = weights.copy()
    closed[:1] = np.inf
    assert np.array_equal(found[0], expected)
    assert np.array_equal(found[17], times(graph, closed, np.array(sources), np.array(targets)))


@pytest.mark.parametrize("whole", [2**31 - 3, 2**31 - 2, 2**31 - 1, 2**31, 2**33])
def test_the_longest_way_that_fits(whole):
    # a chain whose length is just below, at and above what 32 bits can tell from out of reach
    graph, _ = build_graph(4, np.array([0, 1]), np.array([1, 2]))
    weights = np.array([1.0, whole - 1.0])
    hierarchy = prepare(graph)
    found = matrix(hierarchy, customise(hierarchy, weights), np.array([0, 1, 3]), np.array([2, 1, 0]))
    assert found.tolist() == [[whole, 1, 0], [whole - 1, 0, np.inf], [np.inf] * 3]
    more = scenario_matrices(hierarchy, np.ones(2), [(np.array([1]), weights[1:])] * 20, np.array([0]), np.array([2]))
    assert (more == whole).all()
