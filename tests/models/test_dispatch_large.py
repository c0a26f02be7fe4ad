"""First dispatches by hand, and large ones improved, against the timetable of the whole."""

from __future__ import annotations

import numpy as np
import pytest

from models.dispatch_annealing import anneal, loading_starts
from models.dispatch_greedy import first_vehicle_first
from models.dispatch_instance import Dispatched
from models.dispatch_schedule import empty_schedule
from models.dispatch_timetable import LEVELS, time_trips, timetable, weigh, workspace
from tests.models.test_dispatch import LINE, MINUTE, PARTS, _instance, _minutes


def _levels(instance, dispatched):
    work, levels = workspace(instance), np.zeros(LEVELS)
    weigh(instance, work, time_trips(instance, work, *dispatched), PARTS, levels)
    return tuple(levels)


def _large(seed, n=60):
    """Three depots and 25 places in the plane; 20 vehicles, half of them large."""
    rng = np.random.default_rng(seed)
    at = rng.random((28, 2)) * 100
    drive = np.rint(np.hypot(*(at[:, None, k] - at[None, :, k] for k in (0, 1)))).astype(int)
    goods = [(int(rng.integers(3, 28)), int(rng.integers(200, 2500)), int(rng.integers(10, 200))) for _ in range(n)]
    return _instance(
        drive, goods, vehicles=20, docks=(2, 2, 1), vehicle_site=rng.integers(0, 3, 20),
        vehicle_kg=np.where(np.arange(20) % 2, 5000.0, 2500.0), due_ms=150 * MINUTE,
    )  # fmt: skip


def test_the_vehicle_that_is_done_first_goes_and_takes_what_fits():
    """Ready at 30, 8 min loading, 10 papers, 10 driving, 6 unloading: 64; with both 1,000 kg: 8, 6 as well.

    The second vehicle, 10 minutes later, is chosen for the far place, because the first is away until 64.
    """
    ready = np.array([30, 40]) * MINUTE
    goods = [(1, 500, 10), (3, 500, 10), (1, 500, 10)]
    instance = _instance(LINE, goods, vehicles=2, vehicle_ready=ready)
    order = np.array([0, 1, 2])
    together = first_vehicle_first(instance, np.zeros(3, np.int64), order, fill=True)
    assert together.vehicle.tolist() == [0, 1, 0]
    assert together.order.tolist() == [0, 2, 1]
    assert together.join.tolist() == [False, False, True]
    assert _minutes(instance, together) == [64.0, 94.0, 64.0]
    apart = first_vehicle_first(instance, np.zeros(3, np.int64), order, fill=False)
    assert not apart.join.any()
    assert apart.order.tolist() == [0, 1, 2]


def test_what_fits_no_vehicle_goes_to_the_largest_and_is_sent_nonetheless():
    instance = _instance(LINE, [(1, 9000, 10)], vehicles=2, vehicle_kg=np.array([4000.0, 5000.0]))
    assert first_vehicle_first(instance, np.zeros(1, np.int64), np.array([0]), fill=False).vehicle.tolist() == [1]


@pytest.mark.parametrize("seed", range(6))
def test_a_large_dispatch_gets_better_keeps_the_rules_and_is_reproducible(seed):
    instance = _large(seed)
    n = len(instance.goods_site)
    depot = np.arange(n) % 3
    start = first_vehicle_first(instance, depot, np.arange(n), fill=True)
    tight = np.stack([np.bincount(depot, instance.goods_kg, 3)], axis=1).astype(np.int64) + 1500
    instance = instance._replace(stock=tight)
    found, levels = anneal(instance, start, 4000, 50.0, 2.0, seed, PARTS)
    again, _ = anneal(instance, start, 4000, 50.0, 2.0, seed, PARTS, schedule=empty_schedule(instance))
    assert all((a == b).all() for a, b in zip(found, again, strict=True))
    assert sorted(found.order.tolist()) == list(range(n))
    assert (instance.goods_kg <= instance.vehicle_kg[found.vehicle]).all()
    assert (np.bincount(found.depot, instance.goods_items[:, 0], 3) <= tight[:, 0]).all()
    assert tuple(levels) == _levels(instance, found) <= _levels(instance, start)
    assert _levels(instance, found) < _levels(instance, start)


def test_tasks_that_others_finish_later_are_not_finished_earlier():
    """Half of a task is brought by others at minute 200: it cannot be complete before."""
    instance = _instance(LINE, [(1, 500, 10)], complete_before=np.array([200 * MINUTE]))
    start = first_vehicle_first(instance, np.zeros(1, np.int64), np.array([0]), fill=False)
    assert timetable(instance, start)[0] == 64 * MINUTE
    assert _levels(instance, start)[1] == 200 * MINUTE
    assert _levels(instance._replace(t_all_before=300 * MINUTE), start)[1] == 300 * MINUTE


def test_the_walk_ends_when_it_is_told():
    instance = _large(1)
    start = first_vehicle_first(instance, np.arange(60) % 3, np.arange(60), fill=True)
    asked = []
    anneal(instance, start, 10**9, 50.0, 2.0, 1, PARTS, lambda: len(asked) > 2 or asked.append(1))
    assert len(asked) == 3


@pytest.mark.parametrize("seed", range(6))
def test_in_order_of_loading_no_vehicle_that_comes_earlier_delays_another(seed):
    """Vehicles ready earlier than reckoned with, trips in the order of their loading: nothing is loaded later.

    By induction: where a dock was free at a time, it still is, as all that is loaded before ends no later. Each place
    has one load, and nobody needs a rest.
    """
    n = 25
    instance = _large(seed, n)._replace(goods_site=np.arange(3, 28), drive_limit_ms=10**9)
    start = first_vehicle_first(instance, np.arange(n) % 3, np.arange(n), fill=False)
    start = Dispatched(np.random.default_rng(seed).permutation(n), *start[1:])
    schedule = empty_schedule(instance)
    times = loading_starts(instance, start, schedule)
    in_order = start._replace(order=np.argsort(times, kind="stable"))
    assert (loading_starts(instance, in_order, schedule) <= times).all()
    early = instance.vehicle_ready - np.random.default_rng(seed).integers(0, 20, 20) * MINUTE
    earlier = instance._replace(vehicle_ready=early)
    assert (loading_starts(earlier, in_order, empty_schedule(earlier)) <= times).all()
