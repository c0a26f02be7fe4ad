"""Synthetic ignitions: expected numbers, places by weight, bursts of lightning."""

from __future__ import annotations

import numpy as np
import pytest

from models.fire.ignitions import draw_ignitions


def test_numbers_and_places_follow_the_means_and_weights():
    rng, weight = np.random.default_rng(4), np.array([0.0, 1.0, 3.0])
    people, lightning, at = 0, 0, np.zeros(3)
    for _ in range(2000):
        cell, time, struck = draw_ignitions(weight, np.ones(3), 2.0, 0.5, 1.0, 1000.0, 50.0, rng)
        people += int((~struck).sum())
        lightning += int(struck.sum())
        at += np.bincount(cell[~struck], minlength=3)
        assert (np.diff(time) >= 0).all()
    assert people / 2000 == pytest.approx(2.0, abs=4 * np.sqrt(2.0 / 2000))
    assert lightning / 2000 == pytest.approx(1.0, abs=0.15)  # half a storm of two fires
    assert at[0] == 0
    assert at[2] / at[1] == pytest.approx(3.0, rel=0.15)


def test_a_storm_starts_several_fires_at_nearly_the_same_time():
    rng = np.random.default_rng(1)
    spans = []
    for _ in range(200):
        _, time, struck = draw_ignitions(np.ones(4), np.ones(4), 0.0, 1.0, 4.0, 1e6, 600.0, rng)
        assert struck.all()
        spans += [time[-1] - time[0]] if len(time) >= 3 else []
    assert len(spans) > 50
    assert np.median(spans) < 600.0 or np.quantile(spans, 0.25) < 600.0


def test_halving_the_weight_of_a_cell_lowers_its_share():
    # a checkpoint on the road into a valley: fewer people's fires there
    def share(weight: float) -> float:
        rng = np.random.default_rng(9)
        cell, _, _ = draw_ignitions(np.array([weight, 1.0]), np.zeros(2), 4000.0, 0.0, 0.0, 1.0, 1.0, rng)
        return float((cell == 0).mean())

    assert share(0.5) == pytest.approx(1 / 3, abs=0.03)
    assert share(1.0) == pytest.approx(1 / 2, abs=0.03)


def test_fires_without_any_place_to_start_are_refused():
    with pytest.raises(ValueError, match="weight"):
        draw_ignitions(np.zeros(2), np.zeros(2), 1.0, 0.0, 0.0, 1.0, 1.0, np.random.default_rng(0))
