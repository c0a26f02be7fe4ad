"""Slides, earthquakes, snow and cuts of power and network as a scenario describes them, checked.

``[hazards.geohazard]``: rain (``start``; ``depth_mm``, ``duration_h`` and ``pattern``, or ``rain_mm`` by
``rain_step_min``; ``centre`` and ``radius_km``), ``antecedent_mm`` of the days before, yesterday first, ``hours`` that
are followed, ``correlation`` within a risk zone.

``[hazards.earthquake]``: ``at`` (when), ``magnitude``, ``epicentre``, ``axis_deg`` (bearing of the fault) and
``region`` of the attenuation, or ``pga_raster`` (g); ``bridge`` and ``building`` classes (norm tables
``hazus_bridges``, ``hazus_buildings``), ``terrain`` for slides along roads, ``deviation`` of ground motion (natural
logarithm; by the region if not given).

``[hazards.snow]``: ``start``, ``hours``, ``snow_mm`` (water) in ``fall_h`` hours or ``snow_cm`` by ``snow_step_min``,
``lying_cm`` before, ``ice``, ``terrain`` (gradients, snow line), ``snow_line_m``, ``ploughs``, ``plough_first`` (road
numbers or names), ``snow_factor = [low, mode, high]`` with ``outcomes``, ``stranded = false`` without travellers.

``[hazards.outage]``: ``cuts`` (places, media, start, end, probability), ``from_hazard``: places that the scenario's
hazards reach lose their power (norm table ``outage_rules``), ``probability`` that they do.
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
from dispatch.hazards.water_spec import RainSpec
from dispatch.problems import Problem

__all__ = ["Earthquake", "Geohazard", "Outage", "Snow", "read_ground_spec"]

Spec = TypeVar("Spec")


@dataclass(frozen=True, kw_only=True)
class Geohazard(RainSpec):
    """Rain on slopes."""

    hours: float = key("positive", 24.0)
    antecedent_mm: tuple[float, ...] = key("numbers", ())
    correlation: float = key("share", math.nan)


@dataclass(frozen=True, kw_only=True)
class Earthquake:
    """Shaking of ground."""

    at: float = key("time", 0.0)
    magnitude: float = key("positive", math.nan)
    epicentre: tuple[float, ...] = key("point", ())
    axis_deg: float = key("number", 0.0)
    region: str = key("region", "china_east")
    pga_raster: Path | None = key("path", None)  # noqa: RUF009 - an immutable field, made by dataclasses.field
    bridge: str = key("bridge", "HWB5")
    building: str = key("building", "URML_low")
    terrain: Path | None = key("path", None)  # noqa: RUF009 - an immutable field, made by dataclasses.field
    deviation: float = key("amount", math.nan)


@dataclass(frozen=True, kw_only=True)
class Snow:
    """Snow, ice and the ploughs."""

    start: float = key("time", 0.0)
    hours: float = key("positive", 24.0)
    snow_mm: float = key("amount", 0.0)
    fall_h: float = key("positive", 12.0)
    snow_cm: tuple[float, ...] = key("numbers", ())
    snow_step_min: float = key("positive", 60.0)
    lying_cm: float = key("amount", 0.0)
    ice: bool = key("flag", False)
    terrain: Path | None = key("path", None)  # noqa: RUF009 - an immutable field, made by dataclasses.field
    snow_line_m: float = key("number", math.nan)
    ploughs: tuple[dict[str, Any], ...] = key("ploughs", ())
    plough_first: tuple[str, ...] = key("names", ())
    snow_factor: tuple[float, ...] = key("triple", (1.0, 1.0, 1.0))
    outcomes: int = key("count", 3)
    stranded: bool = key("flag", True)


@dataclass(frozen=True, kw_only=True)
class Outage:
    """Power and network cut."""

    cuts: tuple[dict[str, Any], ...] = key("cuts", ())
    from_hazard: bool = key("flag", False)
    probability: float = key("share", 1.0)


def read_ground_spec(
    kind: type[Spec], table: Mapping[str, Any], file: Path, section: str, reference: datetime
) -> tuple[Spec | None, list[Problem]]:
    """Read one of the tables; None if something is wrong.

    Parameters
    ----------
    kind : type
        One of the dataclasses of this module.
    table : mapping
    file : Path
        The scenario's; paths count from its folder.
    section : str
    reference : datetime
    """
    values, problems = read_table(kind, table, file, section, reference)
    if kind is Geohazard and ("depth_mm" in table) == ("rain_mm" in table):
        problems.append(found("hazards_water_one_rain", file.name, None, f"{section}.depth_mm"))
    if kind is Earthquake and (("magnitude" in table and "epicentre" in table) == ("pga_raster" in table)):
        problems.append(found("hazards_ground_one_shaking", file.name, None, f"{section}.magnitude"))
    return (None if problems else kind(**values)), problems
