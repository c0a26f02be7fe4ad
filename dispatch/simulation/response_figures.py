"""What a log says of a night beside loading and driving: warning, news, orders, trouble, handing out, teams.

Every figure is computed from the log alone. A night whose scenario does not open a section has -1 (or NaN, or 0 for a
count) in its figures.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["RESPONSE_COLUMNS", "response_columns"]

RESPONSE_COLUMNS: dict[str, str] = {
    "before_order_ms": "int64",
    "warning_ms": "int64",
    "push_ms": "int64",
    "dispatch_ms": "int64",
    "response_ms": "int64",
    "warning_share": "float64",
    "push_share": "float64",
    "dispatch_share": "float64",
    "response_share": "float64",
    "deadline_gone_share": "float64",
    "answered_half_ms": "int64",
    "answered_most_ms": "int64",
    "answered_all_ms": "int64",
    "answered_on_target": "float64",
    "households_half_ms": "int64",
    "households_most_ms": "int64",
    "households_all_ms": "int64",
    "silent_places": "int64",
    "news_ms": "int64",
    "orders": "int64",
    "news_to_orders_ms": "int64",
    "deciding_ms": "int64",
    "breakdowns": "int64",
    "vehicles_lost": "int64",
    "handed_out_ms": "int64",
    "carried_in": "int64",
    "roads_cleared": "int64",
}
"""Per night. ``before_order_ms``: detection to the receipt of the order, which are no part of the six hours.

The four stages 预警 推送 调度 响应: ``warning_ms`` detection to the warning; ``push_ms`` the warning to the last
responsible person up; ``dispatch_ms`` the warning to the order; ``response_ms`` the order to the last first batch (the
end of the log if one is missing); their shares are of detection to that end (push runs beside dispatch: they may
add up to more than 1). ``deadline_gone_share``: share of the deadline gone before the first loaded wheel turns.

``answered_…``: the warning to half, nine tenths, all of the responsible persons up; ``answered_on_target``: share of
them within the target (5 min unless the scenario says otherwise); ``households_…``: the warning to the same shares of
households warned. ``silent_places``: places whose report found no telephone; ``news_ms``: mean time from a closure's
report to headquarters' knowing; ``orders``: new orders given; ``news_to_orders_ms``: mean time from the news that led
to them; ``deciding_ms``: commanders' time. ``handed_out_ms``: the order to the last household; ``carried_in``: loads
carried past a road cut; ``roads_cleared``: closures that teams ended."""


def response_columns(
    log: pd.DataFrame,
    event: NDArray[np.object_],
    night: NDArray[np.int64],
    time_ms: NDArray[np.int64],
    order_ms: NDArray[np.int64],
    t_all_ms: NDArray[np.int64],
    first_wheel_ms: NDArray[np.int64],
    deadline_ms: int,
    target_ms: int,
) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
    """Columns of ``RESPONSE_COLUMNS``.

    Parameters
    ----------
    log : DataFrame
    event, night, time_ms : arrays (n,)
        Event name, position of the replication and time of each row.
    order_ms, t_all_ms, first_wheel_ms : int64 arrays (r,)
    deadline_ms, target_ms : int
    """
    count = len(order_ms)
    columns: dict[str, NDArray[np.float64] | NDArray[np.int64]] = {
        name: np.full(count, -1, dtype=np.int64) if kind == "int64" else np.full(count, np.nan)
        for name, kind in RESPONSE_COLUMNS.items()
    }

    def tally(name: str) -> NDArray[np.int64]:
        return np.bincount(night[event == name], minlength=count).astype(np.int64)

    for column, of in (("silent_places", "place_silent"), ("orders", "orders_given"), ("breakdowns", "breakdown"),
                     ("vehicles_lost", "vehicle_lost"), ("carried_in", "carried_in"),
                     ("roads_cleared", "road_cleared")):  # fmt: skip
        columns[column] = tally(of)
    gone = np.where(first_wheel_ms >= 0, first_wheel_ms / deadline_ms, np.nan)
    columns["deadline_gone_share"] = gone
    _delays(columns, log, event, night, time_ms, count)
    last = _last(event == "handed_out", night, time_ms, count)
    columns["handed_out_ms"] = np.where(last >= 0, last - order_ms, -1)
    warned_rows = np.flatnonzero(event == "warning_issued")
    if not len(warned_rows):
        return columns
    detected, warned = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    rows = np.flatnonzero(event == "hazard_detected")
    detected[night[rows]] = time_ms[rows]
    warned[night[warned_rows]] = time_ms[warned_rows]
    answers = np.flatnonzero(event == "call_answered")
    for k in range(count):
        since = np.sort(time_ms[answers[night[answers] == k]] - warned[k])
        if len(since):
            for name, share in (("half", 0.5), ("most", 0.9), ("all", 1.0)):
                columns[f"answered_{name}_ms"][k] = since[int(np.ceil(share * len(since))) - 1]
            columns["answered_on_target"][k] = np.mean(since <= target_ms)
    place, detail = log["place"].to_numpy(dtype=object), log["detail"].to_numpy(dtype=object)
    whole = np.flatnonzero((event == "households_warned") & (place == ""))
    for name, words in (("half", "50%"), ("most", "90%"), ("all", "100%")):
        at = whole[detail[whole] == words]
        columns[f"households_{name}_ms"][night[at]] = time_ms[at] - warned[night[at]]
    whole_ms = order_ms + t_all_ms - detected
    stages = {"warning": warned - detected, "push": columns["answered_all_ms"], "dispatch": order_ms - warned,
              "response": t_all_ms}  # fmt: skip
    for name, length in stages.items():
        columns[f"{name}_ms"] = np.asarray(length, dtype=np.int64)
        columns[f"{name}_share"] = np.where(length >= 0, length / np.maximum(whole_ms, 1), np.nan)
    columns["before_order_ms"] = order_ms - detected
    return columns


def _delays(
    columns: dict[str, NDArray[np.float64] | NDArray[np.int64]],
    log: pd.DataFrame,
    event: NDArray[np.object_],
    night: NDArray[np.int64],
    time_ms: NDArray[np.int64],
    count: int,
) -> None:
    """Times from a report to its arrival, from news to orders, and of deciding."""
    first = np.searchsorted(night, np.arange(count)) if count else np.empty(0, dtype=np.int64)
    cause = log["cause"].to_numpy(dtype=np.int64)

    def before(rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(first[night[rows]] + cause[rows])

    def mean(rows: NDArray[np.int64], length: NDArray[np.int64]) -> NDArray[np.int64]:
        number = np.bincount(night[rows], minlength=count)
        total = np.bincount(night[rows], weights=length, minlength=count)
        rounded: NDArray[np.int64] = np.where(number > 0, np.rint(total / np.maximum(number, 1)), -1).astype(np.int64)
        return rounded

    news = np.flatnonzero((event == "news_received") & (cause >= 0))
    columns["news_ms"] = mean(news, time_ms[news] - time_ms[before(news)])
    orders = np.flatnonzero((event == "orders_given") & (cause >= 0))
    led = before(orders)
    decided = event[led] == "decision_starts"
    deciding = np.where(decided, time_ms[orders] - time_ms[led], 0)
    columns["deciding_ms"] = np.bincount(night[orders], weights=deciding, minlength=count).astype(np.int64)
    to_news = np.where(decided & (cause[led] >= 0), first[night[orders]] + cause[led], led)
    on_news = event[to_news] != "order_received"
    columns["news_to_orders_ms"] = mean(orders[on_news], (time_ms[orders] - time_ms[to_news])[on_news])


def _last(
    mask: NDArray[np.bool_], night: NDArray[np.int64], time_ms: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Last time of these events on each night, -1 if there is none."""
    last = np.full(count, -1, dtype=np.int64)
    rows = np.flatnonzero(mask)
    np.maximum.at(last, night[rows], time_ms[rows])
    return last
