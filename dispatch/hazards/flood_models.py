"""The floods that a scenario may have computed, by the name of their table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from dispatch.county.county import County
from dispatch.hazards.disruption import Disruption
from dispatch.problems import InputProblems, Problem
from dispatch.roads.network import RoadNetwork

__all__ = ["FLOODS", "FloodModel", "read_flood"]

FLOODS: tuple[str, ...] = ("flash_flood", "dam_breach", "levee_breach", "waterlogging")
"""Names of the tables below ``hazards``."""


class FloodModel(Protocol):
    """A computed hazard that can be laid over roads and places."""

    def over(self, network: RoadNetwork, county: County) -> Disruption:
        """Lay it over a network."""
        ...


def read_flood(
    name: str, table: Mapping[str, Any], file: Path, reference: datetime, county: County
) -> tuple[FloodModel | None, list[Problem]]:
    """Read one table of ``[hazards]`` and work its flood out.

    Parameters
    ----------
    name : str
        One of ``FLOODS``.
    table : mapping
    file : Path
        The scenario's; paths count from its folder.
    reference : datetime
    county : County
    """
    from dispatch.hazards import dam_breach, flash_flood, inundation, water_spec

    kinds: dict[str, tuple[type[Any], Callable[[Any], FloodModel]]] = {
        "flash_flood": (water_spec.FlashFlood, flash_flood.flash_flood),
        "dam_breach": (water_spec.DamBreach, lambda spec: dam_breach.dam_breach(spec, county, file.name)),
        "levee_breach": (water_spec.LeveeBreach, lambda spec: inundation.levee_breach(spec, file.name)),
        "waterlogging": (water_spec.Waterlogging, inundation.waterlogging),
    }
    kind, work_out = kinds[name]
    spec, problems = water_spec.read_water(kind, table, file, f"hazards.{name}", reference)
    if spec is None:
        return None, problems
    try:
        return work_out(spec), problems
    except InputProblems as several:
        return None, [*problems, *several.problems]
