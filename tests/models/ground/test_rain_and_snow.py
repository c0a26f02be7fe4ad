"""Rain on slopes; snow, grip and ploughs: worked values and what must never happen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ground.rainfall import effective_rain_mm, failure_probability, threshold_mm
from models.ground.snow import climbable, gradients, lying_cm, plough_times_s, safe_speed_kmh


def test_antecedent_rain_decays_day_by_day():
    assert effective_rain_mm(np.array([10.0, 20.0]), 0.84) == pytest.approx(0.84 * 10 + 0.84**2 * 20)
    assert effective_rain_mm(np.array([]), 0.84) == 0.0


def test_threshold_is_caines_intensity_times_the_duration():
    hours = np.array([1.0, 10.0, 24.0])
    assert threshold_mm(hours, 14.82, 0.39) == pytest.approx(14.82 * hours**-0.39 * hours)


def test_probability_at_the_threshold_and_a_deviation_above():
    rain = np.array([[0.0, 50.0, 50.0 * np.exp(0.6 * 1.2815515655)]])
    found = failure_probability(rain, np.array([50.0]), 0.1, 0.6)[0]
    assert found == pytest.approx([0.0, 0.1, 0.5])  # Φ⁻¹(0.1) = -1.28155


@given(st.floats(0, 400), st.floats(0, 400), st.floats(5, 200))
def test_more_rain_never_makes_a_slope_safer(rain: float, more: float, threshold: float):
    less, greater = failure_probability(np.array([[rain, rain + more]]), np.array([threshold]), 0.05, 0.5)[0]
    assert greater >= less


def test_snow_gathers_again_after_the_plough():
    time = np.array([0.0, 3600.0, 7200.0])
    fallen = np.array([[0.0, 4.0, 8.0], [0.0, 4.0, 8.0]])
    lying = lying_cm(fallen, time, np.array([3600.0, np.inf]))
    assert lying.tolist() == [[0.0, 0.0, 4.0], [0.0, 4.0, 8.0]]


def test_speed_from_which_a_vehicle_stops_within_its_sight():
    # v = 20 m/s on the level with μ = 0.2 and 2.5 s: 50 + 400 / (2 × 9.80665 × 0.2) = 151.97 m
    sight = 50 + 400 / (2 * 9.80665 * 0.2)
    found = safe_speed_kmh(np.array([0.2, 0.2, 0.05]), np.array([0.0, 0.05, 0.05]), sight, 2.5)
    assert found[0] == pytest.approx(72.0)
    assert found[1] < found[0]
    assert found[2] == 0.0  # steeper than it holds


@given(st.floats(0.05, 0.9), st.floats(0, 0.2), st.floats(0, 0.1), st.floats(0.3, 1.0))
def test_less_grip_or_more_gradient_never_helps(friction: float, gradient: float, more: float, share: float):
    level, steep = safe_speed_kmh(np.full(2, friction), np.array([gradient, gradient + more]), 60.0, 2.5)
    assert steep <= level
    assert climbable(np.array([friction]), share, 0.03) >= climbable(np.array([friction * 0.8]), share, 0.03)


def test_gradient_is_the_steepest_over_the_window():
    # 0–100 m level, 100–200 m rising 10 m, then level; and a line shorter than the window
    height = np.array([0.0, 0.0, 10.0, 10.0, 0.0, 3.0])
    along = np.array([0.0, 100.0, 200.0, 300.0, 0.0, 60.0])
    assert gradients(height, along, np.array([0, 4, 6]), 100.0) == pytest.approx([0.1, 0.05])
    assert gradients(height, along, np.array([0, 4, 6]), 200.0)[0] == pytest.approx(0.05)


def test_ploughs_take_the_list_in_order():
    # at 15 km/h a kilometre takes 240 s, at 30 km/h two kilometres of way 240 s; both teams start at the first road
    length = np.array([1000.0, 1000.0, 1000.0])
    x = np.array([0.0, 0.0, 2000.0])
    done, team = plough_times_s(length, np.array([0.0, 100.0]), np.array([15.0, 15.0]), x, np.zeros(3),
                                np.zeros((2, 2)), 30.0)  # fmt: skip
    assert done.tolist() == [240.0, 340.0, 720.0]
    assert team.tolist() == [0, 1, 0]
    alone, _ = plough_times_s(length, np.array([0.0]), np.array([15.0]), x, np.zeros(3), np.zeros((1, 2)), 30.0)
    assert alone.tolist() == [240.0, 480.0, 960.0]
    nobody, by = plough_times_s(length, np.array([]), np.array([]), x, np.zeros(3), np.zeros((0, 2)), 30.0)
    assert np.isinf(nobody).all()
    assert (by == -1).all()


@given(st.lists(st.floats(100, 5000), min_size=1, max_size=8), st.integers(1, 4))
def test_another_team_never_delays_the_last_road(lengths: list[float], teams: int):
    n = len(lengths)

    def last(k: int) -> float:
        return float(plough_times_s(np.array(lengths), np.zeros(k), np.full(k, 15.0), np.zeros(n), np.zeros(n),
                                    np.zeros((k, 2)), 30.0)[0].max())  # fmt: skip

    assert last(teams + 1) <= last(teams) + 1e-6
