"""Who decides on a night once things turn out otherwise than planned.

``follow``: drivers follow the plan and find their own way round what they know to be closed. ``nearest_first``: no plan
made by search: vehicles are sent by the rule "who is free first goes to the nearest depot with goods and on to the
nearest places", at first and again, for all that has not begun, whenever news reaches headquarters. ``periodic``: they
plan anew at fixed intervals. ``event``: they plan anew whenever news reaches them. All four use the same draws, so that
their nights differ only by what was decided.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dispatch.planning.plan import Plan
from dispatch.scenario import Scenario

__all__ = ["FOLLOW", "POLICIES", "Policy", "first_plan"]

POLICIES: tuple[str, ...] = ("follow", "nearest_first", "periodic", "event")


@dataclass(frozen=True)
class Policy:
    """One of ``POLICIES``.

    Raises
    ------
    ValueError
        If the name is none of them.
    """

    name: str = "follow"

    def __post_init__(self) -> None:
        if self.name not in POLICIES:
            msg = f"policy {self.name!r}: expected one of {', '.join(POLICIES)}"
            raise ValueError(msg)

    @property
    def replans(self) -> bool:
        """Whether headquarters plan anew on the night."""
        return self.name != "follow"


FOLLOW = Policy()


def first_plan(policy: Policy, scenario: Scenario, plan: Plan) -> Plan:
    """The plan that a night begins with."""
    if policy.name != "nearest_first":
        return plan
    import pandas as pd

    from dispatch.planning.relief import plan_nearest_first

    nearest = plan_nearest_first(scenario)
    used = {*plan.evacuations["path"], *plan.evacuations["pickup_path"]}
    paths = pd.concat([nearest.paths, plan.paths[plan.paths["path"].isin(used)]], ignore_index=True)
    others = {name: getattr(plan, name) for name in ("evacuations", "deployments", "sorties", "unserved")}
    return replace(nearest, paths=paths, **others)
