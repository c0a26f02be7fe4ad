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
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from dispatch.county.problem_text import found
from dispatch.hazards.spec_table import key, read_table
from dispatch.problems import Problem

__all__ = ["DamBreach", "FlashFlood", "LeveeBreach", "RainSpec", "Waterlogging", "read_water"]

Spec = TypeVar("Spec")


@dataclass(frozen=True, kw_only=True)
class _Flood:
    terrain: Path = key("path")  # noqa: RUF009 - an immutable field, made by dataclasses.field
    hours: float = key("positive", 12.0)
    probability: float = key("share", 1.0)
    people_share: float = key("share", 1.0)
    warned: float | None = key("time", None)
    cleared: float = key("time", math.inf)


@dataclass(frozen=True, kw_only=True)
class RainSpec:
    """Rain: its depth in a pattern, or as measured; the same everywhere or thinning out."""

    start: float = key("time", 0.0)
    depth_mm: float = key("amount", 0.0)
    duration_h: float = key("positive", 6.0)
    pattern: str = key("pattern", "middle_peak")
    rain_mm: tuple[float, ...] = key("numbers", ())
    rain_step_min: float = key("positive", 60.0)
    centre: tuple[float, ...] = key("point", ())
    radius_km: float = key("positive", math.inf)


@dataclass(frozen=True, kw_only=True)
class _Rain(RainSpec, _Flood):
    rain_factor: tuple[float, ...] = key("triple", ())
    outcomes: int = key("count", 5)
    curve_number: float = key("curve_number", math.nan)
    land: str = key("land", "")
    soil: str = key("soil", "")
    condition: str = key("condition", "normal")


@dataclass(frozen=True, kw_only=True)
class FlashFlood(_Rain):
    """Rain on catchments. ``stream_km2``: where streams begin; ``surface``: roughness beside them."""

    stream_km2: float = key("positive", math.nan)
    surface: str = key("surface", "flood_plain")


@dataclass(frozen=True, kw_only=True)
class DamBreach(_Flood):
    """A dam of the county's table ``dams`` fails at ``start``, by ``overtopping`` or by piping.

    ``storage_m3``, ``height_m`` and ``at`` override the table's; with all three the dam need not be in it;
    ``surface`` is the roughness of the valley; ``base_m3_s`` flows in the river already.
    """

    dam: str = key("text")
    start: float = key("time", 0.0)
    overtopping: bool = key("flag", True)
    storage_m3: float = key("positive", math.nan)
    height_m: float = key("positive", math.nan)
    at: tuple[float, ...] = key("point", ())
    surface: str = key("surface", "river_winding")
    base_m3_s: float = key("amount", 0.0)


@dataclass(frozen=True, kw_only=True)
class LeveeBreach(_Flood):
    """Water through a gap at ``at``: ``inflow = [[minutes, m³/s], …]`` from ``start``, over a square of land.

    ``width_m``: of the gap; ``reach_km``: half the side of the square; ``cell_m``: its cells.
    """

    at: tuple[float, ...] = key("point")
    inflow: tuple[tuple[float, float], ...] = key("pairs")
    start: float = key("time", 0.0)
    width_m: float = key("positive", 60.0)
    reach_km: float = key("positive", 5.0)
    cell_m: float = key("positive", 100.0)
    surface: str = key("surface", "flood_plain")


@dataclass(frozen=True, kw_only=True)
class Waterlogging(_Rain):
    """Rain on a town: the ``box`` of its land, cells of ``cell_m``; sewers take up to ``drains_mm_h``."""

    box: tuple[float, ...] = key("box")
    cell_m: float = key("positive", 50.0)
    drains_mm_h: float = key("amount", math.nan)
    surface: str = key("surface", "town")


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
    values, problems = read_table(kind, table, file, section, reference)
    if issubclass(kind, RainSpec):
        if ("depth_mm" in table) == ("rain_mm" in table):
            problems.append(found("hazards_water_one_rain", file.name, None, f"{section}.depth_mm"))
        if issubclass(kind, _Rain) and (
            ("curve_number" in table) == ("land" in table) or ("land" in table) != ("soil" in table)
        ):
            problems.append(found("hazards_water_one_land", file.name, None, f"{section}.curve_number"))
    return (None if problems else kind(**values)), problems
