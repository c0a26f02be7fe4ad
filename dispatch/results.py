"""The folder a run leaves: plan, log, indicators, figures and page; and the plan read back from any of its forms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dispatch.planning.check import Violation, check
from dispatch.planning.plan import Plan
from dispatch.problems import Problem
from dispatch.scenario import Scenario

if TYPE_CHECKING:
    pass

__all__ = ["InvalidPlan", "checked", "load_plan", "save_nights", "save_plan", "save_results"]


class InvalidPlan(Exception):  # noqa: N818 - names what it is about
    """A plan that breaks constraints; it is not written as valid."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(str(violation) for violation in violations))


def checked(plan: Plan, scenario: Scenario) -> Plan:
    """Return the plan if it passes the checker.

    Raises
    ------
    InvalidPlan
        If it does not.
    """
    violations = check(plan, scenario)
    if violations:
        raise InvalidPlan(violations)
    return plan


def save_plan(plan: Plan, scenario: Scenario, path: Path, lang: str) -> None:
    """Write a plan as JSON, workbook or folder of CSV files, by the ending of ``path``."""
    from dispatch.planning.plan_file import write_plan
    from dispatch.planning.plan_workbook import write_plan_workbook

    if path.suffix.lower() == ".xlsx":
        write_plan_workbook(plan, scenario, path, lang)
    else:
        write_plan(plan, path)


def load_plan(path: Path, scenario: Scenario) -> tuple[Plan, list[Violation], list[Problem]]:
    """Read a plan in any of its forms.

    Returns
    -------
    plan : Plan
    disagreements : list of Violation
        Derived sheets of a workbook that say something else than its loads.
    warnings : list of Problem

    Raises
    ------
    InputProblems
        If it cannot be read as a plan.
    """
    from dispatch.planning.plan_file import read_plan
    from dispatch.planning.plan_workbook import read_plan_workbook

    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        return read_plan_workbook(path, scenario)
    return read_plan(path), [], []
