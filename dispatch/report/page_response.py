"""What the nights say beside the arrivals: the two clocks, the response, docks in use; and a comparison of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dispatch.clock import MINUTE_MS, hours_minutes
from dispatch.documents.messages import has, text
from dispatch.report.findings import share
from dispatch.report.html import escape, paragraph, table
from dispatch.report.names import site_name
from dispatch.report.tables import headings
from dispatch.scenario import Scenario
from dispatch.studies.compare import CASE_COLUMNS

if TYPE_CHECKING:
    from dispatch.report.evidence import Cases
    from dispatch.simulation.ensemble import Ensemble

__all__ = ["CLOCKS", "cases_shown", "clocks", "comparison", "docks_shown", "pairs_shown", "response_shown"]

CLOCKS: tuple[tuple[str, str], ...] = (
    ("warning", "warning_ms"),
    ("push", "push_ms"),
    ("dispatch", "dispatch_ms"),
    ("before_order", "before_order_ms"),
    ("response", "response_ms"),
)
"""Stages of the night and their columns in ``simulation.response_figures.RESPONSE_COLUMNS``."""

_TIMES = ("answered_half_ms", "answered_most_ms", "answered_all_ms", "households_half_ms", "households_most_ms",
          "households_all_ms", "news_ms", "news_to_orders_ms", "deciding_ms", "handed_out_ms")  # fmt: skip
_COUNTS = ("silent_places", "orders", "breakdowns", "vehicles_lost", "carried_in", "roads_cleared")
_SHARES = ("answered_on_target", "deadline_gone_share")


def clocks(ensemble: Ensemble | None, lang: str) -> str:
    """The two clocks: minutes from the detection to the order, which are no part of the six hours, and from the order.

    "" where the scenario does not begin before the order.
    """
    if ensemble is None or not ensemble.replications:
        return ""
    nights = ensemble.nights
    before = nights["before_order_ms"].to_numpy(dtype=np.float64)
    before = before[before >= 0]
    if not len(before):
        return ""
    rows = [
        [text(lang, f"report_clock_{stage}"), *_spread(nights[column]), text(lang, f"report_clock_{stage}_note")]
        for stage, column in CLOCKS
        if (nights[column] >= 0).any()
    ]
    said = text(lang, "report_clocks_text", median=_spread(nights["before_order_ms"])[0])
    shown = table("", headings(lang, ("stage", "median", "spread", "meaning")), rows, numbers=(1, 2))
    return f"<h3>{escape(text(lang, 'report_clocks'))}</h3>{paragraph(said)}{shown}"


def response_shown(ensemble: Ensemble | None, lang: str) -> pd.DataFrame:
    """Warning, news, orders, trouble, handing out and clearing on the nights: those figures that the scenario has."""
    rows = []
    if ensemble is not None and ensemble.replications:
        nights = ensemble.nights
        for column in (*_TIMES, *_COUNTS, *_SHARES):
            values = nights[column].to_numpy(dtype=np.float64)
            if column in _TIMES:
                if (values > 0).any():
                    rows.append([text(lang, f"report_response_{column}"), *_spread(nights[column])])
            elif column in _COUNTS:
                if (values > 0).any():
                    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95], method="inverted_cdf")
                    rows.append([text(lang, f"report_response_{column}"), f"{middle:g}", f"{low:g}–{high:g}"])
            elif not np.isnan(values).all():
                low, middle, high = np.nanquantile(values, [0.05, 0.5, 0.95], method="inverted_cdf")
                rows.append([text(lang, f"report_response_{column}"), share(middle), f"{share(low)}–{share(high)}"])
    return pd.DataFrame(rows, columns=["measure", "median", "spread"])


def _spread(column: pd.Series) -> tuple[str, str]:
    """Median, and p5–p95, of the nights on which it happened; h:mm."""
    known = column.to_numpy(dtype=np.int64)
    known = known[known >= 0]
    low, middle, high = (int(q) for q in np.quantile(known, [0.05, 0.5, 0.95], method="inverted_cdf"))
    return hours_minutes(middle), f"{hours_minutes(low)}–{hours_minutes(high)}"


def docks_shown(scenario: Scenario, ensemble: Ensemble | None, lang: str) -> pd.DataFrame:
    """Docks in use and waits before them on the nights, by depot that loads."""
    columns = ["depot", "docks", "dock_use", "trucks", "waits", "wait_mean", "wait_longest"]
    if ensemble is None or not ensemble.replications:
        return pd.DataFrame(columns=columns)
    rows = [
        [site_name(scenario, row["depot"], lang), f"{row['docks']:g}", share(row["dock_use"]), f"{row['trucks']:.1f}",
         f"{row['waits']:.1f}", f"{row['wait_mean_min']:.0f}", f"{row['wait_longest_p95_min']:.0f}"]
        for row in ensemble.summary.depots.sort_values("dock_use", ascending=False, kind="stable").to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def cases_shown(found: Cases) -> pd.DataFrame:
    """Cases of a comparison with P and its interval, times and people."""
    rows = []
    for row in found.cases.to_dict("records"):
        p = f"{share(row['p'])} ({share(row['p_low'])}–{share(row['p_high'])})"
        rows.append([row["case"], f"{row['nights']:,}", p, _hours(row["t_all_p50_min"]), _hours(row["t_all_p95_min"]),
                     share(row["people_share_in_time"]), f"{row['km']:,.0f}"])  # fmt: skip
    return pd.DataFrame(rows, columns=["case", "nights", "p_on_time", "median", "p95", "people_on_time", "km"])


def _hours(minutes: float) -> str:
    return "–" if np.isnan(minutes) else hours_minutes(round(minutes * MINUTE_MS))


def pairs_shown(found: Cases, lang: str) -> pd.DataFrame:
    """Differences of each case from the first of its scenario, on the same nights, with intervals."""
    rows = []
    for row in found.pairs.to_dict("records"):
        percent = not row["measure"].endswith("_min")
        low, value, high = (
            f"{number:+.0%}" if percent else f"{number:+.0f}" for number in (row["low"], row["difference"], row["high"])
        )
        key = f"report_pair_{row['measure']}"
        p_value = "–" if np.isnan(row["p_value"]) else f"{row['p_value']:.3g}"
        rows.append([row["case"], row["against"], text(lang, key) if has(key) else row["measure"], value,
                     f"{low} … {high}", p_value])  # fmt: skip
    return pd.DataFrame(rows, columns=["case", "against", "measure", "difference", "interval", "p_value"])


def comparison(found: Cases | None, lang: str) -> str:
    """Tables of a comparison of policies, layouts, plans or scenarios; "" where there is none."""
    if found is None or found.cases.empty:
        return ""
    cases = cases_shown(found)
    pairs = pairs_shown(found, lang)
    varied = [name for name in list(CASE_COLUMNS)[1:6] if found.cases[name].nunique() > 1]
    words = text(lang, "report_compare_join").join(text(lang, f"report_compare_{name}") for name in varied)
    said = text(lang, "report_compare_text", varied=words or text(lang, "report_compare_nothing"))
    shown = table("", headings(lang, cases.columns), cases.to_numpy().tolist(), numbers=tuple(range(1, 7)))
    parts = [f"<h3>{escape(text(lang, 'report_compare'))}</h3>", paragraph(said), shown]
    if len(pairs):
        parts.append(table("", headings(lang, pairs.columns), pairs.to_numpy().tolist(), numbers=(3, 4, 5)))
    return "".join(parts)
