"""Rows on when tasks are complete: what only some depots can bring in time, against everything that fits."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from models.relief_exact.branches import divide
from models.relief_exact.early_rows import Scarce, broken_covers, broken_moments, scarce_stock
from models.relief_exact.instance import Supply
from tests.relief_exact.test_bound import MINUTE, _instance, _two_depots


@pytest.mark.parametrize("seed", range(20))
def test_lifted_covers_hold_for_all_that_fits(seed):
    """Every set of tasks within the stock keeps the row; the values it was sought for do not."""
    rng = np.random.default_rng(seed)
    m = int(rng.integers(3, 9))
    units = rng.integers(1, 12, m)
    room = int(rng.integers(0, units.sum()))
    value = rng.uniform(0.3, 1.0, m)
    scarce = Scarce(np.arange(m), units, np.full(m, 7), room)
    found = broken_covers([scarce], [value], m, m, 1e-6)
    fits = [np.array(of) for of in itertools.product((0, 1), repeat=m) if units @ of <= room]
    # values that break no cover: nothing to find
    covers = [
        set(c) for r in range(1, m + 1) for c in itertools.combinations(range(m), r) if units[list(c)].sum() > room
    ]
    broken = max(sum(value[n] for n in c) - (len(c) - 1) for c in covers)
    assert bool(found) == (broken > 1e-6)
    for amount, row in found:
        assert amount == pytest.approx(float(row.task @ value) - row.most)
        assert amount >= broken - 1e-9
        assert max(float(row.task @ of) for of in fits) <= row.most + 1e-9


def _scarce_world():
    """Two places 20 min from D, which has goods for one; E has plenty, 100 min away from both."""
    base = _two_depots([0, 0], [20, 20])
    legs = base.leg_ms.copy()
    legs[0, 0, :], legs[0, 1, :] = 20 * MINUTE, 100 * MINUTE
    ids = np.array([0, 1, 0, 1])
    supply = Supply(
        depot=np.array([0, 0, 1, 1]), task=ids, stock=np.array([0, 0, 1, 1]), need=ids, group=np.full(4, -1),
        credit=np.full(4, 0.01), available=np.array([150.0, 900.0]), asked=np.array([100.0, 100.0]), limit=np.empty(0),
    )  # fmt: skip
    return replace(base, size=np.array([0.2, 0.2]), leg_ms=legs, supply=supply)


def test_stock_is_scarce_for_what_no_other_depot_reaches_in_time():
    """Before E reaches them (20 there, then 8 + 10 + 100 + 4: 142 min), 150 at D are not enough for 100 and 100."""
    found = scarce_stock(_scarce_world(), 300.0 * MINUTE, MINUTE)
    assert len(found) == 1
    assert found[0].tasks.tolist() == [0, 1]
    assert found[0].units.tolist() == [100, 100]
    assert found[0].room == 150
    assert found[0].by.tolist() == [141, 141]


def test_stock_for_all_is_not_scarce():
    """With 200 at D nothing is."""
    world = _scarce_world()
    supply = replace(world.supply, available=np.array([200.0, 900.0]))
    assert scarce_stock(replace(world, supply=supply), 300.0 * MINUTE, MINUTE) == []


def test_only_one_of_two_places_is_complete_early():
    """One at 42 min from D, the other not before E's 142, however its goods are divided: the first bound says so."""
    of = divide(_scarce_world(), np.ones(2) / MINUTE, 300.0 * MINUTE, MINUTE, 1000.0, 20.0, most_branches=1)
    assert of.root >= 42 + 142 - 3  # a grid of a minute, loads by stretches


def test_what_is_complete_has_been_handed_over():
    """A trip that names itself the last at minute 50 with nothing aboard, and one with everything at minute 80."""
    task, block = np.array([[0], [0]]), np.array([[50], [80]])
    complete, share = np.array([[True], [False]]), np.array([[[0.0]], [[1.0]]])
    found = broken_moments(task, np.array([[0]]), np.ones(2), complete, share, block, block + 1, 1, 1, 0.02)
    assert [(of[0], of[1].task_by.tolist(), of[1].need_by.tolist()) for of in found] == [(1.0, [52], [52])]
    assert not broken_moments(task, np.array([[0]]), np.ones(2), complete, share[::-1], block, block, 1, 1, 0.02)


def test_two_trucks_at_one_place_end_apart():
    """A place asks for what one and a half trucks hold; each of two docks loads one of them.

    Unloaded side by side, 0.75 each would be done at 30 + 10 + 30 + 15 = 85 min; one after the other, later. One full
    truck and one with 0.5 are done at 40 + 10 + 30 + 20 = 100 and before.
    """
    instance = _instance([30], [1.5], docks=np.array([2]))
    together, apart = (
        divide(
            replace(instance, apart_ms=ms), np.ones(1) / MINUTE, 300.0 * MINUTE, MINUTE, 200.0, 20.0, most_branches=1
        )
        for ms in (0, 4 * MINUTE)
    )
    assert apart.root > together.root + 1.0
    assert together.root <= 85 + 1e-6
    assert apart.root <= 100 + 1e-6
