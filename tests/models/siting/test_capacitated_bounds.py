"""Prices of sites with capacity against every set of sites: the bound holds, and nothing needed is ruled out."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from models.siting.capacitated_bounds import priced_sites
from models.siting.links import sort_links


def enumerated(cost, need, room, opening, lo: int, hi: int) -> dict[tuple[int, ...], float]:
    """Cost of every set of sites that can serve everybody."""
    n, m = cost.shape
    found = {}
    for chosen in product([0, 1], repeat=m):
        sites = np.flatnonzero(chosen)
        if not lo <= len(sites) <= hi or not len(sites):
            continue
        p = len(sites)
        each = np.kron(np.eye(n), np.ones((1, p)))
        load = np.kron(need[None], np.eye(p))
        way = linprog(cost[:, sites].ravel(), load, room[sites], each, np.ones(n), bounds=(0, 1))
        if way.status == 0:
            found[tuple(chosen)] = way.fun + opening[sites].sum()
    return found


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("equal", [True, False])
def test_bound_and_fixings(seed: int, equal: bool) -> None:
    rng = np.random.default_rng(seed)
    n, m = 9, 5
    cost = rng.uniform(1, 60, (n, m))
    need = rng.integers(1, 9, n).astype(float)
    room = np.full(m, np.ceil(need.sum() / 2.4)) if equal else rng.uniform(0.3, 0.8, m) * need.sum()
    opening = rng.uniform(5, 60, m)
    lo, hi = (0, m) if seed % 2 else (2, 4)
    sets = enumerated(cost, need, room, opening, lo, hi)
    best = min(sets.values(), default=np.inf)
    known = priced_sites(sort_links(cost, np.zeros(m, bool)), need, room, opening, np.zeros(m, np.int64),
                         lambda s: lo <= s.sum() <= hi, 5.0)  # fmt: skip
    assert known.bound <= best * (1 + 1e-7)
    assert known.value >= best * (1 - 1e-7)
    if np.isfinite(known.value):
        assert sets[tuple(known.opened.astype(int))] == pytest.approx(known.value)
    better = [s for s, value in sets.items() if value < known.value * (1 - 1e-7)]
    for chosen in better:  # whatever beats what was found is still allowed
        assert all(mark == 0 or (mark == 1) == bool(is_open)
                   for mark, is_open in zip(known.fixed, chosen, strict=True))  # fmt: skip


def test_too_little_room_is_no_answer() -> None:
    known = priced_sites(sort_links(np.ones((3, 2)), np.zeros(2, bool)), np.full(3, 10.0), np.full(2, 10.0),
                         np.ones(2), np.zeros(2, np.int64), lambda _: True, 2.0)  # fmt: skip
    assert known.bound == np.inf
    assert known.value == np.inf


def test_the_number_of_sites_that_must_hold_the_demand_is_whole() -> None:
    """24 wanted, 10 each: three sites at 100 whatever the carriage (nothing), while 2.4 would be the linear answer."""
    known = priced_sites(sort_links(np.zeros((6, 4)), np.zeros(4, bool)), np.full(6, 4.0), np.full(4, 10.0),
                         np.full(4, 100.0), np.zeros(4, np.int64), lambda _: True, 2.0)  # fmt: skip
    assert known.bound == pytest.approx(300.0)
    assert known.value == pytest.approx(300.0)
