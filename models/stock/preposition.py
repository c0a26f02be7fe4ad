"""Where to open depots, of which size, and what to hold before it is known which disaster comes.

Two-stage stochastic programme of Rawls and Turnquist (2010, Transportation Research B 44:521-534), solved by the
L-shaped method (Benders decomposition, Van Slyke and Wets 1969) with one cut per scenario.
"""

from __future__ import annotations

import time as clock
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise
from models.siting.layout import relative_gap, status_of

__all__ = ["Preposition", "Stocking", "evaluate", "preposition"]

_TOLERANCE = 1e-7


@dataclass(frozen=True, eq=False)
class Preposition:
    """The problem: ``m`` candidates, ``L`` sizes, ``k`` items, ``n`` places, ``s`` scenarios.

    Attributes
    ----------
    opening : float64 array (m, L)
        Cost of opening a candidate in a size; ``inf`` = not on offer, 0 for a depot that exists.
    space : float64 array (L,)
        Volume that a size holds.
    volume, purchase, shortage, holding : float64 arrays (k,)
        Per unit of an item: space it takes, price, penalty if missing, cost if left over after the event.
    demand : float64 array (s, n, k)
    surviving : float64 array (s, m, k)
        Share of the stock that is still usable.
    carriage : float64 array (s, m, n)
        Cost per unit carried; ``inf`` = cannot arrive (or not in time).
    probability : float64 array (s,)
    budget : float
        Most that opening and purchase may cost together; ``inf`` = no limit.
    """

    opening: NDArray[np.float64]
    space: NDArray[np.float64]
    volume: NDArray[np.float64]
    purchase: NDArray[np.float64]
    shortage: NDArray[np.float64]
    holding: NDArray[np.float64]
    demand: NDArray[np.float64]
    surviving: NDArray[np.float64]
    carriage: NDArray[np.float64]
    probability: NDArray[np.float64]
    budget: float = np.inf


@dataclass(frozen=True, eq=False)
class Stocking:
    """Answer.

    Attributes
    ----------
    value, bound, gap : float
        Opening + purchase + expected recourse.
    status : str
    size : int64 array (m,)
        Size opened; -1 = closed.
    stock : float64 array (m, k)
    recourse : float64 array (s,)
        Cost after the event in each scenario, recomputed for this stock.
    """

    value: float
    bound: float
    gap: float
    status: str
    size: NDArray[np.int64]
    stock: NDArray[np.float64]
    recourse: NDArray[np.float64]


def preposition(problem: Preposition, seconds: float = 120.0, gap: float = 1e-6) -> Stocking:
    r"""Minimise opening, purchase and expected recourse cost.

    .. math::
        \min \sum_{jl} F_{jl} y_{jl} + \sum_{jk} c_k r_{jk} + \sum_s \pi_s Q_s(r) \quad \text{s.t.} \quad
        \sum_k b_k r_{jk} \le \sum_l M_l y_{jl}, \quad \sum_l y_{jl} \le 1, \quad y \in \{0, 1\}, \; r \ge 0

        Q_s(r) = \min \sum_{jik} g^s_{ji} x_{jik} + \sum_{ik} p_k w_{ik} + \sum_{jk} h_k
        \Big(\rho^s_{jk} r_{jk} - \sum_i x_{jik}\Big) \quad \text{s.t.} \quad
        \sum_j x_{jik} + w_{ik} = d^s_{ik}, \quad \sum_i x_{jik} \le \rho^s_{jk} r_{jk}

    The linear relaxation is cut first; its cuts stay for the whole-number master.

    Parameters
    ----------
    problem : Preposition
    seconds : float
    gap : float
        Relative gap at which to stop.
    """
    _validate(problem)
    deadline = clock.monotonic() + seconds
    m, sizes = problem.opening.shape
    items = len(problem.volume)
    cuts_slope: list[NDArray[np.float64]] = []
    cuts_right: list[float] = []
    cuts_scenario: list[int] = []
    best: tuple[float, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None = None
    bound = -np.inf
    for whole in (False, True):
        while True:
            master = _master(problem, cuts_slope, cuts_right, cuts_scenario, whole)
            left = deadline - clock.monotonic()
            found = minimise(master, max(left, 0.05), gap=gap / 10)
            if found.x is None:
                break
            y = found.x[: m * sizes].reshape(m, sizes)
            stock = np.maximum(found.x[m * sizes : m * (sizes + items)].reshape(m, items), 0.0)
            theta = found.x[m * (sizes + items) :]
            bound = max(bound, found.bound)
            recourse, slope, right = _recourse(problem, stock)
            first = _first_stage(problem, y, stock)
            value = first + float(problem.probability @ recourse)
            if whole and (best is None or value < best[0]):
                best = (value, np.round(y), stock, recourse)
            violated = recourse > theta + _TOLERANCE * (1.0 + np.abs(recourse))
            if not violated.any() or clock.monotonic() > deadline:
                break
            if whole and best is not None and relative_gap(best[0], bound) <= gap:
                break
            if not whole and relative_gap(value, found.bound) <= gap:
                break
            for s in np.flatnonzero(violated):
                cuts_slope.append(slope[s].ravel())
                cuts_right.append(float(right[s]))
                cuts_scenario.append(int(s))
    if best is None:
        nothing = np.zeros((m, items))
        recourse = _recourse(problem, nothing)[0]
        best = (float(problem.probability @ recourse), np.zeros((m, sizes)), nothing, recourse)
    value, y, stock, recourse = best
    bound = min(bound, value)
    if relative_gap(value, bound) <= 10 * gap and value - bound <= 10 * gap * abs(value):
        status = "optimal"
    else:
        status = status_of(value, bound)
    size = np.where(y.any(axis=1), y.argmax(axis=1), -1)
    return Stocking(value, bound, relative_gap(value, bound), status, size, stock, recourse)


def evaluate(problem: Preposition, stock: NDArray[np.float64]) -> NDArray[np.float64]:
    """Recourse cost of a stock in every scenario of ``problem`` (held-out scenarios, today's layout)."""
    cost: NDArray[np.float64] = _recourse(problem, np.asarray(stock, dtype=np.float64))[0]
    return cost


def _first_stage(problem: Preposition, y: NDArray[np.float64], stock: NDArray[np.float64]) -> float:
    opening = np.where(np.isfinite(problem.opening), problem.opening, 0.0)
    return float((opening * y).sum() + (stock @ problem.purchase).sum())


def _master(problem: Preposition, slopes, rights, scenario_of, whole: bool) -> Programme:  # type: ignore[no-untyped-def]
    """First stage with the cuts so far; columns: y (m × L), stock (m × k), recourse of each scenario."""
    from scipy.sparse import block_array, coo_array, csr_array, kron

    m, sizes = problem.opening.shape
    items, scenarios = len(problem.volume), len(problem.probability)
    offered = np.isfinite(problem.opening)
    opening = np.where(offered, problem.opening, 0.0).ravel()
    buying = np.tile(problem.purchase, m)
    one = csr_array(np.eye(m))
    fits = block_array([[-kron(one, csr_array(problem.space[None])), kron(one, csr_array(problem.volume[None])),
                         csr_array((m, scenarios))]])  # fmt: skip
    single = block_array([[kron(one, csr_array(np.ones((1, sizes)))), csr_array((m, m * items + scenarios))]])
    paid = csr_array(np.concatenate([opening, buying, np.zeros(scenarios)])[None])
    blocks = [fits, single, paid]
    low = [np.full(2 * m + 1, -np.inf)]
    high = [np.zeros(m), np.ones(m), np.array([problem.budget])]
    if slopes:
        c = len(slopes)
        pick = coo_array((np.ones(c), (np.arange(c), np.array(scenario_of))), shape=(c, scenarios))
        blocks.append(block_array([[csr_array((c, m * sizes)), -csr_array(np.array(slopes)), pick]]))
        low.append(np.array(rights))
        high.append(np.full(c, np.inf))
    rows = block_array([[block] for block in blocks])
    most = float(problem.demand.sum(axis=1).max(axis=0).max() * 10 + 1)
    return Programme(
        np.concatenate([opening, buying, problem.probability]), rows, np.concatenate(low), np.concatenate(high),
        np.zeros(m * (sizes + items) + scenarios),
        np.concatenate([offered.ravel().astype(np.float64), np.full(m * items, max(most, problem.space.max())),
                        np.full(scenarios, np.inf)]),
        np.concatenate([np.full(m * sizes, whole), np.zeros(m * items + scenarios, bool)]),
    )  # fmt: skip


def _recourse(problem: Preposition, stock: NDArray[np.float64]):  # type: ignore[no-untyped-def]
    """Cost of each scenario, and the cut ``recourse ≥ right + slope · stock`` through it."""
    scenarios, m, items = problem.surviving.shape
    cost, right = np.zeros(scenarios), np.zeros(scenarios)
    slope = np.zeros((scenarios, m, items))
    for s in range(scenarios):
        for k in range(items):
            left = problem.surviving[s, :, k] * stock[:, k]
            dual_stock, dual_demand, value = _transport(problem, s, k, left)
            slope[s, :, k] = problem.surviving[s, :, k] * (dual_stock + problem.holding[k])
            right[s] += dual_demand
            cost[s] += value + problem.holding[k] * left.sum()
    return cost, slope, right


def _transport(
    problem: Preposition, s: int, k: int, left: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float, float]:
    """Best carriage of one item in one scenario: duals of the stocks (≤ 0), ``Σ d β``, and the cost."""
    from scipy.sparse import coo_array

    need, m = problem.demand[s, :, k], len(left)
    wanted = np.flatnonzero(need > 0)
    gain = problem.carriage[s][:, wanted] - problem.holding[k]
    source, place = np.nonzero(gain < problem.shortage[k])
    if not len(wanted):
        return np.zeros(m), 0.0, 0.0
    a, n = len(source), len(wanted)
    row = np.concatenate([source, m + place, m + np.arange(n)])
    column = np.concatenate([np.arange(a), np.arange(a), a + np.arange(n)])
    found = minimise(Programme(
        np.concatenate([gain[source, place], np.full(n, problem.shortage[k])]),
        coo_array((np.ones(len(row)), (row, column)), shape=(m + n, a + n)),
        np.concatenate([np.full(m, -np.inf), need[wanted]]), np.concatenate([left, need[wanted]]),
        np.zeros(a + n), np.full(a + n, np.inf), np.zeros(a + n, bool),
    ))  # fmt: skip
    if found.dual is None:
        msg = "the carriage problem of a scenario could not be solved"
        raise ArithmeticError(msg)
    dual = np.minimum(found.dual[:m], 0.0)
    reached = np.full(n, problem.shortage[k])
    np.minimum.at(reached, place, gain[source, place] - dual[source])
    return dual, float(need[wanted] @ reached), found.value


def _validate(problem: Preposition) -> None:
    m, sizes = problem.opening.shape
    scenarios, n, items = problem.demand.shape
    shapes: list[tuple[Any, tuple[int, ...]]] = [
        (problem.space, (sizes,)), (problem.surviving, (scenarios, m, items)), (problem.carriage, (scenarios, m, n)),
        (problem.probability, (scenarios,)), (problem.volume, (items,)), (problem.purchase, (items,)),
        (problem.shortage, (items,)), (problem.holding, (items,)),
    ]  # fmt: skip
    if any(array.shape != shape for array, shape in shapes) or abs(problem.probability.sum() - 1) > 1e-6:
        msg = "the arrays do not fit each other, or the probabilities do not add up to 1"
        raise ValueError(msg)
