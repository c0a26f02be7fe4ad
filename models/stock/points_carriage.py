"""Among layouts that provide as much: the one whose goods lie nearest to who will want them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise
from models.stock.points_programme import Nights, PointsAndStock, Rows, layout_rows

if TYPE_CHECKING:
    from models.stock.points import Stockpoints

__all__ = ["carriage_of", "nearest_layout"]

Floats = NDArray[np.float64]
_FLOWS = 400_000
"""Most flows; beyond that a place is only provided from its nearest candidates, and from what is open."""
_MOVING = 0.1
"""What moving a unit counts, as a share of what buying it does."""


def nearest_layout(
    problem: PointsAndStock, nights: Nights, best: Stockpoints, shares: Floats, most: int, seconds: float, gap: float
) -> tuple[NDArray[np.bool_], Floats] | None:
    r"""Points and stock with the least expected carriage that provide the shares ``t`` of ``best``.

    .. math::
        \min \sum_s \pi_s \sum_{jik} g_k h^s_{ji} x^s_{jik} \quad \text{s.t.} \quad
        \sum_j x^s_{jik} = d^s_{ik} t_{si}, \quad \sum_i x^s_{jik} \le \rho^s_{jk} r_{jk}

    and the rows of :func:`models.stock.place_points` for points, room and money. Money, and goods moved, count so
    little that they only keep goods from being bought or moved for nothing.

    Returns
    -------
    opened, stock : bool (m,), float64 (m, k)
        None if nothing was found in time.
    """
    flows = _flows(problem, nights, best, shares)
    programme, _ = _programme(problem, nights, shares, most, flows)
    start = _start(programme, best)
    found = minimise(programme, seconds, start, gap=gap)
    if found.x is None:
        return None
    m, k = problem.today.shape
    opened = found.x[:m] > 0.5
    stock = np.maximum(found.x[m : m + m * k].reshape(m, k), 0.0)
    return opened, np.where(opened[:, None], stock, 0.0)


def carriage_of(problem: PointsAndStock, nights: Nights, best: Stockpoints, shares: Floats) -> float:
    """Least expected carriage of a stock that provides these shares."""
    flows = _flows(problem, nights, best, shares)
    programme, first = _programme(problem, nights, shares, len(problem.opening), flows, best.stock)
    found = minimise(programme)
    return float(found.x[first:] @ programme.cost[first:]) if found.x is not None else float("inf")


def _flows(problem: PointsAndStock, nights: Nights, best: Stockpoints, shares: Floats):  # type: ignore[no-untyped-def]
    """Wanted amount and candidate of every flow: where in ``nights``, candidate, item."""
    hours = _hours(problem)
    wanted = problem.demand[nights.night, nights.place] * shares[:, None]
    k = wanted.shape[1]
    way = hours[nights.night, :, nights.place]  # (w, m)
    near = np.isfinite(way)
    count = max(10, _FLOWS // max(int((wanted > 0).sum()), 1))
    if near.sum() * k > _FLOWS and count < way.shape[1]:
        rank = np.argsort(np.argsort(way, axis=1, kind="stable"), axis=1, kind="stable")
        near &= (rank < count) | best.opened[None]
    at, candidate = np.nonzero(near)
    item = np.arange(k)
    use = wanted[at] > 0
    at, candidate, item = np.repeat(at, k), np.repeat(candidate, k), np.tile(item, len(at))
    use = use.ravel()
    return at[use], candidate[use], item[use]


def _programme(  # type: ignore[no-untyped-def]
    problem: PointsAndStock, nights: Nights, shares: Floats, most: int, flows, stock: Floats | None = None
) -> tuple[Programme, int]:
    """The programme and its first flow; with ``stock`` the one that only carries."""
    from scipy.sparse import coo_array

    at, candidate, item = flows
    m, k = problem.today.shape
    first = m + 2 * m * k + k
    x = first + np.arange(len(at))
    rows = Rows()
    if stock is None:
        layout_rows(problem, rows, most)
        pile = np.arange(m * k)
        rows.add(pile, m + pile, np.ones(m * k), m * k, -np.inf, problem.today.ravel())
        rows.more(pile, m + m * k + k + pile, -np.ones(m * k))
    wanted = problem.demand[nights.night, nights.place] * shares[:, None]
    w = len(nights.night)
    rows.add(at * k + item, x, np.ones(len(at)), w * k, wanted.ravel() * (1 - 1e-9), np.inf)
    supply = (nights.night[at] * m + candidate) * k + item
    used, number = np.unique(supply, return_inverse=True)
    rows.add(number, x, np.ones(len(at)), len(used), -np.inf, 0.0)
    night, j, q = used // (m * k), used // k % m, used % k
    rows.more(np.arange(len(used)), m + j * k + q, -problem.surviving[night, j, q])
    row, column, entry, low, high = rows.joined()
    weight = np.ones(k) if problem.weight is None else problem.weight
    carriage = problem.probability[nights.night[at]] * weight[item]
    carriage = carriage * _hours(problem)[nights.night[at], candidate, nights.place[at]]
    mean = float(problem.probability[nights.night] @ (wanted @ weight))
    price = 1e-3 * mean * problem.price / max(float(problem.price @ wanted.sum(axis=0)), 1e-9)
    width = first + len(at)
    lower, upper = np.zeros(width), np.full(width, np.inf)
    lower[:m], upper[:m] = problem.existing, 1.0
    lower[m : m + m * k] = problem.today.ravel() if problem.keep else 0.0
    if stock is not None:
        upper[:m] = lower[:m]
        lower[m : m + m * k] = upper[m : m + m * k] = stock.ravel()
    whole = np.zeros(width, bool)
    whole[:m] = stock is None
    cost = np.concatenate([np.zeros(m + m * k), price, np.tile(_MOVING * price, m), carriage])
    table = coo_array((entry, (row, column)), shape=(len(low), width))
    return Programme(cost, table, low, high, lower, upper, whole), first


def _hours(problem: PointsAndStock) -> Floats:
    if problem.hours is None:
        msg = "the hours on the road are needed"
        raise ValueError(msg)
    return problem.hours


def _start(programme: Programme, best: Stockpoints) -> Floats | None:
    """The layout that is known, with its best flows, as a point of the programme."""
    m = len(best.opened)
    lower, upper = programme.lower.copy(), programme.upper.copy()
    lower[:m] = upper[:m] = best.opened
    found = minimise(replace(programme, lower=lower, upper=upper, whole=np.zeros(len(upper), bool)))
    return found.x
