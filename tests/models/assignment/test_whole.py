"""Whole assignments: published optima, every assignment tried on small cases, infeasible ones."""

from __future__ import annotations

import csv
import itertools

import numpy as np
import pytest

from models.assignment.whole import assign_whole, assignment_cost
from tests.shared import shared_path


def published(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cost, load and capacity of a file of the shared instances."""
    text = (shared_path("bench/assign_gap") / "instances" / f"{name}.txt").read_text(encoding="utf-8")
    numbers = np.array(text.split(), dtype=np.int64)
    m, n = numbers[:2]
    return (numbers[2 : 2 + m * n].reshape(m, n).astype(np.float64),
            numbers[2 + m * n : 2 + 2 * m * n].reshape(m, n), numbers[2 + 2 * m * n :])  # fmt: skip


def optima() -> dict[tuple[str, str], float]:
    with (shared_path("bench/assign_gap") / "bks.csv").open(encoding="utf-8") as stream:
        return {(row["instance"], row["objective"].split()[1]): float(row["bks"]) for row in csv.DictReader(stream)}


@pytest.mark.parametrize("name", ["cattrysse1994_gap1-0", "cattrysse1994_gap3-2", "chu1997_a05100", "chu1997_a10100"])
def test_published_optima(name: str) -> None:
    """Proven, at the printed value."""
    cost, load, capacity = published(name)
    found = assign_whole(cost, load, capacity, seconds=8)
    best = optima()[name, "minimise" if (name, "minimise") in optima() else "maximise"]
    if (name, "minimise") not in optima():
        pytest.skip("only maximisation is published")
    assert found.value == best
    assert found.status == "optimal"
    assert assignment_cost(cost, load, capacity, found.agent) == best


def test_maximised_as_printed() -> None:
    """The OR-Library's own value, 336, is that of maximisation."""
    cost, load, capacity = published("cattrysse1994_gap1-0")
    found = assign_whole(-cost, load, capacity, seconds=8)
    assert -found.value == 336
    assert found.status == "optimal"


@pytest.mark.parametrize("seed", range(6))
def test_every_assignment_tried(seed: int) -> None:
    """Three agents, five jobs."""
    rng = np.random.default_rng(seed)
    cost, load = rng.integers(1, 30, (3, 5)).astype(float), rng.integers(1, 10, (3, 5))
    capacity = rng.integers(7, 16, 3)
    every = itertools.product(range(3), repeat=5)
    best = min(assignment_cost(cost, load, capacity, np.array(agent)) for agent in every)
    found = assign_whole(cost, load, capacity, seconds=5)
    assert found.value == best
    assert found.status == ("infeasible" if best == np.inf else "optimal")


def test_bad_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="whole costs"):
        assign_whole(np.array([[0.5]]), np.array([[1]]), np.array([1]))
