"""What it is worth to plan for many scenarios instead of their mean, and to know which one comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from models.stock.extensive import preposition_at_once
from models.stock.preposition import Preposition, Stocking, evaluate

__all__ = ["value_of_information"]


def value_of_information(
    problem: Preposition,
    seconds: float = 240.0,
    solve: Callable[[Preposition, float], Stocking] = preposition_at_once,
) -> tuple[Stocking, float, float]:
    """The stochastic solution, the value of the stochastic solution, and of perfect information (Birge 1982).

    VSS = cost of planning for the mean scenario, met by all scenarios, minus the stochastic optimum; EVPI = stochastic
    optimum minus the mean of the optima with each scenario known. Both are at least 0 up to the solver's gap. The mean
    scenario takes the mean demand and survival; a way counts in it that is open in more than half of the probability,
    at its mean cost.

    Parameters
    ----------
    problem : Preposition
    seconds : float
        Half for the stochastic problem, a quarter for each single one.
    solve : function
        Of a problem and seconds: all at once, or :func:`models.stock.preposition` (by cuts) for many scenarios.
    """
    stochastic = solve(problem, seconds / 2)
    chance = problem.probability
    usable = np.isfinite(problem.carriage)
    mass = np.einsum("s,sij->ij", chance, usable)
    mean_cost = np.einsum("s,sij->ij", chance, np.where(usable, problem.carriage, 0.0)) / np.where(mass > 0, mass, 1.0)
    mean = replace(
        problem,
        demand=np.einsum("s,sik->ik", chance, problem.demand)[None],
        surviving=np.einsum("s,sjk->jk", chance, problem.surviving)[None],
        carriage=np.where(mass > 0.5, mean_cost, np.inf)[None],
        probability=np.ones(1),
    )
    planned = solve(mean, seconds / 4)
    first = planned.value - float(planned.recourse.sum())
    expected = first + float(chance @ evaluate(problem, planned.stock))
    known = 0.0
    for s, share in enumerate(chance):
        one = replace(problem, demand=problem.demand[s : s + 1], surviving=problem.surviving[s : s + 1],
                      carriage=problem.carriage[s : s + 1], probability=np.ones(1))  # fmt: skip
        known += float(share) * solve(one, seconds / 4).value
    return stochastic, expected - stochastic.value, stochastic.value - known
