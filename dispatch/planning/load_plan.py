"""A plan read back from any of its forms, with a warning where it was made for something else."""

from __future__ import annotations

from pathlib import Path

from dispatch.county.problem_text import found
from dispatch.documents.messages import text
from dispatch.planning.fingerprint import changed_since
from dispatch.planning.plan import Plan
from dispatch.planning.plan_file import read_plan
from dispatch.planning.plan_workbook import read_plan_workbook
from dispatch.planning.plan_world import plan_world, world_warnings
from dispatch.planning.violation import Violation
from dispatch.problems import Problem
from dispatch.scenario import Scenario

__all__ = ["load_plan", "made_for_other"]


def load_plan(path: Path, scenario: Scenario, *, to_fill: bool = False) -> tuple[Plan, list[Violation], list[Problem]]:
    """Read a plan in any of its forms.

    Parameters
    ----------
    path : Path
    scenario : Scenario
    to_fill : bool
        Trips and stops of a workbook or of CSV files may have empty cells that ``fill_trips`` is to fill in.

    Returns
    -------
    plan : Plan
    disagreements : list of Violation
        Derived sheets of a workbook that say something else than its loads.
    warnings : list of Problem
        Among them that the plan was made for another scenario, or for this one as it was before, and what news it
        counts on; whoever uses it does so in ``plan_world(plan, scenario)``.

    Raises
    ------
    InputProblems
        If it cannot be read as a plan.
    """
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        read = read_plan_workbook(path, scenario, to_fill=to_fill)
        return read.plan, list(read.disagreements), [*read.warnings, *_of_world(read.plan, scenario, path)]
    plan = read_plan(path, to_fill=to_fill)
    return plan, [], _of_world(plan, scenario, path)


def _of_world(plan: Plan, scenario: Scenario, path: Path) -> list[Problem]:
    """What there is to be said of what a plan was made for."""
    known = plan_world(plan, scenario)
    return [*world_warnings(plan, known, path.name), *made_for_other(plan, known, path)]


def made_for_other(plan: Plan, scenario: Scenario, path: Path) -> list[Problem]:
    """A warning where a plan was made for something else than this scenario as it is now."""
    changed = changed_since(plan.meta, scenario)
    if changed is None:
        return []
    name = str(plan.meta.get("scenario", ""))
    if name and name != scenario.name:
        return [found("plan_made_for_other", path.name, value=name, severity="warning", own=scenario.name)]
    if not changed:
        return [found("plan_made_for_before", path.name, value=scenario.name, severity="warning")]
    parts_zh, parts_en = (gap.join(text(lang, f"plan_part_{part}") for part in changed)
                          for lang, gap in (("zh", "、"), ("en", ", ")))  # fmt: skip
    return [found("plan_made_for_changed", path.name, value=scenario.name, severity="warning", parts_zh=parts_zh,
                  parts_en=parts_en)]  # fmt: skip
