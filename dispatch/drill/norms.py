"""The norms of drills as the rest of this room asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from dispatch.clock import MINUTE_MS
from dispatch.drill.model import PointsRule, Words
from dispatch.norms import read_norm

__all__ = ["both", "covers", "drill_rule", "hazard_row", "minutes_ms", "points_rule", "rows"]


@cache
def rows(name: str) -> tuple[dict[str, Any], ...]:
    """Rows of the norm table ``drill_NAME``."""
    return tuple(read_norm(f"drill_{name}"))


@cache
def drill_rule(rule: str) -> float:
    """Value of a row of ``drill_rules``."""
    return float(next(row["value"] for row in rows("rules") if row["rule"] == rule))


def minutes_ms(rule: str) -> int:
    """Value of a row of ``drill_rules`` in minutes, as ms."""
    return round(drill_rule(rule) * MINUTE_MS)


def hazard_row(hazard: str) -> dict[str, Any]:
    """Row of a hazard by its name or a name it also has; the row ``none`` for one that has no row."""
    table = {row["hazard"]: row for row in rows("hazards")}
    also = {word: row for row in table.values() for word in row["also"].split(";") if word}
    return table.get(hazard) or also.get(hazard) or table["none"]


def covers(simulated: str, hazard: str) -> bool:
    """Whether nights of a simulated hazard are those of another: the same, or a flood of whatever family."""
    own, other = hazard_row(simulated), hazard_row(hazard)
    if own["hazard"] == "flood":
        return bool(own["headquarters"] == other["headquarters"])
    return bool(own["hazard"] == other["hazard"])


def both(row: Mapping[str, Any], name: str) -> Words:
    """Columns ``NAME_zh`` and ``NAME_en`` of a row."""
    return Words(row[f"{name}_zh"], row[f"{name}_en"])


def points_rule() -> PointsRule:
    """How points fall off, by the norm."""
    source = next(row["source"] for row in rows("rules") if row["rule"] == "grace_share")
    return PointsRule(drill_rule("grace_share"), drill_rule("grace_min") * 60, f"norm: {source}")
