"""What the log says of depots and of stock: docks in use, waits before them, issues, gaps, expired units."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import offset_ms
from dispatch.scenario import Scenario
from models.traversal import NEVER

__all__ = ["DEPOT_NIGHT_COLUMNS", "STOCK_NIGHT_COLUMNS", "depot_table", "stock_table"]

DEPOT_NIGHT_COLUMNS: dict[str, str] = {
    "replication": "int64",
    "depot": "str",
    "docks": "int64",
    "trucks": "int64",
    "loading_ms": "int64",
    "waits": "int64",
    "wait_ms": "int64",
    "longest_wait_ms": "int64",
    "longest_line": "int64",
}
"""One row per replication and depot that loads. ``loading_ms``: dock time within the deadline's span, of all docks;
``waits``: trucks that waited for a dock; ``longest_line``: most of them at once."""

STOCK_NIGHT_COLUMNS: dict[str, str] = {
    "replication": "int64",
    "item": "str",
    "issued": "float64",
    "delivered": "float64",
    "unmet": "float64",
    "stock_outs": "int64",
    "short": "float64",
    "expired": "float64",
}
"""One row per replication and item of the county, in units. ``unmet``: at the end, first batch and rest;
``stock_outs``: times that goods planned were not there, ``short`` of how many units; ``expired``: units issued after
their lot's date of expiry (must be 0)."""


def depot_table(
    log: pd.DataFrame,
    time_ms: NDArray[np.int64],
    night: NDArray[np.int64],
    numbers: NDArray[np.int64],
    order_ms: NDArray[np.int64],
    scenario: Scenario,
) -> pd.DataFrame:
    """Figures by night and depot."""
    event = log["event"].to_numpy(dtype=object)
    rows = np.flatnonzero(np.isin(event, ["dock_wait", "load_start", "load_end"]))
    names = np.asarray(scenario.county.table("depots")["depot"], dtype=object)
    depot = pd.Index(names).get_indexer(log["place"].to_numpy(dtype=object)[rows])
    rows, depot = rows[depot >= 0], depot[depot >= 0].astype(np.int64)
    kind, at, count = event[rows], time_ms[rows], len(names)
    cell = night[rows] * count + depot
    vehicle, _ = pd.factorize(log["actor"].to_numpy(dtype=object)[rows])
    truck = night[rows] * (vehicle.max(initial=0) + 1) + vehicle
    order = np.lexsort((rows, truck))
    kind, at, cell, truck = kind[order], at[order], cell[order], truck[order]
    follows = np.r_[truck[1:] == truck[:-1], False] if len(truck) else np.empty(0, dtype=np.bool_)
    begin = np.flatnonzero((kind == "load_start") & follows)
    due = order_ms[cell[begin] // count] + scenario.deadline_ms
    waits = np.flatnonzero((kind == "dock_wait") & follows)
    wait = at[waits + 1] - at[waits]
    size = len(numbers) * count
    busy = np.maximum(np.minimum(at[begin + 1], due) - at[begin], 0)
    longest = np.zeros(size, dtype=np.int64)
    np.maximum.at(longest, cell[waits], wait)
    trucks = np.bincount(cell[begin], minlength=size)
    used = np.flatnonzero(np.bincount(cell, minlength=size))
    docks = scenario.county.table("depots")["docks"].to_numpy(dtype=np.float64)
    columns = {
        "replication": numbers[used // count],
        "depot": names[used % count],
        "docks": np.nan_to_num(docks)[used % count],
        "trucks": trucks[used],
        "loading_ms": _sums(cell[begin], busy, size)[used],
        "waits": np.bincount(cell[waits], minlength=size)[used],
        "wait_ms": _sums(cell[waits], wait, size)[used],
        "longest_wait_ms": longest[used],
        "longest_line": _longest_line(cell[waits], at[waits], at[waits + 1], size)[used],
    }
    return pd.DataFrame({name: pd.Series(columns[name]).astype(of) for name, of in DEPOT_NIGHT_COLUMNS.items()})


def _sums(cell: NDArray[np.int64], value: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, cell, value)
    return total


def _longest_line(
    cell: NDArray[np.int64], start: NDArray[np.int64], end: NDArray[np.int64], size: int
) -> NDArray[np.int64]:
    """Most intervals [start, end) of a cell that overlap."""
    most = np.zeros(size, dtype=np.int64)
    where = np.r_[cell, cell]
    change = np.r_[np.ones(len(cell), dtype=np.int64), -np.ones(len(cell), dtype=np.int64)]
    order = np.lexsort((change, np.r_[start, end], where))
    where, line = where[order], np.cumsum(change[order])  # every cell's changes add up to nothing
    np.maximum.at(most, where, line)
    return most


def stock_table(
    log: pd.DataFrame, time_ms: NDArray[np.int64], night: NDArray[np.int64], numbers: NDArray[np.int64],
    scenario: Scenario,
) -> pd.DataFrame:  # fmt: skip
    """Figures by night and item."""
    event = log["event"].to_numpy(dtype=object)
    rows = np.flatnonzero(np.isin(event, ["stock_issued", "delivered", "need_unmet", "stock_short"]))
    kind = event[rows]
    items = np.asarray(scenario.county.table("items")["item"], dtype=object)
    count = max(len(items), 1)
    quantity = np.nan_to_num(log["quantity"].to_numpy(dtype=np.float64)[rows])
    number = pd.Index(items).get_indexer(log["item"].to_numpy(dtype=object)[rows])
    rows, kind, quantity, number = (values[number >= 0] for values in (rows, kind, quantity, number))
    cell = night[rows] * count + number
    size = len(numbers) * len(items)

    def units(name: str) -> NDArray[np.float64]:
        of = kind == name
        return np.bincount(cell[of], weights=quantity[of], minlength=size).astype(np.float64)

    expired = _expired(log, time_ms, rows, kind, scenario)
    columns = {
        "replication": np.repeat(numbers, len(items)),
        "item": np.tile(items, len(numbers)),
        "issued": units("stock_issued"),
        "delivered": units("delivered"),
        "unmet": units("need_unmet"),
        "stock_outs": np.bincount(cell[kind == "stock_short"], minlength=size),
        "short": units("stock_short"),
        "expired": np.bincount(cell[expired], weights=quantity[expired], minlength=size),
    }
    return pd.DataFrame({name: pd.Series(columns[name]).astype(of) for name, of in STOCK_NIGHT_COLUMNS.items()})


def _expired(
    log: pd.DataFrame,
    time_ms: NDArray[np.int64],
    rows: NDArray[np.int64],
    kind: NDArray[np.object_],
    scenario: Scenario,
) -> NDArray[np.bool_]:
    """Issues after the last day of their lot; a lot is good until the end of its date of expiry."""
    stock = scenario.county.table("stock")
    late = np.zeros(len(rows), dtype=np.bool_)
    over: dict[tuple[str, str, str], int] = {}
    for depot, item, lot, day in zip(stock["depot"], stock["item"], stock["lot"], stock["expiry"], strict=True):
        if day:
            midnight = datetime.combine(date.fromisoformat(day), time(0), scenario.reference_time.tzinfo)
            over[depot, item, lot] = offset_ms(scenario.reference_time, midnight + timedelta(days=1))
    if not over:
        return late
    depots, items, lots = (log[name].to_numpy(dtype=object) for name in ("place", "item", "lot"))
    for k in np.flatnonzero(kind == "stock_issued").tolist():
        row = rows[k]
        late[k] = time_ms[row] >= over.get((depots[row], items[row], lots[row]), NEVER)
    return late
