"""What is compared: scenarios × layouts × plans × policies × settings, from a design file or the command line.

A design file is TOML::

    nights = 500
    seconds = 5
    scenarios = ["qinshui/flash_flood"]
    layouts = ["", "county_with_two_more_depots"]   # county packs; "" = the scenario's own
    plans = ["relief", "nearest_first", "edited.xlsx"]
    policies = ["follow", "event"]

    [settings.heavy_rain]                           # keys of the scenario file
    "pace.weather" = "heavy_rain"

Whatever is left out has one level: the scenario as it is, its own county, the relief planner, the plan followed.
Relative paths count from the design file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from dispatch.county.problem_text import found
from dispatch.problems import InputProblems, Problem
from dispatch.simulation.policy import POLICIES

__all__ = ["PLANNERS", "Case", "Design", "design_of", "is_design", "read_design"]

PLANNERS: tuple[str, ...] = ("relief", "nearest_first")
"""Words in place of a plan's file: made for each scenario and layout."""


@dataclass(frozen=True)
class Case:
    """One combination; ``settings`` names a set of scenario keys, "" for none."""

    scenario: str
    layout: str = ""
    plan: str = "relief"
    policy: str = "follow"
    settings: str = ""

    @property
    def name(self) -> str:
        """What tells it apart, in one line."""
        words = (self.scenario, self.settings, self.layout, self.plan, self.policy)
        return " · ".join(Path(word).name if "." in word or "/" in word else word for word in words if word)


@dataclass(frozen=True)
class Design:
    """Cases in order, and how each is played. The first case of a scenario is the one its others are compared with.

    ``set_keys``: name of a setting → scenario keys and their values; ``folder``: where relative paths count from.
    """

    cases: tuple[Case, ...]
    nights: int = 200
    seed: int | None = None
    seconds: float = 5.0
    set_keys: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    folder: Path = Path()


def design_of(
    scenarios: Sequence[str],
    layouts: Sequence[str] = ("",),
    plans: Sequence[str] = ("relief",),
    policies: Sequence[str] = ("follow",),
    settings: Sequence[str] = ("",),
    **how: Any,
) -> Design:
    """Every combination of the levels; ``how``: other fields of :class:`Design`."""
    cases = tuple(
        Case(scenario, layout, plan, policy, setting)
        for scenario, setting, layout, plan, policy in product(scenarios, settings, layouts, plans, policies)
    )
    return Design(cases, **how)


_LISTS = ("scenarios", "layouts", "plans", "policies")
_NUMBERS: dict[str, tuple[type, ...]] = {"nights": (int,), "seed": (int,), "seconds": (int, float)}


def is_design(path: Path) -> bool:
    """Whether a file is a design (it lists ``scenarios``), not a scenario."""
    if path.suffix.lower() != ".toml" or not path.is_file():
        return False
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    return any(line.replace(" ", "").startswith("scenarios=") for line in lines)


def read_design(path: Path) -> Design:
    """Read a design file.

    Raises
    ------
    InputProblems
        With every key that cannot be used.
    """
    try:
        raw = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputProblems([found("studies_design_unreadable", path.name, reason=error)]) from None
    problems: list[Problem] = []
    value: Any
    for key, value in raw.items():
        if key in _LISTS:
            fine = isinstance(value, list) and len(value) > 0 and all(isinstance(word, str) for word in value)
        elif key in _NUMBERS:
            number = isinstance(value, _NUMBERS[key]) and not isinstance(value, bool)
            fine = number and (value > 0 or (key == "seed" and value >= 0))
        elif key == "settings":
            fine = isinstance(value, dict) and all(isinstance(of, dict) for of in value.values())
        else:
            known = ", ".join((*_LISTS, *_NUMBERS, "settings"))
            problems.append(found("studies_design_key", path.name, None, key, known=known))
            continue
        if not fine:
            code = "studies_design_settings" if key == "settings" else "studies_design_value"
            problems.append(found(code, path.name, None, key, value))
    if "scenarios" not in raw:
        problems.append(found("studies_design_scenarios", path.name))
    problems += [
        found("studies_design_policy", path.name, None, "policies", policy, known=", ".join(POLICIES))
        for policy in raw.get("policies", ())
        if policy not in POLICIES
    ]
    if problems:
        raise InputProblems(problems)
    settings = raw.get("settings", {})
    lists = {key: tuple(raw[key]) for key in _LISTS if key in raw}
    numbers = {key: raw[key] for key in _NUMBERS if key in raw}
    return design_of(**lists, settings=("", *settings), set_keys=settings, folder=path.parent, **numbers)
