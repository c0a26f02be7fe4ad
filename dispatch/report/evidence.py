"""What stands beside the answer: the verdict, what would change it, the range of assumptions, and a comparison.

All of it takes work of its own (plans made anew, nights played under other assumptions), so it is gathered apart and
handed to the page; what was not gathered, the page says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from dispatch.county.problem_text import found
from dispatch.planning.explain import Explanation, explain
from dispatch.planning.fingerprint import fingerprint
from dispatch.planning.plan import Plan
from dispatch.problems import InputProblems, Problem
from dispatch.report.findings import Findings
from dispatch.scenario import Scenario
from dispatch.studies.compare import CASE_COLUMNS, PAIR_COLUMNS
from dispatch.studies.ranges import ranges
from dispatch.studies.verdict import Verdict, judge

if TYPE_CHECKING:
    from dispatch.simulation.ensemble import Ensemble

__all__ = ["NOTHING", "Cases", "Evidence", "gather", "places_to_explain", "read_cases"]


@dataclass(frozen=True, eq=False)
class Cases:
    """A comparison: ``cases`` with ``studies.compare.CASE_COLUMNS``, ``pairs`` with ``PAIR_COLUMNS``."""

    cases: pd.DataFrame
    pairs: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Evidence:
    """What was found out beside the nights; None where it was not asked for.

    Attributes
    ----------
    explanation : Explanation or None
        Of the places ``explained``; None where no place is missed, or none was asked for.
    explained : tuple of str
        Missed places that were planned anew; the others of ``Findings.missed`` were left out.
    ranges : DataFrame or None
        ``studies.ranges.RANGE_COLUMNS``.
    verdict : Verdict or None
    comparison : Cases or None
    """

    explanation: Explanation | None = None
    explained: tuple[str, ...] = ()
    ranges: pd.DataFrame | None = None
    verdict: Verdict | None = None
    comparison: Cases | None = None


_WORLD = ["scenario_name", "fingerprint"]
"""Columns that a comparison of an earlier version lacks."""

NOTHING = Evidence()
"""No evidence was gathered."""


def places_to_explain(findings: Findings, most: int) -> tuple[str, ...]:
    """Missed places to plan anew for: those with the most people, at most so many."""
    rows = findings.missed.sort_values("people", ascending=False, kind="stable")
    return tuple(rows["place"].head(most))


def gather(
    scenario: Scenario,
    plan: Plan,
    ensemble: Ensemble | None,
    findings: Findings,
    *,
    explain_places: int,
    range_nights: int,
    seed: int | None = None,
    workers: int = 1,
    progress: Callable[[str], Callable[[int, int], None]] | None = None,
    comparison: Cases | None = None,
    as_planned: Ensemble | None = None,
) -> Evidence:
    """Gather what the page says beside the answer.

    The work is bounded by numbers of places and nights, not by the clock, so that the same call gives the same page.

    Parameters
    ----------
    scenario : Scenario
    plan : Plan
    ensemble : Ensemble or None
        None where nothing was simulated: there is then no verdict and no range.
    findings : Findings
    explain_places : int
        Missed places at most for which changes are sought by planning again; 0: none.
    range_nights : int
        Nights of each assumption; 0: no range.
    seed : int, optional
    workers : int
    progress : callable (name) → callable (done, of), optional
        Gives a bar for ``explain`` and ``ranges``.
    comparison : Cases, optional
        Shown as it is.
    as_planned : Ensemble, optional
        Nights on which the plan was followed as it is, for the ranges: they need not be played once more.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """

    def bar(name: str) -> Callable[[int, int], None]:
        return progress(name) if progress is not None else lambda _done, _of: None

    chosen = places_to_explain(findings, explain_places)
    explanation = None
    if chosen:
        step = bar("explain")
        explanation = explain(scenario, plan, chosen)
        step(1, 1)
    table = verdict = None
    if ensemble is not None and findings.nights is not None:
        verdict = judge(ensemble)
        nights = min(range_nights, ensemble.replications)
        if nights and bool((ensemble.nights["places"] > 0).any()):
            table = ranges(
                scenario, plan, replications=nights, seed=seed, workers=workers, progress=bar("ranges"),
                as_planned=as_planned,
            )  # fmt: skip
    return Evidence(explanation, chosen, table, verdict, comparison)


def read_cases(path: Path, scenario: Scenario) -> tuple[Cases, list[Problem]]:
    """Read ``comparison.json`` as ``dispatch compare`` writes it, to be shown beside the answer for a scenario.

    Returns
    -------
    cases : Cases
    warnings : list of Problem
        That no case was played on the scenario as it is now.

    Raises
    ------
    InputProblems
        If it is no comparison, or one of other scenarios only.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        rows = [{**dict.fromkeys(_WORLD, ""), **row} for row in raw["cases"]]
        cases = pd.DataFrame(rows, columns=list(CASE_COLUMNS)).astype(CASE_COLUMNS)
        pairs = pd.DataFrame(raw["differences"], columns=list(PAIR_COLUMNS)).astype(PAIR_COLUMNS)
    except OSError as error:
        raise InputProblems([found("report_comparison_file", str(path), reason=error.strerror or error)]) from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputProblems([found("report_comparison_file", str(path), reason=error)]) from None
    return Cases(cases, pairs), _of_other(cases, scenario, path)


def _of_other(cases: pd.DataFrame, scenario: Scenario, path: Path) -> list[Problem]:
    """A warning where no case is of the scenario as it is now; refused where none is of the scenario at all."""
    if fingerprint(scenario) in set(cases["fingerprint"]):
        return []
    names = list(dict.fromkeys(name for name in cases["scenario_name"] if name))
    if names and scenario.name not in names:
        shown = ", ".join(names)
        raise InputProblems([found("report_comparison_other", path.name, value=shown, own=scenario.name)])
    return [found("report_comparison_before", path.name, value=scenario.name, severity="warning")]
