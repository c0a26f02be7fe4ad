"""Who does which task when: teams assigned and scheduled with CP-SAT, lives at risk first.

A multi-skill project scheduling model with travel, synchronised teams and optional tasks (Bellenguez-Morin and Néron
2007, RAIRO 41:155; Dohn, Kolind and Clausen 2009, Computers & Operations Research 36:1145), solved level by level.
Whole minutes inside; the proof of a level refers to that grid.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from models.assignment.call_out import arrival, call_out, reordered_call_out
from models.assignment.schedule_bound import Relaxation
from models.assignment.team_tasks import LEVELS, Answer, Level, Piece, TeamTasks, Visit

__all__ = ["LEVELS", "Answer", "Level", "Piece", "TeamTasks", "Visit", "schedule_teams"]


def schedule_teams(problem: TeamTasks, *, work: float = 60.0, seed: int = 1, workers: int = 8) -> Answer:
    """Assign and schedule.

    Parameters
    ----------
    problem : TeamTasks
    work : float
        Deterministic time of the solver in all (about seconds of one core); equal work and seed give equal answers.
    seed : int
    workers : int
        Strategies searched in turn; at least 8, whatever the machine.

    Raises
    ------
    ValueError
        If fewer than 8 workers are asked for, or a number of the problem is negative where it must not be.
    """
    if workers < 8:
        msg = f"{workers} workers: below 8 the solver leaves out strategies that these problems need"
        raise ValueError(msg)
    for name in ("work", "strength", "least", "lives", "priority", "patients"):
        if (getattr(problem, name) < 0).any():
            msg = f"{name} must not be negative"
            raise ValueError(msg)
    model = _Model(problem)
    for first in (reordered_call_out(problem, seed=seed), call_out(problem)):
        if model.best is None:
            model.start(first, seed, workers)
    levels: list[Level] = []
    relaxation: Relaxation | None = None
    left = work
    for number, (measure, sense) in enumerate(LEVELS):
        level, spent = model.solve(measure, sense, left / (2 if number + 1 < len(LEVELS) else 1), seed, workers)
        left = max(left - spent, 0.05 * work)
        if level.status != "optimal":
            if relaxation is None:
                relaxation = Relaxation(problem)
                for before in levels:
                    relaxation.hold(before.measure, before.sense, before.value)
            level = _closer(level, relaxation.bound(measure, sense))
        if relaxation is not None:
            relaxation.hold(measure, sense, level.value)
        levels.append(level)
    answer = model.answer()
    values = measured(problem, answer)
    told = (
        replace(level, value=values[level.measure], gap=_gap(values[level.measure], level.bound)) for level in levels
    )
    return replace(answer, levels=tuple(told))


def _closer(level: Level, bound: float) -> Level:
    """A level with the better of two bounds; proven where it meets the value."""
    if np.isnan(bound):
        return level
    best = min(level.bound, bound) if level.sense == "max" else max(level.bound, bound)
    best = max(best, level.value) if level.sense == "max" else min(best, level.value)
    return replace(level, bound=best, gap=_gap(level.value, best),
                   status="optimal" if best == level.value else level.status)  # fmt: skip


def measured(problem: TeamTasks, answer: Answer) -> dict[str, float]:
    """Every level's value, worked out from the visits: later levels may have bettered earlier ones."""
    p = problem
    ends: dict[int, int] = {}
    for visit in answer.visits:
        whole = int(p.whole[visit.task])
        ends[whole] = max(ends.get(whole, 0), visit.end)
    served = sorted({int(w) for w in p.whole[answer.served]})
    lives = {w: int(p.lives[p.whole == w].sum()) for w in served}
    priority = {w: int(p.priority[p.whole == w].sum()) for w in served}
    return {
        "lives_served": float(sum(lives.values())),
        "priority_served": float(sum(priority.values())),
        "lives_minutes": float(sum(lives[w] * ends[w] for w in served)),
        "priority_minutes": float(sum(priority[w] * ends[w] for w in served)),
        "call_out": float(sum(int(p.rank[k]) for k in {visit.team for visit in answer.visits})),
        "patient_minutes": float((answer.taken * np.maximum(p.to_hospital, 0)).sum()),
    }


class _Model:
    """The constraint programme, and the best point so far."""

    def __init__(self, p: TeamTasks) -> None:
        from ortools.sat.python import cp_model

        self.cp, self.p = cp_model, p
        self.m = cp_model.CpModel()
        n = len(p.work)
        m, horizon = self.m, p.horizon
        names = list(dict.fromkeys(p.whole.tolist()))
        of_whole = {w: m.new_bool_var(f"s{w}") for w in names}
        self.served = [of_whole[w] for w in p.whole.tolist()]
        last = np.minimum(np.maximum(p.due, p.release), horizon)
        self.begin = [m.new_int_var(int(p.release[j]), int(last[j]), f"b{j}") for j in range(n)]
        self.end = [m.new_int_var(int(p.release[j]), int(last[j]), f"e{j}") for j in range(n)]
        self.length = [m.new_int_var(0, self._longest(j), f"d{j}") for j in range(n)]
        self.visit: dict[tuple[int, int], Any] = {}
        self.leave: dict[tuple[int, int], Any] = {}
        self.done: dict[tuple[int, int], list[Any]] = {}
        self.called: list[Any] = []
        self.arcs: dict[int, list[tuple[int, int, Any]]] = {}
        for j in range(n):
            m.add(self.end[j] == self.begin[j] + self.length[j])
            m.add(self.end[j] <= int(p.due[j])).only_enforce_if(self.served[j])
        for k in range(len(p.ready)):
            self._team(k)
        for j in range(n):
            self._task(j)
        for a, b in p.after:
            m.add_implication(self.served[b], self.served[a])
            m.add(self.begin[b] >= self.end[a]).only_enforce_if(self.served[b])
        self._commanders()
        self._hospitals()
        self.best: Any = None

    def _longest(self, j: int) -> int:
        """No task takes longer than with its fewest people, tired all the time; nor longer than its window."""
        p = self.p
        own = [int(min(p.strength[k], p.most[j])) for k in range(len(p.ready)) if p.able[k, j]]
        fewest = max(int(p.least[j]), min(own, default=1), 1)
        tired = -(-int(p.work[j]) * 1000 // (fewest * max(min(p.tired_permille, 1000), 1)))
        return int(max(min(tired, int(p.due[j]) - int(p.release[j]), p.horizon), 0))

    def _team(self, k: int) -> None:
        """A way of one team through some of its tasks, within its duty."""
        p, m = self.p, self.m
        mine = [j for j in range(len(p.work)) if p.able[k, j] and self._in_time(k, j)]
        used = m.new_bool_var(f"u{k}")
        self.called.append(used)
        start = m.new_int_var(int(p.ready[k]), p.horizon, f"o{k}")
        place = {-1: 0, **{j: i + 1 for i, j in enumerate(mine)}}
        arcs = [(0, 0, used.negated())]
        self.arcs[k] = []
        for j in mine:
            x = self.visit[k, j] = m.new_bool_var(f"x{k},{j}")
            self.leave[k, j] = m.new_int_var(int(p.ready[k]), p.horizon, f"l{k},{j}")
            m.add_implication(x, used)
            m.add_implication(x, self.served[j])
            arcs.append((place[j], place[j], x.negated()))
            home = m.new_bool_var(f"h{k},{j}")
            arcs.append((place[j], 0, home))
            m.add(self.end[j] <= start + int(p.duty[k])).only_enforce_if(x)
            self._worked(k, j, x, start)
            for i in (-1, *mine):
                if i == j or (k, i, j) not in p.travel:
                    continue
                arc = m.new_bool_var(f"a{k},{i},{j}")
                arcs.append((place[i], place[j], arc))
                self.arcs[k].append((i, j, arc))
                if i < 0:
                    m.add(self.leave[k, j] == start).only_enforce_if(arc)
                else:
                    m.add(self.leave[k, j] >= self.end[i]).only_enforce_if(arc)
                self._leg(k, i, j, arc)
        if mine:
            m.add_circuit(arcs)
        else:
            m.add(used == 0)

    def _in_time(self, k: int, j: int) -> bool:
        """Whether a team can be at a task before it is due, over any way."""
        p = self.p
        ways = [pieces for (a, _, b), pieces in p.travel.items() if a == k and b == j]
        soonest = [there for pieces in ways if (there := arrival(pieces, int(p.ready[k]))) >= 0]
        return bool(soonest) and min(soonest) <= p.due[j]

    def _leg(self, k: int, i: int, j: int, arc: Any) -> None:
        """Arrival before the work begins, by the piece in which the team departs."""
        m, leave = self.m, self.leave[k, j]
        pieces = self.p.travel[k, i, j]
        chosen = [arc] if len(pieces) == 1 else [m.new_bool_var(f"p{k},{i},{j},{q}") for q in range(len(pieces))]
        if len(pieces) > 1:
            m.add(sum(chosen) == 1).only_enforce_if(arc)
            m.add(sum(chosen) == 0).only_enforce_if(arc.negated())
        for piece, literal in zip(pieces, chosen, strict=True):
            m.add(leave >= piece.start).only_enforce_if(literal)
            m.add(leave < piece.end).only_enforce_if(literal)
            arrive = leave + piece.minutes if piece.until < 0 else piece.until
            m.add(self.begin[j] >= arrive).only_enforce_if(literal)

    def _worked(self, k: int, j: int, x: Any, start: Any) -> None:
        """Person-minutes × 1000 that a team does at a task: at full rate while fresh, less afterwards."""
        p, m = self.p, self.m
        present = m.new_int_var(0, int(p.duty[k]), f"w{k},{j}")
        m.add(present <= self.length[j]).only_enforce_if(x)
        m.add(present == 0).only_enforce_if(x.negated())
        people = int(min(p.strength[k], p.most[j]))
        if p.tired_permille >= 1000 or p.fresh[k] >= p.duty[k]:
            self.done[k, j] = [1000 * people * present]
            return
        rested = m.new_int_var(0, int(p.fresh[k]), f"f{k},{j}")
        m.add(rested <= present)
        tired = m.new_bool_var(f"t{k},{j}")
        m.add(rested == 0).only_enforce_if(tired)
        m.add(rested <= start + int(p.fresh[k]) - self.begin[j]).only_enforce_if([x, tired.negated()])
        rate = int(p.tired_permille)
        self.done[k, j] = [people * rate * present, people * (1000 - rate) * rested]

    def _task(self, j: int) -> None:
        """Enough people, not too many, and the work gets done."""
        p, m = self.p, self.m
        who = [k for k in range(len(p.ready)) if (k, j) in self.visit]
        if not who:
            m.add(self.served[j] == 0)
            return
        people = sum(int(min(p.strength[k], p.most[j])) * self.visit[k, j] for k in who)
        m.add(people >= int(p.least[j])).only_enforce_if(self.served[j])
        m.add(people <= int(p.most[j]))
        m.add(sum(self.visit[k, j] for k in who) >= 1).only_enforce_if(self.served[j])
        if p.alone[j]:
            m.add(sum(self.visit[k, j] for k in who) <= 1)
        m.add(sum(part for k in who for part in self.done[k, j]) >= 1000 * int(p.work[j])).only_enforce_if(
            self.served[j]
        )

    def _commanders(self) -> None:
        """No more fires at once than there are commanders."""
        p, m = self.p, self.m
        intervals = []
        for fire in sorted(set(p.incident[p.incident >= 0].tolist())):
            of = np.flatnonzero(p.incident == fire).tolist()
            first, last = m.new_int_var(0, p.horizon, f"c{fire}"), m.new_int_var(0, p.horizon, f"z{fire}")
            there, span = m.new_bool_var(f"i{fire}"), m.new_int_var(0, p.horizon, f"y{fire}")
            for j in of:
                m.add_implication(self.served[j], there)
                m.add(first <= self.begin[j]).only_enforce_if(self.served[j])
                m.add(last >= self.end[j]).only_enforce_if(self.served[j])
            intervals.append(m.new_optional_interval_var(first, span, last, there, f"v{fire}"))
        if len(intervals) > p.commanders:
            m.add_cumulative(intervals, [1] * len(intervals), p.commanders)

    def _hospitals(self) -> None:
        """Patients of served tasks to hospitals with room."""
        p, m = self.p, self.m
        self.taken: dict[tuple[int, int], Any] = {}
        for j in np.flatnonzero(p.patients > 0).tolist():
            for h in range(len(p.beds)):
                if p.to_hospital[j, h] >= 0:
                    most = int(min(p.patients[j], p.beds[h]))
                    self.taken[j, h] = m.new_int_var(0, most, f"g{j},{h}")
            mine = [self.taken[key] for key in self.taken if key[0] == j]
            m.add(sum(mine) == int(p.patients[j])).only_enforce_if(self.served[j])
            m.add(sum(mine) == 0).only_enforce_if(self.served[j].negated())
        for h in range(len(p.beds)):
            m.add(sum(x for (_, g), x in self.taken.items() if g == h) <= int(p.beds[h]))

    def _measure(self, measure: str) -> Any:
        """A level as an expression."""
        p = self.p
        if measure in ("lives_served", "priority_served"):
            weight = p.lives if measure == "lives_served" else p.priority
            return sum(int(w) * s for w, s in zip(weight, self.served, strict=True))
        if measure in ("lives_minutes", "priority_minutes"):
            return sum(x for _, x in self._ends("lives" if measure == "lives_minutes" else "priority"))
        if measure == "call_out":
            return sum(int(r) * u for r, u in zip(p.rank, self.called, strict=True))
        return sum(int(p.to_hospital[j, h]) * x for (j, h), x in self.taken.items())

    def _ends(self, weight: str) -> list[tuple[int, Any]]:
        """Weight × end of each served task; tasks of one whole count by their last end."""
        p, m, weights = self.p, self.m, getattr(self.p, weight)
        made = []
        for w in dict.fromkeys(p.whole.tolist()):
            of = np.flatnonzero(p.whole == w).tolist()
            factor = int(weights[of].sum())
            if factor == 0:
                continue
            last = m.new_int_var(0, p.horizon, f"q{weight}{w}")
            for j in of:
                m.add(last >= self.end[j]).only_enforce_if(self.served[j])
            made.append((w, factor * last))
        return made

    def start(self, routes: list[list[int]], seed: int, workers: int) -> None:
        """Take a first schedule over: its orders of tasks fixed, the solver fills in the times."""
        model, cp = self.m.clone(), self.cp
        for k, arcs in self.arcs.items():
            wanted = {(i, j) for i, j in zip([-1, *routes[k]], routes[k], strict=False)}
            for i, j, arc in arcs:
                model.add(model.get_bool_var_from_proto_index(arc.index) == int((i, j) in wanted))
        for (k, j), visit in self.visit.items():
            model.add(model.get_bool_var_from_proto_index(visit.index) == int(j in routes[k]))
        solver = cp.CpSolver()
        given = solver.parameters
        given.num_workers, given.interleave_search, given.random_seed = workers, True, seed
        given.max_deterministic_time = 5.0
        if solver.solve(model) in (cp.OPTIMAL, cp.FEASIBLE):
            self.best = list(solver.response_proto.solution)

    def solve(self, measure: str, sense: str, work: float, seed: int, workers: int) -> tuple[Level, float]:
        """Optimise one level, then hold its value."""
        m, cp = self.m, self.cp
        expression = self._measure(measure)
        if isinstance(expression, int):
            return Level(measure, sense, float(expression), float(expression), 0.0, "optimal"), 0.0
        m.maximize(expression) if sense == "max" else m.minimize(expression)
        if self.best is not None:
            m.clear_hints()
            for index, value in enumerate(self.best):
                m.add_hint(m.get_int_var_from_proto_index(index), value)
        solver = cp.CpSolver()
        given = solver.parameters
        given.num_workers, given.interleave_search, given.random_seed = workers, True, seed
        given.max_deterministic_time = work
        status = solver.solve(m)
        if status not in (cp.OPTIMAL, cp.FEASIBLE):
            # The point of the level before stays feasible; without one, nobody serving anything is.
            self.best = self.best or self._idle()
            value = measured(self.p, self.answer())[measure]
            bound = self._bound_without(measure, sense, value, float(solver.best_objective_bound))
            level = Level(measure, sense, value, bound, _gap(value, bound), "feasible")
            self._hold(expression, sense, round(value))
            return level, solver.response_proto.deterministic_time
        self.best = list(solver.response_proto.solution)
        value, bound = float(solver.objective_value), float(solver.best_objective_bound)
        proven = status == cp.OPTIMAL
        bound = value if proven else bound
        level = Level(measure, sense, value, bound, _gap(value, bound), "optimal" if proven else "feasible")
        self._hold(expression, sense, round(value))
        return level, solver.response_proto.deterministic_time

    def _bound_without(self, measure: str, sense: str, value: float, said: float) -> float:
        """Bound of a level whose search ended before its first point: the solver may then say 0, having none."""
        if sense == "min":
            return max(said, 0.0) if said <= value else 0.0
        everything = float((self.p.lives if measure == "lives_served" else self.p.priority).sum())
        return min(said, everything) if said > value else everything

    def _hold(self, expression: Any, sense: str, value: int) -> None:
        self.m.add(expression >= value) if sense == "max" else self.m.add(expression <= value)

    def _idle(self) -> list[int]:
        """The point at which nobody is called, found by fixing it."""
        solver = self.cp.CpSolver()
        model = self.m.clone()
        model.clear_objective()
        for used in self.called:
            model.add(model.get_bool_var_from_proto_index(used.index) == 0)
        solver.solve(model)
        return list(solver.response_proto.solution)

    def answer(self) -> Answer:
        """Visits, served tasks and patients of the best point."""
        p, best = self.p, self.best
        if best is None:
            best = self._idle()
        visits = []
        for k, arcs in self.arcs.items():
            follows = {i: j for i, j, arc in arcs if best[arc.index]}
            at = follows.get(-1)
            while at is not None:
                visits.append(Visit(k, at, best[self.leave[k, at].index], best[self.begin[at].index],
                                    best[self.end[at].index], int(min(p.strength[k], p.most[at]))))  # fmt: skip
                at = follows.get(at)
        served = np.array([bool(best[s.index]) for s in self.served], dtype=bool)
        taken = np.zeros((len(p.work), len(p.beds)), dtype=np.int64)
        for (j, h), x in self.taken.items():
            taken[j, h] = best[x.index]
        return Answer(tuple(visits), served, taken)


def _gap(value: float, bound: float) -> float:
    """Relative distance of a value to its bound."""
    return abs(value - bound) / max(abs(value), 1.0)
