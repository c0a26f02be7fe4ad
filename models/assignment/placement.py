"""Where to put teams and loads before it is known what comes: two stages, by the programme of all scenarios at once.

First the places are taken, then a scenario shows which tasks there are and which of them each unit reaches in time
from where it stands; units are assigned whole (recourse). The values of the stochastic solution and of perfect
information are Birge's (1982, Mathematical Programming 24:314).
"""

from __future__ import annotations

import time as clock
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.siting.highs import Programme, minimise
from models.siting.layout import relative_gap, status_of

__all__ = ["Placed", "Placement", "Worth", "place_units", "recourse_values", "worth_of_placing"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Placement:
    """The problem: ``k`` units, ``m`` sites, ``n`` tasks, ``t`` kinds of help, ``s`` scenarios.

    Attributes
    ----------
    home : int64 array (k,)
        Site where each unit stands.
    allowed : bool array (k, m)
        Where it may be put; its home is always allowed.
    cost : float64 array (k, m)
        Of putting it there, in the unit of the weights; 0 at home.
    brings : float64 array (k, t)
        Of each kind of help.
    visits : int64 array (k,)
        Tasks that a unit can serve.
    needs : float64 array (n, t)
        A task is served if the units at it bring at least so much of each kind.
    weight : float64 array (s, n)
        Of each task in each scenario; 0 = it does not arise.
    reach : bool array (s, k, m, n)
        In time from the site, in the scenario.
    probability : float64 array (s,)
    most_moves : int
        Units that may leave home at most.
    """

    home: Ints
    allowed: NDArray[np.bool_]
    cost: Floats
    brings: Floats
    visits: Ints
    needs: Floats
    weight: Floats
    reach: NDArray[np.bool_]
    probability: Floats
    most_moves: int


@dataclass(frozen=True, eq=False)
class Placed:
    """Site of each unit, expected weight served less cost, its bound, gap and status."""

    site: Ints
    value: float
    bound: float
    gap: float
    status: str


@dataclass(frozen=True)
class Worth:
    """Values on the scenarios of the problem.

    Attributes
    ----------
    home : float
        Expected, everybody at home.
    placed : float
        Of the stochastic solution; never below ``home``.
    mean_value : float
        Of the solution of the problem with mean weights and the commonest reach, on all scenarios.
    perfect : float
        Expected with a placing of its own for each scenario (an upper bound).
    """

    home: float
    placed: float
    mean_value: float
    perfect: float

    @property
    def stochastic_solution(self) -> float:
        """Value of the stochastic solution: what it gains over that of the mean-value problem."""
        return self.placed - self.mean_value

    @property
    def perfect_information(self) -> float:
        """Expected value of perfect information."""
        return self.perfect - self.placed


def place_units(problem: Placement, seconds: float = 60.0) -> Placed:
    """Place units for the greatest expected weight served; staying at home is never beaten by less."""
    home = _value(problem, problem.home, 0.2 * seconds)
    found = _solve(problem, problem.home if problem.most_moves == 0 else None, seconds)
    if found is None:
        return Placed(problem.home, home[0], home[1], relative_gap(*home), status_of(*home))
    site, value, bound = found
    if value < home[0]:
        site, value = problem.home, home[0]
    bound = max(bound, value)
    return Placed(site, value, bound, relative_gap(value, bound), status_of(value, bound))


def recourse_values(problem: Placement, site: Ints, seconds: float = 60.0) -> Floats:
    """Weight served in each scenario with the units at these sites (before the cost), float64 array (s,)."""
    each = seconds / max(len(problem.probability), 1)
    values = np.zeros(len(problem.probability))
    for s in range(len(values)):
        alone = _only(problem, s)
        found = _solve(alone, site, each)
        values[s] = 0.0 if found is None else found[1] + _cost(problem, site)
    return values


def worth_of_placing(problem: Placement, seconds: float = 120.0) -> tuple[Placed, Worth]:
    """Solve, and say what placing, the stochastic solution and perfect information are worth."""
    began = clock.monotonic()
    placed = place_units(problem, 0.5 * seconds)
    home = float(problem.probability @ recourse_values(problem, problem.home, 0.1 * seconds))
    mean = replace(
        problem, weight=(problem.probability @ problem.weight)[None],
        reach=(np.tensordot(problem.probability, problem.reach.astype(float), axes=(0, 0)) >= 0.5)[None],
        probability=np.ones(1),
    )  # fmt: skip
    by_mean = place_units(mean, 0.1 * seconds).site
    mean_value = float(problem.probability @ recourse_values(problem, by_mean, 0.1 * seconds)) - _cost(problem, by_mean)
    left = max(seconds - (clock.monotonic() - began), 0.2 * seconds) / len(problem.probability)
    perfect = sum(float(p) * place_units(_only(problem, s), left).bound for s, p in enumerate(problem.probability))
    # A better placing found on the way counts.
    if mean_value > placed.value:
        placed = Placed(by_mean, mean_value, max(placed.bound, mean_value),
                        relative_gap(mean_value, max(placed.bound, mean_value)),
                        status_of(mean_value, max(placed.bound, mean_value)))  # fmt: skip
    return placed, Worth(home, placed.value, mean_value, max(perfect, placed.value))


def _only(problem: Placement, s: int) -> Placement:
    return replace(problem, weight=problem.weight[[s]], reach=problem.reach[[s]], probability=np.ones(1))


def _cost(problem: Placement, site: Ints) -> float:
    return float(problem.cost[np.arange(len(site)), site].sum())


def _value(problem: Placement, site: Ints, seconds: float) -> tuple[float, float]:
    value = float(problem.probability @ recourse_values(problem, site, seconds)) - _cost(problem, site)
    return value, value


def _solve(problem: Placement, fixed: Ints | None, seconds: float) -> tuple[Ints, float, float] | None:
    """Sites, value and bound of the programme of all scenarios; None if no point was found."""
    from scipy.sparse import coo_array

    k = len(problem.allowed)
    kinds = problem.needs.shape[1]
    may = problem.allowed.copy()
    may[np.arange(k), problem.home] = True
    if fixed is not None:
        may[:] = False
        may[np.arange(k), fixed] = True
    unit, site = np.nonzero(may)
    x = {(int(a), int(b)): i for i, (a, b) in enumerate(zip(unit, site, strict=True))}
    price = [float(problem.cost[a, b]) for a, b in x]
    rows, columns = list[int](), list[int]()
    entries, low, high = list[float](), list[float](), list[float]()

    def row(of: list[tuple[int, float]], least: float, most: float) -> None:
        for column, entry in of:
            rows.append(len(low))
            columns.append(column)
            entries.append(entry)
        low.append(least)
        high.append(most)

    for a in range(k):
        row([(x[a, int(b)], 1.0) for b in np.flatnonzero(may[a])], 1.0, 1.0)
    if fixed is None:
        row([(i, 1.0) for (a, b), i in x.items() if b != problem.home[a]], 0.0, float(problem.most_moves))
    size = len(x)
    for s, chance in enumerate(problem.probability):
        helps: dict[int, list[int]] = {}
        for j in np.flatnonzero(problem.weight[s] > 0).tolist():
            useful = (problem.brings[:, problem.needs[j] > 0] > 0).any(axis=1)
            who = [a for a in np.flatnonzero(useful).tolist() if (problem.reach[s, a, :, j] & may[a]).any()]
            needed = np.flatnonzero(problem.needs[j] > 0)
            if (problem.brings[who][:, needed].sum(axis=0) < problem.needs[j, needed]).any():
                continue
            z = size
            size += 1
            price.append(-float(chance * problem.weight[s, j]))
            y = {}
            for a in who:
                y[a] = size
                size += 1
                price.append(0.0)
                helps.setdefault(a, []).append(y[a])
                there = np.flatnonzero(problem.reach[s, a, :, j] & may[a])
                row([(y[a], 1.0), *((x[a, int(b)], -1.0) for b in there)], -np.inf, 0.0)
            for t in range(kinds):
                if problem.needs[j, t] > 0:
                    row([(z, float(problem.needs[j, t])),
                         *((y[a], -float(problem.brings[a, t])) for a in who)], -np.inf, 0.0)  # fmt: skip
        for a, of in helps.items():
            if len(of) > problem.visits[a]:
                row([(column, 1.0) for column in of], 0.0, float(problem.visits[a]))
    found = minimise(Programme(
        np.array(price), coo_array((entries, (rows, columns)), shape=(len(low), size)), np.array(low), np.array(high),
        np.zeros(size), np.ones(size), np.ones(size, bool),
    ), seconds)  # fmt: skip
    if found.x is None:
        return None
    chosen = problem.home.copy()
    for (a, b), i in x.items():
        if found.x[i] > 0.5:
            chosen[a] = b
    return chosen, -float(np.array(price) @ np.round(found.x)), -found.bound
