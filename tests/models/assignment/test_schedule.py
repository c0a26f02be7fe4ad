"""Schedules of teams: optimal beside brute force, every rule by a case worked out by hand."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.assignment.schedule import schedule_teams
from models.assignment.team_tasks import Answer, Piece, TeamTasks

EVER = 10_000


def problem(k: int, n: int, **given: Any) -> TeamTasks:
    """``k`` teams of 10 and ``n`` tasks of 600 person-minutes; every way takes 30 minutes."""
    values: dict[str, Any] = {
        "ready": np.zeros(k), "strength": np.full(k, 10), "duty": np.full(k, 1000), "fresh": np.full(k, 1000),
        "rank": np.ones(k), "tired_permille": 1000, "able": np.ones((k, n), dtype=bool),
        "release": np.zeros(n), "due": np.full(n, 1000), "work": np.full(n, 600), "least": np.ones(n),
        "most": np.full(n, 100), "alone": np.zeros(n, dtype=bool), "whole": np.arange(n), "after": (),
        "lives": np.zeros(n), "priority": np.ones(n), "incident": np.full(n, -1), "commanders": 9,
        "patients": np.zeros(n), "beds": np.zeros(0), "to_hospital": np.zeros((n, 0)), "horizon": 1000,
    }  # fmt: skip
    minutes = given.pop("minutes", np.full((k, n + 1, n), 30))
    values |= given
    values.setdefault("travel", {
        (a, i, j): (Piece(0, EVER, int(minutes[a, i + 1, j])),)
        for a in range(k) for i in range(-1, n) for j in range(n) if i != j
    })  # fmt: skip
    whole = ("able", "alone")
    return TeamTasks(**{
        name: np.asarray(value, dtype=bool if name in whole else np.int64) if isinstance(value, (list, np.ndarray))
        else value for name, value in values.items()
    })  # fmt: skip


def value(answer: Answer, measure: str) -> float:
    return next(level.value for level in answer.levels if level.measure == measure)


def times(answer: Answer) -> dict[int, tuple[int, int]]:
    return {visit.task: (visit.begin, visit.end) for visit in answer.visits}


def test_one_team_one_task() -> None:
    """30 minutes of way, 600 person-minutes by 10 people: from 30 to 90."""
    found = schedule_teams(problem(1, 1))
    assert times(found) == {0: (30, 90)}
    assert [level.status for level in found.levels] == ["optimal"] * 6


def test_lives_before_priority() -> None:
    """Only one of two tasks can be ended by minute 100: the one with a life at risk, though the other counts more."""
    asked = problem(1, 2, due=[100, 100], lives=[0, 1], priority=[50, 1])
    assert schedule_teams(asked).served.tolist() == [False, True]


def test_two_teams_begin_and_end_together() -> None:
    """A task of 20 people at least waits for the slower team: ready at 100, there at 130, 600 / 20 = 30 minutes."""
    found = schedule_teams(problem(2, 1, least=[20], ready=[0, 100]))
    assert {(visit.begin, visit.end) for visit in found.visits} == {(130, 160)}
    assert len(found.visits) == 2


def test_alone_and_most() -> None:
    """Where one team only may work, or no more than 10 people, a second team stays away."""
    assert len(schedule_teams(problem(2, 1, alone=[True])).visits) == 1
    assert len(schedule_teams(problem(2, 1, most=[10])).visits) == 1
    both = schedule_teams(problem(2, 1))
    assert times(both) == {0: (30, 60)}
    assert value(both, "call_out") == 2


def test_order_of_tasks() -> None:
    """The road first (ends at 90), then the trucks' task by another team, which would be there at 30."""
    found = schedule_teams(problem(2, 2, able=[[True, False], [False, True]], after=((0, 1),)))
    assert times(found) == {0: (30, 90), 1: (90, 150)}


def test_what_follows_an_unserved_task_is_unserved() -> None:
    """Nobody can clear the road: what comes after it is not done either."""
    found = schedule_teams(problem(1, 2, able=[[False, True]], after=((0, 1),)))
    assert found.served.tolist() == [False, False]
    assert found.visits == ()


def test_one_commander_two_fires() -> None:
    """Two teams could fight both at once; one commander makes the second fire wait until the first is over."""
    free = schedule_teams(problem(2, 2, minutes=_apart(2), incident=[0, 1], commanders=2))
    assert sorted(end for _, end in times(free).values()) == [90, 90]
    bound = schedule_teams(problem(2, 2, minutes=_apart(2), incident=[0, 1], commanders=1))
    assert bound.served.all()
    first, second = sorted(times(bound).values())
    assert first[1] <= second[0]


def _apart(n: int) -> np.ndarray:
    """Team j is 30 minutes from task j and hours from every other."""
    minutes = np.full((n, n + 1, n), 400)
    for j in range(n):
        minutes[j, 0, j] = 30
    return minutes


def test_hospital_beds_limit_what_is_served() -> None:
    """Five beds: of 4 and 3 patients only the four can be taken, to the hospital that has room."""
    found = schedule_teams(problem(
        2, 2, minutes=_apart(2), patients=[4, 3], beds=[2, 3], to_hospital=[[10, 30], [10, 30]], lives=[4, 3],
    ))  # fmt: skip
    assert found.served.tolist() == [True, False]
    assert found.taken[0].tolist() == [2, 2]
    assert value(found, "patient_minutes") == 2 * 10 + 2 * 30


def test_shift_ends() -> None:
    """Duty of 100 minutes from leaving: way 30 and work 60 fit, a second task does not."""
    assert schedule_teams(problem(1, 2, duty=[100])).served.sum() == 1
    assert schedule_teams(problem(1, 2, duty=[180])).served.sum() == 2


def test_fatigue_slows_work() -> None:
    """Fresh for 60 minutes of duty, 30 of them at work: 300 done, the other 300 at half rate take 60 minutes."""
    found = schedule_teams(problem(1, 1, fresh=[60], tired_permille=500))
    assert times(found) == {0: (30, 120)}


def test_parts_of_a_whole_are_served_together() -> None:
    """Two parts one after the other, due too early for both: neither counts."""
    both = problem(1, 2, whole=[0, 0], after=((0, 1),), due=[1000, 150])
    assert not schedule_teams(both).served.any()
    assert schedule_teams(replace(both, due=np.array([1000, 180]))).served.all()


def test_closed_road_by_departure() -> None:
    """Departures before minute 50 arrive at 200 (the road opens), later ones take 30 minutes: no sense in hurrying."""
    travel = {(0, -1, 0): (Piece(0, 170, 0, until=200), Piece(170, EVER, 30))}
    assert times(schedule_teams(problem(1, 1, travel=travel))) == {0: (200, 260)}


def test_call_out_in_order() -> None:
    """Either team could do it as soon: the one of lower rank is called."""
    found = schedule_teams(problem(2, 1, most=[10], rank=[3, 1]))
    assert [visit.team for visit in found.visits] == [1]


def test_few_workers_are_refused() -> None:
    """Below 8 workers the solver leaves strategies out."""
    with pytest.raises(ValueError, match="workers"):
        schedule_teams(problem(1, 1), workers=4)


def _orders(k: int, n: int) -> Any:
    """Every way to send teams: for each team an ordered choice of tasks."""
    ways = [order for size in range(n + 1) for order in itertools.permutations(range(n), size)]
    return itertools.product(ways, repeat=k)


def brute_force(p: TeamTasks) -> tuple[int, ...]:
    """Best (lives, priority, -lives × end, -priority × end, -rank) over every order, all as early as possible."""
    best: tuple[int, ...] = (-1,)
    k, n = p.able.shape
    for orders in _orders(k, n):
        if any(not p.able[a, j] for a, order in enumerate(orders) for j in order):
            continue
        ends = _earliest(p, orders)
        if ends is None:
            continue
        served = sorted(ends)
        best = max(best, (
            int(sum(p.lives[j] for j in served)), int(sum(p.priority[j] for j in served)),
            -int(sum(p.lives[j] * ends[j] for j in served)), -int(sum(p.priority[j] * ends[j] for j in served)),
            -int(sum(p.rank[a] for a, order in enumerate(orders) if order)),
        ))  # fmt: skip
    return best


def _earliest(p: TeamTasks, orders: Any) -> dict[int, int] | None:
    """End of every task begun; None if a rule is broken or teams wait for each other."""
    who = {j: [a for a, order in enumerate(orders) if j in order] for j in {j for order in orders for j in order}}
    before = {b: [a for a, c in p.after if c == b] for b in who}
    if any(i not in who for of in before.values() for i in of):
        return None
    for j, teams in who.items():
        people = sum(min(int(p.strength[a]), int(p.most[j])) for a in teams)
        if not p.least[j] <= people <= p.most[j] or (p.alone[j] and len(teams) > 1):
            return None
    ends: dict[int, int] = {}
    while len(ends) < len(who):
        fresh = None
        for j, teams in who.items():
            previous = {a: orders[a][orders[a].index(j) - 1] if orders[a].index(j) else -1 for a in teams}
            if j in ends or any(i >= 0 and i not in ends for i in previous.values()):
                continue
            if any(i not in ends for i in before[j]):
                continue
            there = [(ends[i] if i >= 0 else int(p.ready[a])) + p.travel[a, i, j][0].minutes
                     for a, i in previous.items()]  # fmt: skip
            begin = max([*there, int(p.release[j]), *(ends[i] for i in before[j])])
            people = sum(min(int(p.strength[a]), int(p.most[j])) for a in teams)
            fresh = j, begin + -(-int(p.work[j]) // people)
            break
        if fresh is None or fresh[1] > p.due[fresh[0]]:
            return None
        ends[fresh[0]] = fresh[1]
    return ends


@pytest.mark.parametrize("seed", range(4))
def test_brute_force(seed: int) -> None:
    """Two teams, three tasks with windows, strengths, an order and skills: the same levels as every order tried."""
    rng = np.random.default_rng(seed)
    k, n = 2, 3
    asked = problem(
        k, n, minutes=rng.integers(10, 120, (k, n + 1, n)), ready=rng.integers(0, 60, k),
        strength=rng.integers(5, 31, k), able=rng.random((k, n)) < 0.8, release=rng.integers(0, 100, n),
        due=rng.integers(150, 420, n), work=rng.integers(300, 2400, n), least=rng.integers(1, 31, n),
        most=rng.integers(31, 62, n), alone=rng.random(n) < 0.3, lives=rng.integers(0, 4, n),
        priority=rng.integers(1, 6, n), after=((0, 2),) if seed % 2 else (), duty=np.full(k, EVER),
        rank=np.arange(1, k + 1), fresh=np.full(k, EVER),
    )  # fmt: skip
    found = schedule_teams(asked)
    assert [level.status for level in found.levels] == ["optimal"] * 6
    signs = (1, 1, -1, -1, -1)
    assert tuple(sign * int(level.value) for sign, level in zip(signs, found.levels, strict=False)) == brute_force(
        asked
    )


@pytest.mark.parametrize("seed", range(2))
def test_a_further_team_never_hurts(seed: int) -> None:
    """With one team more, (lives, priority) of the proven optimum never falls."""
    rng = np.random.default_rng(100 + seed)
    k, n = 3, 4
    asked = problem(
        k, n, minutes=rng.integers(10, 90, (k, n + 1, n)), strength=rng.integers(5, 20, k),
        able=rng.random((k, n)) < 0.7, due=rng.integers(100, 300, n), work=rng.integers(600, 3000, n),
        least=rng.integers(1, 25, n), lives=rng.integers(0, 4, n), priority=rng.integers(1, 6, n),
    )  # fmt: skip
    fewer = replace(
        asked, ready=asked.ready[:-1], strength=asked.strength[:-1], duty=asked.duty[:-1], fresh=asked.fresh[:-1],
        rank=asked.rank[:-1], able=asked.able[:-1], travel={key: of for key, of in asked.travel.items() if key[0] < 2},
    )  # fmt: skip
    more, less = schedule_teams(asked), schedule_teams(fewer)
    served = [(value(answer, "lives_served"), value(answer, "priority_served")) for answer in (more, less)]
    assert served[0] >= served[1]
    assert more.levels[1].status == less.levels[1].status == "optimal"


def test_same_seed_same_answer() -> None:
    """Eight interleaved workers and a work limit: two runs agree in every visit."""
    rng = np.random.default_rng(5)
    asked = problem(3, 4, minutes=rng.integers(10, 90, (3, 5, 4)), work=rng.integers(600, 3000, 4))
    first, second = (schedule_teams(asked, work=0.3, seed=3) for _ in range(2))
    assert first.visits == second.visits
    assert first.levels == second.levels


def test_a_search_that_ends_at_once_still_bounds_what_it_has() -> None:
    """A bound of "at most" never lies below the value, nor one of "at least" above it, however little the work."""
    found = schedule_teams(problem(4, 8, lives=np.arange(8), patients=np.zeros(8)), work=1e-6)
    for level in found.levels:
        assert level.bound >= level.value if level.sense == "max" else level.bound <= level.value
