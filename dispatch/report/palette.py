"""The one palette of page and figures: Okabe & Ito (2008) colours, which the colour-blind tell apart, and their roles.

Figures are drawn in the light values. In the page every colour is a CSS variable, so that the same figure follows the
reader's dark mode; see :func:`as_variables`.
"""

from __future__ import annotations

import re

__all__ = ["DARK", "HATCH", "LIGHT", "ROLE", "as_variables", "colour", "css_variables"]

LIGHT: dict[str, str] = {
    "ink": "#1d2329",
    "muted": "#59636e",
    "line": "#d3d9df",
    "faint": "#eef1f4",
    "surface": "#ffffff",
    "blue": "#0072b2",
    "sky": "#56b4e9",
    "green": "#009e73",
    "yellow": "#f0e442",
    "orange": "#e69f00",
    "vermillion": "#d55e00",
    "alarm": "#a84300",
    "purple": "#cc79a7",
    "grey": "#99a1aa",
    "road_major": "#8b7355",
    "road_middle": "#a9a39a",
    "road_minor": "#cfcbc4",
}
"""Each value occurs once: a figure's colours are told back from it. ``alarm`` is vermillion dark enough for text."""

DARK: dict[str, str] = {
    "ink": "#e7ebef",
    "muted": "#a4afba",
    "line": "#3a444e",
    "faint": "#232b33",
    "surface": "#161b21",
    "blue": "#4aa8e0",
    "sky": "#8fd0f5",
    "green": "#35c79b",
    "yellow": "#f2e96b",
    "orange": "#f0b73c",
    "vermillion": "#f5853b",
    "alarm": "#ff9c5e",
    "purple": "#dd9cc0",
    "grey": "#7c8792",
    "road_major": "#a8906f",
    "road_middle": "#6d6a64",
    "road_minor": "#454541",
}

ROLE: dict[str, str] = {
    "served": "green",
    "waiting": "grey",
    "late": "vermillion",
    "depot": "blue",
    "deadline": "vermillion",
    "plan": "ink",
    "nights": "blue",
    "closed": "vermillion",
    "partial": "purple",
    "slowed": "orange",
    "route": "blue",
    "prepare": "faint",
    "earlier_trip": "line",
    "drive_empty": "sky",
    "wait_dock": "yellow",
    "loading": "orange",
    "papers": "grey",
    "drive_loaded": "blue",
    "wait_road": "vermillion",
    "wait_site": "yellow",
    "unloading": "green",
    "drive_back": "purple",
    "other_stop": "purple",
    "rest": "muted",
    "boarding": "orange",
    "carry_people": "purple",
    "get_off": "green",
    "walk": "grey",
    "work": "orange",
    "fly": "sky",
}
"""Meaning → colour, the same on the map, in the figures and in the legends."""

HATCH: dict[str, str] = {"wait_dock": "////", "wait_site": "////", "wait_road": "xxxx", "rest": "....", "prepare": ""}
"""What tells the waits from the work when printed in black and white."""

_HEX = re.compile("|".join(re.escape(value) for value in LIGHT.values()), re.IGNORECASE)
_NAME = {value: name for name, value in LIGHT.items()}


def colour(role: str) -> str:
    """Light colour (``#rrggbb``) of a role, or of the palette itself."""
    return LIGHT[ROLE.get(role, role)]


def as_variables(svg: str) -> str:
    """Replace the palette's colours in an SVG by their CSS variables."""
    return _HEX.sub(lambda match: f"var(--{_NAME[match.group().lower()].replace('_', '-')})", svg)


def css_variables(values: dict[str, str]) -> str:
    """Declarations of one set of values and of the roles."""
    named = [f"--{name.replace('_', '-')}: {value};" for name, value in values.items()]
    roles = [f"--role-{role.replace('_', '-')}: var(--{name.replace('_', '-')});" for role, name in ROLE.items()]
    return " ".join(named + roles)
