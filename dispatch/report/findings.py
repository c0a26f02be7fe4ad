"""What the report has to say, gathered once: the measures of the plan, of the nights, and of each place.

Page, figures, tables and console all read these, so that a number is the same wherever it stands.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import hours_minutes
from dispatch.documents.messages import text
from dispatch.planning.measure import Measures, measure
from dispatch.planning.plan import Plan
from dispatch.planning.unmet import unmet_reason
from dispatch.report.names import site_name
from dispatch.scenario import Scenario
from dispatch.simulation.summary import Probability

if TYPE_CHECKING:
    from dispatch.simulation.ensemble import Ensemble

__all__ = ["PLACE_COLUMNS", "Findings", "Nights", "duration", "find", "reason_in_words", "share"]

_REASONS = 2  # reasons named for a place; the table of needs not met has them all

PLACE_COLUMNS: dict[str, str] = {
    "place": "str",
    "name": "str",
    "people": "float64",
    "reachable": "bool",
    "planned_ms": "int64",
    "delivered_share": "float64",
    "verdict": "str",
    "reason": "str",
    "on_time": "float64",
    "on_time_low": "float64",
    "on_time_high": "float64",
    "median_ms": "int64",
    "p95_ms": "int64",
}
"""One row per place that needs a first batch. ``planned_ms``: first batch complete by plan, ms from the reference
instant, -1 = never; ``verdict``: ``served``, ``late`` or ``missed`` by plan; ``reason``: why not in time, in words;
``on_time``: share of nights in time with its Wilson interval, NaN without nights; ``median_ms``, ``p95_ms``: of the
nights, -1 where that night never serves it."""


@dataclass(frozen=True, eq=False)
class Nights:
    """The simulated nights, by night and place.

    Attributes
    ----------
    replication : int64 array (n,)
    complete_ms : int64 array (n, p)
        First batch complete at each place of ``Findings.places``, ms from the reference instant; -1 = never.
    t_all_ms : int64 array (n,)
        Since the order, over the places that a road reached on that night.
    reachable, everywhere : Probability
        P(T_all within the deadline) with its 95 % interval (Wilson): reachable places, all places.
    met : int
        Nights on which every reachable place was served in time.
    asked : int
        Nights asked for; more than were played if the run was interrupted.
    times : DataFrame
        ``Summary.times``, index = measure.
    steps, curve : DataFrame
        ``Summary.steps``, ``Summary.curve``.
    short : int
        Nights not met on which a truck found less at a depot than the plan counts on (an agreement not kept).
    before_order_ms : int or None
        From the detection to the order, median of the nights; None where a night begins with the order.
    """

    replication: NDArray[np.int64]
    complete_ms: NDArray[np.int64]
    t_all_ms: NDArray[np.int64]
    reachable: Probability
    everywhere: Probability
    met: int
    asked: int
    times: pd.DataFrame
    steps: pd.DataFrame
    curve: pd.DataFrame
    before_order_ms: int | None = None
    short: int = 0


@dataclass(frozen=True, eq=False)
class Findings:
    """Everything that page, figures and console say in numbers.

    Attributes
    ----------
    measures : Measures
        Of the plan.
    places : DataFrame
        ``PLACE_COLUMNS``, in the order of the needs.
    nights : Nights or None
    """

    measures: Measures
    places: pd.DataFrame
    nights: Nights | None

    @property
    def missed(self) -> pd.DataFrame:
        """Places that the plan does not serve in time: never served first, then the latest."""
        rows = self.places[self.places["verdict"] != "served"]
        late = rows["planned_ms"].where(rows["planned_ms"] >= 0, np.iinfo(np.int64).max)
        return (
            rows.assign(_late=late)
            .sort_values(["_late", "people"], ascending=False, kind="stable")
            .drop(columns="_late")
        )

    def worst_first(self) -> pd.DataFrame:
        """Places by share of nights in time, then by the planned hour, worst first."""
        late = self.places["planned_ms"].where(self.places["planned_ms"] >= 0, np.iinfo(np.int64).max)
        rows = self.places.assign(_late=late, _on_time=self.places["on_time"].fillna(0.0))
        return rows.sort_values(["_on_time", "_late"], ascending=[True, False], kind="stable").drop(
            columns=["_late", "_on_time"]
        )


def duration(lang: str, since_ms: int | None, horizon_ms: int) -> str:
    """Time since the order in words; the horizon and beyond is ``never``."""
    if since_ms is None or since_ms < 0:
        return text(lang, "report_never")
    if since_ms >= horizon_ms:
        return text(lang, "report_beyond", time=hours_minutes(horizon_ms))
    return hours_minutes(since_ms)


def share(value: float) -> str:
    """Share in per cent; only what is exactly none or all reads 0 or 100."""
    percent = value * 100
    if 0 < percent < 0.5:
        return "<1%"
    if 99.5 <= percent < 100:
        return ">99%"
    return f"{percent:.0f}%"


def find(scenario: Scenario, plan: Plan, ensemble: Ensemble | None, lang: str) -> Findings:
    """Gather the findings.

    Parameters
    ----------
    scenario : Scenario
    plan : Plan
    ensemble : Ensemble or None
        None where nothing was simulated.
    lang : {"zh", "en"}
        Of names and reasons.
    """
    measures = measure(plan, scenario)
    asked = set(scenario.needs.loc[_first_batch(scenario), "place"])
    table = measures.places[measures.places["place"].isin(asked)].reset_index(drop=True)
    done = table["first_batch_complete_ms"].to_numpy(dtype=np.int64)
    verdict = np.where(done < 0, "missed", np.where(done <= scenario.due_ms, "served", "late"))
    reasons = _reasons(scenario, plan, lang)
    if ensemble is not None and ensemble.replications == 0:  # interrupted before the first night was over
        ensemble = None
    nights = None if ensemble is None else _nights(scenario, ensemble, list(table["place"]))
    places = pd.DataFrame({
        "place": table["place"],
        "name": [site_name(scenario, place, lang) for place in table["place"]],
        "people": table["people"],
        "reachable": table["reachable"],
        "planned_ms": done,
        "delivered_share": table["first_batch_share"],
        "verdict": pd.Series(verdict, dtype="str"),
        "reason": [reasons.get(place, "") if kind != "served" else ""
                   for place, kind in zip(table["place"], verdict, strict=True)],
    })  # fmt: skip
    return Findings(measures, places.assign(**_by_place(scenario, ensemble, list(table["place"]))), nights)


def _first_batch(scenario: Scenario) -> pd.Series:
    """Which needs are first batch."""
    return (scenario.needs["part"] == "first_batch") & (scenario.needs["quantity"] > 0)


def _reasons(scenario: Scenario, plan: Plan, lang: str) -> dict[str, str]:
    """Why a place's first batch is not complete in time: what never comes first, else what comes last."""
    unmet = plan.unmet[plan.unmet["part"] == "first_batch"]
    said: dict[str, str] = {}
    for place, rows in unmet.groupby("place", sort=False):
        records = rows.to_dict("records")
        never = [row for row in records if row["cause"] != "late"]
        chosen = never or [max(records, key=_arrival_ms)]
        words = dict.fromkeys(reason_in_words(scenario, row, lang) for row in chosen)
        said[str(place)] = text(lang, "report_reason_join").join(list(words)[:_REASONS])
    return said


def reason_in_words(scenario: Scenario, row: dict[str, Any], lang: str) -> str:
    """Cause and reason of one row of ``Plan.unmet``."""
    cause = text(lang, f"report_cause_{row['cause']}")
    words = unmet_reason(row, lang, scenario)  # type: ignore[arg-type]
    return text(lang, "report_cause_detail", cause=cause, detail=words) if words else cause


def _arrival_ms(row: dict[str, Any]) -> float:
    """When a late delivery comes, from the planner's detail; the earliest of all where it does not say."""
    try:
        detail = json.loads(row["detail"])
    except json.JSONDecodeError:
        return -np.inf
    return float(detail.get("arrives_ms", -np.inf)) if isinstance(detail, dict) else -np.inf


def _nights(scenario: Scenario, ensemble: Ensemble, places: Sequence[str]) -> Nights:
    """The ensemble's figures by night and place."""
    nights = ensemble.nights
    replication = nights["replication"].to_numpy(dtype=np.int64)
    by_night = ensemble.indicators.places.pivot(index="replication", columns="place", values="complete_ms")
    since = by_night.reindex(index=replication, columns=list(places)).to_numpy(dtype=np.int64)
    summary = ensemble.summary
    return Nights(
        replication=replication,
        complete_ms=np.where(since >= 0, since + scenario.order_ms, -1),
        t_all_ms=nights["t_all_ms"].to_numpy(dtype=np.int64),
        reachable=summary.p_on_time,
        everywhere=summary.p_on_time_places,
        met=int(nights["on_time"].sum()),
        asked=ensemble.asked,
        times=summary.times.set_index("measure"),
        steps=summary.steps,
        curve=summary.curve,
        before_order_ms=_median(nights["before_order_ms"].to_numpy(dtype=np.int64)),
        short=_short(ensemble),
    )


def _short(ensemble: Ensemble) -> int:
    """Nights not met on which goods were missing when a truck was loaded."""
    stock, nights = ensemble.indicators.stock, ensemble.nights
    missing = stock.loc[stock["stock_outs"] > 0, "replication"].unique()
    return int((~nights["on_time"].astype(bool) & nights["replication"].isin(missing)).sum())


def _median(times_ms: NDArray[np.int64]) -> int | None:
    """Median (a time that was seen) of those that are not negative; None if there is none."""
    known = times_ms[times_ms >= 0]
    return int(np.quantile(known, 0.5, method="inverted_cdf")) if len(known) else None


def _by_place(scenario: Scenario, ensemble: Ensemble | None, places: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Columns of ``PLACE_COLUMNS`` that come from the nights; a place beyond the horizon is never served."""
    if ensemble is None:
        nan, never = np.full(len(places), np.nan), np.full(len(places), -1, dtype=np.int64)
        return {"on_time": nan, "on_time_low": nan, "on_time_high": nan, "median_ms": never, "p95_ms": never}
    of = ensemble.summary.places.set_index("place").reindex(list(places))

    def hour(column: str) -> NDArray[np.int64]:
        since = of[column].to_numpy(dtype=np.int64)
        return np.where(since >= scenario.horizon_ms, -1, since + scenario.order_ms)

    return {
        "on_time": of["p_in_time"].to_numpy(dtype=np.float64),
        "on_time_low": of["in_time_low"].to_numpy(dtype=np.float64),
        "on_time_high": of["in_time_high"].to_numpy(dtype=np.float64),
        "median_ms": hour("arrival_p50_ms"),
        "p95_ms": hour("arrival_p95_ms"),
    }
