"""Points and stock under one budget: against an enumeration, and what must hold of any answer."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from models.stock import PointsAndStock, place_points, points_curve, points_information, provide


def world(seed: int, *, budget: float = 60.0, keep: bool = False, aim: str = "everyone") -> PointsAndStock:
    """Two points that stand, three on offer (two of them sizes of one), three places, two items, three nights."""
    rng = np.random.default_rng(seed)
    s, m, n, k = 3, 5, 3, 2
    people = rng.integers(1, 9, (s, n)).astype(float)
    today = np.zeros((m, k))
    today[:2] = rng.integers(0, 7, (2, k))
    return PointsAndStock(
        np.arange(m) < 2, np.where(np.arange(m) < 2, 0.0, rng.integers(2, 12, m)), np.array([20.0, 20, 8, 12, 30]),
        np.array([0, 1, 2, 3, 3]), np.array([1.0, 0.5]), np.array([2.0, 3.0]), today, people,
        np.ceil(people[:, :, None] * rng.uniform(0.2, 1.4, (s, n, k))), rng.random((s, m, n)) < 0.45,
        np.where(rng.random((s, m, k)) < 0.2, 0.5, 1.0), np.array([0.5, 0.3, 0.2]), budget, keep, aim,  # type: ignore[arg-type]
    )  # fmt: skip


def enumerated(problem: PointsAndStock, most: int, weight: float) -> float:
    """Best value over every choice of points and of nights with nobody left out, each by its own linear programme.

    No aggregation: a flow from every candidate to every place of every item on every night.
    """
    m, k = problem.today.shape
    s, n = problem.people.shape
    reached = problem.reach.any(axis=1) & (problem.demand > 0).any(axis=2) & (problem.people > 0)
    r, b, t = m * k, k, s * n
    width = r + b + t + s * m * n * k
    flow = (r + b + t + np.arange(s * m * n * k)).reshape(s, m, n, k)
    share = (r + b + np.arange(t)).reshape(s, n)
    gain = np.zeros(width)
    gain[share.ravel()] = (problem.probability[:, None] * problem.people * reached).ravel()
    best = -np.inf
    for opened in product([0, 1], repeat=m - 2):
        y = np.array([1, 1, *opened])
        if y[3] + y[4] > 1 or sum(opened) > most:
            continue
        rows, right = [], []

        def row(entries: dict[int, float], limit: float, rows=rows, right=right) -> None:
            line = np.zeros(width)
            for at, value in entries.items():
                line[at] += value
            rows.append(line)
            right.append(limit)

        for j in range(m):
            row({j * k + q: problem.volume[q] for q in range(k)}, problem.room[j] * y[j])
        for q in range(k):
            row({**{j * k + q: 1.0 for j in range(m)}, r + q: -1.0}, problem.today[:, q].sum())
            row({**{j * k + q: -1.0 for j in range(m)}, r + q: 1.0}, -problem.today[:, q].sum())
        row({r + q: problem.price[q] for q in range(k)}, problem.budget - problem.opening @ y)
        for night in range(s):
            for q in range(k):
                for i in range(n):
                    row({**{flow[night, j, i, q]: -1.0 for j in range(m) if problem.reach[night, j, i]},
                         share[night, i]: problem.demand[night, i, q]}, 0.0)  # fmt: skip
                for j in range(m):
                    row({**{flow[night, j, i, q]: 1.0 for i in range(n) if problem.reach[night, j, i]},
                         j * k + q: -problem.surviving[night, j, q]}, 0.0)  # fmt: skip
        for all_on in product([0, 1], repeat=s):
            bounds = [(problem.today.ravel()[a] if problem.keep else 0.0, None) for a in range(r)] + [(0, None)] * b
            bounds += [(float(all_on[a // n]) * reached[a // n, a % n], float(reached[a // n, a % n]))
                       for a in range(t)]  # fmt: skip
            bounds += [(0, None)] * (width - r - b - t)
            found = linprog(-gain, np.array(rows), np.array(right), bounds=bounds)
            if found.status == 0:
                best = max(best, -found.fun + weight * float(problem.probability @ np.array(all_on)))
    return best


@pytest.mark.parametrize(("seed", "keep", "aim"), [
    (0, False, "everyone"), (1, True, "everyone"), (2, False, "people"), (3, False, "everyone"), (4, True, "people"),
])  # fmt: skip
@pytest.mark.parametrize("budget", [12.0, 45.0])
def test_the_optimum_of_an_enumeration(seed: int, keep: bool, aim: str, budget: float) -> None:
    problem = world(seed, budget=budget, keep=keep, aim=aim)
    found = place_points(problem, 2)
    chance, people = found.provided.chance, found.provided.mean_people
    weight = (found.value - people) / chance if chance > 0 else 1.0
    assert found.status == "optimal"
    assert found.value == pytest.approx(enumerated(problem, 2, weight), rel=1e-5)


def hand() -> PointsAndStock:
    """A depot D and a village behind a bridge that holds on one night of two; a point there costs 50, a quilt 1."""
    return PointsAndStock(
        np.array([True, False]), np.array([0.0, 50.0]), np.array([1000.0, 100.0]), np.array([0, 1]), np.array([1.0]),
        np.array([1.0]), np.array([[120.0], [0.0]]), np.array([[100.0, 20.0], [100.0, 20.0]]),
        np.array([[[100.0], [20.0]], [[100.0], [20.0]]]),
        np.array([[[1, 1], [0, 1]], [[1, 0], [0, 1]]], dtype=bool), np.ones((2, 2, 1)), np.array([0.5, 0.5]), 50.0,
    )  # fmt: skip


def test_a_point_behind_the_bridge_by_hand() -> None:
    """Goods may move: the point for 50 and 20 quilts moved there provide everybody on both nights."""
    nothing, one = points_curve(hand(), 1)
    assert (nothing.provided.chance, nothing.provided.mean_people) == (0.5, 110.0)
    assert nothing.provided.people.tolist() == [120.0, 100.0]
    assert (one.provided.chance, one.provided.mean_people, one.spent) == (1.0, 120.0, 50.0)
    assert one.opened.tolist() == [True, True]
    assert one.stock[1, 0] == pytest.approx(20.0)


def test_no_goods_are_bought_or_moved_for_nothing() -> None:
    """With 500 to spend the answer is the same point and the same 20 quilts, and the rest is not spent."""
    found = place_points(replace(hand(), budget=500.0), 1)
    assert found.spent == pytest.approx(50.0)
    assert found.stock.ravel() == pytest.approx([100.0, 20.0])


def test_goods_that_stay_must_be_bought_anew() -> None:
    """With today's goods where they lie, 50 for the point leave nothing for its 20 quilts: 70 are needed."""
    stay = replace(hand(), keep=True)
    assert place_points(stay, 1).provided.chance == 0.5
    enough = place_points(replace(stay, budget=70.0), 1)
    assert (enough.provided.chance, enough.spent) == (1.0, pytest.approx(70.0))


def test_goods_lie_near_who_wants_them_where_hours_are_given() -> None:
    """Two depots reach both places, an hour from their own and three from the other: each gets what is wanted there."""
    hours = np.array([[[1.0, 3.0], [3.0, 1.0]]])
    problem = PointsAndStock(
        np.array([True, True]), np.zeros(2), np.full(2, 100.0), np.arange(2), np.ones(1), np.ones(1),
        np.array([[60.0], [0.0]]), np.array([[20.0, 30.0]]), np.array([[[20.0], [30.0]]]), np.isfinite(hours),
        np.ones((1, 2, 1)), np.ones(1), 0.0, hours=hours,
    )  # fmt: skip
    found = place_points(problem, 0)
    assert found.stock.ravel() == pytest.approx([30.0, 30.0])  # 20 wanted there, and 10 that nobody wants stay
    assert found.carriage == pytest.approx(50.0)


def test_a_point_is_opened_to_lie_nearer() -> None:
    """Nobody needs the point for the six hours, but the carriage falls from 80 to 20: P's own 30 are there."""
    hours = np.array([[[1.0, 2.0], [9.0, 0.0]]])
    problem = PointsAndStock(
        np.array([True, False]), np.array([0.0, 7.0]), np.full(2, 100.0), np.arange(2), np.ones(1), np.ones(1),
        np.array([[50.0], [0.0]]), np.array([[20.0, 30.0]]), np.array([[[20.0], [30.0]]]), np.isfinite(hours),
        np.ones((1, 2, 1)), np.ones(1), 7.0, hours=hours,
    )  # fmt: skip
    none, one = points_curve(problem, 1)
    assert (none.carriage, one.carriage) == (pytest.approx(80.0), pytest.approx(20.0))
    assert one.stock.ravel() == pytest.approx([20.0, 30.0])


def test_who_nobody_could_reach_does_not_count() -> None:
    """The bridge down and no point on offer there: T_all is over those that can be reached."""
    alone = hand()
    problem = replace(alone, reach=np.array([[[1, 1], [0, 0]], [[1, 0], [0, 0]]], dtype=bool))
    found = place_points(problem, 0)
    assert found.provided.everyone.tolist() == [True, True]
    assert found.provided.people.tolist() == [120.0, 100.0]


@pytest.mark.parametrize("seed", range(4))
def test_a_further_point_never_hurts_and_today_is_never_beaten(seed: int) -> None:
    problem = world(seed)
    values = [one.value for one in points_curve(problem, 3)]
    assert all(b >= a - 1e-6 for a, b in zip(values, values[1:], strict=False))
    today = provide(problem, problem.today)
    first = points_curve(problem, 0)[0].provided
    assert first.chance >= today.chance - 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_goods_that_stay_provide_as_much_on_any_night(seed: int) -> None:
    """Never worse than today on nights not seen, by construction: stock only grows where it lies."""
    found = place_points(world(seed, keep=True), 2)
    other = replace(world(seed + 100), today=world(seed).today)
    now, then = provide(other, other.today), provide(other, found.stock)
    assert (then.people >= now.people - 1e-6).all()
    assert (then.everyone >= now.everyone).all()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("aim", ["everyone", "people"])
def test_knowing_more_is_worth_something(seed: int, aim: str) -> None:
    """VSS and EVPI in the order of the aim."""
    best, mean, chance, people = points_information(world(seed, aim=aim), 2)
    if aim == "people":  # nights count a thousandth
        assert mean.mean_people <= best.provided.mean_people * (1 + 2e-3)
        assert people >= best.provided.mean_people - 1e-3
    else:
        ours = round(best.provided.chance, 6), round(best.provided.mean_people, 3)
        assert (round(mean.chance, 6), round(mean.mean_people, 3)) <= ours <= (round(chance, 6), round(people, 3))


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="probabilities"):
        place_points(replace(hand(), probability=np.array([0.5, 0.4])), 1)
    with pytest.raises(ValueError, match="room"):
        place_points(replace(hand(), room=np.array([100.0, 100.0])), 1)
