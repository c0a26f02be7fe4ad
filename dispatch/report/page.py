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

from dispatch.documents.messages import text
from dispatch.planning.plan import Plan
from dispatch.report.closures import closures
from dispatch.report.drawing import FONT_STACK, inline_svg
from dispatch.report.evidence import NOTHING, Evidence
from dispatch.report.figures import Drawing, drawings
from dispatch.report.film import Film, served_at_sites
from dispatch.report.findings import Findings, find
from dispatch.report.html import embedded_json, escape, paragraph, section, tall
from dispatch.report.leaflet import read_leaflet
from dispatch.report.movers import mover_phases
from dispatch.report.night_film import night_films
from dispatch.report.page_answer import answer, head
from dispatch.report.page_assumptions import assumptions
from dispatch.report.page_map import map_json, map_section, tile_origin
from dispatch.report.page_tables import tables
from dispatch.report.palette import DARK, LIGHT, css_variables
from dispatch.report.phases import plan_phases
from dispatch.report.tables import goods_by_stop
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
    findings: Findings | None = None,
    evidence: Evidence = NOTHING,
    drawn: Sequence[Drawing] | None = None,
    tiles: str = "",
    mark: str = "",
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
    findings : Findings, optional
        Of ``findings.find`` for the same arguments, where they are known already.
    evidence : Evidence
        Verdict, changes, ranges and comparison to show.
    drawn : sequence of Drawing, optional
        Of ``figures.drawings`` for the same arguments, where they are needed elsewhere too.
    tiles : str
        URL template of background tiles (``https://…/{z}/{x}/{y}.png``); empty: none, and the page asks no server.
    mark : str
        Printed above the title, such as 内部资料.

    Returns
    -------
    Path
        Of the page.
    """
    findings = find(scenario, plan, ensemble, lang) if findings is None else findings
    phases = plan_phases(plan, scenario)
    movers = mover_phases(plan, scenario)
    forecast = closures(scenario.network, scenario.disruption, scenario.profiles, forecast=True)
    goods = goods_by_stop(scenario, plan, lang)
    planned = dict(zip(findings.places["place"], findings.places["planned_ms"], strict=True))
    films = [
        Film(
            "plan",
            text(lang, "report_film_plan"),
            [*phases, *movers],
            served_at_sites(scenario, planned),
            forecast,
            goods,
        )
    ]
    if ensemble is not None and findings.nights is not None:
        films += night_films(scenario, plan, ensemble, findings, lang)
    shown = {**map_json(scenario, findings, films, lang), "tiles": tiles}
    leaflet = read_leaflet()
    title = (scenario.title_zh if lang == "zh" else scenario.title_en) or scenario.name
    body = [
        answer(scenario, plan, findings, lang, evidence),
        map_section(shown, lang),
        _figures(drawings(scenario, plan, findings, phases, lang, evidence) if drawn is None else drawn, lang),
        tables(scenario, plan, ensemble, findings, phases, forecast, goods, evidence, lang),
        assumptions(scenario, plan, findings, lang, command, versions),
    ]
    program = f"relief-dispatch {versions.get('relief-dispatch', '')}".strip()
    footer = text(lang, "report_footer", aid=text(lang, "report_planning_aid"), program=program)
    page = Template(_own("page.html")).substitute(
        html_lang="zh-CN" if lang == "zh" else "en",
        generator=escape(program),
        image_sources=escape(tile_origin(tiles)),
        title=escape(text(lang, "report_title", title=title)),
        leaflet_version=leaflet.version,
        leaflet_license=leaflet.license.replace("--", "- -"),
        styles="\n".join([_variables(), leaflet.style, _own("page.css")]),
        skip=escape(text(lang, "report_skip")),
        head=head(scenario, lang, mark),
        nav="".join(
            f'<li><a href="#{part}">{escape(text(lang, f"report_nav_{key}"))}</a></li>' for part, key in _PARTS
        ),
        body="\n".join(body),
        footer=paragraph(footer),
        leaflet=leaflet.script,
        data=embedded_json(shown),
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
        svg = inline_svg(drawing.svg)
        width, height = (float(number) for number in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
        box = f'<div class="drawing" tabindex="0" style="{tall(_COLUMN_REM * height / width)}">{svg}</div>'
        caption = f"<figcaption>{escape(drawing.title)}<span>{escape(drawing.note)}</span></figcaption>"
        written.append(f'<figure id="figure-{drawing.name}">{caption}{box}</figure>')
    return section("figures", text(lang, "report_figures"), *written)
