"""A first schedule as a duty desk makes it: the task with most at risk gets the teams that are there first.

Served one after the other by lives, then priority, then due time; for each the soonest able teams until they are enough
people to end it in time. It is the point from which the solver starts, and the least that its answer may be.
"""

from __future__ import annotations

import numpy as np

from models.assignment.team_tasks import Piece, TeamTasks

__all__ = ["arrival", "call_out", "reordered_call_out"]

ROUNDS = 2000
"""Orders tried."""
_LATE, _TWICE = 20, 0.3


def arrival(pieces: tuple[Piece, ...], depart: int) -> int:
    """Arrival of a departure at or after ``depart``, the soonest; -1 if there is none."""
    best = -1
    for piece in pieces:
        leave = max(depart, piece.start)
        if leave < piece.end:
            there = leave + piece.minutes if piece.until < 0 else piece.until
            best = there if best < 0 else min(best, there)
    return best


def call_out(p: TeamTasks) -> list[list[int]]:
    """Tasks of each team in their order."""
    return _called(p, _order(p))[0]


def reordered_call_out(p: TeamTasks, rounds: int = ROUNDS, seed: int = 1) -> list[list[int]]:
    """The same with the order in which tasks are given their teams changed as long as that serves more, or sooner.

    A task at a time is put elsewhere in the order; what is no worse is kept (lives, priority, then lives × end and
    priority × end). A late-acceptance list lets the search leave a dead end (Burke and Bykov 2017, European Journal of
    Operational Research 258:70).

    Parameters
    ----------
    p : TeamTasks
    rounds : int
        Orders tried: equal numbers give equal answers.
    seed : int
    """
    rng = np.random.default_rng(seed)
    order = _order(p)
    best, worth = _called(p, order)
    now, waiting = worth, [worth] * _LATE
    for k in range(rounds if len(order) > 1 else 0):
        tried = list(order)
        for _ in range(1 + int(rng.random() < _TWICE)):
            tried.insert(int(rng.integers(len(tried))), tried.pop(int(rng.integers(len(tried)))))
        routes, value = _called(p, tried)
        if value >= now or value >= waiting[k % _LATE]:
            order, now = tried, value
        waiting[k % _LATE] = now
        if value > worth:
            best, worth = routes, value
    return best


def _called(p: TeamTasks, order: list[int]) -> tuple[list[list[int]], tuple[int, int, int, int]]:
    """Routes of an order of wholes, and what they are worth: more is better."""
    k = len(p.ready)
    routes: list[list[int]] = [[] for _ in range(k)]
    free, since = p.ready.astype(int).tolist(), [-1] * k
    beds, ends = int(p.beds.sum()), dict[int, int]()
    fires: dict[int, tuple[int, int]] = {}
    before: dict[int, list[int]] = {}
    for a, b in p.after:
        before.setdefault(b, []).append(a)
    served: list[int] = []
    for whole in order:
        parts = np.flatnonzero(p.whole == whole).tolist()
        kept = ([list(route) for route in routes], list(free), list(since), dict(ends), dict(fires), beds)
        beds -= int(p.patients[parts].sum())
        fine = beds >= 0
        for j in parts:
            fine = fine and all(i in ends for i in before.get(j, ()))
            fine = fine and _serve(p, j, before, routes, free, since, ends, fires)
        if fine:
            served.append(whole)
        else:
            routes, free, since, ends, fires, beds = kept
    lives, priority, lives_min, priority_min = 0, 0, 0, 0
    for whole in served:
        parts = np.flatnonzero(p.whole == whole).tolist()
        own, counts, end = int(p.lives[parts].sum()), int(p.priority[parts].sum()), max(ends[j] for j in parts)
        lives, priority = lives + own, priority + counts
        lives_min, priority_min = lives_min + own * end, priority_min + counts * end
    return routes, (lives, priority, -lives_min, -priority_min)


def _order(p: TeamTasks) -> list[int]:
    """Wholes by lives, priority and due time, each after what comes before it."""
    names = list(dict.fromkeys(p.whole.tolist()))
    of = {w: p.whole == w for w in names}
    value = {w: (-int(p.lives[of[w]].sum()), -int(p.priority[of[w]].sum()), int(p.due[of[w]].min())) for w in names}
    needs: dict[int, set[int]] = {w: set() for w in names}
    for a, b in p.after:
        if p.whole[a] != p.whole[b]:
            needs[int(p.whole[b])].add(int(p.whole[a]))
    # What a pressing task waits for is as pressing as that task.
    for _ in names:
        for w, earlier in needs.items():
            for other in earlier:
                value[other] = min(value[other], value[w])
    done: list[int] = []
    left = sorted(names, key=lambda w: (value[w], w))
    while left:
        ready = [w for w in left if not needs[w] & set(left)]
        if not ready:
            break
        done.append(ready[0])
        left.remove(ready[0])
    return done


def _serve(  # type: ignore[no-untyped-def]
    p: TeamTasks, j: int, before, routes, free, since, ends, fires
) -> bool:
    """Give a task its teams; False if they cannot end it in time."""
    coming = []
    for a in range(len(p.ready)):
        at = routes[a][-1] if routes[a] else -1
        pieces = p.travel.get((a, at, j)) if p.able[a, j] else None
        there = arrival(pieces, free[a]) if pieces else -1
        if there >= 0:
            coming.append((there, a))
    chosen: list[tuple[int, int]] = []
    people = 0
    for there, a in sorted(coming):
        strength = int(min(p.strength[a], p.most[j]))
        if people + strength > p.most[j] or (p.alone[j] and chosen):
            continue
        chosen.append((there, a))
        people += strength
        begin = max([there, int(p.release[j]), *(ends[i] for i in before.get(j, ()))])
        begin = _commanded(p, j, begin, fires)
        end = begin + -(-int(p.work[j]) * 1000 // (people * min(p.tired_permille, 1000)))
        starts = {b: since[b] if since[b] >= 0 else free[b] for _, b in chosen}
        if people >= p.least[j] and end <= p.due[j] and all(end <= starts[b] + p.duty[b] for b in starts):
            for _, b in chosen:
                routes[b].append(j)
                since[b], free[b] = starts[b], end
            ends[j] = end
            fire = int(p.incident[j])
            if fire >= 0:
                first, last = fires.get(fire, (begin, end))
                fires[fire] = (min(first, begin), max(last, end))
            return True
    return False


def _commanded(p: TeamTasks, j: int, begin: int, fires: dict[int, tuple[int, int]]) -> int:
    """The first time from ``begin`` on at which a commander is free for good, or has the fire already."""
    fire = int(p.incident[j])
    if fire < 0:
        return begin
    others = sorted(last for other, (_, last) in fires.items() if other != fire and last > begin)
    if len(others) < p.commanders:
        return begin
    return others[len(others) - p.commanders]
