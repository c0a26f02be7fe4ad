"""What would change the answer: the smallest changes that serve a missed place, and how far the assumptions move P."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from dispatch.clock import hours_minutes
from dispatch.documents.messages import text
from dispatch.planning.explain_text import road_names
from dispatch.report.evidence import Evidence
from dispatch.report.findings import Findings, share
from dispatch.report.html import escape, items, paragraph, table
from dispatch.report.names import item_name, site_name, unit_of
from dispatch.report.tables import headings, moment
from dispatch.scenario import Scenario
from dispatch.studies.ranges import LOADING, MOBILISATION, spread
from dispatch.studies.verdict import Verdict

__all__ = ["RANGE_KINDS", "changes", "range_line", "range_table", "verdict_sentence", "ways_in_words"]

RANGE_KINDS: tuple[str, ...] = ("loading", "mobilisation", "both", "people")
"""Kinds of assumption in ``studies.ranges.ranges``, in the order shown."""

_EDGE_IDS = re.compile(r" \[[^\]]*\]")
_WAYS = 4  # changes named for a place; the command explain has them all


def verdict_sentence(verdict: Verdict, lang: str) -> str:
    """The verdict with its rule, and whether the interval lies on one side of the line."""
    if verdict.verdict == "no_need":
        return text(lang, "report_verdict_no_need")
    sure = ""
    if verdict.verdict != "too_few_nights":
        sure = text(lang, "report_verdict_surely" if verdict.surely else "report_verdict_unsure")
    return text(lang, f"report_verdict_{verdict.verdict}", p=share(verdict.share), nights=verdict.nights,
                needed=share(verdict.needed_share), fewest=f"{verdict.needed_nights:,}", sure=sure)  # fmt: skip


def range_line(ranges: pd.DataFrame, lang: str) -> str:
    """How far P moves over all assumptions of the table, in one line."""
    low = min(spread(ranges, kind).low for kind in RANGE_KINDS)
    high = max(spread(ranges, kind).high for kind in RANGE_KINDS)
    return text(lang, "report_range_line", low=share(low), high=share(high))


def range_table(scenario: Scenario, ranges: pd.DataFrame, lang: str) -> str:
    """P under the low and the high end of each assumption, beside the plan as it is, on the same nights."""

    def cell(kind: str, end: str) -> str:
        row = ranges[(ranges["kind"] == kind) & (ranges["end"] == end)]
        if row.empty:
            return "–"
        one = row.iloc[0]
        return f"{share(one['p'])} ({share(one['p_low'])}–{share(one['p_high'])})"

    here = cell("as_planned", "")
    rows = []
    for kind in RANGE_KINDS:
        between = spread(ranges, kind)
        rows.append([_assumption(scenario, ranges, kind, lang), cell(kind, "low"), here, cell(kind, "high"),
                     f"{share(between.low)}–{share(between.high)}"])  # fmt: skip
    nights = int(ranges["nights"].iloc[0])
    said = text(lang, "report_range_text", nights=nights)
    columns = ["assumption", "at_low", "as_assumed", "at_high", "range"]
    shown = table("", headings(lang, columns), rows, numbers=(1, 2, 3, 4))
    return f"<h3>{escape(text(lang, 'report_range'))}</h3>{paragraph(said)}{shown}"


def _assumption(scenario: Scenario, ranges: pd.DataFrame, kind: str, lang: str) -> str:
    """What is moved, from where to where."""
    if kind == "people":
        factors = ranges.loc[ranges["kind"] == "people", "factor"]
        low, high = (f"{factor - 1:+.0%}" for factor in (factors.min(), factors.max()))
    else:
        steps = {"loading": LOADING, "mobilisation": MOBILISATION, "both": LOADING + MOBILISATION}[kind]
        times = [scenario.steps[step] for step in steps if step in scenario.steps]
        low = "+".join(f"{time.low_min:g}" for time in times)
        high = "+".join(f"{time.high_min:g}" for time in times)
    return text(lang, f"report_range_{kind}", low=low, high=high)


def changes(scenario: Scenario, findings: Findings, evidence: Evidence, lang: str) -> str:
    """What would change the result for the missed places; which were left out is said."""
    if findings.missed.empty:
        return ""
    heading = f"<h3>{escape(text(lang, 'report_change'))}</h3>"
    explanation = evidence.explanation
    if explanation is None:
        return heading + paragraph(text(lang, "report_change_not_asked"))
    parts = [heading, paragraph(text(lang, "report_change_text"))]
    ways = {place: ways_in_words(scenario, evidence, place, lang) for place in evidence.explained}
    together: dict[tuple[str, ...], list[str]] = {}
    for place, said in ways.items():
        together.setdefault(tuple(said), []).append(place)
    joint = text(lang, "report_change_join")
    for lines, places in together.items():
        title = joint.join(site_name(scenario, place, lang) for place in places)
        parts.append(f'<div class="change"><h4>{escape(title)}</h4>{items(lines)}</div>')
    left = len(findings.missed) - len(evidence.explained)
    if left > 0:
        parts.append(paragraph(text(lang, "report_change_left", count=left), "muted"))
    return "".join(parts)


def ways_in_words(scenario: Scenario, evidence: Evidence, place: str, lang: str) -> list[str]:
    """Lines on one missed place: the changes, the smallest first, then the proof that nothing else would do."""
    found = evidence.explanation
    if found is None:
        return []
    ways = found.relaxations[found.relaxations["place"] == place]
    lines = [_way(scenario, way, lang) for way in ways.head(_WAYS).to_dict("records")]
    if len(ways) > _WAYS:
        lines.append(text(lang, "report_change_more", count=len(ways) - _WAYS))
    for proof in found.certificates[found.certificates["place"] == place].to_dict("records"):
        roads = _EDGE_IDS.sub("", road_names(proof["edges"], scenario, _lang(lang))) if proof["edges"] else ""
        earliest = hours_minutes(proof["earliest_ms"]) if proof["earliest_ms"] >= 0 else ""
        lines.append(text(lang, f"report_proof_{proof['kind']}", roads=roads, earliest=earliest))
    return lines


def _way(scenario: Scenario, way: dict[str, Any], lang: str) -> str:
    """One change in words."""
    then = hours_minutes(way["then_ms"])
    if way["kind"] == "road":
        roads = _EDGE_IDS.sub("", road_names(way["where"], scenario, _lang(lang)))
        return text(lang, "report_way_road", roads=roads, by=moment(scenario, lang, way["by_ms"]),
                    since=hours_minutes(way["by_ms"] - scenario.order_ms), then=then)  # fmt: skip
    values: dict[str, Any] = {"where": site_name(scenario, way["where"], lang), "size": way["size"], "then": then}
    if way["kind"] == "truck":
        values["what"] = _vehicle_kind(scenario, way["what"], lang)
    elif way["kind"] == "stock":
        values |= {"what": item_name(scenario, way["what"], lang), "unit": unit_of(scenario, way["what"], lang)}
    return re.sub(" +", " ", text(lang, f"report_way_{way['kind']}", **values))


def _vehicle_kind(scenario: Scenario, vehicle: str, lang: str) -> str:
    """Class of a vehicle, and what it carries."""
    row = scenario.county.table("vehicles").set_index("vehicle").loc[vehicle]
    profile = scenario.profiles.get(row["class"])
    name = row["class"] if profile is None else (profile.name_zh if lang == "zh" else profile.name_en)
    return f"{name} ({row['payload_kg'] / 1000:g} t)"


def _lang(lang: str) -> Any:
    """The language as the planning rooms type it."""
    return "zh" if lang == "zh" else "en"
