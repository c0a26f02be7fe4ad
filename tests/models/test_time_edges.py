"""The merging of overlapping intervals against the rule stated instant by instant."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.traversal import FULL, NEVER, time_edges

interval = st.tuples(
    st.integers(0, 3),
    st.integers(-3, 12),
    st.one_of(st.integers(-3, 15), st.just(NEVER)),
    st.sampled_from([0, 300, 999, 1000]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(interval, max_size=12))
def test_at_every_instant_the_slowest_interval_counts(rows):
    """Instants -4 … 16 and one beyond all finite ends; the tables are disjoint, sorted and hold no full speed."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * 4
    edge, start, end, permille = (np.array(column, dtype=np.int64) for column in columns)
    roads = time_edges(np.full(4, 100, dtype=np.int64), edge, start, end, permille)
    for e in range(4):
        pieces = slice(int(roads.first[e]), int(roads.first[e + 1]))
        a, b, p = roads.start_ms[pieces], roads.end_ms[pieces], roads.permille[pieces]
        assert (a < b).all()
        assert (a[1:] >= b[:-1]).all()
        assert (p < FULL).all()
        for t in [*range(-4, 17), 1_000_000]:
            expected = min((f for k, lo, hi, f in rows if k == e and lo <= t < hi), default=FULL)
            found = p[(a <= t) & (t < b)]
            assert (int(found[0]) if len(found) else FULL) == expected
