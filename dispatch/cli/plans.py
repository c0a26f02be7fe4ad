"""A plan's file for a command that shows or uses it: read, with warnings said, and refused where it is not true."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dispatch.cli.common import NO, print_problems, stop
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    from dispatch.planning.plan import Plan
    from dispatch.scenario import Scenario

__all__ = ["sound_plan"]


def sound_plan(plan_file: Path, scenario: Scenario, lang: Lang) -> tuple[Plan, Scenario]:
    """Read a plan that breaks no constraint, and the scenario with the news that it was made with.

    What merely follows from its trips is stated anew where it is out of date.

    Ends the command with exit code 1 where the plan breaks a constraint: its trips would be shown as if they could be.
    """
    from dispatch.planning.check import check
    from dispatch.planning.load_plan import load_plan
    from dispatch.planning.plan_world import plan_world
    from dispatch.planning.restate import restate

    read, _, warnings = load_plan(plan_file, scenario)
    print_problems((*scenario.notes, *warnings), lang)
    scenario = plan_world(read, scenario)
    broken = check(read, scenario)
    if not broken:
        return read, scenario
    again = restate(read, scenario)
    if left := check(again, scenario):
        stop(text(lang, "cli_plan_not_sound", path=plan_file, count=len(left)), NO)
    return again, scenario
