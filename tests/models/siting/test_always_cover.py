"""Cover that holds in every scenario, against all choices; and lines of sight over hand-made ground."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.siting import choice
from models.siting.always_cover import always_cover
from models.siting.sight import highest_between, in_sight


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_against_every_choice(seed: int, p: int) -> None:
    rng = np.random.default_rng(seed)
    covers = rng.random((3, 9, 6)) < 0.4
    weight = rng.integers(1, 20, 9).astype(float)
    best = max(weight[covers[:, :, list(sites)].any(axis=2).all(axis=0)].sum() for sites in combinations(range(6), p))
    found = always_cover(list(covers), p, weight)
    assert found.status == "optimal"
    assert found.value == pytest.approx(best)
    assert len(found.sites) == p


def test_existing_sites_stay_and_forbidden_ones_are_not_used() -> None:
    covers = [np.eye(3, dtype=bool), np.eye(3, dtype=bool)]
    found = always_cover(covers, 2, [1.0, 5.0, 9.0], choice(3, existing=[0], forbidden=[2]))
    assert list(found.sites) == [0, 1]
    assert found.value == 6
    assert list(found.unreached) == [2]


def test_a_ridge_hides_what_lies_behind_it() -> None:
    """Eye 10 m over flat ground, a ridge of 50 m half way: the near side is seen, the far side is not."""
    ground = np.zeros((3, 41))
    ground[:, 20] = 50.0
    x = np.array([5.0, 15.0, 30.0, 40.0])
    seen = in_sight(ground, (100.0, 100.0), (0.0, 1.0), 10.0, x, np.ones(4), 2.0)
    assert list(seen) == [True, True, False, False]
    over = in_sight(ground, (100.0, 100.0), (0.0, 1.0), 120.0, x, np.ones(4), 2.0)
    assert list(over) == [True, True, False, True]  # at 3 km the line is still below the crest, at 4 km above it


def test_the_earth_hides_a_low_target_far_away() -> None:
    """Over a plain the horizon of an eye at h lies at sqrt(2 R h / (1 - k)): 17.1 km for 20 m and k = 0.13."""
    ground = np.zeros((2, 600))
    x = np.array([150.0, 400.0])  # 15 km and 40 km
    seen = in_sight(ground, (100.0, 100.0), (0.0, 0.0), 20.0, x, np.zeros(2), 0.0)
    assert list(seen) == [True, False]


def test_highest_ground_on_the_way() -> None:
    ground = np.zeros((2, 11))
    ground[:, 5] = 80.0
    top = highest_between(ground, np.array([0.0, 6.0]), np.zeros(2), np.array([10.0, 10.0]), np.zeros(2), 40)
    assert top == pytest.approx([80.0, 0.0], abs=4.1)
