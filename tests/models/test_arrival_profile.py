"""Arrival as a function of the departure: against one search per millisecond, and against stepping the clock."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.arrival_profile import arrival_profiles
from models.earliest_arrival import earliest_arrival
from models.graph import build_graph
from models.straight_through import arrive_without_waiting, profile_without_waiting
from models.traversal import MOVES, NEVER, ROUGH, STAYS, time_edges, traverse_path
from models.turns import split_turns
from tests.models.test_earliest_arrival import every_millisecond

NODES = 6
UNTIL = 60
node = st.integers(0, NODES - 1)
arc = st.tuples(node, node, st.integers(0, 20))
arcs = st.lists(arc, min_size=1, max_size=12)
closed = st.tuples(st.integers(0, 13), st.integers(0, 50), st.integers(1, 30), st.just(0))
slowed = st.tuples(st.integers(0, 13), st.integers(0, 50), st.integers(1, 30), st.sampled_from([0, 250, 400]))


def build(drawn, intervals, pace=None):
    graph, order = build_graph(NODES, np.array([a[0] for a in drawn]), np.array([a[1] for a in drawn]))
    table = np.array([(e % graph.m, a, a + n, p) for e, a, n, p in intervals], dtype=np.int64).reshape(-1, 4).T
    return graph, time_edges(np.array([drawn[k][2] for k in order], dtype=np.int64), *table, *(pace or ()))


def per_millisecond(graph, timed, source):
    return np.array([earliest_arrival(graph, timed, source, depart)[0] for depart in range(UNTIL + 1)])


@settings(max_examples=200, deadline=None)
@given(arcs, st.lists(closed, max_size=6), node, st.integers(1, 50))
def test_closures_alone_give_an_exact_profile_whatever_the_step(drawn, closures, source, step):
    graph, timed = build(drawn, closures)
    exact = per_millisecond(graph, timed, source)
    for target, found in enumerate(arrival_profiles(graph, timed, source, np.arange(NODES), 0, UNTIL, step_ms=step)):
        low, high = found.between(np.arange(UNTIL + 1))
        assert low.tolist() == high.tolist() == exact[:, target].tolist()
        assert (np.diff(low) >= 0).all()  # first in, first out
        assert not (found.form == ROUGH).any()
        # no more pieces than the function has: each new one begins with a jump or a change of slope
        slopes = np.where(exact[1:, target] >= NEVER, 0, np.diff(exact[:, target]))
        assert len(found.depart_ms) <= 2 * (1 + np.count_nonzero(np.diff(slopes)))


PACE = (np.array([0, 25]), np.array([1000, 700]))


@settings(max_examples=120, deadline=None)
@given(arcs, st.lists(slowed, max_size=6), node, st.integers(1, 20), st.booleans())
def test_slowdowns_are_exact_by_the_millisecond_and_bounded_by_the_step(drawn, closures, source, step, night):
    graph, timed = build(drawn, closures, PACE if night else None)
    exact = per_millisecond(graph, timed, source)
    everyone, departs = np.arange(NODES), np.arange(UNTIL + 1)
    for target, found in enumerate(arrival_profiles(graph, timed, source, everyone, 0, UNTIL, step_ms=1)):
        low, high = found.between(departs)
        assert low.tolist() == high.tolist() == exact[:, target].tolist()
    for target, found in enumerate(arrival_profiles(graph, timed, source, everyone, 0, UNTIL, step_ms=step)):
        low, high = found.between(departs)
        assert (low <= exact[:, target]).all()
        assert (exact[:, target] <= high).all()
        assert found.arrive_ms.tolist() == exact[found.depart_ms, target].tolist()
        for by in (20, 45):
            latest = found.latest_departure(by)
            assert latest is None or exact[latest, target] <= by
            if not (found.form == ROUGH).any():
                assert latest == max((d for d in departs.tolist() if exact[d, target] <= by), default=None)


@settings(max_examples=100, deadline=None)
@given(
    arcs, st.lists(closed, max_size=5), node, st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13)), max_size=12)
)
def test_profiles_keep_banned_turns(drawn, closures, source, wanted):
    graph, timed = build(drawn, closures)
    pairs = [(a, b) for a, b in wanted if max(a, b) < graph.m and graph.head[a] == graph.tail[b]]
    split = split_turns(graph, np.array(pairs, dtype=np.int64).reshape(-1, 2))
    exact = per_millisecond(split, timed, source)
    found = arrival_profiles(split, timed, source, np.arange(NODES), 0, UNTIL, step_ms=7)
    assert np.array([profile.between(np.arange(UNTIL + 1))[0] for profile in found]).T.tolist() == exact.tolist()


LATEST = 110


@settings(max_examples=60, deadline=None)
@example([(0, 1, 5), (1, 0, 5), (1, 2, 3)], [(1, 0, 40, 0)], 0, False)
@given(st.lists(arc, min_size=1, max_size=8), st.lists(slowed, max_size=4), node, st.booleans())
def test_straight_through_equals_stepping_the_clock(drawn, closures, source, night):
    graph, timed = build(drawn, closures, PACE if night else None)
    departs = range(0, 41, 8)
    for depart in departs:
        exact = every_millisecond(graph, timed, source, depart, LATEST, wait=False)
        waiting, _ = earliest_arrival(graph, timed, source, depart, latest_ms=LATEST)
        for target in range(NODES):
            found, edges = arrive_without_waiting(
                graph, timed, source, target, depart, latest_ms=LATEST, most_ways=100_000
            )
            assert found == exact[target]
            assert found >= waiting[target]  # waiting is never worse
            if len(edges):
                assert traverse_path(timed, edges, depart, wait=False)[1][-1] == found


@settings(max_examples=40, deadline=None)
@given(st.lists(arc, min_size=1, max_size=8), st.lists(slowed, max_size=4), node, node, st.integers(1, 9))
def test_profile_without_waiting_equals_one_search_per_millisecond(drawn, closures, source, target, step):
    graph, timed = build(drawn, closures)
    exact = np.array([
        arrive_without_waiting(graph, timed, source, target, depart, latest_ms=LATEST, most_ways=100_000)[0]
        for depart in range(UNTIL + 1)
    ])  # fmt: skip
    for grain in (1, step):
        found = profile_without_waiting(
            graph, timed, source, target, 0, UNTIL, step_ms=grain, latest_ms=LATEST, most_ways=100_000
        )
        low, high = found.between(np.arange(UNTIL + 1))
        assert (low <= exact).all()
        assert (exact <= high).all()
        if grain == 1 or not any(p for _, _, _, p in closures):
            assert low.tolist() == high.tolist() == exact.tolist()


def line():
    """0-1-2, ten ms each way; 1-2 closed from 30 to 70."""
    graph, order = build_graph(3, np.array([0, 1, 1, 2]), np.array([1, 0, 2, 1]))
    edge = int(np.flatnonzero((graph.tail == 1) & (graph.head == 2))[0])
    return graph, time_edges(np.full(4, 10), np.array([edge]), np.array([30]), np.array([70]), np.array([0])), order


def test_profile_by_hand():
    graph, timed, _ = line()
    (found,) = arrival_profiles(graph, timed, 0, np.array([2]), 0, 100, step_ms=50)
    # up to 10 one is through before the closure; from 11 to 60 one waits for its end; then the road is open
    assert found.depart_ms.tolist() == [0, 11, 61]
    assert found.arrive_ms.tolist() == [20, 80, 81]
    assert found.form.tolist() == [MOVES, STAYS, MOVES]
    assert found.latest_departure(80) == 60
    assert found.latest_departure(79) == 10
    assert found.latest_departure(19) is None
    with pytest.raises(ValueError, match="must lie in"):
        found.between(101)
    with pytest.raises(ValueError, match="not empty"):
        arrival_profiles(graph, timed, 0, np.array([2]), 1, 0, step_ms=1)


def test_a_road_that_gets_faster_undercuts_by_hand():
    # two roads from 0 to 1: one takes 20; the other 10, but 25 at 400 permille until 50: entered at 34 it is left at
    # 50 + 10 - 0.4 * 16 = 53.6, so 54, like the first; at 40 at 56, four sooner
    graph, _ = build_graph(2, np.array([0, 0]), np.array([1, 1]))
    timed = time_edges(np.array([20, 10]), np.array([1]), np.array([0]), np.array([50]), np.array([400]))
    (found,) = arrival_profiles(graph, timed, 0, np.array([1]), 0, 60, step_ms=1)
    low, high = found.between(np.array([0, 30, 34, 40, 50, 60]))
    assert low.tolist() == high.tolist() == [20, 50, 54, 56, 60, 70]


def test_rolling_on_by_hand():
    graph, timed, _ = line()
    # leaving at 25 the truck is at node 1 at 35; standing is not allowed, so it goes 1-0-1 twice (20 ms each) to 75
    arrive, edges = arrive_without_waiting(graph, timed, 0, 2, 25, latest_ms=200, most_ways=1000)
    assert (arrive, len(edges)) == (85, 6)
    assert arrive_without_waiting(graph, timed, 0, 2, 25, latest_ms=84, most_ways=1000)[0] == NEVER
    with pytest.raises(ValueError, match="would have to be kept"):
        arrive_without_waiting(graph, timed, 0, 2, 25, latest_ms=200, most_ways=3)
    found = profile_without_waiting(graph, timed, 0, 2, 20, 40, step_ms=5, latest_ms=200, most_ways=1000)
    # a later departure may arrive sooner: from 40 the second round is not needed any more
    assert found.between(np.array([25, 39, 40]))[0].tolist() == [85, 99, 80]
    assert not found.waiting
