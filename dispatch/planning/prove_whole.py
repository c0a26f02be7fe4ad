"""Proofs by dividing all plans: the last first batch, and the weighted first batches of plans that end no later.

Where a trip within the time that the plan takes can stop in few orders only, these are all written down, with exact
durations, and plans are divided until no better one is left (:mod:`models.relief_exact.branches`), first among those
that bring every place its goods in one go, where better plans come from, then among all.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np

from dispatch.planning.assemble import plan_tables
from dispatch.planning.improve import Effort, polish
from dispatch.planning.plan import Plan
from dispatch.planning.problem import ReliefProblem, TripOrder
from dispatch.planning.score import Scorer
from dispatch.planning.timetable import Timetable, decode
from dispatch.planning.trip_arrays import TripArrays
from dispatch.planning.trip_orders import sends_all, trip_orders
from models.relief_exact.branches import Divided, divide
from models.relief_exact.master import Trip
from models.relief_exact.sequences import Sequences
from models.relief_exact.trip_columns import TripColumns

__all__ = ["Proven", "Task", "prove_whole"]

_POLISH_S = 1.0
_FEW = 40
"""Tasks up to which plans are divided; of more, only the first bound of the weighted first batches is sought."""

_SHARE_OF_LAST = 0.6
"""Share of the time that goes into the last first batch."""

_SHARE_OF_MANY = 0.9
"""Share of the time where tasks are many."""

_MOST_ORDERS = 100_000
"""Orders of stops up to which that bound is sought."""

_BLOCKS = 2
"""Steps of the grid between two starts for the weighted first batches."""

_PROMISING = 1.02
"""How much later the last first batch of a plan may be than the best one's, to be polished."""

_ANY_COST = 1e-3
"""Cost of plans that leave anything undone, where only that counts."""

_FINEST = 2
"""Starts between two steps of the grid, where only so they can be told apart."""

_MINUTE = 60_000.0


@dataclass(frozen=True)
class Proven:
    """What was proven, ms; bounds of the first batches are for plans that end no later than the one at hand.

    ``last_whole_ms``, ``first_whole``: bounds of plans that bring every place its goods in one go. ``plan``: a better
    plan's tables, if one was found. ``branches``: solved. ``last_sought``: whether the last first batch was looked at.
    """

    last_ms: float
    first: float
    last_whole_ms: float
    first_whole: float
    plan: Plan | None
    branches: int
    last_sought: bool


@dataclass(frozen=True, eq=False)
class Task:
    """A problem of first batches only, its arrays up to the end of the plan, and how plans are scored.

    ``weight``: of each task's place, times its share of it.
    """

    problem: ReliefProblem
    arrays: TripArrays
    scorer: Scorer
    weight: np.ndarray
    step_ms: int


def prove_whole(task: Task, levels: tuple[float, float, float], known: tuple[float, float], stop_at: float
                ) -> Proven | None:  # fmt: skip
    """Prove the second and third level of a plan, or find a better one.

    Parameters
    ----------
    task : Task
    levels : (people late, T_all ms, weighted first batches)
        Of the plan at hand, which serves everybody.
    known : (T_all ms, weighted first batches)
        Bounds.
    stop_at : float
        Instant (``time.monotonic``).

    Returns
    -------
    Proven or None
        None where trips can stop in too many orders.
    """
    search = _Search(task, levels, known, time.monotonic())
    search.until += (_SHARE_OF_LAST if search.few else _SHARE_OF_MANY) * (stop_at - search.until)
    if not search.last() or not search.first(stop_at if search.few else search.until):
        return None
    return Proven(search.last_ms, search.first_bound, search.last_whole_ms, search.first_whole, search.plan(),
                  search.branches, search.few)  # fmt: skip


class _Search:
    """The plan at hand and what is known of all others, closer and closer."""

    def __init__(self, task: Task, levels: tuple[float, float, float], known: tuple[float, float], until: float
                 ) -> None:  # fmt: skip
        self.task, self.levels, self.until = task, levels, until
        self.last_ms, self.first_bound = known
        self.last_whole_ms, self.first_whole = known
        self.best: list[TripOrder] | None = None
        self.branches = 0
        self.few = len(task.arrays.places) <= _FEW
        self.block_ms = _BLOCKS * task.step_ms
        self._finest_ms = task.step_ms // _FINEST
        self.total = max(float(task.weight.sum()), 1e-12)

    def plan(self) -> Plan | None:
        """Tables of the best plan, if it is better than the one at hand."""
        return None if self.best is None else Plan(**plan_tables(self.task.problem, _decoded(self.task, self.best)))

    def last(self) -> bool:
        """Close in on the time of the last first batch; False where there are too many orders of stops."""
        if not self.few:
            return True
        step = self.task.step_ms
        rough = self._by(self.levels[1] - step, split=True, seconds=0.3 * self._left(), branches=1)
        if rough is None:
            return False
        if rough.closed:
            self.last_ms = max(self.last_ms, self.levels[1] - step)
        else:
            self._halve(split=True, share=0.3, branches=1)
        self.last_whole_ms = max(self.last_whole_ms, self.last_ms)
        self._halve(split=False, share=0.4, branches=100_000)
        self.last_whole_ms = max(self.last_whole_ms, self.last_ms)
        self._sooner(share=0.45)
        self._halve(split=True, share=1.0, branches=100_000)
        return True

    def _sooner(self, share: float) -> None:
        """Look for plans that end a little sooner, in parts too."""
        stop, step = time.monotonic() + share * self._left(), self.task.step_ms
        while self.levels[1] - self.last_ms > step + 1 and time.monotonic() < stop:
            by = self.levels[1] - step
            of = self._by(by, True, stop - time.monotonic(), 100_000)
            if of is not None and of.closed:
                self.last_ms = max(self.last_ms, by)
            if of is None or not of.found:
                return

    def _halve(self, split: bool, share: float, branches: int) -> None:
        """Halve the time between what is impossible and what is not known to be."""
        stop = time.monotonic() + share * self._left()
        step = self.task.step_ms
        low = self.last_ms if split else self.last_whole_ms
        high = self.levels[1]
        while high - low > step + 1 and time.monotonic() < stop:
            middle = max(low, min((low + high) / 2, high - step))
            middle = high - step if high - low < 2 * step else middle
            seconds = max(0.1, (stop - time.monotonic()) / (1 if branches == 1 else 2))
            of = self._by(middle, split, seconds, branches)
            if of is None:
                return
            if of.closed:
                low = middle
            elif of.found:
                high = min(high, self.levels[1])
            else:
                high = middle
            if split:
                self.last_ms = max(self.last_ms, low)
            else:
                self.last_whole_ms = max(self.last_whole_ms, low)

    def _by(self, until_ms: float, split: bool, seconds: float, branches: int) -> Divided | None:
        """Whether everything can be done by a time."""
        nothing = np.zeros(len(self.task.weight))
        found = divide(
            self.task.arrays.instance,
            nothing,
            until_ms,
            self.task.step_ms,
            _ANY_COST,
            seconds,
            split,
            branches,
            first_found=True,
            accept=lambda *plan: _ANY_COST if self._accept(*plan) else None,
        )
        self.branches += found.branches if found is not None else 0
        return found

    def first(self, stop_at: float) -> bool:
        """Close in on the weighted first batches of plans that end no later; False where orders are too many."""
        self.until = stop_at
        for split, share in ((False, 0.35), (True, 1.0)) if self.few else ((True, 1.0),):
            block_ms = self.block_ms
            while block_ms >= self._finest_ms and self._left() > 0:
                until_ms = self.levels[1]
                of = self._first(split, share * self._left(), block_ms)
                if of is None:
                    return False
                if self.levels[1] < until_ms:
                    continue
                if not of.stuck:
                    break
                block_ms //= 2  # the grid is too coarse to tell what was found from the best plan
        self.first_whole = max(self.first_whole, self.first_bound)
        return True

    def _first(self, split: bool, seconds: float, block_ms: int) -> Divided | None:
        """Bound the weighted first batches, by which plans cost less than the one at hand."""
        per_ms = self.task.weight / self.total / _MINUTE
        of = divide(
            self.task.arrays.instance,
            per_ms,
            self.levels[1],
            block_ms,
            self._enough(),
            seconds,
            split,
            most_orders=_MOST_ORDERS,
            accept=lambda *plan: self._enough() if self._accept(*plan) else None,
        )
        if of is None:
            return None
        self.branches += of.branches
        bound = of.bound * _MINUTE * self.total * (1 - 1e-9)
        if split:
            self.first_bound = max(self.first_bound, bound)
        else:
            self.first_whole = max(self.first_whole, bound)
        return of

    def _accept(self, columns: TripColumns, flows: np.ndarray, sequences: Sequences) -> bool:
        """Time a plan that was found exactly, polish it, and keep it if it is better than the best."""
        task, better = self.task, False
        trips = []
        for c in range(len(columns)):
            j = int(columns.sequence[c])
            stops = tuple((int(n), 1.0, 0, 0) for n in sequences.task[j, : sequences.stops[j]])
            trips.append(Trip(int(sequences.vehicle_type[j]), int(sequences.depot[j]), int(columns.start[c]),
                              float(columns.load_ms[c]), 0.0, -1, -1, stops))  # fmt: skip
        orders = trip_orders(task.problem, task.arrays, trips, flows, list(columns.share))
        if not orders or not sends_all(task.problem, orders):
            return False
        score = task.scorer.score(decode(task.problem, orders))
        ways = [orders]
        if score[0] == self.levels[0] and score[4] == 0 and score[1] < _PROMISING * self.levels[1]:
            spare = Effort(min(_POLISH_S, max(0.1, self._left())), math.inf)
            ways.append(polish(task.scorer, orders, Timetable(task.problem), spare, task.problem.scenario.seed, ()))
        for way in ways:
            score = task.scorer.score(decode(task.problem, way))
            if score[:3] < self.levels and score[4] == 0:
                self.best, self.levels, better = way, score[:3], True
        return better

    def _enough(self) -> float:
        """Cost from which on plans are not better than the best by more than the grid can tell."""
        return (self.levels[2] / self.total - 0.9 * self.task.step_ms) / _MINUTE

    def _left(self) -> float:
        return max(0.0, self.until - time.monotonic())


def _decoded(task: Task, orders: list[TripOrder]) -> Timetable:
    return decode(task.problem, orders).timetable
