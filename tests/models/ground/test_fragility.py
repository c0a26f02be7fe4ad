"""Fragility of HAZUS, attenuation and displacement against their published tables and worked values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.norms import read_norm
from models.ground.fragility import exceedance, intensity, pga_of_intensity, spectral_1s, states
from models.ground.slopes import newmark_cm

STATES = ("slight", "moderate", "extensive", "complete")
EAST = (np.array([6.046, 1.480, 2.081, 25.0]), np.array([2.617, 1.435, 1.441, 7.0]))


def curves(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Medians and dispersions of a norm table."""
    rows = read_norm(name)
    return np.array([[row[s] for s in STATES] for row in rows]), np.array([row["dispersion"] for row in rows])


def test_bridge_medians_are_those_of_hazus_table_7_6():
    # Hazus Earthquake Model Technical Manual 4.2, table 7-6
    median, dispersion = curves("hazus_bridges")
    assert median.shape == (28, 4)
    rows = {row["bridge"]: [row[s] for s in STATES] for row in read_norm("hazus_bridges")}
    assert rows["HWB1"] == [0.40, 0.50, 0.70, 0.90]
    assert rows["HWB5"] == rows["HWB12"] == rows["HWB17"] == rows["HWB24"] == [0.25, 0.35, 0.45, 0.70]
    assert rows["HWB8"] == rows["HWB20"] == [0.35, 0.45, 0.55, 0.80]
    assert rows["HWB9"] == rows["HWB21"] == [0.60, 0.90, 1.30, 1.60]
    assert rows["HWB11"] == rows["HWB16"] == rows["HWB23"] == [0.90, 0.90, 1.10, 1.50]
    assert rows["HWB15"] == rows["HWB26"] == rows["HWB27"] == [0.75, 0.75, 0.75, 1.10]
    assert rows["HWB3"] == rows["HWB4"] == rows["HWB28"] == [0.80, 1.00, 1.20, 1.70]
    assert (dispersion == 0.6).all()


def test_building_medians_are_those_of_the_shakecast_table():
    rows = {row["building"]: [row[s] for s in STATES] for row in read_norm("hazus_buildings")}
    assert rows["URML_low"] == [0.14, 0.20, 0.32, 0.46]
    assert rows["URML_pre"] == [0.13, 0.17, 0.26, 0.37]
    assert rows["C1L_low"] == [0.12, 0.15, 0.27, 0.45]


@pytest.mark.parametrize("name", ["hazus_bridges", "hazus_roads", "hazus_buildings"])
def test_half_reach_a_state_at_its_median_and_five_sixths_at_a_deviation_above(name: str):
    median, dispersion = curves(name)
    for medians, beta in zip(median, dispersion, strict=True):
        for k in range(4):
            at = exceedance(np.array([medians[k], medians[k] * np.exp(beta)]), medians, beta)
            assert at[0, k] == pytest.approx(0.5)
            assert at[1, k] == pytest.approx(0.841344746)  # Φ(1)


def test_hand_worked_probabilities_of_a_bridge():
    # HWB5 at Sa = 0.35 g: ln(0.35/0.25)/0.6 = 0.5608, 0, -0.4189, -1.1552 → Φ = 0.7125, 0.5, 0.3377, 0.1240
    reached = exceedance(np.array([0.35]), np.array([0.25, 0.35, 0.45, 0.70]), 0.6)
    assert reached[0] == pytest.approx([0.7125, 0.5, 0.3377, 0.1240], abs=1e-4)
    assert states(reached)[0] == pytest.approx([0.2125, 0.1623, 0.2137, 0.1240], abs=2e-4)


@given(st.floats(0, 3), st.floats(1, 3), st.integers(0, 27))
def test_more_shaking_never_does_less_damage(demand: float, times: float, k: int):
    median, dispersion = curves("hazus_bridges")
    less, more = (exceedance(np.array([d]), median[k], dispersion[k])[0] for d in (demand, demand * times))
    assert (more >= less).all()
    assert (np.diff(more) <= 0).all()
    assert states(more[None])[0].sum() == pytest.approx(more[0])


def test_intensity_scale_gives_the_accelerations_of_its_standard():
    # GB/T 17742-2020: means of VI to X are 0.65, 1.35, 2.79, 5.77 and 11.9 m/s²
    pga = pga_of_intensity(np.array([6.0, 7.0, 8.0, 9.0, 10.0])) * 9.80665
    assert pga == pytest.approx([0.653, 1.35, 2.79, 5.77, 11.9], rel=0.005)


def test_spectrum_falls_with_the_period():
    assert spectral_1s(np.array([0.2]), 0.45, 2.5)[0] == pytest.approx(0.2 * 2.5 * 0.45)
    assert spectral_1s(np.array([0.2]), 1.2, 2.5)[0] == pytest.approx(0.5)


def test_intensity_along_the_axes_is_that_of_their_laws():
    for away in (5.0, 20.0, 60.0):
        for bearing, (a, b, c, r) in zip((0.0, 90.0), EAST, strict=True):
            east, north = away * np.sin(np.radians(bearing)), away * np.cos(np.radians(bearing))
            found = intensity(np.array([east]), np.array([north]), 6.5, 0.0, *EAST)[0]
            assert found == pytest.approx(a + b * 6.5 - c * np.log(away + r), abs=1e-3)


@given(st.floats(0.5, 150), st.floats(0, 360), st.floats(4.5, 8.0), st.floats(1.0, 3.0))
def test_intensity_falls_with_distance_and_grows_with_magnitude(km: float, bearing: float, size: float, times: float):
    at = np.array([np.sin(np.radians(bearing)), np.cos(np.radians(bearing))])
    near, far = (intensity(at[:1] * d, at[1:] * d, size, 30.0, *EAST)[0] for d in (km, km * times))
    assert far <= near + 1e-4
    assert intensity(at[:1] * km, at[1:] * km, size + 0.3, 30.0, *EAST)[0] >= near - 1e-4


def test_cornell_attenuation_gives_the_worked_values():
    # Baker (2008), magnitude 6.5 at 3, 10 and 30 km: -0.5765, -0.9788, -1.7937
    row = next(row for row in read_norm("earthquake_attenuation") if row["region"] == "cornell_1979")
    found = [row["a"] + row["b"] * 6.5 - row["c"] * np.log(km + row["r"]) for km in (3, 10, 30)]
    assert found == pytest.approx([-0.5765, -0.9788, -1.7937], abs=5e-4)


def test_sliding_block_stands_until_the_critical_acceleration():
    found = newmark_cm(np.array([0.1, 0.2, 0.4, 0.8]), np.array([0.2]))
    assert found[:2].tolist() == [0.0, 0.0]
    # a = 0.5: 10**0.215 × 0.5**2.341 × 0.5**-1.438 = 0.8773 cm
    assert found[2] == pytest.approx(10**0.215 * 0.5 ** (2.341 - 1.438), rel=1e-12)
    assert found[3] > found[2]
