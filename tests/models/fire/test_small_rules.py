"""Ellipse, spotting, moisture, containment and breach, Wang's rule: identities and published values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ellipe

from dispatch.hazards.fire_norms import line_rate_m_h, logistic, wang_rule
from models.fire.ellipse import fire_ellipse
from models.fire.moisture import equilibrium_moisture
from models.fire.spotting import ignition_probability, spot_distance_m
from models.fire.suppression import breach_probability, containment_probability
from models.fire.wang import wang_ros_m_min
from tests.models.fire.beds import beds, canopy, one


@given(e=st.floats(0.0, 0.99), ros=st.floats(0.1, 100.0))
def test_ellipse_identities(e: float, ros: float):
    fire = fire_ellipse(ros, e, 60.0)
    a, b = (fire.heading_m + fire.backing_m) / 2, fire.flanking_m
    assert fire.area_m2 == pytest.approx(math.pi * a * b)
    assert a**2 - b**2 == pytest.approx((fire.heading_m - a) ** 2, rel=1e-6, abs=1e-6)  # the origin is the focus
    assert fire.perimeter_m == pytest.approx(4 * a * ellipe(e**2), rel=1e-4)  # complete elliptic integral


def test_no_ellipse_beyond_a_parabola():
    with pytest.raises(ValueError, match="eccentricity"):
        fire_ellipse(1.0, 1.0, 60.0)


@given(slope=st.floats(0, 1), wind=st.floats(0, 20), more=st.floats(0, 10))
def test_more_wind_up_the_slope_never_slows_the_head(slope: float, wind: float, more: float):
    wet = beds(6, 7, 8, 60, 90)
    slow = one(101, wet, slope, 180.0, canopy(), wind, 180.0)
    fast = one(101, wet, slope, 180.0, canopy(), wind + more, 180.0)
    assert fast.ros_m_min[0] >= slow.ros_m_min[0] * (1 - 1e-12)
    assert slow.heading_deg[0] == pytest.approx(0.0, abs=1e-6) or slope == wind == 0 or slow.heading_deg[0] > 359.999


@given(m=st.floats(1, 30), wetter=st.floats(0, 10))
def test_wetter_dead_fuel_never_burns_faster(m: float, wetter: float):
    dry = one(8, beds(m, m, m, 60, 90), 0.2, 0.0, canopy(), 3.0, 0.0)
    wet = one(8, beds(*[m + wetter] * 3, 60, 90), 0.2, 0.0, canopy(), 3.0, 0.0)
    assert wet.ros_m_min[0] <= dry.ros_m_min[0] * (1 + 1e-9)


def test_wet_fuel_beyond_extinction_does_not_burn():
    assert one(1, beds(13, 13, 13, 60, 90), 0.2, 0.0, canopy(), 5.0, 0.0).ros_m_min[0] == 0


def test_strong_wind_makes_a_crown_fire_of_a_young_stand():
    above = canopy(1, 0.5, 8.0, 0.5, 0.2)
    calm = one(165, beds(5, 6, 7, 60, 90), 0.0, 0.0, above, 0.0, 0.0, crown=True)
    storm = one(165, beds(5, 6, 7, 60, 90), 0.0, 0.0, above, 18.0, 0.0, crown=True)
    assert calm.fire_type[0] < storm.fire_type[0] == 3
    assert storm.ros_m_min[0] > 3.0 / 0.2 * 0.9  # Van Wagner's critical rate


def test_spotting_needs_wind_and_flame_and_grows_with_both():
    far = spot_distance_m(np.array([0.0, 2.0, 2.0, 2.0, 4.0]), np.array([8.0, 0.0, 4.0, 8.0, 8.0]), np.full(5, 5.0))
    assert far[0] == far[1] == 0
    assert 0 < far[2] < far[3] < far[4] < 5000


def test_dry_fuel_ignites_more_often():
    chance = ignition_probability(np.array([0.02, 0.05, 0.10, 0.25]), np.full(4, 30.0))
    assert (np.diff(chance) < 0).all()
    # Schroeder's (1969) table at 90 °F: 2 % moisture about 100 %, 5 % about 70 %, 10 % about 35 %
    assert chance[:3] == pytest.approx([0.95, 0.65, 0.32], abs=0.08)


@given(t=st.floats(-10, 40), h=st.floats(1, 99), more=st.floats(0, 30))
def test_damper_air_makes_damper_fuel(t: float, h: float, more: float):
    # Simard's three pieces do not meet exactly: a jump of 0.3 percent points is his
    dry, damp = (float(equilibrium_moisture(np.array(t), np.array(x))) for x in (h, min(h + more, 99)))
    assert damp >= dry - 0.003


def test_equilibrium_moisture_at_the_table_value():
    # Simard (1968): 70 °F and 30 % relative humidity: 2.22749 + 0.160107 · 30 - 0.014784 · 70 = 5.996 %
    assert float(equilibrium_moisture(np.array((70 - 32) / 1.8), np.array(30.0))) == pytest.approx(0.05996, abs=1e-5)


@given(area=st.floats(0, 50), kw=st.floats(0, 20_000), more=st.floats(0, 10))
def test_larger_and_hotter_fires_are_contained_less_often(area: float, kw: float, more: float):
    model = logistic("containment")
    chance = containment_probability(model, np.array([area, area + more, area]), np.array([kw, kw, kw + 100 * more]))
    assert (chance[1:] <= chance[0] + 1e-12).all()
    assert ((chance >= 0) & (chance <= 1)).all()


@given(width=st.floats(0, 60), kw=st.floats(0, 20_000), more=st.floats(0, 10))
def test_wider_breaks_hold_better_and_trees_carry_fire_over(width: float, kw: float, more: float):
    model = logistic("breach")
    widths, heat = np.array([width, width + more, width, width]), np.array([kw, kw, kw + 100 * more, kw])
    chance = breach_probability(model, widths, heat, np.array([False, False, False, True]))
    assert chance[1] <= chance[0] + 1e-12  # the exponential is exact to its last digit only
    assert chance[2] >= chance[0] - 1e-12
    assert chance[3] >= chance[0] - 1e-12


def test_breaches_by_hand():
    # Wilson 1988: z = exp(1.36 + 0.00036·2000 - 0.99·3) = 0.4107, P = 29 %; with trees exp(1.36 + 1.8 - 1.14): 88 %
    model = logistic("breach")
    chance = breach_probability(model, np.full(2, 3.0), np.array([2000.0, 5000.0]), np.array([False, True]))
    assert chance == pytest.approx([0.2911, 0.8829], abs=2e-4)


def test_line_rates_are_those_of_the_handbook_for_its_crew_and_in_proportion():
    # 20 people, type I in short grass: 30 chains an hour; 30 people, type II in closed conifer litter: about 150 m/h
    assert line_rate_m_h("short_grass", 20, professional=True) == pytest.approx(30 * 20.1168)
    assert line_rate_m_h("conifer_litter", 30, professional=False) == pytest.approx(150, rel=0.01)
    assert line_rate_m_h("understory", 30, professional=False) == pytest.approx(120, rel=0.01)


def test_wang_rule_by_hand():
    # 20 °C, calm, 40 % humidity, pine on level ground: 0.03·20 + 0.01·60 - 0.3 = 0.9 m/min
    rule, one_cell = wang_rule(), np.ones(1)
    still = wang_ros_m_min(rule, 20 * one_cell, 0 * one_cell, 40 * one_cell, one_cell, 0 * one_cell, 0 * one_cell)
    assert still[0] == pytest.approx(0.9)
    # at 30 degrees uphill tan^1.2 = 0.5173, e^(3.533 · 0.5173) = 6.219
    up = wang_ros_m_min(
        rule, 20 * one_cell, 0 * one_cell, 40 * one_cell, one_cell, math.tan(math.radians(30)) * one_cell, 0 * one_cell
    )
    assert up[0] == pytest.approx(0.9 * 6.219, rel=1e-3)
