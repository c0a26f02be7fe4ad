"""Shares of trips on the grid become whole units out of stocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatch.planning.trip_arrays import TripArrays
from dispatch.planning.trip_orders import _loads
from models.relief_exact.instance import Supply
from models.relief_exact.master import Trip
from tests.relief_exact.test_bound import _instance


def _arrays(available):
    """One task of 7 quilts and 3 tents; each of two depots has some of both (stocks 0, 1 and 2, 3)."""
    supply = Supply(
        depot=np.array([0, 0, 1, 1]), task=np.zeros(4, np.int64), stock=np.arange(4), need=np.array([0, 1, 0, 1]),
        group=np.full(4, -1), credit=np.array([0.05, 0.2, 0.05, 0.2]), available=np.array(available, float),
        asked=np.array([7.0, 3.0]), limit=np.empty(0),
    )  # fmt: skip
    return TripArrays(replace(_instance([10], [0.4]), supply=supply), ("P",), ("P",), np.ones(1), ("D0", "D1"),
                      (("truck", 5000.0, 20.0),), (0, 1), ("q0", "t0", "q1", "t1"))  # fmt: skip


def _trip(depot):
    return Trip(0, depot, 0, 0.0, 0.0, -1, -1, ((0, 1.0, 0, 0),))


def test_a_task_in_parts_out_of_two_depots():
    """3.5 quilts each are 3 and 4, whichever the stock allows; all is met and no stock is overdrawn."""
    arrays = _arrays([3, 2, 9, 9])
    shares = [np.array([[0.5, 0.5]]), np.array([[0.5, 0.5]])]
    loads = _loads(arrays, [_trip(0), _trip(1)], np.array([3.5, 1.5, 3.5, 1.5]), shares)
    given = {(key, item): quantity for key, of in loads.items() for _, item, quantity in of}
    assert given[(0, 0), "q0"] == 3
    assert given[(1, 0), "q1"] == 4
    assert given[(0, 0), "t0"] + given[(1, 0), "t1"] == 3
    assert 1 <= given[(0, 0), "t0"] <= 2


def test_a_stop_may_hand_over_one_of_two_goods():
    """All quilts by one trip and all tents by the other: no stop carries what it has no share of."""
    shares = [np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])]
    loads = _loads(_arrays([9, 9, 9, 9]), [_trip(0), _trip(1)], np.array([7.0, 0.0, 0.0, 3.0]), shares)
    assert loads == {(0, 0): ((0, "q0", 7),), (1, 0): ((1, "t1", 3),)}


def test_no_loads_where_stock_is_short():
    """Six quilts for seven: nothing is made up."""
    assert _loads(_arrays([2, 9, 4, 9]), [_trip(0), _trip(1)], np.zeros(4), [np.full((1, 2), 0.5)] * 2) is None


def test_without_shares_stops_take_all():
    """A trip of whole tasks carries what its depot has."""
    loads = _loads(_arrays([7, 3, 0, 0]), [_trip(0)], np.array([7.0, 3.0, 0.0, 0.0]), None)
    assert loads == {(0, 0): ((0, "q0", 7), (1, "t0", 3))}


def test_shares_that_stock_does_not_allow_are_kept_as_far_as_may_be():
    """All by the first trip, whose depot has two quilts: it brings these and all tents, the other trip the rest."""
    shares = [np.array([[1.0, 1.0]]), np.array([[0.0, 0.0]])]
    loads = _loads(_arrays([2, 9, 9, 9]), [_trip(0), _trip(1)], np.array([7.0, 3.0, 0.0, 0.0]), shares)
    assert loads == {(0, 0): ((0, "q0", 2), (1, "t0", 3)), (1, 0): ((0, "q1", 5),)}


def test_other_loads_fit_the_trucks():
    """7 quilts and 3 tents are 0.38 of a truck, these hold 0.3: the first is filled, the other brings the rest."""
    arrays = _arrays([9, 9, 9, 9])
    arrays = replace(arrays, instance=replace(arrays.instance, capacity=np.array([0.3])))
    loads = _loads(arrays, [_trip(0), _trip(1)], np.zeros(4), [np.array([[1.0, 1.0]]), np.array([[0.0, 0.0]])])
    weight = {"q0": 0.02, "t0": 0.08, "q1": 0.02, "t1": 0.08}
    carried = [sum(weight[item] * q for _, item, q in loads[j, 0]) for j in (0, 1)]
    assert sum(carried) == pytest.approx(0.38)
    assert 0.28 - 1e-9 <= max(carried) <= 0.3 + 1e-9
