"""A wildfire as a scenario describes it: the table ``[hazards.fire]``, checked.

Keys (those without a default are needed; of ``ignitions`` and fires that are drawn one at least)::

    ignitions = [{ lon, lat, time }, …]           several fires, each at its time
    people_fires = 1.5, lightning_storms = 0.5    fires drawn by the seed: expected numbers in ``hours``; they need
    centre = [lon, lat]      the middle of the square; without it, of the ignitions
    strokes = 1              fires of a storm beyond its first
    checkpoints = false      whether the county's checkpoints keep people's fires from starting
    weather = [{ time, wind_m_s, wind_from_deg, temperature_c, humidity_pct }, …]   wind at 10 m; by the hour
    fuel = "pine"            a stand of the norm table fire_fuel_types, everywhere; or
    fuel_raster = "…tif"     numbers of fuel models (1-13, 91-99, 101-204), any coordinate system
    hours = 12               how long the fire is followed
    reach_km = 10            half the side of the square about the ignitions
    cell_m = 50
    rule = "rothermel"       or "wang" (Wang Zhengfei's rule, as an alternative)
    terrain = "…tif"         heights; without it the land is flat
    moisture_1h_pct          dead fuel's; without it, from each hour's temperature and humidity
    herb_pct = 60, woody_pct = 90, foliar_pct = 100    moistures of live herbs, shrubs and needles
    breaks = true            the county's fire roads and breaks; or "…csv", with geometry (WKT), width_m and planned
    water = false            whether the county's tanks and water points feed pumps, with which lines are built faster
    planned_breaks = false   whether breaks only planned count
    crews = [{ line = [[lon, lat], …], start, people, professional }, …]
    drops = [{ lon, lat, time, radius_m, hold_min }, …]     helicopters: cells wetted for a time
    water_drops = "…csv"     what planned sorties drop, by time and fire (``fire_drops``): a wet line before the front
    spotting = false
    wind_factor = [0.8, 1.0, 1.25]      how much weaker or stronger the wind may be: low, mode, high
    wind_turn_deg = [-30, 0, 30]        ways the wind may turn besides, one of which is drawn each night
    wind_turn_weights = [1, 2, 1]       how likely each is beside the others; without them, all alike
    detected = "+0:20"       when headquarters learn of the fire; without it, at the first ignition, or
    detection = true         by the county's cameras, towers, checkpoints and villages and by satellite: the median
    from_detection = false   whether the times of crews and drops count from then, not from the reference
    moisture_factor = [0.8, 1.0, 1.25]  how much drier or wetter dead fuel may be: low, mode, high
    ignition_error_m = 300   how far (standard deviation east and north) the fires given may lie from there
    members = 20             fires of their own for the nights, of which each draws one (``fire_nights``): 20 where
                             fires are drawn or one of the last two keys is given, else 0; 0: one fire for all nights
    seed = 1
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from dispatch.county.problem_text import found
from dispatch.hazards.fire_norms import fuel_types
from dispatch.hazards.fire_works import FireWorks
from dispatch.hazards.when import seconds_from
from dispatch.problems import Problem

__all__ = ["MEMBERS", "Crew", "Drop", "FireSpec", "FireWeather", "Ignition", "read_fire"]

MEMBERS = 20
"""Fires of the nights where the scenario does not say how many."""
MOST_MEMBERS = 200
MOST_CELLS = 4_000_000
MOST_HOURS = 24.0 * 31


@dataclass(frozen=True)
class Ignition:
    """A fire starts."""

    lon: float
    lat: float
    time: float


@dataclass(frozen=True)
class FireWeather:
    """Weather from a time on; wind at 10 m."""

    time: float
    wind_m_s: float
    wind_from_deg: float
    temperature_c: float
    humidity_pct: float


@dataclass(frozen=True)
class Crew:
    """A crew that builds a line from its first point on."""

    line: tuple[tuple[float, float], ...]
    start: float
    people: float
    professional: bool


@dataclass(frozen=True)
class Drop:
    """Water dropped on a circle, which does not burn until it has dried."""

    lon: float
    lat: float
    time: float
    radius_m: float
    hold_min: float


@dataclass(frozen=True)
class FireSpec:
    """A wildfire to be computed; times in seconds from the reference instant, paths resolved.

    ``works``: what the county has built, as far as the keys ask for it; ``county_breaks``: ``breaks = true``.
    """

    ignitions: tuple[Ignition, ...]
    weather: tuple[FireWeather, ...]
    hours: float
    fuel: str = ""
    fuel_raster: Path | None = None
    reach_km: float = 10.0
    cell_m: float = 50.0
    rule: str = "rothermel"
    terrain: Path | None = None
    moisture_1h_pct: float | None = None
    herb_pct: float = 60.0
    woody_pct: float = 90.0
    foliar_pct: float = 100.0
    breaks: Path | None = None
    planned_breaks: bool = False
    crews: tuple[Crew, ...] = ()
    drops: tuple[Drop, ...] = ()
    water_drops: Path | None = None
    spotting: bool = False
    wind_factor: tuple[float, float, float] = (1.0, 1.0, 1.0)
    wind_turn_deg: tuple[float, ...] = ()
    wind_turn_weights: tuple[float, ...] = ()
    detected: float | None = None
    detection: bool = False
    seed: int = 1
    people_fires: float = 0.0
    lightning_storms: float = 0.0
    strokes: float = 1.0
    centre: tuple[float, float] | None = None
    checkpoints: bool = False
    water: bool = False
    from_detection: bool = False
    moisture_factor: tuple[float, float, float] = (1.0, 1.0, 1.0)
    ignition_error_m: float = 0.0
    members: int | None = None
    county_breaks: bool = False
    works: FireWorks = field(default=FireWorks(), compare=False)
    file: str = field(default="", compare=False)

    @property
    def draws_fires(self) -> bool:
        """Whether there may be fires besides those given."""
        return self.people_fires > 0 or self.lightning_storms > 0

    @property
    def nights(self) -> int:
        """How many fires are computed for the nights; 0: every night has the one that is forecast."""
        if self.members is not None:
            return self.members
        low, _, high = self.moisture_factor
        return MEMBERS if self.draws_fires or self.ignition_error_m > 0 or low < high else 0

    @property
    def until_s(self) -> float:
        """When the fire is left: ``hours`` after the first ignition, or where fires are drawn after the first weather.

        So a further fire never shortens what is followed of the others.
        """
        if self.draws_fires or not self.ignitions:
            return self.weather[0].time + 3600.0 * self.hours
        return min(fire.time for fire in self.ignitions) + 3600.0 * self.hours


_POSITIVE = {"hours": math.inf, "reach_km": math.inf, "cell_m": math.inf, "moisture_1h_pct": 100.0, "herb_pct": 500.0,
             "woody_pct": 500.0, "foliar_pct": 500.0, "people_fires": 1000.0, "lightning_storms": 1000.0,
             "strokes": 100.0, "ignition_error_m": 20_000.0}  # fmt: skip
"""Numbers above 0 and the greatest of each."""
_FLAGS = ("planned_breaks", "spotting", "detection", "checkpoints", "water", "from_detection")
_NUMBERS = ("wind_turn_deg", "wind_turn_weights")
_PATHS = ("fuel_raster", "terrain", "breaks", "water_drops")
_WHOLE = {"seed": 2**63 - 1, "members": MOST_MEMBERS}
"""Whole numbers and the greatest of each."""
_LISTS: dict[str, type] = {"ignitions": Ignition, "weather": FireWeather, "crews": Crew, "drops": Drop}
_RULES = ("rothermel", "wang")


def read_fire(
    table: Mapping[str, Any], file: Path, reference: datetime, row: int | None = None
) -> tuple[FireSpec | None, list[Problem]]:
    """Read the table ``[hazards.fire]``.

    Parameters
    ----------
    table : mapping
    file : Path
        The scenario's; paths count from its folder.
    reference : datetime
    row : int, optional
        Where the table stands.

    Returns
    -------
    spec : FireSpec or None
        None if something is wrong.
    problems : list of Problem
    """
    problems: list[Problem] = []

    def wrong(key: str, value: object, code: str, **detail: object) -> None:
        problems.append(found(code, file.name, row, f"hazards.fire.{key}", value, "error", **detail))

    known = [item.name for item in fields(FireSpec) if item.name not in ("file", "works", "county_breaks")]
    values: dict[str, Any] = {"file": file.name}
    for key, value in table.items():
        if key not in known:
            wrong(key, value, "hazards_fire_unknown", known=", ".join(known))
        elif key == "breaks" and isinstance(value, bool):
            values["county_breaks"] = value
        elif key in _LISTS:
            values[key] = _rows(key, value, reference, wrong)
        else:
            values[key] = _value(key, value, file, reference, wrong)
    drawn = "people_fires" in table or "lightning_storms" in table
    for key in ("centre" if drawn else "ignitions", "weather", "hours"):
        if not table.get(key):
            wrong(key, "", "hazards_fire_needed")
    values.setdefault("ignitions", ())
    if table.get("from_detection") is True and not ("detected" in table or table.get("detection") is True):
        wrong("detection", "", "hazards_fire_needed")
    if "detected" in table and table.get("detection") is True:
        wrong("detection", True, "hazards_fire_one_detection")
    turns, weights = values.get("wind_turn_deg") or (), values.get("wind_turn_weights") or ()
    if weights and (len(weights) != len(turns) or min(weights) <= 0):
        wrong("wind_turn_weights", weights, "hazards_fire_weights", count=len(turns))
    if ("fuel" in table) == ("fuel_raster" in table):
        wrong("fuel", table.get("fuel", ""), "hazards_fire_one_fuel")
    times = [hour.time for hour in values.get("weather") or ()]
    if len(set(times)) < len(times):
        wrong("weather", "", "hazards_fire_same_time")
    if problems:
        return None, problems
    spec = FireSpec(**values)
    if (2000.0 * spec.reach_km / spec.cell_m) ** 2 > MOST_CELLS:
        wrong("cell_m", spec.cell_m, "hazards_fire_cells", most=f"{MOST_CELLS:,}", reach=f"{spec.reach_km:g}")
    if spec.hours > MOST_HOURS:
        wrong("hours", spec.hours, "hazards_fire_hours", most=f"{MOST_HOURS:g}")
    return (None if problems else spec), problems


def _value(key: str, value: Any, file: Path, reference: datetime, wrong: Any) -> Any:
    """One plain value in its kind; None and a problem otherwise."""
    if key in _POSITIVE:
        if _number(value) and 0 < value <= _POSITIVE[key]:
            return float(value)
        if math.isinf(_POSITIVE[key]):
            wrong(key, value, "hazards_fire_positive")
        else:
            wrong(key, value, "hazards_fire_up_to", high=f"{_POSITIVE[key]:g}")
    elif key in _FLAGS:
        if isinstance(value, bool):
            return value
        wrong(key, value, "hazards_fire_flag")
    elif key in _PATHS:
        path = file.parent / str(value)
        if path.is_file():
            return path
        wrong(key, value, "hazards_fire_no_file")
    elif key == "fuel":
        if isinstance(value, str) and value in fuel_types():
            return value
        wrong(key, value, "hazards_fire_fuel", known=", ".join(fuel_types()))
    elif key == "rule":
        if value in _RULES:
            return value
        wrong(key, value, "hazards_fire_rule", known=", ".join(_RULES))
    elif key in _NUMBERS:
        if isinstance(value, list) and value and all(map(_number, value)):
            return tuple(map(float, value))
        wrong(key, value, "hazards_fire_numbers")
    elif key == "detected":
        return _time(key, value, reference, wrong)
    elif key == "centre":
        if _point(value):
            return tuple(map(float, value))
        wrong(key, value, "hazards_fire_point")
    elif key in _WHOLE:
        if _number(value) and value == int(value) and 0 <= value <= _WHOLE[key]:
            return int(value)
        wrong(key, value, "hazards_fire_number", high=_WHOLE[key])
    else:
        fine = isinstance(value, list) and len(value) == 3 and all(map(_number, value))
        if fine and 0 < value[0] <= value[1] <= value[2]:
            return tuple(map(float, value))
        wrong(key, value, "hazards_triple")
    return None


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _point(value: Any) -> bool:
    """Whether a list is a longitude and a latitude."""
    fine = isinstance(value, (list, tuple)) and len(value) == 2 and all(map(_number, value))
    return fine and abs(value[0]) <= 180 and abs(value[1]) <= 90


def _time(key: str, value: Any, reference: datetime, wrong: Any) -> float:
    try:
        return float(seconds_from(reference, value))
    except ValueError:
        wrong(key, value, "hazards_time")
        return 0.0


def _rows(key: str, value: Any, reference: datetime, wrong: Any) -> tuple[Any, ...]:
    """Rows of a list of tables; a row with a wrong or missing entry is a problem."""
    kind = _LISTS[key]
    wanted = [item.name for item in fields(kind)]
    rows = []
    for number, given in enumerate(value if isinstance(value, list) else [value], start=1):
        where = f"{key}[{number}]"
        if not isinstance(given, Mapping) or set(given) != set(wanted):
            wrong(where, given, "hazards_fire_row", known=", ".join(wanted))
            continue
        read = {name: _entry(name, f"{where}.{name}", given[name], reference, wrong) for name in wanted}
        if all(entry is not None for entry in read.values()):
            rows.append(kind(**read))
    if key == "weather":
        rows.sort(key=lambda hour: hour.time)
    return tuple(rows)


_LIMITS = {"lon": (-180.0, 180.0), "lat": (-90.0, 90.0), "wind_from_deg": (-360.0, 360.0), "humidity_pct": (0.0, 100.0),
           "temperature_c": (-60.0, 60.0), "wind_m_s": (0.0, 100.0), "people": (1.0, 10_000.0),
           "radius_m": (1.0, 5_000.0), "hold_min": (1.0, 10_000.0)}  # fmt: skip


def _entry(name: str, where: str, value: Any, reference: datetime, wrong: Any) -> Any:
    """One entry of a row; None and a problem if it is not what its name means."""
    if name in {"time", "start"}:
        return _time(where, value, reference, wrong)
    if name == "professional":
        if isinstance(value, bool):
            return value
        wrong(where, value, "hazards_fire_flag")
        return None
    if name == "line":
        if isinstance(value, list) and len(value) >= 2 and all(map(_point, value)):
            return tuple((float(lon), float(lat)) for lon, lat in value)
        wrong(where, value, "hazards_fire_line")
        return None
    low, high = _LIMITS[name]
    if _number(value) and low <= value <= high:
        return float(value)
    wrong(where, value, "hazards_range", low=f"{low:g}", high=f"{high:g}")
    return None
