"""Flows of least cost: published instances, and random ones against a linear programme."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from models.evacuation import min_cost_flow
from tests.shared import shared_path


def read_dimacs(path: Path) -> tuple[np.ndarray, ...]:
    """Arrays of a DIMACS minimum-cost-flow file (``a`` lines: tail, head, lower, capacity, cost)."""
    supply: dict[int, int] = {}
    arcs = []
    n = 0
    for line in path.read_text().splitlines():
        word = line.split()
        if word[:1] == ["p"]:
            n = int(word[2])
        elif word[:1] == ["n"]:
            supply[int(word[1]) - 1] = int(word[2])
        elif word[:1] == ["a"]:
            arcs.append([int(x) for x in word[1:6]])
    table = np.array(arcs)
    return (
        table[:, 0] - 1,
        table[:, 1] - 1,
        table[:, 3],
        table[:, 4],
        np.array([supply.get(k, 0) for k in range(n)]),
        table[:, 2],
    )


@pytest.mark.parametrize("name", ["Network1", "Network3"])
def test_published_optimum(name):
    with shared_path("bench/assign_mcf/bks.csv").open() as file:
        best = {row["instance"]: int(float(row["bks"])) for row in csv.DictReader(file)}
    tail, head, capacity, cost, supply, lower = read_dimacs(shared_path(f"bench/assign_mcf/instances/{name}.dmx"))
    found = min_cost_flow(tail, head, capacity, cost, supply, lower)
    assert found.feasible
    assert found.cost == best[name]
    balance = supply.copy()
    np.subtract.at(balance, tail, found.amount)
    np.add.at(balance, head, found.amount)
    assert (balance == 0).all()
    assert (found.amount >= lower).all()
    assert (found.amount <= capacity).all()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_lower_bounds_and_negative_costs_agree_with_a_linear_programme(data):
    """Moving lower bounds into the supplies is easily got wrong by a sign."""
    n = data.draw(st.integers(2, 5))
    arcs = data.draw(
        st.lists(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1), st.integers(0, 3), st.integers(0, 6),
                      st.integers(-5, 9)).filter(lambda a: a[0] != a[1]), min_size=1, max_size=10)
    )  # fmt: skip
    free = data.draw(st.lists(st.integers(-4, 4), min_size=n - 1, max_size=n - 1))
    supply = np.array([*free, -sum(free)])
    table = np.array(arcs)
    tail, head, lower, cost = table[:, 0], table[:, 1], table[:, 2], table[:, 4]
    capacity = lower + table[:, 3]
    found = min_cost_flow(tail, head, capacity, cost, supply, lower)
    incidence = np.zeros((n, len(arcs)))
    for k in range(len(arcs)):
        incidence[tail[k], k] += 1
        incidence[head[k], k] -= 1
    lp = linprog(cost, A_eq=incidence, b_eq=supply, bounds=list(zip(lower, capacity, strict=True)))
    assert found.feasible == (lp.status == 0)
    if found.feasible:
        assert found.cost == pytest.approx(lp.fun)


def test_unbalanced_supplies_are_refused():
    with pytest.raises(ValueError, match="add up"):
        min_cost_flow([0], [1], [1], [1], [1, 0])
