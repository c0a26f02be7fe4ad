"""How good a plan is at best: bounds of the levels from trips priced over time, load and stock, on a stated grid.

Each bound is of :func:`models.relief_exact.bound.bound_trips`: a linear programme over all trips that vehicles could
make, with docks, vehicles and stock. Times and loads are rounded down to the grid, so that a bound holds for every
plan in continuous time. A level counts as optimal only where value and bound are closer than the grid's step (level 1:
equal), and all levels before it are optimal. Where trips can stop in few orders only, all plans are divided
(:mod:`dispatch.planning.prove_whole`): the bound of the weighted first batches then is of plans that end no later than
the one at hand (``meta["proof"]["conditional_levels"]``); else no bound supposes anything about the levels before. On
the way, whole trips of the relaxation make plans of their own; a better one takes the place of the plan.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.planning.bounds import Bounds, find_bounds, with_bounds
from dispatch.planning.check import check
from dispatch.planning.measure import Measures, measure
from dispatch.planning.plan import Plan
from dispatch.planning.problem import ReliefProblem, read_problem
from dispatch.planning.prove_better import better_plan
from dispatch.planning.prove_whole import Proven, Task, prove_whole
from dispatch.planning.score import make_scorer
from dispatch.planning.slices import Slice, cut_lots, shortfall
from dispatch.planning.trip_arrays import Grid, TripArrays, trip_arrays
from dispatch.scenario import Scenario
from models.relief_exact.bound import TripBound, bound_trips
from models.relief_exact.master import Trip

__all__ = ["prove"]

_SMALL = 20
_FINE = Grid(30_000, 10, 96, 12)
_MIDDLE_DEPOTS, _MIDDLE = 6, Grid(60_000, 10, 48, 6)
_COARSE = Grid(120_000, 5, 32, 4)
"""Grids: of at most so many delivery points; of more from at most so many depots; and of more from more."""

_SHARES = (0.15, 0.35, 0.7, 1.0)
"""Share of the time left that each of the levels 1 to 4 may take where it is not closed already."""

_MOST_TASKS = 62
"""Delivery points up to which plans are divided (sets of them are bits of a number)."""

_BETTER_SHARE = 0.3
"""Share of the time that the search for a better plan may take."""

_SPARE_S = 0.3
"""Seconds kept for writing down what was found."""


@dataclass(frozen=True, eq=False)
class _Case:
    """What the bounds of one plan are computed from."""

    problem: ReliefProblem
    slices: tuple[Slice, ...]
    quotas: dict[tuple[int, tuple[str, ...]], int]
    places: pd.DataFrame
    bounds: Bounds
    grid: Grid

    def never(self, part: str) -> frozenset[str]:
        """Places whose part can never be complete."""
        times = self.bounds.first_batch_ms if part == "first_batch" else self.bounds.rest_ms
        return frozenset(place for place, time_ms in times.items() if time_ms > self.problem.end_ms)

    def arrays(self, part: str, until_ms: float, without: frozenset[str]) -> TripArrays | None:
        """Arrays of a part of the needs up to a time since the order."""
        order_ms = self.problem.scenario.order_ms
        return trip_arrays(
            self.problem, self.slices, self.quotas, part, without, order_ms + int(until_ms) + 1, self.grid
        )

    def of_place(self, column: str) -> dict[str, float]:
        """A column of the table of places."""
        return dict(zip(self.places["place"], self.places[column].astype(float), strict=True))

    def least_slots(self, arrays: TripArrays, part: str) -> NDArray[np.int64]:
        """Slot before which each task's place cannot be complete."""
        times = self.bounds.first_batch_ms if part == "first_batch" else self.bounds.rest_ms
        order_ms = self.problem.scenario.order_ms
        return np.array([(times[place] - order_ms) // self.grid.step_ms for place in arrays.places], dtype=np.int64)


def prove(scenario: Scenario, plan: Plan, seconds: float) -> Plan:
    """Put better bounds beside the levels of a plan.

    Parameters
    ----------
    scenario : Scenario
    plan : Plan
    seconds : float
        Search for bounds, and for a better plan, stops by then. Better plans are looked for where there are first
        batches only, and the plan at hand delivers all of them and was made without restrictions.

    Returns
    -------
    Plan
        With bounds, gaps and statuses in ``objective``; ``meta["proof"]`` says on which grid, how long, and which
        levels the relaxation has been solved for to the end.
    """
    begun = time.monotonic()
    stop_at = begun + seconds - _SPARE_S
    problem = read_problem(scenario)
    slices = cut_lots(problem)
    quotas = shortfall(problem, slices)
    measures = measure(plan, scenario, problem.legs.roads)
    bounds = find_bounds(problem, slices, quotas, measures.places, begun + 0.2 * seconds)
    grid = _grid(problem)
    case = _Case(problem, slices, quotas, measures.places, bounds, grid)
    levels = _with_known(bounds, plan)
    before = levels[2]
    divided = _divided(case, plan, measures, levels, stop_at)
    trips: tuple[Trip, ...] = ()
    if divided is None:
        better, trips = _improved(case, plan, measures, stop_at)
    else:
        better = None if divided.plan is None or check(divided.plan, scenario) else divided.plan
        sound = better is not None or divided.plan is None
        levels = (levels[0], max(levels[1], divided.last_ms), divided.first if sound else levels[2], *levels[3:])
    if better is not None:
        plan = replace(plan, trips=better.trips, stops=better.stops, loads=better.loads, paths=better.paths)
        measures = measure(plan, scenario, problem.legs.roads)
        case = replace(case, places=measures.places)
    skipped: tuple[int, ...] = ()
    if divided is not None:
        skipped = (1, 2) if divided.last_sought else (2,) if divided.first > before else ()
    levels, solved = _tighten(case, measures.levels(), levels, trips, stop_at, skipped)
    weight = (measures.places["weight"] * measures.places["first_batch_needed"]).sum()
    rest = (measures.places["weight"] * measures.places["rest_needed"]).sum()
    step = float(grid.step_ms)
    objective = with_bounds(measures, replace(bounds, levels=levels), (0.0, step, step * weight, step * rest, 0.0))
    proof = {
        "grid_s": grid.step_ms / 1000,
        "start_grid_s": grid.step_ms * grid.block / 1000,
        "load_units": grid.units,
        "seconds": seconds,
        "solved_levels": solved,
        "improved": better is not None,
        **({} if divided is None else _said(divided)),
    }
    return replace(plan, objective=objective, meta={**plan.meta, "proof": proof})


def _said(divided: Proven) -> dict[str, Any]:
    """What a proof by dividing all plans refers to."""
    return {
        "conditional_levels": [3],
        "branches": divided.branches,
        "in_one_go": {"t_all_ms": divided.last_whole_ms, "weighted_first_batch_ms": divided.first_whole},
    }


def _divided(case: _Case, plan: Plan, measures: Measures, known: tuple[float, ...], stop_at: float) -> Proven | None:
    """Bounds, and a better plan, where trips can stop in few orders and there is nothing but first batches."""
    problem, places = case.problem, measures.places
    only_first = all(need.part == "first_batch" for need in problem.needs)
    served = bool((places["first_batch_complete_ms"] >= 0).all() and places["reachable"].all())
    if not only_first or not served or len(plan.unmet) or "guarantee" in plan.meta or not len(plan.trips):
        return None
    people, t_all, first = measures.levels()[:3]
    arrays = case.arrays("first_batch", t_all, frozenset())
    if arrays is None or arrays.instance.supply is None or not arrays.instance.open_roads:
        return None
    if len(arrays.places) > _MOST_TASKS:
        return None
    scorer = make_scorer(problem, places, [])
    weight = case.of_place("weight")
    shares = np.array([weight[place] for place in arrays.places]) * arrays.share
    task = Task(problem, arrays, scorer, shares, case.grid.step_ms)
    late = max(0.0, scorer.crowd - people)
    return prove_whole(task, (late, t_all, first), (known[1], known[2]), stop_at)


def _grid(problem: ReliefProblem) -> Grid:
    if len({need.site for need in problem.needs}) <= _SMALL:
        return _FINE
    return _MIDDLE if len(problem.depots) <= _MIDDLE_DEPOTS else _COARSE


def _improved(case: _Case, plan: Plan, measures: Measures, stop_at: float) -> tuple[Plan | None, tuple[Trip, ...]]:
    """A better plan, checked, and the trips that were found on the way."""
    problem = case.problem
    only_first = all(need.part == "first_batch" for need in problem.needs)
    if not only_first or len(plan.unmet) or "guarantee" in plan.meta or not len(plan.trips):
        return None, ()
    people, t_all, first = measures.levels()[:3]
    arrays = case.arrays("first_batch", t_all, frozenset())
    if arrays is None or case.never("first_batch"):
        return None, ()
    scorer = make_scorer(problem, case.places, [])
    weight = case.of_place("weight")
    shares = np.array([weight[place] for place in arrays.places]) * arrays.share
    last, soonest = t_all // case.grid.step_ms, case.bounds.levels[1] // case.grid.step_ms
    until = time.monotonic() + _BETTER_SHARE * (stop_at - time.monotonic())
    better, trips = better_plan(problem, arrays, scorer, shares, case.least_slots(arrays, "first_batch"),
                         sorted({int(last), int((2 * last + soonest) / 3)}, reverse=True),
                         (max(0.0, scorer.crowd - people), t_all, first), until)  # fmt: skip
    if better is None or check(better, problem.scenario):
        return None, trips
    return better, trips


def _with_known(bounds: Bounds, plan: Plan) -> tuple[float, ...]:
    """The better of the bounds found anew and of those that stand in the plan."""
    known = plan.objective["bound"].tolist() or [math.nan] * 5
    people = np.nanmin([bounds.levels[0], known[0]])
    others = [max((x for x in pair if not math.isnan(x)), default=math.nan)
              for pair in zip(bounds.levels[1:], known[1:], strict=True)]  # fmt: skip
    return (float(people), *others)


def _tighten(
    case: _Case,
    values: tuple[float, ...],
    known: tuple[float, ...],
    trips: tuple[Trip, ...],
    stop_at: float,
    skipped: tuple[int, ...],
) -> tuple[tuple[float, float, float, float, float], list[int]]:
    """Bounds of the levels but those skipped, and those whose relaxation was solved to the end."""
    levels = list(known)
    solved = []

    def first_batch(case: _Case, values: tuple[float, ...], known: list[float], until: float) -> tuple[float, bool]:
        return _weighted(case, "first_batch", max(values[1], known[1]), known[2], until, trips)

    for k, (share, bound) in enumerate(zip(_SHARES, (_people, _last, first_batch, _rest), strict=True)):
        left = stop_at - time.monotonic()
        close = abs(values[k] - levels[k]) <= 1e-9 * max(1.0, abs(values[k]))
        if left <= 0 or close or k in skipped:
            continue
        found, closed = bound(case, values, levels, time.monotonic() + share * left)
        if k == 0:
            levels[0] = max(values[0], min(levels[0], found))
        else:
            levels[k] = min(values[k], max(levels[k], found))
        if closed:
            solved.append(k + 1)
    return (levels[0], levels[1], levels[2], levels[3], levels[4]), solved


def _people(case: _Case, _: tuple[float, ...], known: list[float], stop_at: float) -> tuple[float, bool]:
    """People served by the deadline at most."""
    scenario = case.problem.scenario
    since_ms = scenario.due_ms - scenario.order_ms
    times = case.bounds.first_batch_ms
    late = frozenset(place for place, time_ms in times.items() if time_ms > scenario.due_ms)
    people = {place: count for place, count in case.of_place("people").items() if place in times and place not in late}
    arrays = case.arrays("first_batch", since_ms, late)
    if arrays is None:
        return known[0], False
    cost = np.array([people[place] for place in arrays.places]) * arrays.share
    found = bound_trips(arrays.instance, np.zeros(len(cost)), cost, since_ms // case.grid.step_ms,
                        stop_at - time.monotonic(), strict=True)  # fmt: skip
    served = math.fsum(people.values()) - max(0.0, found.value)
    return _reachable_sum(people.values(), served), found.closed


def _reachable_sum(counts: Iterable[float], most: float) -> float:
    """Largest sum of some of the counts that is not above ``most`` (which itself, where counts are not whole)."""
    whole = [int(count) for count in counts]
    if any(count != number for count, number in zip(counts, whole, strict=True)):
        return most
    sums = 1
    for number in whole:
        sums |= sums << number
    below = sums & ((1 << (math.floor(most + 1e-6) + 1)) - 1)
    return float(below.bit_length() - 1)


def _last(case: _Case, values: tuple[float, ...], known: list[float], stop_at: float) -> tuple[float, bool]:
    """Time of the last first batch at least: the first slot by which a mean of plans could be done."""
    step = case.grid.step_ms
    reached = frozenset(case.places.loc[case.places["reachable"], "place"])
    others = frozenset(case.bounds.first_batch_ms) - reached
    arrays = case.arrays("first_batch", values[1], others)
    if arrays is None or reached & case.never("first_batch"):
        return known[1], False
    low, high = int(known[1] // step), int(values[1] // step)
    trips: tuple[Trip, ...] = ()
    count = len(arrays.places)
    while high - low >= 1 and time.monotonic() < stop_at:
        middle = (low + high) // 2
        found = bound_trips(arrays.instance, np.zeros(count), np.ones(count), middle, stop_at - time.monotonic(), trips,
                            enough=1e-5, strict=True)  # fmt: skip
        trips = found.trips if len(found.trips) > len(trips) else trips
        if found.value >= 1e-5:
            low = middle + 1
        else:
            high = middle
    return max(known[1], float(low * step)), low >= high


def _rest(case: _Case, _: tuple[float, ...], known: list[float], stop_at: float) -> tuple[float, bool]:
    """Weighted completion of the rest at least."""
    done = case.places.loc[case.places["rest_needed"], "rest_complete_ms"].max()
    scenario = case.problem.scenario
    until = float(done - scenario.order_ms) if done > scenario.order_ms else float(scenario.horizon_ms)
    return _weighted(case, "rest", until, known[3], stop_at)


def _weighted(case: _Case, part: str, until_ms: float, known: float, stop_at: float,
              trips: tuple[Trip, ...] = ()) -> tuple[float, bool]:  # fmt: skip
    """Weighted completion of a part; what is not complete by ``until_ms`` counts as that."""
    never = case.never(part)
    arrays = case.arrays(part, until_ms, never)
    if arrays is None:
        return known, False
    step = case.grid.step_ms
    weight = case.of_place("weight")
    asked = case.places.loc[case.places[f"{part}_needed"], "place"]
    lost = math.fsum(weight[place] for place in asked if place in never) * case.problem.scenario.horizon_ms
    per_slot = np.array([weight[place] for place in arrays.places]) * arrays.share * step
    total = max(float(per_slot.sum()), 1e-12)
    last_slot = int(until_ms // step)
    least = case.least_slots(arrays, part)
    late = np.maximum(last_slot + 1, least) * per_slot
    found: TripBound = bound_trips(arrays.instance, per_slot / total, late / total, last_slot,
                                   stop_at - time.monotonic(), trips, least_slot=least)  # fmt: skip
    return max(known, lost + found.value * total * (1 - 1e-9)), found.closed
