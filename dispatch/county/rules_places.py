"""Rules of the table of places: every village under its township, told apart from its namesakes."""

from __future__ import annotations

import pandas as pd

from dispatch.county.findings import Findings, Origin
from dispatch.county.problem_text import found
from dispatch.county.schema import SCHEMA
from dispatch.county.units import plain

__all__ = ["check_places"]

_ABOVE = {"county": (), "township": ("county",), "village": ("township", "county")}
"""Kinds of place that may stand above each kind."""


def check_places(places: pd.DataFrame, origin: Origin, findings: Findings, county_code: str) -> None:
    """Parents of the right kind and no cycles, same names in one township, codes under their township's.

    A village needs a parent as soon as the table has townships; without any (a pack made from a map) it may stand
    alone.
    """
    codes, kinds, parents = (places[column].tolist() for column in ("place", "kind", "parent"))
    kind_of = dict(zip(codes, kinds, strict=True))
    parent_of = dict(zip(codes, parents, strict=True))
    townships = "township" in kinds
    if townships and "village" in kinds and "parent" not in origin.headers and len(places):
        column = SCHEMA["places"].column("parent")
        findings.add(found("county_missing_column", origin.file, None, column.name, zh=column.zh, en=column.name))
    for i, (code, kind, parent) in enumerate(zip(codes, kinds, parents, strict=True)):
        if not code or (i, "parent") in origin.faulty or (i, "kind") in origin.faulty:
            continue
        if not parent:
            if kind == "village" and townships and "parent" in origin.headers:
                findings.cell(origin, i, "parent", "county_no_parent")
        elif _in_cycle(code, parent_of):
            findings.cell(origin, i, "parent", "county_cycle")
        elif kind_of.get(parent) and kind in _ABOVE and kind_of[parent] not in _ABOVE[kind]:
            findings.cell(origin, i, "parent", "county_parent_kind", "error", **_kinds(kind))
        elif kind == "village" and _is_code(code, 12) and _is_code(parent, 9) and not code.startswith(parent):
            findings.cell(origin, i, "parent", "county_code_prefix", "warning", prefix=code[:9])
        if kind == "county" and county_code and code != county_code:
            findings.cell(origin, i, "place", "county_other_code", "warning", code_given=county_code)
    _check_names(places, origin, findings)


def _check_names(places: pd.DataFrame, origin: Origin, findings: Findings) -> None:
    """Two places of one kind and name under one parent are probably one place entered twice."""
    first: dict[tuple[str, str, str], int] = {}
    for i, (name, kind, parent) in enumerate(places[["name", "kind", "parent"]].itertuples(index=False, name=None)):
        key = ("".join(plain(name).split()), kind, parent)
        if not name or not kind:
            continue
        if key in first:
            findings.cell(origin, i, "name", "county_same_name", "warning", other_row=origin.rows[first[key]])
        first.setdefault(key, i)


def _kinds(kind: str) -> dict[str, str]:
    """Words for what may stand above."""
    above = {
        "county": ("县级行不填上级，或填所属市的代码", "nothing, or the code of the prefecture"),
        "township": ("县", "a county"),
        "village": ("乡镇或县", "a township or a county"),
    }
    return {"kinds_zh": above[kind][0], "kinds_en": above[kind][1]}


def _is_code(code: str, length: int) -> bool:
    return len(code) == length and code.isdecimal()


def _in_cycle(code: str, parent_of: dict[str, str]) -> bool:
    """Whether going up from a place leads back to it."""
    above, seen = parent_of.get(code, ""), 0
    while above and seen < 10:
        if above == code:
            return True
        above, seen = parent_of.get(above, ""), seen + 1
    return False
