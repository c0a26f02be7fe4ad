"""Coordinates of any coordinate reference system as WGS 84 longitude and latitude."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.faults import fault

__all__ = ["to_lon_lat"]


def to_lon_lat(
    path: Path | str, crs: str | int, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Transform x (east or longitude) and y (north or latitude) to WGS 84 degrees.

    Parameters
    ----------
    path : Path or str
        File named in the report of a problem.
    crs : str or int
        Anything pyproj knows: ``EPSG:4490``, 4549, WKT.
    x, y : float64 arrays

    Notes
    -----
    CGCS2000 (EPSG:4490 and its projections) is taken as equal to WGS 84; they differ by centimetres.

    Raises
    ------
    InputProblems
        If the system is unknown or the coordinates do not lie in it.
    """
    from pyproj import CRS, Transformer
    from pyproj.exceptions import CRSError, ProjError

    try:
        system = CRS.from_user_input(crs)
        if system.is_geographic and system.equals(CRS.from_epsg(4326), ignore_axis_order=True):
            lon, lat = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        else:
            lon, lat = Transformer.from_crs(system, 4326, always_xy=True).transform(x, y)
    except (CRSError, ProjError) as error:
        raise fault(path, "roads_crs_unknown", value=str(crs), column="crs") from error
    if not (np.isfinite(lon).all() and np.isfinite(lat).all() and (abs(lon) <= 180).all() and (abs(lat) <= 90).all()):
        raise fault(path, "roads_crs_wrong", value=str(crs), column="crs")
    return lon, lat
