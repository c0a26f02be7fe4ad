"""The tables of the page: words and numbers as a person reads them, one frame per table.

Columns have the names of the catalogue's ``report_col_…`` entries; :func:`headings` gives the titles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dispatch.clock import MINUTE_MS, clock_time, hours_minutes
from dispatch.documents.messages import has, text
from dispatch.norms.read import read_norm
from dispatch.planning.plan import Plan
from dispatch.report.closures import Closure, closure_table
from dispatch.report.findings import Findings, duration, reason_in_words, share
from dispatch.report.names import item_name, quantity_of, site_name, source_text, unit_of, vehicle_name
from dispatch.report.phases import Phase
from dispatch.roads.network import ROAD_CLASSES
from dispatch.scenario import STEPS, Scenario
from models.traversal import NEVER

if TYPE_CHECKING:
    from dispatch.simulation.ensemble import Ensemble

__all__ = [
    "cause_name",
    "closures_shown",
    "first_batch_shown",
    "goods_by_stop",
    "goods_in_words",
    "headings",
    "moment",
    "objective_shown",
    "places_shown",
    "preset_name",
    "speeds_shown",
    "spent_shown",
    "steps_shown",
    "townships_shown",
    "unmet_shown",
    "vehicles_shown",
]

_MS_PER_HOUR = 3_600_000


def headings(lang: str, columns: Iterable[str]) -> list[str]:
    """Titles of columns."""
    return [text(lang, f"report_col_{column}") for column in columns]


def moment(scenario: Scenario, lang: str, time_ms: int, form: str = "moment") -> str:
    """Clock time with its day."""
    at = clock_time(scenario.reference_time, time_ms)
    return text(lang, f"report_{form}", year=at.year, day=at.day, time=f"{at:%H:%M}",
                month_name=text(lang, f"report_month_{at.month}"))  # fmt: skip


def first_batch_shown(scenario: Scenario, plan: Plan, lang: str) -> pd.DataFrame:
    """What the first batch is, and how much of each item is needed and delivered."""
    needs = scenario.needs[scenario.needs["part"] == "first_batch"]
    needed = needs.groupby("item")["quantity"].sum()
    item_of = needs.set_index("need")["item"]
    loads = plan.loads[plan.loads["need"].isin(item_of.index)]
    delivered = loads.groupby(loads["need"].map(item_of))["quantity"].sum()
    rows = []
    listed = list(scenario.first_batch["item"])
    for row in scenario.first_batch.to_dict("records"):
        item = row["item"]
        substitutes = [item_name(scenario, other, lang) for other in row["substitutes"].split(";") if other]
        rows.append([
            item_name(scenario, item, lang), f"{row['quantity_per_person']:g} {unit_of(scenario, item, lang)}".strip(),
            share(row["people_share"]), text(lang, f"report_basis_{row['basis']}"), ", ".join(substitutes),
            f"{int(needed.get(item, 0)):,}", f"{int(delivered.get(item, 0)):,}", source_text(row["source"], lang),
        ])  # fmt: skip
    rows += [
        [
            item_name(scenario, item, lang),
            "",
            "",
            "",
            "",
            f"{int(needed[item]):,}",
            f"{int(delivered.get(item, 0)):,}",
            "",
        ]
        for item in needed.index
        if item not in listed
    ]
    columns = ["item", "per_person", "people_share", "basis", "substitutes", "needed", "delivered", "source"]
    return pd.DataFrame(rows, columns=columns)


def places_shown(scenario: Scenario, findings: Findings, lang: str) -> pd.DataFrame:
    """Every place, worst first: people, hour by plan, nights, result and reason."""
    nights = findings.nights is not None
    rows = []
    for place in findings.worst_first().to_dict("records"):
        since = place["planned_ms"] - scenario.order_ms if place["planned_ms"] >= 0 else None
        row = [place["name"], f"{place['people']:,.0f}",
               moment(scenario, lang, place["planned_ms"]) if since is not None else text(lang, "report_never"),
               duration(lang, since, scenario.horizon_ms)]  # fmt: skip
        if nights:
            row += [share(place["on_time"]), f"{share(place['on_time_low'])}–{share(place['on_time_high'])}",
                    _since(scenario, lang, place["median_ms"]), _since(scenario, lang, place["p95_ms"])]  # fmt: skip
        verdict = text(lang, f"report_result_{place['verdict']}")
        if not place["reachable"]:
            verdict += f" · {text(lang, 'report_unreachable')}"
        rows.append([*row, verdict, place["reason"]])
    columns = ["place", "people", "planned", "since", *(["p_on_time", "interval", "median", "p95"] if nights else []),
               "verdict", "reason"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def townships_shown(scenario: Scenario, ensemble: Ensemble | None, lang: str) -> pd.DataFrame:
    """Townships on the nights, worst first: every place in time, the last place, first goods at the seat."""
    columns = ["township", "places", "people", "p_on_time", "median", "p95"]
    if ensemble is None or not ensemble.replications:
        return pd.DataFrame(columns=columns)
    found = ensemble.summary.townships.sort_values(["p_in_time", "complete_p50_ms"], ascending=[True, False],
                                                   kind="stable")  # fmt: skip
    rows = [
        [site_name(scenario, row["township"], lang), f"{row['places']}", f"{row['people']:,.0f}",
         share(row["p_in_time"]),
         *(duration(lang, int(row[key]), scenario.horizon_ms) for key in ("complete_p50_ms", "complete_p95_ms"))]
        for row in found.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _since(scenario: Scenario, lang: str, time_ms: int) -> str:
    """Time since the order; -1 is never."""
    return duration(lang, time_ms - scenario.order_ms if time_ms >= 0 else None, scenario.horizon_ms)


def goods_by_stop(scenario: Scenario, plan: Plan, lang: str) -> dict[tuple[str, str], str]:
    """(trip, site) → what is unloaded there by plan, in words."""
    site_of = {(row["trip"], row["stop"]): row["site"] for row in plan.stops.to_dict("records")}
    totals: dict[tuple[str, str], dict[str, int]] = {}
    for row in plan.loads.to_dict("records"):
        site = site_of.get((row["trip"], row["stop"]))
        if site is not None:
            of = totals.setdefault((row["trip"], site), {})
            of[row["item"]] = of.get(row["item"], 0) + int(row["quantity"])
    return goods_in_words(scenario, totals, lang)


def goods_in_words(
    scenario: Scenario, totals: Mapping[tuple[str, str], Mapping[str, int]], lang: str
) -> dict[tuple[str, str], str]:
    """Quantities by item as a line of text, for each key."""
    return {
        key: ", ".join(quantity_of(scenario, item, count, lang) for item, count in of.items())
        for key, of in totals.items()
    }


def vehicles_shown(
    scenario: Scenario, phases: Iterable[Phase], goods: Mapping[tuple[str, str], str], lang: str
) -> pd.DataFrame:
    """Timetable: one row per thing a vehicle does, in the order of vehicle and time."""
    rows = []
    for phase in phases:
        where = site_name(scenario, phase.site, lang)
        if phase.to_site:
            where = f"{where} → {site_name(scenario, phase.to_site, lang)}"
        unloaded = goods.get((phase.trip, phase.site), "") if phase.activity == "unloading" else ""
        rows.append([vehicle_name(scenario, phase.vehicle, lang), phase.trip, moment(scenario, lang, phase.start_ms),
                     f"{clock_time(scenario.reference_time, phase.end_ms):%H:%M}",
                     hours_minutes(phase.start_ms - scenario.order_ms),
                     text(lang, f"report_activity_{phase.activity}"), where, unloaded])  # fmt: skip
    return pd.DataFrame(rows, columns=["vehicle", "trip", "time", "until", "since", "activity", "where", "goods"])


def unmet_shown(scenario: Scenario, plan: Plan, lang: str) -> pd.DataFrame:
    """What the plan does not deliver, or delivers late, with its cause."""
    rows = [
        [site_name(scenario, row["place"], lang), site_name(scenario, row["site"], lang),
         text(lang, f"report_part_{row['part']}"), item_name(scenario, row["item"], lang), f"{int(row['quantity']):,}",
         reason_in_words(scenario, row, lang)]
        for row in plan.unmet.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["place", "site", "part", "item", "quantity", "cause"])


def preset_name(scenario: Scenario, lang: str) -> str:
    """Name of the first-batch preset in force."""
    preset = scenario.first_batch_preset
    return text(lang, f"report_preset_{preset}") if has(f"report_preset_{preset}") else preset


def closures_shown(scenario: Scenario, found: Iterable[Closure], lang: str) -> pd.DataFrame:
    """Roads closed and slowed: pieces of the same road, cause and state in one row, from the first to the last hour."""
    rows = []
    for row in closure_table(scenario.network, found).to_dict("records"):
        start = text(lang, "report_all_day") if row["start_ms"] <= -NEVER else moment(scenario, lang, row["start_ms"])
        end = text(lang, "report_no_end") if row["end_ms"] >= NEVER else moment(scenario, lang, row["end_ms"])
        depth = "" if np.isnan(row["depth_m"]) else f"{row['depth_m']:.2f}"
        rows.append([row["road"] or text(lang, "report_unnamed"), text(lang, f"report_state_{row['state']}"),
                     cause_name(lang, row["cause"]), start, end, f"{row['streets']:,}", f"{row['length_m'] / 1000:.2f}",
                     depth])  # fmt: skip
    return pd.DataFrame(rows, columns=["road", "state", "cause", "start", "end", "pieces", "length", "depth"])


def spent_shown(findings: Findings, lang: str) -> pd.DataFrame:
    """Where the time went on the nights: minutes by step, to the last place and to a place on average."""
    if findings.nights is None:
        return pd.DataFrame(columns=["step", "last_place", "every_place"])
    rows = [
        [text(lang, f"report_span_{row['step']}"), _minutes(row["last_place_min"]), _minutes(row["every_place_min"])]
        for row in findings.nights.steps.to_dict("records")
        if np.nan_to_num(row["last_place_min"]) > 0 or np.nan_to_num(row["every_place_min"]) > 0
    ]
    table = pd.DataFrame(rows, columns=["step", "last_place", "every_place"])
    return table.drop(columns="last_place") if (table["last_place"] == "–").all() else table


def _minutes(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.1f}"


def cause_name(lang: str, cause: str) -> str:
    """Name of a hazard by the norms, or the cause as the hazard file gives it."""
    named = {row["cause"]: row[f"name_{lang}"] for row in read_norm("exposure")}
    return str(named.get(cause, cause))


def objective_shown(plan: Plan, lang: str) -> pd.DataFrame:
    """Levels of the objective with bound, gap and status, as the planner proved them."""
    rows = [
        [str(row["level"]), text(lang, f"report_objective_{row['measure']}"),
         *(_objective_value(row["measure"], row[key]) for key in ("value", "bound")),
         "" if np.isnan(row["gap"]) else f"{row['gap'] * 100:.1f}%", text(lang, f"report_status_{row['status']}")]
        for row in plan.objective.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["level", "measure", "value", "bound", "gap", "status"])


def _objective_value(measure: str, value: float) -> str:
    """A level's value in its unit: people, h:mm, person-hours or km."""
    if np.isnan(value):
        return ""
    if measure == "t_all_ms":
        return hours_minutes(int(value))
    if measure.endswith("_ms"):
        return f"{value / _MS_PER_HOUR:,.0f}"
    return f"{value:,.0f}"


def steps_shown(scenario: Scenario, lang: str) -> pd.DataFrame:
    """Step times in force, minutes, with their sources."""
    rows = []
    for step in STEPS:
        if step in scenario.steps:
            time = scenario.steps[step]
            rows.append([text(lang, f"report_step_{step}"), f"{time.low_min:g}", f"{time.mode_min:g}",
                         f"{time.high_min:g}", f"{time.mean_ms / MINUTE_MS:.1f}",
                         source_text(time.source, lang)])  # fmt: skip
    return pd.DataFrame(rows, columns=["step", "low", "mode", "high", "mean", "source"])


def speeds_shown(scenario: Scenario, lang: str) -> pd.DataFrame:
    """Speeds by vehicle class and by those road classes that the network has (link roads aside), km/h."""
    used = [ROAD_CLASSES[k] for k in np.unique(scenario.network.road_class)]
    used = [name for name in used if not name.endswith("_link")]
    rows = [
        [profile.name_zh if lang == "zh" else profile.name_en,
         *(f"{profile.speed_kmh.get(name, 0.0):g}" for name in used), f"{profile.gross_t:g}", f"{profile.wading_m:g}"]
        for profile in scenario.profiles.values()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["vehicle_class", *used, "gross", "wading"])
