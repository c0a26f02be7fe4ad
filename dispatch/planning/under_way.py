"""Trips of a plan that stand whatever else is planned: all of them, or those that are under way at a time."""

from __future__ import annotations

from dataclasses import replace

from dispatch.planning.committed import PlanRows, begun_trips
from dispatch.planning.news import News
from dispatch.planning.plan import Plan
from dispatch.planning.replan_tables import last_number
from dispatch.planning.restate import restate
from dispatch.scenario import Scenario

__all__ = ["standing_trips"]


def standing_trips(plan: Plan, scenario: Scenario, until_ms: int | None = None) -> Plan:
    """The plan with the trips that stand only, and what follows from them stated anew.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario
    until_ms : int, optional
        From the reference instant: of the trips only those stand that have begun by then (loading, or on the road), and
        those of the same vehicles before them. All of them by default.
    """
    if until_ms is not None:
        rows = {row["trip"]: row for row in plan.trips.to_dict("records")}
        standing = begun_trips(PlanRows(rows, {}, {}, {}, {}, frozenset()), until_ms, News())
        tables = {name: getattr(plan, name) for name in ("trips", "stops", "loads")}
        # what is planned instead of trips that are dropped is not to go by their names
        meta = {**plan.meta, "replan": {**plan.meta.get("replan", {}), "last": last_number(plan)}}
        plan = replace(plan, meta=meta, **{name: of[of["trip"].isin(standing)] for name, of in tables.items()})
    return restate(plan, scenario)
