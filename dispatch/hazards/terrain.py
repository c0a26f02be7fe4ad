"""Heights of the land from a raster file, as a grid in longitude and latitude without voids.

GeoTIFF and SRTM's HGT (also zipped) in any coordinate system; one that is not in degrees is warped to WGS 84.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dispatch.county.problem_text import found
from dispatch.problems import InputProblems
from dispatch.roads.measure import EARTH_RADIUS_M
from models.terrain import fill_voids

__all__ = ["Box", "Terrain", "read_terrain"]

Box = tuple[float, float, float, float]
"""West, south, east, north, degrees."""

LARGEST_VOID_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class Terrain:
    """Heights on a grid; rows run from north to south.

    Attributes
    ----------
    elevation_m : float64 array (rows, columns)
        Without voids.
    west, north : float
        Corner of the first cell, WGS 84 degrees.
    dlon, dlat : float
        Width and height of a cell, degrees.
    dx_m, dy_m : float
        The same in metres, at the middle latitude.
    void : bool array (rows, columns)
        Cells whose height was filled in.
    source : str
        File and what its description says.
    """

    elevation_m: NDArray[np.float64]
    west: float
    north: float
    dlon: float
    dlat: float
    dx_m: float
    dy_m: float
    void: NDArray[np.bool_]
    source: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.elevation_m.shape
        return rows, columns

    def cell(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.int64]:
        """Number of the cell (row by row) under each point, -1 outside."""
        rows, columns = self.shape
        column = np.floor((np.asarray(lon) - self.west) / self.dlon)
        row = np.floor((self.north - np.asarray(lat)) / self.dlat)
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        return np.where(inside, row * columns + column, -1).astype(np.int64)

    def middle(self, cell: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitude and latitude of the middle of cells."""
        row, column = np.divmod(np.asarray(cell), self.shape[1])
        return self.west + (column + 0.5) * self.dlon, self.north - (row + 0.5) * self.dlat

    def window(self, box: Box) -> Terrain:
        """The cells that a box touches.

        Raises
        ------
        ValueError
            If the box lies outside.
        """
        west, south, east, north = box
        rows, columns = self.shape
        first = max(math.floor((west - self.west) / self.dlon), 0)
        last = min(math.ceil((east - self.west) / self.dlon), columns)
        top = max(math.floor((self.north - north) / self.dlat), 0)
        bottom = min(math.ceil((self.north - south) / self.dlat), rows)
        if first >= last or top >= bottom:
            msg = f"the box {west:g}, {south:g}, {east:g}, {north:g} lies outside the terrain"
            raise ValueError(msg)
        part = (slice(top, bottom), slice(first, last))
        return _terrain(self.elevation_m[part], self.west + first * self.dlon, self.north - top * self.dlat,
                        self.dlon, self.dlat, self.void[part], self.source)  # fmt: skip

    def refined(self, cell_m: float) -> Terrain:
        """Cells of about ``cell_m``, heights between the middles of the old ones linear (bilinear).

        More cells tell no more about the land than the file does; they let water bend around a street.
        """
        from scipy.ndimage import map_coordinates

        rows, columns = self.shape
        down, across = max(round(self.dy_m / cell_m), 1), max(round(self.dx_m / cell_m), 1)
        at_row = (np.arange(rows * down) + 0.5) / down - 0.5
        at_column = (np.arange(columns * across) + 0.5) / across - 0.5
        grid = np.meshgrid(at_row, at_column, indexing="ij")
        z = map_coordinates(self.elevation_m, grid, order=1, mode="nearest")
        void = np.repeat(np.repeat(self.void, down, axis=0), across, axis=1)
        return _terrain(z, self.west, self.north, self.dlon / across, self.dlat / down, void, self.source)


def _terrain(
    z: NDArray[np.float64], west: float, north: float, dlon: float, dlat: float, void: NDArray[np.bool_], source: str
) -> Terrain:
    metre = math.radians(1) * EARTH_RADIUS_M
    middle = math.radians(north - 0.5 * dlat * z.shape[0])
    return Terrain(np.ascontiguousarray(z, dtype=np.float64), west, north, dlon, dlat, dlon * metre * math.cos(middle),
                   dlat * metre, void, source)  # fmt: skip


def read_terrain(path: Path, box: Box | None = None) -> Terrain:
    """Read heights, and fill the holes in them.

    Parameters
    ----------
    path : Path
        GeoTIFF, HGT or zipped HGT, or whatever else GDAL reads; heights in metres in the first band.
    box : tuple, optional
        West, south, east, north in degrees: read no more than this.

    Raises
    ------
    InputProblems
        If it cannot be read, states no coordinate system, has nothing in the box or more holes than heights.
    """
    import rasterio
    from rasterio.enums import Resampling
    from rasterio.errors import RasterioError, WindowError
    from rasterio.vrt import WarpedVRT
    from rasterio.windows import from_bounds

    name = f"/vsizip/{path}/{path.stem}" if path.name.lower().endswith(".hgt.zip") else str(path)
    try:
        with rasterio.open(name) as file:
            if file.crs is None:
                raise InputProblems([found("hazards_raster_no_crs", path.name)])
            said = file.tags().get("TIFFTAG_IMAGEDESCRIPTION", "")
            nodata = file.nodata if file.nodata is not None else (-32768 if "hgt" in path.name.lower() else None)
            straight = file.crs.is_geographic and file.transform.b == file.transform.d == 0 and file.transform.e < 0
            with (
                file if straight else WarpedVRT(file, crs="EPSG:4326", resampling=Resampling.bilinear, nodata=nodata)
            ) as raster:
                window = None
                if box is not None:
                    window = from_bounds(*box, raster.transform).round_offsets(op="floor").round_lengths(op="ceil")
                    window = window.intersection(rasterio.windows.Window(0, 0, raster.width, raster.height))
                z = raster.read(1, window=window, masked=True).astype(np.float64)
                corner = raster.transform if window is None else raster.window_transform(window)
    except WindowError:
        shown = "" if box is None else f"{box[0]:.3f}, {box[1]:.3f}, {box[2]:.3f}, {box[3]:.3f}"
        raise InputProblems([found("hazards_terrain_outside", path.name, None, "", shown)]) from None
    except (RasterioError, ValueError) as error:
        raise InputProblems([found("hazards_raster", path.name, reason=error)]) from None
    values = z.filled(np.nan)
    void = ~np.isfinite(values) | (values == nodata) | (values < -12_000) | (values > 9_000)
    if void.mean() > LARGEST_VOID_SHARE:
        raise InputProblems([found("hazards_raster_void", path.name, share=f"{100 * void.mean():.0f}")])
    source = f"{path.name} ({said})" if said else path.name
    return _terrain(fill_voids(values, void), corner.c, corner.f, corner.a, -corner.e, void, source)
