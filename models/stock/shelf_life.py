"""Stock that expires: first expired, first out, replaced to the norm on review days, over years to come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Lots", "ShelfPlan", "plan_shelf"]


@dataclass(frozen=True, eq=False)
class Lots:
    """Lots in stock: ``item``, ``quantity``, ``expiry_day`` (the last valid day; ``inf`` = never)."""

    item: NDArray[np.int64]
    quantity: NDArray[np.float64]
    expiry_day: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ShelfPlan:
    """What happens on the shelf.

    Attributes
    ----------
    valid_share : float64 array (days, k)
        Valid stock over the norm, at most 1, at the end of each day.
    due_90, due_180 : float64 arrays (days, k)
        Units that expire within 90 and 180 days.
    bought, used, expired, short : float64 arrays (days, k)
        ``short`` = wanted but not there; nothing expired is ever used.
    budget : float64 array (years,)
        Cost of what is bought in each year.
    left : Lots
        On the last day.
    """

    valid_share: NDArray[np.float64]
    due_90: NDArray[np.float64]
    due_180: NDArray[np.float64]
    bought: NDArray[np.float64]
    used: NDArray[np.float64]
    expired: NDArray[np.float64]
    short: NDArray[np.float64]
    budget: NDArray[np.float64]
    left: Lots


def plan_shelf(
    lots: Lots,
    norm: NDArray[np.float64],
    shelf_life_day: NDArray[np.float64],
    unit_cost: NDArray[np.float64],
    use: NDArray[np.float64],
    review_every_day: int,
    year_day: int = 365,
) -> ShelfPlan:
    """Roll the stock day by day: expire, review (replace up to the norm), use first what expires first.

    At a review everything that would expire before the next one is bought anew then, so that the norm is always valid
    if ``use`` is nought.

    Parameters
    ----------
    lots : Lots
    norm, shelf_life_day, unit_cost : float64 arrays (k,)
        A unit bought on day ``t`` is valid to day ``t + shelf life`` (``inf`` = for ever).
    use : float64 array (days, k)
        Units wanted each day; its length is the horizon.
    review_every_day : int
        Day 0 is a review.
    year_day : int
        Days in a budget year.

    Raises
    ------
    ValueError
        If an item has no norm, a quantity is negative or a shelf life is shorter than the time between reviews.
    """
    days, k = use.shape
    if (len(lots.item) and lots.item.max() >= k) or (lots.quantity < 0).any() or (use < 0).any() or len(norm) != k:
        msg = "lots, norms and use must fit each other and not be negative"
        raise ValueError(msg)
    if review_every_day < 1 or (shelf_life_day < review_every_day).any():
        msg = "a shelf life shorter than the time between reviews cannot be kept valid"
        raise ValueError(msg)
    item, quantity, expiry = lots.item.copy(), lots.quantity.astype(np.float64), lots.expiry_day.astype(np.float64)
    shape = (days, k)
    bought, used, expired, short = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    share, due_90, due_180 = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for day in range(days):
        gone = expiry < day
        expired[day] = np.bincount(item[gone], quantity[gone], k)
        item, quantity, expiry = item[~gone], quantity[~gone], expiry[~gone]
        if day % review_every_day == 0:
            lasting = expiry >= day + review_every_day
            wanted = np.maximum(norm - np.bincount(item[lasting], quantity[lasting], k), 0.0)
            new = np.flatnonzero(wanted > 0)
            bought[day] = wanted
            item, quantity = np.concatenate([item, new]), np.concatenate([quantity, wanted[new]])
            expiry = np.concatenate([expiry, day + shelf_life_day[new]])
        order = np.lexsort((expiry, item))
        item, quantity, expiry = item[order], quantity[order], expiry[order]
        for j in np.flatnonzero(use[day] > 0):
            mine = np.flatnonzero(item == j)
            before = np.cumsum(quantity[mine]) - quantity[mine]
            take = np.clip(use[day, j] - before, 0.0, quantity[mine])
            quantity[mine] -= take
            used[day, j] = take.sum()
            short[day, j] = use[day, j] - take.sum()
        kept = quantity > 0
        item, quantity, expiry = item[kept], quantity[kept], expiry[kept]
        valid = np.bincount(item, quantity, k)
        share[day] = np.where(norm > 0, np.minimum(valid / np.where(norm > 0, norm, 1.0), 1.0), 1.0)
        for within, due in ((90, due_90), (180, due_180)):
            soon = expiry <= day + within
            due[day] = np.bincount(item[soon], quantity[soon], k)
    spent = bought @ unit_cost
    budget = np.array([spent[start : start + year_day].sum() for start in range(0, days, year_day)])
    return ShelfPlan(share, due_90, due_180, bought, used, expired, short, budget, Lots(item, quantity, expiry))
