"""The led search against the plain one: every arrival, and the way that keeps it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.earliest_arrival import earliest_arrival
from models.graph import build_graph
from models.guided import guide, guided_arrival
from models.paths import prepare
from models.traversal import NEVER, time_edges, traverse_path
from models.turns import split_turns, whole
from tests.models.test_earliest_arrival import NODES, arc, build, closure, node

slow = st.sampled_from([600, 1000, 1700])


@settings(max_examples=400, deadline=None)
@given(
    st.lists(arc, min_size=1, max_size=14), st.lists(closure, max_size=6), node, node, st.integers(0, 30), slow,
    st.sampled_from([[1000], [1000, 700], [500, 900], [1300, 800]]), st.integers(0, 60), st.randoms(),
)  # fmt: skip
def test_arrives_as_the_plain_search_does(arcs, closures, source, target, depart, slowness, pace, latest, chance):
    graph, free = build(arcs, closures)
    timed = time_edges(
        free.free_ms,
        np.repeat(np.arange(graph.m), np.diff(free.first)),
        free.start_ms,
        free.end_ms,
        free.permille,
        np.array([0, 25])[: len(pace)],
        np.array(pace),
    )
    meeting = [(a, b) for a in range(graph.m) for b in range(graph.m) if graph.head[a] == graph.tail[b]]
    banned = chance.sample(meeting, min(len(meeting), 2))
    split = split_turns(graph, np.array(banned)) if banned else whole(graph)
    by = guide(split, prepare(split.graph), timed.free_ms)
    plain, _ = earliest_arrival(split, timed, source, depart, slowness=slowness, latest_ms=latest)
    arrive, edges = guided_arrival(split, timed, by, source, target, depart, slowness=slowness, latest_ms=latest)
    assert arrive == plain[target]
    assert not {*zip(edges, edges[1:], strict=False)} & {*banned}
    if len(edges):
        assert graph.tail[edges[0]] == source
        assert graph.head[edges[-1]] == target
        assert traverse_path(timed, edges, depart, slowness)[1][-1] == arrive
    else:
        assert source == target or arrive == NEVER


def test_goes_round_a_closure_only_if_that_is_sooner():
    # 0 → 1 → 3 in 10 + 10, closed on its second half from 5 to 100; 0 → 2 → 3 in 15 + 15
    graph, order = build_graph(4, np.array([0, 1, 0, 2]), np.array([1, 3, 2, 3]))
    free = np.array([10, 10, 15, 15], dtype=np.int64)[order]
    shut = int(np.flatnonzero((graph.tail == 1) & (graph.head == 3))[0])
    for end, arrive in ((100, 30), (15, 25)):
        timed = time_edges(free, *(np.array([x]) for x in (shut, 5, end, 0)))
        found, edges = guided_arrival(graph, timed, guide(graph, prepare(graph), free), 0, 3, 0)
        assert found == arrive
        assert len(edges) == 2


def test_a_guide_of_other_crossing_times_is_refused():
    graph, _ = build_graph(NODES, np.array([0]), np.array([1]))
    by = guide(graph, prepare(graph), np.array([5]))
    with pytest.raises(ValueError, match="other crossing times"):
        guided_arrival(graph, time_edges(np.array([4])), by, 0, 1, 0)
