"""Pre-positioning against its extensive form, agreements at their limits, shelf life by conservation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.stock import (
    Lots,
    Preposition,
    Reserve,
    evaluate,
    plan_shelf,
    preposition,
    split_reserve,
    value_of_information,
)


def problem(seed: int, m: int = 3, n: int = 4, items: int = 2, scenarios: int = 4) -> Preposition:
    random = np.random.default_rng(seed)
    carriage = random.uniform(1, 9, (scenarios, m, n))
    carriage[random.random(carriage.shape) < 0.2] = np.inf
    return Preposition(
        random.uniform(20, 60, (m, 2)) * [1, 2.2], np.array([40.0, 100.0]), np.array([1.0, 2.0]), np.array([2.0, 3.0]),
        np.array([40.0, 60.0]), np.array([0.5, 0.4]), random.uniform(0, 15, (scenarios, n, items)).round(),
        random.uniform(0.5, 1, (scenarios, m, items)), carriage, np.array([0.4, 0.3, 0.2, 0.1]),
    )  # fmt: skip


def extensive(p: Preposition) -> float:
    """The whole programme at once, written again with SciPy."""
    from scipy.optimize import LinearConstraint, milp

    m, sizes = p.opening.shape
    scenarios, n, items = p.demand.shape
    first = m * sizes + m * items
    width = m * n * items + n * items
    cost = np.zeros(first + scenarios * width)
    cost[: m * sizes] = p.opening.ravel()
    cost[m * sizes : first] = np.tile(p.purchase, m)
    upper = np.full(len(cost), np.inf)
    upper[: m * sizes] = 1
    rows, low, high = [], [], []

    def add(entries: dict[int, float], lo: float, hi: float) -> None:
        row = np.zeros(len(cost))
        for column, value in entries.items():
            row[column] += value
        rows.append(row)
        low.append(lo)
        high.append(hi)

    for j in range(m):
        add({**{j * sizes + a: -p.space[a] for a in range(sizes)},
             **{m * sizes + j * items + k: p.volume[k] for k in range(items)}}, -np.inf, 0)  # fmt: skip
        add({j * sizes + a: 1.0 for a in range(sizes)}, -np.inf, 1)
    for s in range(scenarios):
        x = lambda j, i, k, s=s: first + s * width + (j * n + i) * items + k  # noqa: E731
        w = lambda i, k, s=s: first + s * width + m * n * items + i * items + k  # noqa: E731
        for k in range(items):
            for j in range(m):
                left = p.surviving[s, j, k]
                cost[m * sizes + j * items + k] += p.probability[s] * p.holding[k] * left
                add({**{x(j, i, k): 1.0 for i in range(n)}, m * sizes + j * items + k: -left}, -np.inf, 0)
            for i in range(n):
                add({**{x(j, i, k): 1.0 for j in range(m)}, w(i, k): 1.0}, p.demand[s, i, k], p.demand[s, i, k])
                cost[w(i, k)] = p.probability[s] * p.shortage[k]
                for j in range(m):
                    open_way = np.isfinite(p.carriage[s, j, i])
                    cost[x(j, i, k)] = p.probability[s] * (p.carriage[s, j, i] - p.holding[k]) if open_way else 0
                    upper[x(j, i, k)] = np.inf if open_way else 0
    whole = np.zeros(len(cost))
    whole[: m * sizes] = 1
    found = milp(cost, integrality=whole, bounds=(np.zeros(len(cost)), upper),
                 constraints=LinearConstraint(np.array(rows), low, high), options={"mip_rel_gap": 1e-9})  # fmt: skip
    return float(found.fun)


@pytest.mark.parametrize("seed", range(4))
def test_benders_agrees_with_the_extensive_form(seed: int) -> None:
    p = problem(seed)
    found = preposition(p)
    assert found.status == "optimal"
    assert found.value == pytest.approx(extensive(p), rel=1e-5)
    assert found.bound <= found.value
    # value recomputed from the answer alone
    opened = found.size >= 0
    first = p.opening[opened, found.size[opened]].sum() + (found.stock @ p.purchase).sum()
    assert found.value == pytest.approx(first + p.probability @ evaluate(p, found.stock))
    assert (found.stock @ p.volume <= np.where(opened, p.space[found.size], 0) + 1e-6).all()


def test_information_has_a_value() -> None:
    stochastic, vss, evpi = value_of_information(problem(1))
    assert vss >= -1e-4 * stochastic.value
    assert evpi >= -1e-4 * stochastic.value
    # with one scenario there is nothing to know
    alone = problem(1)
    alone = replace(
        alone,
        demand=alone.demand[:1],
        surviving=alone.surviving[:1],
        carriage=alone.carriage[:1],
        probability=np.ones(1),
    )
    _, vss, evpi = value_of_information(alone)
    assert vss == pytest.approx(0, abs=1e-4)
    assert evpi == pytest.approx(0, abs=1e-4)


def test_a_larger_budget_never_hurts() -> None:
    costs = [preposition(replace(problem(2), budget=b)).value for b in (0.0, 100.0, 200.0, np.inf)]
    assert all(a >= b - 1e-6 for a, b in zip(costs, costs[1:], strict=False))


def reserve(lead: float, cost: float, honoured: bool = True) -> Reserve:
    one = np.ones(1)
    return Reserve(cost * one, lead * one, 1000 * one, 1e6 * one, np.full((3, 1), honoured))


@settings(max_examples=25)
@given(st.floats(1, 50), st.integers(0, 100), st.lists(st.integers(1, 500), min_size=3, max_size=3))
def test_agreements_at_their_limits(cost: float, percent: int, need: list[int]) -> None:
    """Infinite lead: never used; no lead and cheaper: nothing else is used."""
    wanted, chance, target = np.array(need, float), np.array([0.5, 0.3, 0.2]), percent / 100
    never = split_reserve(wanted, chance, cost, reserve(np.inf, 0.01), 6.0, target)
    assert never.promised.sum() == 0
    # hand-worked: the least quantity whose scenarios have the probability asked for
    enough = min((q for q in [0.0, *wanted] if chance[wanted <= q].sum() >= target - 1e-12), default=wanted.max())
    assert never.physical == pytest.approx(enough)
    at_once = split_reserve(wanted, chance, cost, reserve(0.0, cost * 0.9), 6.0, target)
    assert at_once.physical == pytest.approx(0, abs=1e-6)
    assert at_once.value == pytest.approx(0.9 * cost * enough)
    broken = split_reserve(wanted, chance, cost, reserve(0.0, cost * 0.9, honoured=False), 6.0, target)
    assert broken.physical == pytest.approx(enough)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_shelf_conserves_and_never_uses_what_has_expired(seed: int) -> None:
    random = np.random.default_rng(seed)
    lots = Lots(
        random.integers(0, 2, 5), random.integers(0, 50, 5).astype(float), random.integers(-5, 400, 5).astype(float)
    )
    use = np.where(random.random((800, 2)) < 0.05, random.integers(0, 20, (800, 2)), 0).astype(float)
    plan = plan_shelf(lots, np.array([60.0, 40.0]), np.array([120.0, np.inf]), np.array([2.0, 5.0]), use, 30)
    came = lots.quantity.sum() + plan.bought.sum()
    assert came == pytest.approx(plan.used.sum() + plan.expired.sum() + plan.left.quantity.sum())
    assert np.allclose(plan.used + plan.short, use)
    assert (plan.left.expiry_day >= 799).all()
    assert plan.budget.sum() == pytest.approx((plan.bought @ np.array([2.0, 5.0])).sum())
    assert (plan.due_90 <= plan.due_180 + 1e-9).all()


def test_norm_stays_valid_where_nothing_is_used() -> None:
    """Hand-worked: 10 units, 100 days of life, reviews every 50 days: all is bought anew on days 100, 200, 300 …"""
    nothing = Lots(np.empty(0, int), np.empty(0), np.empty(0))
    plan = plan_shelf(nothing, np.array([10.0]), np.array([100.0]), np.array([3.0]),
                      np.zeros((5 * 365, 1)), 50)  # fmt: skip
    assert (plan.valid_share == 1).all()
    assert np.flatnonzero(plan.bought[:301, 0]).tolist() == [0, 100, 200, 300]
    assert plan.budget[0] == 4 * 30
    # the lot of day 0 expires on day 100: within 90 days from day 10 on
    assert plan.due_90[9, 0] == 0
    assert plan.due_90[10, 0] == 10
