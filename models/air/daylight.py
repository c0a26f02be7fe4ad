"""When the sun rises and sets, by day and place.

Spencer's series for the equation of time and the declination (1971, Search 2:172) with the sun's upper edge on a level
horizon, refraction included (zenith distance 90.833 degrees), as the solar calculator of NOAA has them.
"""

from __future__ import annotations

import math

__all__ = ["sun_utc_min"]

ZENITH_DEG = 90.833


def sun_utc_min(day_of_year: int, lat: float, lon: float) -> tuple[float, float] | None:
    """Sunrise and sunset, minutes of that day in UTC (below 0 or above 1440 on the day before or after).

    Parameters
    ----------
    day_of_year : int
        1 on 1 January.
    lat, lon : float
        Degrees, north and east positive.

    Returns
    -------
    tuple of two floats, or None
        None in a polar night; in a polar day the whole of the local solar day.
    """
    year = 2 * math.pi / 365 * (day_of_year - 1)
    equation = 229.18 * (
        0.000075 + 0.001868 * math.cos(year) - 0.032077 * math.sin(year)
        - 0.014615 * math.cos(2 * year) - 0.040849 * math.sin(2 * year)
    )  # fmt: skip
    declination = (
        0.006918 - 0.399912 * math.cos(year) + 0.070257 * math.sin(year) - 0.006758 * math.cos(2 * year)
        + 0.000907 * math.sin(2 * year) - 0.002697 * math.cos(3 * year) + 0.00148 * math.sin(3 * year)
    )  # fmt: skip
    across = math.radians(lat)
    cosine = math.cos(math.radians(ZENITH_DEG)) / (math.cos(across) * math.cos(declination)) - math.tan(
        across
    ) * math.tan(declination)
    if cosine >= 1:
        return None
    half_day = math.degrees(math.acos(max(cosine, -1.0)))
    noon = 720 - 4 * lon - equation
    return noon - 4 * half_day, noon + 4 * half_day
