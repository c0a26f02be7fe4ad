"""Rating curves from heights above drainage, on a valley whose hydraulics are known."""

from __future__ import annotations

import numpy as np
import pytest

from models.water.rating import ratings

STAGES = np.linspace(0, 5, 51)


def flat_valley(manning: float = 0.05):
    """One reach of 1 km: a floor 100 m wide (10 by 100 cells of 10 m) between banks higher than any stage."""
    reach = np.zeros(1000, dtype=np.int64)
    return ratings(reach, np.zeros(1000), 100.0, np.zeros(1000), np.array([1000.0]), np.array([0.01]),
                   np.array([manning]), STAGES)  # fmt: skip


def test_flat_floor_flows_as_a_wide_channel_by_manning():
    curves = flat_valley()
    # Q = b h^(5/3) sqrt(S) / n = 100 · 2^(5/3) · 0.1 / 0.05
    assert curves.flow_m3_s[0, 20] == pytest.approx(100 * 2 ** (5 / 3) * 0.1 / 0.05)
    assert curves.stage_at(np.array([[curves.flow_m3_s[0, 20]]]))[0, 0] == pytest.approx(2.0)
    assert curves.top_m[0, 20] == pytest.approx(100)
    celerity, top = curves.at(0, float(curves.flow_m3_s[0, 20]))
    velocity = curves.flow_m3_s[0, 20] / 200
    assert celerity == pytest.approx(5 / 3 * velocity, rel=0.03)  # kinematic wave of a wide channel
    assert top == pytest.approx(100)


def test_flow_never_falls_with_the_stage_even_where_the_valley_widens_at_once():
    # a terrace of a kilometre at two metres: the mean radius drops there
    height = np.concatenate([np.zeros(100), np.full(10_000, 2.0)])
    curves = ratings(np.zeros(len(height), dtype=np.int64), height, 100.0, np.zeros(len(height)), np.array([1000.0]),
                     np.array([0.01]), np.array([0.05]), STAGES)  # fmt: skip
    assert (np.diff(curves.flow_m3_s[0]) >= 0).all()
    stages = curves.stage_at(np.linspace(0, curves.flow_m3_s[0, -1], 200)[None])[0]
    assert (np.diff(stages) >= 0).all()


def test_rougher_ground_stands_higher():
    flow = np.array([[150.0]])
    assert flat_valley(0.1).stage_at(flow)[0, 0] > flat_valley(0.05).stage_at(flow)[0, 0]
