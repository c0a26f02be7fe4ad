"""Points for a measured time: full up to the limit, none from a grace beyond it, evenly between (a project rule)."""

from __future__ import annotations

from collections.abc import Mapping

from dispatch.drill.model import Action, Drill, PointsRule

__all__ = ["grace_s", "points", "score"]


def grace_s(rule: PointsRule, limit_s: float) -> float:
    """Seconds beyond the limit over which points fall to nothing."""
    return max(rule.grace_share * limit_s, rule.grace_min_s)


def points(action: Action, rule: PointsRule, measured_s: float | None) -> float:
    """Points of an action done ``measured_s`` seconds (scenario time) after its inject; None: not done, no points."""
    if measured_s is None:
        return 0.0
    late = measured_s - action.standard.limit_s
    return action.points * min(1.0, max(0.0, 1.0 - late / grace_s(rule, action.standard.limit_s)))


def score(drill: Drill, measured_s: Mapping[str, float | None]) -> float:
    """Score of a drill, 0 … 100: points of all actions by their measured times (action → seconds from its inject)."""
    return sum(points(action, drill.points, measured_s.get(action.action)) for action in drill.actions)
