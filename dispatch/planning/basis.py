"""What re-planning starts from: how much work it may do, and what does not change from one time to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from dispatch.hazards.disruption import Disruption
from dispatch.planning.earliest import place_bounds
from dispatch.planning.legs import Legs
from dispatch.planning.measure import measure
from dispatch.planning.plan import empty_plan
from dispatch.planning.problem import ReliefProblem, read_problem
from dispatch.planning.slices import cut_lots, shortfall
from dispatch.scenario import Scenario, travel

__all__ = ["BY_HAND", "INTERACTIVE", "IN_ENSEMBLE", "Basis", "Work", "basis_like", "basis_of"]


@dataclass(frozen=True)
class Work:
    """How much is done, in seconds of an idle core; counted, not timed, so that equal input gives an equal plan.

    ``diagnosed``: whether the plan also says why something is unmet and what the levels are; without, its tables
    ``unmet`` and ``objective`` are empty, and higher tiers are asked for the shortfall of the scenario as planned.
    ``tries_again``: whether what the plan in force left unmet already is tried again even if nothing new is missing;
    without, only where a road has opened earlier than was planned.
    ``rules``: how many rules for building the new trips from nothing are tried where something is late.
    ``by_hand``: no search: all that has not begun is sent anew by the nearest-first rule.
    """

    polish_s: float
    anneal_s: float
    diagnosed: bool
    tries_again: bool = True
    rules: int = 3
    by_hand: bool = False


BY_HAND = Work(0.0, 0.0, diagnosed=False, by_hand=True)
IN_ENSEMBLE = Work(0.006, 0.0, diagnosed=False, tries_again=False, rules=1)
INTERACTIVE = Work(0.25, 0.3, diagnosed=True)


@dataclass(frozen=True, eq=False)
class Basis:
    """What does not change from one re-planning of a scenario to the next; made by :func:`basis_of`.

    It remembers roads that it was asked for, so that a night on which nothing new is known costs little.
    """

    problem: ReliefProblem
    places: pd.DataFrame
    quotas: Mapping[tuple[int, tuple[str, ...]], int]
    promising: frozenset[str]
    _roads: dict[int, tuple[Disruption, Legs]] = field(default_factory=dict, repr=False)

    def legs(self, roads: Disruption) -> Legs:
        """Driving times over roads as known."""
        found = self._roads.get(id(roads))
        if found is None:
            scenario = self.problem.scenario
            used = {name: scenario.profiles[name] for name in self.problem.classes}
            known = replace(scenario, profiles=used)
            if len(self._roads) >= _REMEMBERED_ROADS:
                self._roads.pop(next(iter(self._roads)))
            found = self._roads[id(roads)] = (roads, self.problem.legs.under(travel(known, roads.forecast())))
        return found[1]


_REMEMBERED_ROADS = 8


def basis_of(scenario: Scenario) -> Basis:
    """Prepare the re-planning of a scenario (some tenths of a second; once for a whole ensemble)."""
    problem = read_problem(scenario)
    slices = cut_lots(problem)
    due = place_bounds(problem, slices, "first_batch")
    basis = Basis(
        problem,
        measure(empty_plan(), scenario, problem.legs.roads).places,
        shortfall(problem, slices),
        frozenset(place for place, time in due.items() if time <= scenario.due_ms),
    )
    basis._roads[id(scenario.disruption)] = (scenario.disruption, problem.legs)
    return basis


def basis_like(basis: Basis, scenario: Scenario) -> Basis:
    """Prepare a scenario that differs in stock, vehicles, depots or closures from one that is prepared already."""
    problem = replace(read_problem(scenario), legs=basis.legs(scenario.disruption))
    other = Basis(problem, basis.places, shortfall(problem, cut_lots(problem)), basis.promising)
    other._roads[id(scenario.disruption)] = (scenario.disruption, problem.legs)
    return other
