"""Depots opened before it is known who calls, against every set of sites and every assignment."""

from __future__ import annotations

import time
from itertools import pairwise, product

import numpy as np
import pytest
from numpy.typing import NDArray

from models import siting
from models.siting.server_bounds import search_sets

Floats = NDArray[np.float64]


def cheapest_service(
    capacity: Floats, revenue: Floats, demand: Floats, here: NDArray[np.bool_], opened: Floats, penalty: float
) -> float:
    """Least overflow penalty less revenue of one scenario, over all assignments."""
    who = np.flatnonzero(here)
    m = len(capacity)
    best = np.inf
    for where in product(range(m), repeat=len(who)):
        sites = np.array(where, dtype=int)
        load = np.bincount(sites, demand[who, sites], m) if len(who) else np.zeros(m)
        excess = np.maximum(load - capacity * opened, 0.0).sum()
        best = min(best, penalty * excess - revenue[who, sites].sum())
    return float(best)


@pytest.mark.parametrize("seed", range(6))
def test_against_all_sets_and_assignments(seed: int) -> None:
    """Penalties low enough on odd seeds that overflow pays, so both sides of the recourse are met."""
    random = np.random.default_rng(seed)
    m, n, scenarios = 3, 5, 3
    opening = random.integers(1, 12, m).astype(float)
    capacity = random.integers(4, 12, m).astype(float)
    demand = random.integers(0, 7, (n, m)).astype(float)
    revenue = random.integers(0, 9, (n, m)).astype(float)
    present = random.random((scenarios, n)) < 0.7
    chance = np.array([0.5, 0.3, 0.2])
    penalty = 1.0 if seed % 2 else 50.0
    best = min(
        float(np.array(y) @ opening)
        + sum(
            c * cheapest_service(capacity, revenue, demand, present[s], np.array(y, dtype=float), penalty)
            for s, c in enumerate(chance)
        )
        for y in product((0, 1), repeat=m)
    )
    found = siting.server_location(opening, capacity, revenue, demand, present, chance, penalty)
    assert found.value == pytest.approx(best)
    assert found.status == "optimal"
    assert ((found.assignment >= 0) == present).all()


@pytest.mark.parametrize("seed", range(6))
def test_bound_of_sets_without_help(seed: int) -> None:
    """Whatever is known before, the search over sets ends at the best set, the empty one (all overflow) among them."""
    random = np.random.default_rng(50 + seed)
    m, calls = 4, 9
    opening, capacity = random.integers(1, 30, m).astype(float), random.integers(5, 14, m)
    begin, most = np.array([0, 4, 9]), np.repeat([3.0, 2.0] if seed % 2 else [60.0, 40.0], [4, 5])
    cost, need = random.integers(0, 20, (calls, m)).astype(float), random.integers(0, 7, (calls, m))
    met: dict[bytes, float] = {}

    def exact(opened: np.ndarray) -> tuple[float, float]:
        paid = opening[opened].sum()
        for a, b in pairwise(begin):
            paid += min(
                cost[np.arange(a, b), where].sum()
                + most[a] * np.maximum(
                    np.bincount(where, need[np.arange(a, b), where], m) - capacity * opened, 0
                ).sum()
                for where in map(np.array, product(range(m), repeat=b - a))
            )  # fmt: skip
        met[opened.tobytes()] = paid
        return paid, paid

    sets = [np.array(y) for y in product((False, True), repeat=m)]
    best = min(exact(y)[0] for y in sets)
    met.clear()
    bound = search_sets(opening, capacity, cost, need, begin, most, exact, best + 50.0, time.monotonic() + 60)
    assert bound == pytest.approx(best)
    assert min(met.values()) == pytest.approx(best)
