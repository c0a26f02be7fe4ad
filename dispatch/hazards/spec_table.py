"""Tables of a scenario that describe a computed hazard: keys with their kinds, read and checked into a dataclass."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from dispatch.county.problem_text import found
from dispatch.hazards.storm import patterns
from dispatch.hazards.when import seconds_from
from dispatch.norms import read_norm
from dispatch.problems import Problem

__all__ = ["key", "read_rows", "read_table"]


def key(kind: str, default: Any = MISSING) -> Any:
    """Field of a table: the kind of its value, and its default where it is not needed."""
    return field(metadata={"kind": kind}) if default is MISSING else field(default=default, metadata={"kind": kind})


def read_table(
    kind: type[Any], table: Mapping[str, Any], file: Path, section: str, reference: datetime
) -> tuple[dict[str, Any], list[Problem]]:
    """Values of a table by key, in the form of their kinds, and what is wrong with it.

    Parameters
    ----------
    kind : type
        A dataclass whose fields were made by ``key``.
    table : mapping
    file : Path
        The scenario's; paths count from its folder.
    section : str
        Name of the table, for messages.
    reference : datetime
    """
    problems: list[Problem] = []
    known = {item.name: item for item in fields(kind)}
    values: dict[str, Any] = {}
    for name, value in table.items():
        where = (file.name, None, f"{section}.{name}", value)
        if name not in known:
            problems.append(found("hazards_key_unknown", *where, known=", ".join(known)))
            continue
        meant = known[name].metadata["kind"]
        accepted = _accept(meant, value, file, reference)
        if accepted is None:
            problems.append(found(f"hazards_key_{meant}", *where, known=", ".join(_choices(meant))))
        elif name in MOST and _greatest(accepted) > MOST[name]:
            problems.append(found("hazards_key_up_to", *where, most=f"{MOST[name]:g}"))
        else:
            values[name] = accepted
    for name, item in known.items():
        if item.default is MISSING and name not in table:
            problems.append(found("hazards_key_needed", file.name, None, f"{section}.{name}"))
    return values, problems


MOST = {"hours": 744, "duration_h": 744, "fall_h": 744, "rain_step_min": 1440, "snow_step_min": 1440, "depth_mm": 5000,
        "snow_mm": 5000, "rain_mm": 2000, "snow_cm": 1000, "antecedent_mm": 5000, "lying_cm": 1000, "rain_factor": 100,
        "snow_factor": 100, "magnitude": 10, "axis_deg": 360, "deviation": 10, "radius_km": 10_000, "stream_km2": 1e6,
        "storage_m3": 1e12, "height_m": 1000, "base_m3_s": 1e6, "inflow": 1e6, "width_m": 1e5, "reach_km": 200,
        "cell_m": 10_000, "drains_mm_h": 1e4, "snow_line_m": 9000}  # fmt: skip
"""Numbers above these are slips of the pen, and some would fill the memory."""


def _greatest(value: Any) -> float:
    """Greatest absolute value of a number, or in a list or a list of pairs."""
    return max(map(_greatest, value), default=0.0) if isinstance(value, tuple) else abs(value)


_TABLES = {"land": ("water_curve_numbers", "land"), "surface": ("water_manning", "surface"),
           "region": ("earthquake_attenuation", "region"), "bridge": ("hazus_bridges", "bridge"),
           "building": ("hazus_buildings", "building")}  # fmt: skip
_WORDS = {
    "quantity": ("depth_m", "arrival_s", "arrival_min", "arrival_h", "burnt"),
    "soil": ("a", "b", "c", "d"),
    "condition": ("dry", "normal", "wet"),
}


def _choices(kind: str) -> list[str]:
    """Values that a kind of text may have; none where it may have any."""
    if kind in _TABLES:
        name, column = _TABLES[kind]
        return list(dict.fromkeys(row[column] for row in read_norm(name)))
    if kind == "pattern":
        return list(patterns())
    return list(_WORDS.get(kind, ()))


def _accept(kind: str, value: Any, file: Path, reference: datetime) -> Any:
    """A value in its kind's form, None if it is not of that kind."""
    if kind == "path":
        path = file.parent / value if isinstance(value, str) else file
        return path if isinstance(value, str) and path.is_file() else None
    if kind == "time":
        return _time(value, reference)
    if kind == "flag":
        return value if isinstance(value, bool) else None
    if kind == "text":
        return value if isinstance(value, str) and value else None
    if kind == "times":
        times = [_time(one, reference) for one in value] if isinstance(value, list) else [None]
        rising = None not in times and all(a < b for a, b in zip(times, times[1:], strict=False))  # type: ignore[operator]
        return tuple(times) if rising else None
    if kind == "names":
        fine = isinstance(value, list) and all(isinstance(word, str) and word for word in value)
        return tuple(value) if fine else None
    if choices := _choices(kind):
        by_word = {choice.casefold(): choice for choice in choices}
        return by_word.get(value.casefold()) if isinstance(value, str) else None
    if kind in _ROWS:
        return _rows(_ROWS[kind], value, file, reference)
    if kind in {"numbers", "point", "box", "triple", "pairs"}:
        return _list(kind, value)
    return float(value) if kind != "count" and _fits(kind, value) else int(value) if _fits(kind, value) else None


_ROWS: dict[str, dict[str, tuple[str, Any]]] = {
    "ploughs": {"at": ("point", MISSING), "start": ("time", MISSING), "speed_kmh": ("positive", 15.0)},
    "cuts": {"places": ("names", MISSING), "media": ("names", MISSING), "start": ("time", MISSING),
             "end": ("time", math.inf), "probability": ("share", 1.0)},
    "rasters": {"file": ("path", MISSING), "quantity": ("quantity", MISSING), "times": ("times", ()),
                "start": ("time", 0.0), "cause": ("text", ""), "crs": ("text", ""), "hours": ("positive", math.inf),
                "probability": ("share", 1.0), "people_share": ("share", 1.0), "known": ("time", math.nan),
                "group": ("text", "")},
}  # fmt: skip
"""Kinds that are lists of tables: the kind and the default of each of their keys."""


def read_rows(kind: str, value: Any, file: Path, section: str, reference: datetime) -> tuple[Any, list[Problem]]:
    """Rows of a list of tables; none, and what is wrong with which key, if one is not what its kind asks for."""
    rows = _rows(_ROWS[kind], value, file, reference)
    if rows is not None:
        return rows, []
    problems: list[Problem] = []
    for number, given in enumerate(value if isinstance(value, (list, tuple)) else (), start=1):
        for name, cell in given.items() if isinstance(given, Mapping) else ():
            where = (file.name, None, f"{section}[{number}].{name}", cell)
            if name not in _ROWS[kind]:
                problems.append(found("hazards_key_unknown", *where, known=", ".join(_ROWS[kind])))
            elif _accept(meant := _ROWS[kind][name][0], cell, file, reference) is None:
                problems.append(found(f"hazards_key_{meant}", *where, known=", ".join(_choices(meant))))
        for name, (_, default) in _ROWS[kind].items():
            if default is MISSING and isinstance(given, Mapping) and name not in given:
                problems.append(found("hazards_key_needed", file.name, None, f"{section}[{number}].{name}"))
    return (), problems or [found(f"hazards_key_{kind}", file.name, None, section, value)]


def _rows(wanted: Mapping[str, tuple[str, Any]], value: Any, file: Path, reference: datetime) -> Any:
    """Rows of a list of tables; None if one lacks a key, has one too many or a wrong value."""
    if not isinstance(value, (list, tuple)):
        return None
    rows = []
    for given in value:
        if not isinstance(given, Mapping) or set(given) - set(wanted):
            return None
        row = {name: default for name, (_, default) in wanted.items()}
        row |= {name: _accept(wanted[name][0], cell, file, reference) for name, cell in given.items()}
        if any(cell is None or cell is MISSING for cell in row.values()):
            return None
        rows.append(row)
    return tuple(rows)


def _time(value: Any, reference: datetime) -> float | None:
    try:
        return seconds_from(reference, value)
    except ValueError:
        return None


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _fits(kind: str, value: Any) -> bool:
    """Whether a number lies in its kind's range."""
    if not _number(value):
        return False
    low, high = {"share": (0, 1), "amount": (0, math.inf), "curve_number": (1, 100), "count": (1, 50),
                 "number": (-math.inf, math.inf)}.get(kind, (math.nextafter(0, 1), math.inf))  # fmt: skip
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
