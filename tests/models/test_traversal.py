"""The clock rule against a walk in single milliseconds, and what must hold for any edge."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.traversal import FULL, NEVER, TimedEdges, time_edges, traverse_path

times = st.integers(-20, 60)
intervals = st.lists(st.tuples(times, st.integers(1, 30), st.sampled_from([0, 0, 200, 500, 999])), max_size=4)
paces = st.lists(st.tuples(st.integers(-10, 50), st.sampled_from([300, 800, 1000])), max_size=3)


def timed(free: int, closed: list[tuple[int, int, int]], pace: list[tuple[int, int]]) -> TimedEdges:
    general = sorted(dict(pace).items())
    return time_edges(
        np.array([free]),
        np.zeros(len(closed), dtype=np.int64),
        np.array([a for a, _, _ in closed], dtype=np.int64),
        np.array([a + n for a, n, _ in closed], dtype=np.int64),
        np.array([p for _, _, p in closed], dtype=np.int64),
        *((np.array(column) for column in zip(*general, strict=True)) if general else (None, None)),
    )


def cross(edges: TimedEdges, depart: int, *, wait: bool = True) -> tuple[int, int]:
    enter, leave = traverse_path(edges, np.array([0]), depart, wait=wait)
    return int(enter[0]), int(leave[0])


def walked(free: int, closed: list[tuple[int, int, int]], pace: list[tuple[int, int]], depart: int) -> tuple[int, int]:
    """Millisecond by millisecond at the slowest factor that applies; a closed instant inside sends back."""
    general = sorted(dict(pace).items())

    def rate(t: int) -> int:
        factor = min([p for a, n, p in closed if a <= t < a + n], default=FULL)
        before = [p for start, p in general if start <= t]
        return factor * (before[-1] if before else general[0][1] if general else FULL)

    for enter in range(depart, depart + 400):
        work, t = free * FULL * FULL, enter
        while work > 0 and rate(t) > 0:
            work -= rate(t)
            t += 1
        if work <= 0:
            return enter, t
    raise AssertionError


@given(st.integers(1, 25), intervals, paces, st.integers(-30, 70))
def test_equals_a_walk_by_milliseconds(free, closed, pace, depart):
    assert cross(timed(free, closed, pace), depart) == walked(free, closed, pace, depart)


@given(st.integers(0, 25), intervals, paces, st.integers(-30, 70), st.integers(0, 20))
def test_first_in_first_out_and_waiting_never_worse(free, closed, pace, depart, later):
    edges = timed(free, closed, pace)
    enter, leave = cross(edges, depart)
    assert depart <= enter <= leave
    assert leave <= cross(edges, depart + later)[1]
    assert leave <= cross(edges, depart, wait=False)[1]


def test_an_edge_closed_for_ever_or_barred_is_never_left():
    edges = time_edges(np.array([5, NEVER]), np.array([0]), np.array([3]), np.array([NEVER]), np.array([0]))
    assert cross(edges, -2) == (-2, 3)
    assert cross(edges, -1) == (NEVER, NEVER)
    enter, leave = traverse_path(edges, np.array([0, 1, 0]), -2)
    assert enter.tolist() == [-2, NEVER, NEVER]
    assert leave.tolist() == [3, NEVER, NEVER]


def test_slowness_multiplies_the_crossing_time():
    edges = time_edges(np.array([1000]))
    assert traverse_path(edges, np.array([0]), 7, 1250)[1].tolist() == [1257]


@pytest.mark.parametrize(
    ("permille", "pace"), [([1001], None), ([-1], None), ([500], ([0, 0], [900, 800])), ([500], ([0], [0]))]
)
def test_factors_out_of_range_are_refused(permille, pace):
    with pytest.raises(ValueError, match="factors"):
        time_edges(
            np.array([5]), np.array([0]), np.array([0]), np.array([9]), np.array(permille),
            *(map(np.array, pace) if pace else ()),
        )  # fmt: skip
