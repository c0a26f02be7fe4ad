"""Proofs by dividing all plans, on instances small enough to be worked out by hand or by trying everything."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from models.relief_exact.branches import divide
from models.relief_exact.instance import Supply
from models.relief_exact.sequences import find_sequences
from tests.relief_exact.test_bound import MINUTE, _instance, _two_depots


def _divided(instance, weight, until, enough, seconds=20.0, **other):
    """Weights such that the bound is in weighted minutes; proven to a hundredth of one."""
    per_ms = np.array(weight, float) / MINUTE
    return divide(instance, per_ms, until * MINUTE, MINUTE, enough - 0.01 if enough > 1 else enough, seconds, **other)


def test_one_load_is_proven_to_the_minute():
    """8 min of loading (the floor), 10 of papers, 30 of driving, 4 of unloading: 52, and not by minute 51."""
    instance = _instance([30], [0.2])
    of = _divided(instance, [1.0], 60, 52.0)
    assert of.closed
    assert of.bound == pytest.approx(52.0, abs=0.011)
    assert not _divided(instance, [0.0], 52, 1e-3).closed
    assert _divided(instance, [0.0], 51, 1e-3).closed


def test_two_full_loads_at_one_dock_wait_for_each_other():
    """The heavier place first (40 + 10 + 30 + 20 = 100), the other 40 later; two docks: both at 100."""
    instance = _instance([30, 30], [1.0, 1.0])
    one = _divided(instance, [3.0, 1.0], 200, 3 * 100 + 140.0, split=False)
    assert one.closed
    assert one.bound == pytest.approx(440.0, abs=0.011)
    two = _divided(replace(instance, docks=np.array([2])), [3.0, 1.0], 200, 1000.0, split=False)
    assert two.bound == pytest.approx(400.0, abs=0.011)


def test_parts_never_raise_the_bound():
    """Plans with deliveries in parts are more."""
    instance = _instance([30, 20, 45], [0.8, 0.5, 0.3])
    whole, split = (
        _divided(instance, [1.0, 2.0, 1.0], 300, 1e6, 5.0, split=s, most_branches=20) for s in (False, True)
    )
    assert split.bound <= whole.bound + 1e-6


def test_a_truck_drives_to_the_other_depot_before_it_loads_there():
    """A done at 52; 90 min to E, then 52 again: 194."""
    instance = _two_depots([0, 1], [0, 60])
    of = _divided(instance, [100.0, 1.0], 300, 100 * 52 + 194.0)
    assert of.closed
    assert _divided(instance, [0.0, 0.0], 193, 1e-3).closed
    assert not _divided(instance, [0.0, 0.0], 194, 1e-3).closed


def test_goods_that_one_depot_has_not_come_from_two():
    """The place asks for two goods of which each depot has one: two stops, the later from E after 52 + 60 min."""
    ids = np.array([0, 1])
    supply = Supply(ids, ids * 0, ids, ids, ids * 0 - 1, np.full(2, 0.005), np.full(2, 100.0), np.full(2, 100.0),
                    np.empty(0))  # fmt: skip
    base = _two_depots([0, 1], [0, 60])
    legs = base.leg_ms[:, [0, 1, 2], :1]
    instance = replace(base, size=np.array([0.2]), supply=supply, leg_ms=legs, arrive_ms=base.arrive_ms[:, :3, :1],
                       back_ms=base.back_ms[:, :1])  # fmt: skip
    # nobody brings them in one go: left undone, which is dearer than being last
    assert _divided(instance, [1.0], 400, 1e6, split=False).bound > 400
    # from D at 52 and back to E by 142, there 18 + 90 + 4 more: 254; or E first (loads at 60): 172, D is 90 + 48 away
    assert 52 <= _divided(instance, [1.0], 400, 1e6, most_branches=20).bound <= 254 + 1e-6


def _best(minutes, pieces, weight, trucks):
    """Least weighted completion with one dock; pieces are (place, size): all orders, cuts and trucks tried."""
    best = np.inf
    count = len(pieces)
    for order in itertools.permutations(range(count)):
        for cuts in itertools.product((False, True), repeat=count - 1):
            loads = [[pieces[order[0]]]]
            for cut, n in zip(cuts, order[1:], strict=True):
                if cut:
                    loads.append([pieces[n]])
                else:
                    loads[-1].append(pieces[n])
            if any(sum(size for _, size in load) > 1 + 1e-9 for load in loads):
                continue
            for of in itertools.product(range(trucks), repeat=len(loads)):
                free, dock, done = [0.0] * trucks, 0.0, dict.fromkeys(range(len(minutes)), 0.0)
                for v, load in zip(of, loads, strict=True):
                    start = max(free[v], dock)
                    dock = start + 40 * max(0.2, sum(size for _, size in load))
                    time_min, at = dock + 10, None
                    for n, size in load:
                        time_min += minutes[n] if at is None else minutes[at] + minutes[n]
                        time_min += 20 * max(0.2, size)
                        done[n], at = max(done[n], time_min), n
                    free[v] = time_min + minutes[at]
                best = min(best, sum(weight[n] * time_min for n, time_min in done.items()))
    return best


def _random(seed, largest):
    """Minutes, sizes and weights of two or three places."""
    rng = np.random.default_rng(seed)
    p = int(rng.integers(2, 4))
    minutes, sizes = rng.integers(5, 40, p).tolist(), rng.uniform(0.1, largest, p).round(2).tolist()
    return minutes, sizes, rng.integers(1, 9, p).tolist()


@pytest.mark.parametrize(("seed", "largest", "place", "part"), [(3, 1.0, 0, 0.2), (10, 0.6, 0, 0.5), (20, 0.6, 2, 0.2)])
def test_no_bound_is_above_the_cost_of_a_delivery_in_parts(seed, largest, place, part):
    """Two trucks, one dock, places where two trips with a part each are better than any with all goods in one go."""
    minutes, sizes, weight = _random(seed, largest)
    whole = list(enumerate(sizes))
    parts = [*whole[:place], (place, sizes[place] * part), (place, sizes[place] * (1 - part)), *whole[place + 1 :]]
    best = _best(minutes, parts, weight, 2)
    assert best < _best(minutes, whole, weight, 2) - 1
    instance = _instance(minutes, sizes, vehicle_type=np.zeros(2, np.int64), at_ms=np.zeros((2, 1), np.int64))
    of = _divided(instance, weight, 600, best, most_branches=25)
    assert 0.85 * best <= of.bound <= best - 0.01 + 1e-6
    one_go = _divided(instance, weight, 600, 1e6, split=False, most_branches=25)
    assert of.bound <= one_go.bound + 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_the_optimum_of_whole_deliveries_is_found_and_proven(seed):
    """Three or four places, two trucks, one dock: bound and optimum of all orders tried agree to the grid."""
    rng = np.random.default_rng(seed)
    p = int(rng.integers(3, 5))
    minutes, sizes = rng.integers(5, 40, p).tolist(), rng.uniform(0.05, 0.6, p).round(2).tolist()
    weight = rng.integers(1, 9, p).tolist()
    instance = _instance(minutes, sizes, vehicle_type=np.zeros(2, np.int64), at_ms=np.zeros((2, 1), np.int64))
    best = _best(minutes, list(enumerate(sizes)), weight, 2)
    of = _divided(instance, weight, 600, best, split=False, most_branches=300)
    assert of.bound <= best + 1e-6
    # starts are rounded down to the minute, three times in a row at most
    assert of.bound >= best - 3 * sum(weight)
    assert _divided(instance, weight, 600, best, most_branches=5).bound <= best + 1e-6


def test_orders_of_stops_are_all_there():
    """Places 10, 20 and 30 min from the depot, 60 from 30: by minute 100, from hand."""
    instance = _instance([10, 20, 30], [0.1, 0.1, 0.1])
    found = find_sequences(instance, 100 * MINUTE, 1000)
    tours = {tuple(int(n) for n in row if n >= 0) for row in found.task}
    # 8 + 10 + 10 + 4 = 32, then 30 to the second + 4 = 66, then 50 + 4 = 120
    ends = {(0,): 32, (1,): 42, (2,): 52, (0, 1): 66, (1, 0): 76, (0, 2): 76, (2, 0): 96, (1, 2): 96}
    assert tours == {tour for tour, end in ends.items() if end <= 100}
    assert dict(zip(map(tuple, [[int(n) for n in row if n >= 0] for row in found.task]), found.last_ms / MINUTE,
                    strict=True)) == pytest.approx(ends)  # fmt: skip
    assert find_sequences(instance, 100 * MINUTE, 5) is None


def test_plans_on_the_way_are_shown_and_may_lower_what_is_enough():
    """Two full loads at one dock, 100 and 140 min: it is shown; accepted at its cost, nothing is left."""
    instance = _instance([30, 30], [1.0, 1.0])
    shown = []

    def accept(trips, flows, sequences):
        shown.append(sorted(sequences.task[j, 0] for j in trips.sequence.tolist()))
        return 439.0

    of = _divided(instance, [3.0, 1.0], 200, 1000.0, split=False, accept=accept)
    assert shown == [[0, 1]]
    assert of.closed
    assert of.bound == pytest.approx(439.0, abs=0.011)
    refused = _divided(instance, [3.0, 1.0], 200, 1000.0, split=False, accept=lambda *_: None)
    assert refused.stuck
    assert refused.bound == pytest.approx(440.0, abs=0.011)
