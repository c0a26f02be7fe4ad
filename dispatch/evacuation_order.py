"""An evacuation as ordered: who is in the hazard's way, when they are told, which rules act, who shelters where."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

__all__ = ["ASSIGNMENT_COLUMNS", "GROUPS", "GROUP_COLUMNS", "EvacuationOrder", "Trigger", "empty_groups"]

GROUPS: tuple[str, ...] = ("residents", "assisted", "visitors")
"""Who moves: residents who can walk, those who need help, and people from elsewhere (guests, workers, pupils)."""

GROUP_COLUMNS: dict[str, str] = {
    "place": "str",
    "group": "str",
    "people": "int64",
    "told_ms": "int64",
    "hazard_ms": "int64",
}
"""People to be moved, one row per place and group. ``told_ms``: when the order goes out to the place; ``hazard_ms``:
when the hazard is forecast to reach the place, ``models.traversal.NEVER`` if it is not."""

ASSIGNMENT_COLUMNS: dict[str, str] = {
    "place": "str",
    "group": "str",
    "mode": "str",
    "shelter": "str",
    "people": "int64",
}
"""Which shelter takes whom, coming how (``walk``, ``car``, ``bus``)."""


def empty_groups() -> pd.DataFrame:
    """Nobody to be moved."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in GROUP_COLUMNS.items()})


def _no_assignment() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in ASSIGNMENT_COLUMNS.items()})


@dataclass(frozen=True)
class Trigger:
    """A rule that acts when enough rain has fallen, and whether it does.

    Attributes
    ----------
    name : str
    action : {"evacuate", "close_site", "close_road"}
    place : str
        Whom it moves, or where the site is; "" for a road.
    people : int
        At the site (a school, a mine, a scenic spot); 0 otherwise.
    rain_mm, window_h : float
        Acts as soon as so much has fallen within the window.
    hold_h : float
        How long it stays in force.
    probability : float
        That the hazard comes once the rule has acted (1 - false alarms).
    road : str
        Road closed, as a list of closed roads names it.
    fires_ms : int or None
        When it acts; None if it does not.
    """

    name: str
    action: str
    place: str
    people: int
    rain_mm: float
    window_h: float
    hold_h: float
    probability: float
    road: str = ""
    fires_ms: int | None = None


@dataclass(frozen=True, eq=False)
class EvacuationOrder:
    """Who must be moved.

    Attributes
    ----------
    warned_ms : int
        When the order to leave is given.
    contraflow : bool
        Whether lanes of the other direction may be used outwards.
    groups : DataFrame
        ``GROUP_COLUMNS``.
    assignment : DataFrame
        ``ASSIGNMENT_COLUMNS``; who is not in it finds no shelter in time.
    triggers : tuple of Trigger
    """

    warned_ms: int
    contraflow: bool = False
    groups: pd.DataFrame = field(default_factory=empty_groups)
    assignment: pd.DataFrame = field(default_factory=_no_assignment)
    triggers: tuple[Trigger, ...] = ()
