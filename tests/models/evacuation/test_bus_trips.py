"""Buses in several trips: against every possible list of calls, and the bound that no plan beats."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from models.evacuation.bus_trips import BusTask, _play, plan_bus_trips
from models.evacuation.upper_bound import PeopleProblem, people_bound
from models.traversal import NEVER


def small(seed: int) -> tuple[BusTask, np.ndarray]:
    """Two or three places, two shelters, two buses; minutes between all points."""
    rng = np.random.default_rng(seed)
    places = int(rng.integers(2, 4))
    points = places + 2 + 2
    xy = rng.uniform(0, 20, (points, 2))
    minutes = np.ceil(np.abs(xy[:, None] - xy[None]).sum(axis=2)).astype(np.int64)
    task = BusTask(
        people=rng.integers(5, 25, places),
        ready=rng.integers(0, 15, places),
        latest=rng.integers(30, 90, places),
        shelter=places + np.arange(2),
        room=np.array([25, 100]),
        base=places + 2 + np.arange(2),
        free=rng.integers(0, 10, 2),
        seats=rng.integers(6, 16, 2),
        board=3,
        alight=2,
        grid=1,
    )
    return task, minutes


def reach_of(minutes):
    return lambda _bus, point, depart: depart + minutes[point]


@pytest.mark.parametrize("seed", range(6))
def test_no_list_of_calls_is_better(seed):
    """Every pair of lists of up to three calls, played by the same rule."""
    task, minutes = small(seed)
    places = range(len(task.people))
    lists = [list(calls) for k in range(4) for calls in product(places, repeat=k)]
    best = min(_play(task, reach_of(minutes), [a, b])[1] for a, b in product(lists, repeat=2))
    _, worth = plan_bus_trips(task, reach_of(minutes), rounds=1000)
    assert worth <= best


@pytest.mark.parametrize("seed", range(12))
def test_trips_keep_every_rule(seed):
    task, minutes = small(seed)
    trips, worth = plan_bus_trips(task, reach_of(minutes))
    at, free = task.base.tolist(), task.free.tolist()
    waiting, room = task.people.copy(), task.room.copy()
    for trip in trips:
        assert (trip.start, trip.set_out) == (at[trip.bus], free[trip.bus])
        assert trip.at_place == free[trip.bus] + minutes[at[trip.bus], trip.place]
        assert trip.board >= max(trip.at_place, task.ready[trip.place])
        assert trip.board + task.board == trip.depart <= task.latest[trip.place]
        assert trip.arrive == trip.depart + minutes[trip.place, task.shelter[trip.shelter]]
        assert 0 < trip.people <= task.seats[trip.bus]
        waiting[trip.place] -= trip.people
        room[trip.shelter] -= trip.people
        at[trip.bus], free[trip.bus] = int(task.shelter[trip.shelter]), trip.arrive + task.alight
    assert (waiting >= 0).all()
    assert (room >= 0).all()
    assert worth[0] == -sum(trip.people for trip in trips)


@pytest.mark.parametrize("seed", range(12))
def test_the_bound_is_never_beaten(seed):
    """The relaxation allows at least what the best plan does; with one bus less it allows no more."""
    task, minutes = small(seed)
    _, worth = plan_bus_trips(task, reach_of(minutes), rounds=800)
    problem = relaxed(task, minutes)
    assert people_bound(problem) >= -worth[0] - 1e-6
    assert people_bound(problem) <= min(task.people.sum(), task.room.sum()) + 1e-6
    fewer = replace(problem, seats=problem.seats[:1], ready=problem.ready[:1], cost=problem.cost[:1],
                    last=problem.last[:1])  # fmt: skip
    assert people_bound(fewer) <= people_bound(problem) + 1e-6


def relaxed(task: BusTask, minutes: np.ndarray) -> PeopleProblem:
    places = len(task.people)
    into = np.minimum(minutes[task.base][:, :places], minutes[task.shelter][:, :places].min(axis=0))
    out = minutes[:places][:, task.shelter].min(axis=1)
    last = np.broadcast_to(out + task.alight, into.shape).astype(float)
    none = np.empty(0, dtype=np.int64)
    pairs = [(p, s) for p in range(places) for s in range(len(task.shelter))]
    return PeopleProblem(
        people=task.people, place=np.arange(places), room=task.room, arc_group=none, arc_shelter=none,
        bus_group=np.array([p for p, _ in pairs]), bus_shelter=np.array([s for _, s in pairs]), seats=task.seats,
        ready=task.free.astype(float), cost=into + task.board + last, last=last, deadline=task.latest.astype(float),
    )  # fmt: skip


def test_two_loads_take_two_trips_by_hand():
    """One bus of 10, 20 people 5 minutes away: out at 8, in at 13, off at 15, back at 20, out at 23, in at 28."""
    minutes = np.array([[0, 5, 5], [5, 0, 0], [5, 0, 0]])
    task = BusTask(np.array([20]), np.array([0]), np.array([100]), np.array([1]), np.array([50]), np.array([2]),
                   np.array([0]), np.array([10]), 3, 2, 1)  # fmt: skip
    trips, worth = plan_bus_trips(task, reach_of(minutes))
    assert [trip.arrive for trip in trips] == [13, 28]
    assert worth == (-20, 28, 10 * 13 + 10 * 28)
    late = replace(task, latest=np.array([22]))
    assert plan_bus_trips(late, reach_of(minutes))[1][0] == -10


def test_a_place_that_no_road_reaches_is_left():
    minutes = np.array([[0, NEVER, NEVER], [NEVER, 0, 0], [NEVER, 0, 0]])
    task = BusTask(np.array([20]), np.array([0]), np.array([100]), np.array([1]), np.array([50]), np.array([2]),
                   np.array([0]), np.array([10]), 3, 2, 1)  # fmt: skip
    assert plan_bus_trips(task, lambda _, p, d: np.minimum(d + minutes[p], NEVER))[0] == []
