"""Cuts, prices and branching of maximal cover against all layouts there are."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from scipy.sparse import csr_array

from models import siting
from models.siting import cover_core, cover_engine
from models.siting.cover_branch import branch_and_cut
from models.siting.cover_parity import halves, odd_sets
from models.siting.cover_programme import CoverProgramme
from models.siting.links import Links, sort_links, table_of


def _made(seed: int, n: int = 24, m: int = 11) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    clients, sites = random.random((n, 2)), random.random((m, 2))
    return np.hypot(*(clients[:, None] - sites).transpose(2, 0, 1)) < 0.33, random.integers(1, 90, n).astype(float)


def _best(cover: np.ndarray, weight: np.ndarray, p: int, fixed: np.ndarray | None = None) -> float:
    m = cover.shape[1]
    fixed = np.zeros(m, np.int64) if fixed is None else fixed
    return max(
        float(weight[cover[:, list(some)].any(axis=1)].sum())
        for some in itertools.combinations(np.flatnonzero(fixed >= 0).tolist(), p)
        if set(np.flatnonzero(fixed == 1).tolist()) <= set(some)
    )


def _links(cover: np.ndarray) -> Links:
    return sort_links(np.where(cover, 0.0, np.inf))


TRIANGLE = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], float)


def test_three_clients_in_a_triangle_are_cut() -> None:
    # one and a half sites cover all three; the cut z1 + z2 + z3 <= 1 + y1 + y2 + y3 is 2.5 there
    assert odd_sets(csr_array(TRIANGLE), np.full(3, 0.5), np.ones(3), 10) == [(0, 1, 2)]
    assert halves(TRIANGLE).tolist() == [1.0, 1.0, 1.0]
    assert halves(np.ones((3, 1))).tolist() == [2.0]
    assert halves(np.array([[0.5], [0.5], [0.5]])).tolist() == pytest.approx([7 / 8 + 1 / 8])  # P(c >= 1) + P(c = 3)


def test_a_ring_of_five_is_cut() -> None:
    ring = np.eye(5) + np.roll(np.eye(5), 1, axis=1)
    assert odd_sets(csr_array(ring), np.full(5, 0.5), np.ones(5), 10) == [(0, 1, 2, 3, 4)]


def test_cuts_hold_at_every_layout() -> None:
    cover, _ = _made(3)
    table, random = csr_array(cover.astype(float)), np.random.default_rng(0)
    sets = [s for _ in range(20) for s in odd_sets(table, random.random(11), np.ones(24), 50, least=-2.0)]
    assert len({len(s) for s in sets}) > 1
    for some in itertools.combinations(range(11), 4):
        z = cover[:, list(some)].any(axis=1)
        for members in set(sets):
            room = len(members) // 2 + halves(table[list(members)].toarray())[list(some)].sum()
            assert z[list(members)].sum() <= room + 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_any_prices_prove_a_bound(seed: int) -> None:
    # weak duality: whatever the prices, no layout is above the bound; with a part of the sites in the programme too
    cover, weight = _made(seed)
    random = np.random.default_rng(seed)
    fixed = np.array([1, -1] + [0] * 9)
    programme = CoverProgramme(csr_array(cover.astype(float)), weight, 4, np.arange(0, 11, 2))
    programme.cut([(0, 1, 2), (3, 4, 5, 6, 7)])
    best = _best(cover, weight, 4, fixed)
    for _ in range(20):
        bound, *_ = programme.proven(random.random(24) * 1.5 * weight, random.random(2) * 50, fixed)
        assert bound >= best - 1e-9


@pytest.mark.parametrize("seed", range(25))
def test_branch_and_cut_is_exact(seed: int) -> None:
    cover, weight = _made(seed, 40, 14)
    fixed = np.zeros(14, np.int64)
    fixed[seed % 14], fixed[(seed + 5) % 14] = 1, -1
    best = _best(cover, weight, 5, fixed)
    start = np.zeros(14, bool)
    start[np.flatnonzero(fixed == 1)] = True
    start[np.flatnonzero(fixed == 0)[:4]] = True
    value = float(weight[cover[:, start].any(axis=1)].sum())
    layout, found, bound = branch_and_cut(
        csr_array(cover.astype(float)), weight, 5, fixed.copy(), start, value, 1 - 1e-6, time.monotonic() + 60,
        lambda given, _: (given, float(weight[cover[:, given].any(axis=1)].sum())),
    )  # fmt: skip
    assert found == best == weight[cover[:, layout].any(axis=1)].sum()
    assert best <= bound < best + 1
    assert layout.sum() == 5


def test_prices_of_a_part_of_the_sites_hold_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cover_core, "_WHOLE", 0)
    monkeypatch.setattr(cover_core, "_ROOM", (20, 30, 40))
    for seed in range(12):
        cover, weight = _made(seed, 40, 14)
        best, u = _best(cover, weight, 4), np.random.default_rng(seed).random(40) * weight
        bound, prices = cover_core.core_bound(_links(cover), weight, np.zeros(14, np.int64), 4, u, best, 0.5,
                                              time.monotonic() + 60)  # fmt: skip
        assert bound >= best - 1e-9
        assert bound <= weight.sum() + 1e-9
        assert ((prices >= 0) & (prices <= weight + 1e-9)).all()  # above the weight they would prove too much


def test_the_way_of_large_instances_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cover_engine, "_SMALL", 0)
    monkeypatch.setattr(cover_engine, "_TRIES_PER_PAIR", 5)
    monkeypatch.setattr(cover_core, "_WHOLE", 0)
    for seed in range(8):
        cover, weight = _made(seed, 60, 14)
        found = siting.max_cover(cover, 4, weight)
        assert found.status == "optimal"
        assert found.value == _best(cover, weight, 4)


def test_no_time_still_gives_a_layout_and_a_bound() -> None:
    cover, weight = _made(5, 40, 14)
    found = siting.max_cover(cover, 4, weight, seconds=0.0)
    assert found.value <= _best(cover, weight, 4) <= found.bound


def test_table_of_links() -> None:
    cover, _ = _made(1)
    assert (table_of(_links(cover)).toarray().astype(bool) == cover).all()
