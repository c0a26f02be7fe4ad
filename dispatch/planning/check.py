"""Is this plan true? Every rule of a dispatch plan, checked from its tables and the scenario alone.

Nothing of the planner is used: opening hours, lots, loading times and the shortfall are worked out here anew, every
way is driven again over the forecast roads, and the figures of the objective are recomputed. Times may be later than
need be but must be possible; an arrival follows from its departure and must be stated exactly.
"""

from __future__ import annotations

from dispatch.planning.check_air import check_air
from dispatch.planning.check_evacuation import check_evacuation
from dispatch.planning.check_news import check_news
from dispatch.planning.check_results import check_objective, check_unmet
from dispatch.planning.check_stock import check_stock
from dispatch.planning.check_tables import read_tables
from dispatch.planning.check_teams import check_teams
from dispatch.planning.check_tiers import check_tiers
from dispatch.planning.check_times import check_depots, check_unloading
from dispatch.planning.check_vehicles import check_vehicles
from dispatch.planning.plan import Plan
from dispatch.planning.violation import Violation, violation_text
from dispatch.scenario import Scenario, travel
from dispatch.teams.cleared import with_cleared_roads

__all__ = ["Violation", "check", "violation_text"]


def check(plan: Plan, scenario: Scenario) -> list[Violation]:
    """Find everything in a plan that breaks a rule.

    Rules: tables are whole and name what exists; lots are of the depot, never taken beyond their quantity or before
    their release, valid when handed over, and first expired first out; goods are what the need asks for, at its
    delivery point, not more than asked; vehicles carry no more than they may, set out when called up, stand where
    their last trip left them, and drive connected ways that are open to their class at that hour, with rests; docks,
    depots and unloading places are open, free and long enough occupied; city and province give only the shortfall;
    the tables of unmet needs and of the objective agree with the trips; evacuation,
    aircraft and teams by rules of their own; what a plan made anew adds starts after that, with vehicles that are not
    out. Trucks may use the roads that the plan's teams open again.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario

    Returns
    -------
    list of Violation
        Empty for a valid plan; grouped by rule.
    """
    given, scenario = scenario, with_cleared_roads(scenario, plan.deployments)
    tables, violations = read_tables(plan, scenario)
    if tables is None:
        return violations
    roads = travel(scenario, scenario.disruption.forecast())
    return [
        *violations,
        *check_stock(tables, scenario),
        *check_tiers(tables, scenario, roads, _begun(plan)),
        *check_vehicles(tables, scenario, roads),
        *check_news(plan),
        *check_depots(tables, scenario),
        *check_unloading(tables, scenario),
        *check_unmet(tables, plan, scenario),
        *check_objective(plan, scenario, roads),
        *check_evacuation(plan, given),
        *check_air(plan, given),
        *check_teams(plan, given),
    ]


def _begun(plan: Plan) -> frozenset[str]:
    """Trips that a plan made anew keeps from the one before."""
    replanned = plan.meta.get("replan")
    kept = replanned.get("kept", ()) if isinstance(replanned, dict) else ()
    return frozenset(map(str, kept)) if isinstance(kept, (list, tuple)) else frozenset()
