"""Service over a number of nights: by place, township and item at 6, 10, 12 and 24 hours, and how evenly (S-12)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.scenario import Scenario
from dispatch.simulation.indicators import Indicators
from dispatch.simulation.served import Demand, read_demand
from dispatch.simulation.service import SERVICE_HOURS, read_townships

__all__ = ["fairness", "gini", "item_service", "place_service", "township_service"]


def gini(share: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gini coefficient of shares over places weighted by people, one per row; 0 where nobody has anything.

    Half the mean absolute difference between two people drawn at random, over the mean.

    Parameters
    ----------
    share : float64 array (r, p)
    weight : float64 array (p,)
    """
    whole = weight.sum()
    if whole <= 0 or not share.size:
        return np.zeros(len(share))
    mean = share @ weight / whole
    order = np.argsort(share, axis=1, kind="stable")
    x, w = np.take_along_axis(share, order, axis=1), weight[order]
    below = np.cumsum(w, axis=1) - w / 2  # people ahead in the order, and half of one's own
    weighted = (w * x * (2 * below - whole)).sum(axis=1) / whole**2
    coefficient = np.zeros(len(share))
    np.divide(weighted, mean, out=coefficient, where=mean > 0)
    return coefficient


def _place_shares(found: Indicators, demand: Demand) -> NDArray[np.float64]:
    """Each place's mean over its needs; (r, p, h)."""
    nights, _, hours = found.need_share.shape
    shares = np.zeros((nights, len(demand.place), hours))
    for need, place in enumerate(demand.of_place.tolist()):
        shares[:, place] += found.need_share[:, need]
    return np.asarray(shares / np.maximum(demand.count, 1)[None, :, None])


def place_service(found: Indicators, scenario: Scenario) -> pd.DataFrame:
    """Mean share of its first batch that each place has by each hour: ``place, share_6 …``."""
    demand = read_demand(scenario)
    shares = _mean(_place_shares(found, demand))
    return pd.DataFrame({"place": pd.Series(list(demand.place), dtype="str"), **_by_hour("share", shares)})


def township_service(found: Indicators, scenario: Scenario) -> pd.DataFrame:
    """Townships over all nights.

    Returns
    -------
    DataFrame
        ``township, name, places, people``; ``p_in_time``: share of nights with every place complete by the deadline;
        ``complete_p50_ms``, ``complete_p95_ms``: its last place (never = the horizon); ``seat_p50_ms``,
        ``seat_p95_ms``, ``p_seat``: when, and in what share of nights, a load reaches the seat (-1 if never);
        ``share_6 …``.
    """
    demand = read_demand(scenario)
    of = read_townships(scenario, demand)
    names = dict(zip(scenario.county.table("places")["place"], scenario.county.table("places")["name"], strict=True))
    shares = _place_shares(found, demand)
    nights = len(found.nights)
    complete = found.places["complete_ms"].to_numpy(dtype=np.int64).reshape(nights, len(demand.place))
    in_time = (complete >= 0) & (complete <= scenario.deadline_ms)
    last = np.where(complete >= 0, complete, scenario.horizon_ms)
    rows = []
    for k, township in enumerate(of.township):
        places = np.flatnonzero(of.of_place == k)
        weight = demand.people[places]
        whole = weight.sum()
        seat = found.seat_ms[:, k]
        reached = seat >= 0
        of_township = _mean(shares[:, places] * weight[None, :, None]).sum(axis=0) / (whole if whole > 0 else math.nan)
        rows.append((
            township, names.get(township, township), len(places), whole,
            float(in_time[:, places].all(axis=1).mean()) if nights else math.nan,
            *_order_statistics(last[:, places].max(axis=1)),
            *_order_statistics(seat[reached]), float(reached.mean()) if nights else math.nan, *of_township.tolist(),
        ))  # fmt: skip
    columns = ["township", "name", "places", "people", "p_in_time", "complete_p50_ms", "complete_p95_ms",
               "seat_p50_ms", "seat_p95_ms", "p_seat", *(f"share_{hour}" for hour in SERVICE_HOURS)]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def item_service(found: Indicators, scenario: Scenario) -> pd.DataFrame:
    """Items asked for or issued, over all nights.

    Returns
    -------
    DataFrame
        ``item, name``; ``share_6 …``: share of the people asking for it (each need its place's people) who have it;
        means per night: ``issued, delivered, unmet, short, expired``; ``p_stock_out``: share of nights with a gap.
    """
    demand = read_demand(scenario)
    first = scenario.needs[(scenario.needs["part"] == "first_batch") & (scenario.needs["quantity"] > 0)]
    of_item = first["item"].to_numpy(dtype=object)
    weight = demand.people[demand.of_place]
    shares = _mean(found.need_share)
    items = scenario.county.table("items")
    names = dict(zip(items["item"], items["name"], strict=True))
    rows = []
    for item, table in found.stock.groupby("item", sort=True):
        asked = np.flatnonzero(of_item == item)
        if not len(asked) and not table[["issued", "unmet"]].to_numpy().any():
            continue
        whole = weight[asked].sum()
        by_hour = (
            (shares[asked] * weight[asked, None]).sum(axis=0) / whole if whole > 0 else [math.nan] * len(SERVICE_HOURS)
        )
        means = [float(table[name].mean()) for name in ("issued", "delivered", "unmet", "short", "expired")]
        rows.append((item, names.get(item, item), *by_hour, *means, float((table["stock_outs"] > 0).mean())))
    columns = ["item", "name", *(f"share_{hour}" for hour in SERVICE_HOURS), "issued", "delivered", "unmet", "short",
               "expired", "p_stock_out"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def fairness(found: Indicators, scenario: Scenario) -> pd.DataFrame:
    """How evenly people are served by each hour.

    Returns
    -------
    DataFrame
        ``hour``; means per night: ``share`` of first-batch need, ``gini``, ``worst_share`` (of the worst place);
        ``worst_place``: the one that is (among) the worst in most nights, and ``p_worst`` of them.
    """
    demand = read_demand(scenario)
    shares = _place_shares(found, demand)
    rows = []
    for k, hour in enumerate(SERVICE_HOURS):
        at = shares[:, :, k]
        if not at.size:
            rows.append((hour, math.nan, math.nan, math.nan, "", math.nan))
            continue
        worst = at == at.min(axis=1, keepdims=True)
        often = worst.mean(axis=0)
        whole = demand.people.sum()
        rows.append((
            hour, float((at @ demand.people).mean() / whole) if whole > 0 else math.nan,
            float(gini(at, demand.people).mean()), float(at.min(axis=1).mean()),
            demand.place[int(np.argmax(often))], float(often.max()),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=["hour", "share", "gini", "worst_share", "worst_place", "p_worst"])


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over the first axis; NaN without nights."""
    return values.mean(axis=0) if len(values) else np.full(values.shape[1:], math.nan)


def _by_hour(prefix: str, values: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    return {f"{prefix}_{hour}": values[:, k] for k, hour in enumerate(SERVICE_HOURS)}


def _order_statistics(times: NDArray[np.int64]) -> list[int]:
    """Median and 95 % order statistic; -1 without any."""
    if not len(times):
        return [-1, -1]
    return [int(q) for q in np.quantile(times, [0.5, 0.95], method="inverted_cdf")]
