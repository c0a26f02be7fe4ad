"""Branch and cut for set covers against all covers there are; cuts and prices against each of them."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from scipy.sparse import csr_array

from models import siting
from models.siting import cover_tree as module
from models.siting.cover_exact import least_cover
from models.siting.cover_parity import odd_sets
from models.siting.cover_reduction import slimmed
from models.siting.cover_relaxation import CoverRelaxation, odd_rows
from models.siting.cover_tree import cover_tree


def _made(seed: int, n: int = 30, m: int = 12, reach: float = 0.32) -> np.ndarray:
    """Points in a square; a client whom nobody reaches gets its nearest site."""
    random = np.random.default_rng(seed)
    away = np.hypot(*(random.random((n, 2))[:, None] - random.random((m, 2))).transpose(2, 0, 1))
    cover: np.ndarray = away < reach
    cover[np.arange(n), away.argmin(axis=1)] = True
    return cover


def _covers(cover: np.ndarray) -> list[np.ndarray]:
    m = cover.shape[1]
    marks = (np.arange(2**m)[:, None] >> np.arange(m)) & 1
    return list(marks[(marks @ cover.T >= 1).all(axis=1)].astype(bool))


def _grown(cover: np.ndarray, cost: np.ndarray, value: float, enough: float = -np.inf, limit: float = 60.0):  # type: ignore[no-untyped-def]
    """The tree alone, from all columns open."""
    best = np.ones(len(cost), bool)
    margin = 1.0 - 1e-6 if (cost == np.round(cost)).all() else 1e-9
    found, bound = cover_tree(csr_array(cover.astype(float)), cost, np.zeros(len(cost), bool), best, value, margin,
                              enough, time.monotonic() + limit, lambda _, cost, __: cost)  # fmt: skip
    return best, found, bound


FANO = np.array([[(line - point) % 7 in (0, 1, 3) for point in range(7)] for line in range(7)])
"""Seven lines of three points, any two of which meet in one."""


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", ["unit", "whole", "broken"])
def test_the_tree_is_exact(seed: int, kind: str) -> None:
    cover, random = _made(seed), np.random.default_rng(seed)
    cost = {"unit": np.ones(12), "whole": random.integers(1, 9, 12).astype(float), "broken": random.random(12) + 0.1}
    least = min(float(cost[kind][marks].sum()) for marks in _covers(cover))
    best, found, bound = _grown(cover, cost[kind], float(cost[kind].sum()))
    assert found == pytest.approx(least) == cost[kind][best].sum()
    assert cover[:, best].any(axis=1).all()
    assert bound == pytest.approx(least)


@pytest.mark.parametrize("seed", range(6))
def test_branches_without_cuts_or_programmes_of_their_own_give_the_same(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # tables without any order branch even with cuts
    random = np.random.default_rng(seed)
    cover = random.random((26, 13)) < 0.22
    cover[np.arange(26), random.integers(0, 13, 26)] = True
    least = min(int(marks.sum()) for marks in _covers(cover))
    for most, smaller in ((2.0, 0.5), (2.0, 1.1), (0.02, 1.1)):
        monkeypatch.setattr(module, "_LEAST", most)
        monkeypatch.setattr(module, "_SMALLER", smaller)
        _, found, bound = _grown(cover, np.ones(13), 13.0)
        assert found == least == bound


def test_the_lines_of_the_fano_plane_need_three_points() -> None:
    # the relaxation is 7 / 3, which rounds up to the blocking number 3
    best, found, bound = _grown(FANO, np.ones(7), 7.0)
    assert (found, bound) == (3.0, 3.0)
    assert FANO[:, best].any(axis=1).all()


def test_a_question_is_answered_by_what_answers_it() -> None:
    # two points cannot block all lines: the bound says so without the best cover; three can: no proof is needed
    _, found, bound = _grown(FANO, np.ones(7), 7.0, enough=2.0)
    assert bound == 3.0
    _, found, bound = _grown(FANO, np.ones(7), 7.0, enough=4.0)
    assert found <= 4.0
    assert bound <= 3.0


def test_what_time_leaves_open_bounds_the_rest() -> None:
    _, found, bound = _grown(FANO, np.ones(7), 7.0, limit=-1.0)
    assert found == 7.0
    assert bound <= 3.0


@pytest.mark.parametrize("seed", range(8))
def test_odd_rows_hold_for_all_covers_and_cut_the_point(seed: int) -> None:
    cover = _made(seed, 24, 11)
    table = csr_array(cover.astype(float))
    relaxation = CoverRelaxation(table, np.ones(24), np.ones(11))
    answer = relaxation.solve(time.monotonic() + 60)
    assert answer is not None
    sets = odd_sets(table, answer[0], np.ones(24), 100, near=0.2)
    if sets:
        rows, right = odd_rows(table, sets)
        assert (rows @ answer[0] < right - 0.01).all()
        for marks in _covers(cover):
            assert (rows @ marks >= right - 1e-9).all()


def test_the_triangle_is_cut_off() -> None:
    # three rows, each pair with a column of its own: halves of all give 3/2, two columns are needed
    table = csr_array(np.array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]]))
    relaxation = CoverRelaxation(table, np.ones(3), np.ones(3))
    y, prices = relaxation.solve(time.monotonic() + 60) or (np.empty(0), np.empty(0))
    assert relaxation.proven(prices)[0] == pytest.approx(1.5)
    rows, right = odd_rows(table, odd_sets(table, y, np.ones(3), 5, near=0.4))
    assert rows.toarray().tolist() == [[1, 1, 1]]
    assert right.tolist() == [2]
    relaxation.add(rows, right)
    _, prices = relaxation.solve(time.monotonic() + 60) or (np.empty(0), np.empty(0))
    assert relaxation.proven(prices)[0] == pytest.approx(2.0)
    relaxation.cut_down(3)
    _, prices = relaxation.solve(time.monotonic() + 60) or (np.empty(0), np.empty(0))
    assert relaxation.height == 3
    assert relaxation.proven(prices)[0] == pytest.approx(1.5)


@pytest.mark.parametrize("seed", range(5))
def test_any_prices_prove_a_bound(seed: int) -> None:
    # weak duality: whatever the prices, no cover without the closed column is below the bound
    cover, random = _made(seed, 24, 11), np.random.default_rng(seed)
    cover[:, 1] = True  # so that column 0 is not needed
    cost = random.integers(1, 9, 11).astype(float)
    relaxation = CoverRelaxation(csr_array(cover.astype(float)), np.ones(24), cost)
    relaxation.close(np.arange(11) == 0)
    least = min(float(cost[marks].sum()) for marks in _covers(cover) if not marks[0])
    for _ in range(20):
        assert relaxation.proven(random.random(24) * 2)[0] <= least + 1e-9


@pytest.mark.parametrize("seed", range(10))
def test_slimming_keeps_a_best_cover(seed: int) -> None:
    cover, random = _made(seed), np.random.default_rng(seed)
    cost, closed = random.integers(1, 5, 12).astype(float), random.random(12) < 0.15
    slim = slimmed(csr_array(cover.astype(float)), closed, cost)
    left = [marks for marks in _covers(cover) if not marks[closed].any()]
    if slim is None:
        assert not left
        return
    rows, shut = slim
    assert (shut >= closed).all()
    inside = [marks for marks in _covers(rows.toarray() > 0.5) if not marks[shut].any()]
    assert min(cost[marks].sum() for marks in inside) == min(cost[marks].sum() for marks in left)


def test_three_villages_that_pairs_of_depots_reach() -> None:
    # fewest sites of the triangle, twice over and apart: 2 + 2
    one = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], bool)
    found = siting.fewest_sites(np.kron(np.eye(2, dtype=bool), one))
    assert (found.value, found.bound, found.status) == (4.0, 4.0, "optimal")


def test_a_search_begins_where_it_is_told() -> None:
    # a cover that is told and cannot be bettered comes back; one that leaves rows out is filled up
    cover = _made(3)
    start, site = csr_array(cover).indptr.astype(np.int64), csr_array(cover).indices.astype(np.int64)
    least = min(int(marks.sum()) for marks in _covers(cover))
    for size in (0, 1, 5):
        near = np.arange(12) < size
        found = least_cover(start, site, np.ones(12), np.zeros(12, bool), 60.0, near=near)
        assert found.value == found.bound == least == found.chosen.sum()


@pytest.mark.parametrize("seed", range(10))
def test_a_center_of_twenty_two_places_is_the_best_of_all(seed: int) -> None:
    random = np.random.default_rng(seed)
    points = random.random((22, 2)) * 100
    d = np.round(np.hypot(*(points[:, None] - points).transpose(2, 0, 1)), 2)
    least = min(d[:, list(some)].min(axis=1).max() for some in itertools.combinations(range(22), 4))
    found = siting.p_center(d, 4)
    assert found.value == found.bound == pytest.approx(least)
