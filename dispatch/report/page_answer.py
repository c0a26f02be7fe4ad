"""The top of the page: what it is about, what must be said first, the answer, and what the first batch is."""

from __future__ import annotations

import re

import pandas as pd

from dispatch.clock import HOUR_MS, hours_minutes
from dispatch.documents.messages import text
from dispatch.planning.plan import Plan
from dispatch.report.evidence import NOTHING, Evidence
from dispatch.report.findings import Findings, duration, share
from dispatch.report.html import escape, items, paragraph, section, table
from dispatch.report.page_change import changes, range_line, range_table, verdict_sentence
from dispatch.report.tables import first_batch_shown, headings, moment, preset_name
from dispatch.scenario import Scenario

__all__ = ["answer", "deadline_hours", "head", "sentences"]

_SCHEMATIC = re.compile("示意|schematic", re.IGNORECASE)
_LISTED = 12
_RISKY = 0.9
"""Below this share of nights in time a place that the plan serves is listed as a risk."""


def deadline_hours(scenario: Scenario) -> str:
    """Length of the promise in hours."""
    return f"{scenario.deadline_ms / HOUR_MS:g}"


def head(scenario: Scenario, lang: str, mark: str = "") -> str:
    """Title, county, hours, and what must be said on page 1; ``mark`` such as 内部资料 stands above all."""
    zh = lang == "zh"
    title = (scenario.title_zh if zh else scenario.title_en) or scenario.name
    county = (scenario.county.name_zh if zh else scenario.county.name_en) or scenario.county.name_zh
    line = text(lang, "report_head_line", county=county, order=moment(scenario, lang, scenario.order_ms, "moment_long"),
                due=moment(scenario, lang, scenario.due_ms))  # fmt: skip
    statements = [pair[0 if zh else 1] for pair in scenario.statements]
    if scenario.network.schematic and not any(_SCHEMATIC.search(said) for said in statements):
        statements.append(text(lang, "report_schematic"))
    notice = ""
    if statements:
        first = escape(text(lang, "report_statements"))
        notice = f'<div class="notice"><h2>{first}</h2>{items(dict.fromkeys(statements))}</div>'
    labels = [f'<span class="mark">{escape(mark)}</span>'] if mark else []
    labels.append(f'<span class="aid">{escape(text(lang, "report_planning_aid"))}</span>')
    return f'<p class="labels">{"".join(labels)}</p>\n<h1>{escape(title)}</h1>\n{paragraph(line, "muted")}\n{notice}'


def sentences(scenario: Scenario, findings: Findings, lang: str) -> list[str]:
    """The answer in words: the nights where there are any, then the plan."""
    if not len(findings.places):
        return [text(lang, "report_answer_none")]
    hours = deadline_hours(scenario)
    said = []
    nights = findings.nights
    if nights is not None:
        p, low, high = (share(value) for value in vars(nights.reachable).values())
        said.append(text(lang, "report_answer_nights", nights=len(nights.replication), met=nights.met, hours=hours,
                         count=int(findings.places["reachable"].sum()), p=p, low=low, high=high))  # fmt: skip
        p, low, high = (share(value) for value in vars(nights.everywhere).values())
        said.append(text(lang, "report_answer_all", count=len(findings.places), p=p, low=low, high=high))
        if nights.short:
            said.append(text(lang, "report_answer_short", missed=len(nights.replication) - nights.met,
                             short=nights.short))  # fmt: skip
        if nights.before_order_ms is not None:
            said.append(text(lang, "report_answer_before", time=hours_minutes(nights.before_order_ms)))
    since_ms = findings.measures.t_all_reachable_ms
    if since_ms is not None:
        reached = findings.places[findings.places["reachable"]]
        never = int((reached["planned_ms"] < 0).sum())
        if never:
            said.append(
                text(lang, "report_answer_plan_never", count=never, horizon=f"{scenario.horizon_ms / HOUR_MS:g}")
            )
        else:
            key = "report_answer_plan_met" if since_ms <= scenario.deadline_ms else "report_answer_plan_missed"
            said.append(text(lang, key, time=hours_minutes(since_ms), hours=hours))
    return said


def answer(scenario: Scenario, plan: Plan, findings: Findings, lang: str, evidence: Evidence = NOTHING) -> str:
    """The answer in one number and one sentence, the places missed and what would change it, the measures."""
    said = sentences(scenario, findings, lang) + _evacuated(plan, lang)
    parts = [_hero(scenario, findings, said, evidence, lang)]
    if len(findings.places):
        parts.append(_missed(scenario, findings, lang))
        parts.append(changes(scenario, findings, evidence, lang))
        parts.append(_risks(scenario, findings, lang))
        parts.append(f"<h3>{escape(text(lang, 'report_measures'))}</h3>{_measures(scenario, findings, lang)}")
        if evidence.ranges is not None:
            parts.append(range_table(scenario, evidence.ranges, lang))
    shown = first_batch_shown(scenario, plan, lang)
    preset = preset_name(scenario, lang)
    notes = text(lang, "report_first_batch_note", hours=deadline_hours(scenario))
    if preset:
        notes += " " + text(lang, "report_first_batch_preset", preset=preset)
    parts.append(f"<h3>{escape(text(lang, 'report_first_batch'))}</h3>{paragraph(notes)}")
    parts.append(table("", headings(lang, shown.columns), shown.to_numpy().tolist(), numbers=(1, 2, 5, 6)))
    return section("answer", text(lang, "report_answer"), *parts)


def _evacuated(plan: Plan, lang: str) -> list[str]:
    """How many people the plan moves out, and how many it cannot."""
    lost = plan.unserved[plan.unserved["kind"] == "evacuation"]
    if plan.evacuations.empty and lost.empty:
        return []
    moved, left = int(plan.evacuations["people"].sum()), int(lost["amount"].sum())
    return [text(lang, "report_answer_evacuation", people=f"{moved + left:,}", out=f"{moved:,}", left=f"{left:,}")]


def _hero(scenario: Scenario, findings: Findings, said: list[str], evidence: Evidence, lang: str) -> str:
    """The number with its interval and range, the sentence and the verdict."""
    hours = deadline_hours(scenario)
    if evidence.verdict is not None:
        said = [said[0], verdict_sentence(evidence.verdict, lang), *said[1:]]
    words = "".join(paragraph(sentence, "" if k else "sentence") for k, sentence in enumerate(said))
    if not len(findings.places):
        return f'<div class="hero"><div>{words}</div></div>'
    nights = findings.nights
    if nights is not None:
        chance = nights.reachable
        number, good = share(chance.value), chance.value >= _RISKY
        label = text(lang, "report_hero_p", hours=hours)
        interval = text(lang, "report_hero_interval", low=share(chance.low), high=share(chance.high),
                        nights=len(nights.replication))  # fmt: skip
    else:
        since_ms = findings.measures.t_all_reachable_ms
        number = duration(lang, since_ms, scenario.horizon_ms)
        good = since_ms is not None and since_ms <= scenario.deadline_ms
        label = text(lang, "report_hero_t")
        interval = text(lang, "report_verdict_good" if good else "report_verdict_bad")
    below = f"{text(lang, 'report_scope_reachable')} · {interval}"
    moved = "" if evidence.ranges is None else paragraph(range_line(evidence.ranges, lang), "interval")
    figure = (
        f'<div class="figure {"good" if good else "bad"}"><div class="number" id="the-number">{escape(number)}</div>'
        f'<div class="label">{escape(label)}</div><div class="interval">{escape(below)}</div>{moved}</div>'
    )
    return f'<div class="hero">{figure}<div>{words}</div></div>'


def _measures(scenario: Scenario, findings: Findings, lang: str) -> str:
    """Plan and nights side by side, for reachable and for all places."""
    found = findings.measures
    places = findings.places
    scopes = [text(lang, "report_scope_reachable"), text(lang, "report_scope_all")]
    reached = places["reachable"].to_numpy(dtype=bool)
    both = (reached, reached | True)

    def of(part: float, whole: float) -> str:
        return text(
            lang,
            "report_measure_of",
            part=f"{part:,.0f}",
            whole=f"{whole:,.0f}",
            share=share(part / whole) if whole else "–",
        )

    def counted(mask: pd.Series, weight: pd.Series) -> str:
        return of(float(weight[mask & (places["verdict"] == "served")].sum()), float(weight[mask].sum()))

    rows = [
        [text(lang, "report_measure_t_all"),
         *(duration(lang, t, scenario.horizon_ms) for t in (found.t_all_reachable_ms, found.t_all_ms))],
        [text(lang, "report_measure_t1"), *([duration(lang, found.t1_ms, scenario.horizon_ms)] * 2)],
        [text(lang, "report_measure_people"), *(counted(mask, places["people"]) for mask in both)],
        [text(lang, "report_measure_places"), *(counted(mask, places["people"] * 0 + 1) for mask in both)],
    ]  # fmt: skip
    nights = findings.nights
    if nights is not None:
        chances = (f"{share(c.value)} ({share(c.low)}–{share(c.high)})" for c in (nights.reachable, nights.everywhere))
        rows.insert(0, [text(lang, "report_measure_p"), *chances])
        t_1, *t_all = (_spread(scenario, nights.times, key, lang) for key in ("t1", "t_all", "t_all_places"))
        rows.insert(2, [text(lang, "report_measure_t_all_nights"), *t_all])
        rows.insert(4, [text(lang, "report_measure_t1_nights"), t_1, t_1])
    return table("", [text(lang, "report_measure"), *scopes], rows, css="measures")


def _spread(scenario: Scenario, times: pd.DataFrame, measure: str, lang: str) -> str:
    """Median and p5–p95 of a time over the nights."""
    low, median, high = (
        duration(lang, int(times.at[measure, column]), scenario.horizon_ms) for column in ("p5_ms", "p50_ms", "p95_ms")
    )
    return median if low == high else text(lang, "report_measure_median", median=median, low=low, high=high)


def _missed(scenario: Scenario, findings: Findings, lang: str) -> str:
    """Places that the plan misses, with why."""
    missed = findings.missed
    if missed.empty:
        return paragraph(text(lang, "report_missed_none"))
    lines = []
    for place in missed.head(_LISTED).to_dict("records"):
        if place["planned_ms"] >= 0:
            said = text(lang, "report_missed_late", time=hours_minutes(place["planned_ms"] - scenario.order_ms),
                        late=hours_minutes(place["planned_ms"] - scenario.due_ms))  # fmt: skip
        else:
            said = text(lang, "report_missed_never", share=share(place["delivered_share"]))
        reason = place["reason"] or ("" if place["reachable"] else text(lang, "report_no_road"))
        words = [place["name"], text(lang, "report_people", count=f"{place['people']:,.0f}"), said, reason]
        lines.append(" · ".join(word for word in words if word))
    if len(missed) > _LISTED:
        lines.append(text(lang, "report_more", count=len(missed) - _LISTED))
    return f"<h3>{escape(text(lang, 'report_missed'))}</h3>{items(lines, 'places')}"


def _risks(scenario: Scenario, findings: Findings, lang: str) -> str:
    """Places in time by plan but often late by night."""
    if findings.nights is None:
        return ""
    rows = findings.worst_first()
    rows = rows[(rows["verdict"] == "served") & (rows["on_time"] < _RISKY)]
    if rows.empty:
        return ""
    lines = [
        " · ".join([place["name"], text(lang, "report_people", count=f"{place['people']:,.0f}"),
                    text(lang, "report_risk_line", share=share(place["on_time"]),
                         time=hours_minutes(place["planned_ms"] - scenario.order_ms))])
        for place in rows.head(_LISTED).to_dict("records")
    ]  # fmt: skip
    if len(rows) > _LISTED:
        lines.append(text(lang, "report_more", count=len(rows) - _LISTED))
    return f"<h3>{escape(text(lang, 'report_risk'))}</h3>{items(lines, 'places')}"
