"""Surface fire against BehavePlus: the expectations of its own code tests."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from models.fire.behaviour import wind_adjustment
from models.fire.ellipse import fire_ellipse
from models.fire.moisture import vapour_pressure_deficit_hpa
from tests.models.fire.beds import CHAIN_H_M_MIN, MPH_M_S, bed_row, beds, canopy, one
from tests.shared import shared_path

CASES = ("gs4_upslope", "gs4_crosswind90", "gs4_45wind_5aspect", "gs4_D1L1", "gs4_dead3_live80", "fm1_upslope",
         "gs4_15mph_45wind_95aspect_30deg")  # fmt: skip
FT = 0.3048


def _expected() -> dict[tuple[str, str], float]:
    with (shared_path("bench/sim_fire") / "bks.csv").open(encoding="utf-8") as file:
        return {(row["instance"], row["objective"]): float(row["bks"]) for row in csv.DictReader(file)}


def case(name: str) -> dict[str, str]:
    with (shared_path("bench/sim_fire/instances") / "behave_surface_cases.csv").open(encoding="utf-8") as file:
        return next(row for row in csv.DictReader(file) if row["case"] == name)


def behaviour(row: dict[str, str]):
    wet = beds(*(float(row[key]) for key in ("m1", "m10", "m100", "mherb", "mwoody")))
    slope = float(row["slope"]) / 100 if row["slope_unit"] == "pct" else math.tan(math.radians(float(row["slope"])))
    aspect, wind_from = float(row["aspect_deg"]), float(row["wind_dir_deg"])
    if row["orientation"] == "upslope":  # the angle of the wind's heading from uphill
        wind_from += aspect
    above = canopy(1, 0.5, 30 * FT, 15 * FT)
    return one(int(row["fuel_model"]), wet, slope, aspect, above, float(row["wind_mph"]) * MPH_M_S, wind_from)


@pytest.mark.parametrize("name", CASES)
def test_rate_or_shape_is_that_of_behaveplus(name: str):
    expected, fire = _expected(), behaviour(case(name))
    found = {
        "spread_rate_ch_hr": fire.ros_m_min[0] / CHAIN_H_M_MIN,
        "fireline_intensity_btu_ft_s": fire.intensity_kw_m[0] / 3.46414,
        "length_to_width": 1 / math.sqrt(1 - fire.eccentricity[0] ** 2),
    }
    wanted = {objective: value for (case, objective), value in expected.items() if case == name and objective in found}
    assert wanted
    for objective, value in wanted.items():
        assert found[objective] == pytest.approx(value, rel=1e-4)


def test_ellipse_of_the_upslope_case():
    expected, fire = _expected(), behaviour(case("gs4_upslope"))
    ellipse = fire_ellipse(float(fire.ros_m_min[0]), float(fire.eccentricity[0]), 120)
    for objective, metres in (
        ("spread_distance_ch_2h", ellipse.heading_m),
        ("backing_distance_ch_2h", ellipse.backing_m),
        ("flanking_distance_ch_2h", ellipse.flanking_m),
    ):
        assert metres / 20.1168 == pytest.approx(expected["gs4_upslope", objective], rel=1e-4)


def test_characteristic_moistures_and_surface_are_those_of_behaveplus():
    expected, wet, row = _expected(), beds(6, 7, 8, 60, 90), bed_row(124)
    for objective, value in (
        ("char_dead_moisture_pct", 100 * wet.dead_moisture[row]),
        ("char_live_moisture_pct", 100 * wet.live_moisture[row]),
        ("live_moisture_of_extinction_pct", 100 * wet.live_extinction[row]),
        ("char_savr_ft2_ft3", wet.savr_per_ft[row]),
    ):
        assert value == pytest.approx(expected["gs4_upslope", objective], rel=1e-4)


def test_fire_of_five_miles_an_hour_midflame_has_the_published_size():
    expected = _expected()
    wet = beds(6, 7, 8, 60, 90)
    # in the open the 20 ft wind that gives 5 mph midflame, by the unsheltered adjustment
    share = wind_adjustment(0.0, 0.0, 0.0, float(wet.depth_ft[bed_row(124)]))
    fire = one(124, wet, 0.0, 0.0, canopy(), 5 * MPH_M_S / share, 0.0)
    ellipse = fire_ellipse(float(fire.ros_m_min[0]), float(fire.eccentricity[0]), 60)
    name = "ellipse_5mph_mid_1h"
    assert ellipse.area_m2 / 4046.8564 == pytest.approx(expected[name, "fire_area_ac"], rel=1e-3)
    assert ellipse.perimeter_m / 20.1168 == pytest.approx(expected[name, "fire_perimeter_ch"], rel=1e-3)
    ratio = ellipse.heading_m / ellipse.backing_m
    assert ratio == pytest.approx(expected[name, "heading_to_backing_ratio"], rel=1e-3)


def test_canopy_shelter_is_the_published_share():
    # 50 % cover, 30 ft, crown ratio one half: 0.16986 (BehavePlus)
    assert wind_adjustment(0.5, 30 * FT, 15 * FT, 2.1) == pytest.approx(0.16986, abs=5e-6)


@pytest.mark.parametrize("humidity", [20, 40, 60, 80, 100])
def test_vapour_pressure_deficit(humidity: int):
    expected = _expected()[f"vpd_50F_rh{humidity}", "vapour_pressure_deficit_hPa"]
    assert float(vapour_pressure_deficit_hpa(np.array(10.0), np.array(humidity))) == pytest.approx(expected, abs=1e-4)
