"""Water for lines: worked shares, and that more water never leaves any stretch with less."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.fire.wet_lines import wet_share


def test_stretches_take_what_is_near_in_their_order():
    away = np.array([[100.0, 300.0], [200.0, 100.0], [100.0, 5000.0], [5000.0, 5000.0]])
    # the first takes 4 of A; the second 4 of B; of A's last 2 the third has half its need; the fourth is out of reach
    share = wet_share(np.full(4, 4.0), away, np.array([6.0, 9.0]), 1000.0)
    assert share.tolist() == [1.0, 1.0, 0.5, 0.0]


def test_a_river_never_runs_dry_and_no_source_is_no_water():
    assert (wet_share(np.full(50, 1e6), np.zeros((50, 1)), np.array([np.inf]), 10.0) == 1.0).all()
    assert (wet_share(np.ones(3), np.empty((3, 0)), np.empty(0), 10.0) == 0.0).all()


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_a_further_source_or_more_water_never_leaves_less_anywhere(stretches: int, sources: int, seed: int):
    rng = np.random.default_rng(seed)
    need, volume = rng.integers(1, 9, stretches) / 1.0, rng.integers(0, 12, sources + 1) / 1.0
    away = rng.integers(0, 15, (stretches, sources + 1)) / 1.0
    fewer = wet_share(need, away[:, :-1], volume[:-1], 10.0)
    more = wet_share(need, away, volume, 10.0)
    assert (more >= fewer - 1e-12).all()
    fuller = wet_share(need, away, volume + rng.integers(0, 5, sources + 1), 10.0)
    assert (fuller >= more - 1e-12).all()
    assert ((fuller >= 0) & (fuller <= 1)).all()
