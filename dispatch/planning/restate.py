"""What a plan says of itself, stated anew after a person changed its trips: unmet needs and the objective.

Values are recomputed. What the person's change left undone has no diagnosis: it is said to be left out by the plan as
edited. A proof of the planner's stays only with a level that the change did not touch, down from the first.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dispatch.planning.assemble import typed
from dispatch.planning.measure import measure, need_times
from dispatch.planning.plan import OBJECTIVE_COLUMNS, UNMET_COLUMNS, Plan
from dispatch.scenario import Scenario

__all__ = ["restate"]


def restate(plan: Plan, scenario: Scenario) -> Plan:
    """The plan with tables of unmet needs and of the objective that follow from its trips.

    Parameters
    ----------
    plan : Plan
        Its trips, stops and loads name what the scenario has.
    scenario : Scenario
    """
    stated = {(int(row["level"]), row["measure"]): row for row in plan.objective.to_dict("records")}
    objective = []
    touched = False
    for row in measure(plan, scenario).objective.to_dict("records"):
        before = stated.get((int(row["level"]), row["measure"]))
        same = before is not None and math.isclose(before["value"], row["value"], rel_tol=1e-12, abs_tol=1e-6)
        touched = touched or not same
        objective.append(row if touched or before is None else before)
    return replace(
        plan,
        unmet=typed(UNMET_COLUMNS, list(_unmet(plan, scenario))),
        objective=typed(OBJECTIVE_COLUMNS, objective),
    )


def _unmet(plan: Plan, scenario: Scenario) -> Iterator[dict[str, Any]]:
    """Rows in the order of the needs: what does not come at all, then what comes late."""
    rows: dict[tuple[str, bool], list[dict[str, Any]]] = {}
    for row in plan.unmet.to_dict("records"):
        rows.setdefault((row["need"], row["cause"] == "late"), []).append(row)
    times = need_times(plan, scenario)
    for need in scenario.needs.to_dict("records"):
        came = times.get(need["need"], [])
        first = need["part"] == "first_batch"
        late = sum(quantity for time, quantity in came if first and time > scenario.due_ms)
        missing = max(0, int(need["quantity"]) - sum(quantity for _, quantity in came))
        for quantity, overdue in ((missing, False), (late, True)):
            before = rows.get((need["need"], overdue), [])
            if sum(int(row["quantity"]) for row in before) == quantity:
                yield from before
            elif quantity:
                yield {
                    **{name: need[name] for name in ("need", "place", "site", "part", "item")},
                    "quantity": quantity,
                    "cause": "late" if overdue else "vehicle",
                    "detail": json.dumps({"key": "report_edited_late" if overdue else "report_edited_left_out"}),
                }
