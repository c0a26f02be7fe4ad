"""The figures of a report: which there are, in what order, and what stands under each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dispatch.documents.fonts import missing_font
from dispatch.documents.messages import text
from dispatch.planning.plan import Plan
from dispatch.report.closures import closures
from dispatch.report.drawing import Chart, as_png_and_pdf, as_svg
from dispatch.report.evidence import NOTHING, Evidence
from dispatch.report.figure_bars import ItemStock, cases_chart, stock_chart
from dispatch.report.figure_map import Mark, map_chart
from dispatch.report.figure_time import arrivals_chart, gantt_chart, served_chart, steps_chart
from dispatch.report.findings import Findings, find
from dispatch.report.names import item_name, site_label, unit_of, vehicle_name
from dispatch.report.phases import Phase, plan_phases
from dispatch.report.shapes import drawn_edges, road_group, simplify
from dispatch.report.six_hours import time_spent
from dispatch.scenario import Scenario
from dispatch.step_norms import rule_values

if TYPE_CHECKING:
    from dispatch.simulation.ensemble import Ensemble

__all__ = ["Drawing", "drawings", "write_figures"]

_ROWS = 40
"""Places that a figure shows; a longer list is cut to the worst and says so."""
_MAP_TOLERANCE_M = 25.0


@dataclass(frozen=True, eq=False)
class Drawing:
    """One figure: file name without ending, title, what to know when reading it, and the chart."""

    name: str
    title: str
    note: str
    chart: Chart

    @cached_property
    def svg(self) -> str:
        """The chart as an SVG document, drawn once for the page and for its file."""
        return as_svg(self.chart, self.title)


def drawings(
    scenario: Scenario,
    plan: Plan,
    findings: Findings,
    phases: Sequence[Phase],
    lang: str,
    evidence: Evidence = NOTHING,
) -> list[Drawing]:
    """Every figure that these results allow."""
    end_ms = _end(scenario, findings, phases)
    clock = (lang, scenario.reference_time, scenario.order_ms, scenario.due_ms, end_ms)
    found = []
    if len(findings.places):
        people = findings.places["people"].to_numpy(dtype=np.float64)
        planned = findings.places["planned_ms"].to_numpy(dtype=np.int64)
        nights_ms = None if findings.nights is None else findings.nights.complete_ms
        chart = served_chart(*clock, people, planned, nights_ms, _need_served(findings))
        found.append(_drawing(lang, "served", chart, "served_note_plan" if nights_ms is None else "served_note"))
    found.append(_drawing(lang, "map", _map(scenario, findings, phases, lang)))
    if findings.nights is not None and len(findings.places):
        worst = findings.worst_first()
        shown = worst.head(_ROWS)
        order = shown.index.to_numpy()
        planned = shown["planned_ms"].to_numpy(dtype=np.int64)
        on_time = shown["on_time"].to_numpy(dtype=np.float64)
        nights_ms = findings.nights.complete_ms[:, order]
        chart = arrivals_chart(*clock, list(shown["name"]), planned, nights_ms, on_time)
        found.append(_drawing(lang, "arrivals", chart, cut=(len(shown), len(worst))))
    if phases:
        names = {phase.vehicle: vehicle_name(scenario, phase.vehicle, lang) for phase in phases}
        found.append(_drawing(lang, "gantt", gantt_chart(*clock, phases, names)))
        loading, docks = _docks(scenario, plan, phases, lang)
        if loading:
            found.append(_drawing(lang, "docks", gantt_chart(*clock, loading, docks)))
    stocks = _stocks(scenario, plan, lang)
    if stocks:
        found.append(
            _drawing(lang, "stock", stock_chart(lang, stocks[:_ROWS]), cut=(min(len(stocks), _ROWS), len(stocks)))
        )
    served = findings.places[findings.places["planned_ms"] >= 0].sort_values(
        "planned_ms", ascending=False, kind="stable"
    )
    if len(served):
        shown = served.head(_ROWS)
        spent = time_spent(scenario, plan, phases, list(zip(shown["place"], shown["planned_ms"], strict=True)))
        found.append(
            _drawing(lang, "steps", steps_chart(*clock, list(shown["name"]), spent), cut=(len(shown), len(served)))
        )
    if evidence.comparison is not None and len(evidence.comparison.cases):
        cases = evidence.comparison.cases
        chart = cases_chart(lang, cases.head(_ROWS), rule_values()["pass_share"])
        found.append(_drawing(lang, "cases", chart, cut=(min(len(cases), _ROWS), len(cases))))
    return found


def _need_served(findings: Findings) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """Times since the order, and the mean share of need delivered on the nights."""
    if findings.nights is None or findings.nights.curve.empty:
        return None
    curve = findings.nights.curve
    share = curve["need_share_mean"].to_numpy(dtype=np.float64)
    return None if np.isnan(share).any() else (curve["time_ms"].to_numpy(dtype=np.int64), share)


def _docks(scenario: Scenario, plan: Plan, phases: Sequence[Phase], lang: str) -> tuple[list[Phase], dict[str, str]]:
    """Loading by dock in place of vehicle, and the names of the docks."""
    dock_of = {row["trip"]: (row["depot"], int(row["dock"])) for row in plan.trips.to_dict("records")}
    found, names = [], {}
    for phase in phases:
        if phase.activity == "loading" and phase.trip in dock_of:
            depot, dock = dock_of[phase.trip]
            key = f"{depot}\0{dock}"
            names[key] = text(lang, "report_figure_dock", depot=site_label(scenario, depot, lang), dock=dock)
            found.append(replace(phase, vehicle=key))
    return found, names


def _stocks(scenario: Scenario, plan: Plan, lang: str) -> list[ItemStock]:
    """Items asked for or issued: in stock, issued, asked for, not met; the tightest first."""
    stock = scenario.county.table("stock").groupby("item")["quantity"].sum()
    issued = plan.loads.groupby("item")["quantity"].sum()
    needed = scenario.needs.groupby("item")["quantity"].sum()
    never = plan.unmet[plan.unmet["cause"] != "late"].groupby("item")["quantity"].sum()
    found = [
        ItemStock(item_name(scenario, item, lang), unit_of(scenario, item, lang), float(stock.get(item, 0)),
                  float(issued.get(item, 0)), float(needed.get(item, 0)), float(never.get(item, 0)))
        for item in dict.fromkeys([*needed.index, *issued.index])
    ]  # fmt: skip
    return sorted(found, key=lambda of: (-of.issued / of.stock if of.stock > 0 else -2.0, of.name))


def _drawing(lang: str, name: str, chart: Chart, note: str = "", cut: tuple[int, int] = (0, 0)) -> Drawing:
    """Title and note of a figure from the catalogue; a list that was cut says so."""
    words = text(lang, f"report_chart_{note or name + '_note'}")
    if cut[0] < cut[1]:
        words += " " + text(lang, "report_chart_cut", shown=cut[0], count=cut[1])
    return Drawing(name, text(lang, f"report_chart_{name}"), words, chart)


def _end(scenario: Scenario, findings: Findings, phases: Sequence[Phase]) -> int:
    """Right edge of the time axis: past the deadline and past what is done, but not past what matters."""
    ends = [phase.end_ms for phase in phases]
    ends += [int(t) for t in findings.places["planned_ms"] if t >= 0]
    if findings.nights is not None:
        complete = findings.nights.complete_ms
        if (complete >= 0).any():
            ends.append(int(np.quantile(complete[complete >= 0], 0.99)))
    last = max([scenario.due_ms, *ends])
    half_hour = 1_800_000
    rounded = scenario.order_ms + -(-(last + half_hour // 2 - scenario.order_ms) // half_hour) * half_hour
    return min(rounded, scenario.end_ms)


def _map(scenario: Scenario, findings: Findings, phases: Sequence[Phase], lang: str) -> Chart:
    """The map of the plan under the forecast."""
    edges = simplify(scenario.network, _MAP_TOLERANCE_M)
    closed: dict[str, list[int]] = {}
    for closure in closures(scenario.network, scenario.disruption, scenario.profiles, forecast=True):
        if closure.start_ms < scenario.due_ms and closure.end_ms > scenario.order_ms:
            closed.setdefault(closure.state, []).append(closure.street)
    twin = scenario.network.twin
    driven = {
        min(int(edge), int(twin[edge])) if twin[edge] >= 0 else int(edge)
        for phase in phases
        if phase.activity == "drive_loaded"
        for edge in phase.edges
    }
    return map_chart(lang, scenario.network, edges, drawn_edges(scenario.network), road_group(scenario.network), closed,
                     sorted(driven), _marks(scenario, findings, lang))  # fmt: skip


def _marks(scenario: Scenario, findings: Findings, lang: str) -> list[Mark]:
    """Depots, and delivery points by the worst verdict of their places."""
    sites = scenario.sites
    depots = [d for d in scenario.county.table("depots")["depot"] if d in sites.index]
    marks = [Mark(site_label(scenario, d, lang), "depot", sites.at[d, "lon"], sites.at[d, "lat"]) for d in depots]
    verdict_of = dict(zip(findings.places["place"], findings.places["verdict"], strict=True))
    needs = scenario.needs[(scenario.needs["part"] == "first_batch") & (scenario.needs["quantity"] > 0)]
    worst: dict[str, str] = {}
    rank = ("served", "late", "missed")
    for site, place in zip(needs["site"], needs["place"], strict=True):
        worst[site] = max(worst.get(site, "served"), verdict_of[place], key=rank.index)
    marks += [Mark(site_label(scenario, site, lang), verdict, sites.at[site, "lon"], sites.at[site, "lat"])
              for site, verdict in worst.items() if site in sites.index]  # fmt: skip
    return marks


def write_figures(
    out: Path,
    scenario: Scenario,
    plan: Plan,
    ensemble: Ensemble | None,
    *,
    lang: str,
    findings: Findings | None = None,
    evidence: Evidence = NOTHING,
    drawn: Sequence[Drawing] | None = None,
) -> tuple[list[Path], list[str]]:
    """Write every figure as SVG and PNG, and ``figures.pdf`` with all of them, into a folder (made if need be).

    ``drawn``: of :func:`drawings` for the same results, where the page shows them too.

    Returns
    -------
    written : list of Path
    notes : list of str
        What to install, if this machine has no font for the Chinese in the PNG and PDF files, which are then left out.
    """
    if drawn is None:
        findings = find(scenario, plan, ensemble, lang) if findings is None else findings
        drawn = drawings(scenario, plan, findings, plan_phases(plan, scenario), lang, evidence)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for drawing in drawn:
        path = out / f"{drawing.name}.svg"
        path.write_text(drawing.svg, encoding="utf-8", newline="\n")
        written.append(path)
    title = (scenario.title_zh if lang == "zh" else scenario.title_en) or scenario.name
    charts = {out / f"{drawing.name}.png": drawing.chart for drawing in drawn}
    printed = as_png_and_pdf(charts, out / "figures.pdf", lang, title)
    return [*written, *printed], [] if len(printed) > len(drawn) else [missing_font(lang)]
