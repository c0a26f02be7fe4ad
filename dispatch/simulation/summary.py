"""From nights to an answer: the probability of the promise, times with their spread, places, vehicles, steps.

The interval of the probability is Wilson's and speaks of sampling alone. Quantiles are order statistics of the nights
(a time that was seen); a place never served counts as the horizon.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import HOUR_MS, MINUTE_MS
from dispatch.scenario import Scenario
from dispatch.simulation.critical import critical_chain
from dispatch.simulation.indicators import SERVED_COLUMNS, Indicators
from dispatch.simulation.interval import wilson
from dispatch.simulation.served import read_demand
from dispatch.simulation.service_summary import fairness, item_service, place_service, township_service
from dispatch.simulation.spans import SPAN_STEPS

__all__ = ["Probability", "Summary", "indicators_json", "summarise"]


@dataclass(frozen=True)
class Probability:
    """Share of nights with its Wilson 95 % interval; NaN without nights, or where no first batch is asked for."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Summary:
    """What a number of nights say together.

    Attributes
    ----------
    scenario : str
    replications : int
    deadline_ms, horizon_ms : int
    p_on_time, p_on_time_places : Probability
        T_all within the deadline, over reachable places and over all.
    times : DataFrame
        One row per measure (``t1``, ``t_all``, ``t_all_places``, ``first_wheel``): ``mean_ms, p5_ms, p50_ms, p95_ms``,
        and ``share``: the nights in which it happened at all (the others count as the horizon).
    places : DataFrame
        One row per place with a first batch: ``place, name, people, p_reachable, p_complete, p_in_time, in_time_low,
        in_time_high, arrival_p5_ms, arrival_p50_ms, arrival_p95_ms, p_last``.
    vehicles : DataFrame
        One row per vehicle: ``vehicle, ready_p50_ms, productive_share, waiting_share`` (of the deadline's span),
        ``km, trips_done`` (means), ``p_stranded``.
    steps : DataFrame
        One row per step: minutes from the order to the last reachable place (``last_place_min``, mean over nights in
        which it was served), and to each place (``every_place_min``, mean over places served, weighted by people).
    curve : DataFrame
        ``time_ms`` since the order and, for each measure of ``SERVED_COLUMNS``, ``…_mean, …_p5, …_p95``.
    counts : dict of str to float
        Means per night: ``places``, ``places_reachable``, ``places_in_time``, ``people_share_in_time``,
        ``need_share_in_time``, ``closures_met``, ``turned_round``, ``rerouted``, ``stranded``, ``undelivered``,
        ``trips_done``, ``km``; and ``p_stranded``, the share of nights with a stranded vehicle.
    place_service, townships, items, fairness, critical : DataFrame
        As :mod:`dispatch.simulation.service_summary` and :mod:`dispatch.simulation.critical` make them.
    depots : DataFrame
        One row per depot that loads: ``depot, docks, dock_use`` (share of the deadline's span in which a dock is in
        use), ``trucks, waits, wait_mean_min`` (of those that wait), ``wait_longest_p95_min, line_longest_p95``.
    """

    scenario: str
    replications: int
    deadline_ms: int
    horizon_ms: int
    p_on_time: Probability
    p_on_time_places: Probability
    times: pd.DataFrame
    places: pd.DataFrame
    vehicles: pd.DataFrame
    steps: pd.DataFrame
    curve: pd.DataFrame
    counts: dict[str, float]
    place_service: pd.DataFrame
    townships: pd.DataFrame
    items: pd.DataFrame
    fairness: pd.DataFrame
    critical: pd.DataFrame
    depots: pd.DataFrame


def summarise(found: Indicators, scenario: Scenario) -> Summary:
    """Sum up the figures of a number of nights."""
    nights = found.nights
    return Summary(
        scenario=scenario.name,
        replications=len(nights),
        deadline_ms=scenario.deadline_ms,
        horizon_ms=scenario.horizon_ms,
        p_on_time=_probability(nights.loc[nights["places"] > 0, "on_time"]),
        p_on_time_places=_probability(nights.loc[nights["places"] > 0, "on_time_places"]),
        times=_times(nights, scenario.horizon_ms),
        places=_places(found, scenario),
        vehicles=_vehicles(found, scenario),
        steps=_steps(found, scenario),
        curve=_curve(found),
        counts=_counts(nights),
        place_service=place_service(found, scenario),
        townships=township_service(found, scenario),
        items=item_service(found, scenario),
        fairness=fairness(found, scenario),
        critical=critical_chain(found),
        depots=_depots(found, scenario),
    )


def _probability(happened: pd.Series) -> Probability:
    if happened.empty:
        return Probability(math.nan, math.nan, math.nan)
    yes = int(happened.sum())
    return Probability(yes / len(happened), *wilson(yes, len(happened)))


def _quantiles(values: NDArray[np.int64]) -> list[int]:
    """5, 50 and 95 % order statistics."""
    return [int(q) for q in np.quantile(values, [0.05, 0.5, 0.95], method="inverted_cdf")]


def _times(nights: pd.DataFrame, horizon_ms: int) -> pd.DataFrame:
    rows = []
    for name in ("t1", "t_all", "t_all_places", "first_wheel"):
        values = nights[f"{name}_ms"].to_numpy(dtype=np.int64)
        if name in ("t_all", "t_all_places"):
            complete = nights["places_complete"] >= nights["places"] if name == "t_all_places" else values < horizon_ms
            share = float(np.mean(complete)) if len(values) else math.nan
        else:
            share = float((values >= 0).mean()) if len(values) else math.nan
        times = np.where(values >= 0, values, horizon_ms)
        p5, p50, p95 = _quantiles(times) if len(times) else (-1, -1, -1)
        mean = float(times.mean()) if len(times) else math.nan
        rows.append((name, mean, p5, p50, p95, share))
    return pd.DataFrame(rows, columns=["measure", "mean_ms", "p5_ms", "p50_ms", "p95_ms", "share"])


def _places(found: Indicators, scenario: Scenario) -> pd.DataFrame:
    demand = read_demand(scenario)
    names = dict(zip(scenario.county.table("places")["place"], scenario.county.table("places")["name"], strict=True))
    people = dict(zip(demand.place, demand.people.tolist(), strict=True))
    rows = []
    for place, table in found.places.groupby("place", sort=False):
        complete = table["complete_ms"].to_numpy(dtype=np.int64)
        times = np.where(complete >= 0, complete, scenario.horizon_ms)
        in_time = _probability(table["in_time"])
        rows.append((
            place, names.get(place, place), people[place], float(table["reachable"].mean()),
            float((complete >= 0).mean()), in_time.value, in_time.low, in_time.high, *_quantiles(times),
            float(table["last"].mean()),
        ))  # fmt: skip
    columns = [
        "place", "name", "people", "p_reachable", "p_complete", "p_in_time", "in_time_low", "in_time_high",
        "arrival_p5_ms", "arrival_p50_ms", "arrival_p95_ms", "p_last",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _vehicles(found: Indicators, scenario: Scenario) -> pd.DataFrame:
    rows = []
    nights = max(len(found.nights), 1)
    for vehicle, table in found.vehicles.groupby("vehicle", sort=False):
        rows.append((
            vehicle, _quantiles(table["ready_ms"].to_numpy(dtype=np.int64))[1],
            float(table["productive_ms"].mean()) / scenario.deadline_ms,
            float(table["waiting_ms"].mean()) / scenario.deadline_ms,
            float(table["km"].sum()) / nights, float(table["trips_done"].sum()) / nights,
            float(table["stranded"].sum()) / nights,
        ))  # fmt: skip
    columns = ["vehicle", "ready_p50_ms", "productive_share", "waiting_share", "km", "trips_done", "p_stranded"]
    return pd.DataFrame(rows, columns=columns)


def _steps(found: Indicators, scenario: Scenario) -> pd.DataFrame:
    demand = read_demand(scenario)
    people = dict(zip(demand.place, demand.people.tolist(), strict=True))
    served = found.places[found.places["complete_ms"] >= 0]
    last = served[served["last"]].drop_duplicates("replication")
    weight = served["place"].map(people).to_numpy(dtype=np.float64)
    rows = []
    for step in SPAN_STEPS:
        column = f"{step}_ms"
        at_last = float(last[column].mean()) / MINUTE_MS if len(last) else math.nan
        whole = weight.sum()
        each = float((served[column].to_numpy() * weight).sum() / whole) / MINUTE_MS if whole > 0 else math.nan
        rows.append((step, at_last, each))
    return pd.DataFrame(rows, columns=["step", "last_place_min", "every_place_min"])


def _depots(found: Indicators, scenario: Scenario) -> pd.DataFrame:
    nights = max(len(found.nights), 1)
    rows = []
    for depot, table in found.depots.groupby("depot", sort=False):
        docks, waits = int(table["docks"].iloc[0]), int(table["waits"].sum())
        span = nights * max(docks, 1) * scenario.deadline_ms
        longest = table["longest_wait_ms"].to_numpy(dtype=np.int64)
        line = table["longest_line"].to_numpy(dtype=np.int64)
        rows.append((
            depot, docks, float(table["loading_ms"].sum()) / span, float(table["trucks"].sum()) / nights,
            waits / nights, float(table["wait_ms"].sum()) / waits / MINUTE_MS if waits else 0.0,
            _quantiles(longest)[2] / MINUTE_MS, _quantiles(line)[2],
        ))  # fmt: skip
    columns = ["depot", "docks", "dock_use", "trucks", "waits", "wait_mean_min", "wait_longest_p95_min",
               "line_longest_p95"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _curve(found: Indicators) -> pd.DataFrame:
    columns: dict[str, NDArray[Any]] = {"time_ms": found.grid_ms}
    for name in SERVED_COLUMNS:
        known = found.served[name][~np.isnan(found.served[name][:, 0])] if len(found.grid_ms) else found.served[name]
        if len(known):
            columns[f"{name}_mean"] = known.mean(axis=0)
            columns[f"{name}_p5"], columns[f"{name}_p95"] = np.quantile(
                known, [0.05, 0.95], axis=0, method="inverted_cdf"
            )
        else:
            for part in ("mean", "p5", "p95"):
                columns[f"{name}_{part}"] = np.full(len(found.grid_ms), math.nan)
    return pd.DataFrame(columns)


def _counts(nights: pd.DataFrame) -> dict[str, float]:
    names = (
        "places", "places_reachable", "places_in_time", "people_share_in_time", "need_share_in_time", "closures_met",
        "turned_round", "rerouted", "stranded", "undelivered", "trips_done", "km",
    )  # fmt: skip
    counts = {name: float(nights[name].mean()) if len(nights) else math.nan for name in names}
    counts["p_stranded"] = float((nights["stranded"] > 0).mean()) if len(nights) else math.nan
    return counts


def indicators_json(summary: Summary) -> dict[str, Any]:
    """Everything in a summary as JSON values; times in ms, shares in 0 … 1, NaN as null.

    ``served`` gives the shares at whole hours since the order besides the full curve.
    """
    hourly = summary.curve[(summary.curve["time_ms"] % HOUR_MS == 0) & (summary.curve["time_ms"] > 0)]
    return {
        "scenario": summary.scenario,
        "replications": summary.replications,
        "deadline_ms": summary.deadline_ms,
        "horizon_ms": summary.horizon_ms,
        "p_on_time": _plain(vars(summary.p_on_time)),
        "p_on_time_places": _plain(vars(summary.p_on_time_places)),
        "interval": "Wilson 95 %, sampling error only",
        "times": {row["measure"]: _plain({k: v for k, v in row.items() if k != "measure"})
                  for row in summary.times.to_dict("records")},
        "counts": _plain(summary.counts),
        "served": [_plain(row) for row in hourly.to_dict("records")],
        "steps": [_plain(row) for row in summary.steps.to_dict("records")],
        "places": [_plain(row) for row in summary.places.to_dict("records")],
        "vehicles": [_plain(row) for row in summary.vehicles.to_dict("records")],
        **{name: [_plain(row) for row in getattr(summary, name).to_dict("records")]
           for name in ("place_service", "townships", "items", "fairness", "critical", "depots")},
        "curve": [_plain(row) for row in summary.curve.to_dict("records")],
    }  # fmt: skip


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """Values that JSON knows."""
    plain: dict[str, Any] = {}
    for key, value in row.items():
        item = value.item() if isinstance(value, np.generic) else value
        plain[str(key)] = None if isinstance(item, float) and math.isnan(item) else item
    return plain
