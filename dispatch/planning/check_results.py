"""What a plan says of itself: unmet needs and the levels of the objective, against its trips."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

from dispatch.planning.check_tables import Tables
from dispatch.planning.measure import LEVELS, Measures, measure
from dispatch.planning.plan import Plan
from dispatch.planning.violation import Violation
from dispatch.roads.travel import Travel
from dispatch.scenario import Scenario

__all__ = ["CAUSES", "check_objective", "check_unmet"]

CAUSES = frozenset({"road", "stock", "vehicle", "dock", "time", "late"})

_STATUSES = frozenset({"optimal", "feasible", "infeasible", "time_limit"})


def check_unmet(tables: Tables, plan: Plan, scenario: Scenario) -> list[Violation]:
    """Check that what is not delivered is listed exactly, and what comes after the deadline too.

    A plan that states neither unmet needs nor objective (typed in by hand) is not held to them.
    """
    if plan.unmet.empty and plan.objective.empty:
        return []
    return list(_unmet(tables, plan, scenario))


def _unmet(tables: Tables, plan: Plan, scenario: Scenario) -> Iterator[Violation]:
    listed: dict[str, int] = defaultdict(int)
    listed_late: dict[str, int] = defaultdict(int)
    for row in plan.unmet.to_dict("records"):
        where = {"need": row["need"], "place": row["place"], "item": row["item"]}
        need = tables.needs.get(row["need"])
        if need is None:
            yield Violation("unknown_need", **where, value=row["need"])
            continue
        stated = (row["place"], row["site"], row["part"], row["item"])
        meant = (need["place"], need["site"], need["part"], need["item"])
        if stated != meant:
            yield Violation("unmet_of_other", **where, value=" ".join(stated), limit=" ".join(meant))
        if row["cause"] not in CAUSES:
            yield Violation("unmet_cause", **where, value=row["cause"], limit=" / ".join(sorted(CAUSES)))
        if row["quantity"] <= 0:
            yield Violation("quantity_not_positive", **where, value=float(row["quantity"]), limit=1.0, unit="quantity")
        (listed_late if row["cause"] == "late" else listed)[row["need"]] += int(row["quantity"])
    delivered: dict[str, int] = defaultdict(int)
    late: dict[str, int] = defaultdict(int)
    for trip in tables.trips:
        for stop, loads in tables.of_trip(trip):
            for load in loads:
                delivered[load["need"]] += load["quantity"]
                overdue = stop["unload_end_ms"] > scenario.due_ms
                late[load["need"]] += load["quantity"] if overdue else 0
    for _, stop, load in tables.flown:
        delivered[load["need"]] += load["quantity"]
        late[load["need"]] += load["quantity"] if stop["unload_end_ms"] > scenario.due_ms else 0
    for name, need in tables.needs.items():
        where = {"need": name, "place": need["place"], "item": need["item"]}
        missing = max(0, int(need["quantity"]) - delivered[name])
        if listed[name] != missing:
            yield Violation("unmet_wrong", **where, value=float(listed[name]), limit=float(missing), unit="quantity")
        overdue = late[name] if need["part"] == "first_batch" else 0
        if listed_late[name] != overdue:
            yield Violation(
                "late_wrong", **where, value=float(listed_late[name]), limit=float(overdue), unit="quantity"
            )


def check_objective(plan: Plan, scenario: Scenario, roads: Travel) -> list[Violation]:
    """Check that the stated levels are those of the trips, and that bounds and statuses can be true."""
    return [] if plan.objective.empty else list(_objective(plan, scenario, roads))


_COARSEST_S = 120.0
"""No proof refers to a coarser grid of times."""


def _grid(plan: Plan, measures: Measures) -> tuple[float, float, float, float, float]:
    """What a proof may leave open of each level: a step of the grid of times that the plan says it refers to."""
    proof = plan.meta.get("proof", {})
    step = 1000.0 * min(_COARSEST_S, max(0.0, float(proof.get("grid_s", 0.0))))
    places = measures.places
    weights = [float((places["weight"] * places[f"{part}_needed"]).sum()) for part in ("first_batch", "rest")]
    return (0.0, step, step * weights[0], step * weights[1], 0.0)


def _objective(plan: Plan, scenario: Scenario, roads: Travel) -> Iterator[Violation]:
    measures = measure(plan, scenario, roads)
    true, grid = measures.levels(), _grid(plan, measures)
    stated = {(int(row["level"]), row["measure"], row["sense"]): row for row in plan.objective.to_dict("records")}
    expected = {(level, name, sense) for level, (name, sense) in enumerate(LEVELS, start=1)}
    for level, name, _ in sorted(set(stated) ^ expected):
        yield Violation("objective_levels", what=f"{level} {name}")
    for level, (name, sense) in enumerate(LEVELS, start=1):
        row = stated.get((level, name, sense))
        if row is None:
            continue
        value, bound = float(row["value"]), float(row["bound"])
        if not math.isclose(value, true[level - 1], rel_tol=1e-12, abs_tol=1e-6):
            yield Violation("objective_wrong", what=name, value=value, limit=true[level - 1])
        slack = 1e-6 * max(1.0, abs(bound)) if not math.isnan(bound) else 0.0
        crossed = value > bound + slack if sense == "max" else value < bound - slack
        if not math.isnan(bound) and crossed:
            yield Violation("bound_crossed", what=name, value=value, limit=bound)
        if row["status"] not in _STATUSES:
            yield Violation("status_unknown", what=name, value=row["status"], limit=" / ".join(sorted(_STATUSES)))
        elif row["status"] == "optimal" and not abs(value - bound) <= slack + grid[level - 1]:
            yield Violation("status_unproven", what=name, value=value, limit=bound)
