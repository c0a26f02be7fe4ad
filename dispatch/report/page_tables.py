"""The tables of the page: by place and township, by vehicle, not met, roads, response, docks, objective."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from dispatch.documents.messages import text
from dispatch.planning.plan import Plan
from dispatch.report.clearance_table import clearance_shown
from dispatch.report.closures import Closure
from dispatch.report.evidence import Evidence
from dispatch.report.findings import Findings
from dispatch.report.html import escape, paragraph, section, table
from dispatch.report.page_response import clocks, comparison, docks_shown, response_shown
from dispatch.report.phases import Phase
from dispatch.report.tables import (
    closures_shown,
    headings,
    objective_shown,
    places_shown,
    spent_shown,
    townships_shown,
    unmet_shown,
    vehicles_shown,
)
from dispatch.report.tables_other import deployments_shown, evacuations_shown, sorties_shown, unserved_shown
from dispatch.scenario import Scenario

if TYPE_CHECKING:
    from dispatch.simulation.ensemble import Ensemble

__all__ = ["tables"]


def tables(
    scenario: Scenario,
    plan: Plan,
    ensemble: Ensemble | None,
    findings: Findings,
    phases: Sequence[Phase],
    forecast: Sequence[Closure],
    goods: Mapping[tuple[str, str], str],
    evidence: Evidence,
    lang: str,
) -> str:
    """Every table that these results allow; those of goods and roads also where they are empty."""

    def titled(key: str, content: str) -> str:
        return f"<h3>{escape(text(lang, f'report_table_{key}'))}</h3>{content}"

    def shown(key: str, rows: pd.DataFrame, numbers: Sequence[int] = (), empty: str = "") -> str:
        if len(rows):
            return titled(key, table("", headings(lang, rows.columns), rows.to_numpy().tolist(), numbers))
        return titled(key, paragraph(text(lang, empty))) if empty else ""

    places = places_shown(scenario, findings, lang)
    parts = [
        clocks(ensemble, lang),
        comparison(evidence.comparison, lang),
        shown("places", places, tuple(range(1, len(places.columns) - 2))),
        shown("townships", townships_shown(scenario, ensemble, lang), (1, 2, 3, 4, 5)),
        shown("spent", spent_shown(findings, lang), (1, 2)),
        shown("docks", docks_shown(scenario, ensemble, lang), (1, 2, 3, 4, 5, 6)),
        shown("response", response_shown(ensemble, lang), (1, 2)),
        titled("vehicles", _timetables(scenario, phases, goods, lang)),
        shown("evacuations", evacuations_shown(scenario, plan, lang), (2, 5, 6, 7, 8)),
        shown("clearance", clearance_shown(scenario, ensemble, lang), (0, 1, 2, 3)),
        shown("deployments", deployments_shown(scenario, plan, lang), (3, 5, 6, 7, 8)),
        shown("sorties", sorties_shown(scenario, plan, lang), (4, 5, 6, 8)),
        shown("unserved", unserved_shown(scenario, plan, lang), (3,)),
        shown("unmet", unmet_shown(scenario, plan, lang), (4,), "report_table_unmet_none"),
        shown("closures", closures_shown(scenario, forecast, lang), (5, 6, 7), "report_table_closures_none"),
        shown("objective", objective_shown(plan, lang), (0, 2, 3, 4)),
    ]
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
