"""Containment of a growing ellipse: the spiral about a circle in closed form, limits, and what more crews do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fire.attack import attack
from models.fire.ellipse import fire_ellipse


def one(ros: float, e: float, crews: list[tuple[float, float]], until: float = 1440.0, *, head: bool = False):
    arrive, rate = (np.array([[crew[k] for crew in crews]]) for k in (0, 1))
    contained, area = attack(np.array([ros]), np.array([e]), arrive, rate, until, np.array([head]))
    return float(contained[0]), float(area[0])


@pytest.mark.parametrize(("ros", "line", "start"), [(1.0, 10.0, 30.0), (2.0, 30.0, 12.0), (0.5, 1.5, 60.0)])
def test_circle_is_a_spiral(ros: float, line: float, start: float) -> None:
    """Without wind each half turns at sqrt((c/2)² - R²) / (R t): closed at t0 · exp(π R / sqrt((c/2)² - R²))."""
    factor = math.sqrt((line / 2) ** 2 - ros**2) / ros
    closes = start * math.exp(math.pi / factor)
    inside = ros**2 * start**2 * factor / 2 * (math.exp(2 * math.pi / factor) - 1)
    contained, area = one(ros, 0.0, [(start, line)], until=1e6)
    assert contained == pytest.approx(closes, rel=1e-4)
    assert area == pytest.approx(inside, rel=1e-3)


def test_a_line_slower_than_the_fire_never_closes() -> None:
    """Each half of the crews builds no faster than the circle grows: it escapes, with its free-burning area."""
    contained, area = one(5.0, 0.0, [(10.0, 10.0)], until=600.0)
    assert contained == math.inf
    assert area == pytest.approx(math.pi * 3000.0**2)


def test_escaped_area_is_that_of_the_ellipse() -> None:
    """As the module of the free ellipse has it."""
    _, area = one(3.0, 0.8, [(math.inf, 9.0)], until=90.0)
    assert area == pytest.approx(fire_ellipse(3.0, 0.8, 90.0).area_m2)


def test_a_very_fast_crew_encloses_the_fire_as_it_is() -> None:
    """A line built in no time holds the ellipse of the crew's arrival."""
    for head in (False, True):
        contained, area = one(3.0, 0.8, [(40.0, 1e6)], head=head)
        assert contained == pytest.approx(40.0, rel=1e-2)
        assert area == pytest.approx(fire_ellipse(3.0, 0.8, 40.0).area_m2, rel=2e-2)


def test_a_second_crew_only_counts_from_its_arrival() -> None:
    """Before it comes, the first crew cannot gain; afterwards both together can."""
    alone, _ = one(2.0, 0.5, [(20.0, 3.0)])
    both, _ = one(2.0, 0.5, [(20.0, 3.0), (120.0, 60.0)])
    assert alone == math.inf
    assert 120.0 < both < 1440.0


@given(
    ros=st.floats(0.1, 10), e=st.floats(0, 0.95), start=st.floats(5, 120), rate=st.floats(1, 60),
    further=st.floats(5, 200), more=st.floats(1, 60), head=st.booleans(),
)  # fmt: skip
def test_a_further_crew_never_burns_more(
    ros: float, e: float, start: float, rate: float, further: float, more: float, *, head: bool
) -> None:
    """Neither later nor larger."""
    before = one(ros, e, [(start, rate)], head=head)
    after = one(ros, e, [(start, rate), (further, more)], head=head)
    assert after[0] <= before[0] * (1 + 1e-3)
    assert after[1] <= before[1] * (1 + 1e-2)


def test_bad_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="eccentricities"):
        one(1.0, 1.0, [(1.0, 1.0)])
