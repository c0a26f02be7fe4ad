"""What the console says at the end: the answer, the plan's times, the places it misses, where the files are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dispatch.clock import hours_minutes
from dispatch.documents.messages import has, text
from dispatch.planning.plan import Plan
from dispatch.report.evidence import NOTHING, Evidence
from dispatch.report.findings import Findings, duration, find, share
from dispatch.report.page_answer import deadline_hours, sentences
from dispatch.report.page_change import ways_in_words
from dispatch.scenario import Scenario

if TYPE_CHECKING:
    from dispatch.simulation.ensemble import Ensemble
    from dispatch.simulation.summary import Probability

__all__ = ["files_summary", "plan_summary", "run_json", "run_summary"]

_LISTED = 10


def plan_summary(scenario: Scenario, plan: Plan, lang: str) -> list[str]:
    """Lines about a plan."""
    return run_summary(scenario, plan, None, lang)


def run_summary(
    scenario: Scenario,
    plan: Plan,
    ensemble: Ensemble | None,
    lang: str,
    findings: Findings | None = None,
    evidence: Evidence = NOTHING,
) -> list[str]:
    """Lines about a plan and, where they were played, its nights; ``findings`` where they are known already.

    ``evidence``: under each missed place the first thing that would change it, where that was looked for.

    Returns
    -------
    list of str
        Plain text: the answer in words; T₁, T_all and people in time; the places missed with their reasons.
    """
    findings = find(scenario, plan, ensemble, lang) if findings is None else findings
    lines = sentences(scenario, findings, lang)
    if not len(findings.places):
        return lines
    measures, places = findings.measures, findings.places
    served = places[places["verdict"] == "served"]
    lines.append(text(
        lang, "report_summary_plan", hours=deadline_hours(scenario), served=len(served), places=len(places),
        people=f"{served['people'].sum():,.0f}", all=f"{places['people'].sum():,.0f}",
        t1=duration(lang, measures.t1_ms, scenario.horizon_ms),
        t_all=duration(lang, measures.t_all_reachable_ms, scenario.horizon_ms),
        t_all_all=duration(lang, measures.t_all_ms, scenario.horizon_ms),
    ))  # fmt: skip
    return lines + _missed(scenario, findings, lang, evidence)


def run_json(
    scenario: Scenario, findings: Findings, evidence: Evidence, files: Iterable[Path], lang: str
) -> dict[str, Any]:
    """What a run says, as JSON values: times in ms since the order, shares in 0 … 1.

    Returns
    -------
    dict
        ``scenario``, ``plan`` (times, places and people in time), ``nights`` (probabilities with intervals, or null),
        ``verdict`` and ``ranges`` (or null), ``missed`` (places with reason and what would change it), ``files``.
    """
    measures, places = findings.measures, findings.places
    served = places["verdict"] == "served"
    nights = findings.nights
    verdict = evidence.verdict
    return {
        "scenario": scenario.name,
        "plan": {
            "t1_ms": measures.t1_ms, "t_all_reachable_ms": measures.t_all_reachable_ms, "t_all_ms": measures.t_all_ms,
            "places": len(places), "places_in_time": int(served.sum()),
            "people": float(places["people"].sum()), "people_in_time": float(places.loc[served, "people"].sum()),
        },
        "nights": None if nights is None else {
            "played": len(nights.replication), "asked": nights.asked, "in_time": nights.met,
            "p_on_time": _chance(nights.reachable), "p_on_time_places": _chance(nights.everywhere),
        },
        "verdict": None if verdict is None else {
            "verdict": verdict.verdict, "surely": verdict.surely, "needed_share": verdict.needed_share,
            "needed_nights": verdict.needed_nights,
        },
        "ranges": None if evidence.ranges is None else [
            {key: (None if isinstance(value, float) and value != value else value) for key, value in row.items()}
            for row in evidence.ranges.to_dict("records")
        ],
        "missed": [
            {"place": row["place"], "name": row["name"], "people": row["people"], "reason": row["reason"],
             "planned_ms": row["planned_ms"] - scenario.order_ms if row["planned_ms"] >= 0 else None,
             "changes": ways_in_words(scenario, evidence, row["place"], lang)}
            for row in findings.missed.to_dict("records")
        ],
        "files": [str(file) for file in files],
    }  # fmt: skip


def _chance(of: Probability) -> dict[str, float | None]:
    """A probability with its interval; null where there is none."""
    return {key: None if value != value else value for key, value in vars(of).items()}


def _missed(scenario: Scenario, findings: Findings, lang: str, evidence: Evidence) -> list[str]:
    """Places that the plan misses, the worst first."""
    missed = findings.missed
    if missed.empty:
        return [text(lang, "report_missed_none")]
    lines = [text(lang, "report_summary_missed", count=len(missed))]
    for place in missed.head(_LISTED).to_dict("records"):
        if place["planned_ms"] >= 0:
            said = text(lang, "report_missed_late", time=hours_minutes(place["planned_ms"] - scenario.order_ms),
                        late=hours_minutes(place["planned_ms"] - scenario.due_ms))  # fmt: skip
        else:
            said = text(lang, "report_missed_never", share=share(place["delivered_share"]))
        reason = place["reason"] or ("" if place["reachable"] else text(lang, "report_no_road"))
        lines.append("  " + " · ".join(word for word in (place["name"], said, reason) if word))
        ways = ways_in_words(scenario, evidence, place["place"], lang)
        lines += ["    " + text(lang, "report_summary_way", way=way) for way in ways[:1]]
    if len(missed) > _LISTED:
        lines.append("  " + text(lang, "report_summary_more", count=len(missed) - _LISTED))
    return lines


def files_summary(out: Path, files: Iterable[Path], lang: str) -> list[str]:
    """Where the results are: one line per file or folder inside ``out``, with what it holds."""
    lines = [text(lang, "report_summary_files", path=out)]
    for file in files:
        key = f"report_file_{file.name.replace('.', '_')}"
        lines.append(f"  {file.name:<22}{text(lang, key) if has(key) else ''}".rstrip())
    return lines
