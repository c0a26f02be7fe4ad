"""One source for every client: the search in whole numbers against every assignment there is."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from models import siting
from models.siting import capacitated, single_source
from models.siting.single_source import assigned_sites
from models.siting.single_source_tree import fill, spare_for


def _made(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    cost = random.integers(1, 40, (6, 5)).astype(float)
    cost[random.random((6, 5)) < 0.15] = np.inf
    return cost, random.integers(0, 9, 6), random.integers(6, 18, 5), random.integers(0, 30, 5).astype(float)


def _least(cost: np.ndarray, need: np.ndarray, room: np.ndarray, opening: np.ndarray, fixed: np.ndarray,
           count: tuple[int, int]) -> float:  # fmt: skip
    best = np.inf
    for size in range(max(count[0], 1), count[1] + 1):
        for sites in itertools.combinations(range(5), size):
            if (fixed[list(sites)] == -1).any() or not set(np.flatnonzero(fixed == 1)) <= set(sites):
                continue
            for where in itertools.product(sites, repeat=6):
                paid = cost[np.arange(6), where].sum() + opening[list(sites)].sum()
                if paid < best and (np.bincount(where, need, 5) <= room).all():
                    best = paid
    return best


@pytest.mark.parametrize("seed", range(24))
def test_every_assignment(seed: int) -> None:
    cost, need, room, opening = _made(seed)
    fixed = np.array([0, 0, 1 if seed % 3 == 1 else 0, 0, -1 if seed % 4 == 1 else 0])
    count = ((0, 5), (2, 2), (3, 4), (2, 3))[seed % 4]
    count = (count[0], min(count[1], int((fixed >= 0).sum())))
    best = _least(cost, need, room, opening, fixed, count)
    where, value, bound = assigned_sites(cost, need, room, opening, fixed, count, 60.0)
    assert value == best
    if np.isfinite(best):
        assert bound == best
        assert (np.bincount(where, need, 5) <= room).all()
        assert np.isfinite(cost[np.arange(6), where]).all()
    else:
        assert bound == np.inf  # proof that there is none


def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few steps and no node on pairs: almost every set of sites is left to the solver."""
    for name, number in (("_ROOT", 3), ("_STEPS", 2), ("_PAIRS", 0)):
        monkeypatch.setattr(single_source, name, number)


def test_the_solver_settles_sets_of_sites(monkeypatch: pytest.MonkeyPatch) -> None:
    _hasty(monkeypatch)
    among, asked = single_source._among, []

    def counted(*given):  # type: ignore[no-untyped-def]
        asked.append(1)
        return among(*given)

    monkeypatch.setattr(single_source, "_among", counted)
    for seed in range(6):
        cost, need, room, opening = _made(seed)
        count = ((0, 5), (3, 3))[seed % 2]
        best = _least(cost, need, room, opening, np.zeros(5, np.int64), count)
        where, value, bound = assigned_sites(cost, need, room, opening, np.zeros(5, np.int64), count, 60.0)
        assert value == bound == best
        if np.isfinite(best):
            assert cost[np.arange(6), where].sum() + opening[np.unique(where)].sum() <= best
            assert (np.bincount(where, need, 5) <= room).all()
    assert len(asked) >= 6  # otherwise the solver had nothing to do here


def test_sets_of_sites_put_off_are_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    # the solver finds nothing at first: the sets wait with their bounds, and are settled when their turn comes again
    _hasty(monkeypatch)
    among, tried = single_source._among, []

    def impatient(sites, *given):  # type: ignore[no-untyped-def]
        tried.append(sites.patience)
        return (None, sites.bound) if sites.patience == single_source._PATIENCE else among(sites, *given)

    monkeypatch.setattr(single_source, "_among", impatient)
    cost, need, room, opening = _made(3)
    best = _least(cost, need, room, opening, np.zeros(5, np.int64), (0, 5))
    _, value, bound = assigned_sites(cost, need, room, opening, np.zeros(5, np.int64), (0, 5), 60.0)
    assert value == bound == best
    assert max(tried) > single_source._PATIENCE


@pytest.mark.parametrize("seed", range(8))
def test_both_ways_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # the search of its own and HiGHS answer alike, also when HiGHS takes over from a search that had no time
    random = np.random.default_rng(100 + seed)
    cost, need = random.integers(5, 90, (18, 7)).astype(float), random.integers(1, 12, 18).astype(float)
    room, among = np.full(7, 34.0), siting.choice(7, cost=random.integers(10, 60, 7))
    found = siting.capacitated_location(cost, need, room, among, single_source=True)
    monkeypatch.setattr(capacitated, "_SEARCH", 0.0)
    again = siting.capacitated_location(cost, need, room, among, single_source=True)
    monkeypatch.setattr(capacitated, "_TABLE", 0)
    third = siting.capacitated_location(cost, need, room, among, single_source=True)
    assert found.layout.status == again.layout.status == third.layout.status == "optimal"
    assert found.layout.value == pytest.approx(again.layout.value)
    assert found.layout.value == pytest.approx(third.layout.value)


def test_a_site_is_filled_from_a_stretch_of_clients() -> None:
    # gains 3, 4, 5 for 2, 3, 4 of room: 5 take the first two (7); from the second on only one fits, the third (5);
    # where that must not be served, the second (4); where there is room for all, all (12)
    cost, need, u = np.zeros((3, 1)), np.array([[2], [3], [4]]), np.array([3.0, 4.0, 5.0])
    may, serves, spare = np.ones((3, 1), bool), np.ones((1, 3), bool), spare_for(3, 9)
    assert fill(cost, need, may, u, 0, 5, 0, 3, serves, spare) == 7.0
    assert serves.tolist() == [[True, True, False]]
    assert fill(cost, need, may, u, 0, 5, 1, 3, serves, spare) == 5.0
    assert serves.tolist() == [[True, False, True]]  # who is outside the stretch stays as he was
    may[2] = False
    assert fill(cost, need, may, u, 0, 5, 1, 3, serves, spare) == 4.0
    may[2] = True
    assert fill(cost, need, may, u, 0, 9, 0, 3, serves, spare) == 12.0
    assert serves.all()
