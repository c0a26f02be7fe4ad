"""Split deliveries: demands met exactly, loads within the capacity, and cheaper than without splitting."""

from __future__ import annotations

import numpy as np
import pytest

from models.routing import routing_instance, solve, solve_split
from models.routing.split import pieces


def test_pieces_add_up_and_fit():
    demand = np.array([0.0, 7.0, 150.0, 420.0, 0.0, 1.0])
    owner, size = pieces(demand, 160.0)
    assert np.bincount(owner, weights=size, minlength=6).tolist() == demand.tolist()
    assert size.max() <= 160.0
    assert (size > 0).all()


def test_three_loads_of_two_thirds_go_in_two_tours():
    # three customers at one place 10 away, each two thirds of a load: 2 tours with a split, 3 without
    distance = np.array([[0, 10, 10, 10], [10, 0, 0, 0], [10, 0, 0, 0], [10, 0, 0, 0]], dtype=float)
    demand = np.array([0.0, 60.0, 60.0, 60.0])
    found = solve_split(distance, demand, 90.0, seconds=0.5, seed=1)
    assert found.worth == 40.0
    brought = np.zeros(4)
    for customers, amount in found.tours:
        assert amount.sum() <= 90.0
        brought[customers] += amount
    assert brought.tolist() == demand.tolist()
    whole = solve(routing_instance(distance, demand, 90.0), iterations=500)
    assert whole.worth == pytest.approx(60.0)
