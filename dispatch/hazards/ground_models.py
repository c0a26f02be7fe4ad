"""The hazards of ground and snow, and imported rasters, that a scenario may have, by the name of their table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dispatch.hazards.flood_models import FloodModel
from dispatch.problems import InputProblems, Problem

__all__ = ["GROUND", "read_ground"]

GROUND: tuple[str, ...] = ("geohazard", "earthquake", "snow")
"""Names of the tables below ``hazards``; ``outage`` follows from all others (``dispatch.hazards.outage``)."""


def read_ground(
    name: str, table: Mapping[str, Any], file: Path, reference: datetime
) -> tuple[FloodModel | None, list[Problem]]:
    """Read one table of ``[hazards]`` and prepare its hazard.

    Parameters
    ----------
    name : str
        One of ``GROUND``.
    table : mapping
    file : Path
        The scenario's; paths count from its folder.
    reference : datetime
    """
    from dispatch.hazards import earthquake, geohazard, ground_spec, snow

    kinds: dict[str, tuple[type[Any], Callable[[Any], FloodModel]]] = {
        "geohazard": (ground_spec.Geohazard, geohazard.geohazard),
        "earthquake": (ground_spec.Earthquake, earthquake.earthquake),
        "snow": (ground_spec.Snow, snow.snow),
    }
    kind, work_out = kinds[name]
    spec, problems = ground_spec.read_ground_spec(kind, table, file, f"hazards.{name}", reference)
    if spec is None:
        return None, problems
    try:
        return work_out(spec), problems
    except InputProblems as several:
        return None, [*problems, *several.problems]
