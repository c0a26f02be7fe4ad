"""From deliveries to places served: when each need and each place's first batch is complete, and what share by when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.scenario import Scenario

__all__ = ["GRID_MS", "Demand", "Served", "read_demand", "serve", "share_curves"]

GRID_MS = 15 * MINUTE_MS
"""Step of the curves of need served over time."""


@dataclass(frozen=True, eq=False)
class Demand:
    """First-batch needs and the places that have them, in the order in which places first occur.

    ``need`` (n,) with ``quantity`` and ``of_place`` (position in ``place``); ``people`` (p,): of all the place's
    reports; ``count`` (p,): its first-batch needs.
    """

    need: tuple[str, ...]
    quantity: NDArray[np.float64]
    of_place: NDArray[np.int64]
    place: tuple[str, ...]
    people: NDArray[np.float64]
    count: NDArray[np.int64]

    @property
    def weight(self) -> NDArray[np.float64]:
        """People whom a need stands for: those of its place, shared evenly by the place's needs."""
        return np.asarray(self.people[self.of_place] / self.count[self.of_place])


def read_demand(scenario: Scenario) -> Demand:
    """First-batch needs of a scenario."""
    asked = scenario.needs[scenario.needs["quantity"] > 0]
    first = asked[asked["part"] == "first_batch"]
    places = tuple(dict.fromkeys(first["place"]))
    index = {place: k for k, place in enumerate(places)}
    people = np.zeros(len(places))
    for row in asked.drop_duplicates(["place", "report"], keep="last").itertuples(index=False):
        if row.place in index:
            people[index[row.place]] += row.people
    of_place = np.array([index[place] for place in first["place"]], dtype=np.int64)
    return Demand(
        need=tuple(first["need"]),
        quantity=first["quantity"].to_numpy(dtype=np.float64),
        of_place=of_place,
        place=places,
        people=people,
        count=np.bincount(of_place, minlength=len(places)),
    )


@dataclass(frozen=True, eq=False)
class Served:
    """Deliveries of first-batch needs in a log of r replications.

    Attributes
    ----------
    night, need : int64 arrays (d,)
        Position of the replication, and of the need in ``Demand``, of each delivery, in the order of time.
    time_ms : int64 array (d,)
    gain : float64 array (d,)
        Share of the need that the delivery adds, up to 1 in all.
    complete_ms : int64 array (r, p)
        When each place's first batch is complete, -1 if never.
    completed_by : int64 array (r, p)
        Position in the log of the delivery that completed it, -1 if none.
    """

    night: NDArray[np.int64]
    need: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    gain: NDArray[np.float64]
    complete_ms: NDArray[np.int64]
    completed_by: NDArray[np.int64]


def serve(
    log: pd.DataFrame, time_ms: NDArray[np.int64], night: NDArray[np.int64], nights: int, demand: Demand
) -> Served:
    """Follow the deliveries of a log; ``night`` is the position of each row's replication."""
    rows = np.flatnonzero(log["event"].to_numpy(dtype=object) == "delivered")
    need = pd.Index(demand.need, dtype=object).get_indexer(log["detail"].to_numpy(dtype=object)[rows])
    rows, need = rows[need >= 0], need[need >= 0].astype(np.int64)
    quantity = log["quantity"].to_numpy()[rows]
    key = night[rows] * max(len(demand.need), 1) + need
    order = np.argsort(key, kind="stable")
    key, rows, need, quantity = key[order], rows[order], need[order], quantity[order]
    total = np.cumsum(quantity)
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.empty(0, dtype=np.int64)
    before = np.repeat(total[starts] - quantity[starts], np.diff(np.r_[starts, len(key)]))
    running = total - before
    wanted = demand.quantity[need]
    gain = (np.minimum(running, wanted) - np.minimum(running - quantity, wanted)) / wanted
    finishing = (running >= wanted) & (running - quantity < wanted)
    done = np.full((nights, len(demand.need)), -1, dtype=np.int64)
    by = np.full((nights, len(demand.need)), -1, dtype=np.int64)
    at = (night[rows[finishing]], need[finishing])
    done[at] = time_ms[rows[finishing]]
    by[at] = rows[finishing]
    complete = np.full((nights, len(demand.place)), -1, dtype=np.int64)
    completed_by = np.full((nights, len(demand.place)), -1, dtype=np.int64)
    for place in range(len(demand.place)):
        needs = np.flatnonzero(demand.of_place == place)
        every = (done[:, needs] >= 0).all(axis=1) if nights else np.empty(0, dtype=bool)
        last = needs[np.argmax(by[:, needs], axis=1)] if nights else np.empty(0, dtype=np.int64)
        complete[every, place] = done[:, needs].max(axis=1)[every] if nights else 0
        completed_by[every, place] = by[np.arange(nights), last][every]
    by_time = np.argsort(rows, kind="stable")
    return Served(night[rows][by_time], need[by_time], time_ms[rows][by_time], gain[by_time], complete, completed_by)


def share_curves(
    served: Served, demand: Demand, order_ms: NDArray[np.int64], reachable: NDArray[np.bool_], horizon_ms: int
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.float64]]]:
    """Shares served by each quarter of an hour since the order.

    Returns
    -------
    grid_ms : int64 array (g,)
        0, 15 min … up to the horizon.
    shares : dict of float64 arrays (r, g)
        ``need_share`` (each place's mean over its needs, weighted by people), ``people_share`` (people whose place is
        complete), and both over reachable places (``…_reachable``; NaN on nights without any).
    """
    grid = np.arange(0, horizon_ms + GRID_MS, GRID_MS, dtype=np.int64)
    nights = len(order_ms)
    shares: dict[str, NDArray[np.float64]] = {}
    place = demand.of_place[served.need]
    column = -(-(served.time_ms - order_ms[served.night]) // GRID_MS)
    night_of, place_of = np.nonzero(served.complete_ms >= 0)
    complete_column = -(-(served.complete_ms[night_of, place_of] - order_ms[night_of]) // GRID_MS)
    for name, of_night in (("", np.ones_like(reachable)), ("_reachable", reachable)):
        people = of_night * demand.people
        whole = people.sum(axis=1)
        need = np.zeros((nights, len(grid) + 1))
        here = of_night[served.night, place]
        np.add.at(need, (served.night, np.clip(column, 0, len(grid))), served.gain * demand.weight[served.need] * here)
        done = np.zeros((nights, len(grid) + 1))
        np.add.at(done, (night_of, np.clip(complete_column, 0, len(grid))), people[night_of, place_of])
        for measure, table in (("need_share", need), ("people_share", done)):
            sums = np.cumsum(table[:, :-1], axis=1)
            with np.errstate(invalid="ignore", divide="ignore"):
                share = np.where(whole[:, None] > 0, np.minimum(sums / whole[:, None], 1.0), np.nan)
            shares[measure + name] = share
    return grid, shares
