"""The scenario that a drill is made from: a file's own, with those parts of a night opened that injects tell of."""

from __future__ import annotations

from pathlib import Path

from dispatch.county.problem_text import found
from dispatch.problems import InputProblems
from dispatch.scenario import Scenario
from dispatch.scenario_file import find_scenario, load_scenario

__all__ = ["OPENED", "load_drill_scenario", "scenario_of"]

OPENED: tuple[str, ...] = ("warning", "news", "breakdowns", "clearing")
"""Sections of a scenario file that a drill opens: calls and reports before the order, news, breakdowns, clearing."""


def load_drill_scenario(name: Path | str) -> Scenario:
    """Load a scenario with the sections of ``OPENED`` in force.

    Raises
    ------
    InputProblems
        If it has problems.
    """
    return load_scenario(name, {f"{section}.enabled": True for section in OPENED})


def scenario_of(scenario_or_pack: str) -> Path:
    """Scenario file named by itself or by its pack; a pack must hold one scenario only to be enough.

    Raises
    ------
    InputProblems
        If a folder holds none or several, or there is no such scenario.
    """
    folder = Path(scenario_or_pack)
    if not folder.is_dir():
        return find_scenario(scenario_or_pack)
    files = [file for file in sorted(folder.glob("*.toml")) if "reference_time" in file.read_text(encoding="utf-8")]
    if len(files) == 1:
        return files[0]
    names = ", ".join(str(file) for file in files)
    raise InputProblems([found("drill_pack_scenarios", scenario_or_pack, value="", names=names or "–")])
