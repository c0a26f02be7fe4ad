"""Vehicle profiles from the norm tables, or from a user's own tables laid over them, and back to a table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dispatch.county.problem_text import found
from dispatch.norms import NORMS, read_norm, write_norm
from dispatch.problems import InputProblems, Problem
from dispatch.roads.network import ROAD_CLASSES
from dispatch.roads.profiles import VehicleProfile

__all__ = ["read_profiles", "write_speeds"]


def read_profiles(
    vehicle_profiles: Path | None = None, speeds: Path | None = None, surface_factors: Path | None = None
) -> dict[str, VehicleProfile]:
    """Return the vehicle profiles of the norms, with a user's own tables laid over them.

    Parameters
    ----------
    vehicle_profiles, speeds, surface_factors : Path, optional
        CSV files in the form of the norm tables of these names; what they leave out stays as in the norm. A vehicle
        class of one's own needs a full row in the first and a column in the second. Speed 0 bars a road class.

    Returns
    -------
    dict of str to VehicleProfile
        In the order of the table.

    Raises
    ------
    InputProblems
        Once, with every problem of the three files.
    """
    problems: list[Problem] = []
    vehicles = _read("vehicle_profiles", vehicle_profiles, problems)
    by_road = _read("speeds", speeds, problems)
    by_surface = _read("surface_factors", surface_factors, problems)
    if problems:
        raise InputProblems(problems)
    names = [row["vehicle_class"] for row in vehicles]
    vehicle_file = "vehicle_profiles.csv" if vehicle_profiles is None else vehicle_profiles.name
    speed_file = "speeds.csv" if speeds is None else speeds.name
    known = {column.name for column in NORMS["speeds"].columns}
    given = [column for column in by_road[0] if column not in known]
    classes = ", ".join(names)
    problems += [
        found("norms_speed_class", speed_file, 1, column, column, table=vehicle_file, classes=classes)
        for column in given
        if column not in names
    ]
    problems += [
        found("norms_no_speeds", vehicle_file, None, "vehicle_class", name)
        for name in names
        if name not in given or all(math.isnan(row[name]) or row[name] == 0 for row in by_road)
    ]
    if problems:
        raise InputProblems(problems)
    factor = {row["surface"]: row["factor"] for row in by_surface}
    return {row["vehicle_class"]: _profile(row, by_road, factor) for row in vehicles}


def write_speeds(profiles: Mapping[str, VehicleProfile], path: Path, source: str = "") -> None:
    """Write the speeds of profiles as a table that :func:`read_profiles` reads as ``speeds`` (0 = barred).

    Parameters
    ----------
    profiles : mapping of str to VehicleProfile
    path : Path
    source : str
        What the column ``source`` says; left empty, the file's own name is the source when it is read.
    """
    classes = [name for name in ROAD_CLASSES if any(name in profile.speed_kmh for profile in profiles.values())]
    rows: list[dict[str, object]] = []
    for road_class in classes:
        row: dict[str, object] = {"road_class": road_class}
        row |= {name: round(profile.speed_kmh.get(road_class, 0.0), 2) for name, profile in profiles.items()}
        rows.append({**row, "source": source} if source else row)
    write_norm("speeds", rows, path)


def _read(name: str, own: Path | None, problems: list[Problem]) -> list[dict[str, Any]]:
    """Rows of one table; its problems go on the list."""
    try:
        return read_norm(name, own)
    except InputProblems as wrong:
        problems.extend(wrong.problems)
        return []


def _profile(vehicle: dict[str, Any], by_road: list[dict[str, Any]], factor: dict[str, float]) -> VehicleProfile:
    name = vehicle["vehicle_class"]
    speed = {row["road_class"]: row[name] for row in by_road if row[name] > 0}
    return VehicleProfile(
        name,
        vehicle["name_zh"],
        vehicle["name_en"],
        vehicle["gross_t"],
        vehicle["height_m"],
        vehicle["width_m"],
        vehicle["wading_m"],
        speed,
        factor,
        vehicle["source"],
    )
