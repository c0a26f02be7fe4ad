"""Arrivals by known ways: by hand, never before the earliest, and the earliest at departures that were searched."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.dispatch_detours import best_pieces, lower_to, strands, way_pieces, worth_searching
from models.dispatch_ways import Ways, arrive
from models.earliest_arrival import earliest_arrival
from models.graph import build_graph
from models.route_windows import crossing_times, tree_sums
from models.traversal import NEVER, time_edges
from models.turns import whole

EVERYBODY = np.arange(5)


def _roads(seed):
    """A ring of five nodes with a chord, both ways, minutes of 60 units; edges shut and slowed at random."""
    rng = np.random.default_rng(seed)
    pairs = [(k, (k + 1) % 5) for k in range(5)] + [(0, 2)]
    tail = np.array([a for a, b in pairs] + [b for a, b in pairs])
    head = np.array([b for a, b in pairs] + [a for a, b in pairs])
    graph, _ = build_graph(5, tail, head)
    free = rng.integers(5, 30, graph.m).astype(np.int64) * 60_000
    k = int(rng.integers(0, 8))
    start = rng.integers(0, 300, k) * 60_000
    end = start + rng.integers(1, 120, k) * 60_000
    permille = rng.choice([0, 0, 0, 500], k) if seed % 2 else np.zeros(k, np.int64)
    return whole(graph), time_edges(free, rng.integers(0, graph.m, k), start, end, permille)


def _pieces(graph, timed, departs):
    """Pieces from node 0 by the undisturbed ways and those of searches at these departures."""
    still = time_edges(timed.free_ms)
    cross = crossing_times(still)[None]
    _, via = earliest_arrival(graph, still, 0, 0)
    trees, found = [via], []
    for depart in departs:
        at, via = earliest_arrival(graph, timed, 0, int(depart))
        found.append(at)
        trees.append(via)
    ways = [
        way_pieces(timed, strands(graph, timed, via, EVERYBODY, cross), 0, 600 * 60_000, np.ones(5, dtype=np.bool_))
        for via in trees
    ]
    first, start, at, cap, rate = best_pieces(
        ways, np.array(departs, dtype=np.int64), np.array(found, dtype=np.int64).reshape(len(departs), 5)
    )
    # as of one class, from node 0; from elsewhere nothing is asked
    rest = np.full(20, first[-1])
    return Ways(5, np.concatenate([first, rest]), start, at, cap, rate), ways


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**20))
def test_no_arrival_is_too_early_and_those_searched_are_right(seed):
    graph, timed = _roads(seed)
    departs = [60_000 * k for k in range(0, 400, 40)]
    ways, _ = _pieces(graph, timed, departs)
    straight = not (timed.permille > 0).any()
    for depart in [60_000 * k for k in range(0, 450, 7)] + departs:
        exact, _ = earliest_arrival(graph, timed, 0, depart)
        for target in range(1, 5):
            found = arrive(*ways, 0, 0, target, depart)
            # where speeds change under way pieces are straight lines, off by a little
            assert found >= exact[target] - (0 if straight else 10_000)
            if straight and depart in departs and exact[target] < NEVER:
                assert found == exact[target]


def test_a_search_is_worth_most_where_a_way_shuts():
    """From 60 to 180 the only known way is shut: to search at 60 tells of all departures until then."""
    departs = np.arange(0, 240, 10, dtype=np.int64) * 60_000
    free = (departs + 600_000)[None]
    upper = np.where((departs >= 60 * 60_000) & (departs < 180 * 60_000), 190 * 60_000, free)
    none = np.empty((0, 1), dtype=np.int64)
    best, worth = worth_searching(departs, upper, free, np.empty(0, np.int64), none, np.ones(1), 60_000, 180 * 60_000)
    assert departs[best] == 60 * 60_000
    # minutes lost at 60, 70, … 170: 120, 110, … 10 in steps of ten minutes
    assert np.isclose(worth, sum(range(10, 130, 10)) / 60 * 10 / 60)
    # a search that found nothing better than to wait leaves nothing to look for
    found = np.array([[190 * 60_000]])
    _, left = worth_searching(departs, upper, free, np.array([6]), found, np.ones(1), 60_000, 180 * 60_000)
    assert left == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**20))
def test_what_is_known_by_departure_is_what_the_pieces_say(seed):
    graph, timed = _roads(2 * seed)
    departs = np.arange(0, 400, 9, dtype=np.int64) * 60_000
    ways, trees = _pieces(graph, timed, [])
    upper = np.full((5, len(departs)), NEVER)
    for tree in trees:
        lower_to(tree.first, tree.start, tree.arrive, tree.rate, departs, upper)
    last = upper[:, -1:]
    for target in range(1, 5):
        for g, depart in enumerate(departs.tolist()):
            # behind the last of the departures the pieces know of still later ones
            assert arrive(*ways, 0, 0, target, depart) <= upper[target, g]
            if upper[target, g] < last[target, 0]:
                assert arrive(*ways, 0, 0, target, depart) == upper[target, g]


def test_lengths_of_a_tree_by_hand():
    graph, timed = _roads(0)
    _, via = earliest_arrival(graph, time_edges(timed.free_ms), 0, 0)
    weight = timed.free_ms.astype(np.float64)
    at, _ = earliest_arrival(graph, time_edges(timed.free_ms), 0, 0)
    sums = tree_sums(graph, via, np.array([0, 1, 2, -1, 4]), weight)
    assert sums.tolist() == [0.0, at[1], at[2], 0.0, at[4]]
