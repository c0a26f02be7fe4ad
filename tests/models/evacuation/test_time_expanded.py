"""Flows over time: by hand, against an independent maximum flow, and that streams keep every rule."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evacuation import flow_over_time
from models.graph import build_graph


def graph_of(n, arcs):
    graph, order = build_graph(n, np.array([a for a, _ in arcs]), np.array([b for _, b in arcs]))
    return graph, order


def test_a_bottleneck_lets_two_a_step_through():
    """7 people, 3 steps to cross, 2 may enter a step: they arrive at 3, 3, 4, 4, 5, 5, 6 (sum 30)."""
    graph, _ = graph_of(2, [(0, 1)])
    found = flow_over_time(graph, [3], np.full((1, 10), 2), [(0, 0, 9, 7)], [(1, 100)], 10)
    assert (found.moved, found.unit_steps) == (7, 30)
    assert found.left.tolist() == [0]


def test_whom_the_horizon_or_the_shelter_leaves_over():
    graph, _ = graph_of(2, [(0, 1)])
    found = flow_over_time(graph, [3], np.full((1, 5), 2), [(0, 0, 4, 7)], [(1, 100)], 5)
    assert (found.moved, found.left.tolist()) == (4, [3])  # entering at 0 and 1 only
    found = flow_over_time(graph, [3], np.full((1, 10), 2), [(0, 0, 9, 7)], [(1, 5)], 10)
    assert (found.moved, found.left.tolist()) == (5, [2])


def test_a_road_that_closes_sends_the_rest_round():
    """The short road closes at step 2; the long one takes 5 steps: 2 go straight (1, 2), 2 round (5, 6)."""
    graph, order = graph_of(2, [(0, 1), (0, 1)])
    crossing, capacity = np.array([1, 5])[order], np.ones((2, 10), dtype=int)
    capacity[list(order).index(0), 2:] = 0
    found = flow_over_time(graph, crossing, capacity, [(0, 0, 9, 4)], [(1, 9)], 10)
    assert (found.moved, found.unit_steps) == (4, 1 + 2 + 5 + 6)


def test_who_may_wait_at_a_junction_passes_two_bottlenecks():
    """The second road opens at step 4 only, the first closes after step 0: without waiting nobody gets through."""
    graph, _ = graph_of(3, [(0, 1), (1, 2)])
    capacity = np.zeros((2, 8), dtype=int)
    capacity[0, 0], capacity[1, 4:] = 3, 1
    sources, sinks = [(0, 0, 7, 3)], [(2, 9)]
    assert flow_over_time(graph, [1, 1], capacity, sources, sinks, 8).moved == 0
    found = flow_over_time(graph, [1, 1], capacity, sources, sinks, 8, wait=True)
    assert (found.moved, found.unit_steps) == (3, 5 + 6 + 7)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_random_networks(data):
    """As many as an independently built maximum flow; every stream keeps roads, slots, releases and rooms."""
    n, steps = data.draw(st.integers(2, 4)), data.draw(st.integers(2, 6))
    pairs = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda a: a[0] != a[1])
    arcs = data.draw(st.lists(pairs, min_size=1, max_size=6))
    graph, _ = graph_of(n, arcs)
    m = graph.m
    crossing = np.array(data.draw(st.lists(st.integers(0, 2), min_size=m, max_size=m)))
    cells = data.draw(st.lists(st.integers(0, 2), min_size=m * steps, max_size=m * steps))
    capacity = np.array(cells).reshape(m, steps)
    source = st.tuples(st.integers(0, n - 1), st.integers(0, 2), st.integers(0, 5), st.integers(1, 4))
    sources = data.draw(st.lists(source, min_size=1, max_size=2))
    sinks = data.draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(1, 5)), min_size=1, max_size=2))
    wait = data.draw(st.booleans())
    found = flow_over_time(graph, crossing, capacity, sources, sinks, steps, wait=wait)
    assert found.moved == _max_flow(graph, crossing, capacity, sources, sinks, steps, wait)
    entered: Counter[tuple[int, int]] = Counter()
    for stream in found.streams:
        node, begin, last, _ = sources[stream.source]
        now = stream.depart
        assert begin <= stream.depart <= last
        for edge, step in zip(stream.edges, stream.enter, strict=True):
            assert graph.tail[edge] == node
            assert step == now if not wait else step >= now
            entered[edge, step] += stream.amount
            node, now = int(graph.head[edge]), step + int(crossing[edge])
        assert node == sinks[stream.sink][0]
        assert now == stream.arrive if not wait else now <= stream.arrive
        assert stream.arrive < steps
    assert all(amount <= capacity[edge, step] for (edge, step), amount in entered.items())
    for k, (*_, units) in enumerate(sources):
        assert sum(s.amount for s in found.streams if s.source == k) + found.left[k] == units
    for k, (_, room) in enumerate(sinks):
        assert sum(s.amount for s in found.streams if s.sink == k) <= room


def _max_flow(graph, crossing, capacity, sources, sinks, steps, wait):
    net = nx.DiGraph()

    def add(a, b, most):
        net.add_edge(a, b, capacity=net.edges[a, b]["capacity"] + most if net.has_edge(a, b) else most)

    for edge in range(graph.m):
        for t in range(steps - int(crossing[edge])):
            add((int(graph.tail[edge]), t), (int(graph.head[edge]), t + int(crossing[edge])), int(capacity[edge, t]))
    for node in range(graph.n):
        for t in range(steps - 1):
            if wait:
                add((node, t), (node, t + 1), 99)
    for k, (node, begin, last, units) in enumerate(sources):
        add("s", ("source", k), units)
        for t in range(begin, min(last, steps - 1) + 1):
            add(("source", k), (node, t), units)
    for k, (node, room) in enumerate(sinks):
        add(("sink", k), "t", room)
        for t in range(steps):
            add((node, t), ("sink", k), 99)
    return nx.maximum_flow_value(net, "s", "t")
