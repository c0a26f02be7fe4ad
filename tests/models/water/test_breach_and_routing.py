"""Dam breaches and the waves they send down: published formulas worked by hand, and no water lost."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.water.breach import breach_2008, outflow, peak_1995
from models.water.routing import route, weights


def test_froehlich_2008_at_the_worked_example_of_the_hec_ras_manual():
    # fictitious dam of the manual: 357.98 million m³, 42.9 m deep breach, overtopped.
    # B = 0.27 · 1.3 · V^0.32 · h^0.04, t = 63.2 (V / g h²)^0.5, worked with logarithms by hand: 222.8 m, 2.47 h
    breach = breach_2008(357.98e6, 42.9, overtopping=True)
    assert breach.mean_width_m == pytest.approx(222.8, rel=2e-3)
    assert breach.formation_s / 3600 == pytest.approx(2.47, abs=0.01)
    assert breach.side_slope == 1.0
    assert breach.bottom_m(42.9) == pytest.approx(222.8 - 42.9, rel=3e-3)


def test_piping_makes_a_narrower_steeper_breach():
    over, through = breach_2008(1e6, 15, overtopping=True), breach_2008(1e6, 15, overtopping=False)
    assert over.mean_width_m == pytest.approx(1.3 * through.mean_width_m)
    assert through.side_slope == 0.7
    assert over.formation_s == through.formation_s


@pytest.mark.parametrize(
    ("volume", "depth", "expected"),
    # 0.607 V^0.295 h^1.24: Teton (310e6, 77.4), a million under ten metres, a check dam
    [(310e6, 77.4, 42_680), (1e6, 10.0, 621), (1e5, 8.0, 238.8)],
)
def test_froehlich_1995_peak(volume: float, depth: float, expected: float):
    by_logarithms = math.exp(math.log(0.607) + 0.295 * math.log(volume) + 1.24 * math.log(depth))
    assert peak_1995(volume, depth) == pytest.approx(by_logarithms)
    assert peak_1995(volume, depth) == pytest.approx(expected, rel=2e-3)


@given(st.floats(1e4, 1e8), st.floats(3, 80), st.booleans(), st.floats(1, 3.5))
def test_no_more_leaves_than_was_there(volume: float, depth: float, over: bool, shape: float):
    flow = outflow(volume, depth, breach_2008(volume, depth, overtopping=over), 60.0, shape=shape)
    assert (flow >= 0).all()
    assert flow.sum() * 60 <= volume * (1 + 1e-12)
    assert flow.sum() * 60 > 0.9 * volume or len(flow) == 48 * 60


def test_outflow_rises_to_one_peak_and_falls():
    flow = outflow(1e6, 18, breach_2008(1e6, 18, overtopping=True), 60.0)
    peak = int(flow.argmax())
    assert (np.diff(flow[: peak + 1]) >= 0).all()
    assert (np.diff(flow[peak:]) <= 0).all()


@given(
    st.floats(200, 5000), st.floats(0.3, 15), st.floats(1, 5000), st.floats(5, 500), st.floats(5e-4, 0.1),
    st.sampled_from([30.0, 60.0, 300.0]),
)  # fmt: skip
def test_weights_are_positive_and_add_up_to_one(
    length: float, celerity: float, flow: float, top: float, slope: float, step: float
):
    parts, within, three = weights(length, step, celerity, flow, top, slope)
    assert parts >= 1
    assert round(step / within) == pytest.approx(step / within)
    assert sum(three) == pytest.approx(1)
    assert min(three) >= -1e-12


def test_wave_keeps_its_water_flattens_and_travels_at_its_celerity():
    time = np.arange(2000) * 60.0
    wave = 800.0 * np.exp(-(((time - 7200) / 1800) ** 2))
    down = route(wave, 12_000.0, 60.0, 3.0, 60.0, 0.004)
    assert down.sum() == pytest.approx(wave.sum(), rel=1e-9)
    assert down.max() < wave.max()
    assert down.min() >= 0
    lag = (down @ time) / down.sum() - (wave @ time) / wave.sum()
    assert lag == pytest.approx(12_000 / 3.0, rel=1e-3)  # the centre of mass moves by K exactly


def test_flatter_valleys_flatten_the_wave_more():
    time = np.arange(1000) * 60.0
    wave = 800.0 * np.exp(-(((time - 7200) / 1800) ** 2))
    peaks = [route(wave, 12_000.0, 60.0, 3.0, 60.0, slope).max() for slope in (0.0005, 0.002, 0.02)]
    assert peaks == sorted(peaks)
