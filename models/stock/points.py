"""Points and stock together under one budget: which points to open, and what to hold in each.

A two-stage stochastic programme in the manner of Rawls and Turnquist (2010, Transportation Research B 44:521-534):
sites and stock first, carriage after the event. What counts first is not the cost of carriage but whether the goods are
in time, so that the recourse is a flow over "can be there by the deadline".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise
from models.siting.layout import relative_gap, status_of
from models.stock.points_carriage import carriage_of, nearest_layout
from models.stock.points_programme import Nights, PointsAndStock, nights_of, programme_of

__all__ = ["PointsAndStock", "Provided", "Stockpoints", "place_points", "points_curve", "points_information", "provide"]

Floats = NDArray[np.float64]
_WHOLE = 1e-5
"""Share that may be missing where everybody counts as provided: the solver's tolerance."""
_NEAR = 0.01
"""Relative gap of the carriage."""
_MOVING = 0.01
"""What moving goods counts beside buying them, as a share of their price; it only decides between equal plans."""


@dataclass(frozen=True, eq=False)
class Provided:
    """What a stock does on every night.

    Attributes
    ----------
    people : float64 array (s,)
        People with their whole first batch in time: of a place, the least share over its items.
    everyone : bool array (s,)
        Nobody is left without, of those whom some candidate could reach.
    chance, mean_people : float
        Their expectations.
    """

    people: Floats
    everyone: NDArray[np.bool_]
    chance: float
    mean_people: float


@dataclass(frozen=True, eq=False)
class Stockpoints:
    """Answer.

    Attributes
    ----------
    value, bound, gap : float
        ``E[people] + weight · P(everyone)`` recomputed from the stock, and what no other layout exceeds.
    status : str
    opened : bool array (m,)
    stock : float64 array (m, k)
    bought : float64 array (k,)
        Beyond what is held today.
    spent : float
        On opening and buying.
    provided : Provided
    """

    value: float
    bound: float
    gap: float
    status: str
    opened: NDArray[np.bool_]
    stock: Floats
    bought: Floats
    spent: float
    provided: Provided
    carriage: float = float("nan")


def place_points(
    problem: PointsAndStock, most: int, *, seconds: float = 60.0, start: Stockpoints | None = None, gap: float = 1e-6
) -> Stockpoints:
    r"""Open at most ``most`` new points and lay out the stock so that everybody is provided as surely as can be.

    .. math::
        \max \sum_s \pi_s \Big( \sum_i h_{si} t_{si} + W v_s \Big) \quad \text{s.t.} \quad
        v_s \le t_{si} \le 1, \quad \sum_j x^s_{jik} \ge d^s_{ik} t_{si}, \quad
        \sum_i x^s_{jik} \le \rho^s_{jk} r_{jk}, \quad x^s_{jik} = 0 \text{ unless } j \text{ reaches } i \text{ on } s

        \sum_k b_k r_{jk} \le M_j y_j, \quad \sum_j r_{jk} = \sum_j q_{jk} + a_k, \quad
        \sum_j f_j y_j + \sum_k c_k a_k \le B, \quad \sum_{j \text{ new}} y_j \le p, \quad y, v \in \{0, 1\}

    ``q`` is what is held today: it stays where it lies (``problem.keep``) or may be moved. :math:`W` puts the number of
    nights on which nobody is left without first and people second (``aim`` "everyone"), or the other way round. Nights
    are aggregated exactly: places that the same points reach share one flow, so do points that reach the same places.
    Among the stocks that provide as much on the points chosen, one is taken that costs least and moves least; with
    ``problem.hours`` points and stock of least expected carriage (within 1 %, half of the time is for that). The start
    is today's stock (or ``start``, which must be feasible), so that the answer is never worse than that.

    Parameters
    ----------
    problem : PointsAndStock
    most : int
        Most new points.
    seconds : float
    start : Stockpoints, optional
        Answer with fewer points.
    gap : float
        Relative gap at which to stop.

    Raises
    ------
    ValueError
        If arrays do not fit each other, probabilities do not add up to 1, or today's stock has no room.
    """
    nights = nights_of(problem)
    today = _answer(problem, nights, problem.existing, problem.today, -np.inf)
    best = today if start is None or start.value < today.value else start
    programme = programme_of(problem, nights, most)
    found = minimise(programme, seconds, _columns(problem, nights, best, len(programme.cost)), gap=gap)
    bound = -found.bound
    if found.x is not None:
        m, k = problem.today.shape
        opened = found.x[:m] > 0.5
        stock = np.maximum(found.x[m : m + m * k].reshape(m, k), 0.0)
        stock = np.where(opened[:, None], stock, 0.0)
        now = _answer(problem, nights, opened, stock, bound)
        best = now if now.value > best.value else best
    if problem.hours is None:
        best = _thrifty(problem, nights, best)
    else:
        best = _nearer(problem, nights, best, most, max(seconds / 2, 1.0), start)
    bound = max(bound, best.value)
    close = bound - best.value <= 10 * gap * max(abs(best.value), 1.0)
    status = "optimal" if close else status_of(best.value, bound)
    return replace(best, bound=bound, gap=relative_gap(best.value, bound), status=status)


def points_curve(problem: PointsAndStock, most: int, *, seconds: float = 120.0) -> list[Stockpoints]:
    """Best layout with at most 0, 1, 2 … ``most`` new points; each starts from the one before, so none is worse."""
    curve: list[Stockpoints] = []
    for count in range(most + 1):
        curve.append(place_points(problem, count, seconds=seconds / (most + 1), start=curve[-1] if curve else None))
    return curve


def provide(problem: PointsAndStock, stock: Floats) -> Provided:
    """People provided on every night of ``problem`` (other nights, today's stock) by a stock that lies there."""
    return _provided(problem, nights_of(problem), np.asarray(stock, dtype=np.float64))


def points_information(
    problem: PointsAndStock, most: int, *, seconds: float = 120.0, best: Stockpoints | None = None
) -> tuple[Stockpoints, Provided, float, float]:
    """The stochastic solution; what the plan for the mean night provides on all nights; and with each night foreseen.

    VSS is the value of the first minus that of the second, EVPI that of the third minus that of the first (Birge 1982);
    both are at least 0 up to the solver's gap. In the mean night a way is open that is open in more than half of the
    probability, at mean demand, people and survival.

    Returns
    -------
    best : Stockpoints
    mean : Provided
        The plan for the mean night, met by all nights.
    chance, people : float
        Expectations if the points and the stock could be chosen knowing the night.
    """
    pi = problem.probability
    best = place_points(problem, most, seconds=seconds / 2) if best is None else best
    mean_night = replace(
        problem,
        people=(pi @ problem.people)[None],
        demand=np.einsum("s,sik->ik", pi, problem.demand)[None],
        reach=(np.einsum("s,sji->ji", pi, problem.reach) > 0.5)[None],
        surviving=np.einsum("s,sjk->jk", pi, problem.surviving)[None],
        probability=np.ones(1),
    )
    planned = place_points(mean_night, most, seconds=seconds / 4)
    chance = people = 0.0
    for s, share in enumerate(pi):
        one = replace(problem, people=problem.people[s : s + 1], demand=problem.demand[s : s + 1],
                      reach=problem.reach[s : s + 1], surviving=problem.surviving[s : s + 1],
                      probability=np.ones(1))  # fmt: skip
        known = place_points(one, most, seconds=seconds / 4 / len(pi)).provided
        chance += float(share) * known.chance
        people += float(share) * known.mean_people
    return best, provide(problem, planned.stock), chance, people


def _answer(
    problem: PointsAndStock, nights: Nights, opened: NDArray[np.bool_], stock: Floats, bound: float
) -> Stockpoints:
    """The layout with its recomputed figures; raises if it breaks the room or the budget."""
    bought = np.maximum(stock.sum(axis=0) - problem.today.sum(axis=0), 0.0)
    opened = opened | problem.existing
    spent = float(np.where(opened & ~problem.existing, problem.opening, 0.0).sum() + bought @ problem.price)
    room = np.where(opened, problem.room, 0.0)
    if (stock @ problem.volume > room * (1 + 1e-6) + 1e-6).any() or spent > problem.budget * (1 + 1e-6) + 1e-6:
        msg = "the stock exceeds the room of its point or the budget"
        raise ArithmeticError(msg)
    given = _provided(problem, nights, stock)
    value = given.mean_people + nights.weight * given.chance
    return Stockpoints(value, bound, relative_gap(value, bound), "feasible", opened, stock, bought, spent, given)


def _thrifty(problem: PointsAndStock, nights: Nights, best: Stockpoints) -> Stockpoints:
    """The same service from the same points for the least money, and with the fewest goods moved."""
    from scipy.sparse import block_array, coo_array, csr_array

    m, k = problem.today.shape
    programme = programme_of(problem, nights, m)
    width, each = len(programme.cost), np.arange(m * k)
    served = np.zeros(width)
    at = nights.first_share(problem)
    served[at : at + len(nights.night)] = problem.probability[nights.night] * nights.people
    scale = max(best.provided.mean_people, 1.0)
    held = coo_array((np.ones(m * k), (each, m + each)), shape=(m * k, width))
    moved = coo_array((-np.ones(m * k), (each, each)), shape=(m * k, m * k))
    rows = block_array([[programme.rows, None], [csr_array(served[None] / scale), None], [held, moved]])
    lower, upper = programme.lower.copy(), programme.upper.copy()
    lower[:m] = upper[:m] = best.opened
    lower[at - len(problem.probability) : at] = best.provided.everyone
    upper[at - len(problem.probability) : at] = best.provided.everyone
    cost = np.zeros(width)
    cost[m + m * k : m + m * k + k] = problem.price
    found = minimise(
        Programme(
            np.concatenate([cost, np.tile(_MOVING * np.maximum(problem.price, 1e-6), m)]), rows,
            np.concatenate([programme.row_lower, [best.provided.mean_people / scale - 1e-9], np.full(m * k, -np.inf)]),
            np.concatenate([programme.row_upper, [np.inf], problem.today.ravel()]),
            np.concatenate([lower, np.zeros(m * k)]), np.concatenate([upper, np.full(m * k, np.inf)]),
            np.zeros(width + m * k, bool),
        )
    )  # fmt: skip
    if found.x is None:
        return best
    stock = np.maximum(found.x[m : m + m * k].reshape(m, k), 0.0)
    now = _answer(problem, nights, best.opened, np.where(best.opened[:, None], stock, 0.0), best.bound)
    return now if now.value >= best.value - 1e-7 * max(abs(best.value), 1.0) else best


def _nearer(
    problem: PointsAndStock, nights: Nights, best: Stockpoints, most: int, seconds: float, start: Stockpoints | None
) -> Stockpoints:
    """The same service with less carriage; the layout with fewer points if that is no worse."""
    shares = np.minimum(_shares(problem, nights, best.stock) * (1.0 + 1e-9), 1.0)
    shares[best.provided.everyone[nights.night]] = 1.0
    found = nearest_layout(problem, nights, best, shares, most, seconds, _NEAR)
    if found is None:
        return best
    now = _answer(problem, nights, *found, best.bound)
    if now.value < best.value - 1e-6 * max(abs(best.value), 1.0):
        return best
    carriage = carriage_of(problem, nights, now, shares)
    if start is not None and start.value >= now.value - 1e-6 * max(abs(now.value), 1.0) and start.carriage <= carriage:
        return start
    return replace(now, carriage=carriage)


def _provided(problem: PointsAndStock, nights: Nights, stock: Floats) -> Provided:
    shares = _shares(problem, nights, stock)
    scenarios = len(problem.probability)
    people: Floats = np.bincount(nights.night, nights.people * shares, scenarios).astype(np.float64)
    short = np.bincount(nights.night, (shares < 1.0 - _WHOLE).astype(np.float64), scenarios)
    everyone = short == 0
    return Provided(people, everyone, float(problem.probability @ everyone), float(problem.probability @ people))


def _shares(problem: PointsAndStock, nights: Nights, stock: Floats) -> Floats:
    """Share of each place on each night that is provided, for most people: one linear programme for all nights."""
    if not len(nights.night):
        return np.empty(0)
    programme = programme_of(problem, nights, problem.today.shape[0], stock)
    found = minimise(replace(programme, whole=np.zeros(len(programme.cost), bool)))
    if found.x is None:
        msg = "the nights could not be provided from this stock"
        raise ArithmeticError(msg)
    at = nights.first_share(problem)
    shares: Floats = np.clip(found.x[at : at + len(nights.night)], 0.0, 1.0)
    return shares


def _columns(problem: PointsAndStock, nights: Nights, answer: Stockpoints, width: int) -> Floats | None:
    """A layout as a point of the programme, its flows included; None if the solver cannot be told."""
    programme = programme_of(problem, nights, problem.today.shape[0], answer.stock)
    if len(programme.cost) != width:
        return None
    found = minimise(replace(programme, whole=np.zeros(width, bool)))
    if found.x is None:
        return None
    x = found.x.copy()
    m, k = problem.today.shape
    x[:m] = answer.opened
    x[m : m + m * k] = answer.stock.ravel()
    x[m + m * k : m + m * k + k] = answer.bought
    at = m + m * k + k
    x[at : at + len(problem.probability)] = answer.provided.everyone
    return x
