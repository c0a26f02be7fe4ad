"""What a plan is worth, recomputed from its tables alone: per place, over time, and the five levels of the objective.

T₁ is the first and T_all the last first batch to be complete, counted from the order; T_all stands twice, for the
places that a road still reaches by the deadline and for all. A place without its first batch counts as the horizon.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dispatch.planning.plan import OBJECTIVE_COLUMNS, Plan
from dispatch.roads.travel import Travel, arrivals
from dispatch.scenario import Scenario, travel

__all__ = ["LEVELS", "PLACE_MEASURE_COLUMNS", "SERVED_COLUMNS", "Measures", "measure", "need_times", "reachable_places"]

LEVELS: tuple[tuple[str, str], ...] = (
    ("people_served_by_deadline", "max"),
    ("t_all_ms", "min"),
    ("weighted_first_batch_ms", "min"),
    ("weighted_rest_ms", "min"),
    ("vehicle_km", "min"),
)
"""Measure and sense of each level of the objective, in order."""

PLACE_MEASURE_COLUMNS: dict[str, str] = {
    "place": "str",
    "people": "float64",
    "weight": "float64",
    "reachable": "bool",
    "first_unloaded_ms": "int64",
    "first_batch_needed": "bool",
    "first_batch_complete_ms": "int64",
    "on_time": "bool",
    "first_batch_share": "float64",
    "rest_needed": "bool",
    "rest_complete_ms": "int64",
}
"""One row per place that needs a first batch or a rest. Times are ms from the reference instant, -1 = never;
``people``, ``weight``: sums over the place's reports; ``first_batch_share``: delivered part of its first-batch needs
(mean over the needs) at the end; ``on_time``: first batch complete by the deadline (False where none is asked for: see
``first_batch_needed``); a completion is -1 also where nothing is asked for."""

SERVED_COLUMNS: dict[str, str] = {
    "time_ms": "int64",
    "people_share": "float64",
    "people_share_reachable": "float64",
    "need_share": "float64",
    "need_share_reachable": "float64",
}
"""Shares by time since the order (ms), a step function with a row at 0 and at every unloading: of people whose place
has its first batch complete, and of first-batch need delivered (each place's mean over its needs, people-weighted);
among all places and among the reachable ones (NaN where there are none)."""


@dataclass(frozen=True, eq=False)
class Measures:
    """What a plan is worth.

    Attributes
    ----------
    places : DataFrame
        ``PLACE_MEASURE_COLUMNS``, in the order in which places first occur in the needs.
    objective : DataFrame
        ``OBJECTIVE_COLUMNS``; bound and gap are NaN and the status is ``feasible``: proofs are the planner's.
    served : DataFrame
        ``SERVED_COLUMNS``.
    t1_ms, t_all_ms, t_all_reachable_ms : int or None
        From the order; a place never served counts as the horizon. None where there is no (reachable) place; ``t1_ms``
        also where no place is ever served.
    """

    places: pd.DataFrame
    objective: pd.DataFrame
    served: pd.DataFrame
    t1_ms: int | None
    t_all_ms: int | None
    t_all_reachable_ms: int | None

    def levels(self) -> tuple[float, ...]:
        """Values of the five levels."""
        return tuple(float(value) for value in self.objective["value"])


def measure(plan: Plan, scenario: Scenario, roads: Travel | None = None) -> Measures:
    """Recompute what a plan is worth from its trips, stops, loads and paths.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario
    roads : Travel, optional
        Roads that decide which places are reachable; those of the forecast by default.
    """
    places = _place_table(plan, scenario, reachable_places(scenario, roads))
    first = places[places["first_batch_needed"]]
    since = _since_order(first["first_batch_complete_ms"], scenario)
    reached = first["reachable"].to_numpy()
    rest = places[places["rest_needed"]]
    values = (
        float(first.loc[first["on_time"], "people"].sum()),
        float(since[reached].max()) if reached.any() else 0.0,
        float((first["weight"].to_numpy() * since).sum()),
        float((rest["weight"].to_numpy() * _since_order(rest["rest_complete_ms"], scenario)).sum()),
        _vehicle_km(plan),
    )
    served = (first["first_batch_complete_ms"] >= 0).to_numpy()
    return Measures(
        places=places,
        objective=_objective_table(values),
        served=_served_table(plan, scenario, first),
        t1_ms=int(since[served].min()) if served.any() else None,
        t_all_ms=int(since.max()) if len(since) else None,
        t_all_reachable_ms=int(since[reached].max()) if reached.any() else None,
    )


def reachable_places(scenario: Scenario, roads: Travel | None = None) -> dict[str, bool]:
    """Whether some vehicle class of the fleet has an open path from some depot to all of a place's delivery points.

    A vehicle sets out at the order and arrives by the deadline, with stock, docks, call-up and fleet left aside.

    Parameters
    ----------
    scenario : Scenario
    roads : Travel, optional
        The night's roads; those of the forecast by default.

    Returns
    -------
    dict of place to bool
        For every place with first-batch needs.
    """
    if roads is None:
        roads = travel(scenario, scenario.disruption.forecast())
    best = np.full(len(roads.sites), np.iinfo(np.int64).max, dtype=np.int64)
    for vehicle_class in dict.fromkeys(scenario.county.table("vehicles")["class"]):
        for depot in scenario.county.table("depots")["depot"]:
            if depot in roads.index and vehicle_class in roads.timed:
                np.minimum(best, arrivals(roads, vehicle_class, depot, scenario.order_ms), out=best)
    needs = scenario.needs[(scenario.needs["part"] == "first_batch") & (scenario.needs["quantity"] > 0)]
    result: dict[str, bool] = {}
    for place, site in zip(needs["place"], needs["site"], strict=True):
        open_road = site in roads.index and bool(best[roads.index[site]] <= scenario.due_ms)
        result[place] = result.get(place, True) and open_road
    return result


def need_times(plan: Plan, scenario: Scenario) -> dict[str, list[tuple[int, int]]]:
    """Deliveries of each need as (time unloaded, quantity), earliest first; loads without a stop count for nothing."""
    unloaded = {
        (trip, int(stop)): int(end)
        for trip, stop, end in zip(plan.stops["trip"], plan.stops["stop"], plan.stops["unload_end_ms"], strict=True)
    }
    known = set(scenario.needs["need"])
    result: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in plan.loads.itertuples(index=False):
        end = unloaded.get((row.trip, int(row.stop)))
        if end is not None and row.need in known:
            result[row.need].append((end, int(row.quantity)))
    for row in plan.sorties.itertuples(index=False):
        if row.purpose == "supply" and row.item and row.need in known:
            result[row.need].append((int(row.done_ms), int(row.quantity)))
    for deliveries in result.values():
        deliveries.sort()
    return dict(result)


def _complete_at(quantity: int, deliveries: Iterable[tuple[int, int]]) -> int:
    """Time at which a need is met in full, -1 if never."""
    total = 0
    for time, delivered in deliveries:
        total += delivered
        if total >= quantity:
            return time
    return -1


def _place_table(plan: Plan, scenario: Scenario, reachable: Mapping[str, bool]) -> pd.DataFrame:
    needs = scenario.needs[scenario.needs["quantity"] > 0]
    times = need_times(plan, scenario)
    reports: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
    complete: dict[tuple[str, str], list[int]] = defaultdict(list)
    shares: dict[str, list[float]] = defaultdict(list)
    first: dict[str, int] = {}
    for row in needs.itertuples(index=False):
        reports[row.place][row.report] = (float(row.people), float(row.weight))
        deliveries = times.get(row.need, [])
        complete[row.place, row.part].append(_complete_at(int(row.quantity), deliveries))
        if row.part == "first_batch":
            shares[row.place].append(min(1.0, sum(q for _, q in deliveries) / int(row.quantity)))
        if deliveries:
            first[row.place] = min(first.get(row.place, deliveries[0][0]), deliveries[0][0])
    rows = []
    for place, by_report in reports.items():
        first_batch = complete.get((place, "first_batch"), [])
        rest = complete.get((place, "rest"), [])
        done = _last(first_batch)
        rows.append({
            "place": place,
            "people": sum(people for people, _ in by_report.values()),
            "weight": sum(weight for _, weight in by_report.values()),
            "reachable": reachable.get(place, False),
            "first_unloaded_ms": first.get(place, -1),
            "first_batch_needed": bool(first_batch),
            "first_batch_complete_ms": done,
            "on_time": 0 <= done <= scenario.due_ms,
            "first_batch_share": float(np.mean(shares[place])) if first_batch else 1.0,
            "rest_needed": bool(rest),
            "rest_complete_ms": _last(rest),
        })  # fmt: skip
    return pd.DataFrame({
        name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in PLACE_MEASURE_COLUMNS.items()
    })  # fmt: skip


def _last(times: list[int]) -> int:
    """Latest of several completions, -1 if one of them never comes or there is none."""
    return -1 if min(times, default=-1) < 0 else max(times)


def _since_order(times: pd.Series, scenario: Scenario) -> np.ndarray:
    """Durations from the order; the horizon for what never comes."""
    values = times.to_numpy(dtype=np.int64)
    return np.where(values >= 0, values - scenario.order_ms, scenario.horizon_ms)


def _vehicle_km(plan: Plan) -> float:
    """Kilometres driven: every path of every trip and stop."""
    length = dict(zip(plan.paths["path"], plan.paths["length_m"], strict=True))
    used = [*plan.trips["to_depot_path"], *plan.stops["path"], *plan.trips["return_path"]]
    return float(sum(float(length[path]) for path in used if path in length)) / 1000.0


def _objective_table(values: tuple[float, ...]) -> pd.DataFrame:
    rows = [
        (level, name, sense, value, np.nan, np.nan, "feasible")
        for level, ((name, sense), value) in enumerate(zip(LEVELS, values, strict=True), start=1)
    ]
    columns = zip(*rows, strict=True)
    return pd.DataFrame({
        name: pd.Series(list(column), dtype=kind)
        for (name, kind), column in zip(OBJECTIVE_COLUMNS.items(), columns, strict=True)
    })  # fmt: skip


def _served_table(plan: Plan, scenario: Scenario, first: pd.DataFrame) -> pd.DataFrame:
    """Shares by time; ``first`` are the places that are asked a first batch."""
    people = dict(zip(first["place"], first["people"], strict=True))
    reachable = dict(zip(first["place"], first["reachable"], strict=True))
    total = {False: sum(people.values()), True: sum(p for place, p in people.items() if reachable[place])}
    needs = scenario.needs[(scenario.needs["part"] == "first_batch") & (scenario.needs["quantity"] > 0)]
    count = needs.groupby("place")["need"].count().to_dict()
    steps: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    steps[0] = [0.0, 0.0, 0.0, 0.0]
    times = need_times(plan, scenario)
    for row in needs.itertuples(index=False):
        left = int(row.quantity)
        for time, quantity in times.get(row.need, []):
            gain = min(left, quantity) / int(row.quantity) * people[row.place] / count[row.place]
            left -= min(left, quantity)
            steps[time - scenario.order_ms][2] += gain
            steps[time - scenario.order_ms][3] += gain if reachable[row.place] else 0.0
    for place, done in zip(first["place"], first["first_batch_complete_ms"], strict=True):
        if done >= 0:
            steps[done - scenario.order_ms][0] += people[place]
            steps[done - scenario.order_ms][1] += people[place] if reachable[place] else 0.0
    moments = sorted(steps)
    cumulated = np.cumsum(np.array([steps[t] for t in moments]), axis=0)
    of = np.array([total[False], total[True], total[False], total[True]])
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(of > 0, np.minimum(cumulated / of, 1.0), np.nan)
    table = pd.DataFrame(share, columns=list(SERVED_COLUMNS)[1:])
    table.insert(0, "time_ms", np.array(moments, dtype=np.int64))
    return table
