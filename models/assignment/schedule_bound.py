r"""What no schedule of teams can better: a relaxation without sequences, over windows and working time.

A mixed-integer programme in the manner of energetic reasoning (Baptiste, Le Pape and Nuijten 2001, Constraint-Based
Scheduling, ch. 3) for teams that travel: :math:`s_w` whether a whole is served, :math:`x_{kj}` whether team k is at
part j, :math:`t_{kj}` its minutes there, :math:`l_j` the part's length.

.. math::
    \max \sum_w g_w s_w \quad \text{s.t.} \quad \sum_k p_{kj} t_{kj} \ge W_j s_j, \quad
    n_j s_j \le \sum_k p_{kj} x_{kj} \le N_j, \quad l_j - D (1 - x_{kj}) \le t_{kj} \le \min(l_j, D_{kj} x_{kj}),

    \sum_{j : [e_{kj}, d_j] \subseteq [a, b]} (t_{kj} + m_{kj} x_{kj}) \le b - a + \max_j m_{kj}
    \qquad \text{for all teams and intervals,}

with :math:`e_{kj}` the earliest begin of a team at a part, :math:`m_{kj}` its shortest way there from any other; the
same over its duty, and for the commanders over the fires. A part ends no sooner than each of its teams could begin
there and its length. The levels of ``team_tasks.LEVELS`` are its objectives, one after the other.
Fatigue and the order of a team's visits are left aside.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.assignment.call_out import arrival
from models.assignment.team_tasks import TeamTasks
from models.siting.c_output import c_output_dropped

__all__ = ["Relaxation", "earliest_begins"]

Ints = NDArray[np.int64]
_NODES = 400
"""Branch-and-bound nodes: a limit on work, not on the clock."""
_FAR = 10**7


def earliest_begins(p: TeamTasks) -> Ints:
    """Earliest minute (k, n) at which each team could begin at each part, as if it did nothing else; far if never."""
    k, n = p.able.shape
    begin = np.full((k, n), _FAR, dtype=np.int64)
    ways: dict[tuple[int, int], list[int]] = {}
    for team, at, to in p.travel:
        ways.setdefault((team, at), []).append(to)
    for team in range(k):
        queue, seen = [(int(p.ready[team]), -1)], set[int]()
        while queue:
            now, at = heapq.heappop(queue)
            if at in seen:
                continue
            seen.add(at)
            if at >= 0:
                begin[team, at] = max(now, int(p.release[at]))
            for to in ways.get((team, at), ()):
                there = arrival(p.travel[team, at, to], now) if to not in seen else -1
                if there >= 0:
                    heapq.heappush(queue, (there, to))
    begin[~p.able] = _FAR
    for _ in range(n):
        moved = False
        for a, b in p.after:
            later = np.maximum(begin[:, b], _soonest_end(p, a, begin[:, a]))
            moved = moved or bool((later != begin[:, b]).any())
            begin[:, b] = later
        if not moved:
            break
    begin[begin + np.array([_shortest(p, j) for j in range(n)]) > p.due] = _FAR
    return begin


def _shortest(p: TeamTasks, j: int) -> int:
    """Least minutes of work at a part, with as many people as may be there."""
    most = min(int(p.most[j]), int(np.minimum(p.strength, p.most[j])[p.able[:, j]].sum()))
    return math.ceil(int(p.work[j]) / most) if most > 0 else _FAR


def _soonest_end(p: TeamTasks, j: int, begin: Ints) -> int:
    """Earliest end of a part: whoever could be there by some minute begins then, no more people than may be there."""
    people, best = 0, _FAR
    for k in np.argsort(begin, kind="stable").tolist():
        if begin[k] >= _FAR:
            break
        own = int(min(p.strength[k], p.most[j]))
        people = own if p.alone[j] else min(people + own, int(p.most[j]))
        if people >= max(int(p.least[j]), 1):
            best = min(best, int(begin[k]) + math.ceil(int(p.work[j]) / people))
    return min(best, _FAR)


@dataclass
class _Rows:
    """Rows of the programme, ``low ≤ Σ entry · x ≤ high``."""

    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    entry: list[float] = field(default_factory=list)

    def add(self, terms: list[tuple[int, float]], low: float = -np.inf, high: float = np.inf) -> None:
        """One more row."""
        for column, entry in terms:
            self.row.append(len(self.low))
            self.column.append(column)
            self.entry.append(entry)
        self.low.append(low)
        self.high.append(high)


class Relaxation:
    """The programme of one problem; see the module. ``bound`` solves it for one level after the other."""

    def __init__(self, p: TeamTasks) -> None:
        self.p = p
        n, k = len(p.work), len(p.ready)
        begin = earliest_begins(p)
        self.names = {int(w): i for i, w in enumerate(dict.fromkeys(p.whole.tolist()))}
        wholes = len(self.names)
        pairs = [(int(team), int(j)) for team, j in zip(*np.nonzero(begin < _FAR), strict=True)]
        starts = np.cumsum([0, wholes, k, len(pairs), len(pairs), n, n, wholes]).tolist()
        self.served, self.called, first_x, first_t, length, start, self.ends, self.size = starts
        self.whole = starts[3]
        self.part = [self.served + self.names[int(w)] for w in p.whole]
        x = {pair: first_x + i for i, pair in enumerate(pairs)}
        t = {pair: first_t + i for i, pair in enumerate(pairs)}
        self.rows, self.top = _Rows(), np.ones(self.size)
        self.top[length : self.size] = float(p.horizon)
        for pair in pairs:
            self.top[t[pair]] = max(int(p.due[pair[1]]) - int(begin[pair]), 0)
            self.rows.add([(x[pair], 1.0), (self.called + pair[0], -1.0)], high=0.0)
        for j in range(n):
            who = [(team, x[team, j], t[team, j], int(begin[team, j])) for team, i in pairs if i == j]
            _part(self.rows, p, j, self.part[j], who, length + j)
            for _, at, _, soonest in who:
                self.rows.add([(start + j, 1.0), (at, -float(soonest))], low=0.0)
            of = self.ends + self.names[int(p.whole[j])]
            ended = _soonest_end(p, j, begin[:, j])
            if ended < _FAR:
                self.rows.add([(of, 1.0), (self.part[j], -float(ended))], low=0.0)
            self.rows.add([(of, 1.0), (start + j, -1.0), (length + j, -1.0)], low=0.0)
        for team in range(k):
            _team(self.rows, p, team, [j for i, j in pairs if i == team], begin, x, t)
        for a, b in p.after:
            self.rows.add([(self.part[b], 1.0), (self.part[a], -1.0)], high=0.0)
            self.rows.add([(start + b, 1.0), (start + a, -1.0), (length + a, -1.0),
                           (self.part[b], -float(p.horizon))], low=-float(p.horizon))  # fmt: skip
        _commanders(self.rows, p, begin, [length + j for j in range(n)])
        if p.patients.any():
            self.rows.add([(self.part[j], float(p.patients[j])) for j in range(n) if p.patients[j]],
                          high=float(p.beds.sum()))  # fmt: skip

    def _terms(self, measure: str) -> list[tuple[int, float]] | None:
        """A level as a row, patients each to the nearest hospital; None for one that the programme does not know."""
        p = self.p
        if measure == "call_out":
            return [(self.called + k, float(p.rank[k])) for k in range(len(p.ready))]
        if measure == "patient_minutes":
            near = np.where(p.to_hospital >= 0, p.to_hospital, _FAR).min(axis=1, initial=_FAR)
            taken = [j for j in range(len(p.work)) if p.patients[j] and near[j] < _FAR]
            return [(self.part[j], float(p.patients[j] * near[j])) for j in taken]
        if measure not in ("lives_served", "priority_served", "lives_minutes", "priority_minutes"):
            return None
        weight = p.lives if measure.startswith("lives") else p.priority
        at = self.served if measure.endswith("served") else self.ends
        of = {w: float(weight[p.whole == w].sum()) for w in self.names}
        return [(at + i, of[w]) for w, i in self.names.items()]

    def hold(self, measure: str, sense: str, value: float) -> None:
        """Only schedules that reach a level's value from now on."""
        terms = self._terms(measure)
        if terms:
            self.rows.add(terms, **{"low" if sense == "max" else "high": value})

    def bound(self, measure: str, sense: str, nodes: int = _NODES) -> float:
        """Bound of a level given what is held; NaN for one that the programme does not know.

        ``nodes``: of branch and bound; the bound is valid whatever their number.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import coo_array

        terms, rows = self._terms(measure), self.rows
        if terms is None or not len(self.p.work):
            return math.nan
        sign = -1.0 if sense == "max" else 1.0
        cost = np.zeros(self.size)
        for column, entry in terms:
            cost[column] += sign * entry
        shape = (len(rows.low), self.size)
        whole = np.zeros(self.size)
        whole[: self.whole] = 1
        matrix = coo_array((rows.entry, (rows.row, rows.column)), shape=shape).tocsr()
        with c_output_dropped():  # the solver writes some of its inner steps whatever it is told
            found = milp(cost, integrality=whole, bounds=Bounds(np.zeros(self.size), self.top),
                         constraints=LinearConstraint(matrix, rows.low, rows.high),
                         options={"node_limit": nodes, "mip_rel_gap": 1e-6})  # fmt: skip
        if found.mip_dual_bound is None or not np.isfinite(found.mip_dual_bound):
            return math.nan
        # Every level is a whole number.
        return sign * float(math.ceil(float(found.mip_dual_bound) - 1e-4))


def _part(rows: _Rows, p: TeamTasks, j: int, s: int, who: list[tuple[int, int, int, int]], length: int) -> None:
    """People and work of one part, and that all its teams work as long as it lasts."""
    people = {k: float(min(p.strength[k], p.most[j])) for k, *_ in who}
    rows.add([(x, people[k]) for k, x, *_ in who] + [(s, -float(max(p.least[j], 1)))], low=0.0)
    rows.add([(x, people[k]) for k, x, *_ in who], high=float(p.most[j]))
    rows.add([(t, people[k]) for k, _, t, _ in who] + [(s, -float(p.work[j]))], low=0.0)
    if p.alone[j]:
        rows.add([(x, 1.0) for _, x, *_ in who], high=1.0)
    least = float(_shortest(p, j))
    window = float(max(int(p.due[j]) - int(p.release[j]), 0))
    rows.add([(length, 1.0), (s, -least)], low=0.0)
    rows.add([(length, 1.0), (s, -window)], high=0.0)
    for k, x, t, begin in who:
        most = float(min(int(p.due[j]) - begin, int(p.duty[k])))
        rows.add([(x, 1.0), (s, -1.0)], high=0.0)
        rows.add([(t, 1.0), (x, -most)], high=0.0)
        rows.add([(t, 1.0), (x, -least)], low=0.0)
        rows.add([(t, 1.0), (length, -1.0)], high=0.0)
        rows.add([(t, 1.0), (length, -1.0), (x, -window)], low=-window)


def _team(
    rows: _Rows, p: TeamTasks, k: int, mine: list[int], begin: Ints, x: dict[tuple[int, int], int],
    t: dict[tuple[int, int], int],
) -> None:  # fmt: skip
    """A team is at one place at a time: working time and ways within every interval, and within its duty."""
    near = {j: min((_least(p, k, i, j) for i in mine if i != j), default=0) for j in mine}
    near = {j: 0 if minutes >= _FAR else minutes for j, minutes in near.items()}
    # Two visits of which neither can follow the other exclude each other.
    for a, i in enumerate(mine):
        for j in mine[a + 1 :]:
            if not _follows(p, k, i, j, begin) and not _follows(p, k, j, i, begin):
                rows.add([(x[k, i], 1.0), (x[k, j], 1.0)], high=1.0)
    seen: set[frozenset[int]] = set()
    for since in sorted({int(begin[k, j]) for j in mine}):
        for until in sorted({int(p.due[j]) for j in mine if p.due[j] > since}):
            inside = frozenset(j for j in mine if begin[k, j] >= since and p.due[j] <= until)
            if len(inside) < 2 or inside in seen:
                continue
            seen.add(inside)
            room = until - since + max(near[j] for j in inside)
            rows.add([term for j in inside for term in ((t[k, j], 1.0), (x[k, j], float(near[j])))], high=float(room))
    if mine:
        out = min((_least(p, k, -1, j) for j in mine), default=0)
        room = int(p.duty[k]) + max(near.values()) - (0 if out >= _FAR else out)
        rows.add([term for j in mine for term in ((t[k, j], 1.0), (x[k, j], float(near[j])))], high=float(room))


def _least(p: TeamTasks, k: int, i: int, j: int) -> int:
    """Shortest way at any hour; waiting for a way that arrives at a fixed minute is left aside."""
    pieces = p.travel.get((k, i, j), ())
    return min((piece.minutes if piece.until < 0 else max(piece.until - piece.end + 1, 0) for piece in pieces),
               default=_FAR)  # fmt: skip


def _follows(p: TeamTasks, k: int, i: int, j: int, begin: Ints) -> bool:
    """Whether a team that is at part i first can be at part j in time, straight or over other parts."""
    done = int(begin[k, i]) + _shortest(p, i)
    entry = min((_least(p, k, h, j) for h in range(len(p.work)) if h != j), default=_FAR)
    return max(done + entry, int(begin[k, j])) + _shortest(p, j) <= int(p.due[j])


def _commanders(rows: _Rows, p: TeamTasks, begin: Ints, length: list[int]) -> None:
    """Fires fought one after the other, as many at a time as there are commanders, within every interval."""
    fires = sorted(set(p.incident[p.incident >= 0].tolist()))
    if len(fires) <= p.commanders:
        return
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    longest: dict[int, int] = {}
    for fire in fires:
        of = np.flatnonzero(p.incident == fire).tolist()
        # The part of the fire that could last longest stands for it: never longer than the fire.
        first[fire] = min(int(begin[:, j].min(initial=_FAR)) for j in of)
        last[fire] = max(int(p.due[j]) for j in of)
        longest[fire] = max(of, key=lambda j: (_shortest(p, j) < _FAR, _shortest(p, j)))
    seen: set[frozenset[int]] = set()
    for since in sorted(set(first.values())):
        for until in sorted({last[fire] for fire in fires if last[fire] > since}):
            inside = frozenset(f for f in fires if first[f] >= since and last[f] <= until)
            if len(inside) > p.commanders and inside not in seen:
                seen.add(inside)
                rows.add([(length[longest[f]], 1.0) for f in inside], high=float(p.commanders * (until - since)))
