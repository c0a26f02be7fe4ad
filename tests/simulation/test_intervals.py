"""The compiled merging of intervals against the reference in ``models.traversal``."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.simulation.intervals import time_edges_quickly
from models.traversal import NEVER, time_edges

interval = st.tuples(
    st.integers(0, 3),
    st.integers(-3, 12),
    st.one_of(st.integers(-3, 15), st.just(NEVER)),
    st.sampled_from([0, 300, 999, 1000]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(interval, max_size=12))
def test_the_same_tables_as_the_reference(rows):
    edge, start, end, permille = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)) if rows else (
        np.empty(0, dtype=np.int64) for _ in range(4)
    )  # fmt: skip
    free = np.full(4, 100, dtype=np.int64)
    pace = (np.array([0], dtype=np.int64), np.array([1000], dtype=np.int64))
    ours = time_edges_quickly(free, edge, start, end, permille, *pace)
    theirs = time_edges(free, edge, start, end, permille, *pace)
    for name in ("first", "start_ms", "end_ms", "permille"):
        assert getattr(ours, name).tolist() == getattr(theirs, name).tolist(), name
