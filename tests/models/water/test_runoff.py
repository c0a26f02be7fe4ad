"""Runoff, storms and unit hydrographs: published figures and conservation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.water.hydrograph import concentration_s, hydrographs, unit_hydrograph
from models.water.runoff import excess_mm, runoff_mm, storm_mm, wetter_or_drier

TRIANGLE = (np.array([0.0, 1.0, 8 / 3]), np.array([0.0, 1.0, 0.0]))


def test_runoff_of_the_handbooks_table():
    # TR-55 (1986), table 2-1, inches: rain 4.0, CN 80: 2.04; rain 6.0, CN 70: 2.80 (2.81); rain 3.0, CN 90: 1.98
    inches = np.array([4.0, 6.0, 3.0])
    off = runoff_mm(inches * 25.4, np.array([80.0, 70.0, 90.0])) / 25.4
    np.testing.assert_allclose(off, [2.04, 2.81, 1.98], atol=0.01)


def test_no_runoff_before_the_initial_abstraction_and_all_of_it_on_water():
    assert runoff_mm(np.array([12.7]), 80.0)[0] == 0.0  # 0.2 S = 12.7 mm
    assert runoff_mm(np.array([55.0]), 100.0)[0] == pytest.approx(55.0)
    with pytest.raises(ValueError, match="curve numbers"):
        runoff_mm(np.array([1.0]), 101.0)


@given(st.floats(0, 500), st.floats(0, 500), st.floats(1, 100), st.floats(1, 100))
def test_more_rain_or_harder_ground_never_runs_off_less(p: float, q: float, a: float, b: float):
    off = runoff_mm(np.array([min(p, q), max(p, q)]), max(a, b))
    assert 0 <= off[0] <= off[1] <= max(p, q) + 1e-9
    assert runoff_mm(np.array([p]), min(a, b))[0] <= runoff_mm(np.array([p]), max(a, b))[0] + 1e-9


def test_wet_and_dry_ground():
    # handbook table 10-1: CN 80 is 63 when dry and 91 when wet; the formulas are within one unit
    assert wetter_or_drier(80, "dry") == pytest.approx(63, abs=1)
    assert wetter_or_drier(80, "wet") == pytest.approx(91, abs=1)
    assert wetter_or_drier(80, "normal") == 80


def test_excess_adds_up_to_the_runoff_of_the_storm():
    rain = storm_mm(120.0, np.array([0, 0.5, 1.0]), np.array([0, 0.7, 1.0]), 12)
    assert rain.sum() == pytest.approx(120)
    assert rain[:6].sum() == pytest.approx(84)
    assert excess_mm(rain, 78.0).sum() == pytest.approx(runoff_mm(np.array([120.0]), 78.0)[0])
    with pytest.raises(ValueError, match="mass curve"):
        storm_mm(10.0, np.array([0, 1.0]), np.array([0.1, 1.0]), 3)


def test_triangular_unit_hydrograph_has_the_handbooks_peak():
    # q_p = 2.08 A Q / t_p (metric, km², cm, h) for the triangle of base 8/3 t_p
    concentration = 3600.0 * 5
    step = 60.0
    peak_h = (0.5 * step + 0.6 * concentration) / 3600
    one_cm = hydrographs(np.array([[10.0]]), np.array([100.0]), np.array([concentration]), step, 2000, TRIANGLE)
    assert one_cm.max() == pytest.approx(2.08 * 100 / peak_h, rel=0.01)
    assert one_cm.sum() * step == pytest.approx(1e6)  # 10 mm on 100 km²


def test_unit_hydrograph_adds_up_to_one_whatever_the_step():
    for step in (60.0, 900.0, 7200.0):
        shares = unit_hydrograph(1800.0, step, *TRIANGLE)
        assert shares.sum() == pytest.approx(1.0)
        assert (shares >= 0).all()


def test_kirpich():
    # 2 km at 5 %: 0.0195 · 2000^0.77 · 0.05^-0.385 = 21.6 minutes
    assert concentration_s(np.array([2000.0]), np.array([0.05]))[0] / 60 == pytest.approx(21.6, rel=0.01)
