"""Bounds of the teams' schedule: by hand, never beyond a proven optimum; and the first schedule they start from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.assignment.call_out import call_out, reordered_call_out
from models.assignment.schedule import schedule_teams
from models.assignment.schedule_bound import Relaxation, earliest_begins
from models.assignment.team_tasks import LEVELS, Piece, TeamTasks
from tests.models.assignment.test_schedule import problem


def test_two_tasks_do_not_fit_one_teams_window() -> None:
    """Each takes 60 minutes and 30 of way and is due at 120; the second would begin at 120: one of them, the dearer."""
    asked = problem(1, 2, due=[120, 120], lives=[3, 5])
    assert Relaxation(asked).bound("lives_served", "max") == 5
    assert Relaxation(problem(1, 2, due=[180, 180], lives=[3, 5])).bound("lives_served", "max") == 8


def test_ends_and_teams_called_by_hand() -> None:
    """30 of way and 600 person-minutes by two teams of 10: 60; the least of 15 people needs both, of ranks 1 and 3."""
    asked = problem(2, 1, lives=[2], least=[15], rank=[1, 3])
    relaxation = Relaxation(asked)
    assert relaxation.bound("lives_served", "max") == 2
    relaxation.hold("lives_served", "max", 2)
    assert relaxation.bound("lives_minutes", "min") == 2 * 60
    assert relaxation.bound("call_out", "min") == 4
    assert math.isnan(relaxation.bound("unknown", "min"))


def test_patients_go_no_nearer_than_the_nearest_hospital() -> None:
    """3 patients, 20 minutes to the nearer of two hospitals, 40 to the other: 60 patient-minutes at least."""
    asked = problem(1, 1, lives=[1], patients=[3], beds=[2, 9], to_hospital=[[20, 40]])
    relaxation = Relaxation(asked)
    relaxation.hold("lives_served", "max", 1)
    assert relaxation.bound("patient_minutes", "min") == 60
    assert schedule_teams(asked).levels[5].value == 2 * 20 + 40


def test_a_task_after_another_begins_no_sooner_than_that_could_end() -> None:
    """One team of 10: 30 of way, 60 of work: the next task not before 90, though one could be there at 60."""
    begin = earliest_begins(problem(1, 2, after=((0, 1),)))
    assert begin.tolist() == [[30, 90]]


def _random(seed: int) -> TeamTasks:
    rng = np.random.default_rng(seed)
    k, n = 3, 5
    minutes = rng.integers(5, 60, (k, n + 1, n))
    release = rng.integers(0, 60, n)
    return problem(
        k, n, minutes=minutes, ready=rng.integers(0, 30, k), strength=rng.integers(5, 20, k), release=release,
        due=release + rng.integers(90, 260, n), work=rng.integers(200, 1500, n), least=rng.integers(1, 20, n),
        most=rng.integers(20, 40, n), lives=rng.integers(0, 9, n), priority=rng.integers(1, 9, n), after=((0, 1),),
        incident=np.array([0, 1, 2, -1, -1]), commanders=1, able=rng.random((k, n)) < 0.8,
        duty=rng.integers(200, 400, k), rank=rng.integers(1, 4, k), fresh=np.full(k, 100), tired_permille=700,
    )  # fmt: skip


@pytest.mark.parametrize("seed", (0, 2, 3))
def test_no_bound_passes_a_proven_optimum(seed: int) -> None:
    """Level by level, given the values before, against what CP-SAT proves alone; 400 nodes and 1 node alike."""
    asked = _random(seed)
    found = schedule_teams(asked, work=1.0)
    for nodes in (1, 400):
        relaxation = Relaxation(asked)
        for (measure, sense), level in zip(LEVELS, found.levels, strict=True):
            bound = relaxation.bound(measure, sense, nodes)
            if not math.isnan(bound):
                assert bound >= level.value if sense == "max" else bound <= level.value
            relaxation.hold(measure, sense, level.value)


@pytest.mark.parametrize("seed", range(3))
def test_another_order_never_serves_less_and_keeps_the_rules(seed: int) -> None:
    """Lives served by the orders tried are no fewer than by the first order; the solver accepts the routes."""
    asked = _random(seed)

    def lives(routes: list[list[int]]) -> int:
        return int(asked.lives[sorted({j for route in routes for j in route})].sum())

    first, better = call_out(asked), reordered_call_out(asked, rounds=200)
    assert lives(better) >= lives(first)
    assert all(asked.able[k, j] for k, route in enumerate(better) for j in route)
    assert better == reordered_call_out(asked, rounds=200)
    if seed == 0:
        assert schedule_teams(asked, work=0.1).levels[0].value >= lives(better)


def test_a_way_that_arrives_at_a_fixed_minute_is_never_longer_than_its_shortest_use() -> None:
    """Leaving in [0, 50) one is there at 60: 11 minutes at least on the way between two tasks."""
    travel = {(0, -1, 0): (Piece(0, 1000, 10),), (0, -1, 1): (Piece(0, 1000, 10),),
              (0, 0, 1): (Piece(0, 50, 0, until=60),), (0, 1, 0): (Piece(0, 50, 0, until=60),)}  # fmt: skip
    asked = problem(1, 2, travel=travel, work=[100, 100], due=[70, 70], lives=[1, 1])
    # 10 to 20 at the first, 60 to 70 at the second: both.
    assert Relaxation(asked).bound("lives_served", "max") == 2
    assert schedule_teams(asked).levels[0].value == 2
