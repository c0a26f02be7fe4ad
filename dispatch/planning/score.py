"""The objective of a timetable under construction, as a tuple that compares level by level (smaller is better).

Between levels 4 and 5 stands what was left out, so that nobody saves kilometres by not delivering.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from dispatch.planning.problem import ReliefProblem
from dispatch.planning.timetable import Decoded, Timetable
from models.traversal import NEVER

__all__ = ["Score", "Scorer", "make_scorer", "weighted"]

Score = tuple[float, float, float, float, float, float]
"""People not served by the deadline, T_all, weighted first batch, weighted rest, load left out, kilometres."""


@dataclass(frozen=True, eq=False)
class Scorer:
    """Weighs timetables of one problem.

    Attributes
    ----------
    problem : ReliefProblem
    people, weight : tuple of float
        Of the place of each task.
    reachable : tuple of bool
    first_batch : tuple of bool
        Whether a task is a first batch (else a rest).
    hopeless : frozenset of int
        Tasks for which something is missing already before routing.
    """

    problem: ReliefProblem
    people: tuple[float, ...]
    weight: tuple[float, ...]
    reachable: tuple[bool, ...]
    first_batch: tuple[bool, ...]
    hopeless: frozenset[int]

    def completions(self, decoded: Decoded) -> list[int]:
        """When each task is complete; ``NEVER`` for what is not."""
        result = [-NEVER] * len(self.people)
        for trip in decoded.timetable.trips:
            for stop in trip.stops:
                for task in stop.goods.tasks:
                    if stop.unload_end_ms > result[task]:
                        result[task] = stop.unload_end_ms
        for task in self.hopeless:
            result[task] = NEVER
        for lost in decoded.dropped:
            result[self.problem.needs[lost.need].task] = NEVER
        return [NEVER if time == -NEVER else time for time in result]

    def score(self, decoded: Decoded) -> Score:
        """Weigh a timetable level by level."""
        scenario = self.problem.scenario
        late = t_all = first = rest = 0.0
        for task, time in enumerate(self.completions(decoded)):
            since = time - scenario.order_ms if time < NEVER else scenario.horizon_ms
            if self.first_batch[task]:
                first += self.weight[task] * since
                late += self.people[task] if time > scenario.due_ms else 0.0
                if self.reachable[task] and since > t_all:
                    t_all = since
            else:
                rest += self.weight[task] * since
        left_out = sum(self.problem.share_of_unit(lost.item) * lost.quantity for lost in decoded.dropped)
        return (late, t_all, first, rest, left_out, self._km(decoded.timetable))

    @cached_property
    def crowd(self) -> float:
        """People who wait for a first batch, at least one."""
        return max(1.0, sum(people for people, first in zip(self.people, self.first_batch, strict=True) if first))

    def _km(self, timetable: Timetable) -> float:
        length_m = self.problem.legs.length_m
        total = 0.0
        for trip in timetable.trips:
            vehicle_class = self.problem.vehicles[trip.vehicle].vehicle_class
            total += length_m(vehicle_class, trip.start_site, trip.depot)
            at = trip.depot
            for stop in trip.stops:
                total += length_m(vehicle_class, at, stop.site)
                at = stop.site
        return total / 1000.0


def make_scorer(problem: ReliefProblem, places: pd.DataFrame, unmet: Iterable[int]) -> Scorer:
    """Make the scorer of a problem.

    Parameters
    ----------
    problem : ReliefProblem
    places : DataFrame
        ``PLACE_MEASURE_COLUMNS`` of any plan.
    unmet : iterable of int
        Positions of needs that cannot be supplied in full.
    """
    by_place = places.set_index("place")
    rows = [by_place.loc[place] for place, _ in problem.tasks]
    return Scorer(
        problem,
        tuple(float(row["people"]) for row in rows),
        tuple(float(row["weight"]) for row in rows),
        tuple(bool(row["reachable"]) for row in rows),
        tuple(part == "first_batch" for _, part in problem.tasks),
        frozenset(problem.needs[need].task for need in unmet),
    )


def weighted(scorer: Scorer, priority: Mapping[str, float]) -> Scorer:
    """The scorer with the people of some places counted more or less often."""
    if not priority:
        return scorer
    factors = [priority.get(place, 1.0) for place, _ in scorer.problem.tasks]
    return replace(
        scorer,
        people=tuple(people * f for people, f in zip(scorer.people, factors, strict=True)),
        weight=tuple(weight * f for weight, f in zip(scorer.weight, factors, strict=True)),
    )
