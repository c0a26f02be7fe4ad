"""The routing search: optimal on tiny instances, feasible by an independent check, close to published values."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.routing import RoutingInstance, routing_instance, solve
from tests.models.routing.recompute import recomputed
from tests.shared import shared_path


def _random(seed: int, n: int, **options) -> RoutingInstance:
    rng = np.random.default_rng(seed)
    place = rng.integers(0, 100, (n + 1, 2))
    time = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1).astype(float))
    return routing_instance(time, np.array([0, *rng.integers(1, 10, n)]), 20.0, **options)


def _splits(order: tuple[int, ...]):
    """Ways to cut an order into consecutive parts."""
    for cuts in itertools.product((False, True), repeat=len(order) - 1):
        parts = [[order[0]]]
        for c, cut in zip(order[1:], cuts, strict=True):
            if cut:
                parts.append([c])
            else:
                parts[-1].append(c)
        yield parts


def _least(instance: RoutingInstance) -> float:
    """Optimum by trying all orders and cuts; parts are tours, or trips of one vehicle."""
    best = np.inf
    for order in itertools.permutations(range(1, len(instance.demand))):
        for parts in _splits(order):
            if any(sum(instance.demand[c] for c in part) > instance.capacity for part in parts):
                continue
            if not instance.reload and len(parts) > instance.vehicles:
                continue
            worth, clock, possible = 0.0, 0.0, True
            for part in parts:
                clock = clock if instance.reload else 0.0
                clock = max(clock, *(instance.release[c] for c in part))
                at = 0
                for c in [*part, 0]:
                    clock += instance.time[at, c]
                    possible = possible and clock <= instance.due[c]
                    clock = max(clock, instance.ready[c])
                    if instance.by_arrival:
                        worth += instance.weight[c] * clock if c else 0.0
                    else:
                        worth += instance.cost[at, c]
                    clock += instance.service[c]
                    at = c
            if possible:
                best = min(best, worth)
    return best


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["distance", "arrival", "arrival reload", "windows", "release"])
def test_tiny_instances_are_solved_to_the_optimum(kind, seed):
    rng = np.random.default_rng(100 + seed)
    n = 5
    options = {
        "distance": {},
        "arrival": {"by_arrival": True, "vehicles": 3, "service": [0, 1, 2, 3, 4, 5]},
        "arrival reload": {"by_arrival": True, "vehicles": 1, "reload": True, "weight": [0, 3, 1, 4, 1, 5]},
        "windows": {"ready": [0, *rng.integers(0, 60, n)], "due": [900, *rng.integers(200, 300, n)]},
        "release": {"vehicles": 1, "reload": True, "release": [0, *rng.integers(0, 200, n)], "due": [900.0] * (n + 1)},
    }[kind]
    instance = _random(seed, n, **options)
    found = solve(instance, iterations=1500, seed=seed)
    assert len(found.absent) == 0
    assert found.worth == pytest.approx(recomputed(instance, found))
    assert found.worth == pytest.approx(_least(instance))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30), st.booleans(), st.booleans(), st.booleans())
def test_every_answer_is_feasible_and_worth_what_it_says(seed, n, reload, timed, by_arrival):
    # whatever is asked, and even where not everybody can be served
    rng = np.random.default_rng(seed)
    options = {"vehicles": 1 + seed % 4, "reload": reload, "by_arrival": by_arrival, "service": [0, *rng.random(n)]}
    if timed:
        options["due"] = [rng.uniform(100, 500), *rng.uniform(50, 600, n)]
        if not by_arrival:
            options["ready"] = [0, *rng.uniform(0, 50, n)]
            options["release"] = [0, *rng.uniform(0, 200, n)]
    instance = _random(seed, n, **options)
    found = solve(instance, iterations=300, seed=seed)
    assert found.worth == pytest.approx(recomputed(instance, found))


def test_the_same_work_and_seed_give_the_same_tours():
    instance = _random(7, 25, by_arrival=True, vehicles=4)
    a, b = (solve(instance, iterations=2000, seed=3) for _ in range(2))
    assert [[t.tolist() for t in tour] for tour in a.tours] == [[t.tolist() for t in tour] for tour in b.tours]


def test_the_time_limit_is_kept():
    instance = _random(1, 200, by_arrival=True, vehicles=60)
    solve(instance, iterations=1)
    # 5 % of a second, and what a busy machine may add to it
    assert solve(instance, seconds=1.0).seconds < 1.3


def test_a_minute_of_waiting_would_be_counted_wrongly_and_is_refused():
    with pytest.raises(ValueError, match="wait"):
        _random(1, 3, by_arrival=True, release=[0, 1, 2, 3])


@pytest.mark.parametrize(("name", "value"), [("X-n110-k13", 14971), ("X-n157-k13", 16876)])
def test_published_distances_are_nearly_reached(name, value):
    # within 3 % of the optimum (CVRPLIB) after a few seconds of work, and never below it
    from benchmarks._routing_files import euclidean, read_vrp

    path = shared_path(f"bench/routing_cvrp_x/instances/{name}.vrp")
    given_ = read_vrp(path)
    distance = np.floor(euclidean(given_.place) + 0.5)
    instance = routing_instance(distance, given_.demand, given_.capacity, vehicles=40)
    found = solve(instance, iterations=15_000, seed=1)
    assert value <= recomputed(instance, found) <= 1.03 * value


def test_published_sum_of_arrivals_is_nearly_reached():
    # CMT12 with 10 vehicles: 3,558.92 (Ngueveu et al. 2010 and successors)
    from benchmarks._routing_files import euclidean, read_vrp

    given_ = read_vrp(shared_path("bench/routing_ccvrp/instances/CMT12.vrp"))
    instance = routing_instance(euclidean(given_.place), given_.demand, given_.capacity, vehicles=10, by_arrival=True)
    found = solve(instance, iterations=25_000, seed=1)
    assert 3558.9 <= recomputed(instance, found) <= 1.02 * 3558.92
