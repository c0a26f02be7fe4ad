"""Allocation against an independent solver, and by hand where docks get dearer or customers compete."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.transport import Arcs, allocate, serve_most


def _arcs(rows, **other):
    table = np.array(rows, dtype=float).reshape(-1, 3)
    return Arcs(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], **other)


@st.composite
def problems(draw):
    supply = draw(st.lists(st.integers(0, 9), min_size=1, max_size=4))
    demand = draw(st.lists(st.integers(0, 9), min_size=1, max_size=4))
    pairs = list(itertools.product(range(len(supply)), range(len(demand))))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=len(pairs)))
    costs = draw(st.lists(st.integers(0, 20), min_size=len(chosen), max_size=len(chosen)))
    return supply, demand, [(i, j, c) for (i, j), c in zip(chosen, costs, strict=True)]


def _network_simplex(supply, demand, rows, penalty):
    """The same optimum by network simplex: unmet demand comes from one more source at the penalty."""
    graph = nx.DiGraph()
    graph.add_node("in", demand=-sum(demand))
    graph.add_node("out", demand=sum(demand))
    for i, s in enumerate(supply):
        graph.add_edge("in", f"s{i}", capacity=s, weight=0)
    for j, d in enumerate(demand):
        graph.add_edge(f"d{j}", "out", capacity=d, weight=0)
        graph.add_edge("in", f"d{j}", weight=penalty)
    for i, j, c in rows:
        graph.add_edge(f"s{i}", f"d{j}", weight=c)
    return nx.min_cost_flow_cost(graph)


@given(problems())
@settings(max_examples=60, deadline=None)
def test_cost_equals_network_simplex(problem):
    supply, demand, rows = problem
    found = allocate(np.array(supply), np.array(demand), np.full(len(demand), 100.0), _arcs(rows))
    assert found.cost == pytest.approx(_network_simplex(supply, demand, rows, 100))
    assert found.bound <= found.cost + 1e-6
    into = np.bincount([j for _, j, _ in rows], found.flow, len(demand)) if rows else np.zeros(len(demand))
    out = np.bincount([i for i, _, _ in rows], found.flow, len(supply)) if rows else np.zeros(len(supply))
    assert (into + found.unmet == demand).all()
    assert (out <= supply).all()


def test_full_docks_send_goods_elsewhere():
    # Depot 0 costs 1 a unit, depot 1 costs 4. A dock slot holds 5 units; depot 0's second slot costs 2 a unit more,
    # its third 6 more. 12 units: 5 at 1, 5 at 1 + 2, the last 2 cheaper at depot 1 (4) than in the third slot (7).
    arcs = _arcs([(0, 0, 1.0), (1, 0, 4.0)], resource=np.array([[0], [1]]), use=np.ones((2, 1)), limit=np.empty(0))
    width = np.array([[5.0, 5.0, 100.0], [5.0, 5.0, 100.0]])
    price = np.array([[0.0, 2.0, 6.0], [0.0, 2.0, 6.0]])
    found = allocate(np.array([100, 100]), np.array([12]), np.array([1000.0]), arcs, width, price)
    assert found.flow.tolist() == [10, 2]
    assert found.cost == pytest.approx(10 * 1 + 5 * 2 + 2 * 4)


def test_fractional_docks_still_give_whole_units():
    # 3 units share a slot of 1.5: the relaxation would send 1.5 from each depot; whole units cost one at the price.
    arcs = _arcs([(0, 0, 1.0), (1, 0, 1.0)], resource=np.array([[0], [1]]), use=np.ones((2, 1)))
    width, price = np.array([[1.5, 100.0], [1.5, 100.0]]), np.array([[0.0, 10.0], [0.0, 10.0]])
    found = allocate(np.array([9, 9]), np.array([3]), np.array([1000.0]), arcs, width, price)
    assert sorted(found.flow.tolist()) == [1, 2]
    assert found.cost == pytest.approx(3 + 0.5 * 10)
    assert found.bound == pytest.approx(3.0)


def test_a_group_of_arcs_keeps_its_limit():
    arcs = _arcs([(0, 0, 5.0), (1, 0, 1.0)], group=np.array([-1, 0]), limit=np.array([3.0]))
    found = allocate(np.array([10, 10]), np.array([8]), np.array([100.0]), arcs)
    assert found.flow.tolist() == [5, 3]


def test_unmet_only_where_nothing_can_be_had():
    found = allocate(np.array([4]), np.array([3, 3]), np.array([50.0, 70.0]), _arcs([(0, 0, 1.0), (0, 1, 1.0)]))
    assert found.unmet.tolist() == [2, 0]


def test_prices_must_not_fall():
    with pytest.raises(ValueError, match="do not fall"):
        allocate(
            np.array([1]), np.array([1]), np.array([9.0]), _arcs([(0, 0, 1.0)]), np.ones((1, 2)), np.array([[2.0, 1.0]])
        )


def test_arcs_must_name_what_exists():
    with pytest.raises(ValueError, match="does not exist"):
        allocate(np.array([1]), np.array([1]), np.array([9.0]), _arcs([(0, 3, 1.0)]))


def test_two_smaller_customers_beat_the_largest():
    # Stock 10; customers want 6, 5, 5 and gain 7, 5, 5: 10 for the two smaller ones against 7.
    arcs = _arcs([(0, 0, 0.0), (0, 1, 0.0), (0, 2, 0.0)])
    found = serve_most(np.array([10]), np.array([6, 5, 5]), np.arange(3), np.array([7.0, 5.0, 5.0]), arcs, np.empty(0))
    assert found.served.tolist() == [False, True, True]
    assert found.gain == 10.0
    assert found.bound == pytest.approx(10.0)


def test_relaxation_bounds_the_choice_from_above():
    # Taken as fractions, 10 units serve customer 0 (7 for 6) and four fifths of another (4 of 5): 11.
    arcs = _arcs([(0, 0, 0.0), (0, 1, 0.0), (0, 2, 0.0)])
    gain = np.array([7.0, 5.0, 5.0])
    found = serve_most(np.array([10]), np.array([6, 5, 5]), np.arange(3), gain, arcs, np.empty(0), nodes=0)
    assert found.bound == pytest.approx(11.0)
    assert not found.served.any()


def test_a_customer_needs_all_of_its_demands():
    # Customer 0 wants quilts and tents; there is no tent, so only customer 1 (quilts) can be served.
    arcs = _arcs([(0, 0, 0.0), (0, 2, 0.0)])
    crowds = np.array([0, 0, 1]), np.array([9.0, 1.0])
    found = serve_most(np.array([10]), np.array([5, 1, 5]), *crowds, arcs, np.empty(0))
    assert found.served.tolist() == [False, True]


def test_capacity_of_a_resource_limits_who_is_served():
    arcs = _arcs([(0, 0, 0.0), (0, 1, 0.0)], resource=np.zeros((2, 1), dtype=np.int64), use=np.full((2, 1), 0.5))
    found = serve_most(np.array([99]), np.array([6, 4]), np.arange(2), np.array([3.0, 2.0]), arcs, np.array([3.0]))
    assert found.served.tolist() == [True, False]
    assert found.bound == pytest.approx(3.0)
