"""Coordinates of Chinese maps to and from WGS 84: GCJ-02 (Amap, Tencent), BD-09 (Baidu), any EPSG code.

GCJ-02's offset and BD-09's are the published reverse-engineered formulas (eviltransform, coordtransform; MIT); the way
back has no closed form and is found by fixed-point iteration. CGCS2000 (EPSG:4490) agrees with WGS 84 to centimetres.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Shift",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "in_china",
    "is_system",
    "looks_shifted",
    "to_wgs84",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

_AXIS_M = 6_378_245.0
"""Semi-major axis of the Krasovsky 1940 ellipsoid, m."""
_ECCENTRICITY_2 = 0.006_693_421_622_965_943
"""Its first eccentricity squared."""
_BAIDU_ANGLE = np.pi * 3000.0 / 180.0
_BOX = (72.004, 137.8347, 0.8293, 55.8271)
"""Where GCJ-02 shifts at all: lon from, to, lat from, to. The formulas know this box, not the border."""
_TURNS = 30
_CLOSE_DEG = 1e-12
_METRES_PER_DEGREE = 111_195.0
"""One degree of a great circle on the sphere of 6371 km."""


def in_china(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Whether points lie in the box in which GCJ-02 differs from WGS 84."""
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    return np.asarray((x >= _BOX[0]) & (x <= _BOX[1]) & (y >= _BOX[2]) & (y <= _BOX[3]))


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """WGS 84 → GCJ-02; outside the box of :func:`in_china` unchanged."""
    x, y = _floats(lon, lat)
    inside = in_china(x, y)
    east, north = _offset(x, y, inside)
    return np.where(inside, x + east, x), np.where(inside, y + north, y)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """GCJ-02 → WGS 84, exact to 1e-9° inside the box of :func:`in_china`; outside unchanged."""
    x, y = _floats(lon, lat)
    inside = in_china(x, y)
    guess_x, guess_y = x.copy(), y.copy()
    for _ in range(_TURNS):
        east, north = _offset(guess_x, guess_y, inside)
        next_x, next_y = np.where(inside, x - east, x), np.where(inside, y - north, y)
        step = max(_largest(next_x - guess_x), _largest(next_y - guess_y))
        guess_x, guess_y = next_x, next_y
        if step < _CLOSE_DEG:
            break
    return guess_x, guess_y


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """GCJ-02 → BD-09."""
    x, y = _floats(lon, lat)
    with np.errstate(over="ignore", invalid="ignore"):  # absurd input gives inf or NaN, which the caller reports
        radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BAIDU_ANGLE)
        angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BAIDU_ANGLE)
        return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """BD-09 → GCJ-02, exact to 1e-9° (the usual one-step formula errs by up to 1e-6°)."""
    x, y = _floats(lon, lat)
    guess_x, guess_y = x - 0.0065, y - 0.006
    for _ in range(_TURNS):
        there_x, there_y = gcj02_to_bd09(guess_x, guess_y)
        with np.errstate(over="ignore", invalid="ignore"):
            off_x, off_y = x - there_x, y - there_y
            guess_x, guess_y = guess_x + off_x, guess_y + off_y
        if max(_largest(off_x), _largest(off_y)) < _CLOSE_DEG:
            break
    return guess_x, guess_y


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """WGS 84 → BD-09."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """BD-09 → WGS 84."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def is_system(name: str) -> bool:
    """Whether :func:`to_wgs84` knows this name; an EPSG code is looked up in pyproj's own database."""
    if name.casefold() in {"wgs84", "gcj02", "bd09"}:
        return True
    if not re.fullmatch(r"epsg:\d{4,6}", name, re.IGNORECASE):
        return False
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        CRS.from_user_input(name.upper())
    except CRSError:
        return False
    return True


def to_wgs84(lon: ArrayLike, lat: ArrayLike, system: str) -> Pair:
    """Coordinates of a named system → WGS 84.

    Parameters
    ----------
    lon, lat : array of float, degrees
        For a projected EPSG code easting and northing in its unit.
    system : str
        ``wgs84``, ``gcj02``, ``bd09`` or ``EPSG:xxxx``.

    Returns
    -------
    lon, lat : arrays of float
        Not finite where a point lies outside what the system can express.

    Raises
    ------
    ValueError
        If the system is not known.
    """
    name = system.casefold()
    if name == "wgs84":
        return _floats(lon, lat)
    if name == "gcj02":
        return gcj02_to_wgs84(lon, lat)
    if name == "bd09":
        return bd09_to_wgs84(lon, lat)
    if not is_system(system):
        msg = f"unknown coordinate system {system!r}"
        raise ValueError(msg)
    from pyproj import Transformer

    x, y = _floats(lon, lat)
    known = np.isfinite(x) & np.isfinite(y)
    out_x, out_y = np.full(x.shape, np.nan), np.full(y.shape, np.nan)
    moved = Transformer.from_crs(system.upper(), "EPSG:4326", always_xy=True).transform(x[known], y[known])
    out_x[known], out_y[known] = moved
    return out_x, out_y


@dataclass(frozen=True)
class Shift:
    """Whether points sit nearer to the roads once a map shift is undone.

    Attributes
    ----------
    system : str
        ``gcj02`` or ``bd09`` where the points look shifted that way, else "".
    as_given_m, unshifted_m : float
        Median distance to the nearest road point as given, and with the more likely shift undone; NaN without points.
    """

    system: str
    as_given_m: float
    unshifted_m: float

    def __bool__(self) -> bool:
        return bool(self.system)


def looks_shifted(lon: ArrayLike, lat: ArrayLike, road_lon: ArrayLike, road_lat: ArrayLike) -> Shift:
    """Tell whether WGS 84 points are really GCJ-02 or BD-09, by their distance to the roads (in WGS 84).

    Settlements stand at roads; the shift of 300–700 m (BD-09: about 1 km) takes them off. They look shifted when
    undoing the shift brings at least three quarters of them nearer, and the median distance falls below half and by
    more than 50 m. Fewer than 5 points in China tell nothing.

    Parameters
    ----------
    lon, lat : array of float, degrees
        Points to test; not finite ones are left out.
    road_lon, road_lat : array of float, degrees
        Points along the roads, dense (some hundred metres apart): shape points rather than junctions.

    Returns
    -------
    Shift
        True as a condition if the points look shifted.
    """
    from scipy.spatial import cKDTree

    x, y = _floats(lon, lat)
    known = np.isfinite(x) & np.isfinite(y) & in_china(x, y)
    x, y = x[known], y[known]
    roads = np.column_stack([np.ravel(road_lon), np.ravel(road_lat)]).astype(float)
    if len(x) == 0 or len(roads) == 0:
        return Shift("", float("nan"), float("nan"))
    stretch = np.array([np.cos(np.radians(np.mean(y))), 1.0]) * _METRES_PER_DEGREE
    tree = cKDTree(roads * stretch)

    def distance(at: Pair) -> Floats:
        return np.asarray(tree.query(np.column_stack(at) * stretch)[0], dtype=float)

    given = distance((x, y))
    as_given_m = float(np.median(given))
    best = Shift("", as_given_m, as_given_m)
    for system in ("gcj02", "bd09"):
        undone = distance(to_wgs84(x, y, system))
        median_m = float(np.median(undone))
        nearer = float(np.mean(undone < given))
        falls = len(x) >= 5 and nearer >= 0.75 and median_m < 0.5 * as_given_m and as_given_m - median_m > 50.0
        if falls and (not best or median_m < best.unshifted_m):
            best = Shift(system, as_given_m, median_m)
        elif not best and median_m < best.unshifted_m:
            best = Shift("", as_given_m, median_m)
    return best


def _floats(lon: ArrayLike, lat: ArrayLike) -> Pair:
    return np.atleast_1d(np.asarray(lon, dtype=float)), np.atleast_1d(np.asarray(lat, dtype=float))


def _largest(values: Floats) -> float:
    return float(np.max(np.abs(values[np.isfinite(values)]), initial=0.0))


def _offset(lon: Floats, lat: Floats, inside: NDArray[np.bool_]) -> Pair:
    """GCJ-02 minus WGS 84 at WGS 84 points, degrees; meaningless where not ``inside``."""
    x, y = np.where(inside, lon - 105.0, 0.0), np.where(inside, lat - 35.0, 0.0)
    root = np.sqrt(np.abs(x))
    wave_x = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    north = (
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
        + (wave_x + 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi * y / 3.0)) * 2.0 / 3.0
        + (160.0 * np.sin(np.pi * y / 12.0) + 320.0 * np.sin(np.pi * y / 30.0)) * 2.0 / 3.0
    )  # fmt: skip
    east = (
        300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
        + (wave_x + 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi * x / 3.0)) * 2.0 / 3.0
        + (150.0 * np.sin(np.pi * x / 12.0) + 300.0 * np.sin(np.pi * x / 30.0)) * 2.0 / 3.0
    )  # fmt: skip
    angle = np.radians(y + 35.0)
    magic = 1.0 - _ECCENTRICITY_2 * np.sin(angle) ** 2
    metres_north = _AXIS_M * (1.0 - _ECCENTRICITY_2) / (magic * np.sqrt(magic)) * np.pi / 180.0
    metres_east = _AXIS_M / np.sqrt(magic) * np.cos(angle) * np.pi / 180.0
    return east / metres_east, north / metres_north
