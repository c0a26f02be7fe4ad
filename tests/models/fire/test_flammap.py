"""Surface and crown fire against FlamMap on the LANDFIRE raster of Worcester, Vermont (zero wind)."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np
import pytest

from dispatch.hazards.fire_norms import fuel_models
from models.fire.behaviour import ACTIVE, NO_FIRE, PASSIVE, SURFACE, Behaviour, Canopy, spread
from tests.models.fire.beds import CHAIN_H_M_MIN, bed_row, beds
from tests.shared import shared_path


@cache
def _computed() -> tuple[Behaviour, np.ndarray, tuple[int, int]]:
    """Our behaviour, FlamMap's rate (m/min), and the raster's shape."""
    import rasterio

    folder = shared_path("data/fire_landfire_vermont")

    def layer(name: str) -> np.ndarray:
        with rasterio.open(folder / name) as file:
            return file.read(1).astype(np.float64)

    fuel = layer("LC22_F40_230.tif")
    # FlamMap reads whole degrees of slope
    slope = np.tan(np.radians(np.round(np.degrees(np.arctan(layer("LC20_SlpP_220.tif") / 100)))))
    above = Canopy(*(layer(f"LC22_{name}_230.tif").ravel() / unit
                     for name, unit in (("CC", 100), ("CH", 10), ("CBH", 10), ("CBD", 100))))  # fmt: skip
    still = np.zeros(fuel.size)
    fire = spread(
        beds(6, 8, 10, 75, 60), fuel_models().rows(fuel.ravel().astype(np.int64)), slope.ravel(),
        layer("LC20_Asp_220.tif").ravel(), above, still, still, 1.2, bed_row(10),
    )  # fmt: skip
    observed = layer("ROS_ch_hr.tif").ravel() * CHAIN_H_M_MIN
    observed[fuel.ravel() > 300] = np.nan
    return fire, observed, fuel.shape


@pytest.mark.parametrize(("kind", "limit"), [(SURFACE, 0.006), (PASSIVE, 0.035), (ACTIVE, 0.035)])
def test_rate_over_the_whole_raster(kind: int, limit: float):
    fire, observed, _ = _computed()
    of = (fire.fire_type == kind) & ~np.isnan(observed)
    assert of.sum() > 5
    assert np.abs(fire.ros_m_min - observed)[of].mean() <= limit
    assert np.abs(fire.ros_m_min - observed)[of].max() <= 0.05


def test_burns_exactly_where_flammap_burns():
    fire, observed, _ = _computed()
    known = ~np.isnan(observed)
    assert ((fire.fire_type == NO_FIRE) == (observed == 0))[known].all()


def test_type_intensity_and_flame_on_the_sample():
    fire, _, shape = _computed()
    with (shared_path("bench/sim_fire/instances") / "flammap_worcester_vt_sample.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    cell = np.array([int(row["row"]) * shape[1] + int(row["col"]) for row in rows])
    kind = np.array([int(row["fire_type"]) for row in rows])
    assert (fire.fire_type[cell] == kind).mean() >= 0.999
    intensity = np.array([float(row["FLI_BTU_ft_s"]) for row in rows])
    flame = np.array([float(row["FL_ft"]) for row in rows])
    assert fire.intensity_kw_m[cell] / 3.46414 == pytest.approx(intensity, rel=5e-3)
    assert fire.flame_m[cell] / 0.3048 == pytest.approx(flame, rel=5e-3)
