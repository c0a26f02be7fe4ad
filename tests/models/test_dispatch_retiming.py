"""A timetable kept up to date change by change is that of the whole, and a change taken back leaves nothing behind."""

from __future__ import annotations

import numpy as np
import pytest

from models.dispatch_annealing import trips_a_step
from models.dispatch_instance import Dispatched
from models.dispatch_retiming import keep
from models.dispatch_schedule import empty_schedule
from models.dispatch_steps import begin, change, undo
from models.dispatch_timetable import LEVELS, time_trips, weigh, workspace
from models.dispatch_totals import value
from models.dispatch_ways import Ways
from models.traversal import NEVER
from tests.models.test_dispatch import MINUTE, _instance

PARTS = np.array([0.3, 0.5, 0.7, 0.05, 0.04, 4.0, 100.0 * MINUTE, 0.2, 0.0])


def _ways(rng, classes, sites):
    """One to three pieces for each pair, some of another rate, with a cap, or out of reach."""
    count = rng.integers(1, 4, classes * sites * sites)
    first = np.concatenate([[0], np.cumsum(count)])
    start = np.concatenate([np.sort(rng.integers(0, 300, of)) for of in count]) * MINUTE
    arrive = start + rng.integers(5, 90, len(start)) * MINUTE
    arrive[rng.random(len(start)) < 0.03] = NEVER
    cap = np.where(rng.random(len(start)) < 0.3, arrive + 20 * MINUTE, NEVER)
    return Ways(sites, first, start, arrive, cap, rng.choice([1.0, 1.0, 1.5], len(start)))


def _world(seed):
    """Places that share tasks and sites, two classes, booked docks and sites, stock by and by, rests, a short day."""
    rng = np.random.default_rng(seed)
    d, n, v, places = (
        int(rng.integers(1, 4)),
        int(rng.integers(3, 40)),
        int(rng.integers(1, 9)),
        int(rng.integers(2, 12)),
    )
    sites = d + places
    goods = [(d + int(rng.integers(places)), int(rng.integers(50, 2500)), 1) for _ in range(n)]
    tasks = int(rng.integers(1, n + 1))
    of = [np.unique(rng.integers(0, tasks, rng.integers(1, 3))) for _ in range(n)]
    length = rng.integers(2, 5, d)
    docks = tuple(rng.integers(1, 3, d).tolist())
    release_ms = [np.sort(rng.integers(0, 300, of)) * MINUTE for of in length[1:]]
    busy = [(int(rng.integers(sum(docks))), int(at), int(at) + 20) for at in rng.integers(0, 200, 3)]
    instance = _instance(
        np.zeros((sites, sites)), goods, vehicles=v, docks=docks, vehicle_class=rng.integers(0, 2, v),
        vehicle_site=rng.integers(0, sites, v), vehicle_kg=np.full(v, 3000.0), ways=_ways(rng, 2, sites),
        way_km=(1 - np.eye(sites)) * rng.random((2, sites, sites)) * 50, goods_release=rng.integers(0, 60, n) * MINUTE,
        goods_depots=rng.random((n, d)) < 0.9, task=np.concatenate(of),
        task_first=np.concatenate([[0], np.cumsum([len(one) for one in of])]), people=rng.random(tasks) * 100,
        weight=rng.random(tasks) * 100, first_batch=rng.random(tasks) < 0.8, reachable=rng.random(tasks) < 0.9,
        hopeless=rng.random(tasks) < 0.1, complete_before=np.where(rng.random(tasks) < 0.2, 150 * MINUTE, -NEVER),
        released=np.arange(d)[:, None] - 1, release_first=np.cumsum([0, *length[1:]]),
        release_ms=np.concatenate([np.empty(0, np.int64), *release_ms]),
        release_unit=np.full(d - 1, 20_000), release_taken=np.array([[0, 100 * MINUTE, 500]])[: d - 1],
        dock_busy=np.array([(k, a * MINUTE, b * MINUTE) for k, a, b in sorted(busy, key=lambda row: row[1])]),
        site_busy=np.array([[d, 100 * MINUTE, 130 * MINUTE]]), drive_limit_ms=90 * MINUTE, due_ms=200 * MINUTE,
        end_ms=int(rng.integers(250, 700)) * MINUTE, t_all_before=30 * MINUTE,
    )  # fmt: skip
    depot = rng.integers(0, d, n)
    now = Dispatched(rng.permutation(n), rng.integers(0, v, n), depot, rng.random(n) < 0.5)
    return instance, now, rng


def _same(instance, plan, now, energy, levels):
    work, expected = workspace(instance), np.zeros(LEVELS)
    driving = time_trips(instance, work, *now)
    weighed = weigh(instance, work, driving, PARTS, expected)
    assert plan.done.tolist() == work.done.tolist()
    assert levels == pytest.approx(expected, rel=1e-3, abs=1e-3)
    assert levels[1] == expected[1]
    assert energy == pytest.approx(weighed, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("seed", range(40))
def test_after_every_change_the_times_are_those_of_the_whole(seed):
    """Half of the changes are kept, half taken back; every one is timed anew from scratch beside it."""
    instance, now, rng = _world(seed)
    plan, levels = empty_schedule(instance), np.zeros(LEVELS)
    energy = begin(instance, plan, *now, PARTS, levels)
    _same(instance, plan, now, energy, levels)
    for _ in range(60):
        before = [part.copy() for part in (*now, plan.done, plan.start, plan.record, plan.left, plan.totals)]
        able, op, i, j = change(instance, plan, rng, *now, -1)
        if not able:
            continue
        energy = value(instance, plan, PARTS, levels, False)
        _same(instance, plan, now, energy, levels)
        if rng.random() < 0.5:
            keep(instance, plan)
            continue
        undo(instance, plan, *now, op, i, j)
        after = (*now, plan.done, plan.start, plan.record, plan.left, plan.totals)
        assert all((a == b).all() for a, b in zip(before, after, strict=True))


def test_a_schedule_can_be_used_again():
    """What another dispatch left in it does not count."""
    instance, now, rng = _world(7)
    other = now._replace(order=rng.permutation(len(now.order)))
    plan, levels = empty_schedule(instance), np.zeros(LEVELS)
    begin(instance, plan, *other, PARTS, levels)
    _same(instance, plan, now, begin(instance, plan, *now, PARTS, levels), levels)


def test_a_step_touches_less_where_there_are_more_depots():
    """A truck for each place: where each has a depot of its own a change touches few, at one depot all after it."""
    n = 30
    goods = [(n + k, 100, 1) for k in range(n)]
    ready = np.zeros((2 * n, 2 * n), np.int64)
    apart = _instance(ready, goods, vehicles=n, docks=(1,) * n)
    together = _instance(ready, goods, vehicles=n, docks=(1,))._replace(goods_site=apart.goods_site)
    order = np.arange(n)
    few = trips_a_step(apart, Dispatched(order, order, order, np.zeros(n, bool)), empty_schedule(apart))
    many = trips_a_step(together, Dispatched(order, order, 0 * order, np.zeros(n, bool)), empty_schedule(together))
    assert few < many / 3
