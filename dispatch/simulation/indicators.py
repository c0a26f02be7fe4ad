"""What an event log says, night by night: every figure computed from the log, the needs and the deadline alone.

The six hours run from ``order_received`` to the delivery that completes a place's first batch. A place counts as
reachable unless the log says ``cut_off``. A place never served counts as the horizon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS, SECOND_MS
from dispatch.scenario import Scenario
from dispatch.simulation.response_figures import RESPONSE_COLUMNS, response_columns
from dispatch.simulation.served import Demand, Served, read_demand, serve, share_curves
from dispatch.simulation.service import need_shares, read_townships, seat_times
from dispatch.simulation.spans import PRODUCTIVE, SPAN_STEPS, WAITING, Spans, vehicle_spans
from dispatch.simulation.stock_use import depot_table, stock_table

__all__ = [
    "NIGHT_COLUMNS",
    "PLACE_NIGHT_COLUMNS",
    "SERVED_COLUMNS",
    "VEHICLE_NIGHT_COLUMNS",
    "Indicators",
    "combine",
    "indicators",
]

NIGHT_COLUMNS: dict[str, str] = {
    "replication": "int64",
    "t1_ms": "int64",
    "t_all_ms": "int64",
    "t_all_places_ms": "int64",
    "on_time": "bool",
    "on_time_places": "bool",
    "places": "int64",
    "places_reachable": "int64",
    "places_complete": "int64",
    "places_in_time": "int64",
    "people_share_in_time": "float64",
    "need_share_in_time": "float64",
    "first_wheel_ms": "int64",
    "closures_met": "int64",
    "turned_round": "int64",
    "rerouted": "int64",
    "stranded": "int64",
    "undelivered": "float64",
    "trips_done": "int64",
    "km": "float64",
    **RESPONSE_COLUMNS,
}
"""One row per replication; times from the order, -1 = never. ``t_all_ms``, ``on_time``: over reachable places
(``on_time`` is False on a night without any); ``t_all_places_ms``, ``on_time_places``: over all; ``…_in_time``: by the
deadline, of all places; ``first_wheel_ms``: the first loaded departure; ``stranded``: vehicles; ``undelivered``: units
stranded or under way at the end."""

PLACE_NIGHT_COLUMNS: dict[str, str] = {
    "replication": "int64",
    "place": "str",
    "reachable": "bool",
    "complete_ms": "int64",
    "in_time": "bool",
    "last": "bool",
    "vehicle": "str",
    **{f"{step}_ms": "int64" for step in SPAN_STEPS},
}
"""One row per replication and place with a first batch. ``complete_ms``: from the order, -1 = never; ``last``: the last
of the reachable places; ``vehicle``: the one that completed it; the steps say how that vehicle spent the time from the
order until then (they add up to ``complete_ms``; 0 where never)."""

VEHICLE_NIGHT_COLUMNS: dict[str, str] = {
    "replication": "int64",
    "vehicle": "str",
    "ready_ms": "int64",
    "productive_ms": "int64",
    "waiting_ms": "int64",
    "km": "float64",
    "trips_done": "int64",
    "stranded": "bool",
    **{f"{step}_ms": "int64" for step in SPAN_STEPS},
}
"""One row per replication and vehicle. ``ready_ms``: from the order, -1 = never; ``productive_ms``, ``waiting_ms``:
within the deadline's span; the steps: from the order to the horizon."""

SERVED_COLUMNS: tuple[str, ...] = ("need_share", "need_share_reachable", "people_share", "people_share_reachable")
"""Measures of the curves: share of first-batch need delivered (each place's mean over its needs, weighted by people)
and of people whose place is complete; over all and over reachable places."""


_TEXT = ("event", "actor", "actor_kind", "place", "item", "lot", "detail")
"""Text columns that are looked at."""


@dataclass(frozen=True, eq=False)
class Indicators:
    """Figures of a log, night by night.

    Attributes
    ----------
    nights, places, vehicles : DataFrame
        ``NIGHT_COLUMNS``, ``PLACE_NIGHT_COLUMNS``, ``VEHICLE_NIGHT_COLUMNS``.
    grid_ms : int64 array (g,)
        Times since the order.
    served : dict of float64 arrays (r, g)
        ``SERVED_COLUMNS``; rows as in ``nights``.
    need_share : float64 array (r, n, h)
        Share of each first-batch need delivered by each of ``service.SERVICE_HOURS``.
    seat_ms : int64 array (r, t)
        When the first load reaches each township's seat, from the order, -1 if never.
    depots, stock : DataFrame
        ``DEPOT_NIGHT_COLUMNS``, ``STOCK_NIGHT_COLUMNS``.
    """

    nights: pd.DataFrame
    places: pd.DataFrame
    vehicles: pd.DataFrame
    grid_ms: NDArray[np.int64]
    served: dict[str, NDArray[np.float64]]
    need_share: NDArray[np.float64]
    seat_ms: NDArray[np.int64]
    depots: pd.DataFrame
    stock: pd.DataFrame


def indicators(log: pd.DataFrame, scenario: Scenario) -> Indicators:
    """Compute every figure of a log of one or more replications.

    Parameters
    ----------
    log : DataFrame
        ``LOG_COLUMNS``; each replication in the order of time, with an ``order_received``.
    scenario : Scenario
        For its needs, deadline and horizon.

    Raises
    ------
    ValueError
        If a replication has no ``order_received``.
    """
    log = log.astype(dict.fromkeys(_TEXT, object))  # once, instead of at every look
    time_ms = np.rint(log["time_s"].to_numpy() * SECOND_MS).astype(np.int64)
    replication = log["replication"].to_numpy(dtype=np.int64)
    event = log["event"].to_numpy(dtype=object)
    night, numbers = pd.factorize(replication)
    numbers = np.asarray(numbers, dtype=np.int64)
    night = np.asarray(night, dtype=np.int64)
    received = np.flatnonzero(event == "order_received")
    order_ms = np.full(len(numbers), np.iinfo(np.int64).min, dtype=np.int64)
    order_ms[night[received[::-1]]] = time_ms[received[::-1]]
    if (order_ms == np.iinfo(np.int64).min).any():
        msg = "the log holds a replication without order_received: the six hours have no beginning"
        raise ValueError(msg)
    demand = read_demand(scenario)
    reachable = np.ones((len(numbers), len(demand.place)), dtype=bool)
    cut = np.flatnonzero(event == "cut_off")
    where = pd.Index(demand.place, dtype=object).get_indexer(log["place"].to_numpy(dtype=object)[cut])
    reachable[night[cut][where >= 0], where[where >= 0]] = False
    spans = vehicle_spans(
        log, time_ms, dict(zip(numbers.tolist(), order_ms.tolist(), strict=True)),
        dict(zip(numbers.tolist(), (order_ms + scenario.horizon_ms).tolist(), strict=True)),
    )  # fmt: skip
    served = serve(log, time_ms, night, len(numbers), demand)
    grid, shares = share_curves(served, demand, order_ms, reachable, scenario.horizon_ms)
    places = _place_table(log, numbers, order_ms, demand, served, reachable, spans, scenario)
    vehicles = _vehicle_table(log, event, numbers, order_ms, spans, scenario)
    nights = _night_table(log, event, night, time_ms, numbers, order_ms, demand, served, reachable, scenario)
    return Indicators(
        nights, places, vehicles, grid, shares,
        need_shares(served, order_ms, len(demand.need)),
        seat_times(log, time_ms, night, order_ms, read_townships(scenario, demand)),
        depot_table(log, time_ms, night, numbers, order_ms, scenario),
        stock_table(log, time_ms, night, numbers, scenario),
    )  # fmt: skip


def combine(parts: Sequence[Indicators]) -> Indicators:
    """Put the figures of several logs together, in the order given."""
    return Indicators(
        pd.concat([part.nights for part in parts], ignore_index=True),
        pd.concat([part.places for part in parts], ignore_index=True),
        pd.concat([part.vehicles for part in parts], ignore_index=True),
        parts[0].grid_ms,
        {name: np.concatenate([part.served[name] for part in parts]) for name in SERVED_COLUMNS},
        np.concatenate([part.need_share for part in parts]),
        np.concatenate([part.seat_ms for part in parts]),
        pd.concat([part.depots for part in parts], ignore_index=True),
        pd.concat([part.stock for part in parts], ignore_index=True),
    )


def _since(complete_ms: NDArray[np.int64], order_ms: NDArray[np.int64], never: int) -> NDArray[np.int64]:
    return np.where(complete_ms >= 0, complete_ms - order_ms[:, None], never)


def _place_table(
    log: pd.DataFrame,
    numbers: NDArray[np.int64],
    order_ms: NDArray[np.int64],
    demand: Demand,
    served: Served,
    reachable: NDArray[np.bool_],
    spans: Spans,
    scenario: Scenario,
) -> pd.DataFrame:
    nights, count = served.complete_ms.shape
    since = _since(served.complete_ms, order_ms, -1)
    late = np.where(reachable, _since(served.complete_ms, order_ms, scenario.horizon_ms), -1)
    last = reachable & (late == late.max(axis=1, keepdims=True, initial=-1)) & (late >= 0)
    vehicle = np.full(nights * count, "", dtype=object)
    by = served.completed_by.ravel()
    done = by >= 0
    vehicle[done] = log["actor"].to_numpy(dtype=object)[by[done]]
    steps = np.zeros((nights * count, len(SPAN_STEPS)), dtype=np.int64)
    index = pd.MultiIndex.from_arrays([spans.replication, spans.vehicle])
    rows = np.flatnonzero(done)
    owner = index.get_indexer(pd.MultiIndex.from_arrays([np.repeat(numbers, count)[rows], vehicle[rows]]))
    rows, owner = rows[owner >= 0], owner[owner >= 0]
    begin = np.repeat(order_ms, count)[rows]
    steps[rows] = spans.totals(owner, begin, served.complete_ms.ravel()[rows])
    return pd.DataFrame({
        "replication": np.repeat(numbers, count),
        "place": pd.Series(list(demand.place) * nights, dtype="str"),
        "reachable": reachable.ravel(),
        "complete_ms": since.ravel(),
        "in_time": ((since >= 0) & (since <= scenario.deadline_ms)).ravel(),
        "last": last.ravel(),
        "vehicle": pd.Series(vehicle, dtype="str"),
        **{f"{step}_ms": steps[:, k] for k, step in enumerate(SPAN_STEPS)},
    })  # fmt: skip


def _vehicle_table(
    log: pd.DataFrame,
    event: NDArray[np.object_],
    numbers: NDArray[np.int64],
    order_ms: NDArray[np.int64],
    spans: Spans,
    scenario: Scenario,
) -> pd.DataFrame:
    owners = np.arange(len(spans.vehicle))
    begin = order_ms[pd.Index(numbers).get_indexer(spans.replication)]
    whole = spans.totals(owners, begin, begin + scenario.horizon_ms)
    within = spans.totals(owners, begin, begin + scenario.deadline_ms)
    index = pd.MultiIndex.from_arrays([spans.replication, spans.vehicle])

    replication = log["replication"].to_numpy(dtype=np.int64)
    actor = log["actor"].to_numpy(dtype=object)
    by_vehicle = log["actor_kind"].to_numpy(dtype=object) == "vehicle"

    def count(mask: NDArray[np.bool_], weight: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        rows = np.flatnonzero(mask & by_vehicle)
        owner = index.get_indexer(pd.MultiIndex.from_arrays([replication[rows], actor[rows]]))
        of = None if weight is None else weight[rows][owner >= 0]
        return np.bincount(owner[owner >= 0], weights=of, minlength=len(owners)).astype(np.float64)

    mobilised = spans.end_ms[spans.first[:-1]] if len(owners) else np.empty(0, dtype=np.int64)
    ready = count(event == "vehicle_ready") > 0
    km = np.nan_to_num(log["quantity"].to_numpy(dtype=np.float64))
    driven = np.isin(event, ["arrive", "arrive_depot", "returned", "stranded", "road_end"])
    return pd.DataFrame({
        "replication": spans.replication,
        "vehicle": pd.Series(spans.vehicle, dtype="str"),
        "ready_ms": np.where(ready, mobilised - begin, -1),
        "productive_ms": within[:, [SPAN_STEPS.index(step) for step in PRODUCTIVE]].sum(axis=1),
        "waiting_ms": within[:, [SPAN_STEPS.index(step) for step in WAITING]].sum(axis=1),
        "km": count(driven, km),
        "trips_done": count(event == "trip_done").astype(np.int64),
        "stranded": count(event == "stranded") > 0,
        **{f"{step}_ms": whole[:, k] for k, step in enumerate(SPAN_STEPS)},
    })  # fmt: skip


def _night_table(
    log: pd.DataFrame,
    event: NDArray[np.object_],
    night: NDArray[np.int64],
    time_ms: NDArray[np.int64],
    numbers: NDArray[np.int64],
    order_ms: NDArray[np.int64],
    demand: Demand,
    served: Served,
    reachable: NDArray[np.bool_],
    scenario: Scenario,
) -> pd.DataFrame:
    count = len(numbers)
    horizon, deadline = scenario.horizon_ms, scenario.deadline_ms
    since = _since(served.complete_ms, order_ms, horizon)
    complete = served.complete_ms >= 0
    in_time = complete & (since <= deadline)
    t_all = np.where(reachable, since, -1).max(axis=1, initial=-1)
    on_time = reachable.any(axis=1) & (in_time | ~reachable).all(axis=1)
    t1 = np.where(complete, since, horizon + 1).min(axis=1, initial=horizon + 1)
    people = demand.people.sum()
    whole = people if people > 0 else np.nan
    soon = served.time_ms - order_ms[served.night] <= deadline
    quantity = np.nan_to_num(log["quantity"].to_numpy(dtype=np.float64))

    def tally(*names: str, weight: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        rows = np.flatnonzero(np.isin(event, names))
        of = None if weight is None else weight[rows]
        return np.bincount(night[rows], weights=of, minlength=count).astype(np.float64)

    first = np.full(count, -1, dtype=np.int64)
    departures = np.flatnonzero(event == "depart")[::-1]
    first[night[departures]] = time_ms[departures] - order_ms[night[departures]]
    gained = np.bincount(served.night[soon], weights=(served.gain * demand.weight[served.need])[soon], minlength=count)
    columns = {
        "replication": numbers,
        "t1_ms": np.where(t1 <= horizon, t1, -1),
        "t_all_ms": np.where(t_all >= 0, t_all, horizon),
        "t_all_places_ms": since.max(axis=1, initial=0),
        "on_time": on_time,
        "on_time_places": in_time.all(axis=1) & (len(demand.place) > 0),
        "places": np.full(count, len(demand.place)),
        "places_reachable": reachable.sum(axis=1),
        "places_complete": complete.sum(axis=1),
        "places_in_time": in_time.sum(axis=1),
        "people_share_in_time": (in_time * demand.people).sum(axis=1) / whole,
        "need_share_in_time": np.minimum(gained / whole, 1.0),
        "first_wheel_ms": first,
        "closures_met": tally("closure_met"),
        "turned_round": tally("turn_round"),
        "rerouted": tally("reroute"),
        "stranded": tally("stranded"),
        "undelivered": tally("load_stranded", "load_under_way", weight=quantity),
        "trips_done": tally("trip_done"),
        "km": tally("arrive", "arrive_depot", "returned", "stranded", "road_end", weight=quantity),
    }
    figures = scenario.response.figures
    target_ms = round(figures["warning.target"].mean * MINUTE_MS) if "warning.target" in figures else 0
    columns |= response_columns(log, event, night, time_ms, order_ms, columns["t_all_ms"], first, deadline, target_ms)
    return pd.DataFrame({name: pd.Series(columns[name]).astype(kind) for name, kind in NIGHT_COLUMNS.items()})
