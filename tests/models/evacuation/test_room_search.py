"""Ways with room: by hand, and against trying every path at every start."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evacuation.road_windows import latest_at
from models.evacuation.room_search import Occupancy, find_way, next_start
from models.graph import build_graph
from models.traversal import NEVER, time_edges, traverse_path

SLOT = 5


def net(n, arcs, capacity, closes=()):
    graph, order = build_graph(n, np.array([a for a, *_ in arcs]), np.array([b for _, b, _ in arcs]))
    free = np.array([c for *_, c in arcs], dtype=np.int64)[order]
    place = {int(old): new for new, old in enumerate(order)}
    edge = np.array([place[k] for k, _ in closes], dtype=np.int64)
    start = np.array([t for _, t in closes], dtype=np.int64)
    timed = time_edges(free, edge, start, np.full(len(closes), NEVER), np.zeros(len(closes), dtype=np.int64))
    return graph, timed, Occupancy.empty(np.array(capacity, dtype=np.int64)[order], SLOT, 0), place


def ask(graph, timed, occupancy, source, depart, end, **options):
    is_end = np.arange(graph.n) == end
    ahead = -latest_at(graph, timed.free_ms, np.full(graph.m, NEVER), [(end, 0)])
    return find_way(
        graph, timed, occupancy, source, depart, is_end, np.zeros(graph.n, dtype=np.int64), ahead, **options
    )


def test_a_full_road_is_waited_for_or_gone_round():
    """0-1 takes 4, round by 2 takes 7; with the first slot of 0-1 full: waiting 5 + 4 = 9, round 7."""
    graph, timed, occupancy, place = net(3, [(0, 1, 4), (0, 2, 3), (2, 1, 4)], [2, 2, 2])
    assert ask(graph, timed, occupancy, 0, 0, 1)[2] == 4
    occupancy.take(np.array([place[0]]), np.array([0]), 2)
    edges, _, arrive = ask(graph, timed, occupancy, 0, 0, 1)
    assert (edges.tolist(), arrive) == ([place[1], place[2]], 7)
    occupancy.take(np.array([place[1]]), np.array([4]), 2)
    assert ask(graph, timed, occupancy, 0, 0, 1)[2] == 9
    assert ask(graph, timed, occupancy, 0, 0, 1, wait_for_room=False) is None
    assert ask(graph, timed, occupancy, 0, 0, 1, limit=8) is None


def test_the_first_start_with_room_on_all_of_the_way():
    """The second edge is entered 4 after the start; its slots 0 and 1 and slot 2 of the first are full."""
    _, timed, occupancy, _ = net(3, [(0, 1, 4), (1, 2, 4)], [1, 1])
    occupancy.take(np.array([1, 1]), np.array([4, 9]), 1)
    occupancy.take(np.array([0]), np.array([10]), 1)
    start, enter, leave = next_start(timed, occupancy, np.array([0, 1]), 0, 100)
    assert (start, enter.tolist(), leave.tolist()) == (15, [15, 19], [19, 23])
    assert next_start(timed, occupancy, np.array([0, 1]), 0, 14) is None
    assert next_start(timed, occupancy, np.array([0, 1]), 0, 100, least=2) is None


def test_nobody_starts_on_a_road_that_closes_before_they_are_through():
    _, timed, occupancy, _ = net(2, [(0, 1, 4)], [1], closes=[(0, 8)])
    assert next_start(timed, occupancy, np.array([0]), 0, 100)[0] == 0
    occupancy.take(np.array([0]), np.array([0]), 1)
    assert next_start(timed, occupancy, np.array([0]), 0, 100) is None  # at 5 they would be on it until 9


def test_no_entry_before_the_first_slot():
    occupancy = Occupancy.empty(np.array([1]), SLOT, 10)
    with pytest.raises(ValueError, match="before the first slot"):
        occupancy.take(np.array([0]), np.array([3]), 1)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.data())
def test_against_every_path(data):
    """Without waiting, the way found is no later than any path whose parts are all of earliest arrival; none is missed.

    With waiting, it is no later than any path at any later start with room (whoever leaves later could have waited).
    """
    n = data.draw(st.integers(3, 5))
    pairs = list(itertools.permutations(range(n), 2))
    chosen = data.draw(st.lists(st.sampled_from(pairs), min_size=2, max_size=8, unique=True))
    arcs = [(a, b, data.draw(st.integers(1, 6))) for a, b in chosen]
    graph, timed, occupancy, _ = net(n, arcs, [1] * len(arcs))
    for edge, slot in data.draw(st.lists(st.tuples(st.integers(0, len(arcs) - 1), st.integers(0, 4)), max_size=8)):
        occupancy.take(np.array([edge]), np.array([slot * SLOT]), 1)
    found = ask(graph, timed, occupancy, 0, 0, n - 1)
    paths = list(nx.all_simple_edge_paths(nx.MultiDiGraph(
        [(int(graph.tail[k]), int(graph.head[k]), k) for k in range(graph.m)]), 0, n - 1)
        ) if {0, n - 1} <= {v for a in chosen for v in a} else []  # fmt: skip
    for path in paths:
        edges = np.array([key for *_, key in path])
        later = next_start(timed, occupancy, edges, 0, 200)
        assert later is not None
        start, enter, leave = later
        assert (occupancy.room(edges, enter) > 0).all()
        again, _ = traverse_path(timed, edges, start)
        assert (again == enter).all()
        assert all((occupancy.room(edges, traverse_path(timed, edges, k * SLOT)[0]) <= 0).any()
                   for k in range(start // SLOT))  # fmt: skip
        assert found is not None
        assert found[2] <= leave[-1]
    assert (found is None) == (not paths)
