"""Earliest arrivals against relaxation to a fixed point, and paths against the times they promise."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.earliest_arrival import earliest_arrival, earliest_arrivals, path_to
from models.graph import build_graph
from models.traversal import NEVER, time_edges, traverse_path

NODES = 6
node = st.integers(0, NODES - 1)
arc = st.tuples(node, node, st.integers(0, 20), st.booleans())
closure = st.tuples(st.integers(0, 13), st.integers(0, 40), st.integers(1, 40), st.sampled_from([0, 400]))


def build(arcs, closures):
    graph, order = build_graph(NODES, np.array([a[0] for a in arcs]), np.array([a[1] for a in arcs]))
    free = np.array([NEVER if arcs[k][3] and arcs[k][2] > 15 else arcs[k][2] for k in order], dtype=np.int64)
    hit = [(e % graph.m, a, n, p) for e, a, n, p in closures]
    timed = time_edges(
        free,
        np.array([h[0] for h in hit], dtype=np.int64),
        np.array([h[1] for h in hit], dtype=np.int64),
        np.array([NEVER if h[2] > 35 else h[1] + h[2] for h in hit], dtype=np.int64),
        np.array([h[3] for h in hit], dtype=np.int64),
    )
    return graph, timed


@settings(max_examples=300)
@given(st.lists(arc, min_size=1, max_size=14), st.lists(closure, max_size=6), node, st.integers(0, 30))
def test_equals_relaxation_to_a_fixed_point(arcs, closures, source, depart):
    graph, timed = build(arcs, closures)
    arrival, via = earliest_arrival(graph, timed, source, depart)
    expected = np.full(NODES, NEVER, dtype=np.int64)
    expected[source] = depart
    for _ in range(NODES):
        for e in range(graph.m):
            u, w = int(graph.tail[e]), int(graph.head[e])
            if expected[u] < NEVER:
                expected[w] = min(expected[w], traverse_path(timed, np.array([e]), int(expected[u]))[1][0])
    assert arrival.tolist() == expected.tolist()
    for target in range(NODES):
        if arrival[target] >= NEVER or target == source:
            assert via[target] == -1 or target == source
            continue
        edges = path_to(graph, via, target)
        assert int(graph.tail[edges[0]]) == source
        assert int(graph.head[edges[-1]]) == target
        assert traverse_path(timed, edges, depart)[1][-1] == arrival[target]


@given(
    st.lists(arc, min_size=1, max_size=14), st.lists(closure, max_size=6), node, st.lists(node, min_size=1, max_size=3)
)
def test_stopping_at_targets_changes_no_answer(arcs, closures, source, targets):
    graph, timed = build(arcs, closures)
    full, _ = earliest_arrival(graph, timed, source, 0)
    some, _ = earliest_arrival(graph, timed, source, 0, np.array(targets))
    assert some[targets].tolist() == full[targets].tolist()
    assert ((some == full) | (some == NEVER)).all()


def test_nothing_is_reached_after_the_latest_time():
    graph, _ = build_graph(3, np.array([0, 1]), np.array([1, 2]))
    arrival, via = earliest_arrival(graph, time_edges(np.array([10, 10])), 0, 0, latest_ms=15)
    assert arrival.tolist() == [0, 10, NEVER]
    assert via.tolist() == [-1, 0, -1]


def every_millisecond(graph, timed, source, depart, until, *, wait):
    """Arrivals by stepping the clock: where a vehicle can be at each whole millisecond up to ``until``."""
    at = [set() for _ in range(until + 1)]
    at[depart].add(source)
    earliest = np.full(NODES, NEVER, dtype=np.int64)
    for now in range(depart, until + 1):
        grown = True
        while grown:  # edges of no length stay within the millisecond
            grown = False
            for u in list(at[now]):
                for e in range(graph.first_out[u], graph.first_out[u + 1]):
                    leave = int(traverse_path(timed, np.array([e]), now, wait=False)[1][0])
                    if leave <= until and int(graph.head[e]) not in at[leave]:
                        at[leave].add(int(graph.head[e]))
                        grown |= leave == now
        for u in at[now]:
            earliest[u] = min(earliest[u], now)
        if wait and now < until:
            at[now + 1] |= at[now]
    return earliest


short_closure = st.tuples(st.integers(0, 13), st.integers(0, 30), st.integers(1, 20), st.sampled_from([0, 0, 400]))


@settings(max_examples=60, deadline=None)
@given(st.lists(arc, min_size=1, max_size=10), st.lists(short_closure, max_size=5), node, st.integers(0, 15))
def test_equals_stepping_the_clock(arcs, closures, source, depart):
    graph, timed = build(arcs, closures)
    until = 120
    exact = every_millisecond(graph, timed, source, depart, until, wait=True)
    found, _ = earliest_arrival(graph, timed, source, depart, latest_ms=until)
    assert found.tolist() == exact.tolist()
    # without waiting: never better than the best way on wheels all the time, and that is never better than waiting
    rolling = every_millisecond(graph, timed, source, depart, until, wait=False)
    without, via = earliest_arrival(graph, timed, source, depart, latest_ms=until, wait=False)
    assert (without >= rolling).all()
    assert (rolling >= exact).all()
    for target in np.flatnonzero((without < NEVER) & (np.arange(NODES) != source)):
        edges = path_to(graph, via, int(target))
        assert traverse_path(timed, edges, depart, wait=False)[1][-1] == without[target]


@settings(max_examples=150)
@given(
    st.lists(arc, min_size=1, max_size=14), st.lists(closure, max_size=6), node,
    st.lists(st.integers(0, 80), min_size=1, max_size=12),
)  # fmt: skip
def test_several_departures_are_searched_as_if_alone_and_never_overtake(arcs, closures, source, departs):
    graph, timed = build(arcs, closures)
    everyone = np.arange(NODES)
    found = earliest_arrivals(graph, timed, source, np.array(departs), everyone)
    for row, depart in zip(found, departs, strict=True):
        assert row.tolist() == earliest_arrival(graph, timed, source, depart)[0].tolist()
    assert (np.diff(found[np.argsort(departs, kind="stable")], axis=0) >= 0).all()
