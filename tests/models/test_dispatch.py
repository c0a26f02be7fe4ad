"""Dispatch over arrays: a timetable by hand, and annealing that keeps to the rules and never gets worse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.dispatch_annealing import anneal
from models.dispatch_greedy import first_vehicle_first
from models.dispatch_instance import Dispatched, DispatchInstance
from models.dispatch_timetable import timetable
from models.dispatch_ways import Ways, constant_ways
from models.traversal import NEVER

MINUTE = 60_000
PARTS = np.array([0.3, 0.1, 0.05, 0.05, 0.04, 4.0, 0.0, 0.0, 0.0])


def _instance(drive, goods, vehicles=1, docks=(1,), **other):
    """Depots at the first sites, then places; ``drive``: minutes between sites; ``goods``: (site, kg, people).

    A load takes 40 minutes per 5 t, at least 8; unloading 30, at least 6; 10 for papers; vehicles stand at site 0,
    ready at minute 30, and carry 5 t.
    """
    drive = np.array(drive)
    n, d = len(goods), len(docks)
    values = {
        "vehicle_class": np.zeros(vehicles, np.int64), "vehicle_site": np.zeros(vehicles, np.int64),
        "vehicle_ready": np.full(vehicles, 30 * MINUTE), "vehicle_kg": np.full(vehicles, 5000.0),
        "vehicle_m3": np.full(vehicles, 1e9), "depot_site": np.arange(d), "depot_open": np.zeros(d, np.int64),
        "dock_first": np.cumsum([0, *docks]), "goods_site": np.array([site for site, _, _ in goods]),
        "goods_release": np.zeros(n, np.int64), "goods_kg": np.array([float(kg) for _, kg, _ in goods]),
        "goods_m3": np.zeros(n), "goods_items": np.array([[int(kg)] for _, kg, _ in goods]),
        "goods_depots": np.ones((n, d), np.bool_), "stock": np.full((d, 1), 100_000),
        "released": np.full((d, 1), -1), "release_first": np.zeros(1, np.int64), "release_ms": np.empty(0, np.int64),
        "release_unit": np.empty(0, np.int64), "release_taken": np.empty((0, 3), np.int64),
        "task_first": np.arange(n + 1), "task": np.arange(n), "people": np.array([float(p) for _, _, p in goods]),
        "weight": np.array([float(p) for _, _, p in goods]), "first_batch": np.ones(n, np.bool_),
        "reachable": np.ones(n, np.bool_), "hopeless": np.zeros(n, np.bool_),
        "ways": constant_ways(np.where(drive < 9000, drive * MINUTE, NEVER)[None]),
        "way_km": np.where(drive < 9000, drive, 0)[None].astype(np.float64), "dock_busy": np.empty((0, 3), np.int64),
        "site_busy": np.empty((0, 3), np.int64), "loading_ms": 40 * MINUTE, "unloading_ms": 30 * MINUTE,
        "convoy_ms": 10 * MINUTE, "reference_kg": 5000.0, "reference_m3": 1.0, "floor": 0.2,
        "drive_limit_ms": 240 * MINUTE, "drive_rest_ms": 20 * MINUTE, "order_ms": 0, "due_ms": 360 * MINUTE,
        "end_ms": 1440 * MINUTE, "complete_before": np.full(n, -NEVER), "t_all_before": 0,
    }  # fmt: skip
    return DispatchInstance(**{**values, **other})


def _start(order, vehicle=None, depot=None, join=None):
    n = len(order)
    return Dispatched(
        np.array(order), np.array(vehicle or [0] * n), np.array(depot or [0] * n), np.array(join or [False] * n)
    )


LINE = [[abs(a - b) * 10 for b in range(4)] for a in range(4)]
"""A depot and three places, 10 minutes apart."""


def _minutes(instance, start):
    return [time / MINUTE for time in timetable(instance, start)]


def test_one_trip_and_two_trips_by_hand():
    instance = _instance(LINE, [(1, 100, 1), (2, 100, 1), (3, 100, 1)])
    assert _minutes(instance, _start([0, 1, 2], join=[False, True, True])) == [64, 80, 96]
    # back from the first place at 74, loaded by 82, off at 92, twenty minutes on at the second at 118
    assert _minutes(instance, _start([0, 1, 2]))[:2] == [64, 118]


def test_docks_are_taken_in_turn_and_gaps_used():
    instance = _instance(LINE, [(1, 100, 1), (2, 100, 1)], vehicles=2, vehicle_ready=np.array([60, 30]) * MINUTE)
    # vehicle 0 loads 60–68; vehicle 1, later in the list, fits in before it
    assert _minutes(instance, _start([0, 1], vehicle=[0, 1])) == [94, 74]


def test_booked_docks_and_sites_are_left_alone():
    busy = np.array([[0, 30 * MINUTE, 45 * MINUTE]])
    instance = _instance(LINE, [(1, 100, 1)], dock_busy=busy)
    assert _minutes(instance, _start([0])) == [79]
    instance = _instance(LINE, [(1, 100, 1)], site_busy=np.array([[1, 50 * MINUTE, 70 * MINUTE]]))
    assert _minutes(instance, _start([0])) == [76]


def test_unreachable_and_beyond_the_horizon_is_never():
    cut = [[0, 10, 9999], [10, 0, 9999], [9999, 9999, 0]]
    instance = _instance(cut, [(2, 100, 1), (1, 100, 1)])
    done = timetable(instance, _start([0, 1], join=[False, True]))
    assert done[0] == NEVER
    assert done[1] == 64 * MINUTE
    short = _instance(LINE, [(1, 100, 1), (3, 100, 1)], end_ms=80 * MINUTE)
    assert timetable(short, _start([0, 1], join=[False, True])).tolist() == [64 * MINUTE, NEVER]


def test_a_rest_is_added_where_the_driving_limit_is_passed():
    instance = _instance([[0, 300], [300, 0]], [(1, 100, 1)])
    assert _minutes(instance, _start([0])) == [48 + 300 + 20 + 6]


def _to_the_place(*pieces):
    """Ways between a depot and a place: there by pieces (start, arrival, cap, rate; minutes), back in 10."""
    start, arrive, cap, rate = (np.array(of) for of in zip(*pieces, strict=True))
    n = len(pieces)
    ends = np.array([NEVER])
    return Ways(2, np.array([0, 1, 1 + n, 2 + n, 3 + n]), np.concatenate([[0], start * MINUTE, [0, 0]]),
                np.concatenate([[0], arrive * MINUTE, [10 * MINUTE, 0]]),
                np.concatenate([ends, np.where(cap > 9000, NEVER, cap * MINUTE), ends, ends]),
                np.concatenate([[1.0], rate, [1.0, 1.0]]))  # fmt: skip


@pytest.mark.parametrize(
    ("pieces", "arrives"),
    [
        # closed from 40 on for those who leave then, until they arrive at 100 all together
        ([(0, 10, 9999, 1.0), (40, 100, 100, 1.0), (90, 100, 9999, 1.0)], 100),
        # a detour of 30 minutes, until waiting for the usual way is as good
        ([(0, 10, 9999, 1.0), (40, 70, 75, 1.0)], 75),
        ([(0, 10, 9999, 1.0), (40, 70, 90, 1.0)], 78),
        # half as fast from some point on: leaving at 48, 8 minutes after the piece begins
        ([(0, 10, 9999, 1.0), (40, 50, 9999, 2.0)], 66),
    ],
)
def test_driving_follows_the_piece_of_the_hour(pieces, arrives):
    """Ready at 30, 8 minutes of loading, 10 of papers: off at 48; 6 of unloading."""
    instance = _instance([[0, 10], [10, 0]], [(1, 100, 1)], ways=_to_the_place(*pieces))
    assert _minutes(instance, _start([0])) == [arrives + 6]


def test_goods_that_are_released_by_and_by_are_waited_for_and_never_taken_from_what_is_reserved():
    """Ten units at minute 60 and ten more each hour on; loads of 8 minutes, papers 10, driving 10, unloading 6."""
    released = {
        "released": np.array([[0]]), "release_first": np.array([0, 4]), "release_unit": np.array([10]),
        "release_ms": np.array([60, 120, 180, 240]) * MINUTE, "goods_items": np.array([[10], [20], [10]]),
    }  # fmt: skip
    instance = _instance(LINE, [(1, 100, 1)] * 3, vehicles=3, **released)
    # 10 at 60; 20 more, 30 in all, at 180; then 10 more, 40 in all, at 240
    assert _minutes(instance, _start([0, 1, 2], vehicle=[0, 1, 2])) == [94, 214, 274]
    # the first in order takes its 20 at 120; nobody else is served before, for at 120 all that is released is reserved
    assert _minutes(instance, _start([1, 0, 2], vehicle=[0, 1, 2])) == [214, 154, 274]
    booked = instance._replace(release_taken=np.array([[0, 120 * MINUTE, 10]]))
    assert _minutes(booked, _start([0, 1], vehicle=[0, 1, 2]))[:2] == [94, 274]
    greedy = first_vehicle_first(instance, np.zeros(3, np.int64), np.array([1, 0, 2]), fill=False)
    assert _minutes(instance, greedy) == [214, 154, 274]


def test_annealing_finds_the_best_of_a_small_case():
    # Three trucks, one dock: the farthest place must be loaded for first (84), then the second (82) and the first (80).
    instance = _instance(LINE, [(1, 100, 100), (2, 100, 100), (3, 100, 100)], vehicles=3)
    found, levels = anneal(instance, _start([0, 1, 2]), 20_000, 100.0, 1.0, 1, PARTS)
    assert levels[:3].tolist() == [0.0, 84.0 * MINUTE, 100.0 * (84 + 82 + 80) * MINUTE]
    assert sorted(_minutes(instance, found)) == [80, 82, 84]


def test_people_come_before_the_last_arrival():
    # One truck, two places 100 and 110 minutes away in opposite directions, both by minute 200: only one can be.
    drive = [[0, 100, 110], [100, 0, 210], [110, 210, 0]]
    instance = _instance(drive, [(1, 100, 10), (2, 100, 90)], due_ms=200 * MINUTE)
    found, levels = anneal(instance, _start([0, 1]), 5000, 50.0, 0.5, 1, PARTS)
    assert levels[0] == 10.0
    assert timetable(instance, found)[1] <= 200 * MINUTE


def test_goods_move_to_another_depot_only_where_it_has_them():
    # The second depot stands beside the place, the first an hour away.
    drive = [[0, 60, 60], [60, 0, 5], [60, 5, 0]]
    plenty = _instance(drive, [(2, 100, 50)], docks=(1, 1), vehicle_site=np.array([1]))
    found, _ = anneal(plenty, _start([0]), 2000, 50.0, 0.5, 1, PARTS)
    assert found.depot.tolist() == [1]
    empty = _instance(drive, [(2, 100, 50)], docks=(1, 1), vehicle_site=np.array([1]), stock=np.array([[100], [99]]))
    found, _ = anneal(empty, _start([0]), 2000, 50.0, 0.5, 1, PARTS)
    assert found.depot.tolist() == [0]


def test_goods_change_depots_crosswise_where_neither_depot_has_more():
    """Each depot has stock for one place and the wrong one: only a change of both at once is possible."""
    # sites: depots 0 and 1 two hours apart, place 2 beside depot 0, place 3 beside depot 1; a truck at each depot
    drive = [[0, 120, 5, 125], [120, 0, 125, 5], [5, 125, 0, 130], [125, 5, 130, 0]]
    instance = _instance(drive, [(2, 100, 10), (3, 100, 10)], vehicles=2, docks=(1, 1), vehicle_site=np.array([0, 1]),
                         stock=np.array([[100], [100]]))  # fmt: skip
    found, levels = anneal(instance, _start([0, 1], vehicle=[1, 0], depot=[1, 0]), 2000, 10.0, 0.1, 1, PARTS)
    assert found.depot.tolist() == [0, 1]
    # ready at 30, loaded by 38, papers until 48, five minutes' drive, six of unloading
    assert levels[1] == 59 * MINUTE


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_annealing_is_never_worse_reproducible_and_within_the_rules(seed):
    rng = np.random.default_rng(seed)
    n, d, v = int(rng.integers(1, 9)), int(rng.integers(1, 3)), int(rng.integers(1, 5))
    drive = rng.integers(5, 120, (n + d, n + d))
    np.fill_diagonal(drive, 0)
    goods = [(d + k, int(rng.integers(1, 5000)), int(rng.integers(1, 300))) for k in range(n)]
    stock = np.array([[sum(kg for _, kg, _ in goods)], *([[int(rng.integers(0, 6000))]] * (d - 1))])
    instance = _instance(drive, goods, vehicles=v, docks=(1,) * d, stock=stock)
    start = _start(list(range(n)), vehicle=[int(rng.integers(0, v)) for _ in range(n)])
    _, before = anneal(instance, start, 0, 1.0, 1.0, seed, PARTS)
    found, after = anneal(instance, start, 3000, 100.0, 1.0, seed, PARTS)
    again, _ = anneal(instance, start, 3000, 100.0, 1.0, seed, PARTS)
    assert after.tolist() <= before.tolist()
    assert all((a == b).all() for a, b in zip(found, again, strict=True))
    assert sorted(found.order.tolist()) == list(range(n))
    taken = np.zeros(d)
    np.add.at(taken, found.depot, instance.goods_kg)
    assert (taken <= stock[:, 0]).all()
