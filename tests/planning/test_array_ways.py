"""Driving times and released stock of the search over arrays, against the exact timetable's own."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning.array_stock import releases
from dispatch.planning.array_ways import ways_between
from dispatch.planning.problem import read_problem
from dispatch.planning.stock_book import StockBook
from dispatch.planning.supply import Lot
from dispatch.planning.timetable import Timetable
from models.dispatch_release import earliest_ms, reserve, with_reservations
from models.dispatch_ways import arrive
from models.traversal import NEVER
from tests import tiny

MINUTE = 60_000
SITES = ("D", "A", "B", "C")
RING = [(0, 1, 10), (1, 2, 10), (2, 3, 10), (1, 4, 15), (4, 2, 15)]
"""D 0 – A 1 – B 2 – C 3, 10 km each, and a way round from A to B over node 4; a kilometre takes a minute."""


def _both(problem, origin, target, minutes):
    """Arrivals (minutes) of the pieces and of the roads, for departures at whole minutes."""
    scenario = problem.scenario
    ways = ways_between(problem.legs, ("truck_5t",), SITES, ("D",), scenario.order_ms, scenario.end_ms)
    o, d = SITES.index(origin), SITES.index(target)
    of = [arrive(*ways, 0, o, d, minute * MINUTE) / MINUTE for minute in minutes]
    return of, [problem.legs.arrive("truck_5t", origin, target, minute * MINUTE) / MINUTE for minute in minutes]


def _shut(*closed, **other):
    """The ring with roads (by node numbers) shut both ways from and to a minute."""
    rows = [tiny.closure(f"r{min(a, b)}{max(a, b)}:{way}", start * 60.0, end * 60.0)
            for a, b, start, end in closed for way in (f"{a}-{b}", f"{b}-{a}")]  # fmt: skip
    return read_problem(tiny.one_depot(hazard=tiny.disruption(rows), roads=tiny.network(RING), **other))


def test_a_detour_until_waiting_is_as_good_by_hand():
    """A–B is shut from 60 to 120: who leaves D after 40 cannot pass it before; 30 minutes round, or at B at 130."""
    problem = _shut((1, 2, 60, 120))
    minutes = [40, 41, 60, 89, 90, 100, 110, 111, 200]
    of, exact = _both(problem, "D", "B", minutes)
    assert exact == [60, 81, 100, 129, 130, 130, 130, 131, 220]
    assert of == exact


def test_no_way_round_is_waited_for_by_hand():
    """B–C is shut from 60 to 120: from D everybody who leaves between 30 and 100 is there at 130."""
    of, exact = _both(_shut((2, 3, 60, 120)), "D", "C", [30, 31, 70, 99, 100, 101])
    assert exact == [60, 130, 130, 130, 130, 131]
    assert of == exact


def test_what_is_never_open_again_is_out_of_reach():
    problem = _shut((2, 3, 60, np.inf))
    of, _ = _both(problem, "D", "C", [30, 31, 200])
    assert of[0] == 60
    assert min(of[1:]) * MINUTE >= NEVER


def test_a_change_of_the_general_speed_slows_what_is_left_of_a_drive():
    """At half the speed from minute 100 on: a drive of 30 minutes that begins at 90 has 20 left, which take 40."""
    problem = _shut(pace_start_ms=(0, 100 * MINUTE), pace_permille=(1000, 500))
    of, exact = _both(problem, "D", "C", [60, 70, 80, 90, 99, 100, 150])
    assert exact == [90, 100, 120, 140, 158, 160, 210]
    assert np.allclose(of, exact, atol=0.01)


def test_with_closures_anywhere_hardly_a_departure_is_judged_wrongly():
    """Roads shut at random: nine of ten departures exact, no arrival before the undisturbed one."""
    wrong = asked = 0
    minutes = list(range(0, 400, 3))
    for seed in range(8):
        rng = np.random.default_rng(seed)
        closed = [(a, b, start, start + int(rng.integers(20, 120)))
                  for (a, b, _), start in zip(RING, rng.integers(0, 300, len(RING)).tolist(), strict=True)]  # fmt: skip
        problem = _shut(*closed)
        for target in SITES[1:]:
            of, exact = _both(problem, "D", target, minutes)
            free = problem.legs.least("truck_5t", "D", target) / MINUTE
            assert all(a >= m + free for a, m in zip(of, minutes, strict=True))
            wrong += sum(abs(a - b) > 0.01 for a, b in zip(of, exact, strict=True))
            asked += len(minutes)
    assert wrong <= 0.1 * asked


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_released_stock_is_to_be_had_when_the_stock_book_says(seed):
    """One lot, released by the hour, and reservations in any order of time."""
    rng = np.random.default_rng(seed)
    lot = Lot("D", "quilt", "L1", "agreement", int(rng.integers(1, 200)), int(rng.integers(0, 100)) * MINUTE,
              float(rng.choice([np.inf, rng.integers(5, 200)])), NEVER)  # fmt: skip
    problem = read_problem(tiny.one_depot())
    object.__setattr__(problem, "lots", {("D", "quilt"): (lot,)})
    problem.__dict__["counted"] = frozenset()
    book = StockBook(problem.lots, ())
    of = releases(problem, ["D"], ["quilt"], Timetable(problem))
    assert of.released.tolist() == [[0]]
    known = (of.release_first, of.release_ms, of.release_unit, np.zeros(1, np.int64), np.zeros(1, np.int64),
             np.zeros((1, 20, 3), np.int64))  # fmt: skip
    with_reservations(*known, of.release_taken)
    for _ in range(12):
        quantity, since = int(rng.integers(1, 40)), int(rng.integers(0, 300)) * MINUTE
        expected = book.ready_ms("D", "quilt", quantity, since)
        found = earliest_ms(*known, 0, quantity, since)
        assert abs(found - expected) <= 1
        if expected >= NEVER:
            break
        later = max(found, expected) + int(rng.integers(0, 30)) * MINUTE
        reserve(*known, 0, quantity, later)
        book.reserve("D", "quilt", "L1", quantity, later)
