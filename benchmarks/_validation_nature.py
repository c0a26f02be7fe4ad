"""Topics of ``benchmarks.validation``: fire, water and the ground beside what has been published."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import _fire, _ground
from benchmarks.harness import Options, Row
from dispatch.norms import read_norm
from models.fire.ellipse import fire_ellipse
from models.fire.moisture import equilibrium_moisture, vapour_pressure_deficit_hpa
from models.ground.fragility import exceedance, pga_of_intensity
from models.water.breach import breach_2008, peak_1995
from models.water.hydrograph import concentration_s, hydrographs
from models.water.runoff import runoff_mm
from models.water.shallow_water import Ground, flow

__all__ = ["ABSOLUTE", "beside", "fire", "ground", "water"]

ABSOLUTE = " absolute"
"""After the limit in a note: in the unit of the value."""
CHAIN_M = 20.1168
INCH_MM = 25.4
BTU_FT_S = 3.46414  # kW/m
TRIANGLE = (np.array([0.0, 1.0, 8 / 3]), np.array([0.0, 1.0, 0.0]))


def beside(
    case: str, measure: str, unit: str, ours: float, published: float, within: float, *, absolute: bool = False
) -> Row:
    """A row that agrees if ours is within a share of the published value, or within a number of its own unit."""
    apart = abs(float(ours) - published)
    gap = apart / abs(published) if published else apart
    agrees = bool((apart if absolute else gap) <= within)
    note = f"{within:g}" + (ABSOLUTE if absolute else "")
    return Row(case, measure, unit, float(ours), reference=float(published), gap=gap, agrees=agrees, note=note)


def fire(options: Options) -> Iterator[Row]:
    """BehavePlus's expectations, and FlamMap's raster."""
    behave: Any = import_module("tests.models.fire.test_behave")
    with (options.bench / "sim_fire" / "bks.csv").open(encoding="utf-8") as file:
        expected = {(row["instance"], row["objective"]): float(row["bks"]) for row in csv.DictReader(file)}
    for name in behave.CASES:
        found = behave.behaviour(behave.case(name))
        ours = {
            "spread_rate_ch_hr": ("spread rate", "ch/h", found.ros_m_min[0] * 60 / CHAIN_M),
            "fireline_intensity_btu_ft_s": ("fireline intensity", "Btu/ft/s", found.intensity_kw_m[0] / BTU_FT_S),
            "length_to_width": ("length to width", "", 1 / np.sqrt(1 - found.eccentricity[0] ** 2)),
        }
        if name == "gs4_upslope":
            grown = fire_ellipse(float(found.ros_m_min[0]), float(found.eccentricity[0]), 120)
            ours |= {
                "spread_distance_ch_2h": ("distance ahead in 2 h", "ch", grown.heading_m / CHAIN_M),
                "backing_distance_ch_2h": ("distance backwards in 2 h", "ch", grown.backing_m / CHAIN_M),
                "flanking_distance_ch_2h": ("distance sideways in 2 h", "ch", grown.flanking_m / CHAIN_M),
            }
        for key, (measure, unit, value) in ours.items():
            if (name, key) in expected:
                yield beside(f"BehavePlus {name}", measure, unit, value, expected[name, key], 1e-4)
    for humidity in (20, 40, 60, 80):
        value = float(vapour_pressure_deficit_hpa(np.array(10.0), np.array(humidity)))
        wanted = expected[f"vpd_50F_rh{humidity}", "vapour_pressure_deficit_hPa"]
        yield beside(f"BehavePlus 50 °F, {humidity} %", "vapour pressure deficit", "hPa", value, wanted, 1e-4)
    simard = float(equilibrium_moisture(np.array((70 - 32) / 1.8), np.array(30.0)))
    yield beside("Simard 1968, 70 °F, 30 %", "equilibrium moisture", "%", 100 * simard, 5.996, 1e-3)
    for row in _fire.flammap(options):
        kind = "surface fire" if row.measure.startswith("surface") else "passive crown fire"
        limit = 0.006 if kind == "surface fire" else 0.035
        yield Row(f"FlamMap, Worcester, Vermont: {kind}, {row.note.removesuffix(' cells')}",
                  "mean error of the rate", "m/min", row.ours, reference=0.0, gap=row.ours, agrees=row.ours <= limit,
                  note=f"{limit:g}{ABSOLUTE}")  # fmt: skip


def water(options: Options) -> Iterator[Row]:
    """Dam breaks in closed form, and the handbooks' worked values."""
    yield from _dam_breaks(options.bench / "sim_flood")
    breach = breach_2008(357.98e6, 42.9, overtopping=True)
    name = "Froehlich 2008, HEC-RAS"
    yield beside(name, "mean breach width", "m", breach.mean_width_m, 222.8, 2e-3)
    yield beside(name, "formation time", "h", breach.formation_s / 3600, 2.47, 5e-3)
    for volume, depth, peak in ((310e6, 77.4, 42_680), (1e6, 10.0, 621), (1e5, 8.0, 238.8)):
        case = f"Froehlich 1995, {volume:,.0f} m³, {depth:g} m"
        yield beside(case, "peak outflow", "m³/s", peak_1995(volume, depth), peak, 2e-3)
    for rain, number, off in ((4.0, 80.0, 2.04), (6.0, 70.0, 2.81), (3.0, 90.0, 1.98)):
        ours = float(runoff_mm(np.array([rain * INCH_MM]), np.array([number]))[0]) / INCH_MM
        yield beside(f"TR-55, {rain:g} in, CN {number:g}", "runoff", "in", ours, off, 0.01, absolute=True)
    concentration = 5 * 3600.0
    peak_h = (30.0 + 0.6 * concentration) / 3600
    made = hydrographs(np.array([[10.0]]), np.array([100.0]), np.array([concentration]), 60.0, 2000, TRIANGLE)
    case = "NRCS, 100 km², 5 h"
    yield beside(case, "peak of the unit hydrograph", "m³/s", made.max(), 208 / peak_h, 0.01)
    minutes = float(concentration_s(np.array([2000.0]), np.array([0.05]))[0]) / 60
    yield beside("Kirpich, 2 km, 5 %", "time of concentration", "min", minutes, 21.6, 0.01)


def _dam_breaks(folder: Path) -> Iterator[Row]:
    """Ritter and Stoker at 400 cells: the whole profile, and depth and speed where the closed form is constant."""
    with (folder / "bks.csv").open(encoding="utf-8") as file:
        exact = {(row["instance"].split("_")[0], row["objective"].split(" (")[0]): float(row["bks"])
                 for row in csv.DictReader(file)}  # fmt: skip
    for name, right in (("ritter_h0.005_t6", 0.0), ("stoker_h0.005_0.001_t6", 0.001)):
        with (folder / "instances" / f"{name}.csv").open(encoding="utf-8") as file:
            x, depth = np.array([(float(row["x_m"]), float(row["depth_m"])) for row in csv.DictReader(file)]).T
        middle = (np.arange(400) + 0.5) * 10 / 400
        start = np.where(middle < 5, 0.005, right)
        level = Ground(np.zeros((1, 400)), 0.025, 0.025, np.zeros((1, 400)))
        end = flow(level, np.array([6.0]), depth_m=start[None])
        wanted = np.interp(middle, x, depth)
        error = float(np.abs(end.depth_m[0] - wanted).sum() / wanted.sum())
        author = name.split("_")[0]
        case = f"{author.capitalize()}, 400"
        yield Row(case, "profile of depths, relative L1", "", error, reference=0.0, gap=error,
                  agrees=error < 0.01, note=f"0.01{ABSOLUTE}")  # fmt: skip
        # at the dam in Ritter's wave, where it turns critical; half a metre further, in the level part of Stoker's
        at, near = (200, 0.05) if author == "ritter" else (220, 0.01)
        here = float(end.depth_m[0, at - 1 : at + 1].mean())
        speed = float(np.mean(end.east_m2_s[0, at - 1 : at + 1])) / here
        words = (
            ("depth at dam site", "velocity at dam site") if author == "ritter" else ("middle depth", "middle velocity")
        )
        yield beside(case, words[0], "m", here, exact[author, words[0]], near)
        yield beside(case, words[1], "m/s", speed, exact[author, words[1]], near)


def ground(_options: Options) -> Iterator[Row]:
    """Worked probabilities of HAZUS, the Chinese intensity scale, Cornell's attenuation."""
    curve = next(row for row in read_norm("hazus_bridges") if row["bridge"] == "HWB5")
    median = np.array([curve[state] for state in _ground.STATES])
    reached = exceedance(np.array([0.35]), median, curve["dispersion"])[0]
    for state, ours, wanted in zip(_ground.STATES, reached, (0.7125, 0.5, 0.3377, 0.1240), strict=True):
        yield beside(
            f"HAZUS 4.2, HWB5, 0.35 g, {state}", "probability of exceedance", "", ours, wanted, 2e-4, absolute=True
        )
    for intensity, wanted in _ground.SCALE_M_S2.items():
        ours = float(pga_of_intensity(np.array([intensity]))[0]) * 9.80665
        yield beside(f"GB/T 17742-2020, {intensity:g}", "mean acceleration", "m/s²", ours, wanted, 5e-3)
    law = next(row for row in read_norm("earthquake_attenuation") if row["region"] == "cornell_1979")
    for km, wanted in _ground.BAKER_LN_PGA.items():
        ours = law["a"] + law["b"] * 6.5 - law["c"] * np.log(km + law["r"])
        yield beside(f"Baker 2008, M 6.5, {km:g} km", "ln PGA", "ln g", ours, wanted, 5e-4, absolute=True)
