"""Guarantees for single places, and what they cost beside the plan that nothing restricts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dispatch.planning.measure import need_times, reachable_places
from dispatch.planning.plan import Plan
from dispatch.planning.wishes import WishError
from dispatch.scenario import Scenario

__all__ = ["Guarantee", "guarantee_cost", "worst_share"]


@dataclass(frozen=True)
class Guarantee:
    """What a plan is bound to, beyond the constraints of the scenario.

    Attributes
    ----------
    least_share : float
        Share of each first-batch need that is dispatched for every place before more is for any; 0: none.
    priority : mapping of place to float
        How many times its people count in the search (level 1, allocation of what is short, weights).
    without : frozenset of str
        Vehicles that stay at home.
    physical_first : bool
        Agreed stock only for what physical stock does not cover.
    """

    least_share: float = 0.0
    priority: Mapping[str, float] = field(default_factory=dict)
    without: frozenset[str] = frozenset()
    physical_first: bool = False

    def __bool__(self) -> bool:
        """Whether it binds anything."""
        return self.least_share > 0 or bool(self.priority) or bool(self.without) or self.physical_first

    def checked(self, scenario: Scenario) -> Guarantee:
        """Return itself; raises WishError if a share, factor, place or vehicle cannot be."""
        if not 0 <= self.least_share <= 1:
            raise WishError("plan_wish_share", share=self.least_share)
        places = set(scenario.needs["place"])
        for place, factor in self.priority.items():
            if place not in places:
                raise WishError("plan_wish_place", place=place)
            if not factor > 0:
                raise WishError("plan_wish_factor", place=place, factor=factor)
        unknown = sorted(self.without - set(scenario.county.table("vehicles")["vehicle"]))
        if unknown:
            raise WishError("plan_wish_vehicles", vehicles=", ".join(unknown))
        return self


def worst_share(plan: Plan, scenario: Scenario) -> float:
    """Least share of a first-batch need met by the deadline, over reachable places; 1 if there are none."""
    reachable = reachable_places(scenario)
    times = need_times(plan, scenario)
    worst = 1.0
    for row in scenario.needs.itertuples(index=False):
        if row.part == "first_batch" and row.quantity > 0 and reachable.get(row.place, False):
            got = sum(quantity for time, quantity in times.get(row.need, []) if time <= scenario.due_ms)
            worst = min(worst, got / int(row.quantity))
    return worst


def guarantee_cost(guarantee: Guarantee, bound: Plan, free: Plan, scenario: Scenario) -> dict[str, Any]:
    """Both plans' levels and worst shares, as plain values for ``Plan.meta``."""
    return {
        "least_share": guarantee.least_share,
        "priority": {place: float(factor) for place, factor in sorted(guarantee.priority.items())},
        "without": sorted(guarantee.without),
        "physical_first": guarantee.physical_first,
        "levels": [float(value) for value in bound.objective["value"]],
        "levels_unrestricted": [float(value) for value in free.objective["value"]],
        "worst_share": worst_share(bound, scenario),
        "worst_share_unrestricted": worst_share(free, scenario),
    }
