"""Efficient layouts and three tiers of points against trying everything; properties that must hold."""

from __future__ import annotations

from itertools import chain, combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import siting


def every_set(m: int) -> list[list[int]]:
    return [list(s) for s in chain.from_iterable(combinations(range(m), p) for p in range(m + 1))]


@pytest.mark.parametrize("seed", range(4))
def test_frontiers_are_complete(seed: int) -> None:
    random = np.random.default_rng(seed)
    time, weight = random.integers(1, 60, (8, 5)).astype(float), random.integers(1, 9, 8).astype(float)
    cost = random.integers(1, 9, 5).astype(float)
    among = siting.choice(5, cost=cost)

    def efficient(value: dict[float, float]) -> list[tuple[float, float]]:
        kept: list[tuple[float, float]] = []
        for price in sorted(value):
            if not kept or value[price] < kept[-1][1] - 1e-9:
                kept.append((price, value[price]))
        return kept[::-1]

    least: dict[float, float] = {}
    fewest: dict[float, float] = {}
    for s in every_set(5):
        price = float(cost[s].sum())
        least[price] = min(least.get(price, np.inf), float(weight @ time[:, s].min(axis=1, initial=70)))
        fewest[price] = min(fewest.get(price, np.inf), -float(weight[(time[:, s] <= 20).any(axis=1)].sum()))
    found = siting.time_cost_frontier(time, weight, among, 70.0, step=1.0)
    # a layout needs a site: the empty set is not one of them
    assert np.allclose([(x.cost, x.layout.value) for x in found], [p for p in efficient(least) if p[0] > 0])
    covered = siting.cover_cost_frontier(time <= 20, weight, among, step=1.0)
    assert np.allclose([(x.cost, x.layout.value) for x in covered if x.cost > 0],
                       [(price, -v) for price, v in efficient(fewest) if price > 0])  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_three_tiers(seed: int) -> None:
    random = np.random.default_rng(seed)
    n, sizes = 7, (2, 3, 3)
    weight = random.integers(1, 9, n).astype(float)
    tiers = []
    for a, m in enumerate(sizes):
        feed = (
            None
            if a == 0
            else np.where(random.random((m, sizes[a - 1])) < 0.2, np.inf, random.integers(1, 20, (m, sizes[a - 1])))
        )
        tiers.append(siting.Tier(random.integers(1, 50, (n, m)).astype(float), feed,
                                 siting.choice(m, cost=random.integers(0, 9, m)), 2))  # fmt: skip
    best = np.inf
    for opened in product(*(every_set(m) for m in sizes)):
        if any(len(s) > 2 for s in opened):
            continue
        value, near = 0.0, np.full(n, 60.0)
        for a, (tier, s) in enumerate(zip(tiers, opened, strict=True)):
            value += tier.among.cost[s].sum()
            near = np.minimum(near, tier.serve[:, s].min(axis=1, initial=60.0))
            if tier.feed is not None and s:
                value += 0.5 * tier.feed[np.ix_(s, opened[a - 1])].min(axis=1, initial=np.inf).sum()
        best = min(best, value + weight @ near)
    found = siting.tiered_median(tiers, weight, 60.0, 0.5)
    assert found.value == pytest.approx(best)
    assert found.status == "optimal"


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_more_never_hurts(seed: int) -> None:
    """One candidate more, or one site more, never makes a value worse; the covering radius falls with p."""
    random = np.random.default_rng(seed)
    n, m = 12, 7
    time, weight = random.integers(1, 99, (n, m)).astype(float), random.integers(0, 9, n).astype(float)
    fewer = time[:, :-1]
    for p in (1, 2, 4):
        assert siting.p_median(time, p, weight).value <= siting.p_median(fewer, p, weight).value
        assert siting.p_center(time, p).value <= siting.p_center(fewer, p).value
        assert siting.max_cover(time <= 40, p, weight).value >= siting.max_cover(fewer <= 40, p, weight).value
    radii = [siting.p_center(time, p).value for p in range(1, m + 1)]
    medians = [siting.p_median(time, p, weight).value for p in range(1, m + 1)]
    assert radii == sorted(radii, reverse=True)
    assert medians == sorted(medians, reverse=True)
    sites = [siting.fewest_sites(time <= r).value for r in (70.0, 99.0)]
    assert np.isnan(sites[0]) or sites[0] >= sites[1]
    for layout in (siting.p_median(time, 3, weight), siting.p_center(time, 3)):
        assert layout.bound <= layout.value


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_sparse_and_dense_agree(seed: int) -> None:
    from scipy.sparse import csr_array

    random = np.random.default_rng(seed)
    time = random.integers(0, 50, (15, 8)).astype(float)
    time[random.random(time.shape) < 0.3] = np.inf
    row, column = np.nonzero(np.isfinite(time))
    order = random.permutation(len(row))
    sparse = csr_array((time[row, column][order], (row[order], column[order])), shape=time.shape)
    for p in (2, 4):
        dense, same = siting.p_median(time, p, unserved=80), siting.p_median(sparse, p, unserved=80)
        assert (dense.value, dense.status) == (same.value, same.status)
        assert np.array_equal(np.sort(dense.unreached), np.sort(same.unreached))


def test_says_whom_nobody_can_reach() -> None:
    time = np.array([[1.0, 9.0], [np.inf, np.inf], [3.0, np.inf], [np.inf, 2.0]])
    for found in (siting.p_median(time, 2), siting.p_center(time, 2), siting.fewest_sites(np.isfinite(time))):
        assert found.status == "infeasible"
        assert found.unreached.tolist() == [1]
    # barring the only site of client 3 leaves it out as well
    barred = siting.choice(2, forbidden=[1])
    assert siting.p_median(time, 1, among=barred).unreached.tolist() == [1, 3]


def test_problems_are_refused() -> None:
    with pytest.raises(ValueError, match="both existing and forbidden"):
        siting.choice(3, [1], [1])
    with pytest.raises(ValueError, match="not among"):
        siting.choice(3, [3])
    with pytest.raises(ValueError, match="number of sites"):
        siting.p_median(np.ones((2, 2)), 3)
    with pytest.raises(ValueError, match="negative"):
        siting.p_median(-np.ones((2, 2)), 1)
