"""Bounds from trips priced over time and load, on instances small enough to be worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.relief_exact.bound import bound_trips, choose_trips
from models.relief_exact.instance import Supply, TripInstance, portions
from models.relief_exact.pricing import NO_WAY

MINUTE = 60_000


def _instance(minutes, sizes, **other):
    """One depot, places ``minutes`` away from it and twice that from each other, trucks of one size, one dock."""
    p = len(minutes)
    out = np.array(minutes) * MINUTE
    between = out[:, None] + out[None, :]
    np.fill_diagonal(between, 0)
    legs = np.concatenate([out[None, :], between])[None].astype(np.int32)
    made = TripInstance(
        step_ms=MINUTE, block=2, size=np.array(sizes), capacity=np.array([1.0]), units=20, parts=10,
        vehicle_type=np.zeros(3, np.int64), stand=np.zeros(1, np.int64), at_ms=np.zeros((3, 1), np.int64),
        start_ms=np.zeros((1, 1), np.int64),
        docks=np.array([1]), leg_ms=legs, arrive_ms=np.zeros((1, p + 1, p, 1), np.int32), leg_slots=1000,
        back_ms=np.array([out])[..., None], loading_ms=40 * MINUTE, unloading_ms=20 * MINUTE, convoy_ms=10 * MINUTE,
        floor=0.2, apart_ms=0, open_roads=True,
    )  # fmt: skip
    return replace(made, **other)


def _bound(instance, weight, last=400, **other):
    weight = np.array(weight, float)
    return bound_trips(instance, weight, weight * (last + 1), last, 20.0, tolerance=1e-6, **other)


def test_one_small_load_is_bounded_exactly():
    """8 min of loading (the floor), 10 of papers, 30 of driving, 4 of unloading (the floor): 52, and nothing sooner."""
    found = _bound(_instance([30], [0.2]), [1.0])
    assert found.closed
    assert found.value == pytest.approx(52.0, abs=1e-4)


def test_two_loads_at_one_dock_wait_for_each_other():
    """Full loads of 40 min each at one dock: the heavier place first (100 min), the other 40 later."""
    instance = _instance([30, 30], [1.0, 1.0])
    found = _bound(instance, [3.0, 1.0], split=False)
    best = 3 * 100 + 140
    # below by no more than a unit of load (2 min of loading, 1 of unloading) for each
    assert best - 4 * 3.1 <= found.value <= best + 1e-6
    two = _bound(replace(instance, docks=np.array([2])), [3.0, 1.0], split=False)
    assert two.value <= 4 * 100 + 1e-6
    assert two.value < found.value


def test_parts_never_raise_the_bound():
    """Plans that split are more; those that do not are among them."""
    instance = _instance([30, 20, 45], [0.8, 0.5, 0.3])
    whole, split = (_bound(instance, [1.0, 2.0, 1.0], split=s) for s in (False, True))
    assert split.closed
    assert split.value <= whole.value + 1e-6


def test_strict_bound_tells_the_impossible_from_the_possible():
    """By minute 51 nobody can be done, by minute 52 the place is."""
    instance = _instance([30], [0.2])
    nothing, one = np.zeros(1), np.ones(1)
    assert bound_trips(instance, nothing, one, 51, 10.0, strict=True).value == pytest.approx(1.0)
    assert bound_trips(instance, nothing, one, 52, 10.0, strict=True).value == pytest.approx(0.0, abs=1e-6)


def test_stock_decides_what_can_be_served():
    """Half of what is asked for is there: half stays undone."""
    ids = np.zeros(1, np.int64)
    supply = Supply(ids, ids, ids, ids, ids - 1, np.array([0.01]), np.array([50.0]), np.array([100.0]), np.empty(0))
    instance = _instance([30], [0.2], supply=supply)
    found = bound_trips(instance, np.zeros(1), np.ones(1), 300, 10.0, strict=True)
    assert found.value == pytest.approx(0.5, abs=1e-6)


def test_closed_road_is_waited_for():
    """The road opens at minute 120: done at 120 + 4, whatever is done before."""
    arrive = np.full((1, 2, 1, 40), 120 * MINUTE, np.int32)
    instance = _instance([30], [0.2], arrive_ms=arrive, leg_slots=10, open_roads=False)
    assert _bound(instance, [1.0]).value == pytest.approx(124.0, abs=1e-4)


def test_bound_is_honest_when_there_is_no_time():
    """Without time nothing is claimed."""
    found = bound_trips(_instance([30], [0.2]), np.ones(1), np.ones(1), 100, 0.0)
    assert found.value == -np.inf
    assert not found.closed


def test_chosen_trips_serve_everybody_once():
    """Two places on one way fit into one truck, and a heavy third has its own trip."""
    ids = np.array([0, 1, 2])
    supply = Supply(np.zeros(3, np.int64), ids, np.zeros(3, np.int64), ids, ids * 0 - 1, np.full(3, 0.01),
                    np.array([300.0]), np.full(3, 100.0), np.empty(0))  # fmt: skip
    instance = _instance([30, 32, 50], [0.2, 0.2, 1.0], supply=supply)
    weight = np.ones(3)
    found = bound_trips(instance, weight, weight * 4000, 400, 20.0, split=False)
    chosen, flows = choose_trips(instance, weight, weight * 4000, 400, 20.0, found.trips)
    assert sorted(task for trip in chosen for task, *_ in trip.stops) == [0, 1, 2]
    assert flows == pytest.approx(np.full(3, 100.0))


def test_portions_cover_every_part_of_a_load():
    """Each part of a task, with its size in units, lies between the low end and the credit of some odd portion."""
    instance = _instance([30, 30], [0.47, 1.7])
    for task, size in enumerate(instance.size):
        of = portions(instance, 0)
        chosen = slice(of.first[task], of.first[task + 1])
        low, credit, odd = of.low[chosen], of.credit[chosen], of.odd[chosen]
        for part in np.linspace(0.001, min(1.0, 1.0 / size), 200):
            units = part * size * instance.units
            assert any((low <= units + 1e-9) & (credit >= part - 1e-9) & (odd | (low >= instance.units)
                                                                          | (credit >= 1.0)))  # fmt: skip


def test_two_places_at_one_site_are_one_unloading():
    """Goods of 0.1 each for one site: unloaded together at the floor (4 min) after 8 + 10 + 30, so 52 for both."""
    out = np.array([30, 30]) * MINUTE
    legs = np.concatenate([out[None], np.array([[0, -4 * MINUTE], [NO_WAY, 0]])])[None].astype(np.int32)
    found = _bound(_instance([30, 30], [0.1, 0.1], leg_ms=legs), [1.0, 2.0])
    assert found.closed
    assert found.value == pytest.approx(3 * 52.0, abs=1e-4)


def _two_depots(stand, at_ms):
    """Places A, B 30 min from depots D, E; A's goods are at D, B's at E; one truck, at D, an hour from E."""
    far = np.array([[30, 90], [90, 30], [0, 120], [120, 0]]) * MINUTE
    ids = np.array([0, 1])
    supply = Supply(ids, ids, ids, ids, ids * 0 - 1, np.full(2, 0.01), np.full(2, 100.0), np.full(2, 100.0),
                    np.empty(0))  # fmt: skip
    back = np.array([[[30, 90], [90, 30]]]) * MINUTE
    at = np.array([at_ms]) * MINUTE
    return _instance(
        [30, 30], [0.2, 0.2], vehicle_type=np.zeros(1, np.int64), stand=np.array(stand), at_ms=at,
        start_ms=np.array([at_ms]) * MINUTE if len(at_ms) == 2 else np.zeros((1, 2), np.int64), docks=np.array([1, 1]),
        leg_ms=far[None].astype(np.int32), arrive_ms=np.zeros((1, 4, 2, 1), np.int32), supply=supply,
        back_ms=back if len(at_ms) == 2 else back.min(axis=2, keepdims=True),
    )  # fmt: skip


def test_a_truck_drives_to_the_other_depot_before_it_loads_there():
    """A done at 52; 90 min to E, then 52 again: 194. Were it at any depot at once: 134."""
    weight = np.array([100.0, 1.0])
    apart = _bound(_two_depots([0, 1], [0, 60]), weight)
    assert apart.closed
    # B is done no sooner than 52 + 90 + 52, less the rounding to starts of 2 min and loads of 1/20
    assert 100 * 52 + 194 - 4 <= apart.value <= 100 * 52 + 194 + 1e-6
    together = _bound(_two_depots([0, 0], [0]), weight)
    assert together.value <= 100 * 52 + 134 + 1e-6
