"""Arrival times: the exact ellipse, weather that changes, lines, and what must always hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.fire.arrival import arrival_times, pace
from models.fire.behaviour import Behaviour
from tests.models.fire.beds import uniform

CELL = 30.0


def _free(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    return np.full(shape, np.inf), np.full(shape, np.inf)


def _from_middle(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    known = np.full(shape, np.inf)
    origin = np.array([[shape[0] // 2, shape[1] // 2]])
    known[tuple(origin[0])] = 0.0
    return known, origin


def _exact(n: int, ros: float, ratio: float, heading: float) -> np.ndarray:
    """Time by which the ellipse from the middle cell has reached every cell."""
    e = math.sqrt(ratio**2 - 1) / ratio
    y, x = np.mgrid[0:n, 0:n]
    dx, dy = (x - n // 2) * CELL, (n // 2 - y) * CELL
    turn = math.radians(heading)
    return 60 / (ros * (1 - e)) * (np.hypot(dx, dy) - e * (dx * math.sin(turn) + dy * math.cos(turn)))


@pytest.mark.parametrize(("ratio", "worst"), [(1.0, 0.005), (1.5, 0.01), (2.0, 0.015), (3.0, 0.02), (5.0, 0.05)])
@pytest.mark.parametrize("heading", [0.0, 10.0, 200.0])
def test_uniform_land_burns_in_the_exact_ellipse(ratio: float, worst: float, heading: float):
    n = 201
    front = pace([uniform(n * n, 10.0, ratio, heading)], np.zeros(n * n), np.zeros(1), (n, n), CELL)
    found = arrival_times(front, *_from_middle((n, n)), *_free((n, n)), 1e9)
    exact = _exact(n, 10.0, ratio, heading)
    far = exact > 0
    relative = found[far] / exact[far] - 1
    assert relative.min() > -1e-5  # never faster than the exact front
    assert relative.max() < worst
    assert relative.mean() < 0.002


def test_area_grows_as_that_of_the_ellipse():
    n, ratio = 301, 3.0
    front = pace([uniform(n * n, 10.0, ratio, 45.0)], np.zeros(n * n), np.zeros(1), (n, n), CELL)
    found = arrival_times(front, *_from_middle((n, n)), *_free((n, n)), 1e9)
    e = math.sqrt(ratio**2 - 1) / ratio
    for minutes in (150, 300):
        head = 10.0 * minutes
        half = head * (1 + (1 - e) / (1 + e)) / 2
        area = math.pi * half * half / ratio
        assert (found <= 60 * minutes).sum() * CELL**2 == pytest.approx(area, rel=0.02)


def test_slow_fire_adds_up_its_progress_over_the_hours():
    # 30 m at 0.25 m/min take two hours; a front of 0.125 m/min in the second hour needs one hour more
    shape = (1, 3)
    hours = [uniform(3, ros, 1.0, 0.0) for ros in (0.25, 0.125, 0.25)]
    front = pace(hours, np.zeros(3), np.array([0.0, 3600.0, 7200.0]), shape, CELL)
    known = np.array([[0.0, np.inf, np.inf]])
    found = arrival_times(front, known, np.array([[0, 0]]), *_free(shape), 1e9)
    assert found[0, 1] == pytest.approx(9000.0)  # 15 m + 7.5 m + the last 7.5 m at 0.25 m/min
    assert found[0, 2] == pytest.approx(16200.0)


def test_wind_that_turns_turns_the_fire():
    n = 121
    hours = [uniform(n * n, 10.0, 3.0, 90.0), uniform(n * n, 10.0, 3.0, 0.0)]
    front = pace(hours, np.zeros(n * n), np.array([0.0, 3600.0]), (n, n), CELL)
    found = arrival_times(front, *_from_middle((n, n)), *_free((n, n)), 1e9)
    middle = n // 2
    assert found[middle, middle + 20] == pytest.approx(3600.0, rel=1e-3)  # 600 m east in the first hour
    # from the head of the first hour 600 m to the north in the second
    assert found[middle - 20, middle + 20] == pytest.approx(7200.0, rel=0.03)


def test_fire_stands_still_while_nothing_burns_and_goes_on_after():
    hours = [uniform(2, ros, 1.0, 0.0) for ros in (0.25, 0.0, 0.25)]
    front = pace(hours, np.zeros(2), np.array([0.0, 3600.0, 7200.0]), (1, 2), CELL)
    found = arrival_times(front, np.array([[0.0, np.inf]]), np.array([[0, 0]]), *_free((1, 2)), 1e9)
    assert found[0, 1] == pytest.approx(10800.0)


def test_a_closed_wall_is_not_crossed_and_a_wet_one_is_when_it_has_dried():
    n = 41
    front = pace([uniform(n * n, 10.0, 5.0, 90.0)], np.zeros(n * n), np.zeros(1), (n, n), CELL)
    closed, opens = _free((n, n))
    closed[:, 30] = -np.inf
    dry = arrival_times(front, *_from_middle((n, n)), closed, opens, 1e9)
    assert np.isinf(dry[:, 31:]).all()
    opens[:, 30] = 5000.0
    wet = arrival_times(front, *_from_middle((n, n)), closed, opens, 1e9)
    assert wet[:, 30:].min() == 5000.0
    assert np.isfinite(wet[:, 31:]).all()


def test_a_line_that_is_finished_too_late_stops_nothing():
    n = 41
    front = pace([uniform(n * n, 10.0, 1.0, 0.0)], np.zeros(n * n), np.zeros(1), (n, n), CELL)
    free = arrival_times(front, *_from_middle((n, n)), *_free((n, n)), 1e9)
    closed, opens = _free((n, n))
    closed[:, 30] = free[:, 30].max() + 1
    late = arrival_times(front, *_from_middle((n, n)), closed, opens, 1e9)
    assert np.array_equal(late, free)


def _patchwork(draw: np.random.Generator, shape: tuple[int, int], periods: int) -> list[Behaviour]:
    """Random rates, headings and shapes; a tenth of the cells do not burn."""
    n = shape[0] * shape[1]
    found = []
    for _ in range(periods):
        ros = np.where(draw.random(n) < 0.1, 0.0, draw.uniform(0.2, 20.0, n))
        ratio = draw.uniform(1.0, 6.0, n)
        e = np.sqrt(ratio**2 - 1) / ratio
        ones = np.ones(n)
        found.append(Behaviour(ros, draw.uniform(0, 360, n), e, ones, ones, np.ones(n, dtype=np.int8)))
    return found


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), periods=st.integers(1, 4))
def test_a_break_never_makes_a_fire_larger(seed: int, periods: int):
    draw, shape = np.random.default_rng(seed), (18, 18)
    land = _patchwork(draw, shape, periods)
    slope = draw.uniform(0, 0.6, 324)
    front = pace(land, slope, np.arange(periods) * 900.0, shape, CELL)
    known, origin = _from_middle(shape)
    closed, opens = _free(shape)
    free = arrival_times(front, known, origin, closed, opens, 20_000.0)
    some = draw.random(shape) < 0.15
    closed[some] = draw.choice([-np.inf, 500.0, 2000.0], some.sum())
    opens[some] = draw.choice([1500.0, np.inf], some.sum())
    stopped = arrival_times(front, known, origin, closed, opens, 20_000.0)
    assert (stopped >= free).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), at=st.floats(100.0, 8000.0))
@example(seed=1601, at=1867.0)  # a front that the end of the second period overtakes, beyond which nothing is asked
def test_going_on_from_what_has_burnt_gives_the_same_fire(seed: int, at: float):
    draw, shape = np.random.default_rng(seed), (18, 18)
    front = pace(_patchwork(draw, shape, 3), np.zeros(324), np.arange(3) * 1200.0, shape, CELL)
    known, origin = _from_middle(shape)
    whole = arrival_times(front, known, origin, *_free(shape), 20_000.0)
    half = arrival_times(front, known, origin, *_free(shape), at)
    assert np.array_equal(half, np.where(whole <= at, whole, np.inf))
    rest = arrival_times(front, half, origin, *_free(shape), 20_000.0)
    assert rest == pytest.approx(whole)


def test_more_ignitions_never_delay_the_fire():
    draw, shape = np.random.default_rng(5), (30, 30)
    front = pace(_patchwork(draw, shape, 1), np.zeros(900), np.zeros(1), shape, CELL)
    known, origin = _from_middle(shape)
    first = arrival_times(front, known, origin, *_free(shape), 1e9)
    known[3, 3] = 600.0
    both = arrival_times(front, known, np.vstack([origin, [[3, 3]]]), *_free(shape), 1e9)
    assert (both <= first).all()
    assert both[3, 3] <= 600.0


def test_shapes_that_differ_are_refused():
    front = pace([uniform(4, 1.0, 1.0, 0.0)], np.zeros(4), np.zeros(1), (2, 2), CELL)
    with pytest.raises(ValueError, match="known_s"):
        arrival_times(front, np.zeros((3, 2)), np.zeros((1, 2)), *_free((2, 2)), 1.0)
