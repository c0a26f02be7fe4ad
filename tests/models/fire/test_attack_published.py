"""Containment beside what others published and beside a crew marched step by step along the growing edge."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.fire.attack import attack

CHAIN_M, ACRE_M2 = 20.1168, 4046.8564224
RATE = CHAIN_M / 60.0
"""One chain an hour, m/min."""


def _since_birth_min(area_m2: float, ros: float, e: float) -> float:
    """Age of a free ellipse of an area."""
    half = ros / (1 + e)
    return math.sqrt(area_m2 / (math.pi * half * half * math.sqrt(1 - e * e)))


@pytest.mark.parametrize(
    ("arrives_h", "line_ch", "area_ac", "minutes"),
    [(0, 14.8329956, 1.32673918, 44.5), (2, 39.539849615, 9.42749714, 238.75)],
)
def test_runs_of_behave(arrives_h: float, line_ch: float, area_ac: float, minutes: float):
    # US Forest Service, Behave, regression tests of Contain (Fried and Fried 1996): length to width 3, 5 ch/h, one acre
    # at the report, attack from the head by one crew of 20 ch/h; it counts in quarters of a minute
    e, ros = math.sqrt(1 - 1 / 9), 5 * RATE
    begins = _since_birth_min(ACRE_M2, ros, e) + 60 * arrives_h
    contained, area = attack(np.array([ros]), np.array([e]), np.array([[begins]]), np.array([[20 * RATE]]),
                             1e5, np.array([True]))  # fmt: skip
    took = float(contained[0]) - begins
    assert took * 20 / 60 == pytest.approx(line_ch, rel=1e-4)
    assert float(area[0]) / ACRE_M2 == pytest.approx(area_ac, rel=1e-4)
    assert took + 60 * arrives_h == pytest.approx(minutes, abs=0.25)


def _marched(ros: float, e: float, rate: float, begins: float, *, head: bool, steps: int = 4000) -> float:
    """Minutes from ignition until a crew that stays on the edge has come from one end of the fire to the other."""

    def edge(angle: float, t: float) -> tuple[float, float]:
        r = ros * (1 - e) / (1 - e * math.cos(angle)) * t
        return r * math.cos(angle), r * math.sin(angle)

    t, end, angle = begins, (math.pi if head else 0.0), (0.0 if head else math.pi)
    while True:
        dt = t / steps
        here, near, far = edge(angle, t), angle, end
        if math.dist(here, edge(end, t + dt)) <= rate * dt:
            return t
        for _ in range(50):
            middle = (near + far) / 2
            if math.dist(here, edge(middle, t + dt)) <= rate * dt:
                near = middle
            else:
                far = middle
        angle, t = near, t + dt


@pytest.mark.parametrize("head", [True, False])
@pytest.mark.parametrize("e", [0.3, 0.8, 0.95])
def test_a_crew_marched_along_the_growing_edge_is_done_at_the_same_time(e: float, head: bool):
    ros, rate, begins = 1.8, 3.0, _since_birth_min(2000.0, 1.8, e)
    contained, _ = attack(np.array([ros]), np.array([e]), np.array([[begins]]), np.array([[2 * rate]]), 1e6,
                          np.array([head]))  # fmt: skip
    assert float(contained[0]) == pytest.approx(_marched(ros, e, rate, begins, head=head), rel=5e-3)
