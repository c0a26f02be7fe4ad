"""The column map of a road layer: which column means what, and what the values in it mean."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from dispatch.problems import InputProblems, Problem
from dispatch.roads.faults import fault, fault_problem
from dispatch.roads.network import ROAD_CLASSES, SURFACES

__all__ = ["MEANINGS", "ColumnMap", "read_column_map"]

MEANINGS: tuple[str, ...] = (
    "id", "class", "oneway", "name", "ref", "maxspeed", "bridge", "tunnel", "ford", "surface", "tracktype",
    "maxweight", "maxheight", "maxwidth", "lanes", "access", "length", "from", "to",
)  # fmt: skip
"""What a column of a road layer may mean."""

_VALUES = {"class": (*ROAD_CLASSES, ""), "oneway": ("forward", "backward", "both"), "surface": SURFACES}
_TEXTS = ("crs", "encoding", "layer", "attribution")


@dataclass(frozen=True)
class ColumnMap:
    """How to read a road layer.

    Attributes
    ----------
    columns : mapping of meaning to tuple of column names
        In order of preference.
    named : tuple of str
        Meanings that the user's own map names: their column must exist.
    values : mapping of ``class``, ``oneway``, ``surface`` to mapping of value to meaning
        Values in lower case; a class "" is left out.
    snap_m : float
    crs, encoding, layer, attribution : str
        "" where the file itself says, or nothing is to be said.
    """

    columns: Mapping[str, tuple[str, ...]]
    named: tuple[str, ...]
    values: Mapping[str, Mapping[str, str]]
    snap_m: float
    crs: str = ""
    encoding: str = ""
    layer: str = ""
    attribution: str = ""


def read_column_map(given: Mapping[str, Any] | Path | None = None) -> ColumnMap:
    """Return the default map (``dispatch/norms/road_columns.toml``), extended by one given as a mapping or TOML file.

    Parameters
    ----------
    given : mapping or Path, optional
        Keys ``columns`` (meaning → column or list of columns, [] to ignore it), ``class``, ``oneway``, ``surface``
        (value → meaning), ``snap_m``, ``crs``, ``encoding``, ``layer``, ``attribution``. A flat mapping of meanings to
        columns will do.

    Raises
    ------
    InputProblems
        With every unknown key and value of the given map.
    """
    default = tomllib.loads((files("dispatch") / "norms" / "road_columns.toml").read_text(encoding="utf-8"))
    name = given.name if isinstance(given, Path) else "columns"
    own = _given(given)
    if own and not set(own) - set(MEANINGS) and all(isinstance(value, str | list) for value in own.values()):
        own = {"columns": own}
    problems = _problems(name, own)
    if problems:
        raise InputProblems(problems)
    columns = {meaning: _names(names) for meaning, names in {**default["columns"], **own.get("columns", {})}.items()}
    values = {
        key: {
            str(word).lower(): meaning
            for words in (default[key], {word: word for word in meanings if word}, own.get(key, {}))
            for word, meaning in words.items()
        }
        for key, meanings in _VALUES.items()
    }
    texts = {key: str(own.get(key, "")) for key in _TEXTS}
    return ColumnMap(
        columns, tuple(sorted(own.get("columns", {}))), values, float(own.get("snap_m", default["snap_m"])), **texts
    )


def _given(given: Mapping[str, Any] | Path | None) -> dict[str, Any]:
    if not isinstance(given, Path):
        return dict(given or {})
    try:
        return tomllib.loads(given.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise fault(given, "roads_columns_damaged", value=str(error)) from error


def _names(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _problems(name: str, own: Mapping[str, Any]) -> list[Problem]:
    """Everything in a given map that means nothing."""
    problems = []
    for key, value in own.items():
        if key not in {"columns", "snap_m", *_VALUES, *_TEXTS}:
            problems.append(fault_problem(name, "roads_columns_key", column=key, value=key))
        elif key in {"columns", *_VALUES} and not isinstance(value, Mapping):
            problems.append(fault_problem(name, "roads_columns_table", column=key, value=str(value)))
        elif key == "columns":
            problems += [fault_problem(name, "roads_columns_meaning", column=f"columns.{meaning}", value=meaning)
                         for meaning in value if meaning not in MEANINGS]  # fmt: skip
        elif key in _VALUES:
            problems += [fault_problem(name, f"roads_columns_{key}", column=f"{key}.{word}", value=str(meaning))
                         for word, meaning in value.items() if meaning not in _VALUES[key]]  # fmt: skip
        elif key == "snap_m" and not (isinstance(value, int | float) and 0 <= value <= 100):
            problems.append(fault_problem(name, "roads_columns_snap", column=key, value=str(value)))
    return problems
