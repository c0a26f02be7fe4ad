"""A scenario's demand: reports with every count filled in, and rows by rule where nobody has reported."""

from __future__ import annotations

import math

import pandas as pd

from dispatch.county.county import County
from dispatch.hazards.disruption import Disruption
from dispatch.needs import BASES, DemandRule, demand_by_rule
from dispatch.scenario_text import ScenarioText

__all__ = ["demand_of", "first_batch_of", "with_reports"]


def with_reports(reports: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """Demand reports with those that the hazards add; columns that they do not have are empty."""
    if more.empty:
        return reports
    rows = more.reindex(columns=list(reports.columns))
    rows = rows.assign(**{name: rows[name].fillna("") for name in rows if reports[name].dtype == "str"})
    return rows.astype(dict(reports.dtypes)) if reports.empty else pd.concat([reports, rows], ignore_index=True)


def demand_of(written: ScenarioText, county: County, reports: pd.DataFrame, disruption: Disruption) -> pd.DataFrame:
    """Reports and rule together, as rows of the schema's ``demand`` without missing counts.

    Parameters
    ----------
    written : ScenarioText
        Holds the rule; problems go there.
    county : County
    reports : DataFrame
        Rows of the schema's ``demand``.
    disruption : Disruption
        Its ``places`` tell where the rule applies.
    """
    shares = [written.values.get(f"demand.rule.share_{basis}") for basis in ("relocated", "sheltered")]
    if (shares[0] is None) != (shares[1] is None):
        written.problem("scenario_both_shares", "demand.rule")
        return reports
    rule = None if shares[0] is None or shares[1] is None else DemandRule(shares[0], shares[1])
    reports = reports.copy()
    for row in reports.to_dict("index").items():
        index, report = row
        counts = {basis: report[basis] for basis in BASES}
        if all(math.isnan(count) for count in counts.values()):
            written.problem("scenario_no_people", "demand.table", report=report["report"])
            continue
        for basis, count in _complete(counts, rule).items():
            reports.loc[index, basis] = count
    if rule is not None:
        by_rule = demand_by_rule(county, disruption.places, rule, reports["place"])
        reports = by_rule if reports.empty else pd.concat([reports, by_rule], ignore_index=True)
    if reports.empty and not written.values.get("evacuation.enabled", False):
        written.problem("scenario_nobody", "demand")
    return reports


def _complete(counts: dict[str, float], rule: DemandRule | None) -> dict[str, float]:
    """Fill counts not given: by the rule's shares of the affected where there is one, else by the nearest count."""
    filled = dict(counts)
    if rule is not None and not math.isnan(counts["affected"]):
        for basis, share in (("relocated", rule.share_relocated), ("sheltered", rule.share_sheltered)):
            if math.isnan(filled[basis]):
                filled[basis] = float(math.ceil(counts["affected"] * share))
    for basis, other in (("relocated", "sheltered"), ("affected", "relocated")):
        if math.isnan(filled[basis]):
            filled[basis] = filled[other]
    for basis, other in (("relocated", "affected"), ("sheltered", "relocated")):
        if math.isnan(filled[basis]):
            filled[basis] = filled[other]
    return filled


def first_batch_of(written: ScenarioText, county: County) -> tuple[str, pd.DataFrame]:
    """Preset in force, and its rows of the county's table."""
    table = county.table("first_batch")
    presets = sorted(set(table["preset"]))
    preset = written.values.get("first_batch.preset", presets[0] if len(presets) == 1 else "")
    if not presets:
        written.problem("scenario_no_first_batch", "first_batch.preset", preset)
    elif preset not in presets:
        written.problem("scenario_one_of", "first_batch.preset", preset, known=", ".join(presets))
    return preset, table[table["preset"] == preset].reset_index(drop=True)
