"""Placing before the event: the optimum by every placing tried, and the order of Birge's values."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from models.assignment.placement import Placement, place_units, recourse_values, worth_of_placing


def problem(seed: int, s: int = 4) -> Placement:
    """Three units, three sites, four tasks of two kinds of help."""
    rng = np.random.default_rng(seed)
    k, m, n = 3, 3, 4
    cost = rng.random((k, m))
    home = rng.integers(0, m, k)
    cost[np.arange(k), home] = 0.0
    return Placement(
        home, np.ones((k, m), bool), cost, rng.integers(0, 2, (k, 2)) * 10.0 + 5.0, np.array([1, 1, 2]),
        rng.integers(0, 16, (n, 2)).astype(float), rng.integers(0, 9, (s, n)).astype(float),
        rng.random((s, k, m, n)) < 0.4, np.full(s, 1 / s), 2,
    )  # fmt: skip


def served(p: Placement, s: int, site: np.ndarray) -> float:
    """Best weight of one scenario by every assignment of units to tasks."""
    k, n = len(site), p.needs.shape[0]
    ways = [[of for size in range(p.visits[a] + 1)
             for of in itertools.combinations([j for j in range(n) if p.reach[s, a, site[a], j]], size)]
            for a in range(k)]  # fmt: skip
    best = 0.0
    for choice in itertools.product(*ways):
        brought = np.zeros_like(p.needs)
        for a, of in enumerate(choice):
            for j in of:
                brought[j] += p.brings[a]
        best = max(best, float(p.weight[s, (brought >= p.needs).all(axis=1)].sum()))
    return best


@pytest.mark.parametrize("seed", range(5))
def test_every_placing_tried(seed: int) -> None:
    """The proven value is that of the best placing with at most two moves."""
    p = problem(seed)
    best = -np.inf
    for site in itertools.product(range(3), repeat=3):
        where = np.array(site)
        if (where != p.home).sum() > p.most_moves:
            continue
        value = sum(served(p, s, where) for s in range(4)) / 4 - p.cost[np.arange(3), where].sum()
        best = max(best, value)
    found = place_units(p)
    assert found.value == pytest.approx(best)
    assert found.status == "optimal"
    values = recourse_values(p, found.site)
    assert values == pytest.approx([served(p, s, found.site) for s in range(4)])


@pytest.mark.parametrize("seed", range(4))
def test_order_of_values(seed: int) -> None:
    """Home ≤ placed ≤ perfect information; the mean-value placing is no better than the stochastic one."""
    placed, worth = worth_of_placing(problem(seed, s=6))
    assert worth.home <= worth.placed + 1e-9
    assert worth.placed <= worth.perfect + 1e-9
    assert worth.stochastic_solution >= -1e-9
    assert worth.perfect_information >= -1e-9
    assert placed.value == pytest.approx(worth.placed)


def test_nobody_moves_where_nobody_may() -> None:
    p = replace(problem(1), most_moves=0)
    assert (place_units(p).site == p.home).all()


def test_a_dear_move_is_not_made() -> None:
    """One unit, one task of weight 5 out of reach from home: moved at a cost of 4, left at 6."""
    one = Placement(
        np.array([0]), np.ones((1, 2), bool), np.array([[0.0, 4.0]]), np.array([[10.0]]), np.array([1]),
        np.array([[10.0]]), np.array([[5.0]]), np.array([[[[False], [True]]]]), np.ones(1), 1,
    )  # fmt: skip
    assert place_units(one).site.tolist() == [1]
    assert place_units(one).value == pytest.approx(1.0)
    assert place_units(replace(one, cost=np.array([[0.0, 6.0]]))).site.tolist() == [0]
