"""The stock problem as one programme: equal to the decomposition, and VSS and EVPI never negative."""

from __future__ import annotations

import numpy as np
import pytest

from models.stock import Preposition, preposition
from models.stock.extensive import preposition_at_once
from models.stock.information import value_of_information


def world(seed: int, budget: float = np.inf) -> Preposition:
    rng = np.random.default_rng(seed)
    s, m, n, k, sizes = 4, 3, 4, 2, 2
    carriage = rng.uniform(1, 9, (s, m, n))
    carriage[rng.random((s, m, n)) < 0.25] = np.inf
    return Preposition(
        rng.uniform(5, 30, (m, sizes)), np.array([20.0, 60.0]), np.array([1.0, 0.5]), np.array([2.0, 3.0]),
        np.array([60.0, 90.0]), np.array([0.5, 0.1]), rng.integers(0, 12, (s, n, k)).astype(float),
        rng.uniform(0.6, 1.0, (s, m, k)), carriage, np.full(s, 0.25), budget,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("budget", [np.inf, 120.0])
def test_both_ways_give_one_value(seed: int, budget: float) -> None:
    problem = world(seed, budget)
    cut, whole = preposition(problem, 20), preposition_at_once(problem, 20)
    assert whole.status == "optimal"
    assert whole.value == pytest.approx(cut.value, rel=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_knowing_more_is_worth_something(seed: int) -> None:
    _, vss, evpi = value_of_information(world(seed), 30)
    assert vss >= -1e-6
    assert evpi >= -1e-6
    _, by_cuts, known = value_of_information(world(seed), 30, preposition)  # whichever way each problem is solved
    assert (by_cuts, known) == pytest.approx((vss, evpi), abs=0.05)
