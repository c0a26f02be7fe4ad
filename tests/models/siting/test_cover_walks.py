"""Cheap covers by row weighting: known least covers, and bookkeeping against what it stands for."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from scipy.sparse import csr_array

from models.siting import cover_exact
from models.siting.cover_reduction import Rest, transposed
from models.siting.cover_walks import walked
from models.siting.cover_weighting import begun, weighted_search


def _rest(table: np.ndarray) -> Rest:
    rows = csr_array(table)
    start, site = rows.indptr.astype(np.int64), rows.indices.astype(np.int64)
    n, m = table.shape
    return Rest(np.arange(n), np.arange(m), np.zeros(m, bool), start, site, *transposed(start, site, m))


def _lines(dimension: int) -> np.ndarray:
    """Lines of three points each in the affine space of order three (a Steiner triple system) and their points."""
    points = list(itertools.product(range(3), repeat=dimension))
    number = {point: k for k, point in enumerate(points)}
    lines = set()
    for a, b in itertools.combinations(points, 2):
        third = tuple((-x - y) % 3 for x, y in zip(a, b, strict=True))
        lines.add(tuple(sorted((number[a], number[b], number[third]))))
    table = np.zeros((len(lines), len(points)), bool)
    for row, line in enumerate(sorted(lines)):
        table[row, list(line)] = True
    return table


@pytest.mark.parametrize(("dimension", "lines", "least"), [(2, 12, 5), (3, 117, 18), (4, 1080, 61)])
def test_points_that_meet_every_line(dimension: int, lines: int, least: int) -> None:
    # what is left out is a cap set; the largest have 4, 9 and 20 points (Pellegrino 1970)
    table = _lines(dimension)
    assert table.shape == (lines, 3**dimension)
    rest, m = _rest(table), 3**dimension
    best = np.ones(m, bool)
    found = walked(rest, np.ones(m), np.zeros(lines), best, float(m), float(least), 200_000_000, time.monotonic() + 60)
    assert found == best.sum() == least
    assert table[:, best].any(axis=1).all()


@pytest.mark.parametrize("seed", range(6))
def test_every_set_of_columns(seed: int) -> None:
    # six rows and 40 columns: the first core is narrower than the table
    random = np.random.default_rng(seed)
    table = random.random((6, 40)) < 0.3
    table[:, 0] = True
    cost = random.integers(2, 12, 40).astype(float)
    cost[0] = 40.0
    reach = {0: 0.0}  # least cost of each set of rows
    weight = 1 << np.arange(6)
    for bits, price in zip((table * weight[:, None]).sum(axis=0).tolist(), cost, strict=True):
        for rows, paid in list(reach.items()):
            reach[rows | bits] = min(reach.get(rows | bits, np.inf), paid + price)
    best = np.ones(40, bool)
    prices = cost.min() / 6 * random.random(6)
    found = walked(_rest(table), cost, prices, best, float(cost.sum()), reach[63], 100_000_000, time.monotonic() + 60)
    assert found == cost[best].sum() == reach[63]
    assert table[:, best].any(axis=1).all()


def test_bookkeeping_stands_for_what_is_open() -> None:
    # after thousands of moves in many calls, scores are what opening or closing each site would change
    random = np.random.default_rng(4)
    table = random.random((60, 90)) < 0.08
    table[np.arange(60), random.integers(0, 90, 60)] = True
    rest, cost = _rest(table), random.integers(1, 5, 90).astype(float)
    tables = rest.start, rest.site, rest.begin, rest.client
    best = np.asarray(table.any(axis=0))
    walk, paid = begun(*tables, best), [float(cost[best].sum())]
    stays = np.zeros(90, bool)
    stays[[3, 50]] = best[[3, 50]]
    kept = np.flatnonzero(stays)
    for part in range(8):
        paid.append(weighted_search(*tables, cost, stays, best, walk, 20_000, 0.0, part))
        opened, heavy, often, holder, score = walk[:5]
        assert (often == table[:, opened].sum(axis=1)).all()
        assert opened[kept].all()
        lone = np.flatnonzero(often == 1)
        assert (holder[lone] == [np.flatnonzero(opened & table[i])[0] for i in lone]).all()
        lost = heavy @ (table & (often == 1)[:, None])
        won = heavy @ (table & (often == 0)[:, None])
        np.testing.assert_allclose(score, np.where(opened, lost, won))
        assert paid[-1] == cost[best].sum() <= paid[-2]
        assert table[:, best].any(axis=1).all()
    assert walk[7][0] > 1000  # moves were made


def test_search_comes_first_where_no_proof_is_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    # 27 points: the relaxation is 9, the least cover 18; the answer is the same, and proven all the same
    monkeypatch.setattr(cover_exact, "_PAIRS", 0)
    monkeypatch.setattr(cover_exact, "_BEFORE", 500_000)
    monkeypatch.setattr(cover_exact, "_EARLY", 1_000_000)
    works = []

    def noted(*given):  # type: ignore[no-untyped-def]
        works.append(given[6])
        return walked(*given)

    monkeypatch.setattr(cover_exact, "walked", noted)
    table = csr_array(_lines(3))
    found = cover_exact.least_cover(table.indptr, table.indices, np.ones(27), np.zeros(27, bool), 60.0)
    assert works == [500_000, 1_000_000]
    assert found.value == found.bound == found.chosen.sum() == 18
