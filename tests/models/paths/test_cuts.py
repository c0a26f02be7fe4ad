"""Cuts of single edges against one search per edge; last roads and least cuts against networkx."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.graph import build_graph
from models.paths.isolating_cut import isolating_cut
from models.paths.last_roads import last_roads
from models.paths.nearest_source import nearest_source
from models.paths.single_cuts import single_cuts

NODES = 9
node = st.integers(0, NODES - 1)
weight = st.one_of(st.integers(0, 20).map(float), st.just(float("inf")))
street = st.tuples(node, node, weight, st.booleans())
streets = st.lists(street, max_size=22)
some = st.lists(node, min_size=1, max_size=3)


def build(drawn):
    """Streets, some two-way; the position of each edge's opposite, -1 if none."""
    ends = [(a, b, w, i) for i, (a, b, w, _) in enumerate(drawn)]
    ends += [(b, a, w, i) for i, (a, b, w, both) in enumerate(drawn) if both]
    tail = np.array([e[0] for e in ends], dtype=int)
    graph, order = build_graph(NODES, tail, np.array([e[1] for e in ends], dtype=int))
    return graph, np.array([ends[k][2] for k in order], dtype=float), np.array([ends[k][3] for k in order], dtype=int)


@settings(max_examples=150)
@example([(0, 1, 0.0, False)], [0, 1], [1], 1)  # a source that another source reaches sooner stays a source
@given(streets, some, st.lists(node, max_size=6), st.integers(0, 9))
def test_single_cuts_equal_one_search_per_edge(drawn, sources, targets, offset):
    graph, weights, of_street = build(drawn)
    offsets = np.array([0.0, offset, 0.0][: len(sources)])
    ends = np.array(targets, dtype=int)
    found = single_cuts(graph, weights, np.array(sources), ends, offsets)
    listed = {(int(e), int(t)): a for e, t, a in zip(found.edge, found.target, found.after, strict=True)}
    assert len(listed) == len(found.edge)
    before = nearest_source(graph, weights, np.array(sources), offsets).weight[ends]
    assert np.array_equal(found.before, before)
    for street_cut in set(of_street.tolist()):
        one_way, both_ways = [], np.where(of_street == street_cut, np.inf, weights)
        for e in np.flatnonzero(of_street == street_cut):
            cut = weights.copy()
            cut[e] = np.inf
            after = nearest_source(graph, cut, np.array(sources), offsets).weight[ends]
            mine = np.array([listed.get((int(e), t), before[t]) for t in range(len(ends))])
            assert np.array_equal(mine, after)
            one_way.append(after)
        # the loss of both directions costs each target what the worse single direction costs
        whole = nearest_source(graph, both_ways, np.array(sources), offsets).weight[ends]
        assert np.array_equal(np.max(one_way, axis=0), whole)


@settings(max_examples=150)
@given(streets, some)
def test_last_roads_are_those_whose_loss_loses_the_node(drawn, sources):
    graph, weights, _ = build(drawn)
    is_open = np.isfinite(weights)
    roads = last_roads(graph, is_open, np.array(sources))
    reached = np.isfinite(nearest_source(graph, weights, np.array(sources)).weight)
    assert np.array_equal(roads.reached, reached)
    lost = {v: set() for v in range(NODES)}
    for e in range(graph.m):
        cut = weights.copy()
        cut[e] = np.inf
        for v in np.flatnonzero(reached & np.isinf(nearest_source(graph, cut, np.array(sources)).weight)):
            lost[int(v)].add(e)
    for v in range(NODES):
        assert set(roads.edges_to(v).tolist()) == (lost[v] if reached[v] else set())


def test_dominators_are_those_of_networkx():
    rng = np.random.default_rng(3)
    for _ in range(30):
        tail, head = rng.integers(0, 40, 90), rng.integers(0, 40, 90)
        graph, _ = build_graph(40, tail, head)
        roads = last_roads(graph, np.ones(90, dtype=bool), np.array([0]))
        known = nx.immediate_dominators(nx.DiGraph([(0, 0), *zip(tail.tolist(), head.tolist(), strict=True)]), 0)
        for v in range(1, 40):
            assert roads.dominator[v] == known.get(v, -1)


def test_dominators_of_a_large_network_are_those_of_networkx():
    # a grid of streets with a third of them gone and long dead ends: deep trees, so that paths get compressed
    side = 60
    rng = np.random.default_rng(5)
    cell = np.arange(side * side).reshape(side, side)
    ends = np.concatenate([np.column_stack([cell[:, :-1].ravel(), cell[:, 1:].ravel()]),
                           np.column_stack([cell[:-1].ravel(), cell[1:].ravel()])])  # fmt: skip
    ends = ends[rng.random(len(ends)) < 0.67]
    one_way = ends[rng.random(len(ends)) < 0.7][:, ::-1]
    table = np.concatenate([ends, one_way])
    graph, _ = build_graph(side * side, table[:, 0], table[:, 1])
    source = int(cell[side // 2, side // 2])
    roads = last_roads(graph, np.ones(graph.m, dtype=bool), np.array([source]))
    known = nx.immediate_dominators(nx.DiGraph(table.tolist()), source)
    assert len(known) > 2000
    assert [int(roads.dominator[v]) for v in range(graph.n)] == [
        -1 if known.get(v) is None or v == source else known[v] for v in range(graph.n)
    ]


@settings(max_examples=150)
@given(streets, some, node, st.lists(st.booleans(), min_size=44, max_size=44))
def test_least_cut_equals_networkx_and_isolates(drawn, sources, target, may):
    graph, weights, _ = build(drawn)
    is_open = np.isfinite(weights)
    cuttable = np.array(may[: graph.m], dtype=bool)
    edges = isolating_cut(graph, is_open, np.array(sources), target, cuttable)
    table = nx.DiGraph()
    table.add_nodes_from([*range(NODES), "source"])
    for s in sources:
        table.add_edge("source", s)  # no capacity: unlimited
    for e in np.flatnonzero(is_open):
        u, v = int(graph.tail[e]), int(graph.head[e])
        if not cuttable[e]:
            table.add_edge(u, v)
            table[u][v].pop("capacity", None)
        elif not table.has_edge(u, v):
            table.add_edge(u, v, capacity=1)
        elif "capacity" in table[u][v]:
            table[u][v]["capacity"] += 1
    try:
        least = nx.maximum_flow_value(table, "source", target)
    except nx.NetworkXUnbounded:
        assert edges is None
        return
    assert len(edges) == least
    assert cuttable[edges].all()
    cut = weights.copy()
    cut[edges] = np.inf
    assert np.isinf(nearest_source(graph, cut, np.array(sources)).weight[target])
