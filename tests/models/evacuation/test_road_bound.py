"""How many the roads let out: by hand, and never less than the exact flow over time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evacuation import flow_over_time
from models.evacuation.road_bound import RoadsOut, most_arrived
from models.evacuation.road_windows import earliest_at, latest_at
from models.graph import build_graph
from models.traversal import NEVER


def roads(n, arcs, sources, sinks, *, slot=1, closes=None):
    """Arcs of (tail, head, crossing, capacity)."""
    graph, order = build_graph(n, np.array([a[0] for a in arcs]), np.array([a[1] for a in arcs]))
    column = [np.array([a[k] for a in arcs])[order] for k in (2, 3)]
    gates = np.full(len(arcs), NEVER) if closes is None else np.array(closes, dtype=np.int64)[order]
    return RoadsOut(
        graph, column[0].astype(np.int64), gates, column[1].astype(float), slot, tuple(sources), tuple(sinks)
    )


def test_one_bottleneck_is_exact():
    """7 people, 3 steps to cross, 2 a step: 2 by step 3, 4 by 4, 6 by 5, all by 6; nobody by 2."""
    case = roads(2, [(0, 1, 3, 2)], [(0, 0, NEVER, 7)], [(1, 0, 100)])
    assert most_arrived(case, [2, 3, 4, 5, 6, NEVER]).tolist() == [0, 2, 4, 6, 7, 7]


def test_slots_count_whole():
    """Slots of 5: entering from 0 to 6 touches two slots of 2."""
    case = roads(2, [(0, 1, 3, 2)], [(0, 0, NEVER, 9)], [(1, 0, 100)], slot=5)
    assert most_arrived(case, [7, 8, 9, 13]).tolist() == [2, 4, 4, 6]


@pytest.mark.parametrize(
    ("sources", "sinks", "closes", "most"),
    [
        ([(0, 0, NEVER, 50)], [(2, 0, 4)], [NEVER, NEVER], 4),  # room
        ([(0, 0, NEVER, 3), (1, 0, NEVER, 2)], [(2, 0, 99)], [NEVER, NEVER], 5),  # people
        ([(0, 0, NEVER, 50)], [(2, 0, 99)], [NEVER, 6], 3),  # the second edge, entered at 2, 3, 4
        ([(0, 0, NEVER, 50)], [(2, 0, 99)], [2, NEVER], 1),  # the first edge, entered at 0
        ([(0, 5, 4, 50)], [(2, 0, 99)], [NEVER, NEVER], 0),  # ready after it must have left
        ([(0, 0, NEVER, 50)], [], [NEVER, NEVER], 0),
    ],
)
def test_what_else_keeps_people_in(sources, sinks, closes, most):
    """A road of two edges, 2 steps each, one a step."""
    case = roads(3, [(0, 1, 2, 1), (1, 2, 2, 1)], sources, sinks, closes=closes)
    assert most_arrived(case, [NEVER])[0] == most


def test_from_when_and_until_when():
    """0-1-2 of 2 each; the second is closed at 6: reached at 2 and 4, to be left by 4 at 1 and by 2 at 0."""
    graph, _ = build_graph(3, np.array([0, 1]), np.array([1, 2]))
    gates = np.array([NEVER, 6])
    assert earliest_at(graph, [2, 2], gates, [(0, 0)]).tolist() == [0, 2, 4]
    assert earliest_at(graph, [2, 2], gates, [(0, 3)]).tolist() == [3, 5, NEVER]
    assert latest_at(graph, [2, 2], gates, [(2, 100)]).tolist() == [2, 4, 100]
    assert latest_at(graph, [2, 2], gates, [(1, 100)])[2] == -NEVER


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_never_below_the_flow_over_time(data):
    """Any network, waiting allowed: the exact most by each horizon is within the bound."""
    n, steps = data.draw(st.integers(2, 5)), data.draw(st.integers(3, 12))
    node = st.integers(0, n - 1)
    arcs = data.draw(st.lists(st.tuples(node, node, st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=9))
    closes = [data.draw(st.one_of(st.just(NEVER), st.integers(0, steps))) for _ in arcs]
    sources = data.draw(st.lists(st.tuples(st.integers(0, n - 2), st.integers(0, 3), st.integers(1, 8)), min_size=1,
                                 max_size=2))  # fmt: skip
    room = data.draw(st.integers(1, 12))
    case = roads(n, arcs, [(v, begin, NEVER, units) for v, begin, units in sources], [(n - 1, 0, room)], closes=closes)
    open_ = np.arange(steps)[None, :] + case.crossing[:, None] <= case.closes[:, None]
    capacity = np.where(open_, case.capacity[:, None].astype(np.int64), 0)
    exact = flow_over_time(case.graph, case.crossing, capacity, [(v, begin, steps - 1, u) for v, begin, u in sources],
                           [(n - 1, room)], steps, wait=True).moved  # fmt: skip
    assert exact <= most_arrived(case, [steps - 1])[0]
