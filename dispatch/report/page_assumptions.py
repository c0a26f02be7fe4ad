"""The end of the page: what the numbers rest on, what is synthetic, and how to get them again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dispatch.clock import hours_minutes
from dispatch.county.problem_text import problem_text
from dispatch.county.schema import SCHEMA
from dispatch.documents.messages import has, text
from dispatch.planning.plan import Plan
from dispatch.report.findings import Findings
from dispatch.report.html import definition_list, escape, items, paragraph, section, table
from dispatch.report.names import source_text
from dispatch.report.tables import headings, moment, speeds_shown, steps_shown
from dispatch.scenario import Scenario

__all__ = ["assumptions"]

_DEMAND_RULE = re.compile(r"rule: of those in the footprint (\S+) relocated, (\S+) sheltered")


def assumptions(
    scenario: Scenario, plan: Plan, findings: Findings, lang: str, command: str, versions: Mapping[str, str]
) -> str:
    """Clock, steps, speeds, demand, roads, sources, synthetic data, warnings, versions, seed and command."""
    parts = [
        _heading(lang, "clock"),
        paragraph(text(lang, "report_assume_clock_text", zero=moment(scenario, lang, 0, "moment_long"),
                       order=moment(scenario, lang, scenario.order_ms), due=moment(scenario, lang, scenario.due_ms),
                       end=moment(scenario, lang, scenario.end_ms))),
        paragraph(text(lang, "report_assume_tiers", **{tier: hours_minutes(scenario.tier_deadline_ms[tier])
                                                       for tier in ("city", "province")})),
        _steps(scenario, lang),
        _speeds(scenario, lang),
        _demand(scenario, lang),
        _roads(scenario, lang),
        _county(scenario, lang),
        _notes(scenario, lang),
        _repeat(scenario, plan, findings, lang, command, versions),
    ]  # fmt: skip
    return section("assumptions", text(lang, "report_assumptions"), *parts)


def _heading(lang: str, key: str) -> str:
    return f"<h3>{escape(text(lang, f'report_assume_{key}'))}</h3>"


def _steps(scenario: Scenario, lang: str) -> str:
    """Step times with sources."""
    shown = steps_shown(scenario, lang)
    words = text(lang, "report_assume_steps_text", kg=f"{scenario.loading_reference_kg:g}",
                 m3=f"{scenario.loading_reference_m3:g}", floor=f"{scenario.loading_floor:g}")  # fmt: skip
    return (
        _heading(lang, "steps")
        + paragraph(words)
        + table("", headings(lang, shown.columns), shown.to_numpy().tolist(), (1, 2, 3, 4))
    )


def _speeds(scenario: Scenario, lang: str) -> str:
    """Speeds by class, the factors of the hour, and the rests."""
    shown = speeds_shown(scenario, lang)
    known = {"vehicle_class", "gross", "wading"}
    heads = [
        headings(lang, [column])[0] if column in known else text(lang, f"plan_road_{column}")
        for column in shown.columns
    ]
    low, mode, high = (f"{value:g}" for value in scenario.speed_spread)
    words = text(lang, "report_assume_speeds_text", low=low, mode=mode, high=high,
                 drive=hours_minutes(scenario.drive_limit_ms), rest=hours_minutes(scenario.drive_rest_ms))  # fmt: skip
    pace = [
        text(lang, "report_assume_pace_text", time=moment(scenario, lang, start_ms), factor=f"{permille / 1000:g}")
        for start_ms, permille in zip(scenario.pace_start_ms, scenario.pace_permille, strict=True)
    ]
    said = (
        paragraph(text(lang, "report_assume_pace", pace=text(lang, "report_reason_join").join(pace)))
        if set(scenario.pace_permille) != {1000}
        else ""
    )
    sources = dict.fromkeys(
        text(lang, "report_assume_source_of", name=profile.name_zh if lang == "zh" else profile.name_en,
             source=source_text(profile.source, lang))
        for profile in scenario.profiles.values()
        if profile.source
    )  # fmt: skip
    listed = (
        f"<details><summary>{escape(text(lang, 'report_assume_speed_sources'))}</summary>{items(sources)}</details>"
    )
    speeds = table("", heads, shown.to_numpy().tolist(), tuple(range(1, len(heads))))
    return _heading(lang, "speeds") + paragraph(words) + said + speeds + (listed if sources else "")


def _demand(scenario: Scenario, lang: str) -> str:
    """How many needs were reported, and by which rule the others were made."""
    rules = scenario.needs["rule"].value_counts(sort=False)
    lines = []
    for rule, count in rules.items():
        key = "report_assume_demand_rule" if rule else "report_assume_demand_reported"
        lines.append(text(lang, key, count=int(count), rule=_rule(str(rule), lang)))
    return _heading(lang, "demand") + items(lines)


def _rule(rule: str, lang: str) -> str:
    """``DemandRule`` in the reader's language; what is not one stays as it is."""
    shares = _DEMAND_RULE.fullmatch(rule)
    return rule if shares is None else text(lang, "report_assume_rule", relocated=shares[1], sheltered=shares[2])


def _roads(scenario: Scenario, lang: str) -> str:
    """Where the roads come from, and whether they were surveyed."""
    network = scenario.network
    lines = [text(lang, "report_assume_roads_text", source=network.source, nodes=f"{network.graph.n:,}",
                  edges=f"{network.graph.m:,}", attribution=network.attribution).strip()]  # fmt: skip
    if network.schematic:
        lines.append(text(lang, "report_schematic"))
    return _heading(lang, "roads") + items(lines)


def _county(scenario: Scenario, lang: str) -> str:
    """Sources of the county's figures, and how many rows of which table are synthetic."""
    rows = []
    for name, columns in SCHEMA.items():
        held = scenario.county.table(name)
        if columns.private or held.empty or not {"source", "synthetic"} & set(held.columns):
            continue
        marked = (
            held["source"].str.contains("synthetic|虚拟|虚构", case=False) if "source" in held else held["synthetic"]
        )
        if "synthetic" in held:
            marked = marked | held["synthetic"]
        if marked.any():
            rows.append([columns.zh if lang == "zh" else name, f"{len(held):,}", f"{int(marked.sum()):,}"])
    sources = (
        _heading(lang, "sources") + items(source_text(source, lang) for source in scenario.county.sources)
        if scenario.county.sources
        else ""
    )
    if not rows:
        return sources + _heading(lang, "synthetic") + paragraph(text(lang, "report_assume_synthetic_none"))
    shown = table("", headings(lang, ("table", "rows", "synthetic")), rows, (1, 2))
    return sources + _heading(lang, "synthetic") + paragraph(text(lang, "report_assume_synthetic_text")) + shown


def _notes(scenario: Scenario, lang: str) -> str:
    """Warnings of reading."""
    if not scenario.notes:
        return ""
    title = f"{text(lang, 'report_assume_notes')} ({len(scenario.notes)})"
    lines = items(problem_text(note, lang) for note in scenario.notes)
    return f"<details><summary>{escape(title)}</summary>{lines}</details>"


def _repeat(
    scenario: Scenario, plan: Plan, findings: Findings, lang: str, command: str, versions: Mapping[str, str]
) -> str:
    """Command, seed, nights, planner, versions."""
    lines = [text(lang, "report_assume_seed", seed=scenario.seed)]
    if findings.nights is not None:
        played, asked = len(findings.nights.replication), findings.nights.asked
        key = "report_assume_nights" if played == asked else "report_assume_nights_interrupted"
        lines.append(text(lang, key, nights=played, asked=asked))
    if "planner" in plan.meta:
        key = f"report_planner_{plan.meta['planner']}"
        planner = text(lang, key) if has(key) else plan.meta["planner"]
        lines.append(text(lang, "report_assume_planner", planner=planner))
    shown = definition_list(sorted(versions.items()))
    return f"{_heading(lang, 'repeat')}<pre>{escape(command)}</pre>{items(lines)}{_heading(lang, 'versions')}{shown}"
