"""Draw the fuel map of the embedded county: synthetic, from its synthetic heights alone.

Valley floors are fields, south-facing slopes grass and shrub, north-facing ones oak, high ground Chinese pine, with
young plantations in a band below it; the pattern within a class comes from a fixed seed. Written once:
``python -m scenarios.qinshui.authoring.fuel``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dispatch.hazards.fire_norms import fuel_types
from dispatch.hazards.terrain import read_terrain
from models.terrain import slope_aspect

__all__ = ["draw_fuel"]

_PACK = Path(__file__).resolve().parents[1]
_SAID = "synthetic fuel models drawn for relief-dispatch from synthetic heights, not surveyed"


def draw_fuel(to: Path = _PACK / "fuel.tif") -> None:
    """Write the fuel models of every cell of ``terrain.tif`` as a GeoTIFF."""
    import rasterio
    from rasterio.transform import from_origin
    from scipy.ndimage import gaussian_filter, minimum_filter

    land = read_terrain(_PACK / "terrain.tif")
    slope, aspect = slope_aspect(land.elevation_m, land.dx_m, land.dy_m)
    above_valley = land.elevation_m - minimum_filter(land.elevation_m, size=15)
    sunny = np.cos(np.radians(np.nan_to_num(aspect) - 200.0)) * np.minimum(slope, 0.5)
    patch = gaussian_filter(np.random.default_rng(20260409).standard_normal(land.shape), 2.0)
    patch /= patch.std()
    number = {name: kind.fuel for name, kind in fuel_types().items()}
    fuel = np.full(land.shape, number["oak"], dtype=np.uint8)
    fuel[sunny + 0.1 * patch > 0.05] = number["shrub"]
    fuel[sunny + 0.1 * patch > 0.2] = number["grass_shrub"]
    high = np.percentile(land.elevation_m, 65)
    fuel[(land.elevation_m + 60 * patch > high)] = number["pine"]
    fuel[(np.abs(land.elevation_m - high) < 60) & (patch > 0.8)] = number["young_pine"]
    fuel[(above_valley < 40) & (slope < 0.12)] = number["field"]
    shape = land.shape
    with rasterio.open(
        to, "w", driver="GTiff", height=shape[0], width=shape[1], count=1, dtype="uint8", crs="EPSG:4326",
        transform=from_origin(land.west, land.north, land.dlon, land.dlat), compress="deflate", predictor=2,
    ) as file:  # fmt: skip
        file.write(fuel, 1)
        file.update_tags(TIFFTAG_IMAGEDESCRIPTION=_SAID)


if __name__ == "__main__":
    draw_fuel()
