"""Random counties of teams and tasks, the call-out as a duty desk does it, and an independent look at a schedule."""

from __future__ import annotations

import numpy as np

from models.assignment.call_out import call_out
from models.assignment.team_tasks import Answer, Piece, TeamTasks

__all__ = ["greedy_call_out", "random_tasks", "recomputed"]

_DAY = 1440


def random_tasks(teams: int, tasks: int, seed: int) -> TeamTasks:
    """Teams and tasks in a county of 60 km, three skills, windows of a few hours, two fire commanders."""
    rng = np.random.default_rng(seed)
    home, site = rng.random((teams, 2)) * 60, rng.random((tasks, 2)) * 60
    skill, asked = rng.random((teams, 3)) < 0.5, rng.integers(0, 3, tasks)
    skill[np.arange(teams), rng.integers(0, 3, teams)] = True

    def minutes(a: np.ndarray, b: np.ndarray) -> int:
        return int(np.ceil(np.hypot(*(a - b)) * 1.4 / 40 * 60))

    travel: dict[tuple[int, int, int], tuple[Piece, ...]] = {
        (k, i, j): (Piece(0, _DAY + 1, minutes(home[k] if i < 0 else site[i], site[j])),)
        for k in range(teams) for i in range(-1, tasks) for j in range(tasks) if i != j
    }  # fmt: skip
    release = rng.integers(0, 180, tasks)
    fires = np.where(asked == 0, np.arange(tasks), -1)
    return TeamTasks(
        ready=rng.integers(5, 60, teams), strength=rng.integers(10, 41, teams), duty=np.full(teams, 600),
        fresh=np.full(teams, 360), rank=rng.integers(1, 5, teams), tired_permille=700,
        able=skill[:, asked], travel=travel, release=release, due=release + rng.integers(180, 420, tasks),
        work=rng.integers(1200, 9000, tasks), least=rng.integers(5, 45, tasks), most=rng.integers(45, 90, tasks),
        alone=np.zeros(tasks, bool), whole=np.arange(tasks), after=((0, 1), (2, 3)), lives=rng.integers(0, 30, tasks),
        priority=rng.integers(1, 6, tasks) * 1000, incident=fires, commanders=2, patients=np.zeros(tasks, np.int64),
        beds=np.zeros(0, np.int64), to_hospital=np.zeros((tasks, 0), np.int64), horizon=_DAY,
    )  # fmt: skip


def greedy_call_out(p: TeamTasks) -> int:
    """Lives served by the call-out as a duty desk makes it: ``models.assignment.call_out``, each route played."""
    return int(p.lives[sorted({j for route in call_out(p) for j in route})].sum())


def recomputed(p: TeamTasks, answer: Answer) -> float:
    """Lives of the tasks that the visits really do: ways, windows, strength, work with fatigue, order, commanders."""
    left: dict[int, int] = {}
    place: dict[int, tuple[int, int]] = {}
    done: dict[int, float] = {}
    for visit in answer.visits:
        team, j = visit.team, visit.task
        at, free = place.get(team, (-1, int(p.ready[team])))
        left.setdefault(team, visit.leave)
        fine = p.able[team, j] and visit.leave >= free and visit.begin >= p.release[j] and visit.end <= p.due[j]
        fine &= visit.begin >= visit.leave + p.travel[team, at, j][0].minutes
        fine &= visit.end <= left[team] + p.duty[team]
        if not fine:
            return -1.0
        place[team] = (j, visit.end)
        fresh = min(max(left[team] + int(p.fresh[team]) - visit.begin, 0), visit.end - visit.begin)
        tired = visit.end - visit.begin - fresh
        done[j] = done.get(j, 0.0) + visit.strength * (fresh + p.tired_permille / 1000 * tired)
    spans = {visit.task: (visit.begin, visit.end) for visit in answer.visits}
    for j, work in done.items():
        people = sum(visit.strength for visit in answer.visits if visit.task == j)
        if work < p.work[j] - 1e-6 or not p.least[j] <= people <= p.most[j]:
            return -1.0
    for a, b in p.after:
        if b in spans and (a not in spans or spans[b][0] < spans[a][1]):
            return -1.0
    fires = [spans[j] for j in spans if p.incident[j] >= 0]
    if any(sum(1 for s, e in fires if s <= start < e) > p.commanders for start, _ in fires):
        return -1.0
    return float(sum(p.lives[j] for j in done))
