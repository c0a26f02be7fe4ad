"""Every model against trying all sets of sites on small worlds."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from models import siting

SEEDS = range(6)


def world(seed: int, n: int = 9, m: int = 7) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times with some pairs out of reach, and weights."""
    random = np.random.default_rng(seed)
    time = random.integers(1, 60, (n, m)).astype(float)
    time[random.random((n, m)) < 0.25] = np.inf
    return time, random.integers(1, 9, n).astype(float)


def sets(m: int, p: int, existing: tuple[int, ...] = (), forbidden: tuple[int, ...] = ()) -> list[list[int]]:
    return [list(s) for s in combinations(range(m), p) if set(existing) <= set(s) and not set(forbidden) & set(s)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("existing", "forbidden"), [((), ()), ((2,), (0, 5))])
def test_p_median(seed: int, existing: tuple[int, ...], forbidden: tuple[int, ...]) -> None:
    time, weight = world(seed)
    among = siting.choice(7, existing, forbidden)
    for p in (2, 3):
        best = min(float(weight @ time[:, s].min(axis=1)) for s in sets(7, p, existing, forbidden))
        found = siting.p_median(time, p, weight, among)
        if np.isinf(best):
            assert found.status == "infeasible"
        else:
            assert (found.value, found.status) == (best, "optimal")
            assert np.array_equal(time[np.arange(9), found.assignment], time[:, found.sites].min(axis=1))
        loose = siting.p_median(time, p, weight, among, unserved=70)
        assert loose.value == min(
            float(weight @ np.minimum(time[:, s].min(axis=1), 70)) for s in sets(7, p, existing, forbidden)
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_budget_and_opening_costs(seed: int) -> None:
    time, weight = world(seed)
    cost = np.random.default_rng(seed + 50).integers(5, 30, 7).astype(float)
    everything = [s for p in range(1, 8) for s in sets(7, p)]
    value = {tuple(s): float(weight @ np.minimum(time[:, s].min(axis=1), 70)) for s in everything}
    within = siting.choice(7, cost=cost, budget=45)
    found = siting.p_median(time, 4, weight, within, unserved=70)
    assert found.value == pytest.approx(min(v for s, v in value.items() if cost[list(s)].sum() <= 45 and len(s) <= 4))
    located = siting.uncapacitated_location(time, weight, siting.choice(7, cost=cost), unserved=70)
    assert located.value == pytest.approx(min(v + cost[list(s)].sum() for s, v in value.items()))


@pytest.mark.parametrize("seed", SEEDS)
def test_covers(seed: int) -> None:
    time, weight = world(seed, 10, 8)
    cover = time <= 30
    cost = np.random.default_rng(seed).integers(1, 9, 8).astype(float)
    depot = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    everything = [s for p in range(1, 9) for s in sets(8, p)]
    for often in (1, 2):
        good = [s for s in everything if (cover[:, s].sum(axis=1) >= often).all()]
        found = siting.cheapest_cover(cover, often, siting.choice(8, cost=cost))
        if not good:
            assert found.status == "infeasible"
            assert set(found.unreached) == set(np.flatnonzero(cover.sum(axis=1) < often))
        else:
            assert found.value == min(cost[s].sum() for s in good)
    by_depot = [s for s in everything if all(len({depot[j] for j in s if cover[i, j]}) >= 2 for i in range(10))]
    found = siting.fewest_sites(cover, 2, depot=depot)
    assert found.status == "infeasible" if not by_depot else found.value == min(len(s) for s in by_depot)
    curve = siting.cover_curve(cover, range(1, 9), weight)
    assert [x.value for x in curve] == [
        max(weight[cover[:, s].any(axis=1)].sum() for s in sets(8, p)) for p in range(1, 9)
    ]
    assert all(x.status == "optimal" for x in curve)
    backed = [s for s in sets(8, 4) if cover[:, s].any(axis=1).all()]
    found = siting.max_backup_cover(cover, 4, weight)
    assert found.status == "infeasible" if not backed else found.value == max(
        weight[cover[:, s].sum(axis=1) >= 2].sum() for s in backed)  # fmt: skip
    limited = siting.max_cover(cover, 4, weight, siting.choice(8, cost=cost, budget=12))
    assert limited.value == max(weight[cover[:, s].any(axis=1)].sum() for s in everything
                                if len(s) <= 4 and cost[s].sum() <= 12)  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("existing", "forbidden"), [((), ()), ((1,), (4,))])
def test_p_center_and_p_dispersion(seed: int, existing: tuple[int, ...], forbidden: tuple[int, ...]) -> None:
    time, weight = world(seed)
    among = siting.choice(7, existing, forbidden)
    for p in (2, 3, 4):
        best = min((weight * time[:, s].min(axis=1)).max() for s in sets(7, p, existing, forbidden))
        found = siting.p_center(time, p, weight, among)
        assert found.status == "infeasible" if np.isinf(best) else (found.value, found.status) == (best, "optimal")
        points = np.random.default_rng(seed).integers(0, 40, (7, 2))
        apart = np.abs(points[:, None] - points).sum(axis=2).astype(float)
        spread = max(min(apart[a, b] for a, b in combinations(s, 2)) for s in sets(7, p, existing, forbidden))
        answer = siting.p_dispersion(apart, p, among)
        assert (answer.value, answer.status) == (spread, "optimal")


@pytest.mark.parametrize("seed", SEEDS)
def test_robust_objectives(seed: int) -> None:
    random = np.random.default_rng(seed)
    base, weight = world(seed)
    tables = [np.where(random.random(base.shape) < 0.2, np.inf, base) for _ in range(5)]
    chance = np.array([0.4, 0.3, 0.15, 0.1, 0.05])
    totals = {tuple(s): siting.times_under(tables, s, weight, 90.0) for s in sets(7, 3)}
    want = {"expected": min(chance @ t for t in totals.values()), "worst": min(t.max() for t in totals.values())}
    want["cvar"] = min(min(eta + (chance @ np.maximum(t - eta, 0)) / 0.2 for eta in t) for t in totals.values())
    for objective, value in want.items():
        found = siting.robust_median(tables, 3, objective, 90.0, weight, chance, alpha=0.8)
        assert found.value == pytest.approx(value)
        assert found.status == "optimal"
    covers = [table <= 45 for table in tables]
    sure = siting.surest_cover(covers, 4, chance)
    assert sure.value == pytest.approx(
        max(
            sum(c for c, cover in zip(chance, covers, strict=True) if cover[:, s].any(axis=1).all()) for s in sets(7, 4)
        )
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_losing_any_one_depot(seed: int) -> None:
    time, weight = world(seed)
    found = siting.robust_median(siting.depot_losses(time), 3, "worst", 90.0, weight)
    worst = []
    for s in sets(7, 3):
        left = [[j for j in s if j != gone] for gone in s]
        worst.append(max(float(weight @ np.minimum(time[:, rest].min(axis=1), 90)) for rest in left))
    assert found.value == pytest.approx(min(worst))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("single", [True, False])
def test_capacitated(seed: int, single: bool) -> None:
    from itertools import product

    from scipy.optimize import linprog

    random = np.random.default_rng(seed)
    n, m = 5, 4
    cost, demand = random.integers(1, 30, (n, m)).astype(float), random.integers(1, 8, n).astype(float)
    room, opening = random.integers(8, 16, m).astype(float), random.integers(5, 20, m).astype(float)
    best = np.inf
    if single:
        for where in product(range(m), repeat=n):
            if (np.bincount(where, demand, m) <= room).all():
                best = min(best, cost[np.arange(n), where].sum() + opening[list(set(where))].sum())
    else:
        for p in range(1, m + 1):
            for s in sets(m, p):
                a_eq = np.kron(np.eye(n), np.ones((1, p)))
                a_ub = np.kron(demand[None, :], np.eye(p))
                got = linprog(cost[:, s].ravel(), a_ub, room[s], a_eq, np.ones(n), bounds=(0, 1))
                if got.status == 0:
                    best = min(best, got.fun + opening[s].sum())
    found = siting.capacitated_location(cost, demand, room, siting.choice(m, cost=opening), single_source=single)
    assert found.layout.value == pytest.approx(best)
    assert found.layout.status == "optimal"
