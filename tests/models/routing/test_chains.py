"""Chains: what is kept of them worked out by hand, places judged as by recomputing, children that lose nobody."""

from __future__ import annotations

import time

import numpy as np
import pytest

from models.routing import RoutingInstance, routing_instance, solve
from models.routing.chains import (
    AFTER,
    BEHIND,
    LEFT,
    anywhere,
    beside,
    drop,
    legs,
    no_chains,
    put,
    refresh_chain,
    trips,
)
from models.routing.coolings import child_tours, load_tours
from models.routing.strings import pull, put_back, restore
from tests.models.routing.recompute import recomputed


def _made(seed: int, n: int, fleet: int, **options) -> RoutingInstance:
    rng = np.random.default_rng(seed)
    time_ = rng.uniform(1, 100, (n + 1, n + 1))  # neither symmetric nor metric: nothing may rely on it
    np.fill_diagonal(time_, 0.0)
    return routing_instance(time_, [0, *rng.integers(1, 10, n)], 40.0, vehicles=fleet, **options)


def _worth(instance: RoutingInstance, tour: list[int]) -> float:
    """Of one tour, by plain loops."""
    clock, total, at = float(instance.ready[0]), 0.0, 0
    for c in tour:
        clock += instance.time[at, c]
        total += instance.weight[c] * clock if instance.by_arrival else instance.cost[at, c]
        clock += instance.service[c]
        at = c
    return total if instance.by_arrival else total + (instance.cost[at, 0] if tour else 0.0)


def _loaded(instance: RoutingInstance, tours: list[list[int]]):
    view = legs(instance)
    chains = no_chains(len(instance.demand), instance.vehicles)
    absent = load_tours(view, chains, tuple(np.array(tour, np.int64) for tour in tours))
    return view, chains, absent


def test_a_chain_of_three_by_hand():
    # places 10, 20 and 40 along a road, 5 of service at each, weights 1, 2, 4: arrivals 10, 25, 50
    at = np.array([0.0, 10.0, 20.0, 40.0])
    instance = routing_instance(np.abs(at[:, None] - at), [0, 1, 2, 3], 9, vehicles=1, by_arrival=True,
                                service=[0, 5, 5, 5], weight=[0, 1, 2, 4])  # fmt: skip
    _, chains, absent = _loaded(instance, [[1, 2, 3]])
    assert len(absent) == 0
    assert chains.worth[0] == 1 * 10 + 2 * 25 + 4 * 50
    assert chains.load[0] == 6
    assert chains.when[1:, LEFT].tolist() == [15, 30, 55]
    assert chains.when[1:, AFTER].tolist() == [6, 4, 0]  # weight of the arrivals behind each


@pytest.mark.parametrize("by_arrival", [True, False])
def test_every_place_costs_what_recomputing_says(by_arrival):
    # the best of all places equals the best of inserting everywhere and computing the whole tour anew
    rng = np.random.default_rng(5)
    for seed in range(30):
        n = 9
        options = {"by_arrival": by_arrival, "service": [0, *rng.random(n)], "weight": rng.integers(0, 4, n + 1)}
        instance = _made(seed, n, 3, **options)
        order = rng.permutation(np.arange(1, n)).tolist()
        tours = [order[:4], order[4:7], order[7:]]
        view, chains, absent = _loaded(instance, tours)
        assert absent.tolist() == [n]
        near = np.tile(np.arange(1, n, dtype=np.int32), (n + 1, 1))
        least = np.inf
        for tour in tours:
            if instance.demand[[*tour, n]].sum() > instance.capacity:
                continue
            for i in range(len(tour) + 1):
                more = _worth(instance, [*tour[:i], n, *tour[i:]]) - _worth(instance, tour)
                least = min(least, more)
        for found in (beside(view, chains, n, near, n - 1, 0.0, np.inf, rng),
                      anywhere(view, chains, n, 0.0, np.inf, rng)):  # fmt: skip
            cost, where, behind = found
            assert cost == pytest.approx(least)
        before = chains.worth.sum()
        put(view, chains, n, where, behind)
        assert chains.worth.sum() - before == pytest.approx(least)


def test_what_is_put_in_and_dropped_leaves_the_tour_as_it_was():
    instance = _made(1, 6, 2, by_arrival=True)
    view, chains, _ = _loaded(instance, [[1, 2, 3], [4, 5]])
    was = [array.copy() for array in chains]
    put(view, chains, 6, 0, 2)
    assert [tour[0].tolist() for tour in trips(chains)] == [[1, 2, 6, 3], [4, 5]]
    drop(chains, 6)
    refresh_chain(view, chains, 0)
    for array, old in zip(chains, was, strict=True):
        np.testing.assert_array_equal(array[:6], old[:6])


def test_overloading_costs_its_toll():
    # 30 of 40 are loaded; 15 more are 5 too many; at 2 a unit that is 10 on top of the detour 0 → 1 → 2 → 0
    instance = routing_instance(np.ones((3, 3)) - np.eye(3), [0, 30, 15], 40, vehicles=1)
    view, chains, _ = _loaded(instance, [[1]])
    rng = np.random.default_rng(0)
    near = np.array([[0], [2], [1]], np.int32)
    assert beside(view, chains, 2, near, 1, 0.0, np.inf, rng)[1] == -1
    assert beside(view, chains, 2, near, 1, 0.0, 2.0, rng)[0] == pytest.approx(1 + 10)
    assert anywhere(view, chains, 2, 0.0, 2.0, rng)[0] == pytest.approx(1 + 10)


@pytest.mark.parametrize("by_arrival", [True, False])
def test_a_step_keeps_the_books_and_can_be_taken_back(by_arrival):
    # after ruin and recreate everybody is on one tour or absent, kept worths are true, and copies restore all of it
    instance = _made(3, 40, 9, by_arrival=by_arrival)
    rng = np.random.default_rng(3)
    order = rng.permutation(np.arange(1, 41))
    view, chains, _ = _loaded(instance, [part.tolist() for part in np.array_split(order, 9)])
    near = np.argsort(instance.time[:, 1:], axis=1).astype(np.int32)[:, 1:] + 1
    absent, saved, was = np.zeros(41, np.int64), np.zeros((9, 41), np.int32), np.zeros((9, 2))
    for _ in range(200):
        touched, changed = np.zeros(9, np.bool_), np.zeros(9, np.int64)
        old = [tour[0].tolist() for tour in trips(chains)]
        gone, count = pull(view, chains, near, absent, 0, 10.0, touched, changed, 0, saved, was, rng)
        pulled = set(absent[:gone].tolist())
        assert len(pulled) == gone > 0
        assert pulled.isdisjoint(c for tour in trips(chains) for c in tour[0].tolist())
        left, count = put_back(view, chains, near, 20, absent, gone, np.zeros(41), touched, changed, count, saved, was,
                               0.01, np.inf, rng)  # fmt: skip
        now = [tour[0].tolist() for tour in trips(chains)]
        assert sorted([*(c for tour in now for c in tour), *absent[:left].tolist()]) == list(range(1, 41))
        assert chains.worth.sum() == pytest.approx(sum(_worth(instance, tour) for tour in now))
        for k in range(left):
            chains.link[absent[k], 0] = -1
        for k in range(count):
            restore(view, chains, changed[k], saved)
        assert [tour[0].tolist() for tour in trips(chains)] == old


def test_a_child_has_tours_of_one_parent_and_the_rest_of_the_other():
    # around customer 1: the tour of 1 and 2 of one parent; what the other serves beyond them, in its order
    near = np.array([[0] * 5, [2, 3, 4, 5, 6], *[[1, 3, 4, 5, 6]] * 5], np.int32)
    one = tuple(np.array(tour) for tour in ([1, 2], [3, 4], [5, 6]))
    other = tuple(np.array(tour) for tour in ([6, 1], [5, 4, 2, 3]))
    child = child_tours(one, other, near, 1, 0.34, 3)
    assert [tour.tolist() for tour in child] == [[1, 2], [5, 4, 3], [6]]
    # with two vehicles the shortest is given up
    assert [tour.tolist() for tour in child_tours(one, other, near, 1, 0.34, 2)] == [[1, 2], [5, 4, 3]]


def test_tours_loaded_are_the_tours():
    instance = _made(4, 7, 4, by_arrival=True)
    view, chains, absent = _loaded(instance, [[3, 1, 2], [7]])
    assert absent.tolist() == [4, 5, 6]
    assert [tour[0].tolist() for tour in trips(chains)] == [[3, 1, 2], [7]]
    assert chains.link[3, BEHIND] == 1
    absent = load_tours(view, chains, (np.array([4, 5], np.int64),))  # what was there before is gone
    assert absent.tolist() == [1, 2, 3, 6, 7]
    assert chains.worth.sum() == pytest.approx(_worth(instance, [4, 5]))


def test_a_full_fleet_is_served_although_greedy_places_run_out():
    # bins of 10 filled exactly: 6+4, 5+5, 7+3; nothing else fits three vehicles
    rng = np.random.default_rng(2)
    place = rng.uniform(0, 10, (7, 2))
    distance = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    instance = routing_instance(distance, [0, 6, 5, 7, 4, 5, 3], 10.0, vehicles=3, by_arrival=True)
    found = solve(instance, iterations=3000, seed=1)
    assert len(found.absent) == 0
    pairs = ((1, 4), (2, 5), (3, 6))
    least = sum(min(_worth(instance, list(way)) for way in (pair, pair[::-1])) for pair in pairs)
    assert recomputed(instance, found) == pytest.approx(least)


def test_a_limit_of_processor_time_is_kept():
    # 0.4 seconds of work, however long that is on the clock, and one look at the clock more
    instance = _made(6, 60, 10, by_arrival=True)
    solve(instance, iterations=1)
    begun = time.process_time()
    found = solve(instance, seconds=0.4, seed=1, clock=time.process_time)
    assert 0.35 < time.process_time() - begun < 0.7
    assert 0.4 <= found.seconds < 0.6
