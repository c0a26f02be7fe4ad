"""Trips that ``dispatch plan`` leaves as they are: those of a plan's file, or those of them that have begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dispatch.cli.common import print_problems, stop
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    from dispatch.planning.plan import Plan
    from dispatch.planning.violation import Violation
    from dispatch.scenario import Scenario

__all__ = ["committed_plan", "committed_trips", "fits_committed", "standing_lines"]

_SHOWN = 5
"""Reasons named why trips cannot stand."""


def fits_committed(plan_file: Path | None, until: str | None, beside: Sequence[str], lang: Lang) -> None:
    """Refuse, before anything is read, options that need a committed plan, or are not kept beside one."""
    if plan_file is None and until is not None:
        stop(text(lang, "cli_plan_until_alone"))
    if plan_file is not None and beside:
        stop(text(lang, "cli_plan_committed_beside", options=text(lang, "common_list_comma").join(beside)))


def committed_plan(plan_file: Path, scenario: Scenario, lang: Lang) -> tuple[Plan, Sequence[Violation]]:
    """The plan whose trips stand, and what its workbook contradicts; refused where it was made anew in the night.

    Raises
    ------
    InputProblems
        If it cannot be read.
    """
    from dispatch.results import load_plan

    plan, disagreements, warnings = load_plan(plan_file, scenario)
    print_problems(warnings, lang)
    if "news" in plan.meta:
        stop(text(lang, "cli_plan_committed_remade", path=plan_file))
    return plan, disagreements


def committed_trips(
    plan_file: Path, read: tuple[Plan, Sequence[Violation]], until: str | None, scenario: Scenario, lang: Lang
) -> dict[str, Any]:  # fmt: skip
    """Arguments of ``plan_relief`` for trips that stand; refused where they could not be driven as they are.

    Raises
    ------
    WishError
        If ``until`` is no time.
    """
    from dispatch.clock import SECOND_MS
    from dispatch.hazards.when import seconds_from
    from dispatch.planning.check import check
    from dispatch.planning.under_way import standing_trips
    from dispatch.planning.violation import violation_text
    from dispatch.planning.wishes import WishError

    until_ms = None
    if until is not None:
        try:
            until_ms = round(seconds_from(scenario.reference_time, until) * SECOND_MS)
        except ValueError:
            raise WishError("plan_wish_clock", word=f"--committed-until {until}", time=until) from None
    plan, disagreements = read
    standing = standing_trips(plan, scenario, until_ms)
    if not len(standing.trips):
        stop(text(lang, "cli_plan_committed_none", path=plan_file))
    broken = [*disagreements, *check(standing, scenario)]
    if broken:
        semicolon = text(lang, "common_list_semicolon")
        reasons = semicolon.join(violation_text(one, scenario, lang) for one in broken[:_SHOWN])
        stop(text(lang, "cli_plan_committed_broken", path=plan_file, count=len(broken), reasons=reasons))
    return {"committed": plan, "committed_until_ms": until_ms}


def standing_lines(plan: Plan, standing: Mapping[str, Any], lang: Lang) -> list[str]:
    """How many trips stand, and how many are planned on top."""
    if not standing:
        return []
    kept = len(plan.meta["replan"]["kept"])
    return [text(lang, "cli_plan_committed_kept", kept=kept, new=len(plan.trips) - kept)]
