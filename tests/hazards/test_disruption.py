"""How a hazard turns out: groups come, shift and stretch together; equal seeds give equal nights."""

from __future__ import annotations

import numpy as np
import pytest

from tests import tiny


def group(name: str, probability: float, shift: tuple[float, float, float], duration: tuple[float, float, float]):
    keys = ("shift_low_s", "shift_mode_s", "shift_high_s", "duration_low", "duration_mode", "duration_high")
    return {"group": name, "probability": probability, **dict(zip(keys, (*shift, *duration), strict=True))}


def hazard(*groups):
    edges = [
        tiny.closure("a", 100, 200, group="g"),
        tiny.closure("b", 300, np.inf, group="g"),
        tiny.closure("c", 50, 60, group=""),
    ]
    return tiny.disruption(edges, groups)


def test_a_group_that_never_happens_leaves_the_others():
    night = hazard(group("g", 0.0, (0, 0, 0), (1, 1, 1))).sample(np.random.default_rng(1))
    assert night.edges["edge"].tolist() == ["c"]


def test_members_shift_and_stretch_alike_and_the_forecast_stays():
    night = hazard(group("g", 1.0, (30, 30, 30), (2, 2, 2))).sample(np.random.default_rng(1))
    assert night.edges["start_s"].tolist() == [130, 330, 50]
    assert night.edges["end_s"].tolist() == [330, np.inf, 60]
    assert night.edges["forecast_start_s"].tolist() == [100, 300, 50]
    assert night.forecast().edges["end_s"].tolist() == [200, np.inf, 60]


def test_draws_follow_the_triangular_distribution():
    source = hazard(group("g", 0.7, (-60, 0, 120), (0.5, 1, 3)))
    nights = [source.sample(np.random.default_rng((5, i))).edges for i in range(4000)]
    came = [edges for edges in nights if "a" in edges["edge"].tolist()]
    assert len(came) / len(nights) == pytest.approx(0.7, abs=0.03)
    shift = np.array([edges["start_s"].iloc[0] - 100 for edges in came])
    stretch = np.array([(edges["end_s"] - edges["start_s"]).iloc[0] / 100 for edges in came])
    assert shift.mean() == pytest.approx((-60 + 0 + 120) / 3, abs=3)
    assert stretch.mean() == pytest.approx((0.5 + 1 + 3) / 3, abs=0.05)
    assert (shift >= -60).all()
    assert (shift <= 120).all()


def test_equal_seeds_give_equal_nights():
    source = hazard(group("g", 0.5, (-60, 0, 120), (0.5, 1, 3)))
    one, two = (source.sample(np.random.default_rng(9)).edges for _ in range(2))
    assert one.equals(two)


def test_headquarters_see_only_what_they_know_by_then():
    edges = [tiny.closure("a", 100, 200, known_s=150.0), tiny.closure("b", 100, 200, known_s=400.0)]
    assert tiny.disruption(edges).forecast(150.0).edges["edge"].tolist() == ["a"]
