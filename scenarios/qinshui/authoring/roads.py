"""What the drawing is made of: rivers, roads, and stretches of a road that differ from the rest of it."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.qinshui.authoring.frame import Line

__all__ = ["River", "Road", "Stretch"]


@dataclass(frozen=True, eq=False)
class River:
    """A watercourse from source to mouth; ``spine`` is its valley's middle, ``line`` the water."""

    key: str
    name: str
    name_en: str
    width_m: float
    spine: Line
    line: Line


@dataclass(frozen=True)
class Stretch:
    """Part of a road, km from its start, whose OSM tags differ: a bridge, a tunnel, a ford, a rough end."""

    from_km: float
    to_km: float
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Road:
    """A road from junction to junction.

    ``villages`` (``township/name``) stand along it in this order, between the shares ``between`` of its length;
    ``across`` names those whose lane crosses the river.
    """

    key: str
    name: str
    ref: str
    road_class: str
    line: Line
    villages: tuple[str, ...] = ()
    across: frozenset[str] = frozenset()
    between: tuple[float, float] = (0.1, 0.9)
    stretches: tuple[Stretch, ...] = ()
    oneway: bool = False
