"""Floods as a scenario describes them, checked.

Tables ``[hazards.flash_flood]``, ``[hazards.dam_breach]``, ``[hazards.levee_breach]``, ``[hazards.waterlogging]``.
Common keys: ``terrain`` (heights, needed), ``hours`` (how long the water is followed, from its start), ``probability``
(that it happens at all), ``people_share`` (of the people of a place that water reaches), ``warned`` (when the warning
goes out; by a rule without it), ``cleared`` (when water that still stands in the end is pumped away; never without it).

Rain (flash flood and waterlogging): ``start``; ``depth_mm``, ``duration_h`` and ``pattern`` (norm table
``water_storms``), or ``rain_mm``, one figure per ``rain_step_min``; ``centre = [lon, lat]`` and ``radius_km`` where it
thins out; ``rain_factor = [low, mode, high]`` with ``outcomes`` equally likely parts; and what runs off:
``curve_number``, or ``land`` and ``soil`` (norm table ``water_curve_numbers``), ``condition`` before the storm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from dispatch.county.problem_text import found
from dispatch.hazards.storm import patterns
from dispatch.hazards.when import seconds_from
from dispatch.norms import read_norm
from dispatch.problems import Problem

__all__ = ["DamBreach", "FlashFlood", "LeveeBreach", "Waterlogging", "read_water"]

Spec = TypeVar("Spec")


def _key(kind: str, default: Any = MISSING) -> Any:
    """Field of a table: the kind of its value, and its default where it is not needed."""
    return field(metadata={"kind": kind}) if default is MISSING else field(default=default, metadata={"kind": kind})


@dataclass(frozen=True, kw_only=True)
class _Flood:
    terrain: Path = _key("path")  # noqa: RUF009 - an immutable field, made by dataclasses.field
    hours: float = _key("positive", 12.0)
    probability: float = _key("share", 1.0)
    people_share: float = _key("share", 1.0)
    warned: float | None = _key("time", None)
    cleared: float = _key("time", math.inf)


@dataclass(frozen=True, kw_only=True)
class _Rain(_Flood):
    start: float = _key("time", 0.0)
    depth_mm: float = _key("amount", 0.0)
    duration_h: float = _key("positive", 6.0)
    pattern: str = _key("pattern", "middle_peak")
    rain_mm: tuple[float, ...] = _key("numbers", ())
    rain_step_min: float = _key("positive", 60.0)
    centre: tuple[float, ...] = _key("point", ())
    radius_km: float = _key("positive", math.inf)
    rain_factor: tuple[float, ...] = _key("triple", ())
    outcomes: int = _key("count", 5)
    curve_number: float = _key("curve_number", math.nan)
    land: str = _key("land", "")
    soil: str = _key("soil", "")
    condition: str = _key("condition", "normal")


@dataclass(frozen=True, kw_only=True)
class FlashFlood(_Rain):
    """Rain on catchments. ``stream_km2``: where streams begin; ``surface``: roughness beside them."""

    stream_km2: float = _key("positive", math.nan)
    surface: str = _key("surface", "flood_plain")


@dataclass(frozen=True, kw_only=True)
class DamBreach(_Flood):
    """A dam of the county's table ``dams`` fails at ``start``, by ``overtopping`` or by piping.

    ``storage_m3``, ``height_m`` and ``at`` override the table's; with all three the dam need not be in it;
    ``surface`` is the roughness of the valley; ``base_m3_s`` flows in the river already.
    """

    dam: str = _key("text")
    start: float = _key("time", 0.0)
    overtopping: bool = _key("flag", True)
    storage_m3: float = _key("positive", math.nan)
    height_m: float = _key("positive", math.nan)
    at: tuple[float, ...] = _key("point", ())
    surface: str = _key("surface", "river_winding")
    base_m3_s: float = _key("amount", 0.0)


@dataclass(frozen=True, kw_only=True)
class LeveeBreach(_Flood):
    """Water through a gap at ``at``: ``inflow = [[minutes, m³/s], …]`` from ``start``, over a square of land.

    ``width_m``: of the gap; ``reach_km``: half the side of the square; ``cell_m``: its cells.
    """

    at: tuple[float, ...] = _key("point")
    inflow: tuple[tuple[float, float], ...] = _key("pairs")
    start: float = _key("time", 0.0)
    width_m: float = _key("positive", 60.0)
    reach_km: float = _key("positive", 5.0)
    cell_m: float = _key("positive", 100.0)
    surface: str = _key("surface", "flood_plain")


@dataclass(frozen=True, kw_only=True)
class Waterlogging(_Rain):
    """Rain on a town: the ``box`` of its land, cells of ``cell_m``; sewers take up to ``drains_mm_h``."""

    box: tuple[float, ...] = _key("box")
    cell_m: float = _key("positive", 50.0)
    drains_mm_h: float = _key("amount", math.nan)
    surface: str = _key("surface", "town")


def read_water(
    kind: type[Spec], table: Mapping[str, Any], file: Path, section: str, reference: datetime
) -> tuple[Spec | None, list[Problem]]:
    """Read one of the tables.

    Parameters
    ----------
    kind : type
        One of the dataclasses of this module.
    table : mapping
    file : Path
        The scenario's; paths count from its folder.
    section : str
        Name of the table, for messages.
    reference : datetime

    Returns
    -------
    spec : or None
        None if something is wrong.
    problems : list of Problem
    """
    problems: list[Problem] = []
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, value in table.items():
        where = (file.name, None, f"{section}.{key}", value)
        if key not in known:
            problems.append(found("hazards_water_unknown", *where, known=", ".join(known)))
            continue
        meant = known[key].metadata["kind"]
        accepted = _accept(meant, value, file, reference)
        if accepted is None:
            problems.append(found(f"hazards_water_{meant}", *where, known=", ".join(_choices(meant))))
        else:
            values[key] = accepted
    for key, item in known.items():
        if item.default is MISSING and key not in table:
            problems.append(found("hazards_water_needed", file.name, None, f"{section}.{key}"))
    if issubclass(kind, _Rain):
        if ("depth_mm" in table) == ("rain_mm" in table):
            problems.append(found("hazards_water_one_rain", file.name, None, f"{section}.depth_mm"))
        if ("curve_number" in table) == ("land" in table) or ("land" in table) != ("soil" in table):
            problems.append(found("hazards_water_one_land", file.name, None, f"{section}.curve_number"))
    return (None if problems else kind(**values)), problems


_TABLES = {"land": ("water_curve_numbers", "land"), "surface": ("water_manning", "surface")}
_SOILS, _CONDITIONS = ("a", "b", "c", "d"), ("dry", "normal", "wet")


def _choices(kind: str) -> list[str]:
    """Values that a kind of text may have; none where it may have any."""
    if kind in _TABLES:
        name, column = _TABLES[kind]
        return [row[column] for row in read_norm(name)]
    if kind == "pattern":
        return list(patterns())
    return list({"soil": _SOILS, "condition": _CONDITIONS}.get(kind, ()))


def _accept(kind: str, value: Any, file: Path, reference: datetime) -> Any:
    """A value in its kind's form, None if it is not of that kind."""
    if kind == "path":
        path = file.parent / value if isinstance(value, str) else file
        return path if isinstance(value, str) and path.is_file() else None
    if kind == "time":
        try:
            return seconds_from(reference, value)
        except ValueError:
            return None
    if kind == "flag":
        return value if isinstance(value, bool) else None
    if kind == "text":
        return value if isinstance(value, str) and value else None
    if choices := _choices(kind):
        word = value.casefold() if isinstance(value, str) else value
        return word if word in choices else None
    if kind in {"numbers", "point", "box", "triple", "pairs"}:
        return _list(kind, value)
    return float(value) if kind != "count" and _fits(kind, value) else int(value) if _fits(kind, value) else None


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _fits(kind: str, value: Any) -> bool:
    """Whether a number lies in its kind's range."""
    if not _number(value):
        return False
    low, high = {"share": (0, 1), "amount": (0, math.inf), "curve_number": (1, 100), "count": (1, 50)}.get(
        kind, (math.nextafter(0, 1), math.inf)
    )
    return bool(low <= value <= high and (kind != "count" or value == int(value)))


def _list(kind: str, value: Any) -> Any:
    """Tuple of the numbers of a list, None if they are not what the kind asks for."""
    if not isinstance(value, list) or not value:
        return None
    if kind == "pairs":
        fine = len(value) > 1 and all(isinstance(v, list) and len(v) == 2 and all(map(_number, v)) for v in value)
        fine = (
            fine and all(v[1] >= 0 for v in value) and all(a[0] < b[0] for a, b in zip(value, value[1:], strict=False))
        )
        return tuple((float(a), float(b)) for a, b in value) if fine else None
    if not all(map(_number, value)):
        return None
    numbers = tuple(map(float, value))
    fine = {
        "numbers": lambda: min(numbers) >= 0,
        "point": lambda: len(numbers) == 2 and abs(numbers[0]) <= 180 and abs(numbers[1]) <= 90,
        "box": lambda: len(numbers) == 4 and numbers[0] < numbers[2] and numbers[1] < numbers[3],
        "triple": lambda: len(numbers) == 3 and 0 < numbers[0] <= numbers[1] <= numbers[2],
    }[kind]()
    return numbers if fine else None
