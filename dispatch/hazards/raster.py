"""Hazard rasters from other models: depth, arrival time or burnt cells, as one map or a series of them.

GeoTIFF, ESRI ASCII grid or anything else GDAL reads, in any coordinate system; sampled at points and along lines, all
at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.county.problem_text import found
from dispatch.problems import InputProblems

__all__ = ["HazardRaster", "along_lines", "read_raster"]

Floats = NDArray[np.float64]

METRES_A_DEGREE = 111_195.0
LEAST_CELL_M = 0.05
"""Smaller cells mean degrees taken for metres."""


@dataclass(frozen=True, eq=False)
class HazardRaster:
    """One or more layers on one grid.

    Attributes
    ----------
    layers : float64 array (k, rows, columns)
        NaN where the file says there is nothing.
    transform : tuple of six floats
        Affine transform from (column, row) to coordinates, as rasterio has it.
    crs : str
        Coordinate system as WKT.
    """

    layers: Floats
    transform: tuple[float, ...]
    crs: str

    def sample(self, lon: Floats, lat: Floats) -> Floats:
        """Values of the cells under points, float64 array (k, n); NaN outside."""
        x, y = _projected(self.crs, lon, lat)
        a, b, c0, d, e, f0 = self.transform
        size = a * e - b * d
        column = (e * (x - c0) - b * (y - f0)) / size
        row = (a * (y - f0) - d * (x - c0)) / size
        c, r = np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)
        rows, columns = self.layers.shape[1:]
        inside = (c >= 0) & (c < columns) & (r >= 0) & (r < rows)
        values = self.layers[:, np.where(inside, r, 0), np.where(inside, c, 0)]
        return np.where(inside, values, np.nan)


def read_raster(path: Path, crs: str | None = None) -> HazardRaster:
    """Read every band of a raster file.

    Parameters
    ----------
    path : Path
    crs : str, optional
        Coordinate system of a file that states none (ASCII grids), e.g. ``EPSG:7855``.

    Raises
    ------
    InputProblems
        If it cannot be read, neither it nor ``crs`` says what its coordinates are, or its corners or cells cannot be
        what that says.
    """
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path) as file:
            if any(kind.startswith("complex") for kind in file.dtypes):
                raise InputProblems([found("hazards_raster_real", path.name, None, "", file.dtypes[0])])
            system = file.crs or (rasterio.crs.CRS.from_user_input(crs) if crs else None)
            if system is None:
                raise InputProblems([found("hazards_raster_no_crs", path.name)])
            layers, transform = file.read(masked=True).astype(np.float64).filled(np.nan), file.transform
            corners, side = file.bounds, min(map(abs, file.res))
    except (RasterioError, ValueError) as error:
        raise InputProblems([found("hazards_raster", path.name, reason=error)]) from None
    if system.is_geographic:
        side *= METRES_A_DEGREE
        if max(map(abs, (corners.left, corners.right))) > 361 or max(map(abs, (corners.top, corners.bottom))) > 91:
            shown = f"{corners.left:g}, {corners.bottom:g}"
            raise InputProblems([found("hazards_not_lonlat", path.name, None, "crs", shown)])
    if not side >= LEAST_CELL_M:
        raise InputProblems([found("hazards_raster_cells", path.name, None, "crs", f"{side:g} m", least=LEAST_CELL_M)])
    return HazardRaster(layers, tuple(transform)[:6], system.to_wkt())


def along_lines(raster: HazardRaster, lines: NDArray[np.object_], spacing_m: float) -> tuple[Floats, Floats]:
    """Least and greatest value of every layer along lines in lon/lat.

    Parameters
    ----------
    raster : HazardRaster
    lines : object array of shapely LineString (n,)
        Lon/lat.
    spacing_m : float
        Between samples; both ends are sampled too.

    Returns
    -------
    least, greatest : float64 arrays (k, n)
        NaN where a line meets no cell with a value.
    """
    import shapely

    metre = 1.0 / METRES_A_DEGREE
    length = shapely.length(lines)
    count = np.maximum(np.ceil(length / (spacing_m * metre)).astype(np.int64), 1) + 1
    line = np.repeat(np.arange(len(lines)), count)
    first = np.cumsum(count) - count
    step = (np.arange(len(line)) - first[line]) / (count[line] - 1)
    points = shapely.line_interpolate_point(lines[line], step * length[line])
    values = raster.sample(shapely.get_x(points), shapely.get_y(points))
    least = np.minimum.reduceat(np.where(np.isnan(values), np.inf, values), first, axis=1)
    greatest = np.maximum.reduceat(np.where(np.isnan(values), -np.inf, values), first, axis=1)
    return np.where(np.isinf(least), np.nan, least), np.where(np.isinf(greatest), np.nan, greatest)


def _projected(crs: str, lon: Floats, lat: Floats) -> tuple[Any, Any]:
    """Points in the raster's coordinates."""
    from pyproj import CRS, Transformer

    system = CRS.from_user_input(crs)
    if system.equals(CRS.from_epsg(4326), ignore_axis_order=True):
        return np.asarray(lon), np.asarray(lat)
    return Transformer.from_crs("EPSG:4326", system, always_xy=True).transform(lon, lat)
