"""``report.html``: one file that opens anywhere without a network, with the answer, the moving map, figures and tables.

Everything is inlined at run time, and a content security policy forbids the page to load anything. Equal input gives
equal bytes: no clock, no randomness, sorted keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import pandas as pd

from dispatch.documents.messages import text
from dispatch.planning.plan import Plan
from dispatch.report.closures import Closure, closures
from dispatch.report.drawing import FONT_STACK, as_svg, inline_svg
from dispatch.report.figures import Drawing, drawings
from dispatch.report.film import Film, served_at_sites
from dispatch.report.findings import Findings, find
from dispatch.report.html import embedded_json, escape, paragraph, section, table, tall
from dispatch.report.leaflet import read_leaflet
from dispatch.report.night_film import night_films
from dispatch.report.page_answer import answer, head
from dispatch.report.page_assumptions import assumptions
from dispatch.report.page_map import map_json, map_section
from dispatch.report.palette import DARK, LIGHT, css_variables
from dispatch.report.phases import Phase, plan_phases
from dispatch.report.tables import (
    closures_shown,
    goods_by_stop,
    headings,
    objective_shown,
    places_shown,
    spent_shown,
    unmet_shown,
    vehicles_shown,
)
from dispatch.scenario import Scenario

if TYPE_CHECKING:
    from dispatch.simulation.ensemble import Ensemble

__all__ = ["write_report"]

_PARTS = (
    ("answer", "answer"),
    ("map-part", "map"),
    ("figures", "figures"),
    ("tables", "tables"),
    ("assumptions", "assumptions"),
)
_COLUMN_REM = 65.5  # width of the text column, page.css
_SCRIPTS = ("page_geometry.js", "page_layers.js", "page_timetable.js", "page.js")


def write_report(
    out: Path,
    scenario: Scenario,
    plan: Plan,
    ensemble: Ensemble | None,
    *,
    lang: str,
    command: str,
    versions: Mapping[str, str],
) -> Path:
    """Write ``report.html``.

    Parameters
    ----------
    out : Path
        Folder; must exist.
    scenario : Scenario
    plan : Plan
    ensemble : Ensemble or None
        None where nothing was simulated: the answer is then the plan's.
    lang : {"zh", "en"}
    command : str
        Command line that repeats the run, as printed on the page.
    versions : mapping of str to str
        Name of a program or library → its version.

    Returns
    -------
    Path
        Of the page.
    """
    findings = find(scenario, plan, ensemble, lang)
    phases = plan_phases(plan, scenario)
    forecast = closures(scenario.network, scenario.disruption, scenario.profiles, forecast=True)
    goods = goods_by_stop(scenario, plan, lang)
    planned = dict(zip(findings.places["place"], findings.places["planned_ms"], strict=True))
    films = [Film("plan", text(lang, "report_film_plan"), phases, served_at_sites(scenario, planned), forecast, goods)]
    if ensemble is not None and findings.nights is not None:
        films += night_films(scenario, plan, ensemble, findings, lang)
    drawn = map_json(scenario, findings, films, lang)
    leaflet = read_leaflet()
    title = (scenario.title_zh if lang == "zh" else scenario.title_en) or scenario.name
    body = [
        answer(scenario, plan, findings, lang),
        map_section(drawn, lang),
        _figures(drawings(scenario, plan, findings, phases, lang), lang),
        _tables(scenario, plan, findings, phases, forecast, goods, lang),
        assumptions(scenario, plan, findings, lang, command, versions),
    ]
    program = f"relief-dispatch {versions.get('relief-dispatch', '')}".strip()
    footer = text(lang, "report_footer", aid=text(lang, "report_planning_aid"), program=program)
    page = Template(_own("page.html")).substitute(
        html_lang="zh-CN" if lang == "zh" else "en",
        generator=escape(program),
        title=escape(text(lang, "report_title", title=title)),
        leaflet_version=leaflet.version,
        leaflet_license=leaflet.license.replace("--", "- -"),
        styles="\n".join([_variables(), leaflet.style, _own("page.css")]),
        skip=escape(text(lang, "report_skip")),
        head=head(scenario, lang),
        nav="".join(
            f'<li><a href="#{part}">{escape(text(lang, f"report_nav_{key}"))}</a></li>' for part, key in _PARTS
        ),
        body="\n".join(body),
        footer=paragraph(footer),
        leaflet=leaflet.script,
        data=embedded_json(drawn),
        scripts="\n".join(_own(name) for name in _SCRIPTS),
    )
    path = out / "report.html"
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def _own(name: str) -> str:
    """A file of this package."""
    return (files("dispatch.report") / name).read_text(encoding="utf-8")


def _variables() -> str:
    """The palette as CSS variables: light, dark by the system's wish, and light again on paper."""
    light, dark = css_variables(LIGHT), css_variables(DARK)
    return (
        f":root {{ --font: {FONT_STACK}; {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    )


def _figures(found: Sequence[Drawing], lang: str) -> str:
    """All figures, with title and note."""
    written = []
    for drawing in found:
        svg = inline_svg(as_svg(drawing.chart, drawing.title))
        width, height = (float(number) for number in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
        box = f'<div class="drawing" tabindex="0" style="{tall(_COLUMN_REM * height / width)}">{svg}</div>'
        caption = f"<figcaption>{escape(drawing.title)}<span>{escape(drawing.note)}</span></figcaption>"
        written.append(f'<figure id="figure-{drawing.name}">{caption}{box}</figure>')
    return section("figures", text(lang, "report_figures"), *written)


def _tables(
    scenario: Scenario,
    plan: Plan,
    findings: Findings,
    phases: Sequence[Phase],
    forecast: Sequence[Closure],
    goods: Mapping[tuple[str, str], str],
    lang: str,
) -> str:
    """By place, by vehicle, not met, closures, and the objective with its bounds."""

    def titled(key: str, content: str) -> str:
        return f"<h3>{escape(text(lang, f'report_table_{key}'))}</h3>{content}"

    places = places_shown(scenario, findings, lang)
    numbers = tuple(range(1, len(places.columns) - 2))
    parts = [titled("places", table("", headings(lang, places.columns), places.to_numpy().tolist(), numbers))]
    parts.append(titled("vehicles", _timetables(scenario, phases, goods, lang)))
    unmet = unmet_shown(scenario, plan, lang)
    parts.append(
        titled("unmet", table("", headings(lang, unmet.columns), unmet.to_numpy().tolist(), (4,)))
        if len(unmet)
        else titled("unmet", paragraph(text(lang, "report_table_unmet_none")))
    )
    closed = closures_shown(scenario, forecast, lang)
    parts.append(
        titled("closures", table("", headings(lang, closed.columns), closed.to_numpy().tolist(), (5, 6, 7)))
        if len(closed)
        else titled("closures", paragraph(text(lang, "report_table_closures_none")))
    )
    spent = spent_shown(findings, lang)
    if len(spent):
        parts.insert(1, titled("spent", table("", headings(lang, spent.columns), spent.to_numpy().tolist(), (1, 2))))
    objective = objective_shown(plan, lang)
    if len(objective):
        parts.append(
            titled(
                "objective", table("", headings(lang, objective.columns), objective.to_numpy().tolist(), (0, 2, 3, 4))
            )
        )
    return section("tables", text(lang, "report_tables"), *parts)


def _timetables(scenario: Scenario, phases: Sequence[Phase], goods: Mapping[tuple[str, str], str], lang: str) -> str:
    """One table per vehicle, folded."""
    shown = vehicles_shown(scenario, phases, goods, lang)
    if shown.empty:
        return paragraph(text(lang, "report_table_vehicle_none"))
    written = []
    for vehicle, rows in shown.groupby("vehicle", sort=False):
        columns = [name for name in rows.columns if name != "vehicle"]
        one = table("", headings(lang, columns), rows[columns].to_numpy().tolist(), (3,))
        written.append(f"<details><summary>{escape(_title(rows, str(vehicle), lang))}</summary>{one}</details>")
    return "\n".join(written)


def _title(rows: pd.DataFrame, vehicle: str, lang: str) -> str:
    """Vehicle, its trips, and when it begins and ends."""
    return text(lang, "report_table_vehicle_title", vehicle=vehicle, trips=rows["trip"].nunique(),
                start=rows["time"].iloc[0], end=rows["until"].iloc[-1])  # fmt: skip
