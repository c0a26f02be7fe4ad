r"""Which aircraft flies what in which order: sorties on the clock with fuel, windows of flying weather and crew time.

A task begins at its first point and ends at its last (goods: loaded at a depot, handed over at a place; a lift: taken
up at a place, handed over at a hospital). An aircraft flies tasks one after another and calls at a pad for fuel between
two of them where it must: from one call to the next lies a *sortie*, whose time from take-off to landing, all stops on
the way with turning rotors included, may not exceed ``airborne_s``. Groups of tasks are served whole or not at all, in
one of several ways (loads for large machines, or more loads for small ones).

Per aircraft a circuit over its tasks, with an arc of either kind (direct, or by the pad) between two tasks; with start
:math:`s_i` and rotor time since take-off :math:`f_i` at the start of task i

.. math::
    \text{direct: } s_j \ge s_i + p_i + d_{ij},\quad f_j \ge f_i + s_j - s_i; \qquad
    \text{by the pad: } s_j \ge s_i + p_i + h_i + r + o_{ij},\quad f_j \ge o_{ij}

and :math:`f_i + p_i + h_i` at most the endurance, take-off :math:`s_i - f_i` and landing :math:`s_i + p_i + h_i` within
one window. Implied, and what bounds and proofs live on: tasks of one aircraft, each with the least way to another, do
not overlap. Lexicographic: weight of groups on time, level by level; weighted completion (the horizon for what is not
flown); time in the air. CP-SAT, by work and not by the clock, so that equal input gives an equal plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["AirInstance", "AirSchedule", "Flown", "schedule_sorties"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class AirInstance:
    """Tasks, aircraft and how long everything takes; whole seconds.

    Attributes
    ----------
    duration_s : int64 array (m, n)
        From the first point of a task to being free at its last; negative: that aircraft cannot.
    direct_s : int64 array (m, n, n)
        From the end of task i to the start of task j.
    out_s : int64 array (m, n)
        From where the aircraft stands to the start of a task.
    home_s : int64 array (m, n)
        From the end of a task to its nearest pad.
    again_s : int64 array (m, n, n)
        From that pad to the start of task j.
    stop_s : int64 array (m,)
        At the pad between two sorties.
    ready_s, airborne_s, flight_s : int64 arrays (m,)
        Earliest take-off; longest sortie; longest flying in all (crew).
    windows_s : tuple, by aircraft, of (start, end)
        When it may fly.
    earliest_s : int64 array (n,)
        A task does not begin before.
    groups : tuple, by group, of ways, each a tuple of tasks
        A task belongs to one way of one group.
    due_s, level, weight : int64 arrays (g,)
        On time if its last task ends by then; level 1 comes first.
    horizon_s : int
        Nothing ends later; what is not flown counts as if it ended then.
    """

    duration_s: Ints
    direct_s: Ints
    out_s: Ints
    home_s: Ints
    again_s: Ints
    stop_s: Ints
    ready_s: Ints
    airborne_s: Ints
    flight_s: Ints
    windows_s: tuple[tuple[tuple[int, int], ...], ...]
    earliest_s: Ints
    groups: tuple[tuple[tuple[int, ...], ...], ...]
    due_s: Ints
    level: Ints
    weight: Ints
    horizon_s: int


@dataclass(frozen=True)
class Flown:
    """A task as flown; ``by_pad``: the aircraft comes from a pad (or from where it stood), not from the task before."""

    task: int
    start_s: int
    by_pad: bool


@dataclass(frozen=True, eq=False)
class AirSchedule:
    """Tasks of each aircraft in order; groups served; levels as (value, bound, status).

    Levels: one for each level of groups, the weighted completion, and seconds in the air. ``status`` is ``optimal``
    only where the levels before it are, too.
    """

    flown: tuple[tuple[Flown, ...], ...]
    served: frozenset[int]
    on_time: frozenset[int]
    levels: tuple[tuple[float, float, str], ...] = field(default=())


def schedule_sorties(instance: AirInstance, *, work: float = 20.0, seed: int = 1) -> AirSchedule:
    """Schedule; ``work`` is the deterministic time of each level's search."""
    m, n = instance.duration_s.shape
    if not n or not m:
        return _nothing(instance)
    model = _Model(instance)
    return model.solve(work, seed)


def _nothing(instance: AirInstance) -> AirSchedule:
    """Nothing to fly, or nobody to fly it: proven."""
    unserved = float((instance.weight * instance.horizon_s).sum())
    levels = sorted({int(level) for level in instance.level})
    rows = [(0.0, 0.0, "optimal") for _ in levels]
    return AirSchedule(
        tuple(() for _ in instance.ready_s), frozenset(), frozenset(),
        (*rows, (unserved, unserved, "optimal"), (0.0, 0.0, "optimal")),
    )  # fmt: skip


class _Model:
    """The CP-SAT model of an instance."""

    def __init__(self, instance: AirInstance) -> None:
        from ortools.sat.python import cp_model

        self.instance, self.cp = instance, cp_model.CpModel()
        m, n = instance.duration_s.shape
        cp, horizon = self.cp, instance.horizon_s
        self.start = [cp.new_int_var(min(int(instance.earliest_s[i]), horizon), horizon, "") for i in range(n)]
        self.rotor = [cp.new_int_var(0, horizon, "") for _ in range(n)]
        self.by = {(a, i): cp.new_bool_var("") for a in range(m) for i in range(n) if instance.duration_s[a, i] >= 0}
        self.flight: list[Any] = []
        self.arcs: list[dict[tuple[int, int, bool], Any]] = [self._circuit(a) for a in range(m)]
        self._limits()
        self._groups()

    def _circuit(self, a: int) -> dict[tuple[int, int, bool], Any]:
        """Arcs of one aircraft: (from, to, by the pad) with -1 for where it stands."""
        of, cp = self.instance, self.cp
        tasks = [i for i in range(of.duration_s.shape[1]) if (a, i) in self.by]
        arcs: dict[tuple[int, int, bool], Any] = {}
        unused = cp.new_bool_var("")
        listed = [(0, 0, unused)]
        flown = []
        for i in tasks:
            listed.append((i + 1, i + 1, ~self.by[a, i]))
            first, last = cp.new_bool_var(""), cp.new_bool_var("")
            arcs[-1, i, True], arcs[i, -1, True] = first, last
            listed += [(0, i + 1, first), (i + 1, 0, last)]
            out, home, length = int(of.out_s[a, i]), int(of.home_s[a, i]), int(of.duration_s[a, i])
            cp.add(self.rotor[i] >= out).only_enforce_if(first)
            cp.add(self.start[i] - self.rotor[i] >= int(of.ready_s[a])).only_enforce_if(self.by[a, i])
            cp.add(self.rotor[i] + length + home <= int(of.airborne_s[a])).only_enforce_if(self.by[a, i])
            flown += [out * first, home * last, length * self.by[a, i]]
            for j in tasks:
                if i != j:
                    flown += self._between(a, i, j, arcs, listed)
        cp.add_circuit(listed)
        self._one_at_a_time(a, tasks)
        total = cp.new_int_var(0, int(of.flight_s[a]), "")
        cp.add(total >= sum(flown))
        self.flight.append(total)
        return arcs

    def _one_at_a_time(self, a: int, tasks: list[int]) -> None:
        """Each task and the least way from it to another are over before the next begins."""
        of, cp = self.instance, self.cp
        busy = []
        for i in tasks if len(tasks) > 1 else ():
            others = [j for j in tasks if j != i]
            by_pad = of.home_s[a, i] + of.stop_s[a] + of.again_s[a, i, others]
            length = int(of.duration_s[a, i] + np.minimum(of.direct_s[a, i, others], by_pad).min())
            busy.append(cp.new_optional_fixed_size_interval_var(self.start[i], length, self.by[a, i], ""))
        cp.add_no_overlap(busy)

    def _between(self, a: int, i: int, j: int, arcs: dict[tuple[int, int, bool], Any], listed: list[Any]) -> list[Any]:
        of, cp = self.instance, self.cp
        length, home = int(of.duration_s[a, i]), int(of.home_s[a, i])
        direct, again = int(of.direct_s[a, i, j]), int(of.again_s[a, i, j])
        straight, pad = cp.new_bool_var(""), cp.new_bool_var("")
        arcs[i, j, False], arcs[i, j, True] = straight, pad
        listed += [(i + 1, j + 1, straight), (i + 1, j + 1, pad)]
        cp.add(self.start[j] >= self.start[i] + length + direct).only_enforce_if(straight)
        cp.add(self.rotor[j] >= self.rotor[i] + self.start[j] - self.start[i]).only_enforce_if(straight)
        cp.add(self.start[j] >= self.start[i] + length + home + int(of.stop_s[a]) + again).only_enforce_if(pad)
        cp.add(self.rotor[j] >= again).only_enforce_if(pad)
        return [direct * straight, (home + again) * pad]

    def _limits(self) -> None:
        """One aircraft a task; take-off and landing within one window."""
        of, cp = self.instance, self.cp
        m, n = of.duration_s.shape
        self.present = []
        for i in range(n):
            able = [a for a in range(m) if (a, i) in self.by]
            present = cp.new_bool_var("")
            cp.add(sum(self.by[a, i] for a in able) == present)
            self.present.append(present)
            for a in able:
                home, length = int(of.home_s[a, i]), int(of.duration_s[a, i])
                windows = [cp.new_bool_var("") for _ in of.windows_s[a]]
                cp.add(sum(windows) == self.by[a, i])
                for (opens, closes), chosen in zip(of.windows_s[a], windows, strict=True):
                    cp.add(self.start[i] - self.rotor[i] >= opens).only_enforce_if(chosen)
                    cp.add(self.start[i] + length + home <= closes).only_enforce_if(chosen)

    def _groups(self) -> None:
        """Ways, completion and whether it is on time."""
        of, cp = self.instance, self.cp
        m = len(of.ready_s)
        self.served, self.timely, self.complete = [], [], []
        for g, ways in enumerate(of.groups):
            chosen = [cp.new_bool_var("") for _ in ways]
            served, timely = cp.new_bool_var(""), cp.new_bool_var("")
            cp.add(sum(chosen) == served)
            cp.add_implication(timely, served)
            complete = cp.new_int_var(0, of.horizon_s, "")
            cp.add(complete >= of.horizon_s).only_enforce_if(~served)
            cp.add(complete <= int(of.due_s[g])).only_enforce_if(timely)
            for way, literal in zip(ways, chosen, strict=True):
                for i in way:
                    cp.add(self.present[i] == literal)
                    for a in range(m):
                        if (a, i) in self.by:
                            end = self.start[i] + int(of.duration_s[a, i])
                            cp.add(complete >= end).only_enforce_if(self.by[a, i])
            for way in ways:
                for i, j in zip(way, way[1:], strict=False):
                    if self._alike(i, j):
                        cp.add(self.start[i] <= self.start[j])
            self.served.append(served)
            self.timely.append(timely)
            self.complete.append(complete)

    def _alike(self, i: int, j: int) -> bool:
        """Whether two tasks of one way may change places: then they keep their order."""
        of = self.instance
        rows = (of.duration_s, of.out_s, of.home_s)
        return of.earliest_s[i] == of.earliest_s[j] and all((row[:, i] == row[:, j]).all() for row in rows)

    def solve(self, work: float, seed: int) -> AirSchedule:
        """Level by level, each kept while the next is improved."""
        of, cp = self.instance, self.cp
        goals: list[tuple[Any, bool]] = [
            (sum(int(w) * t for w, t, at in zip(of.weight, self.timely, of.level, strict=True) if at == level), True)
            for level in sorted({int(level) for level in of.level})
        ]
        goals.append((sum(int(w) * c for w, c in zip(of.weight, self.complete, strict=True)), False))
        goals.append((sum(self.flight), False))
        levels: list[tuple[float, float, str]] = []
        best: AirSchedule | None = None
        closed = True
        for goal, most in goals:
            (cp.maximize if most else cp.minimize)(goal)
            solver, solved = self._solved(work, seed)
            if not solved:
                levels.append((float("nan"), float(solver.best_objective_bound), "time_limit"))
                break
            value, bound = round(solver.objective_value), solver.best_objective_bound
            closed = closed and abs(value - bound) < 0.5
            levels.append((float(value), float(bound), "optimal" if closed else "feasible"))
            cp.add(goal >= value if most else goal <= value)
            best = self._read(solver)
            cp.clear_hints()
            for variable in (
                *self.start,
                *self.rotor,
                *self.by.values(),
                *(x for of in self.arcs for x in of.values()),
            ):
                cp.add_hint(variable, solver.value(variable))
        found = _nothing(of) if best is None else best
        return AirSchedule(found.flown, found.served, found.on_time, tuple(levels))

    def _solved(self, work: float, seed: int) -> tuple[Any, bool]:
        from ortools.sat.python import cp_model

        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 8
        solver.parameters.interleave_search = True
        solver.parameters.max_deterministic_time = work
        solver.parameters.random_seed = seed
        solver.parameters.ignore_subsolvers.append("fixed")  # takes most of the clock here and finds nothing
        status = solver.solve(self.cp)
        return solver, status in (cp_model.OPTIMAL, cp_model.FEASIBLE)

    def _read(self, solver: Any) -> AirSchedule:
        flown = []
        for arcs in self.arcs:
            after = {i: (j, pad) for (i, j, pad), literal in arcs.items() if solver.boolean_value(literal)}
            at, order = -1, []
            while at in after and after[at][0] != -1:
                at, pad = after.pop(at)
                order.append(Flown(at, solver.value(self.start[at]), pad))
            flown.append(tuple(order))
        served = frozenset(g for g, literal in enumerate(self.served) if solver.boolean_value(literal))
        timely = frozenset(g for g, literal in enumerate(self.timely) if solver.boolean_value(literal))
        return AirSchedule(tuple(flown), served, timely)
